//! The text under construction: registers, labels, lines, and the values that have been computed.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::rc::Rc;

use landbridge_core::ir::{Constant, Function, Label, Module, Op, Scalar, Type, TypeId, ValueId};

use super::interface::{LaunchLayout, Mode, PtxError};
use super::survey::Survey;
use super::val::{Class, Operand, Pointer, Space, Val, type_name};
use super::vectors::Alignments;
use crate::codegen::wgsl::ranges::Facts;

pub(super) type Result<T> = std::result::Result<T, PtxError>;

/// Where a local is.
pub(super) enum Place {
    /// Nobody asks for it.
    Nowhere,
    /// A parameter that is never stored to.
    Value(Val),
    /// Registers of its own.
    Registers(Val),
    /// Memory.
    Memory(Pointer),
}

/// The labels of a loop or block.
pub(super) struct Targets {
    pub(super) done: String,
    pub(super) again: String,
}

pub(super) struct Emitter<'m> {
    pub(super) module: &'m Module,
    pub(super) function: &'m Function,
    pub(super) layout: &'m LaunchLayout,
    pub(super) mode: Mode,
    pub(super) block_size: u32,
    pub(super) survey: Survey,
    pub(super) facts: Facts,
    pub(super) values: Vec<Option<Val>>,
    pub(super) locals: Vec<Place>,
    pub(super) targets: HashMap<Label, Targets>,
    /// The thread's own memory: size and alignment of each variable.
    pub(super) depots: Vec<(u64, u64)>,
    /// Constant memory that is referred to.
    pub(super) data: BTreeSet<u32>,
    /// What divides addresses in registers.
    pub(super) alignments: Alignments,
    /// The same of variables, as far as they have been given addresses.
    pub(super) assigned: Alignments,
    /// Register of the work-item's number in the piece.
    pub(super) position: Operand,
    pub(super) may_panic: bool,
    /// An index of the library is checked, which has no site.
    pub(super) unproved: bool,
    pub(super) most_reported: usize,
    /// What runs where a panic does.
    pub(super) cold: String,
    /// Cold blocks by their text.
    pub(super) cold_blocks: HashMap<String, String>,
    pub(super) out: String,
    registers: [u32; 5],
    labels: u32,
}

impl<'m> Emitter<'m> {
    pub(super) fn new(
        module: &'m Module,
        layout: &'m LaunchLayout,
        mode: Mode,
        block_size: u32,
        (survey, facts): (Survey, Facts),
    ) -> Self {
        let function = module.entry_function();
        Emitter {
            module,
            function,
            layout,
            mode,
            block_size,
            survey,
            facts,
            values: vec![None; function.values.len()],
            locals: vec![],
            targets: HashMap::new(),
            depots: vec![],
            data: BTreeSet::new(),
            alignments: Alignments::new(),
            assigned: Alignments::new(),
            position: "%pos".into(),
            may_panic: false,
            unproved: false,
            most_reported: 0,
            cold: String::new(),
            cold_blocks: HashMap::new(),
            out: String::new(),
            registers: [0; 5],
            labels: 0,
        }
    }

