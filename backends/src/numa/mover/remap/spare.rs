//! Pages on a node that wait for bytes: made ahead of time, or left behind by bytes that moved away.

use std::ffi::c_int;
use std::fs;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::area::{Area, Likeness};
use crate::numa::mover::sys;

/// Spare pages, at most so many bytes of those left behind.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    /// Bytes of old pages that may be kept.
    limit: usize,
    areas: Mutex<Vec<SpareArea>>,
}

#[derive(Debug)]
struct SpareArea {
    area: Area,
    node: u32,
    huge: bool,
    /// `madvise` on huge pages that its mapping has had: nothing takes it away again, so it serves only memory with the same.
    advice: Option<c_int>,
}

impl Spare {
    /// None yet; old pages are kept up to `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Bytes of spare pages.
    pub(crate) fn bytes(&self) -> usize {
        self.with(|areas| areas.iter().map(|spare| spare.area.range().len()).sum())
    }

    /// Frees them.
    pub(crate) fn clear(&self) {
        drop(self.with(std::mem::take));
    }

    /// Whether `bytes` more old pages may be kept.
    pub(super) fn wants(&self, bytes: usize) -> bool {
        self.limit > 0 && self.bytes().saturating_add(bytes) <= self.limit
    }

    /// Keeps pages of a node.
    pub(super) fn put(&self, node: u32, area: Area, huge: bool, advice: Option<c_int>) {
        self.with(|areas| areas.push(SpareArea { area, node, huge, advice }));
    }

    /// Takes pages of a node that can change places with `target`: as many, at the same offset from places for huge pages, and
    /// with no other advice than `advice`, which they have then.
    pub(super) fn take(&self, node: u32, target: &Range<usize>, huge: bool, advice: Option<c_int>) -> Option<Area> {
        let taken = self.with(|areas| {
            let fits = |spare: &SpareArea| {
                let shift = shift(spare.area.range(), target, huge);
                let alike = spare.advice.is_none() || spare.advice == advice;
                spare.node == node && spare.huge == huge && alike && shift + target.len() <= spare.area.range().len()
            };
            let place = areas.iter().position(fits)?;
            let SpareArea { mut area, advice: had, .. } = areas.swap_remove(place);
            let front = area.split_front(shift(area.range(), target, huge));
            let rest = area.split_off(target.len());
            let leftover = [front, rest].into_iter().filter(|area| !area.range().is_empty());
            areas.extend(leftover.map(|area| SpareArea { area, node, huge, advice: had }));
            Some(area)
        });
        taken.inspect(|area| area.advise(advice))
    }

    /// Makes pages for any memory that has huge pages, or none; answers how many bytes there are.
    pub(crate) fn prepare(&self, node: u32, bytes: usize, huge: bool) -> usize {
        let advice = match (huge, huge_unasked()) {
            (true, false) => Some(libc::MADV_HUGEPAGE),
            (false, true) => Some(libc::MADV_NOHUGEPAGE),
            _ => None,
        };
        self.prepare_like(node, bytes, huge, advice)
    }

    /// Makes `bytes` of pages on a node, huge ones if the kernel has some, with this advice; answers how many there are.
    pub(crate) fn prepare_like(&self, node: u32, bytes: usize, huge: bool, advice: Option<c_int>) -> usize {
        if !huge && advice.is_none() && huge_unasked() {
            return 0; // they would be huge
        }
        let unit = if huge { sys::huge_size() } else { sys::page_size() };
        // Room for a target at any offset.
        let length = bytes.next_multiple_of(unit) + if huge { unit } else { 0 };
        let Ok(area) = Area::reserve(&(0..length), Likeness { advice, unreserved: false }) else { return 0 };
        let made = area.prefer(node).and_then(|()| area.populate(area.range()));
        if made.is_err() || !super::all_on(area.range(), node) {
            return 0;
        }
        self.put(node, area, huge, advice);
        length
    }

    fn with<R>(&self, work: impl FnOnce(&mut Vec<SpareArea>) -> R) -> R {
        work(&mut self.areas.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether the kernel gives huge pages to memory that nobody advised so.
fn huge_unasked() -> bool {
    let text = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    text.is_ok_and(|text| text.contains("[always]"))
}

/// How far into `area` pages lie to places for huge pages as `target` does.
fn shift(area: &Range<usize>, target: &Range<usize>, huge: bool) -> usize {
    if huge { target.start.wrapping_sub(area.start) & (sys::huge_size() - 1) } else { 0 }
}
