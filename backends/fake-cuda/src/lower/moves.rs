//! `mov` and `cvta`.

use super::function::Lowerer;
use super::modifiers::Modifiers;
use crate::machine::program::{Op, special};
use crate::ptx::Result;
use crate::ptx::syntax::{AddressBase, Operand};
use crate::ptx::types::{Space, Type};

impl Lowerer<'_> {
    pub(super) fn moves(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        if name == "cvta" {
            return self.address_conversion(m, operands);
        }
        let ty = m.last_ty()?;
        if ty.size() == 1 && ty != Type::Pred {
            return m.error("it is not for bytes");
        }
        let [to, a] = self.count(operands)?;
        match (to, a) {
            (Operand::Vector(parts), a) => self.unpack(ty, parts, a),
            (to, Operand::Vector(parts)) => self.pack(ty, to, parts),
            (to, Operand::Name(name)) if self.find(name).is_none() => {
                if let Some(a) = Lowerer::special(name) {
                    let to = self.target(to, Type::U32)?;
                    if !ty.agrees(Type::U32) || ty.is_float() {
                        return m.error(format!("`{name}` has type `.u32`"));
                    }
                    self.emit(Op::Move { to, a });
                    return Ok(());
                }
                self.address_of(&m, ty, to, a)
            }
            (to, Operand::Name(name)) if self.variable_of(name).is_some() => self.address_of(&m, ty, to, a),
            (to, Operand::Address { .. }) => {
                let _ = to;
                m.error("an address in brackets is for `ld` and `st`")
            }
            (to, a) => {
                let (to, a) = (self.target(to, ty)?, self.value(a, ty)?);
                self.emit(Op::Move { to, a });
                Ok(())
            }
        }
    }

    /// The address of a variable, in its space.
    fn address_of(&mut self, m: &Modifiers<'_>, ty: Type, to: &Operand, a: &Operand) -> Result<()> {
        let Operand::Name(name) = a else { return m.error("a variable is wanted") };
        let Some((slot, _, _)) = self.variable_of(name) else {
            return m.error(format!("no register or variable `{name}`"));
        };
        if ty.size() != 8 || ty.is_float() {
            return m.error("addresses have 64 bits");
        }
        let to = self.target(to, ty)?;
        self.emit(Op::Move { to, a: slot });
        Ok(())
    }

    fn part(&self, ty: Type, parts: usize) -> Result<Type> {
        match (ty, parts) {
            (Type::B64, 2) => Ok(Type::B32),
            (Type::B64, 4) | (Type::B32, 2) => Ok(Type::B16),
            _ => self.error(format!("`mov.{}` does not take {parts} parts", ty.name())),
        }
    }

    /// The first part is the lowest.
    fn pack(&mut self, ty: Type, to: &Operand, parts: &[Operand]) -> Result<()> {
        let part = self.part(ty, parts.len())?;
        let to = self.target(to, ty)?;
        let mut whole = self.constant(0);
        for (number, operand) in parts.iter().enumerate() {
            let b = self.value(operand, part)?;
            let (next, shift) = (self.temporary(), self.constant(u64::from(part.bits()) * number as u64));
            self.always(Op::Ternary { f: |a, b, n| a | b << n, to: next, a: whole, b, c: shift });
            whole = next;
        }
        self.emit(Op::Move { to, a: whole });
        Ok(())
    }

    fn unpack(&mut self, ty: Type, parts: &[Operand], a: &Operand) -> Result<()> {
        let part = self.part(ty, parts.len())?;
        let value = self.value(a, ty)?;
        // One of the parts may be the whole's register.
        let whole = self.temporary();
        self.always(Op::Move { to: whole, a: value });
        for (number, operand) in parts.iter().enumerate() {
            let to = self.target(operand, part)?;
            let shift = self.constant(u64::from(part.bits()) * number as u64);
            let f = match part.bits() {
                32 => |a: u64, n: u64| (a >> n) & 0xFFFF_FFFF,
                _ => |a: u64, n: u64| (a >> n) & 0xFFFF,
            };
            self.emit(Op::Binary { f, to, a: whole, b: shift });
        }
        Ok(())
    }

    /// `cvta.SPACE.u64` and `cvta.to.SPACE.u64`.
    fn address_conversion(&mut self, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let to_space = m.takes("to");
        let Some(space) = m.space().filter(|space| *space != Space::Param) else {
            return m.error("it lacks a state space");
        };
        let ty = m.last_ty()?;
        if ty != Type::U64 {
            return m.error("addresses are `.u64`");
        }
        let [to, a] = self.count(operands)?;
        let to = self.target(to, ty)?;
        let a = match a {
            Operand::Name(name) if !to_space => match self.variable_of(name) {
                Some((slot, found, _)) if found == space => slot,
                Some(_) => return m.error(format!("`{name}` is not in that space")),
                None => self.value(a, ty)?,
            },
            Operand::Address { base: AddressBase::Name(_), .. } => return m.error("it takes no brackets"),
            a => self.value(a, ty)?,
        };
        let _ = special::SINK;
        self.emit(match (space, to_space) {
            (Space::Global | Space::Const, _) => Op::Move { to, a },
            (space, false) => Op::ToGeneric { space, to, a },
            (space, true) => Op::FromGeneric { space, to, a },
        });
        Ok(())
    }
}
