//! `Copy`: the arguments' bytes go to a buffer on the node, the kernel runs there, what it may write comes back.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Mutex;
use std::time::Instant;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::Launch;
use landbridge_core::plan::{ArgumentPlan, StepKind, Strategy};
use landbridge_core::report::Steps;
use landbridge_core::{Error, Result};
use rayon::prelude::*;

use super::NodeBackend;
use super::buffer::Buffer;
use super::describe;
use super::room::{check_cap, new_buffer};

/// Each argument's copy begins with a page, which is aligned enough for all but the rarest types.
const PAGE: usize = 4096;

/// Threads share the copying in pieces of this size.
const PIECE: usize = 1 << 20;

/// A buffer of the last launch, for the next.
pub(super) type Spare = Mutex<Option<Buffer>>;

/// An argument with its place in the buffer; `None` for those without memory.
pub(super) struct Copied {
    spans: Vec<Option<Span>>,
    /// Copies that are there already.
    held: Vec<Option<*mut MaybeUninit<u8>>>,
    /// From the first address in the buffer that is a multiple of `align`.
    offsets: Vec<usize>,
    align: usize,
    /// What the buffer needs, room to align included.
    bytes: usize,
}

impl Copied {
    fn of(launch: &dyn Launch) -> Self {
        let mut copied = Copied { spans: vec![], held: vec![], offsets: vec![], align: PAGE, bytes: 0 };
        copied.add(launch, &[]);
        copied
    }

    /// With copies of some arguments that are there already.
    ///
    /// # Errors
    /// `Unsupported`: such a copy is not aligned for what the kernel takes it for.
    pub(super) fn beside(
        node: &NodeBackend,
        launch: &dyn Launch,
        held: &[Option<*mut MaybeUninit<u8>>],
    ) -> Result<Self> {
        let mut copied = Copied { spans: vec![], held: vec![], offsets: vec![], align: PAGE, bytes: 0 };
        if copied.add(launch, held) {
            return Ok(copied);
        }
        let what = "an argument is aligned more strictly than the copy of its array".to_owned();
        Err(Error::Unsupported { kernel: launch.definition().name, device: node.info.to_string(), what })
    }

    /// Whether all that is held and written is aligned.
    fn add(&mut self, launch: &dyn Launch, held: &[Option<*mut MaybeUninit<u8>>]) -> bool {
        let (mut forms, mut held, mut aligned) = (launch.forms().iter(), held.iter(), true);
        launch.describe(&mut |view| {
            let span = if let ArgumentView::Span(span) = view { Some(span) } else { None };
            let own = forms.next().map_or(PAGE, |form| form.ty.align);
            let (align, offset) = (own.max(PAGE), self.bytes.next_multiple_of(own.max(PAGE)));
            let mut there = held.next().copied().flatten().filter(|_| span.as_ref().is_some_and(is_copied));
            if there.is_some_and(|there| !there.addr().is_multiple_of(own)) {
                // Read askew, it was attached shared as something else: then the user's bytes are as good.
                aligned &= span.is_some_and(|span| span.access == Access::Read);
                there = None;
            }
            if let Some(span) = span.filter(|span| is_copied(span) && there.is_none()) {
                self.align = self.align.max(align);
                self.bytes = offset + span.bytes().next_multiple_of(PAGE);
            }
            self.spans.push(span);
            self.held.push(there);
            self.offsets.push(offset);
        });
        if self.bytes > 0 {
            // The buffer itself begins with a page.
            self.bytes += self.align - PAGE;
        }
        aligned
    }

    /// What the arguments are to point at: their copies. Those without bytes stay, for what they point at is aligned.
    fn places(&self, buffer: Option<&Buffer>) -> Vec<*mut MaybeUninit<u8>> {
        let start = buffer.map_or(ptr::null_mut(), Buffer::start);
        let skipped = start.addr().next_multiple_of(self.align) - start.addr();
        let place = |position: usize| match (self.held[position], &self.spans[position]) {
            (Some(held), _) => held,
            (None, Some(span)) if is_copied(span) => start.wrapping_add(skipped + self.offsets[position]),
            (None, Some(span)) => span.data,
            (None, None) => ptr::null_mut(),
        };
        (0..self.spans.len()).map(place).collect()
    }

