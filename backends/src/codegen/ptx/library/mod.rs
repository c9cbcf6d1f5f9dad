//! Functions of std that PTX has no instructions for, as kernel functions: their IR goes into kernels that call them.
//!
//! They are ordinary Rust, which the tests run on the host against std, over each function's whole range; on a device the same operations
//! give the same bits, since all of them round as IEEE 754 says. How far they are from std at most (whose own error is up to 2 ulp with
//! glibc) says [`bound`], which the tests hold them to. The functions here are those of `f64`; those of `f32` (`single`) have reductions and
//! polynomials of their own.

mod angles;
mod exponentials;
mod inverse;
mod link;
mod logarithms;
mod pairs;
mod roots;
mod single;
#[cfg(test)]
mod tests;

pub(super) use link::{NO_SITE, link};
pub use single::computed;

use landbridge::kernel;
use landbridge_core::ir::{MathFunction, Scalar};

/// Everything that is here, so that one module of IR has it.
#[kernel]
#[rustfmt::skip]
fn functions(x: &f64, y: &f64, n: &i32) -> [f64; 23] {
    let (x, y) = (*x, *y);
    [
        exponentials::exp(x), exponentials::exp2(x), exponentials::exp_m1(x), exponentials::sinh(x), exponentials::cosh(x),
        exponentials::tanh(x), logarithms::ln(x), logarithms::log2(x), logarithms::log10(x), logarithms::ln_1p(x),
        logarithms::powf(x, y), logarithms::powi(x, *n), roots::cbrt(x), roots::hypot(x, y), roots::remainder(x, y),
        angles::sin(x), angles::cos(x), angles::tan(x), inverse::asin(x), inverse::acos(x), inverse::atan(x),
        inverse::atan2(x, y), 0.0,
    ]
}

/// The name of the function here, of what is no instruction.
fn name(function: MathFunction) -> Option<&'static str> {
    use MathFunction::*;
    Some(match function {
        Exp => "exp",
        Exp2 => "exp2",
        ExpM1 => "exp_m1",
        Sinh => "sinh",
        Cosh => "cosh",
        Tanh => "tanh",
        Ln => "ln",
        Log2 => "log2",
        Log10 => "log10",
        Ln1p => "ln_1p",
        Powf => "powf",
        Powi => "powi",
        Cbrt => "cbrt",
        Hypot => "hypot",
        Sin => "sin",
        Cos => "cos",
        Tan => "tan",
        Asin => "asin",
        Acos => "acos",
        Atan => "atan",
        Atan2 => "atan2",
        _ => return None,
    })
}

/// How far at most a function is from std's, in ulp.
pub fn bound(function: MathFunction, scalar: Scalar) -> u32 {
    use MathFunction::*;
    match (function, scalar) {
        (Tan, Scalar::F32) => 3,
        (ExpM1 | Ln1p | Tanh | Sin | Cos | Asin, Scalar::F32) => 2,
        (Exp | Exp2 | ExpM1 | Ln | Log2 | Ln1p | Powf | Cbrt | Hypot | Sin | Cos | Asin | Acos | Atan, _) => 1,
        (Log10 | Atan2 | Tan | Sinh | Cosh, _) => 2,
        (Tanh, _) => 3,
        _ => 0,
    }
}
