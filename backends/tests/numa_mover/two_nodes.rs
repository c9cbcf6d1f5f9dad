//! The traps of moving between nodes. All of these need a second node: `scripts/vm-test` has one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use landbridge_backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Reason, Residency, return_home};

use crate::support::{
    HUGE, Memory, Pages, Pin, alone, arrived, home, migrate, node_value, page, second_node, skip, small_node,
};

const MIB: usize = 1 << 20;

#[test]
fn a_vec_walks_to_the_node_and_back() {
    let Some(node) = second_node() else { return };
    for method in [Method::MovePages, Method::Mbind] {
        // Under emulation, a page that moves while another thread runs takes a thousand times as long on Linux 6.1.
        for threads in [1, 2, 5] {
            let values: Vec<f64> = (0..MIB).map(|i| i as f64).collect();
            let address = values.as_ptr();
            let before = Residency::of(&[MoveSpan::shared(&values)]);
            let options = MoveOptions::default().method(method).threads(threads);
            let there = migrate(&[MoveSpan::shared(&values)], node, &options);
            assert!(there.is_complete() && arrived(&there) >= 8 * MIB as u64, "{there}");
            // What was in use when `mbind` came by goes by `move_pages`.
            assert!(there.by_method.contains_key(&method), "{there}");
            assert_eq!(there.by_method.values().sum::<u64>(), there.moved, "{there}");
            // Huge pages that stick out at the ends get no policy, and may be balanced away again.
            let ends = if is_balanced() { 2 * HUGE as u64 } else { 0 };
            let there_now = Residency::of(&[MoveSpan::shared(&values)]).nodes.get(&node).copied().unwrap_or(0);
            assert!(there_now + ends >= there.asked, "{there_now} of {there}");
            let back = return_home(&[MoveSpan::shared(&values)], &there.origin, &options);
            assert_eq!(arrived(&back), there.moved, "{back}");
            assert_eq!(Residency::of(&[MoveSpan::shared(&values)]), before);
            assert_eq!(values.as_ptr(), address);
            assert!(values.iter().enumerate().all(|(i, value)| *value == i as f64));
        }
    }
}

/// Whether the kernel moves pages to the nodes that use them.
fn is_balanced() -> bool {
    std::fs::read_to_string("/proc/sys/kernel/numa_balancing").is_ok_and(|text| text.trim() != "0")
}

#[test]
fn pages_return_to_the_nodes_that_each_came_from() {
    let Some(node) = second_node() else { return };
    let memory = Memory::new(64 * page(), Pages::Small);
    let start = memory.range().start;
    let odd: Vec<_> = (0..32).map(|i| start + (2 * i + 1) * page()).map(|at| MoveSpan::at(at..at + 1)).collect();
    assert_eq!(migrate(&odd, node, &MoveOptions::default()).moved, 32 * page() as u64);
    let there = migrate(&[memory.span()], node, &MoveOptions::default());
    assert_eq!((there.moved, there.already_there), (32 * page() as u64, 32 * page() as u64));
    let back = return_home(&[memory.span()], &there.origin, &MoveOptions::default());
    assert_eq!(arrived(&back), 32 * page() as u64);
    assert!(Residency::of(&odd).is_all_on(node), "what was there before stays there");
    assert_eq!(memory.residency().nodes[&home()], 32 * page() as u64);
    memory.assert_filled();
}

#[test]
fn huge_pages_move_whole() {
    let Some(node) = second_node() else { return };
    for method in [Method::MovePages, Method::Mbind] {
        let memory = Memory::new(8 * HUGE, Pages::Huge);
        let huge = memory.huge_bytes();
        if huge == 0 {
            skip("this kernel gives no huge pages");
            return;
        }
        let report = migrate(&[memory.span()], node, &MoveOptions::default().method(method));
        assert!(report.is_complete(), "{report}");
        assert!(memory.residency().is_all_on(node));
        assert_eq!(memory.huge_bytes(), huge, "none was split by {method}");
        memory.assert_filled();
    }
}

#[test]
fn a_part_of_a_huge_page_takes_all_of_it_along() {
    let Some(node) = second_node() else { return };
    let memory = Memory::new(2 * HUGE, Pages::Huge);
    let middle = memory.range().start + HUGE + 100 * page();
    let report = migrate(&[MoveSpan::at(middle..middle + 3 * page())], node, &MoveOptions::default());
    assert!(report.is_complete(), "{report}");
    assert!(Residency::of(&[MoveSpan::at(middle..middle + 3 * page())]).is_all_on(node));
    memory.assert_filled();
}

