//! Data of a scope in the card's memory, and launches on it that are not waited for.
//!
//! Everything goes through the card's one stream, so it happens in the order of the calls. Each launch that may fail has an error
//! block of its own in a row of them, so that the first one that is not zero tells which launch failed first; the row is read when
//! somebody waits.
#![allow(unsafe_code)]

mod flight;
mod in_place;
mod links;
mod ready;

use std::mem::MaybeUninit;
use std::sync::Arc;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::{Gathered, Launch, Output};
use landbridge_core::report::Steps;
use landbridge_core::residency::ArrayId;
use landbridge_core::session::{InPlace, Place, Session, Trouble};
use landbridge_core::{Error, Strategy};

use super::backend::CudaBackend;
use super::failure::Failure;
use super::launch::{self, Given, Images, Run};
use super::pool::Lease;
use flight::{Flight, Ticket};
use in_place::Visits;
use ready::ReadyLaunches;

/// A scope's data on a card.
pub(crate) struct CudaSession {
    backend: Arc<CudaBackend>,
    /// By array.
    arrays: Vec<Option<Lease>>,
    /// What was rebuilt of linked arguments, which stay as they are while the scope lasts.
    images: Vec<links::KeptImage>,
    flight: Flight,
    ready: ReadyLaunches,
    visits: Visits,
}

impl CudaSession {
    pub(crate) fn new(backend: Arc<CudaBackend>) -> Self {
        let flight = Flight::new(Arc::clone(&backend));
        Self {
            flight,
            arrays: Vec::new(),
            images: Vec::new(),
            ready: ReadyLaunches::default(),
            visits: Visits::default(),
            backend,
        }
    }

    fn array(&self, array: ArrayId) -> &Lease {
        self.arrays.get(array.0).and_then(Option::as_ref).expect("the scope asks only for arrays that are held")
    }

    /// An operation that did not happen; a card that is lost has lost everything.
    fn refused(&self, failure: Failure, what: &'static str) -> Trouble {
        let lost = matches!(failure, Failure::Lost { .. } | Failure::Timeout { .. });
        let error = failure.into_error(&self.backend.info, what);
        if lost { Trouble::Failed { launch: 0, error } } else { Trouble::Refused(error) }
    }

    /// The arguments as the engine takes them.
    fn given(&self, launch: &dyn Launch, places: &[Place], images: &mut Images<'_>) -> Vec<Given> {
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

    fn held(&self, array: ArrayId, offset: usize, span: &Span) -> Given {
        if is_askew(offset, span) {
            return Given::View(ArgumentView::Span(*span));
        }
        Given::Card(self.array(array).address() + offset as u64, *span)
    }

    fn check_strategy(&self, strategy: Strategy) -> Result<(), Error> {
        if matches!(strategy, Strategy::Auto | Strategy::Copy) {
            return Ok(());
        }
        let why = "it works on the user's memory".to_owned();
        Err(Error::StrategyUnavailable { strategy, device: self.backend.info.to_string(), why })
    }

    /// A launch whose results are at home when this returns.
    fn launch_and_wait(&mut self, launch: &dyn Launch, given: &[Given], number: u64) -> Result<(), Trouble> {
        let (backend, mut steps) = (&self.backend, Steps::default());
        let ran = launch::run_given(backend, launch, given, &backend.offer(Strategy::Copy), &mut steps, None);
        ran.map(drop).map_err(|error| match error {
            Error::OutOfMemory { .. } | Error::Unsupported { .. } | Error::Untranslatable { .. } => {
                Trouble::Refused(error)
            }
            Error::DeviceLost { .. } | Error::Timeout { .. } => Trouble::Failed { launch: 0, error },
            _ => Trouble::Failed { launch: number, error },
        })
    }

    /// A launch that only changes what is on the card.
    fn launch_and_go(&mut self, launch: &dyn Launch, given: &[Given], number: u64) -> Result<(), Trouble> {
        let backend = Arc::clone(&self.backend);
        let (kernel, entries) = launch::prepared(&backend, launch, given).map_err(Trouble::Refused)?;
        let definition = launch.definition();
        let chosen = launch::choose(&backend, definition, &entries, &backend.offer(Strategy::Copy));
        let mut choices = chosen.map_err(Trouble::Refused)?;
        let run = Run {
            card: &backend.card,
            kernel: &kernel,
            entries: &entries,
            choices: &mut choices,
            extent: launch::extent(launch.extent()),
            items: launch.items() as u64,
            folds: false,
            keeps: None,
        };
        let begun = (|| {
            let mut lane = backend.card.lane()?;
            let errors = if kernel.text.may_panic { self.flight.errors(&mut lane)? } else { 0 };
            backend.card.watched(launch::begin(&run, &mut lane, errors))
        })();
        let started = begun.map_err(|failure| self.refused(failure, definition.name))?;
        self.ready.keep(&kernel, started);
        self.flight.sent(Ticket { number, definition, kernel });
        Ok(())
    }

    /// Starts a launch that is like an earlier one; `None` if there is none.
    fn launch_ready(&mut self, launch: &dyn Launch, places: &[Place], number: u64) -> Option<Result<(), Trouble>> {
        let Self { backend, arrays, flight, ready, .. } = self;
        let ready = ready.find(launch, |position, span| match places[position] {
            Place::Held { array, offset } if !is_askew(offset, span) => {
                let held = arrays.get(array.0)?.as_ref()?;
                Some(held.address() + offset as u64)
            }
            _ => None,
        })?;
        let (definition, kernel) = (launch.definition(), Arc::clone(&ready.kernel));
        // SAFETY: the block is one that was packed for the same kernel with the same memory, which the session holds, with the values of
        // this launch's uniforms and where it reports.
        let begun = unsafe {
            backend.card.start_quickly(|lane| {
                ready.report_to(if kernel.text.may_panic { flight.errors(lane)? } else { 0 });
                Ok(&ready.started)
            })
        };
        if let Err(failure) = begun {
            return Some(Err(self.refused(failure, definition.name)));
        }
        flight.sent(Ticket { number, definition, kernel });
        Some(Ok(()))
    }
}

// SAFETY: `fetch` copies all bytes before it returns `Ok`, and `run_given` delivers as a launch without a scope does; uploads are copied
// to pinned memory inside the calls.
unsafe impl Session for CudaSession {
    fn hold(&mut self, array: ArrayId, bytes: usize, _: usize) -> Result<(), Trouble> {
        let card = &self.backend.card;
        let lent = card.enter().and_then(|()| card.pool.lend(bytes as u64));
        let lease = lent.map_err(|failure| self.refused(failure, "attach"))?;
        if self.arrays.len() <= array.0 {
            self.arrays.resize_with(array.0 + 1, || None);
        }
        self.arrays[array.0] = Some(lease);
        Ok(())
    }

