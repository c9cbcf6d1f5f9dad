//! Overloaded operators of users' types: `#[kernel_fn] impl Add for V` and `#[kernel(Add)]` beside the derive.

use crate::ast::FunctionTree;

macro_rules! kinds {
    ($($name:ident)*) => {$(
        /// The operator trait of that name.
        pub enum $name {}
    )*};
}
kinds! {
    Add Sub Mul Div Rem BitAnd BitOr BitXor Shl Shr Neg Not
    AddAssign SubAssign MulAssign DivAssign RemAssign BitAndAssign BitOrAssign BitXorAssign ShlAssign ShrAssign
}

/// An operator that kernels may use; `Kind` is one of the types of this module.
#[diagnostic::on_unimplemented(
    message = "this operator of `{Self}` is not a kernel function",
    label = "listed beside the derive, but not marked `#[kernel_fn]`",
    note = "put `#[kernel_fn]` on its `impl`"
)]
pub trait Operator<Kind, Right> {
    /// Builds the tree of the user's function.
    fn tree() -> FunctionTree;
}

/// The operator is listed beside the type's derive.
#[diagnostic::on_unimplemented(
    message = "this operator is not listed beside the derive of `{Self}`",
    label = "kernels would not find it",
    note = "list it, as in `#[derive(KernelType)] #[kernel(Add, Mul<f32>, Neg)]`"
)]
pub trait Listed<Kind, Right> {}

/// Checks that an operator is listed.
pub const fn listed<T: Listed<Kind, Right>, Kind, Right>() {}
