//! Expressions that name memory: variables, fields, elements, what references point to.
//!
//! Reading a place loads only what is asked for: `all[i].pos[0]` is address arithmetic and one load of one number.

use super::error::Lowered;
use super::function::Lowering;
use crate::ast::{ConstSlot, Expr};
use crate::ir::{BinaryOp, Op, PanicKind, Scalar, Statement, Type, TypeId, ValueId};

/// What an expression names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Memory behind this pointer.
    Memory(ValueId),
    /// A value without memory.
    Value(ValueId),
    /// The unsized elements of this slice: `*s`, `s[a..b]`.
    Slice(ValueId),
    /// The pointer, of this type, in the nullable behind this pointer, which is not null.
    Payload(ValueId, TypeId),
}

/// Whether the expression names a place, as opposed to computing a value.
pub(super) fn is_place(e: &Expr) -> bool {
    matches!(
        e,
        Expr::Local(_) | Expr::Const(_) | Expr::Deref(_) | Expr::Field(..) | Expr::Index(..) | Expr::IndexRange(..)
    )
}

impl Lowering<'_> {
    /// The place that an expression names; a value for all that is no place.
    pub(super) fn place(&mut self, e: &'static Expr) -> Lowered<Place> {
        self.place_of(e, None)
    }

    /// As [`Self::place`]; literals in it take the type that the context wants of what the place holds.
    pub(super) fn place_of(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<Place> {
        let exclusive = std::mem::take(&mut self.exclusive);
        match e {
            Expr::Local(slot) => {
                let local = self.local(*slot, None)?;
                Ok(Place::Memory(self.build.address(local)))
            }
            Expr::Const(slot) => self.constant_place(*slot),
            Expr::Deref(base) => {
                self.exclusive = exclusive;
                let place = self.place(base)?;
                self.deref(place)
            }
            Expr::Field(base, name) => {
                self.exclusive = exclusive;
                let place = self.place(base)?;
                self.field(place, name)
            }
            Expr::Index(base, index, at) if self.is_range(index) => {
                let place = self.place(base)?;
                let slice = self.whole_slice(place)?;
                let range = self.place(index)?;
                self.at = *at;
                let (from, to, inclusive) = self.ends_of(range)?;
                Ok(Place::Slice(self.subslice(slice, from, to, inclusive)))
            }
            Expr::Index(base, index, at) => {
                let want = want.map(|element| self.build.module.types.array(element, 0));
                self.exclusive = exclusive;
                let place = self.place_of(base, want)?;
                let place = self.strip(place)?;
                if self.is_region(self.place_type(place)) {
                    let handle = self.value(index, None)?;
                    self.at = *at;
                    return self.node(place, handle);
                }
                if let Some(found) = self.indexed_by_user(place, index, exclusive, *at)? {
                    return Ok(found);
                }
                let usize = self.scalar_type(Scalar::Usize);
                let index = self.value_as(index, usize)?;
                self.at = *at;
                self.element(place, index)
            }
            Expr::IndexRange(base, from, to, inclusive, at) => {
                self.exclusive = exclusive;
                let place = self.place(base)?;
                let slice = self.whole_slice(place)?;
                let usize = self.scalar_type(Scalar::Usize);
                let from = from.map(|e| self.value_as(e, usize)).transpose()?;
                let to = to.map(|e| self.value_as(e, usize)).transpose()?;
                self.at = *at;
                Ok(Place::Slice(self.subslice(slice, from, to, *inclusive)))
            }
            _ => Ok(Place::Value(self.value(e, want)?)),
        }
    }

    /// The same of what is assigned to, or borrowed by `&mut`: users' `IndexMut` counts.
    pub(super) fn exclusive_place(&mut self, e: &'static Expr) -> Lowered<Place> {
        self.exclusive = true;
        let place = self.place(e);
        self.exclusive = false;
        place
    }

    /// The place of a constant.
    pub(super) fn constant_place(&mut self, slot: ConstSlot) -> Lowered<Place> {
        match self.constant(slot)? {
            Ok(value) => Ok(Place::Value(value)),
            Err(data) => {
                let ty = self.build.module.data[data.0 as usize].ty;
                let pointer = self.pointer_type(ty);
                Ok(Place::Memory(self.build.value(pointer, Op::Data(data))))
            }
        }
    }

    /// Type of what the place holds; for unsized places that of the slice.
    pub(super) fn place_type(&self, place: Place) -> TypeId {
        match place {
            Place::Value(value) | Place::Slice(value) => self.build.type_of(value),
            Place::Payload(_, ty) => ty,
            Place::Memory(pointer) => match *self.ty(self.build.type_of(pointer)) {
                Type::Pointer(to) => to,
                _ => unreachable!("memory is behind a pointer"),
            },
        }
    }

    /// Reads a place.
    pub(super) fn load(&mut self, place: Place) -> Lowered<ValueId> {
        match place {
            Place::Value(value) => Ok(value),
            Place::Payload(pointer, ty) => {
                let nullable = self.build.load(pointer);
                Ok(self.build.value(ty, Op::Payload(nullable)))
            }
            Place::Slice(_) => self.bug("an unsized place is read"),
            Place::Memory(pointer) => {
                let ty = self.place_type(place);
                let types = &self.build.module.types;
                if types.contains(ty, &|t| matches!(t, Type::Atomic(_))) {
                    return self.unsupported("copying an atomic");
                }
                if types.has_linked_variants(ty) {
                    return self.unsupported("copying an enum that can hold references (match it where it is)");
                }
                Ok(self.build.load(pointer))
            }
        }
    }

    /// Writes a place.
    pub(super) fn store(&mut self, place: Place, value: ValueId) -> Lowered<()> {
        match place {
            Place::Memory(pointer) => {
                self.build.push(Statement::Store { pointer, value });
                Ok(())
            }
            Place::Payload(..) => self.unsupported("an assignment to what is in an `Option`"),
            Place::Value(_) | Place::Slice(_) => self.bug("a value is assigned to"),
        }
    }

    /// A reference to a place; values get memory of their own.
    pub(super) fn address(&mut self, place: Place) -> ValueId {
        match place {
            Place::Memory(pointer) => pointer,
            Place::Slice(slice) => slice,
            Place::Value(value) => self.spill(value),
            Place::Payload(pointer, ty) => {
                let to = self.pointer_type(ty);
                self.build.value(to, Op::PayloadPlace(pointer))
            }
        }
    }

    /// `*place`
    pub(super) fn deref(&mut self, place: Place) -> Lowered<Place> {
        let ty = self.place_type(place);
        match (self.ty(ty), place) {
            (&Type::Pointer(to), _) => {
                let place = Place::Memory(self.load(place)?);
                match self.ty(to) {
                    Type::Struct(block) if self.world.types.is_counted(to) => {
                        let value = block.fields[0].ty;
                        Ok(self.part(place, value, 0))
                    }
                    _ => Ok(place),
                }
            }
            (Type::Slice(_), Place::Memory(_) | Place::Value(_)) => Ok(Place::Slice(self.load(place)?)),
            _ => match self.owned_slice(place)? {
                Some(slice) => Ok(Place::Slice(slice)),
                None => self.bug(format!("`{}` is dereferenced", self.type_name(ty))),
            },
        }
    }

    /// Through all references to something that is none; slices stay.
    pub(super) fn strip(&mut self, mut place: Place) -> Lowered<Place> {
        while matches!(self.ty(self.place_type(place)), Type::Pointer(_)) {
            place = self.deref(place)?;
        }
        Ok(place)
    }

    /// A value, or what it refers to.
    pub(super) fn strip_value(&mut self, value: ValueId) -> Lowered<ValueId> {
        let place = self.strip(Place::Value(value))?;
        self.load(place)
    }

    /// `place.name`, through references.
    pub(super) fn field(&mut self, place: Place, name: &str) -> Lowered<Place> {
        let place = self.strip(place)?;
        let ty = self.place_type(place);
        let Type::Struct(s) = self.ty(ty) else {
            return self.bug(format!("`{}` has no fields", self.type_name(ty)));
        };
        let Some(index) = super::pattern::field_index(&s.fields, name) else {
            return self.bug(format!("`{}` has no field `{name}`", self.type_name(ty)));
        };
        let field = s.fields[index].ty;
        Ok(self.part(place, field, index as u32))
    }

    /// A field, or an element at a constant index.
    pub(super) fn part(&mut self, place: Place, ty: TypeId, index: u32) -> Place {
        match place {
            Place::Memory(base) => {
                let pointer = self.pointer_type(ty);
                Place::Memory(self.build.value(pointer, Op::Field { base, index }))
            }
            Place::Payload(base, _) | Place::Value(base) | Place::Slice(base) => {
                // No need to build a tuple in order to take it apart.
                if let Op::Make(parts) = &self.build.function()[base].op {
                    return Place::Value(parts[index as usize]);
                }
                Place::Value(self.build.value(ty, Op::Extract { base, index }))
            }
        }
    }

    /// An element of an array value, or a field of a struct value.
    pub(super) fn extract(&mut self, base: ValueId, ty: TypeId, index: u32) -> ValueId {
        match self.part(Place::Value(base), ty, index) {
            Place::Memory(value) | Place::Value(value) | Place::Slice(value) | Place::Payload(value, _) => value,
        }
    }

    /// `place[index]`, through references; panics at the last token seen.
    pub(super) fn element(&mut self, place: Place, index: ValueId) -> Lowered<Place> {
        let place = self.strip(place)?;
        let ty = self.place_type(place);
        let (base, element) = match *self.ty(ty) {
            Type::Array { element, .. } => (self.address(place), element),
            Type::Slice(element) => (self.slice_value(place)?, element),
            Type::Struct(_) => match (self.owned_slice(place)?, self.world.types.element_of(ty)) {
                (Some(slice), Some(element)) => (slice, element),
                _ => return self.unsupported("an index operator of a user's type"),
            },
            _ => return self.bug(format!("`{}` is indexed", self.type_name(ty))),
        };
        let site = self.site(PanicKind::IndexOutOfBounds);
        let pointer = self.pointer_type(element);
        let op = Op::Element { base, index, site };
        Ok(Place::Memory(self.build.value(pointer, op)))
    }

    /// The slice that a place of slice type holds, or is.
    fn slice_value(&mut self, place: Place) -> Lowered<ValueId> {
        match place {
            Place::Slice(slice) => Ok(slice),
            place => self.load(place),
        }
    }

    /// The elements of an array or slice, through references.
    pub(super) fn whole_slice(&mut self, place: Place) -> Lowered<ValueId> {
        let place = self.strip(place)?;
        let ty = self.place_type(place);
        match *self.ty(ty) {
            Type::Slice(_) => self.slice_value(place),
            Type::Array { element, .. } => {
                let array = self.address(place);
                let slice = self.build.module.types.slice(element);
                Ok(self.build.value(slice, Op::AsSlice(array)))
            }
            _ => match self.owned_slice(place)? {
                Some(slice) => Ok(slice),
                None => self.bug(format!("`{}` is no slice", self.type_name(ty))),
            },
        }
    }

    /// `slice[from..to]`
    pub(super) fn subslice(
        &mut self,
        base: ValueId,
        from: Option<ValueId>,
        to: Option<ValueId>,
        inclusive: bool,
    ) -> ValueId {
        let ty = self.build.type_of(base);
        let from = from.unwrap_or_else(|| self.build.integer(Scalar::Usize, 0));
        let to = match to {
            Some(to) if inclusive => {
                let one = self.build.integer(Scalar::Usize, 1);
                let site = self.site(PanicKind::AddOverflow);
                self.build.binary(BinaryOp::Add, to, one, Some(site))
            }
            Some(to) => to,
            None => {
                let usize = self.scalar_type(Scalar::Usize);
                self.build.value(usize, Op::Length(base))
            }
        };
        let order = self.site(PanicKind::SliceOrder);
        let end = self.site(if inclusive { PanicKind::SliceLast } else { PanicKind::SliceEnd });
        self.build.value(ty, Op::Subslice { base, from, to, order, end })
    }
}
