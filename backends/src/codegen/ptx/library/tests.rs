//! The library's functions against std's: at points of every size, near where something special happens, and at all special values.

use landbridge_core::ir::MathFunction::{self, *};
use landbridge_core::ir::Scalar;

use super::{angles, bound, exponentials, inverse, logarithms, roots};

const POINTS: u32 = 40_000;

/// The next number of the SplitMix64 sequence.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const SPECIAL: [f64; 22] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    3.0,
    -2.0,
    -3.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e300,
    709.79,
    -745.1,
    4_503_599_627_370_497.0,
];

/// Numbers of all sizes, and those between -`reach` and `reach`.
fn points(reach: f64) -> impl Iterator<Item = f64> {
    let mut state = 7;
    let drawn = (0..POINTS).map(move |k| match k % 3 {
        0 => f64::from_bits(random(&mut state)),
        1 => (random(&mut state) as f64 / u64::MAX as f64 * 2.0 - 1.0) * reach,
        // Near 1, and near multiples of pi / 2.
        _ => {
            let near = random(&mut state) as f64 / u64::MAX as f64 * 2.0 - 1.0;
            let step = (random(&mut state) % 1000) as f64;
            if k % 2 == 0 { 1.0 + near * 1e-3 } else { step * std::f64::consts::FRAC_PI_2 + near * 1e-7 }
        }
    });
    SPECIAL.into_iter().chain(drawn)
}

/// Steps between two numbers; 0 for two NaNs.
fn distance(a: f64, b: f64) -> u64 {
    let place = |x: f64| if x.is_sign_negative() { -((x.to_bits() << 1 >> 1) as i64) } else { x.to_bits() as i64 };
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) if (a == 0.0 && b == 0.0) && a.is_sign_negative() != b.is_sign_negative() => u64::MAX,
        (false, false) => place(a).abs_diff(place(b)),
        _ => u64::MAX,
    }
}

/// Holds a function to its bound.
fn check(function: MathFunction, arguments: impl Iterator<Item = (f64, f64)>, both: impl Fn(f64, f64) -> (f64, f64)) {
    let mut worst = (0, 0.0, 0.0);
    for (x, y) in arguments {
        let (ours, std) = both(x, y);
        let far = distance(ours, std);
        if far > worst.0 {
            worst = (far, x, y);
        }
    }
    let (far, x, y) = worst;
    println!("{function:?}: {far} ulp");
    let (ours, std) = both(x, y);
    assert!(
        far <= bound(function, Scalar::F64).into(),
        "{function:?} of {x:e}, {y:e} is {far} ulp off: {ours:e} and not {std:e}"
    );
}

fn one(function: MathFunction, reach: f64, ours: impl Fn(f64) -> f64, std: impl Fn(f64) -> f64) {
    check(function, points(reach).map(|x| (x, 0.0)), |x, _| (ours(x), std(x)));
}

#[test]
fn exponentials_are_within_their_bounds() {
    one(Exp, 750.0, exponentials::exp, f64::exp);
    one(Exp2, 1080.0, exponentials::exp2, f64::exp2);
    one(ExpM1, 40.0, exponentials::exp_m1, f64::exp_m1);
    one(Sinh, 30.0, exponentials::sinh, f64::sinh);
    one(Cosh, 711.0, exponentials::cosh, f64::cosh);
    one(Tanh, 3.0, exponentials::tanh, f64::tanh);
}

#[test]
fn logarithms_are_within_their_bounds() {
    one(Ln, 10.0, logarithms::ln, f64::ln);
    one(Log2, 10.0, logarithms::log2, f64::log2);
    one(Log10, 1e6, logarithms::log10, f64::log10);
    one(Ln1p, 1.0, logarithms::ln_1p, f64::ln_1p);
}

#[test]
fn angles_are_within_their_bounds() {
    for reach in [2.0, 1e6, 1e12, 1e22] {
        one(Sin, reach, angles::sin, f64::sin);
        one(Cos, reach, angles::cos, f64::cos);
        one(Tan, reach, angles::tan, f64::tan);
    }
}

#[test]
fn inverse_functions_are_within_their_bounds() {
    one(Asin, 1.0, inverse::asin, f64::asin);
    one(Acos, 1.0, inverse::acos, f64::acos);
    one(Atan, 4.0, inverse::atan, f64::atan);
    let pairs = || points(3.0).zip(points(2.0).skip(11));
    check(Atan2, all_pairs().chain(pairs()), |x, y| (inverse::atan2(x, y), x.atan2(y)));
}

/// All special values with each other.
fn all_pairs() -> impl Iterator<Item = (f64, f64)> {
    SPECIAL.into_iter().flat_map(|x| SPECIAL.into_iter().map(move |y| (x, y)))
}

#[test]
fn powers_are_within_their_bounds() {
    let (mut state, mut count) = (3, 0);
    let usual = std::iter::from_fn(|| {
        count += 1;
        let x = random(&mut state) as f64 / u64::MAX as f64 * 10.0;
        let y = (random(&mut state) as f64 / u64::MAX as f64 - 0.5) * 600.0;
        (count < POINTS).then_some((x, y))
    });
    check(Powf, all_pairs().chain(usual), |x, y| (logarithms::powf(x, y), x.powf(y)));
    let any = points(1000.0).zip(points(30.0).skip(5));
    check(Powf, any, |x, y| (logarithms::powf(x, y), x.powf(y)));
    for n in [0, 1, 2, 3, -1, -7, 30, i32::MIN, i32::MAX] {
        let ours = logarithms::powi(1.01, n);
        let std = 1.01_f64.powi(n);
        assert!(distance(ours, std) <= 2, "{n}: {ours:e} and not {std:e}");
    }
}

#[test]
fn roots_and_remainders_are_within_their_bounds() {
    one(Cbrt, 1000.0, roots::cbrt, f64::cbrt);
    let pairs = || points(1e3).zip(points(1e3).skip(7));
    check(Hypot, all_pairs().chain(pairs()), |x, y| (roots::hypot(x, y), x.hypot(y)));
    let near = |(x, y): (f64, f64)| (x, f64::from_bits(x.to_bits() ^ (y.to_bits() >> 9)));
    for pairs in [all_pairs().collect::<Vec<_>>(), pairs().collect(), pairs().map(near).collect()] {
        for (x, y) in pairs {
            assert_eq!(distance(roots::remainder(x, y), x % y), 0, "{x:e} % {y:e}");
        }
    }
}

/// Every function becomes text that reports nothing.
#[test]
fn no_function_panics_on_a_device() {
    use super::super::{Mode, PtxTarget, generate};
    let modules = [
        super::functions(&[0.0], &[0.0], &[0]).definition().module(),
        super::single::functions(&[0.0], &[0.0], &[0]).definition().module(),
    ];
    for module in modules {
        // Its own sites are checked there; as a library they are not.
        let kernel = generate(module.expect("it lowers"), &PtxTarget::default(), Mode::Collect);
        assert!(kernel.is_ok(), "{kernel:?}");
    }
}
