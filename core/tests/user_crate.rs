//! A user's crate that depends on the library under another name and forbids what it can.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    missing_debug_implementations,
    missing_copy_implementations,
    rust_2018_idioms,
    single_use_lifetimes,
    unused_lifetimes,
    unused_qualifications,
    trivial_casts,
    elided_lifetimes_in_paths
)]

extern crate landbridge_core as boat;

use boat::{Index, KernelType, each, kernel, kernel_fn};
use std::ops::Add;

/// Documented, as the crate demands.
#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(crate = boat)]
#[kernel(Add)]
pub struct V<T> {
    /// Documented, as the crate demands.
    pub r#type: T,
    /// Documented, as the crate demands.
    pub b: T,
}

#[kernel_fn(crate = boat)]
impl<T: Add<Output = T> + KernelType> Add for V<T> {
    type Output = V<T>;
    fn add(self, o: V<T>) -> V<T> {
        V { r#type: self.r#type + o.r#type, b: self.b + o.b }
    }
}

#[kernel_fn(crate = boat)]
impl<T: num_traits::Float + KernelType> V<T> {
    /// Documented, as the crate demands.
    #[must_use]
    pub fn norm(&self) -> T {
        (self.b * self.b + self.r#type * self.r#type).sqrt()
    }
    /// Documented, as the crate demands.
    #[must_use]
    pub fn new(a: T, b: T) -> Self {
        Self { r#type: a, b }
    }
    /// Documented, as the crate demands.
    #[must_use]
    pub fn first<'a>(&'a self, other: &'a V<T>) -> &'a T
    where
        T: 'a,
    {
        if self.b > T::zero() { &self.b } else { &other.b }
    }
}

/// Documented, as the crate demands.
#[kernel(crate = boat)]
pub fn k<T>(a: T, x: &V<T>, y: &mut V<T>)
where
    T: num_traits::Float + KernelType,
{
    *y = *x + V::new(a, x.norm()) + V::new(*x.first(y), a);
}

/// Documented, as the crate demands.
#[kernel_fn(crate = boat)]
#[must_use]
pub fn pick<T: KernelType, const N: usize, const B: bool>(t: &[T; N], i: usize) -> &T {
    &t[if B { i % N } else { N - 1 }]
}

/// Documented, as the crate demands.
#[kernel(crate = boat)]
pub fn chunk<T: KernelType + Copy, const N: usize>(t: &[T; N], i: Index, y: &mut T) {
    *y = *pick::<T, N, true>(t, i);
}

/// Documented, as the crate demands.
#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(crate = boat)]
pub struct Grid<T: Copy = f32, const N: usize = 2>
where
    T: PartialOrd,
{
    cells: [T; N],
    count: u32,
}

/// Documented, as the crate demands.
#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(crate = boat)]
pub struct Pair(f32, u32);

/// Documented, as the crate demands.
pub trait Ordered {
    /// Documented, as the crate demands.
    #[kernel_fn(crate = boat)]
    fn larger(self, other: Self) -> Self
    where
        Self: PartialOrd + Sized + Copy,
    {
        if self > other { self } else { other }
    }
}

impl Ordered for f32 {}

#[kernel(crate = boat)]
fn patterns<const N: usize>(g: &Grid<f32, N>, p: &Pair, out: &mut f32) {
    let Grid { cells, count } = *g;
    let Pair(a, mut b) = *p;
    if let Grid { count: 1..=3, cells, .. } = g
        && cells[0] > 1.0
    {
        b += count;
    }
    let mut inner = Grid { cells: [0.0; 3], count };
    inner.cells[1] = match (a, p, b) {
        (_, _, 0) => 1.0,
        (x, _, LIMIT_COUNT) if x < 2.0 => x,
        (_, Pair(q, _), n) => q.larger(n as f32),
    };
    let ref_to = &mut inner.cells;
    ref_to[2] = cells[N - 1];
    ref_to.swap(0, 2);
    for row in ref_to.iter_mut() {
        *row += 1.0;
    }
    *out = ref_to[1..].len() as f32 + a.larger(ref_to[0]);
}
const LIMIT_COUNT: u32 = 7;

#[kernel_fn(crate = boat)]
impl Pair {
    fn r#if(self, r#else: f32) -> f32 {
        if self.1 > 0 { self.0 } else { r#else }
    }
    fn r#new(r#where: f32) -> Pair {
        Pair(r#where, 1)
    }
}

#[kernel_fn(crate = boat)]
fn r#match(r#type: f32) -> f32 {
    r#type + 1.0
}

#[kernel(crate = boat)]
fn r#loop(r#in: &Pair, r#while: f32) -> f32 {
    let r#for = r#in.r#if(r#while);
    r#match(r#for) + Pair::r#new(r#for).0
}

#[test]
fn raw_names_are_names() {
    let pair = [Pair(1.0, 2)];
    let call = r#loop(&pair, 1.0);
    assert_eq!(call.definition().name, "loop");
    assert_eq!(call.definition().parameters, ["in", "while"]);
    call.definition().module().unwrap();
}

macro_rules! plus {
    ($e:expr) => {
        each!(crate = boat; |x: &f32| -> f32 {
            let t = *x;
            t + $e
        })
    };
}

#[test]
fn names_of_macros_are_their_own() {
    let t = 5.0_f32;
    let call = plus!(t)(&[1.0]);
    assert_eq!(call.definition().parameters, ["t", "x"]);
    call.definition().module().unwrap();
}

macro_rules! binary {
    ($name:ident, $op:tt, $e:expr) => {
        /// Documented, as the crate demands.
        #[kernel(crate = boat)]
        pub fn $name(x: &f32, y: &f32, out: &mut f32) {
            let t = $e;
            let z = x.max(*y);
            *out = z $op *y + t;
        }
    };
}
binary!(plus, +, 2.0_f32.sqrt());
binary!(minus, -, LIMIT.min(1.0));
const LIMIT: f32 = 2.0;

mod inner {
    use boat::kernel_fn;
    #[kernel_fn(crate = boat)]
    pub(crate) fn twice(x: u32) -> u32 {
        x * 2
    }
    pub(crate) use super::LIMIT as lim;
}

#[test]
fn all_lower() {
    use boat::{Index2, Index3};
    #[kernel(crate = boat)]
    fn nested(i: Index2, j: &u32, out: &mut u32) {
        *out = inner::twice(*j) + i.x as u32 + inner::lim as u32;
    }
    #[kernel(crate = boat)]
    fn indexed(i: Index, #[uniform] n: Index, r#in: u32) -> u32 {
        i as u32 + n as u32 + r#in
    }
    #[kernel(crate = boat)]
    fn volume(i: Index3) -> usize {
        i.x + i.y + i.z
    }
    let mut out = [0; 4];
    nested([2, 2], &[1; 4], &mut out).definition().module().unwrap();
    indexed(4, 2, 1).definition().module().unwrap();
    volume([1, 2, 3]).definition().module().unwrap();
    plus(&[1.0], &[1.0], &mut [1.0]).definition().module().unwrap();

    chunk::<f32, 2>(&[1.0, 2.0], &mut [1.0]).definition().module().unwrap();
    let v = V { r#type: 1.0_f64, b: 2.0 };
    k(1.0, &[v], &mut [v]).definition().module().unwrap();
    patterns(&[Grid { cells: [1.0, 2.0], count: 3 }], &[Pair(1.0, 2)], &mut [1.0]).definition().module().unwrap();
    let a = 1.0;
    each!(crate = boat; |x: &f32| -> f32 { *x + a })(&[1.0]).definition().module().unwrap();
}

/// Callees are found by the same paths as functions are, wherever these lead from.
#[test]
fn helpers_of_blocks() {
    use inner::twice as double;
    #[kernel_fn(crate = boat)]
    fn r#move(x: u32) -> u32 {
        double(x) + 1
    }
    #[kernel_fn(crate = boat)]
    fn select<A: KernelType + Copy, const N: usize>(from: [A; N]) -> A {
        from[N - 1]
    }
    for x in [[1_u32], [2]] {
        #[kernel(crate = boat)]
        fn from_inside(x: &u32, out: &mut u32) {
            *out = r#move(*x) + inner::twice(*x) + select::<u32, 2>([*x; 2]);
        }
        from_inside(&x, &mut [0]).definition().module().unwrap();
        each!(crate = boat; |x: &u32| -> u32 { r#move(select([*x])) })(&x).definition().module().unwrap();
    }
}
