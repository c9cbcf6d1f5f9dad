//! `cvt`: between all types, rounded and limited as the instruction says.

use super::Value;
use super::float::wide;
use crate::ptx::types::{Kind, Type};

/// One step back from a rounded value that went the wrong way.
macro_rules! directed {
    ($nearest:expr, $above:expr, $below:expr, $negative:expr, $rounding:expr) => {
        match ($rounding, $negative) {
            (Rounding::Down, _) | (Rounding::Zero, false) if $above => $nearest.next_down(),
            (Rounding::Up, _) | (Rounding::Zero, true) if $below => $nearest.next_up(),
            _ => $nearest,
        }
    };
}

/// One conversion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversion {
    pub(crate) to: Type,
    pub(crate) from: Type,
    /// Where the result is a float, or a float's integral part: how it is rounded.
    pub(crate) rounding: Rounding,
    /// To the destination's range; floats to 0 to 1.
    pub(crate) saturates: bool,
    /// A float's integral part is wanted, as a float.
    pub(crate) integral: bool,
}

/// To the nearest (even), to zero, down, up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    Nearest,
    Zero,
    Down,
    Up,
}

impl Conversion {
    /// The bits of the result, with zeros above the destination's type.
    pub(crate) fn apply(&self, bits: u64) -> u64 {
        match (self.from.kind() == Kind::Float, self.to.kind() == Kind::Float) {
            (false, false) => self.integer_to_integer(integer(self.from, bits)),
            (false, true) => self.limited(from_integer(self.to, integer(self.from, bits), self.rounding)),
            (true, false) => self.float_to_integer(wide(self.from, bits)),
            (true, true) => self.float_to_float(bits),
        }
    }

    fn integer_to_integer(&self, value: i128) -> u64 {
        let (least, most) = range(self.to);
        let value = if self.saturates { value.clamp(least, most) } else { value };
        self.to.cut(value as u64)
    }

    /// Out of range gives the nearest number. NaN gives 0, or where one of the types has 64 bits the number with only the highest bit set.
    fn float_to_integer(&self, value: f64) -> u64 {
        if value.is_nan() {
            let is_wide = self.from == Type::F64 || self.to.size() == 8;
            return if is_wide { 1 << (self.to.bits() - 1) } else { 0 };
        }
        let (least, most) = range(self.to);
        // Every float beyond ±2^65 is clamped alike.
        let whole = integral(value, self.rounding).clamp(-3.7e19, 3.7e19) as i128;
        self.to.cut(whole.clamp(least, most) as u64)
    }

    fn float_to_float(&self, bits: u64) -> u64 {
        let value = wide(self.from, bits);
        let value = if self.integral { integral(value, self.rounding) } else { value };
        let result = match (self.to, self.from) {
            (Type::F32, Type::F64) if !self.integral => narrowed(value, self.rounding).bits(),
            (Type::F32, _) => (value as f32).bits(),
            _ => value.bits(),
        };
        self.limited(result)
    }

    fn limited(&self, bits: u64) -> u64 {
        if !self.saturates {
            return bits;
        }
        let value = wide(self.to, bits);
        // NaN becomes 0, and so does -0.
        let value = if value > 0.0 { value.min(1.0) } else { 0.0 };
        match self.to {
            Type::F32 => (value as f32).bits(),
            _ => value.bits(),
        }
    }
}

fn integer(ty: Type, bits: u64) -> i128 {
    let bits = ty.cut(bits);
    match ty.is_signed() && bits >> (ty.bits() - 1) & 1 == 1 {
        true => i128::from(bits) - (1 << ty.bits()),
        false => i128::from(bits),
    }
}

fn range(ty: Type) -> (i128, i128) {
    match ty.is_signed() {
        true => (-(1 << (ty.bits() - 1)), (1 << (ty.bits() - 1)) - 1),
        false => (0, (1 << ty.bits()) - 1),
    }
}

fn integral(value: f64, rounding: Rounding) -> f64 {
    match rounding {
        Rounding::Nearest => value.round_ties_even(),
        Rounding::Zero => value.trunc(),
        Rounding::Down => value.floor(),
        Rounding::Up => value.ceil(),
    }
}

fn from_integer(to: Type, value: i128, rounding: Rounding) -> u64 {
    macro_rules! rounded {
        ($float:ty) => {{
            // 64-bit integers fit both types' ranges; what is nearest may be on the wrong side.
            let nearest = value as $float;
            let exact = nearest as i128;
            directed!(nearest, exact > value, exact < value, value < 0, rounding).bits()
        }};
    }
    match to {
        Type::F32 => rounded!(f32),
        _ => rounded!(f64),
    }
}

fn narrowed(value: f64, rounding: Rounding) -> f32 {
    let nearest = value as f32;
    let exact = f64::from(nearest);
    directed!(nearest, exact > value, exact < value, value < 0.0, rounding)
}
