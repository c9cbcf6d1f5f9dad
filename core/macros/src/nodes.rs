//! `#[node]` parameters. The host's function takes the node, devices an element of a slice of references to nodes. A view of
//! a node has a lifetime, which users leave out.

use crate::roles::{Parameter, Role};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    AngleBracketedGenericArguments, Block, FnArg, GenericArgument, Lifetime, Pat, PathArguments, Signature, Stmt, Type,
    parse_quote_spanned, spanned::Spanned,
};

/// The function as its tree is made of it: `n: &Node` becomes `n: &&Node`, and the body begins with `let n: &Node = *n;`.
pub(crate) fn seen_by_devices(sig: &Signature, mut block: Block, parameters: &[Parameter]) -> (Signature, Block) {
    let mut sig = sig.clone();
    let mut first = vec![];
    for (input, parameter) in sig.inputs.iter_mut().zip(parameters) {
        if let (FnArg::Typed(typed), Role::Node { exclusive: false }) = (input, parameter.role)
            && let Pat::Ident(binding) = &mut *typed.pat
        {
            let (mutable, name, ty) = (binding.mutability.take(), &binding.ident, typed.ty.to_token_stream());
            first.push(statement(ty.span(), quote!(let #mutable #name: #ty = *#name;)));
            *typed.ty = reference(ty);
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

/// The view with its lifetime: `NodeMut<T>` and `NodeMut<'_, T>` become `NodeMut<'k, T>`.
pub(crate) fn with_view_lifetime(ty: &Type, lifetime: &Lifetime) -> Type {
    let mut ty = ty.clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
    {
        let lifetime = GenericArgument::Lifetime(lifetime.clone());
        match &mut last.arguments {
            PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) => match args.first_mut() {
                Some(first @ GenericArgument::Lifetime(_)) => *first = lifetime,
                _ => args.insert(0, lifetime),
            },
            arguments => {
                *arguments = PathArguments::AngleBracketed(parse_quote_spanned!(last.ident.span()=> <#lifetime>))
            }
        }
    }
    ty
}

/// `&mut NodeMut` becomes `&mut NodeMut<'_>`, so that nobody is told to write that.
pub(crate) fn name_view_lifetime(ty: &mut Type) {
    if let Type::Reference(reference) = ty {
        let any = Lifetime::new("'_", proc_macro2::Span::call_site());
        *reference.elem = with_view_lifetime(&reference.elem, &any);
    }
}
