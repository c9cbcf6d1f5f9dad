//! The user's own `macro_rules!` in kernels: an attribute sees `square!(x)` as it is written, so it is expanded here.
//!
//! Only the copy of the body that devices' code is made of is expanded; the host runs the user's function, with rustc's macro.
//! Both must mean the same: fragments stay one thing (invisible groups), and names that a macro binds are its own (`marks.rs`).

mod arguments;
mod definition;
mod marks;
mod matching;
mod outside;
#[cfg(test)]
mod tests;
mod transcribe;

use crate::diagnostics::Errors;
use definition::Definition;
pub(crate) use marks::plain;
pub(crate) use outside::{Answered, Begun, Known, Unknown, ask, mark, resume};
use proc_macro2::TokenStream;
use quote::ToTokens;
use std::collections::HashMap;
use std::rc::Rc;
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Item, Macro, Pat, Path, Stmt, Token, Type};

/// How deep macros may call macros: rustc's own limit.
const DEEPEST: usize = 128;

/// Are there macros in the block that are neither std's nor in a constant? Otherwise there is nothing to expand.
pub(crate) fn has_own(block: &Block) -> bool {
    let mut search = Search(false);
    search.visit_block(block);
    search.0
}

/// The same of an expression.
pub(crate) fn has_own_in(expr: &Expr) -> bool {
    let mut search = Search(false);
    search.visit_expr(expr);
    search.0
}

struct Search(bool);

impl<'ast> Visit<'ast> for Search {
    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.0 |= !is_std(&mac.path) || arguments::has_calls(mac.tokens.clone());
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if !self.0 {
            visit::visit_expr(self, expr);
        }
    }
}

/// Macros of std's, by their usual names: what kernels do not know of these is refused by name.
fn is_std(path: &Path) -> bool {
    const NAMES: [&str; 36] = [
        "assert",
        "assert_eq",
        "assert_ne",
        "debug_assert",
        "debug_assert_eq",
        "debug_assert_ne",
        "panic",
        "unreachable",
        "todo",
        "unimplemented",
        "matches",
        "vec",
        "println",
        "print",
        "eprintln",
        "eprint",
        "dbg",
        "format",
        "write",
        "writeln",
        "format_args",
        "concat",
        "stringify",
        "include",
        "include_str",
        "include_bytes",
        "env",
        "option_env",
        "line",
        "column",
        "file",
        "module_path",
        "cfg",
        "compile_error",
        "thread_local",
        "addr_of",
    ];
    let first = path.segments.first().map(|s| s.ident.to_string()).unwrap_or_default();
    if path.segments.len() > 1 {
        return matches!(marks::plain(&first).as_str(), "std" | "core" | "alloc");
    }
    let name = marks::plain(&first);
    NAMES.iter().any(|n| *n == name)
}

