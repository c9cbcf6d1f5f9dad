//! Floats: `+ - * /` and `sqrt` bit for bit, conversions too, other functions within bounds.

use landbridge::backend::Capability;
use landbridge::{Device, Result, kernel};

use super::answer::Answer;

/// `/` and `sqrt` of numbers with full significands; then what a device that contracts or reassociates gets wrong.
#[kernel]
fn probe(a: &f32, b: &f32, out: &mut [f32; 4]) {
    out[0] = *a / *b;
    out[1] = a.sqrt();
    out[2] = *a * *b - *a;
    out[3] = (*a + 1e7) - 1e7;
}

/// What a device says of itself.
#[derive(Clone, Copy, PartialEq)]
struct Rounding {
    /// Each `+ - * /` and `sqrt` rounds as IEEE 754 says.
    exact: bool,
    /// Several in a row are computed as written: not contracted, reassociated or simplified.
    as_written: bool,
}

/// # Panics
/// If the device says what is not so.
fn self_test(device: &Device) -> Result<Rounding> {
    let a: Vec<f32> = (0..200).map(|k| 1.0 + (k * k) as f32 * 1.1920929e-7 * 37.0).collect();
    let b: Vec<f32> = (0..200).map(|k| 3.0 - k as f32 * 1.1920929e-7 * 91.0).collect();
    let mut out = vec![0.0; 800];
    let _ = device.run(probe(&a, &b, &mut out))?;
    let same = |a: f32, b: f32| a.to_bits() == b.to_bits();
    let mut found = Rounding { exact: true, as_written: true };
    for ((a, b), out) in a.iter().zip(&b).zip(out.as_chunks::<4>().0) {
        found.exact &= same(a / b, out[0]) && same(a.sqrt(), out[1]);
        found.as_written &= same(a * b - a, out[2]) && same((a + 1e7) - 1e7, out[3]);
    }
    let info = device.info();
    let said = Rounding { exact: info.can(Capability::ROUNDED_F32), as_written: info.can(Capability::AS_WRITTEN_F32) };
    assert!(found.exact || !said.exact, "{info} does not round as it says");
    assert!(found.as_written || !said.as_written, "{info} does not compute what is written, as it says");
    let adapter = info.id.starts_with("wgpu");
    assert!(adapter || said.exact && said.as_written, "{info} has to round as Rust does");
    Ok(said)
}

/// Units in the last place that one `+ - * /` or `sqrt` may be off on a device: none where its self-test says so, else
/// what Vulkan allows.
fn rounding_error(device: &Device) -> Result<u64> {
    Ok(if self_test(device)?.exact { 0 } else { 4 })
}

macro_rules! arithmetic {
    ($($kernel:ident $case:ident $t:ident;)*) => {$(
        #[kernel]
        fn $kernel(a: &$t, b: &$t, out: &mut [$t; 8]) {
            let (a, b) = (*a, *b);
            out[0] = a + b;
            out[1] = a - b;
            out[2] = a * b;
            out[3] = a / b;
            out[4] = a.abs().sqrt();
            out[5] = -a;
            out[6] = a.min(b);
            out[7] = a.max(b);
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            // Normal results only: devices may flush subnormal ones to zero.
            let values: [$t; 10] = [1.0, -1.0, 0.1, 3.0, 1e10, -7.25e-5, 123_456.79, 1.000_000_1, -0.333_333_34, 2e-8];
            let mut a = vec![];
            let mut b = vec![];
            for x in values {
                for y in values {
                    a.push(x);
                    b.push(y);
                }
            }
            let mut out = vec![0.0; 8 * a.len()];
            let _ = device.run($kernel(&a, &b, &mut out))?;
            Ok(Answer::new().within(rounding_error(device)?, stringify!($t), &out))
        }
    )*};
}
arithmetic! {
    ops_f32 arithmetic_f32 f32;
    ops_f64 arithmetic_f64 f64;
}

#[kernel]
fn compare_floats(a: &f32, b: &f32, out: &mut [bool; 9]) {
    let (a, b) = (*a, *b);
    out[0] = a == b;
    out[1] = a != b;
    out[2] = a < b;
    out[3] = a <= b;
    out[4] = a > b;
    out[5] = a >= b;
    out[6] = a.is_nan();
    out[7] = a.is_finite();
    out[8] = !(a < b);
}

pub(crate) fn comparisons_with_nan(device: &Device) -> Result<Answer> {
    let values = [0.0, -0.0, 1.0, -1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX];
    let pairs: Vec<(f32, f32)> = values.iter().flat_map(|&a| values.map(|b| (a, b))).collect();
    let (a, b): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let mut out = vec![false; 9 * a.len()];
    let _ = device.run(compare_floats(&a, &b, &mut out))?;
    Ok(Answer::new().exact("comparisons", &out))
}

#[kernel]
fn cast_floats(x: &f32, i: &mut i32, u: &mut u32, small: &mut [u8; 2], back: &mut [f32; 3]) {
    *i = *x as i32;
    *u = *x as u32;
    small[0] = *x as u8;
    small[1] = *x as i8 as u8;
    back[0] = *i as f32;
    back[1] = *u as f32;
    back[2] = small[0] as f32;
}

