//! The host: the user's own function in a plain loop, or spread over a rayon pool where that pays.
//!
//! A launch begins on the caller's thread. What the kernel has cost so far, or a first slice of the work, says how long the
//! rest will take; only if that is longer than waking another thread takes does the launch become a `crew`: the caller
//! and the pool's threads claim pieces of it, each worth a few dozen microseconds by its own measurements, so that uneven
//! work balances. The caller claims pieces too and waits only for pieces that others have begun: a pool that is busy or
//! blocked costs nothing but its help, and a launch from inside the pool cannot deadlock.
//!
//! # Panics in kernels
//! A panic is caught in the piece that it happens in, the other pieces stop, and the launch returns
//! [`Error::KernelPanic`]. Nothing is printed: a panic hook, installed by
//! [`Host::new`] in front of the one that is there, takes the message and the place. A program that sets a hook of its own
//! later sees kernel panics there; the error then names the kernel's own line. Under `panic = "abort"` nothing can be
//! caught: the program prints the message and ends, as with any panic.

mod crew;
mod info;
mod pace;
mod panics;
mod pool;
mod tally;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use landbridge_core::argument::ArgumentView;
use landbridge_core::backend::{Backend, DeviceInfo};
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::plan::{ArgumentPlan, PlanStep, StepKind};
use landbridge_core::planner::Quantity;
use landbridge_core::report::Steps;
use landbridge_core::text::Time;
use landbridge_core::{Error, Plan, Report, Result, Strategy};
use rayon::ThreadPool;

use crate::rates;

use pool::Pool;

/// The cores that run the program.
pub struct Host {
    info: Arc<DeviceInfo>,
    pool: Arc<Pool>,
}

impl Host {
    /// The host, with rayon's global pool (or, for launches from inside another pool, with that one).
    pub fn new() -> Self {
        Self::on(Pool::ambient())
    }

    /// The host, with this pool. The thread that launches works too, in place of one of the pool's.
    pub fn with_pool(pool: Arc<ThreadPool>) -> Self {
        Self::on(Pool::chosen(pool))
    }

    fn on(pool: Pool) -> Self {
        panics::install_hook();
        let units = pool.chosen_threads().unwrap_or_else(info::cores);
        Host { info: Arc::new(info::describe(units)), pool: Arc::new(pool) }
    }

    /// Everything here is used in place.
    fn check_strategy(&self, strategy: Strategy) -> Result<()> {
        match strategy {
            Strategy::Auto | Strategy::Direct => Ok(()),
            _ => Err(self.no_strategy(strategy)),
        }
    }

    #[cold]
    fn no_strategy(&self, strategy: Strategy) -> Error {
        Error::StrategyUnavailable { strategy, device: self.info.id.clone(), why: info::IN_PLACE.into() }
    }

    /// Runs all items; the time it took, unless it was too short to be worth reading the clock.
    #[inline]
    pub(crate) fn run(&self, launch: &dyn Launch) -> Result<Option<Duration>> {
        let (items, definition) = (launch.items(), launch.definition());
        let hint = definition.item_nanoseconds();
        if let Some(nanoseconds) = hint
            && pace::goes_untimed(nanoseconds * items as f64)
        {
            tally::run_alone(launch, 0..items).map_err(|failure| failure.into_error(definition))?;
            return Ok(None);
        }
        self.run_timed(launch, hint).map(Some)
    }

    #[inline(never)]
    fn run_timed(&self, launch: &dyn Launch, hint: Option<f64>) -> Result<Duration> {
        let (items, definition) = (launch.items(), launch.definition());
        let _span = tracing::debug_span!("launch", kernel = definition.name, device = "host", items).entered();
        let begin = Instant::now();
        let alone = crew::begin_alone(launch, hint, &self.pool, begin);
        let worked = match alone {
            Ok(alone) if alone.done < items => crew::finish_together(launch, alone, &self.pool),
            other => other,
        };
        let worked = worked.map_err(|failure| failure.into_error(definition))?;
        if items > 0 {
            definition.note_item_nanoseconds(pace::learn(hint, worked.nanoseconds / items as f64));
        }
        Ok(begin.elapsed())
    }

    /// The launch's predicted time: measured cost if the kernel has run before, else at least what its memory takes.
    fn predict(&self, launch: &dyn Launch, bytes: u64) -> PlanStep {
        let items = launch.items() as f64;
        let Some(nanoseconds) = launch.definition().item_nanoseconds() else { return self.unmeasured(bytes) };
        let together = pace::spread(nanoseconds * items, f64::from(self.info.units), self.pool.wake_nanoseconds());
        let why =
            format!("{} a work-item on one core, as measured", Time(Duration::from_nanos(nanoseconds.ceil() as u64)));
        PlanStep::new(StepKind::Run, Duration::from_nanos(together as u64), why)
    }

    /// What is known of a kernel that has never run: its bytes.
    fn unmeasured(&self, bytes: u64) -> PlanStep {
        let stream = rates::of(&self.info).with(|rates| rates.get(Quantity::HostStreamOne));
        match stream {
            Some(rate) => {
                let why = "the kernel has never run; no less than one core needs to go through its memory";
                let time = Duration::try_from_secs_f64(bytes as f64 / rate).unwrap_or(Duration::MAX);
                PlanStep::new(StepKind::Run, time, why)
            }
            None => PlanStep::unknown(StepKind::Run, "the kernel has never run"),
        }
    }

    /// A plan that leaves every argument where it is.
    pub(crate) fn plan_in_place(&self, launch: &dyn Launch) -> Plan {
        let definition = launch.definition();
        let (mut arguments, mut bytes, mut position) = (vec![], 0, 0);
        launch.describe(&mut |view| {
            if let ArgumentView::Span(span) = view {
                bytes += span.bytes() as u64;
                arguments.push(ArgumentPlan {
                    name: definition.parameter(position),
                    strategy: Strategy::Direct,
                    why: Cow::Borrowed(info::IN_PLACE),
                    bytes_in: 0,
                    bytes_out: 0,
                });
            }
            position += 1;
        });
        Plan {
            kernel: definition.name,
            device: self.info.clone(),
            why: Cow::Borrowed(""),
            extent: launch.extent(),
            arguments,
            steps: vec![self.predict(launch, bytes)],
        }
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: the pieces of a launch cover its items, and `run` returns after the last piece has ended.
#[allow(unsafe_code)]
unsafe impl Backend for Host {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        self.check_strategy(launch.strategy())?;
        Ok(self.plan_in_place(launch))
    }

    /// Nothing to do: rustc has compiled the kernel.
    fn prepare(&self, _: &'static Definition) -> Result<()> {
        Ok(())
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        self.check_strategy(launch.strategy())?;
        let mut steps = Steps::default();
        if let Some(time) = self.run(launch)? {
            steps.add(StepKind::Run, time);
        }
        let definition = launch.definition();
        Ok(Report {
            kernel: definition.name,
            device: self.info.clone(),
            why: Cow::Borrowed(""),
            extent: launch.extent(),
            parameters: definition.parameters,
            arguments: Vec::new(),
            steps,
        })
    }
}
