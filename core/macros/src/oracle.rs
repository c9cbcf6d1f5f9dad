//! Puts together the function that builds a `FunctionTree`: slots, the oracle (never run, never borrow-checked, since
//! all of it follows a call that does not return), the constant tree, and the tables.

use crate::body::{Body, Exact, Shape, Tree, UNIT, oracle_name};
use crate::callables::callable;
use crate::checked::checked;
use crate::diagnostics::Errors;
use crate::intrinsics;
use crate::patterns;
use crate::rules::{self, Begun, Known, Part};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use std::fmt::Write;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, FnArg, GenericParam, Generics, Item, Pat, ReceiverKind, ReturnType, Signature, Stmt, Type};

/// What generated items allow: they contain the user's tokens a second time, and warnings are due once.
pub(crate) fn allow() -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(unused, overflowing_literals, nonstandard_style, missing_docs, unreachable_pub, private_interfaces,
            private_bounds, missing_debug_implementations, missing_copy_implementations, unconditional_recursion,
            clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
    }
}

/// `self` as the oracle binds it: its name and its type.
fn receiver_type(kind: &ReceiverKind) -> TokenStream {
    match kind {
        ReceiverKind::Reference(_, lifetime, exclusive) => quote!(&#lifetime #exclusive Self),
        ReceiverKind::Typed(_, ty) => ty.to_token_stream(),
        _ => quote!(Self),
    }
}

/// Types of the parameters in order, `self` included.
pub(crate) fn parameter_types(sig: &Signature) -> Vec<TokenStream> {
    let ty = |input: &FnArg| match input {
        FnArg::Receiver(r) => receiver_type(&r.kind),
        FnArg::Typed(p) => p.ty.to_token_stream(),
    };
    sig.inputs.iter().map(ty).collect()
}

fn result_type(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}

/// The same where `?` may leave the function with it; else `()`, and rustc says what is wrong.
fn left_with(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Type(_, ty) if matches!(&**ty, Type::Path(_)) && Shape::of_type(ty) == Shape::Unknown => {
            ty.to_token_stream()
        }
        _ => quote!(()),
    }
}

/// Refuses what a kernel function's signature may not have.
pub(crate) fn check_signature(sig: &Signature, errors: &mut Errors) {
    if let Some(t) = &sig.asyncness {
        errors.add(t.span(), "a kernel function cannot be `async`");
    }
    if let syn::Safety::Unsafe(t) = &sig.safety {
        errors.add(t.span(), "a kernel function cannot be `unsafe`");
    }
    if let Some(t) = &sig.abi {
        errors.add(t.span(), "a kernel function has Rust's own calling convention");
    }
    if let Some(t) = &sig.variadic {
        errors.add(t.span(), "a kernel function cannot be variadic");
    }
    for input in &sig.inputs {
        if let FnArg::Typed(p) = input
            && let Type::ImplTrait(t) = &*p.ty
        {
            errors.add(t.span(), "`impl Trait` is not supported in kernels: name a type parameter");
        }
    }
    if let ReturnType::Type(_, ty) = &sig.output {
        match &**ty {
            Type::ImplTrait(t) => errors.add(t.span(), "a kernel function names the type of its result"),
            Type::Never(t) => errors.add(t.span(), "`!` is not supported in kernels: return a value"),
            _ => {}
        }
    }
}

/// Where the walk of a function starts.
pub(crate) struct Function<'a> {
    pub(crate) sig: &'a Signature,
    pub(crate) block: Block,
    /// The roles of the parameters, as `ast::tree` reads them; empty for all but entry kernels.
    pub(crate) roles: String,
    /// Whether the function is inside an `impl` or `trait`, so that instances differ by `Self` too.
    pub(crate) has_self: bool,
    /// The builder's name inside of itself.
    pub(crate) own: TokenStream,
}

