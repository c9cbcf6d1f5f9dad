//! What may be remapped: memory that nobody can tell from its copy.

use std::ops::Range;

use crate::numa::mover::maps::Mapping;
use crate::numa::mover::options::MoveOptions;
use crate::numa::mover::reason::Refusal;
use crate::numa::mover::sys;

/// Flags of mappings (Documentation/filesystems/proc.rst) that new anonymous memory has as well, or is given.
const PLAIN: [&str; 10] = ["rd", "wr", "mr", "mw", "me", "ac", "nr", "hg", "nh", "sd"];

/// Why these pages of a mapping may not be remapped; `stack` is the caller's.
pub(super) fn refusal(mapping: &Mapping, pages: &Range<usize>, stack: &Range<usize>) -> Option<Refusal> {
    // From what endangers others to what would only be lost.
    let reasons = [
        (!mapping.private || mapping.has("sh"), Refusal::Shared),
        (mapping.has("gd") || mapping.name.starts_with("[stack") || overlap(pages, stack), Refusal::Stack),
        (mapping.guarded && overlap(pages, &lowest(mapping)), Refusal::Stack),
        (mapping.page_bytes > sys::page_size() as u64 || mapping.has("ht"), Refusal::PageSize),
        (!mapping.is_anonymous(), Refusal::NotAnonymous),
        (!mapping.read || !mapping.write, Refusal::NotWritable),
        (mapping.execute, Refusal::Executable),
        (mapping.has("lo"), Refusal::Locked),
        (mapping.has("dc") || mapping.has("wf"), Refusal::NotForked),
        (mapping.key != 0 || mapping.flags.is_empty(), Refusal::Attribute),
        (mapping.flags.split(' ').any(|flag| !PLAIN.contains(&flag)), Refusal::Attribute),
    ];
    reasons.into_iter().find_map(|(holds, refusal)| holds.then_some(refusal))
}

/// What may be another thread's stack of a mapping with a guard below. The kernel does not say whose is whose, and what was
/// mapped above may be part of the same mapping: so as much as a stack usually has. (Stacks that are larger, or whose guard is
/// no mapping, are not known. Nothing of theirs goes wrong but that the mapping is divided: the pages that move are a part of
/// the exclusive span, which no frame of the thread lies in.)
fn lowest(mapping: &Mapping) -> Range<usize> {
    let end = mapping.range.start.saturating_add(sys::stack_size());
    mapping.range.start..end.min(mapping.range.end)
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Whether so many bytes are worth the mappings that remapping may cost.
pub(super) fn is_small(pages: &Range<usize>, options: &MoveOptions) -> bool {
    pages.is_empty() || pages.len() < options.remap_from
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: Range<usize> = 0x1100_0000..0x1200_0000;

    fn plain() -> Mapping {
        Mapping {
            range: 0x1000_0000..0x2000_0000,
            read: true,
            write: true,
            private: true,
            flags: "rd wr mr mw me ac sd".into(),
            page_bytes: sys::page_size() as u64,
            ..Mapping::default()
        }
    }

    #[test]
    fn plain_memory_passes() {
        assert_eq!(refusal(&plain(), &PAGES, &(0..0)), None);
        let heap = Mapping { name: "[heap]".into(), ..plain() };
        assert_eq!(refusal(&heap, &PAGES, &(0..0)), None);
        let named =
            Mapping { name: "[anon: glibc: malloc]".into(), flags: "rd wr mr mw me ac hg nr".into(), ..plain() };
        assert_eq!(refusal(&named, &PAGES, &(0..0)), None);
    }

    #[test]
    fn every_other_attribute_is_a_reason() {
        let flags = |flag: &str| Mapping { flags: format!("rd wr mr mw me ac {flag}"), ..plain() };
        let cases = [
            (Mapping { private: false, ..plain() }, Refusal::Shared),
            (flags("gd"), Refusal::Stack),
            (Mapping { name: "[stack]".into(), ..plain() }, Refusal::Stack),
            (Mapping { page_bytes: 2 << 20, ..plain() }, Refusal::PageSize),
            (Mapping { file: true, name: "/a/file".into(), ..plain() }, Refusal::NotAnonymous),
            (Mapping { name: "[vdso]".into(), ..plain() }, Refusal::NotAnonymous),
            (Mapping { write: false, ..plain() }, Refusal::NotWritable),
            (Mapping { execute: true, ..plain() }, Refusal::Executable),
            (flags("lo"), Refusal::Locked),
            (flags("dc"), Refusal::NotForked),
            (flags("wf"), Refusal::NotForked),
            (Mapping { key: 1, ..plain() }, Refusal::Attribute),
            (flags("um"), Refusal::Attribute),
            (flags("mg"), Refusal::Attribute),
            (flags("dd"), Refusal::Attribute),
            (flags("??"), Refusal::Attribute),
            (Mapping { flags: String::new(), ..plain() }, Refusal::Attribute),
        ];
        for (mapping, expected) in cases {
            assert_eq!(refusal(&mapping, &PAGES, &(0..0)), Some(expected), "{mapping:?}");
        }
        let guarded = Mapping { guarded: true, ..plain() };
        let start = guarded.range.start;
        assert_eq!(refusal(&guarded, &(start..start + 4096), &(0..0)), Some(Refusal::Stack));
        assert_eq!(refusal(&guarded, &(start + (512 << 20)..start + (513 << 20)), &(0..0)), None);
        assert_eq!(refusal(&plain(), &PAGES, &(0..PAGES.start + 1)), Some(Refusal::Stack));
        assert_eq!(refusal(&plain(), &PAGES, &(PAGES.end..PAGES.end + 1)), None);
    }
}
