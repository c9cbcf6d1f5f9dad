//! One random change to a module, valid or not.

use super::Choices;
use crate::ir::{
    Block, Constant, Field, FunctionId, Label, LocalId, Module, Op, Role, SiteId, Statement, StructType, Type, TypeId,
    ValueId,
};

/// Changes one thing; what comes out is mostly not valid, and always small enough to be checked and run.
pub fn mutate(module: &mut Module, choices: &mut Choices<'_>) {
    let functions = module.functions.len();
    let at = choices.below(functions);
    match choices.below(14) {
        0 => new_type(module, choices),
        1 => {
            let entry = choices.below(functions + 1) as u32;
            module.entry = FunctionId(entry);
        }
        2 => change_parameter(module, choices),
        3 => change_data(module, choices),
        4 => change_site(module, choices),
        5 if functions > 0 => change_signature(module, at, choices),
        6..=9 if functions > 0 => change_value(module, at, choices),
        _ if functions > 0 => change_body(module, at, choices),
        _ => {}
    }
}

/// Any id of the table, or the first that is not in it.
fn any_type(module: &Module, choices: &mut Choices<'_>) -> TypeId {
    TypeId(choices.below(module.types.len() + 1) as u32)
}

fn new_type(module: &mut Module, choices: &mut Choices<'_>) {
    let inner = any_type(module, choices);
    let other = any_type(module, choices);
    let ty = match choices.below(5) {
        0 => Type::Pointer(inner),
        4 => Type::Nullable(inner),
        1 => Type::Slice(inner),
        2 => Type::Array { element: inner, length: choices.below(20) as u64 },
        _ => Type::Struct(StructType {
            name: "Mutant".into(),
            fields: vec![
                Field { name: "a".into(), offset: choices.below(16) as u64, ty: inner },
                Field { name: "b".into(), offset: choices.below(16) as u64, ty: other },
            ],
            size: choices.below(40) as u64,
            align: choices.below(9) as u64,
            variants: (0..choices.below(20).saturating_sub(16)).map(|k| k as i128).collect(),
        }),
    };
    let ty = module.types.intern(ty);
    let functions = module.functions.len();
    let at = choices.below(functions);
    if let Some(function) = module.functions.get_mut(at) {
        let k = choices.below(function.values.len());
        if let Some(value) = function.values.get_mut(k) {
            value.ty = ty;
        }
    }
}

fn change_parameter(module: &mut Module, choices: &mut Choices<'_>) {
    let ty = any_type(module, choices);
    let k = choices.below(module.parameters.len());
    let remove = choices.once_in(5);
    let Some(parameter) = module.parameters.get_mut(k) else {
        return;
    };
    let exclusive = choices.once_in(2);
    match choices.below(7) {
        _ if remove => {
            module.parameters.remove(k);
        }
        0 => parameter.ty = ty,
        1 => parameter.role = Role::Uniform,
        2 => parameter.role = Role::Whole,
        3 => parameter.role = Role::Atomics,
        4 => parameter.role = Role::Item { exclusive },
        5 => parameter.role = Role::Row { exclusive },
        _ => {
            let dimensions = choices.below(5) as u8;
            parameter.role = Role::Index { dimensions };
        }
    }
}

fn change_data(module: &mut Module, choices: &mut Choices<'_>) {
    let ty = any_type(module, choices);
    let k = choices.below(module.data.len());
    let Some(data) = module.data.get_mut(k) else {
        return;
    };
    match choices.below(4) {
        0 => data.ty = ty,
        1 => data.bytes.push(0),
        2 => {
            data.bytes.pop();
        }
        _ => {
            let k = choices.below(data.bytes.len());
            if let Some(byte) = data.bytes.get_mut(k) {
                *byte = choices.byte();
            }
        }
    }
}

fn change_site(module: &mut Module, choices: &mut Choices<'_>) {
    let count = module.sites.len();
    let (k, other) = (choices.below(count), choices.below(count));
    if let Some(kind) = module.sites.get(other).map(|site| site.kind.clone()) {
        module.sites[k].kind = kind;
    }
    if choices.once_in(4) {
        module.sites.pop();
    }
}

fn change_signature(module: &mut Module, at: usize, choices: &mut Choices<'_>) {
    let ty = any_type(module, choices);
    let function = &mut module.functions[at];
    match choices.below(4) {
        0 => function.parameters = choices.below(function.locals.len() + 2) as u32,
        1 => function.result = ty,
        2 => {
            function.locals.pop();
        }
        _ => {
            let k = choices.below(function.locals.len());
            if let Some(local) = function.locals.get_mut(k) {
                local.ty = ty;
            }
        }
    }
}

