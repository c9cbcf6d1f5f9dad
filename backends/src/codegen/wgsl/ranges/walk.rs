//! The walk over the function.

use std::collections::BTreeSet;

use landbridge_core::ir::{
    Block, CompareOp, Constant, Function, Label, LocalId, Module, Op, Role, Scalar, Statement, Type, TypeId, ValueId,
};

use super::Facts;
use super::known::{Abstract, Condition, Known, Symbols, Term};
use crate::codegen::wgsl::survey::Survey;

/// Statements that are visited at most, loops each time; after that nothing is proved.
const PATIENCE: usize = 30_000;

/// How deep conditions are taken apart.
const DEPTH: usize = 8;

pub(super) struct Walk<'m> {
    module: &'m Module,
    function: &'m Function,
    pub(super) wide: bool,
    tracked: Vec<bool>,
    pub(super) symbols: Symbols,
    values: Vec<Option<Abstract>>,
    pub(super) known: Known,
    pub(super) facts: Facts,
    exits: Vec<Exits>,
    visited: usize,
}

/// What is known wherever a loop or block is left, or continued.
struct Exits {
    label: Label,
    breaks: Vec<Known>,
    continues: Vec<Known>,
}

pub(super) fn analyse(module: &Module, survey: &Survey, wide: bool, most_bytes: i128) -> Facts {
    let function = module.entry_function();
    let tracked = survey.locals.iter().map(|l| !l.changes_otherwise && !l.indexed && !l.escapes);
    let mut walk = Walk {
        module,
        function,
        wide,
        tracked: tracked.collect(),
        symbols: Symbols::new(),
        values: vec![None; function.values.len()],
        known: Known::default(),
        facts: Facts::default(),
        exits: vec![],
        visited: 0,
    };
    for (k, parameter) in module.parameters.iter().enumerate() {
        if let Role::Whole | Role::Atomics | Role::Row { .. } = parameter.role {
            let most = match i128::from(module.types.size(parameter.ty)) {
                0 => walk.range(Scalar::Usize).1,
                size => (most_bytes / size).min(most_bytes - 1),
            };
            let length = walk.symbols.fresh((0, most));
            walk.known.locals.insert(k as u32, Abstract::Slice(length));
        }
    }
    walk.block(&function.body);
    match walk.visited > PATIENCE {
        true => Facts::default(),
        false => walk.facts,
    }
}