    /// What is copied, and to where.
    fn pairs<'c>(
        &'c self,
        places: &'c [*mut MaybeUninit<u8>],
    ) -> impl Iterator<Item = (&'c Span, *mut MaybeUninit<u8>)> {
        let all = self.spans.iter().zip(places).zip(&self.held);
        all.filter_map(|((span, place), held)| {
            Some((span.as_ref().filter(|span| is_copied(span) && held.is_none())?, *place))
        })
    }

    fn homes(&self) -> Vec<*mut MaybeUninit<u8>> {
        self.spans.iter().map(|span| span.map_or(ptr::null_mut(), |span| span.data)).collect()
    }

    /// What to copy to the buffer.
    fn pieces_in(&self, places: &[*mut MaybeUninit<u8>]) -> Vec<Piece> {
        self.pairs(places).flat_map(|(span, place)| Piece::of(span.data, place, span.bytes())).collect()
    }

    /// What to copy back.
    fn pieces_out(&self, places: &[*mut MaybeUninit<u8>]) -> Vec<Piece> {
        let written = self.pairs(places).filter(|(span, _)| span.access == Access::ReadWrite);
        written.flat_map(|(span, place)| Piece::of(place, span.data, span.bytes())).collect()
    }
}

/// What is linked is used where it is: its nodes' addresses are part of what the kernel sees.
fn is_copied(span: &Span) -> bool {
    span.bytes() > 0 && span.links.is_none()
}

/// A part of a copy, for one thread.
pub(super) struct Piece {
    from: *const MaybeUninit<u8>,
    to: *mut MaybeUninit<u8>,
    bytes: usize,
}

// SAFETY: it stands for a `&[u8]` and a `&mut [u8]` that `copy` may use.
unsafe impl Send for Piece {}
// SAFETY: as above.
unsafe impl Sync for Piece {}

impl Piece {
    pub(super) fn of(
        from: *const MaybeUninit<u8>,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> impl Iterator<Item = Piece> {
        (0..bytes).step_by(PIECE).map(move |start| Piece {
            from: from.wrapping_add(start),
            to: to.wrapping_add(start),
            bytes: PIECE.min(bytes - start),
        })
    }

    /// # Safety
    /// The bytes at `from` may be read, those at `to` are nobody else's, and the two do not overlap.
    unsafe fn copy(&self) {
        // SAFETY: passed on.
        unsafe { ptr::copy_nonoverlapping(self.from, self.to, self.bytes) };
    }
}

/// A launch whose arguments point at copies, until this is dropped.
struct Relocated<'l> {
    launch: &'l dyn Launch,
    homes: Vec<*mut MaybeUninit<u8>>,
}

impl Drop for Relocated<'_> {
    fn drop(&mut self) {
        // SAFETY: below `Backend::launch`, whose threads have ended; the user's memory is what it was when it was described.
        unsafe { self.launch.relocate(&self.homes) };
    }
}

/// A launch on copies that failed.
pub(super) struct Failed {
    /// Some items have run.
    pub(super) started: bool,
    pub(super) error: Error,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed { started: false, error }
    }
}

/// Runs a launch on copies. On an error the user's memory is as it was.
pub(super) fn run(node: &NodeBackend, launch: &dyn Launch, steps: &mut Steps) -> Result<Vec<ArgumentPlan>> {
    let copied = Copied::of(launch);
    if copied.bytes == 0 {
        node.run_in_place(launch, steps)?;
        return Ok(would_copy(launch, describe::ASKED));
    }
    let elsewhere = run_copied(node, launch, &copied, 0, steps).map_err(|failed| failed.error)?;
    Ok(would_copy(launch, &describe::copied(node.number, elsewhere)))
}

