//! Calls of macros in the arguments of std's own: `assert!(square!(x) > 1)`. Nobody knows where an expression begins there, so
//! that tokens are looked at.

use super::{Expander, is_std};
use crate::body::condition_text;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Macro, Path};

/// Is there a call of a macro that is not std's in the tokens?
pub(super) fn has_calls(tokens: TokenStream) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    (0..trees.len()).any(|at| match &trees[at] {
        TokenTree::Group(group) => has_calls(group.stream()),
        _ => call(&trees[at..]).is_some_and(|(mac, _)| !is_std(&mac.path) || has_calls(mac.tokens)),
    })
}

/// `path!(..)` at the beginning of the tokens, and how many it takes.
fn call(trees: &[TokenTree]) -> Option<(Macro, usize)> {
    let end = trees.iter().position(|tree| match tree {
        TokenTree::Punct(p) => p.as_char() != ':',
        tree => !matches!(tree, TokenTree::Ident(_)),
    })?;
    let [TokenTree::Punct(bang), TokenTree::Group(group), ..] = &trees[end..] else { return None };
    if bang.as_char() != '!' || group.delimiter() == Delimiter::None {
        return None;
    }
    let path: Path = syn::parse2(trees[..end].iter().cloned().collect()).ok()?;
    let group: TokenStream = trees[end..end + 2].iter().cloned().collect();
    let mac = syn::parse2(quote::quote!(#path #group)).ok()?;
    (end > 0).then_some((mac, end + 2))
}

impl Expander {
    /// Expands the calls in a macro's arguments.
    pub(super) fn arguments(&mut self, mac: &mut Macro) {
        if !has_calls(mac.tokens.clone()) {
            return;
        }
        let name = mac.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        let written = std::mem::take(&mut mac.tokens);
        mac.tokens = self.tokens(written.clone());
        let one = mac.parse_body_with(syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated);
        if super::marks::plain(&name).trim_start_matches("debug_") == "assert"
            && let Ok(one) = one
            && one.len() == 1
        {
            // std shows what is written
            let text = condition_text(&written);
            let (condition, text) =
                (&one[0], format!("assertion failed: {text}").replace('{', "{{").replace('}', "}}"));
            mac.tokens = quote::quote!(#condition, #text);
        }
    }

    fn tokens(&mut self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut result, mut at) = (TokenStream::new(), 0);
        while at < trees.len() {
            if let Some((mac, length)) = call(&trees[at..])
                && let Some(expanded) = self.call(&mac)
            {
                self.depth += 1;
                let inner = self.tokens(expanded);
                self.depth -= 1;
                result.extend([TokenTree::Group(Group::new(Delimiter::Parenthesis, inner))]);
                at += length;
                continue;
            }
            match &trees[at] {
                TokenTree::Group(group) => {
                    let mut new = Group::new(group.delimiter(), self.tokens(group.stream()));
                    new.set_span(group.span());
                    result.extend([TokenTree::Group(new)]);
                }
                tree => result.extend([tree.clone()]),
            }
            at += 1;
        }
        result
    }
}
