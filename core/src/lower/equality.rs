//! Comparisons of what std compares part by part: arrays, slices and tuples.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, Operator};
use crate::ir::{BinaryOp, CompareOp, LocalId, Op, PanicKind, Scalar, Type, TypeId, ValueId};
use crate::types::ByParts;

/// Elements of arrays that are compared one by one, without a loop.
const MOST_COMPARED: u64 = 256;

/// Types and number of two parts that are compared.
type Part = (TypeId, TypeId, u32);

/// What decides whether two structs are equal.
#[derive(Clone, Copy, PartialEq)]
enum Structs {
    /// The user's `PartialEq`.
    ByOperator,
    /// Their fields: constants in patterns are of types with a derived `PartialEq`.
    ByFields,
}

impl Lowering<'_> {
    /// An operand of a comparison: a value, or a slice.
    pub(super) fn comparand(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<ValueId> {
        let want = want.map(|ty| match *self.ty(ty) {
            // only the element's type counts for an array that is compared with a slice
            Type::Slice(element) if !matches!(e, Expr::Borrow(..)) => self.build.module.types.array(element, 0),
            _ => ty,
        });
        let place = self.operand_place(e, want)?;
        self.comparand_of(place)
    }

    /// What a place holds, as it is compared.
    pub(super) fn comparand_of(&mut self, place: Place) -> Lowered<ValueId> {
        match place {
            Place::Slice(slice) => Ok(slice),
            place if self.is_long(self.place_type(place)) => self.whole_slice(place),
            place => self.load(place),
        }
    }

    fn is_long(&self, ty: TypeId) -> bool {
        matches!(self.ty(ty), Type::Array { length, .. } if *length > MOST_COMPARED)
    }

    /// `left == right` of scalars, arrays, slices and tuples, and of users' types inside them.
    pub(super) fn equal(&mut self, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        self.equal_by(Structs::ByOperator, left, right)
    }

    fn equal_by(&mut self, structs: Structs, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (a, b) = (self.build.type_of(left), self.build.type_of(right));
        if let Some((left, right)) = self.handle_numbers(left, right) {
            return Ok(self.build.compare(CompareOp::Equal, left, right));
        }
        if self.held_in(a).is_some() || self.as_nullable(a).is_some() {
            return self.options_equal(structs, left, right);
        }
        if self.world.types.in_result(a).is_some() {
            return self.results_equal(structs, left, right);
        }
        match (self.ty(a).clone(), self.ty(b).clone()) {
            (Type::Scalar(x), Type::Scalar(y)) if x == y => Ok(self.build.compare(CompareOp::Equal, left, right)),
            (Type::Unit, Type::Unit) => Ok(self.build.boolean(true)),
            (Type::Array { element, length }, Type::Array { element: other, length: n })
                if length == n && length <= MOST_COMPARED =>
            {
                let parts = (0..length as u32).map(|k| (element, other, k));
                self.all_equal(structs, left, right, parts.collect())
            }
            (Type::Array { .. } | Type::Slice(_), Type::Array { .. } | Type::Slice(_)) => {
                self.sequences_equal(structs, left, right)
            }
            (Type::Struct(x), Type::Struct(y)) => {
                if structs == Structs::ByOperator
                    && let Some(equal) = self.user_equal(left, right)?
                {
                    return Ok(equal);
                }
                let by_parts = a == b && (structs == Structs::ByFields || self.by_parts(a).equal);
                if by_parts && x.is_enum() {
                    return self
                        .variants_equal((left, right), &mut |me, left, right| me.fields_equal(structs, left, right));
                }
                let alike = x.name.is_empty() && y.name.is_empty() || by_parts;
                if !alike || x.fields.len() != y.fields.len() {
                    return self.no_operator(Operator::Equal, a, b);
                }
                let parts = x.fields.iter().zip(&y.fields).enumerate();
                let parts = parts.map(|(k, (x, y))| (x.ty, y.ty, k as u32)).collect();
                self.all_equal(structs, left, right, parts)
            }
            _ => self.no_operator(Operator::Equal, a, b),
        }
    }

    /// How the type's own comparisons go, if they are those of its parts.
    pub(super) fn by_parts(&self, ty: TypeId) -> ByParts {
        self.world.types.description(ty).map_or_else(ByParts::default, |description| description.by_parts)
    }

    /// Whether this operator of the type is that of its parts.
    pub(super) fn compares_by_parts(&self, ty: TypeId, operator: Operator) -> bool {
        let by_parts = self.by_parts(ty);
        match operator {
            Operator::Equal | Operator::NotEqual => by_parts.equal,
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => by_parts.ordered,
            _ => false,
        }
    }

    /// `==` of two `Option`s.
    fn options_equal(&mut self, structs: Structs, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (one, other) = (Place::Value(left), Place::Value(right));
        let (l, r) = (self.is_some(one)?, self.is_some(other)?);
        let result = self.same_flags(l, r);
        let both = self.build.binary(BinaryOp::And, l, r, None);
        let compared = |me: &mut Self| {
            let (left, right) = (me.payload(one)?, me.payload(other)?);
            me.equal_places(structs, (left, right), result)
        };
        self.branch(both, compared, |_| Ok(()))?;
        Ok(self.build.get(result))
    }

    /// `==` of two `Result`s.
    fn results_equal(&mut self, structs: Structs, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (one, other) = (Place::Value(left), Place::Value(right));
        let (l, r) = (self.is_ok(one)?, self.is_ok(other)?);
        let result = self.same_flags(l, r);
        let same = self.build.get(result);
        let compared = |ok| {
            move |me: &mut Self| {
                let (left, right) = (me.held_by(one, ok)?, me.held_by(other, ok)?);
                me.equal_places(structs, (left, right), result)
            }
        };
        self.branch(same, |me| me.branch(l, compared(true), compared(false)), |_| Ok(()))?;
        Ok(self.build.get(result))
    }

    fn same_flags(&mut self, left: ValueId, right: ValueId) -> LocalId {
        let same = self.build.compare(CompareOp::Equal, left, right);
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        self.build.set(result, same);
        result
    }

    fn equal_places(&mut self, structs: Structs, (left, right): (Place, Place), result: LocalId) -> Lowered<()> {
        let (left, right) = (self.strip(left)?, self.strip(right)?);
        let (left, right) = (self.load(left)?, self.load(right)?);
        let equal = self.equal_by(structs, left, right)?;
        self.build.set(result, equal);
        Ok(())
    }

    /// Two parts, without references around them.
    pub(super) fn parts(&mut self, left: ValueId, right: ValueId, (a, b, k): Part) -> Lowered<(ValueId, ValueId)> {
        let (left, right) = (self.extract(left, a, k), self.extract(right, b, k));
        Ok((self.strip_value(left)?, self.strip_value(right)?))
    }

    /// The fields of a variant.
    fn fields_equal(&mut self, structs: Structs, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let fields = self.fields(self.build.type_of(left))?;
        let parts = fields.iter().enumerate().map(|(k, field)| (field.1, field.1, k as u32)).collect();
        self.all_equal(structs, left, right, parts)
    }

    /// Nothing in a comparison can panic, so that all parts may be compared.
    fn all_equal(&mut self, structs: Structs, left: ValueId, right: ValueId, parts: Vec<Part>) -> Lowered<ValueId> {
        let mut all = None;
        for part in parts {
            let (left, right) = self.parts(left, right, part)?;
            let equal = self.equal_by(structs, left, right)?;
            all = Some(match all {
                Some(all) => self.build.binary(BinaryOp::And, all, equal, None),
                None => equal,
            });
        }
        Ok(all.unwrap_or_else(|| self.build.boolean(true)))
    }

    /// Whether a place holds the value of a constant.
    pub(super) fn holds(&mut self, place: Place, value: ValueId) -> Lowered<ValueId> {
        let held = self.load(place)?;
        self.equal_by(Structs::ByFields, held, value)
    }

    /// `left < right` and its kin of tuples, arrays and slices: the first parts that differ decide.
    pub(super) fn ordered(
        &mut self,
        operator: Operator,
        op: CompareOp,
        left: ValueId,
        right: ValueId,
    ) -> Lowered<ValueId> {
        let (a, b) = (self.build.type_of(left), self.build.type_of(right));
        match (self.ty(a).clone(), self.ty(b).clone()) {
            (Type::Unit, Type::Unit) => {
                Ok(self.build.boolean(matches!(op, CompareOp::LessEqual | CompareOp::GreaterEqual)))
            }
            (Type::Array { .. } | Type::Slice(_), Type::Array { .. } | Type::Slice(_)) => {
                self.sequences_ordered(operator, op, left, right)
            }
            (Type::Struct(x), Type::Struct(y))
                if x.name.is_empty() && y.name.is_empty() && x.fields.len() == y.fields.len() =>
            {
                let mut result = None;
                for (k, (x, y)) in x.fields.iter().zip(&y.fields).enumerate().rev() {
                    let (left, right) = self.parts(left, right, (x.ty, y.ty, k as u32))?;
                    let decides = self.compare(operator, left, right)?;
                    result = Some(match result {
                        None => decides,
                        Some(rest) => {
                            let equal = self.equal(left, right)?;
                            self.select(equal, rest, decides)
                        }
                    });
                }
                match result {
                    Some(result) => Ok(result),
                    None => self.bug("a tuple without fields"),
                }
            }
            _ => self.ordered_by_parts(op, left, right),
        }
    }

    fn sequences_equal(&mut self, structs: Structs, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (left, right) = (self.elements(left)?, self.elements(right)?);
        let (n, m) = (self.slice_length(left), self.slice_length(right));
        let same = self.build.compare(CompareOp::Equal, n, m);
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        self.build.set(result, same);
        self.branch(
            same,
            |me| {
                me.while_equal((left, right), n, structs, |me, equal, _| {
                    me.build.set(result, equal);
                    Ok(())
                })
            },
            |_| Ok(()),
        )?;
        Ok(self.build.get(result))
    }

    fn sequences_ordered(
        &mut self,
        operator: Operator,
        op: CompareOp,
        left: ValueId,
        right: ValueId,
    ) -> Lowered<ValueId> {
        let (left, right) = (self.elements(left)?, self.elements(right)?);
        let (n, m) = (self.slice_length(left), self.slice_length(right));
        // where one starts with the other, their lengths decide
        let shorter = self.build.compare(op, n, m);
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        self.build.set(result, shorter);
        let less = self.build.compare(CompareOp::Less, n, m);
        let both = self.select(less, n, m);
        self.while_equal((left, right), both, Structs::ByOperator, |me, equal, (left, right)| {
            me.branch(
                equal,
                |_| Ok(()),
                |me| {
                    let decides = me.compare(operator, left, right)?;
                    me.build.set(result, decides);
                    Ok(())
                },
            )
        })?;
        Ok(self.build.get(result))
    }

    /// The slice that a value is, or the elements of an array.
    pub(super) fn elements(&mut self, value: ValueId) -> Lowered<ValueId> {
        self.whole_slice(Place::Value(value))
    }

    pub(super) fn slice_length(&mut self, slice: ValueId) -> ValueId {
        let usize = self.scalar_type(Scalar::Usize);
        self.build.value(usize, Op::Length(slice))
    }

    /// Goes over the first `count` elements of two slices until two differ; `round` is told whether these are equal.
    fn while_equal(
        &mut self,
        (left, right): (ValueId, ValueId),
        count: ValueId,
        structs: Structs,
        round: impl FnOnce(&mut Self, ValueId, (ValueId, ValueId)) -> Lowered<()>,
    ) -> Lowered<()> {
        self.counted(count, None, |me, index| {
            let (left, right) = (me.element_of(left, index)?, me.element_of(right, index)?);
            let equal = me.equal_by(structs, left, right)?;
            round(me, equal, (left, right))?;
            me.break_unless(equal);
            Ok(())
        })
    }

    /// An element without references around it; the index is less than the length.
    pub(super) fn element_of(&mut self, slice: ValueId, index: ValueId) -> Lowered<ValueId> {
        let Type::Slice(element) = *self.ty(self.build.type_of(slice)) else {
            return self.bug("a slice that is none");
        };
        let site = self.site(PanicKind::IndexOutOfBounds);
        let pointer = self.pointer_type(element);
        let pointer = self.build.value(pointer, Op::Element { base: slice, index, site });
        let place = self.strip(Place::Memory(pointer))?;
        self.load(place)
    }
}
