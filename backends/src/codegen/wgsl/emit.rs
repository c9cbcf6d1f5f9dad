//! The state of one generation: the text so far, what each value and variable has become, and when values are written.

use std::collections::{BTreeMap, HashMap};

use landbridge_core::ir::{Constant, Function, LocalId, Module, Op, Scalar, SiteId, TypeId, ValueId};

use super::buffers::Buffer;
use super::control::Target;
use super::library::Library;
use super::locals::Slot;
use super::names::Names;
use super::place::Val;
use super::ranges::Facts;
use super::shapes::Targets;
use super::survey::{Nest, Survey};
use super::target::{WgslError, WgslTarget};
use super::text::{Rep, Text, float, integer};
use super::types::Types;

pub(super) type Result<T> = std::result::Result<T, WgslError>;

/// Longest expression that is moved into its use instead of getting a name.
const LONGEST: usize = 90;

pub(super) struct Emitter<'m> {
    pub(super) module: &'m Module,
    pub(super) function: &'m Function,
    pub(super) target: &'m WgslTarget,
    pub(super) wide: bool,
    pub(super) names: Names,
    pub(super) types: Types<'m>,
    pub(super) library: Library,
    pub(super) buffers: Vec<Buffer>,
    /// First buffer of constant memory.
    pub(super) first_data: usize,
    pub(super) survey: Survey,
    pub(super) facts: Facts,
    pub(super) slots: Vec<Slot>,
    /// Of each local: where the addresses in it may point.
    pub(super) targets_of: Vec<Targets>,
    /// Variables that are declared before a statement.
    pub(super) declarations: BTreeMap<(Nest, usize), Vec<LocalId>>,
    pub(super) values: Vec<Option<Val>>,
    /// Names for values that one variable is set to, once.
    pub(super) hints: HashMap<ValueId, String>,
    /// Values that are not written yet and read memory.
    deferred: Vec<ValueId>,
    pub(super) out: String,
    pub(super) indent: usize,
    pub(super) targets: Vec<Target>,
    /// Functions that read or write composites; the second by what they do.
    pub(super) accessors: Vec<String>,
    pub(super) accessor_names: BTreeMap<String, String>,
    /// What `return` gives after a failure: "" or a zero value.
    pub(super) bail: String,
    /// Inside a `continuing` part, where nothing can return: the flag that ends the loop instead.
    pub(super) stop: Option<String>,
    pub(super) stop_used: bool,
    pub(super) result: super::entry::ResultTo,
    pub(super) place: Option<(&'static str, u32)>,
    pub(super) group: Option<super::groups::Group>,
    pub(super) space: super::groups::Space,
    pub(super) may_panic: bool,
    pub(super) may_exceed: bool,
    /// Values of the longest report.
    pub(super) most_reported: usize,
}

/// How a work-item fails.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// Panics at the site with two values (`vec2<u32>` each).
    Panic(SiteId, String, String),
    /// Panics at the site with more than two values.
    Told(SiteId, Vec<String>),
    /// A `usize` or `isize` left 32 bits.
    Range,
    /// The driver would end the loop.
    Rounds,
}

/// No value of a report.
pub(super) const NOTHING: &str = "vec2<u32>()";

impl<'m> Emitter<'m> {
    pub(super) fn new(module: &'m Module, target: &'m WgslTarget, wide: bool) -> Self {
        let function = module.entry_function();
        let survey = Survey::of(function);
        let mut names = Names::default();
        for taken in ["item", "main", "one", "part", "begin", "end", "total", "next"] {
            names.take(taken);
        }
        for taken in ["invocation", "groups", "parameters", "Parameters", "ErrorBlock"] {
            names.take(taken);
        }
        Emitter {
            module,
            function,
            target,
            wide,
            names,
            types: Types::new(module, wide),
            library: Library::default(),
            buffers: vec![],
            first_data: 0,
            facts: Facts::of(module, &survey, wide),
            group: super::groups::Group::of(module, &survey),
            space: super::groups::Space::Function,
            survey,
            slots: vec![],
            targets_of: vec![],
            declarations: BTreeMap::new(),
            values: vec![None; function.values.len()],
            hints: HashMap::new(),
            deferred: vec![],
            out: String::new(),
            indent: 1,
            targets: vec![],
            accessors: vec![],
            accessor_names: BTreeMap::new(),
            bail: String::new(),
            stop: None,
            stop_used: false,
            result: super::entry::ResultTo::Nowhere,
            place: None,
            may_panic: false,
            may_exceed: false,
            most_reported: 0,
        }
    }

