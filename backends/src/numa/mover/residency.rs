//! Where pages are.

use std::collections::BTreeMap;
use std::ffi::c_int;

use super::kernel::reason_of_call;
use super::maps::Maps;
use super::pages::{MoveSpan, Pages};
use super::reason::Reason;
use super::sys;
use super::work::{self, BATCH, Entry, Part};

/// Where the pages under some spans are, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Residency {
    /// By node.
    pub nodes: BTreeMap<u32, u64>,
    /// Pages that are on no node, and why.
    pub nowhere: BTreeMap<Reason, u64>,
}

impl Residency {
    /// Asks the kernel.
    #[must_use]
    pub fn of(spans: &[MoveSpan<'_>]) -> Self {
        let (parts, holes) = work::parts(&Pages::under(spans).all, &Maps::read().unwrap_or_default());
        let mut residency = Self::default();
        residency.nowhere(holes, Reason::Unmapped);
        let entries: Vec<Entry> = parts.iter().flat_map(Part::entries).collect();
        entries.chunks(BATCH).for_each(|batch| residency.add(batch));
        residency
    }

    /// Whether all pages are on this node.
    #[must_use]
    pub fn is_all_on(&self, node: u32) -> bool {
        self.nowhere.is_empty() && self.nodes.keys().all(|key| *key == node)
    }

    fn add(&mut self, batch: &[Entry]) {
        let addresses: Vec<usize> = batch.iter().map(|entry| entry.start).collect();
        let mut status = vec![-libc::EFAULT as c_int; batch.len()];
        let asked = sys::nodes_of(&addresses, &mut status);
        for (entry, status) in batch.iter().zip(status) {
            let bytes = entry.end - entry.start;
            match (asked, u32::try_from(status)) {
                (Err(errno), _) => self.nowhere(bytes, reason_of_call(errno)),
                (Ok(()), Ok(node)) => *self.nodes.entry(node).or_default() += bytes as u64,
                (Ok(()), Err(_)) => self.nowhere(bytes, reason_of_absence(-status, entry.kind.readable)),
            }
        }
    }

    fn nowhere(&mut self, bytes: usize, reason: Reason) {
        if bytes > 0 {
            *self.nowhere.entry(reason).or_default() += bytes as u64;
        }
    }
}

fn reason_of_absence(errno: i32, readable: bool) -> Reason {
    match errno {
        libc::ENOENT => Reason::Absent,
        libc::EFAULT if readable => Reason::ZeroPage,
        libc::EFAULT => Reason::Protected,
        _ => Reason::Refused,
    }
}
