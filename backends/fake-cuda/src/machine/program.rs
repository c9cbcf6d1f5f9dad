//! What PTX becomes before it runs: instructions on numbered slots, with nothing left to look up.
//!
//! A frame has one slot of 64 bits for every register, constant and special register. Values are kept with zeros above their type's
//! width. Semantics are plain functions on these bits.

use super::values::convert::Conversion;
use crate::ptx::types::Space;

/// Number of a slot in a frame.
pub(crate) type Slot = u32;

/// Special registers, which every frame begins with.
pub(crate) mod special {
    /// `%tid.x`, `.y` and `.z`; then the same for the others.
    pub(crate) const TID: u32 = 0;
    pub(crate) const NTID: u32 = 3;
    pub(crate) const CTAID: u32 = 6;
    pub(crate) const NCTAID: u32 = 9;
    pub(crate) const LANE: u32 = 12;
    pub(crate) const WARP: u32 = 13;
    pub(crate) const WARPS: u32 = 14;
    /// Where values go that nobody wants.
    pub(crate) const SINK: u32 = 15;
    pub(crate) const COUNT: u32 = 16;
}

/// What registers hold before they are written.
pub(crate) const POISON: u64 = 0xDEAD_BEEF_DEAD_BEEF;

pub(crate) type Unary = fn(u64) -> u64;
pub(crate) type Binary = fn(u64, u64) -> u64;
pub(crate) type Ternary = fn(u64, u64, u64) -> u64;
pub(crate) type Quaternary = fn(u64, u64, u64, u64) -> u64;

/// An instruction, done only if its guard says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inst {
    pub(crate) guard: Guard,
    /// In the text.
    pub(crate) line: u32,
    pub(crate) op: Op,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    slot: u32,
    wanted: bool,
}

impl Guard {
    /// Always done.
    pub(crate) const NONE: Guard = Guard { slot: u32::MAX, wanted: true };

    pub(crate) fn new(slot: Slot, negated: bool) -> Guard {
        Guard { slot, wanted: !negated }
    }

    #[inline(always)]
    pub(crate) fn holds(self, slots: &[u64]) -> bool {
        self.slot == u32::MAX || (slots[self.slot as usize] & 1 == 1) == self.wanted
    }

    pub(crate) fn slot(self) -> Option<Slot> {
        (self.slot != u32::MAX).then_some(self.slot)
    }

    pub(crate) fn at(self, slot: Slot) -> Guard {
        Guard { slot, ..self }
    }
}

/// An address: what a slot holds, and a distance from there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address {
    pub(crate) space: Space,
    pub(crate) base: Slot,
    pub(crate) offset: i64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Move {
        to: Slot,
        a: Slot,
    },
    Unary {
        f: Unary,
        to: Slot,
        a: Slot,
    },
    Binary {
        f: Binary,
        to: Slot,
        a: Slot,
        b: Slot,
    },
    Ternary {
        f: Ternary,
        to: Slot,
        a: Slot,
        b: Slot,
        c: Slot,
    },
    Quaternary {
        f: Quaternary,
        to: Slot,
        a: Slot,
        b: Slot,
        c: Slot,
        d: Slot,
    },
    Convert {
        conversion: Conversion,
        to: Slot,
        a: Slot,
    },
    /// `count` values of `size` bytes each.
    Load {
        address: Address,
        size: u8,
        count: u8,
        to: [Slot; 4],
    },
    Store {
        address: Address,
        size: u8,
        count: u8,
        from: [Slot; 4],
    },
    Atomic {
        address: Address,
        op: Atomic,
        to: Slot,
        a: Slot,
        b: Slot,
    },
    /// To a generic address.
    ToGeneric {
        space: Space,
        to: Slot,
        a: Slot,
    },
    /// From a generic address.
    FromGeneric {
        space: Space,
        to: Slot,
        a: Slot,
    },
    Fence,
    Jump {
        target: u32,
    },
    /// Number in [`Function::calls`].
    Call {
        call: u32,
    },
    Return,
    Exit,
    Trap,
    Barrier {
        id: Slot,
    },
}

/// What an atomic operation does to memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Atomic {
    /// The new value from the old and the operand, of so many bytes.
    Update { f: fn(u64, u64) -> u64, size: u8 },
    /// Compares with the first operand, stores the second.
    CompareExchange { size: u8 },
}

