//! Closures: bound by `let`, and as arguments of methods of std. Both are evaluated in place.

use super::{Body, NONE, Tree};
use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure};

impl Body {
    /// A closure, or the name of a function, as an argument of a method of std that calls it with `arity` arguments.
    pub(super) fn function(&mut self, argument: &mut Expr, arity: usize) -> Tree {
        self.typed_function(argument, arity, false)
    }

    /// The same; where `typed`, rustc is asked for the type of the body.
    pub(super) fn typed_function(&mut self, argument: &mut Expr, arity: usize, typed: bool) -> Tree {
        match argument {
            Expr::Paren(p) => return self.typed_function(&mut p.expr, arity, typed),
            Expr::Path(path) => *argument = called(path, arity),
            _ => {}
        }
        let Expr::Closure(closure) = argument else {
            return self.refuse(argument.span(), "write a closure here, or the name of a function");
        };
        let span = closure.body.span();
        let (parameters, body) = self.closure(closure);
        let mut row = NONE;
        if typed {
            let (slot, found) = self.type_slot(span);
            row = found;
            let old = &closure.body;
            *closure.body = Expr::Verbatim(quote_spanned!(span=> #slot.pass(#old)));
        }
        // What follows is unreachable here too: the types of slots outside may hold lifetimes of the parameters.
        super::prepend(&mut closure.body, quote_spanned!(span=> __lb::never();));
        format!("E::Closure(&[{parameters}],&{body},{row})")
    }

    /// Parameters and body of a closure that is evaluated in place at each call.
    pub(super) fn closure(&mut self, closure: &mut ExprClosure) -> (Tree, Tree) {
        if let Some(capture) = &closure.capture {
            self.errors.add(capture.span(), "`move` closures are not supported in kernels: remove `move`");
        }
        if let Some(asyncness) = &closure.asyncness {
            self.errors.add(asyncness.span(), "`async` closures are not supported in kernels");
        }
        self.attributes(&mut closure.attrs);
        let targets = std::mem::take(&mut self.targets);
        self.closures += 1;
        let result = self.scoped(|body| {
            let mut tags = TokenStream::new();
            let parameters = body.parameters(closure.inputs.iter_mut(), &mut tags);
            let tree = body.expr(&mut closure.body);
            super::prepend(&mut closure.body, tags);
            (parameters, tree)
        });
        self.closures -= 1;
        self.targets = targets;
        result
    }
}

/// `f` as `|a, b| f(a, b)`
fn called(path: &syn::ExprPath, arity: usize) -> Expr {
    let span = path.span();
    let names: Vec<_> = (0..arity).map(|k| Ident::new(&format!("__a{k}"), span)).collect();
    let closure: ExprClosure =
        syn::parse2(quote_spanned!(span=> |#(#names),*| #path(#(#names),*))).expect("a closure that calls a path");
    Expr::Closure(closure)
}
