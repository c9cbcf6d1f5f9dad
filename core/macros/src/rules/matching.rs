//! Which rule a call matches, and what its variables are then.

use super::definition::Piece;
use super::marks;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};

/// What a variable stands for; once for each time around where it is repeated.
#[derive(Clone)]
pub(super) enum Bound {
    One(TokenStream),
    Many(Vec<Bound>),
}

pub(super) type Bindings = HashMap<String, Bound>;

/// The variables, if all of the input matches.
pub(super) fn matched(matcher: &[Piece], input: TokenStream) -> Option<Bindings> {
    let input: Vec<TokenTree> = input.into_iter().collect();
    let mut bindings = Bindings::new();
    (sequence(matcher, &input, &mut bindings)? == input.len()).then_some(bindings)
}

/// How many tokens the pieces match.
fn sequence(pieces: &[Piece], input: &[TokenTree], bindings: &mut Bindings) -> Option<usize> {
    let mut at = 0;
    for piece in pieces {
        at += match piece {
            Piece::Token(token) => input.get(at).filter(|found| same(token, found)).map(|_| 1)?,
            Piece::Group(delimiter, _, inner) => match input.get(at)? {
                TokenTree::Group(found) if found.delimiter() == *delimiter => {
                    let found: Vec<TokenTree> = found.stream().into_iter().collect();
                    (sequence(inner, &found, bindings)? == found.len()).then_some(1)?
                }
                _ => return None,
            },
            Piece::Variable(name, kind) => {
                let (found, length) = fragment(kind, &input[at..])?;
                bindings.insert(name.unraw().to_string(), Bound::One(found));
                length
            }
            Piece::Repeat { pieces, separator, operator, .. } => {
                repeated(pieces, separator, *operator, &input[at..], bindings)?
            }
        };
    }
    Some(at)
}

fn repeated(
    pieces: &[Piece],
    separator: &[TokenTree],
    operator: char,
    input: &[TokenTree],
    bindings: &mut Bindings,
) -> Option<usize> {
    let (mut rounds, mut at) = (vec![], 0);
    loop {
        let mut next = at;
        if !rounds.is_empty() {
            if operator == '?' || !separator.iter().zip(input.get(at..)?).all(|(a, b)| same(a, b)) {
                break;
            }
            next += separator.len();
        }
        let mut round = Bindings::new();
        // behind a separator may stand what follows the repetition: `$( .. ),* $(,)?`
        let Some(length) = input.get(next..).and_then(|rest| sequence(pieces, rest, &mut round)) else { break };
        if next + length == at {
            break;
        }
        at = next + length;
        rounds.push(round);
    }
    if operator == '+' && rounds.is_empty() {
        return None;
    }
    let mut names = vec![];
    variables(pieces, &mut names);
    for name in names {
        let all = rounds.iter_mut().filter_map(|round| round.remove(&name)).collect();
        bindings.insert(name, Bound::Many(all));
    }
    Some(at)
}

/// The names of all variables in the pieces.
pub(super) fn variables(pieces: &[Piece], names: &mut Vec<String>) {
    for piece in pieces {
        match piece {
            Piece::Variable(name, _) => names.push(name.unraw().to_string()),
            Piece::Group(_, _, inner) | Piece::Repeat { pieces: inner, .. } => variables(inner, names),
            Piece::Token(_) => {}
        }
    }
}

/// Whether the tokens have one text, wherever they come from.
fn same(a: &TokenTree, b: &TokenTree) -> bool {
    match (a, b) {
        (TokenTree::Ident(a), TokenTree::Ident(b)) => marks::plain(&a.to_string()) == marks::plain(&b.to_string()),
        (TokenTree::Punct(a), TokenTree::Punct(b)) => a.as_char() == b.as_char(),
        (TokenTree::Literal(a), TokenTree::Literal(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}

/// The fragment that the input begins with, and how many tokens it is.
///
/// What is one thing from now on, `1 + 2` for `$x:expr`, is in an invisible group.
fn fragment(kind: &str, input: &[TokenTree]) -> Option<(TokenStream, usize)> {
    let whole = |tokens: TokenStream| Group::new(Delimiter::None, tokens).into_token_stream();
    let plain = |length: usize| (input[..length].iter().cloned().collect::<TokenStream>(), length);
    match kind {
        "tt" => Some(plain(tree_length(input)?)),
        "ident" => matches!(input.first()?, TokenTree::Ident(i) if i != "_").then(|| plain(1)),
        "lifetime" => matches!(input.first()?, TokenTree::Punct(p) if p.as_char() == '\'').then(|| plain(2)),
        "expr" | "expr_2021" => {
            // `_`, and what only statements begin with, are no expressions to a matcher
            let none = matches!(input.first()?, TokenTree::Ident(i) if i == "_" || i == "let");
            (!none).then(|| parsed(syn::Expr::parse, input)).flatten().map(|length| (whole(plain(length).0), length))
        }
        "literal" => {
            let length = parsed(syn::Lit::parse, input)?;
            Some((whole(plain(length).0), length))
        }
        "ty" => {
            let length = parsed(syn::Type::without_plus, input)?;
            Some((whole(plain(length).0), length))
        }
        "pat" => parsed(syn::Pat::parse_multi_with_leading_vert, input).map(plain),
        "pat_param" => parsed(syn::Pat::parse_single, input).map(plain),
        "path" => parsed(syn::Path::parse, input).map(plain),
        "block" => parsed(syn::Block::parse, input).map(plain),
        "vis" => parsed(syn::Visibility::parse, input).map(plain),
        "item" => parsed(syn::Item::parse, input).map(plain),
        "meta" => parsed(syn::Meta::parse, input).map(plain),
        _ => None,
    }
}

/// How many tokens the parser takes.
fn parsed<T>(parser: fn(ParseStream<'_>) -> syn::Result<T>, input: &[TokenTree]) -> Option<usize> {
    let tokens: TokenStream = input.iter().cloned().collect();
    let rest = |input: ParseStream<'_>| {
        parser(input)?;
        input.parse::<TokenStream>()
    };
    let rest = rest.parse2(tokens).ok()?.into_iter().count();
    input.len().checked_sub(rest)
}

/// How many of our tokens are one of rustc's: `..=`, `'a`.
fn tree_length(input: &[TokenTree]) -> Option<usize> {
    const LONG: [&str; 23] = [
        "<<=", ">>=", "...", "..=", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=",
        "<<", ">>", "->", "=>", "::",
    ];
    let TokenTree::Punct(first) = input.first()? else { return Some(1) };
    if first.as_char() == '\'' {
        return Some(2);
    }
    let text: String = { input.iter().take(3) }
        .map_while(|tree| match tree {
            TokenTree::Punct(p) => Some(p.as_char()),
            _ => None,
        })
        .collect();
    let joint =
        input.iter().take_while(|t| matches!(t, TokenTree::Punct(p) if p.spacing() == proc_macro2::Spacing::Joint));
    let most = joint.count() + 1;
    let mut found = LONG.iter().chain([&".."]).filter(|long| long.len() <= most && text.starts_with(**long));
    Some(found.next().map_or(1, |long| long.len()))
}
