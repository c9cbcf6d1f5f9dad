//! What the process has mapped, as /proc/self/smaps tells it.

use std::io::{self, BufRead, BufReader};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::{fs, mem};

use super::pages::up;
use super::sys;

/// One mapping of the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// Its addresses.
    pub(crate) range: Range<usize>,
    /// Whether it can be read, written, executed.
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
    /// Whether writes stay in this process.
    pub(crate) private: bool,
    /// Whether a file is behind it.
    pub(crate) file: bool,
    /// `[heap]`, `[stack]`, a path, or nothing.
    pub(crate) name: String,
    /// The kernel's flags, as `rd wr mr mw me ac sd`.
    pub(crate) flags: String,
    /// Bytes in transparent huge pages.
    pub(crate) huge_bytes: u64,
    /// Bytes of the pages that the mapping was made with: more than a page in hugetlbfs.
    pub(crate) page_bytes: u64,
    /// The memory protection key: nought is the usual one.
    pub(crate) key: u32,
    /// Whether a small mapping that nobody may use ends where it begins: then a thread's stack may begin with it.
    pub(crate) guarded: bool,
}

impl Mapping {
    /// Whether the kernel's flags have this one.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.split(' ').any(|have| have == flag)
    }

    /// The part of `pages` that no huge page sticks out of: it can be treated apart without splitting one.
    pub(crate) fn whole(&self, pages: &Range<usize>) -> Range<usize> {
        let huge = sys::huge_size();
        if self.huge_bytes == 0 {
            return pages.clone();
        }
        let inside = |address: usize| {
            let place = address & !(huge - 1);
            place != address && self.range.start <= place && place + huge <= self.range.end
        };
        let start = if inside(pages.start) { up(pages.start, huge) } else { pages.start };
        let end = if inside(pages.end) { pages.end & !(huge - 1) } else { pages.end };
        start..end.max(start)
    }

    /// Whether it is what lies below a thread's stack, which begins at `address`: pages that nobody may use.
    fn guards(&self, address: usize) -> bool {
        /// Allocators reserve more than this behind what they have handed out.
        const MOST: usize = 1 << 20;
        /// The heaps of glibc's threads begin at multiples of this, behind the reserve of another.
        const HEAP: usize = 64 << 20;
        let forbidden = !(self.read || self.write || self.execute) && self.private && !self.file;
        forbidden && self.range.end == address && self.range.len() <= MOST && !address.is_multiple_of(HEAP)
    }

    /// Whether its bytes are the process's own: no file, nothing of the kernel's.
    pub(crate) fn is_anonymous(&self) -> bool {
        let special = self.name.starts_with('[') && self.name != "[heap]" && !self.name.starts_with("[anon");
        !self.file && !special && !self.name.starts_with('/')
    }
}

/// The mappings of the process, by address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Maps {
    mappings: Vec<Mapping>,
}

impl Maps {
    /// Reads /proc/self/smaps.
    ///
    /// # Errors
    /// Where there is no /proc.
    pub(crate) fn read() -> io::Result<Self> {
        Self::parse(BufReader::with_capacity(1 << 16, fs::File::open("/proc/self/smaps")?))
    }

    /// What to assume where there is no /proc: anything may be mapped anywhere, and nothing of it is ours alone.
    pub(crate) fn unknown() -> Self {
        let all = Mapping {
            range: 0..usize::MAX,
            read: true,
            write: true,
            private: true,
            name: "[unknown]".into(),
            huge_bytes: 1,
            ..Mapping::default()
        };
        Self { mappings: vec![all] }
    }

    fn parse(text: impl BufRead) -> io::Result<Self> {
        let mut maps = Self::default();
        let mut current = Mapping::default();
        for line in text.lines() {
            let line = line?;
            if let Some(next) = header(&line) {
                maps.push(mem::replace(&mut current, next));
            } else {
                detail(&mut current, &line);
            }
        }
        maps.push(current);
        Ok(maps)
    }

