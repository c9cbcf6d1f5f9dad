//! Loads: of scalars in line, of composites through functions beside the entry point.

use landbridge_core::ir::{LocalId, Scalar, Type, TypeId};

use super::buffers::Unit;
use super::emit::{Emitter, Failure, Result};
use super::integer::literal_value;
use super::place::{Address, Place, Pointer, Step, Val};
use super::text::{Rep, Text};

/// Arrays up to this length are loaded and stored without a loop.
pub(super) const UNROLLED: u64 = 8;

impl Emitter<'_> {
    // --- loads ---

    pub(super) fn load(&mut self, pointer: &Pointer, ty: TypeId) -> Result<Val> {
        if self.types.is_empty(ty) {
            return Ok(Val::Empty);
        }
        if let Some(place) = pointer.single() {
            match self.load_place(&place.clone(), ty)? {
                // An element of an array without elements: never read, so that any value does.
                Val::Empty if !self.types.has_pointers(ty) => {}
                val => return Ok(val),
            }
        }
        if self.types.has_pointers(ty) {
            return self.load_linked_choice(pointer, ty);
        }
        let of = self.type_name(ty)?;
        let name = self.names.take("v");
        self.line(format!("var {name}: {of};"));
        let loaded = name.clone();
        self.each_choice(pointer, &mut |e, place| {
            if let Val::Text(text) = e.load_place(place, ty)? {
                e.line(format!("{loaded} = {};", text.bare()));
            }
            Ok(())
        })?;
        Ok(Val::Text(Text::name(name)))
    }

    fn load_place(&mut self, place: &Place, ty: TypeId) -> Result<Val> {
        match place {
            Place::Nothing | Place::Null => Ok(Val::Empty),
            Place::Buffer { buffer, address } if self.types.has_pointers(ty) => self.load_linked(*buffer, address, ty),
            Place::Local { local, path } => self.load_local(*local, path, ty),
            Place::Buffer { buffer, address } => {
                let text = match self.scalar(ty) {
                    Some(scalar) => self.load_scalar(*buffer, address, scalar, true)?,
                    None => {
                        let function = self.loader(*buffer, ty)?;
                        let at = self.in_grains(*buffer, address)?;
                        let reads = self.buffers[*buffer].exclusive;
                        Text::compound(format!("{function}({})", at.bare()), reads)
                    }
                };
                Ok(Val::Text(text))
            }
        }
    }

    fn load_local(&mut self, local: LocalId, path: &[Step], ty: TypeId) -> Result<Val> {
        use super::locals::{Leaf, Slot};
        if let Slot::Once(val) = &self.slots[local.0 as usize] {
            let Some(val) = val.clone() else {
                return self.error("a variable", "it is read before it is set");
            };
            return self.inside(val, self.function[local].ty, path);
        }
        let (leaf, rest) = self.leaf_at(local, path)?;
        match &leaf {
            Leaf::Plain(name) => {
                let from = self.type_after(self.function[local].ty, &path[..path.len() - rest.len()])?;
                let text = self.path_text(name, from, rest)?;
                Ok(Val::Text(Text::variable(text)))
            }
            _ if rest.is_empty() => self.read_leaf(&leaf),
            _ => self.error(
                format!("a value of type `{}`", self.module.types.name(ty)),
                "it lies inside an array of references, which WGSL does not have",
            ),
        }
    }

    /// A part of a value.
    fn inside(&mut self, val: Val, ty: TypeId, path: &[Step]) -> Result<Val> {
        let ([Step::Field(k), rest @ ..], Type::Struct(s)) = (path, &self.module.types[ty]) else {
            return match path {
                [] => Ok(val),
                _ => self.error("a variable", "an element of it is addressed by a number"),
            };
        };
        let of = s.fields[*k as usize].ty;
        match val {
            Val::Parts(parts) => self.inside(parts[*k as usize].clone(), of, rest),
            Val::Text(text) => {
                let field = self.types.field(ty, *k, &mut self.names)?;
                let s = format!("{text}.{field}");
                self.inside(Val::Text(Text { s, ..text }), of, rest)
            }
            _ => self.error("a field", "of no struct"),
        }
    }

    pub(super) fn type_after(&self, mut ty: TypeId, path: &[Step]) -> Result<TypeId> {
        for step in path {
            ty = match (&self.module.types[ty], step) {
                (Type::Struct(s), Step::Field(k)) => s.fields[*k as usize].ty,
                (Type::Array { element, .. }, Step::Index(_)) => *element,
                _ => return self.error("a place", "its path and its type disagree"),
            };
        }
        Ok(ty)
    }

    /// `name.field[index]..`
    pub(super) fn path_text(&mut self, name: &str, mut ty: TypeId, path: &[Step]) -> Result<String> {
        let mut text = name.to_owned();
        for step in path {
            match step {
                Step::Field(k) => {
                    let field = self.types.field(ty, *k, &mut self.names)?;
                    text = format!("{text}.{field}");
                }
                Step::Index(index) => text = format!("{text}[{}]", index.bare()),
            }
            ty = self.type_after(ty, std::slice::from_ref(step))?;
        }
        Ok(text)
    }

    pub(super) fn in_grains(&mut self, buffer: usize, address: &Address) -> Result<Text> {
        match address.in_grains(self.buffers[buffer].grain) {
            Some((text, 0)) => Ok(text),
            _ => self.error("a place in memory", "its address is not aligned"),
        }
    }

    /// The array element at an index.
    pub(super) fn cell(&self, buffer: usize, index: &Text) -> Text {
        let b = &self.buffers[buffer];
        let reads = b.exclusive || index.reads;
        if b.is_in_parts() {
            let atomic = matches!(b.unit, Unit::SharedWords | Unit::Atomic(_));
            return Text::compound(format!("{}({})", b.part_reader().0, index.bare()), reads || atomic);
        }
        let index = if self.is_beyond_data(buffer, index) { "0u" } else { index.bare() };
        let cell = format!("{}[{index}]", b.name);
        match b.unit {
            Unit::SharedWords | Unit::Atomic(_) => Text::compound(format!("atomicLoad(&{cell})"), true),
            Unit::Native(_) | Unit::Words => Text::compound(cell, reads),
        }
    }

    /// A literal index beyond constant memory, which WGSL refuses: a check has failed before it is used.
    fn is_beyond_data(&self, buffer: usize, index: &Text) -> bool {
        let data = buffer.checked_sub(self.first_data).and_then(|k| self.module.data.get(k));
        let elements = data.map(|data| (data.bytes.len() as u64).div_ceil(self.buffers[buffer].array_stride()));
        elements.zip(literal_value(index)).is_some_and(|(elements, index)| index >= elements.into())
    }

    /// The word that a sub-word place lies in, and the bits to the right of it.
    pub(super) fn word_and_shift(&mut self, buffer: usize, address: &Address) -> Result<(Text, Text)> {
        if let Some((word, rest)) = address.in_grains(4) {
            return Ok((word, Text::literal(format!("{}u", rest * 8))));
        }
        let Some((byte, 0)) = address.in_grains(1) else {
            return self.error(&self.buffers[buffer].name, "its address is not known");
        };
        let byte = self.as_lasting(byte);
        Ok((Text::compound(format!("({byte} >> 2u)"), false), Text::compound(format!("(({byte} & 3u) << 3u)"), false)))
    }

    /// A scalar in a buffer. `statements`: a narrow `usize` may be checked by statements here.
    pub(super) fn load_scalar(
        &mut self,
        buffer: usize,
        address: &Address,
        scalar: Scalar,
        statements: bool,
    ) -> Result<Text> {
        self.checked_rep(scalar)?;
        if let Unit::Native(_) | Unit::Atomic(_) = self.buffers[buffer].unit {
            let index = self.in_grains(buffer, address)?;
            return Ok(self.cell(buffer, &index));
        }
        let rep = self.rep(scalar);
        if scalar.size() < 4 {
            let (word, shift) = self.word_and_shift(buffer, address)?;
            let word = self.cell(buffer, &word);
            let mask = (1u32 << scalar.bits()) - 1;
            let shifted = match &shift.s[..] {
                "0u" => word.s,
                _ => format!("({word} >> {shift})"),
            };
            let text = match scalar {
                Scalar::Bool => format!("(({shifted} & 255u) != 0u)"),
                Scalar::U8 | Scalar::U16 => format!("({shifted} & {mask}u)"),
                _ => {
                    let up = 32 - scalar.bits();
                    format!("(i32({shifted} << {up}u) >> {up}u)")
                }
            };
            return Ok(Text::compound(text, word.reads));
        }
        let low = self.word_at(buffer, address)?;
        if scalar.size() == 4 {
            return Ok(match rep {
                Rep::U32 => low,
                _ => Text::compound(format!("bitcast<{}>({low})", rep.name()), low.reads),
            });
        }
        let high = self.word_at(buffer, &address.clone().plus_bytes(4))?;
        self.joined(&low, &high, scalar, statements)
    }

    pub(super) fn word_at(&mut self, buffer: usize, address: &Address) -> Result<Text> {
        let index = self.word_index(address)?;
        Ok(self.cell(buffer, &index))
    }

    /// The word that begins at an address; types are aligned, so one does.
    pub(super) fn word_index(&self, address: &Address) -> Result<Text> {
        match (address.in_grains(4), address.in_grains(1)) {
            (Some((index, 0)), _) => Ok(index),
            (None, Some((byte, 0))) => Ok(Text::compound(format!("({byte} >> 2u)"), byte.reads)),
            _ => self.error("a place in memory", "its address is not aligned to words"),
        }
    }

    /// 64 bits from two words.
    pub(super) fn joined(&mut self, low: &Text, high: &Text, scalar: Scalar, statements: bool) -> Result<Text> {
        let reads = low.reads || high.reads;
        if self.is_narrow(scalar) {
            let signed = scalar == Scalar::Isize;
            if !statements {
                let function = if signed { "lb_narrow_i" } else { "lb_narrow_u" };
                self.library.require(function);
                self.may_exceed = true;
                return Ok(Text::compound(format!("{function}({}, {})", low.bare(), high.bare()), true));
            }
            let low = self.as_lasting(low.clone());
            let expected = match signed {
                true => Text::compound(format!("u32(i32({low}) >> 31u)"), false),
                false => Text::literal("0u"),
            };
            let fails = high.infix("!=", &expected);
            self.fail_if(&fails, &Failure::Range);
            return Ok(match signed {
                true => Text::call("i32", &[&low]),
                false => low,
            });
        }
        if !self.target.int64 {
            return self.error(
                format!("a value of type `{scalar}` beside values of other types in memory"),
                "it takes 64-bit integers (SHADER_INT64), which the device lacks",
            );
        }
        let bits = format!("(u64({}) | (u64({}) << 32u))", low.bare(), high.bare());
        Ok(Text::compound(
            match self.rep(scalar) {
                Rep::U64 => bits,
                rep => format!("bitcast<{}>{}", rep.name(), bits),
            },
            reads,
        ))
    }

    /// The function that loads a composite from a buffer.
    fn loader(&mut self, buffer: usize, ty: TypeId) -> Result<String> {
        let of = self.type_name(ty)?;
        let key = format!("load {buffer} {}", ty.0);
        if let Some(function) = self.accessor_names.get(&key) {
            return Ok(function.clone());
        }
        let name = self.accessor_name("load", buffer, ty);
        self.accessor_names.insert(key, name.clone());
        let at = Address::default().plus(&Text::name("at"), self.buffers[buffer].grain);
        self.accessor(&format!("fn {name}(at: u32) -> {of}"), &mut |e| e.load_body(buffer, &at, ty))?;
        Ok(name)
    }

    /// Writes a function beside the entry point.
    pub(super) fn accessor(&mut self, head: &str, body: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        let outside = (std::mem::take(&mut self.out), std::mem::replace(&mut self.indent, 1));
        let done = body(self);
        let text = std::mem::replace(&mut self.out, outside.0);
        self.indent = outside.1;
        self.accessors.push(format!("{head} {{\n{text}}}\n\n"));
        done
    }

    pub(super) fn accessor_name(&mut self, verb: &str, buffer: usize, ty: TypeId) -> String {
        let what = match &self.module.types[ty] {
            Type::Struct(s) if !s.name.is_empty() => s.name.to_lowercase(),
            Type::Struct(_) => "tuple".into(),
            _ => "array".into(),
        };
        let wanted = format!("{verb}_{}_{what}", self.buffers[buffer].name);
        self.names.take(&wanted)
    }

    fn load_part(&mut self, buffer: usize, at: &Address, ty: TypeId) -> Result<Text> {
        if let Some(scalar) = self.scalar(ty) {
            return self.load_scalar(buffer, at, scalar, false);
        }
        let function = self.loader(buffer, ty)?;
        let at = self.in_grains(buffer, at)?;
        Ok(Text::compound(format!("{function}({})", at.bare()), true))
    }

    fn load_body(&mut self, buffer: usize, at: &Address, ty: TypeId) -> Result<()> {
        let module = self.module;
        let of = self.type_name(ty)?;
        let mut parts = vec![];
        match &module.types[ty] {
            Type::Struct(s) if s.is_enum() => {
                let tag = self.load_part(buffer, &at.clone().plus_bytes(s.fields[0].offset), s.fields[0].ty)?;
                let member = self.types.field(ty, 0, &mut self.names)?;
                self.line(format!("var value: {of};"));
                self.line(format!("value.{member} = {};", tag.bare()));
                self.each_variant(ty, "value", &mut |e, variant, member| {
                    let part = e.load_part(buffer, at, variant)?;
                    e.line(format!("value.{member} = {};", part.bare()));
                    Ok(())
                })?;
                self.line("return value;");
                return Ok(());
            }
            Type::Struct(s) => {
                for field in s.fields.iter().filter(|f| !super::shapes::is_empty(module, f.ty)) {
                    parts.push(self.load_part(buffer, &at.clone().plus_bytes(field.offset), field.ty)?);
                }
            }
            Type::Array { element, length } => {
                let size = module.types.size(*element);
                if *length > UNROLLED {
                    self.line(format!("var value: {of};"));
                    self.line(format!("for (var k = 0u; k < {length}u; k++) {{"));
                    self.indent += 1;
                    let part = self.load_part(buffer, &at.clone().plus(&Text::name("k"), size), *element)?;
                    self.line(format!("value[k] = {};", part.bare()));
                    self.indent -= 1;
                    self.line("}");
                    self.line("return value;");
                    return Ok(());
                }
                for k in 0..*length {
                    parts.push(self.load_part(buffer, &at.clone().plus_bytes(k * size), *element)?);
                }
            }
            _ => return self.error(module.types.name(ty), "it cannot be loaded from memory"),
        }
        let whole = Text::call(&of, &parts.iter().collect::<Vec<_>>());
        self.line(format!("return {whole};"));
        Ok(())
    }
}
