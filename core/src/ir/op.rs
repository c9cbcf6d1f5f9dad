//! Operations: what computes a value.

use super::{DataId, FunctionId, LocalId, SiteId, ValueId};

/// What computes a [`super::Value`]. Operand types are given as rules; [`super::verify()`] checks them.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A scalar constant of the value's type.
    Constant(Constant),
    /// The unit value.
    Unit,
    /// Address of a local: `Pointer(type of the local)`.
    Local(LocalId),
    /// Address of constant memory: `Pointer(type of the data)`. Never stored to.
    Data(DataId),
    /// Reads memory: `Pointer(T)` gives `T`. `T` is no atomic and contains none.
    Load(ValueId),
    /// Address of a field: `Pointer(struct)` gives `Pointer(field)`.
    Field {
        /// Pointer to the struct.
        base: ValueId,
        /// Index into the struct's fields.
        index: u32,
    },
    /// Address of an element: `Pointer(array of T)` or `Slice(T)` gives `Pointer(T)`. Panics at `site`
    /// (`IndexOutOfBounds`) if the index is not below the length.
    Element {
        /// Pointer to an array, or slice.
        base: ValueId,
        /// A `Usize`.
        index: ValueId,
        /// What is reported.
        site: SiteId,
    },
    /// `Pointer(array of T)` gives `Slice(T)` over the whole array.
    AsSlice(ValueId),
    /// Part of a slice, elements `from..to`: `Slice(T)` gives `Slice(T)`. Panics at `order` if `from` is past the length
    /// or `from > to`, else at `end` if `to` is past the length.
    Subslice {
        /// The slice.
        base: ValueId,
        /// First element, a `Usize`.
        from: ValueId,
        /// One past the last element, a `Usize`.
        to: ValueId,
        /// Site of kind `SliceOrder`, for `from > length` and `from > to`.
        order: SiteId,
        /// Site of kind `SliceEnd` or `SliceLast`, for `to > length`.
        end: SiteId,
    },
    /// The slice of `length` elements from `data` on: `Pointer(T)` and `Usize` give `Slice(T)`. Both were read from one
    /// `Vec<T>` or `Box<[T]>`.
    MakeSlice {
        /// Address of the first element.
        data: ValueId,
        /// Number of elements.
        length: ValueId,
    },
    /// Address of the node that begins at a word of a region: `Slice(struct of one u32)` and `Usize` give `Pointer(T)`, where
    /// `T` has no pointers. It is evaluated only where checks have shown that a `T` lies there; what `Length` and `Element`
    /// read of the region's words has shown it.
    Node {
        /// The region's words.
        region: ValueId,
        /// Index of the word, a `Usize`.
        word: ValueId,
    },
    /// The null of a `Nullable(T)`.
    Null,
    /// `Pointer(T)` gives the `Nullable(T)` that is not null.
    Some(ValueId),
    /// Whether a `Nullable(T)` is not null: a `bool`.
    IsSome(ValueId),
    /// `Nullable(T)` gives the `Pointer(T)` that it is. It is evaluated only where the value is not null.
    Payload(ValueId),
    /// Address of the pointer in a nullable: `Pointer(Nullable(T))` gives the same address as `Pointer(Pointer(T))`. It is
    /// evaluated only where the nullable is not null (`&Box<T>` of an `Option<Box<T>>`).
    PayloadPlace(ValueId),
    /// Number of elements of a slice: a `Usize`.
    Length(ValueId),
    /// A struct or array value from its fields or elements, in the order of the type.
    Make(Vec<ValueId>),
    /// An array value whose elements are all the same.
    Repeat(ValueId),
    /// A field of a struct value, or an element of an array value at a constant index (which is in range).
    Extract {
        /// A struct or array value.
        base: ValueId,
        /// Field or element.
        index: u32,
    },
    /// `-x`, `!x`.
    Unary {
        /// Which.
        op: UnaryOp,
        /// A scalar of the value's type.
        operand: ValueId,
        /// Only for `Neg` of signed integers: panic on overflow.
        site: Option<SiteId>,
    },
    /// Arithmetic and bit operations on two scalars of the value's type (the count of a shift may be any integer).
    Binary {
        /// Which.
        op: BinaryOp,
        /// Left operand.
        left: ValueId,
        /// Right operand.
        right: ValueId,
        /// Integers: `Div`, `Rem` always; `Add`, `Sub`, `Mul`, `Shl`, `Shr` where overflow panics. Never for floats and
        /// bit operations.
        site: Option<SiteId>,
    },
    /// A `bool` from two scalars of one type (`bool`: false is less than true), or from two pointers or two nullables of
    /// one type (`Equal` and `NotEqual` only: whether they are the same address).
    Compare {
        /// Which.
        op: CompareOp,
        /// Left operand.
        left: ValueId,
        /// Right operand.
        right: ValueId,
    },
    /// One of two values of the same type; both have been computed.
    Select {
        /// A `bool`.
        condition: ValueId,
        /// If true.
        accept: ValueId,
        /// If false.
        reject: ValueId,
    },
    /// Rust's `as` from a scalar to the value's scalar type (bool only as a source; not from float to bool).
    Cast(ValueId),
    /// The same bits as another scalar type of the same size (no bool).
    Bitcast(ValueId),
    /// A function of std on scalars.
    Math {
        /// Which.
        function: MathFunction,
        /// As many as [`MathFunction::arity`].
        arguments: Vec<ValueId>,
    },
    /// An atomic operation on `Pointer(Atomic(S))`; gives the old `S`, or `Unit` for `Store`.
    Atomic {
        /// Which.
        op: AtomicOp,
        /// Address of the atomic.
        pointer: ValueId,
        /// `Load`: none. `CompareExchange`: expected, new. Others: one. All of type `S`.
        arguments: Vec<ValueId>,
    },
    /// Calls a function of the module (never directly or indirectly itself).
    Call {
        /// Which.
        function: FunctionId,
        /// One for each parameter.
        arguments: Vec<ValueId>,
    },
}

