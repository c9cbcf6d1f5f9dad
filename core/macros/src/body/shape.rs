//! What the form of the source says about types: enough to see that most operators are those of numbers, so that rustc
//! need not be asked. Where this says nothing, rustc is asked; what it says is true whatever the rest of the program is,
//! unless somebody gives a type the name of a primitive one.

use super::{Body, Name};
use crate::intrinsics;
use proc_macro2::Ident;
use syn::{BinOp, Expr, Lit, Pat, Type, UnOp};

/// What is known of a type by the form of an expression; references to it count as the type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Nothing.
    Unknown,
    /// A number, `bool` or `char`.
    Number,
    /// `Index2` or `Index3`: its fields are numbers.
    Extent,
    /// `Range` or `RangeInclusive`.
    Range,
    /// A slice or array.
    Sequence(Box<Shape>),
    /// A type parameter, or what operators and methods of numbers make of one: which operators it has is found when the kernel is
    /// translated.
    Later,
}

/// Paths of these types are lowercase and yet types.
pub(crate) const PRIMITIVES: [&str; 14] =
    ["char", "f32", "f64", "bool", "u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

/// Is it the name of one?
pub(crate) fn is_primitive(name: &Ident) -> bool {
    // comparing it with each of them would make a string each time
    PRIMITIVES.contains(&&*name.to_string())
}

impl Shape {
    /// Of a type as it is written.
    pub(crate) fn of_type(ty: &Type) -> Shape {
        match ty {
            Type::Reference(r) => Shape::of_type(&r.elem),
            Type::Paren(p) => Shape::of_type(&p.elem),
            Type::Group(g) => Shape::of_type(&g.elem),
            Type::Slice(s) => Shape::sequence(Shape::of_type(&s.elem)),
            Type::Array(a) => Shape::sequence(Shape::of_type(&a.elem)),
            Type::Path(p) if p.qself.is_none() => match p.path.get_ident() {
                Some(name) if is_primitive(name) || name == "Index" => Shape::Number,
                Some(name) if name == "Index2" || name == "Index3" => Shape::Extent,
                Some(_) => Shape::Unknown,
                None => match p.path.segments.last() {
                    Some(last) if last.ident == "Range" || last.ident == "RangeInclusive" => Shape::Range,
                    _ => Shape::Unknown,
                },
            },
            _ => Shape::Unknown,
        }
    }

    fn sequence(element: Shape) -> Shape {
        Shape::Sequence(Box::new(element))
    }

    /// Of an element, where this is a slice or array.
    pub(super) fn element(self) -> Shape {
        match self {
            Shape::Sequence(element) => *element,
            _ => Shape::Unknown,
        }
    }
}

impl Body {
    /// Of a type as it is written, where it may be a type parameter.
    pub(crate) fn shape_of_type(&self, ty: &Type) -> Shape {
        match ty {
            Type::Reference(r) => self.shape_of_type(&r.elem),
            Type::Paren(p) => self.shape_of_type(&p.elem),
            Type::Group(g) => self.shape_of_type(&g.elem),
            Type::Slice(s) => Shape::sequence(self.shape_of_type(&s.elem)),
            Type::Array(a) => Shape::sequence(self.shape_of_type(&a.elem)),
            Type::Path(p) if p.qself.is_none() && p.path.get_ident().is_some_and(|name| self.is_parameter(name)) => {
                Shape::Later
            }
            ty => Shape::of_type(ty),
        }
    }

    /// Is it the name of a type parameter?
    fn is_parameter(&self, name: &Ident) -> bool {
        self.type_parameters.contains(name)
    }

    /// Of an expression before it is walked, in the current scope.
    pub(super) fn shape(&self, e: &Expr) -> Shape {
        match e {
            Expr::Lit(l) => match l.lit {
                Lit::Int(_) | Lit::Float(_) | Lit::Bool(_) | Lit::Byte(_) | Lit::Char(_) => Shape::Number,
                _ => Shape::Unknown,
            },
            Expr::Paren(p) => self.shape(&p.expr),
            Expr::Group(g) => self.shape(&g.expr),
            Expr::Path(p) => match super::expr::single(p).and_then(|name| self.lookup(&name)) {
                Some(Name::Local(local)) => self.shapes[usize::from(local)].clone(),
                _ => Shape::Unknown,
            },
            Expr::Unary(u) => match (&u.op, self.shape(&u.expr)) {
                (UnOp::Deref(_), shape) => shape,
                (_, shape @ (Shape::Number | Shape::Later)) => shape,
                _ => Shape::Unknown,
            },
            Expr::Reference(r) => self.shape(&r.expr),
            Expr::Cast(_) => Shape::Number,
            Expr::Binary(b) if is_bool(&b.op) => Shape::Number,
            Expr::Binary(b) => match self.shape(&b.left) {
                Shape::Number if self.shape(&b.right) == Shape::Number => Shape::Number,
                Shape::Later => Shape::Later,
                _ => Shape::Unknown,
            },
            Expr::Field(f) if self.shape(&f.base) == Shape::Extent => Shape::Number,
            Expr::Index(i) => match (self.shape(&i.expr), &*i.index) {
                (slice, Expr::Range(_)) => slice,
                (slice, index) if self.may_be_range(index) => match slice {
                    Shape::Sequence(_) => Shape::Unknown,
                    other => other.element(),
                },
                (slice, _) => slice.element(),
            },
            Expr::Range(r) if r.start.is_some() && r.end.is_some() => Shape::Range,
            Expr::Array(a) => Shape::sequence(a.elems.first().map_or(Shape::Unknown, |e| self.shape(e))),
            Expr::Repeat(r) => Shape::sequence(self.shape(&r.expr)),
            Expr::MethodCall(m) => self.shape_of_method(&m.receiver, &m.method.to_string()),
            Expr::Call(c) => self.shape_of_call(&c.func),
            _ => Shape::Unknown,
        }
    }

    /// May the index be a range in a variable?
    pub(super) fn may_be_range(&self, index: &Expr) -> bool {
        self.shape(index) != Shape::Number
    }

    /// Are both operands numbers or `bool`?
    pub(super) fn are_numbers(&self, left: &Expr, right: &Expr) -> bool {
        self.shape(left) == Shape::Number && self.shape(right) == Shape::Number
    }

    /// `T::one()`, `f32::max(..)`
    fn shape_of_call(&self, function: &Expr) -> Shape {
        match function {
            Expr::Path(path)
                if path.qself.is_none()
                    && path.path.segments.len() == 2
                    && self.is_parameter(&path.path.segments[0].ident) =>
            {
                Shape::Later
            }
            function => shape_of_call(function),
        }
    }

    /// Methods of std on numbers give numbers.
    fn shape_of_method(&self, receiver: &Expr, name: &str) -> Shape {
        match (self.shape(receiver), name) {
            (shape @ (Shape::Number | Shape::Later), _) if intrinsics::gives_number(name) => shape,
            (Shape::Sequence(_) | Shape::Range, "len") => Shape::Number,
            (Shape::Range, "clone") => Shape::Range,
            _ => Shape::Unknown,
        }
    }

    /// Notes what is known of a variable.
    pub(crate) fn set_shape(&mut self, local: u16, shape: Shape) {
        if let Some(known) = self.shapes.get_mut(usize::from(local)) {
            *known = shape;
        }
    }

    /// Notes what is known of what a pattern binds to a whole value.
    pub(super) fn shape_pattern(&mut self, pattern: &Pat, shape: Shape) {
        match pattern {
            Pat::Ident(i) => {
                if let Some(Name::Local(local)) = self.lookup(&i.ident) {
                    self.set_shape(local, shape);
                }
            }
            Pat::Reference(r) => self.shape_pattern(&r.pat, shape),
            Pat::Paren(p) => self.shape_pattern(&p.pat, shape),
            Pat::Type(t) => {
                let shape = self.shape_of_type(&t.ty);
                self.shape_pattern(&t.pat, shape);
            }
            Pat::Tuple(t) => t.elems.iter().for_each(|p| self.shape_pattern(p, Shape::Unknown)),
            _ => {}
        }
    }

    /// The same of `let pattern = value` and of an arm of `match value`, where a tuple may be taken apart at once.
    pub(super) fn shape_let(&mut self, pattern: &Pat, shapes: &Shapes) {
        match (pattern, shapes) {
            (Pat::Tuple(t), Shapes::Tuple(shapes)) if t.elems.len() == shapes.len() => {
                for (pattern, shape) in t.elems.iter().zip(shapes) {
                    self.shape_let(pattern, shape);
                }
            }
            (pattern, Shapes::One(shape)) => self.shape_pattern(pattern, shape.clone()),
            (pattern, Shapes::Tuple(_)) => self.shape_pattern(pattern, Shape::Unknown),
        }
    }

    /// The shapes of a value that a pattern may take apart.
    pub(super) fn shapes_of(&self, e: &Expr) -> Shapes {
        match e {
            Expr::Tuple(t) => Shapes::Tuple(t.elems.iter().map(|e| self.shapes_of(e)).collect()),
            e => Shapes::One(self.shape(e)),
        }
    }
}

/// See [`Body::shapes_of`].
pub(super) enum Shapes {
    One(Shape),
    Tuple(Vec<Shapes>),
}

/// Does the operator give a `bool` whatever its operands are?
fn is_bool(op: &BinOp) -> bool {
    use BinOp::*;
    matches!(op, And(_) | Or(_) | Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_))
}

/// `f32::max(..)`
fn shape_of_call(function: &Expr) -> Shape {
    let Expr::Path(path) = function else { return Shape::Unknown };
    let segments = &path.path.segments;
    match (segments.len(), segments.first(), segments.last()) {
        (2, Some(ty), Some(name))
            if path.qself.is_none() && is_primitive(&ty.ident) && !intrinsics::is_other(&name.ident.to_string()) =>
        {
            Shape::Number
        }
        _ => Shape::Unknown,
    }
}
