//! Random places: pointers and slices, from what is known down to a part of the wanted type.

use super::function::Maker;
use crate::ir::{BinaryOp, Constant, DataId, LocalId, Op, PanicKind, Scalar, Type, TypeId, ValueId};

/// Where a walk starts.
#[derive(Clone, Copy)]
enum Start {
    /// A local itself.
    Local(LocalId),
    /// What a local refers to.
    Behind(LocalId),
    Data(DataId, TypeId),
    /// What a pointer or slice refers to.
    Value(ValueId),
}

impl Maker<'_, '_> {
    /// Whether memory of one type contains the other.
    fn reaches(&self, from: TypeId, to: TypeId) -> bool {
        from == to
            || match self.ty(from) {
                Type::Array { element, length } => *length > 0 && self.reaches(*element, to),
                Type::Struct(s) => s.fields.iter().any(|f| self.reaches(f.ty, to)),
                Type::Unit
                | Type::Scalar(_)
                | Type::Atomic(_)
                | Type::Pointer(_)
                | Type::Nullable(_)
                | Type::Slice(_) => false,
            }
    }

    /// What a pointer or slice refers to.
    fn referent(&self, ty: TypeId) -> Option<TypeId> {
        match self.ty(ty) {
            Type::Pointer(to) | Type::Slice(to) => Some(*to),
            _ => None,
        }
    }

    fn starts(&self, wanted: TypeId, writable: bool) -> Vec<Start> {
        let mut starts = vec![];
        for local in &self.locals {
            if self.reaches(local.ty, wanted) && (local.writable || !writable) {
                starts.push(Start::Local(local.id));
            }
            let behind = self.referent(local.ty);
            if behind.is_some_and(|ty| self.reaches(ty, wanted)) && (local.through || !writable) {
                starts.push(Start::Behind(local.id));
            }
        }
        for known in &self.values {
            let behind = self.referent(known.ty);
            if behind.is_some_and(|ty| self.reaches(ty, wanted)) && (known.writable || !writable) {
                starts.push(Start::Value(known.id));
            }
        }
        if !writable {
            for (k, data) in self.b.module.data.iter().enumerate() {
                if self.reaches(data.ty, wanted) {
                    starts.push(Start::Data(DataId(k as u32), data.ty));
                }
            }
        }
        starts
    }

    /// A pointer to something of that type, if there is such a place; and whether it may be stored through.
    pub(super) fn place(&mut self, wanted: TypeId, writable: bool) -> Option<ValueId> {
        let starts = self.starts(wanted, writable);
        let mut at = match self.choices.pick(&starts)? {
            Start::Local(id) => self.b.address(id),
            Start::Behind(id) => self.b.get(id),
            Start::Data(id, ty) => {
                let pointer = self.b.module.types.pointer(ty);
                self.b.value(pointer, Op::Data(id))
            }
            Start::Value(id) => id,
        };
        if let Type::Slice(of) = *self.ty(self.b.type_of(at)) {
            let part = self.choices.once_in(4) && !self.quiet;
            if part {
                at = self.subslice(at, of);
            }
            at = self.element(at, of)?;
        }
        loop {
            let ty = self.referent(self.b.type_of(at))?;
            if ty == wanted {
                return Some(self.know(at, writable));
            }
            match self.ty(ty).clone() {
                Type::Struct(s) => {
                    let fields: Vec<u32> =
                        (0..).zip(&s.fields).filter(|(_, f)| self.reaches(f.ty, wanted)).map(|(k, _)| k).collect();
                    let index = self.choices.pick(&fields)?;
                    let pointer = self.b.module.types.pointer(s.fields[index as usize].ty);
                    at = self.b.value(pointer, Op::Field { base: at, index });
                }
                Type::Array { element, .. } => at = self.element(at, element)?,
                _ => return None,
            }
        }
    }

