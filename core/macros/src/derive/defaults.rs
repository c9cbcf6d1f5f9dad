//! `#[kernel_type(Default)]`: every field its default, natively and in kernels.

use crate::kernel_fn;
use crate::options::Options;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, ItemImpl, Type, parse_quote};

/// The `impl`, and what kernels call.
pub(super) fn implemented(input: &DeriveInput, options: &Options, name: &Ident) -> TokenStream {
    let Data::Struct(data) = &input.data else {
        let message = "`Default` is made for structs: write `#[kernel_fn] impl Default`";
        return Error::new(name.span(), message).into_compile_error();
    };
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(__lb::KernelType));
        parameter.bounds.push(parse_quote!(::core::default::Default));
    }
    let (impl_generics, type_generics, clause) = generics.split_for_impl();
    let (ty, members) = (&input.ident, data.fields.members());
    let values = data.fields.iter().map(|field| value(&field.ty));
    let item: ItemImpl = parse_quote! {
        impl #impl_generics ::core::default::Default for #ty #type_generics #clause {
            #[inline]
            fn default() -> Self {
                Self { #(#members: #values),* }
            }
        }
    };
    let siblings = kernel_fn::default(&item, options);
    quote!(#[automatically_derived] #item #siblings)
}

/// The default of a type, put together of what kernels have one of.
fn value(ty: &Type) -> TokenStream {
    let span = Span::call_site().located_at(ty.span());
    match ty {
        Type::Paren(p) => value(&p.elem),
        Type::Group(g) => value(&g.elem),
        Type::Array(array) => {
            let element = value(&array.elem);
            quote_spanned!(span=> ::core::array::from_fn(|_| #element))
        }
        Type::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(value);
            quote_spanned!(span=> (#(#elements,)*))
        }
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option") => {
            quote_spanned!(span=> ::core::option::Option::None)
        }
        _ => quote_spanned!(span=> <#ty as ::core::default::Default>::default()),
    }
}
