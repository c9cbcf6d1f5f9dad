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
            TypeKind::Unit | TypeKind::Scalar(_) | TypeKind::Ordering | TypeKind::Shared(_) => return,
            TypeKind::Atomic(_) => Hole::Atomic,
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
            TypeKind::Slice(_) | TypeKind::Region => {
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
