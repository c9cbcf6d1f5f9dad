//! Control flow: branches, loops, jumps.

use super::pattern::Form;
use super::shape::Shape;
use super::spans::{begin, span_of};
use super::{Body, Exact, Tree, at, option, prepend};
use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, ExprForLoop, ExprMatch, ExprRange, Pat, RangeLimits};

/// An adaptor in the head of a `for` loop, and its argument.
type Adaptor<'a> = (Ident, Option<&'a mut Expr>);

impl Body {
    pub(super) fn control(&mut self, expr: &mut Expr) -> Tree {
        // for what is refused
        let span = begin(expr);
        match expr {
            Expr::If(i) => {
                let (condition, accept) = self.scoped(|body| {
                    let mut tags = TokenStream::new();
                    let condition = body.condition(&mut i.cond, &mut tags);
                    (condition, body.block_after(&mut i.then_branch, tags))
                });
                let reject = option(i.else_branch.as_mut().map(|(_, e)| self.expr(e)));
                format!("E::If(&{condition},&{accept},{reject})")
            }
            Expr::Match(m) => self.match_expr(m),
            Expr::Block(b) => match b.label.clone() {
                None => self.block(&mut b.block),
                label => self.inside(&label, false, |body, id| {
                    let tree = body.block(&mut b.block);
                    format!("E::LabelledBlock({id},&{tree})")
                }),
            },
            Expr::Loop(l) => {
                let label = l.label.clone();
                self.inside(&label, true, |body, id| {
                    let tree = body.block(&mut l.body);
                    format!("E::Loop({id},&{tree})")
                })
            }
            Expr::While(w) => {
                let label = w.label.clone();
                self.inside(&label, true, |body, id| {
                    body.scoped(|body| {
                        let mut tags = TokenStream::new();
                        let condition = body.condition(&mut w.cond, &mut tags);
                        let tree = body.block_after(&mut w.body, tags);
                        format!("E::While({id},&{condition},&{tree})")
                    })
                })
            }
            Expr::ForLoop(f) => self.for_loop(f),
            Expr::Break(b) => {
                let value = self.optional(&mut b.expr);
                let id = self.target(&b.label, span, false);
                format!("E::Break({id},{value})")
            }
            Expr::Continue(c) => {
                let id = self.target(&c.label, span, true);
                format!("E::Continue({id})")
            }
            Expr::Return(r) => {
                if let Err(refused) = self.leave(span, "return") {
                    return refused;
                }
                let value = self.optional(&mut r.expr);
                format!("E::Return({value})")
            }
            _ => unreachable!("called for control flow"),
        }
    }

    fn match_expr(&mut self, m: &mut ExprMatch) -> Tree {
        let shapes = self.shapes_of(&m.expr);
        let value = self.expr(&mut m.expr);
        let mut arms = Tree::new();
        for arm in &mut m.arms {
            self.attributes(&mut arm.attrs);
            let tree = self.scoped(|body| {
                let mut tags = TokenStream::new();
                let (pattern, guard) = match &mut arm.pat {
                    Pat::Guard(g) => {
                        let pattern = body.pattern(&mut g.pat, Form::Refutable, &mut tags);
                        body.shape_let(&g.pat, &shapes);
                        if let Expr::Let(l) = &*g.guard {
                            body.refuse(l.let_token.span(), "`if let` guards are not supported in kernels");
                        }
                        let guard = body.expr(&mut g.guard);
                        (pattern, format!("Some({guard})"))
                    }
                    whole => {
                        let pattern = body.pattern(whole, Form::Refutable, &mut tags);
                        body.shape_let(whole, &shapes);
                        (pattern, "None".to_string())
                    }
                };
                let tree = body.expr(&mut arm.body);
                prepend(&mut arm.body, tags);
                format!("A({pattern},{guard},{tree}),")
            });
            arm.comma.get_or_insert_with(Default::default);
            arms.push_str(&tree);
        }
        format!("E::Match(&{value},&[{arms}])")
    }

