//! Operators: of users' types on either side, by reference, in closures and through bounds; comparisons of all that is
//! made of numbers.

use landbridge::{Index, KernelType, kernel, kernel_fn};
use num_traits::Float;
use std::ops::{Add, Mul, MulAssign, Neg, Sub};

use crate::support::same;

#[derive(Clone, Copy, KernelType, Debug)]
#[kernel(Add, Mul<f32>, MulAssign<f32>, Neg, PartialEq, PartialEq<f32>)]
struct V(f32, f32);

#[kernel_fn]
impl Add for V {
    type Output = V;
    fn add(self, o: V) -> V {
        V(self.0 + o.0, self.1 + o.1)
    }
}
#[kernel_fn]
impl Mul<f32> for V {
    type Output = V;
    fn mul(self, k: f32) -> V {
        V(self.0 * k, self.1 * k)
    }
}
#[kernel_fn]
impl Mul<V> for f32 {
    type Output = V;
    fn mul(self, v: V) -> V {
        v * self
    }
}
#[kernel_fn]
impl Mul<V> for [f32; 2] {
    type Output = f32;
    fn mul(self, v: V) -> f32 {
        self[0] * v.0 + self[1] * v.1
    }
}
#[kernel_fn]
impl<'a> Sub<&'a V> for &'a V {
    type Output = V;
    fn sub(self, o: &'a V) -> V {
        *self + -*o
    }
}
#[kernel_fn]
impl MulAssign<f32> for V {
    fn mul_assign(&mut self, k: f32) {
        *self = *self * k;
    }
}
#[kernel_fn]
impl Neg for V {
    type Output = V;
    fn neg(self) -> V {
        V(-self.0, -self.1)
    }
}
/// Equal up to their signs.
#[kernel_fn]
impl PartialEq for V {
    fn eq(&self, o: &V) -> bool {
        self.0.abs() == o.0.abs() && self.1.abs() == o.1.abs()
    }
}
#[kernel_fn]
impl PartialEq<f32> for V {
    fn eq(&self, o: &f32) -> bool {
        self.0 == *o && self.1 == *o
    }
}

#[kernel]
fn on_both_sides(k: f32, a: &V, b: &V) -> (V, V, f32) {
    let twice = 2.0 * *a + k * *b;
    let mut difference = a - b;
    difference *= 0.5;
    let scale = |v, by| by * v;
    (scale(twice, 3.0), -difference, [1.0, k] * *a)
}

#[test]
fn operators_with_a_users_type_on_either_side() {
    let found = same(|d| d.collect(on_both_sides(0.5, &[V(1.0, 2.0), V(-3.0, 0.25)], &[V(8.0, 4.0), V(0.5, -0.5)])));
    assert_eq!(format!("{:?}", found[0]), "(V(18.0, 18.0), V(3.5, 1.0), 2.0)");
}

const ORIGIN: V = V(0.0, -0.0);

#[kernel]
fn users_equality(a: &V, b: &V) -> [bool; 7] {
    let pairs = ((*a, 1), (*b, 1));
    let (many, other) = ([*a, *b], [*b, *b]);
    assert_eq!(a, a);
    [a == b, *a != *b, *a == 2.0, pairs.0 == pairs.1, many == other, many[..1] == other[1..], ORIGIN == *a]
}

#[test]
fn users_equality_counts_inside_tuples_arrays_and_slices() {
    let (a, b) = ([V(2.0, 2.0), V(0.0, 0.0), V(-1.0, 1.0)], [V(2.0, -2.0), V(0.0, 1.0), V(-1.0, 1.5)]);
    let found = same(|d| d.collect(users_equality(&a, &b)));
    assert_eq!(found[0], [true, false, true, true, true, true, false]);
    assert_eq!(found[1], [false, true, false, false, false, false, true]);
}

#[kernel]
fn slices(t: &[i32], u: &[i32], i: Index) -> [bool; 8] {
    let (a, b) = (&t[i..], &u[..u.len() - i]);
    let own = [1, 2, 3];
    [a == b, *a == *b, t[i..i + 3] == own, a[..3] != [1, 2, 4], *t < *u, a <= b, a > b, [t[i], 2] >= [1, i as i32]]
}

