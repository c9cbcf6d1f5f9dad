//! Moving pages that other processes share, and in a process with very many mappings. A program of its own, and one test
//! at a time: both concern all memory of the process.
//! `scripts/vm-test` runs it in a virtual machine that has more nodes.
#![cfg(all(feature = "numa", target_os = "linux"))]
#![allow(unsafe_code)]

#[path = "numa_mover/support.rs"]
mod support;

use std::fs;

use landbridge_backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Reason, Refusal};

use support::{Child, LINE, Memory, Pages, alone, home, migrate, page, pattern, second_node};

const MIB: usize = 1 << 20;

#[test]
fn pages_shared_by_a_fork_stay_until_they_are_written() {
    let _alone = alone();
    let Some(node) = second_node() else { return };
    for method in [Method::MovePages, Method::Mbind] {
        let mut memory = Memory::new(64 * page(), Pages::Small);
        let child = Child::fork(|| true);
        let report = migrate(&[memory.span()], node, &MoveOptions::default().method(method));
        assert_eq!(report.stayed.get(&Reason::SharedByFork), Some(&(64 * page() as u64)), "{report}");
        memory.fill();
        let report = migrate(&[memory.span()], node, &MoveOptions::default().method(method));
        assert!(report.is_complete(), "{report}");
        assert!(child.end());
        memory.assert_filled();
    }
}

#[test]
fn shared_memory_moves_while_this_process_alone_has_it() {
    let _alone = alone();
    let Some(node) = second_node() else { return };
    let mut memory = Memory::mapped(64 * page(), Pages::Small, libc::MAP_SHARED);
    memory.fill();
    let report = migrate(&[memory.span()], node, &MoveOptions::default().keep(Keep::Always));
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.kept, 0, "a policy would bind others too");
    let child = Child::fork(|| true);
    memory.fill();
    let report = migrate(&[memory.span()], home(), &MoveOptions::default());
    // The child has not touched them, so the pages are still mapped once.
    assert!(report.is_complete() || report.stayed.contains_key(&Reason::SharedMapping), "{report}");
    assert!(child.end());
    memory.assert_filled();
}

#[test]
fn a_forked_child_keeps_its_own_copy_of_what_is_remapped() {
    let _alone = alone();
    let mut memory = Memory::new(64 * page(), Pages::Small);
    let range = memory.range();
    let bytes = range.len() as u64;
    let child = Child::fork(move || {
        let line = |i: usize| {
            // SAFETY: the child has all pages of the parent's mapping.
            unsafe { std::ptr::read_volatile((range.start + i * LINE) as *const u64) }
        };
        (0..range.len() / LINE).all(|i| line(i) == pattern(i))
    });
    let options = MoveOptions::default().method(Method::Remap).allow_remap(true).remap_from(0).again(true);
    let report = migrate(&[MoveSpan::exclusive(memory.words())], home(), &options);
    assert_eq!(report.by_method.get(&Method::Remap), Some(&bytes), "{report}");
    memory.assert_filled();
    memory.words().fill(9);
    assert!(child.end(), "the child sees what was there when it was forked");
    assert!(memory.shared().iter().all(|word| *word == 9));
}

#[test]
fn a_process_with_many_mappings_gets_no_more() {
    let _alone = alone();
    let mut memory = Memory::new(MIB, Pages::Small);
    let options = MoveOptions::default().method(Method::Remap).allow_remap(true).remap_from(0).again(true);
    let limit: usize = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap().trim().parse().unwrap();
    if limit > 100_000 {
        println!("skipped: this machine allows {limit} mappings a process, more than a test should make");
        return;
    }
    // Every other page with another right: as many mappings.
    let many = Memory::untouched((limit - limit / 8) * page(), Pages::Small);
    for i in (0..limit - limit / 8).step_by(2) {
        // SAFETY: our own pages, which nobody uses.
        unsafe { libc::mprotect((many.range().start + i * page()) as *mut _, page(), libc::PROT_NONE) };
    }
    let report = migrate(&[MoveSpan::exclusive(memory.words())], home(), &options);
    assert_eq!(report.not_remapped.get(&Refusal::ManyMappings), Some(&(MIB as u64)), "{report}");
    assert_eq!(report.already_there, MIB as u64);
    drop(many);
    let report = migrate(&[MoveSpan::exclusive(memory.words())], home(), &options);
    assert_eq!(report.by_method.get(&Method::Remap), Some(&(MIB as u64)), "{report}");
    memory.assert_filled();
}
