//! Cooperative kernels: natively, and on the IR with the lanes in any order.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge::{Group, KernelValue, Result, kernel, kernel_fn};
use num_traits::Float;

use crate::support::{TestDevice, interpreted_in_order, same_in_any_order, same_panic};

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

fn numbers(n: u32) -> Vec<u32> {
    (0..n).map(|k| k.wrapping_mul(2_654_435_761) >> 9).collect()
}

#[test]
fn sums() {
    let x: Vec<f32> = numbers(1024).iter().map(|n| (n % 1000) as f32).collect();
    let found = same_in_any_order(|device| {
        let mut out = vec![0.0; 4];
        device.run(block_sum(&x, &mut out))?;
        Ok(out)
    });
    let expected: Vec<f32> = x.chunks(256).map(|x| x.iter().sum()).collect();
    assert_eq!(found, expected);
}

/// Two buffers in turn.
#[kernel(group = 64)]
fn scan(g: &Group<64>, x: &[u32; 256], out: &mut [u32; 256]) {
    let (mut a, mut b) = (g.shared::<u32, 256>(0), g.shared::<u32, 256>(0));
    g.each(&mut a, |i, s| *s = x[i]);
    let (mut from, mut to) = (&mut a, &mut b);
    let mut step = 1;
    while step < 256 {
        g.each(to, |i, y| *y = from[i].wrapping_add(if i >= step { from[i - step] } else { 0 }));
        std::mem::swap(&mut from, &mut to);
        step *= 2;
    }
    g.each(out, |i, o| *o = from[i]);
}

#[test]
fn scans() {
    let x = numbers(768);
    let found = same_in_any_order(|device| {
        let mut out = vec![0; x.len()];
        device.run(scan(&x, &mut out))?;
        Ok(out)
    });
    let sums = x.chunks(256).flat_map(|x| {
        x.iter().scan(0_u32, |sum, x| {
            *sum = sum.wrapping_add(*x);
            Some(*sum)
        })
    });
    assert_eq!(found, sums.collect::<Vec<_>>());
}

/// Bitonic.
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

#[test]
fn sorts() {
    let x = numbers(384);
    let found = same_in_any_order(|device| {
        let mut values = x.clone();
        device.run(sort(&mut values))?;
        Ok(values)
    });
    let mut expected = x;
    expected.chunks_mut(128).for_each(<[u32]>::sort);
    assert_eq!(found, expected);
}

/// Each group has a tile of 8 x 8 of the product, each lane one row of 2 numbers in it.
#[kernel(group = 32)]
fn multiply<T: Float + KernelValue>(g: &Group<32>, n: usize, a: &[T], b: &[T], tile: &mut [[T; 2]; 32]) {
    let (row, column) = (g.id / (n / 8) * 8, g.id % (n / 8) * 8);
    let mut sums = g.private([T::zero(); 2]);
    let mut left = g.shared::<T, 64>(T::zero());
    let mut right = g.shared::<T, 64>(T::zero());
    for first in (0..n).step_by(8) {
        g.each(&mut left, |i, t| *t = a[(row + i / 8) * n + first + i % 8]);
        g.each(&mut right, |i, t| *t = b[(first + i / 8) * n + column + i % 8]);
        g.each(&mut sums, |lane, sums| {
            let (r, c) = (lane / 4, lane % 4 * 2);
            for k in 0..8 {
                for j in 0..2 {
                    sums[j] = sums[j] + left[r * 8 + k] * right[k * 8 + c + j];
                }
            }
        });
    }
    g.each2(tile, &mut sums, |_, out, sum| *out = *sum);
}

