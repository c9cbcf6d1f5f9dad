//! Chains of iterators, fused into loops.
// Each method is there to be called, also where shorter code would do.
#![allow(
    clippy::double_ended_iterator_last,
    clippy::filter_map_bool_then,
    clippy::into_iter_on_ref,
    clippy::iter_count,
    clippy::manual_contains,
    clippy::reversed_empty_ranges
)]

use landbridge::{Device, Result, kernel, kernel_fn};

use crate::suite::answer::Answer;

/// `for` over chains: patterns, jumps, and elements that are written.
#[kernel]
fn loops(x: &[i32; 8], y: &mut [i32; 8], out: &mut [i32; 6]) {
    for (i, (a, b)) in y.iter_mut().zip(x.iter()).enumerate() {
        *a = *b * 2 + i as i32;
    }
    for v in x.iter().rev() {
        out[0] = out[0] * 3 + v;
    }
    'outer: for (i, &v) in x.iter().enumerate().skip(1) {
        for w in x.iter().take(i).copied() {
            if w == v {
                continue 'outer;
            }
            if w + v == 1000 {
                break 'outer;
            }
        }
        out[1] += v;
    }
    for i in (0..8).filter(|i| i % 3 != 1) {
        out[2] += x[i];
    }
    for (i, k) in (0..=6_u8).rev().step_by(2).enumerate() {
        out[3] += i as i32 * x[k as usize];
    }
    for v in y.iter().map(|v| v - 1).take_while(|v| *v < 50) {
        out[4] += v;
    }
    for (a, b) in x.iter().zip(&[3, 1, 4]) {
        out[5] += a * b;
    }
}

pub(crate) fn loops_over_chains(device: &Device) -> Result<Answer> {
    let x = [1, 2, 3, 2, 1, 9, 8, 7, 0, 0, 5, -5, 600, 400, 1, 2];
    let (mut y, mut out) = ([0; 16], [0; 12]);
    let _ = device.run(loops(&x, &mut y, &mut out))?;
    Ok(Answer::new().exact("y", &y).exact("out", &out))
}

#[kernel_fn]
fn weight(x: f32) -> f32 {
    x * 0.5
}

#[kernel]
fn sums(x: &[f32; 6], n: &[u32; 6], floats: &mut [f32; 8], integers: &mut [u32; 10]) {
    floats[0] = x.iter().sum();
    floats[1] = x.iter().zip(n).map(|(a, b)| a * *b as f32).sum::<f32>();
    floats[2] = x.iter().copied().fold(f32::INFINITY, f32::min);
    floats[3] = x.iter().fold(f32::NEG_INFINITY, |m, v| m.max(*v));
    floats[4] = x.iter().map(|v| v.abs()).product();
    floats[5] = x.iter().cloned().map(weight).filter(|v| *v > 0.0).sum();
    let (mean, count) = x.iter().fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
    floats[6] = mean / count;
    floats[7] = x.into_iter().filter_map(|v| (*v >= 0.0).then(|| v + 1.0)).last().unwrap_or(-1.0);
    integers[0] = n.iter().sum();
    integers[1] = n.iter().product::<u32>();
    integers[2] = *n.iter().max().unwrap();
    integers[3] = n.iter().copied().min().unwrap_or(77);
    integers[4] = n.iter().filter(|&&v| v > 2).count() as u32;
    integers[5] = (1..=n[0]).map(|k| k * k).sum();
    integers[6] = (0..6).map(|i| n[i] * i as u32).max().unwrap_or_default();
    integers[7] = n.iter().skip_while(|v| **v < 3).map_while(|v| v.checked_sub(2)).sum::<u32>();
    let mut seen = 0;
    integers[8] = n.iter().inspect(|v| seen += **v).take(3).map(|v| v ^ 1).sum();
    n.iter().enumerate().for_each(|(i, v)| seen += i as u32 * v);
    integers[9] = seen;
}

pub(crate) fn sums_and_folds(device: &Device) -> Result<Answer> {
    let x = [1.5, -2.0, 0.25, 8.0, -0.5, 4.0, 0.5, -0.5, -1.0, -2.0, -4.0, -8.0];
    let n = [1, 2, 3, 4, 5, 6, 6, 0, 9, 3, 1, 1];
    let (mut floats, mut integers) = ([0.0; 16], [0; 20]);
    let _ = device.run(sums(&x, &n, &mut floats, &mut integers))?;
    Ok(Answer::new().exact("floats", &floats).exact("integers", &integers))
}

#[kernel]
fn search(x: &[i32; 6], key: &i32, flags: &mut [bool; 4], out: &mut [i32; 5]) {
    let key = *key;
    flags[0] = x.iter().any(|v| *v == key);
    flags[1] = x.iter().all(|&v| v <= key);
    flags[2] = x.windows(2).all(|w| w[0] <= w[1]);
    flags[3] = (0..x.len()).any(|i| x[i] + i as i32 == key);
    out[0] = x.iter().position(|&v| v == key).map_or(-1, |i| i as i32);
    out[1] = x.iter().find(|v| **v > key).copied().unwrap_or(-1);
    out[2] = x.iter().rev().position(|v| *v == key).map_or(-1, |i| i as i32);
    out[3] = match x.iter().enumerate().find(|(_, v)| **v < key) {
        Some((i, v)) => i as i32 * 100 + v,
        None => -1,
    };
    out[4] = if let Some(i) = x.iter().position(|v| *v == 0) { x[i..].iter().sum() } else { 5 };
}

