//! Memory of known make, machines' nodes, and other processes.
#![allow(unsafe_code)]
#![allow(dead_code, reason = "each program uses its part")]

use std::ffi::c_int;
use std::fs;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use landbridge_backends::numa::mover::{MoveOptions, MoveReport, MoveSpan, Residency};

pub(crate) fn page() -> usize {
    // SAFETY: takes a number, touches no memory.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).unwrap()
}

pub(crate) const HUGE: usize = 2 << 20;

/// Filled memory has a number every so many bytes.
pub(crate) const LINE: usize = 512;

/// What pages the memory has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    Small,
    Huge,
    /// What the kernel gives to memory that nobody gave advice on.
    Unadvised,
}

/// Anonymous private memory that begins with a place for a huge page.
pub(crate) struct Memory {
    mapped: Range<usize>,
    range: Range<usize>,
}

impl Memory {
    /// Memory that nobody has written to.
    pub(crate) fn untouched(bytes: usize, pages: Pages) -> Self {
        Self::mapped(bytes, pages, libc::MAP_PRIVATE)
    }

    pub(crate) fn mapped(bytes: usize, pages: Pages, flags: c_int) -> Self {
        let length = page() + bytes.next_multiple_of(page()) + HUGE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), length, access, flags | libc::MAP_ANONYMOUS, -1, 0) };
        assert!(start != libc::MAP_FAILED, "no memory");
        // SAFETY: our own page. It keeps a page without access, such as another thread's stack has below it, from lying right
        // below the memory: then the mover would take that for a stack, too.
        assert_eq!(unsafe { libc::mprotect(start, page(), libc::PROT_READ) }, 0);
        let start = start as usize;
        let first = (start + page()).next_multiple_of(HUGE);
        let memory = Self { mapped: start..start + length, range: first..first + bytes };
        match pages {
            Pages::Small => memory.advise(libc::MADV_NOHUGEPAGE),
            Pages::Huge => memory.advise(libc::MADV_HUGEPAGE),
            Pages::Unadvised => {}
        }
        memory
    }

    /// Memory with a pattern in it.
    pub(crate) fn new(bytes: usize, pages: Pages) -> Self {
        let mut memory = Self::untouched(bytes, pages);
        memory.fill();
        memory
    }

    pub(crate) fn advise(&self, advice: c_int) {
        let length = self.range.len().next_multiple_of(page());
        // SAFETY: the advice concerns our own mapping, and none that tests give frees pages that are looked at.
        unsafe { libc::madvise(self.range.start as *mut _, length, advice) };
    }

    /// Writes a number to every [`LINE`] bytes.
    pub(crate) fn fill(&mut self) {
        for (i, line) in self.words().chunks_mut(LINE / 8).enumerate() {
            line[0] = pattern(i);
        }
    }

    pub(crate) fn assert_filled(&self) {
        for (i, line) in self.shared().chunks(LINE / 8).enumerate() {
            assert_eq!(line[0], pattern(i), "byte {}", i * LINE);
        }
    }

    pub(crate) fn words(&mut self) -> &mut [u64] {
        // SAFETY: the mapping is ours, aligned, initialised by the kernel, and borrowed as `self` is.
        unsafe { std::slice::from_raw_parts_mut(self.range.start as *mut u64, self.range.len() / 8) }
    }

    pub(crate) fn shared(&self) -> &[u64] {
        // SAFETY: as for `words`; whoever writes has `self` mutably.
        unsafe { std::slice::from_raw_parts(self.range.start as *const u64, self.range.len() / 8) }
    }

    pub(crate) fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    pub(crate) fn span(&self) -> MoveSpan<'_> {
        MoveSpan::shared(self.shared())
    }

    pub(crate) fn residency(&self) -> Residency {
        Residency::of(&[self.span()])
    }

    /// How many mappings it consists of.
    pub(crate) fn mappings(&self) -> usize {
        let text = fs::read_to_string("/proc/self/maps").unwrap();
        let ours = |range: &Range<usize>| range.start < self.range.end && self.range.start < range.end;
        text.lines().filter_map(mapping_of).filter(ours).count()
    }

    /// Bytes of it in huge pages.
    pub(crate) fn huge_bytes(&self) -> u64 {
        let text = fs::read_to_string("/proc/self/smaps").unwrap();
        let mut inside = false;
        let mut kilobytes = 0;
        for line in text.lines() {
            if let Some(range) = mapping_of(line) {
                inside = range.start < self.range.end && self.range.start < range.end;
            } else if let Some(value) = line.strip_prefix("AnonHugePages:").filter(|_| inside) {
                kilobytes += value.trim().trim_end_matches(" kB").parse::<u64>().unwrap();
            }
        }
        kilobytes << 10
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no reference to it outlives `self`.
        unsafe { libc::munmap(self.mapped.start as *mut _, self.mapped.len()) };
    }
}

/// The addresses in the first line of a mapping in /proc/self/maps or smaps.
pub(crate) fn mapping_of(line: &str) -> Option<Range<usize>> {
    let (start, end) = line.split(' ').next()?.split_once('-')?;
    Some(usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?)
}

