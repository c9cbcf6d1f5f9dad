//! Errors: collected while walking, so that one compilation shows all of them, each on the user's own token.

use proc_macro2::{Span, TokenStream};
use std::fmt::Display;

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

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `compile_error!` for each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.into_iter().map(|e| e.into_compile_error()).collect()
    }
}

/// What to write instead of a method of iterators, options and the like, which kernels don't have.
pub(crate) fn method_advice(name: &str) -> Option<&'static str> {
    Some(match name {
        "map" | "filter" | "fold" | "sum" | "product" | "zip" | "enumerate" | "copied" | "cloned" | "any" | "all"
        | "count" | "position" | "skip" | "take" | "chain" | "windows" | "chunks" | "chunks_exact" | "take_while"
        | "for_each" | "collect" | "into_iter" => {
            "kernels have no iterator adaptors: write a `for` loop over a range, a slice or an array"
        }
        "rev" | "step_by" => "in kernels only ranges in a `for` loop are reversed or stepped",
        "iter" | "iter_mut" => "in kernels `iter` can only be looped over directly: `for x in slice.iter()`",
        "unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" | "is_some" | "is_none" | "ok"
        | "as_deref" | "as_ref" | "as_mut" | "ok_or" | "and_then" | "get" | "get_mut" | "first" | "last"
        | "checked_add" | "checked_sub" | "checked_mul" | "checked_div" | "checked_rem" => {
            "`Option` and `Result` are not supported in kernels yet: index and compare instead"
        }
        "split_at" | "split_at_mut" => "use ranges instead: `&x[..n]` and `&x[n..]`, or indices into the whole slice",
        "to_vec" | "to_owned" | "to_string" | "push" | "pop" | "insert" | "extend" => {
            "kernels do not allocate: use an array of fixed length, or a parameter to write to"
        }
        _ => return None,
    })
}
