//! Barriers and fences.

use super::function::Lowerer;
use super::modifiers::Modifiers;
use crate::machine::program::Op;
use crate::ptx::Result;
use crate::ptx::syntax::Operand;
use crate::ptx::types::Type;

impl Lowerer<'_> {
    pub(super) fn synchronisation(&mut self, name: &str, mut m: Modifiers<'_>, operands: &[Operand]) -> Result<()> {
        match name {
            "bar" | "barrier" => {
                m.takes("cta");
                if !m.takes("sync") {
                    return m.error("only `.sync` is known");
                }
                if name == "barrier" {
                    m.takes("aligned");
                }
                m.end()?;
                let [id] = self.count(operands)?;
                let id = self.value(id, Type::U32)?;
                self.waits = true;
                self.emit(Op::Barrier { id });
            }
            "membar" => {
                if m.takes_any(&["cta", "gl", "sys"]).is_none() {
                    return m.error("it lacks a level");
                }
                m.end()?;
                let [] = self.count(operands)?;
                self.emit(Op::Fence);
            }
            _ => {
                m.takes_any(&["sc", "acq_rel"]);
                if m.takes_any(&["cta", "cluster", "gpu", "sys"]).is_none() {
                    return m.error("it lacks a scope");
                }
                m.end()?;
                let [] = self.count(operands)?;
                self.emit(Op::Fence);
            }
        }
        Ok(())
    }
}
