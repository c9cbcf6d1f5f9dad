//! Link maps from types' descriptions.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Mutex;

use super::map::{Choice, Hole, Kind, LinkMap, NodeMap, Shape, Step};
use crate::types::{EnumDesc, FieldDesc, Ty, TypeKind};

/// Elements of an array that are described one by one.
const UNROLLED: usize = 16;

impl LinkMap {
    /// The map of a type, made once.
    ///
    /// # Panics
    /// If the description is not that of a node: it holds a slice by reference.
    pub fn of(ty: Ty) -> &'static LinkMap {
        static MAPS: Mutex<Option<HashMap<TypeId, &'static LinkMap>>> = Mutex::new(None);
        let mut maps = MAPS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        maps.get_or_insert_default().entry((ty.id)()).or_insert_with(|| Box::leak(Box::new(describe(ty))))
    }
}

/// Describes a type and all that its links lead to.
fn describe(root: Ty) -> LinkMap {
    let mut types = Types::default();
    types.kind(root);
    let mut kinds: Vec<NodeMap> = Vec::new();
    while let Some(&ty) = types.list.get(kinds.len()) {
        let mut node = NodeMap {
            ty: Some(ty),
            size: ty.size,
            align: ty.align,
            steps: Vec::new(),
            tracked: false,
            parts: Vec::new(),
            counted: Vec::new(),
            shape: Shape::General,
        };
        types.steps(ty, 0, &mut node.steps);
        types.parts(ty, 0, &mut node.parts);
        kinds.push(node);
    }
    LinkMap::settle(kinds)
}

/// The types met so far, numbered.
#[derive(Default)]
struct Types {
    list: Vec<Ty>,
    numbers: HashMap<TypeId, Kind>,
}

impl Types {
    fn kind(&mut self, ty: Ty) -> Kind {
        *self.numbers.entry((ty.id)()).or_insert_with(|| {
            self.list.push(ty);
            self.list.len() - 1
        })
    }

    /// Links and atomics of a type that lies at `offset`, by ascending offset. Recursion is as deep as types are nested.
    fn steps(&mut self, ty: Ty, offset: usize, steps: &mut Vec<Step>) {
        let hole = match ty.kind {
            TypeKind::Unit | TypeKind::Scalar(_) | TypeKind::Char | TypeKind::Ordering | TypeKind::Shared(_) => return,
            TypeKind::Atomic(scalar) => Hole::Atomic(scalar.size() as usize),
            TypeKind::Reference(target) => Hole::Reference(self.kind(target())),
            TypeKind::Boxed(target) => Hole::Boxed(self.kind(target())),
            TypeKind::Counted(target, value) => Hole::Counted { target: self.kind(target()), value: value() },
            TypeKind::Nullable(pointer) => return self.steps(pointer(), offset, steps),
            TypeKind::Vector(target, parts) | TypeKind::BoxedSlice(target, parts) => {
                let parts = parts();
                Hole::Array { target: self.kind(target()), data: parts.data, length: parts.length, size: ty.size }
            }
            TypeKind::Array(element, count) => return self.repeat(element(), offset, count, steps),
            TypeKind::Struct(fields) => return self.fields(fields, offset, steps),
            TypeKind::Enum(desc) => return self.choice(desc, offset, steps),
            // plain data
            TypeKind::Optional(..) | TypeKind::Fallible(..) if ty.as_enum().is_some() => return,
            TypeKind::Slice(_)
            | TypeKind::Optional(..)
            | TypeKind::Fallible(..)
            | TypeKind::Region
            | TypeKind::Range(..) => {
                panic!("{ty} cannot be part of a linked structure: devices cannot hold it")
            }
        };
        steps.push(Step::Hole(offset, hole));
    }

    fn fields(&mut self, fields: &[FieldDesc], offset: usize, steps: &mut Vec<Step>) {
        let mut sorted: Vec<&FieldDesc> = fields.iter().collect();
        sorted.sort_by_key(|field| field.offset);
        for field in sorted {
            self.steps((field.ty)(), offset + field.offset, steps);
        }
    }

    fn repeat(&mut self, element: Ty, offset: usize, count: usize, steps: &mut Vec<Step>) {
        let mut each = Vec::new();
        self.steps(element, 0, &mut each);
        if each.is_empty() {
            return;
        }
        if count > UNROLLED {
            steps.push(Step::Repeat(offset, element.size, count, each));
            return;
        }
        for number in 0..count {
            self.steps(element, offset + number * element.size, steps);
        }
    }

    fn choice(&mut self, desc: &EnumDesc, offset: usize, steps: &mut Vec<Step>) {
        let width = desc.tag.size() as usize;
        let mask = u64::MAX >> (64 - 8 * width);
        let mut choice = Choice { offset: offset + desc.tag_offset, width, variants: Vec::new() };
        for variant in desc.variants {
            assert!(
                variant.fields.iter().all(|field| field.offset >= desc.tag_offset + width || (field.ty)().size == 0),
                "the tag of an enum with a defined layout lies before its fields"
            );
            let mut steps = Vec::new();
            self.fields(variant.fields, offset, &mut steps);
            // The tag's bits, whatever its sign.
            choice.variants.push((variant.value as u64 & mask, steps));
        }
        if choice.variants.iter().any(|(_, steps)| !steps.is_empty()) {
            steps.push(Step::Choice(choice));
        }
    }

