//! Statements.

use crate::tree::{Node, plain, scope, statement, text};
use crate::types::{Scalar, Ty};

use super::Gen;

impl Gen {
    /// So many, some with blocks of their own.
    pub(super) fn statements(&mut self, n: usize, depth: usize) -> Vec<Node> {
        (0..n).map(|_| self.statement(depth)).collect()
    }

    /// A block that forgets its variables.
    pub(super) fn body(&mut self, depth: usize) -> Node {
        self.scoped(|g| {
            let n = 1 + g.below(2);
            scope(g.statements(n, depth))
        })
    }

    fn statement(&mut self, depth: usize) -> Node {
        let simple = depth == 0;
        let depth = depth.saturating_sub(1);
        match self.below(if simple { 13 } else { 29 }) {
            0..=4 => self.declaration(),
            5..=8 => self.assignment(),
            9 => self.swap(),
            10 => self.array_change(),
            11 => self.panic(),
            12 => self.pattern(),
            13 | 14 => self.conditional(depth),
            15 => self.late_declaration(),
            16 => self.let_else(),
            17 => {
                let closure = self.named_closure(2);
                statement("$", vec![closure])
            }
            18 => self.exclusive_reference(),
            19 => self.labelled_loop_value(depth),
            20 => self.match_statement(depth),
            24 => self.exchange(),
            25 if self.risky() => self.told(),
            26 => self.parts_of_slice(),
            27 => self.shared_reference(),
            28 => self.counting().unwrap_or_else(|| self.parts_of_slice()),
            _ => self.looping(depth),
        }
    }

    fn declaration(&mut self) -> Node {
        let ty = self.ty(2);
        let value = self.value(&ty, 3);
        let mutable = self.percent(50);
        let shown = if matches!(ty, Ty::Option(_)) { format!(": {}", ty.text()) } else { self.typed(&ty) };
        let bound = self.bind(ty, mutable, false);
        statement(&format!("let {}${shown} = $;\n", if mutable { "mut " } else { "" }), vec![bound, value])
    }

    fn assignment(&mut self) -> Node {
        let Some((place, ty)) = self.target(Ty::is_value) else {
            return self.declaration();
        };
        let Ty::S(s) = ty else {
            let assigned = self.assigned(place, &ty, 3);
            return statement("$;\n", vec![assigned]);
        };
        if s.is_float() || s == Scalar::Usize || self.percent(40) {
            let assigned = self.assigned(place, &ty, 3);
            return statement("$;\n", vec![assigned]);
        }
        let value = self.value(&ty, 3);
        if s == Scalar::Bool || !self.risky() {
            let operator = self.r.pick(&["^=", "|=", "&="]);
            return statement(&format!("$ {operator} $;\n"), vec![place, value]);
        }
        let operator = self.r.pick(&["+=", "-=", "*=", "/=", "%=", "<<=", ">>="]);
        statement(&format!("$ {operator} $;\n"), vec![place, value])
    }

    /// `(a, b) = (b, a)`, and of other values.
    fn swap(&mut self) -> Node {
        let one = self.target(|ty| matches!(ty, Ty::S(_)));
        let Some((a, ty)) = one else { return self.declaration() };
        let Some((b, _)) = self.target(|t| *t == ty) else { return self.declaration() };
        if self.percent(50) {
            return statement("($, $) = ($, $);\n", vec![a.clone(), b.clone(), b, a]);
        }
        let parts = vec![a, b, self.value(&ty, 2), self.value(&ty, 2)];
        statement("($, $) = ($, $);\n", parts)
    }

    /// Methods of arrays that change them.
    fn array_change(&mut self) -> Node {
        let Some((array, Ty::Array(of, n))) = self.target(|ty| matches!(ty, Ty::Array(..))) else {
            return self.declaration();
        };
        match self.below(5) {
            0 => {
                let value = self.pure(|g| g.value(&of, 2));
                statement("{ let other = $; $.fill(other); }\n", vec![value, array])
            }
            1 => statement("$.reverse();\n", vec![array]),
            2 => {
                let (a, b) = (self.below(n), self.below(n));
                statement(&format!("$.swap({a}, {b});\n"), vec![array])
            }
            3 => {
                let other = self.pure(|g| g.value(&Ty::Array(of, n), 1));
                // Not from itself.
                statement("{ let other = $; $.copy_from_slice(&other); }\n", vec![other, array])
            }
            _ => {
                let index = self.index(&array, 2);
                let value = self.value(&of, 2);
                // The index before the value: both may change what is around.
                statement("$[$] = $;\n", vec![array, index, value])
            }
        }
    }

