//! Panics in kernels: message, file, line, work-item, index and length, the same on every device.
//!
//! The plain loop cannot catch panics; what it should be is written here.

use landbridge::{Device, Result, Strategy, kernel, kernel_fn};

use super::answer::{Answer, Panicked, panic_of};

/// Compares a panic with what it should be, unless the device is the reference.
fn check(device: &Device, call: impl FnOnce() -> Result<String>, expected: Panicked) -> Result<()> {
    if device.info().id == "plain" {
        return Ok(());
    }
    let found = panic_of(call(), file!())?;
    assert_eq!(found, expected, "on {}", device.info());
    Ok(())
}

fn expected(message: &str, line: u32, item: usize, index: Option<(u64, u64)>) -> Panicked {
    Panicked { message: message.into(), line, item, index }
}

const OUT_OF_BOUNDS: u32 = line!() + 4;

#[kernel]
fn pick(table: &[f32], from: &u32, out: &mut f32) {
    *out = table[*from as usize];
}

pub(crate) fn index_out_of_bounds(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 4];
    let message = "index out of bounds: the len is 3 but the index is 1000000";
    check(
        device,
        || device.run(pick(&[1.0, 2.0, 3.0], &[0, 1, 1_000_000, 2], &mut out)).map(|r| r.to_string()),
        expected(message, OUT_OF_BOUNDS, 2, Some((1_000_000, 3))),
    )?;
    Ok(Answer::new())
}

const OVERFLOWS: u32 = line!() + 5;

#[kernel]
fn overflow(which: &u32, x: &i32, out: &mut i32) {
    *out = match *which {
        0 => *x + 1,
        1 => -*x - 2,
        2 => *x * 2,
        3 => -(-*x - 1),
        4 => *x << (*x & 63),
        5 => *x >> (*x & 63),
        _ => 0,
    };
}

/// Panics where Rust's own arithmetic would, and wraps where it wraps: in builds without debug assertions.
pub(crate) fn overflows(device: &Device) -> Result<Answer> {
    let cases = [
        ("add", i32::MIN),
        ("subtract", i32::MAX),
        ("multiply", -2),
        ("negate", i32::MIN),
        ("shift left", i32::MIN),
        ("shift right", 0),
    ];
    for (which, (operation, wrapped)) in cases.into_iter().enumerate() {
        let mut out = [5; 3];
        let x = [0, i32::MAX, 0];
        if !cfg!(debug_assertions) {
            let _report = device.run(overflow(&[9, which as u32, 9], &x, &mut out))?;
            assert_eq!(out, [0, wrapped, 0], "{operation}");
            continue;
        }
        check(
            device,
            || device.run(overflow(&[9, which as u32, 9], &x, &mut out)).map(|r| r.to_string()),
            expected(&format!("attempt to {operation} with overflow"), OVERFLOWS + which as u32, 1, None),
        )?;
    }
    Ok(Answer::new())
}

const LONG_SUM: u32 = line!() + 4;

#[kernel]
fn long_sum(x: &u8, out: &mut u8) {
    *out = {
        let doubled = *x / 2;
        doubled + 200
    } + *x
        + 1;
}

/// An operator over several lines panics where its left side begins, as rustc says.
pub(crate) fn operators_over_lines(device: &Device) -> Result<Answer> {
    if !cfg!(debug_assertions) {
        return Ok(Answer::new());
    }
    for (x, line) in [(120, 2), (55, 0), (37, 0)] {
        let mut out = [0; 1];
        let call = || device.run(long_sum(&[x], &mut out)).map(|r| r.to_string());
        check(device, call, expected("attempt to add with overflow", LONG_SUM + line, 0, None))?;
    }
    Ok(Answer::new())
}

const DIVISIONS: u32 = line!() + 4;

#[kernel]
fn divide(a: &i32, b: &i32, quotient: &mut i32) {
    *quotient = *a / *b;
}

const REMAINDERS: u32 = line!() + 4;

#[kernel]
fn remain(a: &i32, b: &i32, remainder: &mut i32) {
    *remainder = *a % *b;
}

pub(crate) fn division_by_zero(device: &Device) -> Result<Answer> {
    let cases = [(7, 0, "attempt to divide by zero"), (i32::MIN, -1, "attempt to divide with overflow")];
    for (a, b, message) in cases {
        let mut out = [0; 2];
        let call = || device.run(divide(&[1, a], &[1, b], &mut out)).map(|r| r.to_string());
        check(device, call, expected(message, DIVISIONS, 1, None))?;
    }
    let cases = [
        (7, 0, "attempt to calculate the remainder with a divisor of zero"),
        (i32::MIN, -1, "attempt to calculate the remainder with overflow"),
    ];
    for (a, b, message) in cases {
        let mut out = [0; 2];
        let call = || device.run(remain(&[1, a], &[1, b], &mut out)).map(|r| r.to_string());
        check(device, call, expected(message, REMAINDERS, 1, None))?;
    }
    Ok(Answer::new())
}

