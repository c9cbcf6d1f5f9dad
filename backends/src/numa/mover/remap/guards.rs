//! What may be remapped: memory that nobody can tell from its copy.

use std::ops::Range;

use crate::numa::mover::maps::Mapping;
use crate::numa::mover::options::MoveOptions;
use crate::numa::mover::pages::up;
use crate::numa::mover::reason::Refusal;
use crate::numa::mover::sys;

/// Flags of mappings (Documentation/filesystems/proc.rst) that new anonymous memory has as well, or is given.
const PLAIN: [&str; 10] = ["rd", "wr", "mr", "mw", "me", "ac", "nr", "hg", "nh", "sd"];

/// Why a mapping's pages may not be remapped; `stack` is an address on the caller's stack.
pub(super) fn refusal(mapping: &Mapping, stack: usize) -> Option<Refusal> {
    // From what endangers others to what would only be lost.
    let reasons = [
        (!mapping.private || mapping.has("sh"), Refusal::Shared),
        (mapping.has("gd") || mapping.name.starts_with("[stack") || mapping.range.contains(&stack), Refusal::Stack),
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

/// The part of `pages` to remap: where the mapping has huge pages, whole ones only, so that none is split at the ends.
pub(super) fn whole(pages: &Range<usize>, mapping: &Mapping) -> Range<usize> {
    let huge = sys::huge_size();
    if mapping.huge_bytes == 0 {
        return pages.clone();
    }
    let inside = |address: usize| {
        let place = address & !(huge - 1);
        !address.is_multiple_of(huge) && mapping.range.start <= place && place + huge <= mapping.range.end
    };
    let start = if inside(pages.start) { up(pages.start, huge) } else { pages.start };
    let end = if inside(pages.end) { pages.end & !(huge - 1) } else { pages.end };
    start..end.max(start)
}

/// Whether so many bytes are worth the mappings that remapping may cost.
pub(super) fn is_small(pages: &Range<usize>, options: &MoveOptions) -> bool {
    pages.is_empty() || pages.len() < options.remap_from
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(refusal(&plain(), 0), None);
        let heap = Mapping { name: "[heap]".into(), ..plain() };
        assert_eq!(refusal(&heap, 0), None);
        let named =
            Mapping { name: "[anon: glibc: malloc]".into(), flags: "rd wr mr mw me ac hg nr".into(), ..plain() };
        assert_eq!(refusal(&named, 0), None);
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
            assert_eq!(refusal(&mapping, 0), Some(expected), "{mapping:?}");
        }
        assert_eq!(refusal(&plain(), 0x1000_0123), Some(Refusal::Stack));
    }

    #[test]
    fn ends_inside_huge_pages_are_left_out() {
        let (page, huge) = (sys::page_size(), sys::huge_size());
        let mapping = Mapping { range: huge - page..4 * huge + page, huge_bytes: 3 * huge as u64, ..plain() };
        assert_eq!(whole(&(huge + page..3 * huge + page), &mapping), 2 * huge..3 * huge);
        assert_eq!(whole(&(huge - page..4 * huge + page), &mapping), huge - page..4 * huge + page);
        assert!(whole(&(huge + page..huge + 2 * page), &mapping).is_empty());
        let small = Mapping { huge_bytes: 0, ..mapping };
        assert_eq!(whole(&(huge + page..3 * huge + page), &small), huge + page..3 * huge + page);
    }
}
