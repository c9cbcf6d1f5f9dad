//! Arguments in their roles: what the host hands to each work-item, and what a device needs to know of the memory.
//!
//! A parameter's form decides its role (see the table in the crate's docs); each role is a type here. On the host a role
//! gives each work-item its *view* ([`Argument::view`]); for devices it describes itself as raw memory
//! ([`Argument::describe`]).
#![allow(unsafe_code)]

mod elements;
mod form;
mod index;
mod item;
mod node;
mod root;
mod rooted;
mod rows;
pub(crate) mod taken;

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;

use crate::extent::Extent;
use crate::ir::Role;
use crate::linked::Kept;
use crate::tally::{Addable, LocalAtomics, Tables};
use crate::types::{KernelNode, KernelValue, Ty, TypeInfo, linked};

pub use elements::{Elements, ElementsMut};
pub use form::Form;
pub(crate) use form::mismatch;
pub use index::{Index2Arg, Index3Arg, IndexArg};
pub use item::{Item, ItemMut};
pub use node::{NodeItem, NodeItemMut};
pub use root::{NullableRoot, Root};
pub use rooted::{NullableRootArg, RootArg};
pub use rows::{Matrix, Rows, RowsMut, rows, rows_mut};
pub use taken::{Given, GivenAll, Taken};

/// What a device may do with an argument's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Only reads.
    Read,
    /// Reads and writes.
    ReadWrite,
}

/// Raw description of an argument, valid while the launch that gave it is borrowed.
#[derive(Clone, Copy, Debug)]
pub enum ArgumentView {
    /// Memory of the user.
    Span(Span),
    /// A value that all items share: its bytes, of which padding is not initialised.
    Uniform {
        /// Address of the value.
        data: *const MaybeUninit<u8>,
        /// Bytes.
        size: usize,
    },
    /// The work-item's number: no memory.
    Index,
}

/// A byte range of host memory, borrowed for a launch.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// First byte. Aligned for the element type; dangling if `elements` is 0.
    pub data: *mut MaybeUninit<u8>,
    /// Number of elements of the type that [`crate::ir::Parameter::ty`] gives (rows: elements, not rows).
    pub elements: usize,
    /// Size of an element, in bytes. May be 0.
    pub element_size: usize,
    /// What the kernel may do with it.
    pub access: Access,
    /// Elements that belong to one work-item; `None` if every item may reach all elements.
    pub per_item: Option<usize>,
    /// Description of an element, if elements hold links to memory outside of the span.
    pub links: Option<Ty>,
    /// Description of the view, if the elements are addresses of nodes of which each work-item changes its own. Devices that
    /// run a kernel's IR see an array of such views in place of this span: [`Gathered`](crate::launch::Gathered).
    pub nodes: Option<Ty>,
    /// What is known of the structure, if that is kept while it is borrowed, and good for as long as the launch is.
    pub kept: Option<NonNull<Kept>>,
}

impl Span {
    /// Length in bytes.
    pub fn bytes(&self) -> usize {
        self.elements * self.element_size
    }

    /// What is known of the structure, if that is kept.
    ///
    /// # Safety
    /// The launch that gave the span is borrowed for `'l`.
    pub unsafe fn known<'l>(&self) -> Option<&'l Kept> {
        // SAFETY: whoever keeps it is borrowed with the arguments, by the contract of `Launch`.
        self.kept.map(|kept| unsafe { kept.as_ref() })
    }
}

// SAFETY: a span is a description; whoever reads or writes through it obeys the contract of `Launch`.
unsafe impl Send for ArgumentView {}
// SAFETY: as above.
unsafe impl Sync for ArgumentView {}

/// How many work-items an argument gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It fits any number.
    Any,
    /// This many, in one dimension.
    Items(usize),
    /// This extent.
    Extent(Extent),
    /// It cannot be cut evenly: elements, elements of a work-item.
    Ragged(usize, usize),
    /// It fits none: it is borrowed shared, and has atomics that others could change meanwhile.
    SharedAtomics,
}

