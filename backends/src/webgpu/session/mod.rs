//! Data of a scope in buffers of the device, and launches on it that are not waited for.
//!
//! A launch whose kernel may pass 32 bits with a `usize` is compiled for 64 bits at once: elsewhere such a launch runs again on
//! its unchanged input when that happens, but here the input is what launches before have left. A device without 64-bit
//! integers refuses it, and the scope runs it on the host.
#![allow(unsafe_code)]

mod flight;
mod links;

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Arc;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::{Launch, Output};
use landbridge_core::residency::ArrayId;
use landbridge_core::session::{Place, Session, Trouble};
use landbridge_core::{Error, Strategy};

pub(crate) use flight::{Flight, Ticket};

use crate::codegen::wgsl::UsizeWidth;

use super::backend::WgpuBackend;
use super::failure::Failure;
use super::kernel::Kernel;
use super::launch::{self, Given, Images, Kept, Shape};
use super::pool::{Kind, Lease};
use super::staging::{Download, Upload};
use super::submit::CopyStep;

/// Bytes of a chunk, where the memory has no room for staging as large as what is moved, and of the smallest that is tried.
const CHUNK: usize = 16 << 20;
const LEAST_CHUNK: usize = 64 << 10;

/// A scope's data on a wgpu device.
pub(crate) struct WgpuSession {
    backend: Arc<WgpuBackend>,
    /// By array: its buffer and its size in bytes.
    arrays: Vec<Option<(Lease, usize)>>,
    /// What was rebuilt of linked arguments, which stay as they are while the scope lasts.
    images: Vec<links::KeptImage>,
    /// `None` while a launch has it, so for good once one has panicked: then nobody knows what is on its way.
    flight: Option<Flight>,
}

impl WgpuSession {
    pub(crate) fn new(backend: Arc<WgpuBackend>) -> Self {
        Self { flight: Some(Flight::new(Arc::clone(&backend))), arrays: Vec::new(), images: Vec::new(), backend }
    }

    fn array(&self, array: ArrayId) -> &(Lease, usize) {
        self.arrays.get(array.0).and_then(Option::as_ref).expect("the scope asks only for arrays that are held")
    }

    fn flight(&mut self) -> Result<&mut Flight, Trouble> {
        let Self { backend, flight, .. } = self;
        flight.as_mut().ok_or_else(|| gone(backend))
    }

    /// An operation that did not happen; a device that is lost has lost everything.
    fn refused(&self, failure: Failure, what: &'static str) -> Trouble {
        let lost = matches!(failure, Failure::Lost { .. } | Failure::Timeout { .. });
        let error = failure.into_error(&self.backend.info, what);
        if lost { Trouble::Failed { launch: 0, error } } else { Trouble::Refused(error) }
    }

    /// Bytes of a buffer into memory of the host, at once or, where staging is scarce, in chunks.
    ///
    /// # Safety
    /// As [`Session::download`].
    unsafe fn fetch(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        // SAFETY: passed on.
        let whole = unsafe { self.fetch_once(array, offset, to, bytes) };
        if !is_scarce(&whole) || bytes <= LEAST_CHUNK {
            return whole;
        }
        // Beside the user's memory: a failure on the way must leave that as it was.
        let mut beside = launch::reserve(bytes as u64).map_err(|failure| self.refused(failure, "read"))?;
        self.in_chunks(bytes, |session, chunk| {
            let target = &mut beside[chunk.clone()];
            // SAFETY: the chunk lies in the range, and `target` is as long.
            unsafe { session.fetch_once(array, offset + chunk.start, target.as_mut_ptr(), target.len()) }
        })?;
        // SAFETY: the caller vouches for `to`, and the vector is ours.
        unsafe { to.copy_from_nonoverlapping(beside.as_ptr(), bytes) };
        Ok(())
    }

