//! Panics: where, what about, and what they say. Messages are made on the host, of values that the report brings, by std.

use super::Scalar;

mod message;

pub use message::{Format, Layout, Message, Values};

/// A place in the user's source that may panic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// What goes wrong there.
    pub kind: PanicKind,
    /// As `file!()` gives it.
    pub file: &'static str,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// What a panic is about, and what the values of its report mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PanicKind {
    /// Arguments: index, length.
    IndexOutOfBounds,
    /// A range's start is past its end, arguments: start, end; or it is past the slice's length, which is what Rust says
    /// first, arguments: length, start. The first is the larger one only if it is the start.
    SliceOrder,
    /// A range's end is past the slice's length. Arguments: end, length.
    SliceEnd,
    /// The same of a range that includes its last index. Arguments: the index behind that, length.
    SliceLast,
    /// `+` left the type's range.
    AddOverflow,
    /// `-` left the type's range.
    SubOverflow,
    /// `*` left the type's range.
    MulOverflow,
    /// `-x` of the smallest value.
    NegOverflow,
    /// `/`: the first argument is 0 for a zero divisor, 1 for overflow.
    Division,
    /// `%`: the first argument is 0 for a zero divisor, 1 for overflow.
    Remainder,
    /// `<<` by the width or more.
    ShlOverflow,
    /// `>>` by the width or more.
    ShrOverflow,
    /// `assert!`, `panic!`, `unreachable!`, `unwrap`, ...: the message as Rust prints it.
    Message(String),
    /// Text, and arguments between it as `{:?}` shows them: `assert_eq!` of numbers.
    Shown(Vec<Piece>),
    /// `panic!("x = {x}")`: a message that the user's own format string makes of the arguments.
    Formatted(Message),
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// The next argument.
    Value(Scalar),
}

impl Piece {
    fn scalar(&self) -> Option<Scalar> {
        match self {
            Piece::Text(_) => None,
            Piece::Value(scalar) => Some(*scalar),
        }
    }

    fn text(&self, values: &mut impl Iterator<Item = u64>) -> String {
        match self {
            Piece::Text(text) => text.clone(),
            Piece::Value(scalar) => shown(*scalar, values.next().unwrap_or(0)),
        }
    }
}

/// `{:?}` of a scalar from its value in the report.
fn shown(scalar: Scalar, value: u64) -> String {
    match scalar {
        Scalar::Bool => format!("{:?}", value != 0),
        Scalar::F32 => format!("{:?}", f32::from_bits(value as u32)),
        Scalar::F64 => format!("{:?}", f64::from_bits(value)),
        _ if scalar.is_signed() => format!("{:?}", value as i64),
        _ => format!("{value:?}"),
    }
}

impl PanicKind {
    /// The message that Rust prints for this panic with these values of the report; those that are missing are 0.
    pub fn message(&self, values: &[u64]) -> String {
        let value = |k: usize| values.get(k).copied().unwrap_or(0);
        let (first, second) = (value(0), value(1));
        match self {
            PanicKind::IndexOutOfBounds => {
                format!("index out of bounds: the len is {second} but the index is {first}")
            }
            PanicKind::SliceOrder if first <= second => {
                format!("range start index {second} out of range for slice of length {first}")
            }
            PanicKind::SliceOrder => {
                format!("slice index starts at {first} but ends at {second}")
            }
            PanicKind::SliceLast => PanicKind::SliceEnd.message(&[first.wrapping_sub(1), second]),
            PanicKind::SliceEnd => {
                format!("range end index {first} out of range for slice of length {second}")
            }
            PanicKind::AddOverflow => "attempt to add with overflow".into(),
            PanicKind::SubOverflow => "attempt to subtract with overflow".into(),
            PanicKind::MulOverflow => "attempt to multiply with overflow".into(),
            PanicKind::NegOverflow => "attempt to negate with overflow".into(),
            PanicKind::Division if first == 0 => "attempt to divide by zero".into(),
            PanicKind::Division => "attempt to divide with overflow".into(),
            PanicKind::Remainder if first == 0 => "attempt to calculate the remainder with a divisor of zero".into(),
            PanicKind::Remainder => "attempt to calculate the remainder with overflow".into(),
            PanicKind::ShlOverflow => "attempt to shift left with overflow".into(),
            PanicKind::ShrOverflow => "attempt to shift right with overflow".into(),
            PanicKind::Message(message) => message.clone(),
            PanicKind::Shown(pieces) => {
                let mut next = (0..).map(value);
                pieces.iter().map(|piece| piece.text(&mut next)).collect()
            }
            PanicKind::Formatted(message) => message.text(&mut (0..).map(value)),
        }
    }

    /// The types of the report's values, where the kind says what they are; otherwise there may be two of any type.
    pub fn reported(&self) -> Option<Vec<Scalar>> {
        match self {
            PanicKind::Shown(pieces) => Some(pieces.iter().filter_map(Piece::scalar).collect()),
            PanicKind::Formatted(message) => Some(message.values.iter().flat_map(Layout::scalars).collect()),
            _ => None,
        }
    }

    /// Whether the values are an index and a length.
    pub fn has_index(&self) -> bool {
        matches!(self, PanicKind::IndexOutOfBounds)
    }
}
