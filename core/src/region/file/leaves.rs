//! Types as flat lists of what their bytes mean, and all types that a type leads to.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::kinds::{SLICE, tag_of};
use super::super::layout;
use crate::ir::Scalar;
use crate::types::{Ty, TypeKind};

/// What some bytes of a value are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leaf {
    /// Numbers: any bytes do.
    Bytes { at: usize, length: usize },
    /// 0 or 1.
    Bool { at: usize },
    /// A Unicode scalar value.
    Char { at: usize },
    /// Four bytes that somebody else may be changing.
    Atomic { at: usize },
    /// A handle.
    Handle { at: usize, tag: u32, nullable: bool },
    /// An enum's tag, of so many bytes; what the variants have is at their offsets in the value.
    Choice { at: usize, width: usize, variants: Vec<(u64, Vec<Leaf>)> },
}

impl Leaf {
    /// The variant that a tag's bytes say, if there is such a one.
    fn variant<'v>(tag: &[u8], variants: &'v [(u64, Vec<Leaf>)]) -> Option<&'v [Leaf]> {
        let mut bytes = [0; 8];
        bytes[..tag.len()].copy_from_slice(tag);
        let value = u64::from_le_bytes(bytes);
        variants.iter().find(|(known, _)| *known == value).map(|(_, leaves)| &leaves[..])
    }
}

/// A type of nodes, or of a root.
pub(super) struct Shape {
    pub(super) ty: Ty,
    pub(super) tag: u32,
    pub(super) hash: u64,
    pub(super) leaves: Vec<Leaf>,
}

impl Shape {
    fn of(ty: Ty) -> Result<Self, String> {
        let mut leaves = vec![];
        flatten(ty, 0, &mut leaves)?;
        Ok(Self { ty, tag: tag_of(ty), hash: layout::hash(ty), leaves })
    }

    /// Whether all bytes of a value are numbers: none is padding, and any will do.
    fn is_solid(&self) -> bool {
        self.ty.size == 0 || self.leaves == [Leaf::Bytes { at: 0, length: self.ty.size }]
    }

    /// Copies `count` values without what is padding.
    ///
    /// # Safety
    /// `from` points to that many initialised values of this type, which nobody changes but by atomics; `to` has their size.
    pub(super) unsafe fn copy(&self, from: *const u8, count: usize, to: &mut [u8]) {
        if self.is_solid() {
            // SAFETY: as the caller promises; numbers without padding are bytes.
            unsafe { std::ptr::copy_nonoverlapping(from, to.as_mut_ptr(), count * self.ty.size) };
            return;
        }
        for k in 0..count {
            let (from, to) = (from.wrapping_add(k * self.ty.size), &mut to[k * self.ty.size..]);
            // SAFETY: passed on.
            unsafe { copy(&self.leaves, from, to) };
        }
    }

    /// What is wrong with bytes that are to be values of this type, if anything is. `leads` says whether a handle's number
    /// leads to something with a tag.
    pub(super) fn check(&self, bytes: &[u8], leads: impl Fn(u32, u32) -> bool) -> Result<(), &'static str> {
        if self.is_solid() {
            return Ok(());
        }
        for value in bytes.chunks_exact(self.ty.size) {
            check(&self.leaves, value, &leads)?;
        }
        Ok(())
    }
}

/// Copies what the leaves are of one value.
///
/// # Safety
/// As [`Shape::copy`]'s; the leaves are the value's.
unsafe fn copy(leaves: &[Leaf], from: *const u8, to: &mut [u8]) {
    for leaf in leaves {
        let (at, length) = match *leaf {
            Leaf::Bytes { at, length } => (at, length),
            Leaf::Bool { at } => (at, 1),
            Leaf::Char { at } => (at, 4),
            Leaf::Handle { at, .. } => (at, 4),
            Leaf::Choice { at, width, .. } => (at, width),
            Leaf::Atomic { at } => {
                // SAFETY: an atomic lies there, aligned as its type asks, and lives.
                let atomic = unsafe { AtomicU32::from_ptr(from.wrapping_add(at).cast_mut().cast()) };
                to[at..at + 4].copy_from_slice(&atomic.load(Ordering::Relaxed).to_ne_bytes());
                continue;
            }
        };
        // SAFETY: the leaf lies inside of the value, by its description, and is initialised.
        unsafe { std::ptr::copy_nonoverlapping(from.wrapping_add(at), to[at..at + length].as_mut_ptr(), length) };
        if let Leaf::Choice { variants, .. } = leaf {
            let Some(leaves) = Leaf::variant(&to[at..at + length], variants) else { continue };
            // SAFETY: the value has this variant, whose fields these are.
            unsafe { copy(leaves, from, to) };
        }
    }
}

