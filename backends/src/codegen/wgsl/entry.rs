//! The entry point: bindings, parameters, what a work-item sees at its start, and where its result goes.

use landbridge_core::ir::{Function, LocalId, Role, Scalar, Type, TypeId};

use super::buffers::{Buffer, Unit};
use super::emit::{Emitter, Result};
use super::interface::{Access, Bound, ParametersIn, Part, WgslBinding};
use super::parameters::{PackedBuffer, ParameterLayout, ParameterWord};
use super::place::{Address, Place, Pointer, Shape, Slice, Val};
use super::survey::Nest;
use super::target::{Mode, ReduceOp};
use super::text::{Rep, Text};

/// Where the kernel's result goes.
#[derive(Clone, Debug)]
pub(super) enum ResultTo {
    Nowhere,
    Output { buffer: usize, address: Address },
    Caller,
}

/// Bindings and parameters under construction.
#[derive(Default)]
pub(super) struct Interface {
    pub(super) bindings: Vec<WgslBinding>,
    pub(super) layout: ParameterLayout,
    /// The member's name of each word.
    pub(super) members: Vec<String>,
    /// How each binding behind the error block is bound.
    pub(super) slots: Vec<Access>,
    /// Of each of the entry's parameters: its buffer, if it has one.
    of_parameter: Vec<Option<usize>>,
    output: Option<usize>,
}

impl Interface {
    fn word(&self, word: ParameterWord) -> Text {
        match self.layout.position(word) {
            Some(k) => Text::name(format!("parameters.{}", self.members[k])),
            None => Text::literal("0u"),
        }
    }

    /// Adds what only the library asks for, and decides where the parameters are.
    pub(super) fn settle(&mut self, library: &str, immediates_bytes: u32) -> ParametersIn {
        if library.contains("parameters.zero") {
            self.push(ParameterWord::Zero, "zero".into());
        }
        match self.layout.bytes() <= immediates_bytes {
            true => ParametersIn::Immediates,
            false => ParametersIn::StorageBuffer,
        }
    }

    fn push(&mut self, word: ParameterWord, member: String) {
        self.layout.words.push(word);
        self.members.push(member);
    }

    fn push_wide(&mut self, member: &str, word: impl Fn(bool) -> ParameterWord) {
        self.push(word(false), member.to_owned());
        self.push(word(true), format!("{member}_high"));
    }
}

