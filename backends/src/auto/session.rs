//! A scope on the device that chooses: data goes to a device and stays there when that pays for the launches that the scope
//! will make, by the planner; other launches run in place, wherever the device that chooses sends them.
//!
//! How many launches will follow nobody says: as many as the scope has made of the kernel is the guess. Moving data is decided
//! at the first launch of a kernel, the second, the fourth and so on, so most launches are not asked about; and whenever a
//! launch needs what only the device has.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::argument::{Access, Span};
use landbridge_core::launch::Launch;
use landbridge_core::planner::{AtHome, Kept as OnDevice, Load, keeps};
use landbridge_core::residency::ArrayId;
use landbridge_core::session::{CameHome, InPlace, Place, Session, Trouble};
use landbridge_core::{DeviceKind, Error, Result, Strategy};

use super::kept::{Kept, spans};
use super::{Auto, kernel};

/// A scope's data, some of it on a device.
pub(super) struct AutoSession {
    auto: Arc<Auto>,
    /// Opened when a launch first goes there; the scope stays with it.
    device: Option<Keeping>,
    /// By array, those that have room on the device.
    arrays: Vec<Option<Array>>,
    kernels: HashMap<u64, Kernel>,
}

/// The device that keeps data.
struct Keeping {
    /// As [`Auto`] counts.
    number: usize,
    session: Box<dyn Session>,
    window: Option<Window>,
}

/// Launches of one kernel since the device was last waited for, with nothing else between them.
struct Window {
    kernel: u64,
    load: Load,
    begin: Instant,
    launches: u32,
}

#[derive(Clone, Copy, Debug)]
struct Array {
    at: usize,
    bytes: usize,
    /// The device's bytes are valid.
    there: bool,
    /// Only those are.
    only_there: bool,
}

/// What is decided for a kernel.
#[derive(Clone, Copy, Debug, Default)]
struct Kernel {
    launches: u32,
    /// Asked again when there have been so many.
    next: u32,
    there: bool,
}

/// What a launch needs of what is where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bytes {
    /// Not on the device yet.
    into: usize,
    /// Written, and not only on the device before.
    back: usize,
    /// Only on the device.
    only_there: usize,
}

impl AutoSession {
    pub(super) fn new(auto: Arc<Auto>) -> Self {
        AutoSession { auto, device: None, arrays: vec![], kernels: HashMap::new() }
    }

    fn array(&self, span: &Span) -> Option<&Array> {
        let start = span.data.addr();
        let holds = |array: &&Array| array.at <= start && start + span.bytes() <= array.at + array.bytes;
        self.arrays.iter().flatten().find(holds)
    }

    fn bytes(&self, launch: &dyn Launch) -> Bytes {
        let mut bytes = Bytes::default();
        for span in spans(launch) {
            let array = self.array(&span);
            // An array crosses as a whole.
            let whole = array.map_or(span.bytes(), |array| array.bytes);
            let there = array.is_some_and(|array| array.there);
            let only_there = array.is_some_and(|array| array.only_there);
            bytes.into += if there { 0 } else { whole };
            bytes.only_there += if only_there { whole } else { 0 };
            bytes.back += if span.access == Access::ReadWrite && !only_there { whole } else { 0 };
        }
        bytes
    }

    /// Whether a launch goes to the device that keeps data.
    fn goes(&mut self, launch: &dyn Launch) -> bool {
        if launch.strategy() != Strategy::Auto {
            return false;
        }
        let bytes = self.bytes(launch);
        if bytes.only_there == 0 && self.auto.obviously_host(launch) {
            return false;
        }
        let known = self.kernels.entry(kernel(launch)).or_default();
        known.launches = known.launches.saturating_add(1);
        let as_before = if known.there { bytes.into == 0 } else { bytes.only_there == 0 };
        if as_before && known.launches < known.next {
            return known.there;
        }
        known.next = known.launches.saturating_mul(2);
        let launches = f64::from(known.launches);
        let goes = self.pays(launch, launches, bytes);
        self.kernels.entry(kernel(launch)).or_default().there = goes;
        goes
    }

