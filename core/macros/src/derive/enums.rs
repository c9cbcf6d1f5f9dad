//! Enums whose layout is defined: `repr(C)`, `repr` of an integer, or both.
//!
//! The reference says that such an enum lies in memory as a union of `repr(C)` structs, one for each variant, that start
//! with the tag (`repr` of an integer), or as a `repr(C)` struct of the tag and a union of structs (`repr(C)`). Those structs
//! are emitted (of the union what counts, its alignment), and the compiler is asked for their offsets; the tag is an enum
//! without data that has the same discriminants. Sizes and alignments of the two are compared.
//!
//! All is asked by pointers' own methods, since a user's crate may put anything in the place of `::core`.

use super::{Contents, member_of, row};
use crate::body::member_name;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
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
    for (_, value) in data.variants.iter().filter_map(|variant| variant.discriminant.as_ref()) {
        same_everywhere(value.to_token_stream())?;
    }
    let types = data.variants.iter().flat_map(|variant| &variant.fields).map(|field| &field.ty).collect();
    let variants: Vec<_> =
        data.variants.iter().enumerate().map(|(k, variant)| described(data, variant, k, &repr)).collect();
    let (tag, twins) = (tag(&repr), twins(data, &repr));
    let compared_layout = compared_layout(data, &repr);
    let kind = quote! {
        {
            #twins
            #compared_layout
            __lb::TypeKind::Enum { 0: &__lb::EnumDesc { tag_offset: 0, tag: #tag, variants: &[#(#variants),*], rest: false } }
        }
    };
    Ok(Contents { kind, compared: compared(data), types })
}

/// A discriminant is evaluated again beside names of ours, where it has to mean the same.
fn same_everywhere(value: TokenStream) -> syn::Result<()> {
    let mut after_name = false;
    for token in value {
        match &token {
            TokenTree::Ident(name) if name.unraw().to_string().starts_with("__") => {
                return Err(Error::new(
                    name.span(),
                    "in the discriminant of an enum in kernels no name begins with `__`",
                ));
            }
            TokenTree::Punct(p) if p.as_char() == '!' && after_name => {
                return Err(Error::new(
                    p.span(),
                    "the discriminant of an enum in kernels is made by no macro: name a constant",
                ));
            }
            TokenTree::Group(group) => same_everywhere(group.stream())?,
            _ => {}
        }
        after_name = matches!(token, TokenTree::Ident(_));
    }
    Ok(())
}

/// Compiles only if the enum and its twin have the same size and alignment.
fn compared_layout(data: &DataEnum, repr: &Repr) -> TokenStream {
    let has_data = data.variants.iter().any(|variant| !variant.fields.is_empty());
    let structs = data.variants.iter().enumerate().map(|(k, variant)| of_variant(variant, k));
    let offset = if repr.c { payload_offset(data) } else { quote!(0) };
    let align = align_of(&match has_data {
        true => quote!(__Both<#(#structs),*>),
        false => quote!(__Tag),
    });
    let ends = data.variants.iter().enumerate().filter(|_| has_data).map(|(k, variant)| {
        let size = size_of(&of_variant(variant, k));
        quote! { let __end = #offset + #size; if __end > __largest { __largest = __end; } }
    });
    let tag = size_of(&quote!(__Tag));
    quote! {
        // SAFETY: nothing is read; what would lie outside of the room does not compile.
        let __is_twin = unsafe {
            let __align = #align;
            let mut __largest = #tag;
            #(#ends)*
            // A size is a multiple of the alignment, which is a power of two.
            (__largest + __align - 1) & !(__align - 1) == <Self as __lb::TypeInfo>::SIZE
                && __align == <Self as __lb::TypeInfo>::ALIGN
        };
        // "The enum does not lie in memory as the reference says", which no macro could be trusted to check.
        let () = [()][!__is_twin as usize];
    }
}

/// Bytes of a type no larger than the enum, inside of `unsafe`.
fn size_of(ty: &TokenStream) -> TokenStream {
    quote!((__start.cast::<#ty>().wrapping_add(1).byte_offset_from(__start) as usize))
}

/// Of a type that has the enum's alignment.
fn align_of(ty: &TokenStream) -> TokenStream {
    size_of(&quote!(__Aligned<#ty>))
}

/// Where the union of the variants' structs begins in a `repr(C)` enum, inside of `unsafe`.
fn payload_offset(data: &DataEnum) -> TokenStream {
    let structs = data.variants.iter().enumerate().map(|(k, variant)| of_variant(variant, k));
    quote!(((&raw const (*__start.cast::<__Both<#(#structs),*>>()).1).byte_offset_from(__start) as usize))
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
    let parts: Vec<_> = (0..data.variants.len()).map(|k| format_ident!("__P{k}")).collect();
    let variants = (0..data.variants.len()).map(|k| format_ident!("__T{k}"));
    quote! {
        #[repr(#of_tag)]
        enum __Tag { #(#tags),* }
        #(#structs)*
        /// The tag, and where a union of the parts would begin.
        #[repr(C)]
        struct __Both<#(#parts),*>(__Tag, __Union<#(#parts),*>);
        #[repr(C)]
        struct __Union<#(#parts),*>(#([#parts; 0]),*);
        /// As large as its parameter is aligned.
        #[repr(C)]
        struct __Aligned<__U>([__U; 0], u8);
        const __SIGNED: bool = false #(|| (__Tag::#variants as i128) < 0)*;
    }
}

/// A type that has the discriminants, and a closure `__tag` that tells them.
pub(super) fn tags_of(data: &DataEnum, attributes: &[Attribute]) -> (TokenStream, TokenStream) {
    let of_tag = repr(attributes).ok().and_then(|repr| repr.integer).map_or(quote!(C), |integer| quote!(#integer));
    let tags = data.variants.iter().enumerate().map(|(k, variant)| {
        let name = format_ident!("__T{k}");
        let value = variant.discriminant.as_ref().map(|(_, value)| quote!(= #value));
        quote!(#name #value)
    });
    let arms = data.variants.iter().enumerate().map(|(k, variant)| {
        let (tag, name) = (format_ident!("__T{k}"), &variant.ident);
        quote!(Self::#name { .. } => __Tag::#tag as i128,)
    });
    let definition = quote!(#[repr(#of_tag)] enum __Tag { #(#tags),* });
    (definition, quote!(let __tag = |__this: &Self| -> i128 { match __this { #(#arms)* } };))
}

/// The struct of a variant, as a type.
fn of_variant(variant: &Variant, k: usize) -> TokenStream {
    let name = format_ident!("__V{k}");
    let types = variant.fields.iter().map(|field| &field.ty);
    quote!(#name<#(#types),*>)
}

/// The tag's scalar. That of `repr(C)` is as the compiler makes it; it has a sign if a discriminant has one.
fn tag(repr: &Repr) -> TokenStream {
    if let Some(integer) = &repr.integer {
        let mut name = integer.to_string();
        name[..1].make_ascii_uppercase();
        let scalar = Ident::new(&name, Span::call_site());
        return quote!(__lb::Scalar::#scalar);
    }
    let size = size_of(&quote!(__Tag));
    quote! {
        // SAFETY: nothing is read, and an enum is as large as its tag.
        match (unsafe { #size }, __SIGNED) {
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
    let first = usize::from(!repr.c);
    let payload = if repr.c { payload_offset(data) } else { quote!(0) };
    let rows = variant.fields.iter().enumerate().map(|(f, field)| {
        let index = syn::Index::from(f + first);
        // By nothing that has a name, as of structs. Twins that were larger than the enum would not compile.
        let offset = quote! {
            // SAFETY: the field lies in the value, and nothing is read.
            unsafe {
                let __offset = #payload;
                let __payload = __start.cast::<u8>().wrapping_add(__offset);
                (&raw const (*__payload.cast::<#of>()).#index).byte_offset_from(__start) as usize
            }
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
