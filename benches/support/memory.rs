//! Memory with pages of one size, and how much of it the process has.

use std::{fs, io};

use memmap2::{Advice, MmapMut};

/// The size of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    /// What programs get that ask for nothing.
    AsGiven,
    Small,
    Huge,
}

impl Pages {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AsGiven => "as given",
            Self::Small => "4K",
            Self::Huge => "2M",
        }
    }
}

const HUGE: usize = 2 << 20;

/// Anonymous memory; that of huge pages begins with a place for one.
pub(crate) struct Memory {
    map: MmapMut,
    start: usize,
    bytes: usize,
}

impl Memory {
    /// Memory whose pages come at the first touch.
    pub(crate) fn untouched(bytes: usize, pages: Pages) -> io::Result<Self> {
        let (align, room) = if pages == Pages::Huge { (HUGE, HUGE) } else { (1, 0) };
        let map = MmapMut::map_anon(bytes + room)?;
        match pages {
            Pages::AsGiven => {}
            Pages::Small => map.advise(Advice::NoHugePage)?,
            Pages::Huge => map.advise(Advice::HugePage)?,
        }
        let start = map.as_ptr().addr().next_multiple_of(align) - map.as_ptr().addr();
        Ok(Self { map, start, bytes })
    }

    /// Memory with all pages made, each with its number in it.
    pub(crate) fn new(bytes: usize, pages: Pages) -> Self {
        let mut memory = Self::untouched(bytes, pages).expect("memory with advice on huge pages");
        for (i, page) in memory.slice_mut().chunks_mut(4096).enumerate() {
            page[..8].copy_from_slice(&(i as u64 + 1).to_ne_bytes());
        }
        memory
    }

    /// Makes all pages, and keeps them from being swapped out or moved.
    pub(crate) fn lock(&self) -> io::Result<()> {
        self.map.lock()
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

    /// Bytes of it in huge pages, as the kernel says. None where it does not tell.
    pub(crate) fn huge_bytes(&self) -> Option<u64> {
        let address = self.map.as_ptr().addr() + self.start;
        let smaps = fs::read_to_string("/proc/self/smaps").ok()?;
        let mut inside = false;
        for line in smaps.lines() {
            if let Some(range) = range(line) {
                inside = range.contains(&address);
            } else if inside && line.starts_with("AnonHugePages:") {
                return kibibytes(line);
            }
        }
        None
    }
}

/// The addresses that a line of smaps begins a mapping with.
fn range(line: &str) -> Option<std::ops::Range<usize>> {
    let (start, end) = line.split_whitespace().next()?.split_once('-')?;
    Some(usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?)
}

/// Bytes of a line such as `VmRSS:   12 kB`.
fn kibibytes(line: &str) -> Option<u64> {
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
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
    kibibytes(text.lines().find(|line| line.starts_with(name))?)
}
