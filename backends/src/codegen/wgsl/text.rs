//! Pieces of WGSL: expressions, and literals of every type.

use landbridge_core::ir::{Constant, Scalar};

/// The WGSL type that a scalar's values are computed in. 8 and 16 bits are computed in 32 and kept in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Rep {
    Bool,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Rep {
    pub(super) fn name(self) -> &'static str {
        match self {
            Rep::Bool => "bool",
            Rep::I32 => "i32",
            Rep::U32 => "u32",
            Rep::I64 => "i64",
            Rep::U64 => "u64",
            Rep::F32 => "f32",
            Rep::F64 => "f64",
        }
    }

    pub(super) fn bits(self) -> u32 {
        match self {
            Rep::I64 | Rep::U64 | Rep::F64 => 64,
            _ => 32,
        }
    }

    pub(super) fn is_signed(self) -> bool {
        matches!(self, Rep::I32 | Rep::I64)
    }

    /// The unsigned integer of the same width.
    pub(super) fn unsigned(self) -> Rep {
        if self.bits() == 64 { Rep::U64 } else { Rep::U32 }
    }

    /// Of a scalar; `wide` says how `usize` is computed.
    pub(super) fn of(scalar: Scalar, wide: bool) -> Rep {
        match scalar {
            Scalar::Bool => Rep::Bool,
            Scalar::I8 | Scalar::I16 | Scalar::I32 => Rep::I32,
            Scalar::U8 | Scalar::U16 | Scalar::U32 => Rep::U32,
            Scalar::I64 => Rep::I64,
            Scalar::U64 => Rep::U64,
            Scalar::Isize if wide => Rep::I64,
            Scalar::Usize if wide => Rep::U64,
            Scalar::Isize => Rep::I32,
            Scalar::Usize => Rep::U32,
            Scalar::F32 => Rep::F32,
            Scalar::F64 => Rep::F64,
        }
    }
}

/// An expression. Operators are always in parentheses, so that it may stand anywhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) s: String,
    pub(super) form: Form,
    /// Its value changes when memory does: it may not be moved past a store.
    pub(super) reads: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A constant of the language.
    Literal,
    /// A name or a member of one: free to repeat.
    Name,
    Compound,
}

impl Text {
    pub(super) fn literal(s: impl Into<String>) -> Text {
        Text { s: s.into(), form: Form::Literal, reads: false }
    }

    pub(super) fn name(s: impl Into<String>) -> Text {
        Text { s: s.into(), form: Form::Name, reads: false }
    }

    pub(super) fn variable(s: impl Into<String>) -> Text {
        Text { s: s.into(), form: Form::Name, reads: true }
    }

    pub(super) fn compound(s: impl Into<String>, reads: bool) -> Text {
        Text { s: s.into(), form: Form::Compound, reads }
    }

    pub(super) fn is_literal(&self) -> bool {
        self.form == Form::Literal
    }

    /// Whether repeating the text costs nothing.
    pub(super) fn is_atom(&self) -> bool {
        self.form != Form::Compound
    }

    /// `(self op other)`
    pub(super) fn infix(&self, op: &str, other: &Text) -> Text {
        Text::compound(format!("({} {op} {})", self.s, other.s), self.reads || other.reads)
    }

    /// `function(arguments)`
    pub(super) fn call(function: &str, arguments: &[&Text]) -> Text {
        // `f(a < b, c > d)` would be read as a template.
        let opens = arguments.iter().position(|a| is_bare(a.bare(), '<')).unwrap_or(arguments.len());
        let argument = |(k, a): (usize, &&Text)| match k > opens && is_bare(a.bare(), '>') {
            true => a.s.clone(),
            false => a.bare().to_owned(),
        };
        let list: Vec<_> = arguments.iter().enumerate().map(argument).collect();
        Text::compound(format!("{function}({})", list.join(", ")), arguments.iter().any(|a| a.reads))
    }

