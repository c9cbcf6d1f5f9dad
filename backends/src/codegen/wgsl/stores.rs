//! Stores: to variables, to buffers, and to parts of words that work-items share.

use landbridge_core::ir::{LocalId, Scalar, Type, TypeId, ValueId};

use super::buffers::Unit;
use super::emit::{Emitter, Result};
use super::memory::UNROLLED;
use super::place::{Address, Place, Step, Val};
use super::text::{Rep, Text};

impl Emitter<'_> {
    pub(super) fn store(&mut self, pointer: ValueId, value: ValueId) -> Result<()> {
        let ty = self.function[value].ty;
        let pointer = self.pointer(pointer)?;
        if self.types.is_empty(ty) {
            return Ok(());
        }
        let val = self.val(value)?;
        self.flush_reads();
        if let Val::Repeated(element) = &val
            && let (Val::Text(element), Some(Place::Local { local, path: _ })) = (&**element, pointer.single())
        {
            let (local, element) = (*local, element.clone());
            let (leaf, _) = self.leaf_at(local, &[])?;
            return self.fill(local, &leaf, &element);
        }
        let guarded = self.open_group_store(&pointer);
        self.store_val(&pointer, val, value)?;
        if guarded {
            self.close_group_store();
        }
        Ok(())
    }

    /// Sets all elements of an array of a group.
    fn fill(&mut self, local: LocalId, leaf: &super::locals::Leaf, element: &Text) -> Result<()> {
        match (leaf, &self.module.types[self.function[local].ty]) {
            (super::locals::Leaf::Plain(name), Type::Array { length, .. }) => {
                self.fill_group_array(&name.clone(), *length, element);
                Ok(())
            }
            _ => self.error("an array of a group", "is no array: a defect of the generator"),
        }
    }

    fn store_val(&mut self, pointer: &super::place::Pointer, val: Val, value: ValueId) -> Result<()> {
        let ty = self.function[value].ty;
        if let Some(Place::Local { local, path }) = pointer.single()
            && path.is_empty()
        {
            return self.set_local(*local, val, Some(value));
        }
        let val = match (val, pointer.single()) {
            (Val::Text(text), None) => Val::Text(self.as_lasting(text)),
            (val, _) => val,
        };
        self.each_choice(pointer, &mut |e, place| e.store_place(place, &val, ty))
    }

    fn store_place(&mut self, place: &Place, val: &Val, ty: TypeId) -> Result<()> {
        match (place, val) {
            (Place::Nothing | Place::Null, _) => Ok(()),
            (Place::Local { local, path }, _) => self.store_local(*local, path, val),
            (Place::Buffer { buffer, address }, Val::Text(text)) => self.store_buffer(*buffer, address, text, ty),
            _ => self.error("a store", "of a reference to memory; WGSL has no pointers there"),
        }
    }

    fn store_local(&mut self, local: LocalId, path: &[Step], val: &Val) -> Result<()> {
        use super::locals::Leaf;
        let (leaf, rest) = self.leaf_at(local, path)?;
        match (&leaf, val) {
            (Leaf::Plain(name), Val::Text(text)) => {
                let from = self.type_after(self.function[local].ty, &path[..path.len() - rest.len()])?;
                let place = self.path_text(name, from, rest)?;
                self.line(format!("{place} = {};", text.bare()));
                Ok(())
            }
            _ if rest.is_empty() => self.write_leaf(&leaf, val),
            _ => self.error("a store", "into an array of references, which WGSL does not have"),
        }
    }

    /// Stores a WGSL value to a buffer.
    pub(super) fn store_buffer(&mut self, buffer: usize, address: &Address, text: &Text, ty: TypeId) -> Result<()> {
        match self.scalar(ty) {
            Some(scalar) => {
                // What takes two words is named once.
                let text = match scalar.size() {
                    8 => &self.as_atom(text.clone()),
                    _ => text,
                };
                for line in self.store_scalar(buffer, address, text, scalar)? {
                    self.line(line);
                }
            }
            None => {
                let function = self.storer(buffer, ty)?;
                let at = self.in_grains(buffer, address)?;
                self.line(format!("{function}({}, {});", at.bare(), text.bare()));
            }
        }
        Ok(())
    }

    /// The statements that store a scalar.
    fn store_scalar(&mut self, buffer: usize, address: &Address, text: &Text, scalar: Scalar) -> Result<Vec<String>> {
        self.checked_rep(scalar)?;
        let name = self.buffers[buffer].name.clone();
        let unit = self.buffers[buffer].unit;
        if let Unit::Native(_) = unit {
            let index = self.in_grains(buffer, address)?;
            return Ok(vec![format!("{name}[{}] = {};", index.bare(), text.bare())]);
        }
        if let Unit::Atomic(_) = unit {
            return self.error("a store to an atomic", "the module is not verified");
        }
        if scalar.size() < 4 {
            let (word, shift) = self.word_and_shift(buffer, address)?;
            let mask = (1u32 << scalar.bits()) - 1;
            let function = self.sub_word_storer(buffer);
            let bits = match scalar {
                Scalar::Bool => Text::call("u32", &[text]),
                _ if scalar.is_signed() => Text::compound(format!("(u32({}) & {mask}u)", text.bare()), text.reads),
                _ => text.clone(),
            };
            return Ok(vec![format!("{function}({}, {}, {mask}u, {});", word.bare(), shift.bare(), bits.bare())]);
        }
        let put = |index: &Text, value: String| match unit {
            Unit::SharedWords => format!("atomicStore(&{name}[{}], {value});", index.bare()),
            _ => format!("{name}[{}] = {value};", index.bare()),
        };
        let low = self.word_index(address)?;
        let bits = |text: &Text| match self.rep(scalar) {
            Rep::U32 => text.bare().to_owned(),
            _ => format!("bitcast<u32>({})", text.bare()),
        };
        if scalar.size() == 4 {
            return Ok(vec![put(&low, bits(text))]);
        }
        let high = self.word_index(&address.clone().plus_bytes(4))?;
        if self.is_narrow(scalar) {
            let sign = match scalar {
                Scalar::Isize => format!("u32({text} >> 31u)"),
                _ => "0u".into(),
            };
            return Ok(vec![put(&low, bits(text)), put(&high, sign)]);
        }
        if !self.target.int64 {
            return self.error(
                format!("a value of type `{scalar}` beside values of other types in memory"),
                "it takes 64-bit integers (SHADER_INT64), which the device lacks",
            );
        }
        let wide = match self.rep(scalar) {
            Rep::U64 => text.bare().to_owned(),
            _ => format!("bitcast<u64>({})", text.bare()),
        };
        self.library.require("lb_low");
        self.library.require("lb_high");
        Ok(vec![put(&low, format!("lb_low({wide})")), put(&high, format!("lb_high({wide})"))])
    }

    /// The function that stores part of a word: `(word, shift, mask, bits)`.
    fn sub_word_storer(&mut self, buffer: usize) -> String {
        let key = format!("sub-word {buffer}");
        if let Some(name) = self.accessor_names.get(&key) {
            return name.clone();
        }
        let b = self.buffers[buffer].name.clone();
        let name = self.names.take(&format!("store_part_{b}"));
        self.accessor_names.insert(key, name.clone());
        let body = match self.buffers[buffer].unit {
            // The other bytes of the word belong to other work-items: only ours may flip.
            Unit::SharedWords => {
                format!("atomicXor(&{b}[word], (atomicLoad(&{b}[word]) ^ (bits << shift)) & (mask << shift));")
            }
            _ => format!("{b}[word] = ({b}[word] & ~(mask << shift)) | (bits << shift);"),
        };
        self.accessors.push(format!("fn {name}(word: u32, shift: u32, mask: u32, bits: u32) {{\n    {body}\n}}\n\n"));
        name
    }

    /// The function that stores a composite to a buffer.
    fn storer(&mut self, buffer: usize, ty: TypeId) -> Result<String> {
        let of = self.type_name(ty)?;
        let key = format!("store {buffer} {}", ty.0);
        if let Some(function) = self.accessor_names.get(&key) {
            return Ok(function.clone());
        }
        let name = self.accessor_name("store", buffer, ty);
        self.accessor_names.insert(key, name.clone());
        let at = Address::default().plus(&Text::name("at"), self.buffers[buffer].grain);
        let head = format!("fn {name}(at: u32, value: {of})");
        self.accessor(&head, &mut |e| e.store_body(buffer, &at, ty))?;
        Ok(name)
    }

    fn store_body(&mut self, buffer: usize, at: &Address, ty: TypeId) -> Result<()> {
        let module = self.module;
        match &module.types[ty] {
            Type::Struct(s) if s.is_enum() => {
                let member = self.types.field(ty, 0, &mut self.names)?;
                let tag = Text::name(format!("value.{member}"));
                self.store_buffer(buffer, &at.clone().plus_bytes(s.fields[0].offset), &tag, s.fields[0].ty)?;
                self.each_variant(ty, "value", &mut |e, variant, member| {
                    e.store_buffer(buffer, at, &Text::name(format!("value.{member}")), variant)
                })?;
            }
            Type::Struct(s) => {
                for (k, field) in s.fields.iter().enumerate() {
                    if self.types.is_empty(field.ty) {
                        continue;
                    }
                    let member = self.types.field(ty, k as u32, &mut self.names)?;
                    let value = Text::name(format!("value.{member}"));
                    self.store_buffer(buffer, &at.clone().plus_bytes(field.offset), &value, field.ty)?;
                }
            }
            Type::Array { element, length } => {
                let size = module.types.size(*element);
                if *length <= UNROLLED {
                    for k in 0..*length {
                        let value = Text::name(format!("value[{k}]"));
                        self.store_buffer(buffer, &at.clone().plus_bytes(k * size), &value, *element)?;
                    }
                    return Ok(());
                }
                // A parameter's array is indexed by a variable only through one.
                self.line("var values = value;");
                self.line(format!("for (var k = 0u; k < {length}u; k++) {{"));
                self.indent += 1;
                let at = at.clone().plus(&Text::name("k"), size);
                self.store_buffer(buffer, &at, &Text::name("values[k]"), *element)?;
                self.indent -= 1;
                self.line("}");
            }
            _ => return self.error(module.types.name(ty), "it cannot be stored to memory"),
        }
        Ok(())
    }
}
