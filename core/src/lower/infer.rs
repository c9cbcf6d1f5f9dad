//! What type an expression has, as far as that follows without the literals that have no suffix.
//!
//! Rust's inference is global; what it found for bindings, calls and casts is in the tree. What is left between those
//! are operators and literals, for which looking at the operands is enough.

use super::calls::Resolved;
use super::function::Lowering;
use super::literal::scalar_named;
use crate::ast::{CalleeSlot, ConstSlot, Expr, LabelSlot, NONE, Operator, Pattern, Sink, Stmt};
use crate::ir::{Scalar, Type, TypeId};

/// Whether the operator gives a `bool` whatever its operands.
pub(super) fn is_comparison(operator: Operator) -> bool {
    use Operator::*;
    matches!(operator, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual | LazyAnd | LazyOr)
}

impl Lowering<'_> {
    /// The type of an expression; `None` if only the context can tell, or if it never gives a value.
    pub(super) fn known(&mut self, e: &'static Expr) -> Option<TypeId> {
        match e {
            Expr::Int(_, suffix) | Expr::Float(_, suffix) => scalar_named(suffix).map(|s| self.scalar_type(s)),
            Expr::Bool(_) | Expr::Let(..) => Some(self.scalar_type(Scalar::Bool)),
            Expr::Local(slot) => self.local_type(*slot),
            Expr::Const(slot) => self.constant_type(*slot),
            Expr::Neg(operand, callee, _) | Expr::Not(operand, callee) => {
                if let Some(result) = self.known_result(*callee) {
                    return Some(result);
                }
                let ty = self.known_stripped(operand)?;
                Some(self.unary_result(e, ty))
            }
            Expr::Deref(base) => {
                let base = self.known(base)?;
                match *self.ty(base) {
                    Type::Pointer(to) => Some(self.world.types.inside_block(to, &self.build.module.types)),
                    Type::Slice(_) => Some(base),
                    _ => None,
                }
            }
            Expr::Borrow(_, operand) => {
                let ty = self.known(operand)?;
                if self.names_slice(operand, ty) {
                    return Some(ty);
                }
                Some(self.pointer_type(ty))
            }
            Expr::Binary(operator, left, right, callee, _) => self.known_binary(*operator, left, right, *callee),
            Expr::Field(base, name) => {
                let base = self.known_stripped(base)?;
                match self.ty(base) {
                    Type::Struct(s) => Some(s.fields.iter().find(|f| f.name == *name)?.ty),
                    _ => None,
                }
            }
            Expr::Index(base, index, _) if self.is_range(index) => {
                let element = self.known_element(base)?;
                Some(self.build.module.types.slice(element))
            }
            Expr::Index(base, index, _) => match self.known_stripped(base)? {
                region if self.is_region(region) => {
                    let handle = self.known_stripped(index)?;
                    self.type_in_region(handle)
                }
                indexed => self.known_element(base).or_else(|| self.known_indexed(indexed, index)),
            },
            Expr::IndexRange(base, ..) => {
                let element = self.known_element(base)?;
                Some(self.build.module.types.slice(element))
            }
            Expr::ArrayFromFn(_, slot)
            | Expr::Cast(_, slot)
            | Expr::Memory(_, _, slot)
            | Expr::TupleStruct(_, _, slot)
            | Expr::Struct(_, _, _, slot) => self.slot_type(*slot),
            Expr::Call(callee, _) => self.known_result(*callee),
            Expr::CallLocal(closure, _) => self.known_closure(*closure),
            Expr::Method(receiver, name, callee, arguments, slot, _) => {
                if *slot != NONE {
                    return self.slot_type(*slot);
                }
                if let Some(result) = self.known_result(*callee) {
                    return Some(result);
                }
                let receiver = self.known_stripped(receiver).or_else(|| {
                    // `(1.0 - x).max(y)` is known anyway; a bare literal takes the argument's type.
                    self.known_stripped(arguments.first()?)
                })?;
                self.method_result(name, receiver)
            }
            Expr::Static(name, callee, _, slot, _) => {
                if *slot != NONE {
                    return self.slot_type(*slot);
                }
                self.known_associated(name, *callee)
            }
            Expr::Tuple(elements) => {
                let types: Option<Vec<_>> = elements.iter().map(|e| self.known(e)).collect();
                Some(self.tuple_type(&types?))
            }
            Expr::Array(elements) => {
                let element = elements.iter().find_map(|e| self.known(e))?;
                Some(self.build.module.types.array(element, elements.len() as u64))
            }
            Expr::Repeat(element, length) => {
                let element = self.known(element)?;
                let length = self.constant_length(*length).ok()?;
                Some(self.build.module.types.array(element, length))
            }
            Expr::Chain(_, _, sink, slot, _) => self.known_chain(sink, *slot),
            _ if super::links::is_link(e) => self.known_link(e),
            _ => self.known_control(e),
        }
    }

    fn known_control(&mut self, e: &'static Expr) -> Option<TypeId> {
        match e {
            Expr::If(_, _, None) => Some(self.unit_type()),
            Expr::If(_, accept, Some(reject)) => self.known(accept).or_else(|| self.known(reject)),
            Expr::Match(_, arms) => arms.iter().find_map(|arm| self.known(&arm.2)),
            Expr::Block(statements, value) => match value {
                Some(value) => self.known(value),
                None if statements.last().is_some_and(never_ends) => None,
                None => Some(self.unit_type()),
            },
            Expr::Leaving(_, slot) => self.slot_type(*slot),
            Expr::Loop(label, body) => self.known_break(*label, body),
            Expr::LabelledBlock(label, body) => self.known(body).or_else(|| self.known_break(*label, body)),
            Expr::Break(..)
            | Expr::Continue(_)
            | Expr::Return(_)
            | Expr::Panic(..)
            | Expr::Closure(..)
            | Expr::Moved(..)
            | Expr::ByName(..) => None,
            _ => Some(self.unit_type()),
        }
    }

    /// The type of an expression, or of what it refers to.
    pub(super) fn known_stripped(&mut self, e: &'static Expr) -> Option<TypeId> {
        let mut ty = self.known(e)?;
        while let Type::Pointer(to) = *self.ty(ty) {
            ty = self.world.types.inside_block(to, &self.build.module.types);
        }
        Some(ty)
    }

    fn known_element(&mut self, base: &'static Expr) -> Option<TypeId> {
        let base = self.known_stripped(base)?;
        match *self.ty(base) {
            Type::Array { element, .. } | Type::Slice(element) => Some(element),
            _ => self.world.types.element_of(base),
        }
    }

    fn known_binary(
        &mut self,
        operator: Operator,
        left: &'static Expr,
        right: &'static Expr,
        callee: CalleeSlot,
    ) -> Option<TypeId> {
        if is_comparison(operator) {
            return Some(self.scalar_type(Scalar::Bool));
        }
        if let Some(result) = self.known_result(callee) {
            return Some(result);
        }
        let left_type = self.known_stripped(left);
        if let Some(ty) = left_type
            && let Some(found) = self.user_operator(operator, false, ty, right)
        {
            return Some(found.result);
        }
        if matches!(operator, Operator::Shl | Operator::Shr) {
            return left_type;
        }
        left_type.or_else(|| self.known_stripped(right))
    }

    /// Whether `&e` is the slice `e` itself: `&s[a..b]`, `&*s`.
    fn names_slice(&mut self, e: &'static Expr, ty: TypeId) -> bool {
        match e {
            Expr::IndexRange(..) => true,
            Expr::Index(_, index, _) => self.is_range(index),
            Expr::Deref(base) => self.known(base) == Some(ty),
            _ => false,
        }
    }

    pub(super) fn known_result(&mut self, callee: CalleeSlot) -> Option<TypeId> {
        match self.resolve(callee).ok()? {
            Resolved::Std => None,
            Resolved::Function(signature) => Some(signature.result),
            Resolved::Helper(tree) => self.helper_result(tree).ok(),
        }
    }

    pub(super) fn constant_type(&mut self, slot: ConstSlot) -> Option<TypeId> {
        let ty = self.tree.constants.get(usize::from(slot))?.ty;
        self.world.types.intern(&mut self.build.module.types, ty)
    }

    /// The type of the values that `break 'label value` in `e` give.
    fn known_break(&mut self, label: LabelSlot, e: &'static Expr) -> Option<TypeId> {
        let mut breaks = vec![];
        collect_breaks(e, label, &mut breaks);
        breaks.into_iter().find_map(|e| match e {
            Some(e) => self.known(e),
            None => Some(self.unit_type()),
        })
    }

    /// The type of what a pattern binds, where its variables tell.
    pub(super) fn pattern_type(&mut self, pattern: &'static Pattern) -> Option<TypeId> {
        match pattern {
            Pattern::Bind(slot, false) => self.local_type(*slot),
            Pattern::At(slot, _) => self.local_type(*slot),
            Pattern::Value(e) => self.known(e),
            Pattern::Tuple(parts) => {
                let types: Option<Vec<_>> = parts.iter().map(|p| self.pattern_type(p)).collect();
                Some(self.tuple_type(&types?))
            }
            Pattern::Ref(inner) => {
                let inner = self.pattern_type(inner)?;
                Some(self.pointer_type(inner))
            }
            Pattern::Or(patterns) => patterns.iter().find_map(|p| self.pattern_type(p)),
            Pattern::Slice(parts, None, _) => {
                let element = parts.iter().find_map(|p| self.pattern_type(p))?;
                Some(self.build.module.types.array(element, parts.len() as u64))
            }
            Pattern::None
            | Pattern::Some(_)
            | Pattern::Bind(_, true)
            | Pattern::Wild
            | Pattern::Struct(..)
            | Pattern::TupleEnds(_)
            | Pattern::Slice(..)
            | Pattern::Variant(_)
            | Pattern::Range(..) => None,
        }
    }
}

