//! `region: &Region` as a parameter of kernels.
//!
//! On the host a kernel gets the region itself. To devices a region is one slice of words of 32 bits: the bits of starts and
//! the data next to them, for whole blocks of 32 granules. A block has one word of bits and 64 of data, so the slice's length
//! says where the data begins; the first word of the data says which number granule 0 has in handles.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use super::Region;
use super::memory::{GRANULE, MOST_ALIGN, Memory, PER_WORD};
use crate::KernelType;
use crate::argument::{Access, Argument, ArgumentView, Form, Shape, Span, Taken};
use crate::ir::Role;
use crate::scope::{ResidentRegion, ResidentRegionMut};
use crate::tally::Tables;
use crate::types::{Tagged, TypeDesc, TypeInfo, TypeKind};

/// Words of a block of granules: one of bits, and the data.
pub(crate) const BLOCK_WORDS: usize = 1 + PER_WORD * GRANULE / 4;

/// Blocks whose data fill the smallest page. Memory is usable in whole pages.
const PAGE_BLOCKS: usize = MOST_ALIGN / (PER_WORD * GRANULE);
/// What a copy of a region's words keeps aligned.
const MOVED_ALIGN: usize = PAGE_BLOCKS * 4;

/// What a region is made of to devices.
#[doc(hidden)]
#[derive(KernelType, Clone, Copy, Debug)]
#[kernel_type(crate = crate)]
pub struct Word {
    word: u32,
}

// SAFETY: size and alignment are this type's; it is no `KernelNode`.
#[diagnostic::do_not_recommend]
unsafe impl TypeInfo for Region {
    const DESC: &'static TypeDesc = &TypeDesc {
        name: "Region",
        id: TypeId::of::<Self>,
        size: size_of::<Self>(),
        align: align_of::<Self>(),
        kind: TypeKind::Region,
        operators: &[],
        by_parts: crate::types::ByParts { equal: false, ordered: false },
    };
}

// SAFETY: it is this type, which has no lifetimes.
#[diagnostic::do_not_recommend]
unsafe impl Tagged for Region {
    type Erased = Self;
    type Base = Self;
}

/// A region as a kernel's argument: all work-items read it, and update the atomics in its nodes.
#[derive(Clone, Debug)]
pub struct RegionArg<'k> {
    region: &'k Region,
    /// It was borrowed exclusively: nobody but the launch sees its atomics.
    exclusive: bool,
    /// The same region over a copy of its bytes.
    moved: Option<Arc<Region>>,
}

/// Passed for `region: &Region`: `&region`, or `&mut region` where nodes have atomics, which kernels may then update.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `&Region`",
    label = "expected `&Region` or `&mut Region`, or a handle of one that is attached to a scope"
)]
pub trait RegionSource<'k, 's>: Sized {
    /// The argument.
    fn into_region(self) -> Taken<'s, Self, RegionArg<'k>>;
}

impl<'k, 's> RegionSource<'k, 's> for &'k Region {
    fn into_region(self) -> Taken<'s, Self, RegionArg<'k>> {
        Taken::new(RegionArg { region: self, exclusive: false, moved: None })
    }
}

/// A region that is attached to a scope.
impl<'s> RegionSource<'s, 's> for &ResidentRegion<'s> {
    fn into_region(self) -> Taken<'s, Self, RegionArg<'s>> {
        Taken::new(RegionArg { region: self.region(), exclusive: false, moved: None })
    }
}

impl<'s> RegionSource<'s, 's> for &ResidentRegionMut<'s> {
    fn into_region(self) -> Taken<'s, Self, RegionArg<'s>> {
        Taken::new(RegionArg { region: self.region(), exclusive: false, moved: None })
    }
}

impl<'s> RegionSource<'s, 's> for &mut ResidentRegionMut<'s> {
    fn into_region(self) -> Taken<'s, Self, RegionArg<'s>> {
        Taken::new(RegionArg { region: self.region(), exclusive: true, moved: None })
    }
}

impl<'k, 's> RegionSource<'k, 's> for &'k mut Region {
    fn into_region(self) -> Taken<'s, Self, RegionArg<'k>> {
        Taken::new(RegionArg { region: self, exclusive: true, moved: None })
    }
}

impl Region {
    /// Blocks of granules that devices get: those in use, filled up to a page of data. So the bits, which lie before the data,
    /// keep them aligned to [`MOVED_ALIGN`] wherever the whole begins with such an address, as it does here.
    fn blocks(&self) -> usize {
        self.end.div_ceil(PER_WORD).next_multiple_of(PAGE_BLOCKS)
    }

    /// Whether nodes are aligned in a copy that begins as aligned as the region's words do.
    fn can_move(&self) -> bool {
        self.kinds.align <= MOVED_ALIGN
    }

    /// The bytes of the region as devices see it.
    pub(crate) fn words(&self) -> (*mut MaybeUninit<u8>, usize) {
        let low = self.memory.start().wrapping_sub(self.blocks() * 4);
        (low.cast(), self.blocks() * BLOCK_WORDS * size_of::<Word>())
    }
}

// SAFETY: all views are shared; `describe` gives the words that `words` says are usable, and nobody writes them while the
// region is borrowed, atomics aside: of these there are none (a shape that fits no launch refuses them), or the region is
// borrowed exclusively, and then work-items alone update them.
unsafe impl<'k> Argument for RegionArg<'k> {
    type View = &'k Region;
    type Local = Self;
    const FORM: Form = Form { role: Role::Whole, ty: Word::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        if self.region.kinds.atomics && !self.exclusive { Shape::SharedAtomics } else { Shape::Any }
    }

    unsafe fn part(&self, _: Range<usize>) -> Self {
        self.clone()
    }

    #[inline(always)]
    unsafe fn view(&mut self, _: usize) -> &'k Region {
        match &self.moved {
            None => self.region,
            // SAFETY: views live no longer than the argument that they were made of, which shares the ownership.
            Some(moved) => unsafe { &*Arc::as_ptr(moved) },
        }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    unsafe fn relocate(&mut self, data: *mut MaybeUninit<u8>) {
        let Region { end, first, ref kinds, .. } = *self.region;
        let blocks = self.region.blocks();
        let start = data.cast::<u8>().wrapping_add(blocks * 4);
        let Some(start) = NonNull::new(start) else { return };
        if !start.as_ptr().addr().is_multiple_of(kinds.align) {
            // Nodes would not be aligned, and the region itself is as good: it is only read, or `describe` said so.
            return;
        }
        let memory = Memory::elsewhere(start, blocks * PER_WORD * GRANULE);
        self.moved = Some(Arc::new(Region { memory, end, first, kinds: kinds.clone() }));
    }

    fn describe(&self) -> ArgumentView {
        let (data, bytes) = self.region.words();
        let element_size = size_of::<Word>();
        let elements = bytes / element_size;
        // What cannot move is updated where it is, so there is nothing that would have to come back.
        let updated = self.exclusive && self.region.can_move();
        let access = if updated { Access::ReadWrite } else { Access::Read };
        ArgumentView::Span(Span {
            data,
            elements,
            element_size,
            access,
            per_item: None,
            links: None,
            nodes: None,
            kept: None,
        })
    }
}
