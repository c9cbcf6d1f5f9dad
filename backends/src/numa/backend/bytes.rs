//! How the bytes of a launch's arguments get to the node, and back.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::Launch;
use landbridge_core::linked::{self, Alone, LinkMap, Root};
use landbridge_core::plan::{ArgumentPlan, Home, PlanStep, StepKind, Strategy};
use landbridge_core::report::Steps;
use landbridge_core::text::Bytes;

use super::super::mover::{Look, MoveSpan, Mover, Origin, page_size};
use super::describe;

/// An argument that has memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    /// Which parameter it is for.
    pub(super) position: usize,
    pub(super) span: Span,
}

/// Those of a launch, in the order of its parameters.
pub(super) fn memories(launch: &dyn Launch) -> Vec<Memory> {
    let (mut memories, mut position) = (vec![], 0);
    launch.describe(&mut |view| {
        if let ArgumentView::Span(span) = view {
            memories.push(Memory { position, span });
        }
        position += 1;
    });
    memories
}

impl Memory {
    /// Its pages, lent to the mover.
    fn lend(&self) -> MoveSpan<'_> {
        let start = self.span.data.addr();
        let bytes = start..start + self.span.bytes();
        match self.span.access {
            // The caller's other threads may read it meanwhile.
            Access::Read => MoveSpan::at(bytes),
            // SAFETY: memory that a kernel writes is borrowed exclusively for the launch, which lends it to this backend
            // until `Backend::launch` returns; no work-item runs while pages move.
            Access::ReadWrite => unsafe { MoveSpan::exclusive_at(bytes) },
        }
    }
}

/// The distinct pages of what an argument's links lead to, and of the argument itself; none if it has no links. (Nor if the
/// host has no memory to walk along them: then the structure stays where it is.)
///
/// # Safety
/// `memory` is an argument of a launch that is borrowed.
unsafe fn pages_of_structure(memory: &Memory) -> Vec<Range<usize>> {
    let Some(ty) = memory.span.links else { return vec![] };
    // SAFETY: passed on.
    if let Some(kept) = unsafe { memory.span.known() } {
        return kept.pages(page_size()).map(|pages| pages.to_vec()).unwrap_or_default();
    }
    let root = Root { data: memory.span.data.cast(), count: memory.span.elements, exclusive: false };
    // SAFETY: the launch borrows the elements, and `links` is the description of their type, which the derive vouches for.
    unsafe { linked::pages(LinkMap::of(ty), root, page_size(), &Alone) }.unwrap_or_default()
}

/// What of an argument is lent to the mover, as one batch. Pages of a structure have other memory on them, which the kernel
/// moves along and nobody notices.
fn lend_all<'m>(memory: &'m Memory, pages: &[Range<usize>]) -> Vec<MoveSpan<'m>> {
    match pages {
        [] => vec![memory.lend()],
        pages => pages.iter().cloned().map(MoveSpan::at).collect(),
    }
}

/// Pages that have moved for a launch.
pub(super) struct Moved<'m> {
    memories: Vec<Memory>,
    /// Of arguments with links: the pages of their structures.
    pages: Vec<Vec<Range<usize>>>,
    origins: Vec<Origin>,
    mover: &'m Mover,
    /// What happened to each argument.
    pub(super) arguments: Vec<ArgumentPlan>,
}

impl<'m> Moved<'m> {
    /// Moves the pages of every argument to a node. What cannot move stays, and the plan of its argument says why.
    /// Of what is `known` to be there, only some pages are looked at.
    pub(super) fn to(
        node: u32,
        launch: &dyn Launch,
        mover: &'m Mover,
        steps: &mut Steps,
        known: Option<&mut Known>,
    ) -> Self {
        Self::some(node, launch, memories(launch), mover, steps, known)
    }

    /// The same for some of the arguments.
    pub(super) fn some(
        node: u32,
        launch: &dyn Launch,
        memories: Vec<Memory>,
        mover: &'m Mover,
        steps: &mut Steps,
        mut known: Option<&mut Known>,
    ) -> Self {
        let begin = Instant::now();
        // SAFETY: they are arguments of the launch, which is borrowed.
        let pages: Vec<_> = memories.iter().map(|memory| unsafe { pages_of_structure(memory) }).collect();
        if pages.iter().any(|pages| !pages.is_empty()) {
            steps.add(StepKind::Migrate, begin.elapsed());
        }
        let mut moved = Moved { memories, pages, origins: vec![], mover, arguments: vec![] };
        let moves = mover.moves();
        for (memory, pages) in moved.memories.iter().zip(&moved.pages) {
            let spans = lend_all(memory, pages);
            let span = memory.lend();
            // Of a structure every page is looked at: its addresses say nothing of what lies between them.
            let known = known.as_deref_mut().filter(|_| pages.is_empty());
            let look = known.as_ref().map_or(Look::Whole, |known| known.look(&span.bytes()));
            let report = moves.migrate_unless_there(&spans, node, look);
            if let Some(known) = known.filter(|_| report.is_complete()) {
                known.add(span.bytes());
            }
            steps.add(StepKind::Migrate, report.duration);
            moved.arguments.push(ArgumentPlan {
                name: launch.definition().parameter(memory.position),
                strategy: Strategy::Migrate,
                why: Cow::Owned(describe::moved(&report, node)),
                bytes_in: report.moved,
                bytes_out: 0,
            });
            moved.origins.push(report.origin);
        }
        moved
    }

