//! Nodes of regions: `region[p]`.
//!
//! To devices a region is a slice of words (see [`crate::region`]'s argument). A handle is checked by its bit and its tag, as
//! on the host; what it leads to is then a node in memory as any other, read where it lies.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ir::{BinaryOp, CompareOp, Op, PanicKind, Scalar, Type, TypeId, ValueId};
use crate::region::{BLOCK_WORDS, NO_NODE, tag_of};
use crate::types::{SharedDesc, TypeInfo, TypeKind};

impl Lowering<'_> {
    /// What a handle of this type leads to.
    pub(super) fn handle(&self, ty: TypeId) -> Option<SharedDesc> {
        match self.world.types.description(ty)?.kind {
            TypeKind::Shared(to) => Some(to),
            _ => None,
        }
    }

    /// Type of the handle in an `Option` of one.
    pub(super) fn held_handle(&mut self, ty: TypeId) -> Option<TypeId> {
        let handle = self.handle(ty).filter(|handle| handle.nullable)?;
        self.world.types.intern(&mut self.build.module.types, (handle.some)())
    }

    /// `None` of such an `Option`.
    pub(super) fn no_handle(&mut self, ty: TypeId) -> ValueId {
        let zero = self.number(Scalar::U32, 0);
        self.build.value(ty, Op::Make(vec![zero]))
    }

    /// The same number as a handle of another type, or as an `Option` of one.
    pub(super) fn as_handle(&mut self, value: ValueId, ty: TypeId) -> ValueId {
        let u32 = self.scalar_type(Scalar::U32);
        let number = self.extract(value, u32, 0);
        self.build.value(ty, Op::Make(vec![number]))
    }

    /// Whether an `Option` of a handle is not `None`.
    pub(super) fn is_handle(&mut self, value: ValueId) -> ValueId {
        let u32 = self.scalar_type(Scalar::U32);
        let number = self.extract(value, u32, 0);
        let zero = self.number(Scalar::U32, 0);
        self.build.compare(CompareOp::NotEqual, number, zero)
    }

    /// The numbers of two handles, or of two `Option`s of handles: `None` has 0, and is less than all others.
    pub(super) fn handle_numbers(&mut self, left: ValueId, right: ValueId) -> Option<(ValueId, ValueId)> {
        let types = [left, right].map(|value| self.build.type_of(value));
        if types[0] != types[1] || self.handle(types[0]).is_none() {
            return None;
        }
        let u32 = self.scalar_type(Scalar::U32);
        Some((self.extract(left, u32, 0), self.extract(right, u32, 0)))
    }

    /// The region that a place is, if it is one.
    pub(super) fn is_region(&self, ty: TypeId) -> bool {
        let Type::Slice(word) = *self.ty(ty) else { return false };
        let word = self.world.types.description(word);
        word.is_some_and(|ty| (ty.id)() == (crate::region::Word::DESC.id)())
    }

    /// Type of `region[p]`, from the type of `p`.
    pub(super) fn type_in_region(&mut self, handle: TypeId) -> Option<TypeId> {
        let to = self.handle(handle)?;
        let module = &mut self.build.module;
        let node = self.world.types.intern(&mut module.types, (to.to)())?;
        Some(if to.slice { module.types.slice(node) } else { node })
    }

    /// `region[p]`, at the last token seen.
    pub(super) fn node(&mut self, region: Place, handle: ValueId) -> Lowered<Place> {
        let handle_type = self.build.type_of(handle);
        let (Some(to), Some(ty)) = (self.handle(handle_type), self.type_in_region(handle_type)) else {
            return self.bug("a region is indexed by no handle");
        };
        let words = self.load(region)?;
        let tag = tag_of((to.to)()) | u32::from(to.slice);
        let u32 = self.scalar_type(Scalar::U32);
        let number = self.extract(handle, u32, 0);
        let (word, count) = self.checked(words, number, tag);
        let Type::Slice(element) = *self.ty(ty) else {
            let pointer = self.pointer_type(ty);
            return Ok(Place::Memory(self.build.value(pointer, Op::Node { region: words, word })));
        };
        let pointer = self.pointer_type(element);
        let data = self.build.value(pointer, Op::Node { region: words, word });
        let length = self.convert(count, Scalar::Usize);
        Ok(Place::Slice(self.build.value(ty, Op::MakeSlice { data, length })))
    }

    /// The word at which the node of a handle begins, and the number of its elements; panics if there is none.
    fn checked(&mut self, words: ValueId, number: ValueId, tag: u32) -> (ValueId, ValueId) {
        let usize = self.scalar_type(Scalar::Usize);
        let length = self.build.value(usize, Op::Length(words));
        let per_block = self.number(Scalar::Usize, BLOCK_WORDS as i128);
        let (zero, one) = (self.number(Scalar::Usize, 0), self.number(Scalar::Usize, 1));
        // A region has at least one block, so there is no division by zero, and there are a first word and a first bit.
        let blocks = self.divide(length, per_block);
        let first = self.word(words, blocks);
        let granule = self.build.binary(BinaryOp::Sub, number, first, None);
        let five = self.number(Scalar::U32, 5);
        let block = self.build.binary(BinaryOp::Shr, granule, five, None);
        let block = self.convert(block, Scalar::Usize);
        let inside = self.build.compare(CompareOp::Less, block, blocks);
        let block = self.select(inside, block, zero);
        let last = self.build.binary(BinaryOp::Sub, blocks, one, None);
        let bits_at = self.build.binary(BinaryOp::Sub, last, block, None);
        let bits = self.word(words, bits_at);
        let low = self.number(Scalar::U32, 31);
        let place = self.build.binary(BinaryOp::And, granule, low, None);
        let bits = self.build.binary(BinaryOp::Shr, bits, place, None);
        let one_bit = self.number(Scalar::U32, 1);
        let bit = self.build.binary(BinaryOp::And, bits, one_bit, None);
        let starts = self.build.compare(CompareOp::Equal, bit, one_bit);
        let found = self.build.binary(BinaryOp::And, inside, starts, None);
        // Where nothing starts, the tag is read of block 0, where something can be read; nothing starts at granule 0.
        let granule = self.convert(granule, Scalar::Usize);
        let granule = self.select(found, granule, one);
        let twice = self.build.binary(BinaryOp::Add, granule, granule, None);
        let word = self.build.binary(BinaryOp::Add, blocks, twice, None);
        let two = self.number(Scalar::Usize, 2);
        let header = self.build.binary(BinaryOp::Sub, word, two, None);
        let has = self.word(words, header);
        let wanted = self.number(Scalar::U32, i128::from(tag));
        let fits = self.build.compare(CompareOp::Equal, has, wanted);
        let good = self.build.binary(BinaryOp::And, found, fits, None);
        self.check(good, NO_NODE);
        let count = self.build.binary(BinaryOp::Sub, word, one, None);
        let count = self.word(words, count);
        (word, count)
    }

    /// A division that cannot fail.
    fn divide(&mut self, left: ValueId, right: ValueId) -> ValueId {
        let site = self.site(PanicKind::Division);
        self.build.binary(BinaryOp::Div, left, right, Some(site))
    }

    fn convert(&mut self, value: ValueId, to: Scalar) -> ValueId {
        let ty = self.scalar_type(to);
        self.build.value(ty, Op::Cast(value))
    }

    /// A word of a region.
    fn word(&mut self, words: ValueId, index: ValueId) -> ValueId {
        let (site, u32) = (self.site(PanicKind::IndexOutOfBounds), self.scalar_type(Scalar::U32));
        let Type::Slice(word) = *self.ty(self.build.type_of(words)) else { unreachable!("a region is a slice") };
        let pointer = self.pointer_type(word);
        let base = self.build.value(pointer, Op::Element { base: words, index, site });
        let pointer = self.pointer_type(u32);
        let pointer = self.build.value(pointer, Op::Field { base, index: 0 });
        self.build.load(pointer)
    }
}
