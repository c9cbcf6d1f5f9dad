//! Hygiene: names that a macro's own text binds are not the caller's.
//!
//! Each name of a transcriber gets a mark, a number for each call. When all is expanded, marks stay where a variable or
//! label of that mark is bound, which makes it a name of its own, and go everywhere else.

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use std::collections::HashSet;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMethodCall, FieldPat, FieldValue, Label, Macro, Member, Pat, PatIdent, Path, Token};

const MARK: &str = "__lb_mark";

/// A token of a transcriber in the expansion of that number.
pub(super) fn marked(token: &TokenTree, number: usize) -> TokenTree {
    match token {
        TokenTree::Ident(name) => {
            let text = name.to_string();
            let variable =
                text.starts_with(|c: char| c.is_lowercase() || c == '_') && text != "_" && !text.starts_with("r#");
            match variable && syn::parse_str::<Ident>(&text).is_ok() {
                true => TokenTree::Ident(Ident::new(&format!("{text}{MARK}{number}"), name.span())),
                false => token.clone(),
            }
        }
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            match text.starts_with('"') && text.contains('{') {
                true => with_text(literal, &marked_arguments(&text, number)),
                false => token.clone(),
            }
        }
        token => token.clone(),
    }
}

/// `"{x}"` names a variable, too.
fn marked_arguments(text: &str, number: usize) -> String {
    let (mut result, mut rest) = (String::new(), text);
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open + 1);
        result.push_str(before);
        if let Some(after) = after.strip_prefix('{') {
            result.push('{');
            rest = after;
            continue;
        }
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        result.push_str(name);
        if name.starts_with(|c: char| c.is_lowercase() || c == '_') && after.starts_with(['}', ':']) {
            result.push_str(&format!("{MARK}{number}"));
        }
        rest = after;
    }
    result + rest
}

fn with_text(literal: &Literal, text: &str) -> TokenTree {
    let mut new: Literal = text.parse().unwrap_or_else(|_| literal.clone());
    new.set_span(literal.span());
    TokenTree::Literal(new)
}

/// A text without marks.
pub(crate) fn plain(text: &str) -> String {
    without(text, |_| false)
}

/// A text whose marked names lose their marks, but for those to keep.
fn without(text: &str, keep: impl Fn(&str) -> bool) -> String {
    let (mut result, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(MARK) {
        let number =
            rest[at + MARK.len()..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |n| at + MARK.len() + n);
        let start = rest[..at].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |n| n + 1);
        result.push_str(&rest[..if keep(&rest[start..number]) { number } else { at }]);
        rest = &rest[number..];
    }
    result + rest
}

fn plain_ident(name: &Ident) -> Ident {
    let text = name.to_string();
    if text.contains(MARK) { Ident::new(&plain(&text), name.span()) } else { name.clone() }
}

/// The path of a macro without marks.
pub(super) fn plain_path(path: &Path) -> Path {
    let mut path = path.clone();
    path.segments.iter_mut().for_each(|segment| segment.ident = plain_ident(&segment.ident));
    path
}

/// Tokens without marks.
pub(super) fn plain_tokens(tokens: TokenStream) -> TokenStream {
    settled(tokens, &HashSet::new())
}

fn settled(tokens: TokenStream, bound: &HashSet<String>) -> TokenStream {
    let settle = |tree| match tree {
        TokenTree::Ident(name) if !bound.contains(&name.to_string()) => TokenTree::Ident(plain_ident(&name)),
        TokenTree::Literal(literal) if literal.to_string().contains(MARK) => {
            with_text(&literal, &without(&literal.to_string(), |name| bound.contains(name)))
        }
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), settled(group.stream(), bound));
            new.set_span(group.span());
            TokenTree::Group(new)
        }
        tree => tree,
    };
    tokens.into_iter().map(settle).collect()
}

/// Names that are bound, with marks and without.
#[derive(Default)]
pub(super) struct Binders(pub(super) Vec<String>);

