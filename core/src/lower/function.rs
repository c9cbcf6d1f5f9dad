//! One function while it is lowered: its locals, nested blocks, constants and panic sites.

use std::collections::HashMap;

use super::World;
use super::calls::Resolved;
use super::chains::Flow;
use super::closures::Closure;
use super::error::{Location, LowerError, Lowered, Stop};
use super::frames::{Frame, FrameId, Return};
use super::targets::{Join, Target};
use crate::ast::{At, CalleeSlot, ConstSlot, Expr, FunctionTree, LocalSlot, NONE, TypeSlot};
use crate::ir::builder::FunctionBuilder;
use crate::ir::{
    Block, Constant, Data, DataId, Function, LocalId, Module, Op, PanicKind, Piece, Scalar, Site, SiteId, Statement,
    Type, TypeId, ValueId,
};

/// The state of lowering one function.
pub(super) struct Lowering<'w> {
    pub(super) build: FunctionBuilder<'w>,
    pub(super) world: &'w mut World,
    pub(super) tree: &'w FunctionTree,
    /// Locals and their types by slot, as far as known.
    pub(super) locals: HashMap<LocalSlot, LocalId>,
    pub(super) local_types: HashMap<LocalSlot, TypeId>,
    pub(super) closures: HashMap<LocalSlot, Closure>,
    /// Loops and labelled blocks around the current place, outermost first.
    pub(super) targets: Vec<Target>,
    pub(super) joins: Vec<Join>,
    pub(super) resolved: HashMap<CalleeSlot, Resolved>,
    /// Where `return` goes in a helper that is lowered in place.
    pub(super) returns: Option<Return>,
    pub(super) caller: Option<FrameId>,
    /// Functions that are lowered in place, by [`FrameId`]; the one in use is `None`.
    pub(super) frames: Vec<Option<Frame<'w>>>,
    pub(super) current: FrameId,
    /// Chains that variables hold.
    pub(super) flows: HashMap<(FrameId, LocalSlot), Flow>,
    /// Patterns with alternatives of which only one is meant at the moment.
    pub(super) chosen: Vec<(*const crate::ast::Pattern, usize)>,
    /// The place that is lowered next is assigned to, or borrowed by `&mut`.
    pub(super) exclusive: bool,
    /// Inside of a phase of a group.
    pub(super) in_phase: bool,
    /// The last token seen that has a place in the source: where errors point to.
    pub(super) at: At,
}

impl<'w> Lowering<'w> {
    /// Lowers a declared function.
    pub(super) fn function(
        module: &'w mut Module,
        world: &'w mut World,
        tree: &'w FunctionTree,
    ) -> Result<Function, LowerError> {
        let id = world.instances[&tree.instance];
        let signature = world.signature(id).clone();
        let names = tree.parameters.iter().map(|&p| tree.locals[usize::from(p)].0);
        let parameters: Vec<_> = names.zip(signature.parameters).collect();
        let mut lowering = Lowering {
            build: FunctionBuilder::new(module, tree.name, &parameters, signature.result),
            world,
            tree,
            locals: HashMap::new(),
            local_types: HashMap::new(),
            closures: HashMap::new(),
            targets: vec![],
            joins: vec![],
            resolved: HashMap::new(),
            returns: None,
            caller: None,
            frames: vec![None],
            current: FrameId(0),
            flows: HashMap::new(),
            chosen: vec![],
            exclusive: false,
            in_phase: false,
            at: tree.at,
        };
        for (k, &slot) in tree.parameters.iter().enumerate() {
            lowering.locals.insert(slot, LocalId(k as u32));
        }
        match lowering.body(tree.body, signature.result) {
            Ok(()) | Err(Stop::Diverges) => {}
            Err(Stop::Error(e)) => return Err(*e),
        }
        let mut function = lowering.build.finish();
        crate::ir::remove_dead_values(&mut function);
        Ok(function)
    }

    fn body(&mut self, body: &'static Expr, result: TypeId) -> Lowered<()> {
        if self.is_unit(result) {
            return self.effect(body);
        }
        let value = self.value_as(body, result)?;
        self.build.push(Statement::Return(Some(value)));
        Ok(())
    }

    // ---- errors

    fn location(&self) -> Location {
        Location::new(self.tree, self.at)
    }

    /// The user wrote something that kernels cannot contain yet.
    pub(super) fn unsupported<T>(&self, construct: impl Into<String>) -> Lowered<T> {
        Err(Stop::Error(Box::new(LowerError::Unsupported { construct: construct.into(), location: self.location() })))
    }

    /// The tree does not fit itself.
    pub(super) fn bug<T>(&self, what: impl Into<String>) -> Lowered<T> {
        Err(Stop::Error(Box::new(LowerError::Bug { what: what.into(), location: self.location() })))
    }

    // ---- types

