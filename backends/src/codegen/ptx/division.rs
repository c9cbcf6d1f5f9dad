//! Division by a constant, as a multiplication: the driver's compiler divides by reciprocals of `f32`, in some twenty instructions, and
//! numbers of 64 bits by a function.
//!
//! T. Granlund and P. Montgomery, Division by Invariant Integers using Multiplication, 1994: figure 4.1 and theorem 4.2 for unsigned numbers,
//! figure 5.2 for signed ones.

use landbridge_core::ir::{BinaryOp, Scalar};

use super::emit::Emitter;
use super::val::{Class, Operand, type_name};

/// How an unsigned number n is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The high half of n * `by`, shifted.
    High { by: u64, shift: u32 },
    /// With t for the high half of n * `by`: (t + (n - t) / 2), shifted.
    Sum { by: u64, shift: u32 },
}

/// The way for numbers below 2^`bits` in registers of `width` bits, and a divisor from 2 to 2^`bits` - 1.
fn way(divisor: u64, bits: u32, width: u32) -> Way {
    let d = u128::from(divisor);
    let length = u64::BITS - (divisor - 1).leading_zeros();
    for shift in 0..length {
        let power = 1_u128 << (width + shift);
        let by = power.div_ceil(d);
        if by >> width == 0 && by * d - power <= power >> bits {
            return Way::High { by: by as u64, shift };
        }
    }
    // 2^width * (2^length - d) / d + 1, of which the first factor's top bit is not computed.
    let by = (((1_u128 << length) - d) << width) / d + 1;
    Way::Sum { by: by as u64, shift: length - 1 }
}

/// Factor, of which 2^width is left out, and shift for signed numbers.
fn signed_way(divisor: u64, width: u32) -> (i64, u32) {
    let length = (u64::BITS - (divisor - 1).leading_zeros()).max(1);
    let by = (1_u128 << (width + length - 1)) / u128::from(divisor) + 1;
    let by = by as u64;
    (if width == 32 { i64::from(by as u32 as i32) } else { by as i64 }, length - 1)
}

