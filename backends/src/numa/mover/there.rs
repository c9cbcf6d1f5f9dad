//! Whether there is anything to move: asked of the pages, without a look at what the process has mapped.
//!
//! To tell of its mappings (/proc/self/smaps), the kernel walks through all pages of the process, and a launch whose data is
//! on the node already shall not pay for that. A few pages are asked first: where data is elsewhere, most of it is.

use std::ffi::c_int;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::kernel;
use super::pages::Pages;
use super::sys;
use super::work::{self, BATCH};

/// Pages of a span set that are asked first.
const SAMPLES: usize = 32;

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// At every page.
    Whole,
    /// At some: for pages that were all there, and that only the kernel may have carried away since.
    Sampled,
}

/// Whether all of these pages exist and are on a node.
pub(crate) fn all_on(pages: &Pages, node: u32, look: Look, threads: NonZeroUsize) -> bool {
    if let Some(only) = kernel::only_node() {
        return only == node && pages.all.iter().all(|range| look == Look::Sampled || sys::all_present(range));
    }
    let count = pages.bytes() as usize / sys::page_size();
    let step = count.div_ceil(SAMPLES).max(1);
    let sample: Vec<usize> = pages.all.iter().flat_map(addresses).step_by(step).collect();
    are_on(&sample, node) && (look == Look::Sampled || step == 1 || every_page(&pages.all, node, threads))
}

fn addresses(range: &Range<usize>) -> impl Iterator<Item = usize> + use<> {
    range.clone().step_by(sys::page_size())
}

fn every_page(ranges: &[Range<usize>], node: u32, threads: NonZeroUsize) -> bool {
    let most = BATCH * sys::page_size();
    let cut = |range: &Range<usize>| {
        let end = range.end;
        range.clone().step_by(most).map(move |start| start..end.min(start + most))
    };
    let pieces: Vec<Range<usize>> = ranges.iter().flat_map(cut).collect();
    // Many small ranges go in batches too.
    let batches: Vec<&[Range<usize>]> = pieces.chunk_by(|_, next| next.len() < most / 64).collect();
    let bytes = ranges.iter().map(ExactSizeIterator::len).sum();
    let all = AtomicBool::new(true);
    work::share(&batches, bytes, threads, |batch, _| {
        let batch: Vec<usize> = batch.iter().flat_map(addresses).collect();
        if all.load(Ordering::Relaxed) && !batch.chunks(BATCH).all(|part| are_on(part, node)) {
            all.store(false, Ordering::Relaxed);
        }
    });
    all.into_inner()
}

/// Bytes of whole pages under `bytes` that are not on a node. Of many pages about 512 are asked, evenly spread, which see
/// each huge page of up to 1 GiB.
pub(crate) fn elsewhere(bytes: &Range<usize>, node: u32) -> u64 {
    const MOST: usize = 512;
    let page = sys::page_size();
    let pages = bytes.start & !(page - 1)..bytes.end.next_multiple_of(page);
    let count = pages.len() / page;
    let asked: Vec<usize> = addresses(&pages).step_by(count.div_ceil(MOST).max(1)).collect();
    let mut status = vec![c_int::MIN; asked.len()];
    if kernel::only_node() == Some(node) || sys::nodes_of(&asked, &mut status).is_err() {
        return 0;
    }
    let away = status.iter().filter(|is| u32::try_from(**is) != Ok(node)).count();
    // All pages count where all that were asked are elsewhere, and none where none is.
    (pages.len() as u64 * away as u64).checked_div(asked.len() as u64).unwrap_or(0)
}

fn are_on(addresses: &[usize], node: u32) -> bool {
    let mut status = vec![c_int::MIN; addresses.len()];
    let asked = sys::nodes_of(addresses, &mut status);
    asked.is_ok() && status.into_iter().all(|is| u32::try_from(is) == Ok(node))
}
