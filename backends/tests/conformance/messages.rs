//! Messages of panics with arguments: the same text on every device, byte for byte what std makes of it.

use landbridge::{Device, KernelType, KernelValue, Result, kernel, kernel_fn};
use std::fmt::{self, Debug, Display};

use super::answer::{Answer, Panicked, panic_of};

/// Compares the panic of a kernel with what it should be, unless the device is the reference.
fn check(device: &Device, call: impl FnOnce() -> Result<String>, message: &str, line: u32) -> Result<()> {
    if device.info().id == "plain" {
        return Ok(());
    }
    let found = panic_of(call(), file!())?;
    let expected = Panicked { message: message.into(), line, item: 2, index: None };
    assert_eq!(found, expected, "on {}", device.info());
    Ok(())
}

/// A constant is the same everywhere: it may be of any type.
const WHY: &str = "such is life";

const TEXTS: u32 = line!() + 7;

#[kernel]
#[rustfmt::skip]
fn texts(which: &u32, x: &i32, y: &u32, z: &f32, out: &mut u32) {
    let (negative, n) = (*x, *y);
    match *which {
        0 => {}
        1 => panic!("x = {negative}"),
        2 => panic!("{} and {n}, {:?} or {0}, {{}}", x, *z),
        3 => unreachable!("no {n}"),
        4 => todo!("{n} times"),
        5 => unimplemented!("for {x}"),
        6 => assert!(negative > n as i32, "{x} is below {y}"),
        7 => assert!(n == 0, "{what} is {:?}, {z}, {negative}, {}", n, n + 1, what = n * 2),
        8 => debug_assert!(n == 0, "{}", n),
        9 => panic!("{WHY}: {} and {:.2}, {}", u16::MAX, std::f64::consts::PI, n),
        _ => panic!("{n:?}, {0}, {1}, {2}, {3}", *which, n / 2, negative.wrapping_mul(3), *z > 1.0),
    }
    *out = n;
}

pub(crate) fn texts_with_numbers(device: &Device) -> Result<Answer> {
    let (x, y, z) = (-7, 41, 2.5);
    let mut cases = vec![
        "x = -7".to_owned(),
        format!("{x} and 41, {z:?} or {x}, {{}}"),
        "internal error: entered unreachable code: no 41".to_owned(),
        "not yet implemented: 41 times".to_owned(),
        "not implemented: for -7".to_owned(),
        "-7 is below 41".to_owned(),
        format!("82 is 41, {z}, -7, 42"),
        "41".to_owned(),
        format!("{WHY}: 65535 and 3.14, 41"),
        "41, 10, 20, -21, true".to_owned(),
    ];
    if !cfg!(debug_assertions) {
        cases[7].clear();
    }
    for (which, text) in cases.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        let mut out = [0; 4];
        let which = [0, 0, which as u32 + 1, 0];
        let mut call = || device.run(texts(&which, &[0, 0, x, 0], &[1, 1, y, 1], &[0.0, 0.0, z, 0.0], &mut out));
        check(device, || call().map(|r| r.to_string()), text, TEXTS + which[2])?;
    }
    let mut out = [0; 2];
    let _ = device.run(texts(&[0, 0], &[1, 2], &[3, 4], &[5.0, 6.0], &mut out))?;
    Ok(Answer::new().exact("none", &out))
}

const FORMATS: u32 = line!() + 7;

#[kernel]
#[rustfmt::skip]
fn formats(which: &u32, i: &i32, u: &u32, f: &f32, width: usize) {
    let precision = 2_usize;
    match *which {
        0 => {}
        1 => panic!("{i:>8}|{i:<8}|{i:^9}|{i:*>9}|{i:08}|{i:+}|{i:é^5}"),
        2 => panic!("{u:x} {u:#X} {u:#010b} {u:#o} {u:e} {i:x} {u:#?} {i:x?}"),
        3 => panic!("{f} {f:?} {f:.3} {f:>9.3}|{f:+} {f:09.2} {f:e} {f:<12?}| {f:.0} {f:#?}"),
        4 => panic!("{u:width$}|{f:width$.precision$}|{:>1$}|{:.*}|{f:.1$}", i, width, *f * 2.0),
        _ => panic!("{:?} {:>7}| {:5}|", *i > 0, *u == 3, *f < 0.0),
    }
}

