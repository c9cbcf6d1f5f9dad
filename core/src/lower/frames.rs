//! Helpers that take closures are lowered in place: a frame is one such call, with variables of its own.
//!
//! A closure belongs to the frame in which it is written. To call it, lowering goes back there for as long as the body takes: the
//! body sees the variables around it as they are at the call, which is what it would have captured by reference.

use std::collections::{HashMap, hash_map::Entry};
use std::sync::{LazyLock, Mutex};

use super::closures::Closure;
use super::error::{Lowered, Stop};
use super::function::Lowering;
use super::targets::JoinId;
use crate::ast::{CalleeSlot, Expr, FunctionTree, LocalSlot, TypeSlot};
use crate::ir::{LocalId, Statement, TypeId, ValueId};

use super::calls::Resolved;

/// Index into [`Lowering::frames`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FrameId(pub(super) usize);

/// Where `return` in a helper goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Return {
    /// Index into [`Lowering::targets`].
    pub(super) target: usize,
    pub(super) join: JoinId,
    pub(super) result: TypeId,
}

/// What belongs to one function while others are lowered in its midst.
pub(super) struct Frame<'w> {
    tree: &'w FunctionTree,
    locals: HashMap<LocalSlot, LocalId>,
    local_types: HashMap<LocalSlot, TypeId>,
    closures: HashMap<LocalSlot, Closure>,
    resolved: HashMap<CalleeSlot, Resolved>,
    returns: Option<Return>,
    /// Where the call is written.
    caller: Option<FrameId>,
}

/// What a parameter gets.
pub(super) enum Given {
    Value(ValueId),
    Closure(Closure),
}

/// The tree of a helper, which stays: its tables are read once.
pub(super) fn helper(build: fn() -> FunctionTree, tree: FunctionTree) -> &'static FunctionTree {
    static TREES: LazyLock<Mutex<HashMap<usize, &'static FunctionTree>>> = LazyLock::new(Mutex::default);
    let mut trees = TREES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    match trees.entry(build as usize) {
        Entry::Occupied(known) => known.get(),
        Entry::Vacant(new) => new.insert(Box::leak(Box::new(tree))),
    }
}

impl<'w> Lowering<'w> {
    /// Does something in another frame.
    pub(super) fn in_frame<R>(&mut self, frame: FrameId, f: impl FnOnce(&mut Self) -> R) -> R {
        let (here, at) = (self.current, self.at);
        if frame == here {
            return f(self);
        }
        self.switch(frame);
        let result = f(self);
        self.switch(here);
        self.at = at;
        result
    }

    /// Puts the frame in use aside and takes another one.
    fn switch(&mut self, to: FrameId) {
        use std::mem::swap;
        let mut frame = self.frames[to.0].take().expect("a frame that is not in use is kept");
        swap(&mut self.tree, &mut frame.tree);
        swap(&mut self.locals, &mut frame.locals);
        swap(&mut self.local_types, &mut frame.local_types);
        swap(&mut self.closures, &mut frame.closures);
        swap(&mut self.resolved, &mut frame.resolved);
        swap(&mut self.returns, &mut frame.returns);
        swap(&mut self.caller, &mut frame.caller);
        self.frames[self.current.0] = Some(frame);
        self.current = to;
    }

    /// A call of a helper that takes closures: its body, in place.
    pub(super) fn inline(&mut self, tree: &'static FunctionTree, given: Vec<Given>) -> Lowered<ValueId> {
        if let Some((lanes, count, body)) = self.as_phase(tree, &given)? {
            return self.phase(lanes, count, &body);
        }
        self.refuse_recursion(tree)?;
        let result = self.helper_result(tree)?;
        let frame = FrameId(self.frames.len());
        self.frames.push(Some(Frame {
            tree,
            locals: HashMap::new(),
            local_types: HashMap::new(),
            closures: HashMap::new(),
            resolved: HashMap::new(),
            returns: None,
            caller: Some(self.current),
        }));
        self.in_frame(frame, |me| {
            for (&slot, given) in tree.parameters.iter().zip(given) {
                match given {
                    Given::Value(value) => me.set_parameter(slot, value)?,
                    Given::Closure(closure) => drop(me.closures.insert(slot, closure)),
                }
            }
            me.returning(tree.body, result)
        })
    }

