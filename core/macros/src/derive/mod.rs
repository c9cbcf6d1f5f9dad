//! `#[derive(KernelType)]`.
//!
//! It emits two `unsafe impl`s. `KernelNode` always: its promise is proved where the fields' descriptions are made, each of
//! which has to be a `KernelNode`, at its offset. `KernelType`, which promises plain data, under the condition
//! that every field is a `KernelType`. A condition that is plainly false would be an error; this one names a lifetime of its
//! own, through std's `Deref` of `&'lb Field`, and so is only asked where somebody needs the type to be plain. That a plain
//! type has no `Drop` the trait itself asserts. The `unsafe` tokens are the macro's own, so that `#![forbid(unsafe_code)]` of
//! the user's crate does not apply to them, as with every derive from another crate.
//!
//! `crate = path` may lead anywhere, also to a module that re-exports ours with some names replaced. So no function found
//! through it is trusted: the description is a literal of structs, written with braces, which no function can stand for,
//! and its type is fixed by the trait. Nor is a path through `::core`, which `extern crate x as core` replaces: sizes come from
//! the trait that is implemented, offsets from places, and `Deref` is shown to be what `*` follows. Bounds on fields name the
//! trait that is implemented by the same path: either it is ours in both places, or nothing of ours is implemented.
//!
//! So that nobody else can describe a type, `TypeInfo` and `Tagged` are unsafe traits, too. And since names inside of what is
//! emitted need not mean what they mean outside (`__lb`, macros), the description compares each field with its type.
//!
//! Descriptions are of types without lifetimes: in the impl of `TypeInfo` the type's own lifetimes are `'static`.

mod comparisons;
mod defaults;
mod enums;
mod view;

use crate::body::{is_primitive, member_name};
use crate::kernel_fn::listed_operators;
use comparisons::Comparisons;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericParam, Generics, Index, Lifetime, Member, Type,
    parse_quote,
};
use view::TypeOptions;

pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    match derive(input) {
        Ok(tokens) => tokens,
        Err(error) => error.into_compile_error(),
    }
}

fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let contents = contents(input)?;
    let TypeOptions { options, view, comparisons } = options(&input.attrs)?;
    let private = options.private();
    let view = view.map(|name| view::view(input, struct_fields(input, &name)?, &name, &private)).transpose()?;
    let (view, view_impls) = view.map_or_else(Default::default, |view| (view.definition, view.impls));
    let operators = listed_operators(&input.attrs)?;
    let different = different(&contents.types);
    let has_links = different.iter().map(|ty| {
        let span = Span::call_site().located_at(ty.span());
        quote_spanned!(span=> <#ty as __lb::KernelNode>::HAS_LINKS)
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
    let lifetimes: Vec<Lifetime> = input.generics.lifetimes().map(|l| l.lifetime.clone()).collect();
    let (impl_generics, type_generics, clause) = generics.split_for_impl();
    let described = described(
        &lifetimes,
        &generics,
        name,
        &contents,
        &text,
        &Compared { operators: &overloads.collect::<Vec<_>>(), comparisons: &comparisons },
    );
    let plain = lifetimes.is_empty().then(|| plain(&different, &generics, name));
    let erased = erase(&lifetimes, quote!(#name #type_generics));
    let within = within(&lifetimes, &input.generics, &generics, name);
    let listed = operators.iter().map(|(operator, right)| {
        quote!(impl #impl_generics __lb::Listed<__lb::operators::#operator, #right> for #name #type_generics #clause {})
    });
    let indexed = operators
        .iter()
        .any(|(name, _)| name == "Index")
        .then(|| quote!(impl #impl_generics __lb::Indexed for #name #type_generics #clause {}));
    let parts = parts(&contents.types);
    let compared = comparisons.impls(input, &options);
    Ok(quote! {
        #view
        #[doc(hidden)]
        const _: () = {
            use #private as __lb;
            #described
            // SAFETY: `Erased` is this type with other lifetimes.
            #[diagnostic::do_not_recommend]
            unsafe impl #impl_generics __lb::Tagged for #name #type_generics #clause {
                type Erased = #erased;
                type Base = Self;
            }
            // SAFETY: `KernelNode` asks for three things. The description is the layout, which does not depend on
            // lifetimes: offsets are the fields' own, in `row`. Every field is a `KernelNode`: `row` asks this very
            // trait for each field's description, so that only atomics have interior mutability. Packed structs, enums
            // without a defined layout and unions were refused above.
            #[diagnostic::do_not_recommend]
            unsafe impl #impl_generics __lb::KernelNode for #name #type_generics #clause {
                type Parts = #parts;
                const HAS_LINKS: bool = false #(|| #has_links)*;
            }
            #plain
            #within
            impl #impl_generics __lb::Derived for #name #type_generics #clause {}
            impl #impl_generics __lb::Plain for #name #type_generics #clause {}
            #(#listed)*
            #compared
            #indexed
            #view_impls
        };
    })
}

/// What the type's own operators are.
struct Compared<'d> {
    operators: &'d [TokenStream],
    comparisons: &'d Comparisons,
}

/// The description, of the type without lifetimes.
fn described(
    lifetimes: &[Lifetime],
    generics: &Generics,
    name: &Ident,
    Contents { kind, compared, types: _ }: &Contents<'_>,
    text: &str,
    compared_by: &Compared<'_>,
) -> TokenStream {
    let Compared { operators: overloads, comparisons } = compared_by;
    let (equal, ordered) = (comparisons.has("PartialEq"), comparisons.has("PartialOrd"));
    let mut without = generics.clone();
    without.params = without.params.into_iter().filter(|p| !matches!(p, GenericParam::Lifetime(_))).collect();
    let (impl_generics, _, _) = without.split_for_impl();
    let (_, type_generics, clause) = generics.split_for_impl();
    // Of others it is asked where the derive stands.
    let no_drop = generics.type_params().next().map(|_| quote!(let () = <Self as __lb::KernelNode>::NO_DROP;));
    let described = quote! {
        // SAFETY: size and alignment are what the trait itself tells, offsets those of places, and `compared` compiles only
        // if these are all the fields, each of the type whose description is in its `row`.
        #[diagnostic::do_not_recommend]
        unsafe impl #impl_generics __lb::TypeInfo for #name #type_generics #clause {
            const DESC: &'static __lb::TypeDesc = {
                #compared
                #no_drop
                let __room = <Self as __lb::TypeInfo>::ROOM;
                let __start = __room.as_ptr();
                &__lb::TypeDesc {
                    name: #text,
                    id: <Self as __lb::TypeInfo>::ID,
                    size: <Self as __lb::TypeInfo>::SIZE,
                    align: <Self as __lb::TypeInfo>::ALIGN,
                    kind: #kind,
                    operators: &[#(#overloads),*],
                    by_parts: __lb::ByParts { equal: #equal, ordered: #ordered },
                }
            };
        }
    };
    erase(lifetimes, described)
}

/// The types of the fields, as a list.
fn parts(types: &[&Type]) -> TokenStream {
    types.iter().rev().fold(quote!(()), |rest, ty| {
        let span = Span::call_site().located_at(ty.span());
        quote_spanned!(span=> (#ty, #rest))
    })
}

/// A function that compiles only if the struct has these fields, all of them, of these types: pointers to sized types are
/// not coerced to pointers of others.
fn compared(fields: &Fields) -> TokenStream {
    let members = fields.members();
    let names: Vec<_> = (0..fields.len()).map(|k| format_ident!("__{k}")).collect();
    let types = fields.iter().map(|field| &field.ty);
    quote! {
        let _: fn(&Self) = |Self { #(#members: #names),* }: &Self| {
            #(let _: *const #types = #names;)*
        };
    }
}

/// The impl of `KernelType`, for where all fields are plain.
fn plain(fields: &[&Type], generics: &Generics, name: &Ident) -> TokenStream {
    let mut conditional = generics.clone();
    // A type parameter is plain by its bound, which names the same trait.
    let is_parameter =
        |ty: &Type| matches!(ty, Type::Path(path) if generics.type_params().any(|p| path.path.is_ident(&p.ident)));
    let asked: Vec<_> = fields.iter().filter(|ty| !is_parameter(ty)).collect();
    // Where all fields are numbers by name, the conditions may be such that rustc refuses the type if they are false, as they
    // are where somebody has given another type that name.
    let numbers = asked.iter().all(|ty| is_number(ty));
    if !asked.is_empty() {
        let clause = conditional.make_where_clause();
        for ty in asked.iter() {
            clause.predicates.push(match numbers {
                true => parse_quote!(#ty: __lb::KernelType),
                false => parse_quote!(for<'__lb> <&'__lb #ty as ::core::ops::Deref>::Target: __lb::KernelType),
            });
        }
    }
    let mut copied = generics.clone();
    copied
        .make_where_clause()
        .predicates
        .push(parse_quote!(for<'__lb> <&'__lb Self as ::core::ops::Deref>::Target: __lb::KernelValue));
    let copied = copied.split_for_impl().2;
    let (impl_generics, type_generics, clause) = conditional.split_for_impl();
    // Asked here already where it can be, for the sake of the error's place; the trait asks again.
    let early = generics.params.is_empty().then(|| {
        let plain = match numbers {
            true => quote!(true),
            false => quote!({
                #[allow(unused_imports)]
                use __lb::NotPlain as _;
                <__lb::PlainProbe<#name>>::IS_PLAIN
            }),
        };
        let checked = quote_spanned!(Span::call_site().located_at(name.span())=> __lb::no_drop::<#name>(#plain));
        quote!(const _: () = #checked;)
    });
    quote! {
        // Whatever `::core` is in the user's crate: only of what `*` follows is this the type.
        fn __followed<T: ::core::ops::Deref>(pointer: &T) -> &<T as ::core::ops::Deref>::Target {
            &**pointer
        }
        // SAFETY: no field owns anything, by the conditions, and there is no `Drop`: see below.
        #[diagnostic::do_not_recommend]
        unsafe impl #impl_generics __lb::Assigned for #name #type_generics #clause {}
        // SAFETY: `KernelType` asks for two things more than `KernelNode`. Every field is a `KernelType`: the conditions
        // name this very trait, of the target of a reference to the field's type, which is that type. There is no `Drop`:
        // the trait asserts it.
        #[diagnostic::do_not_recommend]
        unsafe impl #impl_generics __lb::KernelType for #name #type_generics #clause {}
        // SAFETY: plain data that is copied, by the condition.
        unsafe impl #impl_generics __lb::InOption for #name #type_generics #copied {
            type Inside = (Self, ());
            const LINKS: bool = false;
        }
        #early
    }
}

/// The types, numbers once. Of others the text does not tell: a macro's `$crate` may be two crates.
fn different<'t>(types: &[&'t Type]) -> Vec<&'t Type> {
    let mut different: Vec<&Type> = vec![];
    for ty in types {
        if !(is_number(ty) && different.contains(ty)) {
            different.push(ty);
        }
    }
    different
}

/// Is it a number or `bool`, or an array of those, as far as names tell?
fn is_number(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.qself.is_none() && path.path.get_ident().is_some_and(is_primitive),
        Type::Array(array) => is_number(&array.elem),
        _ => false,
    }
}

/// That nodes of this type are found, with all lifetimes shortened to one. A function shows that the compiler shortens them.
fn within(lifetimes: &[Lifetime], plain: &Generics, generics: &Generics, name: &Ident) -> TokenStream {
    let mut one = generics.clone();
    one.params = one.params.into_iter().filter(|p| !matches!(p, GenericParam::Lifetime(_))).collect();
    one.params.insert(0, parse_quote!('__within));
    let (impl_generics, _, _) = one.split_for_impl();
    let (_, type_generics, clause) = generics.split_for_impl();
    let (ty, clause) = (quote!(#name #type_generics), quote!(#clause));
    let (short, clause) =
        (with_lifetime(lifetimes, "__within", ty.clone()), with_lifetime(lifetimes, "__within", clause));
    let shown = (!lifetimes.is_empty()).then(|| {
        let mut shown = plain.clone();
        for parameter in shown.lifetimes_mut() {
            parameter.bounds.push(parse_quote!('__within));
        }
        for parameter in shown.type_params_mut() {
            parameter.bounds.push(parse_quote!(__lb::KernelType));
        }
        shown.params.insert(0, parse_quote!('__within));
        let (shown, _, shown_clause) = shown.split_for_impl();
        quote!(fn _shorter #shown(node: &'__within #ty) -> &'__within #short #shown_clause { node })
    });
    quote! {
        #shown
        // SAFETY: its one lifetime is that; `_shorter` compiles only if it may take the place of longer ones.
        unsafe impl #impl_generics __lb::NodeWithin<'__within> for #short #clause {}
    }
}

/// With these lifetimes replaced by `'static`.
fn erase(lifetimes: &[Lifetime], tokens: TokenStream) -> TokenStream {
    with_lifetime(lifetimes, "static", tokens)
}

/// With these lifetimes replaced by another.
fn with_lifetime(lifetimes: &[Lifetime], other: &str, tokens: TokenStream) -> TokenStream {
    if lifetimes.is_empty() {
        return tokens;
    }
    let mut quoted = false;
    let token = |token: TokenTree| match token {
        TokenTree::Group(group) => {
            quoted = false;
            let mut erased = Group::new(group.delimiter(), with_lifetime(lifetimes, other, group.stream()));
            erased.set_span(group.span());
            TokenTree::Group(erased)
        }
        TokenTree::Ident(name) if std::mem::take(&mut quoted) && lifetimes.iter().any(|l| l.ident == name) => {
            TokenTree::Ident(Ident::new(other, name.span()))
        }
        token => {
            quoted = matches!(&token, TokenTree::Punct(p) if p.as_char() == '\'');
            token
        }
    };
    tokens.into_iter().map(token).collect()
}

/// The fields of what has a view.
fn struct_fields<'d>(input: &'d DeriveInput, view: &Ident) -> syn::Result<&'d Fields> {
    match &input.data {
        Data::Struct(data) => Ok(&data.fields),
        _ => Err(Error::new(view.span(), "only structs have a view: put the enum into one")),
    }
}

/// What a type is made of.
struct Contents<'d> {
    /// The expression of its `TypeKind`.
    kind: TokenStream,
    /// A statement that compiles only if the description has all fields, each of its type.
    compared: TokenStream,
    /// Types of all fields.
    types: Vec<&'d Type>,
}

fn contents(input: &DeriveInput) -> syn::Result<Contents<'_>> {
    match &input.data {
        Data::Struct(data) => {
            refuse_packed(&input.attrs)?;
            Ok(struct_contents(&data.fields))
        }
        Data::Enum(data) => enums::contents(input, data),
        Data::Union(data) => Err(Error::new(data.union_token.span(), "unions are not supported in kernels")),
    }
}

fn struct_contents(fields: &Fields) -> Contents<'_> {
    let rows = fields.iter().enumerate().map(|(k, field)| {
        let member = member_of(field, k);
        // The way from the value's start to the field, by nothing that has a name.
        let offset = quote! {
            // SAFETY: the field lies in the value, and nothing is read.
            unsafe { (&raw const (*__start).#member).byte_offset_from(__start) as usize }
        };
        row(&member_name(&member), &offset, &field.ty)
    });
    Contents {
        kind: quote!(__lb::TypeKind::Struct { 0: &[#(#rows),*] }),
        compared: compared(fields),
        types: fields.iter().map(|field| &field.ty).collect(),
    }
}

/// The name of the field of this number.
fn member_of(field: &Field, k: usize) -> Member {
    match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index::from(k)),
    }
}

/// The description of a field.
fn row(name: &str, offset: &TokenStream, ty: &Type) -> TokenStream {
    // Errors belong on the user's type, lints on this macro's text.
    let span = Span::call_site().located_at(ty.span());
    let description = quote_spanned!(span=> <#ty as __lb::KernelNode>::DESCRIPTION);
    quote!(__lb::FieldDesc { name: #name, offset: #offset, ty: #description })
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

/// `#[kernel_type(crate = path, view = Name, PartialEq, ..)]`
fn options(attributes: &[Attribute]) -> syn::Result<TypeOptions> {
    match attributes.iter().find(|a| a.path().is_ident("kernel_type")) {
        Some(attribute) => attribute.parse_args(),
        None => Ok(TypeOptions::default()),
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
