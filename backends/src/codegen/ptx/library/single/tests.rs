//! The functions of `f32` against std's: at every 1009th number, and at all those around which something special happens.
//! `LANDBRIDGE_ULP_STEP=1` takes all numbers there are.

use landbridge_core::ir::MathFunction::{self, *};
use landbridge_core::ir::Scalar;

use super::super::bound;
use super::computed;

/// Every so manieth number.
fn step() -> usize {
    std::env::var("LANDBRIDGE_ULP_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(1009)
}

/// Around these something special happens.
const SPECIAL: [f32; 34] = [
    0.0,
    1.0,
    0.5,
    0.55,
    2.0,
    3.0,
    f32::INFINITY,
    f32::NAN,
    f32::MAX,
    f32::MIN_POSITIVE,
    f32::EPSILON,
    1e-45,
    88.72284,
    103.97208,
    87.33655,
    89.41599,
    128.0,
    149.0,
    126.0,
    9.01,
    17.0,
    2.0 / 3.0,
    4.0 / 3.0,
    std::f32::consts::FRAC_PI_4,
    std::f32::consts::FRAC_PI_2,
    std::f32::consts::PI,
    100_000.0,
    16_777_216.0,
    8_388_609.0,
    1e10,
    4.611_686e18,
    9.094_947e-13,
    std::f32::consts::SQRT_2,
    std::f32::consts::LN_2,
];

/// The special numbers with their neighbours, of both signs.
fn edges() -> impl Iterator<Item = f32> + Clone {
    let near = |x: &f32| {
        (-40_i32..=40).map({
            let bits = x.to_bits();
            move |d| f32::from_bits(bits.wrapping_add_signed(d))
        })
    };
    SPECIAL.iter().flat_map(near).flat_map(|x| [x, -x])
}

fn numbers() -> impl Iterator<Item = f32> {
    edges().chain((0..=u32::MAX).step_by(step()).map(f32::from_bits))
}

/// Pairs of any numbers, and of usual ones.
fn pairs() -> impl Iterator<Item = (f32, f32)> {
    let special = || SPECIAL.into_iter().flat_map(|x| [x, -x]);
    let mut state = 11_u64;
    let mut draw = move || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 32) as u32
    };
    let count = (1_u64 << 32) / step() as u64;
    let drawn = (0..count).map(move |k| {
        let (a, b) = (draw(), draw());
        match k % 3 {
            0 => (f32::from_bits(a), f32::from_bits(b)),
            1 => (a as f32 / 1e9, (b as f32 - 2_147_483_648.0) / 1e8),
            // Near 1, with the large exponents that this allows.
            _ => (1.0 + (a as f32 - 2_147_483_648.0) / 1e11, (b as f32 - 2_147_483_648.0) / 4e5),
        }
    });
    special().flat_map(move |x| special().map(move |y| (x, y))).chain(drawn)
}

/// Steps between two numbers; 0 for two NaNs.
fn distance(a: f32, b: f32) -> u64 {
    let place = |x: f32| if x.is_sign_negative() { -i64::from(x.to_bits() << 1 >> 1) } else { i64::from(x.to_bits()) };
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) if (a == 0.0 && b == 0.0) && a.is_sign_negative() != b.is_sign_negative() => u64::MAX,
        (false, false) => place(a).abs_diff(place(b)),
        _ => u64::MAX,
    }
}

/// Holds a function to its bound, which must not be larger than need be.
fn check(function: MathFunction, arguments: impl Iterator<Item = (f32, f32)>, std: impl Fn(f32, f32) -> f32) {
    let ours = |x: f32, y: f32| computed(function, x, y, 0).expect("it is in the library");
    let mut worst = (0, 0.0, 0.0);
    for (x, y) in arguments {
        let far = distance(ours(x, y), std(x, y));
        if far > worst.0 {
            worst = (far, x, y);
        }
    }
    let (far, x, y) = worst;
    println!("{function:?}: {far} ulp, at {x:e}, {y:e}");
    let limit = bound(function, Scalar::F32).into();
    assert!(far <= limit, "{function:?} of {x:e}, {y:e} is {far} ulp off: {:e} and not {:e}", ours(x, y), std(x, y));
}

macro_rules! of_one {
    ($($test:ident: $($function:ident $std:ident),*;)*) => {$(
        #[test]
        fn $test() {
            $(check($function, numbers().map(|x| (x, 0.0)), |x, _| x.$std());)*
        }
    )*};
}
of_one! {
    exponentials: Exp exp, Exp2 exp2, ExpM1 exp_m1;
    hyperbolic_functions: Sinh sinh, Cosh cosh, Tanh tanh;
    logarithms: Ln ln, Log2 log2, Log10 log10, Ln1p ln_1p;
    angles: Sin sin, Cos cos, Tan tan;
    inverse_functions: Asin asin, Acos acos, Atan atan;
    cube_roots: Cbrt cbrt;
}

#[test]
fn functions_of_two_numbers() {
    check(Powf, pairs(), f32::powf);
    check(Hypot, pairs(), f32::hypot);
    check(Atan2, pairs(), f32::atan2);
}

#[test]
fn remainders_are_exact() {
    let near = |(x, y): (f32, f32)| (x, f32::from_bits(x.to_bits() ^ (y.to_bits() >> 9)));
    for (x, y) in pairs().chain(pairs().map(near)) {
        assert_eq!(distance(super::roots::remainder(x, y), x % y), 0, "{x:e} % {y:e}");
    }
}

#[test]
fn powers_of_integers_are_stds() {
    for n in [0, 1, 2, 3, -1, -7, 30, i32::MIN, i32::MAX] {
        for x in edges() {
            let (ours, std) = (super::logarithms::powi(x, n), std::hint::black_box(x).powi(std::hint::black_box(n)));
            assert_eq!(distance(ours, std), 0, "{x:e} to the {n}: {ours:e} and not {std:e}");
        }
    }
}
