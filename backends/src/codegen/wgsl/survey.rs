//! One walk over the function: how often values are used, where locals are stored to and referred to.

use std::collections::HashMap;

use landbridge_core::ir::{Block, Function, LocalId, Op, Statement, ValueId};

/// A nested block, numbered in the order of the text; 0 is the function's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Nest(pub(super) usize);

/// What the walk found.
pub(super) struct Survey {
    /// Times that each value is an operand.
    pub(super) uses: Vec<u32>,
    /// Of each local.
    pub(super) locals: Vec<LocalUse>,
    parents: Vec<Option<Nest>>,
    /// Of each block: the body of the phase that it is in, or the function's.
    roots: Vec<Nest>,
    /// Of each block: the statement of its parent that it belongs to.
    position: Vec<usize>,
    children: HashMap<(Nest, usize), Vec<Nest>>,
    /// The chain of `Field`, `Element`, .. from the address of a local to each pointer value.
    origin: Vec<Option<Origin>>,
}

/// How a local is used.
#[derive(Clone, Debug, Default)]
pub(super) struct LocalUse {
    /// Where the whole of it is stored to.
    pub(super) stores: Vec<Nest>,
    /// Part of it is stored to, or its address goes where the walk does not follow.
    pub(super) changes_otherwise: bool,
    /// Its address is kept somewhere: it has to live as long as the function.
    pub(super) escapes: bool,
    /// Elements of it are addressed: it has to be a variable.
    pub(super) indexed: bool,
    /// Blocks and statements that refer to it.
    references: Vec<(Nest, usize)>,
}

#[derive(Clone, Copy)]
struct Origin {
    local: LocalId,
    whole: bool,
}

impl Survey {
    pub(super) fn of(function: &Function) -> Survey {
        let mut survey = Survey {
            uses: vec![0; function.values.len()],
            locals: vec![LocalUse::default(); function.locals.len()],
            parents: vec![None],
            roots: vec![Nest(0)],
            position: vec![0],
            children: HashMap::new(),
            origin: vec![None; function.values.len()],
        };
        for parameter in &mut survey.locals[..function.parameters as usize] {
            parameter.stores.push(Nest(0));
            parameter.references.push((Nest(0), 0));
        }
        survey.block(function, &function.body, Nest(0));
        survey
    }

    /// Whether what is declared in `outer` is visible in `inner`.
    pub(super) fn encloses(&self, outer: Nest, inner: Nest) -> bool {
        let mut at = Some(inner);
        while let Some(nest) = at {
            if nest == outer {
                return true;
            }
            at = self.parents[nest.0];
        }
        false
    }

    /// The innermost block, and the statement in it, that holds all references to a local. `None` if there is none.
    pub(super) fn scope(&self, local: LocalId) -> Option<(Nest, usize)> {
        let uses = &self.locals[local.0 as usize];
        let &(first, _) = uses.references.first()?;
        if uses.escapes {
            // Through a pointer it is named wherever that is used, also before the first statement that names it.
            let root = self.roots[first.0];
            let alone = uses.references.iter().all(|r| self.roots[r.0.0] == root);
            return Some((if alone { root } else { Nest(0) }, 0));
        }
        let mut nest = first;
        while !uses.references.iter().all(|r| self.encloses(nest, r.0)) {
            nest = self.parents[nest.0]?;
        }
        let inside = uses.references.iter().map(|r| self.statement_in(*r, nest));
        Some((nest, inside.min().unwrap_or(0)))
    }

    /// Whether nothing but its role as a parameter refers to a local.
    pub(super) fn is_unused(&self, local: LocalId) -> bool {
        self.locals[local.0 as usize].references.len() <= 1
    }

    /// Whether nothing but the phase that sets it refers to an item's number.
    pub(super) fn is_never_read(&self, local: LocalId) -> bool {
        self.locals[local.0 as usize].references.len() <= 1
    }

    /// Whether all references to a local lie inside the block where it is stored to.
    pub(super) fn store_encloses_all(&self, local: LocalId) -> bool {
        let uses = &self.locals[local.0 as usize];
        let covers = |store: &Nest| uses.references.iter().all(|r| self.encloses(*store, r.0));
        uses.stores.first().is_some_and(covers)
    }

    /// The statement of `nest` that contains the reference.
    fn statement_in(&self, (mut at, mut statement): (Nest, usize), nest: Nest) -> usize {
        while at != nest {
            let Some(parent) = self.parents[at.0] else {
                return 0;
            };
            statement = self.position[at.0];
            at = parent;
        }
        statement
    }