    /// What lies in a value, whatever its tags are, other than in long arrays: where references might lead to.
    fn parts(&mut self, ty: Ty, offset: usize, parts: &mut Vec<(usize, Kind)>) {
        let mut part = |types: &mut Self, ty: Ty, offset: usize| {
            if ty.size > 0 {
                parts.push((offset, types.kind(ty)));
                types.parts(ty, offset, parts);
            }
        };
        match ty.kind {
            TypeKind::Struct(fields) => {
                fields.iter().for_each(|field| part(self, (field.ty)(), offset + field.offset));
            }
            TypeKind::Array(element, count) if count <= UNROLLED => {
                (0..count).for_each(|number| part(self, element(), offset + number * element().size));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(unsafe_code, reason = "flattens a type whose description is written by hand")]
mod tests {
    use std::mem::offset_of;

    use super::*;
    use crate::ir::Scalar;
    use crate::linked::{Alone, How, Root, Target, flatten};
    use crate::types::{TypeDesc, TypeInfo, VariantDesc};

    /// Its bytes are a `u8` for the tag and, as in `repr(C)` structs behind it, a variant's fields.
    #[repr(u8)]
    enum Cell {
        Empty,
        Leaf(u32),
        Branch(u16, Box<Cell>),
    }

    #[repr(C)]
    struct Branch(u8, u16, Box<Cell>);

    const NEXT: usize = offset_of!(Branch, 2);

    // SAFETY: the description is the layout that `repr(C)` gives.
    unsafe impl TypeInfo for Cell {
        const DESC: &'static TypeDesc = &TypeDesc {
            name: "Cell",
            id: TypeId::of::<Self>,
            size: size_of::<Self>(),
            align: align_of::<Self>(),
            kind: TypeKind::Enum(&EnumDesc {
                rest: false,
                tag_offset: 0,
                tag: Scalar::U8,
                variants: &[
                    VariantDesc { name: "Empty", value: 0, fields: &[] },
                    VariantDesc {
                        name: "Leaf",
                        value: 1,
                        fields: &[FieldDesc { name: "0", offset: 4, ty: u32::desc }],
                    },
                    VariantDesc {
                        name: "Branch",
                        value: 2,
                        fields: &[
                            FieldDesc { name: "0", offset: offset_of!(Branch, 1), ty: u16::desc },
                            FieldDesc { name: "1", offset: NEXT, ty: Box::<Cell>::desc },
                        ],
                    },
                ],
            }),
            operators: &[],
            by_parts: crate::types::ByParts { equal: false, ordered: false },
        };
    }

    #[test]
    fn a_link_is_where_the_tag_says() {
        let mut cells = [
            Cell::Leaf(u32::MAX),
            Cell::Branch(5, Box::new(Cell::Branch(6, Box::new(Cell::Leaf(7))))),
            Cell::Empty,
            Cell::Branch(8, Box::new(Cell::Empty)),
        ];
        let root = Root { data: cells.as_mut_ptr().cast(), count: cells.len(), exclusive: true };
        // SAFETY: the cells are borrowed exclusively while the image lives; all bytes are valid in numbers.
        unsafe {
            let how = How { keep: true, ..How::new(Target::Words) };
            let mut image = flatten(LinkMap::of(Cell::DESC), root, how).expect("an image");
            let size = size_of::<Cell>() as u64;
            assert_eq!(image.bytes().len() as u64, 16 + 7 * size);
            // The roots, then the two that they lead to, then the last.
            let link = |cell: u64| {
                let at = image.bytes().as_ptr().add((16 + cell * size) as usize + NEXT);
                at.cast::<u64>().read()
            };
            let word = |cell: u64| (16 + cell * size) / 4;
            assert_eq!((link(1), link(3), link(4)), (word(4), word(5), word(6)));
            let leaf = (16 + 6 * size) as usize + 4;
            assert_eq!(image.bytes().as_ptr().add(leaf).cast::<u32>().read(), 7);
            // What a device cannot do, change a tag, is not believed; plain fields of the variant that there is come back.
            image.bytes_mut().fill(std::mem::MaybeUninit::new(1));
            assert!(image.write_back(&Alone));
        }
        let [Cell::Leaf(0x0101_0101), Cell::Branch(0x0101, inner), Cell::Empty, Cell::Branch(0x0101, _)] = &cells
        else {
            panic!("tags have changed, or fields have not");
        };
        assert!(matches!(&**inner, Cell::Branch(0x0101, leaf) if matches!(**leaf, Cell::Leaf(0x0101_0101))));
    }
}
