//! The work-item's number, in one to three dimensions.
#![allow(unsafe_code)]

use std::ops::Range;

use super::{Argument, ArgumentView, Form, Shape};
use crate::extent::{Extent, Index2, Index3};
use crate::ir::Role;
use crate::tally::Tables;
use crate::types::TypeInfo;

/// `i: Index`: the work-item's number.
#[derive(Clone, Copy, Debug)]
pub struct IndexArg {
    first: usize,
    shape: Shape,
}

impl IndexArg {
    /// Other arguments give the number of items.
    pub fn implied() -> Self {
        IndexArg { first: 0, shape: Shape::Any }
    }

    /// This many items.
    pub fn items(items: usize) -> Self {
        IndexArg { first: 0, shape: Shape::Items(items) }
    }
}

// SAFETY: no memory.
unsafe impl Argument for IndexArg {
    type View = usize;
    type Local = Self;
    const FORM: Form = Form { role: Role::Index { dimensions: 1 }, ty: usize::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        self.shape
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        IndexArg { first: self.first + range.start, shape: self.shape }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> usize {
        self.first + item
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    fn describe(&self) -> ArgumentView {
        ArgumentView::Index
    }
}

/// `i: Index2`: the work-item's row and column.
#[derive(Clone, Copy, Debug)]
pub struct Index2Arg {
    sizes: [usize; 2],
    first: usize,
    y: usize,
    row_start: usize,
}

impl Index2Arg {
    /// Height and width.
    pub fn new(sizes: [usize; 2]) -> Self {
        Index2Arg { sizes, first: 0, y: 0, row_start: 0 }
    }
}

// SAFETY: no memory.
unsafe impl Argument for Index2Arg {
    type View = Index2;
    type Local = Self;
    const FORM: Form = Form { role: Role::Index { dimensions: 2 }, ty: Index2::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Extent(Extent::plane(self.sizes))
    }

    #[inline(always)]
    fn run_length(&self, item: usize) -> usize {
        self.sizes[1] - (self.first + item) % self.sizes[1]
    }

    #[inline(always)]
    fn enter(&mut self, item: usize) {
        self.y = (self.first + item) / self.sizes[1];
        self.row_start = self.y * self.sizes[1];
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        Index2Arg { first: self.first + range.start, ..*self }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> Index2 {
        Index2 { y: self.y, x: self.first + item - self.row_start }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    fn describe(&self) -> ArgumentView {
        ArgumentView::Index
    }
}

/// `i: Index3`: the work-item's plane, row and column.
#[derive(Clone, Copy, Debug)]
pub struct Index3Arg {
    sizes: [usize; 3],
    first: usize,
    zy: [usize; 2],
    row_start: usize,
}

impl Index3Arg {
    /// Depth, height and width.
    pub fn new(sizes: [usize; 3]) -> Self {
        Index3Arg { sizes, first: 0, zy: [0; 2], row_start: 0 }
    }
}

// SAFETY: no memory.
unsafe impl Argument for Index3Arg {
    type View = Index3;
    type Local = Self;
    const FORM: Form = Form { role: Role::Index { dimensions: 3 }, ty: Index3::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Extent(Extent::volume(self.sizes))
    }

    #[inline(always)]
    fn run_length(&self, item: usize) -> usize {
        self.sizes[2] - (self.first + item) % self.sizes[2]
    }

    #[inline(always)]
    fn enter(&mut self, item: usize) {
        let row = (self.first + item) / self.sizes[2];
        self.zy = [row / self.sizes[1], row % self.sizes[1]];
        self.row_start = row * self.sizes[2];
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        Index3Arg { first: self.first + range.start, ..*self }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> Index3 {
        Index3 { z: self.zy[0], y: self.zy[1], x: self.first + item - self.row_start }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    fn describe(&self) -> ArgumentView {
        ArgumentView::Index
    }
}
