//! Operators on numbers: values, overflow, types of literals.

use crate::support::*;
use landbridge_core::ast::{Expr, Operator};

const INTS: [i32; 9] = [0, 1, -1, 2, 7, -13, 1 << 20, i32::MAX, i32::MIN];

type Checked = fn(i32, i32) -> Option<i32>;
type Wrapping = fn(i32, i32) -> i32;

#[test]
fn integer_arithmetic_is_rusts_in_both_overflow_modes() {
    let cases: [(Operator, Checked, Wrapping, &str); 3] = [
        (Operator::Add, i32::checked_add, i32::wrapping_add, "attempt to add with overflow"),
        (Operator::Sub, i32::checked_sub, i32::wrapping_sub, "attempt to subtract with overflow"),
        (Operator::Mul, i32::checked_mul, i32::wrapping_mul, "attempt to multiply with overflow"),
    ];
    for (op, checked, wrapping, message) in cases {
        let debug = Pairwise::new::<i32, i32, i32>(true, |_, x, y| binary(op, x, y));
        let release = Pairwise::new::<i32, i32, i32>(false, |_, x, y| binary(op, x, y));
        for (x, y) in INTS.into_iter().flat_map(|x| INTS.map(|y| (x, y))) {
            assert_eq!(debug.run(x, y), checked(x, y).ok_or((message.into(), 42)), "{x} {op:?} {y}");
            assert_eq!(release.run(x, y), Ok(wrapping(x, y)), "{x} {op:?} {y}");
        }
    }
}

#[test]
fn division_panics_in_both_modes() {
    for checks in [true, false] {
        let divide = Pairwise::new::<i32, i32, i32>(checks, |_, x, y| binary(Operator::Div, x, y));
        let rest = Pairwise::new::<i32, i32, i32>(checks, |_, x, y| binary(Operator::Rem, x, y));
        for (x, y) in INTS.into_iter().flat_map(|x| INTS.map(|y| (x, y))) {
            let panic = |zero: &str, overflow: &str| (if y == 0 { zero } else { overflow }.to_string(), 42);
            let expected =
                x.checked_div(y).ok_or(panic("attempt to divide by zero", "attempt to divide with overflow"));
            assert_eq!(divide.run(x, y), expected);
            let expected = x.checked_rem(y).ok_or(panic(
                "attempt to calculate the remainder with a divisor of zero",
                "attempt to calculate the remainder with overflow",
            ));
            assert_eq!(rest.run(x, y), expected);
        }
    }
}

#[test]
fn shifts_check_or_mask_their_count() {
    let debug = Pairwise::new::<i32, u32, i32>(true, |_, x, y| binary(Operator::Shl, x, y));
    let release = Pairwise::new::<i32, u32, i32>(false, |_, x, y| binary(Operator::Shr, x, y));
    for (x, y) in INTS.into_iter().flat_map(|x| [0, 1, 31, 32, 33, u32::MAX].map(|y| (x, y))) {
        let expected = x.checked_shl(y).ok_or(("attempt to shift left with overflow".into(), 42));
        assert_eq!(debug.run(x, y), expected);
        assert_eq!(release.run(x, y), Ok(x.wrapping_shr(y)));
    }
}

#[test]
fn unsuffixed_literals_take_the_type_of_the_other_operand() {
    // 2 * (x - 1) + y / 3
    let kernel = Pairwise::new::<u64, u64, u64>(true, |_, x, y| {
        let left = binary(Operator::Mul, int(2), binary(Operator::Sub, x, int(1)));
        binary(Operator::Add, left, binary(Operator::Div, y, int(3)))
    });
    assert_eq!(kernel.run(1_u64 << 40, 10_u64), Ok((1_u64 << 41) - 2 + 3));
    // (1.5 + x) * 0.1 in f32 is not the same as in f64
    let kernel = Pairwise::new::<f32, f32, f32>(true, |_, x, _| {
        binary(Operator::Mul, binary(Operator::Add, float("1.5"), x), float("0.1"))
    });
    assert_eq!(kernel.run(0.3_f32, 0_f32), Ok((1.5 + 0.3_f32) * 0.1));
}

#[test]
fn negative_literals_reach_the_smallest_value() {
    let kernel = Pairwise::new::<i64, i64, i64>(true, |_, x, _| binary(Operator::Add, x, negate(int(1 << 63))));
    assert_eq!(kernel.run(5_i64, 0_i64), Ok(i64::MIN + 5));
    let kernel = Pairwise::new::<i32, i32, i32>(true, |_, x, _| negate(x));
    assert_eq!(kernel.run::<_, _, i32>(i32::MIN, 0_i32), Err(("attempt to negate with overflow".to_string(), 9)));
    assert_eq!(kernel.run(17_i32, 0_i32), Ok(-17));
}

#[test]
fn lazy_operators_evaluate_their_right_side_only_when_needed() {
    // y != 0 && x / y > 2
    let kernel = Pairwise::new::<u32, u32, bool>(true, |_, x, y| {
        let quotient = binary(Operator::Greater, binary(Operator::Div, x, y), int(2));
        binary(Operator::LazyAnd, binary(Operator::NotEqual, y, int(0)), quotient)
    });
    assert_eq!(kernel.run(9_u32, 0_u32), Ok(false));
    assert_eq!(kernel.run(9_u32, 3_u32), Ok(true));
    // y == 0 || x % y == 1
    let kernel = Pairwise::new::<u32, u32, bool>(true, |_, x, y| {
        let rest = binary(Operator::Equal, binary(Operator::Rem, x, y), int(1));
        binary(Operator::LazyOr, binary(Operator::Equal, y, int(0)), rest)
    });
    for (x, y) in [(9_u32, 0_u32), (9, 4), (9, 3)] {
        assert_eq!(kernel.run(x, y), Ok(y == 0 || x % y == 1));
    }
}

#[test]
fn casts_saturate_truncate_and_extend() {
    fn cast<A: landbridge_core::types::TypeInfo, B: landbridge_core::types::TypeInfo>() -> Pairwise {
        Pairwise::new::<A, A, B>(true, |f, x, _| Expr::Cast(leak(x), f.ty::<B>()))
    }
    for x in [0.0, -1.5, 3e9, 1e30, -1e30, f32::NAN, f32::INFINITY] {
        assert_eq!(cast::<f32, i32>().run(x, x), Ok(x as i32));
        assert_eq!(cast::<f32, u8>().run(x, x), Ok(x as u8));
    }
    for x in INTS {
        assert_eq!(cast::<i32, u64>().run(x, x), Ok(x as u64));
        assert_eq!(cast::<i32, u8>().run(x, x), Ok(x as u8));
        assert_eq!(cast::<i32, f32>().run(x, x), Ok(x as f32));
    }
    assert_eq!(cast::<bool, u32>().run(true, true), Ok(1_u32));
}

#[test]
fn long_expressions_need_no_large_stack() {
    let kernel = Pairwise::new::<u32, u32, u32>(true, |_, x, y| {
        let sum = (0..400).fold(x, |sum, k| binary(Operator::Add, sum, binary(Operator::Mul, y, int(k))));
        (0..100).fold(sum, |e, k| if_else(binary(Operator::Equal, x, int(1000 + k)), int(k), e))
    });
    assert_eq!(kernel.run(5_u32, 2_u32), Ok(5 + 400 * 399));
    assert_eq!(kernel.run(1042_u32, 2_u32), Ok(42_u32));
}
