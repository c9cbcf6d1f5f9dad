//! Closures, in place and bound by `let`.

use std::mem;

use crate::tree::{Node, plain, scope, text};
use crate::types::{Scalar, Ty};

use super::{Context, Gen};

impl Gen {
    /// Runs as in the body of a closure: it ends itself only, and changes nothing outside.
    pub(super) fn inside<R>(&mut self, named: bool, run: impl FnOnce(&mut Self) -> R) -> R {
        let floor = self.vars.len();
        let captured = if named { floor } else { self.context.captured };
        let inner = Context { floor, captured, loops: vec![], result: None, nested: self.context.nested + 1 };
        let outer = mem::replace(&mut self.context, inner);
        let result = self.scoped(run);
        self.context = outer;
        result
    }

    /// `|a, b| value`
    pub(super) fn closure(&mut self, parameters: &[Ty], result: &Ty, named: bool, depth: usize) -> Node {
        self.inside(named, |g| {
            let mut nodes = vec![text("|")];
            for ty in parameters {
                nodes.push(g.fresh(ty.clone(), false, false));
                if named || g.percent(20) {
                    nodes.push(text(format!(": {}", ty.text())));
                }
                nodes.push(text(", "));
            }
            nodes.push(text("| "));
            nodes.push(g.value(result, depth));
            scope(nodes)
        })
    }

    /// `|&a| condition`, of a reference to that type.
    pub(super) fn filter_closure(&mut self, of: &Ty, depth: usize) -> Node {
        self.inside(false, |g| {
            let pointed = g.percent(40);
            let bound = g.fresh(of.clone(), false, pointed);
            let condition = g.condition(depth);
            scope(vec![text(if pointed { "|" } else { "|&" }), bound, text("| "), condition])
        })
    }

    /// `let c = |..| ..;`
    pub(super) fn named_closure(&mut self, depth: usize) -> Node {
        let parameters: Vec<Ty> = (0..self.below(3)).map(|_| Ty::S(self.scalar())).collect();
        let result = Ty::S(self.scalar());
        let closure = self.closure(&parameters, &result, true, depth);
        let bound = self.fresh(Ty::Closure(parameters, Box::new(result)), false, false);
        plain("let $ = $;\n", vec![bound, closure])
    }

    pub(super) fn called_closure(&mut self, ty: &Ty, depth: usize) -> Option<Node> {
        let (closure, found) = self.read(|t| matches!(t, Ty::Closure(_, result) if **result == *ty))?;
        let Ty::Closure(parameters, _) = found else { unreachable!("a closure was asked for") };
        let list = vec!["$"; parameters.len()].join(", ");
        let mut parts = vec![closure];
        parts.extend(parameters.iter().map(|ty| self.value(ty, depth)));
        Some(self.v(ty, &format!("$({list})"), parts))
    }

    /// A truth that a chain finds out, or a plain one.
    pub(super) fn decided(&mut self, depth: usize) -> Node {
        let ty = Ty::S(Scalar::Bool);
        let chain = self.chain(depth);
        let method = self.r.pick(&["any", "all"]);
        let closure = self.item_closure(&chain, &ty, depth);
        self.v(&ty, &format!("$.{method}($)"), vec![chain.node, closure])
    }
}
