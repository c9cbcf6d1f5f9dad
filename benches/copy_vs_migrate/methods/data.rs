//! The user's data, where results go, and places for copies.

use std::io;

use super::super::cases::{Case, LINE, Pages, Pattern};
use super::super::support::{self, Memory};

/// All memory of the measurements, as large as the largest case of its kind of pages.
pub(crate) struct Data {
    /// The user's data.
    pub(crate) source: Memory,
    /// A copy that is there already.
    pub(crate) kept: Memory,
    /// Where results go.
    pub(crate) results: Vec<f32>,
    /// What pages `source` and `kept` have.
    pages: support::Pages,
    /// Bytes of the chain that `source` holds; nought while it holds floats.
    chained: usize,
}

impl Data {
    /// Room for cases of so many bytes.
    pub(crate) fn new(bytes: usize) -> io::Result<Self> {
        let results = vec![2.0; bytes / size_of::<f32>()];
        let pages = support::Pages::AsGiven;
        Ok(Data { source: floats(bytes, pages)?, kept: floats(bytes, pages)?, results, pages, chained: 0 })
    }

    /// Makes the data what a case needs.
    pub(crate) fn lay_out(&mut self, case: &Case) -> io::Result<()> {
        let pages = kind(case.pages);
        if pages != self.pages {
            let bytes = self.source.slice().len();
            (self.source, self.kept) = (floats(bytes, pages)?, floats(bytes, pages)?);
            (self.pages, self.chained) = (pages, 0);
        }
        let chained = if case.pattern == Pattern::Chase { case.bytes } else { 0 };
        if chained != self.chained {
            for memory in [&mut self.source, &mut self.kept] {
                fill(memory, chained);
            }
            self.chained = chained;
        }
        Ok(())
    }

    /// Bytes of the user's data in huge pages.
    pub(crate) fn huge_bytes(&self) -> Option<u64> {
        self.source.huge_bytes()
    }
}

/// What pages memory for a case has.
pub(crate) fn kind(pages: Pages) -> support::Pages {
    match pages {
        Pages::Small => support::Pages::Small,
        Pages::Huge => support::Pages::Huge,
        Pages::Usual | Pages::Unmapped => support::Pages::AsGiven,
    }
}

fn floats(bytes: usize, pages: support::Pages) -> io::Result<Memory> {
    let mut memory = Memory::untouched(bytes, pages)?;
    fill(&mut memory, 0);
    Ok(memory)
}

/// Floats, but for the first bytes: a chain.
fn fill(memory: &mut Memory, chained: usize) {
    let (chain, rest) = memory.slice_mut().split_at_mut(chained);
    bytemuck::cast_slice_mut(rest).fill(1.0_f32);
    link(bytemuck::cast_slice_mut(chain));
}

/// One circle through all cache lines in random order: the first element of each is the place of the next.
fn link(chain: &mut [u32]) {
    const APART: usize = LINE / size_of::<u32>();
    let mut order: Vec<u32> = (0..chain.len() / APART).map(|line| (line * APART) as u32).collect();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for last in (1..order.len()).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        order.swap(last, (random % (last as u64 + 1)) as usize);
    }
    for (at, next) in order.iter().zip(order.iter().cycle().skip(1)) {
        chain[*at as usize] = *next;
    }
}