    /// A range with `.rev()` and `.step_by()`, or a slice or array.
    fn for_loop(&mut self, f: &mut ExprForLoop) -> Tree {
        let head = in_parentheses(&f.expr);
        // a range in a variable has a loop of its own
        let range = matches!(head, Expr::Path(_)) && self.shape(head) == Shape::Range;
        if self.is_iterator(head) && !is_simple(head) && !range {
            return self.for_chain(f);
        }
        let mut adaptors = vec![];
        let head = peel(&mut f.expr, &mut adaptors);
        if let Expr::Range(range) = head {
            let exact = self.exact_range(range.start.as_deref(), range.end.as_deref());
            let Some(parts) = self.range(range, adaptors) else {
                return "E::Unit".to_string();
            };
            return self.for_range(f, parts, exact);
        }
        let (mut exclusive, mut before) = (None, Tree::new());
        for (name, _) in &adaptors {
            if name == "iter" || name == "iter_mut" {
                exclusive = Some(name == "iter_mut");
            } else {
                let span = name.span();
                return self.refuse(span, "in kernels only ranges are reversed or stepped");
            }
        }
        let at_head = span_of(head);
        let literal = is_literal(head);
        let element = self.shape(head).element();
        let mut slice = self.expr(head);
        if literal {
            // its elements have the type that rustc finds for them: a variable tells
            let (slot, ty) = self.type_slot(at_head);
            let local = self.temporary("", ty);
            *head = Expr::Verbatim(quote_spanned!(at_head=> __lb::Tagged::__lb_pass(&#slot, #head)));
            before = format!("S::Let(&P::Bind({local},false),Some({slice}),None)");
            slice = format!("E::Local({local})");
        }
        match exclusive {
            Some(exclusive) => {
                // is it really the `iter` of a slice or an array?
                let value = Ident::new("__r", at_head);
                let probe = quote_spanned!(adaptors[0].0.span()=> __lb::iterated(#value));
                *head = Expr::Verbatim(quote_spanned!(at_head=> (*{ let #value = &#head; #probe; #value })));
                slice = format!("E::Borrow({exclusive},&{slice})");
            }
            None => *head = Expr::Verbatim(quote_spanned!(at_head=> __lb::Sequence::checked(#head))),
        }
        let label = f.label.clone();
        let tree = self.inside(&label, true, |body, id| {
            body.scoped(|body| {
                let mut tags = TokenStream::new();
                let pattern = body.pattern(&mut f.pat, Form::Irrefutable, &mut tags);
                body.shape_pattern(&f.pat, element);
                let tree = body.block_after(&mut f.body, tags);
                format!("E::ForEach({id},&{pattern},&{slice},&{tree})")
            })
        });
        if before.is_empty() { tree } else { format!("E::Block(&[{before}],Some(&{tree}))") }
    }

    /// The fields of `ForRange` that the head tells.
    fn range(&mut self, range: &mut ExprRange, adaptors: Vec<Adaptor<'_>>) -> Option<Tree> {
        let span = range.limits.span();
        let (Some(from), Some(to)) = (&mut range.start, &mut range.end) else {
            self.refuse(span, "a range without a start has no items");
            return None;
        };
        let (from, to) = (self.expr(from), self.expr(to));
        let inclusive = matches!(range.limits, RangeLimits::Closed(_));
        let (mut reversed, mut step) = (false, None);
        for (name, argument) in adaptors.into_iter().rev() {
            match (&*name.to_string(), argument) {
                ("rev", None) if step.is_none() => reversed = !reversed,
                ("step_by", Some(n)) if step.is_none() => step = Some(self.expr(n)),
                ("rev", _) => {
                    self.refuse(name.span(), "in kernels `.rev()` comes before `.step_by()`");
                    return None;
                }
                ("step_by", _) => {
                    self.refuse(name.span(), "in kernels a range has one `.step_by(n)`");
                    return None;
                }
                _ => {
                    self.refuse(name.span(), "in kernels a range is looped over directly");
                    return None;
                }
            }
        }
        let step = match step {
            Some(step) => format!("Some({step})"),
            None => "None".to_string(),
        };
        let at = at(span);
        Some(format!("from:{from},to:{to},inclusive:{inclusive},reversed:{reversed},step:{step},at:{at},"))
    }

    fn for_range(&mut self, f: &mut ExprForLoop, parts: Tree, exact: Option<Exact>) -> Tree {
        let label = f.label.clone();
        self.inside(&label, true, |body, id| {
            body.scoped(|body| {
                let mut pattern = &*f.pat;
                while let Pat::Paren(p) = pattern {
                    pattern = &p.pat;
                }
                let (variable, tags) = match &pattern.clone() {
                    Pat::Ident(i) if i.subpat.is_none() && i.by_ref.is_none() => {
                        let known = exact.map(|exact| body.declare_exact(&i.ident, exact));
                        known.map_or_else(|| body.declare(&i.ident), |local| (local, TokenStream::new()))
                    }
                    Pat::Wild(_) if exact.as_ref().is_some_and(|e| !e.is_char()) => {
                        (body.temporary("_", super::NONE), TokenStream::new())
                    }
                    Pat::Wild(w) => {
                        // its type counts all the same: `char`s leave some numbers out
                        let name = proc_macro2::Ident::new("__w", w.underscore_token.span());
                        let declared = body.declare(&name);
                        *f.pat = syn::parse_quote!(#name);
                        declared
                    }
                    other => {
                        let span = other.span();
                        body.refuse(span, "a loop over a range binds a plain name or `_` in kernels");
                        return "E::Unit".to_string();
                    }
                };
                body.set_shape(variable, Shape::Number);
                let tree = body.block_after(&mut f.body, tags);
                format!("E::ForRange(&R {{ label:{id},variable:{variable},{parts} body:{tree} }})")
            })
        })
    }
}

/// An array that is written out, or a reference to one.
pub(super) fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Array(_) | Expr::Repeat(_) => true,
        Expr::Paren(p) => is_literal(&p.expr),
        Expr::Reference(r) => is_literal(&r.expr),
        _ => false,
    }
}

/// Is it a range with at most one `rev` and then one `step_by`, or `x.iter()`? Those have loops of their own.
fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(p) => is_simple(&p.expr),
        Expr::MethodCall(m) if m.method == "iter" || m.method == "iter_mut" => true,
        Expr::MethodCall(m) if m.method == "step_by" => is_simple_range(&m.receiver),
        expr => is_simple_range(expr),
    }
}

/// `a..b`, `(a..b).rev()`
fn is_simple_range(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(p) => is_simple_range(&p.expr),
        Expr::MethodCall(m) if m.method == "rev" => in_parens(&m.receiver),
        expr => in_parens(expr),
    }
}

fn in_parentheses(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(p) => in_parentheses(&p.expr),
        expr => expr,
    }
}

/// `(a..b)`, which has an end: `a..` is a chain.
fn in_parens(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(p) => in_parens(&p.expr),
        expr => matches!(expr, Expr::Range(range) if range.start.is_none() || range.end.is_some()),
    }
}

/// Takes the adaptors off the head of a `for` loop.
fn peel<'a>(expr: &'a mut Expr, adaptors: &mut Vec<Adaptor<'a>>) -> &'a mut Expr {
    const ADAPTORS: [&str; 4] = ["rev", "step_by", "iter", "iter_mut"];
    let transparent = match &*expr {
        Expr::Paren(_) => true,
        Expr::MethodCall(m) => m.args.len() <= 1 && ADAPTORS.iter().any(|n| m.method == n),
        _ => false,
    };
    if !transparent {
        return expr;
    }
    match expr {
        Expr::Paren(p) => peel(&mut p.expr, adaptors),
        Expr::MethodCall(m) => {
            adaptors.push((m.method.clone(), m.args.first_mut()));
            peel(&mut m.receiver, adaptors)
        }
        _ => unreachable!("only these are transparent"),
    }
}