/// What is wrong with the leaves of a value, if anything is.
fn check(leaves: &[Leaf], value: &[u8], leads: &impl Fn(u32, u32) -> bool) -> Result<(), &'static str> {
    for leaf in leaves {
        match *leaf {
            Leaf::Bytes { .. } | Leaf::Atomic { .. } => {}
            Leaf::Bool { at } if value[at] <= 1 => {}
            Leaf::Bool { .. } => return Err("a `bool` is neither false nor true"),
            Leaf::Char { at } => {
                let code = u32::from_ne_bytes(std::array::from_fn(|k| value[at + k]));
                if char::from_u32(code).is_none() {
                    return Err("a `char` is no Unicode scalar value");
                }
            }
            Leaf::Handle { at, tag, nullable } => {
                let number = u32::from_ne_bytes(std::array::from_fn(|k| value[at + k]));
                if number == 0 && !nullable {
                    return Err("a handle is 0");
                }
                if number != 0 && !leads(number, tag) {
                    return Err("a handle leads to no node of its type");
                }
            }
            Leaf::Choice { at, width, ref variants } => match Leaf::variant(&value[at..at + width], variants) {
                Some(leaves) => check(leaves, value, leads)?,
                None => return Err("an enum is none of its variants"),
            },
        }
    }
    Ok(())
}

fn flatten(ty: Ty, at: usize, leaves: &mut Vec<Leaf>) -> Result<(), String> {
    match ty.kind {
        TypeKind::Unit => {}
        TypeKind::Scalar(Scalar::Bool) => leaves.push(Leaf::Bool { at }),
        TypeKind::Char => leaves.push(Leaf::Char { at }),
        TypeKind::Scalar(_) => bytes(at, ty.size, leaves),
        TypeKind::Atomic(_) => leaves.push(Leaf::Atomic { at }),
        TypeKind::Shared(to) => {
            let tag = tag_of((to.to)()) | if to.slice { SLICE } else { 0 };
            leaves.push(Leaf::Handle { at, tag, nullable: to.nullable });
        }
        TypeKind::Array(of, count) => {
            let of = of();
            let mut one = vec![];
            flatten(of, 0, &mut one)?;
            if one == [Leaf::Bytes { at: 0, length: of.size }] {
                bytes(at, of.size * count, leaves);
            } else if !one.is_empty() {
                (0..count).try_for_each(|k| flatten(of, at + k * of.size, leaves))?;
            }
        }
        TypeKind::Struct(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|field| field.offset);
            fields.iter().try_for_each(|field| flatten((field.ty)(), at + field.offset, leaves))?;
        }
        TypeKind::Enum(_) | TypeKind::Optional(..) | TypeKind::Fallible(..) => {
            let Some(desc) = ty.as_enum().filter(|desc| !desc.rest) else {
                return Err(format!("files cannot hold a `{ty}`"));
            };
            let width = desc.tag.size() as usize;
            let mask = u64::MAX >> (64 - 8 * width);
            let mut variants = vec![];
            for variant in desc.variants {
                let mut leaves = vec![];
                variant.fields.iter().try_for_each(|field| flatten((field.ty)(), at + field.offset, &mut leaves))?;
                // The tag's bits, whatever its sign.
                variants.push((variant.value as u64 & mask, leaves));
            }
            leaves.push(Leaf::Choice { at: at + desc.tag_offset, width, variants });
        }
        _ => return Err(format!("files cannot hold a `{ty}`")),
    }
    Ok(())
}

/// More numbers, next to those before if they are.
fn bytes(at: usize, length: usize, leaves: &mut Vec<Leaf>) {
    match leaves.last_mut() {
        _ if length == 0 => {}
        Some(Leaf::Bytes { at: last, length: before }) if *last + *before == at => *before += length,
        _ => leaves.push(Leaf::Bytes { at, length }),
    }
}

/// Where handles are in a value of a type.
pub(in super::super) struct Handles(Vec<Leaf>);

