//! Chains with loops inside, one behind another, or held in a variable.

use std::iter;

use landbridge::{Device, Result, kernel, kernel_fn};

use super::super::answer::Answer;

#[kernel_fn]
fn mixed(a: u32, b: u32) -> u32 {
    a.wrapping_mul(31).wrapping_add(b)
}

#[kernel]
fn inner_loops(x: &u32, table: &[u32], rows: &[[u32; 3]], out: &mut [u32; 12]) {
    let n = *x;
    out[0] = table.iter().flat_map(|v| (0..*v % 4).map(move |k| v * 10 + k)).fold(7, mixed);
    out[1] = rows.iter().flatten().copied().fold(1, mixed);
    out[2] = rows.iter().flat_map(|r| r.iter()).filter(|v| **v > n).count() as u32;
    out[3] = rows.iter().flat_map(|r| &r[1..]).copied().take(n as usize).fold(1, mixed);
    out[4] = (0..n % 7)
        .flat_map(|i| {
            let start = i * i;
            let end = start + i;
            start..end
        })
        .skip(2)
        .step_by(3)
        .fold(3, mixed);
    let differences: [Option<u32>; 4] = [n.checked_sub(3), None, n.checked_add(7), n.checked_mul(5)];
    out[5] = differences.iter().flatten().chain(&[4]).copied().chain(differences.into_iter().flatten()).fold(5, mixed);
    out[6] = table.chunks(2).flatten().enumerate().map(|(i, v)| mixed(i as u32, *v)).fold(9, mixed);
    // What decides ends all loops.
    let mut seen = 0_u32;
    let found = rows.iter().flatten().inspect(|_| seen += 1).position(|v| *v == n);
    out[7] = found.map_or(99, |p| p as u32);
    out[8] = seen;
    let mut calls = 0_u32;
    out[9] = (0..5_u32)
        .flat_map(|i| (0..5_u32).map(move |j| i * 5 + j))
        .inspect(|_| calls += 1)
        .take_while(|v| *v < n)
        .fold(2, mixed);
    out[10] = calls;
    let mut sum = 0_u32;
    'all: for v in rows.iter().flat_map(|r| r.iter().filter(|v| **v != 4)) {
        if *v % 3 == 0 {
            continue;
        }
        for k in 0..3 {
            if sum > 500 {
                break 'all;
            }
            if k > *v {
                continue 'all;
            }
            sum = sum * 3 + *v;
        }
    }
    out[11] = sum;
}

fn table() -> Vec<u32> {
    (0..9).map(|k| k * 5 % 11).collect()
}

const ROWS: [[u32; 3]; 4] = [[1, 2, 3], [4, 5, 6], [7, 4, 9], [0, 11, 12]];

pub(crate) fn loops_inside(device: &Device) -> Result<Answer> {
    let x = [0, 1, 4, 9, 12, 1000, u32::MAX];
    let (mut out, mut empty) = ([0; 84], [0; 84]);
    let _ = device.run(inner_loops(&x, &table(), &ROWS, &mut out))?;
    let _ = device.run(inner_loops(&x, &[], &[], &mut empty))?;
    Ok(Answer::new().exact("out", &out).exact("of nothing", &empty))
}