    fn panic(&mut self) -> Node {
        if !self.risky() {
            return self.assignment();
        }
        let condition = self.condition(3);
        let template = self.r.pick(&[
            "assert!($);\n",
            "assert!($, \"not so\");\n",
            "if $ { panic!(\"on purpose\"); }\n",
            "if $ { unreachable!(); }\n",
            "debug_assert!($);\n",
        ]);
        statement(template, vec![condition])
    }

    /// `let (a, S1 { f0, .. }) = value;`
    fn pattern(&mut self) -> Node {
        let ty = match self.below(4) {
            0 if self.structs.len() > 1 => Ty::Struct(1 + self.below(self.structs.len() - 1)),
            1 => {
                let part = self.part(1);
                let n = 1 + self.below(3);
                Ty::array(part, n)
            }
            _ => {
                let parts = vec![self.part(1), self.part(1)];
                Ty::Tuple(parts)
            }
        };
        let value = self.value(&ty, 3);
        let pattern = self.taken_apart(&ty, 2);
        statement("let $ = $;\n", vec![pattern, value])
    }

    fn taken_apart(&mut self, ty: &Ty, depth: usize) -> Node {
        match ty {
            Ty::Tuple(parts) if depth > 0 => {
                let nodes = parts.iter().map(|ty| self.taken_apart(ty, depth - 1)).collect();
                plain(&format!("({})", vec!["$"; parts.len()].join(", ")), nodes)
            }
            Ty::Struct(k) if depth > 0 && *k > 0 => {
                let fields = self.structs[*k].fields.clone();
                let shown = 1 + self.below(fields.len());
                let list: Vec<_> = (0..shown).map(|k| format!("f{k}: $")).collect();
                let nodes = fields.iter().take(shown).map(|ty| self.taken_apart(ty, depth - 1)).collect();
                plain(&format!("S{k} {{ {}, .. }}", list.join(", ")), nodes)
            }
            Ty::Array(of, n) if depth > 0 => self.array_apart(of, *n, depth - 1),
            _ if self.percent(15) => text("_"),
            _ => {
                let mutable = self.percent(30);
                // Each name once in a pattern.
                let bound = self.fresh(ty.clone(), mutable, false);
                plain(if mutable { "mut $" } else { "$" }, vec![bound])
            }
        }
    }

    /// `[a, .., z]`, `[a, rest @ ..]`
    fn array_apart(&mut self, of: &Ty, n: usize, depth: usize) -> Node {
        let before = self.below(n + 1);
        let behind = self.below(n - before + 1);
        let left = n - before - behind;
        let mut nodes: Vec<Node> = (0..before).map(|_| self.taken_apart(of, depth)).collect();
        let mut list = vec!["$"; before];
        if left > 0 || self.percent(20) {
            if left > 0 && self.percent(40) {
                list.push("$ @ ..");
                nodes.push(self.fresh(Ty::array(of.clone(), left), false, false));
            } else {
                list.push("..");
            }
        }
        list.extend(vec!["$"; behind]);
        nodes.extend((0..behind).map(|_| self.taken_apart(of, depth)));
        plain(&format!("[{}]", list.join(", ")), nodes)
    }

    /// `let [a, rest @ ..] = slice else { .. };`
    fn parts_of_slice(&mut self) -> Node {
        let jump = self.jump();
        // Tables: what can change is not borrowed as long.
        let found = self.read(|ty| matches!(ty, Ty::Slice(_)));
        let (Some((slice, Ty::Slice(of))), true) = (found, jump.size() > 1) else { return self.declaration() };
        let form = self.r.pick(&["[1, 2]", "[1, .., 1]", "[1, 3]", "[3, 1, 1]", "[_, 1, ..]"]);
        let mut nodes = vec![];
        let mut template = String::new();
        for letter in form.chars() {
            match letter {
                '1' | '2' => {
                    template.push('$');
                    nodes.push(self.fresh((*of).clone(), false, true));
                }
                '3' => {
                    template += "$ @ ..";
                    nodes.push(self.fresh(Ty::Slice(of.clone()), false, false));
                }
                other => template.push(other),
            }
        }
        nodes.extend([slice, jump]);
        statement(&format!("let {template} = $ else {{ $ }};\n"), nodes)
    }

    /// `let r = &x.f1;`
    fn shared_reference(&mut self) -> Node {
        let Some((place, ty)) = self.constant() else { return self.declaration() };
        let bound = self.fresh(ty, false, true);
        statement("let $ = &$;\n", vec![bound, place])
    }

