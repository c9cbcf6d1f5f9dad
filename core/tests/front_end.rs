//! The macros on kernels of all kinds: they compile without warnings, run on the host as they are, and build trees.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]
#![allow(clippy::needless_range_loop, reason = "kernels index, as on devices")]
#![allow(clippy::needless_late_init, clippy::never_loop, clippy::neg_cmp_op_on_partial_ord, reason = "to be tested")]

extern crate landbridge_core as landbridge;

use landbridge::{Index, KernelType, each, kernel, kernel_fn};
use std::ops::{Add, AddAssign, Mul, Neg};
use std::sync::atomic::{AtomicU32, Ordering};

/// y = a x + y
#[kernel]
pub fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

#[test]
fn saxpy_builds_a_tree() {
    let (x, mut y) = (vec![1.0_f32; 4], vec![2.0_f32; 4]);
    let tree = saxpy(2.0, &x, &mut y).definition().tree();
    assert_eq!(tree.name, "saxpy");
    let types: Vec<_> = tree.locals.iter().map(|&(_, row)| tree.types[usize::from(row)].to_string()).collect();
    assert_eq!(types, ["f32", "&f32", "&f32"]);
    assert_eq!(tree.types[usize::from(tree.result)].to_string(), "()");
    assert_eq!(
        format!("{:?}", tree.body),
        "Block([Expr(AssignOp(Add, Deref(Local(2)), Binary(Mul, Local(0), Local(1), 65535, At(16, 11)), 65535, At(16, 5)))], None)"
    );
}

/// A body of the all-pairs simulation.
#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
pub struct Planet {
    /// Where.
    pub position: [f32; 3],
    /// How heavy.
    pub mass: f32,
}

#[kernel_fn]
fn dot<T: num_traits::Float + KernelType, const N: usize>(a: [T; N], b: [T; N]) -> T {
    let mut sum = T::zero();
    for k in 0..N {
        sum = sum + a[k] * b[k];
    }
    sum
}

#[kernel]
fn nbody(dt: f32, all: &[Planet], i: Index, out: &mut Planet) {
    let me = all[i];
    if me.mass < 0.0 {
        return;
    }
    let mut acc = [0.0; 3];
    for j in 0..all.len() {
        if j == i {
            continue;
        }
        let d = all[j].position;
        let inv = 1.0 / dot(d, d).sqrt().max(1e-6);
        for k in 0..3 {
            acc[k] += inv * d[k];
        }
    }
    *out = Planet { mass: acc[0] * dt, ..me };
}

#[test]
fn nbody_builds_a_tree() {
    let all = vec![Planet { position: [0.0; 3], mass: 1.0 }; 4];
    let mut out = all.clone();
    let tree = nbody(0.1, &all, &mut out).definition().tree();
    assert_eq!(tree.name, "nbody");
    println!("{:?} {:?}", tree.types, tree.body);
}

#[kernel]
fn axpy<T: num_traits::Float + KernelType>(a: T, x: &T, y: &mut T) {
    *y = a * *x + (*y).sqrt();
}

#[kernel]
fn histogram(h: &[AtomicU32], x: &u32) {
    let bin = (*x as usize) % h.len();
    h[bin].fetch_add(1, Ordering::Relaxed);
}

/// A vector with operators.
#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
#[kernel(Add, Mul<f32>, AddAssign, Neg)]
pub struct Vec3 {
    /// First.
    pub x: f32,
    /// Second.
    pub y: f32,
    /// Third.
    pub z: f32,
}

#[kernel_fn]
impl Vec3 {
    /// Up.
    pub const UP: Vec3 = Vec3 { x: 0.0, y: 1.0, z: 0.0 };

    /// From components.
    pub fn new(x: f32, y: f32, z: f32) -> Self {
        Vec3 { x, y, z }
    }

    /// Inner product.
    pub fn dot(self, o: Vec3) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
}

impl Vec3 {
    /// Componentwise.
    #[kernel_fn]
    pub fn min(&self, o: &Vec3) -> Vec3 {
        Vec3::new(self.x.min(o.x), self.y.min(o.y), self.z.min(o.z))
    }

    /// In place.
    #[kernel_fn]
    pub fn scale(&mut self, k: f32) {
        self.x *= k;
        self.y *= k;
        self.z *= k;
    }

