//! Ways to data whose pages nobody has touched yet: a file that is in memory, mapped anew for each repetition.
#![allow(unsafe_code)]

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::rc::Rc;

use landbridge::prelude::*;
use memmap2::{Advice, Mmap, MmapOptions};

use super::super::cases::{Case, Pages, Sweep};
use super::super::support;
use super::data::Data;
use super::known::{Kernel, Known};
use super::{Clock, Parts, Refusal, Way, Ways, uses};

/// Adds them, if a sweep asks for them.
pub(super) fn add(ways: &mut Ways, sweeps: &[Sweep]) -> Result<(), Refusal> {
    let unmapped = |case: &&Case| case.pages == Pages::Unmapped;
    let Some(bytes) = sweeps.iter().flat_map(|sweep| &sweep.cases).filter(unmapped).map(|case| case.bytes).max() else {
        return Ok(());
    };
    let data = Rc::new(Source::new(bytes.max(Kernel::taught()))?);
    let host = Device::host;
    ways.here.push(Box::new(Touched { data: data.clone(), host: host(), rate: data.rate(false)? }));
    match data.rate(true) {
        Ok(rate) => ways.here.push(Box::new(Prefetched { data: data.clone(), host: host(), rate })),
        Err(error) => ways.absent("prefetch", format!("the kernel does not make pages ahead of touches: {error}")),
    }
    ways.here.push(Box::new(Read { data, host: host() }));
    Ok(())
}

/// A file without a name, whose bytes are in memory.
struct Source {
    file: File,
}

impl Source {
    fn new(bytes: usize) -> Result<Self, Refusal> {
        let folder = support::results_folder();
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("copy_vs_migrate-{}.data", std::process::id()));
        let mut file = File::options().read(true).write(true).create_new(true).open(&path)?;
        std::fs::remove_file(path)?;
        file.write_all(bytemuck::cast_slice(&vec![1.0_f32; bytes / size_of::<f32>()]))?;
        Ok(Source { file })
    }

    fn map(&self, bytes: usize) -> Result<Mmap, Refusal> {
        // SAFETY: the file has no name, and nothing here writes to it or cuts it once it is mapped.
        Ok(unsafe { MmapOptions::new().len(bytes).map_copy_read_only(&self.file)? })
    }

    /// Bytes a second at which pages come: by touches, or ahead of them.
    fn rate(&self, ahead: bool) -> Result<f64, Refusal> {
        let once = || -> Result<f64, Refusal> {
            let mut clock = Clock::start();
            let map = self.map(Kernel::taught())?;
            if ahead {
                map.advise(Advice::PopulateRead)?;
            } else {
                black_box(map.iter().step_by(4096).map(|byte| u64::from(*byte)).sum::<u64>());
            }
            drop(map);
            clock.lap("all");
            Ok(Kernel::taught() as f64 / clock.parts[0].1)
        };
        once()?;
        Ok(once()?.max(once()?))
    }
}

/// Pages come as the first use touches them.
struct Touched {
    data: Rc<Source>,
    host: Device,
    rate: f64,
}

impl Way for Touched {
    fn name(&self) -> &'static str {
        "direct"
    }

    fn about(&self) -> &'static str {
        "on a file that was mapped for it: pages come as the first use touches them"
    }

    fn suits(&self, case: &Case) -> bool {
        case.pages == Pages::Unmapped
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        mapped(&self.data, &self.host, case, data, false)
    }

    fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        Some(known.on_host(case)? + case.bytes as f64 / self.rate)
    }
}

/// Pages are asked for ahead of the first use.
struct Prefetched {
    data: Rc<Source>,
    host: Device,
    rate: f64,
}

impl Way for Prefetched {
    fn name(&self) -> &'static str {
        "prefetch"
    }

    fn about(&self) -> &'static str {
        "the same, but all pages are asked for in one call (madvise) before the first use"
    }

    fn suits(&self, case: &Case) -> bool {
        case.pages == Pages::Unmapped
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        mapped(&self.data, &self.host, case, data, true)
    }

    fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        Some(known.on_host(case)? + case.bytes as f64 / self.rate)
    }
}

fn mapped(source: &Source, host: &Device, case: &Case, data: &mut Data, ahead: bool) -> Result<Parts, Refusal> {
    let mut clock = Clock::start();
    let map = source.map(case.bytes)?;
    if ahead {
        map.advise(Advice::PopulateRead)?;
        clock.lap("prefetch");
    }
    for _ in 0..case.reuse {
        uses::read(host, case, &map, &mut data.results, Strategy::Auto)?;
    }
    clock.lap("uses");
    drop(map);
    clock.lap("move back, free");
    Ok(clock.parts)
}

/// Read into memory that was just allocated.
struct Read {
    data: Rc<Source>,
    host: Device,
}

impl Way for Read {
    fn name(&self) -> &'static str {
        "copy, fresh pages"
    }

    fn about(&self) -> &'static str {
        "of a file: read into memory that was just allocated, and freed in the end"
    }

    fn suits(&self, case: &Case) -> bool {
        case.pages == Pages::Unmapped
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        let mut clock = Clock::start();
        let mut fresh = vec![0.0_f32; case.elements()];
        self.data.file.read_exact_at(bytemuck::cast_slice_mut(&mut fresh), 0)?;
        clock.lap("move in");
        for _ in 0..case.reuse {
            uses::read(&self.host, case, bytemuck::cast_slice(&fresh), &mut data.results, Strategy::Auto)?;
        }
        clock.lap("uses");
        drop(fresh);
        clock.lap("move back, free");
        Ok(clock.parts)
    }

    fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        Some(known.on_host(case)? + known.faults(case)? + known.copying(case.bytes as f64)?)
    }
}