    fn conditional(&mut self, depth: usize) -> Node {
        if self.percent(30) {
            return self.if_let(depth);
        }
        let condition = self.condition(3);
        let yes = self.body(depth);
        match self.below(4) {
            0 => {
                let no = self.body(depth);
                statement("if $ {\n$} else {\n$}\n", vec![condition, yes, no])
            }
            1 => {
                let (other, no) = (self.condition(2), self.body(depth));
                statement("if $ {\n$} else if $ {\n$}\n", vec![condition, yes, other, no])
            }
            2 => {
                // The jump does not know what the body declares, so its names must not be hidden by that.
                let jump = self.jump();
                statement("if $ {\n{\n$}\n$}\n", vec![condition, yes, jump])
            }
            _ => statement("if $ {\n$}\n", vec![condition, yes]),
        }
    }

    /// Out of a loop, or of the function.
    fn jump(&mut self) -> Node {
        let loops = self.context.loops.clone();
        if !loops.is_empty() && self.percent(80) {
            let (id, label) = self.r.pick(&loops);
            let word = self.r.pick(&["break", "continue"]);
            return plain(&format!("{word} $;\n"), vec![Node::Use(id, label)]);
        }
        match self.context.result.clone() {
            Some(ty) => {
                let value = self.value(&ty, 2);
                plain("return $;\n", vec![value])
            }
            None => text(""),
        }
    }

    /// `if let Some(x) = option && condition {..}`
    fn if_let(&mut self, depth: usize) -> Node {
        let of = self.part(1);
        let option = self.value(&Ty::option(of.clone()), 3);
        self.scoped(|g| {
            let bound = g.bind(of, false, false);
            let mut nodes = vec![text("if let Some("), bound, text(") = "), option];
            if g.percent(50) {
                nodes.push(text(" && "));
                nodes.push(g.condition(2));
            }
            nodes.push(text(" {\n"));
            nodes.push(g.body(depth));
            nodes.push(text("}\n"));
            statement("$", vec![scope(nodes)])
        })
    }

    /// `let x; if c { x = a; } else { x = b; }`
    fn late_declaration(&mut self) -> Node {
        let ty = self.ty(1);
        let condition = self.condition(2);
        let (a, b) = (self.value(&ty, 2), self.value(&ty, 2));
        let bound = self.fresh(ty.clone(), false, false);
        let Node::Bind(id, name) = bound.clone() else { unreachable!("a declaration") };
        let used = Node::Use(id, name);
        let template = format!("let $: {};\nif $ {{ $ = $; }} else {{ $ = $; }}\n", ty.text());
        statement(&template, vec![bound, condition, used.clone(), a, used, b])
    }

    /// `let Some(x) = option else { jump };`
    fn let_else(&mut self) -> Node {
        let jump = self.jump();
        if jump.size() == 1 {
            return self.declaration();
        }
        let of = self.part(1);
        let option = self.value(&Ty::option(of.clone()), 3);
        let bound = self.bind(of, false, false);
        statement("let Some($) = ($) else { $ };\n", vec![bound, option, jump])
    }

    /// `let r = &mut x; *r = ..;`
    fn exclusive_reference(&mut self) -> Node {
        let Some((k, place)) = self.changed(Ty::is_value) else {
            return self.declaration();
        };
        let ty = self.vars[k].ty.clone();
        let (place, ty) = self.some_part(place, ty);
        self.vars[k].hidden = true;
        let node = self.scoped(|g| {
            let bound = g.fresh(ty.clone(), true, true);
            let n = 1 + g.below(2);
            let mut inner = vec![plain("let $ = &mut $;\n", vec![bound, place])];
            inner.extend(g.statements(n, 0));
            statement("{\n$}\n", vec![scope(inner)])
        });
        self.vars[k].hidden = false;
        node
    }

    fn match_statement(&mut self, depth: usize) -> Node {
        let of = Ty::S(self.integer());
        let option = self.value(&Ty::Tuple(vec![of.clone(), Ty::S(Scalar::Bool)]), 2);
        let (a, b) = (self.below(5), self.below(50));
        let first = self.body(depth);
        let second = self.scoped(|g| {
            let bound = g.bind(of, false, false);
            let guard = g.pure(|g| g.condition(2));
            let body = g.body(depth);
            scope(vec![text("("), bound, text(", true) if "), guard, text(" => {\n"), body, text("}\n")])
        });
        let last = self.body(depth);
        let template = format!("match $ {{ ({a} | {b}, _) => {{\n$}}\n $ _ => {{\n$}}\n}}\n");
        statement(&template, vec![option, first, second, last])
    }
}