    fn release(&mut self, array: ArrayId) {
        // Whoever has the memory next comes behind in the stream.
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
        let (card, to) = (&self.backend.card, self.array(array).address() + offset as u64);
        // SAFETY: the caller vouches for `from` and the range.
        let sent = card.lane().and_then(|mut lane| unsafe { lane.send(to, from, bytes, self.flight.patience()) });
        card.watched(sent).map_err(|failure| self.refused(failure, "attach"))
    }

    fn clear(&mut self, array: ArrayId) -> Result<(), Trouble> {
        let (card, held) = (&self.backend.card, self.array(array));
        let cleared = card.lane().and_then(|mut lane| lane.clear(held.address(), held.bytes()));
        card.watched(cleared).map_err(|failure| self.refused(failure, "attach"))
    }

    unsafe fn download(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        self.flight.wait()?;
        let (card, from) = (&self.backend.card, self.array(array).address() + offset as u64);
        // SAFETY: the caller vouches for `to` and the range.
        let fetched = card.lane().and_then(|mut lane| unsafe { lane.fetch(to, from, bytes, card.patience()) });
        card.watched(fetched).map_err(|failure| self.refused(failure, "read"))
    }

    fn ready(&mut self, launch: &dyn Launch, places: &[Place]) -> Result<(), Trouble> {
        match launch.items() {
            0 => Ok(()),
            // What it gives back must not come from a launch that failed.
            _ if writes_home(launch, places) => self.flight.wait(),
            _ => self.flight.room(),
        }
    }

    fn launch(&mut self, launch: &dyn Launch, places: &[Place], number: u64) -> Result<(), Trouble> {
        self.check_strategy(launch.strategy()).map_err(Trouble::Refused)?;
        if launch.items() == 0 {
            return Ok(());
        }
        if let Some(started) = self.launch_ready(launch, places, number) {
            return started;
        }
        // SAFETY: this is the launch of a session.
        if let Some(mut gathered) = unsafe { Gathered::of(launch) }.map_err(Trouble::Refused)? {
            Session::launch(self, &gathered, places, number)?;
            // SAFETY: the launch has succeeded; one that writes memory of the host's is waited for.
            unsafe { gathered.scatter() };
            return Ok(());
        }
        let _span =
            tracing::debug_span!("launch", kernel = launch.definition().name, device = %self.backend.info.id).entered();
        // Nothing is rebuilt for a kernel that the card cannot run.
        launch.module().map_err(Trouble::Refused)?;
        let mode = launch::mode(launch.output());
        self.backend.kernel(launch.definition(), mode).map_err(Trouble::Refused)?;
        self.keep_images(launch)?;
        let (backend, mut steps) = (Arc::clone(&self.backend), Steps::default());
        let mut exclusive = |span: &Span| span.access == Access::ReadWrite;
        let images = Images::of_those(&backend, launch, &mut steps, &mut exclusive);
        let mut images = images.map_err(Trouble::Refused)?;
        let given = self.given(launch, places, &mut images);
        match writes_home(launch, places) {
            true => self.launch_and_wait(launch, &given, number),
            false => self.launch_and_go(launch, &given, number),
        }?;
        images.write_back(&mut steps);
        Ok(())
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        self.flight.wait()
    }

    fn in_place(&mut self) -> Option<&mut dyn InPlace> {
        Some(self)
    }
}

/// Kernels read up to 16 bytes at once where elements are aligned to them. An argument that lies askew in its array was not
/// attached as what it is now; it is shared, so the host's bytes are as good.
fn is_askew(offset: usize, span: &Span) -> bool {
    !offset.is_multiple_of(1 << span.element_size.trailing_zeros().min(4)) && span.access == Access::Read
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
