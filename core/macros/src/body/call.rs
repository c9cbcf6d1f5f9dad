//! Calls: of closures bound by `let`, tuple structs, associated functions, and free `#[kernel_fn]` functions.

use super::shape::is_primitive;
use super::spans::span_of;
use super::{Body, Name, Tree, is_upper};
use crate::intrinsics;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, GenericArgument, PathArguments};

/// Traits of std and num-traits whose functions may be called by the type's name only.
const TRAITS: [&str; 12] =
    ["Default", "From", "Into", "Clone", "Ord", "PartialOrd", "Float", "Zero", "One", "Bounded", "Num", "Real"];

/// Up to how many type arguments core has an `Unmarked` for.
const MOST_UNMARKED: usize = 3;

impl Body {
    pub(super) fn call(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Call(call) = &mut *expr else { unreachable!("called for calls") };
        let span = span_of(&call.func);
        let mut function = &*call.func;
        loop {
            function = match function {
                Expr::Paren(p) => &p.expr,
                // `(*f)(x)` of a reference to a closure
                Expr::Unary(u) if matches!(u.op, syn::UnOp::Deref(_)) => &u.expr,
                _ => break,
            };
        }
        let Expr::Path(path) = function else {
            return self.refuse(span, "only functions and closures with a name can be called in kernels");
        };
        let path = path.clone();
        let Some(last) = path.path.segments.last().map(|s| s.ident.clone()) else {
            return self.refuse(span, "this call is not supported in kernels");
        };
        if self.is_itself(&path) {
            let message = format!(
                "recursion: `{last}` calls itself; devices have no stack: write a loop, with an array for a stack"
            );
            return self.refuse(span, message);
        }
        if is_from_fn(&path) && call.args.len() == 1 {
            return self.array_from_fn(expr, &path);
        }
        let arguments = self.given(&mut call.args);
        match super::expr::single(&path).and_then(|name| self.lookup(&name)) {
            Some(Name::Closure(local)) => {
                self.check_moved(local, span);
                return format!("E::CallLocal({local},&[{arguments}])");
            }
            Some(Name::Local(_) | Name::Chain(_)) => {
                return self.refuse(span, "functions in variables and parameters cannot be called in kernels");
            }
            None => {}
        }
        if super::pattern::is_of_option(&path.path, "Some") && call.args.len() == 1 {
            let (slot, ty) = self.type_slot(last.span());
            *expr = Expr::Verbatim(quote_spanned!(last.span()=> __lb::Tagged::__lb_pass(&#slot, #expr)));
            return format!("E::Some(&{},{ty})", arguments.trim_end_matches(','));
        }
        if is_upper(&last) {
            return self.tuple_struct(expr, &last, arguments);
        }
        if is_pointer_comparison(&path) && call.args.len() == 2 {
            return pointer_comparison(expr, &path, &arguments);
        }
        if let Some(name) = of_memory(&path, call.args.len()) {
            return self.of_memory(expr, &path, name, &arguments);
        }
        self.function_named(expr, path, &last, arguments)
    }

    /// A function that a path names; the expression is a call of it, or the path itself.
    pub(super) fn function_named(&mut self, expr: &mut Expr, path: ExprPath, last: &Ident, arguments: Tree) -> Tree {
        if is_associated(&path) {
            return self.associated(expr, &path, last, arguments);
        }
        self.free_function(expr, path, last, arguments)
    }

    /// Does the function call itself here?
    fn is_itself(&self, path: &ExprPath) -> bool {
        let Some((name, by_self)) = &self.function else { return false };
        let mut segments = path.path.segments.iter().rev();
        if path.qself.is_some() || segments.next().is_none_or(|last| last.ident != *name) {
            return false;
        }
        match segments.next() {
            None => !by_self && self.lookup(name).is_none(),
            Some(owner) => *by_self && owner.ident == "Self",
        }
    }

    /// `array::from_fn(|i| ..)`; the oracle makes sure that it is std's.
    fn array_from_fn(&mut self, expr: &mut Expr, path: &ExprPath) -> Tree {
        let Expr::Call(call) = &mut *expr else { unreachable!("called for calls") };
        let span = path.span();
        let Some(f) = call.args.first_mut() else { unreachable!("one argument") };
        let f = self.function(f, 1);
        *call.func = Expr::Verbatim(quote_spanned!(span=> __lb::one_function(#path, ::core::array::from_fn)));
        let (slot, row) = self.type_slot(span);
        *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#slot, #expr)));
        format!("E::ArrayFromFn(&{f},{row})")
    }

    fn tuple_struct(&mut self, expr: &mut Expr, name: &Ident, arguments: Tree) -> Tree {
        let (slot, ty) = self.type_slot(name.span());
        let of_std = name == "Ok" || name == "Err";
        *expr = Expr::Verbatim(match of_std {
            true => quote_spanned!(name.span()=> __lb::Tagged::__lb_pass(&#slot, #expr)),
            false => {
                quote_spanned!(name.span()=> __lb::Tagged::__lb_made(&#slot, #expr, ::core::option::Option::None))
            }
        });
        let name = name.unraw().to_string();
        format!("E::TupleStruct({name:?},&[{arguments}],{ty})")
    }

    /// `mem::swap(a, b)` and its kin; the oracle makes sure that it is std's, of what kernels may assign.
    fn of_memory(&mut self, expr: &mut Expr, path: &ExprPath, name: &str, arguments: &str) -> Tree {
        let span = path.span();
        let (std, ours) = (Ident::new(name, span), Ident::new(&format!("memory_{name}"), span));
        let (slot, ty) = self.type_slot(span);
        let function = Ident::new("__f", span);
        if let Expr::Call(call) = &mut *expr {
            *call.func = Expr::Verbatim(quote_spanned!(span=> __lb::#ours));
            call.args.insert(0, Expr::Verbatim(quote!(#function)));
        }
        *expr = Expr::Verbatim(quote_spanned! {span=>
            ({ let #function = #path; __lb::same_function(&#function, &::core::mem::#std); __lb::Tagged::__lb_pass(&#slot, #expr) })
        });
        format!("E::Memory({name:?},&[{arguments}],{ty})")
    }

    /// `Default::default()`; the oracle makes sure that it is std's, of what kernels know the `Default` of.
    fn default_of_context(&mut self, expr: &mut Expr, path: &ExprPath) -> Tree {
        let span = path.span();
        let (slot, row) = self.type_slot(span);
        let function = Ident::new("__f", span);
        *expr = Expr::Verbatim(quote_spanned! {span=>
            __lb::Tagged::__lb_pass(&#slot, __lb::Zeroed::checked({
                let #function = #path;
                __lb::same_function(&#function, &<_ as ::core::default::Default>::default);
                #function()
            }))
        });
        format!("E::Static(\"default\",{},&[],{row},{})", super::NONE, super::at(span))
    }

    /// `Type::name(..)`: the hidden sibling of `name` reads the instance off the function's own type.
    fn associated(&mut self, expr: &mut Expr, path: &ExprPath, last: &Ident, arguments: Tree) -> Tree {
        let span = last.span();
        let name = last.to_string();
        let owner = path.path.segments.iter().rev().nth(1);
        if let Some(owner) = owner
            && ["Box", "Vec", "String", "Rc", "Arc"].iter().any(|n| owner.ident == n)
        {
            let message = format!("`{}`: kernels do not allocate", owner.ident);
            return self.refuse(owner.ident.span(), message);
        }
        if let (Some(owner), Expr::Call(call)) = (owner, &*expr)
            && path.qself.is_none()
            && owner.ident == "Default"
            && call.args.is_empty()
        {
            return self.default_of_context(expr, path);
        }
        if let Some(owner) = owner
            && path.qself.is_none()
            && TRAITS.iter().any(|n| owner.ident == n)
        {
            let message = format!("name the type instead of the trait `{}`: `f32::{name}(..)`", owner.ident);
            return self.refuse(owner.ident.span(), message);
        }
        let mut sibling = path.clone();
        if let Some(qself) = &mut sibling.qself
            && owner.is_some_and(|o| TRAITS.iter().any(|n| o.ident == n))
        {
            // `<T as Float>::sqrt`: the sibling is not in that trait
            let tail = sibling.path.segments.last().cloned();
            sibling.path.segments.clear();
            sibling.path.leading_colon = Some(Default::default());
            sibling.path.segments.extend(tail);
            qself.position = 0;
            qself.as_token = None;
        }
        let Some(segment) = sibling.path.segments.last_mut() else {
            return self.refuse(span, "this call is not supported in kernels");
        };
        segment.ident = Ident::new(&intrinsics::associated_sibling(&name), span);
        if let PathArguments::AngleBracketed(turbofish) = &mut segment.arguments {
            if intrinsics::is_function(&name) {
                let span = turbofish.span();
                return self.refuse(
                    span,
                    "type arguments of this function are not supported in kernels: put them on the type",
                );
            }
            // of the function itself, which the sibling has behind the user's
            turbofish.args.push(GenericArgument::Type(syn::parse_quote!(_)));
        }
        let slot = self.slot(span);
        let converted = match &mut *expr {
            Expr::Call(call) if ["from", "try_from"].contains(&&*name) => call.args.first_mut(),
            _ => None,
        };
        let converted = converted.map(|argument| {
            let (slot, old) = (self.slot(span_of(argument)), &*argument);
            *argument = Expr::Verbatim(quote_spanned!(argument.span()=> __lb::Tagged::__lb_pass(&#slot, #old)));
            slot
        });
        let callee = self.callee(match &*name {
            "from" if let Some(from) = converted => {
                quote_spanned!(span=> __lb::Associated::callee(#sibling(&#slot).__lb_from(&#from)))
            }
            "try_from" if let Some(from) = converted => {
                quote_spanned!(span=> __lb::Associated::callee(#sibling(&#slot).__lb_try_from(&#from)))
            }
            "clone" => quote_spanned!(span=> #sibling(&#slot).__lb_value()),
            name if intrinsics::is_function(name) => {
                quote_spanned!(span=> __lb::Associated::callee(#sibling(&#slot).__lb_known()))
            }
            _ => quote_spanned!(span=> #sibling(&#slot)),
        });
        let at = super::at(span);
        let call = call_through(expr, path, &slot, last);
        let ty = if intrinsics::BY_CONTEXT.contains(&&*name) {
            let (result, row) = self.type_slot(span);
            *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#result, #call)));
            row
        } else {
            *expr = Expr::Verbatim(call);
            super::NONE
        };
        format!("E::Static({name:?},{callee},&[{arguments}],{ty},{at})")
    }

    /// `value.into()`, `value.try_into()`: `from` and `try_from` of the type that is wanted.
    pub(super) fn converted(&mut self, expr: &mut Expr) -> Tree {
        let Expr::MethodCall(call) = &mut *expr else { unreachable!("called for method calls") };
        let (span, from) = (call.method.span(), self.slot(span_of(&call.receiver)));
        if matches!(&*call.receiver, Expr::Index(i) if matches!(*i.index, Expr::Range(_))) {
            // as the method call does it to what has no size
            let part = &call.receiver;
            *call.receiver = syn::parse_quote!(&#part);
        }
        let tree = self.expr(&mut call.receiver);
        let value = &call.receiver;
        *call.receiver = Expr::Verbatim(quote_spanned!(value.span()=> __lb::Tagged::__lb_pass(&#from, #value)));
        let (result, row) = self.type_slot(span);
        let (name, callee) = match call.method == "into" {
            true => ("from", quote_spanned!(span=> __lb::conversion(&#from, &#result).__lb_convert())),
            false => {
                ("try_from", quote_spanned!(span=> __lb::conversion_that_may_fail(&#from, &#result).__lb_try_convert()))
            }
        };
        let callee = self.callee(callee);
        let checked = match name {
            // A user's method of that name comes before the trait's. (Of type parameters bounds like `T: Into<f64>` decide.)
            "from" if !self.generic => {
                let (value, call) = (Ident::new("__r", span), &mut *expr);
                let Expr::MethodCall(call) = call else { unreachable!("as above") };
                let receiver = std::mem::replace(&mut *call.receiver, syn::parse_quote!(#value));
                quote_spanned!(span=> { let #value = #receiver; __lb::IntoOfStd::checked(#call); #call })
            }
            _ => expr.to_token_stream(),
        };
        *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#result, #checked)));
        format!("E::Static({name:?},{callee},&[{tree}],{row},{})", super::at(span))
    }

    /// `name(..)`: the type of the same name that `#[kernel_fn]` has put beside the function knows its tree.
    ///
    /// The path is imported under another name into a block where a glob import brings `Unmarked` by that name. An import
    /// comes before a glob, but only where there is something to import: without `#[kernel_fn]` there is a function and no
    /// type, so the type is `Unmarked`, whose message says so. (Written as a type, `name` would be "expected type, found
    /// function".)
    fn free_function(&mut self, expr: &mut Expr, path: ExprPath, last: &Ident, arguments: Tree) -> Tree {
        let span = last.span();
        if let Some(first) = path.path.segments.first()
            && path.path.segments.len() > 1
            && ["std", "core", "alloc"].iter().any(|n| first.ident == n)
        {
            return self.refuse(
                first.ident.span(),
                "free functions of std are not supported in kernels: use the method, or an assignment",
            );
        }
        let slot = match &*expr {
            Expr::Call(call) if call.args.iter().any(has_closure) => self.slot_at(span),
            _ => self.slot(span),
        };
        let mut marker = path.path.clone();
        let (mut generics, mut unmarked) = (TokenStream::new(), "unmarked".to_string());
        if let Some(segment) = marker.segments.last_mut()
            && let PathArguments::AngleBracketed(turbofish) = &segment.arguments
        {
            let types: Vec<_> = turbofish.args.iter().filter(|a| !matches!(a, GenericArgument::Lifetime(_))).collect();
            generics = quote_spanned!(span=> ::<#(#types,)* _>);
            unmarked = format!("unmarked{}", types.len().min(MOST_UNMARKED));
            segment.arguments = PathArguments::None;
        }
        let unmarked = Ident::new(&unmarked, span);
        let callee = self.callee(quote_spanned! {span=>
            { use __lb::#unmarked::*; use #marker as Unmarked; __lb::MarkedFunction::callee(<Unmarked>::__of #generics(&#slot)) }
        });
        // Imported here too: where there is no such function rustc says so in the words that it has for the import above.
        let imported = Ident::new("__g", span);
        let mut local = path;
        if let Some(segment) = local.path.segments.last_mut() {
            let own = syn::PathSegment { ident: imported.clone(), arguments: segment.arguments.clone() };
            local.path = own.into();
        }
        let call = call_through(expr, &local, &slot, last);
        *expr = Expr::Verbatim(quote_spanned!(span=> ({ use #marker as #imported; #call })));
        format!("E::Call({callee},&[{arguments}])")
    }
}

/// The same call (or the function itself), after a look at the function's own type.
fn call_through(expr: &mut Expr, path: &ExprPath, slot: &Ident, name: &Ident) -> TokenStream {
    let function = Ident::new("__f", name.span());
    let span = name.span();
    match expr {
        Expr::Call(call) if !call.args.iter().any(has_closure) => *call.func = Expr::Verbatim(quote!(#function)),
        Expr::Call(call) => {
            *call.func = Expr::Verbatim(quote_spanned!(span=> #slot.through(#path)));
            return quote!(#expr);
        }
        _ => return quote_spanned!(span=> #slot.through(#path)),
    }
    quote_spanned!(name.span()=> ({ let #function = #path; #slot.function(&#function); #expr }))
}

/// Is it a closure that is written out, or a reference to one?
fn has_closure(argument: &Expr) -> bool {
    match argument {
        Expr::Closure(_) => true,
        Expr::Reference(r) => has_closure(&r.expr),
        Expr::Paren(p) => has_closure(&p.expr),
        _ => false,
    }
}

/// Does the path name something inside a type or trait?
pub(super) fn is_associated(path: &ExprPath) -> bool {
    let owner = path.path.segments.iter().rev().nth(1);
    path.qself.is_some() || owner.is_some_and(|o| is_upper(&o.ident) || is_primitive(&o.ident))
}

/// Is it `array::from_fn`, as far as its form tells?
fn is_from_fn(path: &ExprPath) -> bool {
    let mut names = path.path.segments.iter().rev().map(|s| &s.ident);
    path.qself.is_none() && names.next().is_some_and(|n| n == "from_fn") && names.next().is_some_and(|n| n == "array")
}

/// The function of `std::mem`, as far as its form tells.
fn of_memory(path: &ExprPath, arguments: usize) -> Option<&'static str> {
    let mut names = path.path.segments.iter().rev().map(|s| &s.ident);
    let (name, module) = (names.next()?, names.next()?);
    let known = [("swap", 2), ("replace", 2), ("take", 1)].into_iter().find(|known| name == known.0)?;
    (path.qself.is_none() && module == "mem" && known.1 == arguments).then_some(known.0)
}

/// Is it `ptr::eq`, as far as its form tells?
fn is_pointer_comparison(path: &ExprPath) -> bool {
    let mut names = path.path.segments.iter().rev().map(|s| &s.ident);
    path.qself.is_none() && names.next().is_some_and(|n| n == "eq") && names.next().is_some_and(|n| n == "ptr")
}

/// `ptr::eq(a, b)`; the oracle makes sure that it is std's.
fn pointer_comparison(expr: &mut Expr, path: &ExprPath, arguments: &str) -> Tree {
    let span = path.span();
    let function = Ident::new("__f", span);
    if let Expr::Call(call) = &mut *expr {
        *call.func = Expr::Verbatim(quote!(#function));
    }
    *expr = Expr::Verbatim(quote_spanned! {span=>
        ({ let #function = #path; __lb::same_function(&#function, &::core::ptr::eq); #expr })
    });
    format!("E::Same(&[{arguments}])")
}
