//! Messages of panics: a literal, or a format string with arguments. The user's own format string makes the text also for
//! devices, of values that they report: a function that the host calls with these.

use super::{Body, Tree};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, LitStr};

/// What a panic says.
pub(super) enum Message {
    /// What std says where nothing is said.
    None(Telling),
    /// A text without arguments.
    Text(String, Telling),
    /// A text with arguments.
    Telling(Telling),
}

/// What a message with arguments is made of.
#[derive(Default)]
pub(super) struct Telling {
    /// Rows of the table of types.
    types: Vec<u16>,
    /// What is shown, but for what the panic shows by itself.
    values: Vec<Tree>,
    /// How the function that makes the text gets each of what is shown.
    getters: Vec<TokenStream>,
    /// Statements of the oracle, which note types.
    pub(super) oracle: TokenStream,
    /// The user's format string with the arguments in their forms there.
    format: Option<TokenStream>,
}

impl Body {
    /// The message in these arguments of a macro; it shows more than `telling` does already.
    pub(super) fn message(&mut self, arguments: &mut [Expr], mut telling: Telling) -> Message {
        let Some((first, arguments)) = arguments.split_first_mut() else { return Message::None(telling) };
        let literal = match &*first {
            Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => literal,
            Expr::Macro(_) => {
                self.refuse(first.span(), "the message of a panic in a kernel is a string literal");
                return Message::None(telling);
            }
            // rustc says what is wrong, or the edition is an old one
            _ => {
                telling.format = Some(quote!(__v.nothing()?));
                return Message::Telling(telling);
            }
        };
        let named: Vec<_> = arguments.iter().filter_map(name_of).collect();
        let found = Placeholders::of(literal);
        if !found.any && arguments.is_empty() {
            return Message::Text(literal.value().replace("{{", "{").replace("}}", "}"), telling);
        }
        let mut list = vec![];
        for argument in &mut *arguments {
            list.push(match argument {
                Expr::Assign(a) => {
                    let (name, value) = (a.left.to_token_stream(), self.told(&mut a.right, &mut telling));
                    quote!(#name = #value)
                }
                argument => self.told(argument, &mut telling),
            });
        }
        let mut unknown = None;
        for name in found.names.iter().filter(|name| !named.contains(name)) {
            let ident = syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()));
            let ident = Ident::new(&ident.to_string(), literal.span());
            if !self.captures_environment && self.lookup(&ident).is_none() {
                // a constant, or misspelt, as rustc says then of the user's own macro: in the same words
                unknown = Some(ident);
                continue;
            }
            let mut argument: Expr = syn::parse_quote!(#ident);
            let value = self.told(&mut argument, &mut telling);
            list.push(quote!(#ident = #value));
        }
        telling.format = Some(match found.fits(arguments.len() - named.len(), &named) {
            true => {
                let text = quote!(__lb::format!(#literal #(, #list)*));
                unknown.map_or_else(|| text.clone(), |name| self.surrounded(&name, text.clone()))
            }
            // rustc says so where the user's own macro stands
            false => quote!(__v.nothing()?),
        });
        Message::Telling(telling)
    }

    /// Something that a message shows, as the function that makes the text writes it.
    fn told(&mut self, argument: &mut Expr, telling: &mut Telling) -> TokenStream {
        // what is the same everywhere needs no report
        if matches!(argument, Expr::Lit(_)) || self.is_constant(argument) {
            return argument.to_token_stream();
        }
        let (span, exact) = (argument.span(), self.exact_scalar(argument));
        let value = self.expr(argument);
        telling.values.push(value);
        self.show(span, exact, argument, telling)
    }

    /// Is it the name of a constant, of whatever type?
    fn is_constant(&self, argument: &Expr) -> bool {
        let Expr::Path(path) = argument else { return false };
        let last = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let named_as_one = last.starts_with(char::is_uppercase) && !last.contains(char::is_lowercase);
        named_as_one && super::expr::single(path).is_none_or(|name| self.lookup(&name).is_none())
    }

    /// Adds a value to what is shown; `shown` is a place in the oracle.
    pub(super) fn show(
        &mut self,
        span: Span,
        exact: Option<(u16, TokenStream)>,
        shown: &impl ToTokens,
        telling: &mut Telling,
    ) -> TokenStream {
        let (number, ours) = (telling.getters.len(), Span::call_site().located_at(span));
        let getter = match exact {
            Some((row, ty)) => {
                telling.types.push(row);
                telling.oracle.extend(quote!(let _ = &(#shown);));
                quote_spanned!(ours=> __v.of::<#ty>(#number)?)
            }
            None => {
                let (slot, row) = self.type_slot(span);
                telling.types.push(row);
                let argument = quote_spanned!(span=> &#slot, &(#shown));
                telling.oracle.extend(quote_spanned!(ours=> __lb::shown(#argument);));
                quote_spanned!(ours=> __v.get(&#slot, #number)?)
            }
        };
        telling.getters.push(getter.clone());
        getter
    }

    /// `T::Telling` of a message.
    pub(super) fn telling(&mut self, telling: &Telling) -> Tree {
        self.telling_by(telling, telling.format.as_ref().expect("a message"))
    }

    fn telling_by(&mut self, Telling { types, values, .. }: &Telling, text: &TokenStream) -> Tree {
        let callee = self.callee(quote!(__lb::message(move |__v| __lb::Told(#text))));
        let types: String = types.iter().map(|row| format!("{row},")).collect();
        format!("T::Telling({callee},&[{types}],&[{}])", values.join(","))
    }

    /// The same, of a message that ends with two operands: the first two values that are shown.
    pub(super) fn telling_operands(&mut self, telling: &Telling) -> Tree {
        let (left, right) = (&telling.getters[0], &telling.getters[1]);
        let text = match &telling.format {
            Some(own) => quote!(__lb::format!("{}\n  left: {:?}\n right: {:?}", #own, #left, #right)),
            None => quote!(__lb::format!("\n  left: {:?}\n right: {:?}", #left, #right)),
        };
        self.telling_by(telling, &text)
    }
}

/// Whether a message has arguments.
pub(super) fn has_arguments<'e>(mut message: impl Iterator<Item = &'e Expr>) -> bool {
    let first = match message.next() {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(literal), .. })) => Placeholders::of(literal).any,
        _ => false,
    };
    first || message.next().is_some()
}

/// The name of `name = value`.
fn name_of(argument: &Expr) -> Option<String> {
    match argument {
        Expr::Assign(a) => Some(a.left.to_token_stream().to_string()),
        _ => None,
    }
}

/// What a format string asks for. rustc checks it where the user's own macro stands.
#[derive(Default)]
struct Placeholders {
    /// Is there any?
    any: bool,
    /// The names, each once.
    names: Vec<String>,
    /// The numbers of arguments.
    numbers: BTreeSet<usize>,
    /// How many placeholders have taken the argument after that of the one before.
    next: usize,
}

impl Placeholders {
    fn of(literal: &LitStr) -> Self {
        let text: Vec<char> = literal.value().chars().collect();
        let mut found = Placeholders::default();
        let mut at = 0;
        while let Some(&c) = text.get(at) {
            at += 1;
            if c == '{' && text.get(at) != Some(&'{') {
                found.any = true;
                at = found.one(&text, at);
            } else if matches!(c, '{' | '}') {
                at += 1;
            }
        }
        found
    }

    /// A placeholder behind its brace; where its end is.
    fn one(&mut self, text: &[char], start: usize) -> usize {
        let mut at = start;
        let argument = word(text, &mut at);
        if argument.is_empty() {
            self.take_next();
        }
        self.note(argument);
        while text.get(at).is_some_and(|c| c.is_whitespace()) {
            at += 1;
        }
        if text.get(at) != Some(&':') {
            return at + 1;
        }
        at += 1;
        if matches!(text.get(at + 1), Some('<' | '^' | '>')) {
            at += 2; // the character to fill with may be any
        }
        while let Some(&c) = text.get(at) {
            match c {
                '}' => return at + 1,
                _ if is_of_name(c) => {
                    let name = word(text, &mut at);
                    if text.get(at) == Some(&'$') {
                        self.note(name);
                    }
                }
                '*' => {
                    self.take_next();
                    at += 1;
                }
                _ => at += 1,
            }
        }
        at
    }

    fn take_next(&mut self) {
        self.numbers.insert(self.next);
        self.next += 1;
    }

    fn note(&mut self, argument: String) {
        if let Ok(number) = argument.parse() {
            self.numbers.insert(number);
        } else if !argument.is_empty() && !self.names.contains(&argument) {
            self.names.push(argument);
        }
    }

    /// Whether all arguments are asked for, and no others.
    fn fits(&self, positional: usize, named: &[String]) -> bool {
        let by_number = |k: usize| self.numbers.contains(&(positional + k));
        (0..positional).all(|k| self.numbers.contains(&k))
            && self.numbers.iter().all(|k| *k < positional + named.len())
            && named.iter().enumerate().all(|(k, name)| by_number(k) || self.names.contains(name))
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &[char], at: &mut usize) -> String {
    while text.get(*at).is_some_and(|c| c.is_whitespace()) {
        *at += 1;
    }
    let start = *at;
    while text.get(*at).is_some_and(|c| is_of_name(*c)) {
        *at += 1;
    }
    text[start..*at].iter().collect()
}
