//! The walk: breadth-first over a structure, each node copied into the image as it is visited.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::gather::{Alone, Crew};
use super::how::{FlattenError, How, Root, Target};
use super::image::Image;
use super::known::Known;
use super::map::{Hole, Kind, LinkMap, NodeMap, Shape};
use super::node::{self, prefetch};
use super::storage::Storage;
use super::table::{Address, Block, Table};
use super::uniform;

/// Place of values without a size and of empty arrays: not null, and nothing is read there.
const NOWHERE: u64 = 8;
/// Where nodes begin: before it are zeros.
pub(crate) const RESERVED: u64 = 16;
/// How many nodes ahead of the walk memory is asked for. Of 8 to 32 it hardly matters.
pub(crate) const AHEAD: usize = 16;
/// How many nodes ahead of the walk is looked up whom they share: their own memory has come by then.
const NEAR: usize = AHEAD / 2;
/// Nodes that a walk may have behind it before it drops them, if they are not kept.
const FORGET: usize = 1 << 16;

/// Flattens what `root` leads to into one image. The same structure gives the same image, however many threads help.
///
/// Nodes that only `Box` and `Vec` own take no bookkeeping; those that an `Arc` or a reference may lead to are remembered by
/// address and stand in the image once. A reference to a part of a node is that part, unless it lies in an enum or in an array
/// of more than 16 elements.
///
/// # Errors
/// - [`FlattenError::TooLarge`] if the image would take more than the limit or than the target's pointers reach. Not more
///   than that is allocated.
/// - [`FlattenError::NoMemory`] if the host has no memory for it.
///
/// # Safety
/// - `root` is `count` initialised values, side by side, of the type that `map` was made for, whose description is exact.
/// - They stay borrowed for `'a`: shared, or exclusively if `exclusive` is set, which then goes for the image's use, too.
pub unsafe fn flatten<'a>(map: &'a LinkMap, root: Root, how: How<'_>) -> Result<Image<'a>, FlattenError> {
    let How { target, limit, keep, crew } = how;
    let mut walk = Walk::new(map, Some(target), limit, keep, crew);
    // SAFETY: passed on.
    unsafe {
        if map.has_references() {
            walk.wait = Some(owned(map, root)?);
        }
        walk.all(root)?;
    }
    let len = walk.next;
    let mut bytes = walk.image.unwrap_or_else(|| unreachable!("made with a target"));
    bytes.reserve(len)?;
    bytes.bytes_mut(RESERVED as usize).fill(MaybeUninit::new(0));
    Ok(Image { bytes, len, root: walk.root, target, map, table: keep.then_some(walk.table), borrow: PhantomData })
}

/// Finds the nodes of a structure without copying them.
///
/// # Safety
/// As [`flatten`]'s.
pub(crate) unsafe fn find(map: &LinkMap, root: Root, crew: &dyn Crew) -> Result<Table, FlattenError> {
    let mut walk = Walk::new(map, None, u64::MAX, true, crew);
    // SAFETY: passed on.
    unsafe { walk.all(root)? };
    Ok(walk.table)
}

/// Finds what the structure itself owns of the values that references may lead to. A reference to such a value waits until
/// its owner has been met, so that it stands in the image once, at its owner's.
///
/// # Safety
/// As [`flatten`]'s.
unsafe fn owned(map: &LinkMap, root: Root) -> Result<Known, FlattenError> {
    let mut walk = Walk::new(map, None, u64::MAX, false, &Alone);
    walk.owned = Some(Known::new(&map.kinds));
    // SAFETY: passed on.
    unsafe { walk.all(root)? };
    Ok(walk.owned.unwrap_or_else(|| unreachable!("put there above")))
}

/// State of a walk.
pub(crate) struct Walk<'m, 'c> {
    pub(crate) kinds: &'m [NodeMap],
    pub(crate) table: Table,
    /// `None`: nodes are found, not copied.
    pub(crate) image: Option<Storage>,
    pub(crate) target: Target,
    /// First byte of the image that is not given away.
    pub(crate) next: u64,
    pub(crate) limit: u64,
    pub(crate) crew: &'c dyn Crew,
    pub(crate) keep: bool,
    root: u64,
    known: Known,
    /// Collects what is owned, if that is what the walk is for.
    owned: Option<Known>,
    /// What is owned, if that is known: references to it wait until it is there.
    wait: Option<Known>,
    /// References whose targets are looked for when all owned nodes are there.
    pending: Vec<Pending>,
}

