//! Macros in kernels: `assert!`, `panic!` and their kin. All others are refused.

use super::messages::{Message, Telling, has_arguments};
use super::operators::{Probe, operands};
use super::spans::ends;
use super::{Body, NONE, Tree, at};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Macro, Pat, Token};

type Arguments = Punctuated<Expr, Token![,]>;

/// `a, PATTERN` or `a, PATTERN if guard`: the arguments of `matches!`.
struct Matches {
    value: Expr,
    pattern: Pat,
    guard: Option<(Token![if], Box<Expr>)>,
}

impl Parse for Matches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let value = input.parse()?;
        input.parse::<Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = match input.parse::<Option<Token![if]>>()? {
            Some(token) => Some((token, input.parse()?)),
            None => None,
        };
        input.parse::<Option<Token![,]>>()?;
        Ok(Matches { value, pattern, guard })
    }
}

/// Is it std's `matches!`?
pub(super) fn is_matches(mac: &Macro) -> bool {
    mac.path.segments.last().is_some_and(|last| last.ident == "matches")
        && (mac.path.segments.len() == 1 || ["std", "core"].iter().any(|s| mac.path.segments[0].ident == s))
}

impl Body {
    /// `matches!(a, PATTERN)` is a `match`.
    pub(super) fn matches(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Macro(m) = &*expr else { unreachable!("called for macros") };
        let Matches { value, pattern, guard } = match m.mac.parse_body() {
            Ok(matches) => matches,
            Err(error) => {
                self.errors.push(error);
                return "E::Unit".to_string();
            }
        };
        let guard = guard.map(|(token, guard)| quote!(#token #guard));
        *expr = syn::parse_quote!(match #value { #pattern #guard => true, _ => false });
        self.expr(expr)
    }

    pub(super) fn macro_call(&mut self, mac: &mut Macro) -> Tree {
        let span = mac.path.span();
        let name = mac.path.segments.last().map(|s| s.ident.to_string());
        let name = name.unwrap_or_default();
        let qualified = mac.path.segments.len() > 1 && !["std", "core"].iter().any(|s| mac.path.segments[0].ident == s);
        let debug_only = name.starts_with("debug_");
        match name.trim_start_matches("debug_") {
            _ if qualified => self.unknown_macro(mac, &name),
            "panic" => self.panic(mac, "explicit panic", ""),
            "unreachable" => {
                let text = "internal error: entered unreachable code";
                self.panic(mac, text, &format!("{text}: "))
            }
            "todo" => self.panic(mac, "not yet implemented", "not yet implemented: "),
            "unimplemented" => self.panic(mac, "not implemented", "not implemented: "),
            "assert" => {
                let tree = self.assert(mac, span);
                if_debug(debug_only, tree)
            }
            "assert_eq" | "assert_ne" => {
                let equal = name.ends_with("eq");
                let tree = self.assert_eq(mac, span, equal);
                if_debug(debug_only, tree)
            }
            _ => self.unknown_macro(mac, &name),
        }
    }

    fn unknown_macro(&mut self, mac: &mut Macro, name: &str) -> Tree {
        let instead = match name {
            "vec" => ": kernels do not allocate, use an array",
            "println" | "print" | "eprintln" | "eprint" | "dbg" | "format" | "write" | "writeln" => {
                ": kernels do not print, write to a parameter"
            }
            _ => {
                ": `#[kernel]` sees the call, not what it stands for; write a `#[kernel_fn]`, or let the macro write the \
                 whole kernel"
            }
        };
        self.refuse(mac.path.span(), format!("macro `{name}!` is not supported in a kernel{instead}"))
    }

    fn arguments(&mut self, mac: &Macro) -> Option<Arguments> {
        match mac.parse_body_with(Arguments::parse_terminated) {
            Ok(arguments) => Some(arguments),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn panic(&mut self, mac: &Macro, plain: &str, prefix: &str) -> Tree {
        let Some(arguments) = self.arguments(mac) else {
            return "E::Unit".to_string();
        };
        let at = at(mac.path.span());
        let mut arguments: Vec<Expr> = arguments.into_iter().collect();
        match self.message(&mut arguments, Telling::default()) {
            Message::None(_) => format!("E::Panic({plain:?},{at})"),
            Message::Text(message, _) => format!("E::Panic({:?},{at})", format!("{prefix}{message}")),
            Message::Telling(telling) => {
                let shown = &telling.oracle;
                self.instead = Some(quote!({ #shown __lb::never() }));
                let telling = self.telling(&telling);
                format!("E::Tell({prefix:?},{telling},{at})")
            }
        }
    }

    fn assert(&mut self, mac: &mut Macro, span: Span) -> Tree {
        let Some(arguments) = self.arguments(mac) else {
            return "E::Unit".to_string();
        };
        let mut arguments: Vec<Expr> = arguments.into_iter().collect();
        let Some((condition, message)) = arguments.split_first_mut() else {
            return "E::Unit".to_string(); // rustc says so
        };
        let tree = self.expr(condition);
        let at = at(span);
        let text = match self.message(message, Telling::default()) {
            Message::None(_) => format!("assertion failed: {}", condition_text(&mac.tokens)),
            Message::Text(text, _) => text,
            Message::Telling(telling) => {
                let shown = &telling.oracle;
                (mac.path, mac.tokens) = (syn::parse_quote!(::core::assert), quote!({ #shown #condition }));
                let telling = self.telling(&telling);
                return format!("E::If(&E::Not(&{tree},{NONE}),&E::Tell(\"\",{telling},{at}),None)");
            }
        };
        mac.tokens = quote!(#(#arguments),*);
        format!("E::Assert(&{tree},{text:?},{at})")
    }

    fn assert_eq(&mut self, mac: &mut Macro, span: Span, equal: bool) -> Tree {
        let Some(arguments) = self.arguments(mac) else {
            return "E::Unit".to_string();
        };
        let mut arguments: Vec<Expr> = arguments.into_iter().collect();
        let [left, right, message @ ..] = &mut arguments[..] else {
            return "E::Unit".to_string(); // rustc says so
        };
        let operator = if equal { "==" } else { "!=" };
        let mut text = format!("assertion `left {operator} right` failed");
        let plain = self.are_numbers(left, right);
        let exact = match plain {
            true => self.exact_scalar(left).or_else(|| self.exact_scalar(right)),
            false => None,
        };
        let (of_left, of_right) = (ends(left), ends(right));
        let (left_tree, right_tree) = (self.expr(left), self.expr(right));
        let numbers = plain && !has_arguments(message.iter());
        // the oracle only has to see that the two can be compared, and what types they have
        let (callee, Probe { before, left, right }) = match plain {
            true => (NONE, operands((of_left, left), (of_right, right))),
            false => self.compared(span, (of_left, left), (of_right, right)),
        };
        let mut telling = Telling::default();
        if !numbers {
            self.show(of_left.0, exact.clone(), &left, &mut telling);
            self.show(of_right.0, exact, &right, &mut telling);
        }
        let telling = match (self.message(message, telling), numbers) {
            (Message::None(_), true) => None,
            (Message::Text(message, _), true) => {
                text.push_str(&format!(": {message}"));
                None
            }
            (Message::None(telling), false) => Some(telling),
            (Message::Text(message, telling), false) => {
                text.push_str(&format!(": {message}"));
                Some(telling)
            }
            (Message::Telling(telling), _) => {
                text.push_str(": ");
                Some(telling)
            }
        };
        let shown = telling.as_ref().map(|telling| &telling.oracle);
        mac.tokens = quote!({ #before #shown #left == #right });
        mac.path = syn::parse_quote!(::core::assert);
        let telling = match telling {
            Some(telling) => format!("Some({})", self.telling_operands(&telling)),
            None => "None".to_string(),
        };
        let at = at(span);
        format!("E::AssertEq({equal},&{left_tree},&{right_tree},{callee},{text:?},{telling},{at})")
    }
}

/// `debug_assert!` is there exactly if the user's crate has debug assertions.
fn if_debug(debug_only: bool, tree: Tree) -> Tree {
    if debug_only { format!("if cfg!(debug_assertions){{ {tree} }} else {{ E::Unit }}") } else { tree }
}

/// The condition as `assert!` prints it: the tokens before a trailing comma.
pub(crate) fn condition_text(tokens: &TokenStream) -> String {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    if matches!(tokens.last(), Some(TokenTree::Punct(p)) if p.as_char() == ',') {
        tokens.pop();
    }
    let mut text = AsWritten::default();
    tokens.into_iter().for_each(|token| text.push(&token));
    crate::rules::plain(&text.0)
}

/// Tokens as text, with a blank where the source has any: what `assert!` prints of formatted code.
#[derive(Default)]
struct AsWritten(String, (usize, usize));

impl AsWritten {
    fn push(&mut self, token: &TokenTree) {
        let TokenTree::Group(group) = token else { return self.push_text(&token.to_string(), token.span()) };
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::None => ("", ""),
        };
        self.push_text(open, group.span_open());
        group.stream().into_iter().for_each(|token| self.push(&token));
        self.push_text(close, group.span_close());
    }

    fn push_text(&mut self, text: &str, span: Span) {
        if text.is_empty() {
            return;
        }
        let (start, end) = (span.unwrap().start(), span.unwrap().end());
        if !self.0.is_empty() && self.1 != (start.line(), start.column()) {
            self.0.push(' ');
        }
        self.0.push_str(text);
        self.1 = (end.line(), end.column());
    }
}
