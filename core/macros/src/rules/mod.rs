//! The user's own `macro_rules!` in kernels: an attribute sees `square!(x)` as it is written, so it is expanded here.
//!
//! Only the copy of the body that devices' code is made of is expanded; the host runs the user's function, with rustc's macro.
//! Both must mean the same: fragments stay one thing (invisible groups), and names that a macro binds are its own (`marks.rs`).

mod definition;
mod marks;
mod matching;
mod transcribe;

use crate::diagnostics::Errors;
use definition::Definition;
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

/// Is a macro defined in the block? Otherwise there is nothing to expand.
pub(crate) fn has_own(block: &Block) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
            self.0 |= item.mac.path.is_ident("macro_rules");
        }
        fn visit_expr(&mut self, expr: &'ast Expr) {
            if !self.0 {
                visit::visit_expr(self, expr);
            }
        }
    }
    let mut search = Search(false);
    search.visit_block(block);
    search.0
}

/// Expands all calls of macros that the block itself defines.
pub(crate) fn expand(block: &mut Block, names: &[String], errors: &mut Errors) {
    let mut binders = marks::Binders::default();
    visit::visit_block(&mut binders, block);
    let callers: Vec<String> = binders.0.into_iter().chain(names.iter().cloned()).collect();
    let mut expander = Expander { known: HashMap::new(), insides: vec![], errors: Errors::default(), depth: 0 };
    expander.visit_block_mut(block);
    for name in marks::free(block) {
        let plain = marks::plain(&name.to_string());
        let inside = marks::number(&name).is_some_and(|n| expander.insides[n]);
        if callers.iter().filter(|c| **c == plain).count() > usize::from(inside) {
            let message =
                format!("`{plain}` in a macro may be another variable than the kernel's `{plain}`: rename one of them");
            expander.errors.add(name.span(), message);
        }
    }
    marks::settle(block);
    crate::ungroup::block(block);
    errors.append(expander.errors);
}

struct Expander {
    known: HashMap<String, Rc<Definition>>,
    /// For each expansion so far, whether its macro stands in the kernel.
    insides: Vec<bool>,
    errors: Errors,
    depth: usize,
}

fn key(path: &Path) -> String {
    marks::plain(&path.to_token_stream().to_string())
}

impl Expander {
    /// What a call of a known macro becomes.
    fn call(&mut self, mac: &Macro) -> Option<TokenStream> {
        let definition = self.known.get(&key(&mac.path))?.clone();
        let span = mac.path.span();
        if self.depth >= DEEPEST {
            self.errors.add(span, format!("macros call each other more than {DEEPEST} deep here"));
            return Some(quote::quote!({}));
        }
        for rule in &definition.rules {
            if let Some(bindings) = matching::matched(&rule.matcher, mac.tokens.clone()) {
                let number = self.insides.len();
                self.insides.push(definition.inside);
                return Some(transcribe::transcribe(&rule.transcriber, &bindings, number).unwrap_or_else(|error| {
                    self.errors.push(error);
                    quote::quote!({})
                }));
            }
        }
        self.errors.add(span, format!("no rule of `{}!` matches this call", key(&mac.path)));
        Some(quote::quote!({}))
    }

    fn statement(&mut self, mut statement: Stmt, last: bool, into: &mut Vec<Stmt>) {
        match &mut statement {
            Stmt::Item(Item::Macro(item)) if item.mac.path.is_ident("macro_rules") && item.ident.is_some() => {
                let name = item.ident.as_ref().map(|i| marks::plain(&i.to_string())).unwrap_or_default();
                match Definition::read(marks::plain_tokens(item.mac.tokens.clone()), true) {
                    Ok(definition) => drop(self.known.insert(name, Rc::new(definition))),
                    Err(error) => self.errors.push(error),
                }
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
                    let message = format!("what `{}!` becomes does not fit here: {error}", key(&call.mac.path));
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
                    let message = format!("what `{}!` becomes is no expression: {error}", key(path));
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

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Macro(m) = &*ty
            && let Some(tokens) = self.call(&m.mac)
        {
            match Type::parse.parse2(tokens) {
                Ok(part) => *ty = part,
                Err(error) => return self.errors.push(error),
            }
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
