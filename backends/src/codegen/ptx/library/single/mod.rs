//! The same functions of `f32`, in `f32`: cards for games have 32 to 64 times as many units for it as for `f64`.
//!
//! Where a polynomial is called minimax, its coefficients are E. Remez's for the least relative error, computed with 40 digits and rounded
//! one after the other; what is said of its error is that of the rounded ones, without the rounding of the operations.

mod angles;
mod exponentials;
mod inverse;
mod logarithms;
mod pairs;
mod roots;
#[cfg(test)]
mod tests;

use landbridge::kernel;
use landbridge_core::ir::MathFunction;

/// Everything that is here, so that one module of IR has it.
#[kernel]
#[rustfmt::skip]
pub(super) fn functions(x: &f32, y: &f32, n: &i32) -> [f32; 22] {
    let (x, y) = (*x, *y);
    [
        exponentials::exp(x), exponentials::exp2(x), exponentials::exp_m1(x), exponentials::sinh(x), exponentials::cosh(x),
        exponentials::tanh(x), logarithms::ln(x), logarithms::log2(x), logarithms::log10(x), logarithms::ln_1p(x),
        logarithms::powf(x, y), logarithms::powi(x, *n), roots::cbrt(x), roots::hypot(x, y), roots::remainder(x, y),
        angles::sin(x), angles::cos(x), angles::tan(x), inverse::asin(x), inverse::acos(x), inverse::atan(x),
        inverse::atan2(x, y),
    ]
}

/// What a function of `f32` gives on a device, computed here by the same operations; `None` if a device has an instruction for it.
pub fn computed(function: MathFunction, x: f32, y: f32, n: i32) -> Option<f32> {
    use MathFunction::*;
    Some(match function {
        Exp => exponentials::exp(x),
        Exp2 => exponentials::exp2(x),
        ExpM1 => exponentials::exp_m1(x),
        Sinh => exponentials::sinh(x),
        Cosh => exponentials::cosh(x),
        Tanh => exponentials::tanh(x),
        Ln => logarithms::ln(x),
        Log2 => logarithms::log2(x),
        Log10 => logarithms::log10(x),
        Ln1p => logarithms::ln_1p(x),
        Powf => logarithms::powf(x, y),
        Powi => logarithms::powi(x, n),
        Cbrt => roots::cbrt(x),
        Hypot => roots::hypot(x, y),
        Sin => angles::sin(x),
        Cos => angles::cos(x),
        Tan => angles::tan(x),
        Asin => inverse::asin(x),
        Acos => inverse::acos(x),
        Atan => inverse::atan(x),
        Atan2 => inverse::atan2(x, y),
        _ => return None,
    })
}
