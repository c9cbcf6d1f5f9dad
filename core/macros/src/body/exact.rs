//! Types that the source says outright: what a variable gets from `i / width` has `width`'s type. Such variables need no slot,
//! and a body that asks rustc nothing needs no oracle. Where this says nothing, rustc is asked.

use super::{Body, Name, PRIMITIVES};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::{BinOp, Expr, ExprMethodCall, Lit, Pat, Type, UnOp};

/// A type that the source says.
#[derive(Clone)]
pub(crate) struct Exact(Type);

impl Exact {
    /// Of a type as it is written, without placeholders.
    pub(crate) fn of_type(ty: &Type) -> Option<Exact> {
        match ty {
            Type::Paren(p) => Exact::of_type(&p.elem),
            Type::Group(g) => Exact::of_type(&g.elem),
            Type::Infer(_) | Type::Macro(_) | Type::ImplTrait(_) => None,
            ty => Some(Exact(ty.clone())),
        }
    }

    /// A number's type, or `bool`, whatever is in scope by that name.
    fn of_core(name: &str) -> Option<Exact> {
        let known = PRIMITIVES.contains(&name);
        let name = Ident::new(if known { name } else { "bool" }, Span::call_site());
        known.then(|| Exact(syn::parse_quote!(::core::primitive::#name)))
    }

    /// What is behind all references.
    fn behind(self) -> Exact {
        match self.0 {
            Type::Reference(r) => Exact(*r.elem).behind(),
            Type::Paren(p) => Exact(*p.elem).behind(),
            Type::Group(g) => Exact(*g.elem).behind(),
            ty => Exact(ty),
        }
    }

    /// Of an element of a slice or array.
    fn element(self) -> Option<Exact> {
        match self.0 {
            Type::Slice(s) => Exact::of_type(&s.elem),
            Type::Array(a) => Exact::of_type(&a.elem),
            _ => None,
        }
    }

    /// The name of a number's type or of `bool`.
    fn scalar_name(&self) -> Option<String> {
        let Type::Path(p) = &self.0 else { return None };
        let segments = &p.path.segments;
        let ours = p.path.leading_colon.is_some() && segments.len() == 3 && segments[1].ident == "primitive";
        let name = match p.path.get_ident() {
            Some(name) if p.qself.is_none() => name.to_string(),
            _ if ours => segments[2].ident.to_string(),
            _ => return None,
        };
        (name == "Index" || PRIMITIVES.contains(&&*name)).then_some(name)
    }

    pub(super) fn is_char(&self) -> bool {
        self.scalar_name().is_some_and(|name| name == "char")
    }

    fn scalar(self) -> Option<Exact> {
        let inner = self.behind();
        inner.scalar_name().is_some().then_some(inner)
    }
}

impl Body {
    /// Of an expression before it is walked, in the current scope.
    pub(super) fn exact(&self, e: &Expr) -> Option<Exact> {
        match e {
            Expr::Lit(l) => match &l.lit {
                Lit::Int(i) => Exact::of_core(i.suffix()),
                Lit::Float(f) => Exact::of_core(f.suffix()),
                Lit::Bool(_) => Exact::of_core("bool"),
                Lit::Byte(_) => Exact::of_core("u8"),
                Lit::Char(_) => Exact::of_core("char"),
                _ => None,
            },
            Expr::Paren(p) => self.exact(&p.expr),
            Expr::Group(g) => self.exact(&g.expr),
            Expr::Path(p) => match super::expr::single(p).and_then(|name| self.lookup(&name)) {
                Some(Name::Local(local)) => self.exacts.get(&local).cloned(),
                _ => None,
            },
            Expr::Unary(u) => match (&u.op, self.exact(&u.expr)?) {
                (UnOp::Deref(_), Exact(Type::Reference(r))) => Exact::of_type(&r.elem),
                (UnOp::Neg(_) | UnOp::Not(_), operand) => operand.scalar(),
                _ => None,
            },
            Expr::Reference(r) => {
                let Exact(inner) = self.exact(&r.expr)?;
                let exclusive = r.mutability;
                Some(Exact(syn::parse_quote!(&#exclusive #inner)))
            }
            Expr::Cast(c) => Exact::of_type(&c.ty)?.scalar(),
            Expr::Binary(b) => self.exact_binary(&b.op, &b.left, &b.right),
            Expr::Index(i) if !self.may_be_range(&i.index) => self.exact(&i.expr)?.behind().element(),
            Expr::MethodCall(m) => self.exact_method(m),
            _ => None,
        }
    }

    /// The row and the name of the number's type that an expression has, or refers to, before it is walked.
    pub(super) fn exact_scalar(&mut self, e: &Expr) -> Option<(u16, TokenStream)> {
        let Exact(ty) = self.exact(e)?.scalar()?;
        Some((self.written_type(&ty), ty.to_token_stream()))
    }

    /// Of the result of a method of which the source says that it is std's.
    pub(super) fn exact_method(&self, call: &ExprMethodCall) -> Option<Exact> {
        let name = call.method.to_string();
        if call.turbofish.is_some() || !gives_itself("f32", &name) && !gives_itself("i32", &name) && name != "len" {
            return None;
        }
        let receiver = self.exact(&call.receiver)?.behind();
        match receiver.scalar_name() {
            Some(ty) if gives_itself(&ty, &name) => Some(receiver),
            None if name == "len" => receiver.element().and_then(|_| Exact::of_core("usize")),
            _ => None,
        }
    }

    /// Numbers of two types have no operators together, but for shifts.
    fn exact_binary(&self, op: &BinOp, left: &Expr, right: &Expr) -> Option<Exact> {
        use BinOp::*;
        match op {
            And(_) | Or(_) | Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_) => Exact::of_core("bool"),
            Shl(_) | Shr(_) if self.are_numbers(left, right) => self.exact(left)?.scalar(),
            Add(_) | Sub(_) | Mul(_) | Div(_) | Rem(_) | BitAnd(_) | BitOr(_) | BitXor(_)
                if self.are_numbers(left, right) =>
            {
                self.exact(left).or_else(|| self.exact(right))?.scalar()
            }
            _ => None,
        }
    }

    /// Of what a range counts.
    pub(super) fn exact_range(&self, from: Option<&Expr>, to: Option<&Expr>) -> Option<Exact> {
        let of = |end: Option<&Expr>| end.and_then(|e| self.exact(e)).filter(|e| e.scalar_name().is_some());
        of(from).or_else(|| of(to))
    }

    /// What `let pattern = value` says of its variables, by name.
    pub(super) fn exact_let(&self, pattern: &Pat, value: Option<&Expr>, found: &mut HashMap<String, Exact>) {
        match (pattern, value) {
            (Pat::Ident(i), Some(value)) if i.by_ref.is_none() && i.subpat.is_none() => {
                if let Some(exact) = self.exact(value) {
                    found.insert(super::key(&i.ident), exact);
                }
            }
            (Pat::Type(t), _) => {
                if let (Pat::Ident(i), Some(exact)) = (&*t.pat, Exact::of_type(&t.ty))
                    && exact.scalar_name().is_some()
                {
                    found.insert(super::key(&i.ident), exact);
                }
            }
            (Pat::Paren(p), value) => self.exact_let(&p.pat, value, found),
            (pattern, Some(Expr::Paren(e))) => self.exact_let(pattern, Some(&e.expr), found),
            (Pat::Tuple(t), Some(Expr::Tuple(e)))
                if t.elems.len() == e.elems.len() && !t.elems.iter().any(|p| matches!(p, Pat::Rest(_))) =>
            {
                for (pattern, value) in t.elems.iter().zip(&e.elems) {
                    self.exact_let(pattern, Some(value), found);
                }
            }
            _ => {}
        }
    }

    /// Declares a variable of a type that the source says.
    pub(super) fn declare_exact(&mut self, ident: &Ident, exact: Exact) -> u16 {
        let row = self.written_type(&exact.0);
        let local = self.temporary(&ident.unraw().to_string(), row);
        self.bind(ident, Name::Local(local));
        self.exacts.insert(local, exact);
        local
    }
}

/// Is it a method of std that all floats, or all integers, have and that gives their own type? Only such as the types have
/// themselves: what a trait brings may be a user's.
fn gives_itself(ty: &str, method: &str) -> bool {
    const FLOATS: [&str; 34] = [
        "sqrt", "floor", "ceil", "round", "trunc", "fract", "exp", "exp2", "exp_m1", "ln", "log2", "log10", "ln_1p",
        "cbrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "atan2", "powf", "powi", "hypot",
        "copysign", "mul_add", "recip", "abs", "min", "max", "clamp",
    ];
    const INTEGERS: [&str; 9] = [
        "wrapping_add",
        "wrapping_sub",
        "wrapping_mul",
        "wrapping_neg",
        "saturating_add",
        "saturating_sub",
        "pow",
        "rotate_left",
        "rotate_right",
    ];
    match ty {
        "f32" | "f64" => FLOATS.contains(&method),
        "bool" | "char" => false,
        _ => INTEGERS.contains(&method),
    }
}
