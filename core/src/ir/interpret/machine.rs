//! Runs one work-item: functions, statements, operations.

use super::datum::{Datum, Layouts};
use super::launch::{index_parts, part_of, shuffled};
use super::memory::Memory;
use super::scalar::{self, Overflow};
use super::{InterpretArgument, Stop, math};
use crate::ir::{
    AtomicOp, Block, CompareOp, Function, FunctionId, Label, LocalId, Module, Op, PanicKind, Role, Scalar, SiteId,
    Statement, Type, TypeId, UnaryOp, Value, ValueId, print,
};

/// How many nested calls and blocks the interpreter's own stack is trusted with.
const MAX_DEPTH: u32 = 600;

/// What a block ended with.
enum Flow {
    Next,
    Break(Label),
    Continue(Label),
    Return(Datum),
}

/// One activation of a function.
struct Frame<'m> {
    function: &'m Function,
    /// Addresses.
    locals: Vec<u64>,
    values: Vec<Option<Datum>>,
}

impl Frame<'_> {
    fn get(&self, id: ValueId) -> Result<&Datum, Stop> {
        let value = self.values[id.0 as usize].as_ref();
        value.ok_or_else(|| Stop::invalid(format!("%{} is used before its evaluation", id.0)))
    }

    fn bits(&self, id: ValueId) -> Result<u64, Stop> {
        self.get(id)?.bits()
    }

    fn type_of(&self, id: ValueId) -> TypeId {
        self.function[id].ty
    }
}

/// The interpreter's state.
pub(super) struct Machine<'m> {
    module: &'m Module,
    layouts: Layouts<'m>,
    pub(super) memory: Memory,
    /// Addresses of constant memory.
    data: Vec<u64>,
    step_limit: u64,
    /// Decides the order of the items of phases.
    seed: u64,
    steps: u64,
    depth: u32,
}

impl<'m> Machine<'m> {
    /// For a module that `verify` accepts.
    pub(super) fn new(module: &'m Module, step_limit: u64, seed: u64) -> Result<Self, Stop> {
        let layouts = Layouts::new(&module.types);
        let mut memory = Memory::new();
        let data = module
            .data
            .iter()
            .map(|data| memory.constant(&data.bytes, layouts.align(data.ty)))
            .collect::<Result<_, _>>()?;
        Ok(Machine { module, layouts, memory, data, step_limit, seed, steps: 0, depth: 0 })
    }

