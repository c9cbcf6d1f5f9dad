//! The text of a `macro_rules!`, read: rules of a matcher and a transcriber each.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::{Error, Result};

/// Stands for `$` in a definition that is on its way through another macro, which would take a `$` for its own.
pub(super) const DOLLAR: &str = "__landbridge_dollar";

/// What fragments this engine knows.
const KINDS: [&str; 14] = [
    "expr",
    "expr_2021",
    "ident",
    "ty",
    "tt",
    "literal",
    "pat",
    "pat_param",
    "path",
    "block",
    "lifetime",
    "vis",
    "item",
    "meta",
];

/// A part of a matcher or of a transcriber.
pub(super) enum Piece {
    Token(TokenTree),
    /// `$name:kind`; in a transcriber `$name`, without a kind.
    Variable(Ident, String),
    Group(Delimiter, Span, Vec<Piece>),
    /// `$( .. ) separator operator`
    Repeat {
        pieces: Vec<Piece>,
        separator: Vec<TokenTree>,
        operator: char,
        span: Span,
    },
}

pub(super) struct Rule {
    pub(super) matcher: Vec<Piece>,
    pub(super) transcriber: Vec<Piece>,
}

/// A macro.
pub(crate) struct Definition {
    pub(super) rules: Vec<Rule>,
    /// Its crate; none of one in the kernel's own body, whose variables it may mention.
    pub(super) of: Option<String>,
}

impl Definition {
    /// Reads what stands between the braces of a `macro_rules!`.
    pub(super) fn read(tokens: TokenStream, of: Option<String>) -> Result<Self> {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut rules, mut at) = (vec![], 0);
        while at < trees.len() {
            let [
                TokenTree::Group(matcher),
                TokenTree::Punct(_),
                TokenTree::Punct(_),
                TokenTree::Group(transcriber),
                ..,
            ] = &trees[at..]
            else {
                return Err(Error::new(
                    trees[at].span(),
                    "kernels know rules of the form `(matcher) => { what it becomes }`",
                ));
            };
            rules.push(Rule { matcher: pieces(matcher, true)?, transcriber: pieces(transcriber, false)? });
            at += 4;
            if matches!(trees.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ';') {
                at += 1;
            }
        }
        Ok(Definition { rules, of })
    }
}

/// Is it `$`, or what stands for it?
pub(super) fn is_dollar(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Punct(p) => p.as_char() == '$',
        TokenTree::Ident(i) => i == DOLLAR,
        _ => false,
    }
}

fn pieces(group: &Group, matcher: bool) -> Result<Vec<Piece>> {
    let trees: Vec<TokenTree> = group.stream().into_iter().collect();
    let (mut pieces_of, mut at) = (vec![], 0);
    while at < trees.len() {
        let tree = &trees[at];
        at += 1;
        if !is_dollar(tree) {
            pieces_of.push(match tree {
                TokenTree::Group(inner) => Piece::Group(inner.delimiter(), inner.span(), pieces(inner, matcher)?),
                token => Piece::Token(token.clone()),
            });
            continue;
        }
        match trees.get(at) {
            Some(TokenTree::Ident(name)) if name == "crate" => {
                // only of a macro inside of the kernel's body, where it is this crate; of others it is one name by now
                pieces_of.push(Piece::Token(trees[at].clone()));
                at += 1;
            }
            Some(TokenTree::Ident(name)) => {
                at += 1;
                let mut kind = String::new();
                if matcher {
                    kind = self::kind(&trees[at..], name)?;
                    at += 2;
                }
                pieces_of.push(Piece::Variable(name.clone(), kind));
            }
            Some(TokenTree::Group(inner)) if inner.delimiter() == Delimiter::Parenthesis => {
                at += 1;
                let (separator, operator) = repetition(&trees, &mut at, inner)?;
                let pieces = pieces(inner, matcher)?;
                pieces_of.push(Piece::Repeat { pieces, separator, operator, span: inner.span() });
            }
            _ => {
                return Err(Error::new(
                    tree.span(),
                    "kernels know `$name`, `$( .. )` and `$crate` in a `macro_rules!`",
                ));
            }
        }
    }
    Ok(pieces_of)
}

/// `:kind` behind a variable.
fn kind(trees: &[TokenTree], name: &Ident) -> Result<String> {
    let [TokenTree::Punct(colon), TokenTree::Ident(kind), ..] = trees else {
        return Err(Error::new(name.span(), "a variable of a matcher says what it matches: `$x:expr`"));
    };
    let text = kind.to_string();
    match colon.as_char() == ':' && KINDS.contains(&&*text) {
        true => Ok(text),
        false => Err(Error::new(
            kind.span(),
            format!("kernels do not know macros with `{text}` fragments: use `expr`, `ident`, `ty`, `block` or `tt`"),
        )),
    }
}

/// The separator and the operator behind `$( .. )`.
fn repetition(trees: &[TokenTree], at: &mut usize, group: &Group) -> Result<(Vec<TokenTree>, char)> {
    let operator = |tree: Option<&TokenTree>| match tree {
        Some(TokenTree::Punct(p)) if "*+?".contains(p.as_char()) => Some(p.as_char()),
        _ => None,
    };
    let mut separator = vec![];
    loop {
        // `+` may be a separator, too
        let doubled =
            separator.is_empty() && operator(trees.get(*at + 1)).is_some() && operator(trees.get(*at)) == Some('+');
        match operator(trees.get(*at)) {
            Some(found) if !doubled => {
                *at += 1;
                return Ok((separator, found));
            }
            _ if separator.len() == 3 || *at >= trees.len() => {
                return Err(Error::new(group.span(), "`*`, `+` or `?` has to follow `$( .. )`"));
            }
            _ => {
                separator.push(trees[*at].clone());
                *at += 1;
            }
        }
    }
}