    /// The type that rustc found for a slot, if there is one.
    pub(super) fn slot_type(&mut self, slot: TypeSlot) -> Option<TypeId> {
        if slot == NONE {
            return None;
        }
        let ty = self.tree.types.get(usize::from(slot))?;
        self.world.types.intern(&mut self.build.module.types, ty)
    }

    /// The type of a slot that has to be there.
    pub(super) fn known_slot_type(&mut self, slot: TypeSlot) -> Lowered<TypeId> {
        match self.slot_type(slot) {
            Some(ty) => Ok(ty),
            None => self.bug(format!("type slot {slot} is not known")),
        }
    }

    pub(super) fn ty(&self, id: TypeId) -> &Type {
        &self.build.module.types[id]
    }

    pub(super) fn type_name(&self, id: TypeId) -> String {
        self.build.module.types.name(id)
    }

    pub(super) fn scalar_type(&mut self, scalar: Scalar) -> TypeId {
        self.build.module.types.scalar(scalar)
    }

    pub(super) fn unit_type(&mut self) -> TypeId {
        self.build.module.types.unit()
    }

    pub(super) fn pointer_type(&mut self, to: TypeId) -> TypeId {
        self.build.module.types.pointer(to)
    }

    pub(super) fn tuple_type(&mut self, types: &[TypeId]) -> TypeId {
        self.world.types.tuple(&mut self.build.module.types, types)
    }

    pub(super) fn is_unit(&self, id: TypeId) -> bool {
        matches!(self.ty(id), Type::Unit)
    }

    pub(super) fn as_scalar(&self, id: TypeId) -> Option<Scalar> {
        self.build.module.types.as_scalar(id)
    }

    /// The scalar type of a value.
    pub(super) fn scalar_of(&self, value: ValueId) -> Lowered<Scalar> {
        let ty = self.build.type_of(value);
        match self.as_scalar(ty) {
            Some(scalar) => Ok(scalar),
            None => self.bug(format!("`{}` where a number is needed", self.type_name(ty))),
        }
    }

    // ---- locals

    /// The type of a variable: what rustc found, or what it was declared with.
    pub(super) fn local_type(&mut self, slot: LocalSlot) -> Option<TypeId> {
        if let Some(&ty) = self.local_types.get(&slot) {
            return Some(ty);
        }
        let &(_, ty) = self.tree.locals.get(usize::from(slot))?;
        self.slot_type(ty)
    }

    /// The memory of a variable; `fallback` is its type where rustc was not asked for one.
    pub(super) fn local(&mut self, slot: LocalSlot, fallback: Option<TypeId>) -> Lowered<LocalId> {
        if let Some(&id) = self.locals.get(&slot) {
            return Ok(id);
        }
        let name = self.tree.locals.get(usize::from(slot)).map_or("", |l| l.0);
        let Some(ty) = self.local_type(slot).or(fallback) else {
            return self.bug(format!("variable `{name}` has no type"));
        };
        let id = self.build.local(name, ty);
        self.locals.insert(slot, id);
        self.local_types.insert(slot, ty);
        Ok(id)
    }

    /// Says where a variable is from now on.
    pub(super) fn place_local(&mut self, slot: LocalSlot, local: LocalId) {
        let ty = self.build.function()[local].ty;
        self.locals.insert(slot, local);
        self.local_types.insert(slot, ty);
    }

    /// A parameter of a helper, with its value.
    pub(super) fn set_parameter(&mut self, slot: LocalSlot, value: ValueId) -> Lowered<()> {
        let local = self.local(slot, Some(self.build.type_of(value)))?;
        self.build.set(local, value);
        Ok(())
    }

    /// A value in memory of its own: gives its address.
    pub(super) fn spill(&mut self, value: ValueId) -> ValueId {
        let ty = self.build.type_of(value);
        let local = self.build.local("", ty);
        let pointer = self.build.address(local);
        self.build.push(Statement::Store { pointer, value });
        pointer
    }

    // ---- constants

    pub(super) fn unit(&mut self) -> ValueId {
        let ty = self.unit_type();
        self.build.value(ty, Op::Unit)
    }

    /// An integer of a scalar type, or a float with that whole value.
    pub(super) fn number(&mut self, scalar: Scalar, value: i128) -> ValueId {
        match scalar {
            Scalar::F32 => self.float(scalar, f64::from(value as f32)),
            Scalar::F64 => self.float(scalar, value as f64),
            _ => self.build.integer(scalar, value),
        }
    }

    /// A float; the value is exact in `scalar`.
    pub(super) fn float(&mut self, scalar: Scalar, value: f64) -> ValueId {
        let ty = self.scalar_type(scalar);
        let constant = match scalar {
            Scalar::F32 => Constant::F32((value as f32).to_bits()),
            _ => Constant::F64(value.to_bits()),
        };
        self.build.value(ty, Op::Constant(constant))
    }

