//! Devices whose launches have a strategy forced on them where they ask for none, so that whole suites run under it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use landbridge::argument::{ArgumentView, Form};
use landbridge::backend::{Backend, DeviceInfo};
use landbridge::launch::{Definition, Launch, Output};
use landbridge::residency::ArrayId;
use landbridge::session::{CameHome, InPlace, Place, Session, Trouble};
use landbridge::types::Ty;
use landbridge::{Device, Extent, Plan, Report, Result, Strategy};
use landbridge_backends::numa::backend::{NodeBackend, NodeOptions};
use landbridge_backends::numa::topology;

/// The first node, which is there on any machine, and the one that looks most like a device's, if there is one; under
/// every strategy that they have.
pub(crate) fn nodes() -> &'static [Device] {
    static NODES: LazyLock<Vec<Device>> = LazyLock::new(|| {
        let topology = topology();
        let device = topology.device_nodes().first().map(|node| node.id);
        let numbers = std::iter::once(topology.nodes[0].id).chain(device);
        let open = |number| NodeBackend::open(topology, number, &NodeOptions::default());
        let opened = numbers.map(|number| Arc::new(open(number).expect("a node that the topology lists")));
        let strategies = [Strategy::Auto, Strategy::Migrate, Strategy::Copy];
        opened.flat_map(|node| strategies.map(|strategy| device_by(node.clone(), strategy))).collect()
    });
    &NODES
}

/// The device with this strategy forced on its launches.
fn device_by(backend: Arc<dyn Backend>, strategy: Strategy) -> Device {
    let info = backend.info();
    let info = Arc::new(DeviceInfo { name: format!("{}, by {strategy}", info.name), ..DeviceInfo::clone(info) });
    Device::from_backend(Arc::new(Forced { backend, strategy, info }), None)
}

struct Forced {
    backend: Arc<dyn Backend>,
    strategy: Strategy,
    info: Arc<DeviceInfo>,
}

// SAFETY: all is passed on to a backend that keeps the promise, with a launch that passes all on.
unsafe impl Backend for Forced {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
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

    fn session(self: Arc<Self>) -> Result<Option<Box<dyn Session>>> {
        let session = self.backend.clone().session()?;
        Ok(session.map(|session| Box::new(ForcedSession { session, strategy: self.strategy }) as Box<dyn Session>))
    }
}

struct ForcedSession {
    session: Box<dyn Session>,
    strategy: Strategy,
}

// SAFETY: all is passed on to a session that keeps the promise, with launches that pass all on.
unsafe impl Session for ForcedSession {
    fn hold(&mut self, array: ArrayId, bytes: usize, at: usize) -> Result<(), Trouble> {
        self.session.hold(array, bytes, at)
    }

    fn release(&mut self, array: ArrayId) {
        self.session.release(array);
    }

    unsafe fn upload(
        &mut self,
        array: ArrayId,
        offset: usize,
        from: *const MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        // SAFETY: passed on.
        unsafe { self.session.upload(array, offset, from, bytes) }
    }

    fn clear(&mut self, array: ArrayId) -> Result<(), Trouble> {
        self.session.clear(array)
    }

    unsafe fn download(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        // SAFETY: passed on.
        unsafe { self.session.download(array, offset, to, bytes) }
    }

    fn ready(&mut self, launch: &dyn Launch, places: &[Place]) -> Result<(), Trouble> {
        self.session.ready(&Strict { launch, strategy: self.strategy }, places)
    }

    fn launch(&mut self, launch: &dyn Launch, places: &[Place], number: u64) -> Result<(), Trouble> {
        self.session.launch(&Strict { launch, strategy: self.strategy }, places, number)
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        self.session.wait()
    }

    fn in_place(&mut self) -> Option<&mut dyn InPlace> {
        self.session.in_place().is_some().then_some(self)
    }
}

impl ForcedSession {
    fn inner(&mut self) -> &mut dyn InPlace {
        self.session.in_place().expect("asked for only where there is one")
    }
}

// SAFETY: as above.
unsafe impl InPlace for ForcedSession {
    fn takes(&mut self, launch: &dyn Launch) -> bool {
        let strategy = self.strategy;
        self.inner().takes(&Strict { launch, strategy })
    }

    fn launch(&mut self, launch: &dyn Launch, walked: &mut dyn FnMut(usize, u64)) -> Result<()> {
        let strategy = self.strategy;
        self.inner().launch(&Strict { launch, strategy }, walked)
    }

    fn leave(&mut self, came_home: &mut dyn FnMut(CameHome)) {
        self.inner().leave(came_home);
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
