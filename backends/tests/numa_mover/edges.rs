//! Spans of every shape, on any machine.
#![allow(unsafe_code)]

use std::fs;

use landbridge_backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Reason, Residency, return_home};

use crate::support::{HUGE, Memory, Pages, arrived, home, migrate, nodes, page};

/// A node to move to: another one if there is one.
fn target() -> u32 {
    nodes().into_iter().nth(1).unwrap_or_else(home)
}

const METHODS: [Method; 3] = [Method::Auto, Method::MovePages, Method::Mbind];

#[test]
fn contents_and_addresses_stay_whatever_the_method() {
    for method in METHODS {
        for pages in [Pages::Small, Pages::Huge] {
            let memory = Memory::new(4 * HUGE + 5 * page(), pages);
            let options = MoveOptions::default().method(method).threads(2);
            let report = migrate(&[memory.span()], target(), &options);
            assert_eq!(report.asked, memory.range().len() as u64);
            assert!(report.is_complete(), "{method} {pages:?}: {report}");
            assert!(memory.residency().is_all_on(target()));
            memory.assert_filled();
        }
    }
}

#[test]
fn what_is_there_already_does_not_move() {
    let memory = Memory::new(HUGE, Pages::Small);
    let first = migrate(&[memory.span()], target(), &MoveOptions::default());
    assert!(first.is_complete());
    let second = migrate(&[memory.span()], target(), &MoveOptions::default());
    assert_eq!((second.moved, second.already_there), (0, HUGE as u64));
    assert_eq!(second.origin.bytes(), 0);
}

#[test]
fn no_bytes_move_nothing() {
    let nothing: [u64; 0] = [];
    let report = migrate(&[MoveSpan::shared(&nothing)], target(), &MoveOptions::default());
    assert_eq!((report.asked, report.moved), (0, 0));
    let report = migrate(&[], target(), &MoveOptions::default());
    assert_eq!((report.asked, report.moved), (0, 0));
    assert!(report.origin.is_empty());
}

#[test]
fn one_byte_moves_its_page() {
    let memory = Memory::new(3 * page(), Pages::Small);
    let start = memory.range().start + page() + 7;
    let report = migrate(&[MoveSpan::at(start..start + 1)], target(), &MoveOptions::default());
    assert_eq!(report.asked, page() as u64);
    assert!(report.is_complete());
    assert!(Residency::of(&[MoveSpan::at(start..start + 1)]).is_all_on(target()));
    memory.assert_filled();
}

#[test]
fn ends_in_the_middle_of_pages_take_their_pages_along() {
    let mut memory = Memory::new(8 * page(), Pages::Small);
    let words = page() / 8;
    let middle = &mut memory.words()[words / 2..3 * words + 1];
    let report = migrate(&[MoveSpan::exclusive(middle)], target(), &MoveOptions::default());
    assert_eq!(report.asked, 4 * page() as u64);
    assert!(report.is_complete());
    memory.assert_filled();
}

#[test]
fn ten_thousand_small_spans_share_pages_and_batches() {
    let memory = Memory::new(10_000 * 512, Pages::Small);
    let spans: Vec<_> = memory.shared().chunks(64).map(|part| MoveSpan::shared(&part[3..5])).collect();
    assert_eq!(spans.len(), 10_000);
    let report = migrate(&spans, target(), &MoveOptions::default());
    assert_eq!(report.asked, memory.range().len() as u64);
    assert!(report.is_complete(), "{report}");
    memory.assert_filled();
}

#[test]
fn scattered_pages_of_boxes_move() {
    let boxes: Vec<Box<[u64; 8]>> = (0..5_000).map(|i| Box::new([i; 8])).collect();
    let addresses: Vec<*const [u64; 8]> = boxes.iter().map(|node| &raw const **node).collect();
    let spans: Vec<_> = boxes.iter().map(|node| MoveSpan::shared(&node[..])).collect();
    let report = migrate(&spans, target(), &MoveOptions::default().threads(2));
    assert!(report.asked < 5_000 * page() as u64 && report.is_complete(), "{report}");
    assert!(boxes.iter().zip(addresses).all(|(node, address)| std::ptr::eq(&raw const **node, address)));
    assert!(boxes.iter().enumerate().all(|(i, node)| node.iter().all(|value| *value == i as u64)));
}

#[test]
fn a_node_that_is_not_there_moves_nothing() {
    let memory = Memory::new(HUGE, Pages::Small);
    let missing = nodes().last().unwrap() + 1;
    for node in [missing, 63, 1023, 1024, 5000, u32::MAX] {
        for method in METHODS {
            for keep in [Keep::Always, Keep::Never] {
                let options = MoveOptions::default().method(method).keep(keep);
                let report = migrate(&[memory.span()], node, &options);
                assert_eq!(report.stayed.get(&Reason::NoSuchNode), Some(&(HUGE as u64)), "{node} {method}: {report}");
                assert_eq!((report.kept, report.origin.bytes()), (0, 0));
            }
        }
    }
    memory.assert_filled();
    assert!(memory.residency().is_all_on(home()));
}