    /// A line of the body.
    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(self.out, "    {}", text.as_ref());
    }

    /// A fresh register.
    pub(super) fn register(&mut self, class: Class) -> Operand {
        let count = &mut self.registers[class as usize];
        *count += 1;
        format!("{}{count}", class.prefix()).into()
    }

    /// An instruction that gives a value of a class.
    pub(super) fn op(&mut self, class: Class, name: &str, operands: &[&str]) -> Operand {
        let register = self.register(class);
        self.line(format!("{name} {register}, {};", operands.join(", ")));
        register
    }

    /// A comparison, as `setp.NAME`.
    pub(super) fn test(&mut self, name: &str, left: &str, right: &str) -> Operand {
        self.op(Class::Pred, &format!("setp.{name}"), &[left, right])
    }

    /// Gives a register another value.
    pub(super) fn assign(&mut self, class: Class, to: &str, value: &str) {
        if to != value {
            self.line(format!("mov.{} {to}, {value};", class.name()));
        }
    }

    /// A register with the operand's value, which does not change when the operand's register does.
    pub(super) fn copy(&mut self, class: Class, value: &str) -> Operand {
        self.op(class, &format!("mov.{}", class.name()), &[value])
    }

    /// A fresh name of a place in the text.
    pub(super) fn label(&mut self, name: &str) -> String {
        self.labels += 1;
        format!("${name}_{}", self.labels)
    }

    /// Puts a label here.
    pub(super) fn place(&mut self, label: &str) {
        let _ = writeln!(self.out, "{label}:");
    }

    pub(super) fn jump(&mut self, label: &str) {
        self.line(format!("bra.uni {label};"));
    }

    pub(super) fn jump_if(&mut self, condition: &str, label: &str) {
        self.line(format!("@{condition} bra {label};"));
    }

    pub(super) fn jump_unless(&mut self, condition: &str, label: &str) {
        self.line(format!("@!{condition} bra {label};"));
    }

    /// The declarations of all registers.
    pub(super) fn declarations(&self) -> String {
        let mut text = String::new();
        for class in Class::ALL {
            let count = self.registers[class as usize];
            if count > 0 {
                let _ = writeln!(text, "    .reg .{} {}<{}>;", class.name(), class.prefix(), count + 1);
            }
        }
        text
    }

    pub(super) fn types(&self) -> &'m landbridge_core::ir::TypeTable {
        &self.module.types
    }

    pub(super) fn type_of(&self, value: ValueId) -> TypeId {
        self.function[value].ty
    }

    pub(super) fn scalar_of(&self, value: ValueId) -> Result<Scalar> {
        self.scalar(self.type_of(value))
    }

    pub(super) fn scalar(&self, ty: TypeId) -> Result<Scalar> {
        self.types().as_scalar(ty).ok_or_else(|| self.defect("a scalar is needed"))
    }

    /// What this generator does not have yet.
    pub(super) fn no_phases(&self) -> PtxError {
        PtxError::new(
            format!("the cooperative kernel `{}`", self.module.name),
            "groups of lanes are not made for CUDA yet: it runs on the host, or on wgpu",
        )
    }

    /// What cannot happen with a verified module.
    pub(super) fn defect(&self, what: &str) -> PtxError {
        PtxError::new(
            format!("the kernel `{}`", self.module.name),
            format!("{what}: the module is not verified, or this is a defect of the generator; please report it"),
        )
    }

    pub(super) fn val(&self, value: ValueId) -> Result<Val> {
        let val = self.values.get(value.0 as usize).and_then(|val| val.clone());
        val.ok_or_else(|| self.defect("a value is used before its evaluation"))
    }

    pub(super) fn operand(&self, value: ValueId) -> Result<Operand> {
        match self.val(value)? {
            Val::Scalar(operand) => Ok(operand),
            _ => Err(self.defect("a scalar is needed")),
        }
    }

    pub(super) fn pointer(&self, value: ValueId) -> Result<Pointer> {
        match self.val(value)? {
            Val::Pointer(pointer) => Ok(pointer),
            _ => Err(self.defect("a pointer is needed")),
        }
    }

    /// The integer that a value always has.
    pub(super) fn known(&self, value: ValueId) -> Option<i128> {
        match self.function[value].op {
            Op::Constant(Constant::Int(number)) => Some(number),
            _ => None,
        }
    }

    /// What a pointer points to.
    pub(super) fn pointee(&self, value: ValueId) -> Result<TypeId> {
        match self.types()[self.type_of(value)] {
            Type::Pointer(to) | Type::Nullable(to) | Type::Slice(to) => Ok(to),
            _ => Err(self.defect("a pointer is needed")),
        }
    }

    /// The address in a register, or as a number.
    pub(super) fn address(&mut self, pointer: &Pointer) -> Operand {
        let is_symbol = !pointer.base.starts_with('%');
        let base = match is_symbol {
            true => self.op(Class::B64, "mov.u64", &[&pointer.base]),
            false => Rc::clone(&pointer.base),
        };
        match pointer.offset {
            0 => base,
            offset => self.op(Class::B64, "add.s64", &[&base, &(offset as i64).to_string()]),
        }
    }

    /// The address as it is where nobody knows of which memory it is.
    pub(super) fn generic(&mut self, pointer: &Pointer) -> Operand {
        let address = self.address(pointer);
        match pointer.space {
            Space::Local => self.op(Class::B64, "cvta.local.u64", &[&address]),
            _ => address,
        }
    }

    /// A fresh variable in the thread's own memory.
    pub(super) fn depot(&mut self, size: u64, align: u64) -> Pointer {
        let own = Pointer::new(format!("local_{}", self.depots.len()), Space::Local);
        let align = align.clamp(1, 16).max(if size < 8 { 1 } else { 1 << size.ilog2().min(4) });
        self.depots.push((size.max(1), align));
        self.note(&own, align);
        own
    }
}

/// A constant as instructions take it.
pub(super) fn constant(scalar: Scalar, constant: Constant) -> Operand {
    match constant {
        Constant::Bool(value) => u32::from(value).to_string().into(),
        Constant::Int(value) if scalar.size() == 8 => (value as i64).to_string().into(),
        Constant::Int(value) => value.to_string().into(),
        Constant::F32(bits) => format!("0f{bits:08X}").into(),
        Constant::F64(bits) => format!("0d{bits:016X}").into(),
    }
}

/// `add.s32`, `add.f64`, ..
pub(super) fn typed(name: &str, scalar: Scalar) -> String {
    format!("{name}.{}", type_name(scalar))
}

/// Zero as instructions take it.
pub(super) fn zero(scalar: Scalar) -> Operand {
    match scalar {
        Scalar::F32 => constant(scalar, Constant::F32(0)),
        Scalar::F64 => constant(scalar, Constant::F64(0)),
        _ => constant(scalar, Constant::Int(0)),
    }
}
