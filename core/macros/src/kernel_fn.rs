//! `#[kernel_fn]`: functions, methods and operators that kernels may call.
//!
//! The user's function stays as it is. Beside it come hidden siblings, which the oracle of a caller finds by the same
//! path or the same method lookup:
//!
//! - free function `f`: a type `f`, with `__of` (instance from the function's type) and `__build`;
//! - associated function `f`: `f_marked_kernel_fn`; method `f`: `__lb_f` as well; both know the builder
//!   `f_if_trait_and_impl_are_marked_kernel_fn`;
//! - operator: an impl of `Operator` (and `Equated` for `PartialEq`), which the oracle demands where the operator is used,
//!   and which the derive's `#[kernel(Add)]` refers to for operators of type parameters.

use crate::body::is_primitive;
use crate::callables::Seen;
use crate::intrinsics;
use crate::options::Options;
use crate::oracle::{Function, allow, generic_arguments, hidden, parameter_types};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Block, Error, ImplItem, Item, ItemFn, ItemImpl, ItemTrait, PathArguments, ReturnType, Signature,
    TraitItem, TraitItemFn, Type,
};

/// How many arguments core's `Own` passes on.
pub(crate) const MOST_LINKED: usize = 6;

/// Traits whose implementations are operators, and the name in `ast::Operator`; `Assign` at the end is cut off.
const OPERATORS: [&str; 25] = [
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Rem",
    "BitAnd",
    "BitOr",
    "BitXor",
    "Shl",
    "Shr",
    "Neg",
    "Not",
    "AddAssign",
    "SubAssign",
    "MulAssign",
    "DivAssign",
    "RemAssign",
    "BitAndAssign",
    "BitOrAssign",
    "BitXorAssign",
    "ShlAssign",
    "ShrAssign",
    "PartialEq",
    "Index",
    "IndexMut",
];

/// Traits of std whose methods kernels cannot call on users' types.
const FOREIGN: [&str; 14] = [
    "Clone",
    "Into",
    "TryInto",
    "Eq",
    "PartialOrd",
    "Ord",
    "Deref",
    "DerefMut",
    "Iterator",
    "IntoIterator",
    "Drop",
    "Debug",
    "Display",
    "AsRef",
];

pub(crate) fn is_operator(name: &Ident) -> bool {
    OPERATORS.iter().any(|o| name == o)
}

/// Expands the attribute.
pub(crate) fn expand(options: &Options, tokens: TokenStream) -> TokenStream {
    // a method without a body is not an item of its own
    let bodyless = tokens.clone().into_iter().last().is_some_and(|last| matches!(last, TokenTree::Punct(_)));
    if bodyless
        && let Ok(method) = syn::parse2::<TraitItemFn>(tokens.clone())
        && method.default.is_none()
    {
        let siblings = declared(&method.sig, options);
        return quote!(#method #siblings);
    }
    match syn::parse2::<Item>(tokens.clone()) {
        Ok(Item::Impl(item)) => kernel_impl(item, options),
        Ok(Item::Trait(item)) => kernel_trait(item, options),
        Ok(Item::Fn(f)) if options.associated || mentions_self(&f) => associated(&tokens, options),
        Ok(Item::Fn(f)) => free(&f, tokens, &options.private()),
        Ok(Item::Macro(item)) => crate::rules::mark(item),
        Ok(other) => {
            let error = Error::new(
                other.span(),
                "`#[kernel_fn]` marks a function, a method, an `impl`, a trait or a `macro_rules!`",
            );
            let error = error.into_compile_error();
            quote!(#tokens #error)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#tokens #error)
        }
    }
}

/// A function in an `impl` block: it has a receiver, or mentions `Self`.
fn mentions_self(f: &ItemFn) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.0 |= ident == "Self";
        }
    }
    let mut search = Search(f.sig.receiver().is_some());
    search.visit_item_fn(f);
    search.0
}

