//! `Result`: values, patterns, `?`, and methods, also of `Option`s together with them.
// Each method is there to be called, also where shorter code would do.
#![allow(
    clippy::manual_range_contains,
    clippy::manual_unwrap_or,
    clippy::needless_lifetimes,
    clippy::needless_return_with_question_mark,
    clippy::redundant_closure,
    clippy::unnecessary_result_map_or_else,
    clippy::unnecessary_unwrap,
    clippy::unnecessary_literal_unwrap,
    clippy::unnecessary_lazy_evaluations,
    clippy::or_then_unwrap,
    clippy::manual_inspect,
    clippy::manual_flatten,
    clippy::result_unit_err,
    clippy::manual_map,
    clippy::needless_question_mark
)]

use std::mem;

use landbridge::{Device, KernelType, Result as Answered, kernel, kernel_fn};

use crate::suite::answer::Answer;

const A: [i32; 8] = [0, 1, -1, 7, -20, i32::MAX, i32::MIN, 1000];
const B: [i32; 8] = [0, 3, -1, 0, 4, 1, -1, -8];

/// Why there is no quotient.
#[derive(Clone, Copy, KernelType)]
#[repr(u8)]
enum Fault {
    Zero,
    Overflow(i32),
}

#[kernel_fn]
fn quotient(a: i32, b: i32) -> Result<i32, Fault> {
    if b == 0 {
        return Err(Fault::Zero);
    }
    match a.checked_div(b) {
        Some(q) => Ok(q),
        None => Err(Fault::Overflow(a)),
    }
}

#[kernel_fn]
fn positive(x: i32) -> Result<(), ()> {
    if x > 0 { Ok(()) } else { Err(()) }
}

/// `?` with the same error, of unit values too.
#[kernel_fn]
fn doubled(x: i32) -> Result<i32, ()> {
    positive(x)?;
    x.checked_mul(2).ok_or(())
}

/// Another error, of all of the others.
#[derive(Clone, Copy, KernelType)]
struct Code {
    number: i64,
    line: u16,
}

#[kernel_fn]
impl From<Fault> for Code {
    fn from(fault: Fault) -> Code {
        let number = match fault {
            Fault::Zero => 1,
            Fault::Overflow(of) => 2 + (of as i64),
        };
        Code { number, line: 7 }
    }
}

#[kernel_fn]
fn small(x: i32) -> Result<i8, u16> {
    if x >= -128 && x < 128 { Ok(x as i8) } else { Err((x as u32 >> 16) as u16) }
}

/// `?` that converts: by the user's `From`, and between numbers.
#[kernel_fn]
fn remainder(a: i32, b: i32) -> Result<i32, Code> {
    let q = quotient(a, b)?;
    if q == 7 {
        return Err(Fault::Overflow(q))?;
    }
    Ok(a - q.wrapping_mul(b))
}

#[kernel_fn]
fn widened(x: i32) -> Result<i32, i64> {
    let narrow = small(x)?;
    Ok(i32::from(narrow) + 1)
}

#[kernel]
fn operated(a: &i32, b: &i32, out: &mut [i32; 20]) {
    let (a, b) = (*a, *b);
    out[0] = match quotient(a, b) {
        Ok(0) => 1,
        Ok(q) if q < 0 => q / 2,
        Ok(q) => q,
        Err(Fault::Zero) => -3,
        Err(Fault::Overflow(of)) => of ^ 5,
    };
    out[1] = if let Ok(q) = quotient(a, b) { q } else { 9 };
    out[2] = if let Err(Fault::Overflow(x)) = quotient(a, b) { x } else { 8 };
    out[3] = match doubled(a) {
        Ok(x) => x,
        Err(()) => -1,
    };
    out[4] = match remainder(a, b) {
        Ok(r) => r,
        Err(code) => (code.number >> 3) as i32 + i32::from(code.line),
    };
    out[5] = match widened(a) {
        Ok(x) => x,
        Err(e) => -(e as i32) - 1,
    };
    let mut kept = quotient(a, b);
    if let Ok(q) = &mut kept {
        *q ^= 3;
    }
    out[6] = kept.unwrap_or(4);
    kept = Err(Fault::Overflow(b));
    out[7] = matches!(kept, Err(Fault::Overflow(x)) if x == b) as i32;
    // in tuples and in each other
    let pair = (quotient(a, b), positive(b));
    out[8] = match pair {
        (Ok(q), Ok(())) => q,
        (Ok(q), Err(())) => q ^ 1,
        (Err(_), Ok(_)) => 10,
        (Err(Fault::Zero), _) => 11,
        (Err(_), Err(_)) => 12,
    };
    let nested: Result<Option<i32>, u8> = if b == 4 { Err(3) } else { Ok(a.checked_add(b)) };
    out[9] = match nested {
        Ok(Some(x)) => x,
        Ok(None) => -7,
        Err(e) => i32::from(e),
    };
    let other: Option<Result<i32, (u8, bool)>> =
        (b >= 0).then(|| small(a).map(i32::from).map_err(|e| (e as u8, e > 9)));
    out[10] = match other {
        Some(Ok(x)) => x,
        Some(Err((e, true))) => 1000 + i32::from(e),
        Some(Err((e, false))) => 2000 + i32::from(e),
        None => 3000,
    };
    let Ok(sum) = a.checked_add(b).ok_or(1_u8) else {
        out[11] = 17;
        return;
    };
    out[11] = sum;
    let mut tries = 0;
    while let Err(()) = positive(tries + a.signum()) {
        tries += 1;
    }
    out[12] = tries;
    out[13] = nested.is_ok() as i32 + 2 * nested.is_err() as i32;
    out[14] = Some(kept).transpose().is_err() as i32;
    out[15] = nested.transpose().map_or(-1, |r| r.unwrap_or(-2));
    out[16] = match other.transpose() {
        Ok(None) => 1,
        Ok(Some(x)) => x,
        Err((e, _)) => i32::from(e),
    };
}

