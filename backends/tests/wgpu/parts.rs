//! Whole slices that are larger than one binding, on a device whose bindings are made small.

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

use landbridge::reduction::Sum;
use landbridge::{Error, Extent, KernelType, kernel};
use landbridge_backends::webgpu::ResidentArgument;

use super::*;

/// Bytes of a part.
const PART: usize = 4096;

/// The first adapter with bindings of [`PART`] bytes, or a printed skip.
pub(crate) fn limited(change: impl FnOnce(&mut AdapterLimits)) -> Option<(Arc<WgpuBackend>, Device)> {
    backend()?;
    let mut limits = AdapterLimits { binding_bytes: PART as u64, ..adapters()[0].facts.limits };
    change(&mut limits);
    let backend = Arc::new(WgpuBackend::open_limited(0, limits).expect("the adapter opens"));
    let device = device(&backend);
    Some((backend, device))
}

fn strategies(device: &Device) -> impl Iterator<Item = Strategy> + '_ {
    [Strategy::Copy, Strategy::Map].into_iter().filter(|strategy| device.info().supports(*strategy))
}

#[kernel]
fn gather(i: &u32, t: &[f32]) -> f32 {
    t[*i as usize]
}

/// Lengths at and around the borders of parts, read from the first element to the last.
#[test]
fn every_element_is_found_in_its_part() {
    let Some((_, device)) = limited(|_| {}) else { return };
    for strategy in strategies(&device) {
        for length in [900, 1023, 1024, 1025, 1026, 2047, 2048, 2049, 5000] {
            // What begins inside of a page is mapped with some bytes before it.
            let all: Vec<f32> = (0..length as u32 + 5).map(|k| k as f32).collect();
            let t = &all[5..];
            let i: Vec<u32> = (0..length as u32).rev().collect();
            let expected: Vec<f32> = i.iter().map(|i| t[*i as usize]).collect();
            let found = device.collect(gather(&i[..], t).strategy(strategy)).expect("runs");
            assert!(found == expected, "{length} elements by {strategy}");
        }
    }
}

#[derive(Clone, Copy, Default, Debug, PartialEq, KernelType)]
struct Point {
    x: f32,
    n: i32,
    small: u16,
    smaller: u8,
}

#[kernel]
fn pick(i: &u32, all: &[Point]) -> Point {
    all[*i as usize]
}

#[kernel]
fn small_of(i: &u32, all: &[Point]) -> u8 {
    all[*i as usize].smaller
}

/// 12 bytes each: some lie half in one part, half in the next.
#[test]
fn elements_may_straddle_a_border() {
    assert_eq!(size_of::<Point>(), 12);
    let Some((_, device)) = limited(|_| {}) else { return };
    let point = |k: u32| Point { x: k as f32, n: -(k as i32), small: (k * 7) as u16, smaller: (k * 31) as u8 };
    for strategy in strategies(&device) {
        for length in [341_u32, 342, 343, 682, 683, 684, 1500] {
            let all: Vec<Point> = (0..length).map(point).collect();
            let i: Vec<u32> = (0..length).map(|k| (k * 131) % length).collect();
            let found = device.collect(pick(&i[..], &all[..]).strategy(strategy)).expect("runs");
            assert!(found.iter().zip(&i).all(|(found, i)| *found == point(*i)), "{length} by {strategy}");
            let found = device.collect(small_of(&i[..], &all[..]).strategy(strategy)).expect("runs");
            assert!(found.iter().zip(&i).all(|(found, i)| *found == point(*i).smaller), "{length} by {strategy}");
        }
    }
}

#[kernel]
fn byte_at(i: &u32, t: &[u8]) -> u8 {
    t[*i as usize]
}

#[kernel]
fn wide_at(i: &u32, t: &[u64]) -> u32 {
    (t[*i as usize] >> 7) as u32
}

/// Elements smaller and larger than a word, from any address.
#[test]
fn bytes_and_wide_numbers() {
    let Some((_, device)) = limited(|_| {}) else { return };
    let all: Vec<u8> = (0..20_000_u32).map(|k| ((k * k) >> 5) as u8).collect();
    for strategy in strategies(&device) {
        for (start, length) in [(0, 4097), (1, 4096), (3, 12_289), (2, 8192)] {
            let t = &all[start..start + length];
            let i: Vec<u32> = (0..length as u32).collect();
            let found = device.collect(byte_at(&i[..], t).strategy(strategy)).expect("runs");
            assert!(found == t, "{length} bytes from {start} by {strategy}");
        }
        let t: Vec<u64> = (0..1600_u64).map(|k| k * 0x1_2345_6789).collect();
        let i: Vec<u32> = (0..1600).collect();
        match device.collect(wide_at(&i[..], &t[..]).strategy(strategy)) {
            Ok(found) => assert!(found.iter().zip(&t).all(|(found, t)| *found == (*t >> 7) as u32)),
            Err(error) => assert!(matches!(error, Error::Unsupported { .. }), "{error}"),
        }
    }
}

#[test]
fn out_of_bounds_is_a_panic_there_too() {
    let Some((_, device)) = limited(|_| {}) else { return };
    let t = vec![1.0_f32; 3000];
    for strategy in strategies(&device) {
        for wrong in [3000, 3001, 4095, 4096, u32::MAX] {
            let i = [0, wrong, 2999];
            let error = device.collect(gather(&i[..], &t[..]).strategy(strategy)).expect_err("out of bounds");
            let Error::KernelPanic { work_item, index, length, .. } = error else { panic!("{error}") };
            assert_eq!((work_item, index, length), (1, Some(u64::from(wrong)), Some(3000)));
        }
    }
}

