//! Random values.

use super::function::{Callable, Known, Maker};
use super::types::constant;
use crate::ir::{AtomicOp, BinaryOp, CompareOp, MathFunction, Op, PanicKind, Scalar, Type, TypeId, UnaryOp, ValueId};

impl Maker<'_, '_> {
    /// A value of any type without atomics.
    pub(super) fn expression(&mut self, ty: TypeId) -> ValueId {
        self.fuel -= 1;
        self.depth += 1;
        let value = self.nested_expression(ty);
        self.depth -= 1;
        value
    }

    fn nested_expression(&mut self, ty: TypeId) -> ValueId {
        let more = self.fuel > 0 && self.depth < 4;
        let known: Vec<Known> = self.values.iter().copied().filter(|k| k.ty == ty).collect();
        let again = if more { 4 } else { 2 };
        if self.choices.once_in(again)
            && let Some(known) = self.choices.pick(&known)
        {
            return known.id;
        }
        if more
            && self.choices.once_in(3)
            && let Some(place) = self.place(ty, false)
        {
            let value = self.b.load(place);
            return self.know(value, false);
        }
        if more
            && self.choices.once_in(8)
            && let Some(value) = self.general(ty)
        {
            return self.know(value, false);
        }
        let value = match self.ty(ty).clone() {
            Type::Unit => self.b.value(ty, Op::Unit),
            Type::Scalar(scalar) if more => self.scalar(scalar, ty),
            Type::Scalar(scalar) => {
                let constant = constant(scalar, self.choices);
                self.b.value(ty, Op::Constant(constant))
            }
            Type::Pointer(to) => self.pointer(to, false),
            Type::Nullable(_) => self.b.value(ty, Op::Null),
            Type::Slice(of) => self.slice(of, false),
            Type::Array { element, length } => {
                if self.choices.once_in(2) {
                    let part = self.expression(element);
                    self.b.value(ty, Op::Repeat(part))
                } else {
                    let parts = (0..length).map(|_| self.expression(element)).collect();
                    self.b.value(ty, Op::Make(parts))
                }
            }
            Type::Struct(s) => {
                let parts = s.fields.iter().map(|f| self.expression(f.ty)).collect();
                self.b.value(ty, Op::Make(parts))
            }
            Type::Atomic(_) => unreachable!("no value is an atomic"),
        };
        self.know(value, false)
    }

    /// What works for each type: a choice, a part of something, a call.
    fn general(&mut self, ty: TypeId) -> Option<ValueId> {
        match self.choices.below(3) {
            0 if self.options.references || self.referentless(ty) => {
                let bool = self.scalar_type(Scalar::Bool);
                let condition = self.expression(bool);
                let accept = self.expression(ty);
                let reject = self.expression(ty);
                let op = Op::Select { condition, accept, reject };
                Some(self.b.value(ty, op))
            }
            1 => {
                let wholes: Vec<(ValueId, u32)> = self
                    .values
                    .iter()
                    .flat_map(|k| self.parts_of(k.ty, ty).into_iter().map(|part| (k.id, part)))
                    .collect();
                let (base, index) = self.choices.pick(&wholes)?;
                Some(self.b.value(ty, Op::Extract { base, index }))
            }
            _ => {
                let callables: Vec<Callable> = self.callables.iter().filter(|c| c.result == ty).cloned().collect();
                let callable = self.choices.pick(&callables)?;
                self.call(&callable)
            }
        }
    }

    fn referentless(&self, ty: TypeId) -> bool {
        !matches!(self.ty(ty), Type::Pointer(_) | Type::Slice(_))
    }

    fn parts_of(&self, whole: TypeId, part: TypeId) -> Vec<u32> {
        match self.ty(whole) {
            Type::Array { element, length } if *element == part => (0..*length as u32).collect(),
            Type::Struct(s) => (0..).zip(&s.fields).filter(|(_, f)| f.ty == part).map(|(k, _)| k).collect(),
            _ => vec![],
        }
    }

