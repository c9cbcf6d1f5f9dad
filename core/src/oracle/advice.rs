//! What to say of functions that kernels cannot call: free functions without `#[kernel_fn]`, and methods of names for which
//! there is something better to say than [`super::callee`] does.

use super::{KernelFunction, Slot, never};
use crate::ast::Callee;
use std::marker::PhantomData;

/// What stands behind a call of a free function.
#[diagnostic::on_unimplemented(
    message = "this function cannot be called in a kernel: it is not marked `#[kernel_fn]`",
    label = "not a kernel function",
    note = "put `#[kernel_fn]` before the function; of another crate's functions kernels call those that are marked there"
)]
pub trait MarkedFunction {
    /// The function.
    fn callee(self) -> Callee;
}
#[diagnostic::do_not_recommend]
impl MarkedFunction for Callee {
    fn callee(self) -> Callee {
        self
    }
}

/// A function of type `F` without the mark.
pub struct NotMarked<F>(PhantomData<F>);

macro_rules! unmarked {
    ($($module:ident<$($t:ident)*>)*) => {$(
        /// The companion of a function that has none, for calls with this many type arguments.
        pub mod $module {
            use super::{NotMarked, Slot, never};

            /// Stands where the type would be that `#[kernel_fn]` puts beside a function.
            pub enum Unmarked {}

            impl Unmarked {
                /// No [`MarkedFunction`](super::MarkedFunction).
                pub fn __of<$($t,)* F>(_: &Slot<F>) -> NotMarked<F> {
                    never()
                }
            }
        }
    )*};
}
unmarked!(unmarked<> unmarked1<A> unmarked2<A B> unmarked3<A B C>);

macro_rules! advised {
    ($($bound:ident $message:literal $label:literal;)*) => {$(
        /// [`KernelFunction`] with a message of its own.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $bound: Sized {
            /// Notes what the hidden sibling of a method has returned.
            fn noted(_: &Slot<Self>, _: Self) {}
        }
        #[diagnostic::do_not_recommend]
        impl<M: KernelFunction> $bound for M {}
    )*};
}
advised! {
    NotOfIterators
        "iterator adaptors are not supported in kernels"
        "write a `for` loop over a range, a slice or an array";
    WithoutOptions
        "this method of `Option` or `Result` is not supported in kernels"
        "`docs/kernel-language.md` lists those that are: `match` does what the others do";
    WithoutSplits
        "slices cannot be split by a method in kernels"
        "use ranges instead: `&x[..n]` and `&x[n..]`";
    WithoutAllocation
        "kernels do not allocate"
        "use an array of fixed length, or a parameter to write to";
}

/// What rustc is asked to make of a value by `into`: only the one of std can. Of a method of the user's rustc says that it
/// gives another type.
pub struct IntoOfStd<T>(PhantomData<T>);

impl<T> From<T> for IntoOfStd<T> {
    fn from(_: T) -> Self {
        never()
    }
}

impl<T> IntoOfStd<T> {
    /// Checks what `into` has given.
    pub fn checked(_: Self) {}
}
