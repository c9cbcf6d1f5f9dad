//! Nodes that are work-items' own, side by side for devices that copy: gathered before a launch, scattered after it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;

use super::{Definition, Launch, Output};
use crate::argument::{ArgumentView, Form, Span};
use crate::error::{Error, Result};
use crate::extent::Extent;
use crate::linked::prefetch;
use crate::plan::Strategy;
use crate::types::{Ty, TypeKind};

/// Nodes ahead of the one that is copied whose memory is asked for.
const AHEAD: usize = 16;

/// A launch with `nodes(&mut ..)` among its arguments as a device sees it that runs the kernel's IR: such an argument is an
/// array of views, a copy of the nodes. After success [`Self::scatter`] gives the nodes their plain fields; until then they
/// are as they were.
///
/// It is not for devices that run the host's own code: they take the launch itself, whose nodes are where they are.
pub struct Gathered<'l> {
    launch: &'l dyn Launch,
    /// For each argument, if it is of nodes.
    arrays: Vec<Option<Array>>,
}

/// The nodes of one argument.
struct Array {
    /// As the launch describes it: a list of addresses.
    from: Span,
    view: Ty,
    /// Room for all views, and for the first to be aligned.
    bytes: Vec<MaybeUninit<u8>>,
    /// The first view.
    start: *mut MaybeUninit<u8>,
}

// SAFETY: addresses are followed in `gather` and `scatter` only, under the contract of `Launch`.
unsafe impl Send for Array {}
// SAFETY: as above; `scatter` takes it exclusively.
unsafe impl Sync for Array {}

impl<'l> Gathered<'l> {
    /// The launch with its nodes gathered; `None` if it has no such argument.
    ///
    /// # Errors
    /// `OutOfMemory` if the host has none for the copy.
    ///
    /// # Safety
    /// Only inside of [`Backend::launch`](crate::backend::Backend::launch) or `plan`, or the launch of a session.
    pub unsafe fn of(launch: &'l dyn Launch) -> Result<Option<Self>> {
        let mut any = false;
        launch.describe(&mut |view| any |= matches!(view, ArgumentView::Span(Span { nodes: Some(_), .. })));
        if !any {
            return Ok(None);
        }
        let mut gathered = Self::described(launch);
        for array in gathered.arrays.iter_mut().flatten() {
            // SAFETY: passed on.
            unsafe { array.gather() }?;
        }
        Ok(Some(gathered))
    }

    /// Nothing is gathered yet.
    fn described(launch: &'l dyn Launch) -> Self {
        let mut arrays = Vec::new();
        launch.describe(&mut |view| {
            arrays.push(match view {
                ArgumentView::Span(from @ Span { nodes: Some(view), .. }) => Some(Array::of(from, view)),
                _ => None,
            });
        });
        Gathered { launch, arrays }
    }

    /// Gives the nodes their plain fields as they are in the copies.
    ///
    /// # Safety
    /// As [`Self::of`]; the launch is one that was gathered, a verified kernel has run on it to its end, and no device uses the
    /// copies any more.
    pub unsafe fn scatter(&mut self) {
        for array in self.arrays.iter_mut().flatten() {
            // SAFETY: passed on.
            unsafe { array.scatter() };
        }
    }
}

impl Array {
    /// Not gathered yet.
    fn of(from: Span, view: Ty) -> Self {
        let mut array = Array { from, view, bytes: vec![], start: std::ptr::null_mut() };
        array.start = std::ptr::without_provenance_mut(array.align());
        array
    }

    /// # Safety
    /// As [`Gathered::of`]'s.
    unsafe fn gather(&mut self) -> Result<()> {
        let (size, room) = (self.view.size, self.from.elements * self.view.size + self.align());
        self.bytes.try_reserve_exact(room).map_err(|_| no_memory(room))?;
        self.bytes.resize(room, MaybeUninit::uninit());
        let first = self.bytes.as_mut_ptr();
        self.start = first.wrapping_add(first.align_offset(self.align()));
        for (number, node) in self.nodes() {
            // SAFETY: the launch borrows the nodes exclusively, each of the view's size; the room is that of all nodes, and
            // bytes are copied untyped.
            unsafe { std::ptr::copy_nonoverlapping(node, self.start.wrapping_add(number * size), size) };
        }
        Ok(())
    }