impl<'ast> Visit<'ast> for Binders {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        if !pattern.ident.to_string().starts_with(char::is_uppercase) {
            self.0.push(pattern.ident.to_string());
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_label(&mut self, label: &'ast Label) {
        self.0.push(label.name.ident.to_string());
    }

    /// `Some(x) => ..` of a `matches!` with a guard
    fn visit_macro(&mut self, mac: &'ast Macro) {
        if mac.path.segments.last().is_some_and(|s| s.ident == "matches") {
            let arm = |input: syn::parse::ParseStream<'_>| {
                input.parse::<Expr>()?;
                input.parse::<Token![,]>()?;
                let pattern = Pat::parse_multi_with_leading_vert(input)?;
                input.parse::<TokenStream>()?;
                Ok(pattern)
            };
            if let Ok(pattern) = mac.parse_body_with(arm) {
                Binders::visit_pat(self, &pattern.clone());
            }
        }
    }
}

impl Binders {
    fn visit_pat(&mut self, pattern: &Pat) {
        let mut inner = Binders::default();
        visit::visit_pat(&mut inner, pattern);
        self.0.append(&mut inner.0);
    }
}

/// Names that macros' texts mention where nothing has bound them yet; of macros outside of the kernel they are never variables.
#[derive(Default)]
pub(super) struct Free {
    pub(super) bound: HashSet<String>,
    pub(super) names: Vec<Ident>,
}

impl Free {
    fn bind(&mut self, pattern: &Pat) {
        let mut binders = Binders::default();
        binders.visit_pat(pattern);
        self.bound.extend(binders.0);
    }
}

impl<'ast> Visit<'ast> for Free {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(name) = path.path.get_ident() {
            let text = name.to_string();
            if text.contains(MARK) && !self.bound.contains(&text) {
                self.names.push(name.clone());
            }
        }
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        self.bind(pattern);
        visit::visit_pat(self, pattern);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.visit_local_init(init);
        }
        self.visit_pat(&local.pat);
    }

    fn visit_expr_let(&mut self, part: &'ast syn::ExprLet) {
        self.visit_expr(&part.expr);
        self.visit_pat(&part.pat);
    }

    fn visit_expr_for_loop(&mut self, part: &'ast syn::ExprForLoop) {
        self.visit_expr(&part.expr);
        self.visit_pat(&part.pat);
        self.visit_block(&part.body);
    }
}

/// The number in a name's mark.
pub(super) fn number(name: &Ident) -> Option<usize> {
    name.to_string().rsplit_once(MARK)?.1.parse().ok()
}

/// Settles the marks where everything is expanded.
pub(super) struct Settle(HashSet<String>);

impl Settle {
    pub(super) fn new(binders: Binders) -> Self {
        Settle(binders.0.into_iter().filter(|name| name.contains(MARK)).collect())
    }
}

impl VisitMut for Settle {
    fn visit_ident_mut(&mut self, name: &mut Ident) {
        if !self.0.contains(&name.to_string()) {
            *name = plain_ident(name);
        }
    }

    fn visit_member_mut(&mut self, member: &mut Member) {
        if let Member::Named(name) = member {
            *name = plain_ident(name);
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        call.method = plain_ident(&call.method);
        visit_mut::visit_expr_method_call_mut(self, call);
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        if path.segments.len() > 1 {
            *path = plain_path(path);
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_field_pat_mut(&mut self, field: &mut FieldPat) {
        if field.colon_token.is_none() {
            field.colon_token = Some(Token![:](field.member.span()));
        }
        visit_mut::visit_field_pat_mut(self, field);
    }

    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        if field.colon_token.is_none() {
            field.colon_token = Some(Token![:](field.member.span()));
        }
        visit_mut::visit_field_value_mut(self, field);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        mac.path = plain_path(&mac.path);
        mac.tokens = settled(std::mem::take(&mut mac.tokens), &self.0);
    }
}