/// A reference that was found in a node.
struct Pending {
    to: Address,
    kind: Kind,
    /// Of the pointer, in bytes.
    place: u64,
}

impl<'m, 'c> Walk<'m, 'c> {
    fn new(map: &'m LinkMap, target: Option<Target>, limit: u64, keep: bool, crew: &'c dyn Crew) -> Self {
        let limit = limit.min(target.map_or(u64::MAX, Target::reach));
        Walk {
            kinds: &map.kinds,
            table: Table::default(),
            image: target.map(|_| Storage::new(limit)),
            target: target.unwrap_or(Target::Words),
            next: RESERVED,
            limit,
            crew,
            keep,
            root: NOWHERE,
            known: Known::new(&map.kinds),
            owned: None,
            wait: None,
            pending: Vec::new(),
        }
    }

    /// Walks everything.
    ///
    /// # Safety
    /// As [`flatten`]'s.
    unsafe fn all(&mut self, root: Root) -> Result<(), FlattenError> {
        self.root = self.elements(0, root.data, root.count, !root.exclusive)?;
        // SAFETY: the table's nodes are the root's and what the walk pushes: alive and unchanged for the whole walk.
        unsafe {
            let mut position = (0, 0);
            loop {
                self.queue(&mut position)?;
                if self.pending.is_empty() {
                    break;
                }
                if !self.resolve()? {
                    // Owners of what is left cannot be met: nobody has to wait for them.
                    self.wait = None;
                }
            }
            self.check()?;
            self.copy_blocks()
        }
    }

    /// Visits nodes until the queue is empty. `position`: the node, and the run it is in.
    ///
    /// # Safety
    /// All nodes of the table are alive, unchanged and of the kind of their run.
    unsafe fn queue(&mut self, (at, run): &mut (usize, usize)) -> Result<(), FlattenError> {
        let kinds = self.kinds;
        while *at < self.table.nodes.len() {
            if !self.keep && *at >= FORGET && *at * 2 >= self.table.nodes.len() {
                self.table.forget(*at, *run);
                (*at, *run) = (0, 0);
            }
            let end = self.table.end(*run);
            if *at == end {
                *run += 1;
                continue;
            }
            let kind = &kinds[self.table.runs[*run].kind];
            // SAFETY: passed on; `at..end` are nodes of the run.
            unsafe {
                match &kind.shape {
                    Shape::Uniform { offsets, target } => uniform::visit(self, kind, offsets, *target, at, *run)?,
                    Shape::Plain | Shape::General => self.visit(kind, at, end, *run)?,
                }
            }
        }
        Ok(())
    }

    /// Visits the nodes from `at` to `end` of a run, whatever they are; at most some at a time.
    ///
    /// # Safety
    /// As [`Self::queue`]'s; `at..end` are nodes of the run.
    unsafe fn visit(&mut self, kind: &'m NodeMap, at: &mut usize, end: usize, run: usize) -> Result<(), FlattenError> {
        let run = self.table.runs[run];
        let end = end.min(*at + FORGET);
        while *at < end {
            if let Some(next) = self.table.nodes.get(*at + AHEAD) {
                prefetch(*next, kind.size);
            }
            if *at + NEAR < end {
                // SAFETY: a node of the run.
                unsafe { self.prefetch_known(kind, self.table.nodes[*at + NEAR]) };
            }
            let place = run.place + (*at - run.first) as u64 * run.stride;
            // SAFETY: passed on.
            unsafe { self.node(kind, self.table.nodes[*at], place, run.shared)? };
            *at += 1;
        }
        Ok(())
    }

    /// Asks for what is known of those whom a node shares.
    ///
    /// # Safety
    /// `node` is alive, unchanged and of that kind.
    #[inline(always)]
    unsafe fn prefetch_known(&self, kind: &NodeMap, node: Address) {
        for &(offset, target, value) in &kind.counted {
            // SAFETY: passed on: a pointer lies there.
            let block = unsafe { node.add(offset).cast::<Address>().read() };
            self.known.prefetch(block.addr().wrapping_add(value), target);
        }
    }

