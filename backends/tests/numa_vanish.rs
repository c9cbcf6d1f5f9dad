//! A node whose memory goes offline while it is in use: before it is opened, between launches, within a scope. A program of
//! its own, and one test at a time, for it changes the machine: only in the virtual machine of `scripts/vm-test`.
#![cfg(all(feature = "numa", target_os = "linux"))]

extern crate landbridge_core as landbridge;

#[path = "numa_support/mod.rs"]
mod numa_support;

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use landbridge::{Device, Error, Home, Report, Result, ScopeReport, Strategy, kernel};
use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveOptions, MoveSpan, Residency, migrate};

use numa_support::several_nodes;

#[kernel]
fn add(x: &u64, y: &mut u64) {
    *y += *x;
}

const COUNT: usize = 1 << 19;

/// A node whose memory can go offline.
struct Plugged {
    node: u32,
    blocks: Vec<PathBuf>,
    _turn: MutexGuard<'static, ()>,
}

impl Plugged {
    /// The last node of the virtual machine was plugged in. Elsewhere memory is left alone.
    fn find() -> Option<Self> {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let node = several_nodes()?.nodes.last()?.id;
        if std::env::var("LANDBRIDGE_REQUIRE_NUMA").is_ok_and(|value| value == "vm") {
            let entries = fs::read_dir(format!("/sys/devices/system/node/node{node}")).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let is_block = |name: &String| name.strip_prefix("memory").is_some_and(|rest| rest.parse::<u32>().is_ok());
            let blocks = names.filter(is_block).map(|name| format!("/sys/devices/system/memory/{name}/state").into());
            return Some(Plugged { node, blocks: blocks.collect(), _turn: turn });
        }
        println!("skipped: this test takes memory offline, which only scripts/vm-test may");
        None
    }

    /// Its pages go elsewhere, and nothing can be on it any more.
    fn vanish(&self) {
        self.set("offline");
    }

    fn come_back(&self) {
        self.set("online_movable");
    }

    fn set(&self, state: &str) {
        for block in &self.blocks {
            if fs::read_to_string(block).unwrap().trim() != state.split('_').next().unwrap() {
                fs::write(block, state).unwrap_or_else(|error| panic!("{} to {state}: {error}", block.display()));
            }
        }
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.come_back();
    }
}

/// Numbers on a node.
fn numbers(node: u32) -> Vec<u64> {
    let mut values: Vec<u64> = (0..COUNT as u64).collect();
    let report = migrate(&[MoveSpan::exclusive(&mut values)], node, &MoveOptions::default());
    assert!(report.is_complete(), "{report}");
    values
}

/// How much of it is on a node, the pages at the ends apart.
fn bytes_on(values: &[u64], node: u32) -> u64 {
    let there = Residency::of(&[MoveSpan::shared(&values[512..values.len() - 512])]);
    there.nodes.get(&node).copied().unwrap_or(0)
}

fn is_on(values: &[u64], node: u32) -> bool {
    Residency::of(&[MoveSpan::shared(&values[512..values.len() - 512])]).is_all_on(node)
}

fn is(values: &[u64], times: u64) -> bool {
    values.iter().enumerate().all(|(i, value)| *value == times * i as u64)
}

fn run(device: &Device, strategy: Strategy, x: &[u64], y: &mut [u64]) -> Report {
    device.run(add(x, y).strategy(strategy)).unwrap()
}

#[test]
fn before_it_is_opened_once_more_it_is_an_error() {
    let Some(plugged) = Plugged::find() else { return };
    let name = format!("node:{}", plugged.node);
    assert_eq!(Device::node(plugged.node).unwrap().info().id, name);
    let values = numbers(plugged.node);
    plugged.vanish();
    assert!(is(&values, 1) && bytes_on(&values, plugged.node) == 0);
    for opened in [Device::node(plugged.node), Device::named(&name)] {
        let Err(Error::NoDevice { wanted, why, .. }) = &opened else { panic!("{opened:?}") };
        assert!(*wanted == name && why.contains(" node:0 ("), "{why}");
    }
    plugged.come_back();
    let (x, mut y) = (numbers(0), numbers(0));
    let report = run(&Device::node(plugged.node).unwrap(), Strategy::Migrate, &x, &mut y);
    assert!(is(&y, 2) && is_on(&y, plugged.node), "{report}");
}

