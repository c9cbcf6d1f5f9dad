//! Blocks and statements.

use super::pattern::Form;
use super::shape::{Shape, Shapes};
use super::{Body, Tree, option};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use std::collections::HashMap;
use syn::spanned::Spanned;
use syn::{Block, Expr, Item, Local, Pat, Stmt};

/// Generated statements as one statement of a block.
fn verbatim(statements: TokenStream) -> Stmt {
    Stmt::Expr(Expr::Verbatim(statements), None)
}

/// The name that a plain pattern binds.
fn bound_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => Some(&name.ident),
        Pat::Type(typed) => bound_name(&typed.pat),
        _ => None,
    }
}

/// `mut name`
fn is_mutable(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(name) => name.mutability.is_some(),
        Pat::Type(typed) => is_mutable(&typed.pat),
        _ => false,
    }
}

impl Body {
    /// The tree of a block, in a scope of its own.
    pub(crate) fn block(&mut self, block: &mut Block) -> Tree {
        self.block_after(block, TokenStream::new())
    }

    /// The same; the oracle's block starts with the statements `tags`.
    pub(super) fn block_after(&mut self, block: &mut Block, tags: TokenStream) -> Tree {
        self.scoped(|body| body.statements(block, tags))
    }

    /// Statements without a value, in the current scope.
    pub(super) fn statements_of(&mut self, block: &mut Block) -> Tree {
        let tree = self.statements(block, TokenStream::new());
        format!("S::Expr({tree}),")
    }

    fn statements(&mut self, block: &mut Block, tags: TokenStream) -> Tree {
        let (mut trees, mut tail) = (Tree::new(), None);
        let mut oracle = vec![];
        if !tags.is_empty() {
            oracle.push(verbatim(tags));
        }
        let statements = std::mem::take(&mut block.stmts);
        let last = statements.len().saturating_sub(1);
        for (k, mut statement) in statements.into_iter().enumerate() {
            let mut after = TokenStream::new();
            match &mut statement {
                Stmt::Local(local) => trees.push_str(&self.local(local, &mut after)),
                Stmt::Expr(expr, semicolon) => {
                    let tree = self.expr(expr);
                    if k == last && semicolon.is_none() {
                        tail = Some(tree);
                    } else {
                        trees.push_str(&format!("S::Expr({tree}),"));
                    }
                }
                Stmt::Macro(m) => {
                    self.attributes(&mut m.attrs);
                    let ends = m.semi_token.is_none() && k == last;
                    let (tree, semi) = (self.macro_call(&mut m.mac), m.semi_token);
                    if let Some(instead) = self.instead.take() {
                        statement = Stmt::Expr(Expr::Verbatim(instead), semi);
                    }
                    if ends {
                        tail = Some(tree);
                    } else {
                        trees.push_str(&format!("S::Expr({tree}),"));
                    }
                }
                Stmt::Item(item) => self.item(item),
            }
            oracle.push(statement);
            if !after.is_empty() {
                oracle.push(verbatim(after));
            }
        }
        block.stmts = oracle;
        let tail = option(tail);
        format!("E::Block(&[{trees}],{tail})")
    }

    /// An item inside the body is repeated beside the tables, which may name it.
    fn item(&mut self, item: &mut Item) {
        match item {
            Item::Const(_) | Item::Use(_) => self.items.push(item.to_token_stream()),
            Item::Static(s) => match &s.mutability {
                syn::StaticMutability::None => self.items.push(item.to_token_stream()),
                _ => {
                    let message = "`static mut` is not supported in kernels: use a parameter, or an atomic in a slice";
                    self.errors.add(s.ident.span(), message);
                }
            },
            Item::Fn(f) => {
                f.attrs.retain(|a| a.path().segments.last().is_none_or(|s| s.ident != "kernel_fn"));
                self.functions.push(f.clone());
            }
            other => {
                let message = "only `const`, `static`, `use` and `fn` items are supported inside a kernel: move it out";
                self.errors.add(other.span(), message)
            }
        }
    }

    fn local(&mut self, local: &mut Local, after: &mut TokenStream) -> Tree {
        self.attributes(&mut local.attrs);
        if let Pat::Ident(name) = &local.pat
            && let Some(init) = &mut local.init
            && let Expr::Closure(closure) = &mut *init.expr
            && closure.capture.is_none()
        {
            let (parameters, body, _) = self.closure(closure);
            // Bodies of closures are checked for borrows by themselves: nothing gets there either.
            let span = closure.body.span();
            super::prepend(&mut closure.body, quote_spanned!(span=> __lb::never();));
            let id = self.declare_closure(&name.ident);
            return format!("S::Closure({id},&[{parameters}],&{body}),");
        }
        if let Some(name) = bound_name(&local.pat)
            && let Some(init) = &mut local.init
            && self.is_closure(&init.expr)
        {
            let name = name.clone();
            return self.let_closure(&name, &mut init.expr);
        }
        if let Some(name) = bound_name(&local.pat)
            && let Some(init) = &mut local.init
            && !matches!(*init.expr, Expr::Range(_) | Expr::Path(_))
            && self.is_iterator(&init.expr)
            && self.shape(&init.expr) != Shape::Range
        {
            let (name, resumed) = (name.clone(), is_mutable(&local.pat));
            return self.let_chain(&name, &mut init.expr, resumed);
        }
        let mut form = Form::Irrefutable;
        let (mut value, mut otherwise) = ("None".to_string(), "None".to_string());
        let mut shapes = Shapes::One(Shape::Unknown);
        let mut expected = HashMap::new();
        self.exact_let(&local.pat, local.init.as_ref().map(|init| &*init.expr), &mut expected);
        if let Some(init) = &mut local.init {
            shapes = self.shapes_of(&init.expr);
            let tree = self.expr(&mut init.expr);
            value = format!("Some({tree})");
            if let Some((_, diverge)) = &mut init.diverge {
                form = Form::Refutable;
                let tree = self.expr(diverge);
                otherwise = format!("Some(&{tree})");
            }
        }
        if form == Form::Irrefutable {
            self.expected = expected;
        }
        let pattern = self.pattern(&mut local.pat, form, after);
        self.expected.clear();
        self.shape_let(&local.pat, &shapes);
        format!("S::Let(&{pattern},{value},{otherwise}),")
    }
}
