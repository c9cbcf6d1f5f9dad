//! Where expressions begin and end. `Spanned` makes tokens of the whole expression to know that, at each level anew.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, Member, UnOp};

/// The spans of the first and the last token: rustc joins them again.
pub(super) type Ends = (Span, Span);

/// The span of an expression, as `Spanned` has it.
pub(super) fn span_of(expr: &Expr) -> Span {
    match (first(expr, true), last(expr)) {
        (Some(first), Some(last)) => first.join(last).unwrap_or(first),
        _ => expr.span(),
    }
}

/// Where an expression begins.
pub(super) fn begin(expr: &Expr) -> Span {
    first(expr, false).unwrap_or_else(|| ends(expr).0)
}

/// The ends of what the user wrote.
pub(super) fn ends(expr: &Expr) -> Ends {
    match (first(expr, false), last(expr)) {
        (Some(first), Some(last)) => (first, last),
        _ => ends_of_tokens(expr.to_token_stream()),
    }
}

/// The same of tokens.
pub(super) fn ends_of_tokens(tokens: TokenStream) -> Ends {
    let mut found = None;
    outermost(tokens, &mut found);
    found.unwrap_or((Span::call_site(), Span::call_site()))
}

fn outermost(tokens: TokenStream, found: &mut Option<Ends>) {
    for token in tokens {
        let (open, close) = match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                outermost(group.stream(), found);
                continue;
            }
            TokenTree::Group(group) => (group.span_open(), group.span_close()),
            other => (other.span(), other.span()),
        };
        *found = Some((found.map_or(open, |f| f.0), close));
    }
}

/// The span of the first token where the form tells it; of parentheses as a whole, or of the one that opens.
fn first(expr: &Expr, whole: bool) -> Option<Span> {
    let group = |span: &proc_macro2::extra::DelimSpan| if whole { span.join() } else { span.open() };
    let (attributes, span) = match expr {
        Expr::Assign(e) => (&e.attrs, first(&e.left, whole)),
        Expr::Binary(e) => (&e.attrs, first(&e.left, whole)),
        Expr::Call(e) => (&e.attrs, first(&e.func, whole)),
        Expr::Cast(e) => (&e.attrs, first(&e.expr, whole)),
        Expr::Field(e) => (&e.attrs, first(&e.base, whole)),
        Expr::Index(e) => (&e.attrs, first(&e.expr, whole)),
        Expr::MethodCall(e) => (&e.attrs, first(&e.receiver, whole)),
        Expr::Try(e) => (&e.attrs, first(&e.expr, whole)),
        Expr::Array(e) => (&e.attrs, Some(group(&e.bracket_token.span))),
        Expr::Paren(e) => (&e.attrs, Some(group(&e.paren_token.span))),
        Expr::Tuple(e) => (&e.attrs, Some(group(&e.paren_token.span))),
        Expr::Block(e) if e.label.is_none() => (&e.attrs, Some(group(&e.block.brace_token.span))),
        Expr::Break(e) => (&e.attrs, Some(e.break_token.span)),
        Expr::Continue(e) => (&e.attrs, Some(e.continue_token.span)),
        Expr::ForLoop(e) if e.label.is_none() => (&e.attrs, Some(e.for_token.span)),
        Expr::If(e) => (&e.attrs, Some(e.if_token.span)),
        Expr::Loop(e) if e.label.is_none() => (&e.attrs, Some(e.loop_token.span)),
        Expr::While(e) if e.label.is_none() => (&e.attrs, Some(e.while_token.span)),
        Expr::Lit(e) => (&e.attrs, Some(e.lit.span())),
        Expr::Match(e) => (&e.attrs, Some(e.match_token.span)),
        Expr::Path(e) if e.qself.is_none() && e.path.leading_colon.is_none() => {
            (&e.attrs, e.path.segments.first().map(|segment| segment.ident.span()))
        }
        Expr::Reference(e) => (&e.attrs, Some(e.and_token.span)),
        Expr::Return(e) => (&e.attrs, Some(e.return_token.span)),
        Expr::Unary(e) => (&e.attrs, operator(&e.op)),
        _ => return None,
    };
    span.filter(|_| attributes.is_empty())
}

/// The same of the last token.
fn last(expr: &Expr) -> Option<Span> {
    match expr {
        Expr::Array(e) => Some(e.bracket_token.span.close()),
        Expr::Assign(e) => last(&e.right),
        Expr::Binary(e) => last(&e.right),
        Expr::Call(e) => Some(e.paren_token.span.close()),
        Expr::Field(e) => Some(match &e.member {
            Member::Named(name) => name.span(),
            Member::Unnamed(index) => index.span,
        }),
        Expr::Index(e) => Some(e.bracket_token.span.close()),
        Expr::Lit(e) => Some(e.lit.span()),
        Expr::MethodCall(e) => Some(e.paren_token.span.close()),
        Expr::Paren(e) => Some(e.paren_token.span.close()),
        Expr::Tuple(e) => Some(e.paren_token.span.close()),
        Expr::Path(e) if e.qself.is_none() => e.path.get_ident().map(|name| name.span()),
        Expr::Reference(e) => last(&e.expr),
        Expr::Try(e) => Some(e.question_token.span),
        Expr::Unary(e) => last(&e.expr),
        _ => None,
    }
}

fn operator(op: &UnOp) -> Option<Span> {
    match op {
        UnOp::Deref(token) => Some(token.span),
        UnOp::Not(token) => Some(token.span),
        UnOp::Neg(token) => Some(token.span),
        _ => None,
    }
}
