//! The readable form of a module, for golden files, errors and eyes; `Display` of [`Module`] gives it.
//!
//! ```text
//! kernel saxpy
//! site 0: AddOverflow at src/lib.rs:4:5
//! parameter a: Uniform f32
//! parameter y: Item(mut) f32
//! entry fn 0 saxpy(a$0: f32, y$1: &f32) {
//!     %1: f32 = load a$0
//!     %3: &f32 = load y$1
//!     store %3, %1
//! }
//! ```
//! Locals are written `name$number`, values `%number`, labels `'number`. Constants and addresses of locals and data are
//! written where they are used; all other values at their evaluation. Printing never fails: ids that lead nowhere are
//! printed as they are.

use std::fmt::{self, Write};

use super::{
    AtomicOp, BinaryOp, Block, CompareOp, Constant, Function, Label, LocalId, Module, Op, Parameter, Role, SiteId,
    Statement, StructType, Type, TypeId, TypeTable, UnaryOp, Value, ValueId,
};

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "kernel {}", self.name)?;
        for (id, ty) in self.types.iter() {
            if matches!(ty, Type::Struct(_)) {
                writeln!(f, "{}", type_definition(&self.types, id))?;
            }
        }
        for (k, data) in self.data.iter().enumerate() {
            write!(f, "data {k}: {} =", type_name(&self.types, data.ty))?;
            for byte in &data.bytes {
                write!(f, " {byte:02x}")?;
            }
            writeln!(f)?;
        }
        for (k, site) in self.sites.iter().enumerate() {
            let super::Site { kind, file, line, column } = site;
            writeln!(f, "site {k}: {kind:?} at {file}:{line}:{column}")?;
        }
        for Parameter { name, role, ty } in &self.parameters {
            let (role, ty) = (role_name(*role), type_name(&self.types, *ty));
            writeln!(f, "parameter {name}: {role} {ty}")?;
        }
        for (k, function) in self.functions.iter().enumerate() {
            write_function(f, self, k as u32, function)?;
        }
        Ok(())
    }
}

fn role_name(role: Role) -> String {
    let exclusive = |name: &str, exclusive| {
        if exclusive { format!("{name}(mut)") } else { name.into() }
    };
    match role {
        Role::Uniform => "Uniform".into(),
        Role::Item { exclusive: e } => exclusive("Item", e),
        Role::Whole => "Whole".into(),
        Role::Atomics => "Atomics".into(),
        Role::Row { exclusive: e } => exclusive("Row", e),
        Role::Root { nullable: false } => "Root".into(),
        Role::Root { nullable: true } => "Root(nullable)".into(),
        Role::Index { dimensions } => format!("Index({dimensions})"),
    }
}

/// The type's name as Rust writes it; `type N` where the id, or one inside, leads nowhere.
pub fn type_name(types: &TypeTable, id: TypeId) -> String {
    type_name_within(types, id, 16)
}

fn type_name_within(types: &TypeTable, id: TypeId, depth: u32) -> String {
    let inner = |id| match depth {
        0 => "..".into(),
        _ => type_name_within(types, id, depth - 1),
    };
    match types.get(id) {
        None => format!("type {}", id.0),
        Some(Type::Pointer(to)) => format!("&{}", inner(*to)),
        Some(Type::Nullable(to)) => format!("Option<&{}>", inner(*to)),
        Some(Type::Slice(of)) => format!("&[{}]", inner(*of)),
        Some(Type::Array { element, length }) => format!("[{}; {length}]", inner(*element)),
        Some(Type::Struct(s)) if s.name.is_empty() => {
            let fields: Vec<_> = s.fields.iter().map(|f| inner(f.ty)).collect();
            format!("({})", fields.join(", "))
        }
        Some(Type::Struct(s)) => s.name.clone(),
        Some(Type::Unit | Type::Scalar(_) | Type::Atomic(_)) => types.name(id),
    }
}

