//! Random plain types with layouts as rustc might choose them, constants of them, and sites.

use super::{Choices, SampleOptions};
use crate::ir::{
    AtomicOp, Constant, Data, Field, Module, PanicKind, Scalar, Site, SiteId, StructType, Type, TypeId, TypeTable,
};

/// What all functions of a sample share.
pub(super) struct Pool {
    /// Numbers and `bool`.
    pub(super) scalars: Vec<Scalar>,
    /// Plain types, scalars among them.
    pub(super) plain: Vec<TypeId>,
    /// Types of atomics.
    pub(super) atomics: Vec<TypeId>,
    /// The one operation on atomics, where order must not matter.
    pub(super) atomic_op: AtomicOp,
}

impl Pool {
    /// Adds types and constants to the module.
    pub(super) fn new(module: &mut Module, options: &SampleOptions, choices: &mut Choices<'_>) -> Self {
        let mut scalars = vec![Scalar::U32, Scalar::I32, Scalar::Bool, Scalar::Usize];
        scalars.extend(&options.scalars);
        scalars.dedup();
        let mut plain: Vec<TypeId> = scalars.iter().map(|s| module.types.scalar(*s)).collect();
        for k in 0..choices.below(5) {
            let ty = if choices.once_in(2) {
                let element = choices.pick(&plain).expect("scalars are there");
                module.types.array(element, 1 + choices.below(4) as u64)
            } else {
                structure(&mut module.types, choices, &plain, k)
            };
            if module.types.size(ty) <= 256 {
                plain.push(ty);
            }
        }
        let atomics = [Scalar::U32, Scalar::I32].map(|s| module.types.intern(Type::Atomic(s)));
        let orderless =
            [AtomicOp::Add, AtomicOp::Sub, AtomicOp::Min, AtomicOp::Max, AtomicOp::Xor, AtomicOp::And, AtomicOp::Or];
        let pool = Pool {
            scalars,
            plain,
            atomics: atomics.to_vec(),
            atomic_op: choices.pick(&orderless).expect("a fixed list"),
        };
        for _ in 0..choices.below(3) {
            let ty = choices.pick(&pool.plain).expect("scalars are there");
            let mut bytes = vec![0; module.types.size(ty) as usize];
            fill(&module.types, ty, &mut bytes, choices);
            module.data.push(Data { ty, bytes });
        }
        pool
    }
}

/// A struct or tuple: fields lie in any order, with as much padding as it takes.
fn structure(types: &mut TypeTable, choices: &mut Choices<'_>, plain: &[TypeId], number: usize) -> TypeId {
    let tuple = choices.once_in(3);
    let count = 1 + choices.below(4);
    let mut fields: Vec<Field> = (0..count)
        .map(|k| Field {
            name: if tuple { k.to_string() } else { format!("f{k}") },
            offset: 0,
            ty: choices.pick(plain).expect("scalars are there"),
        })
        .collect();
    let mut order: Vec<usize> = (0..count).collect();
    for k in (1..count).rev() {
        order.swap(k, choices.below(k + 1));
    }
    let mut end = 0;
    let mut align = if choices.once_in(8) { 16 } else { 1 };
    for k in order {
        let (size, wanted) = (types.size(fields[k].ty), types.align(fields[k].ty));
        fields[k].offset = u64::next_multiple_of(end, wanted);
        end = fields[k].offset + size;
        align = align.max(wanted);
    }
    types.intern(Type::Struct(StructType {
        name: if tuple { String::new() } else { format!("S{number}") },
        fields,
        size: end.next_multiple_of(align),
        align,
        variants: vec![],
    }))
}

/// Writes a random value of a plain or atomic type; padding is left as it is.
pub(super) fn fill(types: &TypeTable, ty: TypeId, bytes: &mut [u8], choices: &mut Choices<'_>) {
    match &types[ty] {
        Type::Scalar(scalar) | Type::Atomic(scalar) => {
            let bits = scalar_bits(*scalar, choices).to_le_bytes();
            let size = scalar.size() as usize;
            bytes[..size].copy_from_slice(&bits[..size]);
        }
        Type::Array { element, length } => {
            let size = types.size(*element) as usize;
            for k in 0..*length as usize {
                fill(types, *element, &mut bytes[k * size..], choices);
            }
        }
        Type::Struct(s) => {
            for field in &s.fields {
                fill(types, field.ty, &mut bytes[field.offset as usize..], choices);
            }
        }
        Type::Unit | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => {}
    }
}

/// The bits of a scalar: often small, often at an edge.
fn scalar_bits(scalar: Scalar, choices: &mut Choices<'_>) -> u64 {
    let small = choices.below(9) as i128 - 4;
    match scalar {
        Scalar::Bool => u64::from(small > 0),
        Scalar::F32 => match choices.below(4) {
            0 => u64::from((small as f32 * 0.75).to_bits()),
            1 => u64::from(choices.pick(&FLOATS).unwrap_or(0.0).to_bits()),
            2 => choices.word() & 0xffff_ffff,
            _ => u64::from((choices.word() as f32 / 1e15).to_bits()),
        },
        Scalar::F64 => match choices.below(4) {
            0 => (small as f64 * 0.75).to_bits(),
            1 => f64::from(choices.pick(&FLOATS).unwrap_or(0.0)).to_bits(),
            2 => choices.word(),
            _ => (choices.word() as f64 / 1e15).to_bits(),
        },
        _ => {
            let (low, high) = scalar.range();
            let value = match choices.below(3) {
                0 => small.max(low),
                1 => choices.pick(&[low, high, high / 2, low + 1]).unwrap_or(0),
                _ => i128::from(choices.word()),
            };
            value as u64 & (u64::MAX >> (64 - scalar.bits()))
        }
    }
}

const FLOATS: [f32; 10] =
    [0.0, -0.0, 1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE, 1e-40, f32::MAX, 16_777_217.0];

/// A random constant of a scalar type.
pub(super) fn constant(scalar: Scalar, choices: &mut Choices<'_>) -> Constant {
    let bits = scalar_bits(scalar, choices);
    match scalar {
        Scalar::Bool => Constant::Bool(bits != 0),
        Scalar::F32 => Constant::F32(bits as u32),
        Scalar::F64 => Constant::F64(bits),
        _ if scalar.is_signed() => {
            let unused = 64 - scalar.bits();
            Constant::Int(i128::from((bits << unused) as i64 >> unused))
        }
        _ => Constant::Int(i128::from(bits)),
    }
}

/// The site of a kind: a new one, or sometimes the last of that kind.
pub(super) fn site(module: &mut Module, choices: &mut Choices<'_>, kind: PanicKind) -> SiteId {
    let old = module.sites.iter().rposition(|site| site.kind == kind);
    if let Some(old) = old.filter(|_| choices.once_in(2)) {
        return SiteId(old as u32);
    }
    let number = module.sites.len() as u32;
    module.sites.push(Site { kind, file: "sample.rs", line: 1 + number, column: 1 });
    SiteId(number)
}
