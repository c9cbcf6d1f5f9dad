//! Addresses: how they are made from others, with the checks that Rust makes.

use landbridge_core::ir::{Op, Scalar, SiteId, Type, TypeId, ValueId};

use super::emit::{Emitter, Failure, Result};
use super::integer::{is_u32, literal_value};
use super::place::{Address, Place, Pointer, Slice, Step, Val};
use super::text::{Rep, Text, integer};

impl Emitter<'_> {
    /// A value that is an address.
    pub(super) fn pointer(&mut self, value: ValueId) -> Result<Pointer> {
        match self.val(value)? {
            Val::Pointer(pointer) => Ok(pointer),
            _ => self.error("a reference", "of no known place"),
        }
    }

    pub(super) fn slice(&mut self, value: ValueId) -> Result<Slice> {
        match self.val(value)? {
            Val::Slice(slice) => Ok(slice),
            _ => self.error("a slice", "of no known place"),
        }
    }

    fn pointee(&self, value: ValueId) -> Result<TypeId> {
        match self.module.types[self.function[value].ty] {
            Type::Pointer(to) | Type::Slice(to) => Ok(to),
            _ => self.error("a reference", "was expected: the module is not verified"),
        }
    }

    /// Does something for each place that a pointer may point to, inside a `switch` where there are several.
    pub(super) fn each_choice(
        &mut self,
        pointer: &Pointer,
        act: &mut dyn FnMut(&mut Self, &Place) -> Result<()>,
    ) -> Result<()> {
        let (Some(tag), [_, _, ..]) = (&pointer.tag, &pointer.choices[..]) else {
            return match pointer.choices.first() {
                Some(place) => act(self, place),
                None => self.error("a reference", "of no known place"),
            };
        };
        self.line(format!("switch {} {{", tag.bare()));
        self.indent += 1;
        for (k, place) in pointer.choices.iter().enumerate() {
            match k + 1 == pointer.choices.len() {
                true => self.line("default: {"),
                false => self.line(format!("case {k}u: {{")),
            }
            self.indent += 1;
            act(self, place)?;
            self.indent -= 1;
            self.line("}");
        }
        self.indent -= 1;
        self.line("}");
        Ok(())
    }

    /// Computes an operation that makes an address, or takes a slice's length.
    pub(super) fn address(&mut self, value: ValueId, op: &Op) -> Result<()> {
        let val = match op {
            Op::Local(local) => {
                let empty = self.types.is_empty(self.function[*local].ty);
                Val::Pointer(Pointer::one(match empty {
                    true => Place::Nothing,
                    false => Place::Local { local: *local, path: vec![] },
                }))
            }
            Op::Data(data) => {
                let buffer = self.first_data + data.0 as usize;
                let empty = self.types.is_empty(self.buffers[buffer].element);
                Val::Pointer(Pointer::one(match empty {
                    true => Place::Nothing,
                    false => Place::Buffer { buffer, address: Address::default() },
                }))
            }
            Op::Field { base, index } => self.field(*base, *index)?,
            Op::Element { base, index, site } => self.element(value, *base, *index, *site)?,
            Op::AsSlice(base) => self.as_slice(*base)?,
            Op::Subslice { base, from, to, order, end } => self.subslice(value, *base, [*from, *to], [*order, *end])?,
            Op::Null => Val::Pointer(Pointer::one(Place::Null)),
            // A reference that is there is one of those that may be.
            Op::Some(pointer) => Val::Pointer(self.pointer(*pointer)?),
            Op::Payload(option) => Val::Pointer(self.pointer(*option)?),
            // Where the reference that may be is, the reference is.
            Op::PayloadPlace(place) => Val::Pointer(self.pointer(*place)?),
            Op::MakeSlice { data, length } => self.made_slice(*data, *length)?,
            Op::Node { region, word } => self.node(*region, *word, self.function[value].ty)?,
            Op::Length(base) => {
                let slice = self.slice(*base)?;
                self.define(value, slice.length);
                return Ok(());
            }
            _ => {
                return self.error("an operation", "makes no address: a defect of the generator");
            }
        };
        self.define_val(value, val);
        Ok(())
    }

    fn field(&mut self, base: ValueId, index: u32) -> Result<Val> {
        let of = self.pointee(base)?;
        let module = self.module;
        let Type::Struct(s) = &module.types[of] else {
            return self.error("a field", "of no struct: the module is not verified");
        };
        let field = &s.fields[index as usize];
        let empty = self.types.is_empty(field.ty);
        let pointer = self.pointer(base)?;
        Ok(Val::Pointer(pointer.map(|place| match place {
            _ if empty => Place::Nothing,
            Place::Nothing | Place::Null => Place::Nothing,
            Place::Buffer { buffer, address } => {
                Place::Buffer { buffer: *buffer, address: address.clone().plus_bytes(field.offset) }
            }
            Place::Local { local, path } => Place::Local { local: *local, path: with(path, Step::Field(index)) },
        })))
    }

    fn as_slice(&mut self, base: ValueId) -> Result<Val> {
        let of = self.pointee(base)?;
        let Type::Array { element, length } = self.module.types[of] else {
            return self.error("a slice", "of no array: the module is not verified");
        };
        let rep = self.checked_rep(Scalar::Usize)?;
        let empty = self.types.is_empty(element);
        let pointer = self.pointer(base)?;
        Ok(Val::Slice(Slice {
            first: pointer.map(|place| match place {
                Place::Local { local, path } if !empty => {
                    Place::Local { local: *local, path: with(path, Step::Index(integer(0, Rep::U32))) }
                }
                Place::Buffer { .. } if !empty => place.clone(),
                _ => Place::Nothing,
            }),
            length: integer(i128::from(length), rep),
        }))
    }

    /// `index` as a `u32`, after the check that it is below the length.
    fn checked_index(&mut self, value: ValueId, index: ValueId, length: &Text, site: SiteId) -> Result<Text> {
        self.note_site(site);
        let index = self.lasting(index)?;
        if self.facts.in_bounds(value) {
            return Ok(self.as_u32(&index));
        }
        let (first, second) = (self.report(&index, Scalar::Usize), self.report(length, Scalar::Usize));
        // An index that is out of bounds for certain is refused where it is a literal.
        let index = match length.is_literal() {
            true => self.at_run_time(index),
            false => index,
        };
        let fails = index.infix(">=", length);
        self.fail_if(&fails, &Failure::Panic(site, first, second));
        Ok(self.as_u32(&index))
    }

    /// An index that is known to fit 32 bits.
    pub(super) fn as_u32(&mut self, index: &Text) -> Text {
        if self.wide && !is_u32(index) {
            let narrow = match index.s.strip_suffix("lu") {
                // One that does not fit has failed its check, so any will do; the text has to be valid.
                Some(number) if index.is_literal() => {
                    Text::literal(format!("{}u", number.parse().unwrap_or(0_u64) as u32))
                }
                _ => Text::call("u32", &[index]),
            };
            self.as_lasting(narrow)
        } else {
            index.clone()
        }
    }

    fn element(&mut self, value: ValueId, base: ValueId, index: ValueId, site: SiteId) -> Result<Val> {
        let base_type = self.function[base].ty;
        let to = self.pointee(base)?;
        if let Type::Slice(element) = self.module.types[base_type] {
            let slice = self.slice(base)?;
            let index = self.checked_index(value, index, &slice.length, site)?;
            return Ok(Val::Pointer(self.advanced(&slice.first, &index, element)));
        }
        let Type::Array { element, length } = self.module.types[to] else {
            return self.error("an element", "of no array: the module is not verified");
        };
        let rep = self.checked_rep(Scalar::Usize)?;
        let elements = length;
        let length = integer(i128::from(length), rep);
        let pointer = self.pointer(base)?;
        let index = self.checked_index(value, index, &length, site)?;
        let local = pointer.choices.iter().any(|place| matches!(place, Place::Local { .. }));
        let index = if local { self.local_index(index, Some(elements)) } else { index };
        let empty = self.types.is_empty(element);
        let size = self.module.types.size(element);
        Ok(Val::Pointer(pointer.map(|place| match place {
            _ if empty => Place::Nothing,
            Place::Nothing | Place::Null => Place::Nothing,
            Place::Buffer { buffer, address } => {
                Place::Buffer { buffer: *buffer, address: address.clone().plus(&index, size) }
            }
            Place::Local { local, path } => {
                Place::Local { local: *local, path: with(path, Step::Index(index.clone())) }
            }
        })))
    }

    /// `index` elements further.
    fn advanced(&mut self, first: &Pointer, index: &Text, element: TypeId) -> Pointer {
        let size = self.module.types.size(element);
        let mut choices = vec![];
        for place in &first.choices {
            choices.push(match place {
                Place::Nothing | Place::Null => Place::Nothing,
                Place::Buffer { buffer, address } => {
                    Place::Buffer { buffer: *buffer, address: address.clone().plus(index, size) }
                }
                Place::Local { local, path } => {
                    let mut path = path.clone();
                    if let Some(Step::Index(start)) = path.pop() {
                        let length = self.array_length(self.function[*local].ty, &path);
                        let sum = self.sum(&start, index);
                        path.push(Step::Index(self.local_index(sum, length)));
                    }
                    Place::Local { local: *local, path }
                }
            });
        }
        Pointer { choices, tag: first.tag.clone() }
    }

    /// The sum of two indices: it fits, or a check has failed before.
    fn sum(&mut self, start: &Text, index: &Text) -> Text {
        if start.s == "0u" {
            return index.clone();
        }
        if index.s == "0u" {
            return start.clone();
        }
        if let (Some(a), Some(b)) = (literal_value(start), literal_value(index)) {
            return integer((a + b).min(u32::MAX.into()), Rep::U32);
        }
        let sum = start.infix("+", index);
        self.as_lasting(sum)
    }

    /// An index into a variable. WGSL refuses a literal that is out of bounds, also behind a check that fails first.
    fn local_index(&mut self, index: Text, length: Option<u64>) -> Text {
        match (literal_value(&index), length) {
            (Some(value), Some(length)) if value >= i128::from(length) => self.at_run_time(index),
            _ => index,
        }
    }

    /// Elements of the array inside a variable.
    fn array_length(&self, variable: TypeId, path: &[Step]) -> Option<u64> {
        match self.module.types[self.type_after(variable, path).ok()?] {
            Type::Array { length, .. } => Some(length),
            _ => None,
        }
    }

    fn subslice(
        &mut self,
        value: ValueId,
        base: ValueId,
        [from, to]: [ValueId; 2],
        [order, end]: [SiteId; 2],
    ) -> Result<Val> {
        let Type::Slice(element) = self.module.types[self.function[base].ty] else {
            return self.error("a slice", "was expected: the module is not verified");
        };
        self.note_site(order);
        let slice = self.slice(base)?;
        let (from, to) = (self.lasting(from)?, self.lasting(to)?);
        if !self.facts.in_bounds(value) {
            let [a, b] = [&from, &to].map(|t| self.report(t, Scalar::Usize));
            let length = self.report(&slice.length, Scalar::Usize);
            let start = self.at_run_time(from.clone());
            let from_start = matches!(&from.s[..], "0u" | "0lu");
            let past = start.infix(">", &slice.length);
            if !from_start {
                let fails = start.infix(">", &to);
                let (first, second) = match to.s == slice.length.s {
                    true => (length.clone(), a.clone()),
                    false => (format!("select({a}, {length}, {past})"), format!("select({b}, {a}, {past})")),
                };
                self.fail_if(&fails, &Failure::Panic(order, first, second));
            }
            if to.s != slice.length.s {
                let last = self.at_run_time(to.clone());
                let fails = last.infix(">", &slice.length);
                self.line(format!("if {} {{", fails.bare()));
                self.indent += 1;
                if !from_start {
                    self.fail_if(&past, &Failure::Panic(order, length.clone(), a));
                }
                self.fail(&Failure::Panic(end, b, length));
                self.indent -= 1;
                self.line("}");
            }
        }
        let start = self.as_u32(&from);
        let first = self.advanced(&slice.first, &start, element);
        let to = self.at_run_time(to);
        let length = match &from.s[..] {
            "0u" | "0lu" => to,
            _ => to.infix("-", &from),
        };
        let length = self.as_lasting(length);
        Ok(Val::Slice(Slice { first, length }))
    }

    /// One of two values.
    pub(super) fn select(&mut self, ty: TypeId, condition: ValueId, accept: ValueId, reject: ValueId) -> Result<Val> {
        let condition = self.atom(condition)?;
        let (accept, reject) = (self.val(accept)?, self.val(reject)?);
        self.select_val(ty, &condition, accept, reject)
    }

    fn select_val(&mut self, ty: TypeId, condition: &Text, yes: Val, no: Val) -> Result<Val> {
        Ok(match (yes, no) {
            (Val::Empty, _) | (_, Val::Empty) => Val::Empty,
            (Val::Text(a), Val::Text(b)) if self.scalar(ty).is_some() => Val::Text(self.choose(condition, &a, &b)),
            (Val::Text(a), Val::Text(b)) => {
                let of = self.type_name(ty)?;
                let name = self.names.take("v");
                self.line(format!("var {name}: {of} = {};", b.bare()));
                self.line(format!("if {} {{ {name} = {}; }}", condition.bare(), a.bare()));
                Val::Text(Text::name(name))
            }
            (Val::Pointer(a), Val::Pointer(b)) => Val::Pointer(self.select_pointer(condition, &a, &b)),
            (Val::Slice(a), Val::Slice(b)) => {
                let first = self.select_pointer(condition, &a.first, &b.first);
                let length = self.choose(condition, &a.length, &b.length);
                let length = self.as_lasting(length);
                Val::Slice(Slice { first, length })
            }
            (Val::Parts(a), Val::Parts(b)) => {
                let module = self.module;
                let Type::Struct(s) = &module.types[ty] else {
                    return self.error("a choice", "between parts of no struct");
                };
                let condition = self.as_lasting(condition.clone());
                let mut parts = vec![];
                for ((a, b), field) in a.into_iter().zip(b).zip(&s.fields) {
                    let part = self.select_val(field.ty, &condition, a, b)?;
                    parts.push(match part {
                        Val::Text(text) => Val::Text(self.as_lasting(text)),
                        part => part,
                    });
                }
                Val::Parts(parts)
            }
            _ => return self.error("a choice", "between values of different forms"),
        })
    }

    /// `if condition { a } else { b }` of scalars.
    pub(super) fn choose(&mut self, condition: &Text, a: &Text, b: &Text) -> Text {
        match &condition.s[..] {
            _ if a.s == b.s => a.clone(),
            // Chosen here: of constants alone naga makes one that it then cannot convert.
            "true" => a.clone(),
            "false" => b.clone(),
            _ => Text::call("select", &[b, a, condition]),
        }
    }

    /// Both pointers' places, with a tag that says which: those of `a` first.
    fn select_pointer(&mut self, condition: &Text, a: &Pointer, b: &Pointer) -> Pointer {
        if let Some(place) = self.select_in_buffer(condition, a, b) {
            return Pointer::one(place);
        }
        let zero = || Text::literal("0u");
        let a_tag = a.tag.clone().unwrap_or_else(zero);
        let b_tag = b.tag.clone().unwrap_or_else(zero);
        let offset = Text::literal(format!("{}u", a.choices.len()));
        let b_tag = match b_tag.is_literal() {
            true => offset,
            false => b_tag.infix("+", &offset),
        };
        let tag = self.choose(condition, &a_tag, &b_tag);
        let tag = self.as_lasting(tag);
        Pointer { choices: a.choices.iter().chain(&b.choices).cloned().collect(), tag: Some(tag) }
    }
}

