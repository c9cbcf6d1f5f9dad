//! What a user's `macro_rules!` leaves in the tokens of a kernel: invisible groups around its fragments.
//!
//! `$x * 2` with `a + b` for `$x` is `(a + b) * 2`, and the compiler knows by such a group. It forgets that of all groups which
//! come out of a procedural macro, so that they have to become what is visible: parentheses, where they matter.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprClosure, Item, Lit, TraitItemFn, Type};

/// An item whose groups are visible.
pub(crate) fn item(tokens: TokenStream) -> TokenStream {
    if !has_groups(tokens.clone()) {
        return tokens;
    }
    if let Ok(mut item) = syn::parse2::<Item>(tokens.clone()) {
        Ungroup.visit_item_mut(&mut item);
        return item.into_token_stream();
    }
    match syn::parse2::<TraitItemFn>(tokens.clone()) {
        Ok(mut method) => {
            Ungroup.visit_trait_item_fn_mut(&mut method);
            method.into_token_stream()
        }
        Err(_) => tokens,
    }
}

/// The same of a closure.
pub(crate) fn closure(closure: &mut ExprClosure) {
    Ungroup.visit_expr_closure_mut(closure);
}

/// The same of a block.
pub(crate) fn block(block: &mut syn::Block) {
    Ungroup.visit_block_mut(block);
}

/// The same of an expression.
pub(crate) fn expr(expr: &mut Expr) {
    Ungroup.visit_expr_mut(expr);
}

fn has_groups(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::None || has_groups(group.stream()),
        _ => false,
    })
}

struct Ungroup;

impl VisitMut for Ungroup {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        // syn prints the parentheses that are needed
        while let Expr::Group(group) = expr {
            *expr = (*group.expr).clone();
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        while let Type::Group(group) = ty {
            *ty = (*group.elem).clone();
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        mac.tokens = in_parentheses(std::mem::take(&mut mac.tokens));
    }
}

/// Arguments of a macro: nobody knows what they are, so that all that an operator could tear apart gets parentheses.
fn in_parentheses(tokens: TokenStream) -> TokenStream {
    let visible = |tree| match tree {
        TokenTree::Group(group) => {
            let mut delimiter = group.delimiter();
            if delimiter == Delimiter::None && syn::parse2::<Expr>(group.stream()).is_ok_and(|e| is_loose(&e)) {
                delimiter = Delimiter::Parenthesis;
            }
            let mut new = Group::new(delimiter, in_parentheses(group.stream()));
            new.set_span(group.span());
            TokenTree::Group(new)
        }
        tree => tree,
    };
    tokens.into_iter().map(visible).collect()
}

/// Does an operator beside the expression take a part of it?
fn is_loose(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_) | Expr::Closure(_) | Expr::Assign(_) => true,
        Expr::Unary(u) => !matches!(&*u.expr, Expr::Lit(l) if matches!(l.lit, Lit::Int(_) | Lit::Float(_))),
        Expr::Reference(_) => true,
        _ => false,
    }
}
