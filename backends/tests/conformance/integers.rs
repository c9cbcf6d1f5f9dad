//! Integers and `bool`: bit for bit.

use landbridge::{Device, Result, kernel};

use super::answer::Answer;

/// For a type: all pairs of its interesting values go through its operations.
macro_rules! arithmetic {
    ($($name:ident $case:ident $t:ident $bits:literal;)*) => {$(
        #[kernel]
        fn $name(a: &$t, b: &$t, out: &mut [$t; 12]) {
            let (a, b) = (*a, *b);
            out[0] = a.wrapping_add(b);
            out[1] = a.wrapping_sub(b);
            out[2] = a.wrapping_mul(b);
            // `MIN / -1` would overflow: the divisor is made positive.
            let divisor = (b & 0x3f) | 1;
            out[3] = a / divisor;
            out[4] = a % divisor;
            out[5] = a & b;
            out[6] = a | b;
            out[7] = a ^ b;
            out[8] = !a;
            out[9] = a.min(b);
            out[10] = a.max(b);
            out[11] = if a < b { 1 } else if a == b { 2 } else { 3 };
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            let values: Vec<$t> = interesting($bits).into_iter().map(|value| value as $t).collect();
            let (mut a, mut b) = (vec![], vec![]);
            for x in &values {
                for y in &values {
                    a.push(*x);
                    b.push(*y);
                }
            }
            let mut out = vec![0; 12 * a.len()];
            let _ = device.run($name(&a, &b, &mut out))?;
            Ok(Answer::new().exact(stringify!($t), &out))
        }
    )*};
}
arithmetic! {
    ops_i8 arithmetic_i8 i8 8;
    ops_i16 arithmetic_i16 i16 16;
    ops_i32 arithmetic_i32 i32 32;
    ops_i64 arithmetic_i64 i64 64;
    ops_u8 arithmetic_u8 u8 8;
    ops_u16 arithmetic_u16 u16 16;
    ops_u32 arithmetic_u32 u32 32;
    ops_u64 arithmetic_u64 u64 64;
    ops_usize arithmetic_usize usize 64;
}

/// Values around zero, the ends of the ranges, and some between.
fn interesting(bits: u32) -> Vec<i128> {
    let (half, full) = (1_i128 << (bits - 1), 1_i128 << bits);
    vec![0, 1, 2, 3, 7, 19, 100, half / 3, half - 1, half, half + 1, full - 2, full - 1, full / 5]
}

#[kernel]
fn compare_all(a: &i32, b: &i32, out: &mut [bool; 6]) {
    out[0] = a == b;
    out[1] = a != b;
    out[2] = a < b;
    out[3] = *a <= *b;
    out[4] = *a > *b;
    out[5] = *a >= *b;
}

pub(crate) fn comparisons(device: &Device) -> Result<Answer> {
    let a = [i32::MIN, -1, 0, 1, i32::MAX, 5, 5, -7];
    let b = [i32::MAX, 1, 0, -1, i32::MIN, 5, 6, -8];
    let mut out = [false; 48];
    let _ = device.run(compare_all(&a, &b, &mut out))?;
    Ok(Answer::new().exact("six comparisons", &out))
}

#[kernel]
fn cast_narrow(a: &u32, i8s: &mut i8, u8s: &mut u8, i16s: &mut i16, u16s: &mut u16, i32s: &mut i32) {
    *i8s = *a as i8;
    *u8s = *a as u8;
    *i16s = *i8s as i16;
    *u16s = *i8s as u16;
    *i32s = *i16s as i32 - *u16s as i32 + *u8s as i32;
}

#[kernel]
fn cast_wide(a: &i32, i64s: &mut i64, u64s: &mut u64, back: &mut u32) {
    *i64s = *a as i64;
    *u64s = *a as u32 as u64;
    *back = (*i64s >> 3) as u32 ^ (*u64s << 7) as u32 ^ (*a > 0) as u32;
}

pub(crate) fn casts_between_integers(device: &Device) -> Result<Answer> {
    let a: Vec<u32> = interesting(32).into_iter().map(|value| value as u32).collect();
    let n = a.len();
    let (mut i8s, mut u8s, mut i16s, mut u16s, mut i32s) = (vec![0; n], vec![0; n], vec![0; n], vec![0; n], vec![0; n]);
    let _ = device.run(cast_narrow(&a, &mut i8s, &mut u8s, &mut i16s, &mut u16s, &mut i32s))?;
    let signed: Vec<i32> = a.iter().map(|&value| value as i32).collect();
    let (mut i64s, mut u64s, mut back) = (vec![0; n], vec![0; n], vec![0; n]);
    let _ = device.run(cast_wide(&signed, &mut i64s, &mut u64s, &mut back))?;
    let narrow = Answer::new().exact("i8", &i8s).exact("u8", &u8s).exact("i16", &i16s).exact("u16", &u16s);
    Ok(narrow.exact("i32", &i32s).exact("i64", &i64s).exact("u64", &u64s).exact("back", &back))
}

