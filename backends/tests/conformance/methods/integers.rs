//! Methods of integers: all pairs of edge values, bit for bit.

use landbridge::{Device, Result, kernel};

use crate::suite::answer::Answer;

/// 0, 1, the ends of the ranges and their neighbours, as bits.
fn edges(bits: u32) -> Vec<i128> {
    let (half, full) = (1_i128 << (bits - 1), 1_i128 << bits);
    vec![0, 1, 2, 3, 10, 99, i128::from(bits), half / 3, half - 1, half, half + 1, full - 10, full - 2, full - 1]
}

/// All pairs of the edge values of a type.
macro_rules! pairs {
    ($t:ident) => {{
        let values: Vec<$t> = edges($t::BITS).into_iter().map(|value| value as $t).collect();
        let pairs = values.iter().flat_map(|&a| values.iter().map(move |&b| (a, b)));
        let pairs: (Vec<$t>, Vec<$t>) = pairs.unzip();
        pairs
    }};
}

/// What signed and unsigned types have.
macro_rules! both {
    ($($wrap:ident $checked:ident $bits:ident $case:ident $t:ident;)*) => {$(
        #[kernel]
        fn $wrap(a: &$t, b: &$t, out: &mut [$t; 26]) {
            let (a, b) = (*a, *b);
            let n = (b & 0x7f) as u32;
            let d = if b == 0 { 7 } else { b };
            out[0] = a.saturating_div(d);
            out[1] = a.saturating_pow(n % 5);
            out[2] = a.wrapping_div(d);
            out[3] = a.wrapping_rem(d);
            out[4] = a.wrapping_div_euclid(d);
            out[5] = a.wrapping_rem_euclid(d);
            out[6] = a.unbounded_shl(n);
            out[7] = a.unbounded_shr(n);
            out[8] = a.midpoint(b);
            out[9] = a.to_be();
            out[10] = a.to_le();
            out[11] = a.overflowing_add(b).0;
            out[12] = a.overflowing_sub(b).0;
            out[13] = a.overflowing_mul(b).0;
            out[14] = a.overflowing_neg().0;
            out[15] = a.overflowing_shl(n).0;
            out[16] = a.overflowing_shr(n).0;
            out[17] = a.overflowing_pow(n % 9).0;
            out[18] = a.overflowing_div(d).0;
            out[19] = a.overflowing_rem(d).0;
            out[20] = a.wrapping_shl(n);
            out[21] = a.wrapping_shr(n);
            out[22] = a.rotate_right(n);
            out[23] = a.rotate_left(n);
            out[24] = a.reverse_bits();
            out[25] = a.wrapping_pow(n);
        }

        #[kernel]
        fn $checked(a: &$t, b: &$t, out: &mut [$t; 12], flags: &mut [bool; 20]) {
            let (a, b) = (*a, *b);
            let n = (b & 0x7f) as u32;
            let d = if b == 0 { 7 } else { b };
            out[0] = a.checked_add(b).unwrap_or(77);
            out[1] = a.checked_sub(b).unwrap_or(77);
            out[2] = a.checked_mul(b).unwrap_or(77);
            out[3] = a.checked_div(b).unwrap_or(77);
            out[4] = a.checked_rem(b).unwrap_or(77);
            out[5] = a.checked_div_euclid(b).unwrap_or(77);
            out[6] = a.checked_rem_euclid(b).unwrap_or(77);
            out[7] = a.checked_neg().unwrap_or(77);
            out[8] = a.checked_shl(n).unwrap_or(77);
            out[9] = a.checked_shr(n).unwrap_or(77);
            out[10] = a.checked_pow(n % 9).unwrap_or(77);
            out[11] = a.checked_ilog2().unwrap_or(77) as $t;
            flags[0] = a.checked_add(b).is_some();
            flags[1] = a.checked_sub(b).is_some();
            flags[2] = a.checked_mul(b).is_some();
            flags[3] = a.checked_div(b).is_none();
            flags[4] = a.checked_rem(b).is_none();
            flags[5] = a.checked_div_euclid(b).is_none();
            flags[6] = a.checked_rem_euclid(b).is_none();
            flags[7] = a.checked_neg().is_none();
            flags[8] = a.checked_shl(n).is_none();
            flags[9] = a.checked_shr(n).is_none();
            flags[10] = a.checked_pow(n % 9).is_none();
            flags[11] = a.checked_ilog2().is_none();
            flags[12] = a.overflowing_add(b).1;
            flags[13] = a.overflowing_sub(b).1;
            flags[14] = a.overflowing_mul(b).1;
            flags[15] = a.overflowing_neg().1;
            flags[16] = a.overflowing_shl(n).1;
            flags[17] = a.overflowing_shr(n).1;
            flags[18] = a.overflowing_pow(n % 9).1;
            flags[19] = a.overflowing_div(d).1 || a.overflowing_rem(d).1;
        }

        #[kernel]
        fn $bits(a: &$t, out: &mut [u32; 10], bytes: &mut [u8; 24], back: &mut [$t; 3]) {
            let a = *a;
            out[0] = a.count_ones();
            out[1] = a.count_zeros();
            out[2] = a.leading_zeros();
            out[3] = a.leading_ones();
            out[4] = a.trailing_zeros();
            out[5] = a.trailing_ones();
            out[6] = if a > 0 { a.ilog2() } else { 77 };
            out[7] = if a > 0 { a.ilog10() } else { 77 };
            out[8] = if a > 0 { a.isqrt() as u32 } else { 77 };
            out[9] = $t::BITS;
            let (little, big, native) = (a.to_le_bytes(), a.to_be_bytes(), a.to_ne_bytes());
            for k in 0..little.len() {
                bytes[k] = little[k];
                bytes[8 + k] = big[k];
                bytes[16 + k] = native[k];
            }
            back[0] = $t::from_le_bytes(little);
            back[1] = $t::from_be_bytes(little);
            back[2] = $t::from_ne_bytes(big).swap_bytes();
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            let (a, b) = pairs!($t);
            let n = a.len();
            let mut wrapped = vec![0; 26 * n];
            let _ = device.run($wrap(&a, &b, &mut wrapped))?;
            let (mut checked, mut flags) = (vec![0; 12 * n], vec![false; 20 * n]);
            let _ = device.run($checked(&a, &b, &mut checked, &mut flags))?;
            let (mut bits, mut bytes, mut back) = (vec![0; 10 * n], vec![0; 24 * n], vec![0; 3 * n]);
            let _ = device.run($bits(&a, &mut bits, &mut bytes, &mut back))?;
            let answer = Answer::new().exact("wrapped", &wrapped).exact("checked", &checked).exact("flags", &flags);
            Ok(answer.exact("bits", &bits).exact("bytes", &bytes).exact("back", &back))
        }
    )*};
}
both! {
    wrap_i8 checked_i8 bits_i8 both_i8 i8;
    wrap_i16 checked_i16 bits_i16 both_i16 i16;
    wrap_i32 checked_i32 bits_i32 both_i32 i32;
    wrap_i64 checked_i64 bits_i64 both_i64 i64;
    wrap_u8 checked_u8 bits_u8 both_u8 u8;
    wrap_u16 checked_u16 bits_u16 both_u16 u16;
    wrap_u32 checked_u32 bits_u32 both_u32 u32;
    wrap_u64 checked_u64 bits_u64 both_u64 u64;
    wrap_usize checked_usize bits_usize both_usize usize;
}

