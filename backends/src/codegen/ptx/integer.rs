//! Arithmetic of integers, with the checks that Rust makes; and what floats have of the same operations.
//!
//! Integers of 8 and 16 bits are computed in 32, where nothing of them overflows, and cut to their width after each operation.

use landbridge_core::ir::{BinaryOp, CompareOp, Scalar, SiteId, UnaryOp, ValueId};

use super::emit::{Emitter, Result, typed};
use super::val::{Class, Operand, bits_name, type_name};

impl Emitter<'_> {
    pub(super) fn unary(
        &mut self,
        id: ValueId,
        op: UnaryOp,
        operand: ValueId,
        site: Option<SiteId>,
    ) -> Result<Operand> {
        let scalar = self.scalar_of(operand)?;
        let x = self.operand(operand)?;
        let class = Class::of(scalar);
        match op {
            UnaryOp::Neg if scalar.is_float() => Ok(self.op(class, &typed("neg", scalar), &[&x])),
            UnaryOp::Neg => {
                if let Some(site) = site.filter(|_| !self.facts.exact(id)) {
                    let label = self.cold_numbers(site, &[]);
                    let least = self.test(&format!("eq.{}", type_name(scalar)), &x, &scalar.range().0.to_string());
                    self.jump_if(&least, &label);
                }
                let result = self.op(class, &typed("neg", scalar), &[&x]);
                Ok(self.wrapped(scalar, result))
            }
            UnaryOp::Not if scalar == Scalar::Bool => Ok(self.op(class, "not.pred", &[&x])),
            UnaryOp::Not => {
                let result = self.op(class, &format!("not.{}", bits_name(scalar)), &[&x]);
                Ok(self.wrapped(scalar, result))
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        id: ValueId,
        op: BinaryOp,
        (left, right): (ValueId, ValueId),
        site: Option<SiteId>,
    ) -> Result<Operand> {
        let (scalar, count) = (self.scalar_of(left)?, self.scalar_of(right)?);
        let known = self.known(right);
        let (l, r) = (self.operand(left)?, self.operand(right)?);
        let site = site.filter(|_| !self.facts.exact(id));
        if scalar.is_float() {
            return self.float_binary(op, scalar, &l, &r);
        }
        if scalar == Scalar::Bool {
            return Ok(self.op(Class::Pred, &format!("{}.pred", bit_name(op)), &[&l, &r]));
        }
        match op {
            BinaryOp::Add | BinaryOp::Sub => Ok(self.sum(op, scalar, (&l, &r), site)),
            BinaryOp::Mul => Ok(self.product(scalar, (&l, &r), site)),
            BinaryOp::Div | BinaryOp::Rem => Ok(self.quotient(op, scalar, (&l, &r), known, site)),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => {
                Ok(self.op(Class::of(scalar), &format!("{}.{}", bit_name(op), bits_name(scalar)), &[&l, &r]))
            }
            BinaryOp::Shl | BinaryOp::Shr => Ok(self.shift(op, scalar, &l, (count, &r, known), site)),
        }
    }

    fn float_binary(&mut self, op: BinaryOp, scalar: Scalar, l: &str, r: &str) -> Result<Operand> {
        let name = match op {
            BinaryOp::Add => "add.rn",
            BinaryOp::Sub => "sub.rn",
            BinaryOp::Mul => "mul.rn",
            BinaryOp::Div => "div.rn",
            BinaryOp::Rem => {
                let why = "it is not in the library yet; run the kernel on another device";
                return self.unsupported(&format!("`%` of {}", scalar.name()), why);
            }
            _ => return Err(self.defect("an operation that floats do not have")),
        };
        Ok(self.op(Class::of(scalar), &typed(name, scalar), &[l, r]))
    }

    /// What is left of a result in 32 bits of a type that has fewer.
    pub(super) fn wrapped(&mut self, scalar: Scalar, value: Operand) -> Operand {
        match scalar {
            Scalar::U8 => self.op(Class::B32, "and.b32", &[&value, "255"]),
            Scalar::U16 => self.op(Class::B32, "and.b32", &[&value, "65535"]),
            Scalar::I8 => self.op(Class::B32, "bfe.s32", &[&value, "0", "8"]),
            Scalar::I16 => self.op(Class::B32, "bfe.s32", &[&value, "0", "16"]),
            _ => value,
        }
    }

    /// As [`Self::wrapped`], with a check that nothing is lost.
    fn narrowed(&mut self, scalar: Scalar, value: Operand, site: Option<SiteId>) -> Operand {
        let result = self.wrapped(scalar, value.clone());
        if let Some(site) = site {
            let label = self.cold_numbers(site, &[]);
            let differs = self.test("ne.u32", &result, &value);
            self.jump_if(&differs, &label);
        }
        result
    }

    fn sum(&mut self, op: BinaryOp, scalar: Scalar, (l, r): (&str, &str), site: Option<SiteId>) -> Operand {
        let name = if op == BinaryOp::Add { "add" } else { "sub" };
        let (class, bits) = (Class::of(scalar), bits_name(scalar));
        let signed = if scalar.size() == 8 { "s64" } else { "s32" };
        let result = self.op(class, &format!("{name}.{signed}"), &[l, r]);
        if scalar.size() < 4 {
            return self.narrowed(scalar, result, site);
        }
        let Some(site) = site else { return result };
        let label = self.cold_numbers(site, &[]);
        let lost = match (scalar.is_signed(), op) {
            (false, BinaryOp::Add) => self.test(&format!("lt.{}", type_name(scalar)), &result, l),
            (false, _) => self.test(&format!("lt.{}", type_name(scalar)), l, r),
            (true, _) => {
                // The sign is wrong: it differs from the left one's, and not because of the right one's.
                let other = if op == BinaryOp::Add { &*result } else { l };
                let one = self.op(class, &format!("xor.{bits}"), &[l, &result]);
                let two = self.op(class, &format!("xor.{bits}"), &[r, other]);
                let both = self.op(class, &format!("and.{bits}"), &[&one, &two]);
                self.test(&format!("lt.{signed}"), &both, "0")
            }
        };
        self.jump_if(&lost, &label);
        result
    }

    fn product(&mut self, scalar: Scalar, (l, r): (&str, &str), site: Option<SiteId>) -> Operand {
        let class = Class::of(scalar);
        if scalar.size() < 4 || site.is_none() {
            let name = if class == Class::B64 { "mul.lo.s64" } else { "mul.lo.s32" };
            let result = self.op(class, name, &[l, r]);
            return self.narrowed(scalar, result, site);
        }
        let label = site.map(|site| self.cold_numbers(site, &[])).unwrap_or_default();
        let name = type_name(scalar);
        let result = self.op(class, &format!("mul.lo.{name}"), &[l, r]);
        let high = self.op(class, &format!("mul.hi.{name}"), &[l, r]);
        let lost = match scalar.is_signed() {
            false => self.test(&format!("ne.{name}"), &high, "0"),
            true => {
                let width = (scalar.bits() - 1).to_string();
                let sign = self.op(class, &format!("shr.{name}"), &[&result, &width]);
                self.test(&format!("ne.{name}"), &high, &sign)
            }
        };
        self.jump_if(&lost, &label);
        result
    }

    fn quotient(
        &mut self,
        op: BinaryOp,
        scalar: Scalar,
        (l, r): (&str, &str),
        known: Option<i128>,
        site: Option<SiteId>,
    ) -> Operand {
        let name = type_name(scalar);
        if let Some(site) = site {
            if known.is_none_or(|divisor| divisor == 0) {
                let label = self.cold_numbers(site, &["0"]);
                let zero = self.test(&format!("eq.{name}"), r, "0");
                self.jump_if(&zero, &label);
            }
            if scalar.is_signed() && known.is_none_or(|divisor| divisor == -1) {
                let label = self.cold_numbers(site, &["1"]);
                let least = self.test(&format!("eq.{name}"), l, &scalar.range().0.to_string());
                let minus = self.test(&format!("eq.{name}"), r, "-1");
                let both = self.op(Class::Pred, "and.pred", &[&least, &minus]);
                self.jump_if(&both, &label);
            }
        }
        if let Some(power) = known.filter(|d| !scalar.is_signed() && *d > 0 && d & (d - 1) == 0) {
            let (class, bits) = (Class::of(scalar), bits_name(scalar));
            return match op {
                BinaryOp::Div => self.op(class, &format!("shr.{name}"), &[l, &power.trailing_zeros().to_string()]),
                _ => self.op(class, &format!("and.{bits}"), &[l, &((power - 1) as i64).to_string()]),
            };
        }
        if let Some(result) = known.and_then(|divisor| self.by_constant(op, scalar, l, divisor)) {
            return result;
        }
        let operation = if op == BinaryOp::Div { "div" } else { "rem" };
        self.op(Class::of(scalar), &format!("{operation}.{name}"), &[l, r])
    }

    fn shift(
        &mut self,
        op: BinaryOp,
        scalar: Scalar,
        l: &str,
        (count, r, known): (Scalar, &str, Option<i128>),
        site: Option<SiteId>,
    ) -> Operand {
        let bits = i128::from(scalar.bits());
        let in_range = known.is_some_and(|count| (0..bits).contains(&count));
        if let (Some(site), false) = (site, in_range) {
            let label = self.cold_numbers(site, &[]);
            let name = if count.size() == 8 { "ge.u64" } else { "ge.u32" };
            let outside = self.test(name, r, &bits.to_string());
            self.jump_if(&outside, &label);
        }
        let count: Operand = match known {
            Some(count) => (count & (bits - 1)).to_string().into(),
            None => {
                let low = if count.size() == 8 { self.op(Class::B32, "cvt.u32.u64", &[r]) } else { r.into() };
                match site {
                    Some(_) => low,
                    None => self.op(Class::B32, "and.b32", &[&low, &(bits - 1).to_string()]),
                }
            }
        };
        let name = match op {
            BinaryOp::Shl => format!("shl.{}", bits_name(scalar)),
            _ => format!("shr.{}", type_name(scalar)),
        };
        let result = self.op(Class::of(scalar), &name, &[l, &count]);
        self.wrapped(scalar, result)
    }

    pub(super) fn compare(&mut self, op: CompareOp, left: ValueId, right: ValueId) -> Result<Operand> {
        let scalar = self.scalar_of(left)?;
        let (l, r) = (self.operand(left)?, self.operand(right)?);
        if scalar == Scalar::Bool {
            return Ok(self.compare_bools(op, &l, &r));
        }
        let name = match op {
            CompareOp::Equal => "eq",
            CompareOp::NotEqual if scalar.is_float() => "neu",
            CompareOp::NotEqual => "ne",
            CompareOp::Less => "lt",
            CompareOp::LessEqual => "le",
            CompareOp::Greater => "gt",
            CompareOp::GreaterEqual => "ge",
        };
        Ok(self.test(&format!("{name}.{}", type_name(scalar)), &l, &r))
    }

    /// `false` is less than `true`.
    fn compare_bools(&mut self, op: CompareOp, l: &str, r: &str) -> Operand {
        match op {
            CompareOp::NotEqual => self.op(Class::Pred, "xor.pred", &[l, r]),
            CompareOp::Equal => {
                let differ = self.op(Class::Pred, "xor.pred", &[l, r]);
                self.op(Class::Pred, "not.pred", &[&differ])
            }
            CompareOp::Less | CompareOp::GreaterEqual => self.ordered_bools(op == CompareOp::Less, l, r),
            CompareOp::Greater | CompareOp::LessEqual => self.ordered_bools(op == CompareOp::Greater, r, l),
        }
    }

    /// `l < r`, or its opposite.
    fn ordered_bools(&mut self, less: bool, l: &str, r: &str) -> Operand {
        let not = self.op(Class::Pred, "not.pred", &[l]);
        let is_less = self.op(Class::Pred, "and.pred", &[&not, r]);
        match less {
            true => is_less,
            false => self.op(Class::Pred, "not.pred", &[&is_less]),
        }
    }
}

fn bit_name(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
        _ => "xor",
    }
}
