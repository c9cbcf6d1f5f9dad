//! Copy and remap: contents, addresses and neighbours stay, and what it could harm it leaves alone. On a machine with one
//! node pages are remapped to the node that they are on; with several, to another one.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{ptr, thread};

use landbridge_backends::numa::mover::{Method, MoveOptions, MoveReport, MoveSpan, Mover, Refusal};

use crate::support::{HUGE, LINE, Memory, Pages, arrived, assert_adds_up, home, migrate, nodes, page, pattern};

const MIB: usize = 1 << 20;

fn target() -> u32 {
    nodes().into_iter().nth(1).unwrap_or_else(home)
}

fn options() -> MoveOptions {
    MoveOptions::default().method(Method::Remap).allow_remap(true).remap_from(0).again(true).threads(2)
}

fn remapped(report: &MoveReport) -> u64 {
    report.by_method.get(&Method::Remap).copied().unwrap_or(0)
}

/// Moves all of `memory`, to which this test alone has access.
fn remap(memory: &mut Memory, options: &MoveOptions) -> MoveReport {
    let node = target();
    migrate(&[MoveSpan::exclusive(memory.words())], node, options)
}

/// Nothing of `memory` was remapped, for this reason; the kernel moved it if it could.
fn assert_refused(memory: &mut Memory, options: &MoveOptions, refusal: Refusal) {
    let bytes = memory.range().len() as u64;
    let report = remap(memory, options);
    assert_eq!(remapped(&report), 0, "{report}");
    assert_eq!(report.not_remapped.get(&refusal), Some(&bytes), "{report}");
    memory.assert_filled();
}

#[test]
fn contents_addresses_and_huge_pages_stay() {
    for pages in [Pages::Small, Pages::Huge] {
        for threads in [1, 2] {
            let mut memory = Memory::new(18 * MIB, pages);
            let (bytes, huge) = (memory.range().len() as u64, memory.huge_bytes());
            for _ in 0..3 {
                let report = remap(&mut memory, &options().threads(threads));
                assert_eq!((report.moved, remapped(&report)), (bytes, bytes), "{report}");
                memory.assert_filled();
                assert!(memory.residency().is_all_on(target()));
                assert_eq!(memory.huge_bytes(), huge, "no huge page is split");
            }
            assert!(memory.mappings() <= 2, "{} mappings", memory.mappings());
        }
    }
}

#[test]
fn vecs_live_on_and_may_grow_and_go() {
    let mut values: Vec<u64> = (0..2 * MIB as u64).collect();
    let address = values.as_ptr();
    let report = migrate(&[MoveSpan::exclusive(&mut values)], target(), &options());
    // The ends share their pages with the allocator's own words.
    assert!(remapped(&report) >= 16 * MIB as u64 - 2 * HUGE as u64, "{report}");
    assert!(report.is_complete(), "{report}");
    assert_eq!(values.as_ptr(), address);
    values.extend(0..MIB as u64);
    assert!(values.iter().take(2 * MIB).enumerate().all(|(i, value)| *value == i as u64));
    values.truncate(10);
    values.shrink_to_fit();
    assert_eq!(values, (0..10).collect::<Vec<u64>>());
}

#[test]
fn blocks_inside_the_heap_move_and_their_neighbours_stay() {
    // Below the allocator's threshold for mappings of their own, these lie side by side.
    let mut blocks: Vec<Vec<u8>> = (1..=200_u8).map(|i| vec![i; 100_000]).collect();
    let spans: Vec<_> = blocks.iter_mut().step_by(2).map(|block| MoveSpan::exclusive(block)).collect();
    let report = migrate(&spans, target(), &options());
    // Where the heap has huge pages, blocks that are smaller leave them whole.
    let small = report.not_remapped.get(&Refusal::Small).copied().unwrap_or(0);
    assert!(remapped(&report) + small > 5 * MIB as u64 && report.is_complete(), "{report}");
    drop(spans);
    assert!(blocks.iter().enumerate().all(|(i, block)| block.iter().all(|byte| usize::from(*byte) == i + 1)));
    blocks.retain(|block| block[0] % 3 == 0);
    blocks.extend((0..100_u8).map(|i| vec![i; 150_000]));
    assert!(blocks.iter().all(|block| block.iter().all(|byte| *byte == block[0])));
}