/// A type with its layout: `type 3 Particle { mass: f32 @0, .. } size 16 align 4`.
pub fn type_definition(types: &TypeTable, id: TypeId) -> String {
    let mut text = format!("type {} {}", id.0, type_name(types, id));
    if let Some(Type::Struct(StructType { name: _, fields, size, align, variants })) = types.get(id) {
        let fields: Vec<_> =
            fields.iter().map(|f| format!("{}: {} @{}", f.name, type_name(types, f.ty), f.offset)).collect();
        let _ = write!(text, " {{ {} }} size {size} align {align}", fields.join(", "));
        if !variants.is_empty() {
            let _ = write!(text, " variants {variants:?}");
        }
    }
    text
}

/// A value as it is written at its evaluation: `%3: f32 = add %1, %2`.
pub fn value(module: &Module, function: &Function, id: ValueId) -> String {
    let Some(Value { ty, op }) = function.values.get(id.0 as usize) else {
        return format!("%{}", id.0);
    };
    let ty = type_name(&module.types, *ty);
    format!("%{}: {ty} = {}", id.0, operation(module, function, op))
}

/// A statement without the blocks inside: `if %3`.
pub fn statement_head(module: &Module, function: &Function, statement: &Statement) -> String {
    let list = |ids: &[ValueId]| operands(module, function, ids);
    let one = |id: ValueId| operand(module, function, id);
    match statement {
        Statement::Eval(id) => value(module, function, *id),
        Statement::Store { pointer, value } => format!("store {}, {}", one(*pointer), one(*value)),
        Statement::If { condition, .. } => format!("if {}", one(*condition)),
        Statement::Loop { label, .. } => format!("loop {}", label_name(*label)),
        Statement::Block { label, .. } => format!("block {}", label_name(*label)),
        Statement::Phase { lanes, count, item, .. } => {
            format!("phase {} of {} by {lanes}", local_name(function, *item), one(*count))
        }
        Statement::Break(label) => format!("break {}", label_name(*label)),
        Statement::Continue(label) => format!("continue {}", label_name(*label)),
        Statement::Return(None) => "return".into(),
        Statement::Return(Some(id)) => format!("return {}", one(*id)),
        Statement::Check { condition, site, arguments } => {
            format!("check {} {}({})", one(*condition), site_name(*site), list(arguments))
        }
        Statement::Panic { site, arguments } => {
            format!("panic {}({})", site_name(*site), list(arguments))
        }
    }
}

fn label_name(label: Label) -> String {
    format!("'{}", label.0)
}

fn site_name(site: SiteId) -> String {
    format!("@{}", site.0)
}

fn local_name(function: &Function, id: LocalId) -> String {
    let name = function.locals.get(id.0 as usize).map(|l| l.name.as_str());
    format!("{}${}", name.unwrap_or("?"), id.0)
}

fn operands(module: &Module, function: &Function, ids: &[ValueId]) -> String {
    let texts: Vec<_> = ids.iter().map(|id| operand(module, function, *id)).collect();
    texts.join(", ")
}

/// How a use of a value is written.
fn operand(module: &Module, function: &Function, id: ValueId) -> String {
    match function.values.get(id.0 as usize) {
        Some(Value { ty, op }) if is_inline(op) => match op {
            Op::Constant(_) => format!("{}_{}", operation(module, function, op), type_name(&module.types, *ty)),
            _ => operation(module, function, op),
        },
        _ => format!("%{}", id.0),
    }
}

/// Whether the value is written where it is used.
fn is_inline(op: &Op) -> bool {
    matches!(op, Op::Constant(_) | Op::Unit | Op::Local(_) | Op::Data(_))
}

