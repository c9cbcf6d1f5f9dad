//! A memory node as a device: kernels run on the CPUs nearest to it, by the host's own machinery.
//!
//! The threads are a pool of their own, pinned to those CPUs, and the launching thread waits; where every CPU that the
//! process may use is as near as any other, there is nothing to pin, and the launching thread works too, as on the host.
//!
//! Under `Migrate` the pages of the arguments walk to the node before the launch. What cannot move is used where it is: that
//! is no error, and the report says how many bytes and why. Under `Copy` the kernel runs on copies in a buffer there. Under
//! `Direct` all pages stay. `Auto` lets the planner choose between staying and moving for each argument (`choice`): a single
//! launch moves nothing, for moving would read every byte too.
#![allow(unsafe_code)]

mod buffer;
mod bytes;
mod choice;
mod copies;
mod describe;
mod near;
mod room;
mod session;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::backend::{Backend, DeviceInfo};
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::plan::{ArgumentPlan, PlanStep, StepKind};
use landbridge_core::report::Steps;
use landbridge_core::session::Session;
use landbridge_core::{Error, Home, Plan, Report, Result, Strategy, Topology};

use super::mover::{MoveOptions, Mover};
use crate::probe::Background;
use crate::uses;
use bytes::{Known, Memory, Moved, Pace};
use choice::{Chooser, Decided};
use copies::Spare;
use near::Near;
use session::NodeSession;

/// How to open a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeOptions {
    /// The CPUs that kernels run on; those nearest to the node if not given.
    pub cpus: Option<Vec<u32>>,
    /// How pages move to it.
    pub moving: MoveOptions,
    /// Where pages that moved are after a launch.
    pub home: Home,
    /// Bytes that copies of arguments may take on it at most.
    pub memory_cap: Option<u64>,
}

/// A memory node, and the CPUs nearest to it.
pub struct NodeBackend {
    info: Arc<DeviceInfo>,
    number: u32,
    near: Near,
    mover: Mover,
    home: Home,
    memory_cap: Option<u64>,
    /// For the copies of the next launch.
    spare: Spare,
    /// What moves have taken so far.
    pace: Pace,
    /// Where there are several memories.
    chooser: Option<Chooser>,
    /// What measures beside launches; not for those that it launches itself.
    probes: Option<&'static Background>,
}

impl std::fmt::Debug for NodeBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NodeBackend({})", self.info)
    }
}

impl NodeBackend {
    /// The node of this number.
    ///
    /// # Errors
    /// `NoDevice`: there is no such node, it has no memory, or the process may not use the CPUs that were asked for. The
    /// text lists the nodes that there are.
    pub fn open(topology: &Topology, number: u32, options: &NodeOptions) -> Result<Self> {
        let node = topology.node(number).filter(|node| node.memory > 0);
        let node = node.ok_or_else(|| describe::no_node(topology, number))?;
        let near = Near::find(topology, number, options.cpus.as_deref())
            .map_err(|why| describe::no_cpus(number, options.cpus.is_some(), why))?;
        let info = Arc::new(describe::info(node, &near));
        let NodeOptions { moving, home, memory_cap, .. } = options.clone();
        let (spare, pace) = (Spare::default(), Pace::default());
        let chooser = Chooser::new(topology, number, &info);
        Ok(NodeBackend {
            info,
            number,
            near,
            mover: Mover::new(moving),
            home,
            memory_cap,
            spare,
            pace,
            chooser,
            probes: None,
        })
    }

    /// The same with something that measures what is not known of nodes beside the launches.
    pub(crate) fn with_probes(self, probes: Option<&'static Background>) -> Self {
        NodeBackend { probes, ..self }
    }

    fn run_in_place(&self, launch: &dyn Launch, steps: &mut Steps) -> Result<()> {
        let begin = Instant::now();
        self.near.threads(&self.info)?.run(launch)?;
        steps.add(StepKind::Run, begin.elapsed());
        Ok(())
    }

    /// Puts the planner's choice into a plan; `false` if it has none.
    fn plan_chosen(&self, launch: &dyn Launch, plan: &mut Plan) -> bool {
        let decided = if self.keeps() { self.decide(launch, false) } else { None };
        let Some(decided) = decided else { return false };
        plan.arguments = choice::with_those_that_stay(launch, &decided, choice::would_move(launch, &decided));
        plan.steps = choice::steps(launch, &decided);
        true
    }

    fn run_moved(&self, launch: &dyn Launch, steps: &mut Steps) -> Result<Vec<ArgumentPlan>> {
        let mut moved = Moved::to(self.number, launch, &self.mover, steps, None);
        self.pace.note(moved.bytes(), steps.get(StepKind::Migrate));
        let done = self.run_in_place(launch, steps);
        // A kernel's panic does not keep pages from home.
        moved.settle(self.home, steps);
        done.map(|()| moved.arguments)
    }

    /// Whether pages that move for a launch outside of a scope are there for the next.
    fn keeps(&self) -> bool {
        self.home == Home::Stay
    }

