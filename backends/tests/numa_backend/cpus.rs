//! Which CPUs run the items.
#![allow(unsafe_code)]

use std::collections::BTreeSet;

use landbridge_backends::devices::Devices;
use landbridge_core::argument::ItemMut;
use landbridge_core::ast::FunctionTree;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::{Device, Error};

fn no_tree() -> FunctionTree {
    unreachable!("nodes run the function itself")
}

static WHERE: Definition = Definition::new("where_am_i", file!(), line!(), &["cpu"], no_tree);

fn this_cpu() -> u32 {
    // SAFETY: no pointers.
    u32::try_from(unsafe { libc::sched_getcpu() }).unwrap()
}

/// The CPUs that items ran on; each item is long enough for others to help.
fn cpus_used(device: &Device) -> BTreeSet<u32> {
    let mut cpus = vec![u32::MAX; 4000];
    let body = |cpu: &mut u32| {
        (0..1_000).for_each(|k| _ = std::hint::black_box(k));
        *cpu = this_cpu();
    };
    let report = device.run(Call::new(&WHERE, (ItemMut::new(&mut cpus),), body)).unwrap();
    assert!(report.to_string().contains("node:0") && report.total() > std::time::Duration::ZERO, "{report}");
    cpus.into_iter().collect()
}

#[test]
fn items_run_on_the_cpus_that_were_asked_for() {
    let all = std::thread::available_parallelism().unwrap().get() as u32;
    for cpu in 0..all {
        let Ok(device) = Device::options().cpus([cpu]).node(0) else {
            println!("skipped: CPU {cpu} is not for this process");
            continue;
        };
        assert_eq!(device.info().units, 1);
        assert_eq!(cpus_used(&device), BTreeSet::from([cpu]));
    }
}

#[test]
fn items_run_on_the_nearest_cpus() {
    let device = Device::node(0).unwrap();
    let nearest = landbridge_backends::numa::topology().nearest_cpus(0).unwrap().cpus;
    assert!(cpus_used(&device).iter().all(|cpu| nearest.contains(cpu)));
}

#[test]
fn launches_may_come_from_anywhere() {
    let device = Device::options().cpus([0]).node(0);
    let Ok(device) = device else {
        println!("skipped: CPU 0 is not for this process");
        return;
    };
    let zero = BTreeSet::from([0]);
    std::thread::scope(|s| (0..4).for_each(|_| _ = s.spawn(|| assert_eq!(cpus_used(&device), zero))));
    rayon::scope(|s| (0..4).for_each(|_| s.spawn(|_| assert_eq!(cpus_used(&device), zero))));
}

#[test]
fn panics_are_errors_there_too() {
    for device in [Device::node(0), Device::options().cpus([0]).node(0)].into_iter().flatten() {
        let mut cpus = vec![0; 1000];
        let body = |cpu: &mut u32| assert_eq!(*cpu, 1, "the only one");
        let error = device.run(Call::new(&WHERE, (ItemMut::new(&mut cpus),), body)).unwrap_err();
        assert!(matches!(&error, Error::KernelPanic { work_item: 0, .. }), "{error}");
    }
}
