//! Chains of iterators: `x.iter().map(..).sum()`. The oracle keeps them as they are, so that rustc infers their types; the tree
//! has them as a source, stages and a sink, which core fuses into one loop.

use super::pattern::Form;
use super::shape::Shape;
use super::{Body, Name, Tree, at};
use crate::chains;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ExprForLoop, ExprMethodCall, RangeLimits, Stmt};

/// What a chain has been found to be, up to its end.
#[derive(Default)]
pub(super) struct Chain {
    /// Statements before it: an array that is written out gets a variable.
    before: Tree,
    source: Tree,
    pub(super) stages: Tree,
    /// Names of adaptors so far, for `rev`.
    pub(super) names: Vec<String>,
}

/// The function of `std::iter` that a path names, as far as its form tells.
fn iter_source(e: &Expr) -> Option<&Ident> {
    let Expr::Call(call) = e else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    let mut last = path.path.segments.iter().rev();
    let name = &last.next()?.ident;
    let of_iter = last.next().is_some_and(|module| module.ident == "iter");
    (of_iter && chains::ITER_SOURCES.iter().any(|source| name == source)).then_some(name)
}

impl Body {
    /// Is it a chain of iterators with an end?
    pub(super) fn is_chain(&self, call: &ExprMethodCall) -> bool {
        chains::SINKS.iter().any(|name| call.method == name) && self.is_iterator(&call.receiver)
    }

