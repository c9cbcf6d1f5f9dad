//! Cooperative kernels: groups of lanes with memory in common.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge::{Device, Group, Result, kernel, kernel_fn};

use super::answer::{Answer, panic_of};

fn numbers(n: u32) -> Vec<u32> {
    (0..n).map(|k| k.wrapping_mul(2_654_435_761) >> 9).collect()
}

#[kernel(group = 256)]
fn block_sum(g: &Group<256>, x: &[f32; 256], out: &mut f32) {
    let mut s = g.shared::<f32, 256>(0.0);
    g.each(&mut s, |i, s| *s = x[i]);
    let mut half = 128;
    while half > 0 {
        let (low, high) = s.split_at_mut(half);
        g.each(low, |i, s| *s += high[i]);
        half /= 2;
    }
    *out = s[0];
}

pub(crate) fn sums_of_groups(device: &Device) -> Result<Answer> {
    let x: Vec<f32> = numbers(256 * 9).iter().map(|n| (n % 1000) as f32).collect();
    let (mut out, mut none) = (vec![0.0; 9], vec![0.0; 0]);
    let _ = device.run(block_sum(&x, &mut out))?;
    let _ = device.run(block_sum(&[], &mut none))?;
    Ok(Answer::new().exact("sums", &out))
}

#[kernel(group = 64)]
fn scan(g: &Group<64>, x: &[u32; 256], out: &mut [u32; 256]) -> u32 {
    let (mut a, mut b) = (g.shared::<u32, 256>(7), g.shared::<u32, 256>(0));
    g.each(&mut a, |i, s| *s = x[i]);
    let (mut from, mut to) = (&mut a, &mut b);
    let mut step = 1;
    while step < 256 {
        g.each(to, |i, y| *y = from[i].wrapping_add(if i >= step { from[i - step] } else { 0 }));
        std::mem::swap(&mut from, &mut to);
        step *= 2;
    }
    g.each(out, |i, o| *o = from[i]);
    from[255]
}

pub(crate) fn scans_of_groups(device: &Device) -> Result<Answer> {
    let x = numbers(256 * 5);
    let mut out = vec![0; x.len()];
    let totals = device.collect(scan(&x, &mut out))?;
    Ok(Answer::new().exact("scans", &out).exact("totals", &totals))
}

#[kernel(group = 128)]
fn sort(g: &Group<128>, values: &mut [u32; 128]) {
    let (mut a, mut b) = (g.shared::<u32, 128>(0), g.shared::<u32, 128>(0));
    g.each(&mut a, |i, s| *s = values[i]);
    let (mut from, mut to) = (&mut a, &mut b);
    let mut k = 2;
    while k <= 128 {
        let mut j = k / 2;
        while j > 0 {
            g.each(to, |i, y| {
                let (me, other) = (from[i], from[i ^ j]);
                *y = if ((i & k) == 0) == ((i & j) == 0) { me.min(other) } else { me.max(other) };
            });
            std::mem::swap(&mut from, &mut to);
            j /= 2;
        }
        k *= 2;
    }
    g.each(values, |i, o| *o = from[i]);
}

pub(crate) fn bitonic_sorts(device: &Device) -> Result<Answer> {
    let mut values = numbers(128 * 3);
    let _ = device.run(sort(&mut values))?;
    assert!(values.chunks(128).all(<[u32]>::is_sorted), "on {}", device.info());
    Ok(Answer::new().exact("sorted", &values))
}

#[kernel(group = 32)]
fn histogram(g: &Group<32>, x: &[u32; 100], bins: &[AtomicU32], most: &mut u32) {
    let mut found = g.private([0_u32; 4]);
    g.each(&mut found, |lane, found| {
        let mut k = lane;
        while k < x.len() {
            found[(x[k] % 4) as usize] += 1;
            k += 32;
        }
    });
    g.lanes(|lane| {
        for (bin, n) in found[lane].iter().enumerate() {
            bins[bin].fetch_add(*n, Relaxed);
        }
    });
    let mut highest = 0_u32;
    for k in 0..32 {
        highest = highest.max(found[k][0]);
    }
    *most = highest;
}

pub(crate) fn histograms_of_groups(device: &Device) -> Result<Answer> {
    let (mut bins, mut most) = (vec![0_u32; 4], vec![0; 5]);
    let _ = device.run(histogram(&numbers(500), &mut bins, &mut most))?;
    Ok(Answer::new().exact("bins", &bins).exact("most", &most))
}

