//! Methods at the ends of their domains: where they panic, what they make of zeros, infinities and NaN, what an empty slice gives.

use landbridge::{Device, Error, Result, kernel};
use landbridge_backends::devices::Devices;

use crate::suite::answer::Answer;

#[kernel]
fn integers_that_panic(which: &u32, a: &i32, b: &i32, out: &mut i32) {
    let (a, b) = (*a, *b);
    *out = match *which {
        0 => a.abs(),
        1 => a.pow(b as u32),
        2 => a.ilog2() as i32,
        3 => a.ilog10() as i32,
        4 => a.rem_euclid(b),
        5 => a.div_euclid(b),
        6 => a.isqrt(),
        7 => a.wrapping_div(b),
        8 => a.wrapping_rem(b),
        9 => a.wrapping_rem_euclid(b),
        10 => a.saturating_div(b),
        11 => a.overflowing_div(b).0,
        12 => a.clamp(b, 3),
        13 => (a as u8).next_power_of_two() as i32,
        14 => (a as u8).div_ceil(b as u8) as i32,
        15 => (a as u8).next_multiple_of(b as u8) as i32,
        16 => (a as u8).ilog10() as i32,
        _ => a.signum(),
    };
}

/// Each at some pair where it panics, and at one where it does not.
const PANICS: [(u32, i32, i32); 19] = [
    (0, i32::MIN, 0),
    (1, 3, 21),
    (2, 0, 0),
    (2, -1, 0),
    (3, 0, 0),
    (4, 5, 0),
    (4, i32::MIN, -1),
    (5, i32::MIN, 0),
    (5, i32::MIN, -1),
    (6, -1, 0),
    (7, i32::MAX, 0),
    (8, 1, 0),
    (9, -1, 0),
    (10, i32::MIN, 0),
    (11, 7, 0),
    (13, 129, 0),
    (14, 255, 0),
    (15, 250, 0),
    (16, 256, 0),
];

/// What the host says, every device says.
///
/// # Panics
/// If one does not.
pub(crate) fn panics_of_integers(device: &Device) -> Result<Answer> {
    if device.info().id == "plain" || !cfg!(debug_assertions) {
        return Ok(Answer::new());
    }
    for (which, a, b) in PANICS {
        let told = |device: &Device| {
            let mut out = [0; 3];
            match device.run(integers_that_panic(&[99, which, 99], &[1, a, 1], &[1, b, 1], &mut out)) {
                Err(Error::KernelPanic { message, work_item, .. }) => Ok((message, work_item)),
                Err(error) => Err(error),
                Ok(_) => panic!("{which} of {a} and {b} does not panic on {}: {out:?}", device.info()),
            }
        };
        assert_eq!(told(device)?, told(&Device::host())?, "{which} of {a} and {b} on {}", device.info());
    }
    Ok(Answer::new())
}

/// Where they nearly do.
pub(crate) fn integers_next_to_panics(device: &Device) -> Result<Answer> {
    let cases = [
        (0, i32::MIN + 1, 0),
        (0, i32::MAX, 0),
        (1, 2, 30),
        (1, -2, 31),
        (1, i32::MIN, 1),
        (1, i32::MIN, 0),
        (1, 0, 0),
        (2, i32::MAX, 0),
        (2, 1, 0),
        (3, i32::MAX, 0),
        (3, 9, 0),
        (4, i32::MIN, i32::MIN),
        (4, i32::MIN, 1),
        (4, -1, i32::MIN),
        (5, i32::MIN, i32::MAX),
        (5, i32::MAX, i32::MIN),
        (5, -1, i32::MIN),
        (6, i32::MAX, 0),
        (6, 0, 0),
        (7, i32::MIN, -1),
        (8, i32::MIN, -1),
        (9, i32::MIN, -1),
        (10, i32::MIN, -1),
        (11, i32::MIN, -1),
        (12, i32::MIN, 3),
        (12, i32::MAX, i32::MIN),
        (13, 128, 0),
        (13, 0, 0),
        (14, 255, 255),
        (14, 255, 2),
        (15, 255, 255),
        (15, 0, 7),
        (16, 255, 0),
        (17, i32::MIN, 0),
        (17, 0, 0),
    ];
    let which: Vec<u32> = cases.iter().map(|case| case.0).collect();
    let (a, b): (Vec<i32>, Vec<i32>) = cases.iter().map(|case| (case.1, case.2)).unzip();
    let mut out = vec![0; cases.len()];
    let _ = device.run(integers_that_panic(&which, &a, &b, &mut out))?;
    Ok(Answer::new().exact("results", &out))
}