    /// Is it an iterator, as far as its form tells?
    pub(super) fn is_iterator(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(p) => self.is_iterator(&p.expr),
            Expr::Range(_) => true,
            Expr::MethodCall(_) if self.shape(expr) == Shape::Range => true,
            Expr::MethodCall(m) if is_clone(m) => self.held_chain(&m.receiver).is_some(),
            Expr::Reference(r) => r.mutability.is_some() && self.held_chain(&r.expr).is_some(),
            Expr::MethodCall(m) => {
                let name = m.method.to_string();
                chains::is_source(&name, m.args.len()) || chains::is_adaptor(&name) && self.is_iterator(&m.receiver)
            }
            Expr::Call(_) => iter_source(expr).is_some(),
            Expr::Path(path) => self.bound_chain(path).is_some() || self.shape(expr) == Shape::Range,
            _ => false,
        }
    }

    /// The chain that a variable holds, by its name alone.
    pub(super) fn held_chain(&self, expr: &Expr) -> Option<u16> {
        match expr {
            Expr::Paren(p) => self.held_chain(&p.expr),
            Expr::Path(path) => self.bound_chain(path),
            _ => None,
        }
    }

    /// May a part of this be taken, while the rest stays?
    pub(super) fn is_resumed(&self, expr: &Expr) -> bool {
        let names = self.held_chain(expr).and_then(|local| self.chains.get(&local));
        names.is_some_and(|names| names.iter().any(|name| name == "by_ref"))
    }

    /// The chain that a variable holds.
    fn bound_chain(&self, path: &syn::ExprPath) -> Option<u16> {
        match super::expr::single(path).and_then(|name| self.lookup(&name)) {
            Some(Name::Chain(local)) => Some(local),
            _ => None,
        }
    }

    /// `let name = chain;`, or `let mut name = chain;`, of which a part may be taken.
    pub(super) fn let_chain(&mut self, name: &Ident, expr: &mut Expr, resumed: bool) -> Tree {
        let (mut chain, span) = (Chain::default(), expr.span());
        let found = self.iterator(expr, &mut chain);
        let found = found.filter(|()| !self.is_endless(&chain, span));
        let local = self.temporary(&name.unraw().to_string(), super::NONE);
        self.bind(name, Name::Chain(local));
        if resumed && !chain.names.iter().any(|name| chains::KEEPING_MORE.contains(&&**name)) {
            chain.names.push("by_ref".to_string());
        }
        self.chains.insert(local, chain.names);
        match found {
            Some(()) => format!("{}S::Chain({local},&{},&[{}],{resumed}),", chain.before, chain.source, chain.stages),
            None => Tree::new(),
        }
    }

    /// Refuses a chain that goes on for ever.
    pub(super) fn is_endless(&mut self, chain: &Chain, span: Span) -> bool {
        let endless = chain.names.last().is_some_and(|name| name == "cycle");
        if endless {
            self.refuse(span, "in kernels `cycle` has `take` right behind it, or is what `zip` takes");
        }
        endless
    }

    /// `for pattern in chain { .. }`
    pub(super) fn for_chain(&mut self, f: &mut ExprForLoop) -> Tree {
        let span = f.expr.span();
        let mut chain = Chain::default();
        if self.iterator(&mut f.expr, &mut chain).is_none() || self.is_endless(&chain, span) {
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
    pub(super) fn iterator(&mut self, expr: &mut Expr, chain: &mut Chain) -> Option<()> {
        if iter_source(expr).is_some() {
            return self.iter_source(expr, chain);
        }
        match &mut *expr {
            Expr::Paren(p) => self.iterator(&mut p.expr, chain),
            Expr::Range(range) => {
                let span = range.limits.span();
                let Some(from) = &mut range.start else {
                    self.refuse(span, "a range without a start has no items");
                    return None;
                };
                let from = self.expr(from);
                let to = range.end.as_mut().map(|to| self.expr(to));
                let closed = matches!(range.limits, RangeLimits::Closed(_));
                let (slot, row) = self.type_slot(span);
                *expr = Expr::Verbatim(quote_spanned!(span=> #slot.range(#expr)));
                chain.source = match to {
                    Some(to) => format!("G::Range(&{from},&{to},{closed},{row})"),
                    None => format!("G::Open(&{from},{row})"),
                };
                Some(())
            }
            Expr::Path(path) if let Some(local) = self.bound_chain(path) => {
                chain.source = format!("G::Bound({local})");
                chain.names = self.chains.get(&local).cloned().unwrap_or_default();
                Some(())
            }
            Expr::Reference(r) if self.held_chain(&r.expr).is_some() => {
                if !self.is_resumed(&r.expr) {
                    self.refuse(r.expr.span(), NO_REST);
                    return None;
                }
                self.iterator(&mut r.expr, chain)
            }
            Expr::MethodCall(call)
                if is_clone(call)
                    && let Some(local) = self.held_chain(&call.receiver) =>
            {
                chain.names = self.chains.get(&local).cloned().unwrap_or_default();
                if let Some(name) = chain.names.iter().find(|name| chains::takes_closure(name) && *name != "by_ref") {
                    let message = format!("in kernels an iterator with `{name}` is not cloned: write the chain again");
                    self.refuse(call.method.span(), message);
                    return None;
                }
                chain.source = format!("G::Cloned({local})");
                chain.names.retain(|name| name != "by_ref");
                Some(())
            }
            Expr::MethodCall(call) if call.method == "by_ref" && call.args.is_empty() => {
                if self.held_chain(&call.receiver).is_some() && !self.is_resumed(&call.receiver) {
                    self.refuse(call.method.span(), NO_REST);
                    return None;
                }
                self.iterator(&mut call.receiver, chain)
            }
            Expr::MethodCall(call) if !is_clone(call) => {
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
                *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Sequence::checked(#expr)));
                chain.source = format!("G::Items(&{tree})");
                Some(())
            }
        }
    }

    /// `iter::once(value)` and its kin.
    fn iter_source(&mut self, expr: &mut Expr, chain: &mut Chain) -> Option<()> {
        let Some(name) = iter_source(expr).cloned() else { unreachable!("asked before") };
        let Expr::Call(call) = &mut *expr else { unreachable!("asked before") };
        let (span, text) = (name.span(), name.to_string());
        let mut arguments = call.args.iter_mut();
        match (&*text, arguments.next(), arguments.next()) {
            ("once", Some(value), None) => {
                let (tree, row) = self.typed(value);
                chain.source = format!("G::RepeatN(&{tree},None,{row})");
            }
            ("repeat_n", Some(value), Some(n)) => {
                let (tree, row) = self.typed(value);
                let n = self.expr(n);
                chain.source = format!("G::RepeatN(&{tree},Some(&{n}),{row})");
            }
            ("successors", Some(first), Some(next)) => {
                let (first, row) = self.typed(first);
                let next = self.function(next, 1);
                chain.source = format!("G::Successors(&{first},&{next},{row})");
                chain.names.push(text.clone());
            }
            ("from_fn", Some(next), None) => {
                let next = self.typed_function(next, 0, true);
                chain.source = format!("G::FromFn(&{next})");
                chain.names.push(text.clone());
            }
            ("zip", Some(first), Some(second)) => {
                self.iterator(first, chain)?;
                let stage = self.zipped(second, span, chain)?;
                chain.stages.push_str(&format!("{stage},"));
                chain.names.push(text.clone());
            }
            _ => return None, // rustc counts the arguments
        }
        let check = Ident::new(&format!("iter_{text}"), span);
        *expr = Expr::Verbatim(quote_spanned!(span=> __lb::#check(#expr)));
        Some(())
    }

    /// An expression with a row for its type.
    fn typed(&mut self, expr: &mut Expr) -> (Tree, u16) {
        let span = expr.span();
        let tree = self.expr(expr);
        let (slot, row) = self.type_slot(span);
        *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#slot, #expr)));
        (tree, row)
    }

    /// `zip` with another chain.
    fn zipped(&mut self, other: &mut Expr, span: Span, chain: &mut Chain) -> Option<Tree> {
        let parts = self.partner_of("`zip`", other, span, chain)?;
        Some(format!("T::Zip({parts})"))
    }

    /// Source and stages of a chain that another one goes along with, item by item.
    pub(super) fn partner(&mut self, other: &mut Expr, who: &str, chain: &mut Chain) -> Option<Tree> {
        let span = other.span();
        self.partner_of(who, other, span, chain)
    }

    fn partner_of(&mut self, who: &str, other: &mut Expr, span: Span, chain: &mut Chain) -> Option<Tree> {
        let mut inner = Chain::default();
        self.iterator(other, &mut inner)?;
        if inner.names.iter().any(|name| name == "by_ref") {
            let message = format!(
                "{who} takes no `mut` iterator of a variable in kernels: bind it without `mut`, or call `next`"
            );
            self.refuse(span, message);
            return None;
        }
        let first = inner.names.iter().position(|n| chains::takes_closure(n)).unwrap_or(inner.names.len());
        if let Some(name) = inner.names[first..].iter().find(|n| !chains::is_one_to_one(n)) {
            let message = format!("{who} takes no chain with `{name}` behind a closure in kernels: write a `for` loop");
            self.refuse(span, message);
            return None;
        }
        if inner.names.last().is_some_and(|name| name == "cycle") {
            inner.stages.push_str("T::Cycle,");
        }
        chain.before.push_str(&inner.before);
        Some(format!("&{},&[{}]", inner.source, inner.stages))
    }

    /// `flat_map` with a closure: a chain without an end, or something that has items.
    fn flat_map(&mut self, f: &mut Expr) -> Option<Tree> {
        let Expr::Closure(closure) = &mut *f else { return Some(self.flat_mapped_items(f)) };
        let (statements, tail) = match &mut *closure.body {
            Expr::Block(b) if b.label.is_none() && b.attrs.is_empty() => match b.block.stmts.split_last() {
                Some((Stmt::Expr(tail, None), _)) => (true, tail),
                _ => return Some(self.flat_mapped_items(f)),
            },
            body => (false, &*body),
        };
        let (1, None, true) = (closure.inputs.len(), &closure.asyncness, self.is_iterator(tail)) else {
            return Some(self.flat_mapped_items(f));
        };
        // What it moves in it does not change, where all it does is to make an iterator.
        self.attributes(&mut closure.attrs);
        let targets = std::mem::take(&mut self.targets);
        self.closures.push(super::closure::Early::Refused);
        let made = self.scoped(|body| {
            let (mut tags, mut inner) = (TokenStream::new(), Chain::default());
            let pattern = body.pattern(closure.inputs.first_mut()?, Form::Irrefutable, &mut tags);
            let mut before = Tree::new();
            match &mut *closure.body {
                Expr::Block(b) if statements => {
                    let Some(Stmt::Expr(mut tail, None)) = b.block.stmts.pop() else { unreachable!("seen above") };
                    before = body.statements_of(&mut b.block);
                    body.iterator(&mut tail, &mut inner)?;
                    b.block.stmts.push(Stmt::Expr(tail, None));
                }
                whole => body.iterator(whole, &mut inner)?,
            }
            super::prepend(&mut closure.body, quote!(#tags));
            let Chain { before: arrays, source, stages, .. } = inner;
            Some(format!("T::FlatMap({pattern},&[{before}{arrays}],&{source},&[{stages}])"))
        });
        self.closures.pop();
        self.targets = targets;
        made
    }

    /// `flat_map` is `map` and `flatten`.
    fn flat_mapped_items(&mut self, f: &mut Expr) -> Tree {
        let map = self.typed_function(f, 1, true);
        format!("T::Map({map}),T::Flatten")
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
        *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#slot, #expr)));
        chain.before.push_str(&format!("S::Let(&P::Bind({local},false),Some({tree}),None),"));
        format!("E::Local({local})")
    }

    fn source(&mut self, call: &mut ExprMethodCall, name: &str, chain: &mut Chain) {
        let (span, head) = (call.method.span(), call.receiver.span());
        let tree = self.items(&mut call.receiver, chain);
        let items = &call.receiver;
        if name == "into_iter" {
            *call.receiver = Expr::Verbatim(quote_spanned!(head=> __lb::Sequence::checked(#items)));
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
        if name != "take" && chain.names.last().is_some_and(|name| name == "cycle") {
            self.refuse(span, "in kernels `cycle` has `take` right behind it");
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
            ("take", Some(n)) if chain.names.last().is_some_and(|name| name == "cycle") => {
                format!("T::CycleTake({})", self.expr(n))
            }
            ("take", Some(n)) => format!("T::Take({})", self.expr(n)),
            ("cycle", None) => {
                if let Some(closure) = chain.names.iter().find(|n| chains::takes_closure(n)) {
                    let message = format!("in kernels `cycle` comes before `{closure}`, with `take` right behind it");
                    self.refuse(span, message);
                    return None;
                }
                chain.names.push(name.to_string());
                return Some(());
            }
            ("map", Some(f)) => format!("T::Map({})", self.typed_function(f, 1, true)),
            ("filter_map", Some(f)) => format!("T::FilterMap({})", self.typed_function(f, 1, true)),
            ("map_while", Some(f)) => format!("T::MapWhile({})", self.typed_function(f, 1, true)),
            ("filter", Some(f)) => format!("T::Filter({})", self.function(f, 1)),
            ("take_while", Some(f)) => format!("T::TakeWhile({})", self.function(f, 1)),
            ("skip_while", Some(f)) => format!("T::SkipWhile({})", self.function(f, 1)),
            ("inspect", Some(f)) => format!("T::Inspect({})", self.function(f, 1)),
            ("zip", Some(other)) => self.zipped(other, span, chain)?,
            ("chain", Some(other)) => {
                let mut inner = Chain::default();
                self.iterator(other, &mut inner)?;
                chain.before.push_str(&inner.before);
                chain.names.extend(inner.names);
                format!("T::Chain(&{},&[{}])", inner.source, inner.stages)
            }
            ("flatten", None) => {
                let (items, head) = (&call.receiver, call.receiver.span());
                *call.receiver = Expr::Verbatim(quote_spanned!(head=> __lb::flattened(#items)));
                "T::Flatten".to_string()
            }
            ("flat_map", Some(f)) => self.flat_map(f)?,
            ("scan", Some(init)) => {
                let (init, row) = self.typed(init);
                let f = self.typed_function(call.args.iter_mut().nth(1)?, 2, true);
                format!("T::Scan({init},{row},{f})")
            }
            _ => return Some(()), // rustc counts the arguments
        };
        chain.names.push(name.to_string());
        chain.stages.push_str(&format!("{stage},"));
        Some(())
    }
}

/// Is it a copy of a range?
/// Of an iterator in a variable that is not `mut`, or whose place is not known by a number.
pub(super) const NO_REST: &str = "this iterator keeps no rest in its variable in kernels (it is not `mut`, or has `take_while`, `flatten` \
                                  or `flat_map`): write the whole chain here, or a `for` loop";

fn is_clone(call: &ExprMethodCall) -> bool {
    call.method == "clone" && call.args.is_empty()
}

pub(super) fn finished(chain: Chain, sink: &str, slot: u16, span: Span) -> Tree {
    let Chain { before, source, stages, .. } = chain;
    let at = at(span);
    let tree = format!("E::Chain(&{source},&[{stages}],&{sink},{slot},{at})");
    if before.is_empty() { tree } else { format!("E::Block(&[{before}],Some(&{tree}))") }
}
