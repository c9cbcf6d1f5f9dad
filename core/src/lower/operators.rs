//! Operators on numbers and `bool`. Operands that are references stand for what they refer to.

use super::error::Lowered;
use super::function::Lowering;
use super::infer::is_comparison;
use super::place::{Place, is_place};
use crate::ast::{At, CalleeSlot, Expr, Operator};
use crate::ir::{BinaryOp, CompareOp, Op, PanicKind, Scalar, SiteId, Type, TypeId, UnaryOp, ValueId};

impl Lowering<'_> {
    /// `left op right`
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &'static Expr,
        right: &'static Expr,
        callee: CalleeSlot,
        at: At,
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        if matches!(operator, Operator::LazyAnd | Operator::LazyOr) {
            return self.lazy(operator == Operator::LazyAnd, left, right);
        }
        if let Some(signature) = self.signature(callee)? {
            let value = self.call_operator(&signature, left, right)?;
            return Ok(if operator == Operator::NotEqual { self.invert(value) } else { value });
        }
        let left_type = self.known_stripped(left);
        if let Some(ty) = left_type
            && matches!(self.ty(ty), Type::Struct(_))
            && self.handle(ty).is_none()
            && let Some(value) = self.user_binary(operator, ty, left, right, at)?
        {
            return Ok(value);
        }
        if matches!(operator, Operator::Shl | Operator::Shr) {
            let left = self.operand(left, want)?;
            let right = self.operand(right, None)?;
            self.at = at;
            return self.arithmetic(operator, left, right);
        }
        // A literal takes the type of the other operand, else what the context wants of the result.
        let hint = match left_type.or_else(|| self.known_stripped(right)) {
            Some(ty) => Some(ty),
            None if is_comparison(operator) => None,
            None => want,
        };
        if is_comparison(operator) {
            let left = self.comparand(left, hint)?;
            let right = self.comparand(right, hint)?;
            self.at = at;
            return self.compare(operator, left, right);
        }
        let left = self.operand(left, hint)?;
        let right = self.operand(right, hint)?;
        self.at = at;
        self.arithmetic(operator, left, right)
    }

    /// A value that is no reference.
    pub(super) fn operand(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<ValueId> {
        let place = self.operand_place(e, want)?;
        self.load(place)
    }

    /// What an operand names or refers to.
    pub(super) fn operand_place(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<Place> {
        let place = match e {
            Expr::Int(..) | Expr::Float(..) => Place::Value(self.literal(e, false, want)?),
            _ if is_place(e) => self.place_of(e, want)?,
            _ => Place::Value(self.value(e, want)?),
        };
        self.strip(place)
    }

    /// Arithmetic and bit operations on scalars, panicking at the last token seen.
    pub(super) fn arithmetic(&mut self, operator: Operator, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let Some((op, kind)) = binary_op(operator) else {
            return self.bug(format!("{operator:?} is no arithmetic"));
        };
        let types = (self.build.type_of(left), self.build.type_of(right));
        let shift = matches!(op, BinaryOp::Shl | BinaryOp::Shr);
        let scalars = (self.as_scalar(types.0), self.as_scalar(types.1));
        let fits = match scalars {
            (Some(a), Some(b)) if shift => a.is_integer() && b.is_integer(),
            (Some(a), Some(b)) => a == b,
            _ => false,
        };
        let (true, (Some(scalar), _)) = (fits, scalars) else {
            return self.no_operator(operator, types.0, types.1);
        };
        let site = match kind {
            Some(kind) if scalar.is_integer() => self.arithmetic_site(op, kind),
            _ => None,
        };
        Ok(self.build.binary(op, left, right, site))
    }

    fn arithmetic_site(&mut self, op: BinaryOp, kind: PanicKind) -> Option<SiteId> {
        match op {
            BinaryOp::Div | BinaryOp::Rem => Some(self.site(kind)),
            _ => self.overflow_site(kind),
        }
    }

    pub(super) fn no_operator<T>(&self, operator: Operator, left: TypeId, right: TypeId) -> Lowered<T> {
        let (left, right) = (self.type_name(left), self.type_name(right));
        self.unsupported(format!("operator {operator:?} on `{left}` and `{right}`"))
    }

    /// A comparison of two values of one type.
    pub(super) fn compare(&mut self, operator: Operator, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let types = (self.build.type_of(left), self.build.type_of(right));
        let Some(op) = compare_op(operator) else {
            return self.bug(format!("{operator:?} is no comparison"));
        };
        if types.0 == types.1 && self.as_scalar(types.0).is_some() {
            return Ok(self.build.compare(op, left, right));
        }
        if let Some((left, right)) = self.handle_numbers(left, right) {
            return Ok(self.build.compare(op, left, right));
        }
        match operator {
            Operator::Equal => self.equal(left, right),
            Operator::NotEqual => {
                let equal = self.equal(left, right)?;
                Ok(self.invert(equal))
            }
            _ => self.ordered(operator, op, left, right),
        }
    }

    /// `!value` of a `bool`.
    pub(super) fn invert(&mut self, value: ValueId) -> ValueId {
        self.unary(UnaryOp::Not, value, None)
    }

    pub(super) fn unary(&mut self, op: UnaryOp, operand: ValueId, site: Option<SiteId>) -> ValueId {
        let ty = self.build.type_of(operand);
        self.build.value(ty, Op::Unary { op, operand, site })
    }

    /// `-a`
    pub(super) fn negate(
        &mut self,
        operand: &'static Expr,
        callee: CalleeSlot,
        at: At,
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        if matches!(operand, Expr::Int(..) | Expr::Float(..)) {
            return self.literal(operand, true, want);
        }
        if let Some(value) = self.user_unary(Operator::Neg, operand, callee)? {
            return Ok(value);
        }
        let value = self.operand(operand, want)?;
        self.at = at;
        match self.scalar_of(value)? {
            Scalar::Bool => self.bug("a `bool` is negated"),
            scalar if scalar.is_float() => Ok(self.unary(UnaryOp::Neg, value, None)),
            scalar if scalar.is_signed() => {
                let site = self.overflow_site(PanicKind::NegOverflow);
                Ok(self.unary(UnaryOp::Neg, value, site))
            }
            scalar => self.bug(format!("a `{scalar}` is negated")),
        }
    }

    /// `!a`
    pub(super) fn not(&mut self, operand: &'static Expr, callee: CalleeSlot, want: Option<TypeId>) -> Lowered<ValueId> {
        if let Some(value) = self.user_unary(Operator::Not, operand, callee)? {
            return Ok(value);
        }
        let value = self.operand(operand, want)?;
        match self.scalar_of(value)? {
            scalar if scalar.is_float() => self.bug("`!` of a float"),
            _ => Ok(self.unary(UnaryOp::Not, value, None)),
        }
    }
}

fn compare_op(operator: Operator) -> Option<CompareOp> {
    Some(match operator {
        Operator::Equal => CompareOp::Equal,
        Operator::NotEqual => CompareOp::NotEqual,
        Operator::Less => CompareOp::Less,
        Operator::LessEqual => CompareOp::LessEqual,
        Operator::Greater => CompareOp::Greater,
        Operator::GreaterEqual => CompareOp::GreaterEqual,
        _ => return None,
    })
}

fn binary_op(operator: Operator) -> Option<(BinaryOp, Option<PanicKind>)> {
    Some(match operator {
        Operator::Add => (BinaryOp::Add, Some(PanicKind::AddOverflow)),
        Operator::Sub => (BinaryOp::Sub, Some(PanicKind::SubOverflow)),
        Operator::Mul => (BinaryOp::Mul, Some(PanicKind::MulOverflow)),
        Operator::Div => (BinaryOp::Div, Some(PanicKind::Division)),
        Operator::Rem => (BinaryOp::Rem, Some(PanicKind::Remainder)),
        Operator::Shl => (BinaryOp::Shl, Some(PanicKind::ShlOverflow)),
        Operator::Shr => (BinaryOp::Shr, Some(PanicKind::ShrOverflow)),
        Operator::And => (BinaryOp::And, None),
        Operator::Or => (BinaryOp::Or, None),
        Operator::Xor => (BinaryOp::Xor, None),
        _ => return None,
    })
}
