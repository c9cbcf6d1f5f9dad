//! Destructuring assignment: `(a, [b, _]) = value` is `{ let (x, [y, _]) = value; a = x; b = y; }`, here as in Rust.

use super::{Body, Tree};
use proc_macro2::Ident;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, Pat, Stmt, parse_quote, parse_quote_spanned};

/// Does it stand for several places at once?
pub(super) fn is_destructuring(place: &Expr) -> bool {
    match place {
        Expr::Tuple(_) | Expr::Array(_) | Expr::Struct(_) | Expr::Call(_) => true,
        Expr::Paren(p) => is_destructuring(&p.expr),
        _ => false,
    }
}

impl Body {
    pub(super) fn destructure(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Assign(a) = &*expr else { unreachable!("called for assignments") };
        let mut assignments = vec![];
        match self.as_pattern(&a.left, &mut assignments) {
            Ok(pattern) => {
                let right = &a.right;
                *expr = parse_quote!({ let #pattern = #right; #(#assignments)* });
                self.expr(expr)
            }
            Err(refused) => refused,
        }
    }

    /// The pattern with a new name for each place, and the assignments to the places.
    fn as_pattern(&mut self, place: &Expr, assignments: &mut Vec<Stmt>) -> Result<Pat, Tree> {
        let span = place.span();
        Ok(match place {
            Expr::Infer(_) => parse_quote_spanned!(span=> _),
            Expr::Range(r) if r.start.is_none() && r.end.is_none() => parse_quote_spanned!(span=> ..),
            Expr::Paren(p) => self.as_pattern(&p.expr, assignments)?,
            Expr::Tuple(t) => {
                let elements = self.as_patterns(&t.elems, assignments)?;
                parse_quote_spanned!(span=> (#(#elements,)*))
            }
            Expr::Array(a) => {
                let elements = self.as_patterns(&a.elems, assignments)?;
                parse_quote_spanned!(span=> [#(#elements),*])
            }
            Expr::Call(c) => {
                let (name, elements) = (&c.func, self.as_patterns(&c.args, assignments)?);
                parse_quote_spanned!(span=> #name(#(#elements),*))
            }
            Expr::Struct(s) => {
                if let Some(base) = &s.rest {
                    return Err(self.refuse(base.span(), "what is assigned to has no base: write `..` alone"));
                }
                let mut fields = vec![];
                for field in &s.fields {
                    let (name, pattern) = (&field.member, self.as_pattern(&field.expr, assignments)?);
                    fields.push(quote!(#name: #pattern));
                }
                let (path, dots) = (&s.path, &s.dot2_token);
                parse_quote_spanned!(span=> #path { #(#fields,)* #dots })
            }
            _ => {
                let name = Ident::new(&format!("__d{}", assignments.len()), span);
                assignments.push(parse_quote!(#place = #name;));
                parse_quote!(#name)
            }
        })
    }

    fn as_patterns<'e>(
        &mut self,
        places: impl IntoIterator<Item = &'e Expr>,
        assignments: &mut Vec<Stmt>,
    ) -> Result<Vec<Pat>, Tree> {
        places.into_iter().map(|place| self.as_pattern(place, assignments)).collect()
    }
}