/// An argument in its role.
///
/// # Safety
/// Implementations promise that views of different items do not overlap unless they are shared or atomic, that
/// `describe` and `FORM` tell the truth, and that what `describe` gives stays valid as long as `self` is borrowed.
pub unsafe trait Argument: Send + Sync + Sized {
    /// What a work-item gets.
    type View;
    /// The same for a thread that adds to tables of its own: `Self` for all but atomics.
    type Local: Argument;

    /// What a parameter has to be that takes this argument.
    const FORM: Form;

    /// How many work-items the argument gives.
    fn shape(&self) -> Shape;

    /// Number of items from `item` on, for which [`Self::enter`] need not be called again.
    #[inline(always)]
    fn run_length(&self, _item: usize) -> usize {
        usize::MAX
    }

    /// Prepares views from `item` on, up to [`Self::run_length`] items.
    #[inline(always)]
    fn enter(&mut self, _item: usize) {}

    /// The argument cut down to some items; item `range.start` becomes the part's item 0 (an index keeps its number).
    ///
    /// # Safety
    /// Parts that are alive at the same time do not overlap, and `range` lies inside the shape.
    unsafe fn part(&self, range: Range<usize>) -> Self;

    /// The view of an item.
    ///
    /// # Safety
    /// `item` is inside the shape and after the last [`Self::enter`]; views of one item do not live at the same time.
    unsafe fn view(&mut self, item: usize) -> Self::View;

    /// The memory behind the argument.
    fn describe(&self) -> ArgumentView;

    /// The same for a thread that adds to tables of its own.
    ///
    /// # Safety
    /// The tables outlive the result. If they are in place, no other thread runs items of the launch meanwhile.
    unsafe fn into_local(self, tables: &mut Tables<'_>) -> Self::Local;

    /// Of atomics for one thread: whether a byte is always an index inside.
    #[inline(always)]
    fn holds_bytes(&self) -> bool {
        true
    }

    /// Words of 32 bits that a table of this argument takes.
    #[inline(always)]
    fn tally_words(&self) -> usize {
        0
    }

    /// Adds a table; takes this argument's words off the front.
    ///
    /// # Safety
    /// No other thread runs items of the launch meanwhile.
    #[inline(always)]
    unsafe fn add_tally(&self, _words: &mut &[u32]) {}

    /// Points the argument at other memory; nothing to do for those that have none.
    ///
    /// # Safety
    /// `data` has the same layout, alignment and length as what [`Self::describe`] gives, holds initialised values wherever
    /// that does, and is borrowed in the same way as long as the argument points there.
    #[inline(always)]
    unsafe fn relocate(&mut self, _data: *mut MaybeUninit<u8>) {}

    /// Sets the extent of the launch, for arguments that need to know it.
    #[inline(always)]
    fn set_extent(&mut self, _extent: Extent) {}
}

/// `p: T`: the same value for all work-items.
#[derive(Clone, Copy, Debug)]
pub struct Uniform<T>(pub T);

// SAFETY: the value is copied, nothing is shared exclusively.
unsafe impl<T: KernelValue> Argument for Uniform<T> {
    type View = T;
    type Local = Self;
    const FORM: Form = Form { role: Role::Uniform, ty: T::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Any
    }

    #[inline(always)]
    unsafe fn part(&self, _: Range<usize>) -> Self {
        *self
    }