impl Emitter<'_> {
    /// Quotient or remainder by a constant; `None` where that is an instruction, or a case of its own.
    pub(super) fn by_constant(&mut self, op: BinaryOp, scalar: Scalar, n: &str, divisor: i128) -> Option<Operand> {
        let size = u64::try_from(divisor.unsigned_abs()).ok().filter(|size| *size >= 2)?;
        if scalar.is_signed() && divisor == scalar.range().0 {
            return None;
        }
        let quotient = match scalar.is_signed() {
            false => self.unsigned_quotient(scalar, n, size),
            true => self.signed_quotient(scalar, n, divisor < 0, size),
        };
        if op == BinaryOp::Div {
            return Some(quotient);
        }
        let class = Class::of(scalar);
        let suffix = if class == Class::B64 { "s64" } else { "s32" };
        // As a number of the type's bits, as the registers hold it.
        let divisor = if scalar.size() == 8 { (divisor as i64).to_string() } else { divisor.to_string() };
        let product = self.op(class, &format!("mul.lo.{suffix}"), &[&quotient, &divisor]);
        Some(self.op(class, &format!("sub.{suffix}"), &[n, &product]))
    }

    fn unsigned_quotient(&mut self, scalar: Scalar, n: &str, divisor: u64) -> Operand {
        let (class, name) = (Class::of(scalar), type_name(scalar));
        let width = if class == Class::B64 { 64 } else { 32 };
        let number = |by: u64| if width == 64 { (by as i64).to_string() } else { by.to_string() };
        let high = |emitter: &mut Self, by| emitter.op(class, &format!("mul.hi.{name}"), &[n, &number(by)]);
        let shifted = |emitter: &mut Self, value: Operand, shift: u32| match shift {
            0 => value,
            _ => emitter.op(class, &format!("shr.{name}"), &[&value, &shift.to_string()]),
        };
        match way(divisor, scalar.bits(), width) {
            Way::High { by, shift } => {
                let high = high(self, by);
                shifted(self, high, shift)
            }
            Way::Sum { by, shift } => {
                let high = high(self, by);
                let rest = self.op(class, &format!("sub.{name}"), &[n, &high]);
                let half = shifted(self, rest, 1);
                let sum = self.op(class, &format!("add.{name}"), &[&half, &high]);
                shifted(self, sum, shift)
            }
        }
    }

    fn signed_quotient(&mut self, scalar: Scalar, n: &str, negative: bool, divisor: u64) -> Operand {
        let class = Class::of(scalar);
        let (width, name) = if class == Class::B64 { (64, "s64") } else { (32, "s32") };
        let sign = self.op(class, &format!("shr.{name}"), &[n, &(width - 1).to_string()]);
        let quotient = if divisor.is_power_of_two() {
            // Rounded towards zero: what is negative gets the divisor less 1 before.
            let bits = divisor.trailing_zeros();
            let more = self.op(class, &format!("shr.u{width}"), &[&sign, &(width - bits).to_string()]);
            let sum = self.op(class, &format!("add.{name}"), &[n, &more]);
            self.op(class, &format!("shr.{name}"), &[&sum, &bits.to_string()])
        } else {
            let (by, shift) = signed_way(divisor, width);
            let high = self.op(class, &format!("mul.hi.{name}"), &[n, &by.to_string()]);
            let sum = self.op(class, &format!("add.{name}"), &[n, &high]);
            let part = self.op(class, &format!("shr.{name}"), &[&sum, &shift.to_string()]);
            self.op(class, &format!("sub.{name}"), &[&part, &sign])
        };
        match negative {
            true => self.op(class, &format!("neg.{name}"), &[&quotient]),
            false => quotient,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIVISORS: [u64; 20] = [2, 3, 5, 6, 7, 9, 10, 11, 14, 25, 28, 60, 100, 125, 127, 128, 641, 1000, 3600, 86_400];

    /// Numbers of so many bits next to where quotients change.
    fn numbers(divisor: u64, bits: u32) -> impl Iterator<Item = u64> {
        let most = u64::MAX >> (64 - bits);
        let multiples = (0..400_u64).flat_map(move |k| [k, most / divisor - most / divisor / 400 * k]);
        let near =
            multiples.flat_map(move |k| [-1, 0, 1].map(|d| k.wrapping_mul(divisor).wrapping_add_signed(d) & most));
        near.chain([0, 1, most, most - 1, most >> 1, (most >> 1) + 1])
    }

    fn divided(n: u64, width: u32, way: Way) -> u64 {
        let high = |by: u64| ((u128::from(n) * u128::from(by)) >> width) as u64;
        match way {
            Way::High { by, shift } => high(by) >> shift,
            Way::Sum { by, shift } => (((n - high(by)) >> 1) + high(by)) >> shift,
        }
    }

    #[test]
    fn unsigned_quotients_are_exact() {
        for (bits, width) in [(8, 32), (16, 32), (32, 32), (64, 64)] {
            let most = u64::MAX >> (64 - bits);
            let large = [most, most - 1, most / 2 + 1, most / 3, most / 7];
            for divisor in DIVISORS.into_iter().chain(large).filter(|d| *d <= most) {
                let way = way(divisor, bits, width);
                for n in numbers(divisor, bits) {
                    assert_eq!(divided(n, width, way), n / divisor, "{n} / {divisor} of {bits} bits: {way:?}");
                }
            }
        }
    }

    #[test]
    fn signed_quotients_are_exact() {
        for width in [32, 64] {
            let most = u64::MAX >> (65 - width);
            for divisor in DIVISORS.into_iter().chain([most, most - 1, most / 2 + 1, most / 3]) {
                let (by, shift) = signed_way(divisor, width);
                for n in numbers(divisor, width) {
                    let n = if width == 32 { i64::from(n as u32 as i32) } else { n as i64 };
                    let high = (i128::from(n) * i128::from(by)) >> width;
                    let quotient = ((i128::from(n) + high) >> shift) - i128::from(n >> 63);
                    assert_eq!(quotient, i128::from(n) / i128::from(divisor), "{n} / {divisor} of {width} bits");
                }
            }
        }
    }
}
