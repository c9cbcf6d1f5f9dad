//! The binary interface of a kernel in PTX: what its one parameter holds, how threads find their work-items, and where a
//! failure is reported.
//!
//! # Entry
//! `.visible .entry NAME(.param .align 8 .b8 launch[N])` with `.maxntid B`: a grid of `ceil(threads / B)` blocks of `B` threads, both
//! along x, where `B` is [`PtxKernel::block_size`] and `N` is [`LaunchLayout::bytes`]. Threads past the last do nothing. No shared memory
//! is used. The text needs no other module: `ld.global` and generic `ld` reach the memory of the card and, where the driver maps it, the host's alike.
//!
//! # The launch block
//! All numbers are little-endian; addresses are 64 bits, as the device sees them.
//!
//! | byte | what | |
//! |---|---|---|
//! | 0 | `errors` | address of the error block; 0 is allowed where [`PtxKernel::may_panic`] is false |
//! | 8 | `first` | number of this piece's first work-item in the whole launch |
//! | 16 | `count` | work-items of this piece |
//! | 24 | `threads` | threads that work: `count`; for [`Mode::Reduce`] the number of partial results |
//! | 32 | `extent_x` | extent of the whole launch along x |
//! | 40 | `extent_y` | extent of the whole launch along y |
//! | 48.. | slots | one for each parameter of the kernel that has data, in their order, then one for the output |
//!
//! A launch may be made in pieces, also at the same time on several streams: thread `t` of a piece computes the work-item
//! `first + t`. For [`Mode::Reduce`] thread `t` folds the items `first + t`, `first + t + threads`, .. below `first + count`; there must be no more threads than items.
//!
//! # Slots
//! What [`Slot::kind`] says, at byte [`Slot::offset`]:
//!
//! - [`SlotKind::Items`] (8 bytes): address of the element of the *piece's first* work-item.
//! - [`SlotKind::Rows`] (16 bytes): address of the row of the piece's first work-item, and the number of elements in a row.
//! - [`SlotKind::Whole`] (16 bytes): address of the first element, and the number of elements. Also atomics and regions, whose elements are words.
//! - [`SlotKind::Root`] (8 bytes): address of the root of a linked structure, or 0 for `None`.
//! - [`SlotKind::Uniform`]: the value itself, with the layout of its type.
//! - [`SlotKind::UniformAt`] (8 bytes): address of the value, where it is too large for the block.
//! - [`SlotKind::Results`] (8 bytes): address of the result of the piece's first work-item; for [`Mode::Reduce`] of thread 0's partial result.
//!
//! Memory has the host's layout and is aligned as its type asks, or more: [`Slot::align`]. What has no bytes has an address all the same, which is never read.
//! **Links** are addresses as the device sees them, of 64 bits, null is 0: the host's own where the device reads the host's memory, else those of an image
//! that was made for its place on the device (`landbridge_core::linked::Target::Address`). Whether [`Slot::linked`] data is given directly or as an image makes no difference to the text.
//! Items, rows and slices whose elements hold links may be (elements of) such images, too.
//!
//! # The error block
//! The one of the WGSL generator, so that both are read by [`error_block::read`]: [`PtxKernel::error_bytes`] bytes in memory of the device (or any on which it
//! has atomics), all 0 before the first piece of a launch. The first work-item to panic claims it with an atomic exchange of 1 at
//! [`error_block::STATE`] and writes kind ([`error_block::KIND_PANIC`], never another), site, work-item and values. Others leave
//! no trace, and nobody is stopped by another's panic.

use std::fmt;

pub use crate::codegen::wgsl::{Mode, ReduceOp, error_block};

/// Bytes of a launch block that every device takes.
pub const MOST_LAUNCH_BYTES: u64 = 4096;
/// Byte of the launch block: address of the error block.
pub const ERRORS: u64 = 0;
/// Byte of the launch block: number of the piece's first work-item.
pub const FIRST: u64 = 8;
/// Byte of the launch block: number of the piece's work-items.
pub const COUNT: u64 = 16;
/// Byte of the launch block: number of threads that work.
pub const THREADS: u64 = 24;
/// Byte of the launch block: the launch's extent along x.
pub const EXTENT_X: u64 = 32;
/// Byte of the launch block: the launch's extent along y.
pub const EXTENT_Y: u64 = 40;
/// Byte of the launch block: the first slot.
pub const SLOTS: u64 = 48;

/// What the text is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PtxTarget {
    /// Compute capability, as in `.target sm_70`: 70 or more. It says which instructions a text may have, not what it is compiled for: drivers
    /// compile it for the device that is there. Nothing that newer devices have is of use to these texts yet: their golden files
    /// become the same machine code for sm_80, 86, 90 and 100 whichever of these targets they name.
    pub sm: u32,
    /// Version of PTX (major, minor): at least 6.3, at most what the driver takes.
    pub version: (u32, u32),
    /// Threads of a block: a multiple of 32, at most 1024.
    pub block_size: u32,
    /// Where an argument's elements have a size that 16, 8, 4 or 2 divides, its memory starts at a multiple of that, and so do results: then
    /// neighbours in them are read and written together. [`Slot::align`] says what is asked of each; whoever launches the kernel
    /// looks, and takes a text without this where an address is another.
    pub aligned_elements: bool,
}

