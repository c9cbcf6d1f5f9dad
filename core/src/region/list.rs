//! Doubly linked lists in a region.

use std::fmt;

use super::{BadHandle, Region, Shared};
use crate::KernelType;

/// One element of a [`List`]: kernels follow these.
#[derive(KernelType, Clone, Copy, Debug)]
#[kernel_type(crate = crate)]
pub struct Link<T> {
    /// The element.
    pub value: T,
    /// The link after this one.
    pub next: Option<Shared<Link<T>>>,
    /// The link before this one.
    pub previous: Option<Shared<Link<T>>>,
}

/// A doubly linked list in a [`Region`]: its two ends and its length, plain data itself (to be kept in nodes, saved with the
/// region, or passed to kernels). All methods take the region, and panic if it is not the list's.
///
/// A copy of a `List` speaks of the same links; after a change through one of them the others are out of date.
///
/// ```
/// use landbridge_core::region::{List, Region};
///
/// let mut region = Region::new();
/// let mut list = List::new();
/// list.push_back(&mut region, 2);
/// let last = list.push_back(&mut region, 3);
/// list.push_front(&mut region, 1);
/// list.remove(&mut region, last)?;
/// list.for_each_mut(&mut region, |x| *x *= 10);
/// assert!(list.iter(&region).eq(&[10, 20]));
/// # Ok::<(), landbridge_core::region::BadHandle>(())
/// ```
#[derive(KernelType)]
#[kernel_type(crate = crate)]
pub struct List<T> {
    /// Where a walk begins.
    pub first: Option<Shared<Link<T>>>,
    /// Where a walk backwards begins.
    pub last: Option<Shared<Link<T>>>,
    /// How many links there are.
    pub length: u32,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { first: None, last: None, length: 0 }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List({:?}..{:?}, {} links)", self.first, self.last, self.length)
    }
}

impl<T: KernelType> List<T> {
    /// An empty list, of any region.
    pub fn new() -> Self {
        Self::default()
    }

    /// A list of all these.
    ///
    /// # Panics
    /// If the region is full.
    pub fn from_iter(region: &mut Region, values: impl IntoIterator<Item = T>) -> Self {
        let mut list = Self::new();
        for value in values {
            list.push_back(region, value);
        }
        list
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Adds an element at the end.
    ///
    /// # Panics
    /// If the region is full; the list is unchanged then.
    pub fn push_back(&mut self, region: &mut Region, value: T) -> Shared<Link<T>> {
        self.insert(region, value, self.last, None)
    }

    /// Adds an element at the beginning.
    ///
    /// # Panics
    /// If the region is full; the list is unchanged then.
    pub fn push_front(&mut self, region: &mut Region, value: T) -> Shared<Link<T>> {
        self.insert(region, value, None, self.first)
    }

    /// Adds an element behind a link of this list.
    ///
    /// # Panics
    /// If the region is full, or the link is not of this region; the list is unchanged then.
    pub fn insert_after(&mut self, region: &mut Region, link: Shared<Link<T>>, value: T) -> Shared<Link<T>> {
        let next = region[link].next;
        self.insert(region, value, Some(link), next)
    }

    fn insert(
        &mut self,
        region: &mut Region,
        value: T,
        previous: Option<Shared<Link<T>>>,
        next: Option<Shared<Link<T>>>,
    ) -> Shared<Link<T>> {
        for neighbour in [previous, next].into_iter().flatten() {
            let _: &Link<T> = &region[neighbour]; // panics before anything has changed
        }
        let link = region.push(Link { value, next, previous });
        self.join(region, previous, Some(link));
        self.join(region, Some(link), next);
        self.length = self.length.saturating_add(1);
        link
    }

    /// Makes two links neighbours; `None` is what lies beyond an end.
    fn join(&mut self, region: &mut Region, left: Option<Shared<Link<T>>>, right: Option<Shared<Link<T>>>) {
        match left {
            Some(link) => region[link].next = right,
            None => self.first = right,
        }
        match right {
            Some(link) => region[link].previous = left,
            None => self.last = left,
        }
    }

    /// Takes an element out. The link has to be one of this list.
    ///
    /// # Errors
    /// [`BadHandle`]: it leads to no link of this region. The list is unchanged.
    pub fn remove(&mut self, region: &mut Region, link: Shared<Link<T>>) -> Result<T, BadHandle> {
        let &Link { next, previous, .. } = region.get(link)?;
        for neighbour in [previous, next].into_iter().flatten() {
            region.get(neighbour)?;
        }
        self.join(region, previous, next);
        self.length = self.length.saturating_sub(1);
        Ok(region.remove(link)?.value)
    }

    /// Takes the last element out.
    pub fn pop_back(&mut self, region: &mut Region) -> Option<T> {
        self.last.map(|link| self.remove(region, link).unwrap_or_else(|bad| panic!("{bad}")))
    }

    /// Takes the first element out.
    pub fn pop_front(&mut self, region: &mut Region) -> Option<T> {
        self.first.map(|link| self.remove(region, link).unwrap_or_else(|bad| panic!("{bad}")))
    }

    /// Takes all elements out.
    pub fn clear(&mut self, region: &mut Region) {
        while self.pop_front(region).is_some() {}
    }

    /// The elements from first to last.
    pub fn iter<'r>(&self, region: &'r Region) -> impl Iterator<Item = &'r T> + use<'r, T> {
        self.links(region).map(|link| &region[link].value)
    }

    /// The links from first to last: at most as many as the list has, however they were edited.
    pub fn links<'r>(&self, region: &'r Region) -> impl Iterator<Item = Shared<Link<T>>> + use<'r, T> {
        std::iter::successors(self.first, |&link| region[link].next).take(self.len())
    }

    /// Calls `edit` for each element from first to last. (An iterator of `&mut T` could give one of them twice, as links are
    /// data that anybody may edit.)
    pub fn for_each_mut(&self, region: &mut Region, mut edit: impl FnMut(&mut T)) {
        let mut next = self.first;
        for _ in 0..self.length {
            let Some(link) = next else { return };
            let link = &mut region[link];
            edit(&mut link.value);
            next = link.next;
        }
    }
}
