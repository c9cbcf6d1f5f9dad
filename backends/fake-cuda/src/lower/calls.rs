//! Jumps and calls.

use super::function::{Lowerer, Named};
use super::modifiers::Modifiers;
use crate::machine::program::{Call, Op, Passing};
use crate::ptx::Result;
use crate::ptx::syntax::{Formal, Operand};
use crate::ptx::types::Space;

impl Lowerer<'_> {
    pub(super) fn control(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        if matches!(name, "bra" | "call" | "ret") {
            m.takes("uni");
        }
        m.end()?;
        match name {
            "bra" => {
                let [label] = self.count(operands)?;
                let Operand::Name(label) = label else { return m.error("a label is wanted") };
                self.jump(label);
                return Ok(());
            }
            "call" => return self.call(&m, operands),
            _ => {}
        }
        let [] = self.count(operands)?;
        self.emit(match name {
            "ret" => Op::Return,
            "exit" => Op::Exit,
            _ => Op::Trap,
        });
        Ok(())
    }

    /// `call (results), function, (arguments)`; both lists may be left out.
    fn call(&mut self, m: &Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        let empty: &[Operand] = &[];
        let (results, name, arguments) = match operands {
            [Operand::Name(name)] => (empty, name, empty),
            [Operand::Name(name), Operand::List(arguments)] => (empty, name, arguments.as_slice()),
            [Operand::List(results), Operand::Name(name)] => (results.as_slice(), name, empty),
            [Operand::List(results), Operand::Name(name), Operand::List(arguments)] => {
                (results.as_slice(), name, arguments.as_slice())
            }
            _ => return m.error("operands that it does not take"),
        };
        let Some(&function) = self.names.functions.get(name.as_str()) else {
            return m.error(format!("no function `{name}`"));
        };
        let callee = self.names.bodies[function];
        if callee.is_entry {
            return m.error(format!("`{name}` is an entry"));
        }
        if callee.results.len() != results.len() || callee.parameters.len() != arguments.len() {
            return m.error(format!("a wrong number of arguments or results for `{name}`"));
        }
        let pass = |lowerer: &mut Self, formals: &[Formal], actual: &[Operand]| -> Result<Vec<Passing>> {
            formals.iter().zip(actual).map(|(formal, actual)| lowerer.passed(m, formal, actual)).collect()
        };
        let arguments = pass(self, &callee.parameters, arguments)?;
        let results = pass(self, &callee.results, results)?;
        let call = self.calls.len() as u32;
        self.calls.push(Call { function, arguments, results });
        self.emit(Op::Call { call });
        Ok(())
    }

    fn passed(&mut self, m: &Modifiers<'_>, formal: &Formal, actual: &Operand) -> Result<Passing> {
        match (formal, actual) {
            (Formal::Register { ty, .. }, actual) => Ok(Passing::Slot(self.value(actual, *ty)?)),
            (Formal::Param(variable), Operand::Name(name)) => match self.find(name) {
                Some(Named::Variable { slot, space: Space::Param, size }) if size == variable.size() => {
                    Ok(Passing::Memory { address: slot, size: size as u32 })
                }
                _ => m.error(format!("`{name}` is no `.param` of the size of `{}`", formal.name())),
            },
            _ => m.error("a `.param` variable is wanted"),
        }
    }
}
