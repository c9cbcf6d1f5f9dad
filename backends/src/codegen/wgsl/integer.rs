//! Arithmetic of integers and `bool`: Rust's results and panics from WGSL's wrapping operations.

use landbridge_core::ir::{BinaryOp, CompareOp, Scalar, SiteId, UnaryOp, ValueId};

use super::emit::{Emitter, Failure, NOTHING, Result};
use super::floats::Side;
use super::text::{Rep, Text, integer};

/// Smallest and largest value of an integer representation.
pub(super) fn limits(rep: Rep) -> (i128, i128) {
    match rep {
        Rep::I32 => (i32::MIN.into(), i32::MAX.into()),
        Rep::U32 => (0, u32::MAX.into()),
        Rep::I64 => (i64::MIN.into(), i64::MAX.into()),
        Rep::U64 => (0, u64::MAX.into()),
        Rep::Bool | Rep::F32 | Rep::F64 => (0, 1),
    }
}

/// Whether a text is certainly a `u32` already.
pub(super) fn is_u32(text: &Text) -> bool {
    text.is_literal() && !text.s.ends_with("lu")
}

/// The number that a literal stands for.
pub(super) fn literal_value(text: &Text) -> Option<i128> {
    if !text.is_literal() {
        return None;
    }
    for rep in [Rep::I32, Rep::I64] {
        let smallest = limits(rep).0;
        if text.s == integer(smallest, rep).s {
            return Some(smallest);
        }
    }
    let digits = text.bare().trim_end_matches(['u', 'i', 'l']);
    digits.parse().ok()
}

/// The values of `scalar`, as the text computes them.
pub(super) fn value_range(scalar: Scalar, rep: Rep) -> (i128, i128) {
    let (low, high) = scalar.range();
    let (rep_low, rep_high) = limits(rep);
    (low.max(rep_low), high.min(rep_high))
}

