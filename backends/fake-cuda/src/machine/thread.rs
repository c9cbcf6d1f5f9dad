//! One thread of a kernel: its frames, its own memory, and the loop that runs it.

use std::sync::atomic::{Ordering, fence};

use super::PARAM_BASE;
use super::fault::FaultKind;
use super::grid::Control;
use super::memory::{View, atomic, load, store};
use super::program::{Address, Call, Function, Op, Passing, Program, SymbolKind, special};
use crate::ptx::types::Space;

/// Deepest nesting of calls.
const MOST_FRAMES: usize = 256;
/// Steps between two looks at whether the launch was aborted.
const STRIDE: u64 = 1024;

/// What all threads of a block see.
pub(crate) struct Block<'r, 'm> {
    pub(crate) program: &'r Program,
    pub(crate) view: &'r mut View<'m>,
    pub(crate) control: &'r Control<'r>,
    /// The launch's, as whole words.
    pub(crate) parameters: &'r [u64],
    pub(crate) shared: &'r mut [u64],
}

/// Why a thread stopped, if nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Done,
    Barrier(u64),
}

struct Frame {
    function: usize,
    at: usize,
    slots: usize,
    params: u64,
    local: u64,
    /// The call that made it; of its caller's function.
    call: usize,
}

/// The state of a thread, between barriers as well.
pub(crate) struct Thread {
    slots: Vec<u64>,
    frames: Vec<Frame>,
    params: Vec<u64>,
    local: Vec<u64>,
    steps: u64,
    pub(crate) line: u32,
}

/// The loop ends: with the frame's end, a new frame, or the thread.
enum Turn {
    Returned,
    Called(usize),
    Stopped(Stop),
}

fn words(bytes: u64) -> usize {
    bytes.div_ceil(16) as usize * 2
}

impl Thread {
    pub(crate) fn new() -> Thread {
        Thread { slots: vec![], frames: vec![], params: vec![], local: vec![], steps: 0, line: 0 }
    }

    /// At the entry's start. Memory of its own holds rubbish.
    pub(crate) fn start(&mut self, program: &Program, entry: usize, specials: &[u64; special::COUNT as usize]) {
        let function = &program.functions[entry];
        self.slots.clear();
        self.slots.extend_from_slice(&function.template);
        self.slots[..specials.len()].copy_from_slice(specials);
        self.frames.clear();
        self.frames.push(Frame { function: entry, at: 0, slots: 0, params: 0, local: 0, call: 0 });
        self.params.clear();
        self.params.resize(words(function.param_bytes), super::program::POISON);
        self.local.clear();
        // One word more than needed, so that its start can be aligned to 16 bytes.
        self.local.resize(words(function.local_bytes) + 2, super::program::POISON);
        self.steps = 0;
    }

    /// Up to the end or the next barrier.
    pub(crate) fn run(&mut self, block: &mut Block<'_, '_>) -> Result<Stop, FaultKind> {
        loop {
            match self.run_frame(block)? {
                Turn::Called(call) => self.push(block.program, call)?,
                Turn::Returned => {
                    let Some(done) = self.frames.pop() else { return Ok(Stop::Done) };
                    if self.frames.is_empty() {
                        return Ok(Stop::Done);
                    }
                    self.give_back(block.program, &done)?;
                }
                Turn::Stopped(stop) => return Ok(stop),
            }
        }
    }

