//! `Auto` on a node: which arguments' pages move there, as the planner says.
//!
//! What it is told: how often each argument has been used ([`crate::uses`]), where its pages are (a few of them are asked),
//! what a launch of the kernel takes in place, and the rates that probes have found. Where any of this is missing, all pages
//! stay. On a machine with one memory nobody asks.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{c_int, c_long, c_ulong};
use std::ptr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use landbridge_core::argument::{Access, Span};
use landbridge_core::launch::Launch;
use landbridge_core::plan::{ArgumentPlan, PlanStep, StepKind};
use landbridge_core::planner::{self, Choice, Computer, Moving, Need, Quantity, Rates, Residency};
use landbridge_core::text::Time;
use landbridge_core::{DeviceInfo, Home, Strategy, Topology};

use super::super::mover::MoveOptions;
use super::bytes::{Memory, memories};
use super::describe;
use super::near::Near;
use crate::rates::{self, Shared};
use crate::uses::{LEAST, Uses};

/// Pages of an argument that are asked where they are.
const SAMPLES: usize = 64;

/// What a node knows of all nodes of its machine.
pub(super) struct Chooser {
    topology: Topology,
    number: u32,
    /// By node, those with memory.
    rates: BTreeMap<u32, OnceLock<Option<Arc<Shared>>>>,
    own: Arc<DeviceInfo>,
}

/// What happens to an argument.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) memory: Memory,
    /// `Migrate` also for what is on the node already.
    pub(super) strategy: Strategy,
    pub(super) why: Cow<'static, str>,
    /// Seconds of moving it; 0 where it is there.
    pub(super) seconds: f64,
    /// Launches that the move is for.
    pub(super) uses: f64,
}

/// What is decided for a launch.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) arguments: Vec<Chosen>,
    /// Seconds of a launch then.
    pub(super) run: f64,
}

/// What the decision needs of the device.
pub(super) struct Wishes<'w> {
    pub(super) options: &'w MoveOptions,
    pub(super) home: Home,
    /// Seconds of a launch in place.
    pub(super) in_place: f64,
    /// Whether this is for a launch, not for a plan: then wrong guesses are learned from.
    pub(super) learn: bool,
}

impl Chooser {
    /// `None` on a machine with one memory.
    pub(super) fn new(topology: &Topology, number: u32, own: &Arc<DeviceInfo>) -> Option<Self> {
        let nodes = topology.nodes.iter().filter(|node| node.memory > 0);
        let rates = nodes.map(|node| (node.id, OnceLock::new())).collect();
        let chooser = || Chooser { topology: topology.clone(), number, rates, own: own.clone() };
        topology.has_several_memories().then(chooser)
    }

    fn shared(&self, node: u32) -> Option<&Arc<Shared>> {
        let open = || {
            if node == self.number {
                return Some(rates::of(&self.own));
            }
            let near = Near::find(&self.topology, node, None).ok()?;
            Some(rates::of(&describe::info(self.topology.node(node)?, &near)))
        };
        self.rates.get(&node)?.get_or_init(open).as_ref()
    }

    fn rates(&self, node: u32) -> Rates {
        self.shared(node).map_or_else(|| Rates::new(""), |shared| shared.with(Rates::clone))
    }

    /// The node as a device, for data on `home`. `remap`: all that may move may be remapped.
    fn computer(&self, home: u32, remap: bool) -> Option<Computer> {
        let node = self.topology.node(self.number)?;
        let mut computer = Computer::of_node(&self.topology, node, home, |node| self.rates(node));
        if let (true, Some(remap)) = (remap, self.remap(computer.moving.as_ref())) {
            computer.moving = Some(remap);
        }
        Some(computer)
    }

    /// The user-space mover, with the pages of the kernel's.
    fn remap(&self, kernel: Option<&Moving>) -> Option<Moving> {
        let page_bytes = kernel?.page_bytes;
        let huge = page_bytes > self.topology.pages.base as f64;
        let quantity = if huge { Quantity::RemapHuge } else { Quantity::Remap };
        self.rates(self.number).moving(quantity, page_bytes)
    }