#[test]
fn ends_that_share_a_page_go_by_the_kernel() {
    let mut memory = Memory::new(10 * page(), Pages::Small);
    let words = page() / 8;
    let report = migrate(&[MoveSpan::exclusive(&mut memory.words()[words / 2..6 * words + 3])], target(), &options());
    assert_eq!(report.asked, 7 * page() as u64);
    assert_eq!(remapped(&report), 5 * page() as u64, "{report}");
    assert_eq!(report.not_remapped.get(&Refusal::SharedPage), Some(&(2 * page() as u64)));
    assert!(report.is_complete());
    memory.assert_filled();
}

#[test]
fn neighbouring_exclusive_spans_share_their_page() {
    let mut memory = Memory::new(8 * page(), Pages::Small);
    let (front, back) = memory.words().split_at_mut(1001);
    let report = migrate(&[MoveSpan::exclusive(back), MoveSpan::exclusive(front)], target(), &options());
    assert_eq!(remapped(&report), 8 * page() as u64, "{report}");
    memory.assert_filled();
}

#[test]
fn huge_pages_at_the_ends_are_not_split() {
    let mut memory = Memory::new(6 * HUGE, Pages::Huge);
    let huge = memory.huge_bytes();
    let words = page() / 8;
    let last = 6 * HUGE / 8 - 3 * words;
    let report = migrate(&[MoveSpan::exclusive(&mut memory.words()[3 * words..last])], target(), &options());
    if huge == memory.range().len() as u64 {
        assert_eq!(remapped(&report), 4 * HUGE as u64, "{report}");
    }
    assert_eq!(memory.huge_bytes(), huge);
    memory.assert_filled();
}

#[test]
fn one_byte_and_no_bytes_are_not_remapped() {
    let mut memory = Memory::new(page(), Pages::Small);
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(memory.words());
    let report = migrate(&[MoveSpan::exclusive(&mut bytes[5..6])], target(), &options());
    assert_eq!((report.asked, remapped(&report)), (page() as u64, 0));
    let report = migrate(&[MoveSpan::exclusive(&mut bytes[5..5])], target(), &options());
    assert_eq!(report.asked, 0);
    memory.assert_filled();
}

#[test]
fn ten_thousand_spans_cost_few_mappings() {
    let mut memory = Memory::new(10_000 * 2 * page(), Pages::Small);
    let words = page() / 8;
    let spans: Vec<_> =
        memory.words().chunks_mut(2 * words).map(|two| MoveSpan::exclusive(&mut two[..words])).collect();
    let report = migrate(&spans, target(), &options().remap_from(4 * MIB).threads(1));
    assert_eq!(remapped(&report), 0, "{report}");
    assert_eq!(report.not_remapped.get(&Refusal::Small), Some(&(10_000 * page() as u64)));
    drop(spans);
    assert!(memory.mappings() <= 2, "{} mappings", memory.mappings());
    memory.assert_filled();
}

#[test]
fn it_is_off_until_it_is_allowed() {
    let mut memory = Memory::new(MIB, Pages::Small);
    assert_refused(&mut memory, &options().allow_remap(false), Refusal::NotAllowed);
    let report = remap(&mut memory, &options().allow_remap(false).method(Method::Auto));
    assert_eq!(remapped(&report), 0);
}

#[test]
fn shared_spans_are_not_remapped() {
    let memory = Memory::new(MIB, Pages::Small);
    let report = migrate(&[memory.span()], target(), &options());
    assert_eq!(report.not_remapped.get(&Refusal::NotExclusive), Some(&(MIB as u64)), "{report}");
    assert_eq!(remapped(&report), 0);
}

#[test]
fn locked_memory_stays_locked() {
    let mut memory = Memory::new(16 * page(), Pages::Small);
    let range = memory.range();
    // SAFETY: locking our own pages changes no content.
    assert_eq!(unsafe { libc::mlock(range.start as *const _, range.len()) }, 0);
    assert_refused(&mut memory, &options(), Refusal::Locked);
    assert!(has_flag(range.start, "lo"));
}

#[test]
fn memory_that_forks_do_not_inherit_stays_so() {
    for advice in [libc::MADV_DONTFORK, libc::MADV_WIPEONFORK] {
        let mut memory = Memory::new(16 * page(), Pages::Small);
        memory.advise(advice);
        assert_refused(&mut memory, &options(), Refusal::NotForked);
    }
    let mut memory = Memory::new(16 * page(), Pages::Small);
    memory.advise(libc::MADV_DONTDUMP);
    assert_refused(&mut memory, &options(), Refusal::Attribute);
    assert!(has_flag(memory.range().start, "dd"));
}

/// Whether the mapping that holds an address has a flag.
fn has_flag(address: usize, flag: &str) -> bool {
    let text = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut inside = false;
    for line in text.lines() {
        if let Some(range) = crate::support::mapping_of(line) {
            inside = range.contains(&address);
        } else if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| inside) {
            return flags.split_whitespace().any(|have| have == flag);
        }
    }
    false
}

