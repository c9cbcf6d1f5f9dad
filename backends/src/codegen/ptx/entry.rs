//! The entry: which work-items a thread has, what each sees at its start, and where its result goes.

use std::fmt::Write;

use landbridge_core::ir::{Function, LocalId, Role, Scalar, Type, TypeId};

use super::emit::{Emitter, Place, Result};
use super::interface::{COUNT, EXTENT_X, EXTENT_Y, FIRST, Mode, ReduceOp, Slot, SlotKind, THREADS};
use super::val::{Class, Operand, Pointer, Space, Val};

impl Emitter<'_> {
    /// The statements of the entry, with everything around them.
    pub(super) fn body(&mut self, function: &Function) -> Result<()> {
        let thread = self.thread();
        match self.mode {
            Mode::Reduce(op) => self.reduction(function, &thread, op),
            Mode::Run | Mode::Collect => {
                self.assign(Class::B64, "%pos", &thread);
                self.work_item(function)?;
                self.line("ret;");
                self.report_text();
                if self.may_panic {
                    self.place("$failed");
                    self.line("ret;");
                }
                Ok(())
            }
        }
    }

    /// The thread's number; those past the last return.
    fn thread(&mut self) -> Operand {
        let block = self.op(Class::B32, "mov.u32", &["%ctaid.x"]);
        let lane = self.op(Class::B32, "mov.u32", &["%tid.x"]);
        let lane = self.op(Class::B64, "cvt.u64.u32", &[&lane]);
        let size = self.block_size.to_string();
        let thread = self.op(Class::B64, "mad.wide.u32", &[&block, &size, &lane]);
        let threads = self.header(THREADS);
        let past = self.test("ge.u64", &thread, &threads);
        self.line(format!("@{past} ret;"));
        thread
    }

    fn header(&mut self, at: u64) -> Operand {
        self.op(Class::B64, "ld.param.u64", &[&format!("[launch+{at}]")])
    }

    /// What one work-item does.
    fn work_item(&mut self, function: &Function) -> Result<()> {
        self.enter(function)?;
        self.block(&function.body)
    }

    /// Folds the results of every `threads`-th work-item, from the thread's own on.
    fn reduction(&mut self, function: &Function, thread: &str, op: ReduceOp) -> Result<()> {
        let ty = function.result;
        let Some(scalar) = self.types().as_scalar(ty).filter(|scalar| *scalar != Scalar::Bool) else {
            let name = self.types().name(ty);
            return self.unsupported(&format!("a reduction of `{name}`"), "only numbers are reduced on the device");
        };
        let class = Class::of(scalar);
        let (total, any) = (self.register(class), self.register(Class::Pred));
        let zero = super::emit::zero(scalar);
        self.assign(class, &total, &zero);
        self.assign(Class::Pred, &any, "0");
        self.assign(Class::B64, "%pos", thread);
        self.place("$item");
        self.work_item(function)?;
        self.place("$fold");
        let next = self.fold(op, scalar, &total);
        let next = self.select_scalar(class, &any, &next, "%result");
        self.assign(class, &total, &next);
        self.assign(Class::Pred, &any, "1");
        self.place("$failed");
        let threads = self.header(THREADS);
        let count = self.header(COUNT);
        self.line(format!("add.s64 %pos, %pos, {threads};"));
        let more = self.test("lt.u64", "%pos", &count);
        self.jump_if(&more, "$item");
        if let Some(results) = self.results() {
            let first = self.memory_of(&results, Space::Global);
            let place = self.indexed(&first, thread, results.element_bytes);
            self.store(&place, ty, &Val::Scalar(total))?;
        }
        self.line("ret;");
        self.report_text();
        Ok(())
    }

    fn fold(&mut self, op: ReduceOp, scalar: Scalar, total: &str) -> Operand {
        let class = Class::of(scalar);
        let integer = if scalar.size() == 8 { "s64" } else { "s32" };
        let name = super::val::type_name(scalar);
        let name = match op {
            ReduceOp::Sum if scalar.is_float() => format!("add.rn.{name}"),
            ReduceOp::Sum => format!("add.{integer}"),
            ReduceOp::Product if scalar.is_float() => format!("mul.rn.{name}"),
            ReduceOp::Product => format!("mul.lo.{integer}"),
            ReduceOp::Min => format!("min.{name}"),
            ReduceOp::Max => format!("max.{name}"),
        };
        let result = self.op(class, &name, &[total, "%result"]);
        self.wrapped(scalar, result)
    }

    /// Where the memory of a slot starts.
    fn memory_of(&mut self, slot: &Slot, space: Space) -> Pointer {
        let first = Pointer::new(self.header(slot.offset), space);
        self.note(&first, slot.align);
        first
    }

    fn results(&self) -> Option<Slot> {
        self.layout.slots.iter().find(|slot| slot.kind == SlotKind::Results).copied()
    }

    /// `return`.
    pub(super) fn returned(&mut self, val: &Val) -> Result<()> {
        let ty = self.function.result;
        match self.mode {
            Mode::Reduce(_) => {
                let Val::Scalar(value) = val else { return Err(self.defect("a reduction of no number")) };
                let class = Class::of(self.scalar(ty)?);
                self.assign(class, "%result", value);
                self.jump("$fold");
                return Ok(());
            }
            Mode::Collect => {
                if let Some(results) = self.results() {
                    let first = self.memory_of(&results, Space::Global);
                    let position = self.position.clone();
                    let place = self.indexed(&first, &position, results.element_bytes);
                    self.store(&place, ty, val)?;
                }
            }
            Mode::Run => {}
        }
        self.line("ret;");
        Ok(())
    }

    /// Gives all locals their places, and parameters their values.
    fn enter(&mut self, function: &Function) -> Result<()> {
        for (k, local) in function.locals.iter().enumerate() {
            let uses = self.survey.locals[k];
            let argument = match k < function.parameters as usize {
                true if !self.is_named(LocalId(k as u32)) => {
                    self.locals.push(Place::Nowhere);
                    continue;
                }
                true => Some(self.argument(k, local.ty)?),
                false => None,
            };
            let place = match argument {
                Some(Argument::At(pointer)) if uses.in_memory && !uses.stored && !uses.escapes => {
                    Place::Memory(pointer)
                }
                Some(argument) if !uses.in_memory && !uses.stored => {
                    Place::Value(self.argument_value(argument, local.ty)?)
                }
                argument => {
                    let initial = argument.map(|a| self.argument_value(a, local.ty)).transpose()?;
                    self.place_for(local.ty, uses, initial)?
                }
            };
            self.locals.push(place);
        }
        Ok(())
    }

    fn place_for(&mut self, ty: TypeId, uses: super::survey::LocalUse, initial: Option<Val>) -> Result<Place> {
        if !uses.in_memory {
            let registers = self.registers_for(ty)?;
            if let Some(initial) = initial {
                self.assign_all(&registers, &initial, ty)?;
            }
            return Ok(Place::Registers(registers));
        }
        let mut own = self.depot(self.types().size(ty), self.types().align(ty));
        if let Some(initial) = initial {
            self.store(&own, ty, &initial)?;
        }
        if uses.escapes {
            let base = self.generic(&own);
            own = Pointer::new(base, Space::Generic);
        }
        Ok(Place::Memory(own))
    }

    fn is_named(&self, local: LocalId) -> bool {
        self.function.values.iter().any(|value| value.op == landbridge_core::ir::Op::Local(local))
    }

    /// What a work-item sees as a parameter.
    fn argument(&mut self, parameter: usize, ty: TypeId) -> Result<Argument> {
        let role = self.module.parameters[parameter].role;
        let slot = self.layout.slots.iter().find(|slot| slot.parameter == Some(parameter)).copied();
        let Some(slot) = slot else {
            return match role {
                Role::Index { dimensions } => Ok(Argument::Is(self.index(ty, dimensions)?)),
                _ => Ok(Argument::Is(Val::Unit)),
            };
        };
        let space = if slot.writes { Space::Global } else { Space::Read };
        if slot.kind == SlotKind::Uniform {
            return Ok(Argument::At(Pointer { base: "launch".into(), offset: slot.offset, space: Space::Param }));
        }
        let first = self.memory_of(&slot, space);
        let position = self.position.clone();
        Ok(match slot.kind {
            SlotKind::UniformAt => Argument::At(first),
            SlotKind::Items => Argument::Is(Val::Pointer(self.indexed(&first, &position, slot.element_bytes))),
            SlotKind::Rows => {
                let length = self.header(slot.offset + 8);
                let row = self.op(Class::B64, "mul.lo.s64", &[&position, &length]);
                Argument::Is(Val::Slice(self.indexed(&first, &row, slot.element_bytes), length))
            }
            SlotKind::Whole => {
                let length = self.header(slot.offset + 8);
                Argument::Is(Val::Slice(first, length))
            }
            SlotKind::Root | SlotKind::Uniform | SlotKind::Results => Argument::Is(Val::Pointer(first)),
        })
    }

    fn argument_value(&mut self, argument: Argument, ty: TypeId) -> Result<Val> {
        match argument {
            Argument::Is(val) => Ok(val),
            Argument::At(pointer) => self.load(&pointer, ty),
        }
    }

    /// The work-item's number, in each dimension.
    fn index(&mut self, ty: TypeId, dimensions: u8) -> Result<Val> {
        let first = self.header(FIRST);
        let position = self.position.clone();
        let number = self.op(Class::B64, "add.s64", &[&first, &position]);
        if dimensions == 1 {
            return Ok(Val::Scalar(number));
        }
        let Type::Struct(_) = self.types()[ty] else { return Err(self.defect("an index of no known form")) };
        let width = self.header(EXTENT_X);
        let (rest, x) = self.divided(&number, &width);
        let mut parts = match dimensions {
            2 => vec![rest],
            _ => {
                let height = self.header(EXTENT_Y);
                let (z, y) = self.divided(&rest, &height);
                vec![z, y]
            }
        };
        parts.push(x);
        Ok(Val::Parts(parts.into_iter().map(Val::Scalar).collect()))
    }

    /// Quotient and remainder; in 32 bits where both numbers have no more, which is many times faster.
    fn divided(&mut self, number: &str, by: &str) -> (Operand, Operand) {
        let (quotient, rest) = (self.register(Class::B64), self.register(Class::B64));
        let (wide, done) = (self.label("wide"), self.label("divided"));
        let both = self.op(Class::B64, "or.b64", &[number, by]);
        let is_wide = self.test("gt.u64", &both, "4294967295");
        self.jump_if(&is_wide, &wide);
        let low = self.op(Class::B32, "cvt.u32.u64", &[number]);
        let low_by = self.op(Class::B32, "cvt.u32.u64", &[by]);
        let low_quotient = self.op(Class::B32, "div.u32", &[&low, &low_by]);
        let product = self.op(Class::B32, "mul.lo.s32", &[&low_quotient, &low_by]);
        let low_rest = self.op(Class::B32, "sub.s32", &[&low, &product]);
        self.line(format!("cvt.u64.u32 {quotient}, {low_quotient};"));
        self.line(format!("cvt.u64.u32 {rest}, {low_rest};"));
        self.jump(&done);
        self.place(&wide);
        self.line(format!("div.u64 {quotient}, {number}, {by};"));
        let product = self.op(Class::B64, "mul.lo.s64", &[&quotient, by]);
        self.line(format!("sub.s64 {rest}, {number}, {product};"));
        self.place(&done);
        (quotient, rest)
    }

    /// Everything in order: constant memory, the entry, its declarations and its body.
    pub(super) fn text(&self, entry: &str, (major, minor): (u32, u32), sm: u32) -> String {
        let mut text = format!(".version {major}.{minor}\n.target sm_{sm}\n.address_size 64\n\n");
        for number in &self.data {
            let data = &self.module.data[*number as usize];
            let (align, size) = (self.data_align(*number), data.bytes.len().max(1));
            let bytes: Vec<_> = data.bytes.iter().map(u8::to_string).collect();
            let _ = write!(text, ".global .align {align} .b8 data_{number}[{size}]");
            let _ = match bytes.is_empty() {
                true => writeln!(text, ";"),
                false => writeln!(text, " = {{{}}};", bytes.join(", ")),
            };
        }
        let _ = writeln!(text, ".visible .entry {entry}(.param .align 8 .b8 launch[{}])", self.layout.bytes);
        let _ = writeln!(text, ".maxntid {}, 1, 1\n{{", self.block_size);
        text.push_str(&self.declarations());
        text.push_str("    .reg .b64 %pos;\n");
        if self.may_panic {
            text.push_str("    .reg .b32 %site;\n    .reg .b64 %value<2>;\n");
        }
        if let (Mode::Reduce(_), Ok(scalar)) = (self.mode, self.scalar(self.function.result)) {
            let _ = writeln!(text, "    .reg .{} %result;", Class::of(scalar).name());
        }
        for (number, (size, align)) in self.depots.iter().enumerate() {
            let _ = writeln!(text, "    .local .align {align} .b8 local_{number}[{size}];");
        }
        text.push_str(&self.out);
        text.push_str("}\n");
        text
    }
}

/// A parameter's value, or where it is.
enum Argument {
    Is(Val),
    At(Pointer),
}
