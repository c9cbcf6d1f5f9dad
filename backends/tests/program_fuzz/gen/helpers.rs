//! What the runner declares for programs: functions that take closures, generic ones, and a type with operators.

use crate::tree::{Node, statement};
use crate::types::{Scalar, Ty};

use super::Gen;

impl Gen {
    /// A number by one of the runner's functions.
    pub(super) fn helped(&mut self, s: Scalar, depth: usize) -> Node {
        let ty = Ty::S(s);
        match self.below(8) {
            6 => self.generic(s, depth),
            0 => {
                let parts = vec![self.condition(depth), self.value(&ty, depth), self.value(&ty, depth)];
                self.v(&ty, "chosen($, $, $)", parts)
            }
            1 if self.context.nested <= 2 => {
                let from = self.value(&ty, depth);
                let closure = self.closure(std::slice::from_ref(&ty), &ty, false, depth.min(1));
                self.v(&ty, &format!("twice_{}($, $)", s.name()), vec![closure, from])
            }
            2 if self.context.nested <= 2 => {
                let number = Ty::S(Scalar::U32);
                let closure = self.closure(&[number.clone(), number.clone()], &number, false, depth.min(1));
                let first = self.value(&number, depth);
                self.v(&ty, &format!("(folded(&[3, 1, 4, 1, 5], $, $) as {})", s.name()), vec![first, closure])
            }
            3 => {
                let (a, b) = (self.value(&Ty::S(Scalar::I32), depth), self.value(&Ty::S(Scalar::I32), depth));
                let (c, d) = (self.value(&Ty::S(Scalar::I32), depth), self.value(&Ty::S(Scalar::I32), depth));
                let operator = self.r.pick(&["+", "^"]);
                let end = self.r.pick(&[".a", ".b", "[0]", "[1]"]);
                let template = format!("((Duo {{ a: $, b: $ }} {operator} Duo {{ a: $, b: $ }}){end} as {})", s.name());
                self.v(&ty, &template, vec![a, b, c, d])
            }
            4 => {
                let (a, b) = (self.value(&Ty::S(Scalar::I32), depth), self.value(&Ty::S(Scalar::I32), depth));
                let index = self.value(&Ty::S(Scalar::Usize), depth);
                let template = format!(
                    "{{ let (a, b) = ($, $); let mut duo = -Duo {{ a, b: 7 }}; duo[$ % 2] ^= b; duo += Duo {{ a: b, b: 1 }}; \
                     (duo[0] ^ duo[1]) as {} }}",
                    s.name()
                );
                self.v(&ty, &template, vec![a, b, index])
            }
            _ => self.letter(s, depth),
        }
    }

    /// By functions with type and const parameters, and by those of a trait.
    fn generic(&mut self, s: Scalar, depth: usize) -> Node {
        let ty = Ty::S(s);
        let by = self.value(&Ty::S(Scalar::U32), depth);
        match self.below(4) {
            0 => {
                let parts = vec![self.value(&Ty::S(Scalar::I32), depth), self.value(&Ty::S(Scalar::I32), depth), by];
                let template = self.r.pick(&["sided(&Duo { a: $, b: $ }, $)", "Duo { a: $, b: $ }.outline($)"]);
                self.v(&ty, &format!("({template} as {})", s.name()), parts)
            }
            1 => {
                let parts = vec![self.value(&Ty::S(Scalar::U8), depth), by];
                self.v(&ty, &format!("(sided(&Tri::<u8> {{ all: [$, 3, 250] }}, $) as {})", s.name()), parts)
            }
            2 => {
                let n = 1 + self.below(4);
                let array = self.value(&Ty::array(ty.clone(), n), depth);
                let steps = self.value(&Ty::S(Scalar::Usize), depth);
                self.v(&ty, &format!("turned($, $ % 8)[{}]", self.next % n), vec![array, steps])
            }
            _ => {
                let other = Ty::S(self.scalar());
                let pair = self.value(&Ty::Tuple(vec![ty.clone(), other]), depth);
                self.v(&ty, "swapped($).1", vec![pair])
            }
        }
    }

    /// By way of ASCII.
    fn letter(&mut self, s: Scalar, depth: usize) -> Node {
        let byte = self.value(&Ty::S(Scalar::U8), depth);
        let template = self.r.pick(&[
            "$.to_ascii_uppercase()",
            "$.to_ascii_lowercase()",
            "$.is_ascii_alphanumeric()",
            "$.is_ascii_punctuation()",
            "$.eq_ignore_ascii_case(&b'q')",
            "char::from($).to_digit(36).unwrap_or(99)",
            "($ as char).to_ascii_lowercase() as u32",
            "(char::from($) > 'k')",
            "match $ as char { 'a'..='m' => 1, '0' | 'Z' => 2, c => c.len_utf8() }",
            "char::from_digit(u32::from($) % 36, 36).map_or(0, |c| c as u32)",
        ]);
        self.v(&Ty::S(s), &format!("(({template}) as {})", s.name()), vec![byte])
    }

    /// `mem::swap`, `mem::replace` and `mem::take`.
    pub(super) fn exchange(&mut self) -> Node {
        let Some((place, ty)) = self.target(|ty| ty.is_value() && !matches!(ty, Ty::Enum(_))) else {
            return statement("", vec![]);
        };
        let value = self.pure(|g| g.value(&ty, 2));
        if matches!(ty, Ty::S(_)) && self.percent(30) {
            let bound = self.fresh(ty, false, false);
            return statement("let $ = std::mem::take(&mut $);\n", vec![bound, place]);
        }
        if self.percent(40) {
            return statement("{ let mut other = $; std::mem::swap(&mut $, &mut other); }\n", vec![value, place]);
        }
        let bound = self.fresh(ty, false, false);
        statement("let $ = { let other = $; std::mem::replace(&mut $, other) };\n", vec![bound, value, place])
    }

    /// Messages with arguments.
    pub(super) fn told(&mut self) -> Node {
        let condition = self.condition(2);
        let of = Ty::S(self.integer());
        let (a, b) = (self.value(&of, 1), self.value(&of, 1));
        let truth = self.condition(1);
        match self.below(4) {
            0 => statement("assert!($, \"{} and {:?}\", $, $);\n", vec![condition, a, truth]),
            1 => statement("if $ { panic!(\"{:>6}|{:#x}|{:05}\", $, $, $); }\n", vec![condition, b.clone(), a, b]),
            2 => statement("if $ { let (a, b) = ($, $); assert_eq!(a, b); }\n", vec![condition, a, b]),
            _ => statement(
                "if $ { let (a, b) = ($, $); assert_ne!(a, b, \"{a} {}\", $); }\n",
                vec![condition, a, b, truth],
            ),
        }
    }
}
