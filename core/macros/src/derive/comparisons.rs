//! `#[kernel_type(PartialEq, Eq, PartialOrd, Ord)]`: std's comparisons, part by part as std's derives have them. (`Default` and `Sum` are in
//! `defaults.rs`.)
//!
//! No macro can see what `#[derive(PartialEq)]` has made, or whether it was a derive. So this one makes the `impl`, and tells
//! kernels what it is: the host and devices compare the same.

use super::enums::tags_of;
use crate::options::Options;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Generics, parse_quote};

/// Which of std's traits are asked for.
#[derive(Default)]
pub(super) struct Comparisons(Vec<Ident>);

const TRAITS: [&str; 6] = ["PartialEq", "Eq", "PartialOrd", "Ord", "Default", "Sum"];

impl Comparisons {
    /// Notes a trait, if it is one of these.
    pub(super) fn add(&mut self, name: Ident) -> syn::Result<()> {
        if !TRAITS.iter().any(|known| name == known) {
            let what = "`crate = path`, `view = Name`, or `PartialEq`, `Eq`, `PartialOrd`, `Ord`, `Default`, `Sum`";
            return Err(Error::new(name.span(), format!("expected {what}")));
        }
        self.0.push(name);
        Ok(())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// The `impl`s, and what tells kernels of them; where `__lb` is known.
    pub(super) fn impls(&self, input: &DeriveInput, options: &Options) -> TokenStream {
        let all = self.0.iter().map(|name| {
            let span = Span::call_site().located_at(name.span());
            match &*name.to_string() {
                "PartialEq" => equal(input, span),
                "PartialOrd" => ordered(input, true, span),
                "Ord" => ordered(input, false, span),
                "Sum" => super::defaults::summed(input),
                "Default" => super::defaults::implemented(input, options, name),
                _ => implemented(input, quote!(::core::cmp::Eq), TokenStream::new()),
            }
        });
        let all: TokenStream = all.collect();
        let told = [("PartialEq", "Equated"), ("PartialOrd", "Ordered")]
            .map(|(name, told)| self.has(name).then(|| told_of(input, &Ident::new(told, Span::call_site()))));
        let [equated, ordered] = told;
        quote!(#all #equated #ordered)
    }
}

/// `impl Trait for Type { body }`, for parameters that have the trait.
fn implemented(input: &DeriveInput, name: TokenStream, body: TokenStream) -> TokenStream {
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(__lb::KernelType));
        parameter.bounds.push(parse_quote!(#name));
    }
    let (impl_generics, type_generics, clause) = generics.split_for_impl();
    let ty = &input.ident;
    quote! {
        #[automatically_derived]
        impl #impl_generics #name for #ty #type_generics #clause { #body }
    }
}

/// The mark for kernels, which asks the same of every field.
fn told_of(input: &DeriveInput, told: &Ident) -> TokenStream {
    let mut generics: Generics = input.generics.clone();
    let types: Vec<_> = fields_of(input).into_iter().flat_map(Fields::iter).map(|field| &field.ty).collect();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(__lb::KernelType));
    }
    let checked = if input.generics.params.is_empty() {
        let checks =
            types.iter().map(|ty| quote_spanned!(Span::call_site().located_at(ty.span())=> compared::<#ty>();));
        quote! {
            const _: fn() = || {
                fn compared<T: __lb::#told<T>>() {}
                #(#checks)*
            };
        }
    } else {
        let clause = generics.make_where_clause();
        for ty in types {
            clause.predicates.push(parse_quote!(#ty: __lb::#told<#ty>));
        }
        TokenStream::new()
    };
    let (impl_generics, type_generics, clause) = generics.split_for_impl();
    let ty = &input.ident;
    quote! {
        #checked
        impl #impl_generics __lb::#told<#ty #type_generics> for #ty #type_generics #clause {}
    }
}

/// Of the struct, or of all variants.
fn fields_of(input: &DeriveInput) -> Vec<&Fields> {
    match &input.data {
        Data::Struct(data) => vec![&data.fields],
        Data::Enum(data) => data.variants.iter().map(|variant| &variant.fields).collect(),
        Data::Union(_) => vec![],
    }
}

/// A pattern `Path { a: __l0, .. }` for each side, and the names.
fn sides(path: &TokenStream, fields: &Fields) -> (TokenStream, TokenStream, Vec<(Ident, Ident)>) {
    let names: Vec<_> = (0..fields.len()).map(|k| (format_ident!("__l{k}"), format_ident!("__r{k}"))).collect();
    let (left, right): (Vec<_>, Vec<_>) = names.iter().cloned().unzip();
    let (members, again) = (fields.members(), fields.members());
    (quote!(#path { #(#members: #left),* }), quote!(#path { #(#again: #right),* }), names)
}

fn equal(input: &DeriveInput, span: Span) -> TokenStream {
    let arms = arms(input, &mut |names| {
        let (left, right) = (names.iter().map(|n| &n.0), names.iter().map(|n| &n.1));
        quote!(true #(&& *#left == *#right)*)
    });
    let otherwise = several(input).then(|| quote!(_ => false,));
    let body = quote_spanned! {span=>
        #[inline]
        fn eq(&self, __other: &Self) -> bool {
            match (self, __other) { #arms #otherwise }
        }
    };
    implemented(input, quote!(::core::cmp::PartialEq), body)
}

fn ordered(input: &DeriveInput, partial: bool, span: Span) -> TokenStream {
    let (name, method) = match partial {
        true => (quote!(::core::cmp::PartialOrd), quote!(partial_cmp)),
        false => (quote!(::core::cmp::Ord), quote!(cmp)),
    };
    let (equal, result) = match partial {
        true => (
            quote!(::core::option::Option::Some(::core::cmp::Ordering::Equal)),
            quote!(::core::option::Option<::core::cmp::Ordering>),
        ),
        false => (quote!(::core::cmp::Ordering::Equal), quote!(::core::cmp::Ordering)),
    };
    let arms = arms(input, &mut |names| {
        let (left, right) = (names.iter().map(|n| &n.0), names.iter().map(|n| &n.1));
        quote! {
            {
                #(match #name::#method(#left, #right) { #equal => {} __decided => return __decided })*
                #equal
            }
        }
    });
    let (tags, otherwise) = match &input.data {
        Data::Enum(data) if several(input) => {
            let (definition, of) = tags_of(data, &input.attrs);
            (quote!(#definition #of), quote!(_ => #name::#method(&__tag(self), &__tag(__other)),))
        }
        _ => Default::default(),
    };
    let body = quote_spanned! {span=>
        #[inline]
        fn #method(&self, __other: &Self) -> #result {
            #tags
            match (self, __other) { #arms #otherwise }
        }
    };
    implemented(input, name, body)
}

fn several(input: &DeriveInput) -> bool {
    matches!(&input.data, Data::Enum(data) if data.variants.len() > 1)
}

/// Variables of the two sides.
type Names<'n> = &'n [(Ident, Ident)];

/// An arm for two of the same variant, or of the struct.
fn arms(input: &DeriveInput, compared: &mut dyn FnMut(Names<'_>) -> TokenStream) -> TokenStream {
    let mut arm = |path: TokenStream, fields: &Fields| {
        let (left, right, names) = sides(&path, fields);
        let compared = compared(&names);
        quote!((#left, #right) => #compared,)
    };
    match &input.data {
        Data::Struct(data) => arm(quote!(Self), &data.fields),
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|variant| {
                let name = &variant.ident;
                arm(quote!(Self::#name), &variant.fields)
            })
            .collect(),
        Data::Union(_) => TokenStream::new(),
    }
}
