//! Atomic operations.

use landbridge_core::ir::{AtomicOp, ValueId};

use super::buffers::Unit;
use super::emit::{Emitter, Result};
use super::place::{Place, Val};
use super::text::{Rep, Text};

impl Emitter<'_> {
    pub(super) fn atomic(
        &mut self,
        value: ValueId,
        op: AtomicOp,
        pointer: ValueId,
        arguments: &[ValueId],
    ) -> Result<()> {
        let of = self.pointer(pointer)?;
        let arguments: Result<Vec<_>> = arguments.iter().map(|a| self.atom(*a)).collect();
        let arguments = arguments?;
        self.flush_reads();
        if op == AtomicOp::Store {
            self.each_choice(&of, &mut |e, place| {
                let cell = e.atomic_cell(place)?;
                e.line(format!("atomicStore(&{cell}, {});", arguments[0].bare()));
                Ok(())
            })?;
            self.values[value.0 as usize] = Some(Val::Empty);
            return Ok(());
        }
        let rep = self.type_name(self.function[value].ty)?;
        let old = self.names.take("old");
        if of.single().is_none() || op == AtomicOp::CompareExchange {
            self.line(format!("var {old}: {rep};"));
        }
        self.each_choice(&of, &mut |e, place| {
            let cell = e.atomic_cell(place)?;
            if op == AtomicOp::CompareExchange {
                e.compare_exchange(&cell, &old, &arguments);
                return Ok(());
            }
            let function = match op {
                AtomicOp::Load | AtomicOp::Store => "atomicLoad",
                AtomicOp::Add => "atomicAdd",
                AtomicOp::Sub => "atomicSub",
                AtomicOp::Min => "atomicMin",
                AtomicOp::Max => "atomicMax",
                AtomicOp::And => "atomicAnd",
                AtomicOp::Or => "atomicOr",
                AtomicOp::Xor => "atomicXor",
                AtomicOp::Exchange | AtomicOp::CompareExchange => "atomicExchange",
            };
            let more: Vec<_> = arguments.iter().map(|a| format!(", {}", a.bare())).collect();
            let call = format!("{function}(&{cell}{})", more.concat());
            let unused = e.survey.uses[value.0 as usize] == 0;
            e.line(match of.single() {
                Some(_) if unused && op != AtomicOp::Load => format!("{call};"),
                Some(_) => format!("let {old} = {call};"),
                None => format!("{old} = {call};"),
            });
            Ok(())
        })?;
        self.values[value.0 as usize] = Some(Val::Text(Text::name(old)));
        Ok(())
    }

    /// WGSL's exchange may fail for no reason: try until it says why.
    fn compare_exchange(&mut self, cell: &str, old: &str, arguments: &[Text]) {
        let [expected, new] = arguments else { return };
        let result = self.names.take("exchange");
        self.line("loop {");
        self.indent += 1;
        self.line(format!("let {result} = atomicCompareExchangeWeak(&{cell}, {}, {});", expected.bare(), new.bare()));
        self.line(format!("{old} = {result}.old_value;"));
        self.line(format!("if {result}.exchanged || {old} != {expected} {{ break; }}"));
        self.indent -= 1;
        self.line("}");
    }

    fn atomic_cell(&mut self, place: &Place) -> Result<String> {
        if let Place::Buffer { buffer, address } = place
            && let Unit::Atomic(Rep::U32 | Rep::I32) = self.buffers[*buffer].unit
        {
            let index = self.in_grains(*buffer, address)?;
            return Ok(format!("{}[{}]", self.buffers[*buffer].name, index.bare()));
        }
        self.error("an atomic operation", "WGSL has atomics only for slices of `AtomicU32` and `AtomicI32`")
    }
}
