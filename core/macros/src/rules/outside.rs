//! Macros outside of the kernel: `#[kernel_fn]` on a `macro_rules!` makes it tell its rules.
//!
//! The macro gets one more rule, before its own: a call that begins with two marks is answered with all rules, as arguments of
//! the macro that the call names. Where a kernel calls a macro that is not known, its builder becomes such a call; the answer is
//! [`resume`], which begins again with one more macro known. So macros are found as rustc finds them: by `use`, paths, other names.

use super::definition::{DOLLAR, is_dollar};
use crate::oracle::Function;
use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Block, Error, ItemMacro, LitBool, LitStr, Path, Signature, Token, braced};

/// What rustc says of a macro that lacks the attribute: `no rules expected` this.
const MARK: &str = "mark_the_macro_with_kernel_fn";

/// Rules as a macro told them.
#[derive(Clone)]
pub(crate) struct Rules {
    /// The name of the macro's crate.
    pub(super) of: String,
    pub(super) tokens: TokenStream,
}

/// Macros that have told their rules, by the paths they are called by.
#[derive(Clone, Default)]
pub(crate) struct Known(pub(super) Vec<(String, Rules)>);

/// A macro to ask.
pub(crate) struct Unknown {
    pub(super) path: Path,
    pub(super) key: String,
}

/// `#[kernel_fn] macro_rules! name { .. }`
pub(crate) fn mark(mut item: ItemMacro) -> TokenStream {
    if !item.mac.path.is_ident("macro_rules") || item.ident.is_none() {
        let error =
            Error::new(item.mac.path.span(), "`#[kernel_fn]` marks a macro where it is defined").into_compile_error();
        return quote!(#item #error);
    }
    let of = std::env::var("CARGO_CRATE_NAME").unwrap_or_default();
    let (mark, rules) = (Ident::new(MARK, Span::call_site()), item.mac.tokens);
    let told = escaped(rules.clone());
    item.mac.tokens = quote! {
        (#mark #mark {$($c:tt)*} {$($i:tt)*}) => { $($c)* { {#of {#told}} $($i)* } };
        #rules
    };
    item.to_token_stream()
}

/// Rules that a macro may write: its own `$` have another name, but for `$crate`.
fn escaped(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let escape = |(at, tree): (usize, &TokenTree)| match tree {
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), escaped(group.stream()));
            new.set_span(group.span());
            TokenTree::Group(new)
        }
        tree if is_dollar(tree) && !matches!(trees.get(at + 1), Some(TokenTree::Ident(i)) if i == "crate") => {
            TokenTree::Ident(Ident::new(DOLLAR, tree.span()))
        }
        tree => tree.clone(),
    };
    trees.iter().enumerate().map(escape).collect()
}

/// What is begun again when the macro has answered.
pub(crate) enum Begun {
    /// The builder of a function.
    Function { sig: Box<Signature>, block: Block, roles: String, has_self: bool, own: TokenStream },
    /// A closure.
    Each(TokenStream),
}

impl ToTokens for Begun {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Begun::Function { sig, block, roles, has_self, own } => {
                quote!(fn {#sig} {#block} #roles #has_self {#own})
            }
            Begun::Each(closure) => quote!(move {#closure}),
        });
    }
}

impl Parse for Begun {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.parse::<Option<Token![move]>>()?.is_some() {
            return Ok(Begun::Each(within(input)?));
        }
        input.parse::<Token![fn]>()?;
        let (sig, block) = (syn::parse2(within(input)?)?, syn::parse2(within(input)?)?);
        let (roles, has_self) = (input.parse::<LitStr>()?.value(), input.parse::<LitBool>()?.value);
        Ok(Begun::Function { sig: Box::new(sig), block, roles, has_self, own: within(input)? })
    }
}

fn within(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let content;
    braced!(content in input);
    content.parse()
}

/// The expression that asks the macro, and goes on with its answer.
pub(crate) fn ask(unknown: &Unknown, begun: &Begun, known: &Known, private: &TokenStream) -> TokenStream {
    let Unknown { path, key } = unknown;
    let mark = Ident::new(MARK, path.span());
    let known = known.0.iter().map(|(key, Rules { of, tokens })| quote!(#key {#of {#tokens}}));
    let key = Literal::string(key);
    let call = quote_spanned!(path.span()=> #path!);
    quote!(#call { #mark #mark { #private::__resume! } { #key {#(#known)*} {#private} #begun } })
}

/// What [`ask`] gave, with the answer before it.
pub(crate) struct Answered {
    known: Known,
    private: TokenStream,
    begun: Begun,
}

fn rules(input: ParseStream<'_>) -> syn::Result<Rules> {
    let content;
    braced!(content in input);
    Ok(Rules { of: content.parse::<LitStr>()?.value(), tokens: within(&content)? })
}

impl Parse for Answered {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (answer, key) = (rules(input)?, input.parse::<LitStr>()?.value());
        let before;
        braced!(before in input);
        let mut known = vec![(key, answer)];
        while !before.is_empty() {
            known.push((before.parse::<LitStr>()?.value(), rules(&before)?));
        }
        Ok(Answered { known: Known(known), private: within(input)?, begun: input.parse()? })
    }
}

/// Goes on.
pub(crate) fn resume(Answered { known, private, begun }: Answered) -> TokenStream {
    match begun {
        Begun::Function { sig, block, roles, has_self, own } => {
            let function = Function { sig: &sig, block, roles, has_self, own };
            let (tree, errors) = function.build_knowing(&private, &known);
            quote!({ #errors #tree })
        }
        Begun::Each(closure) => crate::each::resume(&private, closure, &known),
    }
}