    /// Runs a work-item whose arguments' memory is allowed, and stores its result.
    pub(super) fn run(
        &mut self,
        arguments: &[InterpretArgument<'_>],
        position: [u64; 3],
        items: (u64, u64),
        output: u64,
    ) -> Result<(), Stop> {
        self.steps = 0;
        self.depth = 0;
        let parameters = &self.module.parameters;
        let mut values = Vec::with_capacity(parameters.len());
        for (parameter, argument) in parameters.iter().zip(arguments) {
            values.push(self.argument(parameter.role, parameter.ty, argument, position, items)?);
        }
        let result = self.call(self.module.entry, values)?;
        let ty = self.module.result();
        self.layouts.store(&mut self.memory, ty, output, &result)
    }

    fn argument(
        &mut self,
        role: Role,
        ty: TypeId,
        argument: &InterpretArgument<'_>,
        position: [u64; 3],
        items: (u64, u64),
    ) -> Result<Datum, Stop> {
        match argument {
            InterpretArgument::Value(bytes) => {
                let address = self.memory.copy_of(bytes, self.layouts.align(ty));
                let value = self.layouts.load(&mut self.memory, ty, address);
                self.memory.free(address);
                value
            }
            InterpretArgument::Slice { pointer, elements } => {
                let size = self.layouts.size(ty);
                let (base, count) = part_of(role, *pointer, *elements, size, items);
                let address = base.addr() as u64;
                Ok(match role {
                    Role::Root { nullable: true } if count == 0 => Datum::Pointer(0),
                    Role::Item { .. } | Role::Root { .. } => Datum::Pointer(address),
                    _ => Datum::Slice(address, count),
                })
            }
            InterpretArgument::Index => {
                let parts = index_parts(self.layouts.types, ty, position, items.0);
                Ok(match parts[..] {
                    [number] => Datum::Scalar(number),
                    _ => Datum::Parts(parts.into_iter().map(Datum::Scalar).collect()),
                })
            }
        }
    }

    fn call(&mut self, id: FunctionId, arguments: Vec<Datum>) -> Result<Datum, Stop> {
        let function = &self.module[id];
        let locals: Vec<u64> = function
            .locals
            .iter()
            .map(|local| {
                let (size, align) = (self.layouts.size(local.ty), self.layouts.align(local.ty));
                self.memory.allocate(size, align)
            })
            .collect();
        let mut frame = Frame { function, locals, values: vec![None; function.values.len()] };
        let result = self.activate(&mut frame, &arguments);
        for address in frame.locals {
            self.memory.free(address);
        }
        result
    }

    fn activate(&mut self, frame: &mut Frame<'m>, arguments: &[Datum]) -> Result<Datum, Stop> {
        for (k, argument) in arguments.iter().enumerate() {
            let ty = frame.function.locals[k].ty;
            self.layouts.store(&mut self.memory, ty, frame.locals[k], argument)?;
        }
        match self.block(frame, &frame.function.body)? {
            Flow::Return(value) => Ok(value),
            Flow::Next => Ok(Datum::Unit),
            Flow::Break(_) | Flow::Continue(_) => Err(Stop::invalid("jumps out of a function")),
        }
    }

    fn block(&mut self, frame: &mut Frame<'m>, block: &'m Block) -> Result<Flow, Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Limit("calls and blocks nest too deep"));
        }
        for statement in &block.0 {
            self.steps += 1;
            if self.steps > self.step_limit {
                return Err(Stop::Limit("too many steps"));
            }
            match self.statement(frame, statement) {
                Ok(Flow::Next) => {}
                Ok(flow) => {
                    self.depth -= 1;
                    return Ok(flow);
                }
                Err(stop) => return Err(self.placed(stop, frame, statement)),
            }
        }
        self.depth -= 1;
        Ok(Flow::Next)
    }

    /// Notes the innermost statement in what has no place yet.
    fn placed(&self, stop: Stop, frame: &Frame<'_>, statement: &Statement) -> Stop {
        match stop {
            Stop::Invalid { place, what } if place.is_empty() => {
                let head = print::statement_head(self.module, frame.function, statement);
                let place = format!("{}: {head}", frame.function.name);
                Stop::Invalid { place, what }
            }
            other => other,
        }
    }

    fn statement(&mut self, frame: &mut Frame<'m>, statement: &'m Statement) -> Result<Flow, Stop> {
        match statement {
            Statement::Eval(id) => {
                let value = self.evaluate(frame, *id)?;
                frame.values[id.0 as usize] = Some(value);
                Ok(Flow::Next)
            }
            Statement::Store { pointer, value } => {
                let address = frame.get(*pointer)?.address()?;
                let ty = frame.type_of(*value);
                let value = frame.get(*value)?;
                self.layouts.store(&mut self.memory, ty, address, value)?;
                Ok(Flow::Next)
            }
            Statement::If { condition, accept, reject } => {
                let block = if frame.bits(*condition)? != 0 { accept } else { reject };
                self.block(frame, block)
            }
            Statement::Loop { label, body, continuing, break_if } => {
                self.repeat(frame, *label, body, continuing, *break_if)
            }
            Statement::Block { label, body } => match self.block(frame, body)? {
                Flow::Break(target) if target == *label => Ok(Flow::Next),
                flow => Ok(flow),
            },
            Statement::Phase { lanes: _, count, item, body } => self.phase(frame, *count, *item, body),
            Statement::Break(label) => Ok(Flow::Break(*label)),
            Statement::Continue(label) => Ok(Flow::Continue(*label)),
            Statement::Return(None) => Ok(Flow::Return(Datum::Unit)),
            Statement::Return(Some(id)) => Ok(Flow::Return(frame.get(*id)?.clone())),
            Statement::Check { condition, site, arguments } => {
                if frame.bits(*condition)? != 0 {
                    return Ok(Flow::Next);
                }
                Err(self.panic(frame, *site, arguments)?)
            }
            Statement::Panic { site, arguments } => Err(self.panic(frame, *site, arguments)?),
        }
    }

    fn repeat(
        &mut self,
        frame: &mut Frame<'m>,
        label: Label,
        body: &'m Block,
        continuing: &'m Block,
        break_if: Option<ValueId>,
    ) -> Result<Flow, Stop> {
        loop {
            // An empty loop takes steps, too.
            self.steps += 1;
            if self.steps > self.step_limit {
                return Err(Stop::Limit("too many steps"));
            }
            match self.block(frame, body)? {
                Flow::Next => {}
                Flow::Continue(target) if target == label => {}
                Flow::Break(target) if target == label => return Ok(Flow::Next),
                flow => return Ok(flow),
            }
            self.block(frame, continuing)?;
            if let Some(id) = break_if
                && frame.bits(id)? != 0
            {
                return Ok(Flow::Next);
            }
        }
    }

    /// Runs the items of a phase in an order that the launch's seed decides.
    fn phase(&mut self, frame: &mut Frame<'m>, count: ValueId, item: LocalId, body: &'m Block) -> Result<Flow, Stop> {
        let count = frame.bits(count)?;
        if count > self.step_limit {
            return Err(Stop::Limit("too many steps"));
        }
        let (place, ty) = (frame.locals[item.0 as usize], frame.function[item].ty);
        for number in shuffled(count, self.seed.wrapping_add(self.steps)) {
            self.layouts.store(&mut self.memory, ty, place, &Datum::Scalar(number))?;
            match self.block(frame, body)? {
                Flow::Next => {}
                _ => return Err(Stop::invalid("jumps out of a phase")),
            }
        }
        Ok(Flow::Next)
    }

    fn panic(&self, frame: &Frame<'_>, site: SiteId, arguments: &[ValueId]) -> Result<Stop, Stop> {
        let reported = |id: &ValueId| Ok(scalar::reported(self.scalar(frame.type_of(*id))?, frame.bits(*id)?));
        let values = arguments.iter().map(reported).collect::<Result<_, Stop>>()?;
        Ok(Stop::Panic { site, values })
    }

    fn scalar(&self, ty: TypeId) -> Result<Scalar, Stop> {
        let scalar = self.layouts.types.as_scalar(ty);
        scalar.ok_or_else(|| Stop::invalid("a scalar is needed"))
    }

    fn evaluate(&mut self, frame: &Frame<'m>, id: ValueId) -> Result<Datum, Stop> {
        let Value { ty, op } = &frame.function[id];
        let ty = *ty;
        match op {
            Op::Constant(constant) => {
                let scalar = self.scalar(ty)?;
                Ok(Datum::Scalar(scalar::constant(scalar, *constant)))
            }
            Op::Unit => Ok(Datum::Unit),
            Op::Local(local) => Ok(Datum::Pointer(frame.locals[local.0 as usize])),
            Op::Data(data) => Ok(Datum::Pointer(self.data[data.0 as usize])),
            Op::Load(pointer) => {
                let address = frame.get(*pointer)?.address()?;
                self.layouts.load(&mut self.memory, ty, address)
            }
            Op::MakeSlice { data, length } => {
                let (address, length) = (frame.get(*data)?.address()?, frame.bits(*length)?);
                let element = pointee(self.layouts.types, frame.type_of(*data));
                let size = element.map_or(0, |element| self.layouts.size(element));
                self.memory.extend(address, size.saturating_mul(length));
                Ok(Datum::Slice(address, length))
            }
            Op::Node { region, word } => {
                let (address, length, words) = self.elements(frame, *region)?;
                let word = frame.bits(*word)?;
                if word > length {
                    return Err(Stop::invalid("a node outside of its region"));
                }
                Ok(Datum::Pointer(address.wrapping_add(word.wrapping_mul(self.layouts.size(words)))))
            }
            Op::Null => Ok(Datum::Pointer(0)),
            Op::Some(pointer) | Op::PayloadPlace(pointer) => frame.get(*pointer).cloned(),
            Op::IsSome(nullable) => Ok(Datum::Scalar((frame.get(*nullable)?.address()? != 0).into())),
            Op::Payload(nullable) => match frame.get(*nullable)?.address()? {
                0 => Err(Stop::invalid("takes the payload of a null")),
                address => Ok(Datum::Pointer(address)),
            },
            Op::Field { .. } | Op::Element { .. } | Op::AsSlice(_) | Op::Subslice { .. } | Op::Length(_) => {
                self.address(frame, op)
            }
            Op::Make(parts) => {
                parts.iter().map(|part| frame.get(*part).cloned()).collect::<Result<_, _>>().map(Datum::Parts)
            }
            Op::Repeat(part) => {
                let part = frame.get(*part)?;
                let length = match &self.layouts.types[ty] {
                    Type::Array { element: _, length } => *length,
                    _ => 0,
                };
                Ok(Datum::Parts((0..length).map(|_| part.clone()).collect()))
            }
            Op::Extract { base, index } => Ok(frame.get(*base)?.parts()?[*index as usize].clone()),
            Op::Select { condition, accept, reject } => {
                let chosen = if frame.bits(*condition)? != 0 { accept } else { reject };
                frame.get(*chosen).cloned()
            }
            Op::Unary { .. }
            | Op::Binary { .. }
            | Op::Compare { .. }
            | Op::Cast(_)
            | Op::Bitcast(_)
            | Op::Math { .. } => self.compute(frame, op, ty).map(Datum::Scalar),
            Op::Atomic { op, pointer, arguments } => self.atomic(frame, *op, *pointer, arguments),
            Op::Call { function, arguments } => {
                let arguments =
                    arguments.iter().map(|argument| frame.get(*argument).cloned()).collect::<Result<_, _>>()?;
                self.call(*function, arguments)
            }
        }
    }

    /// Operations that make addresses and slices.
    fn address(&self, frame: &Frame<'_>, op: &Op) -> Result<Datum, Stop> {
        let types = self.layouts.types;
        match op {
            Op::Field { base, index } => {
                let address = frame.get(*base)?.address()?;
                let Some(structure) = pointee(types, frame.type_of(*base)) else {
                    return Err(Stop::invalid("a field of no struct"));
                };
                match &types[structure] {
                    Type::Struct(s) => {
                        let offset = s.fields[*index as usize].offset;
                        Ok(Datum::Pointer(address.wrapping_add(offset)))
                    }
                    _ => Err(Stop::invalid("a field of no struct")),
                }
            }
            Op::Element { base, index, site } => {
                let (address, length, element) = self.elements(frame, *base)?;
                let index = frame.bits(*index)?;
                if index >= length {
                    return Err(Stop::Panic { site: *site, values: vec![index, length] });
                }
                let offset = index.wrapping_mul(self.layouts.size(element));
                Ok(Datum::Pointer(address.wrapping_add(offset)))
            }
            Op::AsSlice(base) => {
                let (address, length, _) = self.elements(frame, *base)?;
                Ok(Datum::Slice(address, length))
            }
            Op::Subslice { base, from, to, order, end } => {
                let (address, length, element) = self.elements(frame, *base)?;
                let (from, to) = (frame.bits(*from)?, frame.bits(*to)?);
                let panic = |site: SiteId, first, second| Stop::Panic { site, values: vec![first, second] };
                if from > length {
                    return Err(panic(*order, length, from));
                }
                if from > to {
                    return Err(panic(*order, from, to));
                }
                if to > length {
                    return Err(panic(*end, to, length));
                }
                let offset = from.wrapping_mul(self.layouts.size(element));
                Ok(Datum::Slice(address.wrapping_add(offset), to - from))
            }
            Op::Length(base) => Ok(Datum::Scalar(self.elements(frame, *base)?.1)),
            _ => Err(Stop::invalid("makes no address")),
        }
    }

    /// Address, number and type of the elements behind a slice or a pointer to an array.
    fn elements(&self, frame: &Frame<'_>, base: ValueId) -> Result<(u64, u64, TypeId), Stop> {
        let types = self.layouts.types;
        match (frame.get(base)?, &types[frame.type_of(base)]) {
            (Datum::Slice(address, length), Type::Slice(of)) => Ok((*address, *length, *of)),
            (Datum::Pointer(address), Type::Pointer(to)) => match &types[*to] {
                Type::Array { element, length } => Ok((*address, *length, *element)),
                _ => Err(Stop::invalid("has no elements")),
            },
            _ => Err(Stop::invalid("has no elements")),
        }
    }

    /// Operations on scalars.
    fn compute(&self, frame: &Frame<'_>, op: &Op, ty: TypeId) -> Result<u64, Stop> {
        let of = |id: ValueId| self.scalar(frame.type_of(id));
        match op {
            Op::Unary { op, operand, site } => {
                let result =
                    scalar::unary(*op, of(*operand)?, frame.bits(*operand)?, site.is_some() && *op == UnaryOp::Neg);
                self.unless_overflow(result, *site)
            }
            Op::Binary { op, left, right, site } => {
                let right = (of(*right)?, frame.bits(*right)?);
                let result = scalar::binary(*op, of(*left)?, frame.bits(*left)?, right, site.is_some());
                self.unless_overflow(result, *site)
            }
            Op::Compare { op, left, right } if self.layouts.types.as_scalar(frame.type_of(*left)).is_none() => {
                let same = frame.get(*left)?.address()? == frame.get(*right)?.address()?;
                Ok(u64::from(same == (*op == CompareOp::Equal)))
            }
            Op::Compare { op, left, right } => {
                Ok(u64::from(scalar::compare(*op, of(*left)?, frame.bits(*left)?, frame.bits(*right)?)))
            }
            Op::Cast(operand) => Ok(scalar::cast(of(*operand)?, self.scalar(ty)?, frame.bits(*operand)?)),
            Op::Bitcast(operand) => frame.bits(*operand),
            Op::Math { function, arguments } => {
                let bits: Vec<u64> =
                    arguments.iter().map(|argument| frame.bits(*argument)).collect::<Result<_, _>>()?;
                Ok(math::math(*function, of(arguments[0])?, &bits))
            }
            _ => Err(Stop::invalid("computes no scalar")),
        }
    }

    fn unless_overflow(&self, result: Result<u64, Overflow>, site: Option<SiteId>) -> Result<u64, Stop> {
        result.map_err(|Overflow(reason)| {
            let Some(site) = site else {
                return Stop::invalid("overflows, and has no site");
            };
            let values = match self.module.sites[site.0 as usize].kind {
                PanicKind::Division | PanicKind::Remainder => vec![reason],
                _ => vec![],
            };
            Stop::Panic { site, values }
        })
    }

    /// Nobody else touches atomics during a launch, so that reading and writing one after the other is enough.
    fn atomic(
        &mut self,
        frame: &Frame<'_>,
        op: AtomicOp,
        pointer: ValueId,
        arguments: &[ValueId],
    ) -> Result<Datum, Stop> {
        let types = self.layouts.types;
        let address = frame.get(pointer)?.address()?;
        let place = pointee(types, frame.type_of(pointer));
        let Some((place, Type::Atomic(scalar))) = place.map(|ty| (ty, &types[ty])) else {
            return Err(Stop::invalid("an atomic operation on no atomic"));
        };
        let bits: Vec<u64> = arguments.iter().map(|argument| frame.bits(*argument)).collect::<Result<_, _>>()?;
        if op == AtomicOp::Store {
            let value = Datum::Scalar(bits[0]);
            self.layouts.store(&mut self.memory, place, address, &value)?;
            return Ok(Datum::Unit);
        }
        let old = self.layouts.load(&mut self.memory, place, address)?.bits()?;
        if let Some(new) = scalar::atomic(op, *scalar, old, &bits) {
            let value = Datum::Scalar(new);
            self.layouts.store(&mut self.memory, place, address, &value)?;
        }
        Ok(Datum::Scalar(old))
    }
}

fn pointee(types: &crate::ir::TypeTable, ty: TypeId) -> Option<TypeId> {
    match &types[ty] {
        Type::Pointer(to) => Some(*to),
        _ => None,
    }
}
