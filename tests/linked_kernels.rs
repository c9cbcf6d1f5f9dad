//! The ready-made walks of linked data on every device of this machine, against plain Rust.

use std::collections::{BTreeMap, HashMap};

use landbridge::kernels::linked::{hash, list, map, space};
use landbridge::prelude::*;
use landbridge::{Error, Result};

/// Each runs the kernels itself: no host stands in for it.
fn devices() -> impl Iterator<Item = Device> {
    Device::all().into_iter().map(|device| device.without_fallback())
}

/// Numbers without order, the same in every run.
fn numbers(count: usize) -> impl Iterator<Item = u32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    })
}

#[test]
fn lists() -> Result<()> {
    let values: Vec<i32> = numbers(3000).map(|k| (k % 2001) as i32 - 1000).collect();
    let limits: Vec<i32> = (-1002..1002).step_by(7).collect();
    let up_to = |limit: &i32| values.iter().filter(|v| *v <= limit).sum();
    let sums: Vec<i32> = limits.iter().map(up_to).collect();
    let positions = [0, 1, 2999, 3000, u32::MAX];
    let at = positions.map(|k| values.get(k as usize).copied().unwrap_or(7));
    let list = list::Node::list(values.iter().copied());
    for device in devices() {
        let name = device.info().to_string();
        assert_eq!(device.collect(list::sum_up_to(list.as_deref(), 0, &limits))?, sums, "{name}");
        assert_eq!(device.collect(list::nth(list.as_deref(), 7, &positions))?, at, "{name}");
        assert_eq!(device.collect(list::nth(None, 0.5_f32, &positions))?, [0.5; 5], "{name}");
        let short = list::Node::list([0.25_f32, -4.0, 100.0]);
        assert_eq!(device.collect(list::sum_up_to(short.as_deref(), 1.0, &[50.0, -5.0]))?, [-2.75, 1.0], "{name}");
    }
    Ok(())
}

#[test]
fn maps() -> Result<()> {
    let keys: Vec<u32> = numbers(5000).map(|k| k % 20_000).collect();
    let mut plain = BTreeMap::new();
    for (k, key) in keys.iter().enumerate() {
        plain.entry(*key).or_insert(k as f32 * 0.5);
    }
    let tree = map::Node::tree(keys.iter().enumerate().map(|(k, key)| (*key, k as f32 * 0.5)));
    let asked: Vec<u32> = (0..20_100).step_by(3).collect();
    let found: Vec<f32> = asked.iter().map(|key| plain.get(key).copied().unwrap_or(-1.0)).collect();
    let from: Vec<u32> = numbers(900).map(|k| k % 21_000).collect();
    let to: Vec<u32> = from.iter().zip(numbers(900)).map(|(from, k)| (from + k % 3000).saturating_sub(20)).collect();
    let counts: Vec<u32> =
        from.iter().zip(&to).map(|(from, to)| plain.range(*from..*to.max(from)).count() as u32).collect();
    for device in devices() {
        let name = device.info().to_string();
        assert_eq!(device.collect(map::lookup(tree.as_deref(), -1.0, &asked))?, found, "{name}");
        assert_eq!(device.collect(map::count_range(tree.as_deref(), &from, &to))?, counts, "{name}");
        assert_eq!(device.collect(map::lookup(None, 3_u32, &[1_i32]))?, [3], "{name}");
        assert_eq!(device.collect(map::count_range::<_, f32>(None, &[0_u32], &[9]))?, [0], "{name}");
    }
    Ok(())
}

/// A tree by hand need not be balanced; where the walk's own stack is too small the launch fails, it does not guess.
#[test]
fn lopsided_maps() -> Result<()> {
    let chain = |nodes: u32| {
        let node = |left, key| Some(Box::new(map::Node { key, value: key, left, right: None }));
        let right = |key| Some(Box::new(map::Node { key, value: key, left: None, right: None }));
        (1..=nodes).fold(None, |below, k| {
            let mut top = node(below, 10 * k)?;
            top.right = right(10 * k + 5);
            Some(top)
        })
    };
    let (fits, too_deep) = (chain(map::DEPTH as u32), chain(map::DEPTH as u32 + 1));
    for device in devices() {
        let name = device.info().to_string();
        let counts = device.collect(map::count_range(fits.as_deref(), &[0, 15], &[10_000, 31]))?;
        assert_eq!(counts, [2 * map::DEPTH as u32, 4], "{name}");
        assert_eq!(device.collect(map::lookup(too_deep.as_deref(), 0, &[10, 11, 25]))?, [10, 0, 25], "{name}");
        let failed = device.collect(map::count_range(too_deep.as_deref(), &[0], &[10_000]));
        let Err(Error::KernelPanic { index: Some(index), .. }) = failed else { panic!("{name}: {failed:?}") };
        assert_eq!(index, map::DEPTH as u64, "{name}");
    }
    Ok(())
}

#[test]
fn hash_tables() -> Result<()> {
    for count in [1, 7, 256, 1000] {
        let (mut buckets, mut plain) = (Vec::new(), HashMap::new());
        buckets.resize_with(count, || None);
        for (k, key) in numbers(2000).enumerate() {
            let (key, value) = (key % 3000, k as i32 - 1000);
            assert_eq!(hash::insert(&mut buckets, key, value), plain.insert(key, value));
        }
        let asked: Vec<u32> = (0..3010).chain([u32::MAX]).collect();
        let found: Vec<i32> = asked.iter().map(|key| plain.get(key).copied().unwrap_or(i32::MIN)).collect();
        for device in devices() {
            let name = device.info().to_string();
            assert_eq!(device.collect(hash::lookup(&buckets, i32::MIN, &asked))?, found, "{count} on {name}");
        }
    }
    for device in devices() {
        let failed = device.collect(hash::lookup::<u32>(&[], 0, &[1]));
        assert!(matches!(failed, Err(Error::KernelPanic { .. })), "{}: {failed:?}", device.info());
    }
    Ok(())
}

/// Whole coordinates: squares of distances are exact on every device, and many points are equally near.
#[test]
fn nearest_points() -> Result<()> {
    let places = |count: usize| -> Vec<[f32; 3]> {
        let mut numbers = numbers(3 * count).map(|k| (k % 41) as f32 - 20.0);
        (0..count).map(|_| [(); 3].map(|()| numbers.next().unwrap())).collect()
    };
    let asked: Vec<[f32; 3]> = places(700).iter().rev().map(|p| [p[1] + 0.5, p[2], 1.5 * p[0]]).collect();
    for count in [0, 1, 2, 1500] {
        let points = places(count);
        let tree = space::Node::tree(&points);
        let expected: Vec<space::Found> = asked.iter().map(|at| brute_force(&points, at)).collect();
        for device in devices() {
            let found = device.collect(space::nearest(tree.as_deref(), asked.as_flattened()))?;
            assert_eq!(found, expected, "{count} points on {}", device.info());
        }
    }
    Ok(())
}

fn brute_force(points: &[[f32; 3]], at: &[f32; 3]) -> space::Found {
    let mut best = space::Found { index: u32::MAX, distance: f32::INFINITY };
    for (index, point) in points.iter().enumerate() {
        let distance = (0..3).map(|k| (at[k] - point[k]) * (at[k] - point[k])).sum();
        if distance < best.distance {
            best = space::Found { index: index as u32, distance };
        }
    }
    best
}
