//! `Option` of plain values, methods of options of any kind, and `bool::then`.
// Each method is there to be called, also where shorter code would do.
#![allow(clippy::unnecessary_lazy_evaluations, clippy::or_then_unwrap, clippy::obfuscated_if_else)]

use landbridge::{Device, KernelType, Result, kernel, kernel_fn};

use crate::suite::answer::Answer;

const A: [i32; 8] = [0, 1, -1, 7, -20, i32::MAX, i32::MIN, 1000];
const B: [i32; 8] = [0, 3, -1, 0, 4, 1, -1, -8];

#[kernel]
fn combined(a: &i32, b: &i32, out: &mut [i32; 24]) {
    let (a, b) = (*a, *b);
    let quotient = a.checked_div(b);
    let none: Option<i32> = None;
    out[0] = quotient.unwrap_or(-5);
    out[1] = quotient.unwrap_or_default();
    out[2] = quotient.unwrap_or_else(|| a ^ b);
    out[3] = quotient.map(|q| q ^ 1).unwrap_or(2);
    out[4] = quotient.map_or(4, |q| q / 2);
    out[5] = quotient.map_or_else(|| b, |q| q / 3);
    out[6] = quotient.and_then(|q| q.checked_add(a)).unwrap_or(11);
    out[7] = quotient.filter(|q| *q > 0).unwrap_or(12);
    out[8] = quotient.filter(|&q| q < 0).map_or(0, i32::abs);
    out[9] = quotient.or(Some(13)).unwrap();
    out[10] = quotient.or_else(|| a.checked_add(1)).expect("one of both");
    out[11] = quotient.and(Some(5_u8)).map_or(0, |n| n as i32);
    out[12] = quotient.xor(none).unwrap_or(14);
    out[13] = quotient.xor(Some(1)).unwrap_or(15);
    out[14] = quotient.is_some_and(|q| q % 2 == 0) as i32;
    out[15] = quotient.is_none_or(|q| q % 2 == 0) as i32;
    out[16] = match quotient {
        Some(0) => 1,
        Some(q) if q < 0 => 2,
        Some(_) => 3,
        None => 4,
    };
    out[17] = if let Some(q) = quotient
        && q != 0
    {
        q
    } else {
        16
    };
    let Some(sum) = a.checked_add(b) else {
        out[18] = 17;
        return;
    };
    out[18] = sum;
    let mut kept = quotient;
    out[19] = kept.take().unwrap_or(18);
    out[20] = kept.is_none() as i32;
    out[21] = kept.replace(sum).is_some() as i32;
    out[22] = kept.map(|k| (k, 1)).map_or(0, |(k, one)| k - one);
    out[23] = quotient.as_ref().map_or(0, |q| *q);
}

pub(crate) fn combinators(device: &Device) -> Result<Answer> {
    let mut out = [0; 24 * 8];
    let _ = device.run(combined(&A, &B, &mut out))?;
    Ok(Answer::new().exact("combined", &out))
}

#[derive(Clone, Copy, KernelType)]
struct Hit {
    at: f32,
    item: u32,
}

/// The nearer root of a quadratic, where there is one.
#[kernel_fn]
fn hit(b: f32, c: f32, item: u32) -> Option<Hit> {
    let d = b * b - c;
    if d < 0.0 {
        return None;
    }
    Some(Hit { at: -b - d.sqrt(), item })
}

#[kernel_fn]
fn both(b: f32, c: f32) -> Option<f32> {
    let (one, other) = (hit(b, c, 1)?, hit(-b, c, 2)?);
    Some(one.at + other.at)
}

#[kernel]
fn hits(b: &f32, c: &f32, out: &mut [f32; 6]) {
    let nearest = hit(*b, *c, 1).filter(|h| h.at > 0.0).or(hit(-*b, *c, 2));
    out[0] = nearest.map_or(-1.0, |h| h.at);
    out[1] = nearest.map_or(0.0, |h| h.item as f32);
    out[2] = both(*b, *c).unwrap_or(f32::INFINITY);
    let mut best: Option<Hit> = None;
    for k in 0..4 {
        let found = hit(*b - k as f32, *c, k);
        if found.is_some_and(|h| best.is_none_or(|other| h.at < other.at)) {
            best = found;
        }
    }
    out[3] = best.map_or(0.0, |h| h.at);
    out[4] = (*b > 0.0).then(|| b.trunc()).unwrap_or(0.5);
    out[5] = (*c > 0.0).then_some(*b).map(f32::abs).unwrap_or(0.25);
}

pub(crate) fn structs_in_options(device: &Device) -> Result<Answer> {
    let b = [0.0, 1.5, -2.0, 3.0, -4.0, 0.5];
    let c = [1.0, 2.0, -4.0, 9.0, 4.0, -0.75];
    let mut out = [0.0; 36];
    let _ = device.run(hits(&b, &c, &mut out))?;
    Ok(Answer::new().within(4, "hits", &out))
}

/// `Option`s of references: the same methods.
#[kernel]
fn references(t: &[f32], k: &u32, out: &mut [f32; 5]) {
    let some = (*k < 3).then(|| &t[*k as usize]);
    out[0] = some.copied().unwrap_or(-1.0);
    out[1] = some.map_or(0.0, |x| x * 2.0);
    out[2] = *some.unwrap_or(&t[0]);
    out[3] = some.filter(|x| **x > 2.0).or(t_last(t)).copied().unwrap_or(0.5);
    let mut kept = some;
    out[4] = kept.take().is_some_and(|x| *x > 1.0) as u32 as f32 + kept.is_none() as u32 as f32;
}

#[kernel_fn]
fn t_last(t: &[f32]) -> Option<&f32> {
    if t.is_empty() { None } else { Some(&t[t.len() - 1]) }
}

pub(crate) fn references_in_options(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 25];
    let _ = device.run(references(&[1.5, 2.5, 3.5, 0.5], &[0, 1, 2, 3, 4], &mut out))?;
    Ok(Answer::new().exact("references", &out))
}

/// Options of exclusive references, and what is inside of an option changed in place.
#[kernel]
fn exclusive(x: &u32, out: &mut [u32; 4]) {
    let mut count = Some(*x);
    if let Some(n) = count.as_mut() {
        *n += 1;
    }
    out[0] = count.unwrap_or(0);
    let mut a = [*x, *x + 1, *x + 2];
    a.fill(*x * 2);
    out[1] = a[0] + a[2];
    let mut slot = Some(&mut a[1]);
    if let Some(inside) = slot.as_deref_mut() {
        *inside += 5;
    }
    out[2] = slot.map_or(0, |inside| *inside);
    out[3] = a[1];
}

pub(crate) fn exclusive_options(device: &Device) -> Result<Answer> {
    let mut out = [0; 12];
    let _ = device.run(exclusive(&[0, 3, 1000], &mut out))?;
    Ok(Answer::new().exact("exclusive", &out))
}
