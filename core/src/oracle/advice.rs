//! [`super::callee`] for methods of names for which there is something better to say than "not a kernel function".

use super::{KernelFunction, Slot};

macro_rules! advised {
    ($($check:ident $bound:ident $message:literal $label:literal;)*) => {$(
        /// [`KernelFunction`] with a message of its own.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $bound {}
        #[diagnostic::do_not_recommend]
        impl<M: KernelFunction> $bound for M {}

        /// Notes what the hidden sibling of a method has returned.
        pub fn $check<M: $bound>(_: &Slot<M>, _: M) {}
    )*};
}
advised! {
    callee_not_of_iterators NotOfIterators
        "iterator adaptors are not supported in kernels"
        "write a `for` loop over a range, a slice or an array";
    callee_without_options WithoutOptions
        "methods with `Option` and `Result` are not supported in kernels yet"
        "index and compare instead";
    callee_without_splits WithoutSplits
        "slices cannot be split by a method in kernels"
        "use ranges instead: `&x[..n]` and `&x[n..]`";
    callee_without_allocation WithoutAllocation
        "kernels do not allocate"
        "use an array of fixed length, or a parameter to write to";
}