    /// All the same.
    #[kernel_fn(associated)]
    pub fn splat(v: f32) -> Vec3 {
        Vec3::new(v, v, v)
    }

    /// The larger of two components.
    #[kernel_fn]
    pub fn pick(&self, other: &Vec3) -> &f32 {
        if other.x > 0.0 { &self.x } else { &self.y }
    }
}

#[kernel_fn]
impl Add for Vec3 {
    type Output = Vec3;
    fn add(self, o: Vec3) -> Vec3 {
        Vec3::new(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

#[kernel_fn]
impl Mul<f32> for Vec3 {
    type Output = Vec3;
    fn mul(self, k: f32) -> Vec3 {
        Vec3 { x: self.x * k, y: self.y * k, z: self.z * k }
    }
}

#[kernel_fn]
impl AddAssign for Vec3 {
    fn add_assign(&mut self, o: Vec3) {
        *self = *self + o;
    }
}

#[kernel_fn]
impl Neg for Vec3 {
    type Output = Vec3;
    fn neg(self) -> Vec3 {
        self * -1.0
    }
}

/// Something with an area.
pub trait Shape {
    /// The area.
    #[kernel_fn]
    fn area(&self) -> f32;

    /// Twice that.
    #[kernel_fn]
    fn doubled(&self) -> f32 {
        self.area() * 2.0
    }

    /// Without a receiver.
    #[kernel_fn(associated)]
    fn corners() -> u32;
}

/// A disc.
#[derive(Clone, Copy, KernelType, Debug)]
pub struct Disc {
    r: f32,
}

#[kernel_fn]
impl Shape for Disc {
    fn area(&self) -> f32 {
        std::f32::consts::PI * self.r * self.r
    }
    fn corners() -> u32 {
        0
    }
}

#[kernel_fn]
impl Shape for Vec3 {
    fn area(&self) -> f32 {
        self.dot(*self)
    }
    fn corners() -> u32 {
        8
    }
}

/// All of whose methods are kernel functions.
#[kernel_fn]
trait Weighted {
    fn weight(&self) -> f32;
    fn half(&self) -> f32 {
        self.weight() / 2.0
    }
}

#[kernel_fn]
impl Weighted for Disc {
    fn weight(&self) -> f32 {
        self.area() + 1.0
    }
}

#[kernel]
fn vectors(k: f32, a: &Vec3, b: &Vec3, out: &mut Vec3) {
    let mut s = *a + *b * k;
    s += Vec3::UP;
    s.scale(2.0);
    let m = a.min(b);
    out.x = s.dot(m) + *s.pick(b);
    out.y = Vec3::dot(m, m).abs();
    *out = -Vec3 { z: f32::max(s.z, m.z), ..*out } + Vec3::splat(1.0);
}

#[kernel]
fn areas<S: Shape + KernelType>(s: &S, out: &mut f32) {
    *out = s.area() + s.doubled() + S::corners() as f32;
}

#[kernel]
fn weights(s: &Disc, out: &mut f32) {
    *out = s.weight() + s.half() + Disc::corners() as f32;
}

const SOFTENING: f32 = 1e-3;
static GRAVITY: f32 = 6.5;
mod limits {
    pub(crate) const LOWERCASE_PATH: u32 = 4;
}

#[kernel]
fn corner(t: &[f32], i: Index, out: &mut f32) {
    const LOCAL: usize = 8;
    let mut v = [0u32; LOCAL];
    let j = 3;
    v[j] = 7;
    v[j + 1] = v[j];
    v[0] += v[j] * 2;
    let mut a = 1.5;
    let r = &mut a;
    *r += 2.0 * SOFTENING - GRAVITY;
    let mut q = &t[0];
    for k in (0..t.len()).rev().step_by(1) {
        if t[k] > *q {
            q = &t[k];
        }
    }
    let x;
    if i > 2 {
        x = 1
    } else {
        x = 2
    }
    let sq = |u: f32, w| u * u + w;
    let (lo, hi) = if a < *q { (a, *q) } else { (*q, a) };
    let big = 0xFFFF_FFFFu32 as u64 >> 4u32;
    let wrapped = 5u32.wrapping_sub(7) as u64 + 4_000_000_000_u64;
    let neg = -1_i64;
    let label = 'outer: loop {
        let mut n = 0;
        loop {
            n += 1;
            if n == 9 {
                break 'outer n;
            }
        }
    };
    let (mut p, mut o);
    (p, o) = (1.0, 2.0);
    (p, (o, _)) = (o, (p, 3));
    let block = 'b: {
        if p > o {
            break 'b 1.0;
        }
        2.0
    };
    for x in t {
        p += *x;
    }
    for &x in t.iter() {
        o -= x;
    }
    for x in [1.0, 2.0] {
        p += x;
    }
    for x in &mut v {
        *x += 1;
    }
    while let (0, _) = (0, 1)
        && p < 0.0
    {
        p += 1.0;
    }
    match j {
        0 | 1 => p += 1.0,
        k @ 2..=5 if k > 2 => p += k as f32,
        LOCAL => {}
        _ if limits::LOWERCASE_PATH == 4 => assert!(p > 0.0, "p is positive"),
        _ => unreachable!(),
    }
    assert_eq!(v[0], 1);
    debug_assert!(p != o);
    let tail: f32 = u8::from(p > 1.0).into();
    *out = sq(lo, block)
        + hi
        + x as f32
        + v[4] as f32
        + tail
        + label as f32
        + (big == wrapped) as u32 as f32
        + neg as f32
        + if !(a > 0.) || *q >= 1.0 && lo != hi { 0.5 } else { unreachable!() };
}

/// The kernel lowers to IR that the verifier accepts.
macro_rules! lowers {
    ($($name:ident: $call:expr;)*) => {$(
        #[test]
        fn $name() {
            if let Err(error) = $call.definition().module() {
                panic!("{error}");
            }
        }
    )*};
}

#[test]
fn closures_capture_values() {
    let (scale, offset, v) = (2.0_f32, 1_u32, lowered::V);
    let mut y = [1.0_f32, 2.0];
    let x = vec![1.0_f32, 3.0];
    let call = each!(|x: &f32, y: &mut f32| *y += scale * *x + offset as f32 + v.dot(v))(&x, &mut y);
    if let Err(error) = call.definition().module() {
        panic!("{error}");
    }
    assert_eq!(call.definition().parameters, ["scale", "offset", "v", "x", "y"]);
}

fn generic_closure<T: num_traits::Float + KernelType>(by: T, x: &[T]) -> usize {
    let call = each!(|x: &T, i: Index, #[rows] t: &[T]| -> T {
        if i > 3 {
            return by;
        }
        *x * by + t[0]
    })(x, landbridge::rows(x, 1));
    let module = call.definition().module().unwrap_or_else(|e| panic!("{e}"));
    module as *const _ as usize
}