pub(crate) fn casts_of_floats(device: &Device) -> Result<Answer> {
    let x = [0.0, -0.9, 1.5, -2.5, 255.9, 256.0, -129.0, 2_147_483_500.0, 3e9, -3e9, 1e20, f32::NAN, f32::INFINITY];
    let (mut i, mut u) = ([0; 13], [0; 13]);
    let (mut small, mut back) = ([0; 26], [0.0; 39]);
    let _ = device.run(cast_floats(&x, &mut i, &mut u, &mut small, &mut back))?;
    Ok(Answer::new().exact("i32", &i).exact("u32", &u).exact("u8, i8", &small).exact("back", &back))
}

macro_rules! rounding {
    ($($kernel:ident $case:ident $t:ident;)*) => {$(
        #[kernel]
        fn $kernel(x: &$t, out: &mut [$t; 8]) {
            out[0] = x.floor();
            out[1] = x.ceil();
            out[2] = x.trunc();
            out[3] = x.round();
            out[4] = x.abs();
            out[5] = x.clamp(-1.0, 1.0);
            out[6] = x.signum();
            out[7] = x.copysign(-1.0);
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            let x: [$t; 12] = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -0.51, 1e7, -1e7, 3.0, 8_388_607.5];
            let mut out = [0.0; 96];
            let _ = device.run($kernel(&x, &mut out))?;
            Ok(Answer::new().exact(stringify!($t), &out))
        }
    )*};
}
rounding! {
    round_f32 rounding_f32 f32;
    round_f64 rounding_f64 f64;
}

/// The largest error in units of the last place that a device may have; `docs/semantics.md` states it.
const ELEMENTARY_ULPS: u64 = 4;

macro_rules! elementary {
    ($($kernel:ident $case:ident $t:ident;)*) => {$(
        #[kernel]
        fn $kernel(x: &$t, out: &mut [$t; 10]) {
            out[0] = x.exp();
            out[1] = x.ln();
            out[2] = x.sin();
            out[3] = x.cos();
            out[4] = x.tanh();
            out[5] = x.powf(1.7);
            out[6] = x.powi(3);
            out[7] = x.exp2();
            out[8] = x.log2();
            out[9] = x.atan2(2.0);
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            let x: [$t; 8] = [1e-4, 0.3, 0.7, 1.3, 2.2, 4.4, 9.1, 30.0];
            let mut out = [0.0; 80];
            let _ = device.run($kernel(&x, &mut out))?;
            Ok(Answer::new().within(ELEMENTARY_ULPS, stringify!($t), &out))
        }
    )*};
}
elementary! {
    functions_f32 elementary_f32 f32;
    functions_f64 elementary_f64 f64;
}

#[kernel]
fn float_bits(x: &f32, out: &mut u32, back: &mut f32) {
    *out = x.to_bits() ^ 0x8000_0000;
    *back = f32::from_bits(*out);
}

pub(crate) fn bits_of_floats(device: &Device) -> Result<Answer> {
    let (mut out, mut back) = ([0; 4], [0.0; 4]);
    let _ = device.run(float_bits(&[1.5, -0.25, 1e30, -3.0], &mut out, &mut back))?;
    Ok(Answer::new().exact("bits", &out).exact("back", &back))
}

/// Several operations in a row, where a device that contracts or reassociates shows it.
#[kernel]
fn polynomial(x: &f32, out: &mut [f32; 3]) {
    let x = *x;
    out[0] = ((x * 0.3 + 1.7) * x - 2.9) * x + 0.1;
    out[1] = (x + 1e7) - 1e7;
    out[2] = x * x - (x * x - 1.0) - 1.0 + x / 3.0 * 3.0;
}

pub(crate) fn no_contraction(device: &Device) -> Result<Answer> {
    let x: Vec<f32> = (1..100).map(|k| k as f32 * 0.137).collect();
    let mut out = vec![0.0; 297];
    let _ = device.run(polynomial(&x, &mut out))?;
    if self_test(device)?.as_written {
        return Ok(Answer::new().exact("polynomials", &out));
    }
    println!("{} simplifies or contracts: only the size of the error is checked", device.info());
    let expected: Vec<f32> = x.iter().flat_map(|&x| reference_polynomial(x)).collect();
    // A unit in the last place of the largest intermediate value: 1 where 1e7 was added, else 1e-4.
    let close = |(k, (a, b)): (usize, (&f32, &f32))| (a - b).abs() <= if k % 3 == 1 { 1.0 } else { 1e-3 };
    assert!(out.iter().zip(&expected).enumerate().all(close), "{out:?}");
    Ok(Answer::new().exact("polynomials", &expected))
}

/// As the kernel, here.
fn reference_polynomial(x: f32) -> [f32; 3] {
    [((x * 0.3 + 1.7) * x - 2.9) * x + 0.1, (x + 1e7) - 1e7, x * x - (x * x - 1.0) - 1.0 + x / 3.0 * 3.0]
}

#[kernel]
fn remainders(a: &f32, b: &f32, out: &mut [f32; 2]) {
    out[0] = *a % *b;
    out[1] = a.rem_euclid(*b);
}

pub(crate) fn remainders_of_floats(device: &Device) -> Result<Answer> {
    let a = [5.5, -5.5, 1e10, 0.3, -0.0, 7.0, 1.0];
    let b = [2.0, 2.0, 3.7, 0.1, 1.0, -3.5, f32::INFINITY];
    let mut out = [0.0; 14];
    let _ = device.run(remainders(&a, &b, &mut out))?;
    Ok(Answer::new().exact("remainders", &out))
}
