//! `#[derive(KernelType)]`.
//!
//! It emits an `unsafe impl`, whose promise its other output proves: every field is a `KernelType` (checked where the
//! field's description is made), offsets come from `offset_of!`, and a second trait, implemented for the type and for all
//! types with `Drop`, does not compile if the type has `Drop`. The `unsafe` token is the macro's own, so that
//! `#![forbid(unsafe_code)]` of the user's crate does not apply to it, as with every derive from another crate.
//!
//! `crate = path` may lead anywhere, also to a module that re-exports ours with some names replaced. So no function found
//! through it is trusted: the description is a literal of structs, written with braces, which no function can stand for,
//! and its type is fixed by the trait. Bounds on fields name the trait that is implemented by the same path: either it is
//! ours in both places, or nothing of ours is implemented.

use crate::body::member_name;
use crate::kernel_fn::listed_operators;
use crate::options::Options;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Index, Member, parse_quote};

pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    match derive(input) {
        Ok(tokens) => tokens,
        Err(error) => error.into_compile_error(),
    }
}

fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = struct_fields(input)?;
    refuse_packed(&input.attrs)?;
    if let Some(lifetime) = input.generics.lifetimes().next() {
        return Err(Error::new(
            lifetime.lifetime.span(),
            "a kernel data type contains no references: keep indices, or pass slices as parameters",
        ));
    }
    let private = options(&input.attrs)?.private();
    let operators = listed_operators(&input.attrs)?;
    let rows = fields.iter().enumerate().map(|(k, field)| {
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(Index::from(k)),
        };
        let (name, ty) = (member_name(&member), &field.ty);
        // Errors belong on the user's type, lints on this macro's text.
        let span = Span::call_site().located_at(ty.span());
        let description = quote_spanned!(span=> <#ty as __lb::KernelType>::DESCRIPTION);
        quote!(__lb::FieldDesc { name: #name, offset: ::core::mem::offset_of!(Self, #member), ty: #description })
    });
    let overloads = operators.iter().map(|(name, right)| {
        let (plain, assign) = operator_name(name);
        let tree = quote_spanned!(name.span()=> <Self as __lb::Operator<__lb::operators::#name, #right>>::tree);
        quote! {
            __lb::OperatorDesc {
                operator: __lb::OperatorName::#plain,
                assign: #assign,
                right: <<#right as __lb::Tagged>::Erased as __lb::TypeInfo>::desc,
                tree: #tree,
            }
        }
    });
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(__lb::KernelType));
    }
    if !input.generics.params.is_empty() {
        let clause = generics.make_where_clause();
        for (name, right) in &operators {
            clause.predicates.push(parse_quote!(Self: __lb::Operator<__lb::operators::#name, #right>));
        }
    }
    let (name, text) = (&input.ident, input.ident.unraw().to_string());
    let (impl_generics, type_generics, clause) = generics.split_for_impl();
    let listed = operators.iter().map(|(operator, right)| {
        quote!(impl #impl_generics __lb::Listed<__lb::operators::#operator, #right> for #name #type_generics #clause {})
    });
    Ok(quote! {
        #[doc(hidden)]
        const _: () = {
            use #private as __lb;
            impl #impl_generics __lb::TypeInfo for #name #type_generics #clause {
                const DESC: &'static __lb::TypeDesc = &__lb::TypeDesc {
                    name: #text,
                    id: ::core::any::TypeId::of::<Self>,
                    size: ::core::mem::size_of::<Self>(),
                    align: ::core::mem::align_of::<Self>(),
                    kind: __lb::TypeKind::Struct { 0: &[#(#rows),*] },
                    operators: &[#(#overloads),*],
                };
            }
            impl #impl_generics __lb::Tagged for #name #type_generics #clause {
                type Erased = Self;
                type Base = Self;
            }
            // SAFETY: `KernelType` asks for four things. The description is the layout: offsets come from `offset_of!`, in
            // `rows`. Every field is a `KernelType`: `rows` asks this very trait for each field's description, so there
            // are no pointers, nothing is owned, and only the atomics have interior mutability. There is no `Drop`: the
            // two impls below would overlap. Packed structs, enums and unions were refused above.
            unsafe impl #impl_generics __lb::KernelType for #name #type_generics #clause {}
            impl #impl_generics __lb::Derived for #name #type_generics #clause {}
            impl #impl_generics __lb::Plain for #name #type_generics #clause {}
            #(#listed)*
            trait KernelTypesHaveNoDrop {}
            #[allow(drop_bounds)]
            impl<T: ::core::ops::Drop> KernelTypesHaveNoDrop for T {}
            impl #impl_generics KernelTypesHaveNoDrop for #name #type_generics #clause {}
        };
    })
}

fn struct_fields(input: &DeriveInput) -> syn::Result<&Fields> {
    match &input.data {
        Data::Struct(data) => Ok(&data.fields),
        Data::Enum(data) => Err(Error::new(
            data.enum_token.span(),
            "enums are not supported in kernels yet: use an integer and constants",
        )),
        Data::Union(data) => Err(Error::new(data.union_token.span(), "unions are not supported in kernels")),
    }
}

fn refuse_packed(attributes: &[Attribute]) -> syn::Result<()> {
    for attribute in attributes.iter().filter(|a| a.path().is_ident("repr")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("packed") {
                return Err(meta.error("packed structs are not supported in kernels"));
            }
            if meta.input.peek(syn::token::Paren) {
                meta.input.parse::<proc_macro2::Group>()?; // align(N)
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// `#[kernel_type(crate = path)]`
fn options(attributes: &[Attribute]) -> syn::Result<Options> {
    match attributes.iter().find(|a| a.path().is_ident("kernel_type")) {
        Some(attribute) => attribute.parse_args(),
        None => Ok(Options::default()),
    }
}

/// `AddAssign` is `Add` with `assign`.
fn operator_name(name: &Ident) -> (Ident, bool) {
    let text = name.to_string();
    let (plain, assign) = match text.strip_suffix("Assign") {
        Some(plain) => (plain, true),
        None => (&*text, false),
    };
    let plain = match plain {
        "PartialEq" => "Equal",
        other => other.strip_prefix("Bit").unwrap_or(other),
    };
    (format_ident!("{plain}"), assign)
}
