//! `#[kernel_type(view = NodeMut)]`: the struct that kernels see where each node is a work-item's own.
//!
//! It has the node's fields in their order and its `repr`. Links are `Opaque`; all other fields have to be plain. Nothing of
//! the emitted names is trusted (see the parent module): that each field is a view of the node's field is asked of the very
//! trait that is implemented, `NodeView`, for the fields that the struct really has; and the layouts are compared.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Attribute, DeriveInput, Error, Field, Fields, GenericArgument, GenericParam, Generics, PathArguments, Token, Type,
    parse_quote,
};

use super::comparisons::Comparisons;
use crate::body::member_name;
use crate::options::Options;

/// What `#[kernel_type(..)]` beside the derive says.
#[derive(Default)]
pub(super) struct TypeOptions {
    pub(super) options: Options,
    /// The view's name.
    pub(super) view: Option<Ident>,
    /// std's comparisons that are asked for.
    pub(super) comparisons: Comparisons,
}

mod words {
    syn::custom_keyword!(view);
}

impl Parse for TypeOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut found = TypeOptions::default();
        while !input.is_empty() {
            let next = input.lookahead1();
            if next.peek(Token![crate]) {
                found.options = Options::root(input)?;
            } else if next.peek(words::view) {
                input.parse::<words::view>()?;
                input.parse::<Token![=]>()?;
                found.view = Some(input.parse()?);
            } else if input.peek(syn::Ident) {
                found.comparisons.add(input.parse()?)?;
            } else {
                return Err(next.error());
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(found)
    }
}

/// The view's definition, and its `impl`s, which stand where `__lb` is known.
pub(super) struct View {
    pub(super) definition: TokenStream,
    pub(super) impls: TokenStream,
}

/// The view of a struct.
pub(super) fn view(input: &DeriveInput, fields: &Fields, view: &Ident, private: &TokenStream) -> syn::Result<View> {
    if let Some(lifetime) = input.generics.lifetimes().next() {
        let why = "a node that borrows has no view: `nodes(&mut ..)` takes structures that own all of their nodes";
        return Err(Error::new(lifetime.span(), why));
    }
    let shown = fields.iter().map(Shown::of).collect::<syn::Result<Vec<_>>>()?;
    let generics = View::generics(&input.generics);
    let definition = definition(input, fields, &shown, view, &generics, private);
    Ok(View { definition, impls: impls(input, &shown, fields, view, &generics) })
}

/// A field of the node, and how the view shows it.
struct Shown<'f> {
    field: &'f Field,
    link: bool,
}

impl<'f> Shown<'f> {
    fn of(field: &'f Field) -> syn::Result<Self> {
        Ok(Shown { field, link: is_marked(&field.attrs)? || is_link(&field.ty) })
    }
}

/// `#[kernel_type(link)]`
fn is_marked(attributes: &[Attribute]) -> syn::Result<bool> {
    let mut marked = false;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("kernel_type")) {
        attribute.parse_nested_meta(|meta| {
            marked = meta.path.is_ident("link");
            if marked { Ok(()) } else { Err(meta.error("a field may be marked `#[kernel_type(link)]`")) }
        })?;
    }
    Ok(marked)
}

/// Whether a type is a link by its form.
fn is_link(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::Array(array) => is_link(&array.elem),
        Type::Paren(inner) => is_link(&inner.elem),
        Type::Group(inner) => is_link(&inner.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| match &*last.ident.to_string() {
            "Box" | "Vec" | "Arc" => true,
            "Option" => match &last.arguments {
                PathArguments::AngleBracketed(of) => {
                    matches!(of.args.first(), Some(GenericArgument::Type(ty)) if is_link(ty))
                }
                _ => false,
            },
            _ => false,
        }),
        _ => false,
    }
}