    /// The body of a closure that may be left early.
    pub(super) fn leaving(&mut self, body: &'static Expr, slot: TypeSlot) -> Lowered<ValueId> {
        let result = self.known_slot_type(slot)?;
        self.returning(body, result)
    }

    /// A body in place: what returns from it leaves the block around it.
    fn returning(&mut self, body: &'static Expr, result: TypeId) -> Lowered<ValueId> {
        let join = self.join_value(Some(result));
        let outer = self.returns.replace(Return { target: self.targets.len(), join, result });
        let lowered = self.in_target(None, join, |me| me.arrive(join, body));
        self.returns = outer;
        let (block, target) = lowered?;
        self.push_block(target, block);
        self.joined_value(join)
    }

    /// What is given to a helper's parameters, in order.
    pub(super) fn given(
        &mut self,
        tree: &'static FunctionTree,
        skip: usize,
        arguments: &'static [Expr],
    ) -> Lowered<Vec<Given>> {
        let parameters = &tree.parameters[skip..];
        if parameters.len() != arguments.len() {
            return self.bug("a helper is called with the wrong number of arguments");
        }
        let mut given = vec![];
        for (slot, e) in parameters.iter().zip(arguments) {
            given.push(if tree.closures.iter().any(|c| c.0 == *slot) {
                Given::Closure(self.closure_given(e)?)
            } else {
                let ty = self.helper_parameter(tree, *slot)?;
                Given::Value(self.value_as(e, ty)?)
            });
        }
        Ok(given)
    }

    /// The type of a helper's parameter.
    pub(super) fn helper_parameter(&mut self, tree: &'static FunctionTree, slot: LocalSlot) -> Lowered<TypeId> {
        let row = tree.locals.get(usize::from(slot)).map(|local| local.1);
        match row.and_then(|row| self.helper_type(tree, row)) {
            Some(ty) => Ok(ty),
            None => self.bug("a helper's parameter has no type"),
        }
    }

    pub(super) fn helper_result(&mut self, tree: &'static FunctionTree) -> Lowered<TypeId> {
        match self.helper_type(tree, tree.result) {
            Some(ty) => Ok(ty),
            None => self.bug("a helper's result has no type"),
        }
    }

    fn helper_type(&mut self, tree: &'static FunctionTree, row: TypeSlot) -> Option<TypeId> {
        let ty = *tree.types.get(usize::from(row))?;
        self.world.types.intern(&mut self.build.module.types, ty)
    }

    /// A helper whose body calls it again, maybe through others, would never be done.
    fn refuse_recursion(&mut self, tree: &'static FunctionTree) -> Lowered<()> {
        let mut frame = Some(self.current);
        while let Some(id) = frame {
            let (instance, caller) = match &self.frames[id.0] {
                Some(frame) => (frame.tree.instance, frame.caller),
                None => (self.tree.instance, self.caller),
            };
            if instance == tree.instance {
                return self.unsupported(format!("recursion (`{}` calls itself)", tree.name));
            }
            frame = caller;
        }
        Ok(())
    }

    /// `return value` in a helper.
    pub(super) fn return_to(&mut self, to: Return, e: Option<&'static Expr>) -> Lowered<()> {
        match e {
            Some(e) => self.arrive(to.join, e)?,
            None => self.reach(to.join),
        }
        self.break_out(to.target);
        Err(Stop::Diverges)
    }

    /// Returns with a value.
    pub(super) fn leave_with(&mut self, value: ValueId) -> Lowered<()> {
        match self.returns {
            Some(to) => {
                self.arrive_with(to.join, value)?;
                self.break_out(to.target);
            }
            None => self.build.push(Statement::Return(Some(value))),
        }
        Ok(())
    }

    /// The type of what `return` and `?` give here.
    pub(super) fn returned_type(&self) -> TypeId {
        match self.returns {
            Some(to) => to.result,
            None => self.build.function().result,
        }
    }
}
