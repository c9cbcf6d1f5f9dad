//! The types of the nodes in a region, and the tags that tell them apart.
//!
//! A tag is a hash of the type's layout, so that it is the same in each run of a program (compiled kernels and files hold
//! tags), and no two types of a process share one: the second gets the next that is free.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::layout;
use super::memory::GRANULE;
use crate::types::{Ty, TypeKind};

/// The tag of slices of a type is that of the type, and this bit.
pub(crate) const SLICE: u32 = 1;

/// One type of nodes in one region.
#[derive(Clone)]
pub(super) struct Kind {
    pub(super) tag: u32,
    /// For messages.
    pub(super) name: &'static str,
    /// How many single nodes there are.
    pub(super) nodes: usize,
    /// How many slices there are.
    pub(super) slices: usize,
    /// Granules of single slots that were freed.
    pub(super) free: Vec<u32>,
    /// Granules of freed slices, by the number of elements.
    pub(super) free_slices: HashMap<u32, Vec<u32>>,
}

#[derive(Clone, Copy)]
struct Place {
    id: TypeId,
    /// 0: this place is free.
    tag: u32,
    kind: usize,
}

const FREE: Place = Place { id: TypeId::of::<()>(), tag: 0, kind: 0 };

/// All types of one region. Open addressing by a hash that the compiler knows, so that finding a type's tag takes one
/// comparison and, in a loop, none.
#[derive(Clone)]
pub(super) struct Kinds {
    /// Some type of nodes has atomics.
    pub(super) atomics: bool,
    /// The largest alignment, at least that of granules.
    pub(super) align: usize,
    kinds: Vec<Kind>,
    /// A power of two, at most half of them taken.
    places: Box<[Place]>,
}

impl Kinds {
    pub(super) fn new() -> Self {
        Self { atomics: false, align: GRANULE, kinds: Vec::new(), places: vec![FREE; 8].into() }
    }

    #[inline]
    fn place(&self, id: TypeId) -> Place {
        let mask = self.places.len() - 1;
        let mut at = spread(id) as usize & mask;
        loop {
            let place = self.places[at];
            if place.id == id || place.tag == 0 {
                return place;
            }
            at = (at + 1) & mask;
        }
    }

    /// The tag of a type; 0, which is nothing's tag, if this region never had it.
    #[inline]
    pub(super) fn tag(&self, id: TypeId) -> u32 {
        let place = self.place(id);
        if place.id == id { place.tag } else { 0 }
    }

    /// What is known of a type that this region had.
    pub(super) fn get(&self, id: TypeId) -> Option<&Kind> {
        let place = self.place(id);
        (place.tag != 0 && place.id == id).then(|| &self.kinds[place.kind])
    }

    pub(super) fn get_mut(&mut self, id: TypeId) -> Option<&mut Kind> {
        let place = self.place(id);
        (place.tag != 0 && place.id == id).then(|| &mut self.kinds[place.kind])
    }

    /// As [`Kinds::get_mut`]; a type that is new is taken in.
    #[inline]
    pub(super) fn enter(&mut self, ty: Ty, name: &'static str) -> &mut Kind {
        let id = (ty.id)();
        let place = self.place(id);
        let kind = if place.tag != 0 && place.id == id { place.kind } else { self.add(id, ty, name) };
        &mut self.kinds[kind]
    }

    #[cold]
    fn add(&mut self, id: TypeId, ty: Ty, name: &'static str) -> usize {
        let (tag, kind) = (tag_of(ty), self.kinds.len());
        self.atomics |= has_atomics(ty);
        self.align = self.align.max(ty.align);
        let (nodes, slices) = (0, 0);
        self.kinds.push(Kind { tag, name, nodes, slices, free: Vec::new(), free_slices: HashMap::new() });
        if 2 * self.kinds.len() > self.places.len() {
            let more = vec![FREE; 2 * self.places.len()].into();
            let old = std::mem::replace(&mut self.places, more);
            old.iter().filter(|place| place.tag != 0).for_each(|&place| self.insert(place));
        }
        self.insert(Place { id, tag, kind });
        kind
    }

    fn insert(&mut self, place: Place) {
        let mask = self.places.len() - 1;
        let mut at = spread(place.id) as usize & mask;
        while self.places[at].tag != 0 {
            at = (at + 1) & mask;
        }
        self.places[at] = place;
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Kind> {
        self.kinds.iter()
    }

    /// The type that has a tag, be it one of single nodes or of slices.
    pub(super) fn by_tag(&self, tag: u32) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.tag == tag & !SLICE)
    }

    /// As [`Kinds::by_tag`], to be changed.
    pub(super) fn by_tag_mut(&mut self, tag: u32) -> Option<&mut Kind> {
        self.kinds.iter_mut().find(|kind| kind.tag == tag & !SLICE)
    }

    /// No nodes any more, nor freed slots.
    pub(super) fn clear(&mut self) {
        for kind in &mut self.kinds {
            (kind.nodes, kind.slices) = (0, 0);
            kind.free.clear();
            kind.free_slices.clear();
        }
    }
}

fn has_atomics(ty: Ty) -> bool {
    match ty.kind {
        TypeKind::Atomic(_) => true,
        TypeKind::Array(of, _) => has_atomics(of()),
        TypeKind::Struct(fields) => fields.iter().any(|field| has_atomics((field.ty)())),
        TypeKind::Enum(desc) => desc.variants.iter().flat_map(|v| v.fields).any(|field| has_atomics((field.ty)())),
        _ => false,
    }
}

/// The tags of this process.
#[derive(Default)]
struct Tags {
    by_type: HashMap<TypeId, u32>,
    taken: HashSet<u32>,
}

/// The tag of a type in this process: even, never 0.
pub(crate) fn tag_of(ty: Ty) -> u32 {
    static TAGS: LazyLock<Mutex<Tags>> = LazyLock::new(Mutex::default);
    let tags = &mut *TAGS.lock().unwrap_or_else(PoisonError::into_inner);
    *tags.by_type.entry((ty.id)()).or_insert_with(|| {
        let mut tag = (layout::hash(ty) >> 32) as u32 & !SLICE;
        while tag == 0 || !tags.taken.insert(tag) {
            tag = tag.wrapping_add(2);
        }
        tag
    })
}

/// A hash of the type: a constant, once compiled.
#[inline]
fn spread(id: TypeId) -> u64 {
    struct Take(u64);
    impl Hasher for Take {
        #[inline]
        fn write(&mut self, bytes: &[u8]) {
            for &byte in bytes {
                self.0 = self.0.rotate_left(8) ^ u64::from(byte);
            }
        }
        #[inline]
        fn write_u64(&mut self, number: u64) {
            self.0 ^= number;
        }
        #[inline]
        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut take = Take(0);
    id.hash(&mut take);
    take.finish()
}
