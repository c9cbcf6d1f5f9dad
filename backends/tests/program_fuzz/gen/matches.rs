//! `match` of pairs, slices and orderings.

use crate::tree::{Node, plain, scope, text};
use crate::types::{Scalar, Ty};

use super::Gen;

impl Gen {
    pub(super) fn matched_otherwise(&mut self, ty: &Ty, depth: usize) -> Node {
        match self.below(3) {
            0 => self.matched_alternatives(ty, depth),
            1 => self.matched_slice(ty, depth),
            _ => self.matched_order(ty, depth),
        }
    }

    /// `(0, x) | (x, 0) if ..`: the guard decides for each alternative.
    fn matched_alternatives(&mut self, ty: &Ty, depth: usize) -> Node {
        let of = Ty::S(self.integer());
        let pair = [self.value(&of, depth), self.value(&of, depth)];
        let patterns = self.r.pick(&[
            ["(0, $) | (", ", 0)"],
            ["(1..=9, $) | (", ", 1..=9)"],
            ["($, 1 | 2) | (1 | 2, ", ")"],
            ["($, _) | (_, ", ")"],
        ]);
        let arm = self.scoped(|g| {
            let bound = g.fresh(of, false, false);
            let Node::Bind(id, name) = bound.clone() else { unreachable!("a declaration") };
            let first = plain(patterns[0], vec![bound]);
            let guard = g.pure(|g| g.condition(depth));
            let value = g.value(ty, depth);
            let again = Node::Use(id, name);
            scope(vec![first, again, text(patterns[1]), text(" if "), guard, text(" => "), value])
        });
        let last = self.value(ty, depth);
        let [a, b] = pair;
        self.v(ty, "(match ($, $) { $, _ => $ })", vec![a, b, arm, last])
    }

    /// Patterns of slices, by length and by elements.
    fn matched_slice(&mut self, ty: &Ty, depth: usize) -> Node {
        let Some((of, element)) = self.sequence() else { return self.matched_order(ty, depth) };
        let cut = self.r.pick(&["&$[..]", "&$[$.len() / 2..]", "&$[..$.len().min(2)]"]);
        let parts = vec![of.clone(); cut.matches('$').count()];
        let slice = plain(cut, parts);
        let mut arms = vec![slice];
        let mut template = "(match $ {".to_owned();
        for _ in 0..1 + self.below(2) {
            let form =
                self.r.pick(&["[1]", "[1, 1]", "[1, ..]", "[.., 1]", "[1, .., 1]", "[1, 2 @ ..]", "[2 @ .., 1]"]);
            let arm = self.scoped(|g| {
                let mut nodes: Vec<Node> = vec![];
                for letter in form.split_inclusive(['1', '2']) {
                    nodes.push(text(letter.trim_end_matches(['1', '2'])));
                    match letter.chars().last() {
                        Some('1') => nodes.push(g.fresh(element.clone(), false, true)),
                        Some('2') => nodes.push(g.fresh(Ty::Slice(Box::new(element.clone())), false, false)),
                        _ => {}
                    }
                }
                if g.percent(40) {
                    nodes.push(text(" if "));
                    nodes.push(g.pure(|g| g.condition(depth)));
                }
                nodes.push(text(" => "));
                // What the pattern borrows, the arm does not assign.
                nodes.push(g.pure(|g| g.value(ty, depth)));
                scope(nodes)
            });
            template += " $,";
            arms.push(arm);
        }
        arms.push(self.value(ty, depth));
        self.v(ty, &(template + " _ => $ })"), arms)
    }

    /// An `Ordering`.
    pub(super) fn order(&mut self, depth: usize) -> Node {
        let float = Ty::S(Scalar::F32);
        let of = Ty::S(self.integer());
        let pair = Ty::Tuple(vec![of.clone(), Ty::S(Scalar::Bool)]);
        let two = |g: &mut Self, ty: &Ty| vec![g.value(ty, depth), g.value(ty, depth)];
        match self.below(6) {
            0 => plain("$.partial_cmp(&$).unwrap_or(std::cmp::Ordering::Equal)", two(self, &float)),
            1 => plain("($).cmp(&($))", two(self, &pair)),
            2 => plain("$.cmp(&$).reverse()", two(self, &of)),
            3 => {
                let parts = [two(self, &of), two(self, &of)].concat();
                plain("$.cmp(&$).then($.cmp(&$))", parts)
            }
            4 => {
                let ordered = (1..self.structs.len()).filter(|k| self.is_ordered(&Ty::Struct(*k))).collect::<Vec<_>>();
                if ordered.is_empty() {
                    return plain("$.cmp(&$)", two(self, &of));
                }
                let k = self.r.pick(&ordered);
                plain("$.partial_cmp(&$).unwrap_or(std::cmp::Ordering::Greater)", two(self, &Ty::Struct(k)))
            }
            _ => plain("$.cmp(&$)", two(self, &of)),
        }
    }

    fn matched_order(&mut self, ty: &Ty, depth: usize) -> Node {
        let order = self.order(depth);
        let mut parts = vec![order];
        if self.percent(40) {
            let test = self.r.pick(&["is_lt", "is_le", "is_gt", "is_ge", "is_eq", "is_ne"]);
            parts.extend([self.value(ty, depth), self.value(ty, depth)]);
            return self.v(ty, &format!("(if $.{test}() {{ $ }} else {{ $ }})"), parts);
        }
        parts.extend([self.value(ty, depth), self.value(ty, depth), self.value(ty, depth)]);
        let template = "(match $ { std::cmp::Ordering::Less => $, std::cmp::Ordering::Equal => $, _ => $ })";
        self.v(ty, template, parts)
    }

    /// Users' structs that derive comparisons: of numbers and of what consists of them.
    pub(super) fn is_ordered(&self, ty: &Ty) -> bool {
        match ty {
            Ty::S(_) => true,
            Ty::Tuple(parts) => parts.iter().all(|ty| self.is_ordered(ty)),
            Ty::Array(ty, _) => self.is_ordered(ty),
            Ty::Struct(k) => *k > 0 && self.structs[*k].fields.iter().all(|ty| self.is_ordered(ty)),
            _ => false,
        }
    }
}