    /// An index below the number of elements behind a slice or a pointer to an array, or rarely not.
    fn index(&mut self, base: ValueId) -> ValueId {
        let usize = self.scalar_type(Scalar::Usize);
        let length = match self.referent(self.b.type_of(base)).map(|ty| self.ty(ty)) {
            Some(Type::Array { length, .. }) if matches!(self.ty(self.b.type_of(base)), Type::Pointer(_)) => {
                let length = *length;
                if self.choices.once_in(2) {
                    let k = self.choices.below(length as usize);
                    return self.b.integer(Scalar::Usize, k as i128);
                }
                self.b.integer(Scalar::Usize, i128::from(length))
            }
            _ => self.b.value(usize, Op::Length(base)),
        };
        let any = self.expression(usize);
        if self.daring() {
            return any;
        }
        let site = self.site(PanicKind::Remainder);
        self.b.binary(BinaryOp::Rem, any, length, Some(site))
    }

    /// Address of an element.
    fn element(&mut self, base: ValueId, element: TypeId) -> Option<ValueId> {
        if self.quiet {
            return None;
        }
        let index = self.index(base);
        let site = self.site(PanicKind::IndexOutOfBounds);
        let pointer = self.b.module.types.pointer(element);
        Some(self.b.value(pointer, Op::Element { base, index, site }))
    }

    /// A part of a slice, not empty if the slice is not (but where panics are allowed).
    fn subslice(&mut self, base: ValueId, element: TypeId) -> ValueId {
        let usize = self.scalar_type(Scalar::Usize);
        let from = self.index(base);
        let to = if self.daring() { self.expression(usize) } else { self.b.value(usize, Op::Length(base)) };
        let order = self.site(PanicKind::SliceOrder);
        let end = self.site(PanicKind::SliceEnd);
        let ty = self.b.module.types.slice(element);
        let op = Op::Subslice { base, from, to, order, end };
        self.b.value(ty, op)
    }

    /// A pointer to that type, to a new local if need be.
    pub(super) fn pointer(&mut self, to: TypeId, writable: bool) -> ValueId {
        if self.choices.once_in(2)
            && let Some(place) = self.place(to, writable)
        {
            return place;
        }
        self.fresh_pointer(to)
    }

    /// A pointer to a new local.
    pub(super) fn fresh_pointer(&mut self, to: TypeId) -> ValueId {
        let value = self.expression(to);
        let local = self.new_local(value, true);
        self.b.address(local)
    }

    /// A slice that is not empty, of a new local if need be.
    pub(super) fn slice(&mut self, of: TypeId, writable: bool) -> ValueId {
        let ty = self.b.module.types.slice(of);
        let known: Vec<ValueId> =
            self.values.iter().filter(|k| k.ty == ty && (k.writable || !writable)).map(|k| k.id).collect();
        if self.choices.once_in(2)
            && let Some(id) = self.choices.pick(&known)
        {
            return id;
        }
        let behind: Vec<LocalId> =
            self.locals.iter().filter(|l| l.ty == ty && (l.through || !writable)).map(|l| l.id).collect();
        if self.choices.once_in(2)
            && let Some(id) = self.choices.pick(&behind)
        {
            let base = self.b.get(id);
            let part = self.choices.once_in(2) && !self.quiet;
            return if part { self.subslice(base, of) } else { base };
        }
        self.fresh_slice(of)
    }

    /// A slice of a new local array.
    pub(super) fn fresh_slice(&mut self, of: TypeId) -> ValueId {
        let length = 1 + self.choices.below(4) as u64;
        let array = self.b.module.types.array(of, length);
        let base = self.fresh_pointer(array);
        let ty = self.b.module.types.slice(of);
        self.b.value(ty, Op::AsSlice(base))
    }

    /// An integer constant of a type that need not be known by name.
    pub(super) fn number(&mut self, ty: TypeId, value: i128) -> ValueId {
        self.b.value(ty, Op::Constant(Constant::Int(value)))
    }
}
