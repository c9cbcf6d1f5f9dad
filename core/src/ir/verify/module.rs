//! Rules about the module as a whole: constant memory, the entry and its parameters.

use super::types::{each_scalar, is_plain};
use super::{Fault, require};
use crate::ir::{Data, Module, Parameter, Role, Scalar, StructType, Type, TypeId, TypeTable};

/// Checks data and entry; an error comes with its place.
pub(super) fn check(module: &Module) -> Result<(), (Fault, String)> {
    let Module { name: _, types, functions: _, data, sites: _, entry, parameters } = module;
    for (k, data) in data.iter().enumerate() {
        check_data(types, data).map_err(|fault| (fault, format!("data {k}")))?;
    }
    let place = || format!("entry {}", entry.0);
    check_entry(module).map_err(|fault| (fault, place()))?;
    let function = module.entry_function();
    for (k, parameter) in parameters.iter().enumerate() {
        check_role(types, parameter, function.locals[k].ty)
            .map_err(|fault| (fault, format!("parameter {} {k}", parameter.name)))?;
    }
    Ok(())
}

fn in_range(types: &TypeTable, id: TypeId) -> Result<(), Fault> {
    require!(types.get(id).is_some(), Ids, "no type {}", id.0);
    Ok(())
}

fn check_data(types: &TypeTable, data: &Data) -> Result<(), Fault> {
    let Data { ty, bytes } = data;
    in_range(types, *ty)?;
    let name = types.name(*ty);
    require!(is_plain(types, *ty), Data, "`{name}` is not plain data");
    let (size, length) = (types.size(*ty), bytes.len());
    require!(length as u64 == size, Data, "{length} bytes for a `{name}` of {size}");
    let mut used = vec![false; length];
    let mut bad = None;
    let tagged = each_scalar(types, *ty, bytes, 0, &mut |offset, scalar| {
        let offset = offset as usize;
        used[offset..offset + scalar.size() as usize].fill(true);
        if scalar == Scalar::Bool && bytes[offset] > 1 {
            bad = Some(offset);
        }
    });
    require!(tagged, Data, "a tag that no variant has");
    if let Some(offset) = bad {
        require!(false, Data, "the `bool` at byte {offset} is {}", bytes[offset]);
    }
    let padding = (0..length).find(|&k| !used[k] && bytes[k] != 0);
    if let Some(k) = padding {
        require!(false, Data, "the padding at byte {k} is not zero");
    }
    Ok(())
}

fn check_entry(module: &Module) -> Result<(), Fault> {
    let Some(entry) = module.functions.get(module.entry.0 as usize) else {
        return Err((super::Rule::Entry, "no such function".into()));
    };
    let (has, wants) = (entry.parameters as usize, module.parameters.len());
    require!(
        has == wants && entry.locals.len() >= has,
        Entry,
        "the function has {has} parameters and {} locals, the launch {wants}",
        entry.locals.len()
    );
    for local in &entry.locals {
        in_range(&module.types, local.ty)?;
    }
    in_range(&module.types, entry.result)?;
    require!(
        is_plain(&module.types, entry.result),
        Result,
        "`{}` cannot be the result of a kernel",
        module.types.name(entry.result)
    );
    Ok(())
}

fn check_role(types: &TypeTable, parameter: &Parameter, local: TypeId) -> Result<(), Fault> {
    let Parameter { name: _, role, ty } = parameter;
    in_range(types, *ty)?;
    let wanted = match role {
        Role::Uniform | Role::Index { .. } => Some(*ty),
        Role::Item { exclusive: _ } | Role::Root { nullable: false } => types.find(&Type::Pointer(*ty)),
        Role::Root { nullable: true } => types.find(&Type::Nullable(*ty)),
        Role::Whole | Role::Atomics | Role::Row { exclusive: _ } => types.find(&Type::Slice(*ty)),
    };
    require!(
        wanted == Some(local),
        Roles,
        "{role:?} of `{}` does not fit a parameter of type `{}`",
        types.name(*ty),
        types.name(local)
    );
    match role {
        Role::Uniform | Role::Row { .. } => {
            require!(is_plain(types, *ty), Roles, "`{}` is not plain data", types.name(*ty))
        }
        Role::Item { .. } | Role::Whole => {
            let bad = types.reaches(*ty, &|ty| matches!(ty, Type::Slice(_) | Type::Atomic(_)));
            require!(!bad, Roles, "`{}` is no data that launches hold", types.name(*ty))
        }
        Role::Root { .. } => {
            let bad = types.reaches(*ty, &|ty| matches!(ty, Type::Slice(_)));
            require!(!bad, Roles, "`{}` is no data that launches hold", types.name(*ty))
        }
        Role::Atomics => require!(matches!(types[*ty], Type::Atomic(_)), Roles, "`{}` is no atomic", types.name(*ty)),
        Role::Index { dimensions } => require!(
            is_index(types, *ty, *dimensions),
            Roles,
            "`{}` is no index of {dimensions} dimensions",
            types.name(*ty)
        ),
    }
    Ok(())
}

fn is_index(types: &TypeTable, ty: TypeId, dimensions: u8) -> bool {
    let number = Type::Scalar(Scalar::Usize);
    match &types[ty] {
        Type::Scalar(Scalar::Usize) => dimensions == 1,
        Type::Struct(StructType { fields, .. }) => {
            (2..=3).contains(&dimensions)
                && fields.len() == usize::from(dimensions)
                && fields.iter().all(|f| types[f.ty] == number)
        }
        _ => false,
    }
}
