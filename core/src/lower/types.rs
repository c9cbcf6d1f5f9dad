//! rustc's types as IR types.

use std::collections::{HashMap, HashSet};

use crate::ir::{Field, Scalar, StructType, Type, TypeId, TypeTable};
use crate::types::probe::SliceParts;
use crate::types::{EnumDesc, FieldDesc, Ty, TypeInfo, TypeKind};

/// What is known of Rust's types beyond the table of IR types.
#[derive(Default)]
pub(super) struct Types {
    /// Users' types by rustc's identity.
    nominal: HashMap<std::any::TypeId, Nominal>,
    /// The blocks that `Arc`s point to.
    counted: HashSet<TypeId>,
    /// Types of the elements of `Vec`s and boxed slices.
    elements: HashMap<TypeId, TypeId>,
    /// Types of what `Option`s hold that are no pointers, and the other way round.
    optional: HashMap<TypeId, TypeId>,
    options: HashMap<TypeId, TypeId>,
    /// Ranges: whether their ends belong to them, and whether they are of `char`s.
    ranges: HashMap<TypeId, (bool, bool)>,
    /// `Result`s by their two types, and the other way round.
    results: HashMap<(TypeId, TypeId), TypeId>,
    fallible: HashMap<TypeId, (TypeId, TypeId)>,
    /// Descriptions of users' types: their operators.
    described: HashMap<TypeId, Ty>,
    /// How many types of each name there are.
    names: HashMap<&'static str, u32>,
    /// Tuples by the types of their fields, with the layout that was met first.
    tuples: HashMap<Vec<TypeId>, TypeId>,
}