    fn push(&mut self, mut mapping: Mapping) {
        // The text is not of one moment: a mapping that grew while it was read may overlap the one before.
        let end = self.mappings.last().map_or(0, |last| last.range.end);
        mapping.range.start = mapping.range.start.max(end);
        mapping.guarded = self.mappings.last().is_some_and(|last| last.guards(mapping.range.start));
        if !mapping.range.is_empty() {
            self.mappings.push(mapping);
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.mappings.len()
    }

    /// The mapping that an address lies in.
    #[cfg(test)]
    pub(crate) fn at(&self, address: usize) -> Option<&Mapping> {
        let after = self.mappings.partition_point(|mapping| mapping.range.end <= address);
        self.mappings.get(after).filter(|mapping| mapping.range.contains(&address))
    }

    /// The parts of `window` with the mapping each lies in; what is not mapped is left out.
    pub(crate) fn parts(&self, window: &Range<usize>) -> impl Iterator<Item = (Range<usize>, &Mapping)> {
        let (start, end) = (window.start, window.end);
        let first = self.mappings.partition_point(|mapping| mapping.range.end <= start);
        let reach = self.mappings[first..].iter().take_while(move |mapping| mapping.range.start < end);
        reach.map(move |mapping| (mapping.range.start.max(start)..mapping.range.end.min(end), mapping))
    }
}

/// The mappings as they were when first asked for. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LazyMaps(Arc<OnceLock<Maps>>);

impl LazyMaps {
    /// The mappings; read by the first who asks.
    pub(crate) fn get(&self) -> &Maps {
        self.0.get_or_init(|| Maps::read().unwrap_or_else(|_| Maps::unknown()))
    }

    /// Whether somebody has asked.
    #[cfg(test)]
    pub(crate) fn were_read(&self) -> bool {
        self.0.get().is_some()
    }
}

/// How many mappings a process may have.
pub(crate) fn limit() -> usize {
    let text = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap_or_default();
    text.trim().parse().unwrap_or(65_530)
}

/// `560ccfeeb000-560ccff2d000 rw-p 00000000 00:00 0    [heap]`
fn header(line: &str) -> Option<Mapping> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    let access = words.next()?.as_bytes();
    let inode = words.nth(2)?;
    Some(Mapping {
        range: start..end,
        read: access.first() == Some(&b'r'),
        write: access.get(1) == Some(&b'w'),
        execute: access.get(2) == Some(&b'x'),
        private: access.get(3) == Some(&b'p'),
        file: inode != "0",
        name: words.next().unwrap_or_default().to_owned(),
        ..Mapping::default()
    })
}