    /// A call, if it is affordable here and its arguments can be had. What it stores through is a new local each time,
    /// or the only reference that it takes.
    pub(super) fn call(&mut self, callable: &Callable) -> Option<ValueId> {
        let rounds = callable.iterations * self.times;
        if self.quiet || self.iterations + rounds > self.options.iterations {
            return None;
        }
        let references = callable.parameters.iter().filter(|(ty, _)| !self.referentless(*ty)).count();
        let mut arguments = vec![];
        for (ty, exclusive) in &callable.parameters {
            let alone = references == 1;
            let argument = match *self.ty(*ty) {
                Type::Slice(of) if matches!(self.ty(of), Type::Atomic(_)) => self.atomic_slice(*ty)?,
                Type::Pointer(to) if *exclusive && !alone => self.fresh_pointer(to),
                Type::Slice(of) if *exclusive && !alone => self.fresh_slice(of),
                Type::Pointer(to) => self.pointer(to, *exclusive),
                Type::Slice(of) => self.slice(of, *exclusive),
                _ => self.expression(*ty),
            };
            arguments.push(argument);
        }
        // Arguments may have made calls of their own.
        if self.iterations + rounds > self.options.iterations {
            return None;
        }
        self.iterations += rounds;
        let op = Op::Call { function: callable.id, arguments };
        Some(self.b.value(callable.result, op))
    }

    /// A slice of atomics, which only parameters have.
    fn atomic_slice(&mut self, ty: TypeId) -> Option<ValueId> {
        let locals: Vec<_> = self.locals.iter().filter(|l| l.ty == ty).map(|l| l.id).collect();
        let local = self.choices.pick(&locals)?;
        Some(self.b.get(local))
    }

    /// An operation on a random atomic, if there is one.
    pub(super) fn atomic(&mut self) {
        let atomic = self.choices.pick(&self.pool.atomics).expect("a fixed list");
        let Type::Atomic(scalar) = *self.ty(atomic) else {
            return;
        };
        let Some(pointer) = self.place(atomic, false) else {
            return;
        };
        let ty = self.scalar_type(scalar);
        let op = if self.options.ordered_atomics {
            self.choices.pick(&ATOMICS).expect("a fixed list")
        } else {
            self.pool.atomic_op
        };
        let count = match op {
            AtomicOp::Load => 0,
            AtomicOp::CompareExchange => 2,
            _ => 1,
        };
        let arguments = (0..count).map(|_| self.expression(ty)).collect();
        let unit = self.b.module.types.unit();
        let result = if op == AtomicOp::Store { unit } else { ty };
        let op = Op::Atomic { op, pointer, arguments };
        let value = self.b.value(result, op);
        if self.options.ordered_atomics {
            self.know(value, false);
        }
    }

    fn any_scalar(&mut self) -> (Scalar, TypeId) {
        let scalar = self.choices.pick(&self.pool.scalars).unwrap_or(Scalar::U32);
        (scalar, self.scalar_type(scalar))
    }

    /// A scalar from an operation on scalars.
    fn scalar(&mut self, scalar: Scalar, ty: TypeId) -> ValueId {
        match self.choices.below(8) {
            0 => {
                let constant = constant(scalar, self.choices);
                self.b.value(ty, Op::Constant(constant))
            }
            1 | 2 if scalar == Scalar::Bool => self.comparison(ty),
            1 => self.cast(scalar, ty),
            2 => self.unary(scalar, ty),
            3 => self.math(scalar, ty),
            4 => self.bitcast(scalar, ty),
            _ => self.binary(scalar, ty),
        }
    }

    fn comparison(&mut self, ty: TypeId) -> ValueId {
        let (_, of) = self.any_scalar();
        let op = self.choices.pick(&COMPARISONS).expect("a fixed list");
        let (left, right) = (self.expression(of), self.expression(of));
        self.b.value(ty, Op::Compare { op, left, right })
    }

    fn cast(&mut self, scalar: Scalar, ty: TypeId) -> ValueId {
        let (from, of) = self.any_scalar();
        let operand = self.expression(of);
        if scalar == Scalar::Bool || (from == Scalar::Bool && scalar.is_float()) {
            return self.comparison_or_constant(scalar, ty);
        }
        self.b.value(ty, Op::Cast(operand))
    }