    /// Bytes that have moved.
    pub(super) fn bytes(&self) -> u64 {
        self.arguments.iter().map(|argument| argument.bytes_in).sum()
    }

    /// By the argument's position: bytes that have moved.
    pub(super) fn walked(&self) -> impl Iterator<Item = (usize, u64)> {
        self.memories.iter().zip(&self.arguments).map(|(memory, argument)| (memory.position, argument.bytes_in))
    }

    /// Leaves the pages there: which arguments have some that moved, the addresses between which they lie, and where they
    /// were.
    pub(super) fn leave(self) -> impl Iterator<Item = (Range<usize>, Range<usize>, Origin)> {
        let bytes = |(memory, pages): (&Memory, &Vec<Range<usize>>)| {
            let argument = memory.lend().bytes();
            let between = match &pages[..] {
                [first, .., last] => first.start..last.end,
                [only] => only.clone(),
                [] => argument.clone(),
            };
            (argument, between)
        };
        let arguments: Vec<_> = self.memories.iter().zip(&self.pages).map(bytes).collect();
        let origins = arguments.into_iter().zip(self.origins).filter(|(_, origin)| !origin.is_empty());
        origins.map(|((argument, between), origin)| (argument, between, origin))
    }

    /// Lets the pages go where they belong after the launch.
    pub(super) fn settle(&mut self, home: Home, steps: &mut Steps) {
        if home == Home::Stay {
            return;
        }
        let moves = self.mover.moves();
        // Arguments may share pages: the first has seen where they were.
        let arguments = self.memories.iter().zip(&self.pages).zip(&self.origins).zip(&mut self.arguments);
        for (((memory, pages), origin), argument) in arguments {
            let report = moves.return_home(&lend_all(memory, pages), origin);
            steps.add(StepKind::Return, report.duration);
            argument.bytes_out = report.moved;
            if !report.is_complete() {
                argument.why = Cow::Owned(format!("{}; {}", argument.why, describe::not_home(&report)));
            }
        }
    }
}

/// Bytes that have been found on the node, by address. While a scope has them borrowed only the kernel itself can carry
/// their pages away.
#[derive(Default)]
pub(super) struct Known(BTreeMap<usize, usize>);

impl Known {
    fn look(&self, bytes: &Range<usize>) -> Look {
        let before = self.0.range(..=bytes.start).next_back();
        if before.is_some_and(|(_, end)| *end >= bytes.end) { Look::Sampled } else { Look::Whole }
    }

    fn add(&mut self, bytes: Range<usize>) {
        let end = self.0.entry(bytes.start).or_default();
        *end = bytes.end.max(*end);
    }
}

/// What a plan says of arguments that would move.
pub(super) fn would_move(launch: &dyn Launch) -> Vec<ArgumentPlan> {
    let one = |memory: Memory| ArgumentPlan {
        name: launch.definition().parameter(memory.position),
        strategy: Strategy::Migrate,
        why: Cow::Borrowed(match memory.span.links {
            Some(_) => "asked for, with the pages of all that it leads to; pages that are there already do not move",
            None => "asked for; pages that are there already do not move",
        }),
        bytes_in: memory.span.bytes() as u64,
        bytes_out: 0,
    };
    memories(launch).into_iter().map(one).collect()
}

/// How fast pages have moved.
#[derive(Default)]
pub(super) struct Pace {
    /// Bytes a second; 0 before the first move.
    rate: AtomicU64,
}

impl Pace {
    /// Moves of fewer bytes say more of the system call than of the pages.
    const LEAST: u64 = 1 << 20;

    /// Learns from a move.
    pub(super) fn note(&self, bytes: u64, took: Option<Duration>) {
        let seconds = took.unwrap_or_default().as_secs_f64();
        if bytes < Self::LEAST || seconds <= 0.0 {
            return;
        }
        let (rate, known) = ((bytes as f64 / seconds) as u64, self.rate.load(Relaxed));
        self.rate.store(if known == 0 { rate } else { (3 * known + rate) / 4 }, Relaxed);
    }

    /// The step of moving so many bytes.
    pub(super) fn step(&self, bytes: u64) -> PlanStep {
        match self.rate.load(Relaxed) {
            0 => PlanStep::unknown(StepKind::Migrate, "nothing has moved to this node yet"),
            rate => {
                let time = Duration::from_secs_f64(bytes as f64 / rate as f64);
                PlanStep::new(StepKind::Migrate, time, format!("moves so far: {} a second", Bytes(rate)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_looked_at_less_closely() {
        let mut known = Known::default();
        known.add(100..200);
        known.add(100..150);
        let looks = [100..200, 120..130, 100..201, 99..120, 300..301].map(|bytes| known.look(&bytes));
        assert_eq!(looks, [Look::Sampled, Look::Sampled, Look::Whole, Look::Whole, Look::Whole]);
    }

    #[test]
    fn the_pace_is_learnt_from_large_moves_only() {
        let pace = Pace::default();
        pace.note(4096, Some(Duration::from_secs(1)));
        pace.note(1 << 30, None);
        assert_eq!(pace.step(1 << 20).time, None);
        pace.note(1 << 30, Some(Duration::from_secs(1)));
        assert_eq!(pace.step(1 << 30).time, Some(Duration::from_secs(1)));
        pace.note(1 << 30, Some(Duration::from_secs(4)));
        let slower = pace.step(1 << 30).time.unwrap();
        assert!(slower > Duration::from_secs(1) && slower < Duration::from_secs(2), "{slower:?}");
    }
}