/// What each format makes of edge values of all kinds.
pub(crate) fn formats_of_numbers(device: &Device) -> Result<Answer> {
    let (width, precision) = (9_usize, 2_usize);
    let numbers = [(i32::MIN, u32::MAX, f32::NEG_INFINITY), (-1, 3, -0.0), (i32::MAX, 0, f32::NAN), (0, 10, 1.5e30)];
    let more = [(7, 7, f32::MIN_POSITIVE), (8, 8, 16_777_217.0), (9, 9, 0.1), (12, 1, 1e-7), (1, 1, f32::MAX)];
    for (i, u, f) in numbers.into_iter().chain(more) {
        let cases = [
            format!("{i:>8}|{i:<8}|{i:^9}|{i:*>9}|{i:08}|{i:+}|{i:é^5}"),
            format!("{u:x} {u:#X} {u:#010b} {u:#o} {u:e} {i:x} {u:#?} {i:x?}"),
            format!("{f} {f:?} {f:.3} {f:>9.3}|{f:+} {f:09.2} {f:e} {f:<12?}| {f:.0} {f:#?}"),
            format!("{u:width$}|{f:width$.precision$}|{:>1$}|{:.*}|{f:.1$}", i, width, f * 2.0),
            format!("{:?} {:>7}| {:5}|", i > 0, u == 3, f < 0.0),
        ];
        for (which, text) in (1_u32..).zip(&cases) {
            let which = [0, 0, which];
            let call = || device.run(formats(&which, &[0, 0, i], &[0, 0, u], &[0.0, 0.0, f], width));
            check(device, || call().map(|r| r.to_string()), text, FORMATS + which[2])?;
        }
    }
    Ok(Answer::new())
}

/// A pair with a `Debug` of std and a `Display` of its own.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
struct Pair {
    narrow: u8,
    wide: f32,
}

impl Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}; {}>", self.narrow, self.wide)
    }
}

#[kernel_fn]
impl Pair {
    fn twice(self) -> Pair {
        Pair { narrow: self.narrow * 2, wide: self.wide * 2.0 }
    }
}

#[derive(Clone, Copy, Debug, KernelType)]
#[repr(u8)]
enum Colour {
    Red = 3,
    Blue = 200,
}

const OPERANDS: u32 = line!() + 6;

#[kernel]
#[rustfmt::skip]
fn operands(which: &u32, x: &i32, y: &u32, f: &f32, pair: &(u8, f32), out: &mut u32) {
    match *which {
        0 => {}
        1 => assert_eq!(*x, 3),
        2 => assert_ne!(*f, 2.5),
        3 => assert_eq!(*y / 5, 0, "the fifth of {y}"),
        4 => assert_eq!(x, &3, "plainly"),
        5 => assert_eq!(*pair, (7, 2.0)),
        6 => assert_ne!(pair.0, 7, "{} and {:?}", pair.1, pair),
        7 => assert_eq!([*x, -1], [*x; 2]),
        8 => debug_assert_eq!(*x > 0, *y > 0),
        9 => debug_assert_ne!(*y, 41),
        _ => assert_eq!(*y as i32 + *x, 0, "{x:>+5}{y:<5}{f:e}"),
    }
    *out = *y;
}

pub(crate) fn operands_of_assertions(device: &Device) -> Result<Answer> {
    let (x, y, f, pair) = (-7, 41, 2.5, (7, 0.1));
    let sides = |operator: &str, text: &str, left: &dyn Debug, right: &dyn Debug| {
        format!("assertion `left {operator} right` failed{text}\n  left: {left:?}\n right: {right:?}")
    };
    let cases = [
        sides("==", "", &x, &3),
        sides("!=", "", &f, &2.5),
        sides("==", ": the fifth of 41", &8, &0),
        sides("==", ": plainly", &x, &3),
        sides("==", "", &pair, &(7, 2.0)),
        sides("!=", ": 0.1 and (7, 0.1)", &7, &7),
        sides("==", "", &[x, -1], &[x; 2]),
        sides("==", "", &false, &true),
        sides("!=", "", &41, &41),
        sides("==", ":    -741   2.5e0", &34, &0),
    ];
    for (which, text) in (1_u32..).zip(&cases) {
        if !cfg!(debug_assertions) && (which == 8 || which == 9) {
            continue;
        }
        let mut out = [0; 3];
        let which = [0, 0, which];
        let mut call = || {
            device.run(operands(&which, &[0, 0, x], &[0, 0, y], &[0.0, 0.0, f], &[(0, 0.0), (1, 1.0), pair], &mut out))
        };
        check(device, || call().map(|r| r.to_string()), text, OPERANDS + which[2])?;
    }
    Ok(Answer::new())
}

const PLAIN_DATA: u32 = line!() + 8;

