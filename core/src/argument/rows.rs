//! A matrix whose rows are the work-items' views.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use super::{Access, Argument, ArgumentView, Elements, ElementsMut, Form, Shape, Span, span};
use crate::ir::Role;
use crate::tally::Tables;
use crate::types::KernelType;

/// A matrix in row-major order and its number of columns: what [`rows`] and [`rows_mut`] give, for a kernel's call to take.
#[derive(Clone, Copy, Debug)]
#[must_use = "a matrix is an argument for a kernel's call"]
pub struct Matrix<D> {
    pub(crate) data: D,
    pub(crate) columns: usize,
}

/// A matrix in row-major order, for a parameter `#[rows] m: &[T]`: each work-item gets a row of `columns` elements.
/// `data` is what may be passed for `x: &T` too, such as `&vec` or a handle of a scope.
pub fn rows<D>(data: D, columns: usize) -> Matrix<D> {
    Matrix { data, columns }
}

/// A matrix in row-major order, for a parameter `#[rows] m: &mut [T]`: each work-item gets a row of `columns` elements.
/// `data` is what may be passed for `y: &mut T` too, such as `&mut vec` or a handle of a scope.
pub fn rows_mut<D>(data: D, columns: usize) -> Matrix<D> {
    Matrix { data, columns }
}

/// `#[rows] m: &[T]`: this work-item's row of a matrix.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'k, T> {
    data: *const [T],
    columns: usize,
    borrow: PhantomData<&'k [T]>,
}

// SAFETY: it stands for a `&[T]`, which is Send if T is Sync.
unsafe impl<T: Sync> Send for Rows<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Rows<'_, T> {}

impl<'k, T> Rows<'k, T> {
    /// A matrix in row-major order.
    #[inline(always)]
    pub fn over(elements: Elements<'k, T>, columns: usize) -> Self {
        Rows { data: elements.data, columns, borrow: PhantomData }
    }
}

#[inline(always)]
fn rows_shape(length: usize, columns: usize) -> Shape {
    if columns == 0 || !length.is_multiple_of(columns) {
        Shape::Ragged(length, columns)
    } else {
        Shape::Items(length / columns)
    }
}

// SAFETY: shared views; `describe` gives the slice's own pointer and length.
unsafe impl<'k, T: KernelType> Argument for Rows<'k, T> {
    type View = &'k [T];
    type Local = Self;
    const FORM: Form = Form { role: Role::Row { exclusive: false }, ty: T::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        rows_shape(self.data.len(), self.columns)
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        let range = range.start * self.columns..range.end * self.columns;
        // SAFETY: the caller keeps `range` inside the shape, whose rows lie inside the slice.
        let start = unsafe { self.data.cast::<T>().add(range.start) };
        let data = std::ptr::slice_from_raw_parts(start, range.len());
        Rows { data, columns: self.columns, borrow: PhantomData }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> &'k [T] {
        // SAFETY: the caller keeps `item` inside the shape, whose rows lie inside the slice; it is borrowed for 'k, and
        // nobody writes it while the launch runs, which is as long as views live.
        unsafe { std::slice::from_raw_parts(self.data.cast::<T>().add(item * self.columns), self.columns) }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    unsafe fn relocate(&mut self, data: *mut MaybeUninit<u8>) {
        self.data = std::ptr::slice_from_raw_parts(data.cast(), self.data.len());
    }

    fn describe(&self) -> ArgumentView {
        span(self.data, Access::Read, Some(self.columns))
    }
}

/// `#[rows] m: &mut [T]`: this work-item's row of a matrix, exclusive.
#[derive(Debug)]
pub struct RowsMut<'k, T> {
    data: *mut [T],
    columns: usize,
    borrow: PhantomData<&'k mut [T]>,
}

// SAFETY: it stands for a `&mut [T]`, which is Send if T is.
unsafe impl<T: Send> Send for RowsMut<'_, T> {}
// SAFETY: shared access reads only the pointer; views are handed out under the contract of `Argument`.
unsafe impl<T: Send> Sync for RowsMut<'_, T> {}

impl<'k, T> RowsMut<'k, T> {
    /// A matrix in row-major order.
    pub fn new(data: &'k mut [T], columns: usize) -> Self {
        Self::over(data.into(), columns)
    }

    /// A matrix in row-major order.
    #[inline(always)]
    pub fn over(elements: ElementsMut<'k, T>, columns: usize) -> Self {
        RowsMut { data: elements.data, columns, borrow: PhantomData }
    }
}

// SAFETY: views are distinct rows of an exclusively borrowed slice.
unsafe impl<'k, T: KernelType> Argument for RowsMut<'k, T> {
    type View = &'k mut [T];
    type Local = Self;
    const FORM: Form = Form { role: Role::Row { exclusive: true }, ty: T::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        rows_shape(self.data.len(), self.columns)
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        // SAFETY: the caller keeps `range` inside the shape, whose rows lie inside the slice.
        let start = unsafe { self.data.cast::<T>().add(range.start * self.columns) };
        let data = std::ptr::slice_from_raw_parts_mut(start, range.len() * self.columns);
        RowsMut { data, columns: self.columns, borrow: PhantomData }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> &'k mut [T] {
        // SAFETY: row `item` lies inside the slice, which is borrowed exclusively for 'k; each row is taken once.
        unsafe { std::slice::from_raw_parts_mut(self.data.cast::<T>().add(item * self.columns), self.columns) }
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
            per_item: Some(self.columns),
            links: None,
            nodes: None,
            kept: None,
        })
    }
}
