//! The statements of a PTX module, as written.

use super::types::{Space, Type};

/// A whole text.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) version: (u32, u32),
    pub(crate) version_line: u32,
    pub(crate) target: u32,
    pub(crate) target_line: u32,
    pub(crate) variables: Vec<Variable>,
    pub(crate) functions: Vec<Function>,
}

/// A variable outside registers.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) line: u32,
    pub(crate) space: Space,
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// `None`: one element, not an array.
    pub(crate) elements: Option<u64>,
    /// In bytes; at least that of the type.
    pub(crate) align: u64,
    /// Elements; those that are left out are 0.
    pub(crate) initial: Vec<Literal>,
    pub(crate) is_extern: bool,
}

impl Variable {
    /// In bytes.
    pub(crate) fn size(&self) -> u64 {
        u64::from(self.ty.size()) * self.elements.unwrap_or(1)
    }
}

/// What a function takes or returns.
#[derive(Clone, Debug)]
pub(crate) enum Formal {
    Param(Variable),
    Register { line: u32, name: String, ty: Type },
}

impl Formal {
    pub(crate) fn name(&self) -> &str {
        match self {
            Formal::Param(variable) => &variable.name,
            Formal::Register { name, .. } => name,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) line: u32,
    pub(crate) name: String,
    pub(crate) is_entry: bool,
    pub(crate) results: Vec<Formal>,
    pub(crate) parameters: Vec<Formal>,
    /// `.maxntid` or `.reqntid`: threads of a block along each axis.
    pub(crate) most_threads: Option<[u32; 3]>,
    pub(crate) required_threads: Option<[u32; 3]>,
    /// `None`: only declared.
    pub(crate) body: Option<Vec<Statement>>,
}

#[derive(Debug)]
pub(crate) enum Statement {
    Label { line: u32, name: String },
    Registers(Registers),
    Variable(Variable),
    Instruction(Instruction),
    Block(Vec<Statement>),
}

/// `.reg .b32 %r<4>;` or `.reg .b32 %a;`
#[derive(Debug)]
pub(crate) struct Registers {
    pub(crate) line: u32,
    pub(crate) ty: Type,
    pub(crate) name: String,
    /// `None`: one register, of just that name.
    pub(crate) count: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) line: u32,
    /// Register and whether it is negated.
    pub(crate) guard: Option<(String, bool)>,
    pub(crate) name: String,
    /// Without their dots.
    pub(crate) modifiers: Vec<String>,
    pub(crate) operands: Vec<Operand>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Literal {
    /// As 64 bits; negative ones in two's complement.
    Integer(u64),
    /// `0f3F800000`.
    Single(u32),
    /// `0d3FF0000000000000`.
    Double(u64),
    /// `1.5`.
    Decimal(f64),
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    /// A register, special register (with its component: `%tid.x`), label, variable or function.
    Name(String),
    /// `!%p`
    Not(String),
    /// `%p|%q`
    Pair(String, String),
    Literal(Literal),
    /// `{%a, %b}`; `_` is among the names.
    Vector(Vec<Operand>),
    /// `[base+offset]`
    Address {
        base: AddressBase,
        offset: i64,
    },
    /// `(a, b)`, of calls.
    List(Vec<Operand>),
}

#[derive(Clone, Debug)]
pub(crate) enum AddressBase {
    Name(String),
    Absolute,
}
