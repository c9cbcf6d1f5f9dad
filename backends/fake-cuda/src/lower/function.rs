//! One function: its registers, variables, labels and code.

use std::collections::HashMap;

use super::modifiers::Modifiers;
use super::module::{Names, formal_offsets};
use crate::machine::PARAM_BASE;
use crate::machine::program::{Call, Function, Guard, Inst, Op, POISON, Passing, Slot, Symbol, SymbolKind, special};
use crate::ptx::syntax::{self, Formal, Instruction, Registers, Statement, Variable};
use crate::ptx::types::{Space, Type};
use crate::ptx::{PtxError, Result};

/// What a name stands for within a function.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    Register {
        slot: Slot,
        ty: Type,
    },
    /// `%r<10>`: slots from here on.
    Registers {
        first: Slot,
        count: u32,
        ty: Type,
    },
    /// A slot that holds its address in its space.
    Variable {
        slot: Slot,
        space: Space,
        size: u64,
    },
}

pub(crate) struct Lowerer<'m> {
    pub(crate) names: &'m Names<'m>,
    function: &'m syntax::Function,
    pub(crate) scopes: Vec<HashMap<String, Named>>,
    pub(crate) code: Vec<Inst>,
    pub(crate) template: Vec<u64>,
    constants: HashMap<u64, Slot>,
    symbols: Vec<Symbol>,
    pub(crate) calls: Vec<Call>,
    labels: HashMap<String, u32>,
    jumps: Vec<(usize, String, u32)>,
    pub(crate) param_bytes: u64,
    local_bytes: u64,
    shared_bytes: u64,
    pub(crate) waits: bool,
    registers: u32,
    /// Slot of the carry.
    pub(crate) carry: Slot,
    pub(crate) line: u32,
    pub(crate) guard: Guard,
}

