//! From boxes to a region: a node's place is taken when a link to it is met, and filled when its turn comes. Nothing leads to
//! a place that is not filled, so a walk that ends early has done nothing but take room.
#![allow(unsafe_code)]

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::num::NonZeroU32;

use super::super::kinds::SLICE;
use super::super::{Region, RegionFull, Shared};
use crate::types::{KernelType, KernelValue};

/// A node of boxes (or `Arc`s, or references) that has a form in regions. See [the example](Region::from_boxed).
pub trait ToNode {
    /// Its form in regions.
    type Node: KernelType;

    /// That form; `links` gives handles for what `self` leads to.
    fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> Self::Node;
}

/// Gives handles for nodes whose turn comes later.
pub struct ToLinks<'a, 'r> {
    region: &'r mut Region,
    /// Places that are taken, and what will fill them.
    open: Vec<(Work<'a>, usize)>,
    /// Granules of all places that were taken.
    taken: Vec<u32>,
    /// Places of nodes that several links may lead to, by address and type: a node and its first field may have one address.
    shared: HashMap<(usize, &'static str, TypeId), u32>,
    full: Option<RegionFull>,
    done: bool,
}

enum Work<'a> {
    One(&'a (dyn One<'a> + 'a)),
    Many(Box<dyn Many<'a> + 'a>),
}

/// A [`ToNode`] of any type.
trait One<'a> {
    /// Fills a place that was taken for it.
    fn fill(&'a self, links: &mut ToLinks<'a, '_>, granule: usize);
}

impl<'a, S: ToNode> One<'a> for S {
    fn fill(&'a self, links: &mut ToLinks<'a, '_>, granule: usize) {
        let node = self.to_node(links);
        if links.full.is_some() {
            return;
        }
        // SAFETY: `place` gave the granule for one `S::Node`: it stands in `open` beside `self`, once.
        unsafe {
            links.region.at(granule).cast::<S::Node>().write(node);
            links.region.publish::<S::Node>(granule, 0);
        }
    }
}

/// A slice of them.
trait Many<'a> {
    fn fill(&self, links: &mut ToLinks<'a, '_>, granule: usize);
}

impl<'a, S: ToNode> Many<'a> for &'a [S] {
    fn fill(&self, links: &mut ToLinks<'a, '_>, granule: usize) {
        let nodes: &'a [S] = self;
        for (k, node) in nodes.iter().enumerate() {
            let node = node.to_node(links);
            if links.full.is_some() {
                return;
            }
            // SAFETY: `place` gave the granule for as many nodes as the slice has; it stands in `open` beside it, once.
            unsafe { links.region.at(granule).cast::<S::Node>().add(k).write(node) };
        }
        // SAFETY: all elements were written.
        unsafe { links.region.publish::<S::Node>(granule, SLICE) };
    }
}

impl<'a> ToLinks<'a, '_> {
    /// The handle that a node gets which one link alone leads to: a `Box`. (Of one that two lead to, each gets its own.)
    pub fn to<S: ToNode>(&mut self, node: &'a S) -> Shared<S::Node> {
        match self.take::<S::Node>(1, 0) {
            Some(granule) => {
                self.open.push((Work::One(node), granule));
                self.region.handle(granule)
            }
            None => nowhere(),
        }
    }

    /// The same for a link that may be none, as in `links.maybe(self.next.as_deref())`.
    pub fn maybe<S: ToNode>(&mut self, node: Option<&'a S>) -> Option<Shared<S::Node>> {
        node.map(|node| self.to(node))
    }

    /// The handle that a node gets which several links may lead to: an `Arc` or a reference. It is there once.
    pub fn shared<S: ToNode>(&mut self, node: &'a S) -> Shared<S::Node> {
        let key = (std::ptr::from_ref(node).addr(), type_name::<S>(), TypeId::of::<S::Node>());
        if let Some(&granule) = self.shared.get(&key) {
            return self.region.handle(granule as usize);
        }
        let Some(granule) = self.take::<S::Node>(1, 0) else { return nowhere() };
        self.shared.insert(key, granule as u32);
        self.open.push((Work::One(node), granule));
        self.region.handle(granule)
    }

    /// The handle of a slice of nodes, such as a `Vec` of children.
    pub fn nodes<S: ToNode>(&mut self, nodes: &'a [S]) -> Shared<[S::Node]> {
        match self.take::<S::Node>(nodes.len(), SLICE) {
            Some(granule) => {
                self.open.push((Work::Many(Box::new(nodes)), granule));
                self.region.handle(granule)
            }
            None => nowhere(),
        }
    }

    /// The handle of a copy of plain values.
    pub fn slice<T: KernelValue>(&mut self, values: &[T]) -> Shared<[T]> {
        let Some(granule) = self.take::<T>(values.len(), SLICE) else { return nowhere() };
        // SAFETY: `place` gave room for that many values, which nothing else uses; all are written before it is published.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr(), self.region.at(granule).cast(), values.len());
            self.region.publish::<T>(granule, SLICE);
        }
        self.region.handle(granule)
    }

    /// Room for something; `None` if there is none, or was none before.
    fn take<T: KernelType>(&mut self, count: usize, bit: u32) -> Option<usize> {
        if self.full.is_some() {
            return None;
        }
        match self.region.place::<T>(count, bit) {
            Ok(granule) => {
                self.taken.push(granule as u32);
                Some(granule)
            }
            Err(full) => {
                self.full = Some(full);
                None
            }
        }
    }
}

