//! Methods of floats on zeros, infinities, NaN and the ends of the ranges.

use landbridge::{Device, KernelType, Result, kernel};

use crate::suite::answer::Answer;

/// What is the same bit for bit on every device.
macro_rules! exact {
    ($($kernel:ident $case:ident $t:ident $bits:ident;)*) => {$(
        #[kernel]
        fn $kernel(x: &$t, bits: &mut [$bits; 4], bytes: &mut [u8; 24], flags: &mut [bool; 7]) {
            bits[0] = x.next_up().to_bits();
            bits[1] = x.next_down().to_bits();
            bits[2] = x.to_bits();
            bits[3] = $t::from_be_bytes(x.to_be_bytes()).to_bits();
            let (little, big, native) = (x.to_le_bytes(), x.to_be_bytes(), x.to_ne_bytes());
            for k in 0..little.len() {
                bytes[k] = little[k];
                bytes[8 + k] = big[k];
                bytes[16 + k] = native[k];
            }
            flags[0] = x.is_normal();
            flags[1] = x.is_subnormal();
            flags[2] = x.is_nan();
            flags[3] = x.is_infinite();
            flags[4] = x.is_finite();
            flags[5] = x.is_sign_negative();
            flags[6] = x.is_sign_positive();
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            // NaN has an infinite number of neighbours, subnormal numbers may be read as zeros.
            let x = [0.0, -0.0, 1.0, -1.5, $t::MAX, $t::MIN, $t::INFINITY, $t::NEG_INFINITY, $t::MIN_POSITIVE * 2.0];
            let n = x.len();
            let (mut bits, mut bytes, mut flags) = (vec![0; 4 * n], vec![0; 24 * n], vec![false; 7 * n]);
            let _ = device.run($kernel(&x, &mut bits, &mut bytes, &mut flags))?;
            Ok(Answer::new().exact("bits", &bits).exact("bytes", &bytes).exact("flags", &flags))
        }
    )*};
}
exact! {
    exact_of_f32 exact_f32 f32 u32;
    exact_of_f64 exact_f64 f64 u64;
}

/// What is made of functions that are exact only on the host.
#[kernel]
fn inverse_hyperbolic(x: &f32, out: &mut [f32; 3]) {
    out[0] = x.asinh();
    out[1] = (1.0 + x.abs()).acosh();
    out[2] = (x / (1.0 + x.abs())).atanh();
}

pub(crate) fn inverse_hyperbolics(device: &Device) -> Result<Answer> {
    // Near to 1 `acosh` is as inexact as std's formula makes it.
    let x = [0.3, -0.3, 1.0, -2.5, 10.0, 100.0, 0.25];
    let mut out = [0.0; 21];
    let _ = device.run(inverse_hyperbolic(&x, &mut out))?;
    Ok(Answer::new().within(16, "inverse hyperbolic", &out))
}

/// Functions of one argument, on what is at the ends of their domains.
#[kernel]
fn at_the_ends(x: &f32, out: &mut [f32; 22]) {
    out[0] = x.sinh();
    out[1] = x.cosh();
    out[2] = x.tanh();
    out[3] = x.asin();
    out[4] = x.acos();
    out[5] = x.atan();
    out[6] = x.tan();
    out[7] = x.cbrt();
    out[8] = x.exp_m1();
    out[9] = x.ln_1p();
    out[10] = x.log10();
    out[11] = x.hypot(3.0);
    out[12] = x.exp();
    out[13] = x.ln();
    let (sin, cos) = x.sin_cos();
    out[14] = sin;
    out[15] = cos;
    out[16] = x.powf(0.5);
    out[17] = x.powi(-2);
    out[18] = x.atan2(-1.0);
    out[19] = x.exp2();
    out[20] = x.log2();
    out[21] = x.mul_add(2.0, 1.0);
}

const ENDS: [f32; 13] =
    [0.0, -0.0, 1.0, -1.0, 0.5, -0.25, 3.0, -20.0, 88.0, 1e-6, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];

pub(crate) fn ends_of_domains(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 22 * 13];
    let _ = device.run(at_the_ends(&ENDS, &mut out))?;
    Ok(Answer::new().within(4, "ends", &out))
}

#[kernel]
fn composed(x: &f32, out: &mut [f32; 11]) {
    out[0] = x.fract();
    out[1] = x.recip();
    out[2] = x.round_ties_even();
    out[3] = x.to_degrees();
    out[4] = x.to_radians();
    out[5] = x.signum();
    out[6] = x.copysign(-0.0);
    out[7] = x.clamp(-1.0, 2.0);
    out[8] = x.rem_euclid(3.0);
    out[9] = x.min(0.5);
    out[10] = x.max(f32::NAN);
}

pub(crate) fn composed_of_simple(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 11 * 13];
    let _ = device.run(composed(&ENDS, &mut out))?;
    Ok(Answer::new().within(4, "composed", &out))
}

#[kernel]
fn logarithm(x: &f32, out: &mut f32) {
    *out = x.abs().log(3.0);
}

pub(crate) fn logarithms(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 13];
    let _ = device.run(logarithm(&ENDS, &mut out))?;
    Ok(Answer::new().within(16, "log", &out))
}

/// What num-traits calls constants are functions there.
#[kernel]
fn constants_of<T: num_traits::Float + num_traits::Bounded + KernelType>(x: &T, out: &mut [T; 9]) {
    out[0] = T::epsilon();
    out[1] = <T as num_traits::Float>::max_value();
    out[2] = <T as num_traits::Float>::min_value();
    out[3] = T::min_positive_value();
    out[4] = T::infinity();
    out[5] = T::neg_infinity();
    out[6] = T::neg_zero();
    out[7] = T::one() + T::zero() * *x;
    out[8] = T::nan();
}

pub(crate) fn constants_of_floats(device: &Device) -> Result<Answer> {
    let mut out = [0.0_f32; 9];
    let _ = device.run(constants_of(&[2.0_f32], &mut out))?;
    Ok(Answer::new().exact("constants", &out))
}
