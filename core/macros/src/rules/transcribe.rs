//! What a call becomes: the transcriber with its variables replaced.

use super::definition::Piece;
use super::marks;
use super::matching::{Bindings, Bound, variables};
use proc_macro2::{Group, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::{Error, Result};

/// The tokens; names of the macro's own get the mark `number`.
pub(super) fn transcribe(pieces: &[Piece], bindings: &Bindings, number: usize) -> Result<TokenStream> {
    let mut result = TokenStream::new();
    for piece in pieces {
        match piece {
            Piece::Token(token) => result.extend([marks::marked(token, number)]),
            Piece::Group(delimiter, span, inner) => {
                let mut group = Group::new(*delimiter, transcribe(inner, bindings, number)?);
                group.set_span(*span);
                result.extend([TokenTree::Group(group)]);
            }
            Piece::Variable(name, _) => match bindings.get(&name.unraw().to_string()) {
                Some(Bound::One(tokens)) => result.extend(tokens.clone()),
                Some(Bound::Many(_)) => {
                    return Err(Error::new(name.span(), format!("variable `{name}` is still repeating at this depth")));
                }
                None => {
                    return Err(Error::new(name.span(), format!("`${name}` is no variable of this rule's matcher")));
                }
            },
            Piece::Repeat { pieces, separator, span, .. } => {
                let mut names = vec![];
                variables(pieces, &mut names);
                let lengths = names.iter().filter_map(|name| match bindings.get(name) {
                    Some(Bound::Many(all)) => Some(all.len()),
                    _ => None,
                });
                let lengths: Vec<usize> = lengths.collect();
                let Some(&rounds) = lengths.first().filter(|first| lengths.iter().all(|l| l == *first)) else {
                    return Err(Error::new(*span, "the variables in this repetition do not repeat equally often"));
                };
                for round in 0..rounds {
                    if round > 0 {
                        result.extend(separator.iter().cloned());
                    }
                    let mut inner = bindings.clone();
                    for name in &names {
                        if let Some(Bound::Many(all)) = bindings.get(name) {
                            inner.insert(name.clone(), all[round].clone());
                        }
                    }
                    result.extend(transcribe(pieces, &inner, number)?);
                }
            }
        }
    }
    Ok(result)
}
