//! Memory with pages of one size, and how much of it the process has.

use std::fs;

use memmap2::{Advice, MmapMut};

/// The size of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    Small,
    Huge,
}

impl Pages {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "4K",
            Self::Huge => "2M",
        }
    }
}

const HUGE: usize = 2 << 20;

/// Anonymous memory that begins with a place for a huge page.
pub(crate) struct Memory {
    map: MmapMut,
    start: usize,
    bytes: usize,
}

impl Memory {
    /// Memory with all pages made, each with its number in it.
    pub(crate) fn new(bytes: usize, pages: Pages) -> Self {
        let map = MmapMut::map_anon(bytes + HUGE).expect("memory");
        let advice = if pages == Pages::Huge { Advice::HugePage } else { Advice::NoHugePage };
        map.advise(advice).expect("advice on huge pages");
        let start = map.as_ptr().addr().next_multiple_of(HUGE) - map.as_ptr().addr();
        let mut memory = Self { map, start, bytes };
        for (i, page) in memory.slice_mut().chunks_mut(4096).enumerate() {
            page[..8].copy_from_slice(&(i as u64 + 1).to_ne_bytes());
        }
        memory
    }

    pub(crate) fn slice(&self) -> &[u8] {
        &self.map[self.start..self.start + self.bytes]
    }

    pub(crate) fn slice_mut(&mut self) -> &mut [u8] {
        &mut self.map[self.start..self.start + self.bytes]
    }

    /// Every page still has its number.
    pub(crate) fn assert_intact(&self) {
        for (i, page) in self.slice().chunks(4096).enumerate() {
            assert_eq!(page[..8], (i as u64 + 1).to_ne_bytes(), "page {i}");
        }
    }
}

/// Runs `work`; answers how many more bytes of memory the process had meanwhile, at most. None where the kernel does not
/// tell.
pub(crate) fn peak(work: impl FnOnce()) -> Option<u64> {
    let reset = fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS:");
    work();
    reset.ok()?;
    Some(status("VmHWM:")?.saturating_sub(before?))
}

fn status(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
}