    /// Decides for a launch; `None`: all stays where it is, and there is nothing to say of it.
    pub(super) fn decide(&self, launch: &dyn Launch, uses: &Uses, wishes: &Wishes<'_>) -> Option<Decided> {
        let memories: Vec<Memory> =
            memories(launch).into_iter().filter(|memory| memory.span.bytes() >= LEAST).collect();
        // A plan is for a launch to come, which will count itself.
        let counted = if wishes.learn { 0 } else { 1 };
        let often: Vec<f64> = memories.iter().map(|memory| uses.predicted(&memory.span, counted)).collect();
        // One use never pays for a move, which reads every byte too.
        if !often.iter().zip(&memories).any(|(often, memory)| *often > 1.0 || uses.has_moved(&memory.span)) {
            return None;
        }
        let places: Vec<Option<u32>> = memories.iter().map(|memory| where_is(&memory.span)).collect();
        let mut needs = vec![];
        for ((memory, often), place) in memories.iter().zip(often).zip(&places) {
            let mut need = Need::of_span(launch.definition().parameter(memory.position), &memory.span).used(often);
            need.returns = wishes.home == Home::Return;
            if *place == Some(self.number) {
                need.residency = Residency::Device;
            } else if uses.has_moved(&memory.span) {
                need.uses = 1.0;
                if wishes.learn {
                    uses.was_wrong(&memory.span);
                }
            }
            needs.push(need);
        }
        let exclusive = memories.iter().all(|memory| memory.span.access == Access::ReadWrite);
        let remap = wishes.options.allow_remap && exclusive;
        let home = source(&memories, &places, self.number).unwrap_or(self.number);
        let computer = self.computer(home, remap)?;
        let decided = planner::moves(&needs, &computer, wishes.in_place)?;
        let faster = (!wishes.options.allow_remap).then(|| self.remap(computer.moving.as_ref())).flatten();
        let chosen = { memories.into_iter().zip(&needs) }.zip(decided.choices);
        let arguments = chosen.map(|((memory, need), choice)| say(memory, need, &choice, faster.as_ref())).collect();
        Some(Decided { arguments, run: decided.run })
    }
}

/// Where most of the bytes are that are not on the node.
fn source(memories: &[Memory], places: &[Option<u32>], node: u32) -> Option<u32> {
    let mut bytes = BTreeMap::<u32, usize>::new();
    for (memory, place) in memories.iter().zip(places) {
        if let Some(place) = place.filter(|place| *place != node) {
            *bytes.entry(place).or_default() += memory.span.bytes();
        }
    }
    bytes.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(place, _)| place)
}

fn say(memory: Memory, need: &Need, choice: &Choice, faster: Option<&Moving>) -> Chosen {
    let there = need.residency == Residency::Device;
    let moves = choice.offer.strategy == Strategy::Migrate;
    let seconds = choice.offer.moves.iter().filter(|step| step.0 == StepKind::Migrate).map(|step| step.1).sum();
    let mut why = choice.why();
    if let (true, Some(faster)) = (moves && need.written > 0.0, faster) {
        let then = planner::cost::migrate(faster, need);
        if then < seconds {
            let then = Time(Duration::from_secs_f64(then));
            why += &format!("; with DeviceOptions::allow_remap the move would take {then}");
        }
    }
    let strategy = if there || moves { Strategy::Migrate } else { Strategy::Direct };
    Chosen { memory, strategy, why: Cow::Owned(why), seconds, uses: need.uses }
}

/// Notes what became of an argument that was to move.
pub(super) fn note_moved(uses: &Uses, chosen: &Chosen, moved: u64) {
    if chosen.strategy != Strategy::Migrate || chosen.seconds == 0.0 {
        return;
    }
    // Less than half: another try will not do better soon.
    match moved * 2 >= chosen.memory.span.bytes() as u64 {
        true => uses.moved(&chosen.memory.span),
        false => uses.was_wrong(&chosen.memory.span),
    }
}

impl Decided {
    /// Those that have to move for the launch.
    pub(super) fn moving(&self) -> impl Iterator<Item = &Chosen> {
        self.arguments.iter().filter(|chosen| chosen.strategy == Strategy::Migrate && chosen.seconds > 0.0)
    }
}

/// What a plan says of those that move.
pub(super) fn would_move(launch: &dyn Launch, decided: &Decided) -> Vec<ArgumentPlan> {
    decided.moving().map(|chosen| argument(launch, chosen, chosen.memory.span.bytes() as u64)).collect()
}

fn argument(launch: &dyn Launch, chosen: &Chosen, bytes_in: u64) -> ArgumentPlan {
    ArgumentPlan {
        name: launch.definition().parameter(chosen.memory.position),
        strategy: chosen.strategy,
        why: chosen.why.clone(),
        bytes_in,
        bytes_out: 0,
    }
}