    /// Moves bytes in chunks, each waited for, as large as the memory has room to stage.
    fn in_chunks(
        &mut self,
        bytes: usize,
        mut step: impl FnMut(&mut Self, Range<usize>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let (mut done, mut most) = (0, CHUNK);
        while done < bytes {
            // Staging that is on its way comes back by this.
            self.flight()?.wait()?;
            let end = bytes.min(done + most);
            match step(self, done..end) {
                Ok(()) => done = end,
                scarce if is_scarce(&scarce) && most > LEAST_CHUNK => most /= 2,
                failed => return failed,
            }
        }
        self.flight()?.wait()
    }

    /// # Safety
    /// As [`Session::download`].
    unsafe fn fetch_once(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        let (first, end) = words(offset, bytes);
        let gpu = &self.backend.gpu;
        let download = Download::new(gpu, end - first).map_err(|failure| self.refused(failure, "read"))?;
        let from = self.array(array).0.buffer().clone();
        let step =
            CopyStep { from: &from, from_offset: first, to: download.buffer(), to_offset: 0, bytes: end - first };
        let flight = self.flight.as_mut().ok_or_else(|| gone(&self.backend))?;
        if let Err(failure) = flight.fetch(step, &download) {
            return Err(self.refused(failure, "read"));
        }
        flight.wait()?;
        let view = download.read(0, (end - first) as usize).map_err(|failure| self.refused(failure, "read"))?;
        let skipped = offset - first as usize;
        // SAFETY: the view has `skipped + bytes` bytes, and the caller vouches for `to`.
        unsafe { std::ptr::copy_nonoverlapping(view[skipped..].as_ptr().cast(), to, bytes) };
        Ok(())
    }

    /// Sends bytes from a multiple of 4 on to a multiple of 4 or the array's end.
    ///
    /// # Safety
    /// As [`Session::upload`].
    unsafe fn send(
        &mut self,
        to: &wgpu::Buffer,
        offset: u64,
        from: *const MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        // SAFETY: passed on.
        let whole = unsafe { self.send_once(to, offset, from, bytes) };
        if !is_scarce(&whole) || bytes <= LEAST_CHUNK {
            return whole;
        }
        let mut sent = 0;
        let done = self.in_chunks(bytes, |session, chunk| {
            // SAFETY: the chunk lies in the range that the caller vouches for; all chunks but the last are whole words.
            unsafe { session.send_once(to, offset + chunk.start as u64, from.add(chunk.start), chunk.len()) }?;
            sent = chunk.end;
            Ok(())
        });
        match done {
            // Not as it was any more.
            Err(Trouble::Refused(error)) if sent > 0 => Err(Trouble::Failed { launch: 0, error }),
            done => done,
        }
    }

    /// # Safety
    /// As [`Session::upload`].
    unsafe fn send_once(
        &mut self,
        to: &wgpu::Buffer,
        offset: u64,
        from: *const MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        self.flight()?.room()?;
        let gpu = &self.backend.gpu;
        let upload = Upload::new(gpu, bytes as u64).map_err(|failure| self.refused(failure, "attach"))?;
        // SAFETY: the caller vouches for `from`.
        unsafe { upload.write(0, from.cast(), bytes) }.map_err(|failure| self.refused(failure, "attach"))?;
        upload.close();
        let bytes = (bytes as u64).next_multiple_of(4);
        let sent = self.flight()?.send(upload, to.clone(), offset, bytes);
        sent.map_err(|failure| self.refused(failure, "attach"))
    }

    /// The shape of a launch all of whose data is on the device.
    fn shape(&self, launch: &dyn Launch, places: &[Place]) -> Option<Shape> {
        let Output::None = launch.output() else { return None };
        Shape::of(launch, |position, _| match places[position] {
            Place::Held { array, offset } => Some([self.array(array).0.id(), offset as u64]),
            Place::Host | Place::Nowhere => None,
        })
    }

    /// Submits what was kept ready of an earlier launch of this shape, if something was.
    fn start_ready(
        &mut self,
        launch: &dyn Launch,
        places: &[Place],
        number: u64,
    ) -> (Option<Shape>, Option<Result<(), Trouble>>) {
        // It leaves the session as for every launch, which may panic.
        let Some(mut flight) = self.flight.take() else { return (None, None) };
        let shape = self.shape(launch, places);
        let started =
            shape.as_ref().and_then(|shape| launch::start_ready(&self.backend, launch, shape, number, &mut flight));
        self.flight = Some(flight);
        (shape, started)
    }

    /// The kernel for this launch, wide enough that it never has to run again.
    fn kernel(&self, launch: &dyn Launch) -> Result<(Arc<Kernel>, UsizeWidth), Error> {
        launch.module()?;
        let (definition, mode) = (launch.definition(), launch::mode(launch.output()));
        let kernel = self.backend.kernel(definition, mode, UsizeWidth::Auto)?;
        if !kernel.text.may_exceed_range {
            return Ok((kernel, UsizeWidth::Auto));
        }
        if self.backend.gpu.facts.int64 {
            let kernel = self.backend.kernel(definition, mode, UsizeWidth::Wide)?;
            return Ok((kernel, UsizeWidth::Wide));
        }
        let what =
            "a usize of it may pass 32 bits, and inside a scope it could not run again on unchanged data".to_owned();
        Err(Error::Unsupported { kernel: definition.name, device: self.backend.info.to_string(), what })
    }

    /// The arguments as the engine takes them.
    fn given(&self, launch: &dyn Launch, places: &[Place], images: &mut Images<'_>) -> Vec<Given<'_>> {
        let mut given = Vec::with_capacity(places.len());
        launch.describe(&mut |view| {
            given.push(match (view, places[given.len()]) {
                (ArgumentView::Span(span), _) if span.links.is_some() => {
                    let rebuilt = images.at(given.len()).or_else(|| self.kept_image(&span));
                    rebuilt.unwrap_or(Given::View(view))
                }
                (ArgumentView::Span(span), Place::Held { array, offset }) => self.held(array, offset, &span),
                (view, _) => Given::View(view),
            });
        });
        given
    }

    fn held(&self, array: ArrayId, offset: usize, span: &Span) -> Given<'_> {
        // Kernels read whole words of at most 16 bytes where elements are aligned to them. An argument that lies askew in its
        // array was not attached as what it is now; it is shared, so the host's bytes are as good.
        if !offset.is_multiple_of(1 << span.element_size.trailing_zeros().min(4)) && span.access == Access::Read {
            return Given::View(ArgumentView::Span(*span));
        }
        Given::Resident(Kept {
            lease: &self.array(array).0,
            offset: offset as u64,
            elements: span.elements,
            element_size: span.element_size,
            per_item: span.per_item,
            writable: span.access == Access::ReadWrite,
        })
    }

    fn check_strategy(&self, strategy: Strategy) -> Result<(), Error> {
        if matches!(strategy, Strategy::Auto | Strategy::Copy) {
            return Ok(());
        }
        let why = "inside a scope data is kept on the device, or copied with a launch".to_owned();
        Err(Error::StrategyUnavailable { strategy, device: self.backend.info.to_string(), why })
    }
}

/// Whether it only lacked memory, so that a smaller step may do.
fn is_scarce(done: &Result<(), Trouble>) -> bool {
    matches!(done, Err(Trouble::Refused(Error::OutOfMemory { .. })))
}

/// What is left to say when a panic inside of a launch has taken the flight along.
#[cold]
fn gone(backend: &WgpuBackend) -> Trouble {
    let error = Error::Driver {
        device: backend.info.to_string(),
        operation: "going on with the scope".to_owned(),
        why: "a launch of it panicked on its way to the device; what it left there is not known".to_owned(),
    };
    Trouble::Failed { launch: 0, error }
}

/// The words around bytes.
fn words(offset: usize, bytes: usize) -> (u64, u64) {
    ((offset & !3) as u64, ((offset + bytes).next_multiple_of(4)) as u64)
}

// SAFETY: `fetch` copies all bytes before it returns `Ok`, `run_held` delivers as a launch without a scope does; uploads are
// copied to staging inside the calls.
unsafe impl Session for WgpuSession {
    fn hold(&mut self, array: ArrayId, bytes: usize, _: usize) -> Result<(), Trouble> {
        let lent = self.backend.gpu.pool.lend(Kind::Storage, (bytes as u64).max(16));
        let lease = lent.map_err(|failure| self.refused(failure, "attach"))?;
        if self.arrays.len() <= array.0 {
            self.arrays.resize_with(array.0 + 1, || None);
        }
        self.arrays[array.0] = Some((lease, bytes));
        Ok(())
    }

