//! How the elements of a buffer, or constant memory, are laid out for WGSL.

use landbridge_core::ir::{Module, Scalar, Type, TypeId};

use super::place::Address;
use super::target::WgslTarget;
use super::text::Rep;

/// Memory that is addressed in bytes by the IR and as an array by the text.
#[derive(Clone, Debug)]
pub(super) struct Buffer {
    /// Name of the array.
    pub(super) name: String,
    /// Names of the arrays behind the first, where the memory is in parts.
    pub(super) more_arrays: Vec<String>,
    /// Elements of the array in each part but the last: a power of two.
    pub(super) part_elements: u64,
    /// Type of one element (of constant memory: of the whole).
    pub(super) element: TypeId,
    pub(super) unit: Unit,
    /// Bytes that one step of an address held in a variable stands for.
    pub(super) grain: u64,
    /// Multiples of this many bytes: where the data may start in the binding.
    pub(super) unit_bytes: u64,
    /// Stored to.
    pub(super) exclusive: bool,
    /// An image of linked structures (see `links`).
    pub(super) is_image: bool,
    /// Of an image: where it starts in the binding.
    pub(super) start: Address,
}

/// What the array's elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// The scalar itself: everything in the memory is of that type.
    Native(Rep),
    /// `atomic<u32>` or `atomic<i32>`, updated by the kernel's own atomics.
    Atomic(Rep),
    /// `u32` words, taken apart and put together.
    Words,
    /// `atomic<u32>` words: work-items store parts of the same word.
    SharedWords,
}

impl Buffer {
    /// The unit that suits memory of this type.
    pub(super) fn new(module: &Module, target: &WgslTarget, wide: bool, element: TypeId, exclusive: bool) -> Buffer {
        let mut leaves = vec![];
        collect(module, element, &mut leaves);
        leaves.sort();
        leaves.dedup();
        let align = module.types.align(element);
        let sub_word = leaves.iter().any(|(s, _)| s.size() < 4);
        let unit = match leaves[..] {
            [(scalar, atomic)] if scalar.size() >= 4 => {
                let rep = Rep::of(scalar, wide);
                let exists = match rep {
                    Rep::F64 => target.f64,
                    Rep::I64 | Rep::U64 => target.int64,
                    _ => scalar.size() == 4,
                };
                let exists = exists && (!atomic || scalar.size() == 4 || target.int64_atomics);
                match (atomic, exists) {
                    (true, true) => Unit::Atomic(rep),
                    (false, true) => Unit::Native(rep),
                    _ => Unit::Words,
                }
            }
            // lanes of a group share the words of one element
            _ if sub_word && exclusive && (align < 4 || super::groups::lanes(module.entry_function()).is_some()) => {
                Unit::SharedWords
            }
            _ => Unit::Words,
        };
        let unit_bytes = match unit {
            Unit::Native(rep) | Unit::Atomic(rep) => u64::from(rep.bits() / 8),
            Unit::Words | Unit::SharedWords => align.min(4),
        };
        Buffer {
            name: String::new(),
            more_arrays: vec![],
            part_elements: 0,
            element,
            unit,
            grain: if sub_word { 1 } else { unit_bytes },
            unit_bytes,
            exclusive,
            is_image: false,
            start: Address::default(),
        }
    }

    /// An image of linked structures, whose nodes are of several types.
    pub(super) fn image(module: &Module, element: TypeId, exclusive: bool) -> Buffer {
        let (leaves, align) = super::links::reachable(module, element);
        let sub_word = leaves.iter().any(|(s, _)| s.size() < 4);
        let atomic = leaves.iter().any(|(_, atomic)| *atomic);
        Buffer {
            name: String::new(),
            more_arrays: vec![],
            part_elements: 0,
            element,
            unit: match atomic || (exclusive && sub_word && align < 4) {
                true => Unit::SharedWords,
                false => Unit::Words,
            },
            grain: if sub_word { 1 } else { 4 },
            unit_bytes: 4,
            exclusive: exclusive || atomic,
            is_image: true,
            start: Address::default(),
        }
    }

    /// The element type of the array.
    pub(super) fn array_element(&self) -> &'static str {
        match self.unit {
            Unit::Native(rep) => rep.name(),
            Unit::Atomic(Rep::I32) => "atomic<i32>",
            Unit::Atomic(Rep::I64) => "atomic<i64>",
            Unit::Atomic(Rep::U64) => "atomic<u64>",
            Unit::Atomic(_) | Unit::SharedWords => "atomic<u32>",
            Unit::Words => "u32",
        }
    }

    /// In bytes, of one element of the array.
    pub(super) fn array_stride(&self) -> u64 {
        match self.unit {
            Unit::Native(rep) | Unit::Atomic(rep) => u64::from(rep.bits() / 8),
            Unit::Words | Unit::SharedWords => 4,
        }
    }
}

/// All scalars inside a type, with whether they are atomic.
fn collect(module: &Module, ty: TypeId, leaves: &mut Vec<(Scalar, bool)>) {
    match &module.types[ty] {
        Type::Scalar(s) => leaves.push((*s, false)),
        Type::Atomic(s) => leaves.push((*s, true)),
        Type::Array { element, length } if *length > 0 => collect(module, *element, leaves),
        Type::Struct(s) => s.fields.iter().for_each(|f| collect(module, f.ty, leaves)),
        Type::Array { .. } | Type::Unit | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => {}
    }
}
