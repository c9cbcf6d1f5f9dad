//! Sizes of pages, and what the kernel does with them by itself.

use landbridge_core::topology::{HugePages, NumaBalancing, PageSizes, ThpMode};

use super::files::Root;

const TRANSPARENT: &str = "sys/kernel/mm/transparent_hugepage";
const EXPLICIT: &str = "sys/kernel/mm/hugepages";

pub(super) fn read(root: &mut Root) -> (PageSizes, ThpMode) {
    let thp = root.parsed(&format!("{TRANSPARENT}/enabled"), thp_mode).unwrap_or_default();
    let transparent_huge = root.parsed(&format!("{TRANSPARENT}/hpage_pmd_size"), number);
    (PageSizes { base: base(root), transparent_huge, huge: explicit(root) }, thp)
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// The mode in brackets, as in `always [madvise] never`.
fn thp_mode(text: &str) -> Option<ThpMode> {
    match text.split_once('[')?.1.split_once(']')?.0 {
        "always" => Some(ThpMode::Always),
        "madvise" => Some(ThpMode::Madvise),
        "never" => Some(ThpMode::Never),
        _ => None,
    }
}

/// By what the kernel tells each process, so that the files of another machine give that machine's.
fn base(root: &Root) -> u64 {
    const AT_PAGESZ: u64 = 6;
    let entries = std::fs::read(root.path("proc/self/auxv")).unwrap_or_default();
    let words: Vec<u64> = entries.as_chunks().0.iter().map(|bytes| u64::from_ne_bytes(*bytes)).collect();
    let told = words.as_chunks().0.iter().find(|[key, _]| *key == AT_PAGESZ).map(|[_, value]| *value);
    told.filter(|size| size.is_power_of_two()).unwrap_or(PageSizes::default().base)
}

/// Folders such as `hugepages-2048kB`.
fn explicit(root: &mut Root) -> Vec<HugePages> {
    let mut sizes = vec![];
    for name in root.names(EXPLICIT) {
        let kilobytes = name.strip_prefix("hugepages-").and_then(|rest| rest.strip_suffix("kB")?.parse::<u64>().ok());
        let Some(size) = kilobytes.and_then(|k| k.checked_mul(1024)) else { continue };
        let mut count = |file: &str| root.parsed(&format!("{EXPLICIT}/{name}/{file}"), number).unwrap_or(0);
        sizes.push(HugePages { size, total: count("nr_hugepages"), free: count("free_hugepages") });
    }
    sizes.sort_by_key(|pages| pages.size);
    sizes
}

/// The modes are bits: 1 balances between CPUs, 2 moves hot pages to faster memory.
pub(super) fn numa_balancing(root: &mut Root) -> NumaBalancing {
    match root.parsed("proc/sys/kernel/numa_balancing", number) {
        None | Some(0) => NumaBalancing::Off,
        Some(mode) if mode & 2 != 0 => NumaBalancing::Tiering { balancing: mode & 1 != 0 },
        Some(_) => NumaBalancing::On,
    }
}