impl Emitter<'_> {
    /// One of two places in one buffer: an address, and no tag.
    fn select_in_buffer(&mut self, condition: &Text, a: &Pointer, b: &Pointer) -> Option<Place> {
        let (a, b) = (a.single()?, b.single()?);
        let buffer = match (a, b) {
            (Place::Buffer { buffer, .. }, Place::Buffer { buffer: other, .. }) if buffer == other => *buffer,
            (Place::Null, Place::Buffer { buffer, .. }) | (Place::Buffer { buffer, .. }, Place::Null)
                if self.buffers[*buffer].is_image =>
            {
                *buffer
            }
            _ => return None,
        };
        let grain = self.buffers[buffer].grain;
        let null = self.null_in(buffer);
        let at = |place: &Place| match if matches!(place, Place::Null) { &null } else { place } {
            Place::Buffer { address, .. } => {
                address.in_grains(grain).filter(|(_, rest)| *rest == 0).map(|(text, _)| text)
            }
            _ => None,
        };
        let chosen = self.choose(condition, &at(a)?, &at(b)?);
        let chosen = self.as_lasting(chosen);
        Some(Place::Buffer { buffer, address: Address::default().plus(&chosen, grain) })
    }
}

fn with(path: &[Step], step: Step) -> Vec<Step> {
    let mut path = path.to_vec();
    path.push(step);
    path
}
