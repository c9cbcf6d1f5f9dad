//! Results, `?`, and functions inside of functions.

use std::mem;

use crate::tree::{Node, plain, scope, text};
use crate::types::{Scalar, Ty};

use super::{Context, Gen};

impl Gen {
    pub(super) fn out_of_result(&mut self, ty: &Ty, depth: usize) -> Node {
        if self.context.nested <= 2 && self.percent(30) {
            return self.nested_function(ty, depth);
        }
        let of = Ty::S(self.scalar());
        let error = Ty::S(self.integer());
        let result = self.result(&of, &error, depth);
        match self.below(5) {
            0 => {
                let (good, bad) = (self.closure(&[of], ty, false, depth), self.closure(&[error], ty, false, depth));
                self.v(ty, "$.map($).unwrap_or_else($)", vec![result, good, bad])
            }
            1 => {
                let (good, other) = (self.closure(&[of], ty, false, depth), self.value(ty, depth));
                self.v(ty, "$.map_or($, $)", vec![result, other, good])
            }
            2 => {
                let (good, other) = (self.closure(&[of], ty, false, depth), self.value(ty, depth));
                self.v(ty, "$.ok().map($).unwrap_or($)", vec![result, good, other])
            }
            _ => {
                let arm = |g: &mut Self, name: &str, of: &Ty| {
                    g.scoped(|g| {
                        let bound = g.fresh(of.clone(), false, false);
                        scope(vec![text(format!("{name}(")), bound, text(") => "), g.value(ty, depth)])
                    })
                };
                let (good, bad) = (arm(self, "Ok", &of), arm(self, "Err", &error));
                self.v(ty, "(match $ { $, $ })", vec![result, good, bad])
            }
        }
    }

    /// Something of type `Result<of, error>`.
    fn result(&mut self, of: &Ty, error: &Ty, depth: usize) -> Node {
        match self.below(4) {
            0 => {
                let parts = vec![self.condition(depth), self.value(of, depth), self.value(error, depth)];
                let (of, error) = (of.text(), error.text());
                plain(&format!("(if $ {{ Ok::<{of}, {error}>($) }} else {{ Err($) }})"), parts)
            }
            1 => {
                let option = self.value(&Ty::option(of.clone()), depth);
                let other = self.closure(&[], error, false, depth);
                plain("$.ok_or_else($)", vec![option, other])
            }
            2 => {
                let from = Ty::S(self.scalar());
                let option = self.value(&Ty::option(from.clone()), depth);
                let closure = self.closure(&[from], of, false, depth);
                let other = self.value(error, depth);
                plain("$.ok_or($).map($)", vec![option, other, closure])
            }
            _ => {
                let parts = vec![self.value(&Ty::option(of.clone()), depth), self.value(error, depth)];
                plain("$.ok_or($)", parts)
            }
        }
    }

    /// `{ fn inner(..) -> Result<..> { .. ? .. } match inner(..) { .. } }`, where `inner` sees nothing of what is around.
    fn nested_function(&mut self, ty: &Ty, depth: usize) -> Node {
        let id = self.id();
        let (a, b) = (Ty::S(self.scalar()), self.ty(1));
        let error = Ty::S(self.integer());
        let arguments = vec![self.value(&a, depth), self.value(&b, depth)];
        let vars = mem::take(&mut self.vars);
        let context = mem::replace(&mut self.context, Context { nested: 2, ..Context::default() });
        let mut shown = vec![self.fresh(a.clone(), false, false), self.fresh(b.clone(), false, false)];
        let constant = self.literal(Scalar::U32);
        let step = Ty::S(self.scalar());
        let first = self.result(&step, &error, 1);
        let bound = self.fresh(step, false, false);
        let early = (self.condition(1), self.value(&error, 1));
        let value = self.value(ty, 2);
        self.vars = vars;
        self.context = context;
        shown.extend([constant, bound, first, early.0, early.1, value]);
        let template = format!(
            "fn in{id}($: {}, $: {}) -> Result<{}, {}> {{ const C: u32 = $; let $ = ($)?; if $ {{ return Err($); }} Ok($) }}",
            a.text(),
            b.text(),
            ty.text(),
            error.text()
        );
        let function = scope(vec![plain(&template.replace("Result<", "std::result::Result<"), shown)]);
        let other = self.value(ty, depth);
        let mut parts = vec![function];
        parts.extend(arguments);
        parts.push(other);
        self.v(ty, &format!("{{ $ (match in{id}($, $) {{ Ok(v) => v, Err(_) => $ }}) }}"), parts)
    }
}
