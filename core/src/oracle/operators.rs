//! Operators: which ones rustc has resolved to what kernels can do.
//!
//! `a op b` stays what it is in the copy of the body, so that inference is rustc's own. Beside it the operands' types are
//! noted in a slot ([`Operands`]), and when all of the body is known, `operated` or its kin demands that kernels have the operator
//! for these types: those of numbers and `bool`, comparisons of what is made of them, and users' with `#[kernel_fn]`.
//! What a type parameter's operators are is known only when the kernel is translated; method lookup tells the two apart,
//! for a type parameter has no [`Concrete`].

use super::{Slot, never};
use crate::ast::{Callee, FunctionTree};
use crate::types::{KernelNode, Tagged};
use std::marker::PhantomData;

macro_rules! kinds {
    ($($name:ident)*) => {$(
        /// The operator trait of that name.
        pub enum $name {}
    )*};
}
kinds! {
    Add Sub Mul Div Rem BitAnd BitOr BitXor Shl Shr Neg Not
    AddAssign SubAssign MulAssign DivAssign RemAssign BitAndAssign BitOrAssign BitXorAssign ShlAssign ShrAssign
    PartialEq PartialOrd Index IndexMut
}

/// An operator that kernels may use; `Kind` is one of the types of this module.
#[diagnostic::on_unimplemented(
    message = "this operator between `{Self}` and `{Right}` is not a kernel function",
    label = "not marked `#[kernel_fn]`",
    note = "put `#[kernel_fn]` on the `impl` of the operator for `{Self}` with `{Right}`"
)]
pub trait Operator<Kind, Right> {
    /// Builds the tree of the user's function.
    fn tree() -> FunctionTree;

    /// What stands behind the operator.
    fn callee() -> Callee {
        Callee::User(Self::tree)
    }
}

/// `==` and `!=` that kernels may use.
#[diagnostic::on_unimplemented(
    message = "`==` of `{Self}` is not supported in kernels",
    label = "not marked `#[kernel_fn]`",
    note = "say `#[kernel_type(PartialEq)]` beside `#[derive(KernelType)]` instead of the derive of `PartialEq`, write \
            `#[kernel_fn] impl PartialEq`, or compare the fields"
)]
pub trait Equated<Right: ?Sized> {
    /// What stands behind the operator.
    fn callee() -> Callee {
        Callee::Intrinsic
    }
}

/// `<`, `<=`, `>` and `>=` that kernels may use.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be ordered by `<` and its kin in kernels",
    label = "not known to kernels",
    note = "say `#[kernel_type(PartialEq, PartialOrd)]` beside `#[derive(KernelType)]` instead of the derives of both, \
            compare the fields, or write a method and mark it `#[kernel_fn]`"
)]
pub trait Ordered<Right: ?Sized> {}

/// The operator is listed beside the type's derive.
#[diagnostic::on_unimplemented(
    message = "this operator is not listed beside the derive of `{Self}`",
    label = "kernels would not find it",
    note = "list it, as in `#[derive(KernelType)] #[kernel(Add, Mul<f32>, Neg)]`"
)]
pub trait Listed<Kind, Right> {}

/// Checks that an operator is listed.
pub const fn listed<T: Listed<Kind, Right>, Kind, Right>() {}

// ---- what rustc is asked

/// The types of two operands, and what method lookup on the left one has found: [`Known`] or [`Later`].
pub struct Operands<Left: ?Sized, Right: ?Sized, Found>(PhantomData<fn(&Left, &Right, Found)>);

impl<L: ?Sized, R: ?Sized, Found> Slot<Operands<L, R, Found>> {
    /// Notes the operands of an operator.
    pub fn operands(&self, _: &L, _: &R) {}

    /// The left operand; method lookup on it tells whether its type is known already.
    pub fn left<'a>(&self) -> &'a L {
        never()
    }

    /// Notes what method lookup has found.
    pub fn found(&self, _: Found) {}
}

/// Notes the operands of an operator where there are no type parameters: all types will be known.
pub fn operands<L: ?Sized, R: ?Sized>(_: &Slot<Operands<L, R, Known>>, _: &L, _: &R) {}

/// Demands an operator that users overload.
pub fn operated<Kind, L, R>(_: &Slot<Operands<L, R, Known>>) -> Callee
where
    L: Tagged<Erased: Operator<Kind, R::Erased>>,
    R: Tagged,
{
    L::Erased::callee()
}

/// Demands `==`.
pub fn equated<L, R>(_: &Slot<Operands<L, R, Known>>) -> Callee
where
    L: Operand<Erased: Equated<R::Erased>> + ?Sized,
    R: Operand + ?Sized,
{
    L::Erased::callee()
}

/// Demands `<`.
pub fn ordered<L, R>(_: &Slot<Operands<L, R, Known>>) -> Callee
where
    L: Operand<Erased: Ordered<R::Erased>> + ?Sized,
    R: Operand + ?Sized,
{
    Callee::Intrinsic
}

/// The same where there are type parameters, as methods: of a slot whose type is known they demand what the functions do.
impl<L: ?Sized, R: ?Sized> Slot<Operands<L, R, Known>> {
    /// Demands an operator that users overload.
    pub fn operated<Kind>(&self) -> Callee
    where
        L: Tagged<Erased: Operator<Kind, R::Erased>>,
        R: Tagged,
    {
        operated::<Kind, L, R>(self)
    }

    /// Demands `==`.
    pub fn equated(&self) -> Callee
    where
        L: Operand<Erased: Equated<R::Erased>>,
        R: Operand,
    {
        equated(self)
    }

    /// Demands `<`.
    pub fn ordered(&self) -> Callee
    where
        L: Operand<Erased: Ordered<R::Erased>>,
        R: Operand,
    {
        ordered(self)
    }
}

/// Nothing is demanded before the type is known.
impl<L: ?Sized, R: ?Sized> Slot<Operands<L, R, Later>> {
    /// An operator that users overload.
    pub fn operated<Kind>(&self) -> Callee {
        Callee::ByType
    }

    /// `==`
    pub fn equated(&self) -> Callee {
        Callee::ByType
    }

    /// `<`
    pub fn ordered(&self) -> Callee {
        Callee::ByType
    }
}

/// The left operand's type is known.
pub struct Known;
/// It is that of a type parameter: its operators are found when the kernel is translated.
pub struct Later;

/// What a type is but for references, unless it depends on what a type parameter stands for.
pub trait Concrete {
    /// Says so.
    fn __lb_operand(&self) -> Known {
        never()
    }
}

/// All other types.
pub trait Abstract {
    /// Says so. Found last, because of `&mut`.
    fn __lb_operand(&mut self) -> Later {
        never()
    }
}
impl<T: KernelNode + Tagged<Base = T>> Abstract for T {}

/// What a [`Concrete`] type is made of: concrete types and references to them.
pub trait Plain {}

/// A user's type, with `#[derive(KernelType)]`.
pub trait Derived {}
impl<T: Derived> Concrete for T {}

/// An operand, unsized or not, without its lifetimes.
pub trait Operand {
    /// The type without lifetimes.
    type Erased: ?Sized;
}
impl<T: Tagged> Operand for T {
    type Erased = T::Erased;
}
impl<T: Tagged> Operand for [T] {
    type Erased = [T::Erased];
}