impl Atomic {
    pub(crate) fn size(self) -> u8 {
        match self {
            Atomic::Update { size, .. } | Atomic::CompareExchange { size } => size,
        }
    }
}

/// Where a value of a call comes from or goes to, in the frame whose side it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Passing {
    Slot(Slot),
    /// Bytes of the thread's parameter memory; the slot holds their address.
    Memory {
        address: Slot,
        size: u32,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: usize,
    pub(crate) arguments: Vec<Passing>,
    pub(crate) results: Vec<Passing>,
}

/// A slot that holds the address of a variable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Symbol {
    pub(crate) slot: Slot,
    pub(crate) kind: SymbolKind,
    /// From the start of the kind's memory.
    pub(crate) offset: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SymbolKind {
    /// Of this module: number in [`Program::globals`].
    Global(usize),
    /// The thread's own memory of this frame.
    Local,
    /// The thread's parameter memory of this frame.
    Param,
}

/// A function or an entry.
#[derive(Clone, Debug)]
pub struct Function {
    pub(crate) name: String,
    pub(crate) is_entry: bool,
    pub(crate) code: Vec<Inst>,
    /// A frame at its start.
    pub(crate) template: Vec<u64>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) calls: Vec<Call>,
    pub(crate) parameters: Vec<Passing>,
    pub(crate) results: Vec<Passing>,
    /// Of an entry: offset and size of each parameter.
    pub(crate) entry_parameters: Vec<(u64, u64)>,
    pub(crate) param_bytes: u64,
    pub(crate) local_bytes: u64,
    pub(crate) shared_bytes: u64,
    /// It waits for others of its block, or calls what does.
    pub(crate) waits: bool,
    pub(crate) most_threads: Option<[u32; 3]>,
    pub(crate) required_threads: Option<[u32; 3]>,
    pub(crate) registers: u32,
}

impl Function {
    /// Of an entry: offset and size of each parameter, in bytes.
    pub fn parameters(&self) -> &[(u64, u64)] {
        &self.entry_parameters
    }

    /// As in the text.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of the launch's parameters.
    pub fn parameter_bytes(&self) -> u64 {
        self.entry_parameters.last().map_or(0, |(offset, size)| offset + size)
    }

    /// Most threads of a block; 1024 where the text does not say.
    pub fn most_threads(&self) -> u32 {
        let limit = self.required_threads.or(self.most_threads);
        limit.map_or(1024, |[x, y, z]| x.saturating_mul(y).saturating_mul(z).min(1024))
    }

    /// Shared memory that it declares, in bytes.
    pub fn shared_bytes(&self) -> u64 {
        self.shared_bytes
    }

    /// Memory of its own that a thread has, in bytes.
    pub fn local_bytes(&self) -> u64 {
        self.local_bytes
    }

    /// Registers that it declares.
    pub fn registers(&self) -> u32 {
        self.registers
    }
}

/// A variable of the module in the device's memory.
#[derive(Clone, Debug)]
pub struct Global {
    /// As in the text.
    pub name: String,
    /// In bytes.
    pub align: u64,
    /// Its value at the start.
    pub bytes: Vec<u8>,
    /// In `.const` memory.
    pub is_constant: bool,
}

/// A module that can run once its variables have addresses.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) functions: Vec<Function>,
    pub(crate) globals: Vec<Global>,
    pub(crate) target: u32,
    pub(crate) version: (u32, u32),
}

impl Program {
    /// Its variables.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// The entry of that name.
    pub fn entry(&self, name: &str) -> Option<usize> {
        self.functions.iter().position(|function| function.is_entry && function.name == name)
    }

    /// By its number.
    pub fn function(&self, number: usize) -> &Function {
        &self.functions[number]
    }

    /// Its version and target.
    pub fn version(&self) -> ((u32, u32), u32) {
        (self.version, self.target)
    }

    /// Tells the code where the variables are: an address for each of [`Program::globals`].
    ///
    /// # Panics
    /// If there are fewer addresses than variables.
    pub fn place(&mut self, addresses: &[u64]) {
        for function in &mut self.functions {
            for symbol in &function.symbols {
                if let SymbolKind::Global(number) = symbol.kind {
                    function.template[symbol.slot as usize] = addresses[number].wrapping_add(symbol.offset);
                }
            }
        }
    }
}