/// What is expanded: a function's block, or an expression of a closure.
pub(crate) enum Part<'a> {
    Block(&'a mut Block),
    Expr(&'a mut Expr),
}

/// Expands all calls of macros that the part defines itself or that are known. The macro that has to be asked for its rules, if one has.
pub(crate) fn expand(mut part: Part<'_>, names: &[String], known: &Known, errors: &mut Errors) -> Option<Unknown> {
    let mut binders = marks::Binders::default();
    part.visit(&mut binders);
    let callers: Vec<String> = binders.0.into_iter().chain(names.iter().cloned()).collect();
    let mut expander = Expander {
        known: HashMap::new(),
        origins: vec![],
        errors: Errors::default(),
        depth: 0,
        unknown: None,
        constant: false,
    };
    for (key, rules) in &known.0 {
        let definition = Definition::read(rules.tokens.clone(), Some(rules.of.clone()));
        expander.known.insert(
            key.clone(),
            Rc::new(definition.unwrap_or_else(|error| {
                expander.errors.push(error);
                Definition { rules: vec![], of: None }
            })),
        );
    }
    part.visit_mut(&mut expander);
    if expander.unknown.is_some() {
        return expander.unknown;
    }
    let mut free = marks::Free::default();
    part.visit(&mut free);
    for name in free.names {
        let plain = marks::plain(&name.to_string());
        let inside = marks::number(&name).is_some_and(|n| expander.origins[n].is_none());
        let bound = callers.iter().filter(|c| **c == plain).count();
        if bound > usize::from(inside) || bound == 1 && free.bound.contains(&name.to_string()) {
            let message =
                format!("`{plain}` in a macro may be one of several variables of that name: rename one of them");
            expander.errors.add(name.span(), message);
        }
    }
    part.settle();
    errors.append(expander.errors);
    None
}

impl Part<'_> {
    fn visit<'b>(&'b self, visitor: &mut impl Visit<'b>) {
        match self {
            Part::Block(block) => visitor.visit_block(block),
            Part::Expr(expr) => visitor.visit_expr(expr),
        }
    }

    fn visit_mut(&mut self, visitor: &mut impl VisitMut) {
        match self {
            Part::Block(block) => visitor.visit_block_mut(block),
            Part::Expr(expr) => visitor.visit_expr_mut(expr),
        }
    }

    fn settle(&mut self) {
        let mut binders = marks::Binders::default();
        self.visit(&mut binders);
        self.visit_mut(&mut marks::Settle::new(binders));
        match self {
            Part::Block(block) => crate::ungroup::block(block),
            Part::Expr(expr) => crate::ungroup::expr(expr),
        }
    }
}

struct Expander {
    known: HashMap<String, Rc<Definition>>,
    /// For each expansion so far the crate of its macro; none of one that stands in the kernel.
    origins: Vec<Option<String>>,
    errors: Errors,
    depth: usize,
    unknown: Option<Unknown>,
    /// What rustc evaluates, which macros that nobody knows may write.
    constant: bool,
}

impl Expander {
    /// A macro's name, with its crate where that is `$crate`.
    fn key(&self, path: &Path) -> String {
        let text = marks::plain(&path.to_token_stream().to_string());
        let number = path.segments.last().and_then(|last| marks::number(&last.ident));
        match number.and_then(|n| self.origins.get(n)?.as_ref()) {
            Some(of) if text.starts_with('$') => format!("{of} {text}"),
            _ => text,
        }
    }

    /// What a call becomes; nothing of one that stays.
    fn call(&mut self, mac: &Macro) -> Option<TokenStream> {
        let key = self.key(&mac.path);
        let Some(definition) = self.known.get(&key).cloned() else {
            if !self.constant && self.unknown.is_none() && !is_std(&mac.path) {
                self.unknown = Some(Unknown { path: marks::plain_path(&mac.path), key });
            }
            return None;
        };
        let span = mac.path.span();
        if self.depth >= DEEPEST {
            self.errors.add(span, format!("macros call each other more than {DEEPEST} deep here"));
            return Some(quote::quote!({}));
        }
        for rule in &definition.rules {
            if let Some(bindings) = matching::matched(&rule.matcher, mac.tokens.clone()) {
                let number = self.origins.len();
                self.origins.push(definition.of.clone());
                return Some(transcribe::transcribe(&rule.transcriber, &bindings, number).unwrap_or_else(|error| {
                    self.errors.push(error);
                    quote::quote!({})
                }));
            }
        }
        if definition.rules.is_empty() {
            return Some(quote::quote!({})); // one that could not be read
        }
        let name = mac.path.segments.last().map(|s| marks::plain(&s.ident.to_string())).unwrap_or_default();
        self.errors.add(span, format!("no rule of `{name}!` matches this call"));
        Some(quote::quote!({}))
    }

