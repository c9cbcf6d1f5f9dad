//! A launch: blocks over host threads, the threads of each block one after the other, from barrier to barrier.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::fault::{Fault, FaultKind};
use super::memory::{MemoryMap, View};
use super::program::{POISON, Program, special};
use super::thread::{Block, Stop, Thread, deepest_local};

/// What ends a launch early.
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    /// Jumps and calls that a thread may make; `None`: as many as it likes.
    pub steps: Option<u64>,
    /// Everything stops soon after it is set.
    pub abort: &'a AtomicBool,
}

impl Control<'_> {
    pub(crate) fn check(&self, steps: u64) -> Result<(), FaultKind> {
        if self.steps.is_some_and(|most| steps > most) {
            return Err(FaultKind::Steps);
        }
        match self.abort.load(Ordering::Relaxed) {
            true => Err(FaultKind::Aborted),
            false => Ok(()),
        }
    }
}

/// What is launched, and how.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// Placed by [`Program::place`] if it has variables.
    pub program: &'a Program,
    /// From [`Program::entry`].
    pub entry: usize,
    /// Blocks along x, y and z.
    pub grid: [u32; 3],
    /// Threads of a block along x, y and z.
    pub block: [u32; 3],
    /// Shared memory beside what the text declares, in bytes.
    pub dynamic_shared: u64,
    /// The entry's parameters as they lie in memory.
    pub parameters: &'a [u8],
    /// What the kernel may touch.
    pub memory: &'a MemoryMap,
    /// What ends it early.
    pub control: Control<'a>,
    /// Host threads to use, at least 1.
    pub host_threads: usize,
}

/// Runs a launch to its end.
///
/// # Errors
/// The first fault; other threads may have gone on for a while.
pub fn launch(launch: &Launch<'_>) -> Result<(), Fault> {
    let [x, y, z] = launch.grid.map(u64::from);
    let blocks = x * y * z;
    let mut parameters = vec![0u64; (launch.parameters.len() as u64).div_ceil(8) as usize];
    for (word, bytes) in parameters.iter_mut().zip(launch.parameters.chunks(8)) {
        let mut whole = [0; 8];
        whole[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_le_bytes(whole);
    }
    let (next, failure, stop) = (AtomicU64::new(0), Mutex::new(None), AtomicBool::new(false));
    let work = || {
        let mut worker = Worker::new(launch, &parameters);
        while !stop.load(Ordering::Relaxed) {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks {
                return;
            }
            if let Err(fault) = worker.block(block) {
                stop.store(true, Ordering::Relaxed);
                let mut failure = failure.lock().unwrap_or_else(|e| e.into_inner());
                failure.get_or_insert(fault);
                return;
            }
        }
    };
    let helpers = launch.host_threads.min(blocks.div_ceil(4) as usize).saturating_sub(1);
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(work);
        }
        work();
    });
    match failure.into_inner().unwrap_or_else(|e| e.into_inner()) {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

/// A host thread that runs blocks.
struct Worker<'r> {
    launch: &'r Launch<'r>,
    parameters: &'r [u64],
    view: View<'r>,
    shared: Vec<u64>,
    threads: Vec<Thread>,
    local: u64,
}

impl<'r> Worker<'r> {
    fn new(launch: &'r Launch<'r>, parameters: &'r [u64]) -> Worker<'r> {
        let function = launch.program.function(launch.entry);
        let [x, y, z] = launch.block;
        let threads = if function.waits { (x * y * z) as usize } else { 1 };
        let shared = (function.shared_bytes + launch.dynamic_shared).div_ceil(16) as usize * 2 + 2;
        Worker {
            launch,
            parameters,
            view: View::new(launch.memory),
            shared: vec![POISON; shared],
            threads: (0..threads).map(|_| Thread::new()).collect(),
            local: deepest_local(launch.program, function, 16),
        }
    }

    fn block(&mut self, number: u64) -> Result<(), Fault> {
        let [x, y, _] = self.launch.grid.map(u64::from);
        let block = [number % x, number / x % y, number / (x * y)].map(|axis| axis as u32);
        let count: u32 = self.launch.block.iter().product();
        self.shared.fill(POISON);
        if let Err(kind) = self.launch.control.check(0) {
            return Err(self.fault(kind, block, 0, 0));
        }
        match self.threads.len() {
            1 => {
                for thread in 0..count {
                    self.start(0, block, thread);
                    while self.run(0, block, thread)? != Stop::Done {}
                }
                Ok(())
            }
            _ => self.together(block, count),
        }
    }

    /// All threads of a block, each up to its next barrier in turn.
    fn together(&mut self, block: [u32; 3], count: u32) -> Result<(), Fault> {
        for thread in 0..count {
            self.start(thread as usize, block, thread);
        }
        let mut running: Vec<u32> = (0..count).collect();
        while !running.is_empty() {
            let (mut waiting, mut barrier) = (vec![], None);
            for thread in running {
                let Stop::Barrier(id) = self.run(thread as usize, block, thread)? else { continue };
                if *barrier.get_or_insert(id) != id {
                    let line = self.threads[thread as usize].line;
                    return Err(self.fault(FaultKind::Barrier, block, thread, line));
                }
                waiting.push(thread);
            }
            running = waiting;
        }
        Ok(())
    }

    fn coordinates(&self, thread: u32) -> [u32; 3] {
        let [x, y, _] = self.launch.block;
        [thread % x, thread / x % y, thread / (x * y)]
    }

    fn start(&mut self, state: usize, block: [u32; 3], thread: u32) {
        let mut specials = [POISON; special::COUNT as usize];
        let count: u32 = self.launch.block.iter().product();
        let axes = [
            (special::TID, self.coordinates(thread)),
            (special::NTID, self.launch.block),
            (special::CTAID, block),
            (special::NCTAID, self.launch.grid),
        ];
        for (first, values) in axes {
            for (axis, value) in values.into_iter().enumerate() {
                specials[first as usize + axis] = u64::from(value);
            }
        }
        specials[special::LANE as usize] = u64::from(thread % 32);
        specials[special::WARP as usize] = u64::from(thread / 32);
        specials[special::WARPS as usize] = u64::from(count.div_ceil(32));
        let state = &mut self.threads[state];
        state.start(self.launch.program, self.launch.entry, &specials);
        state.reserve(self.local);
    }

    fn run(&mut self, state: usize, block: [u32; 3], thread: u32) -> Result<Stop, Fault> {
        let state_of = &mut self.threads[state];
        let mut shared = Block {
            program: self.launch.program,
            view: &mut self.view,
            control: &self.launch.control,
            parameters: self.parameters,
            shared: &mut self.shared,
        };
        match state_of.run(&mut shared) {
            Ok(stop) => Ok(stop),
            Err(kind) => {
                let line = state_of.line;
                Err(self.fault(kind, block, thread, line))
            }
        }
    }

    fn fault(&self, kind: FaultKind, block: [u32; 3], thread: u32, line: u32) -> Fault {
        let entry = self.launch.program.function(self.launch.entry).name.clone();
        Fault { kind, entry, line, thread: [block, self.coordinates(thread)] }
    }
}