    /// Copies one node and follows its links.
    ///
    /// # Safety
    /// `from` is alive, unchanged and of that kind; `place` is its own.
    unsafe fn node(&mut self, kind: &'m NodeMap, from: Address, place: u64, shared: bool) -> Result<(), FlattenError> {
        let mut done = 0;
        if let Some(image) = &mut self.image {
            image.reserve(place + kind.size as u64)?;
        }
        // SAFETY: each hole lies in the node, at an offset where its description says that such a link is, under the tags
        // that the node has; copies go from the node to its place in the image, of which no other node has a byte.
        unsafe {
            node::holes(&kind.steps, from, 0, &mut |offset, hole| {
                if matches!(hole, Hole::Tag(_)) {
                    return Ok(());
                }
                self.copy(from, place, done..offset);
                done = offset + hole.len();
                self.follow(hole, from.add(offset), place + offset as u64, shared)
            })?;
            self.copy(from, place, done..kind.size);
        }
        Ok(())
    }

    /// Copies bytes of a node.
    ///
    /// # Safety
    /// They lie in the node, and room for it was reserved at `place`.
    #[inline(always)]
    unsafe fn copy(&mut self, from: Address, place: u64, range: std::ops::Range<usize>) {
        if let Some(image) = &mut self.image {
            // SAFETY: passed on; the image is memory of its own, so the ranges do not overlap. Bytes are copied untyped.
            unsafe {
                let to = image.start().add(place as usize + range.start);
                std::ptr::copy_nonoverlapping(from.add(range.start), to, range.len());
            }
        }
    }

    /// Rewrites one link, and pushes what it leads to.
    ///
    /// # Safety
    /// There is such a link at `at`; room for its copy was reserved at `place`.
    unsafe fn follow(&mut self, hole: &Hole, at: Address, place: u64, shared: bool) -> Result<(), FlattenError> {
        // SAFETY: passed on: what lies at `at` is what the hole says, so its pointer may be read, and if it is not null leads
        // to a value of the target's kind that lives as long as the node (for a `Vec`: to `length` of them).
        unsafe {
            match *hole {
                Hole::Boxed(target) => {
                    let to = at.cast::<Address>().read();
                    self.own(target, to)?;
                    let to = if to.is_null() { 0 } else { self.target_of(target, to, 0, shared)? };
                    self.write(place, to);
                }
                Hole::Counted { target, value } => {
                    let block = at.cast::<Address>().read();
                    self.own(target, block.wrapping_add(value))?;
                    let to = match block.is_null() {
                        true => 0,
                        false => self.target_of(target, block.add(value), value, true)? - value as u64,
                    };
                    self.write(place, to);
                }
                Hole::Reference(kind) => {
                    let to = at.cast::<Address>().read();
                    self.write(place, 0);
                    if !to.is_null() {
                        self.pending.push(Pending { to, kind, place });
                    }
                }
                Hole::Array { target, data, length, size } => {
                    let elements = at.add(data).cast::<Address>().read();
                    let count = at.add(length).cast::<usize>().read();
                    let to = self.elements(target, elements, count, shared)?;
                    if let Some(image) = &mut self.image {
                        std::ptr::write_bytes(image.start().add(place as usize), 0, size);
                        image.start().add(place as usize + length).cast::<usize>().write_unaligned(count);
                    }
                    self.write(place + data as u64, to);
                }
                Hole::Atomic(width) => {
                    if let Some(image) = &mut self.image {
                        node::load_atomic(at, image.start().add(place as usize), width);
                    }
                }
                Hole::Tag(_) => {}
            }
        }
        Ok(())
    }

    /// Writes a pointer to `to` (0: null) into the image.
    ///
    /// # Safety
    /// Room for it was reserved at `place`.
    unsafe fn write(&mut self, place: u64, to: u64) {
        if let Some(image) = &mut self.image {
            let pointer = if to == 0 { 0 } else { self.target.pointer(to) };
            // SAFETY: passed on.
            unsafe { image.start().add(place as usize).cast::<u64>().write_unaligned(pointer) };
        }
    }

    /// Place of a value that a link leads to, which is pushed if it is new. `header`: bytes before it, which are made zeros.
    fn target_of(&mut self, kind: Kind, to: Address, header: usize, shared: bool) -> Result<u64, FlattenError> {
        let map = &self.kinds[kind];
        if map.size == 0 && header == 0 {
            return Ok(NOWHERE);
        }
        if map.tracked
            && let Some(place) = self.known.get(to.addr(), kind)
        {
            return Ok(place);
        }
        let align = map.align.max(8);
        let place = (self.next + header as u64).next_multiple_of(align as u64);
        let stride = (header + map.size).next_multiple_of(align) as u64;
        self.next = (place + map.size as u64).next_multiple_of(8);
        if header > 0
            && let Some(image) = &mut self.image
        {
            image.reserve(place)?;
            image.bytes_mut(place as usize)[place as usize - header..].fill(MaybeUninit::new(0));
        }
        self.push(kind, to, place, stride, shared)?;
        Ok(place)
    }