    fn run_frame(&mut self, block: &mut Block<'_, '_>) -> Result<Turn, FaultKind> {
        let Some(frame) = self.frames.last_mut() else { return Ok(Turn::Returned) };
        let function = &block.program.functions[frame.function];
        let mut memory = Memory { params: &mut self.params, local: &mut self.local };
        let slots = &mut self.slots[frame.slots..];
        let mut at = frame.at;
        loop {
            let inst = &function.code[at];
            at += 1;
            if !inst.guard.holds(slots) {
                continue;
            }
            macro_rules! slot {
                ($number:expr) => {
                    slots[$number as usize]
                };
            }
            self.line = inst.line;
            match inst.op {
                Op::Move { to, a } => slot!(to) = slot!(a),
                Op::Unary { f, to, a } => slot!(to) = f(slot!(a)),
                Op::Binary { f, to, a, b } => slot!(to) = f(slot!(a), slot!(b)),
                Op::Ternary { f, to, a, b, c } => slot!(to) = f(slot!(a), slot!(b), slot!(c)),
                Op::Quaternary { f, to, a, b, c, d } => slot!(to) = f(slot!(a), slot!(b), slot!(c), slot!(d)),
                Op::Convert { conversion, to, a } => slot!(to) = conversion.apply(slot!(a)),
                Op::Load { address, size, count, to } => {
                    let bytes = u64::from(size) * u64::from(count);
                    let host = memory.host(block, slots, address, bytes, false)?;
                    for (k, to) in to[..count as usize].iter().enumerate() {
                        slot!(*to) = load(host + k as u64 * u64::from(size), size);
                    }
                }
                Op::Store { address, size, count, from } => {
                    let bytes = u64::from(size) * u64::from(count);
                    let host = memory.host(block, slots, address, bytes, true)?;
                    for (k, from) in from[..count as usize].iter().enumerate() {
                        store(host + k as u64 * u64::from(size), size, slot!(*from));
                    }
                }
                Op::Atomic { address, op, to, a, b } => {
                    let host = memory.host(block, slots, address, u64::from(op.size()), true)?;
                    slot!(to) = atomic(host, op, slot!(a), slot!(b));
                }
                Op::ToGeneric { space, to, a } => slot!(to) = slot!(a).wrapping_add(memory.window(block, space)),
                Op::FromGeneric { space, to, a } => slot!(to) = slot!(a).wrapping_sub(memory.window(block, space)),
                Op::Fence => fence(Ordering::SeqCst),
                Op::Jump { target } => {
                    at = target as usize;
                    self.steps += 1;
                    if self.steps.is_multiple_of(STRIDE) {
                        block.control.check(self.steps)?;
                    }
                }
                Op::Call { call } => {
                    frame.at = at;
                    return Ok(Turn::Called(call as usize));
                }
                Op::Return => return Ok(Turn::Returned),
                Op::Exit => return Ok(Turn::Stopped(Stop::Done)),
                Op::Trap => return Err(FaultKind::Trap),
                Op::Barrier { id } => {
                    frame.at = at;
                    return Ok(Turn::Stopped(Stop::Barrier(slot!(id))));
                }
            }
        }
    }

    /// A frame for the function that is called, with its arguments.
    fn push(&mut self, program: &Program, call: usize) -> Result<(), FaultKind> {
        let Some(caller) = self.frames.last() else { return Err(FaultKind::Stack) };
        if self.frames.len() >= MOST_FRAMES {
            return Err(FaultKind::Stack);
        }
        let calling = &program.functions[caller.function];
        let Call { function, arguments, .. } = &calling.calls[call];
        let callee = &program.functions[*function];
        let frame = Frame {
            function: *function,
            at: 0,
            slots: caller.slots + calling.template.len(),
            params: caller.params + words(calling.param_bytes) as u64 * 8,
            local: caller.local + words(calling.local_bytes) as u64 * 8,
            call,
        };
        let from = caller.slots;
        self.slots.truncate(frame.slots);
        self.slots.extend_from_slice(&callee.template);
        self.slots.copy_within(from..from + special::COUNT as usize, frame.slots);
        for symbol in &callee.symbols {
            let base = match symbol.kind {
                SymbolKind::Global(_) => continue,
                SymbolKind::Local => frame.local,
                SymbolKind::Param => frame.params,
            };
            self.slots[frame.slots + symbol.slot as usize] = base + symbol.offset;
        }
        let (params, local) = (words(callee.param_bytes), words(callee.local_bytes));
        self.params.resize((frame.params / 8) as usize + params, super::program::POISON);
        let enough = (frame.local / 8) as usize + local + 2;
        if self.local.len() < enough {
            // Growing may move it, and with it what generic addresses mean: there is room for all frames from the start.
            return Err(FaultKind::Stack);
        }
        let to = frame.slots;
        self.frames.push(frame);
        self.steps += 1;
        self.pass(arguments, from, &callee.parameters, to);
        Ok(())
    }

    fn give_back(&mut self, program: &Program, done: &Frame) -> Result<(), FaultKind> {
        let Some(caller) = self.frames.last() else { return Err(FaultKind::Stack) };
        let call = &program.functions[caller.function].calls[done.call];
        let (from, to) = (done.slots, caller.slots);
        self.pass(&program.functions[done.function].results, from, &call.results, to);
        Ok(())
    }