    pub(super) fn error<T>(&self, construct: impl Into<String>, why: impl Into<String>) -> Result<T> {
        Err(WgslError { place: self.place, ..WgslError::new(construct, why) })
    }

    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    pub(super) fn type_name(&mut self, ty: TypeId) -> Result<String> {
        self.types.name(ty, &mut self.names).map_err(|e| WgslError { place: e.place.or(self.place), ..e })
    }

    pub(super) fn scalar(&self, ty: TypeId) -> Option<Scalar> {
        self.module.types.as_scalar(ty)
    }

    /// The scalar type of a value that the verifier has checked to be one.
    pub(super) fn scalar_of(&self, value: ValueId) -> Result<Scalar> {
        match self.scalar(self.function[value].ty) {
            Some(scalar) => Ok(scalar),
            None => self.error("an operation", "a scalar was expected: the module is not verified"),
        }
    }

    pub(super) fn rep(&self, scalar: Scalar) -> Rep {
        self.types.rep(scalar)
    }

    /// The type that a scalar is computed in, if the target has it.
    pub(super) fn checked_rep(&self, scalar: Scalar) -> Result<Rep> {
        let rep = self.rep(scalar);
        let missing = match rep {
            Rep::F64 if !self.target.f64 => "64-bit floats (SHADER_F64)",
            Rep::I64 | Rep::U64 if !self.target.int64 => "64-bit integers (SHADER_INT64)",
            _ => return Ok(rep),
        };
        self.error(format!("a value of type `{scalar}`"), format!("the device has no {missing}"))
    }

    /// `usize` or `isize`, computed in 32 bits.
    pub(super) fn is_narrow(&self, scalar: Scalar) -> bool {
        !self.wide && matches!(scalar, Scalar::Usize | Scalar::Isize)
    }

    pub(super) fn note_site(&mut self, site: SiteId) {
        if let Some(site) = self.module.sites.get(site.0 as usize) {
            self.place = Some((site.file, site.line));
        }
    }

    // --- values ---

    /// Names a text: the line is written now.
    pub(super) fn named(&mut self, hint: &str, text: &Text) -> Text {
        let name = self.names.take(hint);
        self.line(format!("let {name} = {};", text.bare()));
        Text::name(name)
    }

    fn named_value(&mut self, value: ValueId, text: &Text) -> Text {
        let hint = self.hints.get(&value).cloned();
        self.named(hint.as_deref().unwrap_or("v"), text)
    }

    /// Sets what a value is; it is written now, or where it is used if that is once and nothing is lost.
    pub(super) fn define(&mut self, value: ValueId, text: Text) {
        let uses = self.survey.uses[value.0 as usize];
        let free = text.is_atom() && !text.reads;
        let text = match uses {
            _ if free => text,
            0 => text,
            1 if text.s.len() <= LONGEST => {
                if text.reads {
                    self.deferred.push(value);
                }
                text
            }
            _ => self.named_value(value, &text),
        };
        self.values[value.0 as usize] = Some(Val::Text(text));
    }

    /// Sets what a value is.
    pub(super) fn define_val(&mut self, value: ValueId, val: Val) {
        match val {
            Val::Text(text) => self.define(value, text),
            val => self.values[value.0 as usize] = Some(val),
        }
    }

    /// Writes all values that read memory: before a store.
    pub(super) fn flush_reads(&mut self) {
        for value in std::mem::take(&mut self.deferred) {
            self.write_now(value);
        }
    }

    /// Writes all values that wait: before a loop, which would compute them again and again.
    pub(super) fn flush_all(&mut self) {
        self.deferred.clear();
        for k in 0..self.values.len() {
            if self.survey.uses[k] > 0 {
                self.write_now(ValueId(k as u32));
            }
        }
    }

    fn write_now(&mut self, value: ValueId) {
        let waiting = match &self.values[value.0 as usize] {
            Some(Val::Text(text)) if text.reads || !text.is_atom() => text.clone(),
            _ => return,
        };
        let text = self.named_value(value, &waiting);
        self.values[value.0 as usize] = Some(Val::Text(text));
    }

