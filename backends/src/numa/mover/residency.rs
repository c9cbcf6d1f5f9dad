//! Where pages are.

use std::collections::BTreeMap;

use super::kernel::{self, Job, reason_of_call};
use super::maps::Maps;
use super::options::Method;
use super::pages::{MoveSpan, Pages};
use super::reason::Reason;
use super::sys::Errno;
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
        let (parts, holes) = work::parts(&Pages::under(spans).all, &Maps::read().unwrap_or_else(|_| Maps::unknown()));
        let mut residency = Self::default();
        residency.nowhere(holes, Reason::Unmapped);
        let entries: Vec<Entry> = parts.iter().flat_map(Part::entries).collect();
        let job = Job::new(Method::MovePages, false);
        entries.chunks(BATCH).for_each(|batch| residency.add(batch, &job));
        residency
    }

    /// Whether all pages are on this node.
    #[must_use]
    pub fn is_all_on(&self, node: u32) -> bool {
        self.nowhere.is_empty() && self.nodes.keys().all(|key| *key == node)
    }

    fn add(&mut self, batch: &[Entry], job: &Job) {
        let status = kernel::where_are(batch.to_vec(), job);
        for (i, entry) in batch.iter().enumerate() {
            let bytes = entry.end - entry.start;
            match status.as_ref().map(|status| status[i]) {
                Err(errno) => self.nowhere(bytes, reason_of_call(*errno)),
                Ok(errno @ ..0) => self.nowhere(bytes, reason_of_absence(-errno, entry.kind.readable)),
                Ok(node) => *self.nodes.entry(node.unsigned_abs()).or_default() += bytes as u64,
            }
        }
    }

    fn nowhere(&mut self, bytes: usize, reason: Reason) {
        if bytes > 0 {
            *self.nowhere.entry(reason).or_default() += bytes as u64;
        }
    }
}

fn reason_of_absence(errno: Errno, readable: bool) -> Reason {
    match errno {
        libc::ENOENT | libc::EFAULT if !readable => Reason::Protected,
        libc::ENOENT => Reason::Absent,
        libc::EFAULT => Reason::ZeroPage,
        _ => Reason::Refused,
    }
}
