//! Operands: registers, numbers and addresses as slots, with their types checked.

use super::function::{Lowerer, Named};
use super::module::literal_bits;
use crate::machine::program::{Address, Op, Slot, special};
use crate::ptx::Result;
use crate::ptx::syntax::{AddressBase, Operand};
use crate::ptx::types::{Space, Type};

impl Lowerer<'_> {
    pub(crate) fn find(&self, name: &str) -> Option<Named> {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let number: Option<u32> = name[stem.len()..].parse().ok();
        for scope in self.scopes.iter().rev() {
            if let Some(named) = scope.get(name)
                && !matches!(named, Named::Registers { .. })
            {
                return Some(named.clone());
            }
            // `%r<2>` declares `%r0` and `%r1`; a stem may itself end in digits.
            if number.is_some() {
                for split in
                    (stem.len()..name.len()).filter(|split| !name[*split..].starts_with('0') || split + 1 == name.len())
                {
                    if let Some(Named::Registers { first, count, ty }) = scope.get(&name[..split])
                        && let Ok(number) = name[split..].parse::<u32>()
                        && number < *count
                    {
                        return Some(Named::Register { slot: first + number, ty: *ty });
                    }
                }
            }
        }
        None
    }

    fn checked(&self, name: &str, found: Type, wanted: Type, wider: bool) -> Result<()> {
        let fits = if wider { found.agrees_wider(wanted) } else { found.agrees(wanted) };
        match fits {
            true => Ok(()),
            false => self.error(format!("`{name}` is `.{}`, and `.{}` is wanted", found.name(), wanted.name())),
        }
    }

    /// A register by name.
    pub(crate) fn register_of(&self, name: &str, wanted: Type) -> Result<Slot> {
        match self.find(name) {
            Some(Named::Register { slot, ty }) => {
                self.checked(name, ty, wanted, false)?;
                Ok(slot)
            }
            _ => self.error(format!("no register `{name}`")),
        }
    }

    /// Where a result goes; `_` throws it away.
    pub(crate) fn target(&self, operand: &Operand, wanted: Type) -> Result<Slot> {
        self.target_typed(operand, wanted, false).map(|(slot, _)| slot)
    }

    /// As [`Lowerer::target`], with the register's own type; a wider register may do.
    pub(crate) fn target_typed(&self, operand: &Operand, wanted: Type, wider: bool) -> Result<(Slot, Type)> {
        match operand {
            Operand::Name(name) if name == "_" => Ok((special::SINK, wanted)),
            Operand::Name(name) => match self.find(name) {
                Some(Named::Register { slot, ty }) => {
                    self.checked(name, ty, wanted, wider)?;
                    Ok((slot, ty))
                }
                _ => self.error(format!("no register `{name}`")),
            },
            _ => self.error("the result goes to a register"),
        }
    }

    /// A value: a register, number, or (of truth values) the opposite of a register.
    pub(crate) fn value(&mut self, operand: &Operand, wanted: Type) -> Result<Slot> {
        self.value_typed(operand, wanted, false)
    }

    /// As [`Lowerer::value`]; a wider register may do.
    pub(crate) fn value_typed(&mut self, operand: &Operand, wanted: Type, wider: bool) -> Result<Slot> {
        match operand {
            Operand::Name(name) => match self.find(name) {
                Some(Named::Register { slot, ty }) => {
                    self.checked(name, ty, wanted, wider)?;
                    Ok(slot)
                }
                Some(_) => self.error(format!("`{name}` is a variable; only `mov` takes its address")),
                None => self.error(format!("no register `{name}`")),
            },
            Operand::Not(name) if wanted == Type::Pred => {
                let a = self.register_of(name, Type::Pred)?;
                let to = self.temporary();
                self.always(Op::Unary { f: |a| (a & 1) ^ 1, to, a });
                Ok(to)
            }
            Operand::Literal(literal) => match literal_bits(*literal, wanted) {
                Some(bits) => Ok(self.constant(bits)),
                None => self.error(format!("a number of another type where `.{}` is wanted", wanted.name())),
            },
            _ => self.error(format!("an operand of type `.{}` is wanted", wanted.name())),
        }
    }

    /// A special register's slot and type.
    pub(crate) fn special(name: &str) -> Option<Slot> {
        let (family, axis) = name.split_once('.').unwrap_or((name, ""));
        let axis = match axis {
            "x" => Some(0),
            "y" => Some(1),
            "z" => Some(2),
            "" => None,
            _ => return None,
        };
        Some(match (family, axis) {
            ("%tid", Some(axis)) => special::TID + axis,
            ("%ntid", Some(axis)) => special::NTID + axis,
            ("%ctaid", Some(axis)) => special::CTAID + axis,
            ("%nctaid", Some(axis)) => special::NCTAID + axis,
            ("%laneid", None) => special::LANE,
            ("%warpid", None) => special::WARP,
            ("%nwarpid", None) => special::WARPS,
            _ => return None,
        })
    }

    /// The address of a variable: its slot, its space, and how much of it there is (unknown for memory of the module).
    pub(crate) fn variable_of(&mut self, name: &str) -> Option<(Slot, Space, Option<u64>)> {
        if let Some(named) = self.find(name) {
            return match named {
                Named::Variable { slot, space, size } => Some((slot, space, Some(size))),
                _ => None,
            };
        }
        if let Some(&at) = self.names.shared.get(name) {
            let slot = self.constant(at);
            return Some((slot, Space::Shared, None));
        }
        let &number = self.names.globals.get(name)?;
        let space = match self.names.module.variables.iter().find(|variable| variable.name == name) {
            Some(variable) => variable.space,
            None => Space::Global,
        };
        Some((self.global(number), space, None))
    }

    /// `[..]` in that space, for an access of `bytes`.
    pub(crate) fn address(&mut self, operand: &Operand, space: Space, bytes: u64) -> Result<Address> {
        let Operand::Address { base, offset } = operand else { return self.error("an address in brackets is wanted") };
        let offset = *offset;
        let name = match base {
            AddressBase::Absolute => {
                let base = self.constant(0);
                return Ok(Address { space, base, offset });
            }
            AddressBase::Name(name) => name,
        };
        if let Some(Named::Register { slot, ty }) = self.find(name) {
            self.checked(name, ty, Type::B64, false)?;
            return Ok(Address { space, base: slot, offset });
        }
        let Some((slot, found, size)) = self.variable_of(name) else {
            return self.error(format!("no register or variable `{name}`"));
        };
        let same = found == space || (space == Space::Generic && matches!(found, Space::Global | Space::Const));
        if !same {
            return self.error(format!("`{name}` is not in the space of this access"));
        }
        if size.is_some_and(|size| offset < 0 || offset as u64 + bytes > size) {
            return self.error(format!("`{name}` ends before this access does"));
        }
        Ok(Address { space, base: slot, offset })
    }

    /// That there are so many operands.
    pub(crate) fn count<'o, const N: usize>(&self, operands: &'o [Operand]) -> Result<[&'o Operand; N]> {
        match <&[Operand; N]>::try_from(operands) {
            Ok(all) => Ok(all.each_ref()),
            Err(_) => self.error(format!("{N} operands are wanted, found {}", operands.len())),
        }
    }
}
