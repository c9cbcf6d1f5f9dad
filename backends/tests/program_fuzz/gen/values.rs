//! Values of any type.

use crate::tree::{Node, plain, scope, statement, text};
use crate::types::{Scalar, Ty};

use super::Gen;

impl Gen {
    pub(super) fn value(&mut self, ty: &Ty, depth: usize) -> Node {
        if depth == 0 || self.percent(15) {
            return self.leaf(ty);
        }
        let depth = depth - 1;
        match self.below(22) {
            0 => self.branch(ty, depth),
            1 => self.matched(ty, depth),
            2 => self.block(ty, depth),
            3 | 4 => self.called(ty, depth).unwrap_or_else(|| self.made(ty, depth)),
            5 => self.called_closure(ty, depth).unwrap_or_else(|| self.made(ty, depth)),
            6 => self.out_of_option(ty, depth),
            7 => self.element(ty, depth).unwrap_or_else(|| self.made(ty, depth)),
            8 => self.folded(ty, depth),
            20 => self.matched_otherwise(ty, depth),
            21 => self.out_of_result(ty, depth),
            9 => match self.read(|t| t == ty) {
                Some((place, _)) => self.v(ty, "$", vec![place]),
                None => self.made(ty, depth),
            },
            _ => self.made(ty, depth),
        }
    }

    pub(super) fn condition(&mut self, depth: usize) -> Node {
        self.value(&Ty::S(Scalar::Bool), depth)
    }

    /// A variable, or what is written down.
    pub(super) fn leaf(&mut self, ty: &Ty) -> Node {
        if self.percent(70)
            && let Some((place, _)) = self.read(|t| t == ty)
        {
            return self.v(ty, "$", vec![place]);
        }
        match ty {
            Ty::S(s) => self.literal(*s),
            _ => self.made(ty, 0),
        }
    }

    pub(super) fn literal(&mut self, s: Scalar) -> Node {
        let ty = Ty::S(s);
        let shown = match s {
            Scalar::Bool => self.r.pick(&["true", "false"]).to_owned(),
            Scalar::Usize => format!("{}usize", self.below(6)),
            Scalar::F32 | Scalar::F64 => return self.float_literal(s),
            _ => self.integer_literal(s),
        };
        self.v(&ty, &shown, vec![])
    }

    /// By the type's own means.
    fn made(&mut self, ty: &Ty, depth: usize) -> Node {
        match ty {
            Ty::S(Scalar::Bool) => self.truth(depth),
            Ty::S(Scalar::Usize) => self.size(depth),
            Ty::S(s) if s.is_float() => self.float(*s, depth),
            Ty::S(s) => self.number(*s, depth),
            Ty::Option(of) => self.option(of, depth),
            Ty::Tuple(parts) => {
                let list = vec!["$"; parts.len()].join(", ");
                let parts = parts.iter().map(|ty| self.value(ty, depth)).collect();
                self.v(ty, &format!("({list})"), parts)
            }
            Ty::Array(of, n) => self.array(of, *n, depth),
            Ty::Struct(k) => self.structure_value(*k, depth),
            Ty::Enum(k) => {
                let v = self.below(self.enums[*k].variants.len());
                let variant = self.enums[*k].variants[v].clone();
                let fields = variant.fields.iter().map(|ty| self.value(ty, depth)).collect();
                let value = Self::variant_pattern(*k, v, variant.named, fields);
                self.v(ty, if variant.named { "($)" } else { "$" }, vec![value])
            }
            Ty::Slice(_) | Ty::Closure(..) | Ty::Counters => unreachable!("of variables only"),
        }
    }

    fn array(&mut self, of: &Ty, n: usize, depth: usize) -> Node {
        let ty = Ty::array(of.clone(), n);
        if self.percent(25) {
            let value = self.value(of, depth);
            return self.v(&ty, &format!("[$; {n}]"), vec![value]);
        }
        if self.percent(20) {
            let from = self.value(&ty, depth);
            let closure = self.closure(std::slice::from_ref(of), of, false, depth);
            return self.v(&ty, "$.map($)", vec![from, closure]);
        }
        let parts = (0..n).map(|_| self.value(of, depth)).collect();
        self.v(&ty, &format!("[{}]", vec!["$"; n].join(", ")), parts)
    }

    fn structure_value(&mut self, k: usize, depth: usize) -> Node {
        let ty = Ty::Struct(k);
        let fields = self.structs[k].fields.clone();
        if self.percent(40)
            && let Some((base, _)) = self.read(|t| *t == ty)
        {
            let f = self.below(fields.len());
            let value = self.value(&fields[f], depth);
            // All fields and `..base` is an error of nobody, but a lint.
            return self.v(&ty, &format!("(S{k} {{ f{f}: $, ..$ }})"), vec![value, base]);
        }
        let list: Vec<_> = (0..fields.len()).map(|k| format!("f{k}: $")).collect();
        let parts = fields.iter().map(|ty| self.value(ty, depth)).collect();
        self.v(&ty, &format!("(S{k} {{ {} }})", list.join(", ")), parts)
    }