    fn block(&mut self, function: &Function, block: &Block, nest: Nest) {
        for (k, statement) in block.0.iter().enumerate() {
            self.statement(function, statement, (nest, k));
        }
    }

    fn nested(&mut self, function: &Function, block: &Block, (nest, statement): (Nest, usize)) {
        let inner = Nest(self.parents.len());
        self.parents.push(Some(nest));
        self.roots.push(self.roots[nest.0]);
        self.position.push(statement);
        self.children.entry((nest, statement)).or_default().push(inner);
        self.block(function, block, inner);
    }

    /// The `which`th block inside a statement.
    pub(super) fn child(&self, (nest, statement): (Nest, usize), which: usize) -> Nest {
        self.children[&(nest, statement)][which]
    }

    fn statement(&mut self, function: &Function, statement: &Statement, at: (Nest, usize)) {
        match statement {
            Statement::Eval(value) => self.operation(*value, &function[*value].op, at),
            Statement::Store { pointer, value } => {
                self.uses[pointer.0 as usize] += 1;
                self.plain(*value, at);
                if let Some(origin) = self.refer(*pointer, at) {
                    let local = &mut self.locals[origin.local.0 as usize];
                    match origin.whole {
                        true => local.stores.push(at.0),
                        false => local.changes_otherwise = true,
                    }
                }
            }
            Statement::If { condition, accept, reject } => {
                self.plain(*condition, at);
                self.nested(function, accept, at);
                self.nested(function, reject, at);
            }
            Statement::Loop { label: _, body, continuing, break_if } => {
                self.nested(function, body, at);
                self.nested(function, continuing, at);
                break_if.iter().for_each(|v| self.plain(*v, at));
            }
            Statement::Block { label: _, body } => self.nested(function, body, at),
            Statement::Phase { lanes: _, count, item, body } => {
                self.plain(*count, at);
                let inner = Nest(self.parents.len());
                let local = &mut self.locals[item.0 as usize];
                local.stores.push(inner);
                local.references.push((inner, 0));
                self.parents.push(Some(at.0));
                self.position.push(at.1);
                self.roots.push(inner);
                self.children.entry(at).or_default().push(inner);
                self.block(function, body, inner);
            }
            Statement::Break(_) | Statement::Continue(_) => {}
            Statement::Return(value) => value.iter().for_each(|v| self.plain(*v, at)),
            Statement::Check { condition, site: _, arguments } => {
                self.plain(*condition, at);
                arguments.iter().for_each(|v| self.plain(*v, at));
            }
            Statement::Panic { site: _, arguments } => {
                arguments.iter().for_each(|v| self.plain(*v, at));
            }
        }
    }

    /// A use that keeps the value: an address that gets here is not followed.
    fn plain(&mut self, value: ValueId, at: (Nest, usize)) {
        self.uses[value.0 as usize] += 1;
        if let Some(origin) = self.refer(value, at) {
            let local = &mut self.locals[origin.local.0 as usize];
            local.escapes = true;
            local.changes_otherwise = true;
        }
    }

    fn refer(&mut self, pointer: ValueId, at: (Nest, usize)) -> Option<Origin> {
        let origin = self.origin[pointer.0 as usize]?;
        self.locals[origin.local.0 as usize].references.push(at);
        Some(origin)
    }

    fn operation(&mut self, value: ValueId, op: &Op, at: (Nest, usize)) {
        let follow = |survey: &mut Self, base: ValueId, indexed: bool| {
            survey.uses[base.0 as usize] += 1;
            if let Some(origin) = survey.refer(base, at) {
                survey.locals[origin.local.0 as usize].indexed |= indexed;
                survey.origin[value.0 as usize] = Some(Origin { whole: false, ..origin });
            }
        };
        match op {
            Op::Local(local) => {
                self.origin[value.0 as usize] = Some(Origin { local: *local, whole: true });
            }
            Op::Load(pointer) | Op::Length(pointer) => {
                self.uses[pointer.0 as usize] += 1;
                self.refer(*pointer, at);
            }
            Op::Field { base, index: _ } => follow(self, *base, false),
            Op::Element { base, index, site: _ } => {
                follow(self, *base, true);
                self.plain(*index, at);
            }
            Op::AsSlice(base) => follow(self, *base, true),
            Op::Subslice { base, from, to, order: _, end: _ } => {
                follow(self, *base, true);
                self.plain(*from, at);
                self.plain(*to, at);
            }
            _ => op.operands(&mut |operand| self.plain(operand, at)),
        }
    }
}