    /// What a value is. A waiting value is handed over: it is used once.
    pub(super) fn val(&mut self, value: ValueId) -> Result<Val> {
        let slot = &mut self.values[value.0 as usize];
        let waiting = matches!(slot, Some(Val::Text(t)) if t.reads || !t.is_atom());
        let found = if waiting { slot.take() } else { slot.clone() };
        match found {
            Some(val) => Ok(val),
            None => self.error("a value", "it is used before it is computed: the module is not verified"),
        }
    }

    /// A value that is a WGSL expression. Structs that were kept in parts are put together.
    pub(super) fn text(&mut self, value: ValueId) -> Result<Text> {
        match self.val(value)? {
            Val::Text(text) => Ok(text),
            Val::Empty | Val::Parts(_) | Val::Repeated(_) | Val::Pointer(_) | Val::Slice(_) => self.error(
                format!("a value of type `{}`", self.type_text(value)),
                "it has no representation as a WGSL value",
            ),
        }
    }

    fn type_text(&self, value: ValueId) -> String {
        self.module.types.name(self.function[value].ty)
    }

    /// A value that may be repeated; it may still change with memory until the next statement that stores.
    pub(super) fn atom(&mut self, value: ValueId) -> Result<Text> {
        let text = self.text(value)?;
        Ok(self.as_atom(text))
    }

    pub(super) fn as_atom(&mut self, text: Text) -> Text {
        if text.is_atom() { text } else { self.named("v", &text) }
    }

    /// A value that may be repeated for as long as its block lasts.
    pub(super) fn lasting(&mut self, value: ValueId) -> Result<Text> {
        let text = self.text(value)?;
        Ok(self.as_lasting(text))
    }

    pub(super) fn as_lasting(&mut self, text: Text) -> Text {
        if text.is_atom() && !text.reads { text } else { self.named("v", &text) }
    }

    /// A text that WGSL does not evaluate when it compiles (where overflow or a zero divisor would be an error): a `let`
    /// would be looked through.
    pub(super) fn at_run_time(&mut self, text: Text) -> Text {
        if !text.is_literal() {
            return text;
        }
        let name = self.names.take("v");
        self.line(format!("var {name} = {text};"));
        Text::name(name)
    }

    // --- failures ---

    /// Fails if `condition` is true. Whatever waits has been written by the caller if it must not be skipped.
    pub(super) fn fail_if(&mut self, condition: &Text, failure: &Failure) {
        self.line(format!("if {} {{", condition.bare()));
        self.indent += 1;
        self.fail(failure);
        self.indent -= 1;
        self.line("}");
    }

    /// Fails.
    pub(super) fn fail(&mut self, failure: &Failure) {
        match failure {
            Failure::Panic(site, first, second) => {
                self.may_panic = true;
                self.library.require("lb_panic");
                self.line(format!("lb_panic({}u, {first}, {second});", site.0));
            }
            Failure::Told(site, values) => self.tell(*site, values),
            Failure::Rounds => {
                self.may_panic = true;
                self.line("lb_too_many_rounds();");
            }
            Failure::Range => {
                self.may_exceed = true;
                self.library.require("lb_range_exceeded");
                self.line("lb_range_exceeded();");
            }
        }
        match self.stop.clone() {
            Some(flag) => {
                self.stop_used = true;
                self.line(format!("{flag} = true;"));
            }
            None => self.line(format!("return{};", self.bail)),
        }
    }

    /// A scalar as a value of the report: its 64 bits.
    pub(super) fn report(&mut self, text: &Text, scalar: Scalar) -> String {
        let s = text.bare();
        match self.rep(scalar) {
            Rep::U32 => format!("vec2<u32>({s}, 0u)"),
            Rep::Bool => format!("vec2<u32>(u32({s}), 0u)"),
            Rep::F32 => format!("vec2<u32>(bitcast<u32>({s}), 0u)"),
            Rep::I32 => format!("vec2<u32>(u32({s}), u32({text} >> 31u))"),
            Rep::U64 => format!("vec2<u32>(u32({text} & 4294967295lu), u32({text} >> 32u))"),
            Rep::I64 => format!("vec2<u32>(u32(u64({s}) & 4294967295lu), u32(u64({s}) >> 32u))"),
            Rep::F64 => {
                let bits = format!("bitcast<u64>({s})");
                format!("vec2<u32>(u32({bits} & 4294967295lu), u32({bits} >> 32u))")
            }
        }
    }

    // --- operations ---

