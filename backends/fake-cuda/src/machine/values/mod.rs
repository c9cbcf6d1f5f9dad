//! What instructions compute: functions on bits.

pub(crate) mod bits;
pub(crate) mod carry;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod float;
pub(crate) mod integer;

/// A Rust type as it lies in a slot.
pub(crate) trait Value: Copy {
    /// The low bits.
    fn of(bits: u64) -> Self;
    /// Zeros above.
    fn bits(self) -> u64;
}

macro_rules! integer_values {
    ($($ty:ty: $unsigned:ty),*) => {
        $(impl Value for $ty {
            #[inline(always)]
            fn of(bits: u64) -> $ty {
                bits as $ty
            }
            #[inline(always)]
            fn bits(self) -> u64 {
                self as $unsigned as u64
            }
        })*
    };
}

integer_values!(u8: u8, u16: u16, u32: u32, u64: u64, i8: u8, i16: u16, i32: u32, i64: u64);

impl Value for f32 {
    #[inline(always)]
    fn of(bits: u64) -> f32 {
        f32::from_bits(bits as u32)
    }
    /// NaN becomes the one that cards give.
    #[inline(always)]
    fn bits(self) -> u64 {
        if self.is_nan() { 0x7FFF_FFFF } else { u64::from(self.to_bits()) }
    }
}

impl Value for f64 {
    #[inline(always)]
    fn of(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        if self.is_nan() { 0x7FF8_0000_0000_0000 } else { self.to_bits() }
    }
}

impl Value for bool {
    #[inline(always)]
    fn of(bits: u64) -> bool {
        bits & 1 == 1
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self)
    }
}

/// A function on one type as a function on bits.
macro_rules! on {
    (1, $t:ty => $r:ty, $f:expr) => {{
        fn run(a: u64) -> u64 {
            let f: fn($t) -> $r = $f;
            $crate::machine::values::Value::bits(f(<$t as $crate::machine::values::Value>::of(a)))
        }
        run as fn(u64) -> u64
    }};
    (2, $t:ty => $r:ty, $f:expr) => {{
        fn run(a: u64, b: u64) -> u64 {
            use $crate::machine::values::Value;
            let f: fn($t, $t) -> $r = $f;
            f(<$t as Value>::of(a), <$t as Value>::of(b)).bits()
        }
        run as fn(u64, u64) -> u64
    }};
    (3, $t:ty => $r:ty, $f:expr) => {{
        fn run(a: u64, b: u64, c: u64) -> u64 {
            use $crate::machine::values::Value;
            let f: fn($t, $t, $t) -> $r = $f;
            f(<$t as Value>::of(a), <$t as Value>::of(b), <$t as Value>::of(c)).bits()
        }
        run as fn(u64, u64, u64) -> u64
    }};
}

/// The function for the type at hand, out of those that the instruction has.
macro_rules! by_type {
    ($ty:expr, $arity:tt, [$($variant:ident: $rust:ty),*], $f:expr) => {
        match $ty {
            $($crate::ptx::types::Type::$variant => Some($crate::machine::values::on!($arity, $rust => $rust, $f)),)*
            _ => None,
        }
    };
    ($ty:expr, $arity:tt, words, $f:expr) => {
        $crate::machine::values::by_type!(
            $ty, $arity, [U16: u16, U32: u32, U64: u64, S16: i16, S32: i32, S64: i64], $f
        )
    };
    ($ty:expr, $arity:tt, signed, $f:expr) => {
        $crate::machine::values::by_type!($ty, $arity, [S16: i16, S32: i32, S64: i64], $f)
    };
    ($ty:expr, $arity:tt, bits, $f:expr) => {
        $crate::machine::values::by_type!($ty, $arity, [B16: u16, B32: u32, B64: u64], $f)
    };
    ($ty:expr, $arity:tt, floats, $f:expr) => {
        $crate::machine::values::by_type!($ty, $arity, [F32: f32, F64: f64], $f)
    };
}

pub(crate) use {by_type, on};
