//! Pages that walk to the card for the time of one launch, and home again. Their addresses stay.
//!
//! Where the card's memory is a memory node of the system, this library's own mover moves them. Elsewhere the driver does: a prefetch of
//! system memory, with the advice to leave it there.
#![allow(unsafe_code)]

use std::ops::Range;

use cust_raw::CUmem_advise_enum::{self as Advice, *};
use landbridge_core::argument::Span;
use landbridge_core::linked::{self, Alone, LinkMap, Root};
use landbridge_core::text::Bytes;

use super::super::card::Card;
use super::super::failure::Failure;
use super::super::lane::{Lane, driver};
use super::map::{page_bytes, pages_around};
use super::operand::Operand;
#[cfg(feature = "numa")]
use crate::numa::mover::{self, MoveOptions, MoveSpan, Origin};

/// The host, as a place for pages.
const HOST: i32 = -1;

/// Why pages have not moved.
pub(crate) enum Stays {
    /// The card or the driver has failed.
    Failed(Failure),
    /// What is asked for cannot be done.
    Refused(String),
}

/// What became of an operand's pages.
pub(crate) struct Moved {
    /// That are with the card now and were not known to be.
    pub(crate) bytes: u64,
    pub(crate) why: String,
}

/// Pages that are with the card.
#[derive(Default)]
pub(crate) struct Away {
    prefetched: Vec<Range<usize>>,
    #[cfg(feature = "numa")]
    moved: Vec<(Vec<Range<usize>>, Origin)>,
}

/// The pages of an operand, and of what its links lead to.
pub(crate) fn pages_of(operand: &Operand<'_>) -> Vec<Range<usize>> {
    let structure = operand.links.as_ref().map(pages_of_structure).unwrap_or_default();
    pages_around(operand.addresses().into_iter().chain(structure), page_bytes())
}

fn pages_of_structure(span: &Span) -> Vec<Range<usize>> {
    let Some(ty) = span.links else { return Vec::new() };
    // SAFETY: the launch whose argument this is borrows it, and what is kept of it.
    if let Some(kept) = unsafe { span.known() } {
        return kept.pages(page_bytes()).map(|pages| pages.to_vec()).unwrap_or_default();
    }
    let root = Root { data: span.data.cast(), count: span.elements, exclusive: false };
    // SAFETY: the launch borrows the elements, and `links` is the description of their type, which the derive vouches for.
    unsafe { linked::pages(LinkMap::of(ty), root, page_bytes(), &Alone) }.unwrap_or_default()
}

impl Away {
    /// Moves an operand's pages to the card.
    ///
    /// # Errors
    /// [`Stays`]: what has moved before is still to be sent home.
    pub(crate) fn send(&mut self, card: &Card, lane: &Lane, operand: &Operand<'_>) -> Result<Moved, Stays> {
        let mut pages = pages_of(operand);
        let known = |pages: &Range<usize>| self.all().any(|away| away.start <= pages.start && pages.end <= away.end);
        pages.retain(|pages| !known(pages));
        if pages.is_empty() {
            let why = "its pages are with the card since an earlier launch of the scope".to_owned();
            return Ok(Moved { bytes: 0, why });
        }
        #[cfg(feature = "numa")]
        if let Some(node) = card.facts.coherence.node() {
            return self.send_to_node(node, pages);
        }
        self.prefetch(card, lane, pages)
    }

    #[cfg(feature = "numa")]
    fn send_to_node(&mut self, node: u32, pages: Vec<Range<usize>>) -> Result<Moved, Stays> {
        let report = mover::migrate(&spans(&pages), node, &MoveOptions::default());
        let (why, bytes) = (format!("pages to node {node}, the card's memory: {report}"), report.moved);
        let none_came = report.moved + report.already_there == 0 && !report.is_complete();
        self.moved.push((pages, report.origin));
        if none_came { Err(Stays::Refused(why)) } else { Ok(Moved { bytes, why }) }
    }

