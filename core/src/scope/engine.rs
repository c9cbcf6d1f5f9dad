//! What a scope does apart from types and lifetimes: it knows what is attached, asks the ledger, and drives the session.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use super::report::ScopeReport;
use crate::argument::{Access, ArgumentView, Span};
use crate::backend::DeviceInfo;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::launch::Launch;
use crate::residency::{ArrayId, Ledger, Residency, Side, Transfer, Why};
use crate::session::{Place, Session, Trouble};

/// The user's memory of an array. It stays borrowed as long as the scope, by the attaching function's signature.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    pub(super) address: *mut MaybeUninit<u8>,
    pub(super) bytes: usize,
    pub(super) writable: bool,
}

/// A scope while it lasts.
pub(super) struct Engine {
    device: Device,
    /// `None`: the device launches on the user's memory, one by one.
    session: Option<Box<dyn Session>>,
    ledger: Ledger,
    /// By array.
    memory: Vec<Memory>,
    /// By array: the session has room for it.
    held: Vec<bool>,
    /// Arrays by their first address; detached ones and those without bytes are missing.
    attached: BTreeMap<usize, ArrayId>,
    launches: u64,
    /// How many of them the session ran on the user's memory.
    in_place: u64,
    /// Number of the first launch that failed, and how. From then on nothing is launched.
    failure: Option<(u64, Error)>,
    on_host: Vec<(&'static str, String, u64)>,
    along: u64,
    along_home: u64,
    /// What did not walk home, and why.
    stayed: Vec<String>,
    start: Instant,
    /// Where the arguments of the launch at hand are; kept for its allocation.
    places: Vec<Place>,
    /// The arrays that the launch at hand uses; kept for its allocation.
    used: Vec<(ArrayId, Access)>,
}

/// What a scope could not do at its end.
pub(super) struct Unfinished {
    pub(super) error: Error,
    /// Arrays whose bytes on the device did not come home.
    pub(super) not_home: Vec<String>,
}

impl Engine {
    pub(super) fn open(device: &Device) -> Result<Self> {
        Ok(Engine {
            session: device.session()?,
            device: device.clone(),
            ledger: Ledger::default(),
            memory: Vec::new(),
            held: Vec::new(),
            attached: BTreeMap::new(),
            launches: 0,
            in_place: 0,
            failure: None,
            on_host: Vec::new(),
            along: 0,
            along_home: 0,
            stayed: Vec::new(),
            start: Instant::now(),
            places: Vec::new(),
            used: Vec::new(),
        })
    }

    /// Takes note of an array. `zeroed`: its bytes count as zeros.
    pub(super) fn attach(&mut self, name: String, memory: Memory, zeroed: bool) -> ArrayId {
        let id = self.ledger.attach(name, memory.bytes as u64, zeroed);
        self.memory.push(memory);
        self.held.push(false);
        if memory.bytes > 0 {
            // Of arrays that start at one address (shared ones can) the longest serves all.
            let known = self.attached.entry(memory.address.addr()).or_insert(id);
            if self.memory[known.0].bytes < memory.bytes {
                *known = id;
            }
        }
        if zeroed && self.session.is_none() {
            self.fill_with_zeros(id);
            self.ledger.done(id, Transfer::Clear(Side::Host), Why::End);
        }
        id
    }

    /// Launches, on the host if the device cannot.
    pub(super) fn launch(&mut self, launch: &dyn Launch) -> Result<()> {
        self.check()?;
        if self.session.is_none() {
            self.device.launch(launch)?;
            self.launches += 1;
            return Ok(());
        }
        self.locate(launch);
        if self.session.as_mut().and_then(|session| session.in_place()).is_some_and(|session| session.takes(launch)) {
            return self.launch_in_place(launch);
        }
        match self.launch_on_device(launch) {
            Ok(()) => Ok(()),
            Err(Trouble::Refused(error)) if error.host_can_help() => self.launch_on_host(launch, error),
            Err(trouble) => Err(self.note(trouble)),
        }
    }