    fn pays(&mut self, launch: &dyn Launch, launches: f64, bytes: Bytes) -> bool {
        let in_place = self.auto.predict_in_place(launch);
        let numbers = match &self.device {
            Some(device) => device.number..device.number + 1,
            None => 1..self.auto.others.len() + 1,
        };
        let mut best: Option<(f64, usize)> = None;
        for number in numbers {
            let Some((device, home)) = self.costs(launch, number, bytes, in_place) else { continue };
            if keeps(launches, &device, &home)
                && let Some(run) = device.run
                && best.is_none_or(|(other, _)| device.into + launches * run < other)
            {
                best = Some((device.into + launches * run, number));
            }
        }
        best.is_some_and(|(_, number)| self.open(number))
    }

    /// What the launch costs on a device and at home; `None` if it cannot go there, or nobody knows.
    fn costs(
        &self,
        launch: &dyn Launch,
        number: usize,
        bytes: Bytes,
        in_place: Option<f64>,
    ) -> Option<(OnDevice, AtHome)> {
        let info = self.auto.others[number - 1].info();
        // Nodes work in place; their pages move by their own rules.
        if info.kind == DeviceKind::Node || self.auto.refuses(launch, number) {
            return None;
        }
        let rates = Kept::of(info)?;
        let seen = self.auto.memory.kept(kernel(launch), number, Load::of(launch));
        let run = seen.or_else(|| rates.run(launch));
        let (into, back) = (rates.way_there(bytes.into), rates.way_home(bytes.back));
        let home = AtHome { run: in_place, fetch: rates.way_home(bytes.only_there) };
        Some((OnDevice { run, measured: seen.is_some(), into, back }, home))
    }

    fn open(&mut self, number: usize) -> bool {
        if self.device.is_some() {
            return true;
        }
        match Arc::clone(&self.auto.others[number - 1]).session() {
            Ok(Some(session)) => self.device = Some(Keeping { number, session, window: None }),
            Ok(None) => {}
            Err(error) => tracing::info!(%error, "no data can be kept there"),
        }
        self.device.is_some()
    }

    fn inner(&mut self) -> &mut dyn Session {
        &mut *self.device.as_mut().expect("the scope asks only once a launch has gone to the device").session
    }

    /// The device has been waited for: what its launches took is known.
    fn settle(&mut self) {
        let Some(device) = &mut self.device else { return };
        // One alone says more of the wait than of the launch.
        if let Some(window) = device.window.take().filter(|window| window.launches > 1) {
            let seconds = window.begin.elapsed().as_secs_f64() / f64::from(window.launches);
            self.auto.memory.note_kept(window.kernel, device.number, window.load, seconds);
        }
    }

    /// A transfer makes the time since the last wait say nothing of launches.
    fn disturb(&mut self) {
        if let Some(device) = &mut self.device {
            device.window = None;
        }
    }

    /// Notes a launch that is on its way.
    fn submitted(&mut self, launch: &dyn Launch) {
        let (kernel, load) = (kernel(launch), Load::of(launch));
        let Some(device) = &mut self.device else { return };
        match &mut device.window {
            Some(window) if window.kernel == kernel && window.load == load => window.launches += 1,
            other => *other = Some(Window { kernel, load, begin: Instant::now(), launches: 1 }),
        }
    }

    /// Notes what a launch writes: on the device, or in the user's memory.
    fn wrote(&mut self, launch: &dyn Launch, on_device: bool) {
        for span in spans(launch).iter().filter(|span| span.access == Access::ReadWrite) {
            let start = span.data.addr();
            let holds = |array: &&mut Array| array.at <= start && start + span.bytes() <= array.at + array.bytes;
            for array in self.arrays.iter_mut().flatten().filter(holds) {
                (array.there, array.only_there) = (on_device, on_device);
            }
        }
    }

    fn change(&mut self, array: ArrayId, change: impl FnOnce(&mut Array)) {
        if let Some(array) = self.arrays.get_mut(array.0).and_then(Option::as_mut) {
            change(array);
        }
    }
}

