//! Functions of std on scalars.

use super::scalar::{integer_bits, with_integer};
use crate::ir::{MathFunction, Scalar};

/// The result's bits; `arguments` are the arguments' bits, as many as the function takes.
pub(super) fn math(function: MathFunction, scalar: Scalar, arguments: &[u64]) -> u64 {
    let argument = |k: usize| arguments.get(k).copied().unwrap_or(0);
    let [a, b, c] = [argument(0), argument(1), argument(2)];
    match scalar {
        Scalar::F32 => {
            let float = |bits: u64| f32::from_bits(bits as u32);
            let [x, y, z] = [float(a), float(b), float(c)];
            u64::from(float32(function, x, y, z, b as i32).to_bits())
        }
        Scalar::F64 => {
            let [x, y, z] = [f64::from_bits(a), f64::from_bits(b), f64::from_bits(c)];
            float64(function, x, y, z, b as i32).to_bits()
        }
        _ => integer(function, scalar, a, b),
    }
}

macro_rules! float_functions {
    ($name:ident, $F:ty) => {
        fn $name(function: MathFunction, x: $F, y: $F, z: $F, n: i32) -> $F {
            match function {
                MathFunction::Sqrt => x.sqrt(),
                MathFunction::Abs => x.abs(),
                MathFunction::Floor => x.floor(),
                MathFunction::Ceil => x.ceil(),
                MathFunction::Round => x.round(),
                MathFunction::RoundTiesEven => x.round_ties_even(),
                MathFunction::Trunc => x.trunc(),
                MathFunction::Exp => x.exp(),
                MathFunction::Exp2 => x.exp2(),
                MathFunction::ExpM1 => x.exp_m1(),
                MathFunction::Ln => x.ln(),
                MathFunction::Log2 => x.log2(),
                MathFunction::Log10 => x.log10(),
                MathFunction::Ln1p => x.ln_1p(),
                MathFunction::Cbrt => x.cbrt(),
                MathFunction::Sin => x.sin(),
                MathFunction::Cos => x.cos(),
                MathFunction::Tan => x.tan(),
                MathFunction::Asin => x.asin(),
                MathFunction::Acos => x.acos(),
                MathFunction::Atan => x.atan(),
                MathFunction::Sinh => x.sinh(),
                MathFunction::Cosh => x.cosh(),
                MathFunction::Tanh => x.tanh(),
                MathFunction::Atan2 => x.atan2(y),
                MathFunction::Powf => x.powf(y),
                MathFunction::Hypot => x.hypot(y),
                MathFunction::Copysign => x.copysign(y),
                MathFunction::MulAdd => x.mul_add(y, z),
                MathFunction::Powi => x.powi(n),
                MathFunction::Min => x.min(y),
                MathFunction::Max => x.max(y),
                MathFunction::CountOnes
                | MathFunction::LeadingZeros
                | MathFunction::TrailingZeros
                | MathFunction::ReverseBits
                | MathFunction::SwapBytes
                | MathFunction::RotateLeft
                | MathFunction::RotateRight => {
                    unreachable!("verify allows these only on integers")
                }
            }
        }
    };
}
float_functions!(float32, f32);
float_functions!(float64, f64);

fn integer(function: MathFunction, scalar: Scalar, a: u64, b: u64) -> u64 {
    with_integer!(scalar, T => {
        let (x, count) = (a as T, b as u32);
        let result = match function {
            MathFunction::CountOnes => return x.count_ones().into(),
            MathFunction::LeadingZeros => return x.leading_zeros().into(),
            MathFunction::TrailingZeros => return x.trailing_zeros().into(),
            MathFunction::Min => x.min(b as T),
            MathFunction::Max => x.max(b as T),
            MathFunction::ReverseBits => x.reverse_bits(),
            MathFunction::SwapBytes => x.swap_bytes(),
            MathFunction::RotateLeft => x.rotate_left(count),
            MathFunction::RotateRight => x.rotate_right(count),
            _ => unreachable!("verify allows the others only on floats"),
        };
        integer_bits(scalar, i128::from(result))
    })
}
