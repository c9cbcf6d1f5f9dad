//! Prefix sums with any associative operator, in place, and the same within segments.
//!
//! Two passes over rows of [`ROW`] elements: the fold of each row; then each row from what lies before it. The order is fixed, on
//! every device the same: a row's fold runs from left to right, rows before are combined from left to right, and elements follow
//! one by one. Cost: `2 n` combinations, `2 n` elements read and `n` written; scratch `n / ROW` elements. Blelloch, "Prefix Sums and
//! Their Applications" (1990).

use landbridge::{
    Device, InputFault, KernelType, KernelValue, ResidentMut, Result, Scope, kernel, kernel_fn, rows, rows_mut,
};
use rayon::prelude::*;

use crate::host::{PARALLEL, is_host};
use crate::operator::Operator;

/// Elements of a row, which one work-item scans.
pub const ROW: usize = 256;

/// What element `k` becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The elements up to `k`, `k` included, combined.
    Inclusive,
    /// The elements before `k` combined; the first becomes the operator's identity.
    Exclusive,
}

/// The fold of a row.
#[kernel]
pub fn fold_row<T: KernelValue, O: Operator<T>>(op: O, #[rows] row: &[T]) -> T {
    let mut folded = row[0];
    for &value in &row[1..] {
        folded = op.combine(folded, value);
    }
    folded
}

/// Scans a row, which `before` lies in front of.
#[kernel]
pub fn scan_row<T: KernelValue, O: Operator<T>>(op: O, exclusive: bool, before: &T, #[rows] row: &mut [T]) {
    let mut folded = *before;
    for value in row.iter_mut() {
        let next = op.combine(folded, *value);
        *value = if exclusive { folded } else { next };
        folded = next;
    }
}

/// Replaces each element of `t` by those before it combined, itself included or not.
///
/// # Errors
/// As [`Device::scope`].
pub fn scan<T: KernelValue, O: Operator<T>>(device: &Device, op: O, kind: Kind, t: &mut [T]) -> Result<()> {
    if is_host(device) {
        on_host(op, kind, t);
        return Ok(());
    }
    let (whole, rest) = t.split_at_mut(t.len() / ROW * ROW);
    let mut before = op.identity();
    if !whole.is_empty() {
        let mut offsets = vec![op.identity(); whole.len() / ROW];
        before = device.scope(|s| {
            let mut whole = s.attach_mut(whole);
            let mut offsets = s.attach_mut(&mut offsets);
            scan_resident(s, op, kind, &mut whole, &mut offsets)
        })?;
    }
    row_on_host(op, kind, before, rest);
    Ok(())
}

/// As [`scan`], of data that stays on the scope's device: a multiple of [`ROW`] elements, and scratch for a [`ROW`]th of them. Returns
/// all elements combined.
///
/// # Errors
/// `BadInput` where the scratch has another length, `NotDivisible` where the data is no multiple of [`ROW`], and as [`Scope::collect`].
pub fn scan_resident<'scope, T: KernelValue, O: Operator<T>>(
    scope: &Scope<'scope, '_>,
    op: O,
    kind: Kind,
    t: &mut ResidentMut<'scope, T>,
    scratch: &mut ResidentMut<'scope, T>,
) -> Result<T> {
    let (found, expected) = (scratch.len(), t.len() / ROW);
    if found != expected {
        return Err(InputFault::Length { what: "scratch", found, expected }.of("scan"));
    }
    let mut offsets = scope.collect(fold_row(op, rows(&*t, ROW)))?;
    let all = exclusive_in_order(op, &mut offsets);
    scope.write(scratch, 0, &offsets)?;
    scope.launch(scan_row(op, kind == Kind::Exclusive, &*scratch, rows_mut(t, ROW)))?;
    Ok(all)
}

/// Replaces each by those before it, and returns all combined.
fn exclusive_in_order<T: KernelValue, O: Operator<T>>(op: O, t: &mut [T]) -> T {
    t.iter_mut().fold(op.identity(), |before, here| {
        let next = op.combine(before, *here);
        *here = before;
        next
    })
}

fn row_on_host<T: KernelValue, O: Operator<T>>(op: O, kind: Kind, before: T, row: &mut [T]) {
    let mut folded = before;
    match kind {
        Kind::Inclusive => row.iter_mut().for_each(|here| {
            folded = op.combine(folded, *here);
            *here = folded;
        }),
        Kind::Exclusive => row.iter_mut().for_each(|here| {
            let next = op.combine(folded, *here);
            *here = folded;
            folded = next;
        }),
    }
}

/// One row's fold, left to right; there is an element at least.
fn fold_on_host<T: KernelValue, O: Operator<T>>(op: O, row: &[T]) -> T {
    row[1..].iter().fold(row[0], |folded, here| op.combine(folded, *here))
}

/// Rows that a thread takes at once: what it folded is still in the cache when it scans.
fn on_host<T: KernelValue, O: Operator<T>>(op: O, kind: Kind, t: &mut [T]) {
    if t.len() < PARALLEL || rayon::current_num_threads() == 1 {
        let mut before = op.identity();
        for row in t.chunks_mut(ROW) {
            let folded = fold_on_host(op, row);
            row_on_host(op, kind, before, row);
            before = op.combine(before, folded);
        }
        return;
    }
    let mut offsets = vec![op.identity(); t.len().div_ceil(ROW)];
    offsets.par_iter_mut().with_min_len(64).zip(t.par_chunks(ROW)).for_each(|(to, row)| *to = fold_on_host(op, row));
    exclusive_in_order(op, &mut offsets);
    t.par_chunks_mut(ROW).with_min_len(64).zip(&offsets).for_each(|(row, before)| row_on_host(op, kind, *before, row));
}

/// An element and whether a segment begins with it.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Headed<T> {
    /// The element.
    pub value: T,
    /// 1 where a segment begins, else 0.
    pub head: u32,
}

/// Combines within segments: what lies before a head is forgotten (Schwartz, "Ultracomputers", 1980).
#[derive(Clone, Copy, Debug, KernelType)]
pub struct Within<O>(pub O);

impl<T: KernelValue, O: Operator<T>> Operator<Headed<T>> for Within<O> {
    fn identity(&self) -> Headed<T> {
        Headed { value: self.0.identity(), head: 0 }
    }
    #[kernel_fn]
    fn combine(&self, a: Headed<T>, b: Headed<T>) -> Headed<T> {
        if b.head == 1 { b } else { Headed { value: self.0.combine(a.value, b.value), head: a.head } }
    }
}

/// As an inclusive [`scan`], begun anew where `heads` is true. Scratch: `n` elements and `n` marks of 4 bytes.
///
/// # Errors
/// `BadInput` where the lengths differ, and as [`scan`].
pub fn segmented_scan<T: KernelValue, O: Operator<T>>(
    device: &Device,
    op: O,
    heads: &[bool],
    t: &mut [T],
) -> Result<()> {
    if heads.len() != t.len() {
        return Err(InputFault::Length { what: "heads", found: heads.len(), expected: t.len() }.of("segmented_scan"));
    }
    let mut headed: Vec<Headed<T>> =
        t.iter().zip(heads).map(|(value, head)| Headed { value: *value, head: u32::from(*head) }).collect();
    scan(device, Within(op), Kind::Inclusive, &mut headed)?;
    t.iter_mut().zip(&headed).for_each(|(to, from)| *to = from.value);
    Ok(())
}