/// Whether control never gets past the statement, as far as its form tells.
fn never_ends(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(e) => diverges(e),
        Stmt::Let(_, Some(e), _) => diverges(e),
        Stmt::Let(_, None, _) | Stmt::Closure(..) | Stmt::Function(..) | Stmt::Chain(..) => false,
    }
}

fn diverges(e: &Expr) -> bool {
    match e {
        Expr::Break(..) | Expr::Continue(_) | Expr::Return(_) | Expr::Panic(..) => true,
        Expr::If(_, accept, Some(reject)) => diverges(accept) && diverges(reject),
        Expr::Match(_, arms) => arms.iter().all(|arm| diverges(&arm.2)),
        Expr::Block(statements, value) => statements.iter().any(never_ends) || value.is_some_and(diverges),
        _ => false,
    }
}

/// All `break 'label` in an expression in statement position, with their values.
fn collect_breaks(e: &'static Expr, label: LabelSlot, found: &mut Vec<Option<&'static Expr>>) {
    let mut inside = |e: &'static Expr| collect_breaks(e, label, found);
    match e {
        Expr::Break(l, value) if *l == label => found.push(*value),
        Expr::If(condition, accept, reject) => {
            inside(condition);
            inside(accept);
            reject.iter().for_each(|e| inside(e));
        }
        Expr::Match(value, arms) => {
            inside(value);
            arms.iter().for_each(|arm| inside(&arm.2));
        }
        Expr::Loop(_, body) | Expr::LabelledBlock(_, body) => inside(body),
        Expr::While(_, condition, body) => {
            inside(condition);
            inside(body);
        }
        Expr::ForRange(range) => inside(&range.body),
        Expr::ForEach(_, _, _, body) => inside(body),
        Expr::Chain(_, _, Sink::Loop(_, _, body), ..) => inside(body),
        Expr::Assign(_, value) | Expr::AssignOp(_, _, value, ..) => inside(value),
        Expr::Block(statements, value) => {
            for statement in *statements {
                match statement {
                    Stmt::Expr(e) => inside(e),
                    Stmt::Let(_, value, otherwise) => {
                        value.iter().for_each(&mut inside);
                        otherwise.iter().for_each(|e| inside(e));
                    }
                    Stmt::Closure(..) | Stmt::Function(..) | Stmt::Chain(..) => {}
                }
            }
            value.iter().for_each(|e| inside(e));
        }
        _ => {}
    }
}