/// The same with what is known of the copies, and so many bytes of others held on the node. Answers how many bytes of those
/// that it made found no room there.
pub(super) fn run_copied(
    node: &NodeBackend,
    launch: &dyn Launch,
    copied: &Copied,
    taken: usize,
    steps: &mut Steps,
) -> Result<u64, Failed> {
    let buffer = if copied.bytes > 0 { Some(take(node, copied.bytes, taken)?) } else { None };
    let places = copied.places(buffer.as_ref());
    // SAFETY: from the user's memory, which the launch lends, to parts of a buffer of this launch alone.
    unsafe { copy(node, &copied.pieces_in(&places), StepKind::CopyIn, steps) }?;
    let elsewhere = buffer.as_ref().map_or(0, |buffer| buffer.elsewhere(node.number, copied.bytes));
    // SAFETY: below `Backend::launch` or `Session::launch`, before any item runs. The copies have the layout of what they are
    // copies of, are aligned as their types ask, are initialised where that is, and belong to this launch until the buffer
    // is given back; what a session holds, until it returns.
    if !unsafe { launch.relocate(&places) } {
        let why = "this launch cannot run on other memory".into();
        return Err(Error::StrategyUnavailable { strategy: Strategy::Copy, device: node.info.to_string(), why }.into());
    }
    let relocated = Relocated { launch, homes: copied.homes() };
    let done = node.run_in_place(launch, steps);
    drop(relocated);
    done.map_err(|error| Failed { started: true, error })?;
    // SAFETY: the same the other way, for arguments that the launch lends exclusively.
    unsafe { copy(node, &copied.pieces_out(&places), StepKind::CopyOut, steps) }?;
    if let Some(buffer) = buffer {
        give_back(node, buffer);
    }
    Ok(elsewhere)
}

/// What happens to the arguments under `Copy`.
pub(super) fn would_copy(launch: &dyn Launch, why: &str) -> Vec<ArgumentPlan> {
    let (copied, definition) = (Copied::of(launch), launch.definition());
    let spans = copied.spans.iter().enumerate().filter_map(|(position, span)| Some((position, span.as_ref()?)));
    let plan = |(position, span): (usize, &Span)| {
        let name = definition.parameter(position);
        if span.links.is_some() {
            let why = Cow::Borrowed("linked data is used where it is: addresses are part of it");
            return ArgumentPlan { name, strategy: Strategy::Direct, why, bytes_in: 0, bytes_out: 0 };
        }
        ArgumentPlan {
            name,
            strategy: Strategy::Copy,
            why: Cow::Owned(why.to_string()),
            bytes_in: span.bytes() as u64,
            bytes_out: if span.access == Access::ReadWrite { span.bytes() as u64 } else { 0 },
        }
    };
    spans.map(plan).collect()
}

/// Copies with the node's own threads.
///
/// # Safety
/// The bytes of each piece may be read where it comes from, and nobody else uses those where it goes to; the two do not
/// overlap, and neither do two pieces' targets.
pub(super) unsafe fn copy(node: &NodeBackend, pieces: &[Piece], kind: StepKind, steps: &mut Steps) -> Result<()> {
    let begin = Instant::now();
    // SAFETY: the caller vouches for each piece.
    let one = |piece: &Piece| unsafe { piece.copy() };
    match pieces {
        [] => return Ok(()),
        [piece] => one(piece),
        _ => node.near.threads(&node.info)?.install(|| pieces.par_iter().for_each(one)),
    }
    steps.add(kind, begin.elapsed());
    Ok(())
}

fn take(node: &NodeBackend, bytes: usize, taken: usize) -> Result<Buffer> {
    check_cap(node, bytes, taken)?;
    let spare = node.spare.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    match spare.filter(|buffer| buffer.bytes() >= bytes) {
        Some(buffer) => Ok(buffer),
        None => new_buffer(node, bytes),
    }
}

/// Keeps a buffer for the next launch, unless it takes too much of the node.
fn give_back(node: &NodeBackend, buffer: Buffer) {
    const SHARE: u64 = 8;
    if buffer.bytes() as u64 <= node.info.memory / SHARE {
        *node.spare.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(buffer);
    }
}