/// A function that is not in an `impl` block.
pub(crate) fn free(f: &ItemFn, tokens: TokenStream, private: &TokenStream) -> TokenStream {
    let mut seen = Seen::new(&f.sig, Some(&f.block));
    let block = seen.block.take().unwrap_or_else(|| (*f.block).clone());
    let (vis, name, generics) = (&f.vis, &f.sig.ident, &seen.open.generics);
    let function =
        Function { sig: &seen.sig, block, roles: String::new(), has_self: false, own: quote!(Self::__build) };
    let (build, errors) = function.build(private);
    let (allow, arguments) = (allow(), generic_arguments(&seen.sig.generics));
    let (params, clause) = (&generics.params, &generics.where_clause);
    let (own, own_clause) = (&seen.sig.generics.params, &seen.sig.generics.where_clause);
    let comma = (!params.is_empty() && !params.trailing_punct()).then(|| quote!(,));
    let bound = (!generic_arguments(generics).is_empty()).then(|| fn_bound(&seen.open));
    quote! {
        #tokens
        #errors
        #allow #vis enum #name {}
        #allow const _: () = {
            impl #name {
                pub fn __of<#params #comma __F #bound>(_: &#private::Slot<__F>) -> #private::Callee #clause {
                    #private::Callee::User(Self::__build::<#(#arguments),*>)
                }
                pub fn __build<#own>() -> #private::FunctionTree #own_clause { #build }
            }
        };
    }
}

