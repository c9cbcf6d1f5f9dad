//! A scope on a node: what launches by `Copy` need stays on the node between them; others work on the user's memory, whose
//! pages walk to the node where that is asked for, and home at the scope's end where that is wanted.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Arc;

use landbridge_core::argument::{Access, ArgumentView};
use landbridge_core::launch::Launch;
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;
use landbridge_core::residency::ArrayId;
use landbridge_core::session::{CameHome, InPlace, Place, Session, Trouble};
use landbridge_core::{Error, Home, Strategy};

use super::super::mover::{MoveSpan, Origin};
use super::NodeBackend;
use super::bytes::{Known, Moved};
use super::copies::{self, Copied, Piece};
use super::describe;
use super::room::{Held, Room};
use crate::probe::Background;

/// A scope's data on a node.
pub(super) struct NodeSession {
    node: Arc<NodeBackend>,
    room: Room,
    /// By array.
    arrays: Vec<Option<Held>>,
    /// Arguments, between which addresses pages of theirs have moved, and where those were: if they shall return.
    away: Vec<(Range<usize>, Range<usize>, Origin)>,
    /// What has been found on the node.
    known: Known,
}

impl NodeSession {
    pub(super) fn new(node: Arc<NodeBackend>) -> Self {
        NodeSession { node, room: Room::default(), arrays: vec![], away: vec![], known: Known::default() }
    }

    fn taken(&self) -> usize {
        self.arrays.iter().flatten().map(|held| held.bytes).sum()
    }

    fn array(&mut self, array: ArrayId) -> &mut Held {
        self.arrays[array.0].as_mut().expect("the scope asks only for arrays that are held")
    }

    /// # Safety
    /// As [`copies::copy`].
    unsafe fn copy(&self, pieces: impl Iterator<Item = Piece>, kind: StepKind) -> Result<(), Trouble> {
        let pieces: Vec<Piece> = pieces.collect();
        // SAFETY: passed on.
        unsafe { copies::copy(&self.node, &pieces, kind, &mut Steps::default()) }.map_err(Trouble::Refused)
    }

    /// By argument: where its array is held.
    fn held(&self, places: &[Place]) -> Vec<Option<*mut MaybeUninit<u8>>> {
        let place = |place: &Place| match *place {
            Place::Held { array, offset } => Some(self.arrays[array.0].as_ref()?.start.wrapping_add(offset)),
            Place::Host | Place::Nowhere => None,
        };
        places.iter().map(place).collect()
    }

    fn launch_moved(&mut self, launch: &dyn Launch, walked: &mut dyn FnMut(usize, u64)) -> Result<(), Error> {
        let mut steps = Steps::default();
        let moved = match launch.strategy() {
            Strategy::Auto => match self.node.decide_for_run(launch) {
                Some(decided) => self.node.move_chosen(launch, &decided, &mut steps, Some(&mut self.known)),
                None => return self.node.run_in_place(launch, &mut steps),
            },
            _ => {
                let known = Some(&mut self.known);
                let moved = Moved::to(self.node.number, launch, &self.node.mover, &mut steps, known);
                self.node.pace.note(moved.bytes(), steps.get(StepKind::Migrate));
                moved
            }
        };
        moved.walked().filter(|(_, bytes)| *bytes > 0).for_each(|(position, bytes)| walked(position, bytes));
        if self.node.home == Home::Return {
            self.away.extend(moved.leave());
        }
        self.node.run_in_place(launch, &mut steps)
    }

    /// Lets pages return.
    fn return_home(&mut self, came_home: &mut dyn FnMut(CameHome)) {
        let moves = self.node.mover.moves();
        // What moved twice goes last to where it was first.
        for (argument, between, origin) in self.away.drain(..).rev() {
            let report = moves.return_home(&[MoveSpan::at(between)], &origin);
            let stayed = (!report.is_complete()).then(|| describe::not_home(&report));
            came_home(CameHome { argument, bytes: report.moved, stayed });
        }
    }
}

