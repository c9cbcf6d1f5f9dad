//! Cases about enums.

use landbridge_core::ir::verify::{Rule, verify};
use landbridge_core::ir::{Field, Module, Op, Scalar, Statement, StructType, Type, TypeId};

use super::{Case, body, changed, field};

/// An enum of 8 bytes with these tags and variants of one field each: its offset, its type.
fn of(module: &mut Module, tag: Scalar, tags: &[i128], variants: &[(u64, TypeId)]) -> TypeId {
    let mut fields = vec![field(module, "tag", 0, tag)];
    for (k, &(offset, ty)) in variants.iter().enumerate() {
        let name = format!("E::V{k}");
        let held = vec![Field { name: "0".into(), offset, ty }];
        let ty = StructType { name, fields: held, size: 16, align: 8, variants: vec![] };
        let ty = module.types.intern(Type::Struct(ty));
        fields.push(Field { name: format!("V{k}"), offset: 0, ty });
    }
    let variants = tags.to_vec();
    module.types.intern(Type::Struct(StructType { name: "E".into(), fields, size: 16, align: 8, variants }))
}

fn numbers(module: &mut Module, tag: Scalar, tags: &[i128], offsets: [u64; 2]) -> TypeId {
    let u32 = module.types.scalar(Scalar::U32);
    of(module, tag, tags, &offsets.map(|offset| (offset, u32)))
}

fn case(says: &'static str, tag: Scalar, tags: &'static [i128], offsets: [u64; 2]) -> Case {
    changed(Rule::Variants, says, move |m| _ = numbers(m, tag, tags, offsets))
}

pub(crate) fn cases() -> Vec<Case> {
    use Scalar::{F32, I8, U8};
    vec![
        case(
            "type 15 E { tag: u8 @0, V0: E::V0 @0, V1: E::V1 @0 } size 16 align 8 variants [0, 1, 2]: 3 fields, 3 variants",
            U8,
            &[0, 1, 2],
            [4, 4],
        ),
        case(
            "type 16 E { tag: f32 @0, V0: E::V0 @0, V1: E::V1 @0 } size 16 align 8 variants [0, 1]: the tag is no integer",
            F32,
            &[0, 1],
            [4, 4],
        ),
        case(
            "type 15 E { tag: u8 @0, V0: E::V0 @0, V1: E::V1 @0 } size 16 align 8 variants [1, 1]: two variants have the same tag",
            U8,
            &[1, 1],
            [4, 4],
        ),
        case(
            "type 15 E { tag: u8 @0, V0: E::V0 @0, V1: E::V1 @0 } size 16 align 8 variants [1, 256]: a tag is out of range",
            U8,
            &[1, 256],
            [4, 4],
        ),
        case(
            "type 16 E { tag: i8 @0, V0: E::V0 @0, V1: E::V1 @0 } size 16 align 8 variants [-129, 1]: a tag is out of range",
            I8,
            &[-129, 1],
            [4, 4],
        ),
        case(
            "type 15 E { tag: u8 @0, V0: E::V0 @0, V1: E::V1 @0 } size 16 align 8 variants [0, 1]: variant `V1` overlaps the tag",
            U8,
            &[0, 1],
            [4, 0],
        ),
        body(Rule::WholeVariants, "store %13, 1_u8: stores to the tag of a `E`", |k| {
            let ty = numbers(k.b.module, U8, &[0, 1], [4, 8]);
            let local = k.b.local("e", ty);
            let base = k.b.address(local);
            let tag = k.b.module.types.scalar(U8);
            let tag = k.b.module.types.pointer(tag);
            let pointer = k.b.value(tag, Op::Field { base, index: 0 });
            let value = k.b.integer(U8, 1);
            k.b.push(Statement::Store { pointer, value });
        }),
        body(Rule::WholeVariants, "%13: E = load e$6: loads a `E` as a whole", |k| {
            let u32 = k.b.module.types.scalar(Scalar::U32);
            let link = k.b.module.types.pointer(u32);
            let ty = of(k.b.module, U8, &[0, 1], &[(8, link), (8, u32)]);
            let local = k.b.local("e", ty);
            let base = k.b.address(local);
            k.b.load(base);
        }),
    ]
}

#[test]
fn what_overlaps_as_variants_do_is_accepted() {
    let fine = super::kernel(|k| {
        let ty = numbers(k.b.module, Scalar::I8, &[-128, 127], [4, 4]);
        let local = k.b.local("e", ty);
        let base = k.b.address(local);
        let whole = k.b.load(base);
        let address = k.b.address(local);
        k.b.push(Statement::Store { pointer: address, value: whole });
    });
    verify(&fine).unwrap();
}
