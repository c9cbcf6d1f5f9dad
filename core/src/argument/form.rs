//! What an argument is to a kernel, by its type alone: for the comparison with the parameters of the kernel's IR.

use std::collections::HashSet;

use crate::ir::{Module, Parameter, Role, Scalar, StructType, Type, TypeId, TypeTable};
use crate::types::probe::SliceParts;
use crate::types::{EnumDesc, FieldDesc, Ty, TypeKind};

/// The role of an argument and the type that the role speaks of, as in [`Parameter`].
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// What a work-item gets of it.
    pub role: Role,
    /// Type of the value, or of one element.
    pub ty: Ty,
}

/// What in the IR is not as the arguments are, if anything is.
///
/// Devices read and write the arguments as the IR says, so this is what makes a call safe: IR and the user's function come
/// from one source, but nothing in Rust's types says that a definition belongs to the arguments beside it.
pub(crate) fn mismatch(module: &Module, forms: &[Form], result: Option<Ty>) -> Option<String> {
    let (has, given) = (module.parameters.len(), forms.len());
    if has != given {
        return Some(format!("it has {has} parameters, the call {given} arguments"));
    }
    let types = &module.types;
    let wrong = |(p, f): &(&Parameter, &Form)| p.role != f.role || !same(types, p.ty, f.ty);
    if let Some((parameter, form)) = module.parameters.iter().zip(forms).find(wrong) {
        let (Parameter { name, role, ty }, known) = (parameter, types.name(parameter.ty));
        let Form { role: found, ty: given } = form;
        debug_assert!(types.get(*ty).is_some());
        return Some(format!("`{name}` is {role:?} of `{known}`, its argument {found:?} of `{given}`"));
    }
    let result = result.filter(|&ty| !same(types, module.result(), ty))?;
    Some(format!("it returns `{}`, the function `{result}`", types.name(module.result())))
}

/// Whether a type of the IR has the layout of a Rust type, with the same kinds of numbers at the same places, also behind
/// links. (Names do not matter, and differ where one module has two types of one name.)
fn same(types: &TypeTable, id: TypeId, ty: Ty) -> bool {
    Comparison { types, known: HashSet::new() }.same(id, ty)
}

struct Comparison<'t> {
    types: &'t TypeTable,
    /// Pairs that have been met: types may reach themselves.
    known: HashSet<(TypeId, std::any::TypeId)>,
}

impl Comparison<'_> {
    fn same(&mut self, id: TypeId, ty: Ty) -> bool {
        let types = self.types;
        match (&types[id], ty.kind) {
            (Type::Unit, TypeKind::Unit) | (Type::Scalar(Scalar::U32), TypeKind::Char) => true,
            (Type::Scalar(a), TypeKind::Scalar(b)) | (Type::Atomic(a), TypeKind::Atomic(b)) => *a == b,
            (Type::Array { element, length }, TypeKind::Array(of, count)) => {
                *length == count as u64 && self.same(*element, of())
            }
            (Type::Struct(s), TypeKind::Struct(fields)) => {
                self.has_size(id, ty)
                    && !s.is_enum()
                    && (!self.known.insert((id, (ty.id)())) || self.same_fields(s, fields))
            }
            (Type::Struct(s), TypeKind::Enum(_) | TypeKind::Optional(..) | TypeKind::Fallible(..)) => {
                ty.as_enum().is_some_and(|desc| self.same_enum(id, s, ty, desc))
            }
            (Type::Pointer(_), TypeKind::Boxed(_) | TypeKind::Counted(..) | TypeKind::Reference(_)) => {
                self.same_pointee(id, ty)
            }
            (Type::Struct(s), TypeKind::Shared(_)) => {
                let number = matches!(&s.fields[..], [f] if f.offset == 0 && types[f.ty] == Type::Scalar(Scalar::U32));
                number && s.size == 4 && s.align == 4
            }
            (Type::Nullable(_), TypeKind::Nullable(pointer)) => self.same_pointee(id, pointer()),
            (Type::Struct(_), TypeKind::Vector(of, parts)) => self.same_parts(id, ty, of(), parts()),
            (Type::Struct(_), TypeKind::BoxedSlice(of, parts)) => self.same_parts(id, ty, of(), parts()),
            _ => false,
        }
    }

    fn same_fields(&mut self, s: &StructType, fields: &[FieldDesc]) -> bool {
        let mut pairs = s.fields.iter().zip(fields);
        s.fields.len() == fields.len() && pairs.all(|(a, b)| a.offset == b.offset as u64 && self.same(a.ty, (b.ty)()))
    }

    fn same_enum(&mut self, id: TypeId, s: &StructType, ty: Ty, desc: &EnumDesc) -> bool {
        let types = self.types;
        let Some((tag, held)) = s.fields.split_first() else { return false };
        let fits = self.has_size(id, ty)
            && tag.offset == desc.tag_offset as u64
            && types[tag.ty] == Type::Scalar(desc.tag)
            && s.variants.iter().eq(desc.numbers())
            && held.len() == desc.variants.len();
        let mut pairs = held.iter().zip(desc.variants);
        fits && (!self.known.insert((id, (ty.id)()))
            || pairs.all(|(a, b)| match &types[a.ty] {
                Type::Struct(held) => a.offset == 0 && self.same_fields(held, b.fields),
                _ => false,
            }))
    }

    fn has_size(&self, id: TypeId, ty: Ty) -> bool {
        self.types.size(id) == ty.size as u64 && self.types.align(id) == ty.align as u64
    }

    /// Of a pointer or nullable, and a Rust type that is a pointer.
    fn same_pointee(&mut self, id: TypeId, pointer: Ty) -> bool {
        let (Type::Pointer(to) | Type::Nullable(to)) = &self.types[id] else { return false };
        match (pointer.kind, &self.types[*to]) {
            (TypeKind::Boxed(of) | TypeKind::Reference(of), _) => self.same(*to, of()),
            (TypeKind::Counted(of, offset), Type::Struct(block)) => match &block.fields[..] {
                [value] => value.offset == offset() as u64 && self.same(value.ty, of()),
                _ => false,
            },
            _ => false,
        }
    }

    /// Of a `Vec` or boxed slice.
    fn same_parts(&mut self, id: TypeId, ty: Ty, of: Ty, parts: SliceParts) -> bool {
        let Type::Struct(s) = &self.types[id] else { return false };
        let [data, length] = &s.fields[..] else { return false };
        self.has_size(id, ty)
            && (data.offset, length.offset) == (parts.data as u64, parts.length as u64)
            && self.types.as_scalar(length.ty) == Some(Scalar::Usize)
            && matches!(self.types[data.ty], Type::Pointer(to) if self.same(to, of))
    }
}
