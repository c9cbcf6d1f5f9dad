//! Ranges in variables, fields of ranges, and what is asked of them.

use std::ops::{Range, RangeInclusive};

use landbridge::{Device, Result, kernel, kernel_fn};

use super::answer::Answer;

#[kernel_fn]
fn width(range: &Range<i32>) -> i32 {
    range.end - range.start
}

#[kernel_fn]
fn around(x: i32, by: i32) -> RangeInclusive<i32> {
    x.saturating_sub(by)..=x.saturating_add(by)
}

#[kernel]
fn asked(a: &i32, b: &i32, x: &i32, out: &mut [i32; 8]) {
    let r = *a..*b;
    let closed = *a..=*b;
    out[0] = r.contains(x) as i32 + 2 * closed.contains(x) as i32 + 4 * r.is_empty() as i32;
    out[0] += 8 * closed.is_empty() as i32 + 16 * (..*b).contains(x) as i32 + 32 * (*a..).contains(x) as i32;
    out[1] = (..=*b).contains(x) as i32 + 2 * (0.0..1.0).contains(&(*x as f32)) as i32;
    out[2] = r.len() as i32;
    out[3] = (r.start / 2).wrapping_add(r.end / 2);
    out[4] = if r.is_empty() { -1 } else { width(&(r.start / 2..r.end / 2)) };
    let near = around(*x, 5);
    out[5] = near.start().wrapping_mul(3).wrapping_add(*near.end());
    let mut moved = r.clone();
    moved.start = moved.start.min(4);
    out[6] = (moved.start == r.start) as i32;
    let Range { start, end } = moved;
    out[7] = start ^ end;
}

pub(crate) fn ranges_as_values(device: &Device) -> Result<Answer> {
    let edges = [i32::MIN, -7, -1, 0, 1, 6, i32::MAX];
    let (mut a, mut b, mut x) = (vec![], vec![], vec![]);
    for from in edges {
        for to in edges {
            for at in edges {
                a.push(from);
                b.push(to);
                x.push(at);
            }
        }
    }
    let mut out = vec![0; a.len() * 8];
    let _ = device.run(asked(&a, &b, &x, &mut out))?;
    Ok(Answer::new().exact("asked", &out))
}

#[kernel_fn]
fn sum_of(part: &[u32]) -> u32 {
    let mut sum = 0;
    for x in part {
        sum = sum * 3 + x;
    }
    sum
}

#[kernel]
fn parts(all: &[u32], from: &u32, to: &u32, out: &mut [u32; 9]) {
    let r = *from as usize..*to as usize;
    out[0] = match all.get(r.clone()) {
        Some(part) => part.len() as u32 * 10 + sum_of(part),
        None => 7777,
    };
    out[1] = all.get(r.start..=r.end).map_or(1, sum_of);
    out[2] = all.get(r.start..).map_or(2, sum_of);
    out[3] = all.get(..r.end).map_or(3, |part| part.len() as u32);
    out[4] = all.get(..=r.end).map_or(4, |part| part.len() as u32);
    let mut table = [1_u32, 2, 3, 4, 5];
    if let Some(part) = table.get_mut(r.clone()) {
        for x in part.iter_mut() {
            *x += 100;
        }
    }
    out[5] = sum_of(&table);
    if r.start <= r.end && r.end <= all.len() {
        let part = &all[r.clone()];
        out[6] = sum_of(part) + part.len() as u32;
        out[7] = sum_of(&all[r.start..][..r.len()]);
        let first = 0..r.len() / 2;
        out[8] = sum_of(&part[first.clone()]) - sum_of(&all[r][first]);
    }
}

pub(crate) fn parts_by_ranges(device: &Device) -> Result<Answer> {
    let all = [3, 1, 4, 1, 5, 9];
    let (mut from, mut to) = (vec![], vec![]);
    for a in [0, 1, 2, 5, 6, 7, u32::MAX] {
        for b in [0, 1, 3, 4, 5, 6, 7, u32::MAX] {
            from.push(a);
            to.push(b);
        }
    }
    let mut out = vec![0; from.len() * 9];
    let _ = device.run(parts(&all, &from, &to, &mut out))?;
    Ok(Answer::new().exact("parts", &out))
}

#[kernel]
fn looped(a: &u8, b: &u8, out: &mut [u32; 3]) {
    let r = *a..*b;
    for x in r.clone() {
        out[0] = out[0].wrapping_mul(7).wrapping_add(x as u32);
    }
    let closed = *a..=*b;
    for x in closed {
        if x == 77 {
            continue;
        }
        out[1] = out[1].wrapping_mul(5).wrapping_add(x as u32);
        if x == 200 {
            break;
        }
    }
    for _ in r {
        out[2] += 1;
    }
}

pub(crate) fn loops_over_range_values(device: &Device) -> Result<Answer> {
    let edges = [0, 1, 5, 76, 80, 254, 255];
    let (mut a, mut b) = (vec![], vec![]);
    for from in edges {
        for to in edges {
            a.push(from);
            b.push(to);
        }
    }
    let mut out = vec![0; a.len() * 3];
    let _ = device.run(looped(&a, &b, &mut out))?;
    Ok(Answer::new().exact("loops", &out))
}