// SAFETY: copies are made inside of the calls, by threads that are waited for, and of all bytes; launches are waited for.
unsafe impl Session for NodeSession {
    fn hold(&mut self, array: ArrayId, bytes: usize, at: usize) -> Result<(), Trouble> {
        let taken = self.taken();
        let held = self.room.hold(&self.node, bytes, at, taken).map_err(Trouble::Refused)?;
        if self.arrays.len() <= array.0 {
            self.arrays.resize_with(array.0 + 1, || None);
        }
        self.arrays[array.0] = Some(held);
        Ok(())
    }

    fn release(&mut self, array: ArrayId) {
        if let Some(held) = self.arrays.get_mut(array.0) {
            *held = None;
        }
    }

    unsafe fn upload(
        &mut self,
        array: ArrayId,
        offset: usize,
        from: *const MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        let held = self.array(array);
        held.fresh = false;
        let to = held.start.wrapping_add(offset);
        // SAFETY: the caller vouches for `from`; the range lies in the array, which is this session's own.
        unsafe { self.copy(Piece::of(from, to, bytes), StepKind::CopyIn) }
    }

    fn clear(&mut self, array: ArrayId) -> Result<(), Trouble> {
        let held = self.array(array);
        if !std::mem::take(&mut held.fresh) {
            // SAFETY: so many bytes are held there, which are this session's own.
            unsafe { held.start.write_bytes(0, held.bytes) };
        }
        Ok(())
    }

    unsafe fn download(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        let from = self.array(array).start.wrapping_add(offset).cast_const();
        // SAFETY: the caller vouches for `to`; the range lies in the array, which nobody writes meanwhile.
        unsafe { self.copy(Piece::of(from, to, bytes), StepKind::CopyOut) }
    }

    fn ready(&mut self, _: &dyn Launch, _: &[Place]) -> Result<(), Trouble> {
        Ok(())
    }

    fn launch(&mut self, launch: &dyn Launch, places: &[Place], number: u64) -> Result<(), Trouble> {
        let copied = Copied::beside(&self.node, launch, &self.held(places)).map_err(Trouble::Refused)?;
        let taken = self.taken();
        let done = copies::run_copied(&self.node, launch, &copied, taken, &mut Steps::default());
        match done {
            Ok(_) => Ok(()),
            // It has changed no array.
            Err(failed) if !failed.started || !writes_held(launch, places) => Err(Trouble::Refused(failed.error)),
            Err(failed) => Err(Trouble::Failed { launch: number, error: failed.error }),
        }
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        Ok(())
    }

    fn in_place(&mut self) -> Option<&mut dyn InPlace> {
        Some(self)
    }
}

fn writes_held(launch: &dyn Launch, places: &[Place]) -> bool {
    let (mut writes, mut position) = (false, 0);
    launch.describe(&mut |view| {
        if let (ArgumentView::Span(span), Place::Held { .. }) = (view, places[position]) {
            writes |= span.access == Access::ReadWrite;
        }
        position += 1;
    });
    writes
}

// SAFETY: as for the node, which runs everything and waits.
unsafe impl InPlace for NodeSession {
    fn takes(&mut self, launch: &dyn Launch) -> bool {
        launch.strategy() != Strategy::Copy
    }

    fn launch(&mut self, launch: &dyn Launch, walked: &mut dyn FnMut(usize, u64)) -> Result<(), Error> {
        self.node.check_strategy(launch.strategy())?;
        let _running = self.node.probes.map(Background::launch);
        match launch.strategy() {
            Strategy::Migrate | Strategy::Auto => self.launch_moved(launch, walked),
            _ => self.node.run_in_place(launch, &mut Steps::default()),
        }
    }

    fn leave(&mut self, came_home: &mut dyn FnMut(CameHome)) {
        self.return_home(came_home);
    }
}

impl Drop for NodeSession {
    /// For scopes that ended in a way that let nobody call `leave`.
    fn drop(&mut self) {
        self.return_home(&mut |_| {});
    }
}
