//! Types of generated programs.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Usize,
    F32,
    F64,
}
use Scalar::*;

impl Scalar {
    pub(crate) const NARROW: [Scalar; 6] = [I8, I16, I32, U8, U16, U32];
    pub(crate) const WIDE: [Scalar; 8] = [I8, I16, I32, I64, U8, U16, U32, U64];

    pub(crate) fn name(self) -> &'static str {
        ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize", "f32", "f64"][self as usize]
    }

    pub(crate) fn bits(self) -> u32 {
        [1, 8, 16, 32, 64, 8, 16, 32, 64, 64, 32, 64][self as usize]
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self, F32 | F64)
    }

    pub(crate) fn is_signed(self) -> bool {
        matches!(self, I8 | I16 | I32 | I64)
    }

    pub(crate) fn unsigned(self) -> Scalar {
        match self {
            I8 => U8,
            I16 => U16,
            I32 => U32,
            I64 => U64,
            other => other,
        }
    }

    pub(crate) fn signed(self) -> Scalar {
        match self {
            U8 => I8,
            U16 => I16,
            U32 => I32,
            U64 => I64,
            other => other,
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Ty {
    S(Scalar),
    Option(Box<Ty>),
    Tuple(Vec<Ty>),
    Array(Box<Ty>, usize),
    Struct(usize),
    Enum(usize),
    /// Of variables only: `&[T]`.
    Slice(Box<Ty>),
    /// Of variables only: a closure.
    Closure(Vec<Ty>, Box<Ty>),
    /// Of one variable only: counters that all items share.
    Counters,
}

impl Ty {
    pub(crate) fn text(&self) -> String {
        match self {
            Ty::S(s) => s.name().into(),
            Ty::Option(t) => format!("Option<{}>", t.text()),
            Ty::Tuple(parts) => format!("({},)", parts.iter().map(Ty::text).collect::<Vec<_>>().join(", ")),
            Ty::Array(t, n) => format!("[{}; {n}]", t.text()),
            Ty::Struct(k) => format!("S{k}"),
            Ty::Enum(k) => format!("E{k}"),
            Ty::Slice(t) => format!("&[{}]", t.text()),
            Ty::Closure(..) | Ty::Counters => "_".into(),
        }
    }

    /// Whether it can be copied and assigned.
    pub(crate) fn is_value(&self) -> bool {
        !matches!(self, Ty::Slice(_) | Ty::Closure(..) | Ty::Counters)
    }

    pub(crate) fn option(of: Ty) -> Ty {
        Ty::Option(Box::new(of))
    }

    pub(crate) fn array(of: Ty, n: usize) -> Ty {
        Ty::Array(Box::new(of), n)
    }
}

/// A struct with named fields `f0`, `f1` ..
#[derive(Clone, Debug)]
pub(crate) struct Struct {
    pub(crate) fields: Vec<Ty>,
}

/// An enum with variants `V0`, `V1` .. of unnamed or named fields.
#[derive(Clone, Debug)]
pub(crate) struct Enum {
    pub(crate) repr: &'static str,
    pub(crate) variants: Vec<Variant>,
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) fields: Vec<Ty>,
    pub(crate) named: bool,
}

/// A function with parameters by value, and perhaps a last one that is `&mut`.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) parameters: Vec<Ty>,
    pub(crate) changes: Option<Ty>,
    pub(crate) result: Ty,
}
