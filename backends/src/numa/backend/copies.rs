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

/// Each argument's copy begins with a page, which is aligned enough for all but the rarest types.
const PAGE: usize = 4096;

/// Threads share the copying in pieces of this size.
const PIECE: usize = 1 << 20;

/// A buffer of the last launch, for the next.
pub(super) type Spare = Mutex<Option<Buffer>>;

/// An argument with its place in the buffer; `None` for those without memory.
struct Copied {
    spans: Vec<Option<Span>>,
    /// From the first address in the buffer that is a multiple of `align`.
    offsets: Vec<usize>,
    align: usize,
    /// What the buffer needs, room to align included.
    bytes: usize,
}

impl Copied {
    fn of(launch: &dyn Launch) -> Self {
        let mut copied = Copied { spans: vec![], offsets: vec![], align: PAGE, bytes: 0 };
        let mut forms = launch.forms().iter();
        launch.describe(&mut |view| {
            let span = if let ArgumentView::Span(span) = view { Some(span) } else { None };
            let align = forms.next().map_or(PAGE, |form| form.ty.align.max(PAGE));
            let offset = copied.bytes.next_multiple_of(align);
            copied.spans.push(span);
            copied.offsets.push(offset);
            if let Some(span) = span.filter(|span| span.bytes() > 0) {
                copied.align = copied.align.max(align);
                copied.bytes = offset + span.bytes().next_multiple_of(PAGE);
            }
        });
        // The buffer itself begins with a page.
        copied.bytes += copied.align - PAGE;
        copied
    }

    /// What the arguments are to point at: their copies. Those without bytes stay, for what they point at is aligned.
    fn places(&self, buffer: &Buffer) -> Vec<*mut MaybeUninit<u8>> {
        let start = buffer.start().addr();
        let skipped = start.next_multiple_of(self.align) - start;
        let place = |(span, offset): (&Option<Span>, &usize)| match span {
            Some(span) if span.bytes() > 0 => buffer.start().wrapping_add(skipped + *offset),
            Some(span) => span.data,
            None => ptr::null_mut(),
        };
        self.spans.iter().zip(&self.offsets).map(place).collect()
    }

    fn homes(&self) -> Vec<*mut MaybeUninit<u8>> {
        self.spans.iter().map(|span| span.map_or(ptr::null_mut(), |span| span.data)).collect()
    }

    /// What to copy to the buffer.
    fn pieces_in(&self, buffer: &Buffer) -> Vec<Piece> {
        let places = self.places(buffer);
        let spans = self.spans.iter().zip(&places).filter_map(|(span, place)| Some((span.as_ref()?, *place)));
        spans.flat_map(|(span, place)| Piece::of(span.data, place, span.bytes())).collect()
    }

    /// What to copy back.
    fn pieces_out(&self, buffer: &Buffer) -> Vec<Piece> {
        let places = self.places(buffer);
        let spans = self.spans.iter().zip(&places).filter_map(|(span, place)| Some((span.as_ref()?, *place)));
        let written = spans.filter(|(span, _)| span.access == Access::ReadWrite);
        written.flat_map(|(span, place)| Piece::of(place, span.data, span.bytes())).collect()
    }
}

/// A part of a copy, for one thread.
struct Piece {
    from: *const MaybeUninit<u8>,
    to: *mut MaybeUninit<u8>,
    bytes: usize,
}

// SAFETY: it stands for a `&[u8]` and a `&mut [u8]` that `copy` may use.
unsafe impl Send for Piece {}
// SAFETY: as above.
unsafe impl Sync for Piece {}

impl Piece {
    fn of(from: *const MaybeUninit<u8>, to: *mut MaybeUninit<u8>, bytes: usize) -> impl Iterator<Item = Piece> {
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

/// Runs a launch on copies. On an error the user's memory is as it was.
pub(super) fn run(node: &NodeBackend, launch: &dyn Launch, steps: &mut Steps) -> Result<Vec<ArgumentPlan>> {
    let copied = Copied::of(launch);
    if copied.bytes == 0 {
        node.run_in_place(launch, steps)?;
        return Ok(would_copy(launch, describe::ASKED));
    }
    let buffer = take(node, copied.bytes)?;
    copy(node, &copied.pieces_in(&buffer), StepKind::CopyIn, steps)?;
    let elsewhere = buffer.elsewhere(node.number, copied.bytes);
    // SAFETY: below `Backend::launch`, before any item runs. The copies have the layout of what they are copies of, are
    // aligned as their types ask, are initialised where that is, and belong to this launch until the buffer is given back.
    if !unsafe { launch.relocate(&copied.places(&buffer)) } {
        let why = "this launch cannot run on other memory".into();
        return Err(Error::StrategyUnavailable { strategy: Strategy::Copy, device: node.info.to_string(), why });
    }
    let relocated = Relocated { launch, homes: copied.homes() };
    let done = node.run_in_place(launch, steps);
    drop(relocated);
    done?;
    copy(node, &copied.pieces_out(&buffer), StepKind::CopyOut, steps)?;
    give_back(node, buffer);
    Ok(would_copy(launch, &describe::copied(node.number, elsewhere)))
}

/// What happens to the arguments under `Copy`.
pub(super) fn would_copy(launch: &dyn Launch, why: &str) -> Vec<ArgumentPlan> {
    let (copied, definition) = (Copied::of(launch), launch.definition());
    let spans = copied.spans.iter().enumerate().filter_map(|(position, span)| Some((position, span.as_ref()?)));
    let plan = |(position, span): (usize, &Span)| ArgumentPlan {
        name: definition.parameter(position),
        strategy: Strategy::Copy,
        why: Cow::Owned(why.to_string()),
        bytes_in: span.bytes() as u64,
        bytes_out: if span.access == Access::ReadWrite { span.bytes() as u64 } else { 0 },
    };
    spans.map(plan).collect()
}

/// Copies with the node's own threads.
fn copy(node: &NodeBackend, pieces: &[Piece], kind: StepKind, steps: &mut Steps) -> Result<()> {
    let begin = Instant::now();
    // SAFETY: the pieces are parts of the user's memory, which the launch lends (what is written back: exclusively), and of
    // a buffer of this launch alone. They do not overlap, but for arguments that are only read.
    let one = |piece: &Piece| unsafe { piece.copy() };
    match pieces {
        [] => return Ok(()),
        [piece] => one(piece),
        _ => node.near.threads(&node.info)?.install(|| pieces.par_iter().for_each(one)),
    }
    steps.add(kind, begin.elapsed());
    Ok(())
}

fn take(node: &NodeBackend, bytes: usize) -> Result<Buffer> {
    let spare = node.spare.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    if let Some(buffer) = spare.filter(|buffer| buffer.bytes() >= bytes) {
        return Ok(buffer);
    }
    let none = |available, hint: &str| Error::OutOfMemory {
        device: node.info.to_string(),
        wanted: bytes as u64,
        available,
        hint: hint.into(),
    };
    match node.memory_cap.filter(|cap| *cap < bytes as u64) {
        Some(cap) => Err(none(cap, "raise the cap, or use Strategy::Direct or Migrate, which need no copies")),
        None => Buffer::new(bytes, node.number)
            .map_err(|error| none(0, &format!("the system gave none ({error}); use Strategy::Direct or Migrate"))),
    }
}

/// Keeps a buffer for the next launch, unless it takes too much of the node.
fn give_back(node: &NodeBackend, buffer: Buffer) {
    const SHARE: u64 = 8;
    if buffer.bytes() as u64 <= node.info.memory / SHARE {
        *node.spare.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(buffer);
    }
}
