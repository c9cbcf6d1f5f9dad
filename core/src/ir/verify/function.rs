//! Rules about a function's statements: order, scope, control flow.

use std::collections::HashSet;

use super::origin::Origins;
use super::types::has_atomic;
use super::{Fault, MAX_LANES, MAX_NESTING, MAX_REPORTED, MAX_VALUE_SIZE, Rule, operation, require};
use crate::ir::{
    Block, Function, FunctionId, Label, Layout, Local, LocalId, Module, Op, PanicKind, Scalar, SiteId, Statement, Type,
    TypeId, Value, ValueId, print,
};

/// What callers have to know of a function.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// It or something that it calls has a site.
    pub(super) may_panic: bool,
    /// For each parameter: whether something is stored through it.
    pub(super) stores_through: Vec<bool>,
    /// For each parameter: whether something with pointers is stored to what it leads to.
    pub(super) links_through: Vec<bool>,
    /// The lanes of its phases and of those in what it calls, if there are any.
    pub(super) lanes: Option<u32>,
}

/// Where a value stands during the walk.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    NotYet,
    Visible,
    Left,
}

/// A function during its check.
pub(super) struct Checker<'m> {
    pub(super) module: &'m Module,
    pub(super) function: &'m Function,
    pub(super) summaries: &'m [Summary],
    pub(super) summary: Summary,
    pub(super) origins: Origins<'m>,
    scopes: Vec<Scope>,
    /// Visible values, in the order of their evaluation.
    visible: Vec<ValueId>,
    labels: HashSet<Label>,
    /// Enclosing targets (true: a loop).
    targets: Vec<(Label, bool)>,
    /// Labels that reached statements break to.
    broken: HashSet<Label>,
    /// Labels that reached statements continue to.
    continued: HashSet<Label>,
    /// Whether the statement under check can be reached.
    live: bool,
    continuing: u32,
    /// Inside a phase.
    in_phase: bool,
    depth: u32,
    place: String,
}

/// Checks one function, whose callees have been checked.
pub(super) fn check(module: &Module, id: FunctionId, summaries: &[Summary]) -> Result<Summary, (Fault, String)> {
    let function = &module[id];
    let Function { name: _, parameters, locals, values, body, result } = function;
    let mut checker = Checker {
        module,
        function,
        summaries,
        summary: Summary {
            may_panic: false,
            stores_through: vec![false; *parameters as usize],
            links_through: vec![false; *parameters as usize],
            lanes: None,
        },
        origins: Origins::default(),
        scopes: vec![Scope::NotYet; values.len()],
        visible: vec![],
        labels: HashSet::new(),
        targets: vec![],
        broken: HashSet::new(),
        continued: HashSet::new(),
        live: true,
        continuing: 0,
        in_phase: false,
        depth: 0,
        place: format!("fn {}", id.0),
    };
    let outcome = checker
        .check_declarations(*parameters, locals, values, *result)
        .and_then(|()| checker.check_ids(body, 0))
        .and_then(|()| {
            checker.origins = Origins::new(module, id);
            checker.check_body(body)?;
            super::phase::check(module, function, summaries, &mut checker.place)
        });
    match outcome {
        Ok(()) => Ok(checker.summary),
        Err(fault) => Err((fault, checker.place)),
    }
}