/// What gives the same on every device that has the type, whatever it makes of subnormal numbers.
macro_rules! floats {
    ($($kernel:ident $tiny:ident $case:ident $t:ident;)*) => {$(
        #[kernel]
        fn $kernel(x: &$t, y: &$t, out: &mut [$t; 12], flags: &mut [bool; 9], cast: &mut [i32; 3]) {
            let (x, y) = (*x, *y);
            out[0] = x.floor();
            out[1] = x.ceil();
            out[2] = x.trunc();
            out[3] = x.round();
            out[4] = x.round_ties_even();
            out[5] = x.abs();
            out[6] = x.signum();
            out[7] = x.copysign(y);
            // Of zeros with different signs either is right.
            out[8] = if x == y { y } else { x.min(y) };
            out[9] = if x == y { y } else { x.max(y) };
            out[10] = x.clamp(-2.5, 1.0);
            out[11] = -x;
            flags[0] = x < y;
            flags[1] = x <= y;
            flags[2] = x == y;
            flags[3] = x != y;
            flags[4] = x.total_cmp(&y).is_lt();
            flags[5] = x.partial_cmp(&y).is_none();
            flags[6] = (-2.5..1.0).contains(&x);
            flags[7] = x.is_nan() || x.is_infinite() || x.is_normal();
            flags[8] = [x, 1.0] < [y, 0.5];
            cast[0] = x as i32;
            cast[1] = x as u8 as i32;
            cast[2] = x as i8 as i32;
        }

        /// Of numbers that a device may take for zeros.
        #[kernel]
        fn $tiny(x: &$t, flags: &mut [bool; 10]) {
            let x = *x;
            flags[0] = x.is_nan();
            flags[1] = x.is_infinite();
            flags[2] = x.is_finite();
            flags[3] = x.is_normal();
            flags[4] = x + 1.0 == 1.0;
            flags[5] = x.abs() < $t::MIN_POSITIVE;
            flags[6] = x.trunc() == 0.0;
            flags[7] = x.round() as i32 == 0;
            flags[8] = x.max(0.5) == 0.5;
            flags[9] = x.clamp(0.25, 1.0) == 0.25;
        }

        pub(crate) fn $case(device: &Device) -> Result<Answer> {
            let values = [
                0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, 0.499_999_97, -0.75, 1.0, -1.0, 127.5, -129.0, 255.0, 8_388_607.5, 8_388_609.0,
                -2_147_483_648.0, 2_147_483_648.0, 1e30, $t::MAX, $t::MIN, $t::INFINITY, $t::NEG_INFINITY, $t::NAN, $t::EPSILON,
            ];
            let pairs = values.iter().flat_map(|x| values.iter().map(move |y| (*x, *y)));
            let (x, y): (Vec<$t>, Vec<$t>) = pairs.unzip();
            let n = x.len();
            let (mut out, mut flags, mut cast) = (vec![0.0; 12 * n], vec![false; 9 * n], vec![0; 3 * n]);
            let _ = device.run($kernel(&x, &y, &mut out, &mut flags, &mut cast))?;
            let tiny = [$t::MIN_POSITIVE / 2.0, -$t::MIN_POSITIVE / 8.0, $t::from_bits(1), -$t::from_bits(1)];
            let mut told = vec![false; 40];
            let _ = device.run($tiny(&tiny, &mut told))?;
            let answer = Answer::new().exact("values", &out).exact("flags", &flags).exact("casts", &cast);
            Ok(answer.exact("subnormal", &told))
        }
    )*};
}
floats! {
    edges_f32 tiny_f32 floats_of_32_bits f32;
    edges_f64 tiny_f64 floats_of_64_bits f64;
}

/// `k` chooses an empty part: the front, the end, or one in between.
#[allow(clippy::unnecessary_first_then_check, reason = "each method is tested")]
#[kernel]
fn nothing(t: &[i32], k: &usize, out: &mut [i32; 24]) {
    let none = &t[(*k).min(t.len())..(*k).min(t.len())];
    out[0] = none.len() as i32;
    out[1] = none.is_empty() as i32;
    out[2] = none.first().is_none() as i32;
    out[3] = none.last().is_none() as i32;
    out[4] = none.get(*k).is_none() as i32;
    out[5] = none.get(..1).is_none() as i32;
    out[6] = none.get(..0).is_some() as i32;
    out[7] = none.split_first().is_none() as i32;
    out[8] = none.split_last().is_none() as i32;
    out[9] = none.split_at_checked(1).is_none() as i32;
    let (a, b) = none.split_at(0);
    out[10] = (a.len() + b.len()) as i32;
    out[11] = none.contains(&0) as i32;
    out[12] = none.starts_with(&[]) as i32;
    out[13] = none.ends_with(&[1]) as i32;
    out[14] = none.is_sorted() as i32;
    out[15] = none.partition_point(|v| *v < 5) as i32;
    out[16] = match none.binary_search(&3) {
        Ok(at) => at as i32,
        Err(at) => 100 + at as i32,
    };
    out[17] = none.iter().sum::<i32>() + 10 * none.iter().product::<i32>();
    out[18] = none.iter().min().is_none() as i32 + 2 * none.iter().max().is_none() as i32;
    out[19] = none.iter().all(|v| *v > 0) as i32 + 2 * none.iter().any(|v| *v > 0) as i32;
    out[20] = (none.windows(2).count() + none.chunks(3).count() + none.chunks_exact(1).count()) as i32;
    out[21] = none.iter().zip(t).map(|(a, b)| a ^ b).fold(3, |a, b| a + b);
    out[22] = none.iter().rev().copied().reduce(|a, b| a - b).unwrap_or(-1);
    out[23] = match none {
        [] => 1,
        [_] => 2,
        _ => 3,
    };
}

pub(crate) fn empty_slices(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for table in [&[][..], &[7], &[5, -1, 3]] {
        let mut out = [0; 24 * 4];
        let _ = device.run(nothing(table, &[0, 1, 2, 9], &mut out))?;
        answer = answer.exact(format!("of {} elements", table.len()), &out);
    }
    Ok(answer)
}
