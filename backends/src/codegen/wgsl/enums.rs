//! Enums: a value is a struct of the tag and of all variants, of which the tag names one; memory holds that one only.

use landbridge_core::ir::{Type, TypeId};

use super::emit::{Emitter, Result};
use super::text::integer;

impl Emitter<'_> {
    /// Calls `of` inside of the branch in which the tag of `value` names the variant, for each that holds something: with
    /// its type and the member's name.
    pub(super) fn each_variant(
        &mut self,
        ty: TypeId,
        value: &str,
        of: &mut dyn FnMut(&mut Self, TypeId, &str) -> Result<()>,
    ) -> Result<()> {
        let module = self.module;
        let Type::Struct(s) = &module.types[ty] else {
            return self.error("a variant", "of no enum: a defect of the generator");
        };
        let Some(scalar) = self.scalar(s.fields[0].ty) else {
            return self.error("a variant", "its tag is no number: a defect of the generator");
        };
        let rep = self.rep(scalar);
        let tag = self.types.field(ty, 0, &mut self.names)?;
        for (k, field) in s.fields[1..].iter().enumerate() {
            if self.types.is_empty(field.ty) {
                continue;
            }
            let member = self.types.field(ty, k as u32 + 1, &mut self.names)?;
            let condition = match s.variants.get(k) {
                Some(&number) => format!("{value}.{tag} == {}", integer(number, rep)),
                // the variant of all tags that no other has
                None => s
                    .variants
                    .iter()
                    .map(|&number| format!("{value}.{tag} != {}", integer(number, rep)))
                    .collect::<Vec<_>>()
                    .join(" && "),
            };
            self.line(format!("if {condition} {{"));
            self.indent += 1;
            of(self, field.ty, &member)?;
            self.indent -= 1;
            self.line("}");
        }
        Ok(())
    }
}
