//! Ends of chains that choose one item or compare two chains, and chains over ranges in variables.
// Each method is there to be called, also where shorter code would do.
#![allow(clippy::iter_nth_zero, clippy::search_is_some, clippy::unnecessary_find_map, clippy::manual_next_back)]

use std::ops::{Range, RangeInclusive};

use landbridge::{Device, Result, kernel, kernel_fn};

use crate::suite::answer::Answer;

#[kernel]
#[allow(clippy::iter_nth, reason = "it is one of what is tested")]
fn choose(x: &[f32; 6], k: &[i32; 6], n: &usize, out: &mut [f32; 14], numbers: &mut [i32; 14]) {
    let (x, k) = (&x[..*n], &k[..*n]);
    out[0] = x.iter().copied().reduce(f32::max).unwrap_or(-1.0);
    out[1] = x.iter().copied().reduce(|a, b| a * 0.5 + b).unwrap_or(-1.0);
    out[2] = *x.iter().min_by(|a, b| a.total_cmp(b)).unwrap_or(&7.0);
    out[3] = *x.iter().max_by(|a, b| a.total_cmp(b)).unwrap_or(&7.0);
    out[4] =
        x.iter().map(|v| v.abs()).max_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Less)).unwrap_or(8.0);
    out[5] = x.iter().copied().min_by(f32::total_cmp).unwrap_or(9.0);
    out[6] = x.iter().find_map(|v| (*v > 1.0).then_some(v * 2.0)).unwrap_or(0.25);
    out[7] = x.iter().nth(2).copied().unwrap_or(0.5);
    out[8] = x.iter().map(|v| v + 1.0).next().unwrap_or(0.75);
    out[9] = *x.iter().rfind(|v| **v < 2.0).unwrap_or(&3.0);
    out[10] = x.iter().rfold(1.0, |sum, v| sum * 0.25 + v);
    out[11] = x.iter().zip(k).filter(|(_, k)| **k > 0).map(|(v, _)| *v).nth(1).unwrap_or(-2.0);
    out[12] = x.iter().zip(k.iter().map(|k| *k as f32 * 0.5)).map(|(a, b)| a + b).fold(0.0, |a, b| a * 2.0 + b);
    out[13] = x.iter().zip([1.0_f32, 2.0].iter().cycle()).map(|(a, b)| a.max(*b)).sum();

    numbers[0] = *k.iter().min_by_key(|v| (**v % 5).abs()).unwrap_or(&-1);
    numbers[1] = *k.iter().max_by_key(|v| (**v % 5).abs()).unwrap_or(&-1);
    numbers[2] = k.iter().enumerate().max_by_key(|(_, v)| **v).map_or(-1, |(i, _)| i as i32);
    numbers[3] = k.iter().enumerate().min_by(|a, b| a.1.cmp(b.1)).map_or(-1, |(i, _)| i as i32);
    numbers[4] = k.iter().rposition(|v| *v % 2 == 0).map_or(-1, |i| i as i32);
    numbers[5] = k.iter().map(|v| v / 2).rposition(|v| v == 3).map_or(-1, |i| i as i32);
    numbers[6] = k.iter().copied().reduce(i32::wrapping_mul).unwrap_or(-1);
    let mut seen = 0;
    numbers[7] = k.iter().inspect(|v| seen += **v % 7).nth(1).copied().unwrap_or(-3);
    numbers[8] = seen;
    numbers[9] = (1..*n as i32).map(|i| i * i).nth(3).unwrap_or(-4);
    numbers[10] = k.iter().max_by_key(|v| (**v > 0, -(**v % 3), ())).copied().unwrap_or(-5);
    numbers[10] += k.iter().min_by_key(|v| *v).copied().unwrap_or(1) % 100;
    numbers[11] = k.chunks(2).map(|c| c[0]).rposition(|v| v > 1).map_or(-6, |i| i as i32);
    // Of fewer than two items the cycle is one of nothing.
    let some = &k[..*n / 2];
    numbers[12] = x.iter().zip(some.iter().cycle()).map(|(_, k)| *k % 10).sum();
    numbers[13] = x.iter().filter(|v| **v > 0.0).zip(some.iter().cycle()).map(|(_, k)| *k % 10).sum();
}

pub(crate) fn chosen_items(device: &Device) -> Result<Answer> {
    let x = [0.5, -0.0, 2.5, -1.5, 2.5, 0.0];
    let special = [f32::NEG_INFINITY, 3.0, f32::INFINITY, -3.0, 1.0e-3, 8.0];
    let k = [6, 3, -7, 8, 3, i32::MAX];
    let (mut xs, mut ks, mut n) = (vec![], vec![], vec![]);
    for length in 0..=6 {
        for x in [x, special] {
            xs.extend(x);
            ks.extend(k.map(|k| if length % 2 == 0 { k } else { k ^ 1 }));
            n.push(length);
        }
    }
    let (mut out, mut numbers) = (vec![0.0; 14 * n.len()], vec![0; 14 * n.len()]);
    let _ = device.run(choose(&xs, &ks, &n, &mut out, &mut numbers))?;
    Ok(Answer::new().exact("floats", &out).exact("numbers", &numbers))
}

