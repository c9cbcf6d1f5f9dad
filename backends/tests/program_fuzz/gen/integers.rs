//! Numbers: operators, methods and casts.

use crate::tree::Node;
use crate::types::{Scalar, Ty};

use super::Gen;

/// `a`: a value of the type, `w`: a `u32`, `u` and `i`: of the unsigned and the signed type, `o`: an option, `#`: the type's
/// name, `~`: its bits less 1.
const ANY: &[&str] = &[
    "@a.wrapping_add(@a)",
    "@a.wrapping_sub(@a)",
    "@a.wrapping_mul(@a)",
    "@a.wrapping_neg()",
    "@a.wrapping_shl(@w)",
    "@a.wrapping_shr(@w)",
    "@a.wrapping_div(@a | 1)",
    "@a.wrapping_rem(@a | 1)",
    "@a.wrapping_div_euclid(@a | 1)",
    "@a.wrapping_rem_euclid(@a | 1)",
    "@a.wrapping_pow(@w & 15)",
    "@a.saturating_add(@a)",
    "@a.saturating_sub(@a)",
    "@a.saturating_mul(@a)",
    "@a.saturating_pow(@w & 15)",
    "@a.saturating_div(@a | 1)",
    "@a.overflowing_add(@a).0",
    "@a.overflowing_sub(@a).0",
    "@a.overflowing_mul(@a).0",
    "@a.overflowing_shl(@w).0",
    "@a.overflowing_pow(@w & 7).0",
    "@o.unwrap_or(@a)",
    "@o.unwrap_or_default()",
    "@a.min(@a)",
    "@a.max(@a)",
    "#::max(@a, @a)",
    "@a.clamp(3, 100)",
    "@a.rotate_left(@w)",
    "@a.rotate_right(@w)",
    "@a.swap_bytes()",
    "@a.reverse_bits()",
    "@a.unbounded_shl(@w)",
    "@a.unbounded_shr(@w)",
    "(!@a)",
    "(@a & @a)",
    "(@a | @a)",
    "(@a ^ @a)",
    "(@a << (@w & ~))",
    "(@a >> (@w & ~))",
    "((@a & 15) + (@a & 15))",
    "((@a & 15) + 9 - 7)",
    "((@a & 7) * (@a & 7))",
    "(@a % 13)",
    "(@a / 3)",
    "(@a.count_ones() as #)",
    "(@a.leading_zeros() as #)",
    "(@a.trailing_ones() as #)",
    "(@b as #)",
    "#::from_le_bytes(@a.to_be_bytes())",
    "#::from_be_bytes(@a.to_be_bytes())",
    "@a.midpoint(@a)",
];

const SIGNED: &[&str] = &[
    "@a.wrapping_abs()",
    "@a.saturating_abs()",
    "@a.saturating_neg()",
    "@a.signum()",
    "@a.wrapping_add_unsigned(@u)",
    "@a.wrapping_sub_unsigned(@u)",
    "@a.overflowing_abs().0",
    "@u.cast_signed()",
    "(-(@a >> 1))",
    "@a.rem_euclid(7)",
    "@a.div_euclid(-5)",
];

const UNSIGNED: &[&str] = &[
    "@a.abs_diff(@a)",
    "@i.abs_diff(@i)",
    "@i.unsigned_abs()",
    "@i.cast_unsigned()",
    "@a.div_ceil(@a | 1)",
    "@a.wrapping_add_signed(@i)",
    "@a.saturating_add_signed(@i)",
    "@a.isqrt()",
    "(@a >> 2).next_multiple_of(3)",
    "(@a >> 1).next_power_of_two()",
    "((@a | 1).ilog10() as #)",
];

const COUNTS: &[&str] =
    &["count_ones", "count_zeros", "leading_zeros", "leading_ones", "trailing_zeros", "trailing_ones"];

const RISKY: &[&str] = &[
    "(@a + @a)",
    "(@a - @a)",
    "(@a * @a)",
    "(@a / @a)",
    "(@a % @a)",
    "(@a << @w)",
    "(@a >> @w)",
    "@a.pow(@w & 7)",
    "@o.unwrap()",
    "(@a.ilog2() as #)",
];

