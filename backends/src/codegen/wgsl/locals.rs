//! What the function's variables become: names for values that are set once, `var`s, and for those that hold addresses
//! one `var` for each number that an address needs.

use landbridge_core::ir::{LocalId, Op, Statement, TypeId, ValueId};

use super::emit::{Emitter, Result};
use super::groups::Space;
use super::place::{Address, Place, Pointer, Shape, ShapeStep, Slice, Step, Val};
use super::shapes::Targets;
use super::survey::Nest;
use super::text::Text;

/// What a local has become.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// Set once: the value, from the store on.
    Once(Option<Val>),
    /// Variables, once they are declared.
    Variable(Option<Leaf>),
}

/// The variables of one part of a local.
#[derive(Clone, Debug)]
pub(super) enum Leaf {
    /// No bytes.
    Empty,
    /// One variable.
    Plain(String),
    /// An address into one of these shapes.
    Pointer(Cells),
    /// A slice: the same, and its length.
    Slice(Cells, String),
    /// The fields of a struct that holds addresses.
    Parts(Vec<Leaf>),
    /// An array of what holds addresses: an array of each of the element's variables, and the length.
    Elements(Box<Leaf>, u64),
}

/// The variables of an address.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    shapes: Vec<Shape>,
    /// Which shape, where there are several.
    tag: Option<String>,
    /// The numbers in it.
    holes: Vec<String>,
}

impl Leaf {
    /// The leaf of one element of an array: its variables are those of the array at an index.
    fn indexed(&self, index: &Text) -> Leaf {
        let at = |name: &String| format!("{name}[{}]", index.bare());
        let cells = |cells: &Cells| Cells {
            shapes: cells.shapes.clone(),
            tag: cells.tag.as_ref().map(at),
            holes: cells.holes.iter().map(at).collect(),
        };
        match self {
            Leaf::Empty => Leaf::Empty,
            Leaf::Plain(name) => Leaf::Plain(at(name)),
            Leaf::Pointer(of) => Leaf::Pointer(cells(of)),
            Leaf::Slice(of, length) => Leaf::Slice(cells(of), at(length)),
            Leaf::Parts(parts) => Leaf::Parts(parts.iter().map(|p| p.indexed(index)).collect()),
            Leaf::Elements(element, length) => Leaf::Elements(Box::new(element.indexed(index)), *length),
        }
    }
}