fn operation(module: &Module, function: &Function, op: &Op) -> String {
    let one = |id: &ValueId| operand(module, function, *id);
    let list = |ids: &[ValueId]| operands(module, function, ids);
    let at = |site: &Option<SiteId>| site.map_or(String::new(), |s| format!(" {}", site_name(s)));
    match op {
        Op::Constant(constant) => constant_text(*constant),
        Op::Unit => "()".into(),
        Op::Local(id) => local_name(function, *id),
        Op::Data(id) => format!("data {}", id.0),
        Op::Load(pointer) => format!("load {}", one(pointer)),
        Op::Field { base, index } => format!("field {index} of {}", one(base)),
        Op::Element { base, index, site } => {
            format!("element {} of {} {}", one(index), one(base), site_name(*site))
        }
        Op::AsSlice(base) => format!("slice {}", one(base)),
        Op::Subslice { base, from, to, order, end } => {
            format!("subslice {}..{} of {} {} {}", one(from), one(to), one(base), site_name(*order), site_name(*end))
        }
        Op::MakeSlice { data, length } => format!("slice {}, {}", one(data), one(length)),
        Op::Node { region, word } => format!("node at {} of {}", one(word), one(region)),
        Op::Null => "null".into(),
        Op::Some(pointer) => format!("some {}", one(pointer)),
        Op::IsSome(nullable) => format!("is_some {}", one(nullable)),
        Op::Payload(nullable) => format!("payload {}", one(nullable)),
        Op::PayloadPlace(pointer) => format!("payload place {}", one(pointer)),
        Op::Length(base) => format!("length {}", one(base)),
        Op::Make(parts) => format!("make {}", list(parts)),
        Op::Repeat(part) => format!("repeat {}", one(part)),
        Op::Extract { base, index } => format!("extract {index} of {}", one(base)),
        Op::Unary { op, operand, site } => {
            format!("{} {}{}", unary_name(*op), one(operand), at(site))
        }
        Op::Binary { op, left, right, site } => {
            format!("{} {}, {}{}", binary_name(*op), one(left), one(right), at(site))
        }
        Op::Compare { op, left, right } => {
            format!("{} {}, {}", compare_name(*op), one(left), one(right))
        }
        Op::Select { condition, accept, reject } => {
            format!("select {}, {}, {}", one(condition), one(accept), one(reject))
        }
        Op::Cast(operand) => format!("cast {}", one(operand)),
        Op::Bitcast(operand) => format!("bitcast {}", one(operand)),
        Op::Math { function: math, arguments } => format!("{math:?}({})", list(arguments)),
        Op::Atomic { op, pointer, arguments } => {
            let mut text = format!("atomic {} {}", atomic_name(*op), one(pointer));
            for argument in arguments {
                let _ = write!(text, ", {}", one(argument));
            }
            text
        }
        Op::Call { function: id, arguments } => {
            let name = module.functions.get(id.0 as usize).map(|f| f.name.as_str());
            format!("call {} {}({})", id.0, name.unwrap_or("?"), list(arguments))
        }
    }
}

fn constant_text(constant: Constant) -> String {
    match constant {
        Constant::Bool(value) => value.to_string(),
        Constant::Int(value) => value.to_string(),
        Constant::F32(bits) => float_text(format!("{:?}", f32::from_bits(bits)), bits.into()),
        Constant::F64(bits) => float_text(format!("{:?}", f64::from_bits(bits)), bits),
    }
}

/// Digits that name the float exactly, or its bits where digits cannot.
fn float_text(digits: String, bits: u64) -> String {
    if digits.ends_with(|c: char| c.is_ascii_digit()) { format!("{digits}_") } else { format!("{digits}({bits:#x})") }
}

fn unary_name(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "neg",
        UnaryOp::Not => "not",
    }
}

fn binary_name(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "add",
        BinaryOp::Sub => "sub",
        BinaryOp::Mul => "mul",
        BinaryOp::Div => "div",
        BinaryOp::Rem => "rem",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
        BinaryOp::Xor => "xor",
        BinaryOp::Shl => "shl",
        BinaryOp::Shr => "shr",
    }
}

