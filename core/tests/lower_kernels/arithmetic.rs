//! Numbers: methods, casts, literals, every width.

use landbridge::{KernelType, kernel, kernel_fn};
use num_traits::{Float, One, Zero};

use crate::support::same;

#[kernel]
fn floats(x: &f32, y: &f32) -> [f32; 16] {
    let (s, c) = x.sin_cos();
    [
        x.abs().sqrt() + x.floor() - x.ceil(),
        x.round() * y.trunc() + x.fract(),
        x.signum().copysign(*y),
        x.max(*y).min(100.0),
        x.clamp(-1.0, 2.5),
        x.rem_euclid(3.0) + x.div_euclid(*y),
        x % y,
        x.mul_add(*y, 1.0),
        x.to_radians() + y.to_degrees(),
        x.powi(3) + y.abs().powf(0.5),
        x.hypot(*y).ln_1p() + x.exp_m1(),
        s * c + x.tan(),
        x.atan2(*y) + (x / 10.0).tanh(),
        x.recip(),
        f32::from_bits(x.to_bits() ^ 1),
        f32::max(*x, -2.0) + f32::sqrt(2.0),
    ]
}

#[kernel]
fn flags(x: &f64) -> (bool, bool, bool, bool) {
    (x.is_nan(), x.is_finite(), x.is_infinite(), *x == *x && !(*x < 0.0))
}

#[test]
fn float_methods() {
    let x = [0.0_f32, -0.0, 1.0, -1.5, 2.5, 1e-3, 7.9, -100.25, f32::INFINITY, f32::NAN];
    let y = [2.0_f32, -3.0, 0.5, 1.0, -0.0, 9.0, 7.0, 3.0, 1.0, 2.0];
    same(|d| d.collect(floats(&x, &y)));
    same(|d| d.collect(flags(&[0.0_f64, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE])));
}

#[kernel]
fn ints(x: &i32, y: &u32) -> [u64; 14] {
    let n = *y % 31;
    [
        x.wrapping_mul(7) as u64,
        x.saturating_add(i32::MAX) as u64,
        x.unsigned_abs() as u64 + x.abs_diff(5) as u64,
        x.rem_euclid(7) as u64 ^ x.div_euclid(7) as u64,
        (x.signum() + 1) as u64,
        y.count_ones() as u64 + y.leading_zeros() as u64 + y.trailing_zeros() as u64,
        y.rotate_left(n) as u64 ^ y.reverse_bits() as u64 ^ y.swap_bytes() as u64,
        (y | 1).ilog2() as u64 + y.is_power_of_two() as u64,
        (y % 1000).next_power_of_two() as u64 + y.div_ceil(10) as u64,
        (*x as i64).pow(2) as u64 + 2_u64.pow(n),
        x.clamp(&-3, &900).wrapping_shl(33) as u64,
        (*x).max(-4).min(4).wrapping_neg() as u64,
        (x >> 3) as u64 ^ ((*y << 2) >> 1) as u64,
        u64::from(*y) + u64::from(*x > 0) ^ i64::from(*x) as u64,
    ]
}

#[test]
fn integer_methods() {
    let x = [0, 1, -1, 77, -1000, i32::MAX, i32::MIN + 1];
    let y = [0_u32, 1, 2, 31, 4096, 123_456, u32::MAX];
    same(|d| d.collect(ints(&x, &y)));
}

#[kernel]
fn widths(a: &i8, b: &u16, c: &i64, d: &usize) -> (i8, u16, i64, usize, isize) {
    let e = *a as isize - *b as isize;
    (a / 3 ^ 5, b & 0xff | 1, c % 10 - 1, d / 2 + *b as usize, e)
}

#[kernel]
fn casts(x: &f64) -> (i8, u8, i64, u64, f32, usize) {
    let b = (*x as i32 & 1) == 1;
    let mask = !0x8000_0000 as u64 & (-5 as i64 as u64);
    assert!(mask == 0xffff_ffff_7fff_fffb);
    (*x as i8, *x as u8, *x as i64, *x as u64, *x as f32, b as usize + (*x as i16 as u16 as usize))
}

#[test]
fn widths_and_casts() {
    let b = [1_u16, 2, 65535];
    same(|d| d.collect(widths(&[1_i8, -128, 127], &b, &[i64::MIN, 5, i64::MAX], &[9_usize, 0, 1 << 40])));
    same(|d| d.collect(casts(&[0.0, -1.9, 300.7, 1e10, -1e30, f64::NAN, f64::INFINITY, 65535.0])));
}

#[kernel_fn]
fn horner<T: Float + KernelType, const N: usize>(c: [T; N], x: T) -> T {
    let mut y = T::zero();
    for k in (0..N).rev() {
        y = y * x + c[k];
    }
    y.max(T::one()).mul_add(x, T::zero())
}

#[kernel_fn]
fn total<T: Zero + One + Copy + KernelType>(x: &[T]) -> T {
    let mut sum = T::zero();
    for v in x {
        sum = sum + *v * T::one();
    }
    sum
}

#[kernel]
fn limits<T: Float + Default + KernelType>(x: &T) -> [T; 6] {
    let low = if *x < T::epsilon() { T::min_value() } else { T::max_value() };
    [low, T::infinity(), T::neg_zero(), T::default(), T::nan().max(*x), T::min_positive_value()]
}

#[kernel]
fn more_methods(x: &u16, y: &i64) -> (bool, u16, u32, i64, bool) {
    let n = x.next_multiple_of(7);
    (n.is_multiple_of(3), n, x.leading_ones() + y.trailing_ones(), y.wrapping_pow(9).wrapping_abs(), y.is_negative())
}

#[test]
fn limits_and_more_methods() {
    same(|d| d.collect(limits(&[1.0_f32, -1.0])));
    same(|d| d.collect(limits(&[1.0_f64, -1.0])));
    same(|d| d.collect(more_methods(&[0_u16, 1, 48, 65000], &[0_i64, -1, 1_000_003, i64::MIN])));
}

#[kernel]
fn generic_functions(ints: &[i16], x: &f32) -> (f32, f64, i16) {
    let y = *x as f64;
    (horner([1.0, 0.5, 0.25], *x), horner([0.1, y], y), total(ints))
}

#[test]
fn generic_functions_of_numbers() {
    same(|d| d.collect(generic_functions(&[1_i16, 2, -7], &[0.5_f32, -3.0, 2.25])));
}

#[kernel]
fn literals(x: &f32, n: &u8) -> (f32, f64, u8, i64) {
    let a = 2.0 * (1.0 - x) / 3.0;
    let b = 1e-3 + if *n > 0x10 { 0.1 } else { -0.1 };
    let c = [1, 2, *n][(*n % 3) as usize];
    let d = -(1 << 40) + *n as i64 * 1_000_000_007;
    let mut e = 1.0f64;
    e *= b;
    let f: f32 = [0.1, 0.2][1] * 3.0;
    (a + f, e, c, if true { d } else { 0 })
}

#[test]
fn literals_have_the_types_that_rustc_gives_them() {
    same(|d| d.collect(literals(&[0.3_f32, 7.0, -1e9], &[3_u8, 200, 17])));
}