/// `AnonHugePages:      2048 kB` and its like.
fn detail(mapping: &mut Mapping, line: &str) {
    let Some((name, value)) = line.split_once(':') else { return };
    let number = || value.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0);
    match name {
        "KernelPageSize" => mapping.page_bytes = number() << 10,
        "AnonHugePages" | "ShmemPmdMapped" | "FilePmdMapped" => mapping.huge_bytes += number() << 10,
        "ProtectionKey" => mapping.key = u32::try_from(number()).unwrap_or(u32::MAX),
        "VmFlags" => value.trim().clone_into(&mut mapping.flags),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
560ccfeeb000-560ccff2d000 rw-p 00000000 00:00 0                          [heap]
Size:                264 kB
KernelPageSize:        4 kB
AnonHugePages:      2048 kB
ProtectionKey:         3
VmFlags: rd wr mr mw me ac lo
7ff9687ab000-7ff968802000 r--s 00000000 fe:00 316534                     /usr/lib/a name (deleted)
KernelPageSize:        4 kB
VmFlags: rd mr me
7ffd0f6f7000-7ffd0f718000 rw-p 00000000 00:00 0                          [stack]
VmFlags: rd wr mr mw me gd ac
";

    #[test]
    fn mappings_have_their_attributes() {
        let maps = Maps::parse(TEXT.as_bytes()).unwrap();
        assert_eq!(maps.count(), 3);
        let heap = maps.at(0x560c_cfee_b000).unwrap();
        assert!(heap.read && heap.write && !heap.execute && heap.private && heap.is_anonymous());
        assert!(heap.has("lo") && !heap.has("l") && !heap.has("gd"));
        assert_eq!((heap.huge_bytes, heap.page_bytes, heap.key), (2 << 20, 4096, 3));
        let file = maps.at(0x7ff9_6880_1fff).unwrap();
        assert!(!file.write && !file.private && file.file && !file.is_anonymous());
        assert!(!maps.at(0x7ffd_0f6f_7000).unwrap().is_anonymous());
        assert!(maps.at(0x560c_cff2_d000).is_none());
    }

    #[test]
    fn ends_inside_huge_pages_are_left_out() {
        let (page, huge) = (sys::page_size(), sys::huge_size());
        let mapping =
            Mapping { range: huge - page..4 * huge + page, huge_bytes: 3 * huge as u64, ..Mapping::default() };
        assert_eq!(mapping.whole(&(huge + page..3 * huge + page)), 2 * huge..3 * huge);
        assert_eq!(mapping.whole(&(huge - page..4 * huge + page)), huge - page..4 * huge + page);
        assert!(mapping.whole(&(huge + page..huge + 2 * page)).is_empty());
        let small = Mapping { huge_bytes: 0, ..mapping };
        assert_eq!(small.whole(&(huge + page..3 * huge + page)), huge + page..3 * huge + page);
    }

    #[test]
    fn windows_are_cut_at_mappings() {
        let maps = Maps::parse(TEXT.as_bytes()).unwrap();
        let window = 0x560c_cff2_c000..0x7ff9_687a_c000;
        let parts: Vec<_> = maps.parts(&window).map(|(range, mapping)| (range, mapping.file)).collect();
        assert_eq!(parts, [(0x560c_cff2_c000..0x560c_cff2_d000, false), (0x7ff9_687a_b000..0x7ff9_687a_c000, true)]);
    }

    #[test]
    fn small_forbidden_mappings_are_guards() {
        let text = "1000-2000 ---p 00000000 00:00 0\n2000-7000 rw-p 00000000 00:00 0\n7000-9000 rw-p 00000000 00:00 0\n\
                    10000-800000 ---p 00000000 00:00 0\n800000-900000 rw-p 00000000 00:00 0\n\
                    3fff000-4000000 ---p 00000000 00:00 0\n4000000-5000000 rw-p 00000000 00:00 0\n";
        let maps = Maps::parse(text.as_bytes()).unwrap();
        let guarded: Vec<_> = maps.mappings.iter().filter(|m| m.guarded).map(|m| m.range.start).collect();
        assert_eq!(guarded, [0x2000], "neither its neighbour, nor behind a reserve, nor a heap");
    }

    #[test]
    fn mappings_that_changed_while_they_were_read_do_not_overlap() {
        let text =
            "1000-5000 rw-p 00000000 00:00 0\n3000-7000 rw-p 00000000 00:00 0\n3000-6000 r--p 00000000 00:00 0\n";
        let maps = Maps::parse(text.as_bytes()).unwrap();
        let parts: Vec<_> = maps.parts(&(0..0x10000)).map(|(range, _)| range).collect();
        assert_eq!(parts, [0x1000..0x5000, 0x5000..0x7000]);
    }

    #[test]
    fn this_process_has_mappings() {
        let local = 0_u8;
        let maps = Maps::read().unwrap();
        assert!(maps.count() > 3 && limit() > maps.count());
        let stack = maps.at((&raw const local).addr()).unwrap();
        assert!(stack.read && stack.write && stack.private && !stack.flags.is_empty());
    }
}
