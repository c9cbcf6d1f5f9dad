//! The rules, and the error that names one.

use std::fmt;

/// What [`super::verify()`] checks, one rule a variant; its number is the variant's discriminant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rule {
    /// All types that a type names are in the table; no type contains itself, and one that reaches itself does so through
    /// pointers in a struct that has a name.
    TypeOrder = 1,
    /// Alignments are powers of two up to [`super::MAX_ALIGN`]; a struct's size is a multiple of its alignment, which is
    /// at least that of each field; fields are aligned, inside the struct, and do not overlap unless it is an enum.
    TypeLayout = 2,
    /// No type is larger than [`super::MAX_TYPE_SIZE`] bytes, nests deeper than [`super::MAX_TYPE_DEPTH`] or has more
    /// than [`super::MAX_TYPE_MEMBERS`] members (an array's element type counts once, but as often as
    /// there are elements if it has no bytes).
    TypeSize = 3,
    /// Atomics are of 32-bit or 64-bit integers.
    AtomicType = 4,
    /// Data is plain (no pointer, slice or atomic inside) and has as many bytes as its type; each `bool` in it is 0 or 1;
    /// each tag names a variant; padding is zero.
    Data = 5,
    /// The entry exists and has as many parameters as [`crate::ir::Module::parameters`].
    Entry = 6,
    /// The type of each parameter of the entry is what its role asks for. Types of arguments are plain: no pointer or
    /// slice inside, and no atomic but as the element of [`crate::ir::Role::Atomics`]; those of `Item`, `Whole` and `Root`
    /// may have pointers, and those of `Root` atomics.
    Roles = 7,
    /// The entry's result is plain: no pointer, slice or atomic inside.
    Result = 8,
    /// Calls form no cycle.
    CallGraph = 9,
    /// Every id is in range, also in what is never reached.
    Ids = 10,
    /// A function has at least as many locals as parameters; no local holds an atomic.
    Locals = 11,
    /// No value is or contains an atomic.
    Values = 12,
    /// Each value is evaluated by exactly one statement.
    EvaluatedOnce = 13,
    /// A value is used only after its evaluation, in the same block or in blocks nested in it; the values of a loop's
    /// body are unknown to its continuing part.
    Dominance = 14,
    /// A constant is of its value's type, and in its range; the unit value is of type `()`.
    Constants = 15,
    /// `Local`, `Data`, `Field`, `Element`, `AsSlice`, `MakeSlice`, `Node`, `Subslice`, `Length`: operands and result have the types that
    /// [`crate::ir::Op`] states.
    Addresses = 16,
    /// `Load` reads through a pointer, and gives what that points to.
    Loads = 17,
    /// `Make`, `Repeat`, `Extract`: parts and whole fit.
    Composites = 18,
    /// `Unary`, `Binary`, `Compare`, `Select`: operand types fit each other, the operation and the result.
    Arithmetic = 19,
    /// `Cast` and `Bitcast`: between types that they are defined for.
    Casts = 20,
    /// `Math`: number and types of arguments and the result's type fit the function.
    Math = 21,
    /// `Atomic`: through a pointer to an atomic, with arguments and result of its type.
    Atomics = 22,
    /// A call's arguments and result have the types that the function states.
    Calls = 23,
    /// An operation has a site exactly where [`crate::ir::Op`] asks for one, of the kind that fits it.
    Sites = 24,
    /// A store goes through a pointer to the stored value's type.
    Stores = 25,
    /// No store goes to constant memory or to a parameter that work-items share, as far as the pointer's origin is
    /// known: through fields, elements, slices, locals that are set once, and calls.
    SharedStores = 26,
    /// Conditions are of type `bool`.
    Conditions = 27,
    /// Labels are unique in a function.
    Labels = 28,
    /// `Break` goes to an enclosing loop or block, `Continue` to an enclosing loop, neither into or out of a continuing
    /// part.
    Targets = 29,
    /// A continuing part has no `Break`, `Continue` or `Return`, and nothing that can panic, also not in what it calls.
    Continuing = 30,
    /// `Return` has a value of the function's result type, or none exactly if that is `()`.
    Returns = 31,
    /// Where a function has a result, its end is not reached.
    End = 32,
    /// `Check` and `Panic` report scalars, at most two, and exactly two for the kinds whose message needs them. A message that
    /// shows values says which, at most [`super::MAX_REPORTED`], and where each lies in what is shown, none over another.
    Reports = 33,
    /// Blocks nest at most [`super::MAX_NESTING`] deep.
    Nesting = 34,
    /// No local or value is larger than [`super::MAX_VALUE_SIZE`] bytes.
    ValueSize = 35,
    /// Calls nest at most [`super::MAX_CALL_DEPTH`] deep.
    CallDepth = 36,
    /// `Null`, `Some`, `IsSome`, `Payload`: operands and result have the types that [`crate::ir::Op`] states.
    Nullables = 37,
    /// No pointer is stored to memory that a parameter of the entry leads to: links stay as the host made them.
    LinkStores = 38,
    /// An enum's first field is its tag, an integer; for each variant there is one value of the tag, in its range and
    /// unlike the others, and one field, a struct at offset 0 as large as the enum, none of whose fields overlaps the tag.
    Variants = 39,
    /// The tag of an enum is not stored to by itself, and an enum whose variants hold pointers is not loaded as a whole.
    WholeVariants = 40,
    /// A phase's count is a `Usize`, its item a local of that type, no parameter, which only the phase's body refers to and
    /// only loads. All phases of a kernel have the same number of lanes, 1 to [`super::MAX_LANES`]. Phases are not in
    /// phases, in continuing parts, or in what these call; nothing jumps or returns out of one.
    Phases = 41,
    /// What a phase's body stores, itself or in what it calls, goes to locals that only the body refers to, or to the element
    /// at the item's number of what the phase does not choose; as far as pointers are followed through fields, elements,
    /// slices and locals, and nowhere where they cannot be followed.
    PhaseStores = 42,
}