impl Emitter<'_> {
    /// Makes the buffers of the arguments, of the output and of constant memory.
    pub(super) fn plan_buffers(&mut self, mode: Mode) -> Result<Interface> {
        let module = self.module;
        let mut interface = Interface::default();
        interface.layout.wide = self.wide;
        for (k, parameter) in module.parameters.iter().enumerate() {
            let exclusive = match parameter.role {
                Role::Item { exclusive } | Role::Row { exclusive } => exclusive,
                Role::Atomics => true,
                Role::Whole | Role::Root { .. } => false,
                Role::Uniform | Role::Index { .. } => {
                    interface.of_parameter.push(None);
                    continue;
                }
            };
            let is_image = super::links::is_image(module, parameter);
            let part = match parameter.role {
                _ if is_image => Part::Whole,
                Role::Item { .. } => Part::Items,
                Role::Row { .. } => Part::Rows,
                _ => Part::Whole,
            };
            let buffer = (is_image || !self.types.is_empty(parameter.ty)).then(|| {
                let source = Bound::Parameter(k);
                let region = || Buffer::region(module, parameter.ty).filter(|_| parameter.role == Role::Whole);
                let mut buffer = match (is_image, region()) {
                    (true, _) => Buffer::image(module, parameter.ty, exclusive),
                    (false, Some(region)) => region,
                    (false, None) => Buffer::new(module, self.target, self.wide, parameter.ty, exclusive),
                };
                buffer.name = self.names.take_global(&parameter.name);
                self.add_buffer(&mut interface, buffer, source, part)
            });
            interface.of_parameter.push(buffer);
        }
        let result = module.result();
        if mode != Mode::Run && !self.types.is_empty(result) {
            let mut buffer = Buffer::new(module, self.target, self.wide, result, true);
            buffer.name = self.names.take_global("results");
            let output = self.add_buffer(&mut interface, buffer, Bound::Output, Part::Items);
            interface.output = Some(output);
        }
        self.first_data = self.buffers.len();
        for data in &module.data {
            let mut buffer = Buffer::new(module, self.target, self.wide, data.ty, false);
            buffer.name = self.names.take_global("table");
            if buffer.unit != Unit::Words && !super::data::is_plain(&buffer, &data.bytes) {
                buffer.unit = Unit::Words;
            }
            self.buffers.push(buffer);
        }
        Ok(interface)
    }

    fn add_buffer(&mut self, interface: &mut Interface, buffer: Buffer, source: Bound, part: Part) -> usize {
        let element_bytes = self.module.types.size(buffer.element);
        interface.bindings.push(WgslBinding {
            source,
            access: match buffer.exclusive {
                true => Access::ReadWrite,
                false => Access::Read,
            },
            element_bytes,
            part,
            unit_bytes: buffer.unit_bytes as u32,
            slot: 0,
            parts: 1,
            part_bytes: 0,
            packed: false,
        });
        let parameter = match source {
            Bound::Parameter(k) => Some(k),
            Bound::Output => None,
        };
        interface.layout.buffers.push(PackedBuffer {
            unit_bytes: buffer.unit_bytes,
            grain: buffer.grain,
            element_bytes,
            part,
            parameter,
        });
        self.buffers.push(buffer);
        self.buffers.len() - 1
    }

    /// Where the addresses in the entry's parameters point.
    pub(super) fn entry_shapes(&self, interface: &Interface) -> Vec<Option<Shape>> {
        let of = |(k, buffer): (usize, &Option<usize>)| match (self.module.parameters[k].role, buffer) {
            (Role::Uniform | Role::Index { .. }, _) => None,
            (_, Some(buffer)) => Some(Shape::Buffer(*buffer)),
            (_, None) => Some(Shape::Nothing),
        };
        interface.of_parameter.iter().enumerate().map(of).collect()
    }

    /// Decides the words of the parameters.
    pub(super) fn plan_words(&mut self, interface: &mut Interface, mode: Mode) {
        let module = self.module;
        interface.push_wide("first", |high| ParameterWord::First { high });
        interface.push(ParameterWord::Count, "count".into());
        if let Mode::Reduce(_) = mode {
            interface.push(ParameterWord::Block, "block".into());
        }
        let dimensions = |role: &Role| match role {
            Role::Index { dimensions } => *dimensions,
            _ => 1,
        };
        let most = module.parameters.iter().map(|p| dimensions(&p.role)).max();
        for dimension in 0..most.unwrap_or(1).saturating_sub(1) {
            let member = ["extent_x", "extent_y"][usize::from(dimension)];
            interface.push_wide(member, |high| ParameterWord::Extent { dimension, high });
        }
        let mut members = super::names::Names::default();
        for taken in ["first", "first_high", "count", "block", "extent_x", "extent_y", "zero"] {
            members.take(taken);
        }
        for binding in 0..interface.bindings.len() {
            let member = members.take(&format!("{}_offset", self.buffers[binding].name));
            interface.push(ParameterWord::Offset { binding }, member);
        }
        for (k, parameter) in module.parameters.iter().enumerate() {
            match parameter.role {
                Role::Whole | Role::Atomics | Role::Row { .. } | Role::Root { nullable: true } => {
                    let member = members.take(&format!("{}_len", parameter.name));
                    interface.push_wide(&member, |high| ParameterWord::Length { parameter: k, high });
                }
                Role::Uniform => {
                    let size = module.types.size(parameter.ty);
                    interface.layout.uniforms.push((k, size as usize));
                    for word in 0..size.div_ceil(4) as usize {
                        let member = match size <= 4 {
                            true => members.take(&parameter.name),
                            false => members.take(&format!("{}_{word}", parameter.name)),
                        };
                        let of = ParameterWord::Uniform { parameter: k, word };
                        interface.push(of, member);
                    }
                }
                Role::Item { .. } | Role::Index { .. } | Role::Root { nullable: false } => {}
            }
        }
    }

    /// Where images start in their bindings.
    fn plan_images(&mut self, interface: &Interface) {
        for k in 0..self.buffers.len() {
            if self.buffers[k].is_image {
                self.buffers[k].start = self.offset(interface, k);
            }
        }
    }

    /// Sets the entry's parameters and where the result goes; `item` is the number inside the dispatch.
    pub(super) fn enter(&mut self, interface: &Interface, mode: Mode) -> Result<()> {
        let item = Text::name("item");
        self.plan_images(interface);
        for (k, parameter) in self.module.parameters.iter().enumerate() {
            let local = LocalId(k as u32);
            if self.survey.is_unused(local) {
                continue;
            }
            let val = match parameter.role {
                Role::Uniform => self.uniform(interface, k, parameter.ty)?,
                Role::Index { dimensions } => self.index(interface, parameter.ty, dimensions)?,
                Role::Item { .. } => {
                    let size = self.module.types.size(parameter.ty);
                    let number = self.item_in(interface, k, &item)?;
                    Val::Pointer(self.start(interface, k, &[(&number, size)]))
                }
                Role::Root { nullable } => {
                    let length = if nullable { Some(self.length(interface, k)?) } else { None };
                    let first = self.start(interface, k, &[]);
                    match first.single() {
                        Some(place) => self.root(place.clone(), length.as_ref())?,
                        None => return self.error(&parameter.name, "of no known place"),
                    }
                }
                Role::Whole | Role::Atomics => {
                    let length = self.length(interface, k)?;
                    let first = self.start(interface, k, &[]);
                    Val::Slice(Slice { first, length })
                }
                Role::Row { .. } => {
                    let length = self.length(interface, k)?;
                    let size = self.module.types.size(parameter.ty);
                    let narrow = self.as_u32(&length);
                    let number = self.item_in(interface, k, &item)?;
                    let row = number.infix("*", &narrow);
                    let row = self.named(&format!("{}_row", parameter.name), &row);
                    let first = self.start(interface, k, &[(&row, size)]);
                    Val::Slice(Slice { first, length })
                }
            };
            self.set_local(local, val, None)?;
        }
        self.result = match (mode, interface.output) {
            (Mode::Collect, Some(buffer)) => {
                ResultTo::Output { buffer, address: self.output_address(interface, buffer, &item) }
            }
            (Mode::Reduce(_), Some(_)) => ResultTo::Caller,
            _ => ResultTo::Nowhere,
        };
        Ok(())
    }

    fn output_address(&mut self, interface: &Interface, buffer: usize, item: &Text) -> Address {
        let size = self.module.types.size(self.module.result());
        self.offset(interface, buffer).plus(item, size)
    }

    /// Where an argument starts in its binding.
    fn offset(&self, interface: &Interface, buffer: usize) -> Address {
        if self.target.offsets_are_zero {
            return Address::default();
        }
        let offset = interface.word(ParameterWord::Offset { binding: buffer });
        Address::default().plus(&offset, self.buffers[buffer].unit_bytes)
    }

    /// The address of an argument's first element, and further by some products.
    fn start(&mut self, interface: &Interface, parameter: usize, more: &[(&Text, u64)]) -> Pointer {
        let Some(buffer) = interface.of_parameter[parameter] else {
            return Pointer::one(Place::Nothing);
        };
        let mut address = self.offset(interface, buffer);
        if self.buffers[buffer].is_image {
            address = address.plus_bytes(super::links::first_element(self.module, self.buffers[buffer].element));
        }
        for (text, scale) in more {
            address = address.plus(text, *scale);
        }
        Pointer::one(Place::Buffer { buffer, address })
    }

    /// The work-item's number among the elements that are in the binding: an image is there as a whole.
    fn item_in(&mut self, interface: &Interface, parameter: usize, item: &Text) -> Result<Text> {
        match interface.of_parameter[parameter] {
            Some(buffer) if self.buffers[buffer].is_image => {
                let first = interface.word(ParameterWord::First { high: false });
                let number = first.infix("+", item);
                Ok(self.named("element", &number))
            }
            _ => Ok(item.clone()),
        }
    }

    fn length(&mut self, interface: &Interface, parameter: usize) -> Result<Text> {
        let name = format!("{}_len", self.module.parameters[parameter].name);
        let word = |high| interface.word(ParameterWord::Length { parameter, high });
        let length = match self.wide {
            true => wide(&word(false), &word(true)),
            false => word(false),
        };
        Ok(self.named(&name, &length))
    }

    /// The work-item's number.
    fn index(&mut self, interface: &Interface, ty: TypeId, dimensions: u8) -> Result<Val> {
        self.checked_rep(Scalar::Usize)?;
        let word = |high| interface.word(ParameterWord::First { high });
        let number = match self.wide {
            true => Text::compound(format!("({} + u64(item))", wide(&word(false), &word(true))), false),
            false => word(false).infix("+", &Text::name("item")),
        };
        if dimensions == 1 {
            return Ok(Val::Text(number));
        }
        let number = self.named("number", &number);
        let extent = |dimension| {
            let word = |high| interface.word(ParameterWord::Extent { dimension, high });
            match self.wide {
                true => wide(&word(false), &word(true)),
                false => word(false),
            }
        };
        let (x, y) = (extent(0), extent(1));
        let rest = number.infix("/", &x);
        let mut parts = match dimensions {
            2 => vec![rest],
            _ => vec![rest.infix("/", &y), rest.infix("%", &y)],
        };
        parts.push(number.infix("%", &x));
        let of = self.type_name(ty)?;
        Ok(Val::Text(Text::call(&of, &parts.iter().collect::<Vec<_>>())))
    }

    fn uniform(&mut self, interface: &Interface, parameter: usize, ty: TypeId) -> Result<Val> {
        if self.types.is_empty(ty) {
            return Ok(Val::Empty);
        }
        Ok(Val::Text(self.uniform_part(interface, parameter, ty, 0)?))
    }

    /// A part of a uniform, `at` bytes from its start.
    fn uniform_part(&mut self, interface: &Interface, parameter: usize, ty: TypeId, at: u64) -> Result<Text> {
        let module = self.module;
        let mut parts = vec![];
        match &module.types[ty] {
            Type::Scalar(scalar) => {
                self.checked_rep(*scalar)?;
                let word = |k| interface.word(ParameterWord::Uniform { parameter, word: k as usize });
                return self.uniform_scalar(&word, *scalar, at);
            }
            Type::Array { element, length } => {
                let size = module.types.size(*element);
                for k in 0..*length {
                    parts.push(self.uniform_part(interface, parameter, *element, at + k * size)?);
                }
            }
            Type::Struct(s) => {
                for field in s.fields.iter().filter(|f| !super::shapes::is_empty(module, f.ty)) {
                    let at = at + field.offset;
                    parts.push(self.uniform_part(interface, parameter, field.ty, at)?);
                }
            }
            _ => return self.error(module.types.name(ty), "it cannot be a uniform"),
        }
        let of = self.type_name(ty)?;
        Ok(Text::call(&of, &parts.iter().collect::<Vec<_>>()))
    }

    fn uniform_scalar(&mut self, word: &dyn Fn(u64) -> Text, scalar: Scalar, at: u64) -> Result<Text> {
        let low = word(at / 4);
        let rep = self.rep(scalar);
        if scalar.size() == 8 {
            return self.joined(&low, &word(at / 4 + 1), scalar, true);
        }
        if scalar.size() == 4 {
            return Ok(match rep {
                Rep::U32 => low,
                _ => Text::compound(format!("bitcast<{}>({low})", rep.name()), false),
            });
        }
        let (shift, bits) = (at % 4 * 8, scalar.bits());
        let up = 32 - bits;
        Ok(Text::compound(
            match scalar {
                Scalar::Bool => format!("((({low} >> {shift}u) & 255u) != 0u)"),
                Scalar::U8 | Scalar::U16 => {
                    format!("(({low} >> {shift}u) & {}u)", (1u32 << bits) - 1)
                }
                _ => format!("(i32(({low} >> {shift}u) << {up}u) >> {up}u)"),
            },
            false,
        ))
    }

    /// Writes the function's body, then around it the entry point.
    pub(super) fn entry_text(&mut self, interface: &Interface, mode: Mode, body: &Function) -> Result<String> {
        let size = self.target.workgroup_size;
        self.indent = 1;
        let reduce = match (mode, interface.output) {
            (Mode::Reduce(op), Some(output)) => Some((op, output)),
            _ => None,
        };
        if let Some((_, output)) = reduce {
            let of = self.type_name(self.buffers[output].element)?;
            self.bail = format!(" {of}()");
        }
        self.enter(interface, mode)?;
        let reached = self.block(&body.body, Nest(0))?;
        if reached && reduce.is_some() {
            self.line(format!("return{};", self.bail));
        }
        let body = std::mem::take(&mut self.out);
        if let Some(text) = self.group_text(&body) {
            return Ok(text);
        }
        let head = format!(
            "@compute @workgroup_size({size})\n\
             fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {{\n"
        );
        let number = format!("invocation.x + invocation.y * (groups.x * {size}u)");
        let report = self.report_text();
        if reduce.is_none() && report.is_empty() {
            return Ok(format!(
                "{head}    let item = {number};\n    if item >= parameters.count {{\n        return;\n    }}\n    \
                 lb_item = item;\n{body}}}\n"
            ));
        }
        let Some((op, output)) = reduce else {
            return Ok(format!(
                "fn one(item: u32) {{\n    lb_item = item;\n{body}}}\n\n{head}    let item = {number};\n    \
                 if item >= parameters.count {{\n        return;\n    }}\n    one(item);\n{report}}}\n"
            ));
        };
        let of = self.type_name(self.buffers[output].element)?;
        self.fold_text(interface, op, output)?;
        let fold = std::mem::take(&mut self.out);
        Ok(format!(
            "fn one(item: u32) -> {of} {{\n    lb_item = item;\n{body}}}\n\n{head}    let part = {number};\n{fold}{report}}}\n"
        ))
    }

    /// Where an invocation that failed says so.
    pub(super) fn report_text(&mut self) -> &'static str {
        if !self.may_panic && !self.may_exceed {
            return "";
        }
        self.library.require("lb_report");
        "    lb_report();\n"
    }

    /// The fold over a block of items.
    fn fold_text(&mut self, interface: &Interface, op: ReduceOp, output: usize) -> Result<()> {
        let ty = self.buffers[output].element;
        let Some(scalar) = self.scalar(ty).filter(|s| *s != Scalar::Bool) else {
            return self.error(
                format!("a reduction of `{}`", self.module.types.name(ty)),
                "only numbers are reduced on the device",
            );
        };
        // Blocks are counted so that nothing here overflows: the last may be short.
        self.line("if part >= (parameters.count + (parameters.block - 1u)) / parameters.block {");
        self.line("    return;");
        self.line("}");
        self.line("let begin = part * parameters.block;");
        self.line("let end = begin + min(parameters.block, parameters.count - begin);");
        self.line("var total = one(begin);");
        let folded = self.fold(op, scalar, &Text::variable("total"), &Text::variable("next"))?;
        self.line("for (var k = begin + 1u; k < end; k++) {");
        self.line("    let next = one(k);");
        self.line(format!("    total = {};", folded.bare()));
        self.line("}");
        let part = Text::name("part");
        let address = self.output_address(interface, output, &part);
        self.store_buffer(output, &address, &Text::variable("total"), ty)
    }
}

/// 64 bits of two words.
fn wide(low: &Text, high: &Text) -> Text {
    Text::compound(format!("(u64({low}) | (u64({high}) << 32u))"), false)
}
