//! Chains of iterators: `x.iter().map(..).sum()`. The oracle keeps them as they are, so that rustc infers their types; the tree
//! has them as a source, stages and a sink, which core fuses into one loop.

use super::pattern::Form;
use super::{Body, Tree, at};
use crate::chains;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, ExprForLoop, ExprMethodCall, RangeLimits};

/// What a chain has been found to be, up to its end.
#[derive(Default)]
struct Chain {
    /// Statements before it: an array that is written out gets a variable.
    before: Tree,
    source: Tree,
    stages: Tree,
    /// Names of adaptors so far, for `rev`.
    names: Vec<String>,
}

/// Is it a chain of iterators with an end?
pub(super) fn is_chain(call: &ExprMethodCall) -> bool {
    chains::SINKS.iter().any(|name| call.method == name) && is_iterator(&call.receiver)
}

/// Is it an iterator, as far as its form tells?
pub(super) fn is_iterator(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(p) => is_iterator(&p.expr),
        Expr::Range(_) => true,
        Expr::MethodCall(m) => {
            let name = m.method.to_string();
            chains::is_source(&name, m.args.len()) || chains::is_adaptor(&name) && is_iterator(&m.receiver)
        }
        _ => false,
    }
}

impl Body {
    /// A chain that ends in a method.
    pub(super) fn chain(&mut self, expr: &mut Expr) -> Tree {
        let Expr::MethodCall(call) = &mut *expr else { unreachable!("called for method calls") };
        let (name, span) = (call.method.to_string(), call.method.span());
        let mut chain = Chain::default();
        if self.iterator(&mut call.receiver, &mut chain).is_none() {
            return "E::Unit".to_string();
        }
        if let Some(turbofish) = &call.turbofish
            && !["sum", "product"].contains(&&*name)
        {
            return self.refuse(turbofish.span(), format!("type arguments of `{name}` are not supported in kernels"));
        }
        let Some(arity) = chains::sink_arity(&name) else { unreachable!("a sink") };
        let mut arguments = call.args.iter_mut();
        let sink = match (&*name, arguments.next(), arguments.next()) {
            ("sum", ..) => "K::Sum".to_string(),
            ("product", ..) => "K::Product".to_string(),
            ("min", ..) => "K::Min".to_string(),
            ("max", ..) => "K::Max".to_string(),
            ("count", ..) => "K::Count".to_string(),
            ("last", ..) => "K::Last".to_string(),
            ("fold", Some(init), Some(f)) => {
                let init = self.expr(init);
                let f = self.function(f, arity);
                format!("K::Fold({init},{f})")
            }
            (_, Some(f), None) => {
                let f = self.function(f, arity);
                let sink = match &*name {
                    "any" => "Any",
                    "all" => "All",
                    "position" => "Position",
                    "find" => "Find",
                    _ => "ForEach",
                };
                format!("K::{sink}({f})")
            }
            _ => return "E::Unit".to_string(), // rustc counts the arguments
        };
        let mut slot = super::NONE;
        if !["any", "all", "count", "position", "for_each"].contains(&&*name) {
            let (pass, row) = self.type_slot(span);
            slot = row;
            let checked = match &*name {
                "sum" | "product" => quote_spanned!(span=> __lb::summed(#expr)),
                "min" | "max" => quote_spanned!(span=> __lb::extreme(#expr)),
                _ => quote_spanned!(span=> #expr),
            };
            *expr = Expr::Verbatim(quote_spanned!(span=> #pass.pass(#checked)));
        }
        finished(chain, &sink, slot, span)
    }

    /// `for pattern in chain { .. }`
    pub(super) fn for_chain(&mut self, f: &mut ExprForLoop) -> Tree {
        let span = f.expr.span();
        let mut chain = Chain::default();
        if self.iterator(&mut f.expr, &mut chain).is_none() {
            return "E::Unit".to_string();
        }
        let label = f.label.clone();
        let sink = self.inside(&label, true, |body, id| {
            body.scoped(|body| {
                let mut tags = TokenStream::new();
                let pattern = body.pattern(&mut f.pat, Form::Irrefutable, &mut tags);
                let tree = body.block_after(&mut f.body, tags);
                format!("K::Loop({id},{pattern},{tree})")
            })
        });
        finished(chain, &sink, super::NONE, span)
    }

    /// Takes an iterator apart; `None` where it was refused.
    fn iterator(&mut self, expr: &mut Expr, chain: &mut Chain) -> Option<()> {
        match &mut *expr {
            Expr::Paren(p) => self.iterator(&mut p.expr, chain),
            Expr::Range(range) => {
                let span = range.limits.span();
                let (Some(from), Some(to)) = (&mut range.start, &mut range.end) else {
                    self.refuse(span, "a range without an end is not supported in kernels: use `loop`");
                    return None;
                };
                let (from, to) = (self.expr(from), self.expr(to));
                let closed = matches!(range.limits, RangeLimits::Closed(_));
                let (slot, row) = self.type_slot(span);
                *expr = Expr::Verbatim(quote_spanned!(span=> #slot.range(#expr)));
                chain.source = format!("G::Range(&{from},&{to},{closed},{row})");
                Some(())
            }
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                if chains::is_source(&name, call.args.len()) {
                    self.source(call, &name, chain);
                    return Some(());
                }
                self.iterator(&mut call.receiver, chain)?;
                self.stage(call, &name, chain)
            }
            _ => {
                // what `zip` takes: a slice or array as it is
                let tree = self.items(expr, chain);
                let span = expr.span();
                *expr = Expr::Verbatim(quote_spanned!(span=> __lb::sequence(#expr)));
                chain.source = format!("G::Items(&{tree})");
                Some(())
            }
        }
    }

    /// The slice or array of a chain; one that is written out gets a variable, whose type rustc tells.
    fn items(&mut self, expr: &mut Expr, chain: &mut Chain) -> Tree {
        let span = expr.span();
        let literal = super::loops::is_literal(expr);
        let tree = self.expr(expr);
        if !literal {
            return tree;
        }
        let (slot, ty) = self.type_slot(span);
        let local = self.temporary("", ty);
        *expr = Expr::Verbatim(quote_spanned!(span=> #slot.pass(#expr)));
        chain.before.push_str(&format!("S::Let(&P::Bind({local},false),Some({tree}),None),"));
        format!("E::Local({local})")
    }

    fn source(&mut self, call: &mut ExprMethodCall, name: &str, chain: &mut Chain) {
        let (span, head) = (call.method.span(), call.receiver.span());
        let tree = self.items(&mut call.receiver, chain);
        let items = &call.receiver;
        if name == "into_iter" {
            *call.receiver = Expr::Verbatim(quote_spanned!(head=> __lb::sequence(#items)));
            chain.source = format!("G::Items(&{tree})");
            return;
        }
        // is it really the method of a slice or an array?
        let value = Ident::new("__r", head);
        let probe = quote_spanned!(span=> __lb::iterated(#value));
        *call.receiver = Expr::Verbatim(quote_spanned!(head=> (*{ let #value = &#items; #probe; #value })));
        let exclusive = name.ends_with("_mut");
        let at = at(span);
        let size = call.args.first_mut().map(|size| self.expr(size)).unwrap_or_default();
        chain.source = match name {
            "iter" | "iter_mut" => format!("G::Items(&E::Borrow({exclusive},&{tree}))"),
            "windows" => format!("G::Windows(&{tree},&{size},{at})"),
            _ => format!("G::Chunks(&{tree},&{size},{},{at})", name.starts_with("chunks_exact")),
        };
    }

    fn stage(&mut self, call: &mut ExprMethodCall, name: &str, chain: &mut Chain) -> Option<()> {
        let span = call.method.span();
        if let Some(instead) = chains::instead(name) {
            self.refuse(span, format!("`{name}` is not supported in kernels: {instead}"));
            return None;
        }
        if name == "rev" && !chains::may_reverse(&chain.names) {
            self.refuse(span, "in kernels `.rev()` comes before adaptors that count the items of a closure's results");
            return None;
        }
        let at = at(span);
        let argument = call.args.first_mut();
        let stage = match (name, argument) {
            ("rev", None) => "T::Rev".to_string(),
            ("enumerate", None) => "T::Enumerate".to_string(),
            ("copied" | "cloned", None) => "T::Copied".to_string(),
            ("step_by", Some(n)) => format!("T::StepBy({},{at})", self.expr(n)),
            ("skip", Some(n)) => format!("T::Skip({})", self.expr(n)),
            ("take", Some(n)) => format!("T::Take({})", self.expr(n)),
            ("map", Some(f)) => format!("T::Map({})", self.typed_function(f, 1, true)),
            ("filter_map", Some(f)) => format!("T::FilterMap({})", self.typed_function(f, 1, true)),
            ("map_while", Some(f)) => format!("T::MapWhile({})", self.typed_function(f, 1, true)),
            ("filter", Some(f)) => format!("T::Filter({})", self.function(f, 1)),
            ("take_while", Some(f)) => format!("T::TakeWhile({})", self.function(f, 1)),
            ("skip_while", Some(f)) => format!("T::SkipWhile({})", self.function(f, 1)),
            ("inspect", Some(f)) => format!("T::Inspect({})", self.function(f, 1)),
            ("zip", Some(other)) => {
                let mut inner = Chain::default();
                self.iterator(other, &mut inner)?;
                if let Some(closure) = inner.names.iter().find(|n| chains::takes_closure(n)) {
                    let message = format!("`zip` takes no chain with `{closure}` in kernels: put it behind `zip`");
                    self.refuse(span, message);
                    return None;
                }
                chain.before.push_str(&inner.before);
                format!("T::Zip(&{},&[{}])", inner.source, inner.stages)
            }
            _ => return Some(()), // rustc counts the arguments
        };
        chain.names.push(name.to_string());
        chain.stages.push_str(&format!("{stage},"));
        Some(())
    }
}

fn finished(chain: Chain, sink: &str, slot: u16, span: Span) -> Tree {
    let Chain { before, source, stages, .. } = chain;
    let at = at(span);
    let tree = format!("E::Chain(&{source},&[{stages}],&{sink},{slot},{at})");
    if before.is_empty() { tree } else { format!("E::Block(&[{before}],Some(&{tree}))") }
}
