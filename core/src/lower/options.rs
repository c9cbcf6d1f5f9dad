//! `Option` of plain values, and the methods of every `Option` that take one apart.
//!
//! An `Option` of a pointer or handle is what rustc makes of it ([`super::links`]); [`super::layouts`] is about all others.
//! Closures are lowered in place, where they are called.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, TypeSlot};
use crate::ir::{Op, Scalar, TypeId, ValueId};

/// Whether [`Lowering::combinator`] knows the method.
pub(super) fn is_combinator(name: &str) -> bool {
    COMBINATORS.contains(&name)
}

const COMBINATORS: [&str; 29] = [
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "map",
    "map_or",
    "map_or_else",
    "and",
    "and_then",
    "or",
    "or_else",
    "xor",
    "filter",
    "is_some_and",
    "is_none_or",
    "copied",
    "take",
    "replace",
    "ok_or",
    "ok_or_else",
    "insert",
    "get_or_insert",
    "get_or_insert_with",
    "take_if",
    "zip",
    "unzip",
    "cloned",
    "inspect",
    "flatten",
    "transpose",
];

impl Lowering<'_> {
    /// The type `Option<of>`, of no pointer.
    pub(super) fn option_type(&mut self, of: TypeId) -> TypeId {
        self.world.types.option(&mut self.build.module.types, of)
    }

    /// What an `Option` of this type holds, unless that is a pointer.
    pub(super) fn held_in(&mut self, ty: TypeId) -> Option<TypeId> {
        let plain = self.world.types.in_option(ty);
        plain.or_else(|| self.held_handle(ty))
    }

    /// The type of what any `Option` holds.
    pub(super) fn held(&mut self, ty: TypeId) -> Lowered<TypeId> {
        match (self.held_in(ty), self.as_nullable(ty)) {
            (Some(held), _) => Ok(held),
            (None, Some(to)) => Ok(self.pointer_type(to)),
            (None, None) => self.bug(format!("`{}` is no option", self.type_name(ty))),
        }
    }

    // ---- methods

    /// A method that takes an `Option` apart; the slot has the type of its result.
    pub(super) fn combinator(
        &mut self,
        place: Place,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        let option = self.place_type(place);
        let whole = self.load(place)?;
        let value = Place::Value(whole);
        match (name, arguments) {
            ("is_some_and" | "is_none_or", [test]) => {
                let bool = self.scalar_type(Scalar::Bool);
                let call = |me: &mut Self, held| me.inlined(test, &[held], Some(bool));
                self.either(value, bool, call, |me| Ok(me.build.boolean(name == "is_none_or")))
            }
            ("take" | "replace", _) => {
                let new = match arguments {
                    [new] => {
                        let held = self.held(option)?;
                        let new = self.value_as(new, held)?;
                        self.wrapped(option, new)?
                    }
                    _ => self.null(option)?,
                };
                self.store(place, new)?;
                Ok(whole)
            }
            ("and" | "or" | "xor" | "unwrap_or", [other]) => self.with_other(value, name, other, slot),
            ("insert" | "get_or_insert" | "get_or_insert_with", [new]) => self.inserted(place, name, new),
            ("take_if", [test]) => {
                let bool = self.scalar_type(Scalar::Bool);
                let taken = |me: &mut Self, _| {
                    let held = me.payload(place)?;
                    let held = Place::Value(me.address(held));
                    me.inlined(test, &[held], Some(bool))
                };
                let taken = self.either(value, bool, taken, |me| Ok(me.build.boolean(false)))?;
                let taking = |me: &mut Self| {
                    let (old, nothing) = (me.load(place)?, me.null(option)?);
                    me.store(place, nothing)?;
                    Ok(old)
                };
                self.one_of(taken, option, taking, |me| me.null(option))
            }
            ("copied" | "cloned", []) => {
                let result = self.known_slot_type(slot)?;
                let some = |me: &mut Self, held| {
                    let held = me.strip(held)?;
                    let held = me.load(held)?;
                    me.wrapped(result, held)
                };
                self.either(value, result, some, |me| me.null(result))
            }
            _ => self.with_closures(value, name, arguments, slot),
        }
    }

    /// Methods whose argument is evaluated whatever the `Option` holds.
    fn with_other(&mut self, option: Place, name: &str, other: &'static Expr, slot: TypeSlot) -> Lowered<ValueId> {
        let result = self.known_slot_type(slot)?;
        let other = self.value_as(other, result)?;
        match name {
            "unwrap_or" => self.either(option, result, |me, held| me.load(held), |_| Ok(other)),
            "and" => self.either(option, result, |_, _| Ok(other), |me| me.null(result)),
            "or" => self.either(option, result, |me, _| me.load(option), |_| Ok(other)),
            _ => {
                let neither = |me: &mut Self, _| {
                    let both = |me: &mut Self, _| me.null(result);
                    me.either(Place::Value(other), result, both, |me| me.load(option))
                };
                self.either(option, result, neither, |_| Ok(other))
            }
        }
    }

    /// Methods whose arguments are closures, which are called only where there is something to call them for.
    fn with_closures(
        &mut self,
        option: Place,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        let result = self.known_slot_type(slot)?;
        match (name, arguments) {
            ("zip", [other]) => {
                let tuple = self.held(result)?;
                let fields = self.fields(tuple)?;
                let (Some(mine), Some(theirs)) = (fields.first(), fields.get(1)) else {
                    return self.bug("a pair without two parts");
                };
                let (mine, theirs) = (mine.1, theirs.1);
                let other = self.value(other, None)?;
                let both = |me: &mut Self, held: Place| {
                    let pair = |me: &mut Self, other: Place| {
                        let (held, other) = (me.load(held)?, me.load(other)?);
                        let parts = vec![me.coerce(held, mine)?, me.coerce(other, theirs)?];
                        let pair = me.build.value(tuple, Op::Make(parts));
                        me.wrapped(result, pair)
                    };
                    me.either(Place::Value(other), result, pair, |me| me.null(result))
                };
                self.either(option, result, both, |me| me.null(result))
            }
            ("unzip", []) => {
                let types: Vec<_> = self.fields(result)?.into_iter().map(|field| field.1).collect();
                let mut parts = vec![];
                for (k, ty) in types.into_iter().enumerate() {
                    let part = |me: &mut Self, held: Place| {
                        let part = me.field(held, &k.to_string())?;
                        let part = me.load(part)?;
                        me.wrapped(ty, part)
                    };
                    parts.push(self.either(option, ty, part, |me| me.null(ty))?);
                }
                Ok(self.build.value(result, Op::Make(parts)))
            }
            ("flatten", []) => self.either(option, result, |me, held| me.load(held), |me| me.null(result)),
            ("transpose", []) => self.transposed(option, result),
            ("inspect", [look]) => {
                let unit = self.unit_type();
                let looked = |me: &mut Self, held: Place| {
                    let reference = Place::Value(me.address(held));
                    me.inlined(look, &[reference], Some(unit))?;
                    me.load(option)
                };
                self.either(option, result, looked, |me| me.null(result))
            }
            ("ok_or", [error]) => {
                let to = self.side(result, false)?;
                let error = self.value_as(error, to)?;
                let ok = |me: &mut Self, held| {
                    let held = me.load(held)?;
                    me.outcome(result, true, held)
                };
                self.either(option, result, ok, |me| me.outcome(result, false, error))
            }
            ("ok_or_else", [error]) => {
                let ok = |me: &mut Self, held| {
                    let held = me.load(held)?;
                    me.outcome(result, true, held)
                };
                let none = |me: &mut Self| {
                    let to = me.side(result, false)?;
                    let error = me.inlined(error, &[], Some(to))?;
                    me.outcome(result, false, error)
                };
                self.either(option, result, ok, none)
            }
            ("unwrap_or_default", []) => self.either(option, result, |me, held| me.load(held), |me| me.zero(result)),
            ("unwrap_or_else", [otherwise]) => {
                let none = |me: &mut Self| me.inlined(otherwise, &[], Some(result));
                self.either(option, result, |me, held| me.load(held), none)
            }
            ("or_else", [otherwise]) => {
                let none = |me: &mut Self| me.inlined(otherwise, &[], Some(result));
                self.either(option, result, |me, _| me.load(option), none)
            }
            ("map", [change]) => {
                let to = self.held(result)?;
                let some = |me: &mut Self, held| {
                    let value = me.inlined(change, &[held], Some(to))?;
                    me.wrapped(result, value)
                };
                self.either(option, result, some, |me| me.null(result))
            }
            ("and_then", [change]) => {
                let some = |me: &mut Self, held| me.inlined(change, &[held], Some(result));
                self.either(option, result, some, |me| me.null(result))
            }
            ("map_or", [other, change]) => {
                let other = self.value_as(other, result)?;
                let some = |me: &mut Self, held| me.inlined(change, &[held], Some(result));
                self.either(option, result, some, |_| Ok(other))
            }
            ("map_or_else", [otherwise, change]) => {
                let some = |me: &mut Self, held| me.inlined(change, &[held], Some(result));
                self.either(option, result, some, |me| me.inlined(otherwise, &[], Some(result)))
            }
            ("filter", [test]) => {
                let bool = self.scalar_type(Scalar::Bool);
                let some = |me: &mut Self, held| {
                    let reference = Place::Value(me.address(held));
                    let kept = me.inlined(test, &[reference], Some(bool))?;
                    let whole = me.load(option)?;
                    let whole = me.coerce(whole, result)?;
                    let nothing = me.null(result)?;
                    Ok(me.select(kept, whole, nothing))
                };
                self.either(option, result, some, |me| me.null(result))
            }
            _ => self.no_method(name, self.place_type(option)),
        }
    }

    /// `insert`, `get_or_insert` and `get_or_insert_with`: a reference to what is in the place then.
    fn inserted(&mut self, place: Place, name: &str, new: &'static Expr) -> Lowered<ValueId> {
        let option = self.place_type(place);
        let held = self.held(option)?;
        let put = |me: &mut Self, new| {
            let new = me.wrapped(option, new)?;
            me.store(place, new)
        };
        match name {
            "get_or_insert_with" => {
                let there = self.is_some(place)?;
                let missing = |me: &mut Self| {
                    let new = me.inlined(new, &[], Some(held))?;
                    put(me, new)
                };
                self.branch(there, |_| Ok(()), missing)?;
            }
            _ => {
                let new = self.value_as(new, held)?;
                match name {
                    "insert" => put(self, new)?,
                    _ => {
                        let there = self.is_some(place)?;
                        self.branch(there, |_| Ok(()), |me| put(me, new))?;
                    }
                }
            }
        }
        let payload = self.payload(place)?;
        Ok(self.address(payload))
    }

    /// `Option<Result<T, E>>` as `Result<Option<T>, E>`
    fn transposed(&mut self, option: Place, result: TypeId) -> Lowered<ValueId> {
        let inner = self.side(result, true)?;
        let some = |me: &mut Self, held: Place| {
            let ok = |me: &mut Self, held| {
                let held = me.load(held)?;
                let some = me.wrapped(inner, held)?;
                me.outcome(result, true, some)
            };
            me.sides(held, result, ok, |me, err| {
                let err = me.load(err)?;
                me.outcome(result, false, err)
            })
        };
        self.either(option, result, some, |me| {
            let none = me.null(inner)?;
            me.outcome(result, true, none)
        })
    }

    /// One value where the `Option` holds something, another where it does not.
    pub(super) fn either(
        &mut self,
        option: Place,
        ty: TypeId,
        some: impl FnOnce(&mut Self, Place) -> Lowered<ValueId>,
        none: impl FnOnce(&mut Self) -> Lowered<ValueId>,
    ) -> Lowered<ValueId> {
        let condition = self.is_some(option)?;
        let some = |me: &mut Self| {
            let held = me.payload(option)?;
            some(me, held)
        };
        self.one_of(condition, ty, some, none)
    }

    /// `if condition { accept } else { reject }`
    pub(super) fn one_of(
        &mut self,
        condition: ValueId,
        ty: TypeId,
        accept: impl FnOnce(&mut Self) -> Lowered<ValueId>,
        reject: impl FnOnce(&mut Self) -> Lowered<ValueId>,
    ) -> Lowered<ValueId> {
        if self.is_unit(ty) {
            self.branch(condition, |me| accept(me).map(drop), |me| reject(me).map(drop))?;
            return Ok(self.unit());
        }
        let result = self.build.local("", ty);
        self.branch(
            condition,
            |me| {
                let value = accept(me)?;
                let value = me.coerce(value, ty)?;
                me.build.set(result, value);
                Ok(())
            },
            |me| {
                let value = reject(me)?;
                let value = me.coerce(value, ty)?;
                me.build.set(result, value);
                Ok(())
            },
        )?;
        Ok(self.build.get(result))
    }

    /// The body of a closure that is an argument, with its parameters bound to these places.
    pub(super) fn inlined(
        &mut self,
        closure: &'static Expr,
        given: &[Place],
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        let Expr::Closure(parameters, body, slot) = self.created(closure)? else {
            return self.bug("a closure is needed");
        };
        if parameters.len() != given.len() {
            return self.bug("a closure with another number of parameters");
        }
        for (pattern, &place) in parameters.iter().zip(given) {
            self.bind(pattern, place)?;
        }
        match self.slot_type(*slot).or(want) {
            Some(ty) if self.is_unit(ty) => {
                self.effect(body)?;
                Ok(self.unit())
            }
            Some(ty) => self.value_as(body, ty),
            None => self.value(body, None),
        }
    }

    /// `condition.then(|| value)`, `condition.then_some(value)`
    pub(super) fn method_of_bool(
        &mut self,
        condition: ValueId,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        let result = self.known_slot_type(slot)?;
        let held = self.held(result)?;
        let [value] = arguments else { return self.bug(format!("`{name}` without a value")) };
        if name == "then" {
            let some = |me: &mut Self| {
                let value = me.inlined(value, &[], Some(held))?;
                me.wrapped(result, value)
            };
            return self.one_of(condition, result, some, |me| me.null(result));
        }
        let value = self.value_as(value, held)?;
        if self.world.types.in_option(result).is_some() {
            return self.just_where(result, condition, value);
        }
        self.one_of(condition, result, |me| me.wrapped(result, value), |me| me.null(result))
    }
}
