//! Closures: bound by `let`, and as arguments of methods of std and of users' functions. All are evaluated in place.

use super::{Body, NONE, Name, Tree, is_upper};
use crate::intrinsics;
use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, ExprPath, Token, UnOp};

/// How many parameters a function may have that is passed on by its name.
const MOST: usize = 4;

impl Body {
    /// A closure, or the name of a function, as an argument of a method of std that calls it with `arity` arguments.
    pub(super) fn function(&mut self, argument: &mut Expr, arity: usize) -> Tree {
        self.typed_function(argument, arity, false)
    }

    /// The same; where `typed`, rustc is asked for the type of the body.
    pub(super) fn typed_function(&mut self, argument: &mut Expr, arity: usize, typed: bool) -> Tree {
        self.given_function(argument, arity, typed, false)
    }

    fn given_function(&mut self, argument: &mut Expr, arity: usize, typed: bool, by_reference: bool) -> Tree {
        match argument {
            Expr::Paren(p) => return self.given_function(&mut p.expr, arity, typed, by_reference),
            Expr::Reference(r) if self.is_closure(&r.expr) => {
                let inner = std::mem::replace(&mut *r.expr, Expr::Verbatim(TokenStream::new()));
                *argument = inner;
                return self.given_function(argument, arity, typed, true);
            }
            Expr::Path(path) => {
                let path = path.clone();
                let local = super::expr::single(&path).and_then(|name| self.lookup(&name));
                if let (false, Some(Name::Closure(local))) = (by_reference, local)
                    && self.moving.contains(&local)
                {
                    return self
                        .refuse(path.span(), "write `&mut` before this `move` closure, or leave out its `move`");
                }
                *argument = called(&path, arity);
            }
            _ => {}
        }
        let Expr::Closure(closure) = argument else {
            return self.refuse(argument.span(), "write a closure here, or the name of a function");
        };
        let span = closure.body.span();
        let (parameters, body, captures) = self.closure(closure);
        let mut row = NONE;
        if typed {
            let (slot, found) = self.type_slot(span);
            row = found;
            let old = &closure.body;
            *closure.body = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#slot, #old)));
        }
        // What follows is unreachable here too: the types of slots outside may hold lifetimes of the parameters.
        super::prepend(&mut closure.body, quote_spanned!(span=> __lb::never();));
        moved(format!("E::Closure(&[{parameters}],&{body},{row})"), &captures)
    }

