//! Folding what a kernel returns: `device.reduce(call, Sum)`.

use crate::types::KernelValue;

/// Which fold, for devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// [`Sum`]
    Sum,
    /// [`Product`]
    Product,
    /// [`Min`]
    Min,
    /// [`Max`]
    Max,
}

/// A fold whose order is not fixed: results of floats may differ in rounding from one device or run to another.
pub trait Reduction<T: KernelValue>: Copy + Send + Sync {
    /// Which, for devices.
    const OPERATION: ReduceOp;
    /// The value that changes nothing; the result of an empty launch.
    fn identity() -> T;
    /// Folds two values.
    fn combine(a: T, b: T) -> T;
}

/// Adds. Integers wrap: the order is not fixed, so a partial sum could overflow where the total does not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum;

/// Multiplies. Integers wrap, as in [`Sum`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Product;

/// The smallest. Of floats NaN is ignored; the result of none is positive infinity.
#[derive(Clone, Copy, Debug, Default)]
pub struct Min;

/// The largest. Of floats NaN is ignored; the result of none is negative infinity.
#[derive(Clone, Copy, Debug, Default)]
pub struct Max;

macro_rules! reduction {
    ($op:ident $t:ty, $identity:expr, $a:ident $b:ident $combine:expr) => {
        impl Reduction<$t> for $op {
            const OPERATION: ReduceOp = ReduceOp::$op;
            #[inline(always)]
            fn identity() -> $t {
                $identity
            }
            #[inline(always)]
            fn combine($a: $t, $b: $t) -> $t {
                $combine
            }
        }
    };
}

macro_rules! integers {
    ($($t:ident)*) => {$(
        reduction!(Sum $t, 0, a b a.wrapping_add(b));
        reduction!(Product $t, 1, a b a.wrapping_mul(b));
        reduction!(Min $t, $t::MAX, a b a.min(b));
        reduction!(Max $t, $t::MIN, a b a.max(b));
    )*};
}
integers! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

macro_rules! floats {
    ($($t:ident)*) => {$(
        reduction!(Sum $t, 0.0, a b a + b);
        reduction!(Product $t, 1.0, a b a * b);
        reduction!(Min $t, $t::INFINITY, a b a.min(b));
        reduction!(Max $t, $t::NEG_INFINITY, a b a.max(b));
    )*};
}
floats! { f32 f64 }