    fn branch(&mut self, ty: &Ty, depth: usize) -> Node {
        let condition = self.condition(depth);
        if self.percent(30) {
            // `if let` with an option.
            let of = Ty::S(self.scalar());
            let option = self.value(&Ty::option(of.clone()), depth);
            return self.scoped(|g| {
                let bound = g.bind(of, false, false);
                let yes = g.value(ty, depth);
                let yes = scope(vec![text("if let Some("), bound, text(") = "), option, text(" { "), yes, text(" }")]);
                let no = g.value_elsewhere(ty, depth);
                g.v(ty, "($ else { $ })", vec![yes, no])
            });
        }
        let yes = self.value(ty, depth);
        let no = self.value(ty, depth);
        self.v(ty, "(if $ { $ } else { $ })", vec![condition, yes, no])
    }

    /// A value where the last variable is not in scope.
    fn value_elsewhere(&mut self, ty: &Ty, depth: usize) -> Node {
        let var = self.vars.pop().expect("a variable");
        let value = self.value(ty, depth);
        self.vars.push(var);
        value
    }

    /// `match` of an integer: constants, ranges, alternatives, guards, bindings.
    fn matched(&mut self, ty: &Ty, depth: usize) -> Node {
        if !self.enums.is_empty() && self.percent(40) {
            let k = self.below(self.enums.len());
            return self.matched_enum(k, ty, depth);
        }
        let s = self.integer();
        let of = Ty::S(s);
        let value = self.value(&of, depth);
        let mut arms = vec![value];
        let mut template = "(match $ {".to_owned();
        for _ in 0..1 + self.below(3) {
            let low = self.below(40) as i64 - if s.is_signed() { 20 } else { 0 };
            let high = low + self.below(30) as i64;
            let pattern = match self.below(4) {
                0 => format!("{low}"),
                1 => format!("{low} | {}", high + 1),
                2 => format!("{low}..={high}"),
                _ => format!("..{}", high.max(1)),
            };
            let arm = self.scoped(|g| {
                let mut nodes = vec![];
                if g.percent(40) {
                    nodes.push(g.bind(of.clone(), false, false));
                    nodes.push(text(if pattern.contains('|') {
                        format!(" @ ({pattern})")
                    } else {
                        format!(" @ {pattern}")
                    }));
                } else {
                    nodes.push(text(&pattern));
                }
                if g.percent(30) {
                    nodes.push(text(" if "));
                    nodes.push(g.pure(|g| g.condition(depth)));
                }
                nodes.push(text(" => "));
                nodes.push(g.value(ty, depth));
                scope(nodes)
            });
            template += " $,";
            arms.push(arm);
        }
        let last = self.scoped(|g| {
            let pattern = if g.percent(50) { g.bind(of, false, false) } else { text("_") };
            scope(vec![pattern, text(" => "), g.value(ty, depth)])
        });
        arms.push(last);
        self.v(ty, &(template + " $ })"), arms)
    }

    fn matched_enum(&mut self, k: usize, ty: &Ty, depth: usize) -> Node {
        let mut arms = vec![self.value(&Ty::Enum(k), depth)];
        let mut template = "(match $ {".to_owned();
        let variants = self.enums[k].variants.clone();
        let open = self.percent(30);
        let shown = if open { 1 + self.below(variants.len()) } else { variants.len() };
        for (v, variant) in variants.iter().enumerate().take(shown) {
            let arm = self.scoped(|g| {
                let fields: Vec<Node> = variant.fields.iter().map(|ty| g.fresh(ty.clone(), false, false)).collect();
                let pattern = Self::variant_pattern(k, v, variant.named, fields);
                scope(vec![pattern, text(" => "), g.value(ty, depth)])
            });
            template += " $,";
            arms.push(arm);
        }
        if open {
            template += " _ => $,";
            arms.push(self.value(ty, depth));
        }
        self.v(ty, &(template + " })"), arms)
    }

    fn block(&mut self, ty: &Ty, depth: usize) -> Node {
        if self.percent(40) {
            return self.labelled(ty, depth);
        }
        self.scoped(|g| {
            let n = 1 + g.below(2);
            let mut nodes = g.statements(n, depth.min(1));
            nodes.push(g.value(ty, depth));
            g.v(ty, "{\n$ }", vec![scope(nodes)])
        })
    }

    /// `'l: { if .. { break 'l value; } value }`
    fn labelled(&mut self, ty: &Ty, depth: usize) -> Node {
        let id = self.id();
        let label: std::rc::Rc<str> = format!("'l{id}").into();
        let condition = self.condition(depth);
        let (early, late) = (self.value(ty, depth), self.value(ty, depth));
        let leave = statement("if $ { break $ $; } ", vec![condition, Node::Use(id, label.clone()), early]);
        self.v(ty, "($)", vec![scope(vec![Node::Bind(id, label), text(": { "), leave, late, text(" }")])])
    }