    fn prefetch(&mut self, card: &Card, lane: &Lane, pages: Vec<Range<usize>>) -> Result<Moved, Stays> {
        let bytes: u64 = pages.iter().map(|pages| pages.len() as u64).sum();
        for pages in &pages {
            self.prefetched.push(pages.clone());
            advise(pages, CU_MEM_ADVISE_SET_PREFERRED_LOCATION, card.device);
            prefetch_to(lane, pages, card.device).map_err(|failure| refused(card, failure))?;
        }
        card.wait(lane, None).map_err(Stays::Failed)?;
        let mut confirmed = 0;
        for pages in &pages {
            match last_place(pages) {
                Some(place) if place == card.device => confirmed += pages.len() as u64,
                Some(_) => {
                    let why =
                        "the driver took a prefetch of the pages to the card, and says that they were not sent there";
                    return Err(Stays::Refused(why.to_owned()));
                }
                None => {}
            }
        }
        let why = match confirmed == bytes {
            true => format!("{} of pages prefetched to the card, as the driver confirms", Bytes(bytes)),
            false => format!(
                "{} of pages prefetched to the card, of which the driver confirms {}",
                Bytes(bytes),
                Bytes(confirmed)
            ),
        };
        Ok(Moved { bytes, why })
    }

    /// Pages that have moved.
    fn all(&self) -> impl Iterator<Item = &Range<usize>> {
        #[cfg(feature = "numa")]
        let moved = self.moved.iter().flat_map(|(pages, _)| pages);
        #[cfg(not(feature = "numa"))]
        let moved = std::iter::empty();
        self.prefetched.iter().chain(moved)
    }

    /// Whether nothing has moved.
    pub(crate) fn is_empty(&self) -> bool {
        #[cfg(feature = "numa")]
        if !self.moved.is_empty() {
            return false;
        }
        self.prefetched.is_empty()
    }

    /// Sends everything home; no kernel works on it any more. `lane`: none if the card is lost. What cannot go stays where it is, is used
    /// from there, and the answer says why.
    pub(crate) fn home(self, card: &Card, lane: Option<&Lane>) -> Option<String> {
        let mut stays = None;
        #[cfg(feature = "numa")]
        // What moved twice goes last to where it was first.
        for (pages, origin) in self.moved.iter().rev() {
            let report = mover::return_home(&spans(pages), origin, &MoveOptions::default());
            if !report.is_complete() {
                stays = Some(format!("pages stay with the card: {report}"));
            }
        }
        let Some(lane) = lane.filter(|_| !self.prefetched.is_empty()) else {
            let lost = || "the card is lost, and its driver moves no more pages".to_owned();
            return if self.prefetched.is_empty() { stays } else { Some(lost()) };
        };
        for pages in &self.prefetched {
            advise(pages, CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION, card.device);
            if let Err(failure) = prefetch_to(lane, pages, HOST) {
                card.note(&failure);
                stays = Some(format!("pages stay with the card: {failure}"));
            }
        }
        if let Err(failure) = card.wait(lane, None) {
            stays = Some(format!("pages may stay with the card: {failure}"));
        }
        if let Some(why) = &stays {
            tracing::debug!(%why);
        }
        stays
    }
}

#[cfg(feature = "numa")]
fn spans(pages: &[Range<usize>]) -> Vec<MoveSpan<'_>> {
    pages.iter().cloned().map(MoveSpan::at).collect()
}

fn refused(card: &Card, failure: Failure) -> Stays {
    card.note(&failure);
    match failure {
        Failure::Driver { .. } | Failure::OutOfMemory { .. } => Stays::Refused(failure.to_string()),
        other => Stays::Failed(other),
    }
}

fn prefetch_to(lane: &Lane, pages: &Range<usize>, place: i32) -> Result<(), Failure> {
    // SAFETY: the driver moves whole pages, whose addresses and contents stay; they hold an operand that the launch borrows.
    let asked = unsafe { cust_raw::cuMemPrefetchAsync(pages.start as u64, pages.len(), place, lane.stream.as_inner()) };
    driver("moving pages", asked)
}

/// A hint: that it is refused changes nothing but the time.
fn advise(pages: &Range<usize>, advice: Advice, device: i32) {
    // SAFETY: it changes where pages like to be, not what is in them; they hold an operand that the launch borrows.
    let asked = unsafe { cust_raw::cuMemAdvise(pages.start as u64, pages.len(), advice, device) };
    if let Err(failure) = driver("advising on pages", asked) {
        tracing::debug!(%failure);
    }
}

/// Where the pages were last sent to, if the driver tells.
fn last_place(pages: &Range<usize>) -> Option<i32> {
    let mut place = 0_i32;
    // SAFETY: the answer to this question has the 4 bytes of `place`.
    let asked = unsafe {
        cust_raw::cuMemRangeGetAttribute(
            (&raw mut place).cast(),
            size_of::<i32>(),
            cust_raw::CUmem_range_attribute_enum::CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION,
            pages.start as u64,
            pages.len(),
        )
    };
    driver("asking where pages are", asked).ok().map(|()| place)
}
