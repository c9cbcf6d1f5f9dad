//! Method calls.

use super::shape::Shape;
use super::spans::span_of;
use super::{Body, NONE, Tree, at};
use crate::diagnostics::Advice;
use crate::kernel_fn::MOST_LINKED;
use crate::{chains, intrinsics};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall, Token};

impl Body {
    /// `receiver.name(..)`: beside the call the oracle calls the hidden sibling of `name`, which is found by the same
    /// rules; its result tells the callee.
    pub(super) fn method_call(&mut self, expr: &mut Expr) -> Tree {
        let Expr::MethodCall(call) = &mut *expr else { unreachable!("called for method calls") };
        let (name, span) = (call.method.to_string(), call.method.span());
        if self.is_chain(call) {
            return self.chain(expr);
        }
        let advice = match Advice::on(&name) {
            // of an `Option`, not of an iterator
            Some(Advice::Iterators) if name == "take" && call.args.is_empty() => Some(Advice::Options),
            advice => advice,
        };
        if chains::is_source(&name, call.args.len()) && name != "into_iter"
            || self.is_iterator(&call.receiver) && !self.is_range_method(&call.receiver, &name)
        {
            return self.refuse(span, not_at_once(&name));
        }
        if let Some(turbofish) = &call.turbofish
            && intrinsics::is_method(&name)
        {
            let span = turbofish.span();
            return self.refuse(span, "type arguments of a method are not supported in kernels");
        }
        if ["into", "try_into"].contains(&&*name) && call.args.is_empty() {
            return self.converted(expr);
        }
        if self.exact_method(call).is_some() {
            let receiver = self.expr(&mut call.receiver);
            let (arguments, callee, at) = (self.expressions(&mut call.args), self.intrinsic(), at(span));
            return format!("E::Method(&{receiver},{name:?},{callee},&[{arguments}],{NONE},{at})");
        }
        let fills = name == "fill" && self.shape(&call.receiver).element() != Shape::Number;
        let receiver_span = span_of(&call.receiver);
        let receiver = self.expr(&mut call.receiver);
        let message = message(&name, call);
        let arguments = match message {
            Some(_) => Tree::new(),
            None => self.method_arguments(&name, &mut call.args),
        };
        let moves = matches!(
            (&*name, call.args.len()),
            ("take", 0) | ("replace" | "insert" | "get_or_insert" | "get_or_insert_with" | "take_if", 1)
        );
        let filled = call.args.first_mut().filter(|_| fills).map(filled);
        if !intrinsics::is_method(&name) {
            self.user_methods.insert(name.clone());
        }
        let slot = self.slot(span);
        let callee = self.callee(quote!(__lb::resolved(&#slot)));
        let sibling = Ident::new(&intrinsics::sibling(&name), span);
        let value = Ident::new("__r", receiver_span); // one span, so that all its uses have the same hygiene
        let turbofish = &call.turbofish;
        let probe = quote_spanned!(span=> __lb::KernelReceiver::__lb_base(#value).#sibling #turbofish ());
        let linked = self.linked(&name, call);
        let place = Expr::Verbatim(quote_spanned!(receiver_span=> (*#value)));
        let receiver_expr = std::mem::replace(&mut *call.receiver, place);
        let (ty, call) = if intrinsics::BY_CONTEXT.contains(&&*name) {
            let (result, row) = self.type_slot(span);
            let call = match &*name {
                "unwrap_or_default" => quote_spanned!(span=> __lb::Zeroed::checked(#call)),
                _ => call.to_token_stream(),
            };
            (row, quote_spanned!(span=> __lb::Tagged::__lb_pass(&#result, #call)))
        } else if name == "clone" {
            (NONE, quote_spanned!(span=> __lb::OwnsNothing::cloned(#call)))
        } else {
            (NONE, call.to_token_stream())
        };
        if let Some(linked) = linked {
            // what is found goes to a variable, through which the arguments have been passed
            let note = quote_spanned!(span=> __lb::KernelFunction::linked(&#slot, &#linked));
            *expr = Expr::Verbatim(quote!(({ let #value = &#receiver_expr; let #linked = #probe; #note; #call })));
            let at = at(span);
            return format!("E::Method(&{receiver},{name:?},{callee},&[{arguments}],{ty},{at})");
        }
        let check = Ident::new(advice.map_or("KernelFunction", Advice::check), span);
        let mut probe = quote_spanned!(span=> __lb::#check::noted(&#slot, #probe));
        if moves {
            // what owns memory is not moved out of
            probe =
                quote_spanned!(span=> #probe; __lb::Assigned::__lb_assigned(__lb::KernelReceiver::__lb_base(#value)));
        }
        *expr = Expr::Verbatim(quote!(({ let #value = &#receiver_expr; #probe; #filled #call })));
        let at = at(span);
        if let Some(message) = message {
            let side = if name == "expect" { "Expect" } else { "ExpectErr" };
            return format!("E::{side}(&{receiver},{message:?},{at})");
        }
        format!("E::Method(&{receiver},{name:?},{callee},&[{arguments}],{ty},{at})")
    }
}

impl Body {
    /// Passes the arguments of a user's method through what its sibling has returned, which may have type parameters that they
    /// tell; the variable for that.
    fn linked(&mut self, name: &str, call: &mut ExprMethodCall) -> Option<Ident> {
        if intrinsics::is_method(name) || call.args.is_empty() || call.args.len() > MOST_LINKED {
            return None;
        }
        let linked = Ident::new("__m", call.method.span());
        for (k, argument) in call.args.iter_mut().enumerate() {
            if !self.is_closure(argument) && !matches!(argument, Expr::Verbatim(_)) {
                let (span, pass) = (argument.span(), Ident::new(&format!("a{k}"), call.method.span()));
                *argument = Expr::Verbatim(quote_spanned!(span=> #linked.#pass(#argument)));
            }
        }
        Some(linked)
    }

    /// Is it a method of a range, rather than of an iterator?
    fn is_range_method(&self, receiver: &Expr, name: &str) -> bool {
        let mut plain = receiver;
        while let Expr::Paren(p) = plain {
            plain = &p.expr;
        }
        (matches!(plain, Expr::Range(_)) || self.shape(plain) == Shape::Range)
            && ["contains", "len", "is_empty", "start", "end", "clone"].contains(&name)
    }

    /// Is the argument of `then` a function, of a `bool`, as far as its form tells? An `Ordering` has one that takes another.
    fn is_callable(&self, argument: &Expr) -> bool {
        match argument {
            Expr::Paren(p) => self.is_callable(&p.expr),
            Expr::Closure(_) => true,
            Expr::Path(path) => match super::expr::single(path).and_then(|name| self.lookup(&name)) {
                Some(name) => matches!(name, super::Name::Closure(_)),
                None => path.path.segments.last().is_some_and(|last| !super::is_upper(&last.ident)),
            },
            _ => false,
        }
    }

    /// Arguments of a method; some of std's take closures.
    fn method_arguments(&mut self, name: &str, list: &mut Punctuated<Expr, Token![,]>) -> Tree {
        let closures = intrinsics::closures_of(name);
        let mut trees = Tree::new();
        for (k, argument) in list.iter_mut().enumerate() {
            let tree = match closures.get(k) {
                Some(Some(arity)) if name == "sort_unstable_by_key" => self.typed_function(argument, *arity, true),
                Some(Some(arity)) if name != "then" || self.is_callable(argument) => self.function(argument, *arity),
                _ => self.argument(argument),
            };
            trees.push_str(&format!("{tree},"));
        }
        trees
    }
}

/// Statements that check what a slice is filled with, and give it another name.
fn filled(argument: &mut Expr) -> TokenStream {
    let name = Ident::new("__a", argument.span());
    let place = Expr::Verbatim(quote!(#name));
    let check = super::expr::assigned(&place);
    let value = std::mem::replace(argument, place);
    quote!(let #name = #value; #check)
}

/// The text of `expect("..")` and `expect_err("..")`.
fn message(name: &str, call: &syn::ExprMethodCall) -> Option<String> {
    match (name, call.args.first()) {
        ("expect" | "expect_err", Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }))) => Some(text.value()),
        _ => None,
    }
}

/// What to say of an iterator that is neither looped over nor ends in something.
fn not_at_once(name: &str) -> String {
    match name {
        "collect" | "unzip" | "partition" => {
            format!("`{name}`: kernels do not allocate; write to a parameter, or to an array of fixed length")
        }
        _ if chains::is_adaptor(name) || chains::SOURCES.iter().any(|source| source.0 == name) => {
            "an iterator is used in kernels by a `for` loop, or ended by `sum`, `fold`, `any` or the like".into()
        }
        _ => format!("`{name}` does not end a chain of iterators in kernels: use `fold`, or a `for` loop"),
    }
}