pub(crate) fn pattern(i: usize) -> u64 {
    (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The nodes that have memory.
pub(crate) fn nodes() -> Vec<u32> {
    let text = fs::read_to_string("/sys/devices/system/node/has_memory").unwrap_or_else(|_| "0".into());
    let ends = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        first.parse::<u32>().unwrap_or(0)..=last.parse::<u32>().unwrap_or(0)
    };
    text.trim().split(',').flat_map(ends).collect()
}

pub(crate) fn node_value(node: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/sys/devices/system/node/node{node}/meminfo")).unwrap_or_default();
    let line = text.lines().find(|line| line.contains(name)).unwrap_or("0 kB");
    line.split_whitespace().rev().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0) << 10
}

/// Says why a test is skipped; in the virtual machine of `scripts/vm-test` none may be.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("LANDBRIDGE_REQUIRE_NUMA").is_none(), "LANDBRIDGE_REQUIRE_NUMA is set, but {why}");
    println!("skipped: {why}; scripts/vm-test runs this test on a machine with four");
}

/// A node beside the first, the biggest; the test says why it is skipped where there is none.
pub(crate) fn second_node() -> Option<u32> {
    let others = nodes().into_iter().skip(1);
    let biggest = others.max_by_key(|node| node_value(*node, "MemTotal:"));
    if biggest.is_none() {
        skip("this machine has one memory node, so nothing can move");
    }
    biggest
}

/// The smallest node beside the first, if a test can fill it.
pub(crate) fn small_node() -> Option<u32> {
    let others = nodes().into_iter().skip(1);
    let smallest = others.min_by_key(|node| node_value(*node, "MemTotal:"));
    let small = smallest.filter(|node| node_value(*node, "MemTotal:") <= 200 << 20);
    if small.is_none() {
        skip("this machine has no memory node below 200 MiB that a test could fill");
    }
    small
}

/// The first node with memory.
pub(crate) fn home() -> u32 {
    nodes()[0]
}

/// Tests that fill nodes or change the machine's settings run one at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A report adds up.
pub(crate) fn assert_adds_up(report: &MoveReport) {
    assert_eq!(report.asked, report.moved + report.already_there + report.bytes_stayed(), "{report}");
    assert_eq!(report.moved, report.by_method.values().sum::<u64>(), "{report}");
}

/// [`landbridge_backends::numa::mover::migrate`], checked.
pub(crate) fn migrate(spans: &[MoveSpan<'_>], node: u32, options: &MoveOptions) -> MoveReport {
    let report = landbridge_backends::numa::mover::migrate(spans, node, options);
    assert_adds_up(&report);
    report
}

/// Bytes that are where they should be now. Where the kernel balances memory, some may have walked by themselves.
pub(crate) fn arrived(report: &MoveReport) -> u64 {
    report.moved + report.already_there
}

/// A forked child that shares all pages with this process until it is dropped.
pub(crate) struct Child {
    pid: libc::pid_t,
    go: c_int,
}

impl Child {
    /// Forks; when dropped, the child runs `last` (which must neither allocate nor lock) and tells whether it held.
    pub(crate) fn fork(last: impl Fn() -> bool) -> Self {
        let mut ends = [0; 2];
        // SAFETY: `ends` has room for the two descriptors.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        // SAFETY: the child of this process with threads only reads a pipe, runs `last` and exits, which is
        // async-signal-safe as long as `last` is.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0);
        if pid == 0 {
            let mut byte = 0_u8;
            // SAFETY: closes our copy of a descriptor, reads into one byte, ends the process.
            unsafe {
                libc::close(ends[1]);
                libc::read(ends[0], (&raw mut byte).cast(), 1);
                libc::_exit(if last() { 0 } else { 1 });
            }
        }
        // SAFETY: our copy of a descriptor that only the child needs.
        unsafe { libc::close(ends[0]) };
        Self { pid, go: ends[1] }
    }

    /// Ends the child; whether its last check held.
    pub(crate) fn end(self) -> bool {
        let mut status = -1;
        // SAFETY: the descriptor is ours and open; `status` has room for the answer.
        unsafe {
            libc::close(self.go);
            libc::waitpid(self.pid, &raw mut status, 0);
        }
        status == 0
    }
}

/// Pages that the kernel holds: it has put them into a pipe.
pub(crate) struct Pin([c_int; 2]);

impl Pin {
    pub(crate) fn new(bytes: Range<usize>) -> Self {
        let mut ends = [0; 2];
        // SAFETY: `ends` has room for the two descriptors.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        let piece = libc::iovec { iov_base: bytes.start as *mut _, iov_len: bytes.len() };
        // SAFETY: the bytes are mapped and stay so; nobody reads the pipe, so their content does not matter.
        let held = unsafe { libc::vmsplice(ends[1], &raw const piece, 1, 0) };
        assert_eq!(held, bytes.len() as isize, "vmsplice");
        Self(ends)
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        // SAFETY: both descriptors are ours and open.
        unsafe {
            libc::close(self.0[0]);
            libc::close(self.0[1]);
        }
    }
}
