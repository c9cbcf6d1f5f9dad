//! `cvt`.

use super::function::Lowerer;
use super::modifiers::Modifiers;
use crate::machine::program::Op;
use crate::machine::values::bits::sign_extension;
use crate::machine::values::convert::{Conversion, Rounding};
use crate::ptx::Result;
use crate::ptx::syntax::Operand;
use crate::ptx::types::{Kind, Type};

impl Lowerer<'_> {
    pub(super) fn conversion(&mut self, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let mode = m.takes_any(&["rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi"]);
        let saturates = m.takes("sat");
        let (to, from) = (m.ty()?, m.last_ty()?);
        let conversion = self.conversion_of(mode, saturates, to, from, &m)?;
        let [target, a] = self.count(operands)?;
        let (slot, register) = self.target_typed(target, to, true)?;
        let a = self.value_typed(a, from, true)?;
        self.emit(Op::Convert { conversion, to: slot, a });
        self.extend(slot, register, to);
        Ok(())
    }

    /// A result with sign fills the register that it went to.
    pub(super) fn extend(&mut self, slot: u32, register: Type, ty: Type) {
        if ty.is_signed()
            && let Some(f) = sign_extension(ty.bits(), register.bits())
        {
            self.emit(Op::Unary { f, to: slot, a: slot });
        }
    }

    fn conversion_of(
        &self,
        mode: Option<&str>,
        saturates: bool,
        to: Type,
        from: Type,
        m: &Modifiers<'_>,
    ) -> Result<Conversion> {
        let number = |ty: Type| matches!(ty.kind(), Kind::Unsigned | Kind::Signed | Kind::Float);
        if !number(to) || !number(from) {
            return m.error("it is between numbers");
        }
        let integral = mode.is_some_and(|mode| mode.len() == 3);
        let rounding = match mode.map(|mode| &mode[..2]) {
            None | Some("rn") => Rounding::Nearest,
            Some("rz") => Rounding::Zero,
            Some("rm") => Rounding::Down,
            _ => Rounding::Up,
        };
        // To an integer, and within a type: `.rni`; where bits get lost: `.rn`; elsewhere none.
        let fits = match (from.is_float(), to.is_float()) {
            (true, false) => mode.is_some() && integral,
            (false, true) => mode.is_some() && !integral,
            (true, true) if from == to => mode.is_none() || integral,
            (true, true) if to.size() < from.size() => mode.is_some() && !integral,
            (true, true) | (false, false) => mode.is_none(),
        };
        match fits {
            true => Ok(Conversion { to, from, rounding, saturates, integral }),
            false => m.error(format!("a wrong rounding mode from `.{}` to `.{}`", from.name(), to.name())),
        }
    }
}
