//! Comparisons, choices and tests.

use super::function::Lowerer;
use super::modifiers::Modifiers;
use crate::machine::program::{Op, special};
use crate::machine::values::{bits, compare, float};
use crate::ptx::Result;
use crate::ptx::syntax::Operand;
use crate::ptx::types::Type;

impl Lowerer<'_> {
    pub(super) fn comparison(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        match name {
            "setp" => self.set_predicate(m, operands),
            "selp" => {
                let ty = m.last_ty()?;
                if ty.size() == 1 {
                    return m.error("it is not for bytes or truth values");
                }
                let [to, a, b, c] = self.count(operands)?;
                let (to, a) = (self.target(to, ty)?, self.value(a, ty)?);
                let (b, c) = (self.value(b, ty)?, self.value(c, Type::Pred)?);
                self.emit(Op::Ternary { f: |a, b, p| if p & 1 == 1 { a } else { b }, to, a, b, c });
                Ok(())
            }
            "testp" => {
                let property = m.next()?;
                let ty = m.last_ty()?;
                let f = m.known(float::property(property, ty), ty)?;
                self.unary(f, Type::Pred, ty, operands)
            }
            "set" => {
                let by = m.next()?;
                let result = m.ty()?;
                let ty = m.last_ty()?;
                let f = m.known(compare::comparison(by, ty), ty)?;
                if !matches!(result, Type::U32 | Type::S32) {
                    return m.error("its result has type `.u32` or `.s32`");
                }
                let [to, a, b] = self.count(operands)?;
                let (to, a, b) = (self.target(to, result)?, self.value(a, ty)?, self.value(b, ty)?);
                let truth = self.temporary();
                self.emit(Op::Binary { f, to: truth, a, b });
                self.emit(Op::Unary { f: |a| a * 0xFFFF_FFFF, to, a: truth });
                Ok(())
            }
            _ => m.error("unknown instruction"),
        }
    }

    /// `setp.CMP.TYPE p|q, a, b` and `setp.CMP.BOOL.TYPE p|q, a, b, c`.
    fn set_predicate(&mut self, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let by = m.next()?;
        let with = m.takes_any(&["and", "or", "xor"]);
        let ty = m.last_ty()?;
        let f = m.known(compare::comparison(by, ty), ty)?;
        let (p, q) = match operands.first() {
            Some(Operand::Pair(p, q)) => {
                let name = |name: &String| Operand::Name(name.clone());
                (self.target(&name(p), Type::Pred)?, Some(self.target(&name(q), Type::Pred)?))
            }
            Some(p) => (self.target(p, Type::Pred)?, None),
            None => return m.error("operands are wanted"),
        };
        let (a, b, c) = match (with, &operands[1..]) {
            (None, [a, b]) => (a, b, None),
            (Some(_), [a, b, c]) => (a, b, Some(c)),
            _ => return m.error("a wrong number of operands"),
        };
        let (a, b) = (self.value(a, ty)?, self.value(b, ty)?);
        if q.is_none() && c.is_none() {
            self.emit(Op::Binary { f, to: p, a, b });
            return Ok(());
        }
        let (mut yes, mut no) = (self.temporary(), self.temporary());
        self.always(Op::Binary { f, to: yes, a, b });
        self.always(Op::Unary { f: |a| a ^ 1, to: no, a: yes });
        if let (Some(with), Some(c)) = (with, c) {
            let f = m.known(bits::logic(with, Type::Pred), Type::Pred)?;
            let c = self.value(c, Type::Pred)?;
            let (a, b) = (yes, no);
            (yes, no) = (self.temporary(), self.temporary());
            self.always(Op::Binary { f, to: yes, a, b: c });
            self.always(Op::Binary { f, to: no, a: b, b: c });
        }
        // Both are written under the old guard, which may be one of them.
        if let Some(slot) = self.guard.slot() {
            let kept = self.temporary();
            self.always(Op::Move { to: kept, a: slot });
            self.guard = self.guard.at(kept);
        }
        self.emit(Op::Move { to: p, a: yes });
        self.emit(Op::Move { to: q.unwrap_or(special::SINK), a: no });
        Ok(())
    }
}
