//! Launches that do not fit at once.

use landbridge_core::Error;
use landbridge_core::argument::{Atomics, IndexArg, Item, Whole};
use landbridge_core::launch::Call;
use landbridge_core::reduction::Sum;

use super::*;

fn plus_index(x: &[u32]) -> Call<'static, (IndexArg, Item<'_, u32>), impl Fn(usize, &u32) -> u32 + Send + Sync + Copy> {
    Call::new(&kernels::PLUS_INDEX, (IndexArg::implied(), Item::new(x)), |i: usize, x: &u32| x.wrapping_add(i as u32))
}

/// A cap on memory cuts the launch into groups, one after the other; results are the same.
#[test]
fn a_memory_cap_makes_groups() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    backend.set_memory_cap(Some(200_000));
    let (x, mut y) = (vec![1.0; 50_001], vec![1.0; 50_001]);
    let _ = saxpy(&device, 2.0, &x, &mut y, Strategy::Copy).expect("runs");
    assert!(y == vec![3.0; 50_001]);
    assert!(backend.memory_use().bytes <= 200_000);
    let x: Vec<u32> = (0..50_001).collect();
    let expected: Vec<u32> = x.iter().map(|k| 2 * k).collect();
    let copied = |call: Call<'static, _, _>| call.strategy(Strategy::Copy);
    assert!(device.collect(copied(plus_index(&x))).expect("runs") == expected);
    let sum = expected.iter().fold(0_u32, |a, b| a.wrapping_add(*b));
    assert_eq!(device.reduce(plus_index(&x).strategy(Strategy::Copy), Sum).expect("runs"), sum);
    let mut bytes = vec![7_u8; 300_003];
    let _ = increment(&device, &mut bytes, Strategy::Copy).expect("runs");
    assert!(bytes == vec![8; 300_003]);
    assert!(backend.memory_use().bytes <= 200_000);
}

#[test]
fn a_cap_below_one_item_is_an_error_that_changes_nothing() {
    let Some(backend) = backend() else { return };
    backend.set_memory_cap(Some(1000));
    let (x, mut y) = (vec![1.0; 1000], vec![1.0; 1000]);
    let error = saxpy(&device(&backend), 2.0, &x, &mut y, Strategy::Copy).expect_err("no room");
    assert!(matches!(error, Error::OutOfMemory { .. }) && error.host_can_help(), "{error}");
    assert!(y == vec![1.0; 1000]);
    backend.set_memory_cap(None);
    let _ = saxpy(&device(&backend), 2.0, &x, &mut y, Strategy::Copy).expect("room again");
    assert!(y == vec![3.0; 1000]);
}

/// More than a binding holds: pieces of one submission.
#[test]
fn more_than_one_binding_goes_in_pieces() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let limit = adapters()[0].facts.limits.binding_bytes;
    if limit > 1 << 28 {
        println!("skipped: a binding of {limit} bytes needs too large a test");
        return;
    }
    let count = limit as usize + 1001;
    for strategy in [Strategy::Copy, Strategy::Map] {
        if device.info().supports(strategy) {
            let mut bytes = vec![1_u8; count];
            let _ = increment(&device, &mut bytes, strategy).expect("runs");
            assert!(bytes.iter().all(|byte| *byte == 2), "{strategy}");
        }
    }
}

/// A whole slice of more than one binding is cut over several.
#[test]
fn a_whole_slice_beyond_one_binding_goes_in_parts() {
    let Some(backend) = backend() else { return };
    let limit = adapters()[0].facts.limits.binding_bytes;
    if limit > 1 << 28 {
        println!("skipped: a binding of {limit} bytes needs too large a test");
        return;
    }
    let count = limit as usize + 1001;
    let mut table = vec![1.0_f32; count / 4];
    let last = table.len() - 1;
    (table[last], table[limit as usize / 4], table[limit as usize / 4 - 1]) = (2.0, 3.0, 4.0);
    let i = [last as u32, limit as u32 / 4, limit as u32 / 4 - 1, 0];
    for strategy in [Strategy::Copy, Strategy::Map] {
        let device = device(&backend);
        if device.info().supports(strategy) {
            let mut y = [0.0_f32; 4];
            let arguments = (Item::new(&i[..]), Whole::new(&table[..]), ItemMut::new(&mut y[..]));
            let call = Call::new(&kernels::GATHER, arguments, |i: &u32, t: &[f32], y: &mut f32| *y = t[*i as usize]);
            let _ = device.run(call.strategy(strategy)).expect("runs");
            assert_eq!(y, [2.0, 3.0, 4.0, 1.0], "{strategy}");
        }
    }
}

fn histogram(device: &Device, x: &[u8], h: &mut [u32]) -> Result<Report> {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    let h = Atomics::<'_, AtomicU32>::from(h);
    let body = |x: &u8, h: &[AtomicU32]| {
        h[usize::from(*x)].fetch_add(1, Relaxed);
    };
    device.run(Call::new(&kernels::HISTOGRAM, (Item::new(x), h), body).strategy(Strategy::Copy))
}

/// Atomics are shared by all groups: they go there once and come back once.
#[test]
fn atomics_live_through_all_groups() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    backend.set_memory_cap(Some(100_000));
    let x: Vec<u8> = (0..200_000_u32).map(|k| (k.wrapping_mul(k) >> 3) as u8).collect();
    let mut expected = vec![5_u32; 256];
    x.iter().for_each(|byte| expected[usize::from(*byte)] += 1);
    let mut h = vec![5_u32; 256];
    let _ = histogram(&device, &x, &mut h).expect("runs");
    assert!(h == expected);
}
