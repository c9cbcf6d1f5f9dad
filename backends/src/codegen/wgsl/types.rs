//! WGSL types of values, and the declarations of structs.

use std::collections::HashMap;
use std::fmt::Write;

use landbridge_core::ir::{Module, Scalar, Type, TypeId};

use super::names::Names;
use super::target::WgslError;
use super::text::Rep;

/// Types that are named in the text. What holds no bytes has no WGSL type and is left out everywhere.
pub(super) struct Types<'m> {
    module: &'m Module,
    wide: bool,
    structs: HashMap<TypeId, StructNames>,
    declarations: String,
}

struct StructNames {
    name: String,
    /// Of each field; empty for those without bytes.
    fields: Vec<String>,
}

impl<'m> Types<'m> {
    pub(super) fn new(module: &'m Module, wide: bool) -> Self {
        Types { module, wide, structs: HashMap::new(), declarations: String::new() }
    }

    /// The declarations of all structs that were named.
    pub(super) fn declarations(&self) -> &str {
        &self.declarations
    }

    /// Whether a type has no bytes and so no value in the text.
    pub(super) fn is_empty(&self, ty: TypeId) -> bool {
        super::shapes::is_empty(self.module, ty)
    }

    /// Whether a type is, or holds, a reference.
    pub(super) fn has_pointers(&self, ty: TypeId) -> bool {
        self.module.types.contains(ty, &|t| matches!(t, Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_)))
    }

    /// Whether a type is, or holds, an array of what holds references.
    pub(super) fn has_pointer_arrays(&self, ty: TypeId) -> bool {
        let holds = |t: &Type| matches!(t, Type::Array { element, .. } if self.has_pointers(*element));
        self.module.types.contains(ty, &holds)
    }

    pub(super) fn rep(&self, scalar: Scalar) -> Rep {
        Rep::of(scalar, self.wide)
    }

    /// The name of a type that has bytes and no pointers.
    pub(super) fn name(&mut self, ty: TypeId, names: &mut Names) -> Result<String, WgslError> {
        let module = self.module;
        match &module.types[ty] {
            Type::Scalar(s) => Ok(self.rep(*s).name().into()),
            Type::Array { element, length } => {
                if *length > u64::from(u16::MAX) {
                    return Err(WgslError::new(
                        format!("a value of type `{}`", module.types.name(ty)),
                        "an array that is a value or a variable may have at most 65535 elements; \
                         borrow it instead",
                    ));
                }
                Ok(format!("array<{}, {length}>", self.name(*element, names)?))
            }
            Type::Struct(_) => Ok(self.struct_names(ty, names)?.name.clone()),
            Type::Unit | Type::Atomic(_) | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => {
                Err(WgslError::new(format!("a value of type `{}`", module.types.name(ty)), "WGSL has no such value"))
            }
        }
    }

    /// The name of a struct's field.
    pub(super) fn field(&mut self, ty: TypeId, index: u32, names: &mut Names) -> Result<String, WgslError> {
        Ok(self.struct_names(ty, names)?.fields[index as usize].clone())
    }

    fn struct_names(&mut self, ty: TypeId, names: &mut Names) -> Result<&StructNames, WgslError> {
        if !self.structs.contains_key(&ty) {
            let declared = self.declare(ty, names)?;
            self.structs.insert(ty, declared);
        }
        Ok(&self.structs[&ty])
    }

    fn declare(&mut self, ty: TypeId, names: &mut Names) -> Result<StructNames, WgslError> {
        let module = self.module;
        let Type::Struct(s) = &module.types[ty] else {
            return Err(WgslError::new(
                module.types.name(ty),
                "a struct was expected: this is a defect of the generator",
            ));
        };
        let name = names.take(if s.name.is_empty() { "Tuple" } else { &s.name });
        let mut members = Names::default();
        let mut fields = vec![];
        let mut text = format!("struct {name} {{\n");
        for field in &s.fields {
            if self.is_empty(field.ty) {
                fields.push(String::new());
                continue;
            }
            let member = members.take(&field.name);
            let of = self.name(field.ty, names)?;
            let _ = writeln!(text, "    {member}: {of},");
            fields.push(member);
        }
        text.push_str("}\n\n");
        self.declarations.push_str(&text);
        Ok(StructNames { name, fields })
    }
}