impl Rule {
    /// All rules in order.
    #[rustfmt::skip]
    pub const ALL: [Rule; 42] = {
        use Rule::*;
        [TypeOrder, TypeLayout, TypeSize, AtomicType, Data, Entry, Roles, Result, CallGraph, Ids, Locals, Values,
         EvaluatedOnce, Dominance, Constants, Addresses, Loads, Composites, Arithmetic, Casts, Math, Atomics, Calls,
         Sites, Stores, SharedStores, Conditions, Labels, Targets, Continuing, Returns, End, Reports, Nesting,
         ValueSize, CallDepth, Nullables, LinkStores, Variants, WholeVariants, Phases, PhaseStores]
    };

    /// Its number, from 1.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Whether it limits how large a kernel may be, so that a user can break it. All others only landbridge can.
    pub fn is_limit(self) -> bool {
        matches!(self, Rule::TypeSize | Rule::Nesting | Rule::ValueSize | Rule::CallDepth)
    }
}

/// A module breaks a rule. Since modules are made by landbridge itself, this is not the user's mistake, unless the rule is
/// a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The broken rule.
    pub rule: Rule,
    /// The kernel's name.
    pub kernel: String,
    /// The function, where the fault is inside one.
    pub function: Option<String>,
    /// The value, statement, type or parameter at fault, as [`crate::ir::print`] writes it.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VerifyError { rule, kernel, function, place, what } = self;
        write!(f, "invalid IR of kernel `{kernel}`")?;
        if let Some(function) = function {
            write!(f, ", function `{function}`")?;
        }
        write!(f, ", at `{place}`: {what} (rule {}, {rule:?}). ", rule.number())?;
        f.write_str(if *rule == Rule::LinkStores {
            "What nodes own is never assigned, taken or swapped in a kernel: change it on the host"
        } else if rule.is_limit() {
            "Kernels are limited to that for now: make it smaller"
        } else {
            "This is a bug in landbridge's lowering; please report it"
        })
    }
}

impl std::error::Error for VerifyError {}

/// A broken rule, before it is known where.
pub(super) type Fault = (Rule, String);

/// Answers with a fault unless the condition holds.
macro_rules! require {
    ($condition:expr, $rule:ident, $($message:tt)*) => {
        if !$condition {
            return Err(($crate::ir::verify::Rule::$rule, format!($($message)*)));
        }
    };
}
pub(super) use require;