    /// Copies values from one frame to another.
    fn pass(&mut self, sources: &[Passing], from: usize, targets: &[Passing], to: usize) {
        for (source, target) in sources.iter().zip(targets) {
            match (*source, *target) {
                (Passing::Slot(a), Passing::Slot(b)) => self.slots[to + b as usize] = self.slots[from + a as usize],
                (Passing::Memory { address: a, size }, Passing::Memory { address: b, .. }) => {
                    let (a, b) = (self.slots[from + a as usize], self.slots[to + b as usize]);
                    let (a, b) = ((a - PARAM_BASE) as usize, (b - PARAM_BASE) as usize);
                    let bytes: Vec<u8> = (a..a + size as usize).map(|at| byte(&self.params, at)).collect();
                    for (at, value) in bytes.into_iter().enumerate() {
                        set_byte(&mut self.params, b + at, value);
                    }
                }
                // The callee's declaration decides, and calls are checked against it.
                (Passing::Slot(_), Passing::Memory { .. }) | (Passing::Memory { .. }, Passing::Slot(_)) => {}
            }
        }
    }

    /// Room for the memory of the functions that `entry` may call, one below the other.
    pub(crate) fn reserve(&mut self, bytes: u64) {
        let wanted = words(bytes) + 2;
        if self.local.len() < wanted {
            self.local.resize(wanted, super::program::POISON);
        }
    }
}

fn byte(words: &[u64], at: usize) -> u8 {
    words[at / 8].to_le_bytes()[at % 8]
}

fn set_byte(words: &mut [u64], at: usize, value: u8) {
    let mut bytes = words[at / 8].to_le_bytes();
    bytes[at % 8] = value;
    words[at / 8] = u64::from_le_bytes(bytes);
}

/// Most memory of its own that a chain of calls from a function takes, in bytes.
pub(crate) fn deepest_local(program: &Program, function: &Function, depth: usize) -> u64 {
    let own = words(function.local_bytes) as u64 * 8;
    match depth {
        0 => own,
        _ => {
            let calls = function.calls.iter().map(|call| &program.functions[call.function]);
            own + calls.map(|callee| deepest_local(program, callee, depth - 1)).max().unwrap_or(0)
        }
    }
}

/// A thread's own memory.
struct Memory<'t> {
    params: &'t mut [u64],
    local: &'t mut [u64],
}

/// The first address in a buffer that is aligned to 16 bytes.
fn aligned(buffer: &mut [u64]) -> (u64, u64) {
    let start = buffer.as_mut_ptr() as u64;
    let skip = start.next_multiple_of(16) - start;
    (start + skip, (buffer.len() as u64 * 8).saturating_sub(16))
}

impl Memory<'_> {
    /// What is added to an address in that space to make it generic.
    fn window(&mut self, block: &mut Block<'_, '_>, space: Space) -> u64 {
        match space {
            Space::Local => aligned(self.local).0,
            Space::Shared => aligned(block.shared).0,
            _ => 0,
        }
    }

    /// The host's address for an access, checked.
    #[inline]
    fn host(
        &mut self,
        block: &mut Block<'_, '_>,
        slots: &[u64],
        address: Address,
        bytes: u64,
        writes: bool,
    ) -> Result<u64, FaultKind> {
        let at = slots[address.base as usize].wrapping_add(address.offset as u64);
        if at & (bytes - 1) != 0 {
            return Err(FaultKind::Misaligned { address: at, size: bytes });
        }
        let found = match address.space {
            Space::Global | Space::Const => block.view.host(at, bytes, writes),
            Space::Local => within(aligned(self.local), at, bytes),
            Space::Shared => within(aligned(block.shared), at, bytes),
            Space::Param => self.param(block, at, bytes, writes),
            Space::Generic => self.generic(block, at, bytes, writes),
        };
        found.ok_or(FaultKind::Illegal { address: at, size: bytes, writes })
    }

    fn generic(&mut self, block: &mut Block<'_, '_>, at: u64, bytes: u64, writes: bool) -> Option<u64> {
        for window in [aligned(self.local), aligned(block.shared)] {
            if let Some(host) = within(window, at.wrapping_sub(window.0), bytes) {
                return Some(host);
            }
        }
        block.view.host(at, bytes, writes)
    }

    fn param(&mut self, block: &Block<'_, '_>, at: u64, bytes: u64, writes: bool) -> Option<u64> {
        if at < PARAM_BASE {
            let parameters = block.parameters;
            let fits = at + bytes <= parameters.len() as u64 * 8 && !writes;
            return fits.then(|| parameters.as_ptr() as u64 + at);
        }
        let own = (self.params.as_mut_ptr() as u64, self.params.len() as u64 * 8);
        within(own, at - PARAM_BASE, bytes)
    }
}

fn within((start, size): (u64, u64), at: u64, bytes: u64) -> Option<u64> {
    (at < size && size - at >= bytes).then(|| start + at)
}