#[test]
fn between_launches_it_is_no_error() {
    let Some(plugged) = Plugged::find() else { return };
    let device = Device::node(plugged.node).unwrap();
    let (x, mut y) = (numbers(0), numbers(0));
    let report = run(&device, Strategy::Migrate, &x, &mut y);
    assert!(is_on(&x, plugged.node) && is_on(&y, plugged.node), "{report}");
    plugged.vanish();
    assert!(is(&x, 1) && is(&y, 2) && bytes_on(&y, plugged.node) == 0);
    let report = run(&device, Strategy::Migrate, &x, &mut y);
    assert!(report.bytes_in() == 0, "{report}");
    assert!(report.arguments.iter().all(|a| a.why.contains("stay: there is no such node")), "{report}");
    let report = run(&device, Strategy::Copy, &x, &mut y);
    assert!(report.to_string().contains("has no memory any more, the copies are elsewhere"), "{report}");
    let report = run(&device, Strategy::Direct, &x, &mut y);
    assert!(is(&y, 5), "{report}");
    plugged.come_back();
    let report = run(&device, Strategy::Migrate, &x, &mut y);
    assert!(is(&y, 6) && is_on(&y, plugged.node), "{report}");
}

/// Two rounds, the second without the node.
fn rounds(plugged: &Plugged, device: &Device, strategy: Strategy, x: &[u64], y: &mut [u64]) -> Result<ScopeReport> {
    let done = device.scope_reported(|s| {
        let (x, mut y) = (s.attach(x), s.attach_mut(y));
        s.launch(add(&x, &mut y).strategy(strategy))?;
        plugged.vanish();
        s.launch(add(&x, &mut y).strategy(strategy))?;
        assert_eq!(s.read(&y, 5..7)?, [15, 18]);
        s.launch(add(&x, &mut y).strategy(strategy))
    });
    done.map(|((), report)| report)
}

#[test]
fn within_a_scope_it_is_no_error() {
    let Some(plugged) = Plugged::find() else { return };
    for home in [Home::Stay, Home::Return] {
        for strategy in [Strategy::Migrate, Strategy::Copy] {
            let device = Device::options().home(home).node(plugged.node).unwrap();
            let (x, mut y) = (numbers(0), numbers(0));
            let report = rounds(&plugged, &device, strategy, &x, &mut y).unwrap();
            assert!(is(&x, 1) && is(&y, 4), "{home} {strategy}");
            assert_eq!(bytes_on(&y, plugged.node), 0);
            let stays = home == Home::Stay && strategy == Strategy::Migrate;
            assert!(stays || (is_on(&x, 0) && is_on(&y, 0)), "{home} {strategy}: {report}");
            plugged.come_back();
        }
    }
}

/// Data that came from the node cannot go back.
#[test]
fn a_home_that_is_gone_is_no_error() {
    let Some(plugged) = Plugged::find() else { return };
    let device = Device::options().home(Home::Return).node(1).unwrap();
    let (x, mut y) = (numbers(plugged.node), numbers(plugged.node));
    let report = rounds(&plugged, &device, Strategy::Migrate, &x, &mut y).unwrap();
    let gone = "did not return: ";
    assert!(report.stayed.len() == 2 && report.stayed.iter().all(|why| why.contains(gone)), "{report}");
    assert!(report.to_string().contains("there is no such node with memory"), "{report}");
    assert!(is(&x, 1) && is(&y, 4) && is_on(&x, 1) && is_on(&y, 1));
}
