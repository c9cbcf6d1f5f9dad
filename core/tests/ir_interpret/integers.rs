//! Integers and `bool`: arithmetic, bits, comparisons, functions, atomics.

use landbridge_core::ir::interpret::{InterpretArgument, InterpretLaunch};
use landbridge_core::ir::{
    AtomicOp, BinaryOp, CompareOp, Constant, LocalId, MathFunction, Module, Op, PanicKind, Parameter, Role, Scalar,
    Statement, Type, UnaryOp, interpret,
};

use super::{Number, check_1, check_2, empty, operation, run, site};

pub(crate) fn binary<A: Number, B: Number, R: Number>(op: BinaryOp, kind: Option<PanicKind>) -> Module {
    let site = kind.map(|kind| site(&kind));
    operation(&[A::SCALAR, B::SCALAR], R::SCALAR, |v| Op::Binary { op, left: v[0], right: v[1], site })
}

pub(crate) fn unary<A: Number>(op: UnaryOp, kind: Option<PanicKind>) -> Module {
    let site = kind.map(|kind| site(&kind));
    operation(&[A::SCALAR], A::SCALAR, |v| Op::Unary { op, operand: v[0], site })
}

pub(crate) fn math<R: Number>(function: MathFunction, parameters: &[Scalar]) -> Module {
    operation(parameters, R::SCALAR, |v| Op::Math { function, arguments: v.to_vec() })
}

/// All comparisons of a type, which Rust can compare, too.
pub(crate) fn comparisons<A: Number + PartialOrd>() {
    let compare = |op, rust: fn(&A, &A) -> bool| {
        let module = operation(&[A::SCALAR; 2], Scalar::Bool, |v| Op::Compare { op, left: v[0], right: v[1] });
        check_2(&module, |a: A, b: A| Some(rust(&a, &b)));
    };
    compare(CompareOp::Equal, A::eq);
    compare(CompareOp::NotEqual, A::ne);
    compare(CompareOp::Less, A::lt);
    compare(CompareOp::LessEqual, A::le);
    compare(CompareOp::Greater, A::gt);
    compare(CompareOp::GreaterEqual, A::ge);
}