    /// Finds the arrays that the launch uses: `places` and `used`.
    fn locate(&mut self, launch: &dyn Launch) {
        let Engine { places, used, attached, memory, .. } = self;
        places.clear();
        used.clear();
        launch.describe(&mut |view| {
            let found = match view {
                ArgumentView::Span(span) => find(attached, memory, &span).map(|(id, offset)| (id, offset, span.access)),
                ArgumentView::Uniform { .. } | ArgumentView::Index => return places.push(Place::Nowhere),
            };
            places.push(match found {
                Some((array, offset, access)) => {
                    used.push((array, access));
                    Place::Held { array, offset }
                }
                None => Place::Host,
            });
        });
    }

    fn launch_on_device(&mut self, launch: &dyn Launch) -> Result<(), Trouble> {
        let kernel = launch.definition().name;
        for k in 0..self.used.len() {
            self.prepare_on_device(self.used[k].0, kernel)?;
        }
        let number = self.launches + 1;
        let Some(session) = &mut self.session else { return Ok(()) };
        // What an earlier launch failed with is no reason to count this one as having written.
        session.ready(launch, &self.places)?;
        let done = session.launch(launch, &self.places, number);
        if !matches!(done, Err(Trouble::Refused(_))) {
            self.launches = number;
            for &(id, access) in &self.used {
                if access == Access::ReadWrite {
                    self.ledger.written_on_device(id, number);
                }
            }
            self.along += along(launch, &self.places);
        }
        done
    }

    /// Launches on the user's memory.
    fn launch_in_place(&mut self, launch: &dyn Launch) -> Result<()> {
        let kernel = launch.definition().name;
        for k in 0..self.used.len() {
            self.bring_home(self.used[k].0, Why::InPlace(kernel))?;
        }
        let Engine { session, ledger, places, along, .. } = self;
        let Some(session) = session.as_mut().and_then(|session| session.in_place()) else { return Ok(()) };
        let done = session.launch(launch, &mut |position, bytes| match places[position] {
            Place::Held { array, .. } => ledger.walked(array, Side::Device, bytes, Why::Kernel(kernel)),
            Place::Host | Place::Nowhere => *along += bytes,
        });
        self.wrote_on_host();
        match done {
            Err(error) if error.host_can_help() => self.launch_on_host(launch, error),
            Err(error) => Err(error),
            Ok(()) => {
                self.launches += 1;
                self.in_place += 1;
                Ok(())
            }
        }
    }

    /// What the launch at hand may have written is valid in the user's memory only. Also when it failed: some items have run.
    fn wrote_on_host(&mut self) {
        for &(id, access) in &self.used {
            if access == Access::ReadWrite {
                self.ledger.written_on_host(id);
            }
        }
    }

    /// Makes the array's bytes valid on the device.
    fn prepare_on_device(&mut self, id: ArrayId, kernel: &'static str) -> Result<(), Trouble> {
        let Some(transfer) = self.ledger.needed(id, Side::Device) else { return Ok(()) };
        let Some(session) = &mut self.session else { return Ok(()) };
        let Memory { address, bytes, .. } = self.memory[id.0];
        if !self.held[id.0] {
            session.hold(id, bytes, address.addr())?;
            self.held[id.0] = true;
        }
        match transfer {
            Transfer::Clear(_) => session.clear(id)?,
            // SAFETY: all of the array, which is borrowed as long as the scope and which nobody writes during the call.
            Transfer::Copy(_) => unsafe { session.upload(id, 0, address, bytes) }?,
        }
        self.ledger.done(id, transfer, Why::Kernel(kernel));
        Ok(())
    }

    /// Runs a launch on the host, because the device refused it.
    #[cold]
    fn launch_on_host(&mut self, launch: &dyn Launch, refused: Error) -> Result<()> {
        let Some(host) = self.device.fallback() else { return Err(refused) };
        let kernel = launch.definition().name;
        tracing::info!(kernel, %refused, "a launch of a scope runs on the host");
        for k in 0..self.used.len() {
            self.bring_home(self.used[k].0, Why::HostKernel(kernel))?;
        }
        let done = host.launch(launch);
        self.wrote_on_host();
        if let Err(error) = done {
            // The host has no such strategy: what the device lacks is the better answer.
            return Err(if matches!(error, Error::StrategyUnavailable { .. }) { refused } else { error });
        }
        self.launches += 1;
        match self.on_host.iter_mut().find(|line| line.0 == kernel) {
            Some(line) => line.2 += 1,
            None => self.on_host.push((kernel, refused.to_string(), 1)),
        }
        Ok(())
    }