/// Gives everything back after an error or a panic.
impl Drop for ToLinks<'_, '_> {
    fn drop(&mut self) {
        if !self.done {
            self.taken.iter().for_each(|&granule| self.region.give_back(granule));
        }
    }
}

/// A handle that nobody will see: the walk has failed.
fn nowhere<T: ?Sized>() -> Shared<T> {
    Shared::from_number(NonZeroU32::MAX)
}

/// # From boxes
impl Region {
    /// A region with all that `root` leads to, and the root's handle. See [`ToNode`] for what a node says of itself; the
    /// [module's example](crate::region::boxed) does both directions.
    ///
    /// # Panics
    /// If the region is full; see [`Region::try_push_boxed`].
    #[track_caller]
    pub fn from_boxed<S: ToNode>(root: &S) -> (Region, Shared<S::Node>) {
        let mut region = Region::new();
        let root = region.push_boxed(root);
        (region, root)
    }

    /// Adds all that `root` leads to, and gives the root's handle.
    ///
    /// # Panics
    /// If the region is full; see [`Region::try_push_boxed`].
    #[track_caller]
    pub fn push_boxed<S: ToNode>(&mut self, root: &S) -> Shared<S::Node> {
        match self.try_push_boxed(root) {
            Ok(root) => root,
            Err(full) => panic!("{full}"),
        }
    }

    /// Adds all that `root` leads to, and gives the root's handle.
    ///
    /// # Errors
    /// [`RegionFull`]: no room is left. What was in the region before is unchanged, and nothing was added.
    pub fn try_push_boxed<S: ToNode>(&mut self, root: &S) -> Result<Shared<S::Node>, RegionFull> {
        let mut links =
            ToLinks { region: self, open: vec![], taken: vec![], shared: HashMap::new(), full: None, done: false };
        let root = links.shared(root);
        while let Some((work, granule)) = links.open.pop() {
            match work {
                Work::One(node) => node.fill(&mut links, granule),
                Work::Many(nodes) => nodes.fill(&mut links, granule),
            }
            if let Some(full) = links.full {
                return Err(full);
            }
        }
        match links.full {
            Some(full) => Err(full),
            None => {
                links.done = true;
                Ok(root)
            }
        }
    }

    /// Takes back a place that was taken, filled or not.
    fn give_back(&mut self, granule: u32) {
        let at = granule as usize;
        let filled = self.starts(at);
        if filled {
            self.withdraw(at);
        }
        // SAFETY: `place` wrote a header before the place that it gave.
        let header = unsafe { self.at(at - 1).cast::<super::super::Header>().read() };
        let Some(kind) = self.kinds.by_tag_mut(header.tag) else { return };
        if header.tag & SLICE == 0 {
            kind.nodes -= usize::from(filled);
            kind.free.push(granule);
        } else {
            kind.slices -= usize::from(filled);
            kind.free_slices.entry(header.count).or_default().push(granule);
        }
    }
}