impl Walk<'_> {
    fn scalar(&self, value: ValueId) -> Option<Scalar> {
        self.module.types.as_scalar(self.function[value].ty)
    }

    /// What is known of an integer.
    pub(super) fn integer(&mut self, value: ValueId) -> Option<Term> {
        match self.values[value.0 as usize] {
            Some(Abstract::Integer(term)) => Some(term),
            _ => None,
        }
    }

    /// What is known of any value of a type.
    fn any(&mut self, ty: TypeId) -> Option<Abstract> {
        match self.module.types[ty] {
            Type::Scalar(s) if s.is_integer() => Some(Abstract::Integer(self.symbols.fresh(self.range(s)))),
            Type::Slice(_) => Some(Abstract::Slice(self.symbols.fresh(self.range(Scalar::Usize)))),
            _ => None,
        }
    }

    /// Walks a block; whether its end may be reached.
    fn block(&mut self, block: &Block) -> bool {
        for statement in &block.0 {
            self.visited += 1;
            if self.visited > PATIENCE || !self.statement(statement) {
                return false;
            }
        }
        true
    }

    fn statement(&mut self, statement: &Statement) -> bool {
        match statement {
            Statement::Eval(value) => self.eval(*value),
            Statement::Store { pointer, value } => {
                if let Op::Local(local) = self.function[*pointer].op
                    && self.tracked[local.0 as usize]
                {
                    match self.values[value.0 as usize].clone() {
                        Some(known) => self.known.locals.insert(local.0, known),
                        None => self.known.locals.remove(&local.0),
                    };
                }
            }
            Statement::If { condition, accept, reject } => return self.branch(*condition, accept, reject),
            Statement::Loop { label, body, continuing, break_if } => {
                return self.repeat(*label, [body, continuing], *break_if);
            }
            Statement::Block { label, body } => {
                self.exits.push(Exits { label: *label, breaks: vec![], continues: vec![] });
                let reached = self.block(body);
                let mut ends = self.exits.pop().map(|e| e.breaks).unwrap_or_default();
                if reached {
                    ends.push(std::mem::take(&mut self.known));
                }
                return self.meet(ends);
            }
            Statement::Phase { lanes: _, count, item, body } => {
                // what is outside stays as it is: items store to what is their own
                let before = self.known.clone();
                let number = self.symbols.fresh(self.range(Scalar::Usize));
                self.known.locals.insert(item.0, Abstract::Integer(number));
                if let Some(count) = self.integer(*count) {
                    self.known.assume_le(number.plus(1), count);
                }
                self.block(body);
                self.known = before;
            }
            Statement::Break(label) | Statement::Continue(label) => {
                let known = std::mem::take(&mut self.known);
                if let Some(exit) = self.exits.iter_mut().rev().find(|e| e.label == *label) {
                    match statement {
                        Statement::Break(_) => exit.breaks.push(known),
                        _ => exit.continues.push(known),
                    }
                }
                return false;
            }
            Statement::Return(_) | Statement::Panic { .. } => return false,
            Statement::Check { condition, .. } => {
                self.facts.is_true.remove(condition);
                if self.holds(*condition) {
                    self.facts.is_true.insert(*condition);
                }
                self.assume_value(*condition, true, 0);
            }
        }
        true
    }

    /// Goes on with what holds on all of these ways.
    fn meet(&mut self, ways: Vec<Known>) -> bool {
        let joined = ways.into_iter().reduce(|a, b| a.join(b, &mut self.symbols, None));
        let reached = joined.is_some();
        self.known = joined.unwrap_or_default();
        reached
    }

    fn branch(&mut self, condition: ValueId, accept: &Block, reject: &Block) -> bool {
        let before = self.known.clone();
        self.assume_value(condition, true, 0);
        let accepted = self.block(accept);
        let after = std::mem::replace(&mut self.known, before);
        self.assume_value(condition, false, 0);
        let rejected = self.block(reject);
        match (accepted, rejected) {
            (true, true) => {
                let other = std::mem::take(&mut self.known);
                self.known = after.join(other, &mut self.symbols, Some(condition));
            }
            (true, false) => self.known = after,
            _ => {}
        }
        accepted || rejected
    }

    // --- loops ---

    fn repeat(&mut self, label: Label, [body, continuing]: [&Block; 2], break_if: Option<ValueId>) -> bool {
        let mut stored = BTreeSet::new();
        self.stored(body, &mut stored);
        self.stored(continuing, &mut stored);
        let before = self.known.clone();
        // For each variable: the value before, and whether it is guessed to be its lower and upper bound.
        let start = |l: &u32| match before.locals.get(l) {
            Some(Abstract::Integer(t)) => Some((*l, *t, [true, true])),
            _ => None,
        };
        let mut guesses: Vec<(u32, Term, [bool; 2])> = stored.iter().filter_map(start).collect();
        loop {
            self.enter_loop(&before, &stored, &guesses);
            self.exits.push(Exits { label, breaks: vec![], continues: vec![] });
            let mut again = vec![];
            if self.block(body) {
                again.push(std::mem::take(&mut self.known));
            }
            let exits = self.exits.pop();
            let (mut breaks, continues) = exits.map(|e| (e.breaks, e.continues)).unwrap_or_default();
            again.extend(continues);
            let mut repeats = self.meet(again) && self.block(continuing);
            if repeats && let Some(condition) = break_if {
                let mut leaving = self.known.clone();
                std::mem::swap(&mut leaving, &mut self.known);
                self.assume_value(condition, true, 0);
                std::mem::swap(&mut leaving, &mut self.known);
                breaks.push(leaving);
                self.assume_value(condition, false, 0);
            }
            repeats &= self.visited <= PATIENCE;
            let mut refuted = false;
            for (local, start, guess) in guesses.iter_mut().filter(|_| repeats) {
                let now = match self.known.locals.get(local) {
                    Some(Abstract::Integer(t)) => Some(*t),
                    _ => None,
                };
                let keeps = |low: bool| {
                    now.is_some_and(|t| {
                        let (a, b) = if low { (*start, t) } else { (t, *start) };
                        self.known.is_le(&self.symbols, a, b)
                    })
                };
                let kept = [guess[0] && keeps(true), guess[1] && keeps(false)];
                refuted |= kept != *guess;
                *guess = kept;
            }
            if !refuted || self.visited > PATIENCE {
                return self.meet(breaks);
            }
        }
    }

    /// What is known at the head of a loop: all but what the loop changes, and the guesses.
    fn enter_loop(&mut self, before: &Known, stored: &BTreeSet<u32>, guesses: &[(u32, Term, [bool; 2])]) {
        self.known = before.clone();
        for local in stored {
            let ty = self.function[LocalId(*local)].ty;
            let unknown = match before.locals.get(local) {
                Some(_) => self.any(ty),
                None => None,
            };
            match unknown {
                Some(unknown) => self.known.locals.insert(*local, unknown),
                None => self.known.locals.remove(local),
            };
        }
        for (local, start, [low, high]) in guesses {
            if let Some(Abstract::Integer(now)) = self.known.locals.get(local).cloned() {
                if *low {
                    self.known.assume_le(*start, now);
                }
                if *high {
                    self.known.assume_le(now, *start);
                }
            }
        }
    }

    fn stored(&self, block: &Block, found: &mut BTreeSet<u32>) {
        block.each(&mut |statement| {
            if let Statement::Store { pointer, .. } = statement
                && let Op::Local(local) = self.function[*pointer].op
            {
                found.insert(local.0);
            }
        });
    }

    // --- conditions ---

    fn assume_value(&mut self, value: ValueId, truth: bool, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let function = self.function;
        match &function[value].op {
            Op::Compare { op, left, right } => {
                if let (Some(a), Some(b)) = (self.integer(*left), self.integer(*right)) {
                    self.assume_order(*op, a, b, truth);
                }
            }
            Op::Unary { operand, .. } => self.assume_value(*operand, !truth, depth + 1),
            Op::Binary { op: landbridge_core::ir::BinaryOp::And, left, right, .. } if truth => {
                self.assume_value(*left, true, depth + 1);
                self.assume_value(*right, true, depth + 1);
            }
            Op::Binary { op: landbridge_core::ir::BinaryOp::Or, left, right, .. } if !truth => {
                self.assume_value(*left, false, depth + 1);
                self.assume_value(*right, false, depth + 1);
            }
            Op::Load(_) => {
                if let Some(Abstract::Bool(condition)) = self.values[value.0 as usize].clone()
                    && condition != Condition::Value(value)
                {
                    self.assume(&condition, truth, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn assume(&mut self, condition: &Condition, truth: bool, depth: usize) {
        match condition {
            _ if depth > DEPTH => {}
            Condition::Constant(_) => {}
            Condition::Value(value) => self.assume_value(*value, truth, depth + 1),
            Condition::If(chosen, yes, no) => {
                // What a side is where it was chosen, if that is certain.
                let fixed = |side: &Condition, when: bool| match side {
                    Condition::Constant(b) => Some(*b),
                    Condition::Value(v) if v == chosen => Some(when),
                    _ => None,
                };
                if fixed(no, false) == Some(!truth) {
                    self.assume_value(*chosen, true, depth + 1);
                    self.assume(yes, truth, depth + 1);
                } else if fixed(yes, true) == Some(!truth) {
                    self.assume_value(*chosen, false, depth + 1);
                    self.assume(no, truth, depth + 1);
                }
            }
        }
    }

    fn assume_order(&mut self, op: CompareOp, a: Term, b: Term, truth: bool) {
        let known = &mut self.known;
        match (op, truth) {
            (CompareOp::Less, true) | (CompareOp::GreaterEqual, false) => known.assume_le(a.plus(1), b),
            (CompareOp::LessEqual, true) | (CompareOp::Greater, false) => known.assume_le(a, b),
            (CompareOp::Greater, true) | (CompareOp::LessEqual, false) => known.assume_le(b.plus(1), a),
            (CompareOp::GreaterEqual, true) | (CompareOp::Less, false) => known.assume_le(b, a),
            (CompareOp::Equal, true) | (CompareOp::NotEqual, false) => {
                known.assume_le(a, b);
                known.assume_le(b, a);
            }
            // Only an end of the range can be cut off.
            (CompareOp::Equal, false) | (CompareOp::NotEqual, true) => {
                if known.is_le(&self.symbols, a, b) {
                    known.assume_le(a.plus(1), b);
                } else if known.is_le(&self.symbols, b, a) {
                    known.assume_le(b.plus(1), a);
                }
            }
        }
    }

    fn holds(&mut self, value: ValueId) -> bool {
        let function = self.function;
        let Op::Compare { op, left, right } = &function[value].op else {
            return false;
        };
        let (Some(a), Some(b)) = (self.integer(*left), self.integer(*right)) else {
            return false;
        };
        let le = |a: Term, b: Term| self.known.is_le(&self.symbols, a, b);
        match op {
            CompareOp::Less => le(a.plus(1), b),
            CompareOp::LessEqual => le(a, b),
            CompareOp::Greater => le(b.plus(1), a),
            CompareOp::GreaterEqual => le(b, a),
            CompareOp::Equal => le(a, b) && le(b, a),
            CompareOp::NotEqual => le(a.plus(1), b) || le(b.plus(1), a),
        }
    }

    // --- values ---

    fn eval(&mut self, value: ValueId) {
        let ty = self.function[value].ty;
        let found = self.operation(value, ty);
        self.values[value.0 as usize] = found.or_else(|| self.any(ty));
    }

    fn length(&self, slice: ValueId) -> Option<Term> {
        match self.values[slice.0 as usize] {
            Some(Abstract::Slice(length)) => Some(length),
            _ => None,
        }
    }

    fn note_bounds(&mut self, value: ValueId, proved: bool) {
        self.facts.in_bounds.remove(&value);
        if proved {
            self.facts.in_bounds.insert(value);
        }
    }

    fn operation(&mut self, value: ValueId, ty: TypeId) -> Option<Abstract> {
        let function = self.function;
        match &function[value].op {
            Op::Constant(Constant::Int(n)) => Some(Abstract::Integer(Term::constant(*n))),
            Op::Constant(Constant::Bool(b)) => Some(Abstract::Bool(Condition::Constant(*b))),
            Op::Compare { .. } => Some(Abstract::Bool(Condition::Value(value))),
            Op::Load(pointer) => match function[*pointer].op {
                Op::Local(local) if self.tracked[local.0 as usize] => {
                    if !self.known.locals.contains_key(&local.0) {
                        let unknown = self.any(ty)?;
                        self.known.locals.insert(local.0, unknown);
                    }
                    self.known.locals.get(&local.0).cloned()
                }
                _ => None,
            },
            Op::Binary { op, left, right, site } => {
                let scalar = self.scalar(*left)?;
                match scalar.is_float() {
                    true => None,
                    false => self.binary(value, *op, [*left, *right], scalar, *site),
                }
            }
            Op::Unary { op, operand, site } => {
                let scalar = self.scalar(*operand)?;
                self.unary(value, *op, *operand, scalar, site.is_some())
            }
            Op::Cast(from) => {
                let (source, target) = (self.scalar(*from)?, self.scalar(value)?);
                self.cast(value, *from, source, target)
            }
            Op::Math { function, arguments } => {
                let scalar = self.scalar(*arguments.first()?)?;
                self.math(*function, arguments, scalar)
            }
            Op::Length(slice) => self.length(*slice).map(Abstract::Integer),
            Op::AsSlice(pointer) => {
                let Type::Pointer(to) = self.module.types[function[*pointer].ty] else {
                    return None;
                };
                match self.module.types[to] {
                    Type::Array { length, .. } => Some(Abstract::Slice(Term::constant(length.into()))),
                    _ => None,
                }
            }
            Op::Element { base, index, .. } => {
                let length = match self.module.types[function[*base].ty] {
                    Type::Pointer(to) => match self.module.types[to] {
                        Type::Array { length, .. } => Some(Term::constant(length.into())),
                        _ => None,
                    },
                    _ => self.length(*base),
                };
                let (index, length) = (self.integer(*index)?, length?);
                let proved = self.known.is_le(&self.symbols, index.plus(1), length);
                self.note_bounds(value, proved);
                self.known.assume_le(index.plus(1), length);
                None
            }
            Op::Subslice { base, from, to, .. } => {
                let (from, to) = (self.integer(*from)?, self.integer(*to)?);
                let length = self.length(*base)?;
                let le = |a, b| self.known.is_le(&self.symbols, a, b);
                let proved = le(from, to) && le(to, length);
                self.note_bounds(value, proved);
                self.known.assume_le(from, to);
                self.known.assume_le(to, length);
                Some(Abstract::Slice(match from.as_constant() {
                    Some(c) => to.plus(-c),
                    None => {
                        let part = self.symbols.fresh(self.range(Scalar::Usize));
                        self.known.assume_le(part, to);
                        part
                    }
                }))
            }
            Op::Select { accept, reject, .. } => {
                let (a, b) = (self.integer(*accept)?, self.integer(*reject)?);
                let least = self.known.least(&self.symbols, a).min(self.known.least(&self.symbols, b));
                let most = self.known.most(&self.symbols, a).max(self.known.most(&self.symbols, b));
                Some(Abstract::Integer(self.symbols.fresh((least, most))))
            }
            _ => None,
        }
    }
}