/// A scalar constant; its type is the value's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// A `bool`.
    Bool(bool),
    /// An integer of any type, in range of it.
    Int(i128),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
}

/// Operations on one scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-x` of signed integers and floats.
    Neg,
    /// `!x` of integers (bits) and `bool`.
    Not,
}

/// Operations on two scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+` of integers and floats.
    Add,
    /// `-` of integers and floats.
    Sub,
    /// `*` of integers and floats.
    Mul,
    /// `/` of integers and floats.
    Div,
    /// `%` of integers and floats.
    Rem,
    /// `&` of integers and `bool`.
    And,
    /// `|` of integers and `bool`.
    Or,
    /// `^` of integers and `bool`.
    Xor,
    /// `<<` of integers.
    Shl,
    /// `>>` of integers; arithmetic for signed ones.
    Shr,
}

/// Comparisons of two scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// Functions of std that generators know. Methods that are made of these (`clamp`, `rem_euclid`, `pow`, ...) are
/// composed when the tree is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[rustfmt::skip]
#[allow(missing_docs, reason = "each is the std method of the same name")]
pub enum MathFunction {
    // f32 and f64
    Sqrt, Abs, Floor, Ceil, Round, RoundTiesEven, Trunc,
    Exp, Exp2, ExpM1, Ln, Log2, Log10, Ln1p, Cbrt,
    Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh,
    Atan2, Powf, Hypot, Copysign, MulAdd,
    /// `f.powi(n)`: the second argument is an `i32`.
    Powi,
    // floats and integers
    /// As std: of a number and NaN the number.
    Min,
    /// As std: of a number and NaN the number.
    Max,
    // integers
    CountOnes, LeadingZeros, TrailingZeros, ReverseBits, SwapBytes,
    /// The second argument is a `u32`.
    RotateLeft,
    /// The second argument is a `u32`.
    RotateRight,
}

impl MathFunction {
    /// Number of arguments.
    pub fn arity(self) -> usize {
        use MathFunction::*;
        match self {
            Atan2 | Powf | Hypot | Copysign | Powi | Min | Max | RotateLeft | RotateRight => 2,
            MulAdd => 3,
            _ => 1,
        }
    }

    /// Whether it takes floats.
    pub fn on_floats(self) -> bool {
        use MathFunction::*;
        !matches!(self, CountOnes | LeadingZeros | TrailingZeros | ReverseBits | SwapBytes | RotateLeft | RotateRight)
    }

    /// Whether it takes integers.
    pub fn on_integers(self) -> bool {
        !self.on_floats() || matches!(self, MathFunction::Min | MathFunction::Max)
    }

    /// Whether the result is a `u32` whatever the argument's type.
    pub fn gives_u32(self) -> bool {
        use MathFunction::*;
        matches!(self, CountOnes | LeadingZeros | TrailingZeros)
    }
}

/// Operations on an atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[rustfmt::skip]
#[allow(missing_docs, reason = "each is the std method of the same name, without `fetch_`")]
pub enum AtomicOp {
    Load, Store, Add, Sub, Min, Max, And, Or, Xor,
    /// `swap`
    Exchange,
    /// `compare_exchange`: gives the old value, whether it was exchanged or not.
    CompareExchange,
}
