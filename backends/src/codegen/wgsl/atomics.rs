//! Atomic operations.

use landbridge_core::ir::{AtomicOp, Scalar, Type, ValueId};

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
        if self.is_for_all_lanes() {
            let why = "every lane would do it: put it into a phase, `g.lanes(|lane| if lane == 0 { .. })`";
            return self.error("an atomic operation outside of a cooperative kernel's phases", why);
        }
        let of = self.pointer(pointer)?;
        let arguments: Result<Vec<_>> = arguments.iter().map(|a| self.atom(*a)).collect();
        let arguments = arguments?;
        self.flush_reads();
        let wide = self.is_wide_atomic(pointer);
        let signed = self.is_signed_atomic(pointer);
        if op == AtomicOp::Store {
            self.each_choice(&of, &mut |e, place| {
                let cell = e.atomic_cell(place, wide)?;
                let call = e.atomic_call(&cell, "atomicStore", &e.as_cell(&cell, signed, &arguments))?;
                e.line(format!("{call};"));
                Ok(())
            })?;
            self.values[value.0 as usize] = Some(Val::Empty);
            return Ok(());
        }
        let rep = self.type_name(self.function[value].ty)?;
        let old = self.names.take("old");
        let loops = op == AtomicOp::CompareExchange || signed && matches!(op, AtomicOp::Min | AtomicOp::Max);
        let declared = of.single().is_none() || loops;
        if declared {
            self.line(format!("var {old}: {rep};"));
        }
        self.each_choice(&of, &mut |e, place| {
            let cell = e.atomic_cell(place, wide)?;
            let recast = e.is_recast(&cell, signed);
            let operands = e.as_cell(&cell, signed, &arguments);
            let function = match op {
                AtomicOp::CompareExchange => return e.compare_exchange(&cell, &old, &arguments[0], &operands, recast),
                AtomicOp::Min if recast => return e.extreme(&cell, &old, "min", &arguments),
                AtomicOp::Max if recast => return e.extreme(&cell, &old, "max", &arguments),
                AtomicOp::Load | AtomicOp::Store => "atomicLoad",
                AtomicOp::Add => "atomicAdd",
                AtomicOp::Sub => "atomicSub",
                AtomicOp::Min => "atomicMin",
                AtomicOp::Max => "atomicMax",
                AtomicOp::And => "atomicAnd",
                AtomicOp::Or => "atomicOr",
                AtomicOp::Xor => "atomicXor",
                AtomicOp::Exchange => "atomicExchange",
            };
            let call = e.atomic_call(&cell, function, &operands)?;
            let unused = e.survey.uses[value.0 as usize] == 0 && op != AtomicOp::Load;
            let result = if recast { format!("bitcast<i32>({call})") } else { call.clone() };
            e.line(match declared {
                false if unused => format!("{call};"),
                false => format!("let {old} = {result};"),
                true => format!("{old} = {result};"),
            });
            Ok(())
        })?;
        self.values[value.0 as usize] = Some(Val::Text(Text::name(old)));
        Ok(())
    }

    fn is_signed_atomic(&self, pointer: ValueId) -> bool {
        let types = &self.module.types;
        let Type::Pointer(to) = types[self.function[pointer].ty] else { return false };
        types[to] == Type::Atomic(Scalar::I32)
    }

    fn is_wide_atomic(&self, pointer: ValueId) -> bool {
        let types = &self.module.types;
        let Type::Pointer(to) = types[self.function[pointer].ty] else { return false };
        matches!(types[to], Type::Atomic(scalar) if scalar.size() == 8)
    }

    /// Whether the array is of `u32`, and the atomic of `i32`.
    fn is_recast(&self, cell: &Cell, signed: bool) -> bool {
        signed && self.buffers[cell.buffer].unit == Unit::SharedWords
    }

    /// Numbers as the array has them.
    fn as_cell(&self, cell: &Cell, signed: bool, arguments: &[Text]) -> Vec<Text> {
        match self.is_recast(cell, signed) {
            true => arguments.iter().map(|a| Text::call("bitcast<u32>", &[a])).collect(),
            false => arguments.to_vec(),
        }
    }

    /// `fetch_min` and `fetch_max` of an `i32` in an array of `u32`, whose own would compare otherwise.
    fn extreme(&mut self, cell: &Cell, old: &str, function: &str, arguments: &[Text]) -> Result<()> {
        let [bound] = arguments else { return Ok(()) };
        let seen = self.names.take("seen");
        self.line("loop {");
        self.indent += 1;
        let load = self.atomic_call(cell, "atomicLoad", &[])?;
        self.line(format!("let {seen} = {load};"));
        self.line(format!("{old} = bitcast<i32>({seen});"));
        let new = Text::compound(format!("bitcast<u32>({function}({old}, {}))", bound.bare()), false);
        let done = match self.buffers[cell.buffer].is_in_parts() {
            true => {
                let call = self.atomic_call(cell, "exchange", &[Text::name(seen.clone()), new])?;
                format!("{call} == {seen}")
            }
            false => {
                let name = &self.buffers[cell.buffer].name;
                let place = format!("{name}[{}]", cell.index.bare());
                format!("atomicCompareExchangeWeak(&{place}, {seen}, {new}).exchanged")
            }
        };
        self.line(format!("if {done} {{ break; }}"));
        self.indent -= 1;
        self.line("}");
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
        let rep = match self.buffers[cell.buffer].unit {
            Unit::Atomic(rep) => rep,
            Unit::SharedWords => Rep::U32,
            Unit::Native(_) | Unit::Words => {
                return self.error("an atomic operation", "on memory that is not atomic");
            }
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

    /// WGSL's exchange may fail for no reason: try until it says why. `operands` are those of the array's type; `recast`
    /// where `old` is an `i32` and that is not.
    fn compare_exchange(
        &mut self,
        cell: &Cell,
        old: &str,
        expected: &Text,
        operands: &[Text],
        recast: bool,
    ) -> Result<()> {
        let as_old = |text: String| if recast { format!("bitcast<i32>({text})") } else { text };
        if self.buffers[cell.buffer].is_in_parts() {
            let call = self.atomic_call(cell, "exchange", operands)?;
            self.line(format!("{old} = {};", as_old(call)));
            return Ok(());
        }
        let [bits, new] = operands else { return Ok(()) };
        let cell = format!("{}[{}]", self.buffers[cell.buffer].name, cell.index.bare());
        let result = self.names.take("exchange");
        self.line("loop {");
        self.indent += 1;
        self.line(format!("let {result} = atomicCompareExchangeWeak(&{cell}, {}, {});", bits.bare(), new.bare()));
        self.line(format!("{old} = {};", as_old(format!("{result}.old_value"))));
        self.line(format!("if {result}.exchanged || {old} != {expected} {{ break; }}"));
        self.indent -= 1;
        self.line("}");
        Ok(())
    }

    /// Where an atomic lies: in a slice of atomics, or among the words of nodes.
    fn atomic_cell(&mut self, place: &Place, wide: bool) -> Result<Cell> {
        let Place::Buffer { buffer, address } = place else {
            return self.error("an atomic operation", "on what is in no memory");
        };
        let index = match self.buffers[*buffer].unit {
            Unit::Atomic(Rep::U32 | Rep::I32) if !wide => self.in_grains(*buffer, address)?,
            Unit::Atomic(Rep::U64 | Rep::I64) if wide => self.in_grains(*buffer, address)?,
            Unit::SharedWords if !wide => self.word_index(address)?,
            _ if wide && !self.target.int64_atomics => {
                let why = "the device has no 64-bit atomics (SHADER_INT64_ATOMIC_ALL_OPS)";
                return self.error("`AtomicU64` and `AtomicI64`", why);
            }
            _ => {
                return self
                    .error("an atomic operation", "64-bit atomics are only in slices of them, where few are bound");
            }
        };
        Ok(Cell { buffer: *buffer, index })
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
