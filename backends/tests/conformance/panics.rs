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

const STD: u32 = line!() + 7;

#[kernel]
#[rustfmt::skip]
fn panics_of_std(which: &u32, a: &usize, b: &usize, i: &i32, f: &f32, table: &[u32], out: &mut [u32; 3]) {
    let (a, b, i, f) = (*a, *b, *i, *f);
    match *which {
        0 => {}
        1 => out[0] = table[a..b].len() as u32,
        2 => out[0] = table[a..].len() as u32,
        3 => out[0] = table[..b].len() as u32,
        4 => out[0] = table[a..=b].len() as u32,
        5 => out[0] = table[..=b].len() as u32,
        6 => out.copy_from_slice(&table[..a]),
        7 => out[0] = table.split_at(a).0.len() as u32,
        8 => out.swap(0, a),
        9 => out[0] = i.clamp(3, 3 - a as i32) as u32,
        10 => out[0] = (a as u32).ilog2() + (b as u32).ilog10(),
        11 => out[0] = i.isqrt() as u32,
        12 => out[0] = i.rem_euclid(b as i32) as u32,
        13 => out[0] = i.div_euclid(b as i32) as u32,
        14 => out[0] = (a as u32).div_ceil(b as u32),
        15 => out[0] = *table.get(a).unwrap(),
        16 => out[0] = *table.get(a).expect("nothing there"),
        17 => out[a] = 1,
        18 => out[0] = (f as i32 / b as i32) as u32,
        19 => out[0] += (i % b as i32) as u32,
        20 => out[0] = table.chunks(b).count() as u32,
        _ => out[0] = table.windows(b).count() as u32,
    }
}

/// All panics of std whose place is the user's: text, line, and for indexing the numbers.
pub(crate) fn texts_of_std(device: &Device) -> Result<Answer> {
    let bounds = |index: u64, length: u64| format!("index out of bounds: the len is {length} but the index is {index}");
    let start = |from: usize, len: usize| format!("range start index {from} out of range for slice of length {len}");
    let end = |to: usize, len: usize| format!("range end index {to} out of range for slice of length {len}");
    let order = |from: usize, to: usize| format!("slice index starts at {from} but ends at {to}");
    let remainder = "attempt to calculate the remainder with a divisor of zero";
    let copied = "copy_from_slice: source slice length (2) does not match destination slice length (3)";
    let cases: [(u32, usize, usize, i32, String); 36] = [
        (1, 5, 7, 0, start(5, 4)),
        (1, 3, 2, 0, order(3, 2)),
        (1, 9, 2, 0, start(9, 4)),
        (1, 2, 9, 0, end(9, 4)),
        (2, 5, 0, 0, start(5, 4)),
        (3, 0, 5, 0, end(5, 4)),
        (4, 3, 1, 0, order(3, 2)),
        (4, 5, 9, 0, start(5, 4)),
        (4, 6, 5, 0, start(6, 4)),
        (4, 1, 4, 0, end(4, 4)),
        (5, 0, 8, 0, end(8, 4)),
        (6, 2, 0, 0, copied.into()),
        (7, 5, 0, 0, "mid > len".into()),
        (8, 3, 0, 0, bounds(3, 3)),
        (9, 1, 0, 0, "min > max. min = 3, max = 2".into()),
        (10, 0, 1, 0, "argument of integer logarithm must be positive".into()),
        (10, 1, 0, 0, "argument of integer logarithm must be positive".into()),
        (11, 0, 0, -1, "argument of integer square root cannot be negative".into()),
        (12, 0, 0, 5, remainder.into()),
        (13, 0, 0, 5, "attempt to divide by zero".into()),
        (14, 0, 0, 5, "attempt to divide by zero".into()),
        (15, 4, 0, 0, "called `Option::unwrap()` on a `None` value".into()),
        (16, 4, 0, 0, "nothing there".into()),
        (17, 3, 0, 0, bounds(3, 3)),
        (17, 70_000, 0, 0, bounds(70_000, 3)),
        (18, 0, 0, 0, "attempt to divide by zero".into()),
        (19, 0, 0, 0, remainder.into()),
        (20, 0, 0, 0, "chunk size must be non-zero".into()),
        (21, 0, 0, 0, "window size must be non-zero".into()),
        // the largest numbers of 32 bits
        (1, 2, 4_294_967_295, 0, end(4_294_967_295, 4)),
        (1, 4_294_967_295, 2, 0, start(4_294_967_295, 4)),
        (2, 4_294_967_295, 0, 0, start(4_294_967_295, 4)),
        (3, 0, 4_294_967_295, 0, end(4_294_967_295, 4)),
        (17, 4_294_967_295, 0, 0, bounds(4_294_967_295, 3)),
        (15, 4_294_967_295, 0, 0, "called `Option::unwrap()` on a `None` value".into()),
        (7, 4_294_967_295, 0, 0, "mid > len".into()),
    ];
    let table = [1, 2, 3, 4];
    for (which, a, b, i, message) in &cases {
        let mut out = [0; 6];
        let (which, a, b, i) = ([0, *which], [0, *a], [0, *b], [0, *i]);
        let call = || device.run(panics_of_std(&which, &a, &b, &i, &[0.0; 2], &table, &mut out)).map(|r| r.to_string());
        let index = match which[1] {
            8 | 17 => Some((a[1] as u64, 3)),
            _ => None,
        };
        check(device, call, expected(message, STD + which[1], 1, index))?;
    }
    Ok(Answer::new())
}

const SLICES: u32 = line!() + 6;

#[kernel]
#[rustfmt::skip]
fn panics_of_slices(which: &u32, a: &usize, b: &usize, out: &mut [u32; 4]) {
    match *which {
        0 => {}
        1 => out.fill(3),
        2 => out.copy_within(*a..*b, 1),
        3 => out.copy_within(..2, *a),
        4 => out[..*a].clone_from_slice(&[7; 3]),
        5 => { let (left, right) = out.split_at_mut(*a); left.swap_with_slice(right) }
        _ => out[0] = (out.split_at_checked(*a).unwrap().0.len() + out.split_first().unwrap().1.len()) as u32,
    }
}

/// Those of methods that write to many elements.
pub(crate) fn texts_of_slices(device: &Device) -> Result<Answer> {
    let lengths = "destination and source slices have different lengths";
    let cases = [
        (2, 0, 4, "dest is out of bounds"),
        (3, 3, 0, "dest is out of bounds"),
        (3, 4_294_967_295, 0, "dest is out of bounds"),
        (4, 2, 0, "copy_from_slice: source slice length (3) does not match destination slice length (2)"),
        (5, 1, 0, lengths),
        (6, 5, 0, "called `Option::unwrap()` on a `None` value"),
    ];
    for (which, a, b, message) in cases {
        let mut out = [0; 8];
        // the first work-item has nothing against it
        let (which, a, b) = ([2, which], [1, a], [2, b]);
        let call = || device.run(panics_of_slices(&which, &a, &b, &mut out)).map(|r| r.to_string());
        check(device, call, expected(message, SLICES + which[1], 1, None))?;
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
