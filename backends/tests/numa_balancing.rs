//! Moving pages while the kernel moves them too: balancing between nodes. A program of its own, for the switch concerns
//! all processes. `scripts/vm-test` runs it in a virtual machine that has more nodes.
#![cfg(all(feature = "numa", target_os = "linux"))]

#[path = "numa_mover/support.rs"]
mod support;

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use landbridge_backends::numa::mover::{Method, MoveOptions, return_home};

use support::{Memory, Pages, arrived, migrate, second_node, skip};

const MIB: usize = 1 << 20;

/// Balancing is on for as long as it lives; once at a time. Where it was on before, the switch is not touched: Linux patches
/// its own code when it is turned, which emulated processors sometimes get wrong.
struct Balancing {
    before: Option<String>,
    _once: MutexGuard<'static, ()>,
}

static ONCE: Mutex<()> = Mutex::new(());

const SWITCH: &str = "/proc/sys/kernel/numa_balancing";

impl Balancing {
    fn on() -> Option<Self> {
        let once = ONCE.lock().unwrap_or_else(PoisonError::into_inner);
        let before = fs::read_to_string(SWITCH).ok();
        if before.as_deref().is_some_and(|before| before.trim() == "1") {
            return Some(Self { before: None, _once: once });
        }
        let before = before.filter(|_| fs::write(SWITCH, "1").is_ok());
        if before.is_none() {
            skip("this test may not turn balancing on");
            return None;
        }
        Some(Self { before, _once: once })
    }
}

impl Drop for Balancing {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = fs::write(SWITCH, before.trim());
        }
    }
}

fn read_for(memory: &Memory, time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        memory.assert_filled();
    }
}

#[test]
fn a_policy_keeps_pages_from_being_balanced_away() {
    let Some(node) = second_node() else { return };
    let Some(_balancing) = Balancing::on() else { return };
    for method in [Method::MovePages, Method::Mbind] {
        let memory = Memory::new(16 * MIB, Pages::Small);
        let options = MoveOptions::default().method(method);
        let report = migrate(&[memory.span()], node, &options);
        assert!(report.is_complete(), "{report}");
        assert_eq!(report.kept, 16 * MIB as u64);
        read_for(&memory, Duration::from_secs(6));
        let again = migrate(&[memory.span()], node, &options);
        assert_eq!(again.already_there, 16 * MIB as u64, "{again}");
        let back = return_home(&[memory.span()], &report.origin, &options);
        assert!(back.is_complete() && arrived(&back) == 16 * MIB as u64, "{back}");
    }
}

#[test]
fn pages_that_balancing_hides_move_all_the_same() {
    let Some(node) = second_node() else { return };
    let Some(_balancing) = Balancing::on() else { return };
    for pages in [Pages::Small, Pages::Huge] {
        let memory = Memory::new(16 * MIB, pages);
        // Work elsewhere lets the kernel take the marks off that show a page present.
        let other = Memory::new(MIB, Pages::Small);
        read_for(&other, Duration::from_secs(4));
        let report = migrate(&[memory.span()], node, &MoveOptions::default());
        assert!(report.is_complete() && report.moved == 16 * MIB as u64, "{pages:?}: {report}");
        memory.assert_filled();
    }
}
