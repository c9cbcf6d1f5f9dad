//! One element of a slice, or a group of them, for each work-item.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use super::{Access, Argument, ArgumentView, Elements, ElementsMut, Form, Shape, Span, span};
use crate::ir::Role;
use crate::tally::Tables;
use crate::types::{KernelNode, TypeInfo, linked};

/// `x: &T`: this work-item's element.
#[derive(Clone, Copy, Debug)]
pub struct Item<'k, T> {
    data: *const [T],
    ragged: Option<(usize, usize)>,
    borrow: PhantomData<&'k [T]>,
}

// SAFETY: it stands for a `&[T]`, which is Send if T is Sync.
unsafe impl<T: Sync> Send for Item<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Item<'_, T> {}

impl<'k, T> Item<'k, T> {
    /// One element an item.
    pub fn new(data: &'k [T]) -> Self {
        Self::over(data.into())
    }

    /// One element an item.
    #[inline(always)]
    pub fn over(elements: Elements<'k, T>) -> Self {
        Item { data: elements.data, ragged: None, borrow: PhantomData }
    }
}

impl<'k, T, const N: usize> Item<'k, [T; N]> {
    /// `N` elements an item.
    pub fn chunks(data: &'k [T]) -> Self {
        Self::chunks_over(data.into())
    }

    /// `N` elements an item.
    #[inline(always)]
    pub fn chunks_over(elements: Elements<'k, T>) -> Self {
        let length = elements.data.len();
        let chunks = std::ptr::slice_from_raw_parts(elements.data.cast(), chunks::<N>(length));
        Item { data: chunks, ragged: ragged::<N>(length), borrow: PhantomData }
    }
}

/// Whole groups of `N` elements.
#[inline(always)]
fn chunks<const N: usize>(length: usize) -> usize {
    length.checked_div(N).unwrap_or(0)
}

/// What `Shape::Ragged` tells of a length that is no multiple of `N`.
#[inline(always)]
fn ragged<const N: usize>(length: usize) -> Option<(usize, usize)> {
    (chunks::<N>(length) * N != length).then_some((length, N))
}

#[inline(always)]
fn item_shape(items: usize, ragged: Option<(usize, usize)>) -> Shape {
    ragged.map_or(Shape::Items(items), |(length, group)| Shape::Ragged(length, group))
}

// SAFETY: shared views; `describe` gives the slice's own pointer and length.
unsafe impl<'k, T: KernelNode> Argument for Item<'k, T> {
    type View = &'k T;
    type Local = Self;
    const FORM: Form = Form { role: Role::Item { exclusive: false }, ty: <T::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        item_shape(self.data.len(), self.ragged)
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        // SAFETY: the caller keeps `range` inside the shape, which is the slice's length.
        let start = unsafe { self.data.cast::<T>().add(range.start) };
        Item { data: std::ptr::slice_from_raw_parts(start, range.len()), ragged: None, borrow: PhantomData }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> &'k T {
        // SAFETY: the caller keeps `item` inside the shape; the slice is borrowed for 'k, and nobody writes it while the
        // launch runs, which is as long as views live.
        unsafe { &*self.data.cast::<T>().add(item) }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    unsafe fn relocate(&mut self, data: *mut MaybeUninit<u8>) {
        self.data = std::ptr::slice_from_raw_parts(data.cast(), self.data.len());
    }

    fn describe(&self) -> ArgumentView {
        span(self.data, Access::Read, Some(1))
    }
}

/// `y: &mut T`: this work-item's element, exclusive.
#[derive(Debug)]
pub struct ItemMut<'k, T> {
    data: *mut [T],
    ragged: Option<(usize, usize)>,
    borrow: PhantomData<&'k mut [T]>,
}

// SAFETY: it stands for a `&mut [T]`, which is Send if T is.
unsafe impl<T: Send> Send for ItemMut<'_, T> {}
// SAFETY: shared access reads only the pointer; views are handed out under the contract of `Argument`.
unsafe impl<T: Send> Sync for ItemMut<'_, T> {}

impl<'k, T> ItemMut<'k, T> {
    /// One element an item.
    pub fn new(data: &'k mut [T]) -> Self {
        Self::over(data.into())
    }

    /// One element an item.
    #[inline(always)]
    pub fn over(elements: ElementsMut<'k, T>) -> Self {
        ItemMut { data: elements.data, ragged: None, borrow: PhantomData }
    }
}

impl<'k, T, const N: usize> ItemMut<'k, [T; N]> {
    /// `N` elements an item.
    pub fn chunks(data: &'k mut [T]) -> Self {
        Self::chunks_over(data.into())
    }

    /// `N` elements an item.
    #[inline(always)]
    pub fn chunks_over(elements: ElementsMut<'k, T>) -> Self {
        let length = elements.data.len();
        let chunks = std::ptr::slice_from_raw_parts_mut(elements.data.cast(), chunks::<N>(length));
        ItemMut { data: chunks, ragged: ragged::<N>(length), borrow: PhantomData }
    }
}

// SAFETY: views are distinct elements of an exclusively borrowed slice.
unsafe impl<'k, T: KernelNode> Argument for ItemMut<'k, T> {
    type View = &'k mut T;
    type Local = Self;
    const FORM: Form = Form { role: Role::Item { exclusive: true }, ty: <T::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        item_shape(self.data.len(), self.ragged)
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        // SAFETY: the caller keeps `range` inside the slice.
        let start = unsafe { self.data.cast::<T>().add(range.start) };
        ItemMut { data: std::ptr::slice_from_raw_parts_mut(start, range.len()), ragged: None, borrow: PhantomData }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> &'k mut T {
        // SAFETY: `item` is inside the slice, which is borrowed exclusively for 'k; the caller takes each item once.
        unsafe { &mut *self.data.cast::<T>().add(item) }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    unsafe fn relocate(&mut self, data: *mut MaybeUninit<u8>) {
        self.data = std::ptr::slice_from_raw_parts_mut(data.cast(), self.data.len());
    }

    fn describe(&self) -> ArgumentView {
        ArgumentView::Span(Span {
            data: self.data.cast(),
            elements: self.data.len(),
            element_size: size_of::<T>(),
            access: Access::ReadWrite,
            per_item: Some(1),
            links: linked(<T::Erased as TypeInfo>::DESC),
            nodes: None,
            kept: None,
        })
    }
}