    /// Makes the array's bytes valid in the user's memory.
    fn bring_home(&mut self, id: ArrayId, why: Why) -> Result<()> {
        let Some(transfer) = self.ledger.needed(id, Side::Host) else { return Ok(()) };
        match transfer {
            Transfer::Clear(_) => self.fill_with_zeros(id),
            Transfer::Copy(_) => self.download(id)?,
        }
        self.ledger.done(id, transfer, why);
        Ok(())
    }

    fn download(&mut self, id: ArrayId) -> Result<()> {
        if let Some((failed, error)) = &self.failure
            && (*failed == 0 || self.ledger.array(id).written_by.is_some_and(|launch| launch >= *failed))
        {
            return Err(error.clone());
        }
        let Memory { address, bytes, .. } = self.memory[id.0];
        let Some(session) = &mut self.session else { return Ok(()) };
        // SAFETY: all of the array. It is valid on the device only, so it was written there, so it is borrowed exclusively as
        // long as the scope; views of it on the host live only during launches.
        unsafe { session.download(id, 0, address, bytes) }.map_err(|trouble| self.note(trouble))
    }

    fn fill_with_zeros(&self, id: ArrayId) {
        let Memory { address, bytes, .. } = self.memory[id.0];
        // SAFETY: only arrays that were attached exclusively and with a type for which zeros are a value get here.
        unsafe { address.write_bytes(0, bytes) };
    }

    /// Copies a part of an array for the program to read.
    ///
    /// # Safety
    /// The range lies in the array, and `to` is valid for writes of its length.
    pub(super) unsafe fn read(&mut self, id: ArrayId, range: Range<usize>, to: *mut MaybeUninit<u8>) -> Result<()> {
        self.check()?;
        if range.is_empty() {
            return Ok(());
        }
        let Memory { address, .. } = self.memory[id.0];
        match (self.ledger.array(id).residency, &mut self.session) {
            (Residency::Device, Some(session)) => {
                // SAFETY: the caller vouches for the range and for `to`.
                unsafe { session.download(id, range.start, to, range.len()) }.map_err(|trouble| self.note(trouble))?;
                self.ledger.read(id, range.len() as u64);
            }
            // SAFETY: as above.
            (Residency::Zero, _) => unsafe { to.write_bytes(0, range.len()) },
            // SAFETY: as above; the program's buffer is none of the scope's arrays.
            _ => unsafe { address.add(range.start).copy_to_nonoverlapping(to, range.len()) },
        }
        Ok(())
    }

    /// Writes a part of an array for the program.
    ///
    /// # Safety
    /// The range lies in the array, which is borrowed exclusively, and `from` is valid for reads of its length.
    pub(super) unsafe fn write(
        &mut self,
        id: ArrayId,
        range: Range<usize>,
        from: *const MaybeUninit<u8>,
    ) -> Result<()> {
        self.check()?;
        if range.is_empty() {
            return Ok(());
        }
        if let (Side::Device, Some(session)) = (self.ledger.write_goes_to(id), &mut self.session) {
            // SAFETY: the caller vouches for the range and for `from`.
            unsafe { session.upload(id, range.start, from, range.len()) }.map_err(|trouble| self.note(trouble))?;
            self.ledger.write(id, range.len() as u64);
            return Ok(());
        }
        self.bring_home(id, Why::Write)?;
        let Memory { address, .. } = self.memory[id.0];
        // SAFETY: as above; the program's slice is none of the scope's arrays.
        unsafe { from.copy_to_nonoverlapping(address.add(range.start), range.len()) };
        self.ledger.written_on_host(id);
        Ok(())
    }