    /// Without the outermost parentheses, for places that need none.
    pub(super) fn bare(&self) -> &str {
        bare(&self.s)
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.s)
    }
}

fn bare(s: &str) -> &str {
    if !s.starts_with('(') {
        return s;
    }
    let mut depth = 0usize;
    for (k, c) in s.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return if k + 1 == s.len() { &s[1..k] } else { s };
        }
    }
    s
}

/// Whether the text has the character outside of all parentheses and brackets.
fn is_bare(s: &str, wanted: char) -> bool {
    let mut depth = 0;
    s.chars().any(|c| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        depth == 0 && c == wanted
    })
}

/// An integer of a representation. Out-of-range values have been refused before.
pub(super) fn integer(value: i128, rep: Rep) -> Text {
    Text::literal(match rep {
        Rep::U32 => format!("{value}u"),
        Rep::U64 => format!("{value}lu"),
        Rep::I32 if value == i128::from(i32::MIN) => "i32(-2147483648)".into(),
        Rep::I32 if value < 0 => format!("({value}i)"),
        Rep::I64 if value == i128::from(i64::MIN) => "i64(-9223372036854775807 - 1)".into(),
        Rep::I64 if value < 0 => format!("({value}li)"),
        Rep::I64 => format!("{value}li"),
        Rep::I32 => format!("{value}i"),
        Rep::Bool | Rep::F32 | Rep::F64 => unreachable!("no integer"),
    })
}

/// A float whose literal WGSL accepts, or `None` for NaN, infinities and subnormals.
pub(super) fn float(constant: Constant) -> Option<Text> {
    match constant {
        Constant::F32(bits) => {
            let x = f32::from_bits(bits);
            (x.is_normal() || x == 0.0).then(|| signed(format!("{x:?}f"), bits >> 31 != 0))
        }
        Constant::F64(bits) => {
            let x = f64::from_bits(bits);
            (x.is_normal() || x == 0.0).then(|| signed(format!("{x:?}lf"), bits >> 63 != 0))
        }
        Constant::Bool(_) | Constant::Int(_) => None,
    }
}

fn signed(s: String, negative: bool) -> Text {
    Text::literal(if negative { format!("({s})") } else { s })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_stand_in_any_place() {
        assert_eq!(integer(-5, Rep::I32).s, "(-5i)");
        assert_eq!(integer(4294967295, Rep::U32).s, "4294967295u");
        assert_eq!(integer(i128::from(i32::MIN), Rep::I32).s, "i32(-2147483648)");
        assert_eq!(float(Constant::F32(1.5f32.to_bits())).unwrap().s, "1.5f");
        assert_eq!(float(Constant::F32((-0.0f32).to_bits())).unwrap().s, "(-0.0f)");
        assert_eq!(float(Constant::F64(1e300f64.to_bits())).unwrap().s, "1e300lf");
        assert_eq!(float(Constant::F32(f32::NAN.to_bits())), None);
        assert_eq!(float(Constant::F32(1)), None);
    }

    #[test]
    fn comparisons_in_a_call_are_no_template() {
        let [a, b] = ["a", "b"].map(Text::name);
        let (less, more) = (a.infix("<", &b), a.infix(">>", &b));
        assert_eq!(Text::call("f", &[&less, &more, &more]).s, "f(a < b, (a >> b), (a >> b))");
        assert_eq!(Text::call("f", &[&more, &less]).s, "f(a >> b, a < b)");
        assert_eq!(Text::call("f", &[&Text::call("g", &[&less]), &more]).s, "f(g(a < b), a >> b)");
    }

    #[test]
    fn only_parentheses_that_enclose_all_are_dropped() {
        assert_eq!(bare("(a + b)"), "a + b");
        assert_eq!(bare("(a) + (b)"), "(a) + (b)");
        assert_eq!(bare("f(a)"), "f(a)");
    }
}
