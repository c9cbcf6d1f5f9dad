//! Pinned memory of the host, through which bytes go to a card and come from it.
//!
//! Bytes go in chunks: while the card copies one, the next is filled (or emptied), so that the bus and the host's memory work at the same
//! time.
#![allow(unsafe_code)]

use std::collections::VecDeque;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cust::memory::{cuda_free_locked, cuda_malloc_locked};
use cust::stream::Stream;

use super::crew;
use super::event::Event;
use super::failure::{Failure, Step};
use super::lane::{driver, rest};

/// Bytes of a chunk: large enough for the bus's full rate, small enough for the cache.
const CHUNK: usize = 2 << 20;
/// Chunks each way.
const CHUNKS: usize = 4;
/// What is sent starts at a multiple of this in a chunk.
const ALIGN: usize = 64;

/// Pinned memory of the host.
struct Chunk {
    memory: *mut u8,
    used: usize,
    /// Recorded behind the copy that uses it.
    behind: Event,
    recorded: bool,
}

// SAFETY: the memory belongs to the chunk, and the driver's handles may be used by any thread.
unsafe impl Send for Chunk {}

impl Chunk {
    fn new() -> Result<Self, Failure> {
        // SAFETY: it is freed once, in `drop`.
        let memory = unsafe { cuda_malloc_locked::<u8>(CHUNK) }.step("pinning memory of the host")?;
        match Event::untimed() {
            Ok(behind) => Ok(Self { memory, used: 0, behind, recorded: false }),
            Err(failure) => {
                // SAFETY: made just now, and nobody has it.
                let freed = unsafe { cuda_free_locked(memory) };
                tracing::debug!(?freed, "a chunk without an event");
                Err(failure)
            }
        }
    }

    fn record(&mut self, stream: &Stream) -> Result<(), Failure> {
        self.behind.record(stream)?;
        self.recorded = true;
        Ok(())
    }

    fn is_free(&mut self) -> Result<bool, Failure> {
        self.recorded = self.recorded && !self.behind.is_passed()?;
        Ok(!self.recorded)
    }

    fn wait(&mut self, patience: Duration) -> Result<(), Failure> {
        let start = Instant::now();
        while !self.is_free()? {
            let waited = start.elapsed();
            if waited > patience {
                return Err(Failure::Timeout { waited });
            }
            rest(waited);
        }
        Ok(())
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: it came from `cuda_malloc_locked`, and the lane waits for what uses it before it is dropped.
        if let Err(error) = unsafe { cuda_free_locked(self.memory) } {
            tracing::debug!(failure = %Failure::of("freeing pinned memory", error));
        }
    }
}

/// Chunks on their way to the card, of one stream.
#[derive(Default)]
pub(crate) struct Uploads {
    chunks: Vec<Chunk>,
    /// Number of the chunk that is being filled.
    filling: usize,
}

impl Uploads {
    /// Makes the chunks, if there are none.
    pub(crate) fn prepare(&mut self) -> Result<(), Failure> {
        if self.chunks.is_empty() {
            self.chunks = chunks()?;
        }
        Ok(())
    }

    /// Copies bytes to the card, in the stream's order. They are not used after this has returned. `patience`: how long what is in front
    /// of them may take. `meanwhile` is called from time to time.
    ///
    /// # Safety
    /// `from` is valid for reads of `bytes` bytes, which may be uninitialised; `to` is as much memory of the card. The stream is always the same.
    pub(crate) unsafe fn send(
        &mut self,
        stream: &Stream,
        (to, from, bytes): (u64, *const MaybeUninit<u8>, usize),
        patience: Duration,
        meanwhile: &mut dyn FnMut() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut sent = 0;
        while sent < bytes {
            let chunk = self.chunk_with_room(stream, patience)?;
            let part = (bytes - sent).min(CHUNK - chunk.used);
            let staged = chunk.memory.wrapping_add(chunk.used);
            chunk.used = (chunk.used + part).next_multiple_of(ALIGN);
            // SAFETY: the caller vouches for the source, and the room in the chunk is that of `part` bytes which nobody uses; bytes are
            // copied untyped.
            unsafe { crew::copy(from.add(sent), staged.cast(), part) };
            let (to, staged) = (to + sent as u64, staged.cast::<c_void>());
            // SAFETY: the chunk is not written again before the event behind this copy; the caller vouches for the target.
            let copied = unsafe { cust_raw::cuMemcpyHtoDAsync_v2(to, staged, part, stream.as_inner()) };
            driver("copying to the card", copied)?;
            sent += part;
            meanwhile()?;
        }
        Ok(())
    }

