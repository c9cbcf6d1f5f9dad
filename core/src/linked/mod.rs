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
//! # Why reading is sound
//! Whoever calls the unsafe functions here promises that the roots are borrowed for as long as the result lives and that the
//! types' descriptions are exact (the contract of the derive). Then every pointer followed was stored by safe code in a place
//! that owns or borrows its target, so the target is alive and does not change: there is no interior mutability but
//! that of atomics, which are read by atomic loads. Everything else is copied as bytes that may be uninitialised, so
//! padding is never read as a value.

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
mod split;
mod storage;
mod table;
mod uniform;
mod walk;

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
