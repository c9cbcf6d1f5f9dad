//! `Result`: an enum where rustc's layout is known ([`super::layouts`]), else both values, of which one counts, and a `bool`.
//!
//! Closures are lowered in place, where they are called; what the methods give back is made as those of `Option` make it.

use super::error::{Lowered, Stop};
use super::function::Lowering;
use super::place::Place;
use crate::ast::{CalleeSlot, Expr, TypeSlot};
use crate::ir::{Op, PanicKind, Piece, Scalar, Statement, TypeId, ValueId};

impl Lowering<'_> {
    /// What `Ok` (or `Err`) of this type holds.
    pub(super) fn side(&self, ty: TypeId, ok: bool) -> Lowered<TypeId> {
        match self.world.types.in_result(ty) {
            Some((one, other)) => Ok(if ok { one } else { other }),
            None => self.bug(format!("`{}` is no result", self.type_name(ty))),
        }
    }

    /// `Ok(value)` or `Err(value)`.
    pub(super) fn outcome(&mut self, ty: TypeId, ok: bool, value: ValueId) -> Lowered<ValueId> {
        let side = self.side(ty, ok)?;
        let value = self.coerce(value, side)?;
        if self.as_enum(ty).is_some() {
            let field = self.variant(ty, side_name(ok))?;
            return self.make_variant(ty, field, vec![value]);
        }
        let tuple = self.tuple_type(&[side]);
        let held = self.build.value(tuple, Op::Make(vec![value]));
        self.made_result(ty, ok, held)
    }

    /// The same of a tuple that holds the value.
    fn made_result(&mut self, ty: TypeId, ok: bool, held: ValueId) -> Lowered<ValueId> {
        let other = self.side(ty, !ok)?;
        let other = self.tuple_type(&[other]);
        let other = self.zero(other)?;
        let is_ok = self.build.boolean(ok);
        let (one, two) = if ok { (held, other) } else { (other, held) };
        Ok(self.build.value(ty, Op::Make(vec![one, two, is_ok])))
    }

    pub(super) fn is_ok(&mut self, place: Place) -> Lowered<ValueId> {
        if let ty = self.place_type(place)
            && self.as_enum(ty).is_some()
        {
            let ok = self.variant(ty, "Ok")?;
            return match self.is_variant(place, ok)? {
                Some(is_ok) => Ok(is_ok),
                None => self.bug("a result that is always `Ok`"),
            };
        }
        let is_ok = self.field(place, "is_ok")?;
        self.load(is_ok)
    }

    /// What is in a place of a `Result` that is `Ok` (or `Err`).
    pub(super) fn held_by(&mut self, place: Place, ok: bool) -> Lowered<Place> {
        let tuple = self.field(place, side_name(ok))?;
        self.field(tuple, "0")
    }

    /// What a pattern `Ok(..)` or `Err(..)` looks into, and whether it is there.
    pub(super) fn half(&mut self, place: Place, name: &str) -> Lowered<(Place, Option<ValueId>)> {
        let is_ok = self.is_ok(place)?;
        let is = if name == "Ok" { is_ok } else { self.invert(is_ok) };
        Ok((self.field(place, name)?, Some(is)))
    }

    /// `value?`
    pub(super) fn question_of_result(&mut self, value: ValueId, callee: CalleeSlot) -> Lowered<ValueId> {
        let place = Place::Value(value);
        let is_ok = self.is_ok(place)?;
        self.branch(
            is_ok,
            |_| Ok(()),
            |me| {
                let result = me.returned_type();
                let err = me.held_by(place, false)?;
                let err = me.load(err)?;
                let err = me.raised(err, me.side(result, false)?, callee)?;
                let value = me.outcome(result, false, err)?;
                me.leave_with(value)?;
                Err(Stop::Diverges)
            },
        )?;
        let held = self.held_by(place, true)?;
        self.load(held)
    }

    /// `From::from(error)`
    fn raised(&mut self, error: ValueId, to: TypeId, callee: CalleeSlot) -> Lowered<ValueId> {
        if let Some(signature) = self.signature(callee)? {
            return Ok(self.call_function(&signature, vec![error]));
        }
        match (self.as_scalar(self.build.type_of(error)), self.as_scalar(to)) {
            (Some(_), Some(_)) => self.cast_to(error, to),
            _ => Ok(error),
        }
    }

    /// `unwrap` (or `unwrap_err`) and `expect`: what is held, or a panic. Of what is shown behind the message only numbers and
    /// `()` are known without the user's `Debug`.
    pub(super) fn unwrap_result(&mut self, place: Place, ok: bool, message: &str) -> Lowered<ValueId> {
        let is_ok = self.is_ok(place)?;
        let condition = if ok { is_ok } else { self.invert(is_ok) };
        let shown = self.side(self.place_type(place), !ok)?;
        match (self.is_unit(shown), self.as_scalar(shown)) {
            _ if ["TryFromIntError", "TryFromSliceError"].contains(&&*self.type_name(shown)) => {
                let text = format!("{message}: {}(())", self.type_name(shown));
                self.check(condition, &text);
            }
            (true, _) => self.check(condition, &format!("{message}: ()")),
            (_, Some(scalar)) => self.branch(
                condition,
                |_| Ok(()),
                |me| {
                    let held = me.held_by(place, !ok)?;
                    let arguments = vec![me.load(held)?];
                    let pieces = vec![Piece::Text(format!("{message}: ")), Piece::Value(scalar)];
                    let site = me.site(PanicKind::Shown(pieces));
                    me.build.push(Statement::Panic { site, arguments });
                    Err(Stop::Diverges)
                },
            )?,
            (_, None) => self.check(condition, message),
        }
        let held = self.held_by(place, ok)?;
        self.load(held)
    }

    /// A method of a `Result`; the slot has the type of what it gives.
    pub(super) fn result_method(
        &mut self,
        place: Place,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        match (name, arguments) {
            ("is_ok", []) => self.is_ok(place),
            ("is_err", []) => {
                let is_ok = self.is_ok(place)?;
                Ok(self.invert(is_ok))
            }
            ("unwrap", []) => self.unwrap_result(place, true, "called `Result::unwrap()` on an `Err` value"),
            ("unwrap_err", []) => self.unwrap_result(place, false, "called `Result::unwrap_err()` on an `Ok` value"),
            ("expect" | "expect_err", _) => self.unsupported(format!("`{name}` with anything but a literal")),
            ("as_ref" | "as_mut", []) => {
                let result = self.known_slot_type(slot)?;
                let side = |me: &mut Self, held, ok| {
                    let held = me.address(held);
                    me.outcome(result, ok, held)
                };
                self.sides(place, result, |me, held| side(me, held, true), |me, held| side(me, held, false))
            }
            ("is_ok_and" | "is_err_and", [test]) => {
                let bool = self.scalar_type(Scalar::Bool);
                let tested = |me: &mut Self, held| me.inlined(test, &[held], Some(bool));
                let not = |me: &mut Self, _| Ok(me.build.boolean(false));
                match name {
                    "is_ok_and" => self.sides(place, bool, tested, not),
                    _ => self.sides(place, bool, not, tested),
                }
            }
            _ => {
                let value = Place::Value(self.load(place)?);
                let result = self.known_slot_type(slot)?;
                match arguments {
                    [other] if ["and", "or", "unwrap_or"].contains(&name) => {
                        let other = self.value_as(other, result)?;
                        self.with_other_result(value, name, other, result)
                    }
                    _ => self.change_result(value, name, arguments, result),
                }
            }
        }
    }

    /// Methods whose argument is evaluated whatever the `Result` is.
    fn with_other_result(&mut self, value: Place, name: &str, other: ValueId, result: TypeId) -> Lowered<ValueId> {
        let other = |_: &mut Self, _| Ok(other);
        match name {
            "and" => self.sides(value, result, other, |me, held| me.again(result, false, held)),
            "or" => self.sides(value, result, |me, held| me.again(result, true, held), other),
            _ => self.sides(value, result, |me, held| me.load(held), other),
        }
    }

    /// Methods that give one side, or change it.
    fn change_result(
        &mut self,
        value: Place,
        name: &str,
        arguments: &'static [Expr],
        result: TypeId,
    ) -> Lowered<ValueId> {
        let keep = |ok| move |me: &mut Self, held: Place| me.again(result, ok, held);
        let some = |me: &mut Self, held: Place| {
            let held = me.load(held)?;
            me.wrapped(result, held)
        };
        match (name, arguments) {
            ("ok", []) => self.sides(value, result, some, |me, _| me.null(result)),
            ("err", []) => self.sides(value, result, |me, _| me.null(result), some),
            ("copied" | "cloned", []) => {
                let copied = |me: &mut Self, held| {
                    let held = me.strip(held)?;
                    me.again(result, true, held)
                };
                self.sides(value, result, copied, keep(false))
            }
            ("flatten", []) => self.sides(value, result, |me, held| me.load(held), keep(false)),
            ("unwrap_or_default", []) => self.sides(value, result, |me, held| me.load(held), |me, _| me.zero(result)),
            ("transpose", []) => self.transposed_result(value, result),
            ("map", [change]) => {
                let to = self.side(result, true)?;
                let changed = |me: &mut Self, held| {
                    let changed = me.inlined(change, &[held], Some(to))?;
                    me.outcome(result, true, changed)
                };
                self.sides(value, result, changed, keep(false))
            }
            ("map_err", [change]) => {
                let to = self.side(result, false)?;
                let changed = |me: &mut Self, held| {
                    let changed = me.inlined(change, &[held], Some(to))?;
                    me.outcome(result, false, changed)
                };
                self.sides(value, result, keep(true), changed)
            }
            ("inspect" | "inspect_err", [look]) => {
                let looked = |ok| {
                    move |me: &mut Self, held: Place| {
                        if ok == (name == "inspect") {
                            let (reference, unit) = (Place::Value(me.address(held)), me.unit_type());
                            me.inlined(look, &[reference], Some(unit))?;
                        }
                        me.again(result, ok, held)
                    }
                };
                self.sides(value, result, looked(true), looked(false))
            }
            ("and_then", [change]) => {
                self.sides(value, result, |me, held| me.inlined(change, &[held], Some(result)), keep(false))
            }
            ("or_else", [change]) => {
                self.sides(value, result, keep(true), |me, held| me.inlined(change, &[held], Some(result)))
            }
            ("unwrap_or_else", [otherwise]) => {
                let otherwise = |me: &mut Self, held| me.inlined(otherwise, &[held], Some(result));
                self.sides(value, result, |me, held| me.load(held), otherwise)
            }
            ("map_or", [other, change]) => {
                let other = self.value_as(other, result)?;
                self.sides(value, result, |me, held| me.inlined(change, &[held], Some(result)), |_, _| Ok(other))
            }
            ("map_or_else", [otherwise, change]) => {
                let otherwise = |me: &mut Self, held| me.inlined(otherwise, &[held], Some(result));
                self.sides(value, result, |me, held| me.inlined(change, &[held], Some(result)), otherwise)
            }
            _ => self.no_method(name, self.place_type(value)),
        }
    }

    /// The same side with what a place holds.
    fn again(&mut self, result: TypeId, ok: bool, held: Place) -> Lowered<ValueId> {
        let held = self.load(held)?;
        self.outcome(result, ok, held)
    }

    /// `Result<Option<T>, E>` as `Option<Result<T, E>>`
    fn transposed_result(&mut self, value: Place, result: TypeId) -> Lowered<ValueId> {
        let inner = self.held(result)?;
        let some = |me: &mut Self, option: Place| {
            let is_some = me.is_some(option)?;
            let some = |me: &mut Self| {
                let held = me.payload(option)?;
                let held = me.again(inner, true, held)?;
                me.wrapped(result, held)
            };
            me.one_of(is_some, result, some, |me| me.null(result))
        };
        self.sides(value, result, some, |me, held| {
            let err = me.again(inner, false, held)?;
            me.wrapped(result, err)
        })
    }

    /// One value where the `Result` is `Ok`, another where it is `Err`.
    pub(super) fn sides(
        &mut self,
        result: Place,
        ty: TypeId,
        ok: impl FnOnce(&mut Self, Place) -> Lowered<ValueId>,
        err: impl FnOnce(&mut Self, Place) -> Lowered<ValueId>,
    ) -> Lowered<ValueId> {
        let condition = self.is_ok(result)?;
        let ok = |me: &mut Self| {
            let held = me.held_by(result, true)?;
            ok(me, held)
        };
        let err = |me: &mut Self| {
            let held = me.held_by(result, false)?;
            err(me, held)
        };
        self.one_of(condition, ty, ok, err)
    }
}

fn side_name(ok: bool) -> &'static str {
    if ok { "Ok" } else { "Err" }
}
