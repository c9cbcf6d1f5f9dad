//! Launches from wherever they may come: inside pools, many threads at once, nested, beside a blocked pool.

use std::sync::Arc;
use std::sync::mpsc;

use landbridge_backends::host::Host;
use landbridge_core::argument::{Item, ItemMut};
use landbridge_core::ast::FunctionTree;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::{Device, Sum};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

fn no_tree() -> FunctionTree {
    unreachable!("the host never asks for the tree")
}

static SUM: Definition = Definition::new("sum", file!(), line!(), &["x"], no_tree);
static UNEVEN: Definition = Definition::new("uneven", file!(), line!(), &["x", "y"], no_tree);

fn pool(threads: usize) -> Arc<ThreadPool> {
    Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

fn ambient() -> Device {
    Device::from_backend(Arc::new(Host::new()), None)
}

fn on(pool: &Arc<ThreadPool>) -> Device {
    Device::from_backend(Arc::new(Host::with_pool(pool.clone())), None)
}

fn collatz(start: u64) -> u32 {
    let (mut x, mut steps) = (start, 0);
    while x > 1 {
        x = if x.is_multiple_of(2) { x / 2 } else { 3 * x + 1 };
        steps += 1;
    }
    steps
}

/// Sums the Collatz lengths of some numbers: long enough for helpers to be asked.
fn check(device: &Device, items: u64) {
    let x: Vec<u64> = (0..items).collect();
    let sum = device.reduce(Call::new(&SUM, (Item::new(&x),), |x: &u64| collatz(*x)), Sum).unwrap();
    assert_eq!(sum, x.iter().map(|x| collatz(*x)).sum::<u32>());
}

#[test]
fn from_inside_its_own_pool() {
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        let device = on(&pool);
        pool.install(|| (0..10).for_each(|k| check(&device, 10_000 + k)));
    }
}

#[test]
fn from_inside_another_pool() {
    let (inner, outer) = (on(&pool(2)), pool(3));
    outer.install(|| check(&inner, 20_000));
    outer.install(|| check(&ambient(), 20_000));
    rayon::scope(|s| s.spawn(|_| check(&inner, 20_000)));
}

#[test]
fn from_eight_threads_at_once() {
    for device in [ambient(), on(&pool(2)), on(&pool(1))] {
        std::thread::scope(|s| {
            for thread in 0..8 {
                let device = &device;
                s.spawn(move || (0..8).for_each(|k| check(device, 10 + 500 * k * thread)));
            }
        });
    }
}

#[test]
fn nested_in_a_par_iter() {
    let pool = pool(3);
    for device in [ambient(), on(&pool)] {
        pool.install(|| (0..24_u64).into_par_iter().for_each(|k| check(&device, 300 * k)));
        (0..24_u64).into_par_iter().for_each(|k| check(&device, 300 * k));
    }
}

#[test]
fn a_blocked_pool_holds_nothing_up() {
    let pool = pool(2);
    let device = on(&pool);
    let (release, blocked) = mpsc::channel::<()>();
    let (began, begun) = mpsc::channel();
    let blocked = Arc::new(std::sync::Mutex::new(blocked));
    for _ in 0..2 {
        let (blocked, began) = (blocked.clone(), began.clone());
        pool.spawn(move || {
            began.send(()).unwrap();
            // Ends when the sender is dropped, which the test does only after all its launches.
            let _ = blocked.lock().unwrap().recv();
        });
    }
    begun.recv().unwrap();
    begun.recv().unwrap();
    (0..20).for_each(|_| check(&device, 20_000));
    drop(release);
    check(&device, 50_000);
}

#[test]
fn uneven_work_is_all_done() {
    for device in [ambient(), on(&pool(4))] {
        // All the work is in a few items, at the start, in the middle or at the end.
        for place in [0, 5_000, 9_990] {
            let x: Vec<u64> = (0..10_000).map(|i| if (place..place + 10).contains(&i) { 3_000 } else { 1 }).collect();
            let mut y = vec![0_u32; x.len()];
            let body = |x: &u64, y: &mut u32| *y += (0..*x).map(collatz).sum::<u32>();
            let _ = device.run(Call::new(&UNEVEN, (Item::new(&x), ItemMut::new(&mut y)), body)).unwrap();
            let long: u32 = (0..3_000).map(collatz).sum();
            assert!(x.iter().zip(&y).all(|(x, y)| *y == if *x == 1 { 0 } else { long }));
        }
    }
}
