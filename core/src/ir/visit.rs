//! Walks over what an operation or a block refers to. Every field is named, so that a new one breaks the build here.

use super::{Block, Op, SiteId, Statement, ValueId};

impl Op {
    /// Calls `f` with each value that the operation uses, in order.
    pub fn operands(&self, f: &mut dyn FnMut(ValueId)) {
        match self {
            Op::Constant(_) | Op::Unit | Op::Null | Op::Local(_) | Op::Data(_) => {}
            Op::Load(value)
            | Op::AsSlice(value)
            | Op::Length(value)
            | Op::Some(value)
            | Op::IsSome(value)
            | Op::Payload(value)
            | Op::PayloadPlace(value)
            | Op::Repeat(value)
            | Op::Cast(value)
            | Op::Bitcast(value) => f(*value),
            Op::Field { base, index: _ } | Op::Extract { base, index: _ } => f(*base),
            Op::Element { base, index, site: _ } => [*base, *index].into_iter().for_each(f),
            Op::Subslice { base, from, to, order: _, end: _ } => [*base, *from, *to].into_iter().for_each(f),
            Op::MakeSlice { data, length } => [*data, *length].into_iter().for_each(f),
            Op::Node { region, word } => [*region, *word].into_iter().for_each(f),
            Op::Make(parts) => parts.iter().copied().for_each(f),
            Op::Unary { op: _, operand, site: _ } => f(*operand),
            Op::Binary { op: _, left, right, site: _ } | Op::Compare { op: _, left, right } => {
                [*left, *right].into_iter().for_each(f)
            }
            Op::Select { condition, accept, reject } => [*condition, *accept, *reject].into_iter().for_each(f),
            Op::Math { function: _, arguments } | Op::Call { function: _, arguments } => {
                arguments.iter().copied().for_each(f)
            }
            Op::Atomic { op: _, pointer, arguments } => {
                f(*pointer);
                arguments.iter().copied().for_each(f);
            }
        }
    }

    /// The places where the operation itself may panic (calls not followed).
    pub fn sites(&self) -> [Option<SiteId>; 2] {
        match self {
            Op::Element { site, .. } => [Some(*site), None],
            Op::Subslice { order, end, .. } => [Some(*order), Some(*end)],
            Op::Unary { site, .. } | Op::Binary { site, .. } => [*site, None],
            Op::Constant(_)
            | Op::Unit
            | Op::Local(_)
            | Op::Data(_)
            | Op::Load(_)
            | Op::Field { .. }
            | Op::AsSlice(_)
            | Op::MakeSlice { .. }
            | Op::Node { .. }
            | Op::Null
            | Op::Some(_)
            | Op::IsSome(_)
            | Op::Payload(_)
            | Op::PayloadPlace(_)
            | Op::Length(_)
            | Op::Make(_)
            | Op::Repeat(_)
            | Op::Extract { .. }
            | Op::Compare { .. }
            | Op::Select { .. }
            | Op::Cast(_)
            | Op::Bitcast(_)
            | Op::Math { .. }
            | Op::Atomic { .. }
            | Op::Call { .. } => [None, None],
        }
    }
}

impl Statement {
    /// Calls `f` with each value that the statement itself uses (nested blocks not entered; `Eval` computes, it uses
    /// nothing).
    pub fn operands(&self, f: &mut dyn FnMut(ValueId)) {
        match self {
            Statement::Eval(_) | Statement::Break(_) | Statement::Continue(_) => {}
            Statement::Block { label: _, body: _ } => {}
            Statement::Phase { lanes: _, count, item: _, body: _ } => f(*count),
            Statement::Store { pointer, value } => [*pointer, *value].into_iter().for_each(f),
            Statement::If { condition, accept: _, reject: _ } => f(*condition),
            Statement::Loop { label: _, body: _, continuing: _, break_if } => break_if.iter().copied().for_each(f),
            Statement::Return(value) => value.iter().copied().for_each(f),
            Statement::Check { condition, site: _, arguments } => {
                f(*condition);
                arguments.iter().copied().for_each(f);
            }
            Statement::Panic { site: _, arguments } => arguments.iter().copied().for_each(f),
        }
    }

    /// The blocks directly inside, in order.
    pub fn blocks(&self) -> [Option<&Block>; 2] {
        match self {
            Statement::If { accept, reject, .. } => [Some(accept), Some(reject)],
            Statement::Loop { body, continuing, .. } => [Some(body), Some(continuing)],
            Statement::Block { body, .. } | Statement::Phase { body, .. } => [Some(body), None],
            Statement::Eval(_)
            | Statement::Store { .. }
            | Statement::Break(_)
            | Statement::Continue(_)
            | Statement::Return(_)
            | Statement::Check { .. }
            | Statement::Panic { .. } => [None, None],
        }
    }

    /// The blocks directly inside, in order, to be changed.
    pub fn blocks_mut(&mut self) -> [Option<&mut Block>; 2] {
        match self {
            Statement::If { accept, reject, .. } => [Some(accept), Some(reject)],
            Statement::Loop { body, continuing, .. } => [Some(body), Some(continuing)],
            Statement::Block { body, .. } | Statement::Phase { body, .. } => [Some(body), None],
            Statement::Eval(_)
            | Statement::Store { .. }
            | Statement::Break(_)
            | Statement::Continue(_)
            | Statement::Return(_)
            | Statement::Check { .. }
            | Statement::Panic { .. } => [None, None],
        }
    }
}

impl Block {
    /// Calls `f` with each statement, also of nested blocks, in the order of the text. Recurses as deep as blocks nest.
    pub fn each<'b>(&'b self, f: &mut dyn FnMut(&'b Statement)) {
        for statement in &self.0 {
            f(statement);
            for block in statement.blocks().into_iter().flatten() {
                block.each(f);
            }
        }
    }
}