#[kernel]
fn logic(a: &bool, b: &bool, out: &mut [bool; 8]) {
    let (a, b) = (*a, *b);
    out[0] = a & b;
    out[1] = a | b;
    out[2] = a ^ b;
    out[3] = !a;
    out[4] = a && b;
    out[5] = a || !b;
    out[6] = a == b;
    out[7] = a != b;
}

pub(crate) fn logic_of_bool(device: &Device) -> Result<Answer> {
    let mut out = [false; 32];
    let _ = device.run(logic(&[false, false, true, true], &[false, true, false, true], &mut out))?;
    Ok(Answer::new().exact("logic", &out))
}

#[kernel]
fn u32_methods(a: &u32, b: &u32, out: &mut [u32; 16]) {
    let (a, b) = (*a, *b);
    out[0] = a.count_ones();
    out[1] = a.leading_zeros();
    out[2] = a.trailing_zeros();
    out[3] = a.rotate_left(b % 32);
    out[4] = a.reverse_bits();
    out[5] = a.swap_bytes();
    out[6] = a.saturating_add(b);
    out[7] = a.saturating_sub(b);
    out[8] = a.abs_diff(b);
    out[9] = (a % 16).pow(b % 8);
    out[10] = a.clamp(10, 1000);
    out[11] = a.wrapping_shl(b);
    out[12] = a.is_power_of_two() as u32;
    out[13] = (a | 1).ilog2();
    out[14] = a.div_ceil(b | 1);
    out[15] = a.count_zeros();
}

pub(crate) fn methods_u32(device: &Device) -> Result<Answer> {
    let a: Vec<u32> = interesting(32).into_iter().map(|value| value as u32).collect();
    let b: Vec<u32> = a.iter().rev().copied().collect();
    let mut out = vec![0; 16 * a.len()];
    let _ = device.run(u32_methods(&a, &b, &mut out))?;
    Ok(Answer::new().exact("methods", &out))
}

#[kernel]
fn i32_methods(a: &i32, b: &i32, out: &mut [i32; 8]) {
    let (a, b) = (*a, *b);
    out[0] = a.signum();
    out[1] = (a / 2).abs();
    out[2] = a.rem_euclid((b & 0xff) | 1);
    out[3] = a.div_euclid((b & 0xff) | 1);
    out[4] = a.wrapping_neg();
    out[5] = a.saturating_mul(b);
    out[6] = a.unsigned_abs() as i32;
    out[7] = a >> (b & 31);
}

pub(crate) fn methods_i32(device: &Device) -> Result<Answer> {
    let a: Vec<i32> = interesting(32).into_iter().map(|value| value as i32).collect();
    let b: Vec<i32> = a.iter().rev().copied().collect();
    let mut out = vec![0; 8 * a.len()];
    let _ = device.run(i32_methods(&a, &b, &mut out))?;
    Ok(Answer::new().exact("methods", &out))
}

#[kernel]
fn literal_forms(i: &u32, out: &mut u64) {
    let unsuffixed = 7;
    let from_use: u32 = unsuffixed;
    let hexadecimal = 0xFFFF_0000_u32;
    let binary = 0b1010;
    let octal = 0o17_u32;
    let byte = b'A' as u32;
    let wide = 0x1_0000_0001_u64;
    *out = wide + (*i + from_use + binary + octal + byte) as u64 + (hexadecimal >> 16) as u64;
}

pub(crate) fn literals(device: &Device) -> Result<Answer> {
    let mut out = [0; 3];
    let _ = device.run(literal_forms(&[0, 1, 2], &mut out))?;
    Ok(Answer::new().exact("literals", &out))
}

#[kernel]
fn shift(a: &u32, n: &u8, out: &mut [u32; 4]) {
    out[0] = a << n;
    out[1] = *a >> *n;
    out[2] = (*a as i32 >> *n) as u32;
    out[3] = *a << 4 >> 2_u8;
}

pub(crate) fn shifts(device: &Device) -> Result<Answer> {
    let a = [0x8000_0001, 0xdead_beef, 1, u32::MAX];
    let mut out = [0; 16];
    let _ = device.run(shift(&a, &[0, 1, 31, 17], &mut out))?;
    Ok(Answer::new().exact("shifts", &out))
}

#[kernel]
fn widened_signs(a: &i32, b: &i16, out: &mut [i64; 4]) {
    let (wide, short) = (*a as i64, *b as i64);
    out[0] = if wide < 0 { -wide } else { wide };
    out[1] = (wide * wide).max(short).signum() + short.signum() * 10;
    out[2] = wide.rem_euclid(7) + short.abs();
    out[3] = (wide > short) as i64 + (*a as u64 >> 60) as i64;
}

/// Signs of numbers that have been extended, which drivers get wrong when they simplify comparisons.
pub(crate) fn widened(device: &Device) -> Result<Answer> {
    let a = [0, -1, 5, -1000, i32::MAX, i32::MIN];
    let mut out = [0; 24];
    let _ = device.run(widened_signs(&a, &[1, -1, 300, -300, i16::MIN, i16::MAX], &mut out))?;
    Ok(Answer::new().exact("signs", &out))
}
