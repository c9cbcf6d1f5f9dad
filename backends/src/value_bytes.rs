//! Which bytes of a value mean something: padding must not be read.

use std::ops::Range;

use landbridge_core::ir::{Type, TypeId, TypeTable};

/// The bytes of a value that hold something, in order, neighbours joined.
pub(crate) fn value_bytes(types: &TypeTable, ty: TypeId) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    add_value_bytes(types, ty, 0, &mut found);
    found.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in found {
        match joined.last_mut() {
            // Variants of an enum overlap.
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

fn add_value_bytes(types: &TypeTable, ty: TypeId, at: usize, found: &mut Vec<Range<usize>>) {
    match &types[ty] {
        Type::Unit => {}
        Type::Scalar(_) | Type::Atomic(_) | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => {
            found.push(at..at + types.size(ty) as usize);
        }
        Type::Array { element, length } => {
            let size = types.size(*element) as usize;
            (0..*length as usize).for_each(|k| add_value_bytes(types, *element, at + k * size, found));
        }
        Type::Struct(structure) => {
            for field in &structure.fields {
                add_value_bytes(types, field.ty, at + field.offset as usize, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use landbridge_core::ir::{Field, Scalar, StructType};

    use super::*;

    #[test]
    fn padding_is_no_value() {
        let mut types = TypeTable::default();
        let (byte, word) = (types.scalar(Scalar::U8), types.scalar(Scalar::U32));
        let field = |name: &str, offset, ty| Field { name: name.into(), offset, ty };
        let fields = vec![field("b", 4, byte), field("a", 0, word)];
        let padded =
            types.intern(Type::Struct(StructType { name: "P".into(), fields, size: 8, align: 4, variants: vec![] }));
        assert_eq!(value_bytes(&types, padded), vec![0..5; 1]);
        let array = types.array(padded, 3);
        assert_eq!(value_bytes(&types, array), [0..5, 8..13, 16..21]);
        let words = types.array(word, 1000);
        assert_eq!(value_bytes(&types, words), vec![0..4000; 1]);
    }
}
