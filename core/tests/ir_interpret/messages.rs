//! What a panic says is what Rust itself says.

use std::hint::black_box;
use std::panic::catch_unwind;

use landbridge_core::ir::PanicKind;

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
        (PanicKind::SliceEnd, 4, 3, rust(move || black_box(array[..black_box(4)].len()))),
        (PanicKind::Division, 0, 0, rust(move || black_box(eight / zero))),
        (PanicKind::Division, 1, 0, rust(move || black_box(black_box(i32::MIN) / minus_one))),
        (PanicKind::Remainder, 0, 0, rust(move || black_box(eight % zero))),
        (PanicKind::Remainder, 1, 0, rust(move || black_box(black_box(i32::MIN) % minus_one))),
        (PanicKind::Message("no 8".into()), 0, 0, rust(move || -> () { panic!("no {eight}") })),
    ];
    for (kind, first, second, message) in cases {
        assert_eq!(kind.message(first, second), message, "{kind:?}");
    }
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
        assert_eq!(kind.message(0, 0), message, "{kind:?}");
    }
}