const OPTIONS: &[&str] = &[
    "@a.checked_add(@a)",
    "@a.checked_sub(@a)",
    "@a.checked_mul(@a)",
    "@a.checked_div(@a)",
    "@a.checked_rem(@a)",
    "@a.checked_div_euclid(@a)",
    "@a.checked_rem_euclid(@a)",
    "@a.checked_neg()",
    "@a.checked_shl(@w)",
    "@a.checked_shr(@w)",
    "@a.checked_pow(@w & 15)",
];

impl Gen {
    pub(super) fn integer_literal(&mut self, s: Scalar) -> String {
        let name = s.name();
        match self.below(8) {
            0 => format!("{name}::MAX"),
            1 => format!("{name}::MIN"),
            2 => format!("0{name}"),
            3 => format!("1{name}"),
            4 if s.is_signed() => format!("(-{}{name})", 1 + self.below(9)),
            5 => {
                let mask = u64::MAX >> (65 - s.bits());
                format!("0x{:x}_{name}", self.r.word() & mask)
            }
            6 => format!("{}_{name}", self.below(100)),
            _ => format!("{}{name}", self.below(10)),
        }
    }

    pub(super) fn number(&mut self, s: Scalar, depth: usize) -> Node {
        let ty = Ty::S(s);
        if self.risky() {
            let template = self.r.pick(RISKY);
            return self.templated(&ty, s, template, depth);
        }
        match self.below(11) {
            0 | 1 => self.cast(s, depth),
            10 => self.helped(s, depth),
            2 => {
                let table = if s.is_signed() { SIGNED } else { UNSIGNED };
                let template = self.r.pick(table);
                self.templated(&ty, s, template, depth)
            }
            3 if s == Scalar::U32 => {
                let of = self.integer();
                let value = self.value(&Ty::S(of), depth);
                let method = self.r.pick(COUNTS);
                self.v(&ty, &format!("$.{method}()"), vec![value])
            }
            _ => {
                let template = self.r.pick(ANY);
                self.templated(&ty, s, template, depth)
            }
        }
    }

    /// An option of an integer, by a method.
    pub(super) fn checked(&mut self, s: Scalar, depth: usize) -> Node {
        let template = self.r.pick(OPTIONS);
        self.templated(&Ty::option(Ty::S(s)), s, template, depth)
    }

    /// A truth about integers.
    pub(super) fn tested(&mut self, depth: usize) -> Node {
        let s = self.integer();
        let mut all = vec![
            "@a.overflowing_add(@a).1",
            "@a.overflowing_mul(@a).1",
            "@a.overflowing_neg().1",
            "matches!(@a, 3..=90)",
        ];
        if s.is_signed() {
            all.extend(["@a.is_negative()", "@a.is_positive()"]);
        } else {
            all.extend(["@a.is_power_of_two()", "@a.is_multiple_of(@a)"]);
        }
        let template = self.r.pick(&all);
        self.templated(&Ty::S(Scalar::Bool), s, template, depth)
    }

    fn templated(&mut self, ty: &Ty, s: Scalar, template: &str, depth: usize) -> Node {
        let mut parts = vec![];
        let mut shown = String::new();
        let mut pieces = template.split('@');
        shown += pieces.next().expect("a piece");
        for piece in pieces {
            let (which, rest) = piece.split_at(1);
            let wanted = match which {
                "a" => Ty::S(s),
                "w" => Ty::S(Scalar::U32),
                "u" => Ty::S(s.unsigned()),
                "i" => Ty::S(s.signed()),
                "b" => Ty::S(Scalar::Bool),
                _ => Ty::option(Ty::S(s)),
            };
            parts.push(self.value(&wanted, depth));
            shown += "$";
            shown += rest;
        }
        let shown = shown.replace('#', s.name()).replace('~', &(s.bits() - 1).to_string());
        self.v(ty, &shown, parts)
    }

    fn cast(&mut self, to: Scalar, depth: usize) -> Node {
        let from = match self.below(8) {
            0 => Scalar::Bool,
            1 => Scalar::Usize,
            2 => return self.cast_of_float(to, depth),
            _ => self.integer(),
        };
        let value = self.value(&Ty::S(from), depth);
        self.v(&Ty::S(to), &format!("($ as {})", to.name()), vec![value])
    }
}
