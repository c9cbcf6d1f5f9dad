//! Chains of iterators.

use crate::tree::{Node, plain, scope, text};
use crate::types::{Scalar, Ty};

use super::Gen;

/// A chain so far, and what its items are.
pub(super) struct Chain {
    pub(super) node: Node,
    pub(super) item: Item,
}

#[derive(Clone)]
pub(super) enum Item {
    Value(Ty),
    Reference(Ty),
    Pair(Box<Item>, Box<Item>),
    Slice(Ty),
}

impl Gen {
    fn source(&mut self, depth: usize) -> Chain {
        if self.context.nested > 2 {
            return Chain { node: text("(0..2_i32)"), item: Item::Value(Ty::S(Scalar::I32)) };
        }
        if self.percent(30) {
            return self.range(depth);
        }
        let Some((of, ty)) = self.sequence() else { return self.range(depth) };
        let template = match self.below(8) {
            0 => "$.iter().copied()",
            1 => "$.iter().cloned()",
            2 => "$.iter().rev()",
            3 => "$.iter().enumerate()",
            4 => "$.windows(2)",
            5 => "$.chunks_exact(2)",
            6 => "$.chunks(3)",
            _ => "$.iter()",
        };
        let item = match template {
            "$.iter().copied()" | "$.iter().cloned()" => Item::Value(ty),
            "$.iter().enumerate()" => Item::Pair(Item::Value(Ty::S(Scalar::Usize)).into(), Item::Reference(ty).into()),
            "$.windows(2)" | "$.chunks_exact(2)" | "$.chunks(3)" => Item::Slice(ty),
            _ => Item::Reference(ty),
        };
        Chain { node: plain(template, vec![of]), item }
    }

    fn range(&mut self, depth: usize) -> Chain {
        let s = self.integer();
        let from = self.below(3);
        let value = self.pure(|g| g.value(&Ty::S(s), depth));
        let dots = self.r.pick(&["..", "..="]);
        let rev = self.r.pick(&["", ".rev()", ".step_by(2)"]);
        let node = plain(&format!("({from}{}{dots}($ & 7)){rev}", s.name()), vec![value]);
        Chain { node, item: Item::Value(Ty::S(s)) }
    }

    /// A source with up to two adaptors.
    pub(super) fn chain(&mut self, depth: usize) -> Chain {
        let mut chain = self.source(depth);
        for _ in 0..self.below(3) {
            chain = self.adapted(chain, depth);
        }
        chain
    }

    fn adapted(&mut self, chain: Chain, depth: usize) -> Chain {
        match self.below(12) {
            9 => self.joined(chain),
            10 => self.loops_inside(chain, depth),
            11 => self.scanned(chain, depth),
            0 | 1 => {
                let ty = Ty::S(self.scalar());
                let closure = self.item_closure(&chain, &ty, depth);
                Chain { node: plain("$.map($)", vec![chain.node, closure]), item: Item::Value(ty) }
            }
            2 | 3 => {
                let method = self.r.pick(&["filter", "take_while", "skip_while"]);
                let closure = self.item_reference_closure(&chain.item, depth);
                Chain { node: plain(&format!("$.{method}($)"), vec![chain.node, closure]), item: chain.item }
            }
            4 => {
                let template = format!("$.{}({})", self.r.pick(&["take", "skip"]), self.below(4));
                Chain { node: plain(&template, vec![chain.node]), item: chain.item }
            }
            5 => {
                let template = format!("$.step_by({})", 1 + self.below(3));
                Chain { node: plain(&template, vec![chain.node]), item: chain.item }
            }
            6 => {
                let ty = Ty::S(self.scalar());
                let closure = self.item_closure(&chain, &Ty::option(ty.clone()), depth);
                let method = self.r.pick(&["filter_map", "map_while"]);
                Chain { node: plain(&format!("$.{method}($)"), vec![chain.node, closure]), item: Item::Value(ty) }
            }
            7 => {
                let item = Item::Pair(Item::Value(Ty::S(Scalar::Usize)).into(), chain.item.into());
                Chain { node: plain("$.enumerate()", vec![chain.node]), item }
            }
            _ => match self.sequence() {
                Some((other, ty)) => {
                    let item = Item::Pair(chain.item.into(), Item::Reference(ty).into());
                    let template = self.r.pick(&["$.zip($.iter())", "$.zip(&$)"]);
                    // A slice is a reference already.
                    let template = if matches!(other, Node::Use(..)) { "$.zip($.iter())" } else { template };
                    Chain { node: plain(template, vec![chain.node, other]), item }
                }
                None => chain,
            },
        }
    }

    /// `chain` with a range, if the items are numbers.
    fn joined(&mut self, chain: Chain) -> Chain {
        let Item::Value(Ty::S(s)) = &chain.item else { return chain };
        if s.is_float() || *s == Scalar::Bool {
            return chain;
        }
        let n = self.below(4);
        Chain { node: plain(&format!("$.chain(1{}..{n})", s.name()), vec![chain.node]), item: chain.item }
    }