fn compare_name(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "equal",
        CompareOp::NotEqual => "not_equal",
        CompareOp::Less => "less",
        CompareOp::LessEqual => "less_equal",
        CompareOp::Greater => "greater",
        CompareOp::GreaterEqual => "greater_equal",
    }
}

fn atomic_name(op: AtomicOp) -> &'static str {
    match op {
        AtomicOp::Load => "load",
        AtomicOp::Store => "store",
        AtomicOp::Add => "add",
        AtomicOp::Sub => "sub",
        AtomicOp::Min => "min",
        AtomicOp::Max => "max",
        AtomicOp::And => "and",
        AtomicOp::Or => "or",
        AtomicOp::Xor => "xor",
        AtomicOp::Exchange => "exchange",
        AtomicOp::CompareExchange => "compare_exchange",
    }
}

fn write_function(f: &mut fmt::Formatter<'_>, module: &Module, number: u32, function: &Function) -> fmt::Result {
    let Function { name, parameters, locals, values: _, body, result } = function;
    let declared = |k: usize| {
        let name = local_name(function, LocalId(k as u32));
        format!("{name}: {}", type_name(&module.types, locals[k].ty))
    };
    let parameters = (*parameters as usize).min(locals.len());
    let list: Vec<_> = (0..parameters).map(declared).collect();
    let entry = if number == module.entry.0 { "entry " } else { "" };
    write!(f, "{entry}fn {number} {name}({})", list.join(", "))?;
    match module.types.get(*result) {
        Some(Type::Unit) => {}
        _ => write!(f, " -> {}", type_name(&module.types, *result))?,
    }
    writeln!(f, " {{")?;
    for k in parameters..locals.len() {
        writeln!(f, "    local {}", declared(k))?;
    }
    write_block(f, module, function, body, 1)?;
    writeln!(f, "}}")
}

fn write_block(
    f: &mut fmt::Formatter<'_>,
    module: &Module,
    function: &Function,
    block: &Block,
    depth: usize,
) -> fmt::Result {
    let indent = "    ".repeat(depth.min(20));
    for statement in &block.0 {
        let head = statement_head(module, function, statement);
        let inner = |f: &mut fmt::Formatter<'_>, block: &Block| write_block(f, module, function, block, depth + 1);
        match statement {
            Statement::Eval(id) if function.values.get(id.0 as usize).is_some_and(|value| is_inline(&value.op)) => {}
            Statement::If { condition: _, accept, reject } => {
                writeln!(f, "{indent}{head} {{")?;
                inner(f, accept)?;
                if !reject.0.is_empty() {
                    writeln!(f, "{indent}}} else {{")?;
                    inner(f, reject)?;
                }
                writeln!(f, "{indent}}}")?;
            }
            Statement::Loop { label: _, body, continuing, break_if } => {
                writeln!(f, "{indent}{head} {{")?;
                inner(f, body)?;
                if !continuing.0.is_empty() || break_if.is_some() {
                    writeln!(f, "{indent}}} continuing {{")?;
                    inner(f, continuing)?;
                }
                match break_if {
                    Some(id) => {
                        let condition = operand(module, function, *id);
                        writeln!(f, "{indent}}} break if {condition}")?;
                    }
                    None => writeln!(f, "{indent}}}")?,
                }
            }
            Statement::Block { label: _, body } | Statement::Phase { lanes: _, count: _, item: _, body } => {
                writeln!(f, "{indent}{head} {{")?;
                inner(f, body)?;
                writeln!(f, "{indent}}}")?;
            }
            Statement::Eval(_)
            | Statement::Store { .. }
            | Statement::Break(_)
            | Statement::Continue(_)
            | Statement::Return(_)
            | Statement::Check { .. }
            | Statement::Panic { .. } => writeln!(f, "{indent}{head}")?,
        }
    }
    Ok(())
}