pub(crate) fn results_as_values(device: &Device) -> Answered<Answer> {
    let mut out = [0; 20 * 8];
    let _ = device.run(operated(&A, &B, &mut out))?;
    Ok(Answer::new().exact("operated", &out))
}

#[kernel]
fn combined(a: &i32, b: &i32, out: &mut [i32; 34]) {
    let (a, b) = (*a, *b);
    let q = small(a);
    let r: Result<i8, u16> = if b < 0 { Err(5) } else { Ok(b as i8) };
    out[0] = q.unwrap_or(-5) as i32;
    out[1] = q.unwrap_or_default() as i32;
    out[2] = q.unwrap_or_else(|e| (e >> 8) as i8) as i32;
    out[3] = q.map(|x| i32::from(x) ^ 1).unwrap_or(2);
    out[4] = q.map_or(4, |x| i32::from(x) / 2);
    out[5] = q.map_or_else(|e| -i32::from(e), i32::from);
    out[6] = q.map_err(|e| e ^ 1).unwrap_or_else(|e| e as i8) as i32;
    out[7] = q.and_then(|x| x.checked_add(100).ok_or(9)).unwrap_or(11) as i32;
    out[8] = q.or_else(|e| if e > 100 { Err(e) } else { Ok(e as i8) }).unwrap_or(12) as i32;
    out[9] = q.and(r).unwrap_or(13) as i32;
    out[10] = q.or(r).unwrap_or(14) as i32;
    out[11] = q.ok().map_or(15, i32::from);
    out[12] = q.err().map_or(16, i32::from);
    out[13] = q.is_ok_and(|x| x > 0) as i32 + 2 * q.is_err_and(|e| e > 100) as i32;
    out[14] = q.as_ref().map_or(17, |x| i32::from(*x));
    let mut changed = r;
    if let Ok(x) = changed.as_mut() {
        *x = x.wrapping_add(100);
    }
    out[15] = changed.or(Ok::<i8, u8>(18)).unwrap() as i32;
    let mut seen = 0;
    out[16] = q.inspect(|x| seen += i32::from(*x)).inspect_err(|e| seen -= i32::from(*e)).is_ok() as i32;
    out[17] = seen;
    let (x, y) = (q.unwrap_or(1), r.unwrap_or(2));
    let by_reference: Result<&i8, ()> = if b < 0 {
        Ok(&x)
    } else if b == 0 {
        Err(())
    } else {
        Ok(&y)
    };
    out[18] = by_reference.copied().unwrap_or(19) as i32 + by_reference.cloned().is_ok() as i32;
    let twice: Result<Result<i8, u16>, u16> = if b == 0 { Err(7) } else { Ok(q) };
    out[19] = twice.flatten().map_or_else(|e| 1000 + i32::from(e), i32::from);
    out[20] = if q.is_err() { q.unwrap_err() as i32 } else { q.expect("there is one") as i32 };
    // options
    let o = a.checked_add(b);
    out[21] = o.ok_or(3_u8).map_or_else(|e| i32::from(e), |x| x);
    out[22] = o.ok_or_else(|| a ^ b).unwrap_or_else(|e| e);
    let mut slot: Option<i32> = None;
    *slot.get_or_insert(a) ^= 1;
    out[23] = slot.unwrap_or(0);
    *slot.get_or_insert_with(|| 5) ^= 2;
    out[24] = slot.map_or(20, |x| x);
    out[25] = slot.take_if(|x| *x > 5).is_some() as i32 + 2 * slot.is_some() as i32;
    let inside = slot.insert(b);
    *inside = inside.wrapping_add(9);
    out[26] = slot.unwrap();
    out[27] = o.zip(slot).map_or(21, |(x, y)| x ^ y);
    let (left, right) = o.zip(Some(2_u8)).unzip();
    out[28] = left.unwrap_or(22) ^ right.map_or(23, i32::from);
    let optional: Option<Option<i32>> = if b == 1 { None } else { Some(o) };
    out[29] = optional.flatten().unwrap_or(24);
    let mut looked = 25;
    out[30] = o.inspect(|x| looked = *x).is_some() as i32;
    out[31] = looked;
    out[32] = o.as_ref().cloned().unwrap_or(26);
    out[33] = q.clone().is_ok() as i32 + 2 * o.clone().is_some() as i32;
}

