//! What values of the IR are in PTX: registers, addresses, and trees of those.

use std::rc::Rc;

use landbridge_core::ir::Scalar;

/// A register, or a number as it is written in an instruction.
pub(super) type Operand = Rc<str>;

/// Which registers hold a scalar. Integers of 8 and 16 bits are in 32 bits, extended as their sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Pred,
    B32,
    B64,
    F32,
    F64,
}

impl Class {
    pub(super) const ALL: [Class; 5] = [Class::Pred, Class::B32, Class::B64, Class::F32, Class::F64];

    pub(super) fn of(scalar: Scalar) -> Class {
        match scalar {
            Scalar::Bool => Class::Pred,
            Scalar::F32 => Class::F32,
            Scalar::F64 => Class::F64,
            _ if scalar.size() == 8 => Class::B64,
            _ => Class::B32,
        }
    }

    /// What registers' names start with.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Class::Pred => "%p",
            Class::B32 => "%r",
            Class::B64 => "%rd",
            Class::F32 => "%f",
            Class::F64 => "%fd",
        }
    }

    /// As in declarations and in `mov`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Class::Pred => "pred",
            Class::B32 => "b32",
            Class::B64 => "b64",
            Class::F32 => "f32",
            Class::F64 => "f64",
        }
    }
}

/// How an instruction names a scalar's type.
pub(super) fn type_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
        Scalar::Bool => "pred",
        Scalar::I64 | Scalar::Isize => "s64",
        Scalar::U64 | Scalar::Usize => "u64",
        _ if scalar.is_signed() => "s32",
        _ => "u32",
    }
}

/// The same in memory.
pub(super) fn memory_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool | Scalar::U8 => "u8",
        Scalar::I8 => "s8",
        Scalar::U16 => "u16",
        Scalar::I16 => "s16",
        _ => type_name(scalar),
    }
}

/// `b32` or `b64`.
pub(super) fn bits_name(scalar: Scalar) -> &'static str {
    if scalar.size() == 8 { "b64" } else { "b32" }
}

/// Which memory an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// The device's memory, or the host's where the device reads that.
    Global,
    /// The same, and nobody writes it during the launch.
    Read,
    /// The thread's own.
    Local,
    /// The launch block.
    Param,
    /// Global or local, which the hardware finds out.
    Generic,
}

impl Space {
    pub(super) fn load(self) -> &'static str {
        match self {
            Space::Global => "ld.global",
            Space::Read => "ld.global.nc",
            Space::Local => "ld.local",
            Space::Param => "ld.param",
            Space::Generic => "ld",
        }
    }

    pub(super) fn store(self) -> &'static str {
        match self {
            Space::Local => "st.local",
            Space::Generic => "st",
            Space::Global | Space::Read | Space::Param => "st.global",
        }
    }

    /// The dot-separated name inside `atom` and `ld.relaxed`.
    pub(super) fn infix(self) -> &'static str {
        match self {
            Space::Generic => "",
            _ => ".global",
        }
    }
}

/// An address: a register or a symbol, and bytes behind it.
#[derive(Clone, Debug)]
pub(super) struct Pointer {
    pub(super) base: Operand,
    pub(super) offset: u64,
    pub(super) space: Space,
}

impl Pointer {
    pub(super) fn new(base: impl Into<Operand>, space: Space) -> Pointer {
        Pointer { base: base.into(), offset: 0, space }
    }

    /// So many bytes further.
    pub(super) fn plus(&self, bytes: u64) -> Pointer {
        Pointer { offset: self.offset.wrapping_add(bytes), ..self.clone() }
    }

    /// As an instruction names it.
    pub(super) fn text(&self) -> String {
        match self.offset {
            0 => format!("[{}]", self.base),
            offset => format!("[{}+{offset}]", self.base),
        }
    }
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// No bytes.
    Unit,
    /// A number or `bool`.
    Scalar(Operand),
    /// A reference, or an `Option` of one.
    Pointer(Pointer),
    /// A slice and its number of elements.
    Slice(Pointer, Operand),
    /// The members of a struct or array.
    Parts(Rc<[Val]>),
    /// An array of equal elements, as many as its type says.
    Repeat(Rc<Val>),
    /// A large struct or array, in memory that is this value's own.
    Memory(Pointer),
}