#[test]
fn slices_are_compared_element_by_element() {
    let t = [1, 2, 3, 4, 5, 6];
    for u in [&[1, 2, 3, 4, 5, 6][..], &[1, 2, 3, 4], &[3, 4, 5, 6, 7, 1], &[1, 2, 3, 9, 0, 0, 0], &[4, 5, 6]] {
        let found = same(|d| d.collect(slices(&t, u, 3)));
        assert_eq!(found[0][0], t[..] == u[..]);
        assert_eq!(found[0][4], t[..] < u[..]);
        assert_eq!(found[1][5], t[1..] <= u[..u.len() - 1]);
    }
}

#[kernel]
fn long_arrays(x: &[u8; 300], y: &[u8; 300]) -> [bool; 4] {
    let nested = ([*x; 2], 1) == ([*y; 2], 1);
    [x == y, *x != *y, x < y, nested]
}

#[test]
fn arrays_of_any_length_are_compared() {
    let x: Vec<u8> = (0..1200_u32).map(|k| (k % 251) as u8).collect();
    let mut y = x.clone();
    y[599] += 1;
    y[900] = 0;
    let found = same(|d| d.collect(long_arrays(&x, &y)));
    assert_eq!(found[0], [true, false, false, true]);
    assert_eq!(found[1], [false, true, true, false]);
    assert_eq!(found[3], [false, true, false, false]);
}

#[kernel]
fn ordering(a: &(f32, (i8, bool)), b: &(f32, (i8, bool)), c: &[f32; 3], d: &[f32; 3]) -> [bool; 10] {
    [
        a < b,
        *a <= *b,
        a > b,
        a >= b,
        c < d,
        c <= d,
        c > d,
        *c >= *d,
        (a.0, c[0]) < (b.0, d[0]),
        [(a.1, c[1]), (b.1, c[2])] <= [(b.1, d[1]), (a.1, d[2])],
    ]
}

#[test]
fn tuples_and_arrays_are_ordered_as_std_orders_them() {
    let numbers = [1.0, -0.0, 0.0, f32::NAN, 2.0];
    let (mut a, mut b, mut c, mut d) = (vec![], vec![], vec![], vec![]);
    for k in 0..200_usize {
        let number = |n: usize| numbers[(k * 7 + n * 3 + k / 5) % 5];
        let pair = |n: usize| ((k >> n) as i8 & 1, (k >> (n + 2)) & 1 == 0);
        a.push((number(k), pair(0)));
        b.push((number(1), pair(1)));
        c.extend([number(2), number(3), number(k / 3)]);
        d.extend([number(2), number(k / 25), number(4)]);
    }
    let found = same(|dev| dev.collect(ordering(&a, &b, &c, &d)));
    for column in 0..10 {
        assert!(found.iter().any(|f| f[column]) && found.iter().any(|f| !f[column]), "column {column}");
    }
}

#[kernel_fn]
fn lerp<T, K>(a: T, b: T, k: K) -> T
where
    T: KernelType + Copy + Add<Output = T> + Mul<K, Output = T> + Neg<Output = T> + PartialEq,
    K: Float + KernelType,
{
    if a == b { a } else { a * (K::one() - k) + -(b * -k) }
}

trait Space {
    type Scalar: Float + KernelType;
    #[kernel_fn]
    fn length(&self) -> Self::Scalar;
}
#[kernel_fn]
impl Space for V {
    type Scalar = f32;
    fn length(&self) -> f32 {
        self.0.hypot(self.1)
    }
}

#[kernel_fn]
fn shorter<S: Space + KernelType>(a: &S, b: &S) -> bool {
    let sum = a.length() + b.length();
    a.length() < b.length() && (a.length(), sum) <= (b.length(), sum)
}

#[kernel]
fn through_bounds(a: &V, b: &V, x: &f32) -> (V, f32, bool, bool) {
    (lerp(*a, *b, *x), lerp(*x, 2.0, 0.25), shorter(a, b), !(x.is_nan() ^ true))
}

#[test]
fn operators_of_type_parameters_are_those_of_their_types() {
    let (a, b) = ([V(1.0, 2.0), V(3.0, 4.0)], [V(-1.0, 2.0), V(5.0, 9.0)]);
    let found = same(|d| d.collect(through_bounds(&a, &b, &[0.5, 0.75])));
    assert_eq!(found[0].0.0, 1.0);
    assert_eq!(found[1].0.1, 7.75);
}