    /// # Safety
    /// As [`Gathered::scatter`]'s.
    unsafe fn scatter(&mut self) {
        let (ranges, size) = (plain(self.view), self.view.size);
        for (number, node) in self.nodes() {
            for range in &ranges {
                let from = self.start.wrapping_add(number * size + range.start);
                // SAFETY: as in `gather`; plain fields are valid in the copy, since a verified kernel has stored them.
                unsafe { std::ptr::copy_nonoverlapping(from, node.wrapping_add(range.start), range.len()) };
            }
        }
    }

    /// Addresses of the nodes, with their numbers; asks for the memory of those to come.
    fn nodes(&self) -> impl Iterator<Item = (usize, *mut MaybeUninit<u8>)> {
        let (data, count) = (self.from.data.cast::<*mut MaybeUninit<u8>>(), self.from.elements);
        // SAFETY: such a span is a list of addresses, which the launch keeps; `data` dangles if there is none.
        let list = unsafe { std::slice::from_raw_parts(data, count) };
        list.iter().enumerate().map(move |(number, &node)| {
            if let Some(next) = list.get(number + AHEAD) {
                prefetch(next.cast(), self.view.size);
            }
            (number, node)
        })
    }

    /// Of the copies: a cache line at least.
    fn align(&self) -> usize {
        self.view.align.max(64)
    }

    /// What a device sees.
    fn span(&self) -> Span {
        Span { data: self.start, element_size: self.view.size, links: None, nodes: None, kept: None, ..self.from }
    }
}

/// The bytes of a view's plain fields, ascending; neighbours are one range. What is no struct is plain data, seen as it is.
fn plain(view: Ty) -> Vec<Range<usize>> {
    let whole = 0..view.size;
    let TypeKind::Struct(fields) = view.kind else { return vec![whole] };
    let mut ranges: Vec<Range<usize>> =
        fields.iter().map(|field| field.offset..field.offset + (field.ty)().size).filter(|r| !r.is_empty()).collect();
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, range| {
        let neighbours = range.end == next.start;
        if neighbours {
            range.end = next.end;
        }
        neighbours
    });
    ranges
}

#[cold]
fn no_memory(bytes: usize) -> Error {
    Error::OutOfMemory {
        device: "the host".into(),
        wanted: bytes as u64,
        available: 0,
        hint: "it is a copy of the nodes, side by side; use the host or a device that shares its addresses".into(),
    }
}

// SAFETY: what the launch says, but for nodes: their copies are owned by `self`, as long as it lives.
unsafe impl Launch for Gathered<'_> {
    fn definition(&self) -> &'static Definition {
        self.launch.definition()
    }

    fn extent(&self) -> Extent {
        self.launch.extent()
    }

    fn items(&self) -> usize {
        self.launch.items()
    }

    fn strategy(&self) -> Strategy {
        self.launch.strategy()
    }

    fn describe(&self, visit: &mut dyn FnMut(ArgumentView)) {
        let mut arrays = self.arrays.iter();
        self.launch.describe(&mut |view| {
            visit(match arrays.next() {
                Some(Some(array)) => ArgumentView::Span(array.span()),
                _ => view,
            });
        });
    }

    unsafe fn relocate(&self, _: &[*mut MaybeUninit<u8>]) -> bool {
        false
    }

    fn forms(&self) -> &'static [Form] {
        self.launch.forms()
    }

    fn result(&self) -> Option<Ty> {
        self.launch.result()
    }

    fn output(&self) -> Output {
        self.launch.output()
    }

    unsafe fn run(&self, items: Range<usize>) {
        debug_assert!(false, "a device that runs the host's own code takes nodes where they are");
        // SAFETY: passed on.
        unsafe { self.launch.run(items) };
    }

    unsafe fn fold(&self, partials: *const MaybeUninit<u8>, count: usize) {
        // SAFETY: passed on.
        unsafe { self.launch.fold(partials, count) };
    }
}
