//! A matrix whose rows are the work-items' views.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ops::Range;

use super::{Access, Argument, ArgumentView, Form, Shape, Span, span};
use crate::ir::Role;
use crate::tally::Tables;
use crate::types::KernelType;

/// `#[rows] m: &[T]`: this work-item's row of a matrix.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'k, T> {
    data: &'k [T],
    columns: usize,
}

/// A matrix in row-major order, for a parameter `#[rows] m: &[T]`: each work-item gets a row of `columns` elements.
pub fn rows<T>(data: &[T], columns: usize) -> Rows<'_, T> {
    Rows { data, columns }
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
        Rows { data: unsafe { self.data.get_unchecked(range) }, columns: self.columns }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> &'k [T] {
        // SAFETY: the caller keeps `item` inside the shape, whose rows lie inside the slice.
        unsafe { self.data.get_unchecked(item * self.columns..(item + 1) * self.columns) }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
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

/// A matrix in row-major order, for a parameter `#[rows] m: &mut [T]`: each work-item gets a row of `columns` elements.
pub fn rows_mut<T>(data: &mut [T], columns: usize) -> RowsMut<'_, T> {
    RowsMut { data, columns, borrow: PhantomData }
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

    fn describe(&self) -> ArgumentView {
        ArgumentView::Span(Span {
            data: self.data.cast(),
            elements: self.data.len(),
            element_size: size_of::<T>(),
            access: Access::ReadWrite,
            per_item: Some(self.columns),
        })
    }
}