    pub(super) fn constant(&mut self, constant: Constant, ty: TypeId) -> Result<Text> {
        let scalar = self.scalar(ty).unwrap_or(Scalar::U32);
        let rep = self.checked_rep(scalar)?;
        Ok(match constant {
            Constant::Bool(b) => Text::literal(b.to_string()),
            Constant::Int(value) => {
                let fits = !self.is_narrow(scalar) || {
                    let (low, high) = super::integer::limits(rep);
                    (low..=high).contains(&value)
                };
                if !fits {
                    return self.error(
                        format!("the constant {value} of type `{scalar}`"),
                        "it needs 64 bits, which the device's integers do not have",
                    );
                }
                integer(value, rep)
            }
            Constant::F32(bits) => float(constant).unwrap_or_else(|| {
                self.library.require("lb_f32");
                Text::compound(format!("lb_f32({bits}u)"), false)
            }),
            Constant::F64(bits) => match float(constant) {
                Some(text) => text,
                None => {
                    if !self.target.int64 {
                        return self.error(
                            format!("the constant {}", f64::from_bits(bits)),
                            "it needs 64-bit integers (SHADER_INT64), which the device lacks",
                        );
                    }
                    self.library.require("lb_f64");
                    Text::compound(format!("lb_f64({bits}lu)"), false)
                }
            },
        })
    }

    /// Computes a value.
    pub(super) fn eval(&mut self, value: ValueId) -> Result<()> {
        let function = self.function;
        let ty = function[value].ty;
        let op = &function[value].op;
        if let Some(scalar) = self.scalar(ty) {
            self.checked_rep(scalar)?;
        }
        match op {
            Op::Constant(constant) => {
                let text = self.constant(*constant, ty)?;
                self.define(value, text);
            }
            Op::Unit => self.values[value.0 as usize] = Some(Val::Empty),
            Op::Unary { op, operand, site } => {
                let text = self.unary(value, *op, *operand, *site)?;
                let text = self.as_written(text, ty)?;
                self.define(value, text);
            }
            Op::Binary { op, left, right, site } => {
                let text = self.binary(value, *op, *left, *right, *site)?;
                let text = self.as_written(text, ty)?;
                self.define(value, text);
            }
            Op::Compare { op, left, right } => {
                let text = match self.scalar(function[*left].ty) {
                    Some(_) => self.compare(*op, *left, *right)?,
                    None => self.compare_pointers(*op, *left, *right)?,
                };
                self.define(value, text);
            }
            Op::Cast(from) => {
                let text = self.cast(value, *from)?;
                let text = self.as_written(text, ty)?;
                self.define(value, text);
            }
            Op::Bitcast(from) => {
                let text = self.bitcast(value, *from)?;
                self.define(value, text);
            }
            Op::Math { function, arguments } => {
                let text = self.math(value, *function, arguments)?;
                let text = self.as_written(text, ty)?;
                self.define(value, text);
            }
            Op::Atomic { op, pointer, arguments } => self.atomic(value, *op, *pointer, arguments)?,
            Op::Make(parts) => {
                let val = self.make(ty, parts)?;
                self.define_val(value, val);
            }
            Op::Repeat(element) if self.fills_group_array(value) => self.fill_value(value, *element)?,
            Op::Repeat(element) => {
                let val = self.repeat(ty, *element)?;
                self.define_val(value, val);
            }
            Op::Extract { base, index } => {
                let val = self.extract(*base, *index)?;
                self.define_val(value, val);
            }
            Op::Select { condition, accept, reject } => {
                let val = self.select(ty, *condition, *accept, *reject)?;
                self.define_val(value, val);
            }
            Op::IsSome(option) => {
                let text = self.is_some(*option)?;
                self.define(value, text);
            }
            Op::Load(pointer) => {
                let pointer = self.pointer(*pointer)?;
                self.note_group_load(&pointer);
                let val = self.load(&pointer, ty)?;
                self.define_val(value, val);
            }
            Op::Local(_)
            | Op::Data(_)
            | Op::Field { .. }
            | Op::Element { .. }
            | Op::AsSlice(_)
            | Op::Subslice { .. }
            | Op::Null
            | Op::Some(_)
            | Op::Payload(_)
            | Op::PayloadPlace(_)
            | Op::MakeSlice { .. }
            | Op::Node { .. }
            | Op::Length(_) => self.address(value, op)?,
            Op::Call { function, .. } => {
                let name = &self.module[*function].name;
                return self.error(format!("a call of `{name}`"), "calls are to be inlined before WGSL is made");
            }
        }
        Ok(())
    }
}
