//! Associated functions of std and num-traits: `f32::from_bits(x)`, `T::zero()`, `u32::max(a, b)`.

use super::error::Lowered;
use super::function::Lowering;
use super::methods::argument_type;
use super::place::Place;
use crate::ast::{At, Expr, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, Op, Scalar, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// `Type::name(arguments)`
    pub(super) fn std_associated(
        &mut self,
        name: &'static str,
        ty: TypeId,
        arguments: &'static [Expr],
        slot: TypeSlot,
        at: At,
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        match (self.as_scalar(ty), arguments) {
            (Some(scalar), []) => {
                self.at = at;
                match self.constant_function(name, scalar) {
                    Some(value) => Ok(value),
                    None => self.no_function(name, ty),
                }
            }
            (Some(_), [value]) if name == "from" => {
                let value = self.operand(value, None)?;
                let to = match self.slot_type(slot) {
                    Some(to) => to,
                    None => ty,
                };
                self.cast_to(value, to)
            }
            (Some(scalar), [value]) if name == "try_from" => self.number_in_range(value, scalar, slot),
            (None, [slice]) if name == "try_from" && matches!(self.ty(ty), Type::Array { .. }) => {
                self.array_of_slice(slice, ty, slot)
            }
            (Some(scalar), [bits]) if name == "from_bits" && scalar.is_float() => {
                let from = match scalar {
                    Scalar::F32 => Scalar::U32,
                    _ => Scalar::U64,
                };
                let from = self.scalar_type(from);
                let bits = self.value_as(bits, from)?;
                Ok(self.build.value(ty, Op::Bitcast(bits)))
            }
            (Some(scalar), [bytes]) if name.starts_with("from_") && name.ends_with("_bytes") => {
                let from = self.bytes_type(scalar);
                let bytes = self.value_as(bytes, from)?;
                Ok(self.of_bytes(name, scalar, bytes))
            }
            (Some(scalar), _) if name != "clone" && !name.ends_with("cmp") && !super::chars::is_method(name) => {
                let mut values = vec![];
                for (k, e) in arguments.iter().enumerate() {
                    let own = if k == 0 { scalar } else { argument_type(name, scalar) };
                    let wanted = self.scalar_type(own);
                    let value = self.operand(e, Some(wanted))?;
                    values.push(self.coerce(value, wanted)?);
                }
                self.at = at;
                self.scalar_method(name, scalar, &values)
            }
            (_, [receiver, others @ ..]) => {
                let value = self.value(receiver, want)?;
                let place = self.strip(Place::Value(value))?;
                self.method_of(place, name, others, slot, at)
            }
            _ => self.no_function(name, ty),
        }
    }

    /// `u8::try_from(x)` of an integer.
    fn number_in_range(&mut self, value: &'static Expr, to: Scalar, slot: TypeSlot) -> Lowered<ValueId> {
        let result = self.known_slot_type(slot)?;
        let value = self.operand(value, None)?;
        let from = self.scalar_of(value)?;
        if !from.is_integer() || !to.is_integer() {
            return self.unsupported(format!("`{}::try_from` of a `{}`", to.name(), from.name()));
        }
        let ((least, most), (low, high)) = (from.range(), to.range());
        let mut fits = self.build.boolean(true);
        for (op, end, checked) in
            [(CompareOp::GreaterEqual, low, low > least), (CompareOp::LessEqual, high, high < most)]
        {
            if checked {
                let end = self.build.integer(from, end);
                let inside = self.build.compare(op, value, end);
                fits = self.build.binary(BinaryOp::And, fits, inside, None);
            }
        }
        let ok = |me: &mut Self| {
            let number = me.cast_scalar(value, to);
            me.outcome(result, true, number)
        };
        let err = |me: &mut Self| {
            let error = me.side(result, false)?;
            let error = me.zero(error)?;
            me.outcome(result, false, error)
        };
        self.one_of(fits, result, ok, err)
    }

    /// `<[u8; 4]>::try_from(slice)`
    fn array_of_slice(&mut self, slice: &'static Expr, ty: TypeId, slot: TypeSlot) -> Lowered<ValueId> {
        let Type::Array { element, length } = *self.ty(ty) else { return self.bug("an array of no array type") };
        let result = self.known_slot_type(slot)?;
        let ty_of_slice = self.build.module.types.slice(element);
        let slice = self.value(slice, Some(ty_of_slice))?;
        let slice = self.whole_slice(Place::Value(slice))?;
        let (count, wanted) = (self.slice_length(slice), self.number(Scalar::Usize, length.into()));
        let fits = self.build.compare(CompareOp::Equal, count, wanted);
        let ok = |me: &mut Self| {
            let array = me.build.local("", ty);
            let to = me.build.address(array);
            let to = me.build.value(ty_of_slice, Op::AsSlice(to));
            me.counted(wanted, None, |me, index| {
                let from = me.element(Place::Slice(slice), index)?;
                let value = me.load(from)?;
                let to = me.element(Place::Slice(to), index)?;
                me.store(to, value)
            })?;
            let array = me.build.get(array);
            me.outcome(result, true, array)
        };
        let err = |me: &mut Self| {
            let error = me.side(result, false)?;
            let error = me.zero(error)?;
            me.outcome(result, false, error)
        };
        self.one_of(fits, result, ok, err)
    }

    fn no_function<T>(&self, name: &str, ty: TypeId) -> Lowered<T> {
        self.unsupported(format!("`{}::{name}`", self.type_name(ty)))
    }

    /// Functions without arguments.
    fn constant_function(&mut self, name: &str, scalar: Scalar) -> Option<ValueId> {
        if scalar == Scalar::Bool {
            return (name == "default").then(|| self.build.boolean(false));
        }
        if let "zero" | "default" | "one" = name {
            return Some(self.number(scalar, i128::from(name == "one")));
        }
        if !scalar.is_float() {
            let (low, high) = scalar.range();
            return match name {
                "min_value" => Some(self.number(scalar, low)),
                "max_value" => Some(self.number(scalar, high)),
                _ => None,
            };
        }
        let single = scalar == Scalar::F32;
        let pick = |a: f32, b: f64| if single { f64::from(a) } else { b };
        let value = match name {
            "infinity" => f64::INFINITY,
            "neg_infinity" => f64::NEG_INFINITY,
            "nan" => f64::NAN,
            "neg_zero" => -0.0,
            "epsilon" => pick(f32::EPSILON, f64::EPSILON),
            "min_value" => pick(f32::MIN, f64::MIN),
            "max_value" => pick(f32::MAX, f64::MAX),
            "min_positive_value" => pick(f32::MIN_POSITIVE, f64::MIN_POSITIVE),
            _ => return None,
        };
        Some(self.float(scalar, value))
    }

    /// The type of what `Type::name(..)` gives.
    pub(super) fn associated_result(&mut self, name: &str, ty: TypeId) -> Option<TypeId> {
        if let "from_u32" | "from_digit" = name {
            return Some(self.option_type(ty));
        }
        match (self.ty(ty), name) {
            (Type::Scalar(_), "from" | "from_bits" | "from_le_bytes" | "from_be_bytes" | "from_ne_bytes") => Some(ty),
            _ => self.method_result(name, ty),
        }
    }
}