macro_rules! integer_tests {
    ($($T:ident)*) => {$(
        mod $T {
            use super::*;

            #[test]
            fn arithmetic() {
                let wrapping = |op, rust: fn($T, $T) -> $T| {
                    check_2(&binary::<$T, $T, $T>(op, None), |a, b| Some(rust(a, b)));
                };
                wrapping(BinaryOp::Add, $T::wrapping_add);
                wrapping(BinaryOp::Sub, $T::wrapping_sub);
                wrapping(BinaryOp::Mul, $T::wrapping_mul);
                wrapping(BinaryOp::And, |a, b| a & b);
                wrapping(BinaryOp::Or, |a, b| a | b);
                wrapping(BinaryOp::Xor, |a, b| a ^ b);
                let checked = |op, kind, rust: fn($T, $T) -> Option<$T>| {
                    check_2(&binary::<$T, $T, $T>(op, Some(kind)), rust);
                };
                checked(BinaryOp::Add, PanicKind::AddOverflow, $T::checked_add);
                checked(BinaryOp::Sub, PanicKind::SubOverflow, $T::checked_sub);
                checked(BinaryOp::Mul, PanicKind::MulOverflow, $T::checked_mul);
                checked(BinaryOp::Div, PanicKind::Division, $T::checked_div);
                checked(BinaryOp::Rem, PanicKind::Remainder, $T::checked_rem);
            }

            #[test]
            fn divisions_say_what_went_wrong() {
                for (op, kind) in [(BinaryOp::Div, PanicKind::Division), (BinaryOp::Rem, PanicKind::Remainder)] {
                    let module = binary::<$T, $T, $T>(op, Some(kind));
                    let panic = |a: $T, b: $T| {
                        let arguments = [InterpretArgument::value(&a), InterpretArgument::value(&b)];
                        run::<$T>(&module, &arguments).map_err(|panic| panic.values)
                    };
                    assert_eq!(panic(1, 0), Err(vec![0]));
                    if $T::MIN != 0 {
                        assert_eq!(panic($T::MIN, (0 as $T).wrapping_sub(1)), Err(vec![1]));
                    }
                }
            }

            #[test]
            fn negation() {
                check_1(&unary::<$T>(UnaryOp::Not, None), |a: $T| Some(!a));
                if $T::MIN != 0 {
                    check_1(&unary::<$T>(UnaryOp::Neg, None), |a: $T| Some(a.wrapping_neg()));
                    check_1(&unary::<$T>(UnaryOp::Neg, Some(PanicKind::NegOverflow)), $T::checked_neg);
                }
            }

            #[test]
            fn shifts() {
                shifts_by!($T; i8 i16 i32 i64 isize u8 u16 u32 u64 usize);
            }

            #[test]
            fn comparisons() {
                super::comparisons::<$T>();
            }

            #[test]
            fn functions() {
                let scalar = <$T>::SCALAR;
                let to_u32 = |function, rust: fn($T) -> u32| {
                    check_1(&math::<u32>(function, &[scalar]), |a| Some(rust(a)));
                };
                to_u32(MathFunction::CountOnes, $T::count_ones);
                to_u32(MathFunction::LeadingZeros, $T::leading_zeros);
                to_u32(MathFunction::TrailingZeros, $T::trailing_zeros);
                let one = |function, rust: fn($T) -> $T| {
                    check_1(&math::<$T>(function, &[scalar]), |a| Some(rust(a)));
                };
                one(MathFunction::ReverseBits, $T::reverse_bits);
                one(MathFunction::SwapBytes, $T::swap_bytes);
                let rotate = |function, rust: fn($T, u32) -> $T| {
                    check_2(&math::<$T>(function, &[scalar, Scalar::U32]), |a, b| Some(rust(a, b)));
                };
                rotate(MathFunction::RotateLeft, $T::rotate_left);
                rotate(MathFunction::RotateRight, $T::rotate_right);
                let two = |function, rust: fn($T, $T) -> $T| {
                    check_2(&math::<$T>(function, &[scalar; 2]), |a, b| Some(rust(a, b)));
                };
                two(MathFunction::Min, Ord::min);
                two(MathFunction::Max, Ord::max);
            }

            #[test]
            fn constants() {
                for value in <$T>::edges() {
                    let constant = Op::Constant(Constant::Int(value as i128));
                    assert_eq!(run::<$T>(&operation(&[], <$T>::SCALAR, |_| constant), &[]), Ok(value));
                }
            }
        }
    )*};
}

macro_rules! shifts_by {
    ($T:ident; $($C:ident)*) => {$(
        check_2(&binary::<$T, $C, $T>(BinaryOp::Shl, None), |a: $T, b: $C| Some(a.wrapping_shl(b as u32)));
        check_2(&binary::<$T, $C, $T>(BinaryOp::Shr, None), |a: $T, b: $C| Some(a.wrapping_shr(b as u32)));
        check_2(&binary::<$T, $C, $T>(BinaryOp::Shl, Some(PanicKind::ShlOverflow)), |a: $T, b: $C| {
            a.checked_shl(u32::try_from(b).ok()?)
        });
        check_2(&binary::<$T, $C, $T>(BinaryOp::Shr, Some(PanicKind::ShrOverflow)), |a: $T, b: $C| {
            a.checked_shr(u32::try_from(b).ok()?)
        });
    )*};
}

integer_tests! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

