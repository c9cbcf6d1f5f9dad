//! Fundamental types and state spaces.

/// A fundamental type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    Pred,
    B8,
    B16,
    B32,
    B64,
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
    F32,
    F64,
}

/// Bits, integers with and without sign, floats, truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Pred,
    Bits,
    Unsigned,
    Signed,
    Float,
}

const NAMES: [(&str, Type); 15] = {
    use Type::*;
    [
        ("pred", Pred),
        ("b8", B8),
        ("b16", B16),
        ("b32", B32),
        ("b64", B64),
        ("u8", U8),
        ("u16", U16),
        ("u32", U32),
        ("u64", U64),
        ("s8", S8),
        ("s16", S16),
        ("s32", S32),
        ("s64", S64),
        ("f32", F32),
        ("f64", F64),
    ]
};

impl Type {
    /// By its name, without the dot.
    pub(crate) fn named(name: &str) -> Option<Type> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, ty)| *ty == self).map_or("?", |(name, _)| name)
    }

    pub(crate) fn kind(self) -> Kind {
        use Type::*;
        match self {
            Pred => Kind::Pred,
            B8 | B16 | B32 | B64 => Kind::Bits,
            U8 | U16 | U32 | U64 => Kind::Unsigned,
            S8 | S16 | S32 | S64 => Kind::Signed,
            F32 | F64 => Kind::Float,
        }
    }

    /// In bytes.
    pub(crate) fn size(self) -> u32 {
        use Type::*;
        match self {
            Pred | B8 | U8 | S8 => 1,
            B16 | U16 | S16 => 2,
            B32 | U32 | S32 | F32 => 4,
            B64 | U64 | S64 | F64 => 8,
        }
    }

    pub(crate) fn bits(self) -> u32 {
        8 * self.size()
    }

    pub(crate) fn is_float(self) -> bool {
        self.kind() == Kind::Float
    }

    pub(crate) fn is_signed(self) -> bool {
        self.kind() == Kind::Signed
    }

    /// `bits`, cut to the type's width.
    pub(crate) fn cut(self, bits: u64) -> u64 {
        match self {
            Type::Pred => bits & 1,
            _ => bits & (u64::MAX >> (64 - self.bits())),
        }
    }

    /// Whether an operand of this type may be used where an instruction of type `wanted` stands: the same width, and either the
    /// same kind, or both integers, or one of them untyped bits.
    pub(crate) fn agrees(self, wanted: Type) -> bool {
        let (a, b) = (self.kind(), wanted.kind());
        match (a, b) {
            (Kind::Pred, Kind::Pred) => true,
            (Kind::Pred, _) | (_, Kind::Pred) => false,
            _ => {
                let integers = a != Kind::Float && b != Kind::Float;
                self.size() == wanted.size() && (a == b || integers || a == Kind::Bits || b == Kind::Bits)
            }
        }
    }

    /// As [`Type::agrees`], but the operand may be wider: operands of `ld`, `st` and `cvt`.
    pub(crate) fn agrees_wider(self, wanted: Type) -> bool {
        if self.agrees(wanted) {
            return true;
        }
        let (a, b) = (self.kind(), wanted.kind());
        let integers = !matches!(a, Kind::Pred | Kind::Float) && !matches!(b, Kind::Pred | Kind::Float);
        self.size() > wanted.size() && (integers || (a == Kind::Bits && b == Kind::Float))
    }
}

/// Where a variable is, or what an address means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Space {
    Generic,
    Global,
    Const,
    Local,
    Shared,
    Param,
}

impl Space {
    pub(crate) fn named(name: &str) -> Option<Space> {
        Some(match name {
            "global" => Space::Global,
            "const" => Space::Const,
            "local" => Space::Local,
            "shared" | "shared::cta" => Space::Shared,
            "param" => Space::Param,
            _ => return None,
        })
    }
}