impl Default for PtxTarget {
    /// What every device since 2017 takes.
    fn default() -> Self {
        PtxTarget { sm: 70, version: (6, 3), block_size: 256, aligned_elements: false }
    }
}

/// A kernel as PTX text, with how to launch it.
#[derive(Clone, Debug, PartialEq)]
pub struct PtxKernel {
    /// The text: pure ASCII, without a trailing zero.
    pub text: String,
    /// Name of the entry function.
    pub entry: String,
    /// Threads of a block.
    pub block_size: u32,
    /// What the entry's parameter holds.
    pub launch: LaunchLayout,
    /// The kernel may write the error block.
    pub may_panic: bool,
    /// Bytes of the error block.
    pub error_bytes: u64,
}

/// Where everything is in the launch block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchLayout {
    /// Of the whole block.
    pub bytes: u64,
    /// In the order of their offsets.
    pub slots: Vec<Slot>,
}

/// An argument in the launch block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Number of the entry's parameter; `None` for the results.
    pub parameter: Option<usize>,
    /// What is there.
    pub kind: SlotKind,
    /// In bytes from the start of the launch block.
    pub offset: u64,
    /// Bytes from one element to the next; of a uniform or root its size.
    pub element_bytes: u64,
    /// Smallest alignment of the memory, in bytes.
    pub align: u64,
    /// The kernel may write the memory.
    pub writes: bool,
    /// The elements hold links, or it is a root.
    pub linked: bool,
}

/// What a slot holds; the module's docs say how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// One element a work-item.
    Items,
    /// One row a work-item.
    Rows,
    /// All elements for all work-items.
    Whole,
    /// A linked structure for all work-items.
    Root,
    /// A value in the launch block.
    Uniform,
    /// A value elsewhere.
    UniformAt,
    /// What the work-items return, or partial results.
    Results,
}

/// The numbers of one piece of a launch.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// Address of the error block.
    pub errors: u64,
    /// Number of the first work-item.
    pub first: u64,
    /// Number of work-items.
    pub count: u64,
    /// [`Mode::Reduce`]: number of partial results, at least 1 and at most `count`; else `count`.
    pub threads: u64,
    /// Extent of the whole launch: x, y, z (1 where there is no such dimension).
    pub extent: [u64; 3],
    /// One for each of [`LaunchLayout::slots`].
    pub slots: &'a [SlotValue<'a>],
}

/// What goes to a slot.
#[derive(Clone, Copy, Debug)]
pub enum SlotValue<'a> {
    /// Where the memory starts. Length: number of elements of a `Whole`, or of one row of `Rows`; else not read.
    Memory {
        /// As the device sees it.
        address: u64,
        /// In elements.
        length: u64,
    },
    /// The bytes of a uniform; padding as any bytes.
    Bytes(&'a [u8]),
}

/// Launch data that does not belong to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackError {
    /// Index of the slot; as many as there are slots if their number is wrong.
    pub slot: usize,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {} of the launch block does not match the kernel", self.slot)
    }
}

impl std::error::Error for PackError {}

impl LaunchLayout {
    /// The launch block of a piece.
    ///
    /// # Errors
    /// [`PackError`] if a slot is given what it does not hold.
    pub fn pack(&self, piece: &Piece<'_>) -> Result<Vec<u8>, PackError> {
        let mut block = vec![0; self.bytes as usize];
        let mut put = |at: u64, bytes: &[u8]| block[at as usize..][..bytes.len()].copy_from_slice(bytes);
        let Piece { errors, first, count, threads, extent: [x, y, _], slots } = *piece;
        let header =
            [(ERRORS, errors), (FIRST, first), (COUNT, count), (THREADS, threads), (EXTENT_X, x), (EXTENT_Y, y)];
        for (at, number) in header {
            put(at, &number.to_le_bytes());
        }
        if slots.len() != self.slots.len() {
            return Err(PackError { slot: self.slots.len() });
        }
        for (k, (slot, value)) in self.slots.iter().zip(slots).enumerate() {
            match (slot.kind, *value) {
                (SlotKind::Uniform, SlotValue::Bytes(bytes)) if bytes.len() as u64 == slot.element_bytes => {
                    put(slot.offset, bytes);
                }
                (SlotKind::Whole | SlotKind::Rows, SlotValue::Memory { address, length }) => {
                    put(slot.offset, &address.to_le_bytes());
                    put(slot.offset + 8, &length.to_le_bytes());
                }
                (SlotKind::Uniform, _) | (_, SlotValue::Bytes(_)) => return Err(PackError { slot: k }),
                (_, SlotValue::Memory { address, .. }) => put(slot.offset, &address.to_le_bytes()),
            }
        }
        Ok(block)
    }
}

/// A kernel that this generator cannot express. The kernel is right: another backend runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PtxError {
    /// What could not be expressed, as the user would call it.
    pub construct: String,
    /// Why not, and what would help.
    pub why: String,
}

impl PtxError {
    pub(super) fn new(construct: impl Into<String>, why: impl Into<String>) -> Self {
        PtxError { construct: construct.into(), why: why.into() }
    }
}

impl fmt::Display for PtxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no PTX for {}: {}", self.construct, self.why)
    }
}

impl std::error::Error for PtxError {}
