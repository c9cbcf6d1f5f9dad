//! Parameters that are closures: `f: impl Fn(f32) -> f32`, `F: FnMut(u32)`, `&dyn Fn(u32) -> u32`, `fn(f32) -> f32`.
//!
//! Core lowers a function that has such in place, wherever it is called, so that its tree does not depend on what they are. Its
//! builder therefore sees `fn(f32) -> f32` where the user wrote a type parameter for a closure: a type that may be called, copied
//! and passed on to whatever takes a closure.

use proc_macro2::{Ident, Span};
use std::collections::HashMap;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{
    Block, FnArg, GenericParam, Lifetime, PathArguments, ReturnType, Signature, TraitBound, Type, TypeFnPtr, TypeParam,
    TypeParamBound, WherePredicate,
};

/// What the types of a parameter's own parameters are, and of what it gives.
pub(crate) struct Callable {
    pub(crate) inputs: Vec<Type>,
    pub(crate) output: Option<Type>,
}

/// A function as its builder sees it.
pub(crate) struct Seen {
    /// As the user wrote it, with a name for each `impl Trait`.
    pub(crate) open: Signature,
    /// Without type parameters for closures.
    pub(crate) sig: Signature,
    pub(crate) block: Option<Block>,
}

impl Seen {
    pub(crate) fn new(sig: &Signature, block: Option<&Block>) -> Seen {
        let mut open = sig.clone();
        name_impls(&mut open);
        let mut closures = Closures(HashMap::new());
        for parameter in open.generics.type_params() {
            closures.note(&parameter.ident, &parameter.bounds);
        }
        for predicate in open.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            if let WherePredicate::Type(p) = predicate
                && let Some(name) = name_of(&p.bounded_ty)
            {
                closures.note(name, &p.bounds);
            }
        }
        let (mut seen, mut block) = (open.clone(), block.cloned());
        if !closures.0.is_empty() {
            closures.take_out(&mut seen);
            block.iter_mut().for_each(|block| closures.visit_block_mut(block));
        }
        Seen { open, sig: seen, block }
    }
}

/// What may be called, if the type is that of a closure or function.
pub(crate) fn callable(ty: &Type) -> Option<Callable> {
    let plain = |inputs: Vec<Type>, output: &ReturnType| {
        let mut unnamed = Unnamed;
        let mut inputs = inputs;
        inputs.iter_mut().for_each(|ty| unnamed.visit_type_mut(ty));
        let output = match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => {
                let mut ty = (**ty).clone();
                unnamed.visit_type_mut(&mut ty);
                Some(ty)
            }
        };
        Callable { inputs, output }
    };
    match ty {
        Type::Paren(p) => callable(&p.elem),
        Type::Group(g) => callable(&g.elem),
        Type::Reference(r) => callable(&r.elem),
        Type::FnPtr(f) => Some(plain(f.inputs.iter().map(|i| i.ty.clone()).collect(), &f.output)),
        Type::TraitObject(o) => callable(&Type::FnPtr(pointer(&o.bounds)?)),
        _ => None,
    }
}

/// Is it `impl Fn(..)`?
pub(crate) fn is_closure(ty: &syn::TypeImplTrait) -> bool {
    pointer(&ty.bounds).is_some()
}

/// `fn(A) -> B` for `Fn(A) -> B`.
fn pointer(bounds: &Punctuated<TypeParamBound, syn::Token![+]>) -> Option<TypeFnPtr> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => pointer_of(bound),
        _ => None,
    })
}

fn pointer_of(bound: &TraitBound) -> Option<TypeFnPtr> {
    let last = bound.path.segments.last()?;
    if !["Fn", "FnMut", "FnOnce"].iter().any(|name| last.ident == name) {
        return None;
    }
    let PathArguments::Parenthesized(arguments) = &last.arguments else { return None };
    Some(TypeFnPtr {
        attrs: vec![],
        lifetimes: bound.lifetimes.clone(),
        unsafety: None,
        abi: None,
        fn_token: syn::Token![fn](last.ident.span()),
        paren_token: arguments.paren_token,
        inputs: arguments.inputs.clone(),
        variadic: None,
        output: arguments.output.clone(),
    })
}

/// Type parameters that stand for closures, and what the builder has in their place.
struct Closures(HashMap<Ident, TypeFnPtr>);

impl Closures {
    fn note(&mut self, name: &Ident, bounds: &Punctuated<TypeParamBound, syn::Token![+]>) {
        if let Some(pointer) = pointer(bounds) {
            self.0.insert(name.clone(), pointer);
        }
    }

    fn take_out(&mut self, sig: &mut Signature) {
        let parameters = std::mem::take(&mut sig.generics.params);
        let kept = |p: &GenericParam| !matches!(p, GenericParam::Type(t) if self.0.contains_key(&t.ident));
        sig.generics.params = parameters.into_iter().filter(kept).collect();
        if let Some(clause) = &mut sig.generics.where_clause {
            let predicates = std::mem::take(&mut clause.predicates);
            let of_closure = |p: &WherePredicate| match p {
                WherePredicate::Type(p) => name_of(&p.bounded_ty).is_some_and(|name| self.0.contains_key(name)),
                _ => false,
            };
            clause.predicates = predicates.into_iter().filter(|p| !of_closure(p)).collect();
        }
        self.visit_signature_mut(sig);
    }
}

impl VisitMut for Closures {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match name_of(ty).and_then(|name| self.0.get(name)) {
            Some(pointer) => *ty = Type::FnPtr(pointer.clone()),
            None => syn::visit_mut::visit_type_mut(self, ty),
        }
    }
}

/// Lifetimes of `for<'a> Fn(&'a T)` have no meaning outside.
struct Unnamed;

impl VisitMut for Unnamed {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        *lifetime = Lifetime::new("'_", lifetime.span());
    }
}

fn name_of(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(p) if p.qself.is_none() => p.path.get_ident(),
        Type::Paren(p) => name_of(&p.elem),
        Type::Group(g) => name_of(&g.elem),
        _ => None,
    }
}

/// Each `impl Trait` becomes a type parameter behind the user's own.
fn name_impls(sig: &mut Signature) {
    struct Names(Vec<TypeParam>);
    impl VisitMut for Names {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            syn::visit_mut::visit_type_mut(self, ty);
            if let Type::ImplTrait(of) = ty {
                let name = Ident::new(&format!("__Impl{}", self.0.len()), Span::call_site().located_at(of.span()));
                self.0.push(TypeParam {
                    attrs: vec![],
                    ident: name.clone(),
                    colon_token: Some(Default::default()),
                    bounds: of.bounds.clone(),
                    default: None,
                });
                *ty = Type::Path(syn::TypePath { attrs: vec![], qself: None, path: name.into() });
            }
        }
    }
    let mut names = Names(vec![]);
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input {
            names.visit_type_mut(&mut typed.ty);
        }
    }
    sig.generics.params.extend(names.0.into_iter().map(GenericParam::Type));
}
