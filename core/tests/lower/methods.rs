//! Methods of std: the same results as std, on numbers where they are easily wrong.

use crate::support::*;
use landbridge_core::types::TypeInfo;

const F32: [f32; 14] =
    [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.25, 1e-40, 1e30, -7.75, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX];

/// One method over all pairs of values, in both overflow modes; std may panic.
fn compare<A, B, R>(name: &'static str, xs: &[A], ys: &[B], unary: bool, std: impl Fn(A, B) -> R)
where
    A: TypeInfo + Copy + std::fmt::Debug + std::panic::RefUnwindSafe,
    B: TypeInfo + Copy + std::fmt::Debug + std::panic::RefUnwindSafe,
    R: TypeInfo + Copy + Default + PartialEq + std::fmt::Debug,
{
    let kernel = Pairwise::new::<A, B, R>(cfg!(debug_assertions), |_, x, y| {
        method(x, name, if unary { vec![] } else { vec![y] })
    });
    for (&x, &y) in xs.iter().flat_map(|x| ys.iter().map(move |y| (x, y))) {
        let expected = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| std(x, y)));
        match (expected, kernel.run::<A, B, R>(x, y)) {
            (Ok(expected), Ok(found)) => {
                let same = expected == found || format!("{expected:?}") == format!("{found:?}");
                assert!(same, "{x:?}.{name}({y:?}): std {expected:?}, lowered {found:?}");
                assert_eq!(format!("{expected:?}"), format!("{found:?}"), "{x:?}.{name}({y:?})");
            }
            (Err(_), Err((_, line))) => assert_eq!(line, 44),
            (Ok(expected), Err(panic)) => panic!("{x:?}.{name}({y:?}) is {expected:?} in std, here {panic:?}"),
            (Err(_), Ok(found)) => panic!("{x:?}.{name}({y:?}) panics in std, here it is {found:?}"),
        }
    }
}

macro_rules! unary {
    ($t:ty, $values:expr => $r:ty: $($name:ident)*) => {
        $(compare::<$t, u8, $r>(stringify!($name), &$values, &[0], true, |x, _| <$t>::$name(x));)*
    };
}

macro_rules! binary {
    ($t:ty, $values:expr, $u:ty, $others:expr => $r:ty: $($name:ident)*) => {
        $(compare::<$t, $u, $r>(stringify!($name), &$values, &$others, false, |x, y| <$t>::$name(x, y));)*
    };
}

#[test]
fn floats() {
    unary!(f32, F32 => f32: sqrt abs floor ceil round round_ties_even trunc signum recip fract to_radians to_degrees);
    unary!(f32, F32 => bool: is_nan is_finite is_infinite is_sign_negative is_sign_positive);
    unary!(f32, F32 => u32: to_bits);
    binary!(f32, F32, f32, F32 => f32: copysign rem_euclid div_euclid);
    let f64s = F32.map(f64::from);
    unary!(f64, f64s => f64: signum recip fract to_radians to_degrees);
    unary!(f64, f64s => u64: to_bits);
    binary!(f64, f64s, f64, f64s => f64: rem_euclid div_euclid);
}

#[test]
fn float_minimum_and_maximum_prefer_numbers() {
    // The sign of a zero is not std's promise.
    let values: Vec<f32> = F32.into_iter().filter(|x| *x != 0.0).collect();
    binary!(f32, values, f32, values => f32: min max);
}

macro_rules! integers {
    ($t:ty, $unsigned:ty, $values:expr) => {{
        let values: Vec<$t> = $values.to_vec();
        unary!($t, values => u32: count_ones count_zeros leading_zeros leading_ones trailing_zeros trailing_ones ilog2);
        unary!($t, values => $t: reverse_bits swap_bytes wrapping_neg);
        binary!($t, values, $t, values => $t:
            wrapping_add wrapping_sub wrapping_mul saturating_add saturating_sub saturating_mul min max
            rem_euclid div_euclid);
        binary!($t, values, $t, values => $unsigned: abs_diff);
        let counts = [0_u32, 1, 2, 3, 5, 7, 8, 31, 33, 63, 100];
        binary!($t, values, u32, counts => $t: pow wrapping_pow rotate_left rotate_right wrapping_shl wrapping_shr);
    }};
}