    fn statement(&mut self, mut statement: Stmt, last: bool, into: &mut Vec<Stmt>) {
        match &mut statement {
            Stmt::Item(Item::Macro(item)) if item.mac.path.is_ident("macro_rules") && item.ident.is_some() => {
                let name = item.ident.as_ref().map(|i| marks::plain(&i.to_string())).unwrap_or_default();
                let definition = Definition::read(marks::plain_tokens(item.mac.tokens.clone()), None);
                self.known.insert(
                    name,
                    Rc::new(definition.unwrap_or_else(|error| {
                        self.errors.push(error);
                        Definition { rules: vec![], of: None }
                    })),
                );
                return;
            }
            Stmt::Macro(m) => {
                if let Some(tokens) = self.call(&m.mac) {
                    return self.statements(tokens, m, last, into);
                }
            }
            _ => {}
        }
        self.visit_stmt_mut(&mut statement);
        into.push(statement);
    }

    fn statements(&mut self, tokens: TokenStream, call: &syn::StmtMacro, last: bool, into: &mut Vec<Stmt>) {
        let mut found = match Expr::parse.parse2(tokens.clone()) {
            Ok(expr) => vec![Stmt::Expr(expr, None)],
            Err(_) => match Block::parse_within.parse2(tokens) {
                Ok(statements) => statements,
                Err(error) => {
                    let message = format!("what `{}!` becomes does not fit here: {error}", self.key(&call.mac.path));
                    return self.errors.add(call.mac.path.span(), message);
                }
            },
        };
        if let (Some(Stmt::Expr(_, semicolon)), Some(_)) = (found.last_mut(), call.semi_token) {
            *semicolon = call.semi_token;
        }
        self.depth += 1;
        let count = found.len();
        for (k, statement) in found.into_iter().enumerate() {
            self.statement(statement, last && k + 1 == count, into);
        }
        self.depth -= 1;
    }
}

impl VisitMut for Expander {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let known = self.known.clone();
        let statements = std::mem::take(&mut block.stmts);
        let count = statements.len();
        for (k, statement) in statements.into_iter().enumerate() {
            self.statement(statement, k + 1 == count, &mut block.stmts);
        }
        self.known = known;
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(m) = &*expr
            && let Some(tokens) = self.call(&m.mac)
        {
            let path = &m.mac.path;
            let parser = |input: ParseStream<'_>| {
                let expr = input.parse::<Expr>()?;
                input.parse::<Option<Token![;]>>()?;
                Ok(expr)
            };
            match parser.parse2(tokens) {
                Ok(part) => *expr = part,
                Err(error) => {
                    let message = format!("what `{}!` becomes is no expression: {error}", self.key(path));
                    self.errors.add(path.span(), message);
                    *expr = syn::parse_quote!({});
                }
            }
            self.depth += 1;
            self.visit_expr_mut(expr);
            self.depth -= 1;
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if let Pat::Macro(m) = &*pattern
            && let Some(tokens) = self.call(&m.mac)
        {
            match Pat::parse_multi_with_leading_vert.parse2(tokens) {
                Ok(part) => *pattern = part,
                Err(error) => return self.errors.push(error),
            }
        }
        visit_mut::visit_pat_mut(self, pattern);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        self.arguments(mac);
    }

    fn visit_item_const_mut(&mut self, item: &mut syn::ItemConst) {
        let outer = std::mem::replace(&mut self.constant, true);
        visit_mut::visit_item_const_mut(self, item);
        self.constant = outer;
    }

    fn visit_item_static_mut(&mut self, item: &mut syn::ItemStatic) {
        let outer = std::mem::replace(&mut self.constant, true);
        visit_mut::visit_item_static_mut(self, item);
        self.constant = outer;
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        let outer = std::mem::replace(&mut self.constant, true);
        if let Type::Macro(m) = &*ty
            && let Some(tokens) = self.call(&m.mac)
        {
            match Type::parse.parse2(tokens) {
                Ok(part) => *ty = part,
                Err(error) => self.errors.push(error),
            }
        }
        visit_mut::visit_type_mut(self, ty);
        self.constant = outer;
    }
}
