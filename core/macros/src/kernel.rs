//! `#[kernel]`: an entry kernel becomes a function of the same name that takes the arguments and returns a `Call`.
//!
//! The user's function stays inside it as it is, for the host; beside it the builder of its tree, for devices.

use crate::diagnostics::Errors;
use crate::nodes;
use crate::options::Options;
use crate::oracle::{Function, allow, check_signature, generic_arguments};
use crate::roles::{Parameter, Role, is_index, is_marker, parameter};
use crate::tally;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{
    AttrStyle, Attribute, Block, FnArg, GenericParam, Generics, ItemFn, Lifetime, ReturnType, Type, TypeParamBound,
    WherePredicate,
};

/// How many parameters a kernel may have.
pub(crate) const MOST: usize = 16;

/// Expands the attribute; `tokens` are those of the function.
pub(crate) fn expand(options: &Options, tokens: TokenStream, mut function: ItemFn) -> TokenStream {
    let mut errors = Errors::default();
    let parameters = take_parameters(&mut function, &mut errors);
    check(&function, &parameters, &mut errors);
    let private = options.private();
    if !errors.is_empty() {
        return refused(&function, errors);
    }
    let roles = parameters.iter().map(|p| p.role.text()).collect::<Vec<_>>().join(",");
    let second = tally::second(&function, &parameters, &private);
    let block = body(tokens, &mut function);
    let (tree_sig, tree_block) = nodes::seen_by_devices(&function.sig, block.parsed, &parameters);
    let block = block.tokens;
    let built = Function { sig: &tree_sig, block: tree_block, roles, has_self: false, own: quote!(__build) };
    let (build, errors) = built.build(&private);
    let implied = has_items(&parameters);
    let lives = Lives { k: Lifetime::new("'k", Span::call_site()), s: Lifetime::new("'s", Span::call_site()) };
    let forms: Vec<_> = parameters.iter().map(|p| form(p, implied, &lives, &private)).collect();
    let taken = forms.iter().filter_map(|f| f.taken.as_ref());
    let types = forms.iter().map(|f| &f.ty);
    let types = quote!((#(#types,)*));
    let values = forms.iter().map(|f| &f.value);
    let definition = definition(&function, &parameters);
    let outer_attrs = outer_attributes(&function.attrs);
    let inner_attrs = function.attrs.iter().filter(|a| !a.path().is_ident("doc") && !a.path().is_ident("inline"));
    let (vis, sig, name) = (&function.vis, &function.sig, &function.sig.ident);
    let generics = without_lifetimes(&sig.generics);
    let (params, clause) = (&generics.params, &generics.where_clause);
    let (result, allow) = (result_type(&sig.output), allow());
    let arguments = generic_arguments(&generics);
    let path = |name: &syn::Ident| match &arguments[..] {
        [] => quote!(#name),
        arguments => quote!(#name::<#(#arguments),*>),
    };
    let (native, second) = match second {
        Some((local, second)) => {
            let (shared, local) = (path(name), path(&local));
            let second = quote!(#allow #[inline(always)] #second);
            // SAFETY (of the emitted block): `second` is the same text, found to do nothing but add.
            (quote!(unsafe { #private::Adding::of_one_function(#shared, #local) }), second)
        }
        None => (path(name), quote!()),
    };
    let comma = (!params.is_empty() && !params.trailing_punct()).then(|| quote!(,));
    let values = quote!((#(#values,)*));
    // Inside, the kernel's name is the user's function, also where a parameter has that name.
    let hidden = parameters.iter().any(|p| p.name == *name);
    let (before, values) = match hidden {
        true => (quote!(use #private as __lb; let __arguments = #values;), quote!(__arguments)),
        false => (quote!(), values),
    };
    // what is wrong with an argument's type is said at the first type of a user's
    let at = parameters.iter().map(|p| &p.element).find(|ty| !is_primitive(ty)).map_or(name.span(), |ty| ty.span());
    // where it is, but with our names' hygiene: the user's macro may have written it
    let at = Span::call_site().located_at(at);
    let given = quote::format_ident!("call{}", parameters.len(), span = at);
    let launch = quote_spanned!(at=> __lb::#given(__definition, #values, #native));
    // what is wrong with the arguments' types is said at the kernel's name
    let body = quote_spanned!(at=> impl #private::Body<#types, Output = #result>);
    let call: TokenStream = quote!(#private::Call)
        .into_iter()
        .map(|mut token| {
            token.set_span(at);
            token
        })
        .collect();
    let returned = quote_spanned!(at=> -> #call<'s, #types, #body>);
    let inner = quote! {
        use #private as __lb;
        #(#inner_attrs)*
        #[inline(always)]
        #sig #block
        #second
        #errors
        #allow
        fn __build<#params>() -> __lb::FunctionTree #clause { #build }
        #definition
        #launch
    };
    let inner = block_at(at, inner);
    let whole = block_at(at, quote!(#before #inner));
    quote! {
        #(#outer_attrs)*
        #[inline]
        #vis fn #name<'k, 's, #params #comma>(#(#taken),*)
            #returned #clause
        #whole
    }
}

/// A block that rustc takes to be there.
fn block_at(span: Span, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(span);
    group
}

/// What stands for a kernel whose signature is wrong: a function of the same name whose type is an error, so that launches of it are
/// not wrong too. The user's function is inside of it: it may have mistakes of its own.
fn refused(function: &ItemFn, errors: Errors) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    let Some((first, others)) = errors.split() else { unreachable!("there is an error") };
    let indexes = |input: &&FnArg| matches!(input, FnArg::Typed(p) if is_index(&p.ty));
    let implied = function.sig.inputs.iter().any(|input| !indexes(&input));
    let arguments = function.sig.inputs.iter().filter(|input| !(implied && indexes(input)));
    let arguments: Vec<_> = arguments.enumerate().map(|(k, _)| quote::format_ident!("A{k}")).collect();
    let allow = allow();
    let own = match function.sig.receiver() {
        Some(_) => quote!(),
        None => quote!(#allow #function),
    };
    quote! {
        #others
        #allow
        #vis fn #name<#(#arguments),*>(#(_: #arguments),*) -> [(); #first] {
            #own
            loop {}
        }
    }
}

/// A function's body, twice.
struct Twice {
    /// For the host: as it was written, where that is at hand. Making tokens of it anew would cost more.
    tokens: TokenStream,
    parsed: Block,
}

/// Takes the body out of the function.
fn body(tokens: TokenStream, function: &mut ItemFn) -> Twice {
    let nothing = Block { brace_token: function.block.brace_token, stmts: vec![] };
    let parsed = std::mem::replace(&mut *function.block, nothing);
    // attributes inside of the body have become the function's
    let inside = function.attrs.iter().any(|a| matches!(a.style, AttrStyle::Inner(_)));
    let tokens = match tokens.into_iter().last() {
        Some(TokenTree::Group(group)) if !inside && group.delimiter() == Delimiter::Brace => group.into_token_stream(),
        _ => parsed.to_token_stream(),
    };
    Twice { tokens, parsed }
}

/// The parameters with their roles; takes this library's markers off the user's function.
fn take_parameters(function: &mut ItemFn, errors: &mut Errors) -> Vec<Parameter> {
    let mut parameters = vec![];
    for input in &mut function.sig.inputs {
        match input {
            FnArg::Typed(typed) => {
                let parameter = parameter(typed, errors);
                typed.attrs.retain(|a| !is_marker(a));
                if parameter.as_ref().is_some_and(|p| p.role == Role::Node { exclusive: true }) {
                    nodes::name_view_lifetime(&mut typed.ty);
                }
                parameters.extend(parameter);
            }
            FnArg::Receiver(r) => errors.add(
                r.self_token.span(),
                "an entry kernel is a free function: mark methods `#[kernel_fn]` and call them from one",
            ),
        }
    }
    parameters
}

fn check(function: &ItemFn, parameters: &[Parameter], errors: &mut Errors) {
    let sig = &function.sig;
    if errors.is_empty() {
        check_signature(sig, errors);
    }
    if let ReturnType::Type(_, ty) = &sig.output
        && let Type::Reference(r) = &**ty
    {
        errors.add(r.span(), "a kernel returns a value, not a reference");
    }
    if let Some(extra) = sig.inputs.iter().nth(MOST) {
        errors.add(extra.span(), format!("a kernel has at most {MOST} parameters: put some into a struct"));
    }
    check_extent(parameters, sig.ident.span(), errors);
}

/// Something has to tell the number of work-items.
pub(crate) fn check_extent(parameters: &[Parameter], span: Span, errors: &mut Errors) {
    let counted = |p: &Parameter| {
        !matches!(p.role, Role::Uniform | Role::Whole | Role::Region | Role::Atomics | Role::Root { .. })
    };
    if errors.is_empty() && !parameters.iter().any(counted) {
        errors.add(
            span,
            "nothing tells how many work-items this kernel has: add a parameter `i: Index`, or one per item like `x: &T`",
        );
    }
}

/// Whether the number of work-items follows from a slice, so that `Index` takes no argument.
pub(crate) fn has_items(parameters: &[Parameter]) -> bool {
    parameters.iter().any(|p| matches!(p.role, Role::Item { .. } | Role::Row { .. } | Role::Node { .. }))
}

/// Is it a type that every kernel may have, by its name?
fn is_primitive(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_primitive(&array.elem),
        Type::Path(path) => path.path.get_ident().is_some_and(crate::body::is_primitive),
        _ => false,
    }
}

/// What a parameter becomes at the call.
pub(crate) struct Form {
    /// The parameter of the outer function, if it has one.
    pub(crate) taken: Option<TokenStream>,
    /// Type of the argument in its role.
    pub(crate) ty: TokenStream,
    /// Its value.
    pub(crate) value: TokenStream,
}

/// How long arguments live.
pub(crate) struct Lives {
    /// Their memory is borrowed for this.
    pub(crate) k: Lifetime,
    /// The scope that the call belongs to.
    pub(crate) s: Lifetime,
}

/// `implied`: a slice gives the number of work-items. What is emitted is safe: `crate = path` may lead to names that are not
/// ours, so that nothing could be promised of them.
pub(crate) fn form(parameter: &Parameter, implied: bool, lives: &Lives, private: &TokenStream) -> Form {
    let Lives { k, s } = lives;
    let name = &parameter.name;
    let element = match parameter.role {
        // nodes may borrow what they lead to, as long as the launch does
        Role::Node { exclusive: true } => nodes::with_view_lifetime(&with_lifetime(&parameter.element, k), k),
        Role::Item { .. } | Role::Whole | Role::Root { .. } | Role::Node { .. } => with_lifetime(&parameter.element, k),
        _ => with_lifetime(&parameter.element, &Lifetime::new("'static", name.span())),
    };
    let span = name.span();
    match parameter.role {
        Role::Uniform => Form {
            taken: Some(quote!(#name: #element)),
            ty: quote!(#private::Uniform<#element>),
            value: quote!(__lb::uniform(#name)),
        },
        Role::Item { exclusive } => {
            let (role, from) = match exclusive {
                true => (quote!(ItemMut), quote!(SliceMutArg)),
                false => (quote!(Item), quote!(SliceArg)),
            };
            let (of, chunks) = match &element {
                Type::Array(array) => (&*array.elem, true),
                other => (other, false),
            };
            let into = match (chunks, exclusive) {
                (false, false) => quote_spanned!(span=> item::<#of, _>),
                (false, true) => quote_spanned!(span=> item_mut::<#of, _>),
                (true, false) => quote_spanned!(span=> chunks::<#of, _, _>),
                (true, true) => quote_spanned!(span=> chunks_mut::<#of, _, _>),
            };
            Form {
                taken: Some(quote!(#name: impl #private::#from<#k, #s, #of>)),
                ty: quote!(#private::#role<#k, #element>),
                value: quote_spanned!(span=> __lb::#into(#name)),
            }
        }
        Role::Whole => Form {
            taken: Some(quote!(#name: impl #private::SliceArg<#k, #s, #element>)),
            ty: quote!(#private::Whole<#k, #element>),
            value: quote!(__lb::whole::<#element, _>(#name)),
        },
        Role::Node { exclusive } => {
            let (role, from) = if exclusive {
                (quote!(NodeItemMut), quote!(NodesMutArg))
            } else {
                (quote!(NodeItem), quote!(NodesArg))
            };
            Form {
                taken: Some(quote!(#name: impl #private::#from<#k, #s, #element>)),
                ty: quote!(#private::#role<#k, #element>),
                value: quote_spanned!(span=> #private::#from::<#k, #s, #element>::into_items(#name)),
            }
        }
        Role::Root { nullable: false } => Form {
            taken: Some(quote!(#name: impl #private::RootArg<#k, #element>)),
            ty: quote!(#private::Root<#k, #element>),
            value: quote!(__lb::alone(#private::RootArg::<#k, #element>::into_root(#name))),
        },
        Role::Root { nullable: true } => Form {
            taken: Some(quote!(#name: impl #private::NullableRootArg<#k, #element>)),
            ty: quote!(#private::NullableRoot<#k, #element>),
            value: quote!(__lb::alone(#private::NullableRootArg::<#k, #element>::into_root(#name))),
        },
        Role::Region => Form {
            taken: Some(quote!(#name: impl #private::RegionSource<#k, #s>)),
            ty: quote!(#private::RegionArg<#k>),
            value: quote!(#private::RegionSource::<#k, #s>::into_region(#name)),
        },
        Role::Atomics => Form {
            taken: Some(quote!(#name: impl #private::AtomicArg<#k, #s, #element>)),
            ty: quote!(#private::Atomics<#k, #element>),
            value: quote!(#private::AtomicArg::<#k, #s, #element>::into_atomics(#name)),
        },
        Role::Row { exclusive } => {
            let (role, into, from) = if exclusive {
                (quote!(RowsMut), quote!(into_rows_mut), quote!(RowsMutArg))
            } else {
                (quote!(Rows), quote!(into_rows), quote!(RowsArg))
            };
            Form {
                taken: Some(quote!(#name: impl #private::#from<#k, #s, #element>)),
                ty: quote!(#private::#role<#k, #element>),
                value: quote_spanned!(span=> #private::#from::<#k, #s, #element>::#into(#name)),
            }
        }
        Role::Index { dimensions: 1 } if implied => {
            Form { taken: None, ty: quote!(#private::IndexArg), value: quote!(__lb::alone(__lb::IndexArg::implied())) }
        }
        Role::Index { dimensions: 1 } => Form {
            taken: Some(quote!(#name: usize)),
            ty: quote!(#private::IndexArg),
            value: quote!(__lb::alone(#private::IndexArg::items(#name))),
        },
        Role::Index { dimensions } => {
            let role = if dimensions == 2 { quote!(Index2Arg) } else { quote!(Index3Arg) };
            let count = dimensions as usize;
            Form {
                taken: Some(quote!(#name: [usize; #count])),
                ty: quote!(#private::#role),
                value: quote!(__lb::alone(#private::#role::new(#name))),
            }
        }
    }
}

/// Statements that set `__definition`.
fn definition(function: &ItemFn, parameters: &[Parameter]) -> TokenStream {
    let name = &function.sig.ident;
    let (text, line) = (name.unraw().to_string(), name.span().unwrap().line() as u32);
    let arguments = generic_arguments(&function.sig.generics);
    if arguments.is_empty() {
        let text = parameters.iter().fold(text, |text, p| format!("{text},{}", p.name.unraw()));
        return quote! {
            static __SITE: __lb::Site = __lb::Site::UNSET;
            let __definition = __SITE.definition(#text, #line, __build);
        };
    }
    let names = parameters.iter().map(|p| p.name.unraw().to_string());
    let names = quote!(&[#(#names),*]);
    quote! {
        let __definition = __lb::Definition::of_builder(
            #text, ::core::file!(), #line, #names, __build::<#(#arguments),*>
        );
    }
}

/// Attributes that belong to the function that users see.
fn outer_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    const OUTER: [&str; 6] = ["doc", "allow", "warn", "deny", "deprecated", "must_use"];
    attributes.iter().filter(|a| OUTER.iter().any(|n| a.path().is_ident(n)))
}

/// The kernel's data has no lifetimes, and neither has the outer function but `'k`.
fn without_lifetimes(generics: &Generics) -> Generics {
    let mut result = generics.clone();
    result.params = generics.params.iter().filter(|p| !matches!(p, GenericParam::Lifetime(_))).cloned().collect();
    for parameter in result.type_params_mut() {
        let bounds = parameter.bounds.iter().filter(|b| !matches!(b, TypeParamBound::Lifetime(_)));
        parameter.bounds = bounds.cloned().collect();
    }
    if let Some(clause) = &mut result.where_clause {
        let kept = clause.predicates.iter().filter(|p| !matches!(p, WherePredicate::Lifetime(_)));
        clause.predicates = kept.cloned().collect();
    }
    result
}

/// With this lifetime in the place of all others but `'static`. What is plain data has none, and of references rustc then
/// says so.
fn with_lifetime(ty: &Type, lifetime: &Lifetime) -> Type {
    struct Name<'l>(&'l Lifetime);
    impl VisitMut for Name<'_> {
        fn visit_type_reference_mut(&mut self, r: &mut syn::TypeReference) {
            let mut lifetime = r.lifetime.take().unwrap_or_else(|| Lifetime::new("'_", r.and_token.span()));
            self.visit_lifetime_mut(&mut lifetime);
            r.lifetime = Some(lifetime);
            self.visit_type_mut(&mut r.elem);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new(&self.0.to_string(), lifetime.span());
            }
        }
    }
    let mut ty = ty.clone();
    Name(lifetime).visit_type_mut(&mut ty);
    ty
}

fn result_type(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    }
}
