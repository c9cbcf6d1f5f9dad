//! Parameters that are patterns: `|&x: &f32|`, `(a, b): (u32, u32)`. The tree and rustc's copy of the body know them by a name, and
//! take them apart in a `let`.

use proc_macro2::Ident;
use quote::format_ident;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Block, FnArg, Pat, PatIdent, Signature, Stmt, parse_quote};

/// Whether the pattern is a name and nothing else.
fn plain(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(i) if i.subpat.is_none() && i.by_ref.is_none() => Some(&i.ident),
        Pat::Paren(p) => plain(&p.pat),
        _ => None,
    }
}

/// The name of a parameter: of `&x` it is `x`, of `(a, b)` it is `a_b`.
pub(crate) fn name(pattern: &Pat) -> Ident {
    match (plain(pattern), &*bindings(pattern)) {
        (Some(name), _) | (None, [name]) => name.clone(),
        (None, []) => Ident::new("unused", pattern.span()),
        (None, names) => {
            let joined: Vec<_> = names.iter().map(|name| syn::ext::IdentExt::unraw(name).to_string()).collect();
            format_ident!("{}", joined.join("_"), span = pattern.span())
        }
    }
}

fn bindings(pattern: &Pat) -> Vec<Ident> {
    struct Search(Vec<Ident>);
    impl<'ast> Visit<'ast> for Search {
        fn visit_pat_ident(&mut self, i: &'ast PatIdent) {
            self.0.push(i.ident.clone());
        }
    }
    let mut search = Search(vec![]);
    search.visit_pat(pattern);
    search.0
}

/// `let pattern = name;` of a parameter that is more than a name.
pub(crate) fn taken_apart(pattern: &Pat) -> Option<Stmt> {
    if plain(pattern).is_some() {
        return None;
    }
    let name = name(pattern);
    Some(parse_quote!(let #pattern = #name;))
}

/// A function's body with its parameters taken apart.
pub(crate) fn body(sig: &Signature, mut block: Block) -> Block {
    let patterns = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(p) => taken_apart(&p.pat),
        FnArg::Receiver(_) => None,
    });
    block.stmts.splice(0..0, patterns);
    block
}
