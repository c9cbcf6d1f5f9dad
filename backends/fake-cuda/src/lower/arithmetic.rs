//! Arithmetic of integers and floats.

use super::function::Lowerer;
use super::modifiers::Modifiers;
use crate::machine::program::{Binary, Op, Ternary, Unary};
use crate::machine::values::{carry, float, integer};
use crate::ptx::Result;
use crate::ptx::syntax::Operand;
use crate::ptx::types::Type;

impl Lowerer<'_> {
    pub(super) fn arithmetic(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        match name {
            "addc" | "subc" => return self.carried(&name[..3], true, m, operands),
            "add" | "sub" if m.peek() == Some("cc") => return self.carried(name, false, m, operands),
            "madc" => return self.carried_product(true, m, operands),
            "mad" => return self.multiply_add(m, operands),
            "mul" if matches!(m.peek(), Some("lo" | "hi" | "wide")) => return self.multiply(m, operands),
            "add" | "sub" if m.takes("sat") => {
                let ty = m.last_ty()?;
                let f = m.known(integer::saturating(name, ty), ty)?;
                return self.binary(f, ty, operands);
            }
            _ => {}
        }
        // Without `.rn` an addition and a multiplication may be fused: what is not asked for exactly is refused.
        let mode = m.takes_any(&["rn", "approx", "NaN"]);
        let ty = m.last_ty()?;
        let full = match mode {
            Some(mode) => format!("{name}.{mode}"),
            None => name.to_owned(),
        };
        if ty.is_float() {
            if let Some(f) = float::binary(&full, ty) {
                return self.binary(f, ty, operands);
            }
            if let Some(f) = float::unary(&full, ty) {
                return self.unary(f, ty, ty, operands);
            }
            let f = m.known(float::ternary(&full, ty), ty)?;
            return self.ternary(f, ty, operands);
        }
        if let Some(f) = integer::binary(&full, ty) {
            return self.binary(f, ty, operands);
        }
        if let Some(f) = integer::unary(&full, ty) {
            return self.unary(f, ty, ty, operands);
        }
        let f = m.known(integer::ternary(&full, ty), ty)?;
        self.ternary(f, ty, operands)
    }

    pub(super) fn unary(&mut self, f: Unary, result: Type, ty: Type, operands: &[Operand]) -> Result<()> {
        let [to, a] = self.count(operands)?;
        let (to, a) = (self.target(to, result)?, self.value(a, ty)?);
        self.emit(Op::Unary { f, to, a });
        Ok(())
    }

    pub(super) fn binary(&mut self, f: Binary, ty: Type, operands: &[Operand]) -> Result<()> {
        let [to, a, b] = self.count(operands)?;
        let (to, a, b) = (self.target(to, ty)?, self.value(a, ty)?, self.value(b, ty)?);
        self.emit(Op::Binary { f, to, a, b });
        Ok(())
    }

    pub(super) fn ternary(&mut self, f: Ternary, ty: Type, operands: &[Operand]) -> Result<()> {
        let [to, a, b, c] = self.count(operands)?;
        let (to, a) = (self.target(to, ty)?, self.value(a, ty)?);
        let (b, c) = (self.value(b, ty)?, self.value(c, ty)?);
        self.emit(Op::Ternary { f, to, a, b, c });
        Ok(())
    }

    fn multiply(&mut self, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let half = m.next()?;
        let ty = m.last_ty()?;
        let (f, result) = match half {
            "wide" => m.known(integer::mul_wide(ty), ty)?,
            half => (m.known(integer::binary(&format!("mul.{half}"), ty), ty)?, ty),
        };
        let [to, a, b] = self.count(operands)?;
        let (to, a, b) = (self.target(to, result)?, self.value(a, ty)?, self.value(b, ty)?);
        self.emit(Op::Binary { f, to, a, b });
        Ok(())
    }

    /// `mad.lo`, `.hi` and `.wide` of integers, and `mad.lo.cc`.
    fn multiply_add(&mut self, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let Some(half) = m.takes_any(&["lo", "hi", "wide"]) else { return m.error("it lacks `.lo`, `.hi` or `.wide`") };
        if m.peek() == Some("cc") {
            return self.product_with_carry(half, false, m, operands);
        }
        let ty = m.last_ty()?;
        let (f, result) = match half {
            "wide" => m.known(integer::mul_wide(ty), ty)?,
            half => (m.known(integer::binary(&format!("mul.{half}"), ty), ty)?, ty),
        };
        let sum = m.known(integer::binary("add", result), result)?;
        let [to, a, b, c] = self.count(operands)?;
        let (to, a, b) = (self.target(to, result)?, self.value(a, ty)?, self.value(b, ty)?);
        let c = self.value(c, result)?;
        let product = self.temporary();
        self.emit(Op::Binary { f, to: product, a, b });
        self.emit(Op::Binary { f: sum, to, a: product, b: c });
        Ok(())
    }

    /// `add.cc`, `addc`, `addc.cc` and those of `sub`.
    fn carried(&mut self, name: &str, uses: bool, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let sets = m.takes("cc");
        let ty = m.last_ty()?;
        let (result, out) = m.known(carry::sum(name, ty), ty)?;
        let [to, a, b] = self.count(operands)?;
        let (to, a, b) = (self.target(to, ty)?, self.value(a, ty)?, self.value(b, ty)?);
        let c = if uses { self.carry } else { self.constant(0) };
        let (value, next) = (self.temporary(), self.temporary());
        self.emit(Op::Ternary { f: result, to: value, a, b, c });
        self.emit(Op::Ternary { f: out, to: next, a, b, c });
        self.emit(Op::Move { to, a: value });
        if sets {
            self.emit(Op::Move { to: self.carry, a: next });
        }
        Ok(())
    }

    fn carried_product(&mut self, uses: bool, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        match m.takes_any(&["lo", "hi"]) {
            Some(half) => self.product_with_carry(half, uses, m, operands),
            None => m.error("it lacks `.lo` or `.hi`"),
        }
    }

    fn product_with_carry(&mut self, half: &str, uses: bool, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let sets = m.takes("cc");
        let ty = m.last_ty()?;
        let (result, out) = m.known(carry::product(half, ty), ty)?;
        let [to, a, b, c] = self.count(operands)?;
        let (to, a) = (self.target(to, ty)?, self.value(a, ty)?);
        let (b, c) = (self.value(b, ty)?, self.value(c, ty)?);
        let d = if uses { self.carry } else { self.constant(0) };
        let (value, next) = (self.temporary(), self.temporary());
        self.emit(Op::Quaternary { f: result, to: value, a, b, c, d });
        self.emit(Op::Quaternary { f: out, to: next, a, b, c, d });
        self.emit(Op::Move { to, a: value });
        if sets {
            self.emit(Op::Move { to: self.carry, a: next });
        }
        Ok(())
    }
}