/// What a user's type is made of.
#[derive(Clone, Copy)]
enum Parts {
    Fields(&'static [FieldDesc]),
    Variants(&'static EnumDesc),
}

/// A user's type while its fields are interned, and after.
enum Nominal {
    /// It has its name in the module.
    Open(String),
    /// A field leads back to it.
    Declared(TypeId),
    Done(TypeId),
}

impl Types {
    /// The IR type of a Rust type; `None` for what has no values in the IR (`Ordering`).
    pub(super) fn intern(&mut self, table: &mut TypeTable, ty: Ty) -> Option<TypeId> {
        Some(match ty.kind {
            TypeKind::Unit => table.unit(),
            TypeKind::Scalar(scalar) => table.scalar(scalar),
            TypeKind::Char => table.scalar(Scalar::U32),
            TypeKind::Atomic(scalar) => table.intern(Type::Atomic(scalar)),
            TypeKind::Ordering => return None,
            TypeKind::Reference(to) if matches!(to().kind, TypeKind::Region) => {
                let word = self.intern(table, crate::region::Word::DESC)?;
                table.slice(word)
            }
            TypeKind::Reference(to) => {
                let to = self.intern(table, to())?;
                table.pointer(to)
            }
            TypeKind::Slice(of) => {
                let of = self.intern(table, of())?;
                table.slice(of)
            }
            TypeKind::Array(element, length) => {
                let element = self.intern(table, element())?;
                table.array(element, length as u64)
            }
            TypeKind::Struct(described) if ty.name.is_empty() => {
                let fields = self.fields(table, described)?;
                let key: Vec<_> = fields.iter().map(|f| f.ty).collect();
                // Where a part lives in kernels only, so does the whole: rustc's layout does not fit it.
                let fits = |(f, d): (&Field, &FieldDesc)| {
                    let ty = (d.ty)();
                    (table.size(f.ty), table.align(f.ty)) == (ty.size as u64, ty.align as u64)
                };
                if !fields.iter().zip(described).all(fits) {
                    return Some(self.tuple(table, &key));
                }
                let id = table.intern(struct_type("", fields, ty.size as u64, ty.align as u64));
                self.tuples.entry(key).or_insert(id);
                id
            }
            TypeKind::Struct(fields) => self.nominal(table, ty, Parts::Fields(fields))?,
            TypeKind::Shared(_) => self.nominal(table, ty, Parts::Fields(&HANDLE))?,
            TypeKind::Range(fields, inclusive) => {
                let id = self.nominal(table, ty, Parts::Fields(fields))?;
                let chars = fields.iter().any(|field| matches!((field.ty)().kind, TypeKind::Char));
                self.ranges.insert(id, (inclusive, chars));
                id
            }
            TypeKind::Enum(desc) => self.nominal(table, ty, Parts::Variants(desc))?,
            TypeKind::Boxed(to) => {
                let to = self.intern(table, to())?;
                table.pointer(to)
            }
            TypeKind::Counted(to, offset) => {
                let to = self.intern(table, to())?;
                let block = self.block(table, to, offset() as u64);
                table.pointer(block)
            }
            TypeKind::Nullable(pointer) => match *{
                let pointer = self.intern(table, pointer())?;
                &table[pointer]
            } {
                Type::Pointer(to) => table.nullable(to),
                _ => return None,
            },
            TypeKind::Optional(of, layout) => {
                let of = self.intern(table, of())?;
                match layout() {
                    Some(desc) => {
                        let id = self.choice(table, ty, desc)?;
                        self.optional.insert(id, of);
                        id
                    }
                    None => self.option(table, of),
                }
            }
            TypeKind::Fallible(ok, err, layout) => {
                let (ok, err) = (self.intern(table, ok())?, self.intern(table, err())?);
                match layout() {
                    Some(desc) => {
                        let id = self.choice(table, ty, desc)?;
                        self.fallible.insert(id, (ok, err));
                        id
                    }
                    None => self.result(table, ok, err),
                }
            }
            TypeKind::Vector(of, parts) => {
                let of = self.intern(table, of())?;
                let id = slice_parts(table, "Vec", of, parts(), ty);
                self.elements.insert(id, of);
                id
            }
            TypeKind::BoxedSlice(of, parts) => {
                let of = self.intern(table, of())?;
                let id = slice_parts(table, "Box", of, parts(), ty);
                self.elements.insert(id, of);
                id
            }
            TypeKind::Region => return None,
        })
    }

    /// `Option` or `Result` with rustc's layout: an enum.
    fn choice(&mut self, table: &mut TypeTable, ty: Ty, desc: &EnumDesc) -> Option<TypeId> {
        let of: Vec<_> =
            desc.variants.iter().flat_map(|v| v.fields).map(|f| self.intern(table, (f.ty)())).collect::<Option<_>>()?;
        let names: Vec<_> = of.iter().map(|&id| table.name(id)).collect();
        let name = match desc.variants.iter().any(|variant| variant.name == "Some") {
            true => format!("Option<{}>", names.join(", ")),
            false if desc.variants[0].name == "Ok" => format!("Result<{}>", names.join(", ")),
            false => format!("Result<{}, {}>", names[1], names[0]),
        };
        let structure = self.enum_type(table, &name, desc, ty.size as u64, ty.align as u64)?;
        Some(table.intern(structure))
    }

    /// `Option` of a type that is no pointer, where nothing says that it is in an argument's memory: its layout is not rustc's.
    pub(super) fn option(&mut self, table: &mut TypeTable, of: TypeId) -> TypeId {
        if let Some(&id) = self.options.get(&of) {
            return id;
        }
        let (bool, size, align) = (table.scalar(Scalar::Bool), table.size(of), table.align(of));
        let fields = vec![
            Field { name: "value".into(), offset: 0, ty: of },
            Field { name: "some".into(), offset: size, ty: bool },
        ];
        let name = format!("Option<{}>", table.name(of));
        let id = table.intern(struct_type(&name, fields, (size + 1).next_multiple_of(align), align));
        self.options.insert(of, id);
        self.optional.insert(id, of);
        id
    }

    /// The type of what such an `Option` holds, if the type is one.
    pub(super) fn in_option(&self, id: TypeId) -> Option<TypeId> {
        self.optional.get(&id).copied()
    }

    /// Whether the end of a range of this type belongs to it, and whether it is of `char`s; if it is a range.
    pub(super) fn range(&self, id: TypeId) -> Option<(bool, bool)> {
        self.ranges.get(&id).copied()
    }

    /// `Result` of two types: both values, each in a tuple as a pattern sees it, and which one it is. Never in an argument's
    /// memory, as above.
    pub(super) fn result(&mut self, table: &mut TypeTable, ok: TypeId, err: TypeId) -> TypeId {
        if let Some(&id) = self.results.get(&(ok, err)) {
            return id;
        }
        let (one, other, bool) = (self.tuple(table, &[ok]), self.tuple(table, &[err]), table.scalar(Scalar::Bool));
        let (mut fields, mut offset, mut align) = (vec![], 0_u64, 1);
        for (name, ty) in [("Ok", one), ("Err", other), ("is_ok", bool)] {
            offset = offset.next_multiple_of(table.align(ty));
            fields.push(Field { name: name.into(), offset, ty });
            offset += table.size(ty);
            align = table.align(ty).max(align);
        }
        let name = format!("Result<{}, {}>", table.name(ok), table.name(err));
        let id = table.intern(struct_type(&name, fields, offset.next_multiple_of(align), align));
        self.results.insert((ok, err), id);
        self.fallible.insert(id, (ok, err));
        id
    }

    /// The types of what such a `Result` holds, if the type is one.
    pub(super) fn in_result(&self, id: TypeId) -> Option<(TypeId, TypeId)> {
        self.fallible.get(&id).copied()
    }

    /// The block that an `Arc<T>` points to.
    fn block(&mut self, table: &mut TypeTable, to: TypeId, offset: u64) -> TypeId {
        let align = table.align(to).max(8);
        let size = (offset + table.size(to)).next_multiple_of(align);
        let fields = vec![Field { name: "value".into(), offset, ty: to }];
        let name = format!("Arc<{}>", table.name(to));
        let id = table.intern(struct_type(&name, fields, size, align));
        self.counted.insert(id);
        id
    }

    /// The type of the elements of a `Vec` or boxed slice, if the type is one.
    pub(super) fn element_of(&self, id: TypeId) -> Option<TypeId> {
        self.elements.get(&id).copied()
    }

    /// The type of the value, if this is the block that an `Arc` points to; else the type itself.
    pub(super) fn inside_block(&self, id: TypeId, table: &TypeTable) -> TypeId {
        match &table[id] {
            Type::Struct(block) if self.is_counted(id) => block.fields[0].ty,
            _ => id,
        }
    }

    /// Whether the type is what an `Arc` points to: its only field is the value.
    pub(super) fn is_counted(&self, id: TypeId) -> bool {
        self.counted.contains(&id)
    }

    /// A user's type. Its name in the module is its own: of two types with the same name the second gets a number.
    fn nominal(&mut self, table: &mut TypeTable, ty: Ty, parts: Parts) -> Option<TypeId> {
        let identity = (ty.id)();
        let (size, align) = (ty.size as u64, ty.align as u64);
        match self.nominal.get(&identity) {
            Some(Nominal::Declared(id) | Nominal::Done(id)) => return Some(*id),
            Some(Nominal::Open(name)) => {
                let id = table.declare(name, size, align);
                self.nominal.insert(identity, Nominal::Declared(id));
                return Some(id);
            }
            None => {}
        }
        let taken = self.names.entry(ty.name).or_default();
        *taken += 1;
        let name = match *taken {
            1 => ty.name.to_owned(),
            k => format!("{}_{k}", ty.name),
        };
        self.nominal.insert(identity, Nominal::Open(name.clone()));
        let structure = match parts {
            Parts::Fields(fields) => struct_type(&name, self.fields(table, fields)?, size, align),
            Parts::Variants(desc) => self.enum_type(table, &name, desc, size, align)?,
        };
        let Type::Struct(structure) = structure else { return None };
        let id = match self.nominal.get(&identity) {
            Some(Nominal::Declared(id)) => {
                table.define(*id, structure);
                *id
            }
            _ => table.intern(Type::Struct(structure)),
        };
        self.nominal.insert(identity, Nominal::Done(id));
        self.described.insert(id, ty);
        Some(id)
    }

    fn enum_type(&mut self, table: &mut TypeTable, name: &str, desc: &EnumDesc, size: u64, align: u64) -> Option<Type> {
        let tag = table.scalar(desc.tag);
        let mut fields = vec![Field { name: "tag".into(), offset: desc.tag_offset as u64, ty: tag }];
        for variant in desc.variants {
            let held = self.fields(table, variant.fields)?;
            let ty = table.intern(struct_type(&format!("{name}::{}", variant.name), held, size, align));
            fields.push(Field { name: variant.name.into(), offset: 0, ty });
        }
        let variants = desc.numbers().copied().collect();
        Some(Type::Struct(StructType { name: name.into(), fields, size, align, variants }))
    }

    fn fields(&mut self, table: &mut TypeTable, fields: &'static [FieldDesc]) -> Option<Vec<Field>> {
        let field = |f: &FieldDesc| {
            Some(Field { name: f.name.into(), offset: f.offset as u64, ty: self.intern(table, (f.ty)())? })
        };
        fields.iter().map(field).collect()
    }

    /// The description of a user's type.
    pub(super) fn description(&self, id: TypeId) -> Option<Ty> {
        self.described.get(&id).copied()
    }

    /// The tuple of these types: with rustc's layout where that has been met, else with C's.
    pub(super) fn tuple(&mut self, table: &mut TypeTable, types: &[TypeId]) -> TypeId {
        if let Some(&id) = self.tuples.get(types) {
            return id;
        }
        let (mut offset, mut align) = (0_u64, 1);
        let mut fields = vec![];
        for (k, &ty) in types.iter().enumerate() {
            offset = offset.next_multiple_of(table.align(ty));
            fields.push(Field { name: k.to_string(), offset, ty });
            offset += table.size(ty);
            align = table.align(ty).max(align);
        }
        let id = table.intern(struct_type("", fields, offset.next_multiple_of(align), align));
        self.tuples.insert(types.to_vec(), id);
        id
    }
}

/// What handles of regions are made of.
static HANDLE: [FieldDesc; 1] = [FieldDesc { name: "number", offset: 0, ty: u32::desc }];

fn struct_type(name: &str, fields: Vec<Field>, size: u64, align: u64) -> Type {
    Type::Struct(StructType { name: name.into(), fields, size, align, variants: vec![] })
}

/// `Vec<T>` or `Box<[T]>`: a struct of what a kernel reads of it.
fn slice_parts(table: &mut TypeTable, name: &str, of: TypeId, parts: SliceParts, ty: Ty) -> TypeId {
    let (data, usize) = (table.pointer(of), table.scalar(Scalar::Usize));
    let name = match name {
        "Box" => format!("Box<[{}]>", table.name(of)),
        _ => format!("{name}<{}>", table.name(of)),
    };
    let fields = vec![
        Field { name: "data".into(), offset: parts.data as u64, ty: data },
        Field { name: "length".into(), offset: parts.length as u64, ty: usize },
    ];
    table.intern(struct_type(&name, fields, ty.size as u64, ty.align as u64))
}
