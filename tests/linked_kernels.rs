//! The ready-made walks of linked data on every device of this machine, against plain Rust.

use std::collections::{BTreeMap, HashMap};

use landbridge::kernels::linked::{bvh, hash, list, map, octree, space};
use landbridge::kernels::region;
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
        assert_eq!(device.collect(list::nth(None::<&list::Node<f32>>, 0.5_f32, &positions))?, [0.5; 5], "{name}");
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
        assert_eq!(device.collect(map::lookup(None::<&map::Node<i32, u32>>, 3_u32, &[1_i32]))?, [3], "{name}");
        assert_eq!(device.collect(map::count_range(None::<&map::Node<u32, f32>>, &[0_u32], &[9]))?, [0], "{name}");
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

/// All in one place, in line, and so near to each other that cells do not tell them apart: trees stay shallow, and pulls right.
#[test]
fn octrees_of_awkward_bodies() -> Result<()> {
    let line = |k: u32| [k as f32, 0.0, 0.0];
    let near = |k: u32| [f32::from_bits(1.0_f32.to_bits() + k), 0.0, 1e6];
    let awkward: [Vec<[f32; 3]>; 4] = [
        vec![[1.0, 2.0, 3.0]; 100],
        (0..100).map(line).collect(),
        (0..100).map(near).chain([[-1e6, 0.0, 0.0]]).collect(),
        vec![[0.0; 3], [f32::MAX, f32::MAX, f32::MAX], [f32::MIN, 0.0, 0.0]],
    ];
    for (case, places) in awkward.iter().enumerate() {
        let masses = vec![2.0; places.len()];
        let tree = octree::Node::new(places, &masses).expect("not empty");
        assert!((f64::from(tree.mass) - 2.0 * places.len() as f64).abs() < 1e-3, "{case}");
        let mut arena = Region::new();
        let in_region = region::octree::Tree::new(&mut arena, places, &masses);
        for device in devices() {
            let name = device.info().to_string();
            let at = [1.0, 2.0, 3.0, 50.0, -2.0, 0.0];
            let pulls = device.collect(octree::pull(Some(&tree), 0.5, 0.0, &at))?;
            let same = device.collect(region::octree::pull(&arena, in_region, 0.5, 0.0, &at))?;
            assert_eq!(pulls, same, "{case} on {name}");
            assert!(pulls.as_flattened().iter().all(|c| c.is_finite()), "{case} on {name}: {pulls:?}");
        }
    }
    let refused = |places: &[[f32; 3]], masses: &[f32]| {
        std::panic::catch_unwind(|| octree::Node::new(places, masses).is_some()).is_err()
    };
    assert!(refused(&[[0.0, f32::NAN, 0.0]], &[1.0]) && refused(&[[f32::INFINITY; 3]], &[1.0]));
    assert!(refused(&[[0.0; 3]], &[]) && !refused(&[], &[]));
    Ok(())
}

/// Where all shapes are the same no plane divides them: the hierarchy is balanced all the same.
#[test]
fn hierarchies_of_equal_shapes() -> Result<()> {
    let shape = bvh::Triangle { corners: [[0.0, 0.0, 1.0], [2.0, 0.0, 1.0], [0.0, 2.0, 1.0]] };
    let shapes = vec![shape; 1000];
    let tree = bvh::Node::new(&shapes);
    let ray = |x, z| bvh::Ray { origin: [x, 0.25, 0.0], direction: [0.0, 0.0, z] };
    let rays = [ray(0.25, 4.0), ray(0.25, -4.0), ray(1.9, 1.0), ray(0.0, 0.5)];
    let hit = |index, distance| bvh::Hit { index, distance };
    let expected = [hit(0, 0.25), hit(u32::MAX, f32::INFINITY), hit(u32::MAX, f32::INFINITY), hit(0, 2.0)];
    let around = |low, high| bvh::Bounds { low: [low; 3], high: [high; 3] };
    for device in devices() {
        let name = device.info().to_string();
        assert_eq!(device.collect(bvh::first_hit(tree.as_deref(), &rays))?, expected, "{name}");
        let mut rows = [9; 4];
        let queries = [around(0.5, 1.0), around(1.5, 9.0)];
        let counts = device.collect(bvh::overlapping(tree.as_deref(), &queries, rows_mut(&mut rows, 2)))?;
        assert_eq!((counts, &rows[2..]), (vec![1000, 0], &[9, 9][..]), "{name}");
        assert!(rows[0] != rows[1] && rows[..2].iter().all(|k| *k < 1000), "{name}: {rows:?}");
    }
    Ok(())
}