pub(crate) fn searches(device: &Device) -> Result<Answer> {
    let x = [3, 1, 4, 0, 5, 9, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7];
    let (mut flags, mut out) = ([false; 12], [0; 15]);
    let _ = device.run(search(&x, &[4, 6, 7], &mut flags, &mut out))?;
    Ok(Answer::new().exact("flags", &flags).exact("out", &out))
}

#[kernel]
fn in_pieces(t: &[u32], n: &usize, out: &mut [u32; 7]) {
    let n = *n;
    for (k, chunk) in t.chunks(n).enumerate() {
        out[0] += (k as u32 + 1) * chunk.iter().sum::<u32>() + chunk.len() as u32;
    }
    out[1] = t.chunks_exact(n).map(|c| c[0] * c[c.len() - 1]).sum();
    out[2] = t.windows(n).map(|w| w[n - 1] - w[0]).fold(0, |a, b| a * 2 + b);
    out[3] = t.chunks_exact(2).rev().map(|c| c[0]).fold(0, |a, b| a * 3 + b);
    let mut own = [1_u32, 2, 3, 4, 5, 6];
    for pair in own.chunks_exact_mut(2) {
        pair.swap(0, 1);
        pair[0] += 10;
    }
    for piece in own.chunks_mut(4) {
        piece[0] += 100;
    }
    for v in own.iter_mut().step_by(2) {
        *v += 1000;
    }
    out[4] = own.iter().fold(0, |a, b| a * 7 + b);
    out[5] = own.into_iter().rev().fold(0, |a, b| a * 5 + b);
    out[6] = t.iter().skip(n).step_by(n).take(2).sum();
}

pub(crate) fn pieces(device: &Device) -> Result<Answer> {
    let mut out = [0; 35];
    let _ = device.run(in_pieces(&[1, 3, 6, 10, 15, 21, 28], &[1, 2, 3, 7, 9], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

/// Which closures run, how often, and when.
#[kernel]
fn traced(x: &[i32; 5], out: &mut [i32; 7]) {
    let mut trace = 1;
    let sum: i32 = x
        .iter()
        .map(|v| {
            trace = trace * 3 + v;
            v * 2
        })
        .take(3)
        .sum();
    out[0] = sum;
    out[1] = trace;
    let mut calls = 0;
    out[2] = x
        .iter()
        .map(|v| {
            calls += 1;
            *v
        })
        .skip(1)
        .step_by(2)
        .take(2)
        .fold(0, |a, b| a * 10 + b);
    out[3] = calls;
    let mut looked = 0;
    out[4] = x
        .iter()
        .filter(|v| {
            looked += 1;
            **v % 2 == 1
        })
        .enumerate()
        .map(|(i, v)| i as i32 * v)
        .sum();
    out[5] = looked;
    out[6] = x.iter().map(|v| v + 1).zip(&[2, 3]).map(|(a, b)| a * b).sum();
}

pub(crate) fn order_of_evaluation(device: &Device) -> Result<Answer> {
    let mut out = [0; 14];
    let _ = device.run(traced(&[1, 2, 3, 4, 5, 7, 7, 6, 5, 5], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn backwards(x: &[i32; 5], out: &mut [i32; 6]) {
    out[0] = x.iter().enumerate().rev().fold(0, |a, (i, v)| a * 3 + i as i32 * v);
    out[1] = x.iter().zip(0..4).rev().fold(0, |a, (v, i)| a * 3 + i * v);
    out[2] = x.iter().map(|v| v * 2).rev().fold(0, |a, v| a * 3 + v);
    out[3] = x.iter().filter(|v| **v > 1).rev().fold(0, |a, v| a * 3 + v);
    out[4] = x.iter().rev().skip(1).rev().step_by(2).fold(0, |a, v| a * 3 + v);
    out[5] = (-2..=2_i8).rev().map(|k| k as i32).fold(0, |a, v| a * 3 + v);
}

pub(crate) fn reversed(device: &Device) -> Result<Answer> {
    let mut out = [0; 12];
    let _ = device.run(backwards(&[1, 2, 3, 4, 5, 0, -1, 7, 1, 2], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

/// Nothing to go over, one item, and counts past the end.
#[kernel]
fn nearly_nothing(t: &[f32], n: &usize, floats: &mut [f32; 3], out: &mut [u32; 9]) {
    let t = &t[..*n];
    floats[0] = t.iter().sum();
    floats[1] = t.iter().product();
    floats[2] = t.iter().copied().fold(1.5, f32::max);
    out[0] = t.iter().count() as u32;
    out[1] = t.iter().any(|_| true) as u32;
    out[2] = t.iter().all(|_| false) as u32;
    out[3] = t.iter().last().is_none() as u32;
    out[4] = (0..*n).max().map_or(9, |m| m as u32);
    out[5] = (5..3_u32).map(|k| k + 1).sum();
    out[6] = t.iter().skip(5).count() as u32 + 10 * t.iter().take(5).count() as u32;
    out[7] = t.chunks(3).count() as u32 + 10 * t.windows(3).count() as u32 + 100 * t.chunks_exact(2).count() as u32;
    out[8] = (0..=255_u8).map(|k| k as u32).sum::<u32>() + t.iter().step_by(100).count() as u32;
}

pub(crate) fn empty_and_short(device: &Device) -> Result<Answer> {
    let (mut floats, mut out) = ([0.0; 12], [0; 36]);
    let _ = device.run(nearly_nothing(&[-0.0, 2.0, 3.0, 4.0], &[0, 1, 3, 4], &mut floats, &mut out))?;
    Ok(Answer::new().exact("floats", &floats).exact("out", &out))
}
