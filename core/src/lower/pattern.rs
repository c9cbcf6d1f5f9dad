//! Patterns: whether a place matches, and what is bound then.
//!
//! A test loads and compares; it cannot panic and changes nothing. Binding stores into the pattern's variables and comes
//! after the whole pattern has matched.

use super::alternatives::binds;
use super::control::is_control;
use super::error::Lowered;
use super::function::Lowering;
use super::place::{Place, is_place};
use super::slice_patterns::Split;
use crate::ast::{Expr, LocalSlot, Pattern};
use crate::ir::{BinaryOp, CompareOp, Field, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// The place that a pattern is held against.
    pub(super) fn scrutinee(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<Place> {
        if is_place(e) {
            return self.place(e);
        }
        Ok(Place::Value(self.value(e, want)?))
    }

    /// Whether the place matches; `None` if it always does.
    pub(super) fn test(&mut self, pattern: &'static Pattern, place: Place) -> Lowered<Option<ValueId>> {
        match pattern {
            Pattern::Wild | Pattern::Bind(..) => Ok(None),
            Pattern::None => {
                let place = self.strip(place)?;
                let some = self.is_some(place)?;
                Ok(Some(self.invert(some)))
            }
            Pattern::Some(inner) => {
                let place = self.strip(place)?;
                self.test_some(inner, place).map(Some)
            }
            Pattern::Variant(name) => {
                let place = self.strip(place)?;
                self.test_variant(place, name)
            }
            Pattern::At(_, inner) => self.test(inner, place),
            Pattern::Ref(inner) => {
                let place = self.deref(place)?;
                self.test(inner, place)
            }
            Pattern::Value(e) => {
                let place = self.strip(place)?;
                if let (Expr::Const(slot), Some(_)) = (e, self.as_enum(self.place_type(place))) {
                    return self.test_constant(place, *slot);
                }
                let ty = self.place_type(place);
                let value = self.value_as(e, ty)?;
                self.holds(place, value).map(Some)
            }
            Pattern::Range(from, to, inclusive) => {
                let place = self.strip(place)?;
                let below = if *inclusive { CompareOp::LessEqual } else { CompareOp::Less };
                let from = self.bound(place, from.as_ref(), CompareOp::GreaterEqual)?;
                let to = self.bound(place, to.as_ref(), below)?;
                Ok(self.both(from, to))
            }
            Pattern::Or(patterns) => {
                if let Some(chosen) = self.chosen(pattern) {
                    return self.test(chosen, place);
                }
                let mut any = None;
                for pattern in *patterns {
                    let Some(matches) = self.test(pattern, place)? else {
                        return Ok(None);
                    };
                    any = Some(match any {
                        Some(any) => self.build.binary(BinaryOp::Or, any, matches, None),
                        None => matches,
                    });
                }
                Ok(any)
            }
            Pattern::Tuple(_) | Pattern::TupleEnds(_) => self.test_parts(pattern, place),
            Pattern::Slice(before, rest, after) => self.test_slice(Split { before, rest: *rest, after }, place),
            Pattern::Struct(name, _) => {
                let (inside, is) = self.named(place, name)?;
                if is.is_none() {
                    return self.test_parts(pattern, inside);
                }
                if self.always_inside(pattern, self.place_type(inside)) {
                    return Ok(is);
                }
                self.guarded(is, |me| match me.test_parts(pattern, inside)? {
                    Some(matches) => Ok(matches),
                    None => Ok(me.build.boolean(true)),
                })
                .map(Some)
            }
        }
    }

    fn test_parts(&mut self, pattern: &'static Pattern, place: Place) -> Lowered<Option<ValueId>> {
        let mut all = None;
        for (name, part) in parts(pattern) {
            if is_irrefutable(part) {
                continue;
            }
            let field = self.field(place, &name)?;
            let matches = self.test(part, field)?;
            all = self.both(all, matches);
        }
        Ok(all)
    }

    fn bound(&mut self, place: Place, bound: Option<&'static Expr>, op: CompareOp) -> Lowered<Option<ValueId>> {
        let Some(bound) = bound else { return Ok(None) };
        let bound = self.value_as(bound, self.place_type(place))?;
        let value = self.load(place)?;
        Ok(Some(self.build.compare(op, value, bound)))
    }

    pub(super) fn both(&mut self, a: Option<ValueId>, b: Option<ValueId>) -> Option<ValueId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.build.binary(BinaryOp::And, a, b, None)),
            (a, b) => a.or(b),
        }
    }

    /// Binds the variables of a pattern that matches.
    pub(super) fn bind(&mut self, pattern: &'static Pattern, place: Place) -> Lowered<()> {
        match pattern {
            Pattern::Wild | Pattern::None | Pattern::Variant(_) | Pattern::Value(_) | Pattern::Range(..) => Ok(()),
            Pattern::Or(cases) => match self.chosen(pattern) {
                Some(chosen) => self.bind(chosen, place),
                None => self.bind_alternatives(cases, place),
            },
            Pattern::Slice(before, rest, after) => self.bind_slice(Split { before, rest: *rest, after }, place),
            Pattern::Some(Pattern::Wild) => Ok(()),
            Pattern::Some(inner) => {
                let place = self.strip(place)?;
                let payload = self.payload(place)?;
                self.bind(inner, payload)
            }
            Pattern::Bind(slot, by_reference) => self.bind_local(*slot, *by_reference, place),
            Pattern::At(slot, inner) => {
                self.bind_local(*slot, false, place)?;
                self.bind(inner, place)
            }
            Pattern::Ref(inner) => {
                let place = self.deref(place)?;
                self.bind(inner, place)
            }
            Pattern::Tuple(_) | Pattern::TupleEnds(_) | Pattern::Struct(..) => {
                let place = match pattern {
                    Pattern::Struct(name, _) => self.named_inside(place, name)?,
                    _ => place,
                };
                for (name, part) in parts(pattern) {
                    if matches!(part, Pattern::Wild) {
                        continue;
                    }
                    let field = self.field(place, &name)?;
                    self.bind(part, field)?;
                }
                Ok(())
            }
        }
    }

    /// What the first alternative binds that matches.
    fn bind_alternatives(&mut self, cases: &'static [Pattern], place: Place) -> Lowered<()> {
        match cases {
            [] => Ok(()),
            [case] => self.bind(case, place),
            _ if !cases.iter().any(binds) => Ok(()),
            [case, others @ ..] => match self.test(case, place)? {
                None => self.bind(case, place),
                Some(matches) => {
                    self.branch(matches, |me| me.bind(case, place), |me| me.bind_alternatives(others, place))
                }
            },
        }
    }

    /// By value or by reference: the variable's type, which rustc found, says which.
    fn bind_local(&mut self, slot: LocalSlot, by_reference: bool, place: Place) -> Lowered<()> {
        let held = self.place_type(place);
        let reference = match self.local_type(slot) {
            Some(ty) => ty != held && matches!(*self.ty(ty), Type::Pointer(to) if to == held),
            None => by_reference,
        };
        let value = if reference || matches!(place, Place::Slice(_)) { self.address(place) } else { self.load(place)? };
        self.bind_value(slot, value)
    }

    /// A variable gets its value.
    pub(super) fn bind_value(&mut self, slot: LocalSlot, value: ValueId) -> Lowered<()> {
        let value = match self.local_type(slot) {
            Some(ty) => self.coerce(value, ty)?,
            None => value,
        };
        let ty = self.build.type_of(value);
        if self.is_unit(ty) {
            return Ok(());
        }
        let local = self.local(slot, Some(ty))?;
        self.build.set(local, value);
        Ok(())
    }

    /// `let pattern = value`
    pub(super) fn let_binding(&mut self, pattern: &'static Pattern, value: &'static Expr) -> Lowered<()> {
        match (pattern, value) {
            (Pattern::Bind(slot, false), value)
                if is_control(value) && self.local_type(*slot).is_some_and(|ty| !self.is_unit(ty)) =>
            {
                let local = self.local(*slot, None)?;
                let join = self.join_into(local);
                self.control(value, join)
            }
            (Pattern::Bind(slot, false), _) => {
                let value = match self.local_type(*slot) {
                    Some(ty) => self.value_as(value, ty)?,
                    None => self.value(value, None)?,
                };
                self.bind_value(*slot, value)
            }
            (Pattern::Wild, _) => self.effect(value),
            _ => {
                let want = self.pattern_type(pattern);
                let place = self.scrutinee(value, want)?;
                self.bind(pattern, place)
            }
        }
    }

    /// `let pattern = value else { otherwise };`
    pub(super) fn let_else(
        &mut self,
        pattern: &'static Pattern,
        value: &'static Expr,
        otherwise: &'static Expr,
    ) -> Lowered<()> {
        let place = self.scrutinee(value, None)?;
        if let Some(matches) = self.test(pattern, place)? {
            self.branch(matches, |_| Ok(()), |me| me.effect(otherwise))?;
        }
        self.bind(pattern, place)
    }
}

