//! Linked structures. Nodes are in one buffer for each argument, the *image*, where a pointer is the number of 32-bit words
//! from the image's start, and 0 is null: nothing lies there. So a pointer that was read from an image points into the same
//! image, and an address of it in variables is an address in a buffer as any other.

use std::collections::HashSet;

use landbridge_core::ir::{CompareOp, Module, Parameter, Role, Scalar, Type, TypeId, ValueId};

use super::emit::{Emitter, Result};
use super::place::{Address, Place, Pointer, Slice, Val};
use super::text::{Rep, Text, integer};

/// Bytes at the start of an image in which nothing lies.
const RESERVED: u64 = 16;

/// Byte of an image where the argument's own elements start.
pub(super) fn first_element(module: &Module, element: TypeId) -> u64 {
    module.types.align(element).max(RESERVED)
}

/// Whether an argument is passed as an image.
pub(super) fn is_image(module: &Module, parameter: &Parameter) -> bool {
    let is_link = |t: &Type| matches!(t, Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_));
    match parameter.role {
        Role::Root { .. } => true,
        Role::Whole | Role::Item { .. } | Role::Row { .. } => module.types.contains(parameter.ty, &is_link),
        Role::Uniform | Role::Atomics | Role::Index { .. } => false,
    }
}

/// The scalars that an image of this type may hold, with whether they are atomic, and the smallest alignment of a node.
pub(super) fn reachable(module: &Module, ty: TypeId) -> (Vec<(Scalar, bool)>, u64) {
    let (mut leaves, mut align) = (vec![], module.types.align(ty));
    let (mut seen, mut open) = (HashSet::new(), vec![ty]);
    while let Some(ty) = open.pop() {
        if !seen.insert(ty) {
            continue;
        }
        match &module.types[ty] {
            Type::Scalar(s) => leaves.push((*s, false)),
            Type::Atomic(s) => leaves.push((*s, true)),
            Type::Array { element, .. } => open.push(*element),
            Type::Struct(s) => open.extend(s.fields.iter().map(|f| f.ty)),
            Type::Pointer(to) | Type::Nullable(to) | Type::Slice(to) => {
                align = align.min(module.types.align(*to));
                open.push(*to);
            }
            Type::Unit => {}
        }
    }
    leaves.sort();
    leaves.dedup();
    (leaves, align)
}