impl Emitter<'_> {
    /// Fewer bits than the representation has: 8 or 16.
    fn is_small(&self, scalar: Scalar) -> bool {
        scalar.bits() < 32
    }

    /// Wraps to the 8 or 16 bits of a small type.
    pub(super) fn wrapped(&self, text: &Text, scalar: Scalar) -> Text {
        if !self.is_small(scalar) {
            return text.clone();
        }
        let up = 32 - scalar.bits();
        let s = match scalar.is_signed() {
            true => format!("(({text} << {up}u) >> {up}u)"),
            false => format!("({text} & {}u)", (1u32 << scalar.bits()) - 1),
        };
        Text::compound(s, text.reads)
    }

    /// What happens when the exact result is below (`low`) or above the type.
    fn out_of(&self, scalar: Scalar, low: bool, site: Option<SiteId>) -> Option<Failure> {
        let panic = |site| Failure::Panic(site, NOTHING.into(), NOTHING.into());
        match site {
            // Below zero is out of 64 bits as well.
            Some(site) if low && scalar == Scalar::Usize => Some(panic(site)),
            _ if self.is_narrow(scalar) => Some(Failure::Range),
            Some(site) => Some(panic(site)),
            None => None,
        }
    }

    pub(super) fn unary(
        &mut self,
        value: ValueId,
        op: UnaryOp,
        operand: ValueId,
        site: Option<SiteId>,
    ) -> Result<Text> {
        let scalar = self.scalar_of(operand)?;
        let rep = self.checked_rep(scalar)?;
        if let Some(site) = site {
            self.note_site(site);
        }
        match op {
            UnaryOp::Not if scalar == Scalar::Bool => {
                let text = self.text(operand)?;
                Ok(Text::compound(format!("(!{text})"), text.reads))
            }
            UnaryOp::Not if scalar == Scalar::Usize && !self.wide => self.no_narrow("`!` of a `usize`"),
            UnaryOp::Not => {
                let text = self.text(operand)?;
                let text = self.at_run_time(text);
                let not = Text::compound(format!("(~{text})"), text.reads);
                Ok(match scalar.is_signed() {
                    true => not,
                    false => self.wrapped(&not, scalar),
                })
            }
            UnaryOp::Neg if scalar.is_float() => {
                let text = self.text(operand)?;
                let text = self.at_run_time(text);
                Ok(Text::compound(format!("(-{text})"), text.reads))
            }
            UnaryOp::Neg => {
                let failure = self.out_of(scalar, false, site);
                let text = self.atom(operand)?;
                let text = self.at_run_time(text);
                if let Some(failure) = failure
                    && !self.facts.exact(value)
                {
                    let smallest = integer(value_range(scalar, rep).0, rep);
                    let fails = text.infix("==", &smallest);
                    self.fail_if(&fails, &failure);
                }
                let negative = Text::compound(format!("(-{text})"), text.reads);
                Ok(self.wrapped(&negative, scalar))
            }
        }
    }

    pub(super) fn no_narrow<T>(&self, what: &str) -> Result<T> {
        self.error(what, "it works with all 64 bits, which takes 64-bit integers (SHADER_INT64) that the device lacks")
    }

    pub(super) fn binary(
        &mut self,
        value: ValueId,
        op: BinaryOp,
        left: ValueId,
        right: ValueId,
        site: Option<SiteId>,
    ) -> Result<Text> {
        if let Some(site) = site {
            self.note_site(site);
        }
        let scalar = self.scalar_of(left)?;
        self.checked_rep(scalar)?;
        if scalar.is_float() {
            return self.float_binary(op, left, right, scalar);
        }
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => self.arithmetic(value, op, [left, right], scalar, site),
            BinaryOp::Div | BinaryOp::Rem => self.division(value, op, [left, right], scalar, site),
            BinaryOp::Shl | BinaryOp::Shr => self.shift(value, op, [left, right], scalar, site),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => {
                let (a, b) = self.pair(left, right)?;
                Ok(match op {
                    BinaryOp::And => a.infix("&", &b),
                    BinaryOp::Or => a.infix("|", &b),
                    _ if scalar == Scalar::Bool => a.infix("!=", &b),
                    _ => a.infix("^", &b),
                })
            }
        }
    }

    /// Two operands, at least one of which is computed at run time.
    pub(super) fn pair(&mut self, left: ValueId, right: ValueId) -> Result<(Text, Text)> {
        let (a, b) = (self.text(left)?, self.text(right)?);
        let a = match b.is_literal() {
            true => self.at_run_time(a),
            false => a,
        };
        Ok((a, b))
    }

    fn arithmetic(
        &mut self,
        value: ValueId,
        op: BinaryOp,
        [left, right]: [ValueId; 2],
        scalar: Scalar,
        site: Option<SiteId>,
    ) -> Result<Text> {
        let sign = match op {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            _ => "*",
        };
        let below = self.out_of(scalar, op == BinaryOp::Sub, site);
        let Some(failure) = below.filter(|_| !self.facts.exact(value)) else {
            let (a, b) = self.pair(left, right)?;
            let result = a.infix(sign, &b);
            return Ok(match self.facts.exact(value) {
                true => result,
                false => self.wrapped(&result, scalar),
            });
        };
        let (a, b) = (self.atom(left)?, self.atom(right)?);
        let a = match b.is_literal() {
            true => self.at_run_time(a),
            false => a,
        };
        if self.is_small(scalar) {
            return Ok(self.checked_small(&a.infix(sign, &b), scalar, &failure));
        }
        let rep = self.rep(scalar);
        let early = match (op, rep.is_signed()) {
            (BinaryOp::Sub, false) => Some(a.infix("<", &b)),
            (BinaryOp::Mul, _) => Some(self.product_overflows(&a, &b, rep)),
            _ => None,
        };
        if let Some(fails) = early {
            self.fail_if(&fails, &failure);
            return Ok(a.infix(sign, &b));
        }
        let result = a.infix(sign, &b);
        let result = self.as_lasting(result);
        let fails = match (op, rep.is_signed()) {
            (_, false) => result.infix("<", &a),
            (BinaryOp::Add, true) => {
                let s = format!("((({a} ^ {result}) & ({b} ^ {result})) < {})", zero(rep));
                Text::compound(s, false)
            }
            _ => {
                let s = format!("((({a} ^ {b}) & ({a} ^ {result})) < {})", zero(rep));
                Text::compound(s, false)
            }
        };
        self.fail_if(&fails, &failure);
        Ok(result)
    }

    /// A result of 8 or 16 bit operands, which 32 bits hold.
    fn checked_small(&mut self, exact: &Text, scalar: Scalar, failure: &Failure) -> Text {
        let rep = self.rep(scalar);
        let (low, high) = scalar.range();
        let result = self.as_lasting(exact.clone());
        let above = result.infix(">", &integer(high, rep));
        let fails = match scalar.is_signed() {
            true => above.infix("||", &result.infix("<", &integer(low, rep))),
            // Below zero wraps to far above.
            false => above,
        };
        self.fail_if(&fails, failure);
        result
    }

    /// Whether a product leaves its representation.
    fn product_overflows(&mut self, a: &Text, b: &Text, rep: Rep) -> Text {
        for (x, c) in [(a, b), (b, a)] {
            match literal_value(c) {
                Some(0) => return Text::literal("false"),
                Some(c) if !rep.is_signed() => {
                    return ordered(x, ">", &integer(limits(rep).1 / c, rep), rep);
                }
                Some(c) if c > 1 => {
                    let (low, high) = limits(rep);
                    let above = ordered(x, ">", &integer(high / c, rep), rep);
                    return above.infix("||", &ordered(x, "<", &integer(low / c, rep), rep));
                }
                _ => {}
            }
        }
        let function = match (rep, self.target.int64) {
            (Rep::U32, true) => "lb_product_overflows_u32_by_u64",
            (Rep::U32, false) => "lb_product_overflows_u32",
            (Rep::I32, true) => "lb_product_overflows_i32_by_i64",
            (Rep::I32, false) => "lb_product_overflows_i32",
            (Rep::I64, _) => "lb_product_overflows_i64",
            _ => "lb_product_overflows_u64",
        };
        self.library.require(function);
        Text::call(function, &[a, b])
    }

    fn division(
        &mut self,
        value: ValueId,
        op: BinaryOp,
        [left, right]: [ValueId; 2],
        scalar: Scalar,
        site: Option<SiteId>,
    ) -> Result<Text> {
        let rep = self.rep(scalar);
        let (a, b) = (self.atom(left)?, self.atom(right)?);
        let b_value = literal_value(&b);
        let a = self.at_run_time(a);
        let b = if b_value == Some(0) { self.at_run_time(b) } else { b };
        let Some(site) = site else {
            return self.error("a division", "without a site: the module is not verified");
        };
        let panic = |first| Failure::Panic(site, format!("vec2<u32>({first}u, 0u)"), NOTHING.into());
        let safe = self.facts.exact(value);
        if b_value.unwrap_or(0) == 0 && !safe {
            let fails = b.infix("==", &integer(0, rep));
            self.fail_if(&fails, &panic(0));
        }
        if scalar.is_signed() && b_value.is_none_or(|b| b == -1) && !safe {
            let low = value_range(scalar, rep).0;
            let fails = a.infix("==", &integer(low, rep)).infix("&&", &b.infix("==", &integer(-1, rep)));
            let failure = match self.is_narrow(scalar) {
                true => Failure::Range,
                false => panic(1),
            };
            self.fail_if(&fails, &failure);
        }
        Ok(a.infix(if op == BinaryOp::Div { "/" } else { "%" }, &b))
    }

    fn shift(
        &mut self,
        value: ValueId,
        op: BinaryOp,
        [left, right]: [ValueId; 2],
        scalar: Scalar,
        site: Option<SiteId>,
    ) -> Result<Text> {
        let count_type = self.scalar_of(right)?;
        let a = self.atom(left)?;
        let count = self.atom(right)?;
        let bits = scalar.bits();
        if let Some(site) = site
            && !self.facts.exact(value)
        {
            let fails = self.count_too_large(&count, count_type, bits);
            if fails.s != "false" {
                self.fail_if(&fails, &Failure::Panic(site, NOTHING.into(), NOTHING.into()));
            }
        }
        let count = self.shift_count(&count, count_type, bits);
        let a = match count.is_literal() {
            true => self.at_run_time(a),
            false => a,
        };
        if self.is_narrow(scalar) {
            return self.narrow_shift(op, &a, &count, scalar);
        }
        Ok(match op {
            BinaryOp::Shl => self.wrapped(&a.infix("<<", &count), scalar),
            _ => a.infix(">>", &count),
        })
    }

    fn count_too_large(&mut self, count: &Text, of: Scalar, bits: u32) -> Text {
        let rep = self.rep(of);
        if let Some(n) = literal_value(count) {
            return Text::literal(((n < 0) || n >= i128::from(bits)).to_string());
        }
        // Negative counts are large without their sign.
        let unsigned = match rep.is_signed() {
            true => Text::call(rep.unsigned().name(), &[count]),
            false => count.clone(),
        };
        unsigned.infix(">=", &integer(bits.into(), rep.unsigned()))
    }

    /// The count as a `u32` below the number of bits.
    fn shift_count(&mut self, count: &Text, of: Scalar, bits: u32) -> Text {
        if let Some(n) = literal_value(count) {
            return integer(n.rem_euclid(bits.into()), Rep::U32);
        }
        let unsigned = match self.rep(of) {
            Rep::U32 => count.clone(),
            Rep::I32 => Text::call("u32", &[count]),
            Rep::I64 => Text::compound(format!("u32(u64({}) & 63lu)", count.bare()), count.reads),
            _ => Text::compound(format!("u32({count} & 63lu)"), count.reads),
        };
        unsigned.infix("&", &integer((bits - 1).into(), Rep::U32))
    }

    /// Shifts of a `usize` or `isize` in 32 bits by up to 63.
    fn narrow_shift(&mut self, op: BinaryOp, a: &Text, count: &Text, scalar: Scalar) -> Result<Text> {
        let known = literal_value(count);
        let signed = scalar.is_signed();
        if op == BinaryOp::Shr {
            return Ok(match known {
                Some(0..=31) => a.infix(">>", count),
                _ => {
                    let function = if signed { "lb_shr_i" } else { "lb_shr_u" };
                    self.library.require(function);
                    Text::call(function, &[a, count])
                }
            });
        }
        let function = if signed { "lb_shl_lost_i" } else { "lb_shl_lost_u" };
        let fails = match known {
            Some(0) => return Ok(a.clone()),
            Some(n @ 1..=31) if !signed => ordered(a, ">", &integer(i128::from(u32::MAX >> n), Rep::U32), Rep::U32),
            _ => {
                self.library.require(function);
                Text::call(function, &[a, count])
            }
        };
        self.fail_if(&fails, &Failure::Range);
        Ok(match known {
            Some(1..=31) => a.infix("<<", count),
            // What is shifted by 32 or more is zero here.
            _ => {
                let masked = count.infix("&", &integer(31, Rep::U32));
                a.infix("<<", &masked)
            }
        })
    }

    pub(super) fn compare(&mut self, op: CompareOp, left: ValueId, right: ValueId) -> Result<Text> {
        let scalar = self.scalar_of(left)?;
        let rep = self.checked_rep(scalar)?;
        let (a, b) = self.pair(left, right)?;
        let (a, b) = (self.opaque(a, scalar, Side::Left)?, self.opaque(b, scalar, Side::Right)?);
        if scalar == Scalar::Bool {
            let not = |t: &Text| Text::compound(format!("(!{t})"), t.reads);
            return Ok(match op {
                CompareOp::Equal => a.infix("==", &b),
                CompareOp::NotEqual => a.infix("!=", &b),
                CompareOp::Less => not(&a).infix("&", &b),
                CompareOp::LessEqual => not(&a).infix("|", &b),
                CompareOp::Greater => a.infix("&", &not(&b)),
                CompareOp::GreaterEqual => a.infix("|", &not(&b)),
            });
        }
        Ok(match op {
            CompareOp::Equal => a.infix("==", &b),
            // Drivers get `!=` of NaN wrong.
            CompareOp::NotEqual if scalar.is_float() => {
                Text::compound(format!("(!{})", a.infix("==", &b)), a.reads || b.reads)
            }
            CompareOp::NotEqual => a.infix("!=", &b),
            CompareOp::Less => ordered(&a, "<", &b, rep),
            CompareOp::LessEqual => ordered(&a, "<=", &b, rep),
            CompareOp::Greater => ordered(&a, ">", &b, rep),
            CompareOp::GreaterEqual => ordered(&a, ">=", &b, rep),
        })
    }
}

