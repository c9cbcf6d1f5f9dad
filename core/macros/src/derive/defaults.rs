//! `#[kernel_type(Default, Sum)]`: every field its default, and sums by `+`, natively and in kernels.

use crate::kernel_fn;
use crate::options::Options;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
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
    // Where a field has a `Default` of its own, this is no `Zeroed`; without the lifetime rustc would refuse it at once.
    let mut zeroed = generics.clone();
    let types = data.fields.iter().map(|field| &field.ty);
    zeroed.make_where_clause().predicates.extend(types.map(|ty| -> syn::WherePredicate {
        let span = Span::call_site().located_at(ty.span());
        syn::parse2(quote_spanned!(span=> for<'__z> #ty: __lb::Zeroed)).expect("a bound")
    }));
    let (_, _, zeroed) = zeroed.split_for_impl();
    quote! {
        #[automatically_derived]
        #item
        #siblings
        #[diagnostic::do_not_recommend]
        impl #impl_generics __lb::Zeroed for #ty #type_generics #zeroed {}
    }
}

/// `#[kernel_type(Sum)]`: from the default on, by the type's own `+`.
pub(super) fn summed(input: &DeriveInput) -> TokenStream {
    let mut generics = input.generics.clone();
    let (ty, of_self) = (&input.ident, input.generics.split_for_impl().1.to_token_stream());
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(__lb::KernelType));
    }
    let generic = !generics.params.is_empty();
    if generic {
        generics.make_where_clause().predicates.extend([
            parse_quote!(Self: ::core::ops::Add<Output = Self> + ::core::default::Default + ::core::marker::Copy),
            parse_quote!(Self: __lb::Zeroed + __lb::Listed<__lb::operators::Add, Self>),
        ] as [syn::WherePredicate; 2]);
    }
    let check = (!generic).then(|| {
        quote! {
            const _: fn() = || {
                fn added<T: __lb::Zeroed + __lb::Listed<__lb::operators::Add, T>>() {}
                added::<#ty>();
            };
        }
    });
    let (impl_generics, _, clause) = generics.split_for_impl();
    let mut borrowed = generics.clone();
    borrowed.params.insert(0, parse_quote!('__s));
    let (borrowed_generics, _, _) = borrowed.split_for_impl();
    let fold = quote!(<Self as ::core::default::Default>::default());
    quote! {
        #check
        #[automatically_derived]
        impl #impl_generics ::core::iter::Sum for #ty #of_self #clause {
            #[inline]
            fn sum<I: ::core::iter::Iterator<Item = Self>>(items: I) -> Self {
                items.fold(#fold, |sum, item| sum + item)
            }
        }
        #[automatically_derived]
        impl #borrowed_generics ::core::iter::Sum<&'__s Self> for #ty #of_self #clause {
            #[inline]
            fn sum<I: ::core::iter::Iterator<Item = &'__s Self>>(items: I) -> Self {
                items.fold(#fold, |sum, item| sum + *item)
            }
        }
        #[diagnostic::do_not_recommend]
        impl #impl_generics __lb::Summed for #ty #of_self #clause {}
    }
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