    fn comparison_or_constant(&mut self, scalar: Scalar, ty: TypeId) -> ValueId {
        if scalar == Scalar::Bool {
            return self.comparison(ty);
        }
        let constant = constant(scalar, self.choices);
        self.b.value(ty, Op::Constant(constant))
    }

    fn bitcast(&mut self, scalar: Scalar, ty: TypeId) -> ValueId {
        let inexact = self.options.inexact;
        let sources: Vec<Scalar> = self
            .pool
            .scalars
            .iter()
            .copied()
            .filter(|s| s.size() == scalar.size() && *s != Scalar::Bool)
            .filter(|s| inexact || !s.is_float() || scalar.is_float())
            .collect();
        let from = self.choices.pick(&sources);
        let Some(from) = from.filter(|_| scalar != Scalar::Bool) else {
            return self.binary(scalar, ty);
        };
        let of = self.scalar_type(from);
        let operand = self.expression(of);
        self.b.value(ty, Op::Bitcast(operand))
    }

    fn unary(&mut self, scalar: Scalar, ty: TypeId) -> ValueId {
        let negate = scalar.is_float() || (scalar.is_signed() && self.choices.once_in(2));
        let mut operand = self.expression(ty);
        let mut site = None;
        if negate && scalar.is_integer() && !self.quiet && self.choices.once_in(2) {
            site = Some(self.site(PanicKind::NegOverflow));
            if !self.daring() {
                operand = self.masked(operand, ty, 0x3f);
            }
        }
        let op = if negate { UnaryOp::Neg } else { UnaryOp::Not };
        self.b.value(ty, Op::Unary { op, operand, site })
    }

    /// An integer from 0 to the mask.
    fn masked(&mut self, value: ValueId, ty: TypeId, mask: i128) -> ValueId {
        let mask = self.number(ty, mask);
        self.b.binary(BinaryOp::And, value, mask, None)
    }

    fn binary(&mut self, scalar: Scalar, ty: TypeId) -> ValueId {
        let list: &[BinaryOp] = match scalar {
            Scalar::Bool => &BITS,
            _ if scalar.is_float() && !self.options.inexact => &ARITHMETIC[..4],
            _ if scalar.is_float() => &ARITHMETIC,
            _ => &BINARY,
        };
        let op = self.choices.pick(list).expect("a fixed list");
        let mut left = self.expression(ty);
        let shift = matches!(op, BinaryOp::Shl | BinaryOp::Shr);
        let mut right_ty = ty;
        if shift {
            let (of, id) = self.any_scalar();
            if of.is_integer() {
                right_ty = id;
            }
        }
        let mut right = self.expression(right_ty);
        if !scalar.is_integer() || BITS.contains(&op) {
            return self.b.binary(op, left, right, None);
        }
        let divides = matches!(op, BinaryOp::Div | BinaryOp::Rem);
        if self.quiet && divides {
            return self.b.binary(BinaryOp::Add, left, right, None);
        }
        let with_site = divides || (!self.quiet && self.choices.once_in(2));
        let site = with_site.then(|| self.site(overflow_kind(op)));
        if site.is_some() && !self.daring() {
            if divides {
                let positive = self.masked(right, ty, 0x3f);
                let one = self.number(ty, 1);
                right = self.b.binary(BinaryOp::Or, positive, one, None);
            } else if shift {
                right = self.masked(right, right_ty, i128::from(scalar.bits() - 1));
            } else {
                // At most 7 * 7, also in an i8; a difference of unsigned ones is kept positive.
                left = self.masked(left, ty, 7);
                right = self.masked(right, ty, 7);
                if op == BinaryOp::Sub {
                    let eight = self.number(ty, 8);
                    left = self.b.binary(BinaryOp::Or, left, eight, None);
                }
            }
        }
        self.b.value(ty, Op::Binary { op, left, right, site })
    }

