//! Enums whose layout is defined: `repr(C)`, `repr` of an integer, or both.
//!
//! The reference says that such an enum lies in memory as a union of `repr(C)` structs, one for each variant, that start
//! with the tag (`repr` of an integer), or as a `repr(C)` struct of the tag and a union of structs (`repr(C)`). Exactly
//! those types are emitted, and the compiler is asked for their offsets; the tag is an enum without data that has the same
//! discriminants. Sizes and alignments of the two are compared.

use super::{Contents, member_of, row};
use crate::body::member_name;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, DataEnum, DeriveInput, Error, Fields, Variant};

const INTEGERS: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

/// What `#[repr(..)]` says.
#[derive(Default)]
struct Repr {
    c: bool,
    integer: Option<Ident>,
}

/// The description of an enum.
pub(super) fn contents<'d>(input: &'d DeriveInput, data: &'d DataEnum) -> syn::Result<Contents<'d>> {
    let repr = repr(&input.attrs)?;
    if !repr.c && repr.integer.is_none() {
        return Err(Error::new(
            input.ident.span(),
            "an enum in kernels needs a defined layout: add `#[repr(u8)]` or `#[repr(C)]`",
        ));
    }
    if data.variants.is_empty() {
        return Err(Error::new(input.ident.span(), "an enum in kernels has variants"));
    }
    let types = data.variants.iter().flat_map(|variant| &variant.fields).map(|field| &field.ty).collect();
    let variants: Vec<_> =
        data.variants.iter().enumerate().map(|(k, variant)| described(data, variant, k, &repr)).collect();
    let (tag, twins) = (tag(&repr), twins(data, &repr));
    let twin = twin(data, &repr);
    let kind = quote! {
        {
            #twins
            ::core::assert!(
                ::core::mem::size_of::<Self>() == ::core::mem::size_of::<#twin>()
                    && ::core::mem::align_of::<Self>() == ::core::mem::align_of::<#twin>(),
                "the enum does not lie in memory as the reference says"
            );
            __lb::TypeKind::Enum { 0: &__lb::EnumDesc { tag_offset: 0, tag: #tag, variants: &[#(#variants),*] } }
        }
    };
    Ok(Contents { kind, compared: compared(data), types })
}

fn repr(attributes: &[Attribute]) -> syn::Result<Repr> {
    let mut repr = Repr::default();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("repr")) {
        attribute.parse_nested_meta(|meta| {
            match meta.path.get_ident() {
                Some(name) if name == "C" => repr.c = true,
                Some(name) if INTEGERS.iter().any(|integer| name == integer) => repr.integer = Some(name.clone()),
                _ => return Err(meta.error("an enum in kernels is `repr(C)` or has the `repr` of an integer")),
            }
            Ok(())
        })?;
    }
    Ok(repr)
}

/// The tag's type, and for each variant a struct of what follows the tag (`repr(C)`) or of all (`repr` of an integer). They
/// are generic in their fields' types, since items inside know none of the enum's own parameters.
fn twins(data: &DataEnum, repr: &Repr) -> TokenStream {
    // Both together are for enums with data only; the integer decides then.
    let of_tag = repr.integer.as_ref().map_or(quote!(C), |integer| quote!(#integer));
    let tags = data.variants.iter().enumerate().map(|(k, variant)| {
        let name = format_ident!("__T{k}");
        let value = variant.discriminant.as_ref().map(|(_, value)| quote!(= #value));
        quote!(#name #value)
    });
    let structs = data.variants.iter().enumerate().map(|(k, variant)| {
        let name = format_ident!("__V{k}");
        let parameters: Vec<_> = (0..variant.fields.len()).map(|f| format_ident!("__F{f}")).collect();
        let tag = (!repr.c).then(|| quote!(__Tag,));
        quote!(#[repr(C)] struct #name<#(#parameters),*>(#tag #(#parameters),*);)
    });
    let unions: Vec<_> = (0..data.variants.len()).map(|k| format_ident!("__P{k}")).collect();
    let variants = (0..data.variants.len()).map(|k| format_ident!("__T{k}"));
    let names: Vec<_> = (0..unions.len()).map(|k| format_ident!("__m{k}")).collect();
    quote! {
        #[repr(#of_tag)]
        enum __Tag { #(#tags),* }
        #(#structs)*
        #[repr(C)]
        union __Union<#(#unions),*> { #(#names: ::core::mem::ManuallyDrop<#unions>),* }
        #[repr(C)]
        struct __Both<__U>(__Tag, __U);
        const __SIGNED: bool = false #(|| (__Tag::#variants as i128) < 0)*;
        const _: (usize, usize) =
            (::core::mem::offset_of!(__Both<()>, 0), ::core::mem::offset_of!(__Both<()>, 1));
    }
}

/// The struct of a variant, as a type.
fn of_variant(variant: &Variant, k: usize) -> TokenStream {
    let name = format_ident!("__V{k}");
    let types = variant.fields.iter().map(|field| &field.ty);
    quote!(#name<#(#types),*>)
}

/// What lies in memory as the enum does.
fn twin(data: &DataEnum, repr: &Repr) -> TokenStream {
    if data.variants.iter().all(|variant| variant.fields.is_empty()) {
        return quote!(__Tag);
    }
    let union = union_of(data);
    if repr.c { quote!(__Both<#union>) } else { union }
}

fn union_of(data: &DataEnum) -> TokenStream {
    let structs = data.variants.iter().enumerate().map(|(k, variant)| of_variant(variant, k));
    quote!(__Union<#(#structs),*>)
}

/// The tag's scalar. That of `repr(C)` is as the compiler makes it; it has a sign if a discriminant has one.
fn tag(repr: &Repr) -> TokenStream {
    if let Some(integer) = &repr.integer {
        let mut name = integer.to_string();
        name[..1].make_ascii_uppercase();
        let scalar = Ident::new(&name, Span::call_site());
        return quote!(__lb::Scalar::#scalar);
    }
    quote! {
        match (::core::mem::size_of::<__Tag>(), __SIGNED) {
            (1, true) => __lb::Scalar::I8,
            (1, false) => __lb::Scalar::U8,
            (2, true) => __lb::Scalar::I16,
            (2, false) => __lb::Scalar::U16,
            (4, true) => __lb::Scalar::I32,
            (4, false) => __lb::Scalar::U32,
            (_, true) => __lb::Scalar::I64,
            (_, false) => __lb::Scalar::U64,
        }
    }
}

fn described(data: &DataEnum, variant: &Variant, k: usize, repr: &Repr) -> TokenStream {
    let (name, tag, of) = (variant.ident.unraw().to_string(), format_ident!("__T{k}"), of_variant(variant, k));
    let union = union_of(data);
    let first = usize::from(!repr.c);
    let rows = variant.fields.iter().enumerate().map(|(f, field)| {
        let index = syn::Index::from(f + first);
        // By nothing that has a name, as of structs. Twins that were larger than the enum would not compile.
        let payload = match repr.c {
            true => quote!((&raw const (*__start.cast::<__Both<#union>>()).1)),
            false => quote!(__start),
        };
        let offset = quote! {
            // SAFETY: the field lies in the value, and nothing is read.
            unsafe { (&raw const (*#payload.cast::<#of>()).#index).byte_offset_from(__start) as usize }
        };
        row(&member_name(&member_of(field, f)), &offset, &field.ty)
    });
    quote!(__lb::VariantDesc { name: #name, value: __Tag::#tag as i128, fields: &[#(#rows),*] })
}

/// A function that compiles only if the enum has these variants, all of them, with these fields of these types.
fn compared(data: &DataEnum) -> TokenStream {
    let arms = data.variants.iter().map(|Variant { ident, fields, .. }| {
        let (members, types) = (fields.members(), fields.iter().map(|field| &field.ty));
        let names: Vec<_> = (0..fields.len()).map(|k| format_ident!("__{k}")).collect();
        match fields {
            Fields::Unit => quote!(Self::#ident => {}),
            _ => quote!(Self::#ident { #(#members: #names),* } => { #(let _: *const #types = #names;)* }),
        }
    });
    quote!(let _: fn(&Self) = |__this: &Self| match __this { #(#arms)* };)
}
