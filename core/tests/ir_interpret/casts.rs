//! `as` from each type to each, and the same bits as another type.

use landbridge_core::ir::{Op, Scalar};

use super::{Number, check_1, kernel, operation, run};
use landbridge_core::ir::interpret::InterpretArgument;

macro_rules! casts {
    ($($From:ident)*; $to:tt) => {$( casts_from! { $From $to } )*};
}
macro_rules! casts_from {
    ($From:ident [$($To:ident)*]) => {
        #[test]
        fn $From() {
            $(
                let module = operation(&[<$From>::SCALAR], <$To>::SCALAR, |v| Op::Cast(v[0]));
                check_1(&module, |a: $From| Some(a as $To));
            )*
        }
    };
}

mod of_numbers {
    use super::*;
    casts! {
        i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64;
        [i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64]
    }
}

mod of_bool {
    use super::*;
    casts! { bool; [i8 i16 i32 i64 isize u8 u16 u32 u64 usize] }
}

/// Values between those of the types' edges: where rounding and saturating begin.
#[test]
fn floats_at_the_borders_of_integers() {
    macro_rules! borders {
        ($F:ident; $($I:ident)*) => {$(
            let module = operation(&[$F::SCALAR], $I::SCALAR, |v| Op::Cast(v[0]));
            for border in [$I::MIN as $F, $I::MAX as $F, 0.0, ($I::MAX / 2) as $F] {
                for value in [border.next_down(), border, border.next_up(), border + 0.5, border - 0.5] {
                    let is = run::<$I>(&module, &[InterpretArgument::value(&value)]);
                    assert_eq!(is, Ok(value as $I), "{value}");
                }
            }
        )*};
    }
    borders! { f32; i8 i16 i32 i64 isize u8 u16 u32 u64 usize }
    borders! { f64; i8 i16 i32 i64 isize u8 u16 u32 u64 usize }
}

#[test]
fn integers_round_to_even_floats() {
    for value in [(1_u64 << 24) + 1, (1 << 24) + 3, (1 << 53) + 1, (1 << 53) + 3, u64::MAX - 1, (1 << 40) + (1 << 15)] {
        let to_f32 = operation(&[Scalar::U64], Scalar::F32, |v| Op::Cast(v[0]));
        assert_eq!(run::<f32>(&to_f32, &[InterpretArgument::value(&value)]), Ok(value as f32));
        let to_f64 = operation(&[Scalar::U64], Scalar::F64, |v| Op::Cast(v[0]));
        assert_eq!(run::<f64>(&to_f64, &[InterpretArgument::value(&value)]), Ok(value as f64));
    }
}

#[test]
fn same_bits() {
    macro_rules! same_bits {
        ($($A:ident $B:ident $rust:expr;)*) => {$(
            let module = operation(&[$A::SCALAR], $B::SCALAR, |v| Op::Bitcast(v[0]));
            for a in $A::edges() {
                let is = run::<$B>(&module, &[InterpretArgument::value(&a)]).unwrap();
                let rust: fn($A) -> $B = $rust;
                assert_eq!(is.to_ne_bytes(), rust(a).to_ne_bytes(), "{a:?}");
            }
        )*};
    }
    same_bits! {
        i8 u8 |a| a as u8;
        u16 i16 |a| a as i16;
        f32 u32 f32::to_bits;
        u32 f32 f32::from_bits;
        i32 f32 |a| f32::from_bits(a as u32);
        f64 u64 f64::to_bits;
        u64 f64 f64::from_bits;
        f64 isize |a| a.to_bits() as isize;
        usize i64 |a| a as i64;
    }
}

#[test]
fn a_choice_takes_one_of_two() {
    let module = kernel(&[Scalar::Bool, Scalar::I64, Scalar::I64], Scalar::I64, |b, v, ty| {
        b.value(ty, Op::Select { condition: v[0], accept: v[1], reject: v[2] })
    });
    for (condition, wanted) in [(true, -5), (false, 7)] {
        let (accept, reject) = (-5_i64, 7_i64);
        let arguments = [
            InterpretArgument::value(&condition),
            InterpretArgument::value(&accept),
            InterpretArgument::value(&reject),
        ];
        assert_eq!(run::<i64>(&module, &arguments), Ok(wanted));
    }
}
