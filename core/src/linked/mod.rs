//! Linked data: structures of `Box`, `Vec`, `Arc` and references, walked once and rebuilt as one image for a device.
//!
//! A [`LinkMap`] says where a type's links are, made once from its description. [`flatten`] walks a structure breadth-first, so
//! that its next nodes can be fetched ahead while this one is copied, and never recursively: lists of any length and trees of
//! any depth take no stack. The result is an [`Image`]: every node once, in the host's layout, each pointer rewritten for
//! the [`Target`]. [`Linked`] keeps the image of a structure for as long as it borrows it; [`pages`] finds the pages that a
//! structure lies on, for devices that reach the host's memory.
//!
//! # The image
//! - Its first 16 bytes are zeros: a null pointer, followed by mistake, reads zeros.
//! - A node lies at a *place*, a byte offset that is a multiple of its alignment and of 8, with the host's size and offsets.
//! - Elements of a `Vec` or `Box<[T]>` lie one after the other. Empty ones, and values without a size, are at place 8.
//! - An `Arc`'s block has zeros for the two counts, its value at the host's offset.
//! - A `Vec`'s header keeps pointer and length; its capacity is 0.
//!
//! # For a device that has an image at an address
//! Its pointers are [`Target::Address`]: addresses of 64 bits, nodes in the host's layout, so that a kernel reads an image as it
//! reads the structure itself. The device's memory can be asked for only when the image's size is known, so:
//! 1. Flatten for `Target::Address(0)`, with [`How::keep`] (what [`Kept`] makes for an `Address` has it), and `limit` the most that the
//!    device has room for: beyond it nothing is allocated, and [`FlattenError::on`] is the error to hand on.
//! 2. Ask for `image.bytes().len()` bytes, aligned to [`Image::align`].
//! 3. A structure that is only read: [`Image::copy_based`] fills staging buffers with the device's addresses, chunk by chunk, while
//!    the image stays as it is, for other devices. [`Kept::made`] keeps what was sent until the borrow ends, unless
//!    [`Kept::changes`] says that it is good for one launch.
//!    One that the kernel writes: [`Image::rebase`], and send [`Image::bytes`].
//! 4. The kernel's argument is `base + image.root()`. Several roots lie there side by side, in the host's layout.
//! 5. After a kernel that wrote, copy the whole image back over [`Image::bytes_mut`], then [`Image::write_back`]: plain fields
//!    and atomics go to the nodes, links stay. What did not come back, after an error, leaves the nodes as they were.
//!
//! # Why reading is sound
//! Whoever calls the unsafe functions here promises that the roots are borrowed for as long as the result lives and that the
//! types' descriptions are exact (the contract of the derive). Then every pointer followed was stored by safe code in a place
//! that owns or borrows its target, so the target is alive and does not change: there is no interior mutability but
//! that of atomics, which are read by atomic loads. Everything else is copied as bytes that may be uninitialised, so
//! padding is never read as a value.

mod atomics;
mod chain;
mod describe;
mod gather;
mod handle;
mod how;
mod image;
mod kept;
mod known;
mod loops;
mod map;
mod node;
mod nodes;
mod pages;
mod queue;
mod reached;
mod rebase;
mod split;
mod storage;
mod table;
mod uniform;
mod walk;

pub(crate) use atomics::Atomics;
pub use gather::{Alone, Crew};

pub use handle::{Linked, LinkedMut, linked, linked_mut};
pub use how::{FlattenError, How, Root, Target};
pub use image::{Image, NodeAt};
pub use kept::Kept;
pub use map::LinkMap;
pub(crate) use node::prefetch;
pub use nodes::{NodeSource, Nodes, NodesMut, nodes};
pub use pages::pages;
pub use walk::flatten;
