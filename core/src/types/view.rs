//! Views of nodes: what a kernel has of a node that is its work-item's alone.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use super::{KernelNode, KernelType};

/// What is seen of a `Node` where each node is a work-item's own, as `&mut Self`: plain fields as they are, and links that
/// nobody can follow, for they lead to nodes of other work-items. `#[kernel_type(view = NodeMut)]` beside the derive makes one.
///
/// All views of one launch are of one lifetime `'v`, which is invariant, and what owns something in a view has it, too. Exchanging
/// two views, or two links, thus needs structures that are borrowed for the same time: none of them ends
/// while a view of the other is there.
///
/// # Safety
/// Implemented by the derive only. A `&mut Node` may be seen as a `&mut Self`: the layout is the same ([`Self::SAME_LAYOUT`] checks
/// sizes and offsets), each field is a view of the node's field; and through the view no owner can be made, read or followed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither plain data nor the view of a node",
    label = "it may lead to what is not this work-item's: mark such a field `#[kernel_type(link)]`",
    note = "`#[kernel_type(view = NodeMut)]` beside the derive of a `Node` makes its view: plain fields, and links that nobody \
            follows: `Box`, `Vec`, `Arc`, `&`, `Option` and arrays of those, and fields that are marked"
)]
pub unsafe trait NodeView<'v>: Sized {
    /// What it is a view of.
    type Node;

    /// Evaluates if both have one layout.
    #[doc(hidden)]
    const SAME_LAYOUT: () = ();
}

// SAFETY: plain data is seen as it is; it owns nothing.
#[diagnostic::do_not_recommend]
unsafe impl<T: KernelType> NodeView<'_> for T {
    type Node = T;
}

/// A link in a view: it is there, and nobody can do anything with it.
#[repr(transparent)]
pub struct Opaque<'v, F>(ManuallyDrop<F>, PhantomData<fn(&'v ()) -> &'v ()>);

// SAFETY: it is transparent, and no function of it gives or takes what is inside.
unsafe impl<'v, F: KernelNode> NodeView<'v> for Opaque<'v, F> {
    type Node = F;
}

/// The last field of a view, which nobody can make; of no size.
pub struct Seal<'v>(PhantomData<fn(&'v ()) -> &'v ()>);
