//! `each!`: a kernel as a closure with captures.
//!
//! It becomes a closure over the arguments that returns a `Call`. Captured variables are uniforms before the parameters:
//! devices get them as such, the host runs the user's closure as it is and ignores them. The oracle stands in the user's
//! function, where the variables are; the builder is a closure that captures nothing but slots, so that its type is enough
//! to call it.

use crate::body::{Body, Shape, oracle_name};
use crate::diagnostics::Errors;
use crate::kernel::{Lives, MOST, check_extent, form, has_items};
use crate::options::Options;
use crate::oracle::{Finish, Halves, allow, halves};
use crate::patterns;
use crate::roles::{Parameter, Role, is_marker, parameter};
use crate::rules::{self, Begun, Known, Part};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Lifetime, Pat, Token, parse_quote};

/// `crate = path;` and the closure.
pub(crate) struct Input {
    options: Options,
    closure: ExprClosure,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Options::default();
        if input.peek(Token![crate]) && input.peek2(Token![=]) {
            options = Options::root(input)?;
            input.parse::<Token![;]>()?;
        }
        Ok(Input { options, closure: input.parse()? })
    }
}

/// Expands the macro.
pub(crate) fn expand(input: Input) -> TokenStream {
    let Input { options, mut closure } = input;
    crate::ungroup::closure(&mut closure);
    knowing(&options.private(), closure, &Known::default())
}

/// Goes on when a macro has told its rules.
pub(crate) fn resume(private: &TokenStream, closure: TokenStream, known: &Known) -> TokenStream {
    match syn::parse2(closure) {
        Ok(closure) => knowing(private, closure, known),
        Err(error) => error.into_compile_error(),
    }
}