#[kernel]
fn one_behind_another(x: &u32, table: &[u32], out: &mut [u32; 14]) {
    let n = *x;
    out[0] = table.iter().chain(&[n, 2]).fold(1, |a, v| mixed(a, *v));
    out[1] = table.iter().chain(table.iter().rev()).rev().enumerate().fold(1, |a, (i, v)| mixed(a, *v + i as u32));
    out[2] = (0..n % 5).chain(10..12).zip(table).map(|(a, b)| mixed(a, *b)).fold(1, mixed);
    out[3] = table.iter().map(|v| v ^ n).chain(iter::once(n)).chain((0..3).filter(|k| k % 2 == 0)).fold(1, mixed);
    out[4] = table.iter().map(|v| v / 2).chain(0..n % 4).rev().fold(1, mixed);
    out[5] = table.iter().copied().filter(|v| v % 2 == 0).chain(0..9).skip(2).take(4).fold(1, mixed);
    let mut calls = 0;
    out[6] = table
        .iter()
        .map(|v| {
            calls += 1;
            *v
        })
        .take_while(|v| *v < 9)
        .chain(100..200)
        .find(|v| *v > n)
        .unwrap_or(77);
    out[7] = calls;
    out[8] = table
        .iter()
        .scan(n, |state, v| {
            *state = mixed(*state, *v);
            if *v == 8 { None } else { Some(*state ^ 1) }
        })
        .fold(1, mixed);
    out[9] = table.iter().copied().cycle().take((n % 23) as usize).fold(1, mixed);
    out[10] = iter::repeat_n(n, 3).chain(iter::once(4)).fold(1, mixed);
    out[11] = iter::successors(Some(1 + n % 7), |v| v.checked_mul(3).filter(|v| *v < 500)).fold(1, mixed);
    let mut left = n % 6;
    out[12] = iter::from_fn(|| {
        if left == 0 {
            return_none()
        } else {
            left -= 1;
            Some(left * 2)
        }
    })
    .map(|v| v + 1)
    .fold(1, mixed);
    let mut sum = 0;
    for (a, b) in iter::zip(table, 0..n % 9).chain(iter::zip(&[5, 6], 20..30)) {
        if *a == 5 {
            continue;
        }
        sum = mixed(sum, *a * b);
    }
    out[13] = sum;
}

#[kernel_fn]
fn return_none() -> Option<u32> {
    None
}

pub(crate) fn one_chain_behind_another(device: &Device) -> Result<Answer> {
    let x = [0, 1, 4, 9, 12, 1000];
    let (mut out, mut empty) = ([0; 84], [0; 84]);
    let _ = device.run(one_behind_another(&x, &table(), &mut out))?;
    let _ = device.run(one_behind_another(&x, &[], &mut empty))?;
    Ok(Answer::new().exact("out", &out).exact("of nothing", &empty))
}

#[kernel]
fn held_chains(x: &u32, table: &[u32], out: &mut [u32; 8]) {
    let n = *x;
    let scaled = table.iter().map(|v| v.wrapping_mul(n));
    let limit = table.len() / 2;
    out[0] = scaled.take(limit).fold(1, mixed);
    let mut add = n;
    let plus = (0..6_u32).map(move |v| v.wrapping_add(add));
    add = 3;
    for v in plus {
        add = mixed(add, v);
    }
    out[1] = add;
    let pairs = table.iter().zip(table.windows(2));
    out[2] = pairs.filter(|(v, w)| **v == w[0]).count() as u32;
    let odd = (0..n % 10).filter(|v| v % 2 == 1);
    out[3] = if n % 2 == 0 { odd.fold(1, mixed) } else { odd.count() as u32 };
    let squares: [u32; 5] = std::array::from_fn(|i| (i as u32).wrapping_mul(n));
    out[4] = squares.iter().copied().fold(1, mixed);
    out[5] = core::array::from_fn::<u32, 3, _>(|i| squares[i + 1])[2];
    let last = (n % 9) as usize;
    out[6] = (0..=last).rev().step_by(2).enumerate().fold(1, |a, (i, k)| mixed(a, (i * 10 + k) as u32));
    out[7] = (2..=last).step_by(3).chain((0..=last).rev().rev()).fold(1, |a, k| mixed(a, k as u32));
}

