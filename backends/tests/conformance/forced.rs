//! A device whose launches have a strategy forced on them where they ask for none, so that the whole suite runs under it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Arc;

use landbridge::argument::{ArgumentView, Form};
use landbridge::backend::{Backend, DeviceInfo};
use landbridge::launch::{Definition, Launch, Output};
use landbridge::types::Ty;
use landbridge::{Device, Extent, Plan, Report, Result, Strategy};

/// The device with this strategy forced on its launches.
pub(crate) fn device(backend: Arc<dyn Backend>, strategy: Strategy) -> Device {
    Device::from_backend(Arc::new(Forced { backend, strategy }), None)
}

struct Forced {
    backend: Arc<dyn Backend>,
    strategy: Strategy,
}

// SAFETY: all is passed on to a backend that keeps the promise, with a launch that passes all on.
unsafe impl Backend for Forced {
    fn info(&self) -> &Arc<DeviceInfo> {
        self.backend.info()
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        self.backend.plan(&Strict { launch, strategy: self.strategy })
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        self.backend.prepare(definition)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        self.backend.launch(&Strict { launch, strategy: self.strategy })
    }
}

struct Strict<'l> {
    launch: &'l dyn Launch,
    strategy: Strategy,
}

// SAFETY: all but the strategy is that of a launch that keeps the promise.
unsafe impl Launch for Strict<'_> {
    fn definition(&self) -> &'static Definition {
        self.launch.definition()
    }

    fn extent(&self) -> Extent {
        self.launch.extent()
    }

    fn items(&self) -> usize {
        self.launch.items()
    }

    fn strategy(&self) -> Strategy {
        match self.launch.strategy() {
            Strategy::Auto => self.strategy,
            asked => asked,
        }
    }

    fn describe(&self, visit: &mut dyn FnMut(ArgumentView)) {
        self.launch.describe(visit);
    }

    unsafe fn relocate(&self, data: &[*mut MaybeUninit<u8>]) -> bool {
        // SAFETY: passed on.
        unsafe { self.launch.relocate(data) }
    }

    fn forms(&self) -> &'static [Form] {
        self.launch.forms()
    }

    fn result(&self) -> Option<Ty> {
        self.launch.result()
    }

    fn output(&self) -> Output {
        self.launch.output()
    }

    unsafe fn run(&self, items: Range<usize>) {
        // SAFETY: passed on.
        unsafe { self.launch.run(items) };
    }

    fn tally_words(&self) -> Option<usize> {
        self.launch.tally_words()
    }

    unsafe fn run_tallied(&self, items: Range<usize>, in_place: bool, tables: &mut [u32]) {
        // SAFETY: passed on.
        unsafe { self.launch.run_tallied(items, in_place, tables) };
    }

    unsafe fn add_tally(&self, table: &[u32]) {
        // SAFETY: passed on.
        unsafe { self.launch.add_tally(table) };
    }

    unsafe fn fold(&self, partials: *const MaybeUninit<u8>, count: usize) {
        // SAFETY: passed on.
        unsafe { self.launch.fold(partials, count) };
    }
}