#[test]
fn shared_memory_stays_shared() {
    let mut memory = Memory::mapped(16 * page(), Pages::Small, libc::MAP_SHARED);
    memory.fill();
    assert_refused(&mut memory, &options(), Refusal::Shared);
}

#[test]
fn partly_read_only_memory_moves_in_part() {
    let mut memory = Memory::new(16 * page(), Pages::Small);
    let words = memory.words();
    // SAFETY: takes a right away from pages that are only read until the test ends.
    unsafe { libc::mprotect(words.as_ptr().cast_mut().cast(), 4 * page(), libc::PROT_READ) };
    let report = remap(&mut memory, &options());
    assert_eq!(report.not_remapped.get(&Refusal::NotWritable), Some(&(4 * page() as u64)), "{report}");
    assert_eq!(remapped(&report), 12 * page() as u64, "{report}");
    memory.assert_filled();
}

#[test]
fn pages_of_a_file_in_the_middle_stay() {
    let mut memory = Memory::new(16 * page(), Pages::Small);
    let middle = memory.range().start + 4 * page();
    let file = std::fs::File::open("/proc/self/exe").unwrap();
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let descriptor = std::os::fd::AsRawFd::as_raw_fd(&file);
    let flags = libc::MAP_PRIVATE | libc::MAP_FIXED;
    // SAFETY: replaces pages of our own mapping, of which no reference lives, by a file's.
    let mapped = unsafe { libc::mmap(middle as *mut _, 2 * page(), access, flags, descriptor, 0) };
    assert_eq!(mapped as usize, middle);
    let content: Vec<u64> = memory.shared().to_vec();
    let report = remap(&mut memory, &options());
    assert_eq!(report.not_remapped.get(&Refusal::NotAnonymous), Some(&(2 * page() as u64)), "{report}");
    assert_eq!(remapped(&report), 14 * page() as u64, "{report}");
    assert_eq!(memory.shared(), content);
}

#[test]
fn a_stack_is_left_alone() {
    let mut array = [7_u8; 1 << 18];
    let report = migrate(&[MoveSpan::exclusive(black_box(&mut array))], target(), &options());
    assert_eq!(remapped(&report), 0, "{report}");
    assert!(report.not_remapped.contains_key(&Refusal::Stack), "{report}");
    assert!(array.iter().all(|byte| *byte == 7));
}

#[test]
fn another_threads_stack_is_left_alone() {
    let work = || {
        let mut array = [7_u8; 1 << 20];
        let array = black_box(&mut array);
        let report = thread::scope(|scope| {
            let array = &mut *array;
            scope.spawn(|| migrate(&[MoveSpan::exclusive(array)], target(), &options())).join().unwrap()
        });
        assert_eq!(remapped(&report), 0, "{report}");
        assert!(report.not_remapped.contains_key(&Refusal::Stack), "{report}");
        assert!(array.iter().all(|byte| *byte == 7));
    };
    thread::Builder::new().stack_size(4 * MIB).spawn(work).unwrap().join().unwrap();
}

#[test]
fn pages_that_nobody_wrote_are_not_made() {
    let mut memory = Memory::untouched(64 * page(), Pages::Small);
    let report = remap(&mut memory, &options());
    assert_eq!(remapped(&report), 0, "{report}");
    assert_eq!(report.not_remapped.get(&Refusal::NotPresent), Some(&(64 * page() as u64)));
    assert_eq!(memory.residency().nodes.len(), 0);
}