pub(crate) fn chains_in_variables(device: &Device) -> Result<Answer> {
    let x = [0, 1, 4, 9, 1000, u32::MAX];
    let mut out = [0; 48];
    let _ = device.run(held_chains(&x, &table(), &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn full_ranges(x: &u32, out: &mut [u64; 8]) {
    let n = u64::from(*x);
    out[0] = (0..=u64::MAX).take(4).sum();
    out[1] = (0..=u64::MAX).rev().take(3).fold(n, u64::wrapping_add);
    out[2] = (0..=u64::MAX).find(|v| v * v > n).unwrap_or(0);
    out[3] = (0..=u64::MAX).step_by(1 << 61).fold(n, |a, b| a ^ b.rotate_left(3));
    out[4] =
        (i64::MIN..=i64::MAX).rev().step_by(usize::MAX / 5).map(|v| v as u64).fold(n, |a, b| a.wrapping_mul(3) ^ b);
    out[5] = (n..=u64::MAX).zip(&[3_u8, 4]).map(|(a, b)| a.wrapping_mul(u64::from(*b))).fold(0, u64::wrapping_add);
    out[6] = (u64::MAX - n % 3..=u64::MAX).rev().fold(n, |a, b| a.wrapping_mul(7) ^ b);
    out[7] = (0..=u64::MAX).map(|v| v ^ n).take(2).fold(0, u64::wrapping_add);
}

pub(crate) fn full_ranges_of_64_bits(device: &Device) -> Result<Answer> {
    let mut out = [0; 24];
    let _ = device.run(full_ranges(&[0, 7, 1_000_000_000], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

/// Iterators that are taken in parts.
#[allow(clippy::while_let_on_iterator, reason = "both ways are tested")]
#[kernel]
fn taken_in_parts(x: &[u8], n: &u32, out: &mut [u32; 8]) {
    // a parser: numbers of several digits, as a user writes it
    let mut it = x.iter();
    let (mut numbers, mut sum) = (0, 0_u32);
    while let Some(c) = it.next() {
        if !c.is_ascii_digit() {
            continue;
        }
        let mut value = (c - b'0') as u32;
        while let Some(next) = it.next() {
            if !next.is_ascii_digit() {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add((next - b'0') as u32);
        }
        (numbers, sum) = (numbers + 1, sum.wrapping_add(value));
    }
    (out[0], out[1]) = (numbers, sum);
    out[0] += 1000 * it.next().is_some() as u32;
    let mut pairs = x.iter().copied().enumerate().skip(1).step_by(2);
    out[2] = pairs.next().map_or(77, |(k, c)| k as u32 * 1000 + c as u32);
    out[3] = pairs.by_ref().take(*n as usize).map(|(k, _)| k as u32).sum();
    for (k, c) in &mut pairs {
        if c == b' ' {
            out[4] = k as u32;
            break;
        }
    }
    out[4] += 100 * pairs.clone().count() as u32;
    out[5] = pairs.map(|(k, c)| k as u32 ^ c as u32).fold(7, |a, b| a.wrapping_mul(31).wrapping_add(b));
    let mut odd = (0..*n).chain(100..104).filter(|k| k % 2 == 1).map(|k| k * 3);
    out[6] = odd.find(|k| *k > 5).unwrap_or(1) + 1000 * odd.position(|k| k > 300).unwrap_or(9) as u32;
    out[6] += 100_000 * odd.by_ref().count() as u32 + 1_000_000 * odd.next().is_none() as u32;
    let mut powers = std::iter::successors(Some(1_u32), |p| p.checked_mul(7));
    out[7] = powers.nth(2).unwrap_or(0) + powers.any(|p| p > 1000) as u32;
    out[7] += powers.next().unwrap_or(5) % 1000 * 1000;
}

pub(crate) fn chains_taken_in_parts(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for text in [&b"12, 345 6 x78  9"[..], b"", b"7", b" ", b"99999999999 1 2"] {
        let mut out = [[0; 8]; 4];
        let _ = device.run(taken_in_parts(text, &[0, 1, 2, 9], out.as_flattened_mut()))?;
        answer = answer.exact("out", &out);
    }
    Ok(answer)
}
