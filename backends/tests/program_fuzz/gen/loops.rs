//! Loops, all of which end after some rounds.

use std::rc::Rc;

use crate::tree::{Node, plain, scope, statement, text};
use crate::types::{Scalar, Ty};

use super::Gen;
use super::chains::Item;

impl Gen {
    pub(super) fn looping(&mut self, depth: usize) -> Node {
        if self.context.nested > 2 {
            let body = self.body(0);
            return statement("{\n$}\n", vec![body]);
        }
        match self.below(8) {
            0 | 1 => self.for_range(depth),
            2 | 3 => self.for_chain(depth),
            4 => self.for_elements_changed(depth),
            5 => self.for_array(depth),
            6 => self.endless(depth),
            _ => self.while_loop(depth),
        }
    }

    /// The body of a loop with its label.
    fn round(&mut self, depth: usize, run: impl FnOnce(&mut Self, Node) -> Node) -> Node {
        let id = self.id();
        let label: Rc<str> = format!("'l{id}").into();
        self.context.nested += 1;
        self.context.loops.push((id, label.clone()));
        let body = self.body(depth);
        self.context.loops.pop();
        self.context.nested -= 1;
        let used = run(self, body);
        scope(vec![Node::Bind(id, label), text(": "), used])
    }

    fn for_range(&mut self, depth: usize) -> Node {
        let s = self.integer();
        let name = s.name();
        let from = self.below(3);
        let limit = self.value(&Ty::S(s), 2);
        let template = match self.below(5) {
            0 => format!("{from}{name}..=($ & 7)"),
            1 => format!("({from}{name}..($ & 7)).rev()"),
            2 => format!("({from}{name}..($ & 15)).step_by({})", 1 + self.below(4)),
            3 => format!("({from}{name}..=($ & 15)).rev().step_by(2)"),
            _ => format!("{from}{name}..($ & 7)"),
        };
        let range = plain(&template, vec![limit]);
        self.scoped(|g| {
            let mutable = g.percent(20);
            let bound = g.bind(Ty::S(s), mutable, false);
            let shown = if mutable { "mut " } else { "" };
            let node =
                g.round(depth, |_, body| plain(&format!("for {shown}$ in $ {{\n$}}\n"), vec![bound, range, body]));
            statement("$", vec![node])
        })
    }

    fn for_chain(&mut self, depth: usize) -> Node {
        // What the chain borrows is not changed meanwhile.
        self.pure(|g| {
            let chain = g.chain(1);
            g.scoped(|g| {
                let pattern = g.item_pattern(&chain.item);
                let node = g.round(depth, |_, body| plain("for $ in $ {\n$}\n", vec![pattern, chain.node, body]));
                statement("$", vec![node])
            })
        })
    }

    fn for_array(&mut self, depth: usize) -> Node {
        let ty = Ty::S(self.integer());
        let n = 1 + self.below(3);
        let array = self.value(&Ty::array(ty.clone(), n), 2);
        self.scoped(|g| {
            let bound = g.bind(ty, false, false);
            let node = g.round(depth, |_, body| plain("for $ in $ {\n$}\n", vec![bound, array, body]));
            statement("$", vec![node])
        })
    }

    /// `for x in array.iter_mut()`
    fn for_elements_changed(&mut self, depth: usize) -> Node {
        let Some((k, place)) = self.changed(|ty| matches!(ty, Ty::Array(..))) else { return self.for_range(depth) };
        let Ty::Array(of, n) = self.vars[k].ty.clone() else { unreachable!("an array was asked for") };
        self.vars[k].hidden = true;
        let node = self.scoped(|g| {
            let (template, ty, deref) = match g.below(4) {
                0 if n % 2 == 0 => ("$.chunks_exact_mut(2)", Ty::array(*of.clone(), 2), false),
                1 => ("$.iter_mut().enumerate()", *of, true),
                2 => ("$.iter_mut().rev()", *of, true),
                _ => ("$.iter_mut()", *of, true),
            };
            let chain = plain(template, vec![place]);
            if template.contains("enumerate") {
                let counted = g.item_pattern(&Item::Value(Ty::S(Scalar::Usize)));
                let bound = g.fresh(ty, true, deref);
                let node =
                    g.round(depth, |_, body| plain("for ($, $) in $ {\n$}\n", vec![counted, bound, chain, body]));
                return statement("$", vec![node]);
            }
            if !deref {
                let bound = g.fresh(ty, false, false);
                let Node::Bind(id, name) = bound.clone() else { unreachable!("a declaration") };
                g.vars.last_mut().expect("just declared").hidden = true;
                let used = Node::Use(id, name);
                let parts = move |_: &mut Self, body| {
                    plain("for $ in $ {\n$.swap(0, 1);\n$}\n", vec![bound, chain, used, body])
                };
                let node = g.round(depth, parts);
                return statement("$", vec![node]);
            }
            let bound = g.fresh(ty, true, deref);
            let node = g.round(depth, |_, body| plain("for $ in $ {\n$}\n", vec![bound, chain, body]));
            statement("$", vec![node])
        });
        self.vars[k].hidden = false;
        node
    }

    /// `while count < n && condition { count += 1; .. }`
    fn while_loop(&mut self, depth: usize) -> Node {
        let most = 1 + self.below(8);
        self.scoped(|g| {
            let count = g.fresh(Ty::S(Scalar::Usize), false, false);
            let Node::Bind(id, name) = count.clone() else { unreachable!("a declaration") };
            let used = Node::Use(id, name);
            let condition = g.condition(2);
            let parts = vec![used.clone(), condition, used];
            let node = g.round(depth, move |_, body| {
                let template = format!("while $ < {most} && $ {{\n$ += 1;\n$}}\n");
                plain(&template, parts.into_iter().chain([body]).collect())
            });
            statement("$", vec![scope(vec![text("{ let mut "), count, text(" = 0usize;\n"), node, text("}\n")])])
        })
    }

    fn endless(&mut self, depth: usize) -> Node {
        let most = 1 + self.below(8);
        self.scoped(|g| {
            let count = g.fresh(Ty::S(Scalar::U32), false, false);
            let Node::Bind(id, name) = count.clone() else { unreachable!("a declaration") };
            let used = Node::Use(id, name);
            let node = g.round(depth, move |_, body| {
                let template = format!("loop {{\n$ += 1; if $ > {most} {{ break; }}\n$}}\n");
                plain(&template, vec![used.clone(), used, body])
            });
            statement("$", vec![scope(vec![text("{ let mut "), count, text(" = 0u32;\n"), node, text("}\n")])])
        })
    }

    /// `let x = 'l: loop { ..; break 'l value; };`
    pub(super) fn labelled_loop_value(&mut self, depth: usize) -> Node {
        let ty = self.ty(1);
        let id = self.id();
        let label: Rc<str> = format!("'l{id}").into();
        let loop_ = self.scoped(|g| {
            let n = 1 + g.below(2);
            g.context.nested += 1;
            let mut nodes = g.statements(n, depth.min(1));
            let condition = g.condition(2);
            let early = g.value(&ty, 2);
            let leave = vec![condition, Node::Use(id, label.clone()), early];
            nodes.push(statement("if $ { break $ $; }\n", leave));
            let last = g.value(&ty, 2);
            g.context.nested -= 1;
            nodes.push(plain("break $;\n", vec![last]));
            scope(vec![Node::Bind(id, label), text(": loop {\n"), scope(nodes), text("}")])
        });
        let shown = format!(": {}", ty.text());
        let bound = self.bind(ty, false, false);
        statement(&format!("let ${shown} = $;\n"), vec![bound, loop_])
    }
}