impl<'m> Lowerer<'m> {
    pub(crate) fn new(names: &'m Names<'m>, function: &'m syntax::Function, shared_bytes: u64) -> Lowerer<'m> {
        let mut template = vec![POISON; special::COUNT as usize];
        template.push(0);
        Lowerer {
            names,
            function,
            scopes: vec![HashMap::new()],
            code: vec![],
            template,
            constants: HashMap::new(),
            symbols: vec![],
            calls: vec![],
            labels: HashMap::new(),
            jumps: vec![],
            param_bytes: 0,
            local_bytes: 0,
            shared_bytes,
            waits: false,
            registers: 0,
            carry: special::COUNT,
            line: function.line,
            guard: Guard::NONE,
        }
    }

    pub(crate) fn run(mut self) -> Result<Function> {
        let function = self.function;
        let (parameters, results, entry_parameters) = self.formals()?;
        self.statements(function.body.as_deref().unwrap_or_default())?;
        self.line = function.line;
        self.guard = Guard::NONE;
        self.emit(Op::Return);
        for (at, label, line) in std::mem::take(&mut self.jumps) {
            let Some(&target) = self.labels.get(&label) else {
                return Err(PtxError::new(line, format!("no label `{label}`")));
            };
            self.code[at].op = Op::Jump { target };
        }
        Ok(Function {
            name: function.name.clone(),
            is_entry: function.is_entry,
            code: self.code,
            template: self.template,
            symbols: self.symbols,
            calls: self.calls,
            parameters,
            results,
            entry_parameters,
            param_bytes: self.param_bytes,
            local_bytes: self.local_bytes,
            shared_bytes: self.shared_bytes,
            waits: self.waits,
            most_threads: function.most_threads,
            required_threads: function.required_threads,
            registers: self.registers,
        })
    }

    /// Where callers put arguments and find results; an entry's parameters are the launch's.
    #[allow(clippy::type_complexity)]
    fn formals(&mut self) -> Result<(Vec<Passing>, Vec<Passing>, Vec<(u64, u64)>)> {
        let function = self.function;
        let (offsets, bytes) = formal_offsets(&function.parameters, 0);
        let mut entry_parameters = vec![];
        if function.is_entry {
            if bytes > 4096 {
                return self.error("parameters of more than 4096 bytes");
            }
            for (formal, offset) in function.parameters.iter().zip(offsets) {
                let (Formal::Param(variable), Some(offset)) = (formal, offset) else { continue };
                let slot = self.constant(offset);
                let named = Named::Variable { slot, space: Space::Param, size: variable.size() };
                self.declare(variable.line, &variable.name, named)?;
                entry_parameters.push((offset, variable.size()));
            }
            return Ok((vec![], vec![], entry_parameters));
        }
        let parameters = function.parameters.iter().map(|formal| self.formal(formal)).collect::<Result<_>>()?;
        let results = function.results.iter().map(|formal| self.formal(formal)).collect::<Result<_>>()?;
        Ok((parameters, results, entry_parameters))
    }

    fn formal(&mut self, formal: &Formal) -> Result<Passing> {
        match formal {
            Formal::Param(variable) => {
                let slot = self.variable(variable)?;
                Ok(Passing::Memory { address: slot, size: variable.size() as u32 })
            }
            Formal::Register { line, name, ty } => {
                let slot = self.temporary();
                self.declare(*line, name, Named::Register { slot, ty: *ty })?;
                Ok(Passing::Slot(slot))
            }
        }
    }

    fn statements(&mut self, statements: &[Statement]) -> Result<()> {
        for statement in statements {
            match statement {
                Statement::Label { line, name } => {
                    let at = self.code.len() as u32;
                    if self.labels.insert(name.clone(), at).is_some() {
                        return Err(PtxError::new(*line, format!("label `{name}` is defined twice")));
                    }
                }
                Statement::Registers(registers) => self.registers(registers)?,
                Statement::Variable(variable) => {
                    self.variable(variable)?;
                }
                Statement::Instruction(instruction) => self.instruction(instruction)?,
                Statement::Block(inner) => {
                    self.scopes.push(HashMap::new());
                    self.statements(inner)?;
                    self.scopes.pop();
                }
            }
        }
        Ok(())
    }

    fn declare(&mut self, line: u32, name: &str, named: Named) -> Result<()> {
        let Some(scope) = self.scopes.last_mut() else { return Err(PtxError::new(line, "outside all scopes")) };
        match scope.insert(name.to_owned(), named) {
            None => Ok(()),
            Some(_) => Err(PtxError::new(line, format!("`{name}` is declared twice"))),
        }
    }

    fn registers(&mut self, registers: &Registers) -> Result<()> {
        let first = self.template.len() as Slot;
        let count = registers.count.unwrap_or(1);
        self.template.extend(std::iter::repeat_n(registers.ty.cut(POISON), count as usize));
        self.registers += count;
        let named = match registers.count {
            Some(count) => Named::Registers { first, count, ty: registers.ty },
            None => Named::Register { slot: first, ty: registers.ty },
        };
        self.declare(registers.line, &registers.name, named)
    }

    /// Declares a variable; the slot that holds its address.
    fn variable(&mut self, variable: &Variable) -> Result<Slot> {
        let (bytes, kind, base) = match variable.space {
            Space::Local => (&mut self.local_bytes, Some(SymbolKind::Local), 0),
            Space::Param => (&mut self.param_bytes, Some(SymbolKind::Param), PARAM_BASE),
            _ => (&mut self.shared_bytes, None, 0),
        };
        let offset = bytes.next_multiple_of(variable.align);
        *bytes = offset + variable.size();
        let slot = match kind {
            None => self.constant(offset),
            Some(kind) => {
                let slot = self.temporary();
                self.template[slot as usize] = base + offset;
                self.symbols.push(Symbol { slot, kind, offset: base + offset });
                slot
            }
        };
        let named = Named::Variable { slot, space: variable.space, size: variable.size() };
        self.declare(variable.line, &variable.name, named)?;
        Ok(slot)
    }

    /// A slot of its own.
    pub(crate) fn temporary(&mut self) -> Slot {
        self.template.push(POISON);
        self.template.len() as Slot - 1
    }

    /// The slot that always holds these bits.
    pub(crate) fn constant(&mut self, bits: u64) -> Slot {
        if let Some(slot) = self.constants.get(&bits) {
            return *slot;
        }
        let slot = self.temporary();
        self.template[slot as usize] = bits;
        self.constants.insert(bits, slot);
        slot
    }

    /// The slot that holds the address of a variable of the module.
    pub(crate) fn global(&mut self, number: usize) -> Slot {
        let kind = SymbolKind::Global(number);
        if let Some(symbol) = self.symbols.iter().find(|symbol| symbol.kind == kind) {
            return symbol.slot;
        }
        let slot = self.temporary();
        self.symbols.push(Symbol { slot, kind, offset: 0 });
        slot
    }

    pub(crate) fn emit(&mut self, op: Op) {
        self.code.push(Inst { guard: self.guard, line: self.line, op });
    }

    /// Without the guard: for what only temporaries see.
    pub(crate) fn always(&mut self, op: Op) {
        self.code.push(Inst { guard: Guard::NONE, line: self.line, op });
    }

    pub(crate) fn jump(&mut self, label: &str) {
        self.jumps.push((self.code.len(), label.to_owned(), self.line));
        self.emit(Op::Jump { target: u32::MAX });
    }

    pub(crate) fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(PtxError::new(self.line, message))
    }

    fn instruction(&mut self, instruction: &Instruction) -> Result<()> {
        let Instruction { line, guard, name, modifiers, operands } = instruction;
        self.line = *line;
        self.guard = Guard::NONE;
        if let Some((register, negated)) = guard {
            let slot = self.register_of(register, Type::Pred)?;
            self.guard = Guard::new(slot, *negated);
        }
        let m = Modifiers::new(*line, name, modifiers);
        match name.as_str() {
            "add" | "sub" | "mul" | "mad" | "fma" | "div" | "rem" | "min" | "max" | "abs" | "neg" | "sqrt" | "rcp"
            | "rsqrt" | "ex2" | "lg2" | "sin" | "cos" | "copysign" | "sad" | "addc" | "subc" | "madc" => {
                self.arithmetic(name, m, operands)
            }
            "and" | "or" | "xor" | "not" | "cnot" | "shl" | "shr" | "popc" | "clz" | "bfind" | "brev" | "bfe"
            | "bfi" | "prmt" | "lop3" | "shf" => self.logic(name, m, operands),
            "setp" | "set" | "selp" | "slct" | "testp" => self.comparison(name, m, operands),
            "cvt" => self.conversion(m, operands),
            "mov" | "cvta" => self.moves(name, m, operands),
            "ld" | "st" => self.access(name, m, operands),
            "atom" | "red" => self.atomic(name, m, operands),
            "bra" | "call" | "ret" | "exit" | "trap" => self.control(name, m, operands),
            "bar" | "barrier" | "membar" | "fence" => self.synchronisation(name, m, operands),
            _ => self.error(format!("unknown instruction `{name}`")),
        }
    }
}
