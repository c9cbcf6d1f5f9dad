//! Memory that a kernel may touch, and how it does.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use super::program::Atomic;

/// Addresses that a kernel may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// As the device sees it.
    pub start: u64,
    /// The first address past it.
    pub end: u64,
    /// What is added to an address (wrapping) to get the host's.
    pub delta: u64,
    /// It may be written, too.
    pub writable: bool,
}

/// All memory that a launch may touch.
#[derive(Clone, Debug, Default)]
pub struct MemoryMap {
    ranges: Vec<Range>,
    any_host: bool,
}

impl MemoryMap {
    /// From ranges that do not overlap. `any_host`: whatever the process has mapped is allowed as well.
    ///
    /// # Safety
    /// Every range is mapped on the host, with the rights that it says, for as long as a launch uses the map, and nobody else
    /// reads or writes it meanwhile but by atomic operations; with `any_host` that goes for all memory that the kernel reaches.
    pub unsafe fn new(mut ranges: Vec<Range>, any_host: bool) -> MemoryMap {
        ranges.sort_by_key(|range| range.start);
        MemoryMap { ranges, any_host }
    }

    fn range(&self, address: u64) -> Option<Range> {
        let after = self.ranges.partition_point(|range| range.start <= address);
        self.ranges[..after].last().copied().filter(|range| address < range.end)
    }
}

const NOWHERE: Range = Range { start: 1, end: 0, delta: 0, writable: false };

/// A host thread's view of the map, which remembers where it has been.
pub(crate) struct View<'m> {
    map: &'m MemoryMap,
    recent: [Range; 4],
    oldest: usize,
    process: Vec<Range>,
}

impl<'m> View<'m> {
    pub(crate) fn new(map: &'m MemoryMap) -> View<'m> {
        View { map, recent: [NOWHERE; 4], oldest: 0, process: vec![] }
    }

    /// The host's address of `size` bytes; `None` if they are not the kernel's.
    #[inline]
    pub(crate) fn host(&mut self, address: u64, size: u64, writes: bool) -> Option<u64> {
        for range in &self.recent {
            if address >= range.start
                && address < range.end
                && range.end - address >= size
                && (range.writable || !writes)
            {
                return Some(address.wrapping_add(range.delta));
            }
        }
        self.search(address, size, writes)
    }

    #[cold]
    fn search(&mut self, address: u64, size: u64, writes: bool) -> Option<u64> {
        let fits = |range: &Range| address < range.end && range.end - address >= size && (range.writable || !writes);
        let found = match self.map.range(address) {
            Some(range) => Some(range).filter(fits),
            None if self.map.any_host => {
                let mapped =
                    |view: &View<'_>| view.process.iter().find(|range| range.start <= address && fits(range)).copied();
                mapped(self).or_else(|| {
                    self.process = process_memory();
                    mapped(self)
                })
            }
            None => None,
        };
        let range = found?;
        self.recent[self.oldest] = range;
        self.oldest = (self.oldest + 1) % self.recent.len();
        Some(address.wrapping_add(range.delta))
    }
}

/// What the process has mapped, of which neighbours with equal rights are joined.
fn process_memory() -> Vec<Range> {
    let text = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut ranges: Vec<Range> = vec![];
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let (Some(span), Some(rights)) = (words.next(), words.next()) else { continue };
        let Some((start, end)) = span.split_once('-') else { continue };
        let (Ok(start), Ok(end)) = (u64::from_str_radix(start, 16), u64::from_str_radix(end, 16)) else { continue };
        if !rights.starts_with('r') || line.ends_with("[vvar]") || line.ends_with("[vsyscall]") {
            continue;
        }
        let writable = rights.as_bytes().get(1) == Some(&b'w');
        match ranges.last_mut() {
            Some(last) if last.end == start && last.writable == writable => last.end = end,
            _ => ranges.push(Range { start, end, delta: 0, writable }),
        }
    }
    ranges
}

/// The value of `size` bytes at a host address that [`View::host`] or a buffer of ours gave, aligned to its size.
#[inline(always)]
pub(crate) fn load(host: u64, size: u8) -> u64 {
    // SAFETY:
    // - the address is of `size` mapped bytes: it was checked against the launch's map, or lies in a buffer of the interpreter;
    // - it is aligned to `size`, which callers check before;
    // - others access it atomically at most while this runs, by the contract of `MemoryMap::new`.
    unsafe {
        match size {
            1 => u64::from(AtomicU8::from_ptr(host as *mut u8).load(Ordering::Relaxed)),
            2 => u64::from(AtomicU16::from_ptr(host as *mut u16).load(Ordering::Relaxed)),
            4 => u64::from(AtomicU32::from_ptr(host as *mut u32).load(Ordering::Relaxed)),
            _ => AtomicU64::from_ptr(host as *mut u64).load(Ordering::Relaxed),
        }
    }
}

/// Stores the low `size` bytes; the rest is as for [`load`].
#[inline(always)]
pub(crate) fn store(host: u64, size: u8, value: u64) {
    // SAFETY: as in `load`; the range was checked to be writable.
    unsafe {
        match size {
            1 => AtomicU8::from_ptr(host as *mut u8).store(value as u8, Ordering::Relaxed),
            2 => AtomicU16::from_ptr(host as *mut u16).store(value as u16, Ordering::Relaxed),
            4 => AtomicU32::from_ptr(host as *mut u32).store(value as u32, Ordering::Relaxed),
            _ => AtomicU64::from_ptr(host as *mut u64).store(value, Ordering::Relaxed),
        }
    }
}

/// Does an atomic operation; gives the value before it.
pub(crate) fn atomic(host: u64, op: Atomic, a: u64, b: u64) -> u64 {
    let size = op.size();
    loop {
        let old = load(host, size);
        let new = match op {
            Atomic::Update { f, .. } => f(old, a),
            Atomic::CompareExchange { .. } if old == a => b,
            Atomic::CompareExchange { .. } => return old,
        };
        if exchanged(host, size, old, new) {
            return old;
        }
    }
}

fn exchanged(host: u64, size: u8, old: u64, new: u64) -> bool {
    const ORDER: (Ordering, Ordering) = (Ordering::AcqRel, Ordering::Acquire);
    // SAFETY: as in `store`.
    unsafe {
        match size {
            2 => {
                AtomicU16::from_ptr(host as *mut u16).compare_exchange(old as u16, new as u16, ORDER.0, ORDER.1).is_ok()
            }
            4 => {
                AtomicU32::from_ptr(host as *mut u32).compare_exchange(old as u32, new as u32, ORDER.0, ORDER.1).is_ok()
            }
            _ => AtomicU64::from_ptr(host as *mut u64).compare_exchange(old, new, ORDER.0, ORDER.1).is_ok(),
        }
    }
}