/// What only signed types have.
macro_rules! signed {
    ($($kernel:ident $case:ident $t:ident $u:ident;)*) => {$(
        #[kernel]
        fn $kernel(a: &$t, b: &$t, out: &mut [$t; 16], flags: &mut [bool; 4]) {
            let (a, b) = (*a, *b);
            let u = b as $u;
            let d = if b == 0 || b == -1 { 7 } else { b };
            out[0] = a.wrapping_abs();
            out[1] = a.saturating_abs();
            out[2] = a.saturating_neg();
            out[3] = a.signum();
            out[4] = a.wrapping_add_unsigned(u);
            out[5] = a.wrapping_sub_unsigned(u);
            out[6] = a.overflowing_abs().0;
            out[7] = a.checked_abs().unwrap_or(77);
            out[8] = a.unsigned_abs() as $t;
            out[9] = a.cast_unsigned() as $t;
            out[10] = a.abs_diff(b) as $t;
            out[11] = a.rem_euclid(d);
            out[12] = a.div_euclid(d);
            out[13] = a.saturating_add(b);
            out[14] = a.saturating_sub(b);
            out[15] = a.saturating_mul(b);
            flags[0] = a.is_positive();
            flags[1] = a.is_negative();
            flags[2] = a.overflowing_abs().1;
            flags[3] = a.checked_abs().is_some();
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            let (a, b) = pairs!($t);
            let (mut out, mut flags) = (vec![0; 16 * a.len()], vec![false; 4 * a.len()]);
            let _ = device.run($kernel(&a, &b, &mut out, &mut flags))?;
            Ok(Answer::new().exact("signed", &out).exact("flags", &flags))
        }
    )*};
}
signed! {
    only_i8 signed_i8 i8 u8;
    only_i16 signed_i16 i16 u16;
    only_i32 signed_i32 i32 u32;
    only_i64 signed_i64 i64 u64;
}

/// What only unsigned types have.
macro_rules! unsigned {
    ($($kernel:ident $case:ident $t:ident $i:ident;)*) => {$(
        #[kernel]
        fn $kernel(a: &$t, b: &$t, out: &mut [$t; 13], flags: &mut [bool; 4]) {
            let (a, b) = (*a, *b);
            let d = if b == 0 { 7 } else { b };
            let i = b as $i;
            out[0] = a.wrapping_add_signed(i);
            out[1] = a.saturating_add_signed(i);
            out[2] = a.checked_add_signed(i).unwrap_or(77);
            out[3] = a.checked_next_power_of_two().unwrap_or(77);
            out[4] = (a >> 1).next_power_of_two();
            out[5] = a.div_ceil(d);
            out[6] = (a >> 1).next_multiple_of((d >> 1) | 1);
            out[7] = a.abs_diff(b);
            out[8] = a.cast_signed() as $t;
            out[9] = a.saturating_add(b);
            out[10] = a.saturating_sub(b);
            out[11] = a.saturating_mul(b);
            out[12] = a.rem_euclid(d) ^ a.div_euclid(d);
            flags[0] = a.is_power_of_two();
            flags[1] = a.is_multiple_of(b);
            flags[2] = a.checked_add_signed(i).is_some();
            flags[3] = a.checked_next_power_of_two().is_some();
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            let (a, b) = pairs!($t);
            let (mut out, mut flags) = (vec![0; 13 * a.len()], vec![false; 4 * a.len()]);
            let _ = device.run($kernel(&a, &b, &mut out, &mut flags))?;
            Ok(Answer::new().exact("unsigned", &out).exact("flags", &flags))
        }
    )*};
}
unsigned! {
    only_u8 unsigned_u8 u8 i8;
    only_u16 unsigned_u16 u16 i16;
    only_u32 unsigned_u32 u32 i32;
    only_u64 unsigned_u64 u64 i64;
}