impl Handles {
    /// # Errors
    /// What is wrong: the type has something whose place is not known.
    pub(in super::super) fn of(ty: Ty) -> Result<Self, String> {
        let mut leaves = vec![];
        flatten(ty, 0, &mut leaves)?;
        Ok(Self(handles(leaves)))
    }

    /// Calls `found` with the number of each handle of a value, and the tag of what it leads to.
    ///
    /// # Safety
    /// A value of the type lies at `value`, initialised, and nobody changes it but by atomics.
    pub(in super::super) unsafe fn each(&self, value: *const u8, found: &mut impl FnMut(u32, u32)) {
        // SAFETY: passed on.
        unsafe { each(&self.0, value, found) };
    }
}

/// The handles among leaves, and the tags that say where they are.
fn handles(leaves: Vec<Leaf>) -> Vec<Leaf> {
    let handle = |leaf| match leaf {
        Leaf::Handle { .. } => Some(leaf),
        Leaf::Choice { at, width, variants } => {
            let variants: Vec<_> = variants.into_iter().map(|(value, leaves)| (value, handles(leaves))).collect();
            let any = variants.iter().any(|(_, leaves)| !leaves.is_empty());
            any.then_some(Leaf::Choice { at, width, variants })
        }
        Leaf::Bytes { .. } | Leaf::Bool { .. } | Leaf::Char { .. } | Leaf::Atomic { .. } => None,
    };
    leaves.into_iter().filter_map(handle).collect()
}

/// # Safety
/// As [`Handles::each`]'s; the leaves are the value's.
unsafe fn each(leaves: &[Leaf], value: *const u8, found: &mut impl FnMut(u32, u32)) {
    for leaf in leaves {
        match *leaf {
            Leaf::Handle { at, tag, .. } => {
                // SAFETY: a handle or an `Option` of one lies there: four bytes that are initialised and nobody changes.
                found(unsafe { value.add(at).cast::<u32>().read() }, tag);
            }
            Leaf::Choice { at, width, ref variants } => {
                let mut tag = [0; 8];
                // SAFETY: the tag lies there, of at most 8 bytes, initialised.
                unsafe { std::ptr::copy_nonoverlapping(value.add(at), tag.as_mut_ptr(), width) };
                if let Some(leaves) = Leaf::variant(&tag[..width], variants) {
                    // SAFETY: the value has this variant, whose fields these are.
                    unsafe { each(leaves, value, found) };
                }
            }
            Leaf::Bytes { .. } | Leaf::Bool { .. } | Leaf::Char { .. } | Leaf::Atomic { .. } => {}
        }
    }
}

/// A root's type and all types of nodes that its handles lead to.
pub(super) struct Shapes {
    pub(super) root: Shape,
    pub(super) nodes: Vec<Shape>,
}

impl Shapes {
    /// # Errors
    /// What is wrong: a type that files cannot hold, or two that cannot be told apart.
    pub(super) fn of(root: Ty) -> Result<Self, String> {
        let mut found: HashMap<TypeId, Ty> = HashMap::new();
        let mut waiting = vec![];
        targets(root, &mut waiting);
        while let Some(ty) = waiting.pop() {
            if found.insert((ty.id)(), ty).is_none() {
                targets(ty, &mut waiting);
            }
        }
        let mut nodes = found.into_values().map(Shape::of).collect::<Result<Vec<_>, _>>()?;
        nodes.sort_by_key(|shape| shape.hash);
        if let Some(pair) = nodes.windows(2).find(|pair| pair[0].hash == pair[1].hash) {
            return Err(format!("two types have the name `{}` and the same fields", pair[0].ty));
        }
        Ok(Self { root: Shape::of(root)?, nodes })
    }

    pub(super) fn by_tag(&self, tag: u32) -> Option<&Shape> {
        self.nodes.iter().find(|shape| shape.tag == tag & !SLICE)
    }
}

/// What the handles in a type lead to.
fn targets(ty: Ty, found: &mut Vec<Ty>) {
    match ty.kind {
        TypeKind::Shared(to) => found.push((to.to)()),
        TypeKind::Array(of, _) => targets(of(), found),
        TypeKind::Struct(fields) => fields.iter().for_each(|field| targets((field.ty)(), found)),
        _ => {
            let variants = ty.as_enum().map_or(&[][..], |desc| desc.variants);
            variants.iter().flat_map(|variant| variant.fields).for_each(|field| targets((field.ty)(), found));
        }
    }
}