#[test]
fn closures_in_generic_functions_differ_by_type() {
    let of_f32 = generic_closure(1.0_f32, &[1.0]);
    assert_ne!(of_f32, generic_closure(1.0_f64, &[1.0]));
    assert_eq!(of_f32, generic_closure(3.0_f32, &[2.0]));
}

mod lowered {
    use super::*;

    pub(crate) const V: Vec3 = Vec3 { x: 1.0, y: 2.0, z: 3.0 };

    lowers! {
        saxpy_lowers: saxpy(2.0, &[1.0], &mut [1.0]);
        nbody_lowers: nbody(2.0, &[Planet { position: [0.0; 3], mass: 1.0 }], &mut [Planet { position: [0.0; 3], mass: 1.0 }]);
        axpy_lowers: axpy::<f64>(2.0, &[1.0], &mut [1.0]);
        axpy_of_another_type_lowers: axpy(2.0_f32, &[1.0_f32], &mut [1.0_f32]);
        histogram_lowers: histogram(&mut [0_u32; 4], &[1]);
        vectors_lowers: vectors(1.0, &[V], &[V], &mut [V]);
        areas_lowers: areas(&[V], &mut [1.0]);
        areas_of_another_type_lowers: areas(&[Disc { r: 1.0 }], &mut [1.0]);
        weights_lowers: weights(&[Disc { r: 1.0 }], &mut [1.0]);
        corner_lowers: corner(&[1.0], &mut [1.0]);
    }
}