/// `: Fn(A, B) -> C` of a signature, so that inference finds the instance.
fn fn_bound(sig: &Signature) -> TokenStream {
    let types = parameter_types(sig);
    let output = &sig.output;
    if let Some(receiver) = sig.receiver()
        && let syn::ReceiverKind::Reference(_, None, exclusive) = &receiver.kind
        && let ReturnType::Type(_, result) = output
    {
        // an elided lifetime of the result is that of `self`; in `Fn()` it has to have a name
        let mut result = result.clone();
        NameLifetimes.visit_type_mut(&mut result);
        let rest = &types[1..];
        return quote!(: for<'__s> Fn(&'__s #exclusive Self, #(#rest),*) -> #result);
    }
    quote!(: Fn(#(#types),*) #output)
}

/// Gives elided references the lifetime `'__s`.
struct NameLifetimes;

impl VisitMut for NameLifetimes {
    fn visit_type_reference_mut(&mut self, r: &mut syn::TypeReference) {
        r.lifetime.get_or_insert_with(|| syn::Lifetime::new("'__s", proc_macro2::Span::call_site()));
        self.visit_type_mut(&mut r.elem);
    }
}

/// One function of an `impl` block or of a trait, with its siblings.
fn associated(tokens: &TokenStream, options: &Options) -> TokenStream {
    match syn::parse2::<ItemFn>(tokens.clone()) {
        Ok(f) => {
            let siblings = defined(&f.sig, &f.block, &f.vis.to_token_stream(), &of_self(options), options);
            quote!(#tokens #siblings)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#tokens #error)
        }
    }
}

/// The builder of a method or associated function.
fn builder(sig: &Signature, block: &Block, vis: &TokenStream, of_self: &TokenStream, options: &Options) -> TokenStream {
    let private = options.private();
    let Seen { sig, block: seen, .. } = Seen::new(sig, Some(block));
    let (sig, block) = (&sig, seen.unwrap_or_else(|| block.clone()));
    let function = Function { sig, block, roles: String::new(), has_self: true, own: quote!() };
    let (build, errors) = function.build(&private);
    let (allow, name, params) = (allow(), builder_name(sig), &sig.generics.params);
    let clause = clause(sig, of_self);
    quote!(#allow #vis fn #name<#params>() -> #private::FunctionTree #clause { #errors #build })
}

fn builder_name(sig: &Signature) -> Ident {
    format_ident!("{}", intrinsics::builder(&sig.ident.to_string()), span = sig.ident.span())
}

/// The siblings that tell the callee; the builder is apart.
fn siblings(sig: &Signature, vis: &TokenStream, of_self: &TokenStream, options: &Options) -> TokenStream {
    let (private, allow, builder) = (options.private(), allow(), builder_name(sig));
    let name = sig.ident.to_string();
    let of = hidden(&intrinsics::associated_sibling(&name));
    let Seen { open, sig: seen, .. } = Seen::new(sig, None);
    let (clause, open_clause) = (clause(&seen, of_self), clause(&open, of_self));
    let (bound, params) = (fn_bound(&open), &open.generics.params);
    let comma = (!params.is_empty() && !params.trailing_punct()).then(|| quote!(,));
    let own = generic_arguments(&seen.generics);
    let builder = match &own[..] {
        [] => quote!(Self::#builder),
        own => quote!(Self::#builder::<#(#own),*>),
    };
    let method = sig.receiver().map(|_| {
        let method = hidden(&intrinsics::sibling(&name));
        if own.is_empty() {
            return quote! {
                #allow #vis fn #method(&self) -> #private::User<impl Fn() -> #private::FunctionTree + Copy> #clause {
                    #private::User(#builder)
                }
            };
        }
        // Its type parameters follow from the arguments, which a caller passes through what this returns.
        let (params, types) = (&seen.generics.params, parameter_types(&seen));
        let types = &types[1..];
        if types.len() > MOST_LINKED {
            let message =
                format!("a kernel method with type parameters of its own has at most {MOST_LINKED} arguments");
            return Error::new(sig.ident.span(), message).into_compile_error();
        }
        quote! {
            #allow #vis fn #method<#params>(&self)
                -> #private::Own<impl Fn() -> #private::FunctionTree + Copy, #(#types),*> #clause
            {
                #private::own(#builder)
            }
        }
    });
    quote! {
        #allow #vis fn #of<#params #comma __F #bound>(_: &#private::Slot<__F>) -> #private::Callee #open_clause {
            #private::Callee::User(#builder)
        }
        #method
    }
}

/// Builder and siblings of a function with a body.
fn defined(sig: &Signature, block: &Block, vis: &TokenStream, of_self: &TokenStream, options: &Options) -> TokenStream {
    let builder = builder(sig, block, vis, of_self, options);
    let siblings = siblings(sig, vis, of_self, options);
    quote!(#builder #siblings)
}

/// Siblings of a trait's method without a body: each `impl` has to bring the builder.
fn declared(sig: &Signature, options: &Options) -> TokenStream {
    let (private, allow, builder) = (options.private(), allow(), builder_name(sig));
    let of_self = of_self(options);
    let siblings = siblings(sig, &TokenStream::new(), &of_self, options);
    let seen = Seen::new(sig, None).sig;
    let (clause, params) = (clause(&seen, &of_self), &seen.generics.params);
    quote!(#allow fn #builder<#params>() -> #private::FunctionTree #clause; #siblings)
}

/// What is demanded of `Self`, and what the method itself demands (but for lifetimes, which say nothing about trees).
fn clause(sig: &Signature, of_self: &TokenStream) -> TokenStream {
    let own = sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let own = own.filter(|predicate| !predicate.to_token_stream().to_string().contains('\''));
    quote!(where #of_self #(#own,)*)
}

/// What `Self` has to be where it is any type.
fn of_self(options: &Options) -> TokenStream {
    let private = options.private();
    quote!(Self: #private::KernelNode + #private::Tagged<Base = Self>,)
}

fn is_kernel_fn(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|s| s.ident == "kernel_fn")
}

fn kernel_trait(mut item: ItemTrait, options: &Options) -> TokenStream {
    let mut extra = vec![];
    for member in &mut item.items {
        if let TraitItem::Fn(f) = member {
            f.attrs.retain(|a| !is_kernel_fn(a));
            extra.push(TraitItem::Verbatim(match &f.default {
                None => declared(&f.sig, options),
                Some(block) => defined(&f.sig, block, &TokenStream::new(), &of_self(options), options),
            }));
        }
    }
    item.items.extend(extra);
    item.into_token_stream()
}

/// `#[kernel_fn] impl Vec3`, `impl Add for Vec3`, `impl Shape for Disc`
fn kernel_impl(mut item: ItemImpl, options: &Options) -> TokenStream {
    let mut extra = TokenStream::new();
    let mut members = vec![];
    for member in &mut item.items {
        if let ImplItem::Fn(f) = member {
            f.attrs.retain(|a| !is_kernel_fn(a));
        }
    }
    match item.trait_.as_ref().and_then(|(path, _)| path.segments.last()) {
        None => {
            for f in functions(&item) {
                members.push(defined(&f.sig, &f.block, &f.vis.to_token_stream(), &TokenStream::new(), options));
            }
        }
        Some(last) if is_operator(&last.ident) => extra = operator(&item, last, options),
        Some(last) if last.ident == "From" => extra = conversion(&item, last, "Raised", options),
        Some(last) if last.ident == "TryFrom" => extra = conversion(&with_error(&item), last, "TryRaised", options),
        Some(last) if last.ident == "Default" => extra = default(&item, options),
        Some(last) if FOREIGN.iter().any(|n| last.ident == n) => {
            let message = format!(
                "`{}` cannot be a kernel function: write a method in an `impl` block of the type itself",
                last.ident
            );
            extra = Error::new(last.ident.span(), message).into_compile_error();
        }
        Some(_) => {
            for f in functions(&item) {
                members.push(builder(&f.sig, &f.block, &TokenStream::new(), &TokenStream::new(), options));
            }
        }
    }
    item.items.extend(members.into_iter().map(ImplItem::Verbatim));
    quote!(#item #extra)
}

fn functions(item: &ItemImpl) -> impl Iterator<Item = &syn::ImplItemFn> {
    item.items.iter().filter_map(|member| match member {
        ImplItem::Fn(f) => Some(f),
        _ => None,
    })
}

/// The right operand's type of `Add<Rhs>`.
fn right_operand(segment: &syn::PathSegment) -> TokenStream {
    match &segment.arguments {
        PathArguments::AngleBracketed(a) if !a.args.is_empty() => a.args.to_token_stream(),
        _ => quote!(Self),
    }
}

/// `Self::Error` is a type of the trait's: elsewhere it is written as what it is.
fn with_error(item: &ItemImpl) -> ItemImpl {
    struct Written(syn::Type);
    impl syn::visit_mut::VisitMut for Written {
        fn visit_type_mut(&mut self, ty: &mut syn::Type) {
            match ty {
                syn::Type::Path(path)
                    if path.qself.is_none()
                        && path.path.segments.iter().map(|s| &s.ident).eq(["Self", "Error"].iter()) =>
                {
                    *ty = self.0.clone();
                }
                _ => syn::visit_mut::visit_type_mut(self, ty),
            }
        }
    }
    let error = item.items.iter().find_map(|member| match member {
        ImplItem::Type(ty) if ty.ident == "Error" => Some(ty.ty.clone()),
        _ => None,
    });
    let mut item = item.clone();
    if let Some(error) = error {
        for member in &mut item.items {
            if let ImplItem::Fn(f) = member {
                syn::visit_mut::VisitMut::visit_impl_item_fn_mut(&mut Written(error.clone()), f);
            }
        }
    }
    item
}

/// `impl From<A> for B`: what `?` makes a `B` of an `A` by; `impl TryFrom<A> for B`.
fn conversion(item: &ItemImpl, segment: &syn::PathSegment, by: &str, options: &Options) -> TokenStream {
    let (private, allow, me, by) = (options.private(), allow(), &item.self_ty, format_ident!("{by}"));
    let Some(f) = functions(item).next() else {
        return TokenStream::new(); // rustc tells what is missing
    };
    let function =
        Function { sig: &f.sig, block: f.block.clone(), roles: String::new(), has_self: true, own: quote!() };
    let (build, errors) = function.build(&private);
    let (generics, _, clause) = item.generics.split_for_impl();
    let from = right_operand(segment);
    quote! {
        #errors
        #allow impl #generics #private::#by<#from> for #me #clause {
            fn tree() -> #private::FunctionTree { #build }
            fn callee() -> #private::Callee {
                #private::Callee::User(<Self as #private::#by<#from>>::tree)
            }
        }
    }
}

/// `impl Default for P`: `P::default()` in kernels. Its siblings are the type's own, as the trait is not ours.
pub(crate) fn default(item: &ItemImpl, options: &Options) -> TokenStream {
    let (me, allow) = (&item.self_ty, allow());
    let members = functions(item).map(|f| defined(&f.sig, &f.block, &quote!(pub), &TokenStream::new(), options));
    let (generics, _, clause) = item.generics.split_for_impl();
    quote!(#allow impl #generics #me #clause { #(#members)* })
}

fn operator(item: &ItemImpl, segment: &syn::PathSegment, options: &Options) -> TokenStream {
    let (private, allow, me) = (options.private(), allow(), &item.self_ty);
    let equality = segment.ident == "PartialEq";
    let Some(f) = functions(item).find(|f| !equality || f.sig.ident == "eq") else {
        return TokenStream::new(); // rustc tells what is missing
    };
    if equality && let Some(ne) = functions(item).find(|f| f.sig.ident == "ne") {
        let message = "in kernels `!=` is the opposite of `==`: leave `ne` as it is";
        return Error::new(ne.sig.ident.span(), message).into_compile_error();
    }
    let function =
        Function { sig: &f.sig, block: f.block.clone(), roles: String::new(), has_self: true, own: quote!() };
    let (build, errors) = function.build(&private);
    let (generics, _, clause) = item.generics.split_for_impl();
    let (name, right) = (&segment.ident, right_operand(segment));
    let span = segment.ident.span();
    let listed =
        is_users(me).then(|| quote_spanned!(span=> #private::listed::<Self, #private::operators::#name, #right>();));
    let equated = equality.then(|| {
        quote! {
            #allow impl #generics #private::Equated<#right> for #me #clause {
                fn callee() -> #private::Callee {
                    #private::Callee::User(<Self as #private::Operator<#private::operators::#name, #right>>::tree)
                }
            }
        }
    });
    quote! {
        #equated
        #errors
        #allow impl #generics #private::Operator<#private::operators::#name, #right> for #me #clause {
            fn tree() -> #private::FunctionTree {
                #listed
                #build
            }
        }
    }
}

/// Is the type one that has a derive, beside which its operators are listed? (Type parameters' operators are found there.)
fn is_users(ty: &Type) -> bool {
    match ty {
        Type::Path(p) => !p.path.get_ident().is_some_and(is_primitive),
        Type::Paren(p) => is_users(&p.elem),
        Type::Group(g) => is_users(&g.elem),
        _ => false,
    }
}

/// `#[kernel(Add, Mul<f32>, Neg)]` beside the derive: the operators' traits and their right operands.
pub(crate) fn listed_operators(attributes: &[Attribute]) -> syn::Result<Vec<(Ident, TokenStream)>> {
    let mut listed = vec![];
    for attribute in attributes.iter().filter(|a| a.path().is_ident("kernel")) {
        let parser = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
        let tokens = attribute.meta.require_list()?.tokens.clone();
        for path in parser.parse2(tokens)? {
            let segment = path.segments.last().ok_or_else(|| Error::new(path.span(), "an operator"))?;
            if !is_operator(&segment.ident) {
                return Err(Error::new(
                    segment.ident.span(),
                    "not an operator: write the trait's name, as in `#[kernel(Add, Mul<f32>, Neg)]`",
                ));
            }
            listed.push((segment.ident.clone(), right_operand(segment)));
        }
    }
    Ok(listed)
}
