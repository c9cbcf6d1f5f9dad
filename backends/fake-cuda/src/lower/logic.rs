//! Logic, shifts and the fields of words.

use super::function::Lowerer;
use super::modifiers::Modifiers;
use crate::machine::program::Op;
use crate::machine::values::bits;
use crate::ptx::Result;
use crate::ptx::syntax::Operand;
use crate::ptx::types::Type;

impl Lowerer<'_> {
    pub(super) fn logic(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        if name == "shf" {
            let (direction, mode) = (m.next()?, m.next()?);
            let ty = m.last_ty()?;
            let f = m.known(bits::funnel(direction, mode).filter(|_| ty == Type::B32), ty)?;
            let [to, a, b, n] = self.count(operands)?;
            let (to, a, b) = (self.target(to, ty)?, self.value(a, ty)?, self.value(b, ty)?);
            let c = self.value(n, Type::U32)?;
            self.emit(Op::Ternary { f, to, a, b, c });
            return Ok(());
        }
        let ty = m.last_ty()?;
        match name {
            "and" | "or" | "xor" => {
                let f = m.known(bits::logic(name, ty), ty)?;
                self.binary(f, ty, operands)
            }
            "not" | "cnot" | "brev" => {
                let f = m.known(bits::unary(name, ty), ty)?;
                self.unary(f, ty, ty, operands)
            }
            "popc" | "clz" | "bfind" => {
                let f = m.known(bits::count(name, ty), ty)?;
                self.unary(f, Type::U32, ty, operands)
            }
            "shl" | "shr" => {
                let f = m.known(bits::shift(name, ty), ty)?;
                let [to, a, n] = self.count(operands)?;
                let (to, a, b) = (self.target(to, ty)?, self.value(a, ty)?, self.value(n, Type::U32)?);
                self.emit(Op::Binary { f, to, a, b });
                Ok(())
            }
            "bfe" => {
                let f = m.known(bits::extract(ty), ty)?;
                let [to, a, at, length] = self.count(operands)?;
                let (to, a) = (self.target(to, ty)?, self.value(a, ty)?);
                let (b, c) = (self.value(at, Type::U32)?, self.value(length, Type::U32)?);
                self.emit(Op::Ternary { f, to, a, b, c });
                Ok(())
            }
            "bfi" => {
                let f = m.known(bits::insert(ty), ty)?;
                let [to, a, b, at, length] = self.count(operands)?;
                let (to, a, b) = (self.target(to, ty)?, self.value(a, ty)?, self.value(b, ty)?);
                let (c, d) = (self.value(at, Type::U32)?, self.value(length, Type::U32)?);
                self.emit(Op::Quaternary { f, to, a, b, c, d });
                Ok(())
            }
            "prmt" => {
                m.known(Some(()).filter(|()| ty == Type::B32), ty)?;
                self.ternary(bits::permute, ty, operands)
            }
            _ => {
                m.known(Some(()).filter(|()| ty == Type::B32), ty)?;
                let [to, a, b, c, table] = self.count(operands)?;
                let (to, a, b) = (self.target(to, ty)?, self.value(a, ty)?, self.value(b, ty)?);
                let c = self.value(c, ty)?;
                let Operand::Literal(_) = table else { return m.error("its table is a number") };
                let d = self.value(table, Type::B32)?;
                self.emit(Op::Quaternary { f: bits::look_up, to, a, b, c, d });
                Ok(())
            }
        }
    }
}