#[kernel]
#[rustfmt::skip]
fn plain_data(which: &u32, pair: &Pair, matrix: &[f32; 16], out: &mut u32) {
    let twice = pair.twice();
    let colour = if pair.narrow > 2 { Colour::Blue } else { Colour::Red };
    match *which {
        0 => {}
        1 => panic!("{pair:?} {pair} {twice:?}"),
        2 => panic!("{:#?}", (*pair, colour, pair.narrow)),
        3 => panic!("{matrix:.1?} {}", *which),
        _ => panic!("{:?} {:5?}|{:>12}", [(pair.narrow, true), (2, pair.wide > 0.0)], pair, pair),
    }
    *out = 1;
}

/// Users' types are shown by their own `Debug` and `Display`.
pub(crate) fn values_of_plain_data(device: &Device) -> Result<Answer> {
    let pair = Pair { narrow: 7, wide: 0.25 };
    let matrix: [f32; 16] = std::array::from_fn(|k| k as f32 / 3.0);
    let matrices = [matrix; 3];
    let cases = [
        format!("{pair:?} {pair} {:?}", pair.twice()),
        format!("{:#?}", (pair, Colour::Blue, 7)),
        format!("{matrix:.1?} 3"),
        format!("{:?} {pair:5?}|{pair:>12}", [(7, true), (2, true)]),
    ];
    for (which, text) in (1_u32..).zip(&cases) {
        let mut out = [0; 3];
        let which = [0, 0, which];
        let mut call = || device.run(plain_data(&which, &[pair; 3], matrices.as_flattened(), &mut out));
        check(device, || call().map(|r| r.to_string()), text, PLAIN_DATA + which[2])?;
    }
    Ok(Answer::new())
}

const GENERIC: u32 = line!() + 4;

#[kernel]
fn generic<T: KernelValue + Debug + PartialOrd, const N: usize>(x: &T, limit: T, out: &mut u32) {
    assert!(*x < limit, "{x:?} is not below {:?} of {}", limit, N);
    *out = N as u32;
}

pub(crate) fn messages_of_generic_kernels(device: &Device) -> Result<Answer> {
    let mut out = [0; 3];
    let call = || device.run(generic::<f32, 3>(&[1.0, 2.0, f32::NAN], 5.0, &mut out)).map(|r| r.to_string());
    check(device, call, "NaN is not below 5.0 of 3", GENERIC)?;
    let call = || device.run(generic::<u8, 9>(&[1, 2, 200], 7, &mut out)).map(|r| r.to_string());
    check(device, call, "200 is not below 7 of 9", GENERIC)?;
    let _ = device.run(generic::<u8, 9>(&[1, 2, 3], 7, &mut out))?;
    Ok(Answer::new().exact("none", &out))
}

const HELPER: u32 = line!() + 4;

#[kernel_fn]
fn at_most(x: u32, most: u32) -> u32 {
    assert!(x <= most, "{x} is more than {most}, by {}", x - most);
    x
}

const CLOSURES: u32 = line!() + 6;

#[kernel]
fn in_closures(x: &u32, table: &[u32], out: &mut u32) {
    let position = table.iter().position(|t| *t == *x);
    let found = position.map(|p| p as u32);
    *out = found.unwrap_or_else(|| panic!("no {x} in {} numbers", table.len()));
    for k in 0..2 {
        let limited = |n: u32| at_most(n + k, 5);
        *out += limited(*out);
    }
}

pub(crate) fn messages_in_closures_and_helpers(device: &Device) -> Result<Answer> {
    let (table, mut out) = ([1, 5, 9], [0; 3]);
    let call = || device.run(in_closures(&[1, 5, 8], &table, &mut out)).map(|r| r.to_string());
    check(device, call, "no 8 in 3 numbers", CLOSURES)?;
    let table = [1, 5, 7, 2, 4, 9];
    let call = || device.run(in_closures(&[1, 5, 4], &table, &mut out)).map(|r| r.to_string());
    check(device, call, "9 is more than 5, by 4", HELPER)?;
    let _ = device.run(in_closures(&[1, 5, 5], &table, &mut out))?;
    Ok(Answer::new().exact("sums", &out))
}

const RESULTS: u32 = line!() + 8;

#[kernel]
#[rustfmt::skip]
fn results_of(which: &u32, x: &i32, out: &mut i32) {
    let of: Result<i32, u8> = if *x > 0 { Ok(*x) } else { Err((0 - *x) as u8) };
    let nothing = of.map_err(|_| ());
    match *which {
        0 => *out = 0,
        1 => *out = of.unwrap(),
        2 => *out = of.expect("no number"),
        3 => *out = of.unwrap_err() as i32,
        4 => *out = nothing.unwrap(),
        _ => *out = of.expect_err("a number") as i32 * 100,
    }
}