/// Lavapipe ends loops after 65535 rounds, and counts more than a program does: an error, never a wrong count.
#[test]
fn long_walks_are_right_or_refused() {
    let shape = bvh::Bounds { low: [0.0; 3], high: [1.0; 3] };
    for count in [1500, 2500, 5000, 20_000] {
        let tree = bvh::Node::new(&vec![bvh::Triangle { corners: [shape.low, shape.high, [0.0, 1.0, 0.0]] }; count]);
        for device in devices() {
            match device.collect(bvh::overlapping(tree.as_deref(), &[shape], rows_mut(&mut [0], 1))) {
                Ok(counts) => assert_eq!(counts, [count as u32], "on {}", device.info()),
                Err(error) => assert!(error.to_string().contains("65535"), "on {}: {error}", device.info()),
            }
        }
    }
}

/// A shape that the library does not know.
#[derive(Clone, Copy, KernelType)]
struct Ball {
    middle: [f32; 3],
    radius: f32,
}

#[kernel_fn]
impl bvh::Shape for Ball {
    fn bounds(&self) -> bvh::Bounds {
        let (m, r) = (self.middle, self.radius);
        bvh::Bounds { low: [m[0] - r, m[1] - r, m[2] - r], high: [m[0] + r, m[1] + r, m[2] + r] }
    }

    /// The smaller solution of a quadratic equation, if it is not behind the ray.
    fn distance(&self, ray: &bvh::Ray) -> f32 {
        let (mut a, mut half_b, mut c) = (0.0_f32, 0.0_f32, -self.radius * self.radius);
        for k in 0..3 {
            let (from, towards) = (ray.origin[k] - self.middle[k], ray.direction[k]);
            a += towards * towards;
            half_b += from * towards;
            c += from * from;
        }
        let discriminant = half_b * half_b - a * c;
        if discriminant < 0.0 || half_b > 0.0 {
            return f32::INFINITY;
        }
        ((-half_b - discriminant.sqrt()) / a).max(0.0)
    }
}

/// Whole numbers in a row along an axis: distances are exact.
#[test]
fn hierarchies_of_users_shapes() -> Result<()> {
    let ball = |k: u32| Ball { middle: [3.0 * (k * 37 % 500) as f32, (k % 3) as f32, 0.0], radius: 1.0 };
    let balls: Vec<Ball> = (0..500).map(ball).collect();
    let ray = |x: f32, towards: f32| bvh::Ray { origin: [x, 1.0, 0.0], direction: [towards, 0.0, 0.0] };
    let rays: Vec<bvh::Ray> =
        (0..200).map(|k| ray(k as f32 * 9.0 - 20.5, if k % 2 == 0 { 1.0 } else { -0.5 })).collect();
    let first = |ray: &bvh::Ray| {
        let mut best = bvh::Hit { index: u32::MAX, distance: f32::INFINITY };
        for (index, ball) in (0..).zip(&balls) {
            let distance = bvh::Shape::distance(ball, ray);
            if distance < best.distance {
                best = bvh::Hit { index, distance };
            }
        }
        best
    };
    let expected: Vec<bvh::Hit> = rays.iter().map(first).collect();
    assert!(expected.iter().filter(|hit| hit.distance.is_finite()).count() > 100);
    let tree = bvh::Node::new(&balls);
    let mut arena = Region::new();
    let in_region = region::bvh::Tree::new(&mut arena, &balls);
    for device in devices() {
        let name = device.info().to_string();
        assert_eq!(device.collect(bvh::first_hit(tree.as_deref(), &rays))?, expected, "{name}");
        assert_eq!(device.collect(region::bvh::first_hit(&arena, in_region, &rays))?, expected, "{name}");
    }
    Ok(())
}