#[test]
fn what_is_not_mapped_is_reported() {
    let memory = Memory::new(4 * page(), Pages::Small);
    let range = memory.range();
    // SAFETY: nobody uses this page of our mapping any more.
    unsafe { libc::munmap((range.start + page()) as *mut _, page()) };
    let report = migrate(&[MoveSpan::at(range.clone())], target(), &MoveOptions::default());
    assert_eq!(report.stayed.get(&Reason::Unmapped), Some(&(page() as u64)));
    assert_eq!(report.moved + report.already_there, 3 * page() as u64);
    let residency = Residency::of(&[MoveSpan::at(range)]);
    assert_eq!(residency.nowhere.get(&Reason::Unmapped), Some(&(page() as u64)));
}

#[test]
fn addresses_that_no_process_has_are_not_mapped() {
    let report = migrate(&[MoveSpan::at(usize::MAX - 10..usize::MAX)], target(), &MoveOptions::default());
    assert_eq!(report.bytes_stayed(), report.asked);
    let report = migrate(&[MoveSpan::at(0..1)], target(), &MoveOptions::default());
    assert_eq!(report.stayed.get(&Reason::Unmapped), Some(&(page() as u64)));
}

#[test]
fn pages_that_nobody_wrote_stay_absent() {
    let mut memory = Memory::untouched(4 * page(), Pages::Small);
    memory.words()[0] = 5;
    assert_eq!(memory.shared()[page() / 8], 0, "read only: the zero page");
    let report = migrate(&[memory.span()], target(), &MoveOptions::default());
    assert_eq!(report.moved + report.already_there, page() as u64);
    let nothing = report.stayed.get(&Reason::Absent).unwrap_or(&0) + report.stayed.get(&Reason::ZeroPage).unwrap_or(&0);
    assert_eq!(nothing, 3 * page() as u64, "{report}");
    assert!(report.stayed.get(&Reason::ZeroPage) >= Some(&(page() as u64)), "{report}");
}

#[test]
fn a_mapping_that_forbids_reading_is_reported() {
    let memory = Memory::new(2 * page(), Pages::Small);
    let second = memory.range().start + page();
    // SAFETY: nobody reads this page of our mapping before the test ends.
    unsafe { libc::mprotect(second as *mut _, page(), libc::PROT_NONE) };
    let report = migrate(&[memory.span()], target(), &MoveOptions::default());
    assert_eq!(report.moved + report.already_there + report.bytes_stayed(), 2 * page() as u64);
    assert!(report.moved + report.already_there >= page() as u64, "{report}");
    assert!(report.stayed.keys().all(|reason| *reason == Reason::Protected), "{report}");
}

#[test]
fn pages_of_files_and_read_only_pages_are_no_obstacle() {
    let text = fs::read("/proc/self/exe").unwrap();
    let code = (pages_of_files_and_read_only_pages_are_no_obstacle as *const ()).addr() & !(page() - 1);
    let memory = Memory::new(2 * page(), Pages::Small);
    // SAFETY: takes a right away that nobody uses before the test ends.
    unsafe { libc::mprotect(memory.range().start as *mut _, 2 * page(), libc::PROT_READ) };
    let spans = [MoveSpan::at(code..code + 4 * page()), memory.span(), MoveSpan::shared(&text)];
    let report = migrate(&spans, target(), &MoveOptions::default());
    // Short of memory, Linux 6.12 takes pages of zeros back from a huge page, and the program's file has some.
    let fine = [Reason::FileBacked, Reason::SharedMapping, Reason::Absent, Reason::ZeroPage];
    assert!(report.stayed.keys().all(|reason| fine.contains(reason)), "{report}");
    memory.assert_filled();
    assert_eq!(text, fs::read("/proc/self/exe").unwrap());
}

#[test]
fn policies_last_until_the_return() {
    let memory = Memory::new(4 << 20, Pages::Small);
    let range = memory.range();
    for method in METHODS {
        let options = MoveOptions::default().method(method).keep(Keep::Always);
        let report = migrate(&[memory.span()], target(), &options);
        assert_eq!(report.kept, range.len() as u64, "{report}");
        assert_eq!(policy_mode(range.start), Some("prefer"));
        let back = return_home(&[memory.span()], &report.origin, &options);
        assert_eq!(arrived(&back), report.moved);
        assert_eq!(policy_mode(range.start), Some("default"));
        let report = migrate(&[memory.span()], target(), &options.keep(Keep::Never));
        assert_eq!((report.kept, policy_mode(range.start)), (0, Some("default")));
        assert!(return_home(&[memory.span()], &report.origin, &MoveOptions::default()).is_complete());
    }
    assert!(memory.residency().is_all_on(home()));
}

/// The first word of the policy of the mapping that holds an address.
fn policy_mode(address: usize) -> Option<&'static str> {
    let text = fs::read_to_string("/proc/self/numa_maps").ok()?;
    let start = |line: &&str| usize::from_str_radix(line.split(' ').next().unwrap(), 16).is_ok_and(|at| at <= address);
    let line = text.lines().rfind(start)?;
    ["default", "prefer", "bind"].into_iter().find(|mode| line.split(' ').nth(1).unwrap().starts_with(mode))
}

#[test]
fn a_return_without_an_origin_moves_nothing() {
    let memory = Memory::new(HUGE, Pages::Small);
    let origin = landbridge_backends::numa::mover::Origin::default();
    let report = return_home(&[memory.span()], &origin, &MoveOptions::default());
    assert_eq!((report.asked, report.moved), (0, 0));
}
