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
                let call = e.atomic_call(&cell, "atomicStore", &arguments)?;
                e.line(format!("{call};"));
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
                return e.compare_exchange(&cell, &old, &arguments);
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
            let call = e.atomic_call(&cell, function, &arguments)?;
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

    /// The call of one of WGSL's functions on an atomic, or of one that first chooses the part that it lies in.
    fn atomic_call(&mut self, cell: &Cell, function: &'static str, arguments: &[Text]) -> Result<String> {
        let list: Vec<_> = arguments.iter().map(|a| format!(", {}", a.bare())).collect();
        if !self.buffers[cell.buffer].is_in_parts() {
            let name = &self.buffers[cell.buffer].name;
            return Ok(format!("{function}(&{name}[{}]{})", cell.index.bare(), list.concat()));
        }
        let name = self.in_parts(cell, function, arguments.len(), &|element, rep, parameters| match function {
            "atomicStore" => vec![format!("atomicStore(&{element}{parameters});")],
            "exchange" => exchange_lines(element, rep),
            _ => vec![format!("return {function}(&{element}{parameters});")],
        })?;
        Ok(format!("{name}({}{})", cell.index.bare(), list.concat()))
    }

    /// The function that does something to an atomic in any part.
    fn in_parts(
        &mut self,
        cell: &Cell,
        function: &str,
        arguments: usize,
        lines: &dyn Fn(&str, &str, &str) -> Vec<String>,
    ) -> Result<String> {
        let key = format!("{function} {}", cell.buffer);
        if let Some(name) = self.accessor_names.get(&key) {
            return Ok(name.clone());
        }
        let Unit::Atomic(rep) = self.buffers[cell.buffer].unit else {
            return self.error("an atomic operation", "on memory that is not atomic");
        };
        let name = self.names.take(&format!("{function}_{}", self.buffers[cell.buffer].name));
        self.accessor_names.insert(key, name.clone());
        let rep = rep.name();
        let names = &["a", "b"][..arguments];
        let declared: String = names.iter().map(|name| format!(", {name}: {rep}")).collect();
        let given: String = names.iter().map(|name| format!(", {name}")).collect();
        let result = if function == "atomicStore" { String::new() } else { format!(" -> {rep}") };
        let head = format!("fn {name}(at: u32{declared}){result}");
        let text = self.buffers[cell.buffer].part_function(&head, &|element| lines(element, rep, &given));
        self.accessors.push(text);
        Ok(name)
    }

    /// WGSL's exchange may fail for no reason: try until it says why.
    fn compare_exchange(&mut self, cell: &Cell, old: &str, arguments: &[Text]) -> Result<()> {
        if self.buffers[cell.buffer].is_in_parts() {
            let call = self.atomic_call(cell, "exchange", arguments)?;
            self.line(format!("{old} = {call};"));
            return Ok(());
        }
        let [expected, new] = arguments else { return Ok(()) };
        let cell = format!("{}[{}]", self.buffers[cell.buffer].name, cell.index.bare());
        let result = self.names.take("exchange");
        self.line("loop {");
        self.indent += 1;
        self.line(format!("let {result} = atomicCompareExchangeWeak(&{cell}, {}, {});", expected.bare(), new.bare()));
        self.line(format!("{old} = {result}.old_value;"));
        self.line(format!("if {result}.exchanged || {old} != {expected} {{ break; }}"));
        self.indent -= 1;
        self.line("}");
        Ok(())
    }

    fn atomic_cell(&mut self, place: &Place) -> Result<Cell> {
        if let Place::Buffer { buffer, address } = place
            && let Unit::Atomic(Rep::U32 | Rep::I32) = self.buffers[*buffer].unit
        {
            return Ok(Cell { buffer: *buffer, index: self.in_grains(*buffer, address)? });
        }
        self.error("an atomic operation", "WGSL has atomics only for slices of `AtomicU32` and `AtomicI32`")
    }
}

/// An element of an array of atomics.
struct Cell {
    buffer: usize,
    index: Text,
}

/// The body of a compare-exchange on one element: `a` is expected, `b` is new.
fn exchange_lines(element: &str, rep: &str) -> Vec<String> {
    [
        format!("var old: {rep};"),
        "loop {".into(),
        format!("    let exchange = atomicCompareExchangeWeak(&{element}, a, b);"),
        "    old = exchange.old_value;".into(),
        "    if exchange.exchanged || old != a { break; }".into(),
        "}".into(),
        "return old;".into(),
    ]
    .into()
}