    /// Brings an array home and gives its room on the device back. It can be used as plain memory of the host afterwards.
    pub(super) fn detach(&mut self, id: ArrayId) -> Result<()> {
        self.check()?;
        self.bring_home(id, Why::Detached)?;
        let Memory { address, .. } = self.memory[id.0];
        if self.attached.get(&address.addr()) == Some(&id) {
            self.attached.remove(&address.addr());
        }
        if std::mem::take(&mut self.held[id.0])
            && let Some(session) = &mut self.session
        {
            session.release(id);
        }
        Ok(())
    }

    /// Waits for the device and brings everything home that can be.
    pub(super) fn finish(&mut self) -> Option<Unfinished> {
        if self.failure.is_none()
            && let Some(session) = &mut self.session
            && let Err(trouble) = session.wait()
        {
            self.note(trouble);
        }
        let (mut not_home, mut first) = (Vec::new(), None);
        for k in 0..self.memory.len() {
            if let (true, Err(error)) = (self.memory[k].writable, self.bring_home(ArrayId(k), Why::End)) {
                not_home.push(self.ledger.array(ArrayId(k)).name.clone());
                first.get_or_insert(error);
            }
        }
        self.leave();
        let error = self.failure.take().map(|(_, error)| error).or(first)?;
        Some(Unfinished { error, not_home })
    }

    /// Lets pages walk home.
    fn leave(&mut self) {
        let Engine { session, ledger, attached, memory, along_home, stayed, .. } = self;
        let Some(session) = session.as_mut().and_then(|session| session.in_place()) else { return };
        session.leave(&mut |came| {
            let array = holder(attached, memory, &came.argument);
            if let Some(why) = came.stayed {
                let name = array.map_or("an argument that is not attached", |(id, _)| &ledger.array(id).name);
                stayed.push(format!("{name}: {why}"));
            }
            match array.filter(|_| came.bytes > 0) {
                Some((id, _)) => ledger.walked(id, Side::Host, came.bytes, Why::End),
                None => *along_home += came.bytes,
            }
        });
    }

    /// What the scope did.
    pub(super) fn report(&mut self) -> ScopeReport {
        ScopeReport {
            device: Arc::<DeviceInfo>::clone(self.device.info_arc()),
            in_place: self.session.is_none() || (self.in_place > 0 && self.in_place == self.launches),
            launches: self.launches,
            on_host: std::mem::take(&mut self.on_host),
            arrays: std::mem::take(&mut self.ledger).into_arrays(),
            along: self.along,
            along_home: self.along_home,
            stayed: std::mem::take(&mut self.stayed),
            time: self.start.elapsed(),
        }
    }

    /// # Errors
    /// What a launch failed with.
    fn check(&self) -> Result<()> {
        match &self.failure {
            None => Ok(()),
            Some((_, error)) => Err(error.clone()),
        }
    }

    /// The error for the caller; a failed launch is remembered.
    #[cold]
    fn note(&mut self, trouble: Trouble) -> Error {
        match trouble {
            Trouble::Refused(error) => error,
            Trouble::Failed { launch, error } => {
                tracing::debug!(launch, %error, "a launch of a scope failed");
                self.failure.get_or_insert((launch, error)).1.clone()
            }
        }
    }
}

/// The array that a span lies in, and where in it.
fn find(attached: &BTreeMap<usize, ArrayId>, memory: &[Memory], span: &Span) -> Option<(ArrayId, usize)> {
    let start = span.data.addr();
    holder(attached, memory, &(start..start + span.bytes()))
}

/// The array that some bytes lie in, and where in it.
fn holder(attached: &BTreeMap<usize, ArrayId>, memory: &[Memory], bytes: &Range<usize>) -> Option<(ArrayId, usize)> {
    if bytes.is_empty() {
        return None;
    }
    let (&first, &id) = attached.range(..=bytes.start).next_back()?;
    (bytes.end - first <= memory[id.0].bytes).then_some((id, bytes.start - first))
}

/// Bytes of the launch's arguments that are in no array.
fn along(launch: &dyn Launch, places: &[Place]) -> u64 {
    if places.iter().all(|place| *place != Place::Host) {
        return 0;
    }
    let (mut bytes, mut position) = (0, 0);
    launch.describe(&mut |view| {
        if let (ArgumentView::Span(span), Place::Host) = (view, places[position]) {
            bytes += span.bytes() as u64;
        }
        position += 1;
    });
    bytes
}
