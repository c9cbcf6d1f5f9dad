//! `#[kernel(group = 256)]`: a kernel whose work-items are groups of lanes.
//!
//! It becomes an ordinary kernel of one `Index`, the group's number, of which its first statement makes the `Group`. All else is
//! in core: phases are calls of `Group`'s methods.

use crate::diagnostics::Errors;
use crate::options::Options;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, FnArg, GenericArgument, Ident, ItemFn, Pat, PatType, PathArguments, Type};

/// Up to how many lanes every device has.
const MOST_LANES: u32 = 256;

/// The methods of `Group` that are phases.
const PHASES: [&str; 3] = ["each", "each2", "lanes"];

/// Expands the attribute.
pub(crate) fn expand(options: &Options, mut function: ItemFn) -> TokenStream {
    let (mut errors, written) = (Errors::default(), function.clone());
    check_lanes(options, &mut errors);
    let group = take_group(options, &mut function, &mut errors);
    if let Some(name) = &group {
        Phases { group: name, inside: false, errors: &mut errors }.visit_block(&function.block);
    }
    if !errors.is_empty() {
        let errors = errors.into_tokens();
        return quote!(#written #errors);
    }
    crate::kernel::expand(options, function.to_token_stream(), function)
}

fn check_lanes(options: &Options, errors: &mut Errors) {
    let Some(lanes) = &options.group else { return };
    match lanes.base10_parse::<u32>() {
        Ok(1..=MOST_LANES) => {}
        _ => errors.add(lanes.span(), format!("a group has 1 to {MOST_LANES} lanes, as many as every device has")),
    }
}

/// Puts an `Index` in the place of the `Group`; gives the group's name.
fn take_group(options: &Options, function: &mut ItemFn, errors: &mut Errors) -> Option<Ident> {
    let mut found = None;
    for input in &mut function.sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let Some(group) = group_type(&typed.ty) else { continue };
        if found.is_some() {
            errors.add(typed.span(), "a kernel has one `Group`");
            return None;
        }
        check_type(options, &group, errors);
        found = Some((replace(options, typed, errors)?, group));
    }
    let Some((name, ty)) = found else {
        let message = "a cooperative kernel takes its group: add a parameter `g: &Group<N>`";
        errors.add(function.sig.ident.span(), message);
        return None;
    };
    // the number has the group's name until the group is made of it
    function.block.stmts.insert(0, syn::parse_quote!(let #name = &<#ty>::numbered(#name);));
    Some(name)
}

/// Makes the parameter an index; gives its name.
fn replace(options: &Options, typed: &mut PatType, errors: &mut Errors) -> Option<Ident> {
    let Pat::Ident(pattern) = &*typed.pat else {
        errors.add(typed.pat.span(), "the group has a name: `g: &Group<N>`");
        return None;
    };
    let (name, private) = (pattern.ident.clone(), options.private());
    *typed.ty = syn::parse_quote!(#private::Index);
    Some(name)
}

/// The type behind `&Group<N>`.
fn group_type(ty: &Type) -> Option<Type> {
    let Type::Reference(r) = ty else { return None };
    let Type::Path(path) = &*r.elem else { return None };
    let last = path.path.segments.last()?;
    (last.ident == "Group" && r.mutability.is_none()).then(|| (*r.elem).clone())
}

/// `N` of `Group<N>` is what the attribute says, unless it has a name.
fn check_type(options: &Options, group: &Type, errors: &mut Errors) {
    let (Type::Path(path), Some(lanes)) = (group, &options.group) else { return };
    let Some(last) = path.path.segments.last() else { return };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        errors.add(last.ident.span(), format!("the group says how many lanes it has: `Group<{lanes}>`"));
        return;
    };
    if let Some(GenericArgument::Const(Expr::Lit(literal))) = arguments.args.first()
        && let syn::Lit::Int(n) = &literal.lit
        && n.base10_digits() != lanes.base10_digits()
    {
        errors.add(literal.span(), format!("the attribute says `group = {lanes}`"));
    }
}

/// Looks for phases inside of phases.
struct Phases<'a> {
    group: &'a Ident,
    inside: bool,
    errors: &'a mut Errors,
}

impl<'ast> Visit<'ast> for Phases<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let of_group = matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident(self.group));
        let phase = of_group && PHASES.iter().any(|name| call.method == name);
        if phase && self.inside {
            let message =
                "a phase inside of a phase: what the lanes do side by side is one closure; end it, and begin the next";
            self.errors.add(call.method.span(), message);
            return;
        }
        let outer = self.inside;
        self.inside |= phase;
        visit::visit_expr_method_call(self, call);
        self.inside = outer;
    }
}
