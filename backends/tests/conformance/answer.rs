//! What a case computes, comparable bit for bit or within a stated bound.

use std::fmt::Debug;

use landbridge::{Device, Error, Result};

/// A number of any type, exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Integer(i128),
    F32(f32),
    F64(f64),
}

/// What consists of numbers.
pub(crate) trait Numbers {
    fn numbers(&self, into: &mut Vec<Number>);
}

macro_rules! numbers {
    ($($t:ident)*) => {$(impl Numbers for $t {
        fn numbers(&self, into: &mut Vec<Number>) {
            into.push(Number::Integer(*self as i128));
        }
    })*};
}
numbers!(bool i8 i16 i32 i64 u8 u16 u32 u64 usize);

impl Numbers for f32 {
    fn numbers(&self, into: &mut Vec<Number>) {
        into.push(Number::F32(*self));
    }
}

impl Numbers for f64 {
    fn numbers(&self, into: &mut Vec<Number>) {
        into.push(Number::F64(*self));
    }
}

impl Numbers for char {
    fn numbers(&self, into: &mut Vec<Number>) {
        u32::from(*self).numbers(into);
    }
}

impl Numbers for () {
    fn numbers(&self, _: &mut Vec<Number>) {}
}

impl<T: Numbers> Numbers for Option<T> {
    fn numbers(&self, into: &mut Vec<Number>) {
        self.is_some().numbers(into);
        self.iter().for_each(|value| value.numbers(into));
    }
}

impl<T: Numbers, E: Numbers> Numbers for std::result::Result<T, E> {
    fn numbers(&self, into: &mut Vec<Number>) {
        self.is_ok().numbers(into);
        self.iter().for_each(|value| value.numbers(into));
        self.as_ref().err().iter().for_each(|error| error.numbers(into));
    }
}

impl<T: Numbers, const N: usize> Numbers for [T; N] {
    fn numbers(&self, into: &mut Vec<Number>) {
        self.iter().for_each(|element| element.numbers(into));
    }
}

impl<A: Numbers, B: Numbers> Numbers for (A, B) {
    fn numbers(&self, into: &mut Vec<Number>) {
        self.0.numbers(into);
        self.1.numbers(into);
    }
}

impl<A: Numbers, B: Numbers, C: Numbers> Numbers for (A, B, C) {
    fn numbers(&self, into: &mut Vec<Number>) {
        self.0.numbers(into);
        self.1.numbers(into);
        self.2.numbers(into);
    }
}

/// Lets a struct of a case be compared, field by field.
macro_rules! struct_numbers {
    ($t:ty { $($field:ident),* }) => {
        impl $crate::suite::answer::Numbers for $t {
            fn numbers(&self, into: &mut Vec<$crate::suite::answer::Number>) {
                $($crate::suite::answer::Numbers::numbers(&self.$field, into);)*
            }
        }
    };
}
pub(crate) use struct_numbers;

/// The results of a case, in parts.
#[derive(Default)]
pub(crate) struct Answer(Vec<Part>);

struct Part {
    what: String,
    numbers: Vec<Number>,
    /// How many units in the last place floats may be off; 0: bit for bit (any NaN equals any other).
    ulps: u64,
}

impl Answer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Has to agree exactly.
    pub(crate) fn exact<T: Numbers>(self, what: impl Into<String>, values: &[T]) -> Self {
        self.within(0, what, values)
    }

    /// Floats may be off by so many units in the last place.
    pub(crate) fn within<T: Numbers>(mut self, ulps: u64, what: impl Into<String>, values: &[T]) -> Self {
        let mut numbers = vec![];
        values.iter().for_each(|value| value.numbers(&mut numbers));
        self.0.push(Part { what: what.into(), numbers, ulps });
        self
    }
}

