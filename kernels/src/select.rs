//! Elements chosen by a mark: compaction, partition, runs of equal ones.
//!
//! Devices count the marks of each block of [`BLOCK`], the counts come home (`n / 64` bytes), and each block puts the numbers of the
//! marked elements where they belong; then the elements are fetched. Marks are read twice, chosen elements once; scratch
//! `4 n` bytes. All keep the order of elements. Blelloch, "Prefix Sums and Their Applications" (1990).

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Device, Index, InputFault, KernelValue, Result, kernel};
use rayon::prelude::*;

use crate::gather::gather_kernel;
use crate::host::{PARALLEL, is_host};

/// Elements of a work-item.
pub const BLOCK: usize = 256;

/// How many of a block are marked.
#[kernel]
pub fn count_marked(marks: &[bool], i: Index) -> u32 {
    let mut count = 0;
    for &mark in &marks[i * BLOCK..((i + 1) * BLOCK).min(marks.len())] {
        if mark {
            count += 1;
        }
    }
    count
}

/// Writes the numbers of the marked elements of a block from `places[first]` on, and of the others from `others` less those marked
/// before, where `others` is inside.
#[kernel]
pub fn place_marked(marks: &[bool], others: usize, place: &u32, i: Index, numbers: &[AtomicU32]) {
    let mut at = *place as usize;
    for k in i * BLOCK..((i + 1) * BLOCK).min(marks.len()) {
        if marks[k] {
            numbers[at].store(k as u32, Ordering::Relaxed);
            at += 1;
        } else if others < numbers.len() {
            numbers[others + (k - at)].store(k as u32, Ordering::Relaxed);
        }
    }
}

/// Whether an element differs from the one before it.
#[kernel]
pub fn differs<T: KernelValue + PartialEq>(t: &[T], i: Index) -> bool {
    i == 0 || t[i] != t[i - 1]
}

/// The elements whose mark is true.
///
/// # Errors
/// `BadInput` where there are not as many marks as elements, and as [`Device::scope`].
pub fn compact<T: KernelValue>(device: &Device, t: &[T], marks: &[bool]) -> Result<Vec<T>> {
    fits("compact", t.len(), marks)?;
    if is_host(device) {
        return Ok(compact_on_host(t.len(), |k| marks[k], |k| t[k]));
    }
    let numbers = numbers(device, marks, false)?;
    device.collect(gather_kernel(t, &numbers))
}

/// The elements whose mark is true, then the others; and how many are marked.
///
/// # Errors
/// As [`compact`].
pub fn partition<T: KernelValue>(device: &Device, t: &[T], marks: &[bool]) -> Result<(Vec<T>, usize)> {
    fits("partition", t.len(), marks)?;
    let marked = marks.iter().filter(|mark| **mark).count();
    if is_host(device) {
        let mut all = Vec::with_capacity(t.len());
        all.extend(t.iter().zip(marks).filter(|(_, mark)| **mark).map(|(value, _)| *value));
        all.extend(t.iter().zip(marks).filter(|(_, mark)| !**mark).map(|(value, _)| *value));
        return Ok((all, marked));
    }
    let numbers = numbers(device, marks, true)?;
    Ok((device.collect(gather_kernel(t, &numbers))?, marked))
}

/// The first of each run of equal elements, as [`Vec::dedup`] keeps them. (NaN equals nothing.)
///
/// # Errors
/// As [`Device::scope`].
pub fn unique<T: KernelValue + PartialEq>(device: &Device, t: &[T]) -> Result<Vec<T>> {
    if is_host(device) {
        return Ok(compact_on_host(t.len(), |k| k == 0 || t[k] != t[k - 1], |k| t[k]));
    }
    compact(device, t, &device.collect(differs(t, t.len()))?)
}

/// The first of each run of equal elements, and how long the run is.
///
/// # Errors
/// As [`Device::scope`], and `BadInput` for more than `u32::MAX` elements.
pub fn run_length<T: KernelValue + PartialEq>(device: &Device, t: &[T]) -> Result<(Vec<T>, Vec<u32>)> {
    let limit = u32::MAX as usize;
    if t.len() > limit {
        return Err(InputFault::TooMany { what: "t", found: t.len(), limit }.of("run_length"));
    }
    let starts = if is_host(device) {
        compact_on_host(t.len(), |k| k == 0 || t[k] != t[k - 1], |k| k as u32)
    } else {
        numbers(device, &device.collect(differs(t, t.len()))?, false)?
    };
    let ends = starts.iter().skip(1).copied().chain([t.len() as u32]);
    let lengths = starts.iter().zip(ends).map(|(start, end)| end - start).collect();
    Ok((starts.iter().map(|start| t[*start as usize]).collect(), lengths))
}

fn fits(operation: &'static str, expected: usize, marks: &[bool]) -> Result<()> {
    let (found, limit) = (marks.len(), u32::MAX as usize);
    if found != expected {
        return Err(InputFault::Length { what: "marks", found, expected }.of(operation));
    }
    if found > limit {
        return Err(InputFault::TooMany { what: "marks", found, limit }.of(operation));
    }
    Ok(())
}

/// The numbers of the marked elements, and of the others behind them if these are wanted.
fn numbers(device: &Device, marks: &[bool], others: bool) -> Result<Vec<u32>> {
    if marks.is_empty() {
        return Ok(vec![]);
    }
    let mut places = device.collect(count_marked(marks, marks.len().div_ceil(BLOCK)))?;
    let mut marked = 0;
    for place in &mut places {
        marked += std::mem::replace(place, marked);
    }
    let marked = marked as usize;
    let mut numbers = vec![0; if others { marks.len() } else { marked }];
    if !numbers.is_empty() {
        let _ = device.run(place_marked(marks, marked, &places, &mut numbers))?;
    }
    Ok(numbers)
}

/// The chosen values, from a count first and then without a branch.
fn compact_on_host<T: KernelValue>(
    length: usize,
    chosen: impl Fn(usize) -> bool + Sync,
    value: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    if length == 0 {
        return vec![];
    }
    let pieces = if length < PARALLEL { 1 } else { 4 * rayon::current_num_threads() };
    let per = length.div_ceil(pieces);
    let range = |k: usize| (k * per).min(length)..((k + 1) * per).min(length);
    let count = |k: usize| range(k).filter(|k| chosen(*k)).count();
    let counts: Vec<usize> =
        if pieces == 1 { vec![count(0)] } else { (0..pieces).into_par_iter().map(count).collect() };
    let mut all = vec![value(0); counts.iter().sum()];
    let mut rest = all.as_mut_slice();
    let mut targets = Vec::with_capacity(pieces);
    for (k, count) in counts.iter().enumerate() {
        let (target, behind) = rest.split_at_mut(*count);
        rest = behind;
        targets.push((k, target));
    }
    let fill = |(k, target): (usize, &mut [T])| {
        let mut at = 0;
        for k in range(k) {
            if at == target.len() {
                break; // what is left is not chosen
            }
            target[at] = value(k);
            at += usize::from(chosen(k));
        }
    };
    if pieces == 1 {
        targets.into_iter().for_each(fill)
    } else {
        targets.into_par_iter().for_each(fill)
    }
    all
}
