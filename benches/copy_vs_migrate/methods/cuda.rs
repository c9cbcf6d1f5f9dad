//! Ways through a card of CUDA, where the program is built with the feature `cuda`.

use std::sync::Arc;

use landbridge::Error;
use landbridge::backend::Backend;
use landbridge::backends::cuda::CudaBackend;
use landbridge::backends::probe::{self, Effort};
use landbridge::planner::{Quantity, Rates};
use landbridge::prelude::*;

use super::super::cases::{Case, Pages, Pattern};
use super::super::kernels::{chase, gather, pick, update_first};
use super::data::Data;
use super::known::{Kernel, Known};
use super::{Clock, Parts, Refusal, Way, Ways, uses};

const KINDS: [Kind; 4] = [Kind::Copy, Kind::Map, Kind::Direct, Kind::Migrate];

/// Adds those of the first card; why there are none otherwise.
pub(super) fn add(ways: &mut Ways, data: &mut Data, effort: Effort) -> Result<(), Refusal> {
    let backend = match CudaBackend::open(0) {
        Ok(backend) => Arc::new(backend),
        Err(why) => {
            KINDS.into_iter().for_each(|kind| ways.absent(kind.name(), why.to_string()));
            return Ok(());
        }
    };
    let device = Device::from_backend(backend.clone(), None);
    let backend: Arc<dyn Backend> = backend;
    let rates = probe::device(&backend, effort)?.with(Rates::clone);
    let kernel = Kernel::learn(|case| {
        data.lay_out(case)?;
        let parts = resident(&device, case, data)?;
        Ok(parts.iter().filter(|part| part.0 == "uses").map(|part| part.1).sum())
    })?;
    for kind in KINDS {
        let support = device.info().strategies.iter().find(|support| support.strategy == kind.strategy());
        match support.and_then(|support| support.missing.as_ref()) {
            Some(why) => ways.absent(kind.name(), why.clone()),
            None => ways.here.push(Box::new(OnCard { kind, device: device.clone(), rates: rates.clone(), kernel })),
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Copy,
    Map,
    Direct,
    Migrate,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Copy => "cuda copy",
            Kind::Map => "cuda map",
            Kind::Direct => "cuda direct",
            Kind::Migrate => "cuda migrate",
        }
    }

    fn strategy(self) -> Strategy {
        match self {
            Kind::Copy => Strategy::Copy,
            Kind::Map => Strategy::Map,
            Kind::Direct => Strategy::Direct,
            Kind::Migrate => Strategy::Migrate,
        }
    }
}

struct OnCard {
    kind: Kind,
    device: Device,
    rates: Rates,
    kernel: Kernel,
}

impl Way for OnCard {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn about(&self) -> &'static str {
        match self.kind {
            Kind::Copy => "copied to the card once, used there, all copied back if some was written",
            Kind::Map => "registered for each use, and read over the bus",
            Kind::Direct => "used where it is, at the same addresses",
            Kind::Migrate => "pages that move to the card for the first use",
        }
    }

    fn suits(&self, case: &Case) -> bool {
        case.pages != Pages::Unmapped
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        if self.kind == Kind::Copy {
            return Ok(resident(&self.device, case, data)?);
        }
        let mut clock = Clock::start();
        let source = &mut data.source.slice_mut()[..case.bytes];
        uses::all(&self.device, case, 0, source, &mut data.results, self.kind.strategy())?;
        clock.lap("uses");
        Ok(clock.parts)
    }

    fn predict(&self, case: &Case, _: &Known) -> Option<f64> {
        let bytes = case.bytes as f64;
        let uses = self.kernel.uses(case, None);
        let input = bytes / self.rates.get(Quantity::CopyIn)?;
        let back = if case.written > 0.0 { bytes / self.rates.get(Quantity::CopyOut)? } else { 0.0 };
        Some(match self.kind {
            Kind::Copy | Kind::Migrate => uses + input + back,
            Kind::Direct => uses + f64::from(case.reuse) * (input + back),
            Kind::Map => {
                let map = self.rates.get(Quantity::MapLatency)?
                    + bytes * self.rates.get(Quantity::MapByte).unwrap_or(0.0)
                    + input;
                uses + f64::from(case.reuse) * (map + back)
            }
        })
    }
}

/// Copied once, used on the card, copied back if written. What is measured ends before results come home.
fn resident(device: &Device, case: &Case, data: &mut Data) -> Result<Parts, Error> {
    let source = &mut data.source.slice_mut()[..case.bytes];
    let results = &mut data.results[..case.items()];
    device.scope(|s| {
        let mut y = s.attach_zeroed(results);
        let mut clock = Clock::start();
        if case.pattern == Pattern::Chase {
            let (hops, apart) = uses::walk(case);
            let places = s.attach(bytemuck::cast_slice::<u8, u32>(source));
            for _ in 0..case.reuse {
                s.launch(chase(hops, apart, &places, &mut y))?;
            }
            s.read(&y, ..1)?;
            clock.lap("uses");
            return Ok(clock.parts);
        }
        let mut floats = s.attach_mut(bytemuck::cast_slice_mut::<u8, f32>(source));
        // Brings everything to the card, and changes nothing.
        s.launch(update_first(0, &mut floats))?;
        s.read(&floats, ..1)?;
        clock.lap("move in");
        for _ in 0..case.reuse {
            match case.pattern {
                Pattern::Random => {
                    let (mask, half) = uses::scatter(case);
                    s.launch(gather(mask, half, &floats, &mut y))?;
                }
                _ => s.launch(pick(case.stride(), case.rounds, &floats, &mut y))?,
            }
            if case.elements_written() > 0 {
                s.launch(update_first(case.elements_written() as u32, &mut floats))?;
            }
        }
        s.read(&y, ..1)?;
        clock.lap("uses");
        if case.elements_written() > 0 {
            s.detach(floats)?;
            clock.lap("move back, free");
        }
        Ok(clock.parts)
    })
}