    fn math(&mut self, scalar: Scalar, ty: TypeId) -> ValueId {
        if scalar == Scalar::Bool {
            return self.comparison(ty);
        }
        let list: &[MathFunction] = match scalar {
            _ if scalar.is_float() && self.options.inexact => &FLOAT_MATH,
            _ if scalar.is_float() => &EXACT_MATH,
            Scalar::U32 => &INTEGER_MATH,
            _ => &INTEGER_MATH[3..],
        };
        let function = self.choices.pick(list).expect("a fixed list");
        let of = if function.gives_u32() {
            let (of, id) = self.any_scalar();
            if of.is_integer() { id } else { ty }
        } else {
            ty
        };
        let mut arguments = vec![self.expression(of)];
        for _ in 1..function.arity() {
            let ty = match function {
                MathFunction::Powi => self.scalar_type(Scalar::I32),
                MathFunction::RotateLeft | MathFunction::RotateRight => self.scalar_type(Scalar::U32),
                _ => ty,
            };
            arguments.push(match function {
                MathFunction::Copysign if !self.options.inexact => self.float_with_a_sign(ty),
                _ => self.expression(ty),
            });
        }
        let op = Op::Math { function, arguments };
        self.b.value(ty, op)
    }

    /// A float that is no NaN, whose sign is open when an operation made it.
    fn float_with_a_sign(&mut self, ty: TypeId) -> ValueId {
        let i32 = self.scalar_type(Scalar::I32);
        let integer = self.expression(i32);
        self.b.value(ty, Op::Cast(integer))
    }
}

fn overflow_kind(op: BinaryOp) -> PanicKind {
    match op {
        BinaryOp::Add | BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => PanicKind::AddOverflow,
        BinaryOp::Sub => PanicKind::SubOverflow,
        BinaryOp::Mul => PanicKind::MulOverflow,
        BinaryOp::Div => PanicKind::Division,
        BinaryOp::Rem => PanicKind::Remainder,
        BinaryOp::Shl => PanicKind::ShlOverflow,
        BinaryOp::Shr => PanicKind::ShrOverflow,
    }
}

const BITS: [BinaryOp; 3] = [BinaryOp::And, BinaryOp::Or, BinaryOp::Xor];

/// Of integers and floats; `Rem` last, for it is not exact on every device.
const ARITHMETIC: [BinaryOp; 5] = [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Div, BinaryOp::Rem];

const BINARY: [BinaryOp; 10] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::Rem,
    BinaryOp::And,
    BinaryOp::Or,
    BinaryOp::Xor,
    BinaryOp::Shl,
    BinaryOp::Shr,
];

const COMPARISONS: [CompareOp; 6] = [
    CompareOp::Equal,
    CompareOp::NotEqual,
    CompareOp::Less,
    CompareOp::LessEqual,
    CompareOp::Greater,
    CompareOp::GreaterEqual,
];

const ATOMICS: [AtomicOp; 11] = [
    AtomicOp::Load,
    AtomicOp::Store,
    AtomicOp::Add,
    AtomicOp::Sub,
    AtomicOp::Min,
    AtomicOp::Max,
    AtomicOp::And,
    AtomicOp::Or,
    AtomicOp::Xor,
    AtomicOp::Exchange,
    AtomicOp::CompareExchange,
];

/// Those that give a `u32` come first.
const INTEGER_MATH: [MathFunction; 9] = [
    MathFunction::CountOnes,
    MathFunction::LeadingZeros,
    MathFunction::TrailingZeros,
    MathFunction::ReverseBits,
    MathFunction::SwapBytes,
    MathFunction::RotateLeft,
    MathFunction::RotateRight,
    MathFunction::Min,
    MathFunction::Max,
];

/// Those whose result IEEE 754 fixes, but for the sign of a zero from `min` and `max`.
const EXACT_MATH: [MathFunction; 7] = [
    MathFunction::Sqrt,
    MathFunction::Abs,
    MathFunction::Floor,
    MathFunction::Ceil,
    MathFunction::RoundTiesEven,
    MathFunction::Trunc,
    MathFunction::Copysign,
];

#[rustfmt::skip]
const FLOAT_MATH: [MathFunction; 32] = {
    use MathFunction::*;
    [Sqrt, Abs, Floor, Ceil, Round, RoundTiesEven, Trunc, Exp, Exp2, ExpM1, Ln, Log2, Log10, Ln1p, Cbrt,
     Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Atan2, Powf, Hypot, Copysign, MulAdd, Powi, Min, Max]
};