#[test]
fn signed_integers() {
    integers!(i32, u32, [0, 1, -1, 2, -2, 3, 7, -13, 46341, -46341, i32::MAX, i32::MIN, i32::MIN + 1]);
    integers!(i8, u8, [0, 1, -1, 3, -3, 11, -12, 100, i8::MAX, i8::MIN]);
    integers!(i64, u64, [0, 1, -1, 3_037_000_500, -3_037_000_500, i64::MAX, i64::MIN]);
    let values = [0, 1, -1, 5, i32::MAX, i32::MIN];
    unary!(i32, values => i32: abs wrapping_abs signum);
    unary!(i32, values => u32: unsigned_abs);
    unary!(i32, values => bool: is_positive is_negative);
}

#[test]
fn unsigned_integers() {
    integers!(u32, u32, [0, 1, 2, 3, 7, 65535, 65536, 65537, u32::MAX, u32::MAX - 1]);
    integers!(u8, u8, [0, 1, 2, 15, 16, 17, 100, 128, 200, 255]);
    integers!(u64, u64, [0, 1, 9, 1 << 32, (1 << 32) - 1, u64::MAX]);
    integers!(usize, usize, [0, 1, 9, 1 << 32, usize::MAX]);
    let values = [0_u16, 1, 2, 3, 5, 8, 9, 1 << 15, (1 << 15) + 1, u16::MAX];
    unary!(u16, values => bool: is_power_of_two);
    unary!(u16, values => u16: next_power_of_two);
    binary!(u16, values, u16, values => u16: div_ceil next_multiple_of);
    binary!(u16, values, u16, values => bool: is_multiple_of);
}

#[test]
fn constant_powers_multiply_as_std_does() {
    for n in 0..9_u32 {
        let kernel = Pairwise::new::<i32, u8, i32>(true, |_, x, _| method(x, "pow", vec![int(n.into())]));
        for x in [0_i32, 1, -1, 2, -3, 10, 215, 216, -46340, 46341] {
            let expected = x.checked_pow(n).ok_or(("attempt to multiply with overflow".to_string(), 44));
            assert_eq!(kernel.run(x, 0_u8), expected, "{x}.pow({n})");
        }
    }
}

#[test]
fn clamp_checks_its_bounds() {
    fn clamp<T: TypeInfo>() -> Pairwise {
        Pairwise::new::<T, [T; 2], T>(true, |_, x, y| method(x, "clamp", vec![index(y, int(0)), index(y, int(1))]))
    }
    let floats = clamp::<f32>();
    for (x, y) in F32.into_iter().flat_map(|x| [[0.0, 1.0], [-0.0, 0.0], [-3.0, f32::INFINITY]].map(|y| (x, y))) {
        let found: f32 = floats.run(x, y).unwrap();
        assert_eq!(found.to_bits(), x.clamp(y[0], y[1]).to_bits(), "{x} {y:?}");
    }
    for y in [[1.0, 0.0], [f32::NAN, 1.0], [0.0, f32::NAN]] {
        assert!(floats.run::<_, _, f32>(0.5_f32, y).is_err());
    }
    let ints = clamp::<i16>();
    assert_eq!(ints.run(5_i16, [-1_i16, 3]), Ok(3_i16));
    assert_eq!(ints.run(-5_i16, [-1_i16, 3]), Ok(-1_i16));
    assert_eq!(ints.run::<_, _, i16>(5_i16, [3_i16, -1]), Err(("min > max. min = 3, max = -1".to_string(), 44)));
}