/// All arguments of a launch: those that `moved` tells of, and the others, in the order of the parameters.
pub(super) fn with_those_that_stay(
    launch: &dyn Launch,
    decided: &Decided,
    moved: Vec<ArgumentPlan>,
) -> Vec<ArgumentPlan> {
    let mut moved = moved.into_iter();
    let one = |memory: Memory| {
        let chosen = decided.arguments.iter().find(|chosen| chosen.memory.position == memory.position);
        match chosen {
            Some(chosen) if chosen.strategy == Strategy::Migrate && chosen.seconds > 0.0 => {
                let done = moved.next()?;
                let why =
                    if done.why == chosen.why { done.why } else { format!("{}; {}", chosen.why, done.why).into() };
                Some(ArgumentPlan { why, ..done })
            }
            Some(chosen) => Some(argument(launch, chosen, 0)),
            None => {
                let (strategy, why) = (Strategy::Direct, Cow::Borrowed(describe::SMALL));
                let chosen = Chosen { memory, strategy, why, seconds: 0.0, uses: 1.0 };
                Some(argument(launch, &chosen, 0))
            }
        }
    };
    memories(launch).into_iter().filter_map(one).collect()
}

/// The steps of a launch as decided.
pub(super) fn steps(launch: &dyn Launch, decided: &Decided) -> Vec<PlanStep> {
    let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let step = |chosen: &Chosen| {
        let name = launch.definition().parameter(chosen.memory.position);
        let why = format!("{name}, for {:.0} launches", chosen.uses);
        PlanStep::new(StepKind::Migrate, seconds(chosen.seconds), why).serving(chosen.uses)
    };
    let run =
        PlanStep::new(StepKind::Run, seconds(decided.run), "what it takes in place, less what nearer memory saves");
    decided.moving().map(step).chain([run]).collect()
}

/// The node that most of a span's pages are on, by some of them. `None` if none of them is anywhere yet.
fn where_is(span: &Span) -> Option<u32> {
    let pages = span.bytes() / LEAST * (LEAST / 4096);
    let step = pages.div_ceil(SAMPLES).max(1) * 4096;
    let start = span.data.addr();
    let addresses: Vec<usize> = (start..start + span.bytes()).step_by(step).collect();
    let mut status = vec![-1 as c_int; addresses.len()];
    // SAFETY: without nodes the kernel moves nothing: it reads as many addresses as it is told, and writes as many numbers.
    let done = unsafe {
        libc::syscall(
            libc::SYS_move_pages,
            0 as c_long,
            addresses.len() as c_ulong,
            addresses.as_ptr(),
            ptr::null::<c_int>(),
            status.as_mut_ptr(),
            0 as c_long,
        )
    };
    if done != 0 {
        return None;
    }
    let mut counts = BTreeMap::<u32, usize>::new();
    for node in status.into_iter().filter_map(|node| u32::try_from(node).ok()) {
        *counts.entry(node).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(node, _)| node)
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use super::*;

    fn memory(bytes: &[u8]) -> Memory {
        let data = bytes.as_ptr().cast_mut().cast::<MaybeUninit<u8>>();
        let span = Span {
            data,
            elements: bytes.len(),
            element_size: 1,
            access: Access::Read,
            per_item: None,
            links: None,
            nodes: None,
            kept: None,
        };
        Memory { position: 0, span }
    }

    #[test]
    fn touched_pages_are_somewhere_and_others_nowhere() {
        let mut bytes: Vec<u8> = Vec::with_capacity(64 << 20);
        let untouched = Span { elements: 32 << 20, ..memory(&bytes).span };
        let far = Span { data: untouched.data.wrapping_add(8 << 20), elements: 16 << 20, ..untouched };
        assert_eq!(where_is(&far), None);
        bytes.resize(64 << 20, 1);
        assert!(where_is(&memory(&bytes).span).is_some());
    }

    #[test]
    fn the_rates_that_count_are_those_of_where_most_bytes_are() {
        let (small, large) = (vec![0; 10], vec![0; 100]);
        let all = [memory(&small), memory(&large), memory(&large)];
        assert_eq!(source(&all, &[Some(1), Some(2), Some(0)], 0), Some(2));
        assert_eq!(source(&all, &[Some(0), None, Some(0)], 0), None);
    }

    #[test]
    fn one_memory_asks_nobody() {
        let info = |topology: &Topology| {
            let near = Near::find(topology, topology.nodes[0].id, None).unwrap();
            Arc::new(describe::info(&topology.nodes[0], &near))
        };
        let mut topology = crate::numa::topology().clone();
        topology.nodes.truncate(1);
        assert!(Chooser::new(&topology, topology.nodes[0].id, &info(&topology)).is_none());
    }
}