const ASSERTIONS: u32 = line!() + 4;

#[kernel]
fn assertive(x: &u32) {
    assert!(*x != 1);
    assert!(*x != 2, "two is not welcome");
    if *x == 3 {
        panic!("three is worse");
    }
    if *x == 4 {
        unreachable!();
    }
    assert_eq!(*x / 5, 0);
}

pub(crate) fn assertions_and_messages(device: &Device) -> Result<Answer> {
    let cases = [
        (1, "assertion failed: *x != 1", 0),
        (2, "two is not welcome", 1),
        (3, "three is worse", 3),
        (4, "internal error: entered unreachable code", 6),
    ];
    for (x, message, line) in cases {
        let call = || device.run(assertive(&[0, 0, 0, x])).map(|r| r.to_string());
        check(device, call, expected(message, ASSERTIONS + line, 3, None))?;
    }
    Ok(Answer::new())
}

const RANGES: u32 = line!() + 4;

#[kernel]
fn cut(table: &[u32], from: &u32, to: &u32, out: &mut u32) {
    let part = &table[*from as usize..*to as usize];
    *out = part.len() as u32;
}

pub(crate) fn slice_ranges(device: &Device) -> Result<Answer> {
    let table = [1, 2, 3, 4];
    let cases = [
        (3, 2, "slice index starts at 3 but ends at 2"),
        (1, 9, "range end index 9 out of range for slice of length 4"),
    ];
    for (from, to, message) in cases {
        let mut out = [0; 2];
        let call = || device.run(cut(&table, &[0, from], &[4, to], &mut out)).map(|r| r.to_string());
        check(device, call, expected(message, RANGES, 1, None))?;
    }
    let mut out = [9; 2];
    let _ = device.run(cut(&table, &[0, 4], &[3, 4], &mut out))?;
    Ok(Answer::new().exact("lengths", &out))
}

#[kernel]
fn many_panics(i: Index, x: &u32, out: &mut u32) {
    assert!(*x % 1000 != 7, "a seven");
    *out = i as u32;
}

use landbridge::Index;

/// One of the items that panicked is named, whichever; on no account another one.
pub(crate) fn one_of_many_items(device: &Device) -> Result<Answer> {
    if device.info().id == "plain" {
        return Ok(Answer::new());
    }
    let x: Vec<u32> = (0..20_000).collect();
    let mut out = vec![0; x.len()];
    let panicked = panic_of(device.run(many_panics(&x, &mut out)), file!())?;
    assert_eq!(panicked.item % 1000, 7, "on {}: {panicked:?}", device.info());
    assert_eq!(panicked.message, "a seven");
    Ok(Answer::new())
}

const HELPER: u32 = line!() + 4;

#[kernel_fn]
fn checked(x: u32) -> u32 {
    assert!(x < 10, "too large");
    x + 1
}

#[kernel]
fn call_checked(x: &u32, out: &mut u32) {
    *out = checked(*x) + checked(*x / 2);
}

pub(crate) fn panics_in_helpers(device: &Device) -> Result<Answer> {
    let mut out = [0; 3];
    let call = || device.run(call_checked(&[1, 11, 2], &mut out)).map(|r| r.to_string());
    check(device, call, expected("too large", HELPER, 1, None))?;
    let mut out = [0; 2];
    let _ = device.run(call_checked(&[3, 9], &mut out))?;
    Ok(Answer::new().exact("none", &out))
}

/// Each item has its old or its new value; under `Copy` all have their old ones.
pub(crate) fn user_data_after_a_panic(device: &Device) -> Result<Answer> {
    if device.info().id == "plain" {
        return Ok(Answer::new());
    }
    let x: Vec<u32> = (0..2000).collect();
    for strategy in [Strategy::Auto, Strategy::Copy] {
        if strategy != Strategy::Auto && !device.info().supports(strategy) {
            continue;
        }
        let mut out = vec![u32::MAX; x.len()];
        let _ = panic_of(device.run(many_panics(&x, &mut out).strategy(strategy)), file!())?;
        for (k, value) in out.iter().enumerate() {
            let old_or_new = *value == u32::MAX || *value == k as u32;
            assert!(old_or_new && (strategy == Strategy::Auto || *value == u32::MAX), "item {k} is {value}");
        }
    }
    Ok(Answer::new())
}