impl Checker<'_> {
    fn check_declarations(
        &mut self,
        parameters: u32,
        locals: &[Local],
        values: &[Value],
        result: TypeId,
    ) -> Result<(), Fault> {
        require!(
            parameters as usize <= locals.len(),
            Locals,
            "{parameters} parameters, but only {} locals",
            locals.len()
        );
        self.type_in_range(result)?;
        for (k, Local { name, ty }) in locals.iter().enumerate() {
            self.place = format!("local {name}${k}");
            self.type_in_range(*ty)?;
            self.storable(*ty, Rule::Locals)?;
        }
        for (k, Value { ty, op }) in values.iter().enumerate() {
            self.place = print::value(self.module, self.function, ValueId(k as u32));
            self.type_in_range(*ty)?;
            self.storable(*ty, Rule::Values)?;
            let mut operands = vec![];
            op.operands(&mut |value| operands.push(value));
            for value in operands {
                self.value_in_range(value)?;
            }
            for site in op.sites().into_iter().flatten() {
                self.site_in_range(site)?;
            }
        }
        Ok(())
    }

    fn type_in_range(&self, ty: TypeId) -> Result<(), Fault> {
        require!(self.module.types.get(ty).is_some(), Ids, "no type {}", ty.0);
        Ok(())
    }

    fn value_in_range(&self, value: ValueId) -> Result<(), Fault> {
        let known = (value.0 as usize) < self.function.values.len();
        require!(known, Ids, "no value %{}", value.0);
        Ok(())
    }

    fn site_in_range(&self, site: SiteId) -> Result<(), Fault> {
        let known = (site.0 as usize) < self.module.sites.len();
        require!(known, Ids, "no site {}", site.0);
        Ok(())
    }

    fn storable(&self, ty: TypeId, rule: Rule) -> Result<(), Fault> {
        let types = &self.module.types;
        if has_atomic(types, ty) {
            return Err((rule, format!("`{}` has an atomic", types.name(ty))));
        }
        let size = types.size(ty);
        if size > MAX_VALUE_SIZE {
            return Err((Rule::ValueSize, format!("{size} bytes, more than {MAX_VALUE_SIZE}")));
        }
        Ok(())
    }

    /// Ids in all statements, and how deep they nest; what comes later may index and recurse.
    fn check_ids(&mut self, block: &Block, depth: u32) -> Result<(), Fault> {
        require!(depth <= MAX_NESTING, Nesting, "blocks nest deeper than {MAX_NESTING}");
        for statement in &block.0 {
            self.place = print::statement_head(self.module, self.function, statement);
            let mut values = vec![];
            statement.operands(&mut |value| values.push(value));
            let site = match statement {
                Statement::Eval(value) => {
                    values.push(*value);
                    None
                }
                Statement::Check { site, .. } | Statement::Panic { site, .. } => Some(*site),
                _ => None,
            };
            for value in values {
                self.value_in_range(value)?;
            }
            if let Some(site) = site {
                self.site_in_range(site)?;
            }
            for block in statement.blocks().into_iter().flatten() {
                self.check_ids(block, depth + 1)?;
            }
        }
        Ok(())
    }

    fn check_body(&mut self, body: &Block) -> Result<(), Fault> {
        let falls = self.block(body)?;
        let types = &self.module.types;
        self.place = "its end".into();
        require!(
            !falls || types[self.function.result] == Type::Unit,
            End,
            "the end is reached without a result of type `{}`",
            types.name(self.function.result)
        );
        let never = self.scopes.iter().position(|s| *s == Scope::NotYet);
        if let Some(k) = never {
            self.place = print::value(self.module, self.function, ValueId(k as u32));
            require!(false, EvaluatedOnce, "is never evaluated");
        }
        Ok(())
    }

    /// Checks a block; true if its end can be reached.
    fn block(&mut self, block: &Block) -> Result<bool, Fault> {
        let mark = self.visible.len();
        let falls = self.statements(block)?;
        self.leave(mark);
        Ok(falls)
    }

    /// Checks a block whose values stay visible.
    fn statements(&mut self, block: &Block) -> Result<bool, Fault> {
        let before = self.live;
        self.depth += 1;
        for statement in &block.0 {
            let falls = self.statement(statement)?;
            self.live &= falls;
        }
        self.depth -= 1;
        Ok(std::mem::replace(&mut self.live, before))
    }

    fn leave(&mut self, mark: usize) {
        for value in self.visible.drain(mark..) {
            self.scopes[value.0 as usize] = Scope::Left;
        }
    }

    /// Checks a statement; true if what follows can be reached.
    fn statement(&mut self, statement: &Statement) -> Result<bool, Fault> {
        self.place = print::statement_head(self.module, self.function, statement);
        let mut operands = vec![];
        // The condition of a loop's end is visible only at its end.
        if !matches!(statement, Statement::Loop { .. }) {
            statement.operands(&mut |value| operands.push(value));
        }
        for value in operands {
            self.dominates(value)?;
        }
        match statement {
            Statement::Eval(value) => self.eval(*value).map(|()| true),
            Statement::Store { pointer, value } => self.store(*pointer, *value).map(|()| true),
            Statement::If { condition, accept, reject } => {
                self.condition(*condition)?;
                let accepted = self.block(accept)?;
                let rejected = self.block(reject)?;
                Ok(accepted || rejected)
            }
            Statement::Loop { label, body, continuing, break_if } => {
                self.check_loop(*label, body, continuing, *break_if)
            }
            Statement::Block { label, body } => {
                self.new_label(*label)?;
                self.targets.push((*label, false));
                let falls = self.block(body)?;
                self.targets.pop();
                Ok(falls || self.broken.contains(label))
            }
            Statement::Phase { lanes, count, item, body } => self.phase(*lanes, *count, *item, body),
            Statement::Break(label) => self.jump(*label, false).map(|()| false),
            Statement::Continue(label) => self.jump(*label, true).map(|()| false),
            Statement::Return(value) => self.check_return(*value).map(|()| false),
            Statement::Check { condition, site, arguments } => {
                self.condition(*condition)?;
                self.report(*site, arguments).map(|()| true)
            }
            Statement::Panic { site, arguments } => self.report(*site, arguments).map(|()| false),
        }
    }

    fn dominates(&self, value: ValueId) -> Result<(), Fault> {
        match self.scopes[value.0 as usize] {
            Scope::Visible => Ok(()),
            Scope::NotYet => Err((Rule::Dominance, format!("%{} is not evaluated yet", value.0))),
            Scope::Left => Err((Rule::Dominance, format!("%{} is not visible here", value.0))),
        }
    }

    fn eval(&mut self, id: ValueId) -> Result<(), Fault> {
        self.place = print::value(self.module, self.function, id);
        require!(self.scopes[id.0 as usize] == Scope::NotYet, EvaluatedOnce, "is evaluated twice");
        let op = &self.function[id].op;
        let mut operands = vec![];
        op.operands(&mut |value| operands.push(value));
        for value in operands {
            self.dominates(value)?;
        }
        operation::check(self, id)?;
        let panics = op.sites().iter().any(|site| site.is_some())
            || matches!(op, Op::Call { function, .. } if self.summaries[function.0 as usize].may_panic);
        if panics {
            self.may_panic()?;
        }
        if let Op::Call { function, .. } = op
            && let Some(lanes) = self.summaries[function.0 as usize].lanes
        {
            self.has_phases(lanes)?;
        }
        self.origins.define(id);
        self.origins.note_call(id, self.summaries, &mut self.summary)?;
        self.scopes[id.0 as usize] = Scope::Visible;
        self.visible.push(id);
        Ok(())
    }

    fn may_panic(&mut self) -> Result<(), Fault> {
        self.summary.may_panic = true;
        require!(self.continuing == 0, Continuing, "may panic");
        Ok(())
    }

    pub(super) fn type_of(&self, value: ValueId) -> TypeId {
        self.function[value].ty
    }

    fn condition(&self, value: ValueId) -> Result<(), Fault> {
        let types = &self.module.types;
        let ty = self.type_of(value);
        require!(types[ty] == Type::Scalar(Scalar::Bool), Conditions, "the condition is of type `{}`", types.name(ty));
        Ok(())
    }

    fn store(&mut self, pointer: ValueId, value: ValueId) -> Result<(), Fault> {
        let types = &self.module.types;
        let (to, of) = (self.type_of(pointer), self.type_of(value));
        require!(types[to] == Type::Pointer(of), Stores, "stores `{}` through `{}`", types.name(of), types.name(to));
        if let Op::Field { base, index: 0 } = self.function[pointer].op
            && let Type::Pointer(whole) = types[self.type_of(base)]
            && let Type::Struct(s) = &types[whole]
        {
            require!(!s.is_enum(), WholeVariants, "stores to the tag of a `{}`", s.name);
        }
        let links = types.has_pointers(of);
        self.origins.note_store(pointer, links, &mut self.summary)
    }

    fn new_label(&mut self, label: Label) -> Result<(), Fault> {
        let new = self.labels.insert(label);
        require!(new, Labels, "label '{} is used twice", label.0);
        Ok(())
    }

    fn check_loop(
        &mut self,
        label: Label,
        body: &Block,
        continuing: &Block,
        break_if: Option<ValueId>,
    ) -> Result<bool, Fault> {
        let place = self.place.clone();
        self.new_label(label)?;
        self.targets.push((label, true));
        let falls = self.block(body)?;
        self.targets.pop();
        // Nothing outside of a continuing part is a target inside of it.
        let targets = std::mem::take(&mut self.targets);
        let before = self.live;
        let reached = falls || self.continued.contains(&label);
        self.live &= reached;
        self.continuing += 1;
        let mark = self.visible.len();
        self.statements(continuing)?;
        if let Some(value) = break_if {
            self.place = place;
            self.dominates(value)?;
            self.condition(value)?;
        }
        self.leave(mark);
        self.continuing -= 1;
        self.live = before;
        self.targets = targets;
        Ok((reached && break_if.is_some()) || self.broken.contains(&label))
    }

    fn phase(&mut self, lanes: u32, count: ValueId, item: LocalId, body: &Block) -> Result<bool, Fault> {
        self.has_phases(lanes)?;
        let types = &self.module.types;
        let usize = |ty: TypeId| types[ty] == Type::Scalar(Scalar::Usize);
        require!(usize(self.type_of(count)), Phases, "the count is of type `{}`", types.name(self.type_of(count)));
        let known = self.function.locals.get(item.0 as usize);
        let fits = known.is_some_and(|local| usize(local.ty)) && item.0 >= self.function.parameters;
        require!(fits, Phases, "local {} is no number of an item", item.0);
        let targets = std::mem::take(&mut self.targets);
        self.in_phase = true;
        self.block(body)?;
        self.in_phase = false;
        self.targets = targets;
        Ok(true)
    }

    /// Notes phases here or in what is called.
    fn has_phases(&mut self, lanes: u32) -> Result<(), Fault> {
        require!((1..=MAX_LANES).contains(&lanes), Phases, "{lanes} lanes");
        require!(!self.in_phase, Phases, "a phase inside of a phase");
        require!(self.continuing == 0, Phases, "a phase in a continuing part");
        let before = *self.summary.lanes.get_or_insert(lanes);
        require!(before == lanes, Phases, "{lanes} lanes where other phases have {before}");
        Ok(())
    }

    fn jump(&mut self, label: Label, again: bool) -> Result<(), Fault> {
        require!(self.continuing == 0, Continuing, "jumps");
        let target = self.targets.iter().rev().find(|(l, _)| *l == label);
        let Some((_, is_loop)) = target else {
            return Err((Rule::Targets, format!("no enclosing loop or block is labelled '{}", label.0)));
        };
        require!(*is_loop || !again, Targets, "'{} is a block, no loop", label.0);
        if self.live {
            let set = if again { &mut self.continued } else { &mut self.broken };
            set.insert(label);
        }
        Ok(())
    }

    fn check_return(&mut self, value: Option<ValueId>) -> Result<(), Fault> {
        require!(self.continuing == 0, Continuing, "returns");
        require!(!self.in_phase, Phases, "returns out of a phase");
        let types = &self.module.types;
        let wanted = self.function.result;
        match value {
            None => require!(types[wanted] == Type::Unit, Returns, "no value of type `{}`", types.name(wanted)),
            Some(value) => {
                let ty = self.type_of(value);
                require!(
                    ty == wanted && types[wanted] != Type::Unit,
                    Returns,
                    "`{}` where the function's result is `{}`",
                    types.name(ty),
                    types.name(wanted)
                );
            }
        }
        Ok(())
    }

    fn report(&mut self, site: SiteId, arguments: &[ValueId]) -> Result<(), Fault> {
        self.may_panic()?;
        let types = &self.module.types;
        let of = |&value: &ValueId| types.as_scalar(self.type_of(value));
        let scalars = arguments.iter().all(|value| of(value).is_some());
        let kind = &self.module.sites[site.0 as usize].kind;
        if let Some(shown) = kind.reported() {
            let given: Option<Vec<Scalar>> = arguments.iter().map(of).collect();
            require!(given.as_ref() == Some(&shown), Reports, "reports {given:?} where its message shows {shown:?}");
            require!(shown.len() <= MAX_REPORTED, Reports, "shows {} values, more than {MAX_REPORTED}", shown.len());
            if let PanicKind::Formatted(message) = kind {
                let fit = message.values.iter().all(Layout::fits);
                require!(fit, Reports, "shows values whose parts do not fit: {:?}", message.values);
            }
            return Ok(());
        }
        let wanted = match kind {
            PanicKind::IndexOutOfBounds | PanicKind::SliceOrder | PanicKind::SliceEnd | PanicKind::SliceLast => 2..=2,
            PanicKind::Division | PanicKind::Remainder => 1..=2,
            PanicKind::AddOverflow
            | PanicKind::SubOverflow
            | PanicKind::MulOverflow
            | PanicKind::NegOverflow
            | PanicKind::ShlOverflow
            | PanicKind::ShrOverflow
            | PanicKind::Message(_)
            | PanicKind::Shown(_)
            | PanicKind::Formatted(_) => 0..=2,
        };
        require!(
            scalars && wanted.contains(&arguments.len()),
            Reports,
            "{} arguments{} for {kind:?}",
            arguments.len(),
            if scalars { "" } else { ", not all scalars," }
        );
        Ok(())
    }
}
