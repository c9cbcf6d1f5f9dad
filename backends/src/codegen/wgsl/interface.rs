//! What a backend needs to know to launch the text.

use super::parameters::ParameterLayout;
use super::target::Needs;

/// A kernel as WGSL text, with how to bind and launch it. Everything is in bind group 0.
///
/// - Binding 0 is the error block ([`error_block`]), read-write.
/// - `bindings[k]` is at binding [`WgslBinding::slot`], and the ones behind it if it is in parts. Several share a binding
///   where the device has too few: their data lie behind each other in one buffer.
/// - The parameters are immediates at offset 0, or a storage buffer (read-only) at binding `1 + slots.len()`.
///
/// The work-items of one dispatch are numbered `global_invocation_id.x + global_invocation_id.y * num_workgroups.x *
/// workgroup_size`; those past [`super::Dispatch::count`] do nothing. For [`super::Mode::Reduce`] an invocation is a
/// *block* of items, and the numbers count blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct WgslKernel {
    /// The text.
    pub source: String,
    /// Name of the entry point.
    pub entry: &'static str,
    /// Work-items of one workgroup: `@workgroup_size(this, 1, 1)`, or 1 where a work-item is a group of lanes.
    pub workgroup_size: u32,
    /// The arguments that have memory, in order.
    pub bindings: Vec<WgslBinding>,
    /// How binding `1 + k` is bound.
    pub slots: Vec<Access>,
    /// The words of the parameters.
    pub parameters: ParameterLayout,
    /// Where the parameters are.
    pub parameters_in: ParametersIn,
    /// Features that the text uses.
    pub needs: Needs,
    /// `usize` is computed in 64 bits: no launch is too large, and `range exceeded` is never reported.
    pub wide_usize: bool,
    /// The kernel may report [`error_block::KIND_RANGE`] after it has already stored something: run it where the data can
    /// be given back as it was, or with [`super::UsizeWidth::Wide`].
    pub may_exceed_range: bool,
    /// The kernel may report a panic, or too many rounds of its loops.
    pub may_panic: bool,
    /// Bytes of the error block that the kernel may write: [`error_block::BYTES`], or more where messages show values.
    pub error_bytes: u64,
}

impl WgslKernel {
    /// The binding number of the parameters' buffer, if they are in one.
    pub fn parameters_binding(&self) -> Option<u32> {
        match self.parameters_in {
            ParametersIn::Immediates => None,
            ParametersIn::StorageBuffer => Some(1 + self.slots.len() as u32),
        }
    }
}

/// Where the parameters' words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParametersIn {
    /// Immediates (push constants), from offset 0.
    Immediates,
    /// A read-only storage buffer at the last binding.
    StorageBuffer,
}

/// An argument that the kernel finds in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WgslBinding {
    /// What is bound.
    pub source: Bound,
    /// How.
    pub access: Access,
    /// Bytes from one element to the next (of `Row`, of one element of the row). Never 0: what has no bytes has no
    /// binding.
    pub element_bytes: u64,
    /// Which part of the argument has to be in the binding.
    pub part: Part,
    /// Offsets into the binding are multiples of this many bytes: 1, 2, 4 or 8. A binding that cannot start at the argument's
    /// first byte starts earlier, and [`super::BufferPosition::offset_bytes`] says by how much.
    pub unit_bytes: u32,
    /// Number of the binding that it is in; of the first, if it is in parts.
    pub slot: u32,
    /// Bindings that it is cut into: 1 unless [`super::Parts`] asks for more.
    pub parts: u32,
    /// Bytes of each part but the last, counted from the start of the first binding; 0 if there is one part.
    pub part_bytes: u64,
    /// Other arguments are in the same binding.
    pub packed: bool,
}

/// What is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// The argument for the entry's parameter of this number.
    Parameter(usize),
    /// The results of [`super::Mode::Collect`] (one an item) or of [`super::Mode::Reduce`] (one a block).
    Output,
}

/// How a buffer is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// `var<storage, read>`
    Read,
    /// `var<storage, read_write>`
    ReadWrite,
}

/// Which part of an argument a dispatch needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The elements of the dispatch's items: one element an item (of the output in `Reduce`: one a block).
    Items,
    /// The rows of the dispatch's items: `length` elements an item.
    Rows,
    /// All of it.
    Whole,
}

/// The error block: [`error_block::WORDS`] words, and two for each further value of the kernel's longest report, all 0 before
/// the first dispatch of a launch.
///
/// The first work-item to fail claims [`error_block::STATE`] (an atomic exchange of 1 that gives 0) and fills in the rest;
/// later failures leave no trace. No work-item of a failed launch is stopped by another's failure.
pub mod error_block {
    /// Number of words, where no panic reports more than two values.
    pub const WORDS: usize = 12;
    /// In bytes.
    pub const BYTES: u64 = WORDS as u64 * 4;
    /// Bytes of the largest error block.
    pub const MOST_BYTES: u64 = 256;
    /// Word: 0 while nothing failed, 1 after. The three words behind it are not used.
    pub const STATE: usize = 0;
    /// Word: one of the kinds below.
    pub const KIND: usize = 4;
    /// Word: number of the site in `Module::sites` (of a panic).
    pub const SITE: usize = 5;
    /// Words (low, high): the work-item's number.
    pub const ITEM: usize = 6;
    /// Words (low, high): first value of the report.
    pub const FIRST: usize = 8;
    /// Words (low, high): second value of the report; others are behind it.
    pub const SECOND: usize = 10;
    /// Nothing failed.
    pub const KIND_NONE: u32 = 0;
    /// A panic at `SITE`.
    pub const KIND_PANIC: u32 = 1;
    /// A `usize` or `isize` left 32 bits: the launch has no result; the kernel is to be run elsewhere, or in 64 bits.
    pub const KIND_RANGE: u32 = 2;

    /// The loops of an invocation have more rounds than the driver allows: as `KIND_RANGE`, run it elsewhere.
    pub const KIND_ROUNDS: u32 = 3;

    /// What an error block says.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Failure {
        /// A panic.
        Panic {
            /// Index into `Module::sites`.
            site: u32,
            /// The work-item that panicked.
            item: u64,
            /// Values of the report: at least as many as it has, those behind them mean nothing.
            values: Vec<u64>,
        },
        /// Loops have more rounds than the driver allows.
        TooManyRounds {
            /// The work-item where they have.
            item: u64,
        },
        /// A `usize` or `isize` left 32 bits.
        RangeExceeded {
            /// The work-item where it did.
            item: u64,
        },
    }

    /// Bytes of an error block for reports of so many values.
    pub const fn bytes(values: usize) -> u64 {
        let more = values.saturating_sub(2) as u64;
        (BYTES + 8 * more).next_multiple_of(16)
    }

    const _: () = assert!(bytes(landbridge_core::ir::verify::MAX_REPORTED) <= MOST_BYTES);

    /// Reads an error block; `None` if nothing failed.
    ///
    /// # Panics
    /// If there are fewer than [`WORDS`] words.
    pub fn read(words: &[u32]) -> Option<Failure> {
        let wide = |k: usize| u64::from(words[k]) | u64::from(words[k + 1]) << 32;
        match words[KIND] {
            _ if words[STATE] == 0 => None,
            KIND_PANIC => {
                let values = (FIRST..words.len() - 1).step_by(2).map(wide).collect();
                Some(Failure::Panic { site: words[SITE], item: wide(ITEM), values })
            }
            KIND_ROUNDS => Some(Failure::TooManyRounds { item: wide(ITEM) }),
            _ => Some(Failure::RangeExceeded { item: wide(ITEM) }),
        }
    }
}