#[kernel]
fn count(i: &u32, h: &[AtomicU32]) {
    h[*i as usize].fetch_add(1, Relaxed);
}

#[kernel]
fn lowest(i: &u32, h: &[AtomicI32], t: &[u32]) {
    let old = h[*i as usize].fetch_min(-(t[*i as usize] as i32), Relaxed);
    if old == 1 {
        h[0].fetch_sub(1, Relaxed);
    }
}

/// Atomics in parts go there once and come back once, whatever the launch is cut into.
#[test]
fn atomics_in_parts() {
    let Some((backend, device)) = limited(|_| {}) else { return };
    for cap in [None, Some(100_000)] {
        backend.set_memory_cap(cap);
        for strategy in strategies(&device) {
            let i: Vec<u32> = (0..30_000_u32).map(|k| k.wrapping_mul(k) % 2500).collect();
            let mut h = vec![3_u32; 2500];
            let mut expected = h.clone();
            i.iter().for_each(|i| expected[*i as usize] += 1);
            let _ = device.run(count(&i[..], &mut h[..]).strategy(strategy)).expect("runs");
            assert!(h == expected, "{strategy}, {cap:?}");
        }
    }
    backend.set_memory_cap(None);
    let (i, t): (Vec<u32>, Vec<u32>) = ((1..2000).collect(), (0..2000).collect());
    let mut h = vec![0_i32; 2000];
    h[1500] = 1;
    let _ = device.run(lowest(&i[..], &mut h[..], &t[..])).expect("runs");
    let expected = |k: usize| if k == 0 { -1 } else { -(k as i32) };
    assert!(h.iter().enumerate().all(|(k, h)| *h == expected(k)));
}

/// Under Copy a launch that fails changes nothing.
#[test]
fn a_panic_leaves_atomics_as_they_were() {
    let Some((_, device)) = limited(|_| {}) else { return };
    let mut h = vec![5_u32; 3000];
    let error = device.run(count(&[0, 2999, 3000][..], &mut h[..]).strategy(Strategy::Copy)).expect_err("too far");
    assert!(matches!(error, Error::KernelPanic { .. }), "{error}");
    assert!(h == vec![5; 3000]);
}

#[kernel]
fn nearby(i: &u32, t: &[u32], u: &[u32]) -> u32 {
    t[*i as usize] ^ u[(*i as usize + 1) % u.len()]
}

/// Reductions, more items than a binding holds, and two slices in parts.
#[test]
fn with_pieces_groups_and_reductions() {
    let Some((backend, device)) = limited(|limits| limits.groups_per_dimension = 7) else { return };
    let t: Vec<u32> = (0..4000_u32).map(|k| k.wrapping_mul(2_654_435_761)).collect();
    let u: Vec<u32> = (0..3001_u32).map(|k| k << 9).collect();
    let i: Vec<u32> = (0..20_001_u32).map(|k| k * 17 % 4000).collect();
    let expected: Vec<u32> = i.iter().map(|i| t[*i as usize] ^ u[(*i as usize + 1) % u.len()]).collect();
    let sum = expected.iter().fold(0_u32, |a, b| a.wrapping_add(*b));
    for cap in [None, Some(150_000)] {
        backend.set_memory_cap(cap);
        for strategy in strategies(&device) {
            let call = || nearby(&i[..], &t[..], &u[..]).strategy(strategy);
            assert!(device.collect(call()).expect("runs") == expected, "{strategy}, {cap:?}");
            assert_eq!(device.reduce(call(), Sum).expect("runs"), sum, "{strategy}, {cap:?}");
        }
    }
}

/// A buffer no larger than a binding: every part is one of its own.
#[test]
fn more_than_a_buffer_holds() {
    let Some((_, device)) = limited(|limits| limits.buffer_bytes = 3 * PART as u64) else { return };
    let t: Vec<f32> = (0..7000_u32).map(|k| k as f32).collect();
    let i: Vec<u32> = (0..7000).rev().collect();
    let found = device.collect(gather(&i[..], &t[..]).strategy(Strategy::Copy)).expect("runs");
    assert!(found.iter().zip(&i).all(|(found, i)| *found == *i as f32));
}

#[test]
fn too_many_parts_are_refused_and_the_host_can_help() {
    let Some((_, device)) = limited(|limits| limits.bindings = 8) else { return };
    let t = vec![1.0_f32; 16 * PART];
    let error = device.collect(gather(&[7][..], &t[..])).expect_err("too large");
    assert!(matches!(error, Error::Unsupported { .. }) && error.host_can_help(), "{error}");
    assert!(error.to_string().contains("slices that are larger than one binding"), "{error}");
}

/// Data that stays on the device is cut by windows of its buffer.
#[test]
fn resident_slices_in_parts() {
    let Some((backend, _)) = limited(|_| {}) else { return };
    let bytes = |values: &[u32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let i: Vec<u32> = (0..2600).map(|k| k * 7 % 2600).collect();
    let (kept_i, kept_h) = (backend.keep(&bytes(&i)).expect("kept"), backend.keep(&vec![0; 2600 * 4]).expect("kept"));
    let mut h = [0_u32; 1];
    let definition = count(&[0][..], &mut h[..]).definition();
    for _ in 0..3 {
        let arguments = [ResidentArgument::Memory(&kept_i), ResidentArgument::Memory(&kept_h)];
        let _ = backend.launch_resident(definition, Extent::linear(2600), &arguments).expect("runs");
    }
    let mut found = vec![0; 2600 * 4];
    backend.fetch(&kept_h, &mut found).expect("fetched");
    assert!(found == bytes(&vec![3; 2600]));
}
