//! What a move did.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use landbridge_core::text::{Bytes, Time};

use super::options::Method;
use super::origin::{Origin, Run};
use super::reason::{Reason, Refusal};

/// What a move did, in bytes of whole pages. That some pages stayed is no error: they are used where they are.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MoveReport {
    /// The pages that hold a byte of a span: the sum of the next three.
    pub asked: u64,
    /// Pages that were elsewhere and are on the node now.
    pub moved: u64,
    /// Pages that were on the node already.
    pub already_there: u64,
    /// Pages that are elsewhere, and why.
    pub stayed: BTreeMap<Reason, u64>,
    /// How the pages that moved did so.
    pub by_method: BTreeMap<Method, u64>,
    /// What was not copied and remapped, and why. Empty where remapping was not wanted.
    pub not_remapped: BTreeMap<Refusal, u64>,
    /// Why by these methods.
    pub why: &'static str,
    /// Bytes whose mappings were told to keep their pages on the node.
    pub kept: u64,
    /// How long it took.
    pub duration: Duration,
    /// Where the pages were.
    pub origin: Origin,
}

impl MoveReport {
    /// Bytes of the pages that are elsewhere, whatever the reason.
    #[must_use]
    pub fn bytes_stayed(&self) -> u64 {
        self.stayed.values().sum()
    }

    /// Whether every page is where it should be.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stayed.is_empty()
    }

    pub(crate) fn moved(&mut self, pages: Range<usize>, from: Option<u32>, method: Method) {
        let bytes = pages.len() as u64;
        self.moved += bytes;
        *self.by_method.entry(method).or_default() += bytes;
        if let Some(node) = from {
            self.origin.was(pages, node);
        }
    }

    pub(crate) fn stays(&mut self, bytes: usize, reason: Reason) {
        *self.stayed.entry(reason).or_default() += bytes as u64;
    }

    /// Pages that were remapped, and where those of them were that were elsewhere.
    pub(crate) fn remapped(&mut self, pages: &Range<usize>, was: &[Run], all: bool) {
        let elsewhere: usize = was.iter().map(|run| run.pages.len()).sum();
        let moved = if all { pages.len() } else { elsewhere } as u64;
        self.moved += moved;
        self.already_there += pages.len() as u64 - moved;
        *self.by_method.entry(Method::Remap).or_default() += moved;
        was.iter().for_each(|run| self.origin.was(run.pages.clone(), run.node));
    }

    pub(crate) fn refused(&mut self, bytes: usize, refusal: Refusal) {
        if bytes == 0 {
            return;
        }
        *self.not_remapped.entry(refusal).or_default() += bytes as u64;
    }

    /// Takes in what another thread did of the same move.
    pub(crate) fn extend(&mut self, other: Self) {
        self.moved += other.moved;
        self.already_there += other.already_there;
        self.kept += other.kept;
        add(&mut self.stayed, other.stayed);
        add(&mut self.by_method, other.by_method);
        add(&mut self.not_remapped, other.not_remapped);
        self.origin.extend(other.origin);
    }
}

fn add<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, bytes) in from {
        *to.entry(key).or_default() += bytes;
    }
}

impl fmt::Display for MoveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "moved {} of {} in {}", Bytes(self.moved), Bytes(self.asked), Time(self.duration))?;
        for (method, bytes) in &self.by_method {
            write!(f, ", {} by {method}", Bytes(*bytes))?;
        }
        if self.already_there > 0 {
            write!(f, "; {} were there already", Bytes(self.already_there))?;
        }
        for (reason, bytes) in &self.stayed {
            write!(f, "; {} stay: {reason}", Bytes(*bytes))?;
        }
        for (refusal, bytes) in &self.not_remapped {
            write!(f, "; {} not remapped: {refusal}", Bytes(*bytes))?;
        }
        if !self.why.is_empty() {
            write!(f, " ({})", self.why)?;
        }
        Ok(())
    }
}
