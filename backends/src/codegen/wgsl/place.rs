//! Where pointers point: decided while the text is made, so that WGSL, which has no general pointers, needs none.

use landbridge_core::ir::LocalId;

use super::text::Rep;
use super::text::{Text, integer};

/// What stands for an IR value.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// A value without bytes.
    Empty,
    /// A scalar, array or struct of WGSL.
    Text(Text),
    /// An address.
    Pointer(Pointer),
    /// A slice.
    Slice(Slice),
    /// A struct, or array, that holds addresses: its fields or elements.
    Parts(Vec<Val>),
    /// An array of addresses that are all the same.
    Repeated(Box<Val>),
}

/// An address: one place, or one of several, chosen by `tag` (a `u32`).
#[derive(Clone, Debug)]
pub(super) struct Pointer {
    pub(super) choices: Vec<Place>,
    pub(super) tag: Option<Text>,
}

/// A slice: address of its first element (which need not exist) and its length.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) first: Pointer,
    pub(super) length: Text,
}

/// A place in memory. All texts in it are names or literals that no store changes.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Memory without bytes.
    Nothing,
    /// `None` of an `Option` of a reference. In an image it is the address where nothing lies.
    Null,
    /// In a buffer, or in constant memory.
    Buffer { buffer: usize, address: Address },
    /// In a variable.
    Local { local: LocalId, path: Vec<Step> },
}

/// A step into a variable.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Field(u32),
    Index(Text),
}

/// A distance in bytes: a sum of products, and a constant.
#[derive(Clone, Debug, Default)]
pub(super) struct Address {
    /// A `u32` atom, and the bytes that one of it stands for.
    pub(super) parts: Vec<(Text, u64)>,
    pub(super) constant: u64,
}

/// A place without its numbers: what has to be known when the text is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Shape {
    Nothing,
    Null,
    Buffer(usize),
    Local(LocalId, Vec<ShapeStep>),
}

/// A step of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum ShapeStep {
    Field(u32),
    Index,
}

impl Pointer {
    pub(super) fn one(place: Place) -> Pointer {
        Pointer { choices: vec![place], tag: None }
    }

    /// The only choice.
    pub(super) fn single(&self) -> Option<&Place> {
        match &self.choices[..] {
            [place] => Some(place),
            _ => None,
        }
    }

    /// The same change to every choice.
    pub(super) fn map(&self, change: impl FnMut(&Place) -> Place) -> Pointer {
        Pointer { choices: self.choices.iter().map(change).collect(), tag: self.tag.clone() }
    }
}

impl Place {
    pub(super) fn shape(&self) -> Shape {
        match self {
            Place::Nothing => Shape::Nothing,
            Place::Null => Shape::Null,
            Place::Buffer { buffer, address: _ } => Shape::Buffer(*buffer),
            Place::Local { local, path } => {
                let steps = path.iter().map(|s| match s {
                    Step::Field(k) => ShapeStep::Field(*k),
                    Step::Index(_) => ShapeStep::Index,
                });
                Shape::Local(*local, steps.collect())
            }
        }
    }
}

impl Shape {
    /// Numbers that a place of this shape needs.
    pub(super) fn holes(&self) -> usize {
        match self {
            Shape::Nothing | Shape::Null => 0,
            Shape::Buffer(_) => 1,
            Shape::Local(_, path) => path.iter().filter(|s| **s == ShapeStep::Index).count(),
        }
    }

    pub(super) fn then(&self, step: ShapeStep) -> Shape {
        match self {
            Shape::Local(local, path) => {
                let mut path = path.clone();
                path.push(step);
                Shape::Local(*local, path)
            }
            same => same.clone(),
        }
    }
}

impl Address {
    /// `self + text * scale`
    pub(super) fn plus(mut self, text: &Text, scale: u64) -> Address {
        match text.s.strip_suffix('u').and_then(|n| n.parse::<u64>().ok()) {
            Some(number) if text.is_literal() => self.constant += number.wrapping_mul(scale),
            _ => self.parts.push((text.clone(), scale)),
        }
        self
    }

    pub(super) fn plus_bytes(mut self, bytes: u64) -> Address {
        self.constant += bytes;
        self
    }

    /// The address in units of `grain` bytes as a `u32`, and the bytes that are left over (less than `grain`). `None` if
    /// some part is no multiple of the grain.
    pub(super) fn in_grains(&self, grain: u64) -> Option<(Text, u64)> {
        let mut terms = vec![];
        for (text, scale) in &self.parts {
            match scale / grain {
                _ if scale % grain != 0 => return None,
                1 => terms.push(text.s.clone()),
                factor => terms.push(format!("{text} * {factor}u")),
            }
        }
        let constant = self.constant / grain;
        let reads = self.parts.iter().any(|p| p.0.reads);
        let text = match &terms[..] {
            [] => integer(i128::from(constant as u32), Rep::U32),
            [one] if constant == 0 && !one.contains(' ') => match reads {
                true => Text::variable(one.clone()),
                false => Text::name(one.clone()),
            },
            _ => {
                if constant != 0 {
                    terms.push(format!("{}u", constant as u32));
                }
                Text::compound(format!("({})", terms.join(" + ")), reads)
            }
        };
        Some((text, self.constant % grain))
    }
}