    #[inline(always)]
    unsafe fn view(&mut self, _: usize) -> T {
        self.0
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    fn describe(&self) -> ArgumentView {
        ArgumentView::Uniform { data: (&raw const self.0).cast(), size: size_of::<T>() }
    }
}

fn span<T: KernelNode>(data: *const [T], access: Access, per_item: Option<usize>) -> ArgumentView {
    span_kept(data, access, per_item, None)
}

fn span_kept<T: KernelNode>(
    data: *const [T],
    access: Access,
    per_item: Option<usize>,
    kept: Option<NonNull<Kept>>,
) -> ArgumentView {
    ArgumentView::Span(Span {
        data: data.cast_mut().cast(),
        elements: data.len(),
        element_size: size_of::<T>(),
        access,
        per_item,
        links: linked(<T::Erased as TypeInfo>::DESC),
        nodes: None,
        kept,
    })
}

/// `t: &[T]`: the whole slice, read by all work-items.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'k, T> {
    data: *const [T],
    borrow: PhantomData<&'k [T]>,
}

// SAFETY: it stands for a `&[T]`, which is Send if T is Sync.
unsafe impl<T: Sync> Send for Whole<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Whole<'_, T> {}

impl<'k, T> Whole<'k, T> {
    /// All of the slice.
    pub fn new(data: &'k [T]) -> Self {
        Self::over(data.into())
    }

    /// All of the elements.
    #[inline(always)]
    pub fn over(elements: Elements<'k, T>) -> Self {
        Whole { data: elements.data, borrow: PhantomData }
    }
}

// SAFETY: shared views; `describe` gives the slice's own pointer and length.
unsafe impl<'k, T: KernelNode> Argument for Whole<'k, T> {
    type View = &'k [T];
    type Local = Self;
    const FORM: Form = Form { role: Role::Whole, ty: <T::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Any
    }

    #[inline(always)]
    unsafe fn part(&self, _: Range<usize>) -> Self {
        Whole { ..*self }
    }

    #[inline(always)]
    unsafe fn view(&mut self, _: usize) -> &'k [T] {
        // SAFETY: the slice is borrowed for 'k, and nobody writes it while the launch runs, which is as long as views live.
        unsafe { &*self.data }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    unsafe fn relocate(&mut self, data: *mut MaybeUninit<u8>) {
        self.data = std::ptr::slice_from_raw_parts(data.cast(), self.data.len());
    }

    fn describe(&self) -> ArgumentView {
        span(self.data, Access::Read, None)
    }
}

/// `h: &[AtomicU32]`: the whole slice, updated by all work-items. Made from an exclusive borrow, so that no other thread
/// of the host sees it meanwhile.
#[derive(Debug)]
pub struct Atomics<'k, T> {
    pub(crate) data: *const [T],
    borrow: PhantomData<&'k [T]>,
}

// SAFETY: it stands for a `&[T]` of atomics, which is Send if T is Sync.
unsafe impl<T: Sync> Send for Atomics<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Atomics<'_, T> {}

impl<'k, T> Atomics<'k, T> {
    #[inline(always)]
    pub(crate) fn over(elements: ElementsMut<'k, T>) -> Self {
        Atomics { data: elements.data, borrow: PhantomData }
    }
}

// SAFETY: the element type is atomic (only `AtomicArg` makes this), shared views are what it is for.
unsafe impl<'k, T: Addable> Argument for Atomics<'k, T> {
    type View = &'k [T];
    type Local = LocalAtomics<'k, T::Local>;
    const FORM: Form = Form { role: Role::Atomics, ty: T::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Any
    }

    #[inline(always)]
    unsafe fn part(&self, _: Range<usize>) -> Self {
        Atomics { ..*self }
    }

    #[inline(always)]
    unsafe fn view(&mut self, _: usize) -> &'k [T] {
        // SAFETY: the atomics are borrowed for 'k, exclusively but for the work-items of the launch.
        unsafe { &*self.data }
    }

    #[inline(always)]
    unsafe fn into_local(self, tables: &mut Tables<'_>) -> Self::Local {
        // SAFETY: passed on.
        unsafe { self.local(tables) }
    }

    #[inline(always)]
    fn tally_words(&self) -> usize {
        self.data.len()
    }

    unsafe fn add_tally(&self, words: &mut &[u32]) {
        // SAFETY: passed on.
        unsafe { self.add(words) };
    }

    unsafe fn relocate(&mut self, data: *mut MaybeUninit<u8>) {
        self.data = std::ptr::slice_from_raw_parts(data.cast(), self.data.len());
    }

    fn describe(&self) -> ArgumentView {
        span(self.data, Access::ReadWrite, None)
    }
}