fn change_value(module: &mut Module, at: usize, choices: &mut Choices<'_>) {
    let ty = any_type(module, choices);
    let count = module.functions[at].values.len();
    let (k, other) = (choices.below(count), choices.below(count + 1));
    let Some(copy) = module.functions[at].values.get(other).cloned() else {
        if let Some(value) = module.functions[at].values.get_mut(k) {
            value.ty = ty;
        }
        return;
    };
    let sites = module.sites.len() + 1;
    let functions = module.functions.len() + 1;
    let value = &mut module.functions[at].values[k];
    let id = ValueId(other as u32);
    match choices.below(5) {
        0 => value.ty = copy.ty,
        1 => value.op = copy.op,
        _ => match &mut value.op {
            Op::Constant(constant) => *constant = Constant::Int(i128::from(choices.word() as i64)),
            Op::Unit => value.op = Op::Load(id),
            Op::Local(local) => *local = LocalId(local.0 ^ 1),
            Op::Data(data) => data.0 ^= 1,
            Op::Null => value.op = Op::IsSome(id),
            Op::Load(x)
            | Op::AsSlice(x)
            | Op::Length(x)
            | Op::Some(x)
            | Op::IsSome(x)
            | Op::Payload(x)
            | Op::PayloadPlace(x)
            | Op::Repeat(x)
            | Op::Cast(x)
            | Op::Bitcast(x) => *x = id,
            Op::MakeSlice { data, length } => *[data, length][choices.below(2)] = id,
            Op::Node { region, word } => *[region, word][choices.below(2)] = id,
            Op::Field { base, index } | Op::Extract { base, index } => {
                if choices.once_in(2) {
                    *base = id;
                } else {
                    *index = choices.below(6) as u32;
                }
            }
            Op::Element { base, index, site } => match choices.below(3) {
                0 => *base = id,
                1 => *index = id,
                _ => *site = SiteId(choices.below(sites) as u32),
            },
            Op::Subslice { base, from, to, .. } => match choices.below(3) {
                0 => *base = id,
                1 => *from = id,
                _ => *to = id,
            },
            Op::Make(list) | Op::Math { arguments: list, .. } | Op::Atomic { arguments: list, .. } => {
                change_list(list, id, choices)
            }
            Op::Call { function, arguments } => {
                if choices.once_in(2) {
                    *function = FunctionId(choices.below(functions) as u32);
                } else {
                    change_list(arguments, id, choices);
                }
            }
            Op::Unary { operand, site, .. } => {
                if choices.once_in(2) {
                    *operand = id;
                } else {
                    *site = Some(SiteId(choices.below(sites) as u32));
                }
            }
            Op::Binary { op, left, right, site } => match choices.below(4) {
                0 => *left = id,
                1 => *right = id,
                2 => *site = None,
                _ => *op = crate::ir::BinaryOp::Div,
            },
            Op::Compare { left, .. } => *left = id,
            Op::Select { condition, accept, .. } => {
                if choices.once_in(2) {
                    *condition = id;
                } else {
                    *accept = id;
                }
            }
        },
    }
}

fn change_list(list: &mut Vec<ValueId>, id: ValueId, choices: &mut Choices<'_>) {
    let k = choices.below(list.len());
    match choices.below(3) {
        0 => list.push(id),
        1 => {
            list.pop();
        }
        _ => {
            if let Some(place) = list.get_mut(k) {
                *place = id;
            }
        }
    }
}

/// A block that is reached by random steps down.
fn any_block<'m>(block: &'m mut Block, choices: &mut Choices<'_>) -> &'m mut Block {
    let k = choices.below(block.0.len());
    let down = block.0.get(k).is_some_and(|statement| statement.blocks().iter().any(Option::is_some));
    if !down || choices.once_in(3) {
        return block;
    }
    let inner = block.0[k].blocks_mut();
    let count = inner.iter().flatten().count();
    let which = choices.below(count);
    let inner = inner.into_iter().flatten().nth(which);
    any_block(inner.expect("counted"), choices)
}

fn change_body(module: &mut Module, at: usize, choices: &mut Choices<'_>) {
    let values = module.functions[at].values.len();
    let id = ValueId(choices.below(values + 1) as u32);
    let label = Label(choices.below(4) as u32);
    let site = SiteId(choices.below(module.sites.len() + 1) as u32);
    let body = &mut module.functions[at].body;
    let moved = {
        let block = any_block(body, choices);
        let k = choices.below(block.0.len());
        match block.0.get(k).cloned() {
            Some(statement) if choices.once_in(2) => {
                block.0.remove(k);
                Some(statement)
            }
            other => other,
        }
    };
    let new = match choices.below(10) {
        0 => Some(Statement::Break(label)),
        1 => Some(Statement::Continue(label)),
        2 => Some(Statement::Return(None)),
        3 => Some(Statement::Return(Some(id))),
        4 => Some(Statement::Panic { site, arguments: vec![id] }),
        5 => Some(Statement::Check { condition: id, site, arguments: vec![] }),
        6 => Some(Statement::Store { pointer: id, value: ValueId(choices.below(values) as u32) }),
        _ => moved,
    };
    let block = any_block(body, choices);
    let k = choices.below(block.0.len() + 1);
    if let Some(new) = new {
        block.0.insert(k, new);
    }
}