    /// Takes down that a value has an owner in the structure.
    #[inline(always)]
    fn own(&mut self, kind: Kind, value: Address) -> Result<(), FlattenError> {
        match &mut self.owned {
            Some(owned) if self.kinds[kind].tracked => owned.insert(value.addr(), kind, 0),
            _ => Ok(()),
        }
    }

    /// Place of elements side by side, which are new.
    fn elements(&mut self, kind: Kind, first: Address, count: usize, shared: bool) -> Result<u64, FlattenError> {
        let map = &self.kinds[kind];
        if map.size == 0 || count == 0 {
            return Ok(NOWHERE);
        }
        let place = self.next.next_multiple_of(map.align.max(8) as u64);
        // A slice is at most isize::MAX bytes, so this cannot overflow; checked before an entry for each is made.
        self.next = (place + (count * map.size) as u64).next_multiple_of(8);
        self.check()?;
        if map.is_bytes() {
            self.table.blocks.push(Block { data: first, count, kind, place, shared });
            return Ok(place);
        }
        self.table.nodes.reserve(count)?;
        for element in 0..count {
            let at = element * map.size;
            self.own(kind, first.wrapping_add(at))?;
            self.push(kind, first.wrapping_add(at), place + at as u64, map.size as u64, shared)?;
        }
        Ok(place)
    }

    /// Puts a node into the queue, and remembers what links may lead to.
    fn push(&mut self, kind: Kind, node: Address, place: u64, stride: u64, shared: bool) -> Result<(), FlattenError> {
        self.table.open(kind, place, stride, shared);
        self.table.nodes.push(node)?;
        let kinds = self.kinds;
        let map = &kinds[kind];
        if map.tracked {
            self.known.insert(node.addr(), kind, place)?;
        }
        for &(offset, part) in &map.parts {
            self.known.insert(node.addr() + offset, part, place + offset as u64)?;
            self.own(part, node.wrapping_add(offset))?;
        }
        Ok(())
    }

    /// Finds the targets of references seen so far, but for those whose owners are to come. `false` if that is all of them.
    ///
    /// # Safety
    /// Their targets are alive and of the kinds given.
    unsafe fn resolve(&mut self) -> Result<bool, FlattenError> {
        let mut resolved = false;
        for reference in std::mem::take(&mut self.pending) {
            let Pending { to, kind, place } = reference;
            let owned = self.wait.as_ref().is_some_and(|owned| owned.get(to.addr(), kind).is_some());
            if owned && self.known.get(to.addr(), kind).is_none() {
                self.pending.push(reference);
                continue;
            }
            let to = self.target_of(kind, to, 0, true)?;
            // SAFETY: the pointer lies in a node that was copied, so there is room for it.
            unsafe { self.write(place, to) };
            resolved = true;
        }
        self.check()?;
        Ok(resolved)
    }

    /// Copies all elements without links.
    ///
    /// # Safety
    /// As [`Self::queue`]'s, of blocks.
    unsafe fn copy_blocks(&mut self) -> Result<(), FlattenError> {
        let Some(image) = &mut self.image else { return Ok(()) };
        image.reserve(self.next)?;
        for (number, block) in self.table.blocks.iter().enumerate() {
            if let Some(next) = self.table.blocks.get(number + AHEAD / 2) {
                prefetch(next.data, 64);
            }
            // SAFETY: passed on: `count` values; room for them was reserved at the block's place, which is its own.
            unsafe {
                let to = image.start().add(block.place as usize);
                std::ptr::copy_nonoverlapping(block.data, to, block.count * self.kinds[block.kind].size);
            }
        }
        Ok(())
    }

    /// # Errors
    /// If what was given away so far is more than allowed.
    #[inline(always)]
    pub(crate) fn check(&self) -> Result<(), FlattenError> {
        if self.next <= self.limit {
            return Ok(());
        }
        Err(FlattenError::TooLarge { bytes: self.next, limit: self.limit })
    }
}
