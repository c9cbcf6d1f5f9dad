//! The arguments of the attributes: `#[kernel(crate = path)]`, `#[kernel(group = 256)]` and `#[kernel_fn(associated)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Path, Token};

/// What an attribute was given.
#[derive(Default)]
pub(crate) struct Options {
    root: Option<Path>,
    /// The function is in an `impl` block, although nothing in it says so.
    pub(crate) associated: bool,
    /// The kernel is written for groups of so many lanes.
    pub(crate) group: Option<syn::LitInt>,
}

mod words {
    syn::custom_keyword!(associated);
    syn::custom_keyword!(group);
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Options::default();
        while !input.is_empty() {
            let next = input.lookahead1();
            if next.peek(Token![crate]) {
                options.root = Options::root(input)?.root;
            } else if next.peek(words::associated) {
                input.parse::<words::associated>()?;
                options.associated = true;
            } else if next.peek(words::group) {
                input.parse::<words::group>()?;
                input.parse::<Token![=]>()?;
                options.group = Some(input.parse()?);
            } else {
                return Err(next.error());
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    /// `crate = path` alone.
    pub(crate) fn root(input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        Ok(Options { root: Some(input.parse()?), ..Options::default() })
    }

    /// Path of the module that generated code takes everything from.
    pub(crate) fn private(&self) -> TokenStream {
        match &self.root {
            Some(path) => {
                let path = path.to_token_stream();
                quote!(#path::in_kernels)
            }
            None => quote!(::landbridge::in_kernels),
        }
    }
}