/// What `unwrap` and its kin of a `Result` say includes what the result holds.
pub(crate) fn unwrapped_results(device: &Device) -> Result<Answer> {
    let cases = [
        (-7, "called `Result::unwrap()` on an `Err` value: 7"),
        (-255, "no number: 255"),
        (9, "called `Result::unwrap_err()` on an `Ok` value: 9"),
        (0, "called `Result::unwrap()` on an `Err` value: ()"),
        (5, "a number: 5"),
    ];
    for (which, (x, text)) in (1_u32..).zip(cases) {
        let mut out = [0; 3];
        let call = || device.run(results_of(&[0, 0, which], &[1, 1, x], &mut out)).map(|r| r.to_string());
        check(device, call, text, RESULTS + which)?;
    }
    let mut out = [0; 4];
    let _ = device.run(results_of(&[1, 2, 3, 5], &[4, 5, -6, -7], &mut out))?;
    Ok(Answer::new().exact("held", &out))
}

#[derive(Clone, Copy, Debug, KernelType)]
#[repr(u8)]
enum Shape {
    Nothing = 4,
    Circle { radius: f32 },
    Box(f32, Option<bool>),
}

#[derive(Clone, Copy, Debug, KernelType)]
#[allow(dead_code, reason = "read by `Debug`")]
struct Found {
    shape: Option<Shape>,
    letter: Option<char>,
    twice: Option<Option<u8>>,
}

const CHOICES: u32 = line!() + 7;

#[kernel]
#[rustfmt::skip]
fn choices(which: &u32, found: &Found, x: &Option<u32>, y: &std::result::Result<u32, u32>, out: &mut u32) {
    let sum = x.and_then(|x| x.checked_add(1));
    match *which {
        0 => *out = 1,
        1 => panic!("{x:?} {sum:?} {:?}", y),
        2 => panic!("{:?}, {:?}", found.letter, found.twice),
        3 => panic!("{found:?}"),
        4 => assert_eq!(*x, sum.map(|sum| sum - 1).filter(|sum| *sum > 7), "{:?}", x.ok_or(3_u8)),
        5 => assert!(y.is_err() && y.is_ok(), "{:?} {:?}", y.ok(), y.err()),
        _ => panic!("{:?} {:?}", found.letter.unwrap_or('-'), y.map(|y| y + 1)),
    }
}

pub(crate) fn choices_in_messages(device: &Device) -> Result<Answer> {
    let shapes = [None, Some(Shape::Nothing), Some(Shape::Circle { radius: 2.5 }), Some(Shape::Box(-0.0, None))];
    let more = [Some(Shape::Box(1.0, Some(true))), Some(Shape::Box(1e9, Some(false)))];
    let letters = [None, Some('\0'), Some('\u{10ffff}'), Some('\''), Some('x')];
    let twice = [None, Some(None), Some(Some(0)), Some(Some(255))];
    let xs = [None, Some(0), Some(u32::MAX), Some(6)];
    for which in 1..=6_u32 {
        for k in 0..6 {
            let shape = *shapes.iter().chain(&more).nth(k).expect("a shape");
            let found = Found { shape, letter: letters[k % 5], twice: twice[k % 4] };
            let (x, y) = (xs[k % 4], if k % 2 == 0 { Ok(k as u32) } else { Err(u32::MAX - k as u32) });
            let sum = x.and_then(|x: u32| x.checked_add(1));
            let text = match which {
                1 => format!("{x:?} {sum:?} {y:?}"),
                2 => format!("{:?}, {:?}", found.letter, found.twice),
                3 => format!("{found:?}"),
                4 => {
                    let right = sum.map(|sum| sum - 1).filter(|sum| *sum > 7);
                    if x == right {
                        continue;
                    }
                    let why = x.ok_or(3_u8);
                    format!("assertion `left == right` failed: {why:?}\n  left: {x:?}\n right: {right:?}")
                }
                5 => format!("{:?} {:?}", y.ok(), y.err()),
                _ => format!("{:?} {:?}", found.letter.unwrap_or('-'), y.map(|y| y + 1)),
            };
            let mut out = [0; 4];
            let mut call = || device.run(choices(&[0, 0, which, 0], &[found; 4], &[x; 4], &[y; 4], &mut out));
            check(device, || call().map(|r| r.to_string()), &text, CHOICES + which)?;
        }
    }
    Ok(Answer::new())
}