fn knowing(private: &TokenStream, mut closure: ExprClosure, known: &Known) -> TokenStream {
    let written = closure.clone();
    let expanded = parameters(&mut closure).and_then(|parameters| {
        let mut body = closure.body.clone();
        if rules::has_own_in(&body) {
            let names: Vec<_> = parameters.iter().map(|p| p.name.to_string()).collect();
            let mut errors = Errors::default();
            if let Some(unknown) = rules::expand(Part::Expr(&mut body), &names, known, &mut errors) {
                let begun = Begun::Each(written.to_token_stream());
                return Ok(rules::ask(&unknown, &begun, known, private));
            }
            if !errors.is_empty() {
                return Err(errors.into_tokens());
            }
        }
        call(private, closure, body, &parameters)
    });
    expanded.unwrap_or_else(|errors| quote!({ #errors }))
}

/// The parameters with their roles; takes this library's markers off the closure.
fn parameters(closure: &mut ExprClosure) -> Result<Vec<Parameter>, TokenStream> {
    let (mut errors, mut parameters) = (Errors::default(), vec![]);
    for input in &mut closure.inputs {
        match input {
            Pat::Type(typed) => {
                parameters.extend(parameter(typed, &mut errors));
                if let Some(node) = typed.attrs.iter().find(|a| a.path().is_ident("node")) {
                    errors.add(node.span(), "`#[node]` belongs to a parameter of a `#[kernel]` function");
                }
                typed.attrs.retain(|a| !is_marker(a));
            }
            other => {
                errors.add(other.span(), "write the type of each parameter, as in `|x: &f32|`: it decides the role")
            }
        }
    }
    if let Some(extra) = closure.inputs.iter().nth(MOST) {
        errors.add(extra.span(), format!("a kernel has at most {MOST} parameters: put some into a struct"));
    }
    check_extent(&parameters, closure.inputs_begin.span(), &mut errors);
    if errors.is_empty() { Ok(parameters) } else { Err(errors.into_tokens()) }
}

/// The walk over the closure, whose body is given with its macros expanded: both halves of the builder, and the captured variables.
fn walk(
    private: &TokenStream,
    closure: &ExprClosure,
    mut oracle: Box<Expr>,
    parameters: &[Parameter],
) -> Result<(Halves, Vec<Ident>), TokenStream> {
    let mut body = Body::new(true);
    let (mut own, mut tags) = (vec![], TokenStream::new());
    let written = closure.inputs.iter().map(|input| match input {
        Pat::Type(typed) => Shape::of_type(&typed.ty),
        _ => Shape::Unknown,
    });
    for (p, shape) in parameters.iter().zip(written) {
        let (id, tag) = body.declare(&p.name);
        body.set_shape(id, shape);
        own.push(id);
        tags.extend(tag);
    }
    let patterns: Vec<_> = closure
        .inputs
        .iter()
        .filter_map(|input| match input {
            Pat::Type(typed) => patterns::taken_apart(&typed.pat),
            _ => None,
        })
        .collect();
    if !patterns.is_empty() {
        oracle = parse_quote!({ #(#patterns)* #oracle });
    }
    let tree = body.expr(&mut oracle);
    let (slot, result) = body.result_slot(closure.inputs_begin.span());
    let captures: Vec<Ident> = body.captures.iter().map(|c| c.0.clone()).collect();
    if let Some(extra) = captures.get(MOST.saturating_sub(parameters.len())) {
        body.errors.add(extra.span(), format!("a kernel has at most {MOST} parameters and captured variables"));
    }
    let ids: Vec<u16> = body.captures.iter().map(|c| c.1).chain(own).collect();
    let roles = captures.iter().map(|_| Role::Uniform).chain(parameters.iter().map(|p| p.role));
    let roles = roles.map(Role::text).collect::<Vec<_>>().join(",");
    let names = parameters.iter().map(|p| oracle_name(&p.name));
    let types = closure.inputs.iter().filter_map(|input| match input {
        Pat::Type(typed) => Some(&typed.ty),
        _ => None,
    });
    let output = &closure.output;
    let oracle = quote! {
        let __closure = || #output {
            let (#(mut #names,)*): (#(#types,)*) = __lb::never();
            #tags
            #oracle
        };
        __lb::result(&#slot, &__closure);
    };
    let parts = Finish {
        name: &Ident::new("each", closure.inputs_begin.span()),
        oracle,
        tree,
        ids: &ids,
        result,
        roles: &roles,
        instance: quote!({
            enum __Function {}
            __lb::instance::<__Function>()
        }),
    };
    Ok((halves(body, private, parts)?, captures))
}

/// The expression that `each!` stands for.
fn call(
    private: &TokenStream,
    closure: ExprClosure,
    body: Box<Expr>,
    parameters: &[Parameter],
) -> Result<TokenStream, TokenStream> {
    let (Halves { oracle, tree }, captures) = walk(private, &closure, body, parameters)?;
    let line = closure.inputs_begin.span().unwrap().start().line() as u32;
    let any = || Lifetime::new("'_", Span::call_site());
    let (lives, implied) = (Lives { k: any(), s: any() }, has_items(parameters));
    let forms: Vec<_> = parameters.iter().map(|p| form(p, implied, &lives, private)).collect();
    let taken = forms.iter().zip(parameters).filter(|(f, _)| f.taken.is_some()).map(|(_, p)| &p.name);
    let values = forms.iter().map(|f| &f.value);
    let names = captures.iter().chain(parameters.iter().map(|p| &p.name)).map(|n| n.unraw().to_string());
    let uniforms = captures.iter().map(|c| quote_spanned!(c.span()=> __lb::Captured::captured(#c)));
    let ignored = captures.iter().map(|_| quote!(_));
    let views: Vec<_> = (0..parameters.len()).map(|n| format_ident!("__v{n}")).collect();
    let allow = allow();
    Ok(quote! {{
        #allow
        let __definition = {
            #oracle
            __lb::Definition::of_builder(
                "each", ::core::file!(), #line, &[#(#names),*], __lb::builder(move || { #tree }),
            )
        };
        use #private as __lb;
        move |#(#taken),*| {
            __lb::call(
                __definition,
                (#(#uniforms,)* #(#values,)*),
                move |#(#ignored,)* #(#views),*| (#closure)(#(#views),*),
            )
        }
    }})
}
