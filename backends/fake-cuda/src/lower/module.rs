//! Modules: their variables, and the functions one after the other.

use std::collections::HashMap;

use super::function::Lowerer;
use crate::machine::program::{Global, Program};
use crate::ptx::syntax::{Formal, Function, Literal, Module, Variable};
use crate::ptx::types::{Space, Type};
use crate::ptx::{PtxError, Result};

/// What functions see of their module.
pub(crate) struct Names<'m> {
    pub(crate) globals: HashMap<&'m str, usize>,
    /// Offset and whether it is the launch's dynamic shared memory.
    pub(crate) shared: HashMap<&'m str, u64>,
    pub(crate) functions: HashMap<&'m str, usize>,
    pub(crate) module: &'m Module,
    pub(crate) bodies: Vec<&'m Function>,
}

/// Turns statements into a program.
///
/// # Errors
/// Whatever is not known or does not fit, with its line.
pub(crate) fn lower(module: &Module) -> Result<Program> {
    let bodies: Vec<_> = module.functions.iter().filter(|function| function.body.is_some()).collect();
    let mut names = Names {
        globals: HashMap::new(),
        shared: HashMap::new(),
        functions: HashMap::new(),
        module,
        bodies: bodies.clone(),
    };
    let (globals, shared) = variables(module, &mut names)?;
    for (number, function) in bodies.iter().enumerate() {
        let doubled = names.functions.insert(&function.name, number).is_some();
        if doubled || names.globals.contains_key(function.name.as_str()) {
            return Err(PtxError::new(function.line, format!("`{}` is defined twice", function.name)));
        }
    }
    let mut functions = vec![];
    for function in &bodies {
        functions.push(Lowerer::new(&names, function, shared).run()?);
    }
    spread_waits(&mut functions);
    Ok(Program { functions, globals, target: module.target, version: module.version })
}

/// Globals with their bytes, and the size of shared memory.
fn variables<'m>(module: &'m Module, names: &mut Names<'m>) -> Result<(Vec<Global>, u64)> {
    let (mut globals, mut shared) = (vec![], 0u64);
    for variable in &module.variables {
        let name = variable.name.as_str();
        if names.globals.contains_key(name) || names.shared.contains_key(name) {
            return Err(PtxError::new(variable.line, format!("`{name}` is defined twice")));
        }
        match variable.space {
            Space::Shared => {
                let at = shared.next_multiple_of(variable.align);
                names.shared.insert(name, at);
                shared = at + variable.size();
            }
            _ if variable.is_extern => {
                return Err(PtxError::new(variable.line, format!("`{name}` is defined nowhere")));
            }
            space => {
                names.globals.insert(name, globals.len());
                globals.push(Global {
                    name: name.into(),
                    align: variable.align,
                    bytes: bytes(variable)?,
                    is_constant: space == Space::Const,
                });
            }
        }
    }
    Ok((globals, shared))
}

fn bytes(variable: &Variable) -> Result<Vec<u8>> {
    let size = variable.ty.size() as usize;
    let mut bytes = vec![];
    for literal in &variable.initial {
        let Some(bits) = literal_bits(*literal, variable.ty) else {
            return Err(PtxError::new(variable.line, "an initial value of another type"));
        };
        bytes.extend_from_slice(&bits.to_le_bytes()[..size]);
    }
    bytes.resize(variable.size() as usize, 0);
    Ok(bytes)
}

/// A literal where a value of that type is wanted.
pub(crate) fn literal_bits(literal: Literal, ty: Type) -> Option<u64> {
    Some(match (literal, ty) {
        (Literal::Integer(value), Type::Pred) => Some(value).filter(|value| *value < 2)?,
        (Literal::Integer(value), _) if !ty.is_float() => ty.cut(value),
        (Literal::Single(bits), Type::F32 | Type::B32) => u64::from(bits),
        (Literal::Double(bits), Type::F64 | Type::B64) => bits,
        (Literal::Decimal(value), Type::F32) => u64::from((value as f32).to_bits()),
        (Literal::Decimal(value), Type::F64) => value.to_bits(),
        _ => return None,
    })
}

/// What calls a function that waits, waits.
fn spread_waits(functions: &mut [crate::machine::program::Function]) {
    loop {
        let mut changed = false;
        for number in 0..functions.len() {
            let waits = functions[number].calls.iter().any(|call| functions[call.function].waits);
            changed |= waits && !functions[number].waits;
            functions[number].waits |= waits;
        }
        if !changed {
            return;
        }
    }
}

/// Where formals lie in parameter memory: the offset of each that has memory, and the whole size.
pub(crate) fn formal_offsets(formals: &[Formal], mut at: u64) -> (Vec<Option<u64>>, u64) {
    let mut offsets = vec![];
    for formal in formals {
        offsets.push(match formal {
            Formal::Param(variable) => {
                let offset = at.next_multiple_of(variable.align);
                at = offset + variable.size();
                Some(offset)
            }
            Formal::Register { .. } => None,
        });
    }
    (offsets, at)
}