/// Each group has a tile of 8 x 8 of the product, each lane one row of 2 numbers in it.
#[kernel(group = 32)]
fn multiply(g: &Group<32>, n: usize, a: &[f32], b: &[f32], tile: &mut [[f32; 2]; 32]) {
    let (row, column) = (g.id / (n / 8) * 8, g.id % (n / 8) * 8);
    let mut sums = g.private([0.0_f32; 2]);
    let mut left = g.shared::<f32, 64>(0.0);
    let mut right = g.shared::<f32, 64>(0.0);
    for first in (0..n).step_by(8) {
        g.each(&mut left, |i, t| *t = a[(row + i / 8) * n + first + i % 8]);
        g.each(&mut right, |i, t| *t = b[(first + i / 8) * n + column + i % 8]);
        g.each(&mut sums, |lane, sums| {
            let (r, c) = (lane / 4, lane % 4 * 2);
            for k in 0..8 {
                for j in 0..2 {
                    sums[j] += left[r * 8 + k] * right[k * 8 + c + j];
                }
            }
        });
    }
    g.each2(tile, &mut sums, |_, out, sum| *out = *sum);
}

pub(crate) fn products_by_tiles(device: &Device) -> Result<Answer> {
    let n = 24_usize;
    let a: Vec<f32> = numbers(576).iter().map(|k| (k % 17) as f32).collect();
    let b: Vec<f32> = numbers(576).iter().map(|k| (k % 13) as f32 - 5.0).collect();
    let mut tiles = vec![[0.0; 2]; 32 * 9];
    let _ = device.run(multiply(n, &a, &b, &mut tiles))?;
    Ok(Answer::new().exact("tiles", &tiles))
}

#[kernel_fn]
fn doubled<const N: usize>(g: &Group<N>, values: &mut [u32], rounds: u32) -> u32 {
    for _ in 0..rounds {
        g.each(values, |_, v| *v *= 2);
    }
    values[0]
}

/// Groups that no argument counts, phases in helpers, phases that only some groups have, stores of the group between phases.
#[kernel(group = 8)]
fn numbered(g: &Group<8>, limit: u32, seen: &[AtomicU32]) {
    let mut s = g.shared::<u32, 20>(1);
    let first = doubled(g, &mut s, 3);
    if g.id % 2 == 0 {
        g.each(&mut s[..limit as usize], |i, s| *s += i as u32);
    }
    s[3] += 100;
    s[4] = s[3];
    let sum: u32 = s.iter().sum();
    g.lanes(|lane| {
        if lane == 0 {
            seen[g.id].fetch_add(sum + first, Relaxed);
        }
    });
}

pub(crate) fn groups_by_number(device: &Device) -> Result<Answer> {
    let mut seen = vec![0_u32; 5];
    let _ = device.run(numbered(5, 20, &mut seen))?;
    Ok(Answer::new().exact("seen", &seen))
}

#[kernel(group = 16)]
fn bytes(g: &Group<16>, x: &[u8; 64], out: &mut [u8; 64]) {
    g.each(out, |i, o| *o = x[63 - i].wrapping_add(i as u8));
}

pub(crate) fn bytes_of_groups(device: &Device) -> Result<Answer> {
    let x: Vec<u8> = numbers(256).iter().map(|n| *n as u8).collect();
    let mut out = vec![0_u8; 256];
    let _ = device.run(bytes(&x, &mut out))?;
    Ok(Answer::new().exact("bytes", &out))
}

const DIVISION: u32 = line!() + 5;

#[kernel(group = 16)]
fn failing(g: &Group<16>, x: &[u32; 64], out: &mut u32) {
    let mut s = g.shared::<u32, 64>(0);
    g.each(&mut s, |i, s| *s = 100 / x[i]);
    g.each(&mut s, |_, s| *s += 1);
    *out = s[0];
}

/// Other groups end as usual, and the lanes of the one that failed do not wait for ever.
pub(crate) fn panics_in_phases(device: &Device) -> Result<Answer> {
    let (mut x, mut out) = (vec![5_u32; 64 * 4], vec![0; 4]);
    x[64 * 2 + 37] = 0;
    if device.info().id != "plain" {
        let result = device.run(failing(&x, &mut out)).map(|r| r.to_string());
        let found = panic_of(result, file!())?;
        let found = (found.message.as_str(), found.line, found.item);
        assert_eq!(found, ("attempt to divide by zero", DIVISION, 2), "on {}", device.info());
    }
    x.fill(10);
    let _ = device.run(failing(&x, &mut out))?;
    Ok(Answer::new().exact("out", &out))
}