/// Names of the fields that a pattern looks into, with their patterns.
pub(super) fn parts(pattern: &'static Pattern) -> Vec<(String, &'static Pattern)> {
    match pattern {
        Pattern::Tuple(parts) => parts.iter().enumerate().map(|(k, part)| (k.to_string(), part)).collect(),
        Pattern::Struct(_, parts) | Pattern::TupleEnds(parts) => {
            parts.iter().map(|(name, part)| ((*name).to_string(), part)).collect()
        }
        _ => vec![],
    }
}

/// Which field a pattern's name of it means.
pub(super) fn field_index(fields: &[Field], name: &str) -> Option<usize> {
    match name.strip_prefix('-') {
        Some(from_end) => {
            let name = fields.len().checked_sub(from_end.parse().ok()?)?.to_string();
            fields.iter().position(|f| f.name == name)
        }
        None => fields.iter().position(|f| f.name == name),
    }
}

/// Whether the pattern matches whatever it is held against, as far as its form tells: a name may be a variant's.
pub(super) fn is_irrefutable(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Wild | Pattern::Bind(..) => true,
        Pattern::At(_, inner) | Pattern::Ref(inner) => is_irrefutable(inner),
        Pattern::Tuple(parts) => parts.iter().all(is_irrefutable),
        Pattern::TupleEnds(parts) => parts.iter().all(|part| is_irrefutable(&part.1)),
        Pattern::Slice([], Some(_), []) => true,
        Pattern::Slice(..)
        | Pattern::Struct(..)
        | Pattern::Variant(_)
        | Pattern::None
        | Pattern::Some(_)
        | Pattern::Value(_)
        | Pattern::Or(_)
        | Pattern::Range(..) => false,
    }
}
