//! What callers may pass for the root of a linked structure.

use std::rc::Rc;
use std::sync::Arc;

use super::{NullableRoot, Root};
use crate::linked::Linked;

/// Passed for `#[uniform] root: &T`: a borrow of a structure, or the handle that keeps its images. `&mut root` where nodes have
/// atomics, which kernels may then update; the structure has to own those nodes alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter that reads the linked structure `{T}`",
    label = "expected `&{T}`, `&Box<{T}>`, `&Arc<{T}>` or `&Linked<{T}>`, which `linked(&root)` gives",
    note = "anything else that derefs to it can be passed as `&*x`"
)]
pub trait RootArg<'k, T>: Sized {
    /// The argument.
    fn into_root(self) -> Root<'k, T>;
}

/// Passed for `root: Option<&T>`: a borrow of a structure, if there is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `Option<&{T}>`",
    label = "expected `Option<&{T}>`, or an option of something else that a parameter `&{T}` takes",
    note = "of an `Option<Box<{T}>>` that is what `as_deref()` gives; `None` alone does not tell of what: `None::<&{T}>`"
)]
pub trait NullableRootArg<'k, T>: Sized {
    /// The argument.
    fn into_root(self) -> NullableRoot<'k, T>;
}

macro_rules! borrows {
    ($($of:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'k, T> RootArg<'k, T> for &'k $of {
            #[inline]
            fn into_root(self) -> Root<'k, T> {
                Root::new(self)
            }
        }
    )*};
}
borrows!(T, Box<T>, Arc<T>, Rc<T>, &T, &mut T);

#[diagnostic::do_not_recommend]
impl<'k, T> RootArg<'k, T> for &'k mut T {
    #[inline]
    fn into_root(self) -> Root<'k, T> {
        Root::exclusive(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'k, T> RootArg<'k, T> for &'k mut Box<T> {
    #[inline]
    fn into_root(self) -> Root<'k, T> {
        Root::exclusive(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'k, T> RootArg<'k, T> for &'k Linked<'_, T> {
    #[inline]
    fn into_root(self) -> Root<'k, T> {
        Root::kept(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'k, T, R: RootArg<'k, T>> NullableRootArg<'k, T> for Option<R> {
    #[inline]
    fn into_root(self) -> NullableRoot<'k, T> {
        self.map(R::into_root).into()
    }
}
