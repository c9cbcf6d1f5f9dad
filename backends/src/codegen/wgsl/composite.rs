//! Values of structs and arrays.

use landbridge_core::ir::{Type, TypeId, ValueId};

use super::emit::{Emitter, Result};
use super::place::Val;
use super::text::Text;

impl Emitter<'_> {
    pub(super) fn make(&mut self, ty: TypeId, parts: &[ValueId]) -> Result<Val> {
        if self.types.is_empty(ty) {
            return Ok(Val::Empty);
        }
        if self.types.has_pointers(ty) {
            let parts: Result<Vec<_>> = parts.iter().map(|p| self.lasting_val(*p)).collect();
            return Ok(Val::Parts(parts?));
        }
        let name = self.type_name(ty)?;
        let mut texts = vec![];
        for part in parts {
            match self.val(*part)? {
                Val::Empty => {}
                Val::Text(text) => texts.push(text),
                _ => return self.error(name, "a part of it has no WGSL value"),
            }
        }
        let list: Vec<_> = texts.iter().collect();
        Ok(Val::Text(Text::call(&name, &list)))
    }

    /// A value whose texts no later store changes.
    pub(super) fn lasting_val(&mut self, value: ValueId) -> Result<Val> {
        let val = self.val(value)?;
        Ok(match val {
            Val::Text(text) => Val::Text(self.as_lasting(text)),
            other => other,
        })
    }

    pub(super) fn repeat(&mut self, ty: TypeId, element: ValueId) -> Result<Val> {
        let module = self.module;
        let Type::Array { length, .. } = &module.types[ty] else {
            return self.error("an array", "its type is no array: the module is not verified");
        };
        if self.types.is_empty(ty) {
            return Ok(Val::Empty);
        }
        if self.types.has_pointers(ty) {
            return Ok(Val::Repeated(Box::new(self.lasting_val(element)?)));
        }
        let name = self.type_name(ty)?;
        let element = self.atom(element)?;
        if is_zero(&element) {
            return Ok(Val::Text(Text::compound(format!("{name}()"), false)));
        }
        if *length <= 16 {
            let list = vec![&element; *length as usize];
            return Ok(Val::Text(Text::call(&name, &list)));
        }
        let array = self.names.take("filled");
        let k = self.names.take("k");
        self.line(format!("var {array}: {name};"));
        self.line(format!("for (var {k} = 0u; {k} < {length}u; {k}++) {{ {array}[{k}] = {}; }}", element.bare()));
        Ok(Val::Text(Text::name(array)))
    }

    pub(super) fn extract(&mut self, base: ValueId, index: u32) -> Result<Val> {
        let ty = self.function[base].ty;
        let part = match &self.module.types[ty] {
            Type::Struct(s) => s.fields[index as usize].ty,
            Type::Array { element, .. } => *element,
            _ => return self.error("a field", "of no struct: the module is not verified"),
        };
        match self.val(base)? {
            Val::Parts(mut parts) => Ok(parts.swap_remove(index as usize)),
            Val::Repeated(element) => Ok(*element),
            _ if self.types.is_empty(part) => Ok(Val::Empty),
            Val::Text(text) => {
                // Of a constant the field would be one, too, and what is computed from it.
                let text = self.as_atom(text);
                let step = match &self.module.types[ty] {
                    Type::Struct(_) => format!(".{}", self.types.field(ty, index, &mut self.names)?),
                    _ => format!("[{index}]"),
                };
                Ok(Val::Text(Text { s: format!("{text}{step}"), ..text }))
            }
            _ => self.error("a field", "of no struct: the module is not verified"),
        }
    }
}

/// Whether a literal is the zero of its type (not -0.0).
fn is_zero(text: &Text) -> bool {
    text.is_literal() && matches!(&text.s[..], "0u" | "0i" | "0lu" | "0li" | "0.0f" | "0.0lf" | "false")
}
