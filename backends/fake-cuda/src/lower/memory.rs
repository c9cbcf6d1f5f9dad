//! Loads, stores and atomic operations.

use super::function::Lowerer;
use super::modifiers::Modifiers;
use crate::machine::program::{Atomic, Op, special};
use crate::machine::values::{bits, float, integer};
use crate::ptx::Result;
use crate::ptx::syntax::Operand;
use crate::ptx::types::{Space, Type};

const SCOPES: [&str; 4] = ["cta", "cluster", "gpu", "sys"];

impl Lowerer<'_> {
    pub(super) fn access(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let loads = name == "ld";
        let orders: &[&str] = if loads { &["relaxed", "acquire"] } else { &["relaxed", "release"] };
        let is_volatile = m.takes("volatile");
        let ordered = !is_volatile && m.takes_any(orders).is_some();
        if ordered && m.takes_any(&SCOPES).is_none() {
            return m.error("it lacks a scope");
        }
        if !is_volatile && !ordered {
            m.takes("weak");
        }
        let space = m.space().unwrap_or(Space::Generic);
        if space == Space::Const && !loads {
            return m.error("constant memory is not written");
        }
        let caches: &[&str] = if loads { &["ca", "cg", "cs", "lu", "cv"] } else { &["wb", "cg", "cs", "wt"] };
        if !is_volatile && !ordered && m.takes_any(caches).is_none() && loads && m.peek() == Some("nc") {
            if space != Space::Global {
                return m.error("`.nc` is for global memory");
            }
            m.next()?;
        }
        let count = match m.takes_any(&["v2", "v4"]) {
            Some("v2") => 2,
            Some(_) => 4,
            None => 1,
        };
        let ty = m.last_ty()?;
        if ty == Type::Pred || count * ty.size() > 16 {
            return m.error("no such access");
        }
        let [first, second] = self.count(operands)?;
        let (place, data) = if loads { (second, first) } else { (first, second) };
        let parts = match (data, count) {
            (Operand::Vector(parts), count) if count > 1 && parts.len() == count as usize => parts.as_slice(),
            (Operand::Vector(_), _) => return m.error("a wrong number of values"),
            (one, 1) => std::slice::from_ref(one),
            _ => return m.error("values in braces are wanted"),
        };
        let address = self.address(place, space, u64::from(count * ty.size()))?;
        let (size, count) = (ty.size() as u8, count as u8);
        let mut slots = [special::SINK; 4];
        if !loads {
            for (slot, part) in slots.iter_mut().zip(parts) {
                *slot = self.value_typed(part, ty, true)?;
            }
            self.emit(Op::Store { address, size, count, from: slots });
            return Ok(());
        }
        let mut registers = [ty; 4];
        for (k, part) in parts.iter().enumerate() {
            (slots[k], registers[k]) = self.target_typed(part, ty, true)?;
        }
        self.emit(Op::Load { address, size, count, to: slots });
        for k in 0..parts.len() {
            self.extend(slots[k], registers[k], ty);
        }
        Ok(())
    }

    pub(super) fn atomic(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        if m.takes_any(&["relaxed", "acquire", "release", "acq_rel"]).is_some() && m.peek().is_none() {
            return m.error("it lacks an operation");
        }
        m.takes_any(&SCOPES);
        let space = m.space().unwrap_or(Space::Generic);
        if !matches!(space, Space::Generic | Space::Global | Space::Shared) {
            return m.error("no atomics in that space");
        }
        let operation = m.next()?;
        let ty = m.last_ty()?;
        let returns = name == "atom";
        let (to, rest) = match (returns, operands) {
            (true, [to, rest @ ..]) => (self.target(to, ty)?, rest),
            (false, rest) => (special::SINK, rest),
            _ => return m.error("operands are wanted"),
        };
        let Some((place, values)) = rest.split_first() else { return m.error("operands are wanted") };
        let address = self.address(place, space, u64::from(ty.size()))?;
        let size = ty.size() as u8;
        let (op, wanted) = match operation {
            "cas" if returns && matches!(ty, Type::B16 | Type::B32 | Type::B64) => {
                (Atomic::CompareExchange { size }, 2)
            }
            operation => {
                let update = update(operation, ty).filter(|_| returns || operation != "exch");
                (Atomic::Update { f: m.known(update, ty)?, size }, 1)
            }
        };
        if values.len() != wanted {
            return m.error("a wrong number of operands");
        }
        let a = self.value(&values[0], ty)?;
        let b = if wanted == 2 { self.value(&values[1], ty)? } else { a };
        self.emit(Op::Atomic { address, op, to, a, b });
        Ok(())
    }
}

/// The new value from the old and the operand, for the types that the operation has.
fn update(operation: &str, ty: Type) -> Option<fn(u64, u64) -> u64> {
    match (operation, ty) {
        ("add", Type::U32 | Type::S32 | Type::U64) => integer::binary("add", ty),
        ("add", Type::F32 | Type::F64) => float::add(ty),
        ("min" | "max", Type::U32 | Type::S32 | Type::U64 | Type::S64) => integer::binary(operation, ty),
        ("and" | "or" | "xor", Type::B32 | Type::B64) => bits::logic(operation, ty),
        ("exch", Type::B32 | Type::B64) => Some(|_, b| b),
        ("inc", Type::U32) => Some(|a, b| if a >= b { 0 } else { a + 1 }),
        ("dec", Type::U32) => Some(|a, b| if a == 0 || a > b { b } else { a - 1 }),
        _ => None,
    }
}