#[test]
fn mappings_of_huge_and_small_pages_move() {
    let Some(node) = second_node() else { return };
    let memory = Memory::new(6 * HUGE, Pages::Huge);
    // Splitting one huge page makes a mapping of both.
    let small = memory.range().start + HUGE;
    let split = MoveSpan::at(small..small + 1);
    protect(small + page(), libc::PROT_READ);
    protect(small + page(), libc::PROT_READ | libc::PROT_WRITE);
    let report = migrate(&[memory.span(), split], node, &MoveOptions::default());
    assert!(report.is_complete(), "{report}");
    assert!(memory.residency().is_all_on(node));
    memory.assert_filled();
}

#[allow(unsafe_code)]
fn protect(address: usize, access: i32) {
    // SAFETY: the page is the test's own and only read meanwhile.
    assert_eq!(unsafe { libc::mprotect(address as *mut _, page(), access) }, 0);
}

#[test]
fn a_full_node_takes_what_it_can() {
    let Some(node) = small_node() else { return };
    let _alone = alone();
    let bytes = usize::try_from(node_value(node, "MemTotal:")).unwrap() + 24 * MIB;
    for method in [Method::MovePages, Method::Mbind] {
        for pages in [Pages::Small, Pages::Huge] {
            let memory = Memory::new(bytes, pages);
            let before = memory.residency();
            let options = MoveOptions::default().method(method).threads(1).keep(Keep::Always);
            let report = migrate(&[memory.span()], node, &options);
            assert!(report.moved > 16 * MIB as u64, "{method} {pages:?}: {report}");
            assert!(report.stayed.get(&Reason::NodeFull) >= Some(&(16 * MIB as u64)), "{method} {pages:?}: {report}");
            memory.assert_filled();
            let back = return_home(&[memory.span()], &report.origin, &options);
            println!("{method}, {pages:?} pages: {report}; {back}");
            assert!(back.is_complete(), "{back}");
            assert_eq!(memory.residency(), before, "{method} {pages:?}: {report}; {back}");
        }
    }
}

#[test]
fn pinned_pages_stay_and_the_others_go() {
    let Some(node) = second_node() else { return };
    for method in [Method::MovePages, Method::Mbind] {
        let memory = Memory::new(2048 * page(), Pages::Small);
        let held = memory.range().start + 100 * page();
        let pin = Pin::new(held..held + 8 * page());
        let options = MoveOptions::default().method(method);
        let report = migrate(&[memory.span()], node, &options);
        assert_eq!(report.stayed.get(&Reason::Pinned), Some(&(8 * page() as u64)), "{report}");
        assert_eq!(report.moved, 2040 * page() as u64, "{report}");
        drop(pin);
        let report = migrate(&[memory.span()], node, &options);
        assert!(report.is_complete(), "{report}");
        assert_eq!(report.moved, 8 * page() as u64);
        memory.assert_filled();
    }
}

#[test]
fn locked_pages_move_by_the_kernel() {
    let Some(node) = second_node() else { return };
    let memory = Memory::new(16 * page(), Pages::Small);
    lock(&memory);
    let report = migrate(&[memory.span()], node, &MoveOptions::default());
    assert!(report.is_complete(), "{report}");
    memory.assert_filled();
}

#[allow(unsafe_code)]
fn lock(memory: &Memory) {
    // SAFETY: locking our own pages changes no content.
    assert_eq!(unsafe { libc::mlock(memory.range().start as *const _, memory.range().len()) }, 0);
}

#[test]
fn readers_and_writers_notice_nothing() {
    let Some(node) = second_node() else { return };
    let counters: Vec<AtomicU64> = (0..MIB).map(|_| AtomicU64::new(0)).collect();
    let stop = AtomicBool::new(false);
    let passes = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut passes = 0;
            while !stop.load(Ordering::Relaxed) {
                passes += 1;
                for counter in counters.iter().step_by(512) {
                    assert_eq!(counter.fetch_add(1, Ordering::Relaxed) + 1, passes);
                }
            }
            passes
        });
        for round in 0..10 {
            let to = if round % 2 == 0 { node } else { home() };
            let _ = migrate(&[MoveSpan::shared(&counters)], to, &MoveOptions::default().threads(2));
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    assert!(counters.iter().step_by(512).all(|counter| counter.load(Ordering::Relaxed) == passes));
}

#[test]
fn opposite_moves_of_the_same_pages_end() {
    let Some(node) = second_node() else { return };
    let memory = Memory::new(16 * MIB, Pages::Small);
    thread::scope(|scope| {
        for to in [node, home()] {
            let memory = &memory;
            scope.spawn(move || migrate(&[memory.span()], to, &MoveOptions::default().threads(1)));
        }
    });
    memory.assert_filled();
    assert!(migrate(&[memory.span()], node, &MoveOptions::default()).is_complete());
}