impl View {
    /// Those of the node after the view's lifetime.
    fn generics(of: &Generics) -> Generics {
        let mut generics = of.clone();
        generics.params.insert(0, parse_quote!('launch));
        generics
    }
}

fn definition(
    input: &DeriveInput,
    fields: &Fields,
    shown: &[Shown<'_>],
    view: &Ident,
    generics: &Generics,
    private: &TokenStream,
) -> TokenStream {
    let (vis, name) = (&input.vis, &input.ident);
    let kept = |attribute: &&Attribute| ["doc", "cfg"].iter().any(|name| attribute.path().is_ident(name));
    let reprs = input.attrs.iter().filter(|a| a.path().is_ident("repr"));
    let members = shown.iter().map(|Shown { field, link }| {
        let Field { vis, ident, colon_token, ty, attrs, .. } = field;
        let attrs = attrs.iter().filter(kept);
        let ty = if *link { quote!(#private::Opaque<'launch, #ty>) } else { ty.to_token_stream() };
        quote!(#(#attrs)* #vis #ident #colon_token #ty)
    });
    let doc = format!("The fields of a [`{name}`] that a kernel may change where each node is a work-item's own.");
    let (seal, clause) = (quote!(#private::Seal<'launch>), &generics.where_clause);
    let rest = match fields {
        Fields::Named(_) => quote!(#clause { #(#members,)* #[doc(hidden)] made_by_launches: #seal, }),
        Fields::Unnamed(_) => quote!((#(#members,)* #[doc(hidden)] #seal,) #clause;),
        Fields::Unit => quote!((#[doc(hidden)] #seal,) #clause;),
    };
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #(#reprs)*
        #vis struct #view #generics #rest
    }
}

fn impls(input: &DeriveInput, shown: &[Shown<'_>], fields: &Fields, view: &Ident, generics: &Generics) -> TokenStream {
    let plain = |generics: &Generics| {
        let mut generics = generics.clone();
        generics.type_params_mut().for_each(|p| p.bounds.push(parse_quote!(__lb::KernelType)));
        generics
    };
    let (generics, node_generics) = (plain(generics), plain(&input.generics));
    let (impl_generics, type_generics, clause) = generics.split_for_impl();
    let (plain_generics, node_types, _) = node_generics.split_for_impl();
    let node = &input.ident;
    let arguments = input.generics.params.iter().filter_map(argument);
    let erased = quote!(#view<'static, #(#arguments),*>);
    let text = view.unraw().to_string();
    let rows = rows(shown, fields);
    let parts = shown.iter().filter(|s| !s.link).rev().fold(quote!(()), |rest, s| {
        let ty = &s.field.ty;
        quote!((#ty, #rest))
    });
    let compared = compared(shown, fields, view, &type_generics.to_token_stream());
    // By nothing that has a name: see the parent module.
    let offsets = fields.members().map(|member| {
        quote! {
            (&raw const (*__seen).#member).byte_offset_from(__seen) == (&raw const (*__node).#member).byte_offset_from(__node)
        }
    });
    let differs = format!("`{text}` is not laid out as `{node}` is: add `#[repr(C)]` to `{node}`");
    let early =
        input.generics.params.is_empty().then(
            || quote_spanned!(node.span()=> const _: () = <#view<'static> as __lb::NodeView<'static>>::SAME_LAYOUT;),
        );
    quote! {
        // SAFETY: size, alignment and offsets are rustc's. What the description leaves out are links, which nobody touches.
        #[diagnostic::do_not_recommend]
        unsafe impl #plain_generics __lb::TypeInfo for #erased #clause {
            const DESC: &'static __lb::TypeDesc = {
                let __room = <Self as __lb::TypeInfo>::ROOM;
                let __start = __room.as_ptr();
                &__lb::TypeDesc {
                    name: #text,
                    id: <Self as __lb::TypeInfo>::ID,
                    size: <Self as __lb::TypeInfo>::SIZE,
                    align: <Self as __lb::TypeInfo>::ALIGN,
                    kind: __lb::TypeKind::Struct { 0: &[#(#rows),*] },
                    operators: &[],
                    by_parts: __lb::ByParts { equal: false, ordered: false },
                }
            };
        }
        // SAFETY: `Erased` is this type with another lifetime.
        #[diagnostic::do_not_recommend]
        unsafe impl #impl_generics __lb::Tagged for #view #type_generics #clause {
            type Erased = #erased;
            type Base = Self;
        }
        // SAFETY: as the description; fields that are in it are `KernelNode`s.
        #[diagnostic::do_not_recommend]
        unsafe impl #impl_generics __lb::KernelNode for #view #type_generics #clause {
            type Parts = #parts;
        }
        impl #impl_generics __lb::Derived for #view #type_generics #clause {}
        impl #impl_generics __lb::Plain for #view #type_generics #clause {}
        // SAFETY: `compared` compiles only if these are all the fields, each a view of the node's field; the layouts are compared
        // before one is seen as the other. The view itself gives no owner away, for no field does.
        unsafe impl #impl_generics __lb::NodeView<'launch> for #view #type_generics #clause {
            type Node = #node #node_types;
            const SAME_LAYOUT: () = {
                #compared
                let __seen = <#erased as __lb::TypeInfo>::ROOM;
                let __node = <#node #node_types as __lb::TypeInfo>::ROOM;
                let (__seen, __node) = (__seen.as_ptr(), __node.as_ptr());
                let __same = <#erased as __lb::TypeInfo>::SIZE == <#node #node_types as __lb::TypeInfo>::SIZE
                    && <#erased as __lb::TypeInfo>::ALIGN == <#node #node_types as __lb::TypeInfo>::ALIGN;
                // SAFETY: the fields lie in the values, and nothing is read.
                let __same = unsafe { __same #(&& #offsets)* };
                ::core::assert!(__same, #differs);
                // Whatever `assert!` is in the user's crate: there is no second element.
                [()][!__same as usize]
            };
        }
        #early
    }
}

/// Descriptions of the plain fields.
fn rows(shown: &[Shown<'_>], fields: &Fields) -> Vec<TokenStream> {
    let plain = shown.iter().zip(fields.members()).filter(|(s, _)| !s.link);
    plain
        .map(|(Shown { field, .. }, member)| {
            let offset = quote! {
                // SAFETY: the field lies in the value, and nothing is read.
                unsafe { (&raw const (*__start).#member).byte_offset_from(__start) as usize }
            };
            super::row(&member_name(&member), &offset, &field.ty)
        })
        .collect()
}

/// A function that compiles only if each field of the view is a view of the node's field, of the same lifetime.
fn compared(shown: &[Shown<'_>], fields: &Fields, view: &Ident, type_generics: &TokenStream) -> TokenStream {
    let names: Vec<_> = (0..shown.len()).map(|k| format_ident!("__{k}")).collect();
    let members = fields.members();
    let checks = shown.iter().zip(&names).map(|(Shown { field, .. }, name)| {
        let ty = &field.ty;
        let span = Span::call_site().located_at(ty.span());
        let name = Ident::new(&name.to_string(), span);
        quote_spanned!(span=> is_view::<'launch, _, #ty>(#name);)
    });
    quote! {
        fn is_view<'__v, __V: __lb::NodeView<'__v, Node = __N>, __N>(_: *const __V) {}
        let _: fn(&#view #type_generics) = |#view { #(#members: #names,)* .. }: &#view #type_generics| { #(#checks)* };
    }
}

/// A parameter as an argument.
fn argument(parameter: &GenericParam) -> Option<&Ident> {
    match parameter {
        GenericParam::Type(t) => Some(&t.ident),
        GenericParam::Const(c) => Some(&c.ident),
        GenericParam::Lifetime(_) => None,
    }
}