    /// `flat_map` and `flatten`.
    fn loops_inside(&mut self, chain: Chain, depth: usize) -> Chain {
        if self.context.nested > 1 {
            return chain;
        }
        let ty = Ty::S(self.scalar());
        let closure = match self.below(3) {
            0 => {
                let closure = self.item_closure(&chain, &Ty::option(ty.clone()), depth);
                let node = plain("$.map($).flatten()", vec![chain.node, closure]);
                return Chain { node, item: Item::Value(ty) };
            }
            1 => self.item_closure(&chain, &Ty::array(ty.clone(), 2), depth),
            _ => {
                let inner = Ty::S(Scalar::U8);
                // What is moved into the inner closure is not mutable.
                self.inside(true, |g| {
                    let pattern = g.item_pattern(&chain.item);
                    let end = g.value(&inner, 1);
                    let rounds = g.closure(std::slice::from_ref(&inner), &ty, false, depth);
                    scope(vec![text("|"), pattern, text("| (0u8..("), end, text(" & 3)).map(move "), rounds, text(")")])
                })
            }
        };
        Chain { node: plain("$.flat_map($)", vec![chain.node, closure]), item: Item::Value(ty) }
    }

    fn scanned(&mut self, chain: Chain, depth: usize) -> Chain {
        let ty = Ty::S(self.integer());
        let first = self.pure(|g| g.value(&ty, 1));
        let closure = self.inside(false, |g| {
            let state = g.fresh(ty.clone(), true, true);
            let Node::Bind(id, name) = state.clone() else { unreachable!("a declaration") };
            let pattern = g.item_pattern(&chain.item);
            let value = g.value(&ty, depth);
            let condition = g.condition(1);
            let used = || Node::Use(id, name.clone());
            let body = vec![used(), used(), value, condition, used()];
            let body = plain("{ *$ = *$ ^ $; ($).then_some(*$) }", body);
            scope(vec![text("|"), state, text(", "), pattern, text("| "), body])
        });
        Chain { node: plain("$.scan($, $)", vec![chain.node, first, closure]), item: Item::Value(ty) }
    }

    /// The pattern of an item, whose variables are declared.
    pub(super) fn item_pattern(&mut self, item: &Item) -> Node {
        match item {
            Item::Value(ty) => self.fresh(ty.clone(), false, false),
            Item::Reference(ty) if self.percent(50) => plain("&$", vec![self.fresh(ty.clone(), false, false)]),
            Item::Reference(ty) => self.fresh(ty.clone(), false, true),
            Item::Pair(a, b) => {
                let parts = vec![self.item_pattern(a), self.item_pattern(b)];
                plain("($, $)", parts)
            }
            Item::Slice(ty) => self.fresh(Ty::Slice(Box::new(ty.clone())), false, false),
        }
    }

    /// `|item| value`
    pub(super) fn item_closure(&mut self, chain: &Chain, result: &Ty, depth: usize) -> Node {
        self.inside(false, |g| {
            let pattern = g.item_pattern(&chain.item);
            let value = g.value(result, depth);
            scope(vec![text("|"), pattern, text("| "), value])
        })
    }

    /// `|&item| condition`
    fn item_reference_closure(&mut self, item: &Item, depth: usize) -> Node {
        self.inside(false, |g| {
            let pattern = g.item_pattern(item);
            let value = g.condition(depth);
            scope(vec![text("|&"), pattern, text("| "), value])
        })
    }

    /// A value of any type from a chain.
    pub(super) fn folded(&mut self, ty: &Ty, depth: usize) -> Node {
        if self.context.nested > 2 {
            return self.leaf(ty);
        }
        let chain = self.chain(depth);
        let of_numbers = matches!(ty, Ty::S(s) if !s.is_float() && !matches!(s, Scalar::Bool | Scalar::Usize));
        if of_numbers && self.percent(30) {
            let risky = self.risky();
            let closure = self.item_closure(&chain, ty, depth);
            let small = if risky { "" } else { ".map(|v| v & 7)" };
            return self.v(ty, &format!("$.map($){small}.sum::<{}>()", ty.text()), vec![chain.node, closure]);
        }
        let first = self.pure(|g| g.value(ty, depth));
        let closure = self.inside(false, |g| {
            let whole = g.fresh(ty.clone(), false, false);
            let pattern = g.item_pattern(&chain.item);
            let value = g.value(ty, depth);
            scope(vec![text("|"), whole, text(", "), pattern, text("| "), value])
        });
        let template = if self.percent(20) { "{ let it = $; it.fold($, $) }" } else { "$.fold($, $)" };
        self.v(ty, template, vec![chain.node, first, closure])
    }

    /// A small number from a chain.
    pub(super) fn counted(&mut self, depth: usize) -> Node {
        let ty = Ty::S(Scalar::Usize);
        let chain = self.chain(depth);
        if self.percent(50) {
            return self.v(&ty, "$.count()", vec![chain.node]);
        }
        let closure = self.item_closure(&chain, &Ty::S(Scalar::Bool), depth);
        let other = self.literal(Scalar::Usize);
        self.v(&ty, "$.position($).unwrap_or($)", vec![chain.node, closure, other])
    }

    /// An option from a chain, or from a slice.
    pub(super) fn searched(&mut self, of: &Ty, depth: usize) -> Node {
        let ty = Ty::option(of.clone());
        let chain = self.chain(depth);
        let closure = self.item_closure(&chain, of, depth);
        let is_integer = matches!(of, Ty::S(s) if !s.is_float() && *s != Scalar::Bool);
        let mut ends = vec!["last()"];
        if is_integer {
            ends.extend(["min()", "max()"]);
        }
        if self.percent(40) {
            let found = self.item_reference_closure(&Item::Value(of.clone()), depth);
            return self.v(&ty, "$.map($).find($)", vec![chain.node, closure, found]);
        }
        let end = self.r.pick(&ends);
        self.v(&ty, &format!("$.map($).{end}"), vec![chain.node, closure])
    }
}
