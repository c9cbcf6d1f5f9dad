//! Methods of slices and arrays, also of empty ones.

use landbridge::{Device, Result, kernel};

use crate::suite::answer::Answer;

#[kernel]
fn look(t: &[i32], n: &usize, out: &mut [i32; 10]) {
    let t = &t[..*n];
    out[0] = t.first().copied().unwrap_or(-1);
    out[1] = t.last().copied().unwrap_or(-2);
    out[2] = t.get(2).map_or(-3, |v| v * 2);
    out[3] = match t.get(t.len()) {
        Some(_) => 1,
        None => 2,
    };
    out[4] = t.contains(&30) as i32;
    let (left, right) = t.split_at(t.len() / 2);
    out[5] = left.iter().sum();
    out[6] = right.iter().sum::<i32>() * 2 + right.len() as i32;
    out[7] = t.is_empty() as i32;
    let own = [*n as i32, 5, 30];
    out[8] = *own.last().unwrap() + own.as_slice().first().map_or(0, |v| *v);
    out[9] = if let (Some(a), Some(b)) = (own.get(*n), t.first()) { a + b } else { 77 };
}

pub(crate) fn elements(device: &Device) -> Result<Answer> {
    let mut out = [0; 50];
    let _ = device.run(look(&[10, 20, 30, 40], &[0, 1, 2, 3, 4], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn change(x: &[u32; 5], out: &mut [u32; 5], n: &usize) {
    out.copy_from_slice(x);
    out.reverse();
    if let Some(first) = out.first_mut() {
        *first += 100;
    }
    if let Some(last) = out.last_mut() {
        *last += 200;
    }
    if let Some(v) = out.get_mut(*n) {
        *v += 1000;
    }
    let (left, right) = out.split_at_mut(2);
    left[1] += right[0];
    right.swap(0, 2);
    right[..*n % 3].fill(7);
    let mut short = [1_u32, 2];
    short.reverse();
    out[4] += short[0];
}

pub(crate) fn changes_of_elements(device: &Device) -> Result<Answer> {
    let x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut out = [0; 15];
    let _ = device.run(change(&x, &mut out, &[0, 4, 5]))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn mapped(x: &[f32; 3], out: &mut [f32; 4], flags: &mut [bool; 3]) {
    let doubled = x.map(|v| v * 2.0);
    let mut count = 0;
    let numbered = doubled.map(|v| {
        count += 1;
        v + count as f32
    });
    out[..3].copy_from_slice(&numbered);
    out[3] = x.map(|v| v as i32).iter().map(|v| *v as f32).sum();
    *flags = numbered.map(|v| v > 3.0);
}

pub(crate) fn mapped_arrays(device: &Device) -> Result<Answer> {
    let (mut out, mut flags) = ([0.0; 8], [false; 6]);
    let _ = device.run(mapped(&[0.5, 1.5, -2.0, 4.0, 0.0, 1.0], &mut out, &mut flags))?;
    Ok(Answer::new().exact("out", &out).exact("flags", &flags))
}
