//! Gives other numbers to the values that operations and statements use. Every field is named, so that a new one breaks
//! the build here.

use super::{Op, Statement, ValueId};

impl Op {
    /// Replaces each value that the operation uses by what `name` says.
    pub fn rename(&mut self, name: &dyn Fn(ValueId) -> ValueId) {
        let one = |v: &mut ValueId| *v = name(*v);
        let many = |vs: &mut Vec<ValueId>| vs.iter_mut().for_each(one);
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
            | Op::Bitcast(value) => one(value),
            Op::Field { base, index: _ } | Op::Extract { base, index: _ } => one(base),
            Op::Element { base, index, site: _ } => [base, index].into_iter().for_each(one),
            Op::Subslice { base, from, to, order: _, end: _ } => [base, from, to].into_iter().for_each(one),
            Op::MakeSlice { data, length } => [data, length].into_iter().for_each(one),
            Op::Node { region, word } => [region, word].into_iter().for_each(one),
            Op::Make(parts) => many(parts),
            Op::Unary { op: _, operand, site: _ } => one(operand),
            Op::Binary { op: _, left, right, site: _ } | Op::Compare { op: _, left, right } => {
                [left, right].into_iter().for_each(one)
            }
            Op::Select { condition, accept, reject } => [condition, accept, reject].into_iter().for_each(one),
            Op::Math { function: _, arguments } | Op::Call { function: _, arguments } => many(arguments),
            Op::Atomic { op: _, pointer, arguments } => {
                one(pointer);
                many(arguments);
            }
        }
    }
}

impl Statement {
    /// Replaces each value that the statement itself uses by what `name` says (nested blocks not entered, and not the
    /// value that `Eval` computes).
    pub fn rename(&mut self, name: &dyn Fn(ValueId) -> ValueId) {
        let one = |v: &mut ValueId| *v = name(*v);
        match self {
            Statement::Eval(_) | Statement::Break(_) | Statement::Continue(_) => {}
            Statement::Block { label: _, body: _ } => {}
            Statement::Phase { lanes: _, count, item: _, body: _ } => one(count),
            Statement::Store { pointer, value } => [pointer, value].into_iter().for_each(one),
            Statement::If { condition, accept: _, reject: _ } => one(condition),
            Statement::Loop { label: _, body: _, continuing: _, break_if } => break_if.iter_mut().for_each(one),
            Statement::Return(value) => value.iter_mut().for_each(one),
            Statement::Check { condition, site: _, arguments } => {
                one(condition);
                arguments.iter_mut().for_each(one);
            }
            Statement::Panic { site: _, arguments } => arguments.iter_mut().for_each(one),
        }
    }
}