/// # Panics
/// If the answers differ, with the first difference.
pub(crate) fn compare(case: &str, device: &str, found: &Answer, expected: &Answer) {
    assert_eq!(found.0.len(), expected.0.len(), "{case} on {device}: other parts");
    for (found, expected) in found.0.iter().zip(&expected.0) {
        let what = &expected.what;
        assert_eq!(found.numbers.len(), expected.numbers.len(), "{case} on {device}: {what} has another length");
        for (k, (a, b)) in found.numbers.iter().zip(&expected.numbers).enumerate() {
            let ulps = found.ulps.max(expected.ulps);
            assert!(
                agree(a, b, ulps),
                "{case} on {device}: {what}[{k}] is {a:?} instead of {b:?} (allowed: {ulps} ulp)"
            );
        }
    }
}

fn agree(a: &Number, b: &Number, ulps: u64) -> bool {
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => a == b,
        (Number::F32(a), Number::F32(b)) => {
            (a.is_nan() && b.is_nan())
                || place32(*a).abs_diff(place32(*b)) <= ulps && (ulps > 0 || a.to_bits() == b.to_bits())
        }
        (Number::F64(a), Number::F64(b)) => {
            (a.is_nan() && b.is_nan())
                || place64(*a).abs_diff(place64(*b)) <= ulps && (ulps > 0 || a.to_bits() == b.to_bits())
        }
        _ => false,
    }
}

/// The number of a float in the order of all floats; both zeros are 0.
fn place32(x: f32) -> i64 {
    let magnitude = i64::from(x.to_bits() & 0x7fff_ffff);
    if x.is_sign_negative() { -magnitude } else { magnitude }
}

fn place64(x: f64) -> i64 {
    let magnitude = (x.to_bits() & 0x7fff_ffff_ffff_ffff) as i64;
    if x.is_sign_negative() { -magnitude } else { magnitude }
}

/// The panic that a call ends in, in short.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Panicked {
    pub(crate) message: String,
    pub(crate) line: u32,
    pub(crate) item: usize,
    pub(crate) index: Option<(u64, u64)>,
}

/// What a call panics with; other errors are passed on.
///
/// # Panics
/// If the call succeeds, or names another file or kernel.
pub(crate) fn panic_of<T: Debug>(result: Result<T>, file: &str) -> Result<Panicked> {
    match result {
        Ok(value) => panic!("no panic, but {value:?}"),
        Err(Error::KernelPanic { kernel, message, file: found, line, work_item, index, length }) => {
            assert!(!kernel.is_empty());
            assert_eq!(found, file);
            Ok(Panicked { message, line, item: work_item, index: index.zip(length) })
        }
        Err(error) => Err(error),
    }
}

/// What a device may say of itself that it lacks, and how errors call it.
const LACKING: [(&str, &str); 6] = [
    ("groups", "cooperative kernel"),
    ("f64", "64-bit floats"),
    ("i64", "64-bit integers"),
    ("i64", "64 bits, which the device's integers do not have"),
    ("i64 atomics", "64-bit atomics"),
    ("f64 functions", "of `f64`: drivers accept"),
];

/// Whether the device says of itself that it lacks what the error is about.
pub(crate) fn lacks(device: &Device, error: &Error) -> bool {
    let Error::Unsupported { what, .. } = error else { return false };
    let lacking = |name| device.info().capabilities.iter().any(|c| c.name == name && c.missing.is_some());
    LACKING.iter().any(|(name, phrase)| what.contains(phrase) && lacking(*name))
}

#[test]
fn differences_are_found() {
    let answer = |values: &[f32], ulps| Answer::new().within(ulps, "x", values);
    let next = 1.0 + f32::EPSILON;
    let fails = |a: Answer, b: Answer| std::panic::catch_unwind(|| compare("", "", &a, &b)).is_err();
    assert!(fails(answer(&[1.0], 0), answer(&[next], 0)));
    assert!(!fails(answer(&[1.0], 1), answer(&[next], 1)));
    assert!(fails(answer(&[0.0], 0), answer(&[-0.0], 0)));
    assert!(fails(answer(&[], 0), answer(&[1.0], 0)));
    assert!(fails(answer(&[f32::NAN], 9), answer(&[1.0], 9)));
    assert!(!fails(answer(&[f32::NAN], 0), answer(&[-f32::NAN], 0)));
    assert!(fails(Answer::new().exact("x", &[1_u8]), Answer::new().exact("x", &[2_u8])));
}