#[test]
fn products() {
    let n = 16;
    let a: Vec<f64> = numbers(n * n).iter().map(|k| (k % 17) as f64).collect();
    let b: Vec<f64> = numbers(n * n).iter().map(|k| (k % 13) as f64 - 5.0).collect();
    let n = n as usize;
    let tiles = same_in_any_order(|device| {
        let mut tiles = vec![[[0.0; 2]; 32]; n * n / 64];
        device.run(multiply(n, &a, &b, tiles.as_flattened_mut()))?;
        Ok(tiles)
    });
    for (k, tile) in tiles.iter().enumerate() {
        let (row, column) = (k / (n / 8) * 8, k % (n / 8) * 8);
        for (l, value) in tile.as_flattened().iter().enumerate() {
            let (r, c) = (row + l / 8, column + l % 8);
            let expected: f64 = (0..n).map(|k| a[r * n + k] * b[k * n + c]).sum();
            assert_eq!(*value, expected, "{r} {c}");
        }
    }
}

/// Counts what each group finds, then adds it to all.
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

#[test]
fn histograms() {
    let x = numbers(500);
    let (bins, most) = same_in_any_order(|device| {
        let (mut bins, mut most) = (vec![0_u32; 4], vec![0; 5]);
        device.run(histogram(&x, &mut bins, &mut most))?;
        Ok((bins, most))
    });
    for k in 0..4 {
        assert_eq!(bins[k as usize] as usize, x.iter().filter(|x| *x % 4 == k).count());
    }
    assert!(most.iter().all(|m| *m > 0 && *m <= 4), "{most:?}");
}

#[kernel_fn]
fn doubled<const N: usize>(g: &Group<N>, values: &mut [u32], rounds: u32) -> u32 {
    for _ in 0..rounds {
        g.each(values, |_, v| *v *= 2);
    }
    values[0]
}

/// Groups that no argument counts, phases in helpers, and phases that only some groups have.
#[kernel(group = 8)]
fn numbered(g: &Group<8>, limit: u32, seen: &[AtomicU32]) {
    let mut s = g.shared::<u32, 20>(1);
    let first = doubled(g, &mut s, 3);
    if g.id % 2 == 0 {
        g.each(&mut s[..limit as usize], |i, s| *s += i as u32);
    }
    let sum: u32 = s.iter().sum();
    g.lanes(|lane| {
        if lane == 0 {
            seen[g.id].fetch_add(sum + first, Relaxed);
        }
    });
}

#[test]
fn groups_by_number() {
    let found = same_in_any_order(|device| {
        let mut seen = vec![0_u32; 5];
        device.run(numbered(5, 20, &mut seen))?;
        Ok(seen)
    });
    assert_eq!(found, [358, 168, 358, 168, 358]);
}

#[kernel(group = 16)]
fn failing(g: &Group<16>, x: &[u32; 16], out: &mut u32) {
    let mut s = g.shared::<u32, 16>(0);
    g.each(&mut s, |i, s| *s = 100 / x[i]);
    g.each(&mut s, |_, s| *s += 1);
    *out = s[0];
}

#[test]
fn panics_inside_phases() {
    let run = |device: &TestDevice| -> Result<()> {
        let mut x = vec![5_u32; 48];
        x[20] = 0;
        device.run(failing(&x, &mut vec![0; 3]))
    };
    let (message, _, group) = same_panic(run);
    assert_eq!((message.as_str(), group), ("attempt to divide by zero", 1));
}

#[test]
fn ragged_chunks_are_refused() {
    let mut out = vec![0.0; 4];
    let x = vec![0.0; 1000];
    let device = crate::support::native_device();
    let error = device.run(block_sum(&x, &mut out)).expect_err("1000 elements are no groups of 256");
    assert!(error.to_string().contains("1000"), "{error}");
}

#[kernel(group = 8)]
fn in_turn(g: &Group<8>, tickets: &[AtomicU32], out: &mut [u32; 32]) {
    g.each(out, |_, o| *o = tickets[0].fetch_add(1, Relaxed));
}

/// What the other tests rest on.
#[test]
fn the_interpreter_runs_lanes_in_any_order() {
    let order = |seed| {
        let (mut tickets, mut out) = (vec![0_u32], vec![0; 32]);
        interpreted_in_order(seed, |device| device.run(in_turn(&mut tickets, &mut out))).expect("no panic");
        out
    };
    let (first, second) = (order(1), order(2));
    assert_ne!(first, second);
    assert_ne!(first, (0..32).collect::<Vec<_>>());
    assert_eq!(first, order(1));
}
