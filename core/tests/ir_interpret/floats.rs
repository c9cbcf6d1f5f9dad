//! Floats: arithmetic, comparisons, functions. All NaNs count as the same.

use landbridge_core::ir::{BinaryOp, Constant, MathFunction, Op, Scalar, UnaryOp};

use super::integers::{binary, comparisons, math, unary};
use super::{Number, check_1, check_2, operation, run};
use landbridge_core::ir::interpret::InterpretArgument;

macro_rules! float_tests {
    ($($T:ident $C:ident)*) => {$(
        mod $T {
            use super::*;

            #[test]
            fn arithmetic() {
                let two = |op, rust: fn($T, $T) -> $T| {
                    check_2(&binary::<$T, $T, $T>(op, None), |a, b| Some(rust(a, b)));
                };
                two(BinaryOp::Add, |a, b| a + b);
                two(BinaryOp::Sub, |a, b| a - b);
                two(BinaryOp::Mul, |a, b| a * b);
                two(BinaryOp::Div, |a, b| a / b);
                two(BinaryOp::Rem, |a, b| a % b);
                check_1(&unary::<$T>(UnaryOp::Neg, None), |a: $T| Some(-a));
            }

            #[test]
            fn comparisons() {
                super::comparisons::<$T>();
            }

            #[test]
            fn functions() {
                use MathFunction::*;
                let table: [(MathFunction, fn($T) -> $T); 24] = [
                    (Sqrt, $T::sqrt), (Abs, $T::abs), (Floor, $T::floor), (Ceil, $T::ceil), (Round, $T::round),
                    (RoundTiesEven, $T::round_ties_even), (Trunc, $T::trunc), (Exp, $T::exp), (Exp2, $T::exp2),
                    (ExpM1, $T::exp_m1), (Ln, $T::ln), (Log2, $T::log2), (Log10, $T::log10), (Ln1p, $T::ln_1p),
                    (Cbrt, $T::cbrt), (Sin, $T::sin), (Cos, $T::cos), (Tan, $T::tan), (Asin, $T::asin),
                    (Acos, $T::acos), (Atan, $T::atan), (Sinh, $T::sinh), (Cosh, $T::cosh), (Tanh, $T::tanh),
                ];
                for (function, rust) in table {
                    check_1(&math::<$T>(function, &[<$T>::SCALAR]), |a| Some(rust(a)));
                }
                let table: [(MathFunction, fn($T, $T) -> $T); 6] = [
                    (Atan2, $T::atan2), (Powf, $T::powf), (Hypot, $T::hypot), (Copysign, $T::copysign),
                    (Min, $T::min), (Max, $T::max),
                ];
                for (function, rust) in table {
                    check_2(&math::<$T>(function, &[<$T>::SCALAR; 2]), |a, b| Some(rust(a, b)));
                }
                check_2(&math::<$T>(Powi, &[<$T>::SCALAR, Scalar::I32]), |a: $T, n| Some(a.powi(n)));
            }

            #[test]
            fn multiply_and_add_rounds_once() {
                let module = math::<$T>(MathFunction::MulAdd, &[<$T>::SCALAR; 3]);
                for a in <$T>::edges() {
                    for b in <$T>::edges() {
                        for c in [0.0, -0.1, 1.0 / 3.0, $T::INFINITY, $T::NAN] {
                            let arguments = [&a, &b, &c].map(InterpretArgument::value);
                            let is = run::<$T>(&module, &arguments).unwrap();
                            assert!(is.same(a.mul_add(b, c)), "{a} {b} {c}: {is}");
                        }
                    }
                }
            }

            #[test]
            fn constants() {
                for value in <$T>::edges() {
                    let constant = Op::Constant(Constant::$C(value.to_bits()));
                    let is = run::<$T>(&operation(&[], <$T>::SCALAR, |_| constant), &[]).unwrap();
                    assert_eq!(is.to_bits(), value.to_bits());
                }
            }
        }
    )*};
}

float_tests! { f32 F32 f64 F64 }