impl Emitter<'_> {
    /// Decides what each local becomes.
    pub(super) fn plan_locals(&mut self) {
        for k in 0..self.function.locals.len() {
            let local = LocalId(k as u32);
            let uses = &self.survey.locals[k];
            let ty = self.function[local].ty;
            let indexed = uses.indexed && (!self.types.has_pointers(ty) || self.types.has_pointer_arrays(ty));
            let once = self.space_of(local) == Space::Function
                && uses.stores.len() == 1
                && !uses.changes_otherwise
                && !indexed
                && self.survey.store_encloses_all(local);
            self.slots.push(match once {
                true => Slot::Once(None),
                false => Slot::Variable(None),
            });
        }
    }

    /// Declares the variables that are first needed by this statement. The local that the statement itself sets in whole is
    /// declared there.
    pub(super) fn declare_for(&mut self, nest: Nest, statement: usize, set_here: Option<LocalId>) -> Result<()> {
        for local in self.declarations.remove(&(nest, statement)).unwrap_or_default() {
            let plain = !self.types.has_pointers(self.function[local].ty);
            let declared = matches!(self.slots[local.0 as usize], Slot::Variable(Some(_)));
            let set_whole = set_here == Some(local) && plain;
            if !declared && !set_whole {
                self.declare(local, None)?;
            }
        }
        Ok(())
    }

    /// Values that become the only value of a named local take its name.
    pub(super) fn plan_hints(&mut self) {
        let function = self.function;
        let mut found = vec![];
        function.body.each(&mut |statement| {
            if let Statement::Store { pointer, value } = statement
                && let Op::Local(local) = function[*pointer].op
                && let Slot::Once(_) = self.slots[local.0 as usize]
                && !function[local].name.is_empty()
            {
                found.push((*value, function[local].name.clone()));
            }
        });
        self.hints.extend(found);
    }

    /// Where each variable is declared.
    pub(super) fn plan_declarations(&mut self) {
        for k in 0..self.function.locals.len() {
            let local = LocalId(k as u32);
            if let (Slot::Variable(None), Some(at)) = (&self.slots[k], self.survey.scope(local)) {
                self.declarations.entry(at).or_default().push(local);
            }
        }
    }

    fn declare(&mut self, local: LocalId, initial: Option<&Text>) -> Result<()> {
        let ty = self.function[local].ty;
        let name = match &self.function[local].name[..] {
            "" => "t".to_owned(),
            name => name.to_owned(),
        };
        let targets = self.targets_of[local.0 as usize].clone();
        self.space = self.space_of(local);
        let apart = self.space != Space::Function;
        let first = if apart { None } else { initial };
        let leaf = self.leaf(&name, ty, &targets, first, &mut vec![]);
        self.space = Space::Function;
        let leaf = leaf?;
        self.slots[local.0 as usize] = Slot::Variable(Some(leaf.clone()));
        match initial {
            Some(text) if apart => self.write_leaf(&leaf, &Val::Text(text.clone())),
            _ => Ok(()),
        }
    }

    /// Declares a variable: of that type, or an array of it for each array that it lies in, the outermost first.
    fn variable(&mut self, name: &str, of: &str, initial: Option<&Text>, arrays: &[u64]) -> String {
        let name = self.names.take(name);
        let of = arrays.iter().rev().fold(of.to_owned(), |of, length| format!("array<{of}, {length}>"));
        match (initial, self.space) {
            (_, Space::Private | Space::Workgroup) => self.declare_in_module(&name, &of),
            (Some(text), _) => self.line(format!("var {name}: {of} = {};", text.bare())),
            (None, _) => self.line(format!("var {name}: {of};")),
        }
        name
    }

    fn leaf(
        &mut self,
        name: &str,
        ty: TypeId,
        targets: &Targets,
        initial: Option<&Text>,
        arrays: &mut Vec<u64>,
    ) -> Result<Leaf> {
        if self.types.is_empty(ty) {
            return Ok(Leaf::Empty);
        }
        Ok(match targets {
            Targets::Plain => {
                let of = self.type_name(ty)?;
                Leaf::Plain(self.variable(name, &of, initial, arrays))
            }
            Targets::To(shapes) => {
                let shapes: Vec<_> = shapes.iter().cloned().collect();
                let holes = shapes.iter().map(Shape::holes).max().unwrap_or(0);
                let tag = (shapes.len() > 1).then(|| self.variable(&format!("{name}_in"), "u32", None, arrays));
                let hole = |e: &mut Self| e.variable(&format!("{name}_at"), "u32", None, arrays);
                let holes = (0..holes).map(|_| hole(self)).collect();
                let cells = Cells { shapes, tag, holes };
                match self.module.types[ty] {
                    landbridge_core::ir::Type::Slice(_) => {
                        let of = self.rep(landbridge_core::ir::Scalar::Usize).name();
                        Leaf::Slice(cells, self.variable(&format!("{name}_len"), of, None, arrays))
                    }
                    _ => Leaf::Pointer(cells),
                }
            }
            Targets::Parts(parts) => {
                let module = self.module;
                let landbridge_core::ir::Type::Struct(s) = &module.types[ty] else {
                    return self.error(name, "parts of no struct: a defect of the generator");
                };
                let mut leaves = vec![];
                for (field, targets) in s.fields.iter().zip(parts) {
                    let name = format!("{name}_{}", field.name);
                    leaves.push(self.leaf(&name, field.ty, targets, None, arrays)?);
                }
                Leaf::Parts(leaves)
            }
            Targets::Elements(targets) => {
                let landbridge_core::ir::Type::Array { element, length } = self.module.types[ty] else {
                    return self.error(name, "elements of no array: a defect of the generator");
                };
                arrays.push(length);
                let element = self.leaf(name, element, targets, None, arrays);
                arrays.pop();
                Leaf::Elements(Box::new(element?), length)
            }
        })
    }

    /// The variables of a place in a local, and what remains of the path.
    pub(super) fn leaf_at<'p>(&mut self, local: LocalId, path: &'p [Step]) -> Result<(Leaf, &'p [Step])> {
        if let Slot::Variable(None) = self.slots[local.0 as usize] {
            self.declare(local, None)?;
        }
        let Slot::Variable(Some(leaf)) = &self.slots[local.0 as usize] else {
            return self.error("a variable", "it is set once and changed: a defect of the generator");
        };
        let (mut leaf, mut path) = (leaf.clone(), path);
        loop {
            leaf = match (leaf, path) {
                (Leaf::Parts(mut parts), [Step::Field(k), ..]) => parts.swap_remove(*k as usize),
                (Leaf::Elements(element, _), [Step::Index(index), ..]) => element.indexed(index),
                (leaf, path) => return Ok((leaf, path)),
            };
            path = &path[1..];
        }
    }

    /// Reads a leaf.
    pub(super) fn read_leaf(&mut self, leaf: &Leaf) -> Result<Val> {
        Ok(match leaf {
            Leaf::Empty => Val::Empty,
            Leaf::Plain(name) => Val::Text(Text::variable(name.clone())),
            Leaf::Pointer(cells) => Val::Pointer(self.read_cells(cells)?),
            Leaf::Slice(cells, length) => Val::Slice(Slice {
                first: self.read_cells(cells)?,
                length: self.as_lasting(Text::variable(length.clone())),
            }),
            Leaf::Parts(parts) => {
                let parts: Result<Vec<_>> = parts.iter().map(|p| self.read_leaf(p)).collect();
                let parts = parts?.into_iter().map(|val| match val {
                    Val::Text(text) => Val::Text(self.as_lasting(text)),
                    val => val,
                });
                Val::Parts(parts.collect())
            }
            Leaf::Elements(element, length) if *length <= super::memory::UNROLLED => {
                let one = |k: u64| element.indexed(&Text::literal(format!("{k}u")));
                let parts: Result<Vec<_>> = (0..*length).map(|k| self.read_leaf(&one(k))).collect();
                Val::Parts(parts?)
            }
            Leaf::Elements(_, length) => {
                return self.error(
                    format!("a copy of an array of {length} references"),
                    "WGSL has no pointers in memory; borrow the array instead",
                );
            }
        })
    }

    fn read_cells(&mut self, cells: &Cells) -> Result<Pointer> {
        if cells.shapes.is_empty() {
            return self.error("a reference", "nothing is ever stored to it: the module is not verified");
        }
        let hole = |e: &mut Self, name: &String| e.as_lasting(Text::variable(name.clone()));
        let holes: Vec<_> = cells.holes.iter().map(|h| hole(self, h)).collect();
        let tag = cells.tag.as_ref().map(|t| hole(self, t));
        let choices = cells.shapes.iter().map(|s| self.rebuilt(s, &holes));
        Ok(Pointer { choices: choices.collect(), tag })
    }

    fn rebuilt(&self, shape: &Shape, holes: &[Text]) -> Place {
        match shape {
            Shape::Nothing => Place::Nothing,
            Shape::Null => Place::Null,
            Shape::Buffer(buffer) => Place::Buffer {
                buffer: *buffer,
                address: Address::default().plus(&holes[0], self.buffers[*buffer].grain),
            },
            Shape::Local(local, path) => {
                let mut next = holes.iter();
                let steps = path.iter().map(|step| match step {
                    ShapeStep::Field(k) => Step::Field(*k),
                    ShapeStep::Index => Step::Index(next.next().cloned().unwrap_or_else(|| Text::literal("0u"))),
                });
                Place::Local { local: *local, path: steps.collect() }
            }
        }
    }

    /// The numbers of a place, as its shape needs them.
    fn holes_of(&mut self, place: &Place) -> Result<Vec<Text>> {
        Ok(match place {
            Place::Nothing | Place::Null => vec![],
            Place::Buffer { buffer, address } => {
                let grain = self.buffers[*buffer].grain;
                match address.in_grains(grain) {
                    Some((text, 0)) => vec![text],
                    _ => return self.error("a reference", "its address is not aligned"),
                }
            }
            Place::Local { local: _, path } => path
                .iter()
                .filter_map(|step| match step {
                    Step::Index(text) => Some(text.clone()),
                    Step::Field(_) => None,
                })
                .collect(),
        })
    }

    /// Writes a leaf.
    pub(super) fn write_leaf(&mut self, leaf: &Leaf, val: &Val) -> Result<()> {
        match (leaf, val) {
            (Leaf::Empty, _) | (_, Val::Empty) => {}
            (Leaf::Plain(name), Val::Text(text)) => {
                self.line(format!("{name} = {};", text.bare()));
            }
            (Leaf::Pointer(cells), Val::Pointer(pointer)) => self.write_cells(cells, pointer)?,
            (Leaf::Slice(cells, length), Val::Slice(slice)) => {
                self.write_cells(cells, &slice.first)?;
                self.line(format!("{length} = {};", slice.length.bare()));
            }
            (Leaf::Parts(leaves), Val::Parts(parts)) => {
                for (leaf, part) in leaves.iter().zip(parts) {
                    self.write_leaf(leaf, part)?;
                }
            }
            (Leaf::Elements(element, _), Val::Parts(parts)) => {
                for (k, part) in parts.iter().enumerate() {
                    self.write_leaf(&element.indexed(&Text::literal(format!("{k}u"))), part)?;
                }
            }
            (Leaf::Elements(element, length), Val::Repeated(part)) => {
                let k = self.names.take("k");
                self.line(format!("for (var {k} = 0u; {k} < {length}u; {k}++) {{"));
                self.indent += 1;
                self.write_leaf(&element.indexed(&Text::name(k)), part)?;
                self.indent -= 1;
                self.line("}");
            }
            _ => return self.error("a store", "of a value of another form than its place"),
        }
        Ok(())
    }

    fn write_cells(&mut self, cells: &Cells, pointer: &Pointer) -> Result<()> {
        self.each_choice(pointer, &mut |e, place| {
            let image = |s: &Shape| match s {
                Shape::Buffer(buffer) if e.buffers[*buffer].is_image => Some(*buffer),
                _ => None,
            };
            let place = match (place, cells.shapes.iter().find_map(image)) {
                (Place::Null, Some(buffer)) => &e.null_in(buffer),
                (place, _) => place,
            };
            let shape = place.shape();
            let Some(k) = cells.shapes.iter().position(|s| *s == shape) else {
                if matches!(shape, Shape::Null | Shape::Nothing) {
                    // What is in an `Option`, or a field of that, is taken only where there is something: this way is never gone.
                    return Ok(());
                }
                return e.error("a reference", "to an unforeseen place: a defect of the generator");
            };
            if let Some(tag) = &cells.tag {
                e.line(format!("{tag} = {k}u;"));
            }
            let holes = e.holes_of(place)?;
            for (cell, hole) in cells.holes.iter().zip(holes) {
                e.line(format!("{cell} = {};", hole.bare()));
            }
            Ok(())
        })
    }

    /// Stores to the whole of a local that is declared, or set, by this store.
    pub(super) fn set_local(&mut self, local: LocalId, val: Val, value: Option<ValueId>) -> Result<()> {
        let ty = self.function[local].ty;
        if self.types.is_empty(ty) {
            return Ok(());
        }
        match &self.slots[local.0 as usize] {
            Slot::Once(_) => {
                let named = match val {
                    Val::Text(text) if !text.is_literal() => {
                        let name = self.function[local].name.clone();
                        // A temporary needs no name of its own if the value has one.
                        let hinted = value.is_some_and(|v| self.hints.get(&v) == Some(&name));
                        match text.is_atom() && !text.reads && (name.is_empty() || hinted) {
                            true => Val::Text(text),
                            false => Val::Text(self.named(hint(&name), &text)),
                        }
                    }
                    val => val,
                };
                self.slots[local.0 as usize] = Slot::Once(Some(named));
                Ok(())
            }
            Slot::Variable(None) if !self.types.has_pointers(ty) => {
                let Val::Text(text) = val else {
                    return self.error("a store", "of a value that WGSL cannot hold");
                };
                self.declare(local, Some(&text))?;
                Ok(())
            }
            Slot::Variable(_) => {
                let (leaf, _) = self.leaf_at(local, &[])?;
                self.write_leaf(&leaf, &val)?;
                Ok(())
            }
        }
    }
}

fn hint(name: &str) -> &str {
    if name.is_empty() { "t" } else { name }
}