    fn release(&mut self, array: ArrayId) {
        let held = self.arrays.get_mut(array.0).and_then(Option::take);
        if let (Some((lease, _)), Some(flight)) = (held, &mut self.flight) {
            flight.forget(lease.buffer());
        }
    }

    unsafe fn upload(
        &mut self,
        array: ArrayId,
        offset: usize,
        from: *const MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        let (first, end) = words(offset, bytes);
        // Its handle is a counted reference, which frees the session for the flight.
        let (to, last_byte) = (self.array(array).0.buffer().clone(), self.array(array).1);
        if first as usize == offset && (end as usize == offset + bytes || offset + bytes == last_byte) {
            // SAFETY: passed on.
            return unsafe { self.send(&to, first, from, bytes) };
        }
        // Only whole words can be copied: those around the bytes are fetched, changed and sent back.
        let end = (end as usize).min(last_byte);
        let mut around = vec![MaybeUninit::<u8>::uninit(); end - first as usize];
        // SAFETY: the words lie in the array, and the vector is as long.
        unsafe { self.fetch(array, first as usize, around.as_mut_ptr(), around.len()) }?;
        let within = &mut around[offset - first as usize..][..bytes];
        // SAFETY: the caller vouches for `from`, and the vector is ours.
        unsafe { from.copy_to_nonoverlapping(within.as_mut_ptr(), bytes) };
        // SAFETY: the words lie in the array, and the vector is as long.
        unsafe { self.send(&to, first, around.as_ptr(), around.len()) }
    }