    fn called(&mut self, ty: &Ty, depth: usize) -> Option<Node> {
        let fitting: Vec<usize> = (0..self.functions.len()).filter(|k| self.functions[*k].result == *ty).collect();
        let k = (!fitting.is_empty()).then(|| self.r.pick(&fitting))?;
        let function = self.functions[k].clone();
        let mut parts = vec![];
        // What the last argument borrows is not assigned by those before it.
        let mut list = vec!["$"; function.parameters.len()];
        let exclusive = match &function.changes {
            None => None,
            Some(ty) => Some(self.target(|t| t == ty)?.0),
        };
        for ty in &function.parameters {
            parts.push(self.value(ty, depth));
        }
        if let Some(place) = exclusive {
            list.push("&mut $");
            parts.push(place);
        }
        Some(self.v(ty, &format!("fn{k}({})", list.join(", ")), parts))
    }

    /// An element of an array or a slice.
    fn element(&mut self, ty: &Ty, depth: usize) -> Option<Node> {
        let (of, _) = self.read(|t| matches!(t, Ty::Slice(of) | Ty::Array(of, _) if **of == *ty))?;
        let index = self.pure(|g| g.index(&of, depth));
        Some(self.v(ty, "$[$]", vec![of, index]))
    }

    fn truth(&mut self, depth: usize) -> Node {
        let ty = Ty::S(Scalar::Bool);
        let two = |g: &mut Self, s: Scalar| vec![g.value(&Ty::S(s), depth), g.value(&Ty::S(s), depth)];
        match self.below(12) {
            0..=4 => {
                let s = if self.percent(10) { Scalar::F32 } else { self.integer() };
                let operator = self.r.pick(&["==", "!=", "<", "<=", ">", ">="]);
                let parts = two(self, s);
                self.v(&ty, &format!("($ {operator} $)"), parts)
            }
            5 | 6 => {
                let operator = self.r.pick(&["&&", "||", "^", "&", "|"]);
                let parts = two(self, Scalar::Bool);
                self.v(&ty, &format!("($ {operator} $)"), parts)
            }
            7 => {
                let value = self.condition(depth);
                self.v(&ty, "(!$)", vec![value])
            }
            8 => {
                let of = Ty::S(self.integer());
                let option = self.value(&Ty::option(of.clone()), depth);
                match self.below(3) {
                    0 => self.v(&ty, "$.is_some()", vec![option]),
                    1 => self.v(&ty, "$.is_none()", vec![option]),
                    _ => {
                        let closure = self.closure(&[of], &ty, false, depth);
                        let method = self.r.pick(&["is_some_and", "is_none_or"]);
                        self.v(&ty, &format!("$.{method}($)"), vec![option, closure])
                    }
                }
            }
            9 => self.compared_parts(depth),
            10 => self.tested(depth),
            _ => self.decided(depth),
        }
    }

    /// Tuples and arrays, compared.
    fn compared_parts(&mut self, depth: usize) -> Node {
        let (a, b) = (Ty::S(self.integer()), Ty::S(self.integer()));
        let of = if self.percent(50) { Ty::Tuple(vec![a, b]) } else { Ty::array(a, 2) };
        let operator = self.r.pick(&["==", "!=", "<", "<=", ">", ">="]);
        let parts = vec![self.value(&of, depth), self.value(&of, depth)];
        self.v(&Ty::S(Scalar::Bool), &format!("(($) {operator} ($))"), parts)
    }

    /// Small numbers: all devices have them.
    fn size(&mut self, depth: usize) -> Node {
        let ty = Ty::S(Scalar::Usize);
        match self.below(6) {
            0 => {
                let value = self.value(&Ty::S(Scalar::U8), depth);
                self.v(&ty, "($ as usize)", vec![value])
            }
            1 => match self.sequence() {
                Some((of, _)) => self.v(&ty, "$.len()", vec![of]),
                None => self.literal(Scalar::Usize),
            },
            2 => {
                let parts = vec![self.value(&ty, depth), self.value(&ty, depth)];
                let operator = self.r.pick(&["% ($ + 1)", "/ ($ + 1)", "& $", ">> ($ & 7)"]);
                self.v(&ty, &format!("($ {operator})"), parts)
            }
            3 => {
                let parts = vec![self.value(&ty, depth), self.value(&ty, depth)];
                let method = self.r.pick(&["min", "max", "abs_diff", "saturating_sub"]);
                self.v(&ty, &format!("$.{method}($)"), parts)
            }
            4 => self.counted(depth),
            _ => self.leaf(&ty),
        }
    }

    /// `let` with a type, or without.
    pub(super) fn typed(&mut self, ty: &Ty) -> String {
        if self.percent(60) { format!(": {}", ty.text()) } else { String::new() }
    }

    /// A place with a value that may still change it.
    pub(super) fn assigned(&mut self, place: Node, ty: &Ty, depth: usize) -> Node {
        let value = self.value(ty, depth);
        plain("$ = $", vec![place, value])
    }
}