#[test]
fn bool_operations() {
    let two = |op, rust: fn(bool, bool) -> bool| {
        check_2(&binary::<bool, bool, bool>(op, None), |a, b| Some(rust(a, b)));
    };
    two(BinaryOp::And, |a, b| a & b);
    two(BinaryOp::Or, |a, b| a | b);
    two(BinaryOp::Xor, |a, b| a ^ b);
    check_1(&unary::<bool>(UnaryOp::Not, None), |a: bool| Some(!a));
    comparisons::<bool>();
    for value in [false, true] {
        let constant = Op::Constant(Constant::Bool(value));
        assert_eq!(run::<bool>(&operation(&[], Scalar::Bool, |_| constant), &[]), Ok(value));
    }
}

/// A kernel with one atomic parameter that applies an operation to its first element and returns the result.
fn atomic_kernel(scalar: Scalar, op: AtomicOp, arguments: &[i128]) -> Module {
    let mut module = empty();
    let (ty, usize) = (module.types.scalar(scalar), module.types.scalar(Scalar::Usize));
    let atomic = module.types.intern(Type::Atomic(scalar));
    let (pointer_ty, slice, unit) = (module.types.pointer(atomic), module.types.slice(atomic), module.types.unit());
    let mut b = landbridge_core::ir::builder::FunctionBuilder::new(&mut module, "atomic", &[("h", slice)], ty);
    let base = b.get(LocalId(0));
    let index = b.value(usize, Op::Constant(Constant::Int(0)));
    let element = Op::Element { base, index, site: site(&PanicKind::IndexOutOfBounds) };
    let pointer = b.value(pointer_ty, element);
    let arguments: Vec<_> = arguments.iter().map(|value| b.integer(scalar, *value)).collect();
    let result = if op == AtomicOp::Store { unit } else { ty };
    let mut result = b.value(result, Op::Atomic { op, pointer, arguments });
    if op == AtomicOp::Store {
        result = b.integer(scalar, 0);
    }
    b.push(Statement::Return(Some(result)));
    let function = b.finish();
    module.functions.push(function);
    module.parameters.push(Parameter { name: "h".into(), role: Role::Atomics, ty: atomic });
    module
}

macro_rules! atomic_tests {
    ($($T:ident)*) => {$(
        #[test]
        fn $T() {
            let check = |op, arguments: &[$T], old: $T, wanted: $T| {
                let values: Vec<i128> = arguments.iter().map(|value| i128::from(*value)).collect();
                let module = atomic_kernel(<$T>::SCALAR, op, &values);
                let (mut memory, mut result) = ([old, 77], 0 as $T);
                let arguments = [InterpretArgument::exclusive(&mut memory)];
                let launch = InterpretLaunch::items(1);
                // SAFETY: the slice is of the atomic's type and borrowed exclusively; `result` is of the result's type.
                let outcome = unsafe { interpret(&module, &arguments, &launch, (&raw mut result).cast()) };
                assert_eq!(outcome, Ok(()));
                let gives = if op == AtomicOp::Store { 0 } else { old };
                assert_eq!((memory, result), ([wanted, 77], gives), "{op:?} of {old} with {values:?}");
            };
            for a in $T::edges() {
                check(AtomicOp::Load, &[], a, a);
                for b in $T::edges() {
                    check(AtomicOp::Store, &[b], a, b);
                    check(AtomicOp::Exchange, &[b], a, b);
                    check(AtomicOp::Add, &[b], a, a.wrapping_add(b));
                    check(AtomicOp::Sub, &[b], a, a.wrapping_sub(b));
                    check(AtomicOp::Min, &[b], a, a.min(b));
                    check(AtomicOp::Max, &[b], a, a.max(b));
                    check(AtomicOp::And, &[b], a, a & b);
                    check(AtomicOp::Or, &[b], a, a | b);
                    check(AtomicOp::Xor, &[b], a, a ^ b);
                    check(AtomicOp::CompareExchange, &[a, b], a, b);
                    if a != b {
                        check(AtomicOp::CompareExchange, &[b, 5], a, a);
                    }
                }
            }
        }
    )*};
}

mod atomics {
    use super::*;
    atomic_tests! { u32 i32 u64 i64 }
}