impl Emitter<'_> {
    /// What a pointer, or what holds pointers, is when it is read from an image.
    pub(super) fn load_linked(&mut self, buffer: usize, address: &Address, ty: TypeId) -> Result<Val> {
        let module = self.module;
        Ok(match &module.types[ty] {
            Type::Pointer(to) if self.types.is_empty(*to) => Val::Pointer(Pointer::one(Place::Nothing)),
            Type::Pointer(_) | Type::Nullable(_) => {
                let word = self.word_at(buffer, address)?;
                let word = self.as_lasting(word);
                Val::Pointer(Pointer::one(self.in_image(buffer, &word)))
            }
            Type::Struct(s) => {
                let mut parts = vec![];
                for field in &s.fields {
                    parts.push(self.load_member(buffer, &address.clone().plus_bytes(field.offset), field.ty)?);
                }
                Val::Parts(parts)
            }
            Type::Array { element, length } if *length <= super::memory::UNROLLED => {
                let size = module.types.size(*element);
                let mut parts = vec![];
                for k in 0..*length {
                    parts.push(self.load_member(buffer, &address.clone().plus_bytes(k * size), *element)?);
                }
                Val::Parts(parts)
            }
            _ => {
                return self.error(
                    format!("a copy of a value of type `{}`", module.types.name(ty)),
                    "it holds references; borrow it instead",
                );
            }
        })
    }

    fn load_member(&mut self, buffer: usize, address: &Address, ty: TypeId) -> Result<Val> {
        let val = self.load(&Pointer::one(Place::Buffer { buffer, address: address.clone() }), ty)?;
        Ok(match val {
            Val::Text(text) => Val::Text(self.as_lasting(text)),
            val => val,
        })
    }

    /// A pointer that is read through one of several references, each into an image of its own.
    pub(super) fn load_linked_choice(&mut self, pointer: &Pointer, ty: TypeId) -> Result<Val> {
        if !matches!(self.module.types[ty], Type::Pointer(_) | Type::Nullable(_)) {
            return self.error(
                "a reference that is read through one of several references",
                "WGSL has no pointers in memory; bind it to one variable",
            );
        }
        let word = self.names.take("link");
        self.line(format!("var {word}: u32;"));
        let mut choices = vec![];
        self.each_choice(pointer, &mut |e, place| {
            let Place::Buffer { buffer, address } = place else {
                return e.error(
                    "a reference that is read through one of several references",
                    "one of them is to a variable; bind it to one variable",
                );
            };
            let text = e.word_at(*buffer, address)?;
            e.line(format!("{word} = {};", text.bare()));
            Ok(())
        })?;
        let word = self.as_lasting(Text::variable(word));
        for place in &pointer.choices {
            if let Place::Buffer { buffer, .. } = place {
                choices.push(self.in_image(*buffer, &word));
            }
        }
        Ok(Val::Pointer(Pointer { choices, tag: pointer.tag.clone() }))
    }

    /// The place that a pointer in an image means.
    fn in_image(&self, buffer: usize, word: &Text) -> Place {
        Place::Buffer { buffer, address: self.buffers[buffer].start.clone().plus(word, 4) }
    }

    /// Null, as an address in an image.
    pub(super) fn null_in(&self, buffer: usize) -> Place {
        Place::Buffer { buffer, address: self.buffers[buffer].start.clone() }
    }

    /// Whether an `Option` of a reference is `Some`.
    pub(super) fn is_some(&mut self, value: ValueId) -> Result<Text> {
        let pointer = self.pointer(value)?;
        let mut tests = vec![];
        for place in &pointer.choices {
            tests.push(match place {
                Place::Null => Text::literal("false"),
                Place::Buffer { buffer, .. } if self.buffers[*buffer].is_image => {
                    let [at, null] = [place.clone(), self.null_in(*buffer)].map(|p| self.grains_of(&p));
                    at?.infix("!=", &null?)
                }
                _ => Text::literal("true"),
            });
        }
        self.choice_of(&pointer, tests)
    }

    /// The test of the place that a pointer has.
    fn choice_of(&self, pointer: &Pointer, tests: Vec<Text>) -> Result<Text> {
        let Some(tag) = &pointer.tag else {
            return match tests.into_iter().next() {
                Some(test) => Ok(test),
                None => self.error("a reference", "of no known place"),
            };
        };
        if tests.iter().all(|t| t.s == "true") || tests.iter().all(|t| t.s == "false") {
            return Ok(tests[0].clone());
        }
        let mut arms = vec![];
        for (k, test) in tests.iter().enumerate() {
            match &test.s[..] {
                "false" => {}
                "true" => arms.push(format!("({tag} == {k}u)")),
                test => arms.push(format!("(({tag} == {k}u) & {test})")),
            }
        }
        Ok(Text::compound(format!("({})", arms.join(" | ")), false))
    }

    /// Where in its buffer a place is.
    fn grains_of(&self, place: &Place) -> Result<Text> {
        match place {
            Place::Buffer { buffer, address } => match address.in_grains(self.buffers[*buffer].grain) {
                Some((text, 0)) => Ok(text),
                _ => self.error("a reference", "its address is not aligned"),
            },
            _ => self.error("a reference", "it is to no buffer: a defect of the generator"),
        }
    }

    /// Whether two references, or `Option`s of references, are the same.
    pub(super) fn compare_pointers(&mut self, op: CompareOp, left: ValueId, right: ValueId) -> Result<Text> {
        let (a, b) = (self.pointer(left)?, self.pointer(right)?);
        let mut arms = vec![];
        for (j, one) in a.choices.iter().enumerate() {
            for (k, other) in b.choices.iter().enumerate() {
                let mut test: Vec<String> = match self.same_place(one, other)? {
                    Some(test) => vec![test].into_iter().filter(|t| t.s != "true").map(|t| t.s).collect(),
                    None => continue,
                };
                let chosen = |tag: &Option<Text>, k: usize| tag.as_ref().map(|tag| format!("({tag} == {k}u)"));
                test.extend(chosen(&a.tag, j));
                test.extend(chosen(&b.tag, k));
                arms.push(match &test[..] {
                    [] => "true".to_owned(),
                    tests => format!("({})", tests.join(" & ")),
                });
            }
        }
        let same = match &arms[..] {
            [] => Text::literal("false"),
            [one] if one == "true" => Text::literal("true"),
            _ => Text::compound(format!("({})", arms.join(" | ")), false),
        };
        Ok(match (op, &same.s[..]) {
            (CompareOp::NotEqual, "true") => Text::literal("false"),
            (CompareOp::NotEqual, "false") => Text::literal("true"),
            (CompareOp::NotEqual, _) => Text::compound(format!("(!{same})"), false),
            _ => same,
        })
    }

    /// The test whether two places are one; `None` if they never are.
    fn same_place(&self, a: &Place, b: &Place) -> Result<Option<Text>> {
        Ok(match (a, b) {
            (Place::Null, Place::Null) | (Place::Nothing, Place::Nothing) => Some(Text::literal("true")),
            (Place::Null, Place::Buffer { buffer, .. }) | (Place::Buffer { buffer, .. }, Place::Null)
                if self.buffers[*buffer].is_image =>
            {
                let null = self.null_in(*buffer);
                let other = if matches!(a, Place::Null) { b } else { a };
                Some(self.grains_of(other)?.infix("==", &self.grains_of(&null)?))
            }
            (Place::Buffer { buffer: x, .. }, Place::Buffer { buffer: y, .. }) if x == y => {
                Some(self.grains_of(a)?.infix("==", &self.grains_of(b)?))
            }
            (Place::Local { local: x, path: one }, Place::Local { local: y, path: other }) if x == y => {
                self.same_path(one, other)
            }
            _ => None,
        })
    }

    fn same_path(&self, one: &[super::place::Step], other: &[super::place::Step]) -> Option<Text> {
        use super::place::Step;
        if one.len() != other.len() {
            return None;
        }
        let mut tests = vec![];
        for pair in one.iter().zip(other) {
            match pair {
                (Step::Field(a), Step::Field(b)) if a == b => {}
                (Step::Index(a), Step::Index(b)) if a.s == b.s => {}
                (Step::Index(a), Step::Index(b)) => tests.push(a.infix("==", b).s),
                _ => return None,
            }
        }
        Some(match &tests[..] {
            [] => Text::literal("true"),
            tests => Text::compound(format!("({})", tests.join(" & ")), false),
        })
    }

    /// A slice of the elements that a node owns: where they are, and how many.
    pub(super) fn made_slice(&mut self, data: ValueId, length: ValueId) -> Result<Val> {
        let first = self.pointer(data)?;
        let length = self.lasting(length)?;
        Ok(Val::Slice(Slice { first, length }))
    }

    /// The address of the structure that all work-items see: the first element, or null where there is none.
    pub(super) fn root(&mut self, first: Place, length: Option<&Text>) -> Result<Val> {
        let (Some(length), Place::Buffer { buffer, .. }) = (length, &first) else {
            return Ok(Val::Pointer(Pointer::one(first)));
        };
        let buffer = *buffer;
        let null = self.grains_of(&self.null_in(buffer))?;
        let at = self.grains_of(&first)?;
        let some = length.infix("!=", &integer(0, if self.wide { Rep::U64 } else { Rep::U32 }));
        let at = Text::call("select", &[&null, &at, &some]);
        let at = self.as_lasting(at);
        let address = Address::default().plus(&at, self.buffers[buffer].grain);
        Ok(Val::Pointer(Pointer::one(Place::Buffer { buffer, address })))
    }
}
