//! Methods of std, made of IR operations with exactly std's results: NaN, overflow and panics included.

mod atomics;
mod bytes;
mod elements;
mod floats;
mod integers;
mod moved;
mod neighbours;
mod orderings;
mod overflow;
mod power;
mod saturating;
mod search;
mod slices;
mod sort;

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use super::ranges::unsigned;
use crate::ast::{At, Expr, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, MathFunction, Op, Scalar, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// `receiver.name(arguments)` of std.
    pub(super) fn std_method(
        &mut self,
        receiver: &'static Expr,
        name: &'static str,
        arguments: &'static [Expr],
        slot: TypeSlot,
        at: At,
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        let hint = match self.known_stripped(receiver) {
            Some(ty) => Some(ty),
            None => {
                let other = arguments.first().and_then(|e| self.known_stripped(e));
                other.filter(|_| takes_own_type(name)).or(want)
            }
        };
        let place = self.receiver(receiver, hint)?;
        let place = self.strip(place)?;
        self.method_of(place, name, arguments, slot, at)
    }

    /// A method of what a place holds.
    pub(super) fn method_of(
        &mut self,
        place: Place,
        name: &'static str,
        arguments: &'static [Expr],
        slot: TypeSlot,
        at: At,
    ) -> Lowered<ValueId> {
        let ty = self.place_type(place);
        if orderings::gives_order(name) {
            self.at = at;
            return self.order_method(place, name, arguments);
        }
        if let Some(value) = self.ordering_method(ty, place, name, arguments)? {
            return Ok(value);
        }
        match (self.ty(ty).clone(), name) {
            (Type::Atomic(scalar), _) => {
                let pointer = self.address(place);
                self.atomic_method(pointer, scalar, name, arguments, slot, at)
            }
            (Type::Struct(_), _) if self.world.types.range(ty).is_some() && name != "clone" => {
                self.range_method(place, name, arguments)
            }
            (Type::Slice(_) | Type::Array { .. }, "len" | "is_empty" | "swap" | "fill") => {
                self.slice_method(place, name, arguments, at)
            }
            (Type::Struct(_), "len" | "is_empty" | "swap" | "fill") if self.world.types.element_of(ty).is_some() => {
                self.slice_method(place, name, arguments, at)
            }
            (Type::Slice(_) | Type::Array { .. }, _) if elements::knows(name) => {
                self.at = at;
                self.element_method(place, name, arguments, slot)
            }
            (Type::Struct(_), _) if self.world.types.element_of(ty).is_some() && elements::knows(name) => {
                self.at = at;
                self.element_method(place, name, arguments, slot)
            }
            (Type::Nullable(_), _) if name != "clone" => self.option_method(place, name, arguments, slot, at),
            (Type::Scalar(_) | Type::Array { .. } | Type::Struct(_) | Type::Unit, "clone") => self.load(place),
            (Type::Nullable(_), "clone") => self.load(place),
            (Type::Struct(_), _) if self.world.types.in_result(ty).is_some() => {
                self.at = at;
                self.result_method(place, name, arguments, slot)
            }
            (Type::Struct(_), _) if self.held_in(ty).is_some() => self.option_method(place, name, arguments, slot, at),
            (Type::Scalar(_), "into") => {
                let value = self.load(place)?;
                let to = self.known_slot_type(slot)?;
                self.cast_to(value, to)
            }
            (Type::Scalar(Scalar::Bool), "then" | "then_some") => {
                let condition = self.load(place)?;
                self.method_of_bool(condition, name, arguments, slot)
            }
            (Type::Scalar(Scalar::U8 | Scalar::U32), _) if crate::lower::chars::is_method(name) => {
                self.at = at;
                self.char_method(place, name, arguments)
            }
            (Type::Scalar(scalar), _) => {
                let mut values = vec![self.load(place)?];
                for e in arguments {
                    let ty = self.scalar_type(argument_type(name, scalar));
                    let value = self.operand(e, Some(ty))?;
                    values.push(self.coerce(value, ty)?);
                }
                self.at = at;
                self.scalar_method(name, scalar, &values)
            }
            _ => self.no_method(name, ty),
        }
    }

    pub(super) fn no_method<T>(&self, name: &str, ty: TypeId) -> Lowered<T> {
        self.unsupported(format!("method `{name}` of `{}`", self.type_name(ty)))
    }

    /// A method of a number; the receiver is the first value.
    pub(super) fn scalar_method(&mut self, name: &'static str, scalar: Scalar, values: &[ValueId]) -> Lowered<ValueId> {
        let result = if scalar.is_float() {
            self.float_method(name, scalar, values)
        } else if scalar.is_integer() {
            self.integer_method(name, scalar, values)
        } else {
            None
        };
        match result {
            Some(value) => Ok(value),
            None => {
                let ty = self.scalar_type(scalar);
                self.no_method(name, ty)
            }
        }
    }

    /// The type of a method's result, by the type that it is called on.
    pub(super) fn method_result(&mut self, name: &str, receiver: TypeId) -> Option<TypeId> {
        let result = match (self.ty(receiver).clone(), name) {
            (_, "clone") => return Some(receiver),
            (_, "cmp" | "total_cmp") => return self.ordering_type().ok(),
            (_, "partial_cmp") => {
                let ordering = self.ordering_type().ok()?;
                return Some(self.option_type(ordering));
            }
            (Type::Struct(_), "then_with" | "reverse") if self.ordering_type().ok() == Some(receiver) => {
                return Some(receiver);
            }
            (Type::Scalar(scalar), _) => match name {
                "into" => return None,
                "sin_cos" => return Some(self.tuple_type(&[receiver, receiver])),
                "to_bits" if scalar == Scalar::F32 => Scalar::U32,
                "to_bits" => Scalar::U64,
                "abs_diff" | "unsigned_abs" | "cast_unsigned" => unsigned(scalar),
                "cast_signed" => signed(scalar),
                "count_ones" | "count_zeros" | "leading_zeros" | "leading_ones" | "trailing_zeros"
                | "trailing_ones" | "ilog2" | "ilog10" => Scalar::U32,
                "to_le_bytes" | "to_be_bytes" | "to_ne_bytes" => return Some(self.bytes_type(scalar)),
                "then" | "then_some" => return None,
                "to_digit" => {
                    let u32 = self.scalar_type(Scalar::U32);
                    return Some(self.option_type(u32));
                }
                "len_utf8" => Scalar::Usize,
                "eq_ignore_ascii_case" => Scalar::Bool,
                "make_ascii_uppercase" | "make_ascii_lowercase" => return Some(self.unit_type()),
                _ if name.starts_with("overflowing_") => {
                    let bool = self.scalar_type(Scalar::Bool);
                    return Some(self.tuple_type(&[receiver, bool]));
                }
                "checked_ilog2" => {
                    let u32 = self.scalar_type(Scalar::U32);
                    return Some(self.option_type(u32));
                }
                _ if name.starts_with("checked_") => return Some(self.option_type(receiver)),
                _ if name.starts_with("is_") => Scalar::Bool,
                _ => scalar,
            },
            (Type::Atomic(_), "store") => return Some(self.unit_type()),
            (Type::Atomic(_), "compare_exchange" | "compare_exchange_weak" | "fetch_update" | "try_update") => {
                return None;
            }
            (Type::Atomic(scalar), _) => scalar,
            (Type::Nullable(_) | Type::Struct(_), "is_some" | "is_none" | "is_ok" | "is_err") => Scalar::Bool,
            (Type::Struct(s), "start" | "end") => {
                let end = s.fields.iter().find(|f| f.name == name)?.ty;
                return Some(self.pointer_type(end));
            }
            (Type::Struct(_), "is_lt" | "is_le" | "is_gt" | "is_ge" | "is_eq" | "is_ne") => Scalar::Bool,
            (Type::Struct(_), "len") => Scalar::Usize,
            (Type::Struct(_), "is_empty") => Scalar::Bool,
            (Type::Slice(_) | Type::Array { .. }, "len") => Scalar::Usize,
            (Type::Slice(_) | Type::Array { .. }, "is_empty") => Scalar::Bool,
            (
                Type::Slice(_) | Type::Array { .. } | Type::Struct(_),
                "fill"
                | "fill_with"
                | "swap"
                | "copy_from_slice"
                | "clone_from_slice"
                | "swap_with_slice"
                | "copy_within"
                | "rotate_left"
                | "rotate_right"
                | "reverse"
                | "sort_unstable"
                | "sort_unstable_by"
                | "sort_unstable_by_key",
            ) => return Some(self.unit_type()),
            (
                Type::Slice(_) | Type::Array { .. } | Type::Struct(_),
                "contains" | "starts_with" | "ends_with" | "is_sorted",
            ) => Scalar::Bool,
            (Type::Slice(_) | Type::Array { .. } | Type::Struct(_), "partition_point") => Scalar::Usize,
            _ => return None,
        };
        Some(self.scalar_type(result))
    }

    // ---- short forms for what methods are made of

    fn apply(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        self.build.binary(op, a, b, None)
    }

    pub(super) fn select(&mut self, condition: ValueId, accept: ValueId, reject: ValueId) -> ValueId {
        let ty = self.build.type_of(accept);
        let op = Op::Select { condition, accept, reject };
        self.build.value(ty, op)
    }

    fn is(&mut self, op: CompareOp, a: ValueId, b: ValueId) -> ValueId {
        self.build.compare(op, a, b)
    }

    fn math(&mut self, function: MathFunction, arguments: Vec<ValueId>) -> ValueId {
        let ty = if function.gives_u32() { self.scalar_type(Scalar::U32) } else { self.build.type_of(arguments[0]) };
        self.build.value(ty, Op::Math { function, arguments })
    }

    fn bitcast(&mut self, value: ValueId, to: Scalar) -> ValueId {
        let ty = self.scalar_type(to);
        self.build.value(ty, Op::Bitcast(value))
    }
}

/// Whether the method's first argument has the receiver's type.
fn takes_own_type(name: &str) -> bool {
    [Scalar::I64, Scalar::U64].iter().all(|&scalar| argument_type(name, scalar) == scalar)
}

/// The signed integer of the same size.
fn signed(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::U8 => Scalar::I8,
        Scalar::U16 => Scalar::I16,
        Scalar::U32 => Scalar::I32,
        Scalar::U64 => Scalar::I64,
        Scalar::Usize => Scalar::Isize,
        other => other,
    }
}

/// The type of a method's arguments.
pub(super) fn argument_type(name: &str, receiver: Scalar) -> Scalar {
    match name {
        "powi" => Scalar::I32,
        "rotate_left" | "rotate_right" => Scalar::U32,
        _ if !receiver.is_integer() => receiver,
        _ if ["pow", "_shl", "_shr"].iter().any(|end| name.ends_with(end)) => Scalar::U32,
        _ if name.ends_with("_add_signed") => signed(receiver),
        _ if name.ends_with("_unsigned") && name != "cast_unsigned" => unsigned(receiver),
        _ => receiver,
    }
}
