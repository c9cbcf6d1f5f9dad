//! Copies beside the kernels: two streams more, one each way, for launches that go in parts.
//!
//! They do nothing but between [`Lane::fork`] and [`Lane::join`], so that for everybody else a card has one stream.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use cust::stream::{Stream, StreamFlags};

use super::event::Event;
use super::failure::{Failure, Step};
use super::lane::Lane;
use super::staging::{Downloads, Uploads};

/// The streams, with pinned memory of their own.
pub(crate) struct Beside {
    up: Stream,
    uploads: Uploads,
    down: Stream,
    downloads: Downloads,
    /// Passed from one stream to another. A stream that waits for it waits for what was recorded last when it was told so.
    baton: Event,
}

impl Beside {
    pub(crate) fn new() -> Result<Self, Failure> {
        let stream = || Stream::new(StreamFlags::NON_BLOCKING, None).step("making a stream");
        let baton = Event::untimed()?;
        let (uploads, downloads) = (Uploads::default(), Downloads::default());
        Ok(Self { up: stream()?, uploads, down: stream()?, downloads, baton })
    }

    /// `then` goes on only when `first` has done what it has been given so far.
    fn pass(&self, first: &Stream, then: &Stream) -> Result<(), Failure> {
        self.baton.record(first)?;
        self.baton.hold_up(then)
    }
}

impl Lane {
    /// Copies beside the kernels begin behind what the stream has been given so far: who had their memory before may still use it.
    pub(crate) fn fork(&mut self) -> Result<(), Failure> {
        if self.beside.is_none() {
            self.beside = Some(Beside::new()?);
        }
        let Some(beside) = &mut self.beside else { return Ok(()) };
        beside.uploads.prepare()?;
        beside.downloads.prepare()?;
        beside.pass(&self.stream, &beside.up)?;
        beside.pass(&self.stream, &beside.down)
    }

    /// What the stream is given next comes behind all copies, so that their memory may be lent again.
    pub(crate) fn join(&mut self) -> Result<(), Failure> {
        let Some(beside) = &mut self.beside else { return Ok(()) };
        beside.downloads.abandon();
        beside.pass(&beside.up, &self.stream)?;
        beside.pass(&beside.down, &self.stream)
    }

    /// Copies bytes to the card, beside the kernels that run; takes out meanwhile what comes.
    ///
    /// # Safety
    /// As [`Uploads::send`]; between fork and join.
    pub(crate) unsafe fn send_beside(
        &mut self,
        what: (u64, *const MaybeUninit<u8>, usize),
        patience: Duration,
    ) -> Result<(), Failure> {
        let Some(Beside { up, uploads, down, downloads, .. }) = &mut self.beside else { return Ok(()) };
        let mut meanwhile = || downloads.pump(down, patience, false).map(drop);
        // SAFETY: passed on.
        unsafe { uploads.send(up, what, patience, &mut meanwhile) }
    }

    /// The next kernel comes behind what was sent beside.
    pub(crate) fn wait_for_uploads(&self) -> Result<(), Failure> {
        self.beside.as_ref().map_or(Ok(()), |beside| beside.pass(&beside.up, &self.stream))
    }

    /// Asks for bytes that come beside the kernels, when mark number `mark` has been passed.
    ///
    /// # Safety
    /// As [`Downloads::want`]; between fork and join.
    pub(crate) unsafe fn want_beside(&mut self, what: (*mut MaybeUninit<u8>, u64, usize), mark: usize) {
        let behind = self.marks.get(mark).map(|mark| Arc::clone(&mark.1));
        if let Some(beside) = &mut self.beside {
            // SAFETY: passed on.
            unsafe { beside.downloads.want(what, behind) };
        }
    }

    /// Takes out what has come; with `wait` waits for all that was asked for.
    pub(crate) fn take_beside(&mut self, patience: Duration, wait: bool) -> Result<(), Failure> {
        let Some(Beside { down, downloads, .. }) = &mut self.beside else { return Ok(()) };
        downloads.pump(down, patience, wait).map(drop)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        for stream in [&self.up, &self.down] {
            if let Err(error) = stream.synchronize() {
                tracing::debug!(failure = %Failure::of("closing a stream", error));
            }
        }
    }
}