    /// A chunk with room for at least one byte.
    fn chunk_with_room(&mut self, stream: &Stream, patience: Duration) -> Result<&mut Chunk, Failure> {
        self.prepare()?;
        if self.chunks[self.filling].used >= CHUNK {
            self.chunks[self.filling].record(stream)?;
            self.filling = (self.filling + 1) % CHUNKS;
            self.chunks[self.filling].wait(patience)?;
            self.chunks[self.filling].used = 0;
        }
        Ok(&mut self.chunks[self.filling])
    }
}

/// Bytes of the card that are to come to the host.
struct Wanted {
    from: u64,
    to: *mut MaybeUninit<u8>,
    bytes: usize,
    /// What they come behind was recorded here, in another stream.
    behind: Option<Arc<Event>>,
}

/// Bytes in a chunk, or on their way there.
struct Coming {
    chunk: usize,
    to: *mut MaybeUninit<u8>,
    bytes: usize,
}

/// Chunks on their way from the card, of one stream, and what is to follow them.
#[derive(Default)]
pub(crate) struct Downloads {
    chunks: Vec<Chunk>,
    /// Number of the chunk that is used next.
    next: usize,
    wanted: VecDeque<Wanted>,
    coming: VecDeque<Coming>,
}

// SAFETY: whoever asked for bytes vouches for the targets, and the driver's handles may be used by any thread.
unsafe impl Send for Downloads {}

impl Downloads {
    /// Makes the chunks, if there are none.
    pub(crate) fn prepare(&mut self) -> Result<(), Failure> {
        if self.chunks.is_empty() {
            self.chunks = chunks()?;
        }
        Ok(())
    }

    /// Asks for bytes, which come with [`Self::pump`].
    ///
    /// # Safety
    /// `to` is valid for writes of `bytes` bytes and nobody else uses it until [`Self::pump`] has answered that all have come, or
    /// [`Self::abandon`]; `from` is as much memory of the card.
    pub(crate) unsafe fn want(
        &mut self,
        (to, from, bytes): (*mut MaybeUninit<u8>, u64, usize),
        behind: Option<Arc<Event>>,
    ) {
        if bytes > 0 {
            self.wanted.push_back(Wanted { from, to, bytes, behind });
        }
    }

    /// Asks the card for what there is room for, and takes out what has come; with `wait` until all has come. Whether all has.
    pub(crate) fn pump(&mut self, stream: &Stream, patience: Duration, wait: bool) -> Result<bool, Failure> {
        loop {
            self.ask(stream, patience)?;
            let Some(&Coming { chunk, to, bytes }) = self.coming.front() else { return Ok(true) };
            let chunk = &mut self.chunks[chunk];
            if wait {
                chunk.wait(patience)?;
            } else if !chunk.is_free()? {
                return Ok(false);
            }
            // SAFETY: the card has written these bytes of the chunk; who asked for them vouches for the target.
            unsafe { crew::copy(chunk.memory.cast_const().cast(), to, bytes) };
            self.coming.pop_front();
        }
    }

    fn ask(&mut self, stream: &Stream, patience: Duration) -> Result<(), Failure> {
        while self.coming.len() < CHUNKS
            && let Some(wanted) = self.wanted.front_mut()
        {
            if self.chunks.is_empty() {
                self.chunks = chunks()?;
            }
            let number = self.next;
            let chunk = &mut self.chunks[number];
            // What was abandoned may still be on its way there.
            chunk.wait(patience)?;
            if let Some(event) = wanted.behind.take() {
                event.hold_up(stream)?;
            }
            let part = wanted.bytes.min(CHUNK);
            let staged = chunk.memory.cast::<c_void>();
            // SAFETY: nobody uses the chunk; who asked for the bytes vouches for the source.
            let copied = unsafe { cust_raw::cuMemcpyDtoHAsync_v2(staged, wanted.from, part, stream.as_inner()) };
            driver("copying from the card", copied)?;
            chunk.record(stream)?;
            self.coming.push_back(Coming { chunk: number, to: wanted.to, bytes: part });
            self.next = (number + 1) % CHUNKS;
            wanted.from += part as u64;
            wanted.to = wanted.to.wrapping_add(part);
            wanted.bytes -= part;
            if wanted.bytes == 0 {
                self.wanted.pop_front();
            }
        }
        Ok(())
    }

    /// Nothing more comes to where it was wanted.
    pub(crate) fn abandon(&mut self) {
        self.wanted.clear();
        self.coming.clear();
    }
}

fn chunks() -> Result<Vec<Chunk>, Failure> {
    (0..CHUNKS).map(|_| Chunk::new()).collect()
}
