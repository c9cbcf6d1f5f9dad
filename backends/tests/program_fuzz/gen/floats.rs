//! Floats. In most programs they are exact by construction, so that no freedom of a driver (to contract, to reassociate, to
//! flush) can change a result: variables hold multiples of 1/4 below 64 in magnitude, and what takes more bits than a float has is
//! cut. Quotients and roots are rounded once, and then only compared, cast, or shown.

use crate::tree::Node;
use crate::types::{Scalar, Ty};

use super::Gen;

/// Bits before and behind the point that values take at most.
type Bits = (u32, u32);

/// Of variables.
const KEPT: Bits = (6, 2);

/// What floats have, on the host and in the interpreter.
const FREE: &[&str] = &[
    "($ + $)",
    "($ - $)",
    "($ * $)",
    "($ / $)",
    "($ % $)",
    "(-$)",
    "$.abs()",
    "$.sqrt()",
    "$.floor()",
    "$.ceil()",
    "$.round()",
    "$.trunc()",
    "$.fract()",
    "$.signum()",
    "$.copysign($)",
    "$.mul_add($, $)",
    "$.recip()",
    "$.rem_euclid($)",
    "$.sin()",
    "$.cos()",
    "$.exp()",
    "$.ln()",
    "$.atan2($)",
    "$.powi(3)",
    "$.tanh()",
    "$.cbrt()",
    "$.hypot($)",
    "$.round_ties_even()",
    "$.to_radians()",
    "$.clamp(-8.0, 9.5)",
];

impl Gen {
    pub(super) fn float_literal(&mut self, s: Scalar) -> Node {
        let ty = Ty::S(s);
        let name = s.name();
        if self.free && self.percent(30) {
            let text = self.r.pick(&["MAX", "MIN_POSITIVE", "INFINITY", "NAN", "EPSILON", "NEG_INFINITY"]);
            return self.v(&ty, &format!("{name}::{text}"), vec![]);
        }
        let quarters = self.below(255) as i32 - 127;
        let number = f64::from(quarters) * 0.25;
        let shown = if number < 0.0 { format!("({number:?}{name})") } else { format!("{number:?}{name}") };
        self.v(&ty, &shown, vec![])
    }

    pub(super) fn float(&mut self, s: Scalar, depth: usize) -> Node {
        let ty = Ty::S(s);
        if self.free {
            let template = self.r.pick(FREE);
            let parts = template.matches('$').map(|_| ty.clone()).collect::<Vec<_>>();
            let parts = parts.iter().map(|ty| self.value(ty, depth)).collect();
            return self.v(&ty, template, parts);
        }
        let (node, bits) = self.exact(s, depth.min(3));
        if bits.0 <= KEPT.0 && bits.1 <= KEPT.1 {
            return node;
        }
        self.v(&ty, &format!("cut_{}($)", s.name()), vec![node])
    }

    /// A value whose every intermediate result is exact.
    fn exact(&mut self, s: Scalar, depth: usize) -> (Node, Bits) {
        let ty = Ty::S(s);
        if depth == 0 || self.percent(20) {
            return (self.leaf(&ty), KEPT);
        }
        let depth = depth - 1;
        let (a, (x, f)) = self.exact(s, depth);
        match self.below(10) {
            0..=2 => {
                let (b, (y, g)) = self.exact(s, depth);
                let operator = self.r.pick(&["+", "-"]);
                let bits = (x.max(y) + 1, f.max(g));
                (self.v(&ty, &format!("($ {operator} $)"), vec![a, b]), bits)
            }
            3 | 4 => {
                let (b, (y, g)) = self.exact(s, depth);
                if x + y + f + g > 20 {
                    return (a, (x, f));
                }
                (self.v(&ty, "($ * $)", vec![a, b]), (x + y, f + g))
            }
            5 => (self.v(&ty, "(-$)", vec![a]), (x, f)),
            6 => {
                let method = self.r.pick(&["abs", "floor", "ceil", "trunc", "round"]);
                (self.v(&ty, &format!("$.{method}()"), vec![a]), (x + 1, f))
            }
            7 => {
                let (b, (y, g)) = self.exact(s, depth);
                let method = self.r.pick(&["min", "max"]);
                (self.v(&ty, &format!("$.{method}($)"), vec![a, b]), (x.max(y), f.max(g)))
            }
            8 => (self.v(&ty, "$.clamp(-20.0, 30.5)", vec![a]), (x.max(5), f.max(1))),
            _ => {
                let from = self.r.pick(&[Scalar::U8, Scalar::I8]);
                let value = self.value(&Ty::S(from), depth);
                (self.v(&ty, &format!("($ as {})", s.name()), vec![value]), (8, 0))
            }
        }
    }

    /// An integer from floats: what is rounded ends here.
    pub(super) fn cast_of_float(&mut self, to: Scalar, depth: usize) -> Node {
        let s = if self.wide && self.percent(30) { Scalar::F64 } else { Scalar::F32 };
        let ty = Ty::S(s);
        let name = s.name();
        let mut parts = vec![self.value(&ty, depth)];
        let template = match self.below(6) {
            0 => "$",
            1 => "$.sqrt()",
            2 | 3 => {
                parts.push(self.value(&ty, depth));
                "$ / $"
            }
            4 => {
                let of = self.integer();
                parts = vec![self.value(&Ty::S(of), depth)];
                return self.shown(to, &format!("$ as {name}"), name, parts);
            }
            _ => {
                parts.push(self.value(&ty, depth));
                "$ % $"
            }
        };
        if self.percent(40) {
            return self.v(&Ty::S(to), &format!("(({template}) as {})", to.name()), parts);
        }
        self.shown(to, template, name, parts)
    }

    fn shown(&mut self, to: Scalar, template: &str, name: &str, parts: Vec<Node>) -> Node {
        self.v(&Ty::S(to), &format!("(word_{name}({template}) as {})", to.name()), parts)
    }
}
