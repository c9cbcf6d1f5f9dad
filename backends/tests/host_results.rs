//! The host computes what a plain loop computes, whatever the size, shape and pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge_backends::host::Host;
use landbridge_core::argument::{Atomics, Index2Arg, Index3Arg, IndexArg, Item, ItemMut, RowsMut, Uniform, Whole};
use landbridge_core::ast::FunctionTree;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::plan::StepKind;
use landbridge_core::{Device, DeviceKind, Error, Extent, Index2, Index3, Max, Min, Strategy, Sum};

fn no_tree() -> FunctionTree {
    unreachable!("the host never asks for the tree")
}

/// A definition of its own for each test, so that no test inherits another's measurements.
macro_rules! definition {
    ($($parameter:literal),*) => {{
        static DEFINITION: Definition = Definition::new("test", file!(), line!(), &[$($parameter),*], no_tree);
        &DEFINITION
    }};
}

/// The host with its usual pool, with one thread, and with more threads than cores.
fn devices() -> Vec<Device> {
    let mut devices = vec![Device::from_backend(Arc::new(Host::new()), None)];
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        devices.push(Device::from_backend(Arc::new(Host::with_pool(Arc::new(pool))), None));
    }
    devices
}

const SIZES: [usize; 13] = [0, 1, 2, 3, 63, 64, 65, 99, 100, 1_000, 4_097, 100_003, 1_000_000];

/// Some work that the optimiser cannot remove: the slow one makes even small launches worth help.
fn mix(x: u32, rounds: u32) -> u32 {
    (0..rounds).fold(x, |x, k| x.wrapping_mul(0x9E37_79B1).rotate_left(7) ^ k)
}

#[test]
fn runs_every_item_once_at_every_size() {
    for device in devices() {
        for rounds in [0, 300] {
            for items in SIZES.into_iter().filter(|items| items * rounds as usize <= 8_000_000) {
                let x: Vec<u32> = (0..items as u32).collect();
                let mut y = vec![7_u32; items];
                let arguments = (Uniform(rounds), Item::new(&x), ItemMut::new(&mut y));
                let body = |rounds: u32, x: &u32, y: &mut u32| *y += mix(*x, rounds);
                let report = device.run(Call::new(definition!("rounds", "x", "y"), arguments, body)).unwrap();
                assert_eq!(report.extent, Extent::linear(items));
                assert!(x.iter().zip(&y).all(|(x, y)| *y == mix(*x, rounds).wrapping_add(7)), "{items} items");
            }
        }
    }
}

#[test]
fn collects_in_order_and_reduces_everything() {
    for device in devices() {
        for items in SIZES {
            let x: Vec<u32> = (0..items as u32).rev().collect();
            let call = || Call::new(definition!("x"), (Item::new(&x),), |x: &u32| mix(*x, 9));
            let expected: Vec<u32> = x.iter().map(|x| mix(*x, 9)).collect();
            assert!(device.collect(call()).unwrap() == expected, "{items} items");
            let sum = expected.iter().fold(0_u32, |a, b| a.wrapping_add(*b));
            assert_eq!(device.reduce(call(), Sum).unwrap(), sum);
            assert_eq!(device.reduce(call(), Max).unwrap(), expected.iter().copied().max().unwrap_or(0));
            assert_eq!(device.reduce(call(), Min).unwrap(), expected.iter().copied().min().unwrap_or(u32::MAX));
        }
    }
}

#[test]
fn float_sums_are_exact_where_the_numbers_are() {
    for device in devices() {
        let x: Vec<f32> = (0..500_000).map(|i| (i % 7) as f32 - 3.0).collect();
        let expected: f64 = x.iter().map(|x| f64::from(*x)).sum();
        let call = Call::new(definition!("x"), (Item::new(&x),), |x: &f32| *x);
        assert_eq!(f64::from(device.reduce(call, Sum).unwrap()), expected);
    }
}

#[test]
fn two_and_three_dimensions_count_row_by_row_across_pieces() {
    for device in devices() {
        let sizes = [700, 901];
        let call = Call::new(definition!("i"), (Index2Arg::new(sizes),), |i: Index2| (i.y * 1_000 + i.x) as u32);
        let expected: Vec<u32> = (0..700).flat_map(|y| (0..901).map(move |x| y * 1_000 + x)).collect();
        assert!(device.collect(call).unwrap() == expected);
        let call = Call::new(definition!("i"), (Index3Arg::new([31, 40, 77]),), |i: Index3| {
            mix((i.z * 10_000 + i.y * 100 + i.x) as u32, 50)
        });
        let number = |k: usize| mix((k / 3080 * 10_000 + k / 77 % 40 * 100 + k % 77) as u32, 50);
        assert!(device.collect(call).unwrap().into_iter().eq((0..31 * 40 * 77).map(number)));
    }
}