    /// What the planner says of a launch under `Auto`; `None`: everything stays.
    fn decide(&self, launch: &dyn Launch, learn: bool) -> Option<Decided> {
        let chooser = self.chooser.as_ref()?;
        // A kernel that has never run has no launches to come that anybody knows of.
        launch.definition().item_nanoseconds()?;
        let plan = self.near.threads(&self.info).ok()?.host().plan_in_place(launch);
        let in_place = plan.total()?.as_secs_f64();
        let wishes = choice::Wishes { options: self.mover.options(), home: self.home, in_place, learn };
        chooser.decide(launch, uses::all(), &wishes)
    }

    /// `Auto`: moves what is to move. What stays is in the list too.
    fn run_chosen(&self, launch: &dyn Launch, steps: &mut Steps) -> Result<Vec<ArgumentPlan>> {
        let decided = if self.keeps() { self.decide_for_run(launch) } else { None };
        let Some(decided) = decided else {
            return self.run_in_place(launch, steps).map(|()| vec![]);
        };
        let mut moved = self.move_chosen(launch, &decided, steps, None);
        let done = self.run_in_place(launch, steps);
        moved.settle(self.home, steps);
        done.map(|()| choice::with_those_that_stay(launch, &decided, moved.arguments))
    }

    /// As [`Self::decide`], and counts this use of the arguments.
    fn decide_for_run(&self, launch: &dyn Launch) -> Option<Decided> {
        self.chooser.as_ref()?;
        uses::all().note(launch);
        self.decide(launch, true)
    }

    fn move_chosen(
        &self,
        launch: &dyn Launch,
        decided: &Decided,
        steps: &mut Steps,
        known: Option<&mut Known>,
    ) -> Moved<'_> {
        let moving: Vec<&choice::Chosen> = decided.moving().collect();
        let memories: Vec<Memory> = moving.iter().map(|chosen| chosen.memory).collect();
        let moved = Moved::some(self.number, launch, memories, &self.mover, steps, known);
        self.pace.note(moved.bytes(), steps.get(StepKind::Migrate));
        for (chosen, argument) in moving.into_iter().zip(&moved.arguments) {
            choice::note_moved(uses::all(), chosen, argument.bytes_in);
        }
        moved
    }

    fn report(&self, launch: &dyn Launch, arguments: Vec<ArgumentPlan>, steps: Steps) -> Report {
        let definition = launch.definition();
        Report {
            kernel: definition.name,
            device: self.info.clone(),
            why: Cow::Borrowed(""),
            extent: launch.extent(),
            parameters: definition.parameters,
            arguments,
            steps,
        }
    }

    fn check_strategy(&self, strategy: Strategy) -> Result<()> {
        let support = self.info.strategies.iter().find(|support| support.strategy == strategy);
        match support.and_then(|support| support.missing.clone()) {
            Some(why) => Err(Error::StrategyUnavailable { strategy, device: self.info.to_string(), why }),
            None => Ok(()),
        }
    }
}

// SAFETY: the host runs every item and waits for the last; the pool that it may run in waits for the host. Results go where
// the launch says under every strategy.
unsafe impl Backend for NodeBackend {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        self.check_strategy(launch.strategy())?;
        let mut plan = self.near.threads(&self.info)?.host().plan_in_place(launch);
        plan.device = self.info.clone();
        match launch.strategy() {
            Strategy::Migrate => {
                plan.arguments = bytes::would_move(launch);
                let bytes = plan.arguments.iter().map(|argument| argument.bytes_in).sum();
                plan.steps.insert(0, self.pace.step(bytes));
            }
            Strategy::Copy => {
                plan.arguments = copies::would_copy(launch, describe::ASKED);
                plan.steps.insert(0, PlanStep::unknown(StepKind::CopyIn, describe::NOT_MEASURED));
                plan.steps.push(PlanStep::unknown(StepKind::CopyOut, describe::NOT_MEASURED));
            }
            Strategy::Auto if self.plan_chosen(launch, &mut plan) => {}
            _ => plan.arguments.iter_mut().for_each(|argument| argument.why = Cow::Borrowed(describe::IN_PLACE)),
        }
        Ok(plan)
    }

    /// Nothing to do: rustc has compiled the kernel.
    fn prepare(&self, _: &'static Definition) -> Result<()> {
        Ok(())
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        self.check_strategy(launch.strategy())?;
        let _running = self.probes.map(Background::launch);
        let mut steps = Steps::default();
        let arguments = match launch.strategy() {
            Strategy::Migrate => self.run_moved(launch, &mut steps)?,
            Strategy::Copy => copies::run(self, launch, &mut steps)?,
            Strategy::Auto => self.run_chosen(launch, &mut steps)?,
            _ => self.run_in_place(launch, &mut steps).map(|()| vec![])?,
        };
        Ok(self.report(launch, arguments, steps))
    }

    fn session(self: Arc<Self>) -> Result<Option<Box<dyn Session>>> {
        Ok(Some(Box::new(NodeSession::new(self))))
    }
}
