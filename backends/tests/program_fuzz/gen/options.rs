//! Options: made, changed, and taken apart.

use crate::tree::Node;
use crate::types::{Scalar, Ty};

use super::Gen;

impl Gen {
    pub(super) fn option(&mut self, of: &Ty, depth: usize) -> Node {
        let ty = Ty::option(of.clone());
        match self.below(11) {
            0 if depth == 0 || self.percent(50) => self.v(&ty, &format!("None::<{}>", of.text()), vec![]),
            1 | 2 if depth > 0 => match of {
                Ty::S(s) if !s.is_float() && !matches!(s, Scalar::Bool | Scalar::Usize) => self.checked(*s, depth),
                _ => self.option_of_condition(&ty, of, depth),
            },
            3 if depth > 0 => {
                let parts = vec![self.value(&ty, depth), self.value(&ty, depth)];
                let method = self.r.pick(&["or", "xor"]);
                self.v(&ty, &format!("$.{method}($)"), parts)
            }
            4 if depth > 0 => {
                let from = Ty::S(self.scalar());
                let option = self.value(&Ty::option(from.clone()), depth);
                let closure = self.closure(&[from], of, false, depth);
                self.v(&ty, "$.map($)", vec![option, closure])
            }
            5 if depth > 0 => {
                let from = Ty::S(self.scalar());
                let option = self.value(&Ty::option(from.clone()), depth);
                let closure = self.closure(&[from], &ty, false, depth);
                self.v(&ty, "$.and_then($)", vec![option, closure])
            }
            6 if depth > 0 => {
                let option = self.value(&ty, depth);
                let closure = self.filter_closure(of, depth);
                self.v(&ty, "$.filter($)", vec![option, closure])
            }
            7 if depth > 0 => {
                let option = self.value(&ty, depth);
                let closure = self.closure(&[], &ty, false, depth);
                self.v(&ty, "$.or_else($)", vec![option, closure])
            }
            8 if depth > 0 => self.option_of_condition(&ty, of, depth),
            9 if depth > 0 => self.searched(of, depth),
            _ => {
                let value = self.value(of, depth.saturating_sub(1));
                self.v(&ty, "Some($)", vec![value])
            }
        }
    }

    fn option_of_condition(&mut self, ty: &Ty, of: &Ty, depth: usize) -> Node {
        let condition = self.condition(depth);
        if self.percent(50) {
            let value = self.value(of, depth);
            return self.v(ty, "$.then_some($)", vec![condition, value]);
        }
        let closure = self.closure(&[], of, false, depth);
        self.v(ty, "$.then($)", vec![condition, closure])
    }

    /// A value of that type from an option.
    pub(super) fn out_of_option(&mut self, ty: &Ty, depth: usize) -> Node {
        let of = Ty::S(self.scalar());
        match self.below(6) {
            0 => {
                let parts = vec![self.value(&Ty::option(ty.clone()), depth), self.value(ty, depth)];
                self.v(ty, "$.unwrap_or($)", parts)
            }
            1 => {
                let option = self.value(&Ty::option(ty.clone()), depth);
                let closure = self.closure(&[], ty, false, depth);
                self.v(ty, "$.unwrap_or_else($)", vec![option, closure])
            }
            2 => {
                let parts = vec![self.value(&Ty::option(of.clone()), depth), self.value(ty, depth)];
                let closure = self.closure(&[of], ty, false, depth);
                self.v(ty, "$.map_or($, $)", parts.into_iter().chain([closure]).collect())
            }
            3 => {
                let option = self.value(&Ty::option(of.clone()), depth);
                let none = self.closure(&[], ty, false, depth);
                let some = self.closure(&[of], ty, false, depth);
                self.v(ty, "$.map_or_else($, $)", vec![option, none, some])
            }
            4 if matches!(self.context.result, Some(Ty::Option(_))) => {
                let option = self.value(&Ty::option(ty.clone()), depth);
                self.v(ty, "$?", vec![option])
            }
            _ if self.risky() => {
                let option = self.value(&Ty::option(ty.clone()), depth);
                let method = self.r.pick(&["unwrap()", "expect(\"something\")"]);
                self.v(ty, &format!("$.{method}"), vec![option])
            }
            _ => {
                let parts = vec![self.value(&Ty::option(ty.clone()), depth), self.value(ty, depth)];
                self.v(ty, "(match $ { Some(v) => v, None => $ })", parts)
            }
        }
    }
}