#[test]
fn other_threads_may_map_and_unmap_meanwhile() {
    let mut memory = Memory::new(8 * MIB, Pages::Small);
    let range = memory.range();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for length in [page(), 8 * MIB] {
            let (stop, range) = (&stop, range.clone());
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let other = Memory::untouched(length, Pages::Small);
                    let start = other.range().start;
                    assert!(start + length <= range.start || range.end <= start, "nobody may land here");
                    // SAFETY: our own new page.
                    unsafe { ptr::write_volatile(start as *mut u64, 1) };
                }
            });
        }
        for _ in 0..20 {
            let report = remap(&mut memory, &options());
            assert_eq!(remapped(&report), 8 * MIB as u64, "{report}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    memory.assert_filled();
}

#[test]
fn readers_of_the_neighbours_notice_nothing() {
    let mut memory = Memory::new(9 * MIB, Pages::Small);
    let words = memory.words();
    let (front, rest) = words.split_at_mut(MIB / 8 + 5);
    let (middle, back) = rest.split_at_mut(7 * MIB / 8);
    let first = middle.as_ptr().addr();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let check = |words: &[u64], start: usize| {
            let lines = words.iter().enumerate().filter(|(i, _)| (start + i).is_multiple_of(LINE / 8));
            lines.for_each(|(i, word)| assert_eq!(*word, pattern((start + i) / (LINE / 8))));
        };
        let (front, back, stop) = (&*front, &*back, &stop);
        let behind = front.len() + 7 * MIB / 8;
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                check(front, 0);
                check(back, behind);
            }
        });
        for _ in 0..8 {
            let report = migrate(&[MoveSpan::exclusive(middle)], target(), &options());
            assert!(remapped(&report) >= 7 * MIB as u64 - 2 * page() as u64, "{report}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(middle.as_ptr().addr(), first);
    memory.assert_filled();
}

#[test]
fn prepared_and_parked_pages_serve_again() {
    for pages in [Pages::Small, Pages::Huge] {
        let bytes = 10 * MIB;
        let mover = Mover::new(options().spare(32 * MIB));
        let mut memory = Memory::new(bytes, pages);
        let huge = memory.huge_bytes();
        let prepared = mover.make_spare(target(), bytes, huge > 0);
        assert!(prepared >= bytes && mover.spare() == prepared);
        for round in 0..3 {
            let report = mover.migrate(&[MoveSpan::exclusive(memory.words())], target());
            assert_adds_up(&report);
            assert_eq!(remapped(&report), bytes as u64, "{report}");
            memory.assert_filled();
            assert_eq!(memory.huge_bytes(), huge, "round {round}");
            assert!(mover.spare() <= 32 * MIB && mover.spare() >= bytes, "{}", mover.spare());
            let back = mover.return_home(&[MoveSpan::exclusive(memory.words())], &report.origin);
            assert_adds_up(&back);
            assert!(back.is_complete());
            memory.assert_filled();
        }
        mover.release();
        assert_eq!(mover.spare(), 0);
        memory.assert_filled();
    }
}

/// Advice on huge pages cannot be taken back: spare pages must not bring any along.
#[test]
fn spare_pages_leave_no_advice_behind() {
    for pages in [Pages::Unadvised, Pages::Small, Pages::Huge] {
        let bytes = 6 * MIB;
        let mover = Mover::new(options().spare(64 * MIB));
        let mut memory = Memory::new(bytes, pages);
        let flags = |memory: &Memory| ["nh", "hg"].map(|flag| has_flag(memory.range().start, flag));
        let (before, huge) = (flags(&memory), memory.huge_bytes() > 0);
        for _ in 0..3 {
            let prepared = mover.make_spare(target(), bytes, huge);
            let report = mover.migrate(&[MoveSpan::exclusive(memory.words())], target());
            assert_eq!(remapped(&report), bytes as u64, "{pages:?}: {report}");
            assert!(prepared == 0 || mover.spare() < prepared + bytes + HUGE, "spare pages were taken");
            assert_eq!(flags(&memory), before, "{pages:?}");
            memory.assert_filled();
            let back = mover.return_home(&[MoveSpan::exclusive(memory.words())], &report.origin);
            assert!(back.is_complete() && flags(&memory) == before, "{pages:?}: {back}");
            mover.release();
        }
    }
}

#[test]
fn what_was_prepared_moves_into_the_pages_made_for_it() {
    for pages in [Pages::Small, Pages::Huge] {
        let mover = Mover::new(options());
        let mut memory = Memory::new(6 * MIB, pages);
        let prepared = mover.prepare(&[MoveSpan::exclusive(memory.words())], target());
        assert!(mover.spare() >= 6 * MIB, "{}", mover.spare());
        let report = prepared.migrate();
        assert_adds_up(&report);
        assert_eq!(remapped(&report), 6 * MIB as u64, "{report}");
        assert!(mover.spare() <= HUGE, "{}", mover.spare());
        memory.assert_filled();
        assert!(memory.residency().is_all_on(target()));
    }
}

#[test]
fn the_way_back_is_remapped_too() {
    let mut memory = Memory::new(8 * MIB, Pages::Small);
    let options = options().again(false);
    let there = remap(&mut memory, &options);
    assert_eq!(there.moved + there.already_there, 8 * MIB as u64);
    let mover = Mover::new(options);
    let back = mover.return_home(&[MoveSpan::exclusive(memory.words())], &there.origin);
    assert_eq!(arrived(&back), there.moved, "{back}");
    assert_eq!(remapped(&back), back.moved, "{back}");
    assert!(memory.residency().is_all_on(home()));
    memory.assert_filled();
}