/// `a op b` where the operation orders. Signed 64-bit numbers are compared as unsigned ones with the sign turned over:
/// Mesa (22.3) gets the order of an `i64` that was an `i32` and a constant wrong.
pub(super) fn ordered(a: &Text, op: &str, b: &Text, rep: Rep) -> Text {
    if rep != Rep::I64 {
        return beyond(a, op, b, rep).unwrap_or_else(|| a.infix(op, b));
    }
    let turned = |text: &Text| match literal_value(text) {
        Some(value) => integer(value + (1 << 63), Rep::U64),
        None => Text::compound(format!("(u64({}) ^ 9223372036854775808lu)", text.bare()), text.reads),
    };
    turned(a).infix(op, &turned(b))
}

/// `a > C` as `a >= C + 1`, where `C` is so large that rounds from 0 to it could be 2^31: Mesa (22.3) counts them in 32 bits with
/// a sign, and believes of a loop with a variable `i` from 0 that `i > 0x7fffffff` ends it before all other conditions.
fn beyond(a: &Text, op: &str, b: &Text, rep: Rep) -> Option<Text> {
    let (text, constant, op) = match (op, literal_value(a), literal_value(b)) {
        (">", None, Some(constant)) => (a, constant, ">="),
        ("<=", None, Some(constant)) => (a, constant, "<"),
        ("<", Some(constant), None) => (b, constant, ">="),
        (">=", Some(constant), None) => (b, constant, "<"),
        _ => return None,
    };
    let (low, high) = limits(rep);
    let far = low + i128::from(i32::MAX)..high;
    far.contains(&constant).then(|| text.infix(op, &integer(constant + 1, rep)))
}

fn zero(rep: Rep) -> Text {
    integer(0, rep)
}
