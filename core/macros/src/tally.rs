//! Kernels that do nothing with their atomics but add to them, noticed by their text.
//!
//! The host may run such a kernel over plain memory: it gets the user's function a second time, with the atomics' types
//! replaced (see `landbridge_core::tally`). When in doubt, a kernel is none of these: that costs time, never correctness.

use crate::roles::{Parameter, Role};
use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, FnArg, Ident, ItemFn, Macro, Pat, PatIdent, ReturnType, Stmt, Type};

/// The second function and its name, if the kernel only adds to its atomics.
pub(crate) fn second(function: &ItemFn, parameters: &[Parameter], private: &TokenStream) -> Option<(Ident, ItemFn)> {
    let atomics: Vec<&Ident> = parameters.iter().filter(|p| matches!(p.role, Role::Atomics)).map(|p| &p.name).collect();
    if atomics.is_empty() || !matches!(function.sig.output, ReturnType::Default) {
        return None;
    }
    let mut uses = Uses { atomics: &atomics, other: false };
    uses.visit_block(&function.block);
    if uses.other {
        return None;
    }
    let mut second = function.clone();
    second.sig.ident = format_ident!("__local_{}", function.sig.ident);
    second.attrs.clear();
    for input in &mut second.sig.inputs {
        if let FnArg::Typed(typed) = input
            && let Pat::Ident(name) = &*typed.pat
            && atomics.contains(&&name.ident)
        {
            *typed.ty = local(&typed.ty, private)?;
        }
    }
    Some((second.sig.ident.clone(), second))
}

/// `&[AtomicU32]` becomes `&[LocalU32]`.
fn local(ty: &Type, private: &TokenStream) -> Option<Type> {
    let Type::Reference(reference) = ty else { return None };
    let Type::Slice(slice) = &*reference.elem else { return None };
    let Type::Path(path) = &*slice.elem else { return None };
    let name = match path.path.segments.last()?.ident.to_string().as_str() {
        "AtomicU32" => quote!(LocalU32),
        "AtomicI32" => quote!(LocalI32),
        _ => return None,
    };
    syn::parse2(quote!(&[#private::#name])).ok()
}

/// Looks for uses of the atomics other than `h[..].fetch_add(..);`, `h[..].fetch_sub(..);` and `h.len()`.
struct Uses<'a> {
    atomics: &'a [&'a Ident],
    other: bool,
}

impl Uses<'_> {
    fn is_atomics(&self, e: &Expr) -> bool {
        matches!(e, Expr::Path(p) if p.path.get_ident().is_some_and(|name| self.atomics.contains(&name)))
    }

    fn mentions(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|tree| match tree {
            TokenTree::Ident(name) => self.atomics.contains(&&name),
            TokenTree::Group(group) => self.mentions(group.stream()),
            _ => false,
        })
    }

    /// The index of `h[index].fetch_add(..)`.
    fn addition<'e>(&self, call: &'e ExprMethodCall) -> Option<&'e Expr> {
        match &*call.receiver {
            Expr::Index(index)
                if self.is_atomics(&index.expr) && (call.method == "fetch_add" || call.method == "fetch_sub") =>
            {
                Some(&index.index)
            }
            _ => None,
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(Expr::MethodCall(call), Some(_)) = statement
            && let Some(index) = self.addition(call)
        {
            self.visit_expr(index);
            call.args.iter().for_each(|argument| self.visit_expr(argument));
            return;
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "len" && self.is_atomics(&call.receiver) {
            return;
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.other |= path.get_ident().is_some_and(|name| self.atomics.contains(&name));
        visit::visit_path(self, path);
    }

    /// Another variable of the same name.
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.other |= self.atomics.contains(&&pattern.ident);
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.other |= self.mentions(call.tokens.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Errors;
    use crate::roles::parameter;

    fn only_adds(source: &str) -> bool {
        let function: ItemFn = syn::parse_str(source).unwrap();
        let mut errors = Errors::default();
        let parameters: Vec<Parameter> = { function.sig.inputs.iter() }
            .filter_map(|input| match input {
                FnArg::Typed(typed) => parameter(typed, &mut errors),
                FnArg::Receiver(_) => None,
            })
            .collect();
        second(&function, &parameters, &quote!(lb)).is_some()
    }

    #[test]
    fn additions_whose_result_is_dropped_may_be_local() {
        for body in [
            "h[*b as usize].fetch_add(1, Relaxed);",
            "if *b > 3 { h[h.len() - 1].fetch_sub(*b, Relaxed); }",
            "for k in 0..4 { h[k].fetch_add(1, Ordering::Relaxed); } assert!(*b < 9);",
        ] {
            assert!(only_adds(&format!("fn f(b: &u32, h: &[AtomicU32]) {{ {body} }}")), "{body}");
        }
        assert!(only_adds(
            "fn f(i: Index, h: &[AtomicI32], g: &[AtomicU32]) { g[i].fetch_add(1, R); h[0].fetch_add(1, R); }"
        ));
    }

    #[test]
    fn any_other_use_may_not() {
        for body in [
            "",
            "h[0].fetch_add(h[1].load(Relaxed), Relaxed);",
            "let old = h[0].fetch_add(1, Relaxed);",
            "let _ = h[0].fetch_max(1, Relaxed);",
            "h[0].fetch_max(1, Relaxed);",
            "let g = h; g[0].store(1, Relaxed);",
            "let h = &h[1..]; h[0].fetch_add(1, Relaxed);",
            "helper(h);",
            "assert!(h[0].load(Relaxed) == 0);",
            "for a in h { a.fetch_add(1, Relaxed); }",
            "h[h[0].fetch_add(1, Relaxed) as usize].fetch_add(1, Relaxed);",
            "(h[0].fetch_add(1, Relaxed), 1).1;",
        ] {
            let found = only_adds(&format!("fn f(b: &u32, h: &[AtomicU32]) {{ {body} }}"));
            assert_eq!(found, body.is_empty(), "{body}");
        }
        assert!(!only_adds("fn f(i: Index, h: &[AtomicU32]) -> u32 { h[0].fetch_add(1, Relaxed) }"));
        assert!(!only_adds("fn f(i: Index, h: &[AtomicU64]) { h[0].fetch_add(1, Relaxed); }"));
        assert!(!only_adds("fn f(i: Index, h: &[u32]) {}"));
    }
}
