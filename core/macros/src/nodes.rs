//! `#[node]` parameters: the host's function takes the node, devices an element of a slice of references to nodes.

use crate::roles::{Parameter, Role};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Block, FnArg, ItemFn, Pat, Signature, Stmt, Type, parse_quote_spanned, spanned::Spanned};

/// The function as its tree is made of it: `n: &Node` becomes `n: &&Node`, and the body begins with `let n: &Node = *n;`.
pub(crate) fn seen_by_devices(function: &ItemFn, parameters: &[Parameter]) -> (Signature, Block) {
    let (mut sig, mut block) = (function.sig.clone(), (*function.block).clone());
    let mut first = vec![];
    for (input, parameter) in sig.inputs.iter_mut().zip(parameters) {
        if let (FnArg::Typed(typed), Role::Node) = (input, parameter.role)
            && let Pat::Ident(binding) = &mut *typed.pat
        {
            let (mutable, name, ty) = (binding.mutability.take(), &binding.ident, typed.ty.to_token_stream());
            first.push(statement(ty.span(), quote!(let #mutable #name: #ty = *#name;)));
            typed.ty = Box::new(reference(ty));
        }
    }
    block.stmts.splice(0..0, first);
    (sig, block)
}

fn statement(span: proc_macro2::Span, tokens: TokenStream) -> Stmt {
    parse_quote_spanned!(span=> #tokens)
}

fn reference(ty: TokenStream) -> Type {
    parse_quote_spanned!(ty.span()=> &#ty)
}