    fn clear(&mut self, array: ArrayId) -> Result<(), Trouble> {
        self.flight()?.room()?;
        let buffer = self.array(array).0.buffer().clone();
        self.flight()?.clear(&buffer).map_err(|failure| self.refused(failure, "attach"))
    }

    unsafe fn download(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        // SAFETY: passed on.
        unsafe { self.fetch(array, offset, to, bytes) }
    }

    fn ready(&mut self, launch: &dyn Launch, places: &[Place]) -> Result<(), Trouble> {
        match launch.items() {
            0 => Ok(()),
            // What it gives back must not come from a launch that failed.
            _ if writes_home(launch, places) => self.flight()?.wait(),
            _ => self.flight()?.room(),
        }
    }

    fn launch(&mut self, launch: &dyn Launch, places: &[Place], number: u64) -> Result<(), Trouble> {
        self.check_strategy(launch.strategy()).map_err(Trouble::Refused)?;
        if launch.items() == 0 {
            return Ok(());
        }
        let (shape, started) = self.start_ready(launch, places, number);
        if let Some(started) = started {
            return started;
        }
        if self.launch_gathered(launch, places, number)? {
            return Ok(());
        }
        let definition = launch.definition();
        let _span = tracing::debug_span!("launch", kernel = definition.name, device = %self.backend.info.id).entered();
        let (kernel, width) = self.kernel(launch).map_err(Trouble::Refused)?;
        self.keep_images(launch)?;
        let backend = Arc::clone(&self.backend);
        let mut steps = landbridge_core::report::Steps::default();
        let mut exclusive = |span: &Span| span.access == Access::ReadWrite;
        let images = Images::of_those(&backend, launch, &mut steps, &mut exclusive);
        let mut images = images.map_err(Trouble::Refused)?;
        // The flight leaves the session while arguments borrow its arrays.
        let mut flight = self.flight.take().ok_or_else(|| gone(&self.backend))?;
        let given = self.given(launch, places, &mut images);
        let ticket = Ticket { number, definition, kernel, width };
        let done = if writes_home(launch, places) {
            // It submits and waits by itself.
            let flushed = flight.flush().map_err(|failure| self.refused(failure, "attach"));
            flushed.and_then(|()| launch::run_held(&self.backend, launch, &given, &ticket))
        } else {
            launch::start_held(&self.backend, launch, &given, &ticket, &mut flight, shape)
        };
        drop(given);
        self.flight = Some(flight);
        done?;
        images.write_back(&mut steps);
        Ok(())
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        self.flight()?.wait()
    }
}

/// Whether the launch has results, or writes the user's memory.
fn writes_home(launch: &dyn Launch, places: &[Place]) -> bool {
    if !matches!(launch.output(), Output::None) {
        return true;
    }
    if !places.contains(&Place::Host) {
        return false;
    }
    let (mut writes, mut position) = (false, 0);
    launch.describe(&mut |view| {
        if let (ArgumentView::Span(span), Place::Host) = (view, places[position]) {
            writes |= span.access == Access::ReadWrite && span.bytes() > 0;
        }
        position += 1;
    });
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_around_bytes() {
        assert_eq!(words(0, 4), (0, 4));
        assert_eq!(words(3, 1), (0, 4));
        assert_eq!(words(5, 6), (4, 12));
        assert_eq!(words(8, 1), (8, 12));
    }

    #[test]
    fn patience_counts_what_other_scopes_have_sent() {
        let Some(_) = super::super::testing::adapter() else { return };
        let backend = WgpuBackend::open(0).expect("the adapter opens");
        let timeout = backend.timeout();
        assert_eq!((backend.patience(), backend.patience_beside(2)), (timeout, timeout));
        backend.on_their_way(5);
        assert_eq!((backend.patience(), backend.patience_beside(2)), (timeout * 6, timeout * 4));
    }
}