// SAFETY: the device's session keeps the promises; without it nothing is held, so nothing is asked for.
unsafe impl Session for AutoSession {
    fn hold(&mut self, array: ArrayId, bytes: usize, at: usize) -> Result<(), Trouble> {
        self.inner().hold(array, bytes, at)?;
        if self.arrays.len() <= array.0 {
            self.arrays.resize(array.0 + 1, None);
        }
        self.arrays[array.0] = Some(Array { at, bytes, there: false, only_there: false });
        Ok(())
    }

    fn release(&mut self, array: ArrayId) {
        self.inner().release(array);
        if let Some(array) = self.arrays.get_mut(array.0) {
            *array = None;
        }
    }

    unsafe fn upload(
        &mut self,
        array: ArrayId,
        offset: usize,
        from: *const MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        self.disturb();
        // SAFETY: passed on.
        unsafe { self.inner().upload(array, offset, from, bytes) }?;
        // A part is written only where the device's bytes are the valid ones.
        self.change(array, |array| array.there = true);
        Ok(())
    }

    fn clear(&mut self, array: ArrayId) -> Result<(), Trouble> {
        self.disturb();
        self.inner().clear(array)?;
        self.change(array, |array| (array.there, array.only_there) = (true, true));
        Ok(())
    }

    unsafe fn download(
        &mut self,
        array: ArrayId,
        offset: usize,
        to: *mut MaybeUninit<u8>,
        bytes: usize,
    ) -> Result<(), Trouble> {
        // Before the copy, which is no part of them.
        if self.device.as_ref().is_some_and(|device| device.window.is_some()) {
            self.wait()?;
        }
        // SAFETY: passed on.
        unsafe { self.inner().download(array, offset, to, bytes) }?;
        self.change(array, |array| array.only_there &= offset > 0 || bytes < array.bytes);
        Ok(())
    }

    fn ready(&mut self, launch: &dyn Launch, places: &[Place]) -> Result<(), Trouble> {
        self.inner().ready(launch, places)
    }

    fn launch(&mut self, launch: &dyn Launch, places: &[Place], number: u64) -> Result<(), Trouble> {
        let auto = Arc::clone(&self.auto);
        let _running = auto.probes.as_ref().map(crate::probe::Background::launch);
        self.submitted(launch);
        let done = self.inner().launch(launch, places, number);
        match &done {
            Err(Trouble::Refused(error)) => {
                let device = self.device.as_ref().map_or(0, |device| device.number);
                self.auto.refusals.note(kernel(launch), device, Load::of(launch).bytes, error);
                self.kernels.entry(kernel(launch)).or_default().there = false;
                self.disturb();
                // The scope runs it on the host.
                self.wrote(launch, false);
            }
            _ => self.wrote(launch, true),
        }
        done
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        if self.device.is_none() {
            return Ok(());
        }
        self.inner().wait()?;
        self.settle();
        Ok(())
    }

    fn in_place(&mut self) -> Option<&mut dyn InPlace> {
        Some(self)
    }
}

// SAFETY: as for the device that chooses, which waits for each of these.
unsafe impl InPlace for AutoSession {
    fn takes(&mut self, launch: &dyn Launch) -> bool {
        !self.goes(launch)
    }

    fn launch(&mut self, launch: &dyn Launch, walked: &mut dyn FnMut(usize, u64)) -> Result<(), Error> {
        self.disturb();
        let done = self.auto.launch_in_place(launch);
        self.wrote(launch, false);
        let report = done?;
        if report.device.kind == DeviceKind::Node {
            let moved = report.arguments.iter().filter(|argument| argument.strategy == Strategy::Migrate);
            for argument in moved.filter(|argument| argument.bytes_in > 0) {
                let position = report.parameters.iter().position(|name| *name == argument.name);
                walked(position.unwrap_or(0), argument.bytes_in);
            }
        }
        Ok(())
    }

    fn leave(&mut self, _: &mut dyn FnMut(CameHome)) {}
}