    /// The constant in a slot: a scalar's value, or the address of constant memory.
    pub(super) fn constant(&mut self, slot: ConstSlot) -> Lowered<Result<ValueId, DataId>> {
        let tree = self.tree;
        let Some(constant) = tree.constants.get(usize::from(slot)) else {
            return self.bug(format!("constant slot {slot} is not known"));
        };
        let types = &mut self.build.module.types;
        let Some(ty) = self.world.types.intern(types, constant.ty) else {
            return self.bug("a constant has no type");
        };
        if constant.bytes.len() as u64 != types.size(ty) {
            return self.bug("a constant does not have the size of its type");
        }
        if types.contains(ty, &|t| matches!(t, Type::Pointer(_) | Type::Slice(_))) {
            return self.unsupported("a constant that contains references");
        }
        if let Some(scalar) = types.as_scalar(ty) {
            let op = Op::Constant(decode(scalar, &constant.bytes));
            return Ok(Ok(self.build.value(ty, op)));
        }
        if let Some(value) = self.constant_variant(ty, slot)? {
            return Ok(Ok(value));
        }
        let module = &mut self.build.module;
        let key = (ty, constant.bytes.clone());
        let id = *self.world.data.entry(key).or_insert_with(|| {
            module.data.push(Data { ty, bytes: constant.bytes.clone() });
            DataId(module.data.len() as u32 - 1)
        });
        Ok(Err(id))
    }

    /// The length of an array, from a constant.
    pub(super) fn constant_length(&self, slot: ConstSlot) -> Lowered<u64> {
        match self.tree.constants.get(usize::from(slot)).map(|c| <[u8; 8]>::try_from(&*c.bytes)) {
            Some(Ok(bytes)) => Ok(u64::from_le_bytes(bytes)),
            _ => self.bug(format!("constant slot {slot} is no `usize`")),
        }
    }

    // ---- panics

    /// A place that may panic, at the last token seen.
    pub(super) fn site(&mut self, kind: PanicKind) -> SiteId {
        let At(line, column) = self.at;
        let site = Site { kind, file: self.tree.file, line, column };
        let sites = &mut self.build.module.sites;
        *self.world.sites.entry(site).or_insert_with_key(|site| {
            sites.push(site.clone());
            SiteId(sites.len() as u32 - 1)
        })
    }

    /// The site of an overflow, where the user's crate checks for overflow.
    pub(super) fn overflow_site(&mut self, kind: PanicKind) -> Option<SiteId> {
        self.tree.overflow_checks.then(|| self.site(kind))
    }

    /// Panics with this message unless the condition holds.
    pub(super) fn check(&mut self, condition: ValueId, message: &str) {
        let site = self.site(PanicKind::Message(message.into()));
        self.build.push(Statement::Check { condition, site, arguments: vec![] });
    }

    /// Panics with a message of these texts and the values between them, as `{:?}` shows those, unless the condition holds.
    pub(super) fn check_showing(&mut self, condition: ValueId, texts: &[&str], values: &[ValueId]) {
        let mut pieces = vec![];
        for (k, text) in texts.iter().enumerate() {
            pieces.push(Piece::Text((*text).into()));
            let scalar = values.get(k).and_then(|value| self.as_scalar(self.build.type_of(*value)));
            pieces.extend(scalar.map(Piece::Value));
        }
        let site = self.site(PanicKind::Shown(pieces));
        self.build.push(Statement::Check { condition, site, arguments: values.into() });
    }

    // ---- blocks

    /// Lowers into a nested block, and says whether control can reach the block's end.
    pub(super) fn nested(&mut self, lower: impl FnOnce(&mut Self) -> Lowered<()>) -> Lowered<(Block, bool)> {
        self.build.open();
        let result = lower(self);
        let block = self.build.close();
        match result {
            Ok(()) => Ok((block, true)),
            Err(Stop::Diverges) => Ok((block, false)),
            Err(error) => Err(error),
        }
    }

    /// An `If` with these branches. Diverges if both do.
    pub(super) fn branch(
        &mut self,
        condition: ValueId,
        accept: impl FnOnce(&mut Self) -> Lowered<()>,
        reject: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<()> {
        let (accept, a) = self.nested(accept)?;
        let (reject, b) = self.nested(reject)?;
        self.build.push(Statement::If { condition, accept, reject });
        if a || b { Ok(()) } else { Err(Stop::Diverges) }
    }

    /// Appends the statements of a nested block to the current one.
    pub(super) fn splice(&mut self, block: Block) {
        for statement in block.0 {
            self.build.push(statement);
        }
    }
}

/// The value of a scalar from its bytes in memory.
fn decode(scalar: Scalar, bytes: &[u8]) -> Constant {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let bits = u64::from_le_bytes(wide);
    match scalar {
        Scalar::Bool => Constant::Bool(bits != 0),
        Scalar::F32 => Constant::F32(bits as u32),
        Scalar::F64 => Constant::F64(bits),
        _ if scalar.is_signed() => {
            let unused = 64 - scalar.bits();
            Constant::Int(i128::from(((bits << unused) as i64) >> unused))
        }
        _ => Constant::Int(i128::from(bits)),
    }
}
