//! What operations give, and which of them cannot leave their type.

use landbridge_core::ir::{BinaryOp, MathFunction, Scalar, SiteId, UnaryOp, ValueId};

use super::known::{Abstract, Condition, Term};
use super::walk::Walk;

impl Walk<'_> {
    /// The values of a scalar type as the text computes it.
    pub(super) fn range(&self, scalar: Scalar) -> (i128, i128) {
        match scalar {
            Scalar::Bool => (0, 1),
            _ if scalar.is_float() => (0, 0),
            _ => crate::codegen::wgsl::integer::value_range(scalar, self.rep(scalar)),
        }
    }

    fn rep(&self, scalar: Scalar) -> crate::codegen::wgsl::text::Rep {
        crate::codegen::wgsl::text::Rep::of(scalar, self.wide)
    }

    /// In order, also where what is known contradicts itself because the place is never reached.
    fn bounds(&self, term: Term) -> (i128, i128) {
        let (a, b) = (self.known.least(&self.symbols, term), self.known.most(&self.symbols, term));
        (a.min(b), a.max(b))
    }

    fn le(&self, a: Term, b: Term) -> bool {
        self.known.is_le(&self.symbols, a, b)
    }

    /// Records whether the exact result is in the type; whether the result is exact where it is used.
    fn settle(&mut self, value: ValueId, scalar: Scalar, exact: (i128, i128), checked: bool) -> bool {
        let (low, high) = self.range(scalar);
        let inside = exact.0 >= low && exact.1 <= high;
        self.facts.exact.remove(&value);
        if inside {
            self.facts.exact.insert(value);
        }
        inside || checked || (!self.wide && matches!(scalar, Scalar::Usize | Scalar::Isize))
    }

    fn clamped(&mut self, scalar: Scalar, (low, high): (i128, i128)) -> Term {
        let (least, most) = self.range(scalar);
        self.symbols.fresh((low.max(least).min(most), high.min(most).max(least)))
    }

    pub(super) fn binary(
        &mut self,
        value: ValueId,
        op: BinaryOp,
        [left, right]: [ValueId; 2],
        scalar: Scalar,
        site: Option<SiteId>,
    ) -> Option<Abstract> {
        if scalar == Scalar::Bool {
            return Some(Abstract::Bool(Condition::Value(value)));
        }
        let (a, b) = (self.integer(left)?, self.integer(right)?);
        let checked = site.is_some();
        let term = match op {
            BinaryOp::Add => self.add(value, (a, b), scalar, checked),
            BinaryOp::Sub => self.sub(value, (a, b), scalar, checked),
            BinaryOp::Mul => {
                let (x, y) = (self.bounds(a), self.bounds(b));
                let corners = [(x.0, y.0), (x.0, y.1), (x.1, y.0), (x.1, y.1)].map(|(p, q)| p.saturating_mul(q));
                let exact = (corners.into_iter().min()?, corners.into_iter().max()?);
                let is_exact = self.settle(value, scalar, exact, checked);
                let all = self.range(scalar);
                self.clamped(scalar, if is_exact { exact } else { all })
            }
            BinaryOp::Div | BinaryOp::Rem => self.divide(value, op, (a, b), scalar),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => self.bits(op, (a, b), scalar),
            BinaryOp::Shl | BinaryOp::Shr => self.shift(value, op, (a, b), scalar),
        };
        Some(Abstract::Integer(term))
    }

    fn add(&mut self, value: ValueId, (a, b): (Term, Term), scalar: Scalar, checked: bool) -> Term {
        let (x, y) = (self.bounds(a), self.bounds(b));
        let exact = (x.0 + y.0, x.1 + y.1);
        if !self.settle(value, scalar, exact, checked) {
            return self.clamped(scalar, self.range(scalar));
        }
        if let Some(c) = b.as_constant() {
            return self.settled(a.plus(c), scalar);
        }
        if let Some(c) = a.as_constant() {
            return self.settled(b.plus(c), scalar);
        }
        let sum = self.clamped(scalar, exact);
        self.known.assume_le(a.plus(y.0), sum);
        self.known.assume_le(b.plus(x.0), sum);
        self.known.assume_le(sum, a.plus(y.1));
        self.known.assume_le(sum, b.plus(x.1));
        sum
    }

    fn sub(&mut self, value: ValueId, (a, b): (Term, Term), scalar: Scalar, checked: bool) -> Term {
        let (x, y) = (self.bounds(a), self.bounds(b));
        let mut exact = (x.0 - y.1, x.1 - y.0);
        if self.le(b, a) {
            exact.0 = exact.0.max(0);
        }
        if a.sym == b.sym {
            exact = (a.off - b.off, a.off - b.off);
        }
        if !self.settle(value, scalar, exact, checked) {
            return self.clamped(scalar, self.range(scalar));
        }
        if scalar == Scalar::Usize || !scalar.is_signed() {
            // It did not panic, or is exact.
            self.known.assume_le(b, a);
        }
        if let Some(c) = b.as_constant() {
            return self.settled(a.plus(-c), scalar);
        }
        let difference = self.clamped(scalar, exact);
        self.known.assume_le(difference, a.plus(-y.0));
        difference
    }

    /// A term that has passed its check: it is in the type.
    fn settled(&mut self, term: Term, scalar: Scalar) -> Term {
        let (low, high) = self.range(scalar);
        self.known.assume_le(Term::constant(low), term);
        self.known.assume_le(term, Term::constant(high));
        term
    }

    fn divide(&mut self, value: ValueId, op: BinaryOp, (a, b): (Term, Term), scalar: Scalar) -> Term {
        let (x, y) = (self.bounds(a), self.bounds(b));
        let not_zero = y.0 > 0 || y.1 < 0;
        let (low, _) = self.range(scalar);
        let no_overflow = !scalar.is_signed() || x.0 > low || y.0 > -1 || y.1 < -1;
        self.facts.exact.remove(&value);
        if not_zero && no_overflow {
            self.facts.exact.insert(value);
        }
        if x.0 < 0 || y.0 < 0 {
            return self.clamped(scalar, self.range(scalar));
        }
        // The divisor is not zero here.
        let (least, most) = (y.0.max(1), y.1.max(1));
        if op == BinaryOp::Div {
            let quotient = self.clamped(scalar, (x.0 / most, x.1 / least));
            self.known.assume_le(quotient, a);
            return quotient;
        }
        let rest = self.clamped(scalar, (0, x.1.min(most - 1)));
        self.known.assume_le(rest, a);
        self.known.assume_le(rest.plus(1), b);
        rest
    }

    fn bits(&mut self, op: BinaryOp, (a, b): (Term, Term), scalar: Scalar) -> Term {
        let (x, y) = (self.bounds(a), self.bounds(b));
        if op == BinaryOp::And && (x.0 >= 0 || y.0 >= 0) {
            // Not above an operand that is not negative.
            let limits = [(x, a), (y, b)].into_iter().filter(|(r, _)| r.0 >= 0);
            let most = limits.clone().map(|(r, _)| r.1).min().unwrap_or(0);
            let masked = self.clamped(scalar, (0, most));
            limits.for_each(|(_, operand)| self.known.assume_le(masked, operand));
            return masked;
        }
        if x.0 < 0 || y.0 < 0 {
            return self.clamped(scalar, self.range(scalar));
        }
        let most = x.1.max(y.1);
        let all_ones = (1i128 << (128 - most.leading_zeros())) - 1;
        self.clamped(scalar, (0, all_ones))
    }

    fn shift(&mut self, value: ValueId, op: BinaryOp, (a, count): (Term, Term), scalar: Scalar) -> Term {
        let (x, n) = (self.bounds(a), self.bounds(count));
        let inside = n.0 >= 0 && n.1 < i128::from(scalar.bits());
        self.facts.exact.remove(&value);
        if inside {
            self.facts.exact.insert(value);
        }
        if op == BinaryOp::Shr && x.0 >= 0 {
            let range = if inside { (x.0 >> n.1, x.1 >> n.0) } else { (0, x.1) };
            let shifted = self.clamped(scalar, range);
            self.known.assume_le(shifted, a);
            return shifted;
        }
        let (_, high) = self.range(scalar);
        if op == BinaryOp::Shl && inside && x.0 >= 0 && x.1.saturating_mul(1 << n.1) <= high {
            return self.clamped(scalar, (x.0 << n.0, x.1 << n.1));
        }
        self.clamped(scalar, self.range(scalar))
    }

    pub(super) fn negate(
        &mut self,
        value: ValueId,
        operand: ValueId,
        scalar: Scalar,
        checked: bool,
    ) -> Option<Abstract> {
        let term = self.integer(operand)?;
        let (low, high) = self.bounds(term);
        let exact = self.settle(value, scalar, (-high, -low), checked);
        let range = if exact { (-high, -low) } else { self.range(scalar) };
        Some(Abstract::Integer(self.clamped(scalar, range)))
    }

    pub(super) fn unary(
        &mut self,
        value: ValueId,
        op: UnaryOp,
        operand: ValueId,
        scalar: Scalar,
        checked: bool,
    ) -> Option<Abstract> {
        match op {
            UnaryOp::Not if scalar == Scalar::Bool => Some(Abstract::Bool(Condition::Value(value))),
            UnaryOp::Neg if scalar.is_integer() => self.negate(value, operand, scalar, checked),
            _ => None,
        }
    }

    pub(super) fn cast(&mut self, value: ValueId, from: ValueId, source: Scalar, target: Scalar) -> Option<Abstract> {
        if source == Scalar::Bool || source.is_float() || !target.is_integer() {
            return None;
        }
        let term = self.integer(from)?;
        let range = self.bounds(term);
        match self.settle(value, target, range, false) {
            true => Some(Abstract::Integer(self.settled(term, target))),
            false => None,
        }
    }

    pub(super) fn math(&mut self, function: MathFunction, arguments: &[ValueId], scalar: Scalar) -> Option<Abstract> {
        let [left, right] = arguments else { return None };
        if !scalar.is_integer() || !matches!(function, MathFunction::Min | MathFunction::Max) {
            return None;
        }
        let (a, b) = (self.integer(*left)?, self.integer(*right)?);
        let (x, y) = (self.bounds(a), self.bounds(b));
        if function == MathFunction::Min {
            let least = self.clamped(scalar, (x.0.min(y.0), x.1.min(y.1)));
            self.known.assume_le(least, a);
            self.known.assume_le(least, b);
            return Some(Abstract::Integer(least));
        }
        let most = self.clamped(scalar, (x.0.max(y.0), x.1.max(y.1)));
        self.known.assume_le(a, most);
        self.known.assume_le(b, most);
        Some(Abstract::Integer(most))
    }
}