impl Function<'_> {
    /// The statements of the builder, whose value is the `FunctionTree`; and the errors.
    pub(crate) fn build(self, private: &TokenStream) -> (TokenStream, TokenStream) {
        self.build_knowing(private, &Known::default())
    }

    /// The same with what macros outside of the function have told.
    pub(crate) fn build_knowing(mut self, private: &TokenStream, known: &Known) -> (TokenStream, TokenStream) {
        let mut body = Body::new(false);
        body.generic = self.has_self || self.sig.generics.type_params().next().is_some();
        body.type_parameters = self.sig.generics.type_params().map(|parameter| parameter.ident.clone()).collect();
        body.entry = !self.roles.is_empty();
        body.function = Some((self.sig.ident.clone(), self.has_self));
        if !body.entry {
            check_signature(self.sig, &mut body.errors);
        }
        let (mut names, mut ids) = (vec![], vec![]);
        let types = parameter_types(self.sig);
        for (input, ty) in self.sig.inputs.iter().zip(&types) {
            if let FnArg::Typed(p) = input
                && let (Some(callable), Pat::Ident(i)) = (callable(&p.ty), &*p.pat)
            {
                ids.push(body.declare_callable(&i.ident, &callable));
                names.push(oracle_name(&i.ident));
                continue;
            }
            let (ident, span, shape, exact) = match input {
                FnArg::Receiver(r) => (Ident::new("self", r.self_token.span), r.self_token.span, Shape::Unknown, None),
                FnArg::Typed(p) => {
                    (patterns::name(&p.pat), p.ty.span(), body.shape_of_type(&p.ty), Exact::of_type(&p.ty))
                }
            };
            let id = match input {
                FnArg::Typed(p) => body.declare_typed(&ident, &p.ty),
                FnArg::Receiver(_) => body.declare_receiver(&ident, ty, span),
            };
            body.set_shape(id, shape);
            body.set_exact(id, exact);
            ids.push(id);
            names.push(oracle_name(&ident));
        }
        if rules::has_own(&self.block)
            && let Some(asked) = self.expand(&names, known, private, &mut body.errors)
        {
            return (asked, TokenStream::new());
        }
        body.result = left_with(&self.sig.output);
        let in_unit = ends_in_unit(&self.block);
        let instance = self.instance();
        let mut oracle = patterns::body(self.sig, self.block);
        let tree = body.block(&mut oracle);
        let result_type = match &self.sig.output {
            ReturnType::Type(_, ty) if !self.has_self => {
                checked(ty, &self.sig.generics, &quote!(__lb)).into_token_stream()
            }
            output => result_type(output),
        };
        let types = self.sig.inputs.iter().zip(types).map(|(input, ty)| match input {
            FnArg::Typed(p) if !self.has_self && self.roles.is_empty() => {
                checked(&p.ty, &self.sig.generics, &quote!(__lb)).into_token_stream()
            }
            _ => ty,
        });
        let result = match &self.sig.output {
            ReturnType::Default => UNIT,
            ReturnType::Type(_, ty) => body.written_type(ty),
        };
        let inline = !body.leaves && matches!(self.sig.output, ReturnType::Default) && in_unit;
        let oracle = match asks(&body, &oracle) {
            true => {
                let copy = oracle.to_token_stream();
                let copy = quote! {
                    let (#(mut #names,)*): (#(#types,)*) = __lb::never();
                    #copy
                };
                // rustc does more for a closure; one is needed where something is returned
                if inline { quote!(if false { #copy }) } else { quote!(let _ = || -> #result_type { #copy };) }
            }
            false => TokenStream::new(),
        };
        finish(
            body,
            private,
            Finish { name: &self.sig.ident, oracle, tree, ids: &ids, result, roles: &self.roles, instance },
        )
    }
}

impl Function<'_> {
    /// Expands the user's own macros; what asks one of them for its rules, if that is needed.
    fn expand(
        &mut self,
        names: &[Ident],
        known: &Known,
        private: &TokenStream,
        errors: &mut Errors,
    ) -> Option<TokenStream> {
        let (names, written) = (names.iter().map(|n| n.to_string()).collect::<Vec<_>>(), self.block.clone());
        let uses: Vec<_> =
            { written.stmts.iter() }.filter(|s| matches!(s, Stmt::Item(Item::Use(_)))).cloned().collect();
        let unknown = rules::expand(Part::Block(&mut self.block), &names, known, errors)?;
        let (roles, own) = (std::mem::take(&mut self.roles), self.own.clone());
        let sig = Box::new(self.sig.clone());
        let begun = Begun::Function { sig, block: written, roles, has_self: self.has_self, own };
        let asked = rules::ask(&unknown, &begun, known, private);
        Some(quote!(#(#uses)* let __tree = #asked; __tree))
    }

    /// The `TypeId` expression that tells instances apart.
    fn instance(&self) -> TokenStream {
        if self.has_self || !generic_arguments(&self.sig.generics).is_empty() {
            return instance(&self.sig.generics, self.has_self);
        }
        let own = &self.own;
        quote!(__lb::only_instance(&#own))
    }
}

/// Is rustc asked anything in the oracle? Otherwise the user's own function says it all.
fn asks(body: &Body, oracle: &Block) -> bool {
    struct Asked(bool);
    impl<'ast> Visit<'ast> for Asked {
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.0 |= matches!(e, Expr::Verbatim(_));
            if !self.0 {
                visit::visit_expr(self, e);
            }
        }
    }
    let mut asked = Asked(!body.slots.is_empty());
    if !asked.0 {
        asked.visit_block(oracle);
    }
    asked.0
}

/// Is the block's value `()` by its form?
fn ends_in_unit(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(Expr::ForLoop(_) | Expr::While(_) | Expr::Assign(_), None)) => true,
        Some(Stmt::Expr(Expr::If(e), None)) => e.else_branch.is_none() && ends_in_unit(&e.then_branch),
        Some(Stmt::Expr(_, semicolon)) => semicolon.is_some(),
        Some(Stmt::Macro(m)) => m.semi_token.is_some(),
        _ => true,
    }
}

/// Of a generic function; `__Function` is an item of the builder.
fn instance(generics: &Generics, has_self: bool) -> TokenStream {
    let own = has_self.then(|| quote!(<Self as __lb::Tagged>::Erased,));
    let parameters = generics.params.iter().filter_map(|p| match p {
        GenericParam::Type(t) => {
            let name = &t.ident;
            Some(quote!(<#name as __lb::Tagged>::Erased))
        }
        GenericParam::Const(c) => {
            let (name, ty) = (&c.ident, c.ty.to_token_stream().to_string());
            let constant = match &*ty {
                "bool" | "usize" | "u8" | "u16" | "u32" | "u64" | "isize" | "i8" | "i16" | "i32" | "i64" => {
                    format_ident!("Const_{ty}")
                }
                _ => format_ident!("Const_unsupported"),
            };
            Some(quote!(__lb::#constant<#name>))
        }
        GenericParam::Lifetime(_) => None,
    });
    quote!({ enum __Function {} __lb::instance::<(__Function, (#own #(#parameters,)*))>() })
}

/// What the end of a builder is made of.
pub(crate) struct Finish<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) oracle: TokenStream,
    pub(crate) tree: Tree,
    pub(crate) ids: &'a [u16],
    pub(crate) result: u16,
    pub(crate) roles: &'a str,
    pub(crate) instance: TokenStream,
}

/// The two halves of a builder: statements that find types out, and the expression of the `FunctionTree`.
pub(crate) struct Halves {
    pub(crate) oracle: TokenStream,
    pub(crate) tree: TokenStream,
}

/// The builder's statements; and the errors, in which case there is no tree.
fn finish(body: Body, private: &TokenStream, parts: Finish<'_>) -> (TokenStream, TokenStream) {
    match halves(body, private, parts) {
        Ok(Halves { oracle, tree }) => (quote!(#oracle #tree), TokenStream::new()),
        Err(errors) => (quote!(::core::unreachable!()), errors),
    }
}

/// See [`Halves`]; or the errors.
pub(crate) fn halves(body: Body, private: &TokenStream, parts: Finish<'_>) -> Result<Halves, TokenStream> {
    if !body.errors.is_empty() {
        return Err(body.errors.into_tokens());
    }
    let Finish { name, oracle, tree, ids, result, roles, instance } = parts;
    let slots = &body.slots;
    let fallbacks = body.user_methods.iter().enumerate().map(|(k, method)| {
        let (name, sibling) = (format_ident!("__F{k}"), format_ident!("{}", intrinsics::sibling(method)));
        quote! {
            trait #name { fn #sibling(&mut self) -> __lb::NotAKernelFunction { __lb::never() } }
            impl<T> #name for T {}
        }
    });
    let probes = probes(&body);
    let functions = body.functions.iter().map(|f| crate::kernel_fn::free(f, f.to_token_stream(), private));
    let (items, types, callees, constants) = (&body.items, &body.types, &body.callees, &body.constants);
    let text = text(&body, name, ids, result, roles, &tree);
    let asked = !oracle.is_empty();
    let methods = asked.then(|| {
        quote!(
            use __lb::looked_up::*;
        )
    });
    let oracle = quote! {
        use #private as __lb;
        #methods
        #(let #slots = __lb::Slot::Asked;)*
        {
            #(#fallbacks)*
            #oracle
            #probes
        }
    };
    let parameters = body.entry.then(|| {
        quote!(
            use __lb::NoParameter as _;
        )
    });
    let tree = quote! {
        #parameters
        #(#items)*
        #(#functions)*
        __lb::tree(
            #text, ::core::file!(), ::core::cfg!(debug_assertions), #instance,
            &[#(#types),*], &[#(#callees),*], &[#(#constants),*],
        )
    };
    Ok(Halves { oracle, tree })
}

/// What rustc need not see of a function, as `ast::tree` reads it.
fn text(body: &Body, name: &Ident, ids: &[u16], result: u16, roles: &str, tree: &str) -> String {
    let mut text = format!("{:?},{},&[", name.unraw().to_string(), crate::body::at(name.span()));
    let _ = ids.iter().try_for_each(|id| write!(text, "{id},"));
    text.push_str("],&[");
    for (local, inputs, output) in &body.closures_taken {
        let _ = write!(text, "({local},&{inputs:?},{output}),");
    }
    text.push_str("],&[");
    let _ = body.locals.iter().try_for_each(|(name, ty)| write!(text, "({name:?},{ty}),"));
    let _ = write!(text, "],{result},&[{roles}],");
    text.push_str(tree);
    text
}

/// Looks at what operators are, where all types of the body are known as far as they will be. Never runs either.
fn probes(body: &Body) -> TokenStream {
    if body.probes.is_empty() {
        return TokenStream::new();
    }
    let probes = &body.probes;
    quote! {
        if false {
            use __lb::{Abstract as _, Concrete as _};
            __lb::never();
            #probes
        }
    }
}

/// Names of the type and const parameters, as arguments.
pub(crate) fn generic_arguments(generics: &Generics) -> Vec<Ident> {
    let name = |p: &GenericParam| match p {
        GenericParam::Type(t) => Some(t.ident.clone()),
        GenericParam::Const(c) => Some(c.ident.clone()),
        GenericParam::Lifetime(_) => None,
    };
    generics.params.iter().filter_map(name).collect()
}

/// A `Span` for generated names that nobody sees.
pub(crate) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