#[test]
fn rows_chunks_and_whole_slices_reach_the_right_elements() {
    for device in devices() {
        let table: Vec<u32> = (0..97).map(|i| i * i).collect();
        let mut matrix = vec![0_u32; 3_001 * 97];
        let mut chunks = vec![1_u32; 3_001 * 4];
        let arguments = (
            Whole::new(&table),
            RowsMut::new(&mut matrix, 97),
            ItemMut::<[u32; 4]>::chunks(&mut chunks),
            IndexArg::implied(),
        );
        let body = |table: &[u32], row: &mut [u32], chunk: &mut [u32; 4], i: usize| {
            row.iter_mut().zip(table).for_each(|(v, t)| *v = t + i as u32);
            chunk[i % 4] += i as u32;
        };
        let _ = device.run(Call::new(definition!("table", "matrix", "chunks", "i"), arguments, body)).unwrap();
        assert!(matrix.iter().enumerate().all(|(k, v)| *v == table[k % 97] + (k / 97) as u32));
        assert!(chunks.iter().enumerate().all(|(k, v)| *v == 1 + if k % 4 == k / 4 % 4 { (k / 4) as u32 } else { 0 }));
    }
}

#[test]
fn atomics_of_all_threads_add_up() {
    for device in devices() {
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|i| mix(i, 1) as u8).collect();
        let mut counts = [5_u32; 256];
        let atomics = Atomics::<'_, AtomicU32>::from(&mut counts[..]);
        let arguments = (atomics, Item::new(&bytes));
        let body = |counts: &[AtomicU32], byte: &u8| {
            counts[usize::from(*byte)].fetch_add(1, Relaxed);
        };
        let _ = device.run(Call::new(definition!("counts", "bytes"), arguments, body)).unwrap();
        let mut expected = [5_u32; 256];
        bytes.iter().for_each(|byte| expected[usize::from(*byte)] += 1);
        assert_eq!(counts, expected);
    }
}

#[test]
fn elements_without_size_are_counted_too() {
    for device in devices() {
        let mut nothing = vec![[0_u32; 0]; 200_000];
        let arguments = (ItemMut::new(&mut nothing), IndexArg::implied());
        let call = Call::new(definition!("nothing", "i"), arguments, |_: &mut [u32; 0], i: usize| i as u64);
        assert_eq!(device.reduce(call, Sum).unwrap(), 199_999 * 100_000);
        let call = Call::new(definition!("i"), (IndexArg::items(100_000),), |_: usize| [0_u8; 0]);
        assert_eq!(device.collect(call).unwrap().len(), 100_000);
    }
}

#[test]
fn says_what_it_is_and_what_it_would_do() {
    let host = Device::from_backend(Arc::new(Host::new()), None);
    let info = host.info();
    assert_eq!((info.id.as_str(), info.kind), ("host", DeviceKind::Host));
    assert!(info.units >= 1 && !info.name.is_empty());
    assert!(info.supports(Strategy::Direct) && !info.supports(Strategy::Map));

    let definition = definition!("x", "i");
    let x = vec![1_u32; 1_000_000];
    let call = || Call::new(definition, (Item::new(&x), IndexArg::implied()), |x: &u32, _: usize| *x);
    let unknown = host.plan(&call()).unwrap();
    assert_eq!(unknown.arguments.len(), 1);
    assert_eq!((unknown.arguments[0].name, unknown.arguments[0].strategy), ("x", Strategy::Direct));
    assert!(unknown.steps.iter().all(|step| step.why.contains("never run")), "{unknown}");
    definition.note_item_nanoseconds(1_000.0);
    let known = host.plan(&call()).unwrap();
    assert_eq!(known.steps.len(), 1);
    let alone = std::time::Duration::from_millis(1_000);
    let total = known.total().unwrap();
    assert!(total <= alone && total >= alone / info.units);

    let error = host.run(call().strategy(Strategy::Copy)).unwrap_err();
    assert!(matches!(error, Error::StrategyUnavailable { strategy: Strategy::Copy, .. }), "{error}");
    let report = host.run(call().strategy(Strategy::Direct)).unwrap();
    assert!(report.steps.get(StepKind::Run).is_some_and(|time| !time.is_zero()));
}