#[kernel]
fn compare(x: &[f32], y: &[f32], n: &usize, m: &usize, out: &mut [u8; 13]) {
    let (a, b) = (&x[..*n], &y[..*m]);
    out[0] = a.iter().eq(b.iter()) as u8;
    out[1] = a.iter().ne(b) as u8;
    out[2] = a.iter().lt(b.iter()) as u8;
    out[3] = a.iter().le(b.iter()) as u8;
    out[4] = a.iter().gt(b.iter()) as u8;
    out[5] = a.iter().ge(b.iter()) as u8;
    out[6] = match a.iter().partial_cmp(b.iter()) {
        Some(std::cmp::Ordering::Less) => 1,
        Some(std::cmp::Ordering::Equal) => 2,
        Some(std::cmp::Ordering::Greater) => 3,
        None => 4,
    };
    out[7] = a.iter().map(|v| v.to_bits()).cmp(b.iter().map(|v| v.to_bits())).is_lt() as u8;
    out[8] = a.iter().filter(|v| **v > 0.0).eq([1.0_f32, 2.0].iter()) as u8;
    out[9] = (0..*n).eq(0..*m) as u8;
    out[10] = (0..*n).rev().lt((0..*m).map(|i| i / 2)) as u8;
    out[11] = a.iter().copied().zip(0..4_u8).eq(b.iter().copied().zip(0..4_u8)) as u8;
    out[12] = [1_u8, 2].iter().rev().cmp(&[2, 1, 0]).is_lt() as u8;
}

pub(crate) fn chains_compared(device: &Device) -> Result<Answer> {
    let x = [1.0, 2.0, -0.0, f32::NAN];
    let y = [1.0, 2.0, 0.0, 5.0];
    let (mut n, mut m) = (vec![], vec![]);
    for a in 0..=4 {
        for b in 0..=4 {
            n.push(a);
            m.push(b);
        }
    }
    let (mut out, mut other) = (vec![0; 13 * 25], vec![0; 13 * 25]);
    let _ = device.run(compare(&x, &y, &n, &m, &mut out))?;
    let _ = device.run(compare(&y, &[1.0, 1.5, f32::INFINITY, 0.0], &n, &m, &mut other))?;
    Ok(Answer::new().exact("out", &out).exact("other", &other))
}

#[kernel_fn]
fn sum_of(range: Range<u32>, step: usize) -> u32 {
    let mut sum = 0_u32;
    for i in range.clone().rev() {
        sum = sum.wrapping_mul(3) + i;
    }
    range.step_by(step).fold(sum, |sum, i| sum.wrapping_mul(5) + i)
}

#[kernel_fn]
fn inclusive(range: RangeInclusive<u8>) -> u32 {
    range.clone().map(u32::from).sum::<u32>()
        + range.rev().step_by(2).fold(0_u32, |sum, i| sum.wrapping_mul(7) + u32::from(i))
}

/// Small unsigned types, whose least value ends a reversed range.
#[kernel]
fn stepped_down(least: &u8, step: &usize, out: &mut [u32; 4]) {
    for i in (*least..=6_u8).rev().step_by(*step) {
        out[0] = out[0] * 9 + u32::from(i);
    }
    for i in (0..=6_u8).rev().step_by(2) {
        out[1] = out[1] * 9 + u32::from(i) + 1;
    }
    out[2] = (*least..=6_u8).rev().step_by(*step).fold(0, |sum, i| sum * 9 + u32::from(i));
    let range = *least..7;
    for i in range.rev().step_by(2) {
        out[3] = out[3] * 9 + u32::from(i);
    }
}

pub(crate) fn ranges_stepped_down(device: &Device) -> Result<Answer> {
    let mut out = [0; 24];
    let _ = device.run(stepped_down(&[0, 0, 1, 5, 6, 7], &[1, 2, 2, 3, 1, 2], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn over_ranges(a: &u32, b: &u32, x: &[u32], out: &mut [u32; 8], letters: &mut [u32; 4]) {
    let range = *a..*b;
    out[0] = sum_of(range.clone(), 2);
    for i in range.clone() {
        out[1] += i;
    }
    for (k, i) in range.clone().enumerate() {
        out[2] += k as u32 * i;
    }
    for i in range.clone().step_by(3) {
        out[3] = out[3] * 11 + i;
    }
    out[4] = range.clone().filter(|i| i % 2 == 1).count() as u32;
    out[5] = x.iter().zip(range.clone()).map(|(x, i)| x * i).sum::<u32>();
    let pairs = range.clone().len() as u32 + range.start + range.contains(&3) as u32;
    out[6] = range.map(|i| i * i).max().unwrap_or(pairs);
    out[7] = inclusive(*a as u8..=*b as u8);

    let near = '\u{d7fe}'..='\u{e001}';
    letters[0] = near.clone().count() as u32;
    letters[1] = near.rev().map(|c| c as u32).nth(2).unwrap_or(0);
    letters[2] = ('\u{d7ff}'..'\u{e003}').map(|c| c as u32).fold(0, |sum, c| sum * 3 + c);
    letters[3] = ('a'..='z').skip(*a as usize).step_by(5).map(u32::from).sum();
}

pub(crate) fn chains_over_ranges(device: &Device) -> Result<Answer> {
    let (a, b) = ([0, 1, 4, 7, 9], [0, 6, 4, 20, 3]);
    let (mut out, mut letters) = ([0; 40], [0; 20]);
    let _ = device.run(over_ranges(&a, &b, &[1, 2, 3, 4], &mut out, &mut letters))?;
    Ok(Answer::new().exact("out", &out).exact("letters", &letters))
}
