//! What a panic says is what Rust itself says.

use std::hint::black_box;
use std::panic::catch_unwind;

use landbridge_core::ir::{PanicKind, Piece, Scalar};

/// Rust's own message for a panic.
fn rust<R>(code: impl FnOnce() -> R + std::panic::UnwindSafe) -> String {
    let payload = catch_unwind(code).map(|_| "returns").expect_err("panics");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&str>().map(|text| text.to_string()).expect("a text"),
    }
}

#[test]
fn messages_are_those_of_rust() {
    let array = black_box([1_u32, 2, 3]);
    let [zero, minus_one, eight] = black_box([0_i32, -1, 8]);
    let cases = [
        (PanicKind::IndexOutOfBounds, 7, 3, rust(move || black_box(array[..][black_box(7)]))),
        (PanicKind::SliceOrder, 2, 1, rust(move || black_box(array[black_box(2)..black_box(1)].len()))),
        (PanicKind::SliceOrder, 3, 4, rust(move || black_box(array[black_box(4)..].len()))),
        (PanicKind::SliceOrder, 3, 4, rust(move || black_box(array[black_box(4)..black_box(9)].len()))),
        (PanicKind::SliceLast, 8, 3, rust(move || black_box(array[..=black_box(7)].len()))),
        (PanicKind::SliceEnd, 4, 3, rust(move || black_box(array[..black_box(4)].len()))),
        (PanicKind::Division, 0, 0, rust(move || black_box(eight / zero))),
        (PanicKind::Division, 1, 0, rust(move || black_box(black_box(i32::MIN) / minus_one))),
        (PanicKind::Remainder, 0, 0, rust(move || black_box(eight % zero))),
        (PanicKind::Remainder, 1, 0, rust(move || black_box(black_box(i32::MIN) % minus_one))),
        (PanicKind::Message("no 8".into()), 0, 0, rust(move || -> () { panic!("no {eight}") })),
    ];
    for (kind, first, second, message) in cases {
        assert_eq!(kind.message(&[first, second]), message, "{kind:?}");
    }
}

/// What a kind shows needs no user's format string.
#[test]
fn shown_values_are_as_std_shows_them() {
    let text = |text: &str| Piece::Text(text.into());
    let shown = |scalar, value| PanicKind::Shown(vec![text("is "), Piece::Value(scalar)]).message(&[value]);
    assert_eq!(shown(Scalar::Bool, 1), rust(|| -> () { panic!("is {:?}", true) }));
    assert_eq!(shown(Scalar::I8, (-7_i8) as u64), rust(|| -> () { panic!("is {:?}", -7_i8) }));
    assert_eq!(shown(Scalar::I64, i64::MIN as u64), rust(|| -> () { panic!("is {:?}", i64::MIN) }));
    assert_eq!(shown(Scalar::U64, u64::MAX), rust(|| -> () { panic!("is {:?}", u64::MAX) }));
    for value in [0.0, -0.0, 1.0, 0.1, 1e30, f32::MIN_POSITIVE, f32::INFINITY, f32::NAN] {
        assert_eq!(shown(Scalar::F32, value.to_bits().into()), rust(move || -> () { panic!("is {value:?}") }));
    }
    assert_eq!(shown(Scalar::F64, 1e300_f64.to_bits()), rust(|| -> () { panic!("is {:?}", 1e300) }));
    let kind = [text("assertion `left == right` failed\n  left: "), Piece::Value(Scalar::U32), text("\n right: ")];
    let kind = PanicKind::Shown(kind.into_iter().chain([Piece::Value(Scalar::U32)]).collect());
    assert_eq!(kind.message(&[3, 4]), rust(|| assert_eq!(black_box(3_u32), 4)));
    assert_eq!(kind.reported(), Some(vec![Scalar::U32; 2]));
}

#[test]
#[cfg(debug_assertions)]
fn messages_of_overflows_are_those_of_rust() {
    let (max, min) = (black_box(i32::MAX), black_box(i32::MIN));
    let cases = [
        (PanicKind::AddOverflow, rust(move || black_box(max + black_box(1)))),
        (PanicKind::SubOverflow, rust(move || black_box(min - black_box(1)))),
        (PanicKind::MulOverflow, rust(move || black_box(max * black_box(2)))),
        (PanicKind::NegOverflow, rust(move || black_box(-min))),
        (PanicKind::ShlOverflow, rust(move || black_box(max << black_box(32)))),
        (PanicKind::ShrOverflow, rust(move || black_box(max >> black_box(32)))),
    ];
    for (kind, message) in cases {
        assert_eq!(kind.message(&[]), message, "{kind:?}");
    }
}