pub(crate) fn combinators_of_results(device: &Device) -> Answered<Answer> {
    let mut out = [0; 34 * 8];
    let _ = device.run(combined(&A, &B, &mut out))?;
    Ok(Answer::new().exact("combined", &out))
}

/// A search that fails, in linked tables of its own.
#[kernel_fn]
fn found<'a>(table: &'a [u32], wanted: u32) -> Result<&'a u32, usize> {
    for k in 0..table.len() {
        if table[k] == wanted {
            return Ok(&table[k]);
        }
        if table[k] > wanted {
            return Err(k);
        }
    }
    Err(table.len())
}

/// Helpers that take closures, and leave by `?`.
#[kernel_fn]
fn summed(from: u32, to: u32, f: impl Fn(u32) -> Result<u32, u8>) -> Result<u32, u8> {
    let mut sum = 0;
    for k in from..to {
        sum += f(k)?;
    }
    Ok(sum)
}

#[kernel_fn]
fn first(from: u32, f: impl Fn(u32) -> Option<u32>) -> Option<u32> {
    let x = f(from)?;
    f(x)
}

#[kernel]
fn searched(table: &[u32], wanted: &u32, out: &mut [u32; 4]) {
    let wanted = *wanted;
    out[0] = match found(table, wanted) {
        Ok(here) => *here + 1,
        Err(at) => 100 + at as u32,
    };
    out[1] = found(table, wanted).copied().unwrap_or_else(|at| at as u32);
    out[2] = match summed(0, wanted, |k| if k < 4 { Ok(k * 3) } else { Err(k as u8) }) {
        Ok(sum) => sum,
        Err(at) => 1000 + at as u32,
    };
    out[3] = first(wanted, |k| k.checked_sub(5)).unwrap_or(77);
}

pub(crate) fn results_of_searches(device: &Device) -> Answered<Answer> {
    let (table, wanted) = ([1, 3, 4, 9, 20], [0, 1, 2, 3, 9, 10, 20, 21]);
    let mut out = [0; 32];
    let _ = device.run(searched(&table, &wanted, &mut out))?;
    Ok(Answer::new().exact("searched", &out))
}

/// What is in a place changed for something else.
#[kernel]
fn exchanged(a: &mut [i32; 4], b: &mut (i32, f32), out: &mut [i32; 6]) {
    let (mut x, mut y) = (a[0], b.0);
    std::mem::swap(&mut x, &mut y);
    out[0] = x ^ 3;
    out[1] = y;
    out[2] = mem::replace(&mut a[1], x + 1);
    out[3] = std::mem::take(&mut b.0);
    let mut slot = Some(y);
    out[4] = mem::take(&mut slot).unwrap_or(7) + slot.is_some() as i32;
    let old = mem::replace(b, (y, 2.5));
    out[5] = old.0 + old.1 as i32;
    let mut whole = [9, 8, 7, x];
    mem::swap(a, &mut whole);
    let taken = mem::take(&mut whole);
    a[2] = taken[3] + whole[0];
}

pub(crate) fn places_exchanged(device: &Device) -> Answered<Answer> {
    let mut a = [1, 2, 3, 4, i32::MAX - 9, 0, -1, 5, i32::MIN, -7, 0, 0];
    let mut b = [(5, 1.5), (i32::MIN, -0.0), (-1, 100.0)];
    let mut out = [0; 18];
    let _ = device.run(exchanged(&mut a, &mut b, &mut out))?;
    let b: Vec<f32> = b.iter().flat_map(|b| [b.0 as f32, b.1]).collect();
    Ok(Answer::new().exact("a", &a).exact("b", &b).exact("out", &out))
}
