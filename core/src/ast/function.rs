//! A whole function, as the macros emit it: what rustc need not see is one text, the tables are what it found out.

use super::read::{Readable, Reader, read};
use super::{At, Callee, Const, Expr, FunctionTree, LocalSlot, TypeSlot};
use crate::ir::Role;
use crate::types::{Ty, TypeInfo};
use std::any::TypeId;

/// What the text says of a function.
pub(super) struct Text {
    name: &'static str,
    at: At,
    parameters: &'static [LocalSlot],
    closures: &'static [(LocalSlot, &'static [TypeSlot], TypeSlot)],
    locals: &'static [(&'static str, TypeSlot)],
    result: TypeSlot,
    roles: &'static [Role],
    body: Expr,
}

/// The function that `text` describes. Row 0 of the table of types is `()`; `types` are the others, one list behind the other.
///
/// # Panics
/// Where the text is not what the macros of this version emit.
pub fn tree(
    text: &'static str,
    file: &'static str,
    overflow_checks: bool,
    instance: TypeId,
    types: &[&[Ty]],
    callees: &[Callee],
    constants: &[Const],
) -> FunctionTree {
    let Text { name, at, parameters, closures, locals, result, roles, body } = read(text, overflow_checks);
    let unit: Ty = <()>::DESC;
    FunctionTree {
        name,
        file,
        at: *at,
        instance,
        overflow_checks,
        parameters,
        closures,
        locals,
        body,
        result: *result,
        types: std::iter::once(unit).chain(types.iter().copied().flatten().copied()).collect(),
        callees: callees.to_vec(),
        constants: constants.to_vec(),
        roles,
    }
}

impl Readable for Text {
    fn read(reader: &mut Reader) -> Self {
        Text {
            name: reader.field(),
            at: reader.field(),
            parameters: reader.field(),
            closures: reader.field(),
            locals: reader.field(),
            result: reader.field(),
            roles: reader.field(),
            body: reader.field(),
        }
    }
}

impl Readable for (LocalSlot, &'static [TypeSlot], TypeSlot) {
    fn read(reader: &mut Reader) -> Self {
        reader.expect("(");
        let closure = (reader.field(), reader.field(), reader.field());
        reader.expect(")");
        closure
    }
}

impl Readable for Role {
    fn read(reader: &mut Reader) -> Self {
        match reader.name() {
            "Uniform" => Role::Uniform,
            "Item" => Role::Item { exclusive: false },
            "ItemMut" => Role::Item { exclusive: true },
            "Whole" => Role::Whole,
            "Atomics" => Role::Atomics,
            "Row" => Role::Row { exclusive: false },
            "RowMut" => Role::Row { exclusive: true },
            "Root" => Role::Root { nullable: false },
            "NullableRoot" => Role::Root { nullable: true },
            "Index" => Role::Index { dimensions: 1 },
            "Index2" => Role::Index { dimensions: 2 },
            "Index3" => Role::Index { dimensions: 3 },
            _ => panic!("{}", reader.unexpected()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_and_its_tables_are_a_function() {
        let text =
            "\"f\",At(1,2),&[0,1,],&[(1,&[0,],0),],&[(\"x\",1),(\"g\",65535),],0,&[Uniform,ItemMut,],E::Local(0)";
        let types: [&[Ty]; 2] = [&[f32::DESC, u32::DESC], &[i32::DESC]];
        let tree = tree(text, "file.rs", true, TypeId::of::<u8>(), &types, &[Callee::Intrinsic], &[]);
        assert_eq!((tree.name, tree.file, tree.result), ("f", "file.rs", 0));
        assert_eq!(format!("{:?}", tree.types), "[(), f32, u32, i32]");
        assert_eq!((tree.parameters, tree.locals), (&[0, 1][..], &[("x", 1), ("g", 65535)][..]));
        assert_eq!(tree.closures, &[(1, &[0][..], 0)]);
        assert_eq!(tree.roles, &[Role::Uniform, Role::Item { exclusive: true }]);
        assert_eq!(format!("{:?}", tree.body), "Local(0)");
        assert_eq!(tree.callees.len(), 1);
    }
}
