//! Errors: collected while walking, so that one compilation shows all of them, each on the user's own token.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use std::fmt::Display;
use syn::visit::{self, Visit};
use syn::{Type, TypePath};

/// What is wrong so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Notes an error at a token.
    pub(crate) fn add(&mut self, span: Span, message: impl Display) {
        self.0.push(syn::Error::new(span, message));
    }

    /// Notes an error whose place is known already.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Takes those of another walk.
    pub(crate) fn append(&mut self, mut others: Errors) {
        self.0.append(&mut others.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `compile_error!` for the first, which may stand for an expression, and for the others.
    pub(crate) fn split(self) -> Option<(TokenStream, TokenStream)> {
        let mut errors = self.0.into_iter();
        let first = errors.next()?;
        let (span, text) = (first.span(), first.to_string());
        let first = quote_spanned!(span=> ::core::compile_error!(#text));
        Some((first, errors.map(|e| e.into_compile_error()).collect()))
    }

    /// `compile_error!` for each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.into_iter().map(|e| e.into_compile_error()).collect()
    }
}

/// What to say of a type of Rust's own that kernels do not have, anywhere in a type.
pub(crate) fn lacking(ty: &Type) -> Option<syn::Error> {
    struct Search(Option<syn::Error>);
    impl<'ast> Visit<'ast> for Search {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            if let Some(name) = path.path.get_ident()
                && let Some(instead) = instead(&name.to_string())
            {
                self.0.get_or_insert(syn::Error::new(
                    name.span(),
                    format!("`{name}` is not a type of kernels: {instead}"),
                ));
            }
            visit::visit_type_path(self, path);
        }
    }
    let mut search = Search(None);
    search.visit_type(ty);
    search.0
}

fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "str" => "pass its bytes, as `&[u8]`",
        "u128" | "i128" => "integers have up to 64 bits",
        _ => return None,
    })
}

/// What std's method of a name is about that kernels don't have. (A user's own method may have the name too.)
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    Iterators,
    Options,
    Splits,
    Allocations,
}

impl Advice {
    /// The advice for a method's name.
    pub(crate) fn on(name: &str) -> Option<Advice> {
        Some(match name {
            "map" | "filter" | "fold" | "sum" | "product" | "zip" | "enumerate" | "copied" | "cloned" | "any"
            | "all" | "count" | "position" | "skip" | "take" | "chain" | "windows" | "chunks" | "chunks_exact"
            | "take_while" | "for_each" | "collect" | "into_iter" | "iter" | "iter_mut" | "rev" | "step_by" => {
                Advice::Iterators
            }
            "unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" | "is_some" | "is_none"
            | "ok" | "ok_or" | "ok_or_else" | "unwrap_err" | "is_ok" | "is_err" | "and_then" | "get" | "get_mut"
            | "first" | "last" | "insert" | "get_or_insert" | "get_or_insert_with" | "unzip" => Advice::Options,
            "split_at" | "split_at_mut" => Advice::Splits,
            "to_vec" | "to_owned" | "to_string" | "push" | "pop" | "extend" => Advice::Allocations,
            _ => return None,
        })
    }

    /// The trait of the oracle that gives the advice where the method is no kernel function.
    pub(crate) fn check(self) -> &'static str {
        match self {
            Advice::Iterators => "NotOfIterators",
            Advice::Options => "WithoutOptions",
            Advice::Splits => "WithoutSplits",
            Advice::Allocations => "WithoutAllocation",
        }
    }
}
