//! Which structures own all of their nodes alone: what `nodes(&mut ..)` takes.
//!
//! The question is about a graph of types, which may lead back to where it began, so an ordinary trait with conditions cannot
//! answer it: its conditions would need themselves. Auto traits may. So each type says what its parts are
//! (`KernelNode::Parts`), [`Within`] stands for a type by what its parts stand for, and what shares is not `Unpin`.

use std::marker::{PhantomData, PhantomPinned};

use super::KernelNode;

/// What a type is made of, or leads to: a list of types, `(A, (B, ()))`.
pub trait PartList {
    /// Each of them, within.
    type Within;
}

impl PartList for () {
    type Within = ();
}

impl<A, B: PartList> PartList for (A, B) {
    type Within = (Within<A>, B::Within);
}

/// The parts of what leads to nodes that others may lead to as well.
#[doc(hidden)]
#[derive(Debug)]
pub struct Others;

impl PartList for Others {
    type Within = PhantomPinned;
}

/// Stands for all that a type leads to: `Unpin` unless it leads to [`Others`].
pub struct Within<T>(PhantomData<T>);

// Nothing is asked of `T` before that, so that a field which is no node is reported where it stands, and once.
impl<T: KernelNode<Parts: PartList>> Unpin for Within<T> where PhantomData<<T::Parts as PartList>::Within>: Unpin {}

/// A structure whose nodes nobody else leads to: behind `Box`, `Vec`, `Box<[T]>`, `Option` of those, all the way.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not own all of its nodes alone",
    label = "an `Arc` or a reference in it leads to what others may read meanwhile",
    note = "`nodes(&mut ..)` takes structures of `Box`, `Vec`, `Box<[T]>` and `Option` of those; `nodes(&..)` takes any"
)]
pub trait OwnedAlone: KernelNode {}

#[diagnostic::do_not_recommend]
impl<T: KernelNode> OwnedAlone for T where Within<T>: Unpin {}