    /// Parameters and body of a closure that is evaluated in place at each call, and what it has copies of.
    pub(super) fn closure(&mut self, closure: &mut ExprClosure) -> (Tree, Tree, Tree) {
        if let Some(asyncness) = &closure.asyncness {
            self.errors.add(asyncness.span(), "`async` closures are not supported in kernels");
        }
        self.attributes(&mut closure.attrs);
        let targets = std::mem::take(&mut self.targets);
        self.closures.push(Early::Never);
        if closure.capture.is_some() {
            self.moves.push(Moved { outside: self.locals.len() as u16, copies: vec![] });
        }
        let (parameters, mut body) = self.scoped(|body| {
            let mut tags = TokenStream::new();
            let parameters = body.parameters(closure.inputs.iter_mut(), &mut tags);
            let tree = body.expr(&mut closure.body);
            super::prepend(&mut closure.body, tags);
            (parameters, tree)
        });
        if let Some(Early::Leaves(slot, row)) = self.closures.pop() {
            let (span, old) = (closure.body.span(), &closure.body);
            *closure.body = Expr::Verbatim(quote_spanned!(span=> { __lb::Tagged::__lb_pass(&#slot, #old) }));
            body = format!("E::Leaving(&{body},{row})");
        }
        let mut captures = Tree::new();
        if closure.capture.is_some() {
            let copies = self.moves.pop().map(|moved| moved.copies).unwrap_or_default();
            // what is outside of closures around this one too is theirs to copy
            for (from, to) in copies {
                let from = self.moved(from);
                captures.push_str(&format!("({from},{to}),"));
            }
        }
        self.targets = targets;
        (parameters, body, captures)
    }

    /// Something leaves the function, or the closure around it, whose result then has a slot.
    pub(super) fn leave(&mut self, span: proc_macro2::Span, what: &str) -> Result<Option<Ident>, Tree> {
        match self.closures.last() {
            None => {
                self.leaves = true;
                Ok(None)
            }
            Some(Early::Refused) => {
                let message = format!("`{what}` inside the closure of a `flat_map` is not supported in kernels");
                Err(self.refuse(span, message))
            }
            Some(Early::Leaves(slot, _)) => Ok(Some(slot.clone())),
            Some(Early::Never) => {
                let (slot, row) = self.type_slot(span);
                self.closures.pop();
                self.closures.push(Early::Leaves(slot.clone(), row));
                Ok(Some(slot))
            }
        }
    }

    /// A `move` closure that calls another one would have a copy of that one's variables.
    pub(super) fn check_moved(&mut self, closure: u16, span: proc_macro2::Span) {
        if self.moving.contains(&closure) && self.moves.iter().any(|moved| closure < moved.outside) {
            self.refuse(
                span,
                "in kernels a `move` closure does not call another one that is outside of it: leave out `move`",
            );
        }
    }

    /// Binds the name of a closure or function.
    pub(super) fn let_closure(&mut self, name: &Ident, expr: &mut Expr) -> Tree {
        let moves = matches!(expr, Expr::Closure(c) if c.capture.is_some());
        let tree = self.argument(expr);
        let id = self.declare_closure(name);
        if moves && tree.starts_with("E::Moved") {
            self.moving.insert(id);
        }
        format!("S::Function({id},&{tree}),")
    }

    /// The local that stands for a variable here: in a `move` closure a copy of its own.
    pub(super) fn moved(&mut self, local: u16) -> u16 {
        let Some(depth) = self.moves.iter().rposition(|moved| local < moved.outside) else { return local };
        if let Some(&(_, copy)) = self.moves[depth].copies.iter().find(|copy| copy.0 == local) {
            return copy;
        }
        let (name, ty) = self.locals[usize::from(local)].clone();
        let copy = self.temporary(&name, ty);
        self.shapes[usize::from(copy)] = self.shapes[usize::from(local)].clone();
        if let Some(exact) = self.exacts.get(&local).cloned() {
            self.exacts.insert(copy, exact);
        }
        self.moves[depth].copies.push((local, copy));
        copy
    }

    /// Arguments of a user's function.
    pub(super) fn given(&mut self, list: &mut Punctuated<Expr, Token![,]>) -> Tree {
        let mut trees = Tree::new();
        for argument in list {
            let tree = self.argument(argument);
            trees.push_str(&format!("{tree},"));
        }
        trees
    }

    /// An argument of a user's function: a value, a closure, or the name of a function or closure.
    pub(super) fn argument(&mut self, argument: &mut Expr) -> Tree {
        match argument {
            Expr::Paren(p) => self.argument(&mut p.expr),
            Expr::Reference(r) if self.is_closure(&r.expr) => {
                let exclusive = r.mutability.is_some();
                let tree = self.argument(&mut r.expr);
                format!("E::Borrow({exclusive},&{tree})")
            }
            // `&mut *f` of a closure
            Expr::Unary(u) if matches!(u.op, UnOp::Deref(_)) && self.is_closure(&u.expr) => {
                let tree = self.argument(&mut u.expr);
                format!("E::Borrow(false,&{tree})")
            }
            Expr::Closure(closure) => {
                let span = closure.body.span();
                let (parameters, body, captures) = self.closure(closure);
                super::prepend(&mut closure.body, quote_spanned!(span=> __lb::never();));
                moved(format!("E::Closure(&[{parameters}],&{body},{NONE})"), &captures)
            }
            Expr::Path(path) if self.is_function(path) => self.by_name(argument),
            Expr::Path(path) => match super::expr::single(path).and_then(|name| self.lookup(&name)) {
                Some(Name::Closure(local)) => format!("E::Local({local})"),
                _ => self.expr(argument),
            },
            _ => self.expr(argument),
        }
    }

    /// A closure, a variable that is one, or a function's name.
    pub(super) fn is_closure(&self, e: &Expr) -> bool {
        match e {
            Expr::Paren(p) => self.is_closure(&p.expr),
            Expr::Reference(r) => self.is_closure(&r.expr),
            Expr::Unary(u) if matches!(u.op, UnOp::Deref(_)) => self.is_closure(&u.expr),
            Expr::Closure(_) => true,
            Expr::Path(path) => {
                let local = super::expr::single(path).and_then(|name| self.lookup(&name));
                matches!(local, Some(Name::Closure(_))) || self.is_function(path)
            }
            _ => false,
        }
    }

    /// A function by its name: what is neither a variable nor a constant, by the convention for names.
    pub(super) fn is_function(&self, path: &ExprPath) -> bool {
        let Some(last) = path.path.segments.last() else { return false };
        match super::expr::single(path) {
            Some(name) => !is_upper(&name) && self.lookup(&name).is_none() && !self.captures_environment,
            None => !is_upper(&last.ident),
        }
    }

    /// The name of a function in the place of a closure.
    fn by_name(&mut self, expr: &mut Expr) -> Tree {
        let span = expr.span();
        let Expr::Path(path) = &*expr else { unreachable!("called for paths") };
        let path = path.clone();
        let Some(last) = path.path.segments.last().map(|s| s.ident.clone()) else {
            return self.refuse(span, "this is not supported in kernels");
        };
        if super::call::is_associated(&path) && intrinsics::BY_CONTEXT.iter().any(|name| last == name) {
            return self.refuse(last.span(), format!("write a closure: `|x| {last}(x)` with the path before it"));
        }
        let slots: Vec<_> = (0..MOST).map(|_| self.temporary("", NONE)).collect();
        let (mut arguments, mut locals) = (Tree::new(), Tree::new());
        for slot in slots {
            arguments.push_str(&format!("E::Local({slot}),"));
            locals.push_str(&format!("{slot},"));
        }
        let tree = self.function_named(expr, path, &last, arguments);
        format!("E::ByName(&{tree},&[{locals}])")
    }
}

/// A `move` closure: the variables that are copied with their copies, and the closure.
pub(super) fn moved(closure: Tree, captures: &str) -> Tree {
    if captures.is_empty() { closure } else { format!("E::Moved(&[{captures}],&{closure})") }
}

/// How a closure is left before its end.
pub(super) enum Early {
    Never,
    /// By `return` or `?`; the slot and the row of its result.
    Leaves(Ident, u16),
    /// In no way that is supported.
    Refused,
}

/// A `move` closure while its body is walked.
pub(super) struct Moved {
    /// Locals before this are outside of it.
    outside: u16,
    /// Variables outside, and the closure's own copies.
    copies: Vec<(u16, u16)>,
}

/// `f` as `|a, b| f(a, b)`
fn called(path: &syn::ExprPath, arity: usize) -> Expr {
    let span = path.span();
    let names: Vec<_> = (0..arity).map(|k| Ident::new(&format!("__a{k}"), span)).collect();
    let closure: ExprClosure =
        syn::parse2(quote_spanned!(span=> |#(#names),*| #path(#(#names),*))).expect("a closure that calls a path");
    Expr::Closure(closure)
}
