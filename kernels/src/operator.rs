//! Associative operators, for folds and scans.

use landbridge::{KernelType, KernelValue, kernel_fn};

/// An operator that is associative: `a·(b·c) = (a·b)·c`. It need not commute: elements keep their order. Numbers have those of this
/// module; of operators of yours `combine` is marked `#[kernel_fn]`;
/// each has one `impl`, which may be generic.
pub trait Operator<T: KernelValue>: KernelValue {
    /// The value that changes nothing, from either side; the result of no elements.
    fn identity(&self) -> T;

    /// Combines two neighbours, `a` to the left.
    #[kernel_fn]
    fn combine(&self, a: T, b: T) -> T;
}

/// A number that the operators of this module take.
pub trait Number: KernelValue {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The smallest there is.
    const LOWEST: Self;
    /// The largest there is.
    const HIGHEST: Self;

    /// The sum; integers wrap.
    #[kernel_fn]
    fn plus(&self, other: Self) -> Self;
    /// The product; integers wrap.
    #[kernel_fn]
    fn times(&self, other: Self) -> Self;
    /// The smaller one; NaN is ignored.
    #[kernel_fn]
    fn least(&self, other: Self) -> Self;
    /// The larger one; NaN is ignored.
    #[kernel_fn]
    fn greatest(&self, other: Self) -> Self;
}

macro_rules! number {
    ($t:ty, [$($limits:expr),*], $a:ident $b:ident $plus:expr, $times:expr) => {
        impl Number for $t {
            const ZERO: Self = [$($limits),*][0];
            const ONE: Self = [$($limits),*][1];
            const LOWEST: Self = [$($limits),*][2];
            const HIGHEST: Self = [$($limits),*][3];
            #[kernel_fn]
            #[inline(always)]
            fn plus(&self, $b: $t) -> $t {
                let $a = *self;
                $plus
            }
            #[kernel_fn]
            #[inline(always)]
            fn times(&self, $b: $t) -> $t {
                let $a = *self;
                $times
            }
            #[kernel_fn]
            #[inline(always)]
            fn least(&self, $b: $t) -> $t {
                let $a = *self;
                $a.min($b)
            }
            #[kernel_fn]
            #[inline(always)]
            fn greatest(&self, $b: $t) -> $t {
                let $a = *self;
                $a.max($b)
            }
        }
    };
}

macro_rules! integers {
    ($($t:ident)*) => {$(
        number!($t, [0, 1, $t::MIN, $t::MAX], a b a.wrapping_add(b), a.wrapping_mul(b));
    )*};
}
integers! { i8 i16 i32 i64 u8 u16 u32 u64 usize }

macro_rules! floats {
    ($($t:ident)*) => {$(
        number!($t, [0.0, 1.0, $t::NEG_INFINITY, $t::INFINITY], a b a + b, a * b);
    )*};
}
floats! { f32 f64 }

macro_rules! operators {
    ($($(#[$doc:meta])* $op:ident $identity:ident $combine:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, KernelType)]
        pub struct $op<T> {
            identity: T,
        }

        $(#[$doc])*
        pub fn $combine<T: Number>() -> $op<T> {
            $op { identity: T::$identity }
        }

        impl<T: Number> Operator<T> for $op<T> {
            fn identity(&self) -> T {
                self.identity
            }
            #[kernel_fn]
            #[inline(always)]
            fn combine(&self, a: T, b: T) -> T {
                a.$combine(b)
            }
        }
    )*};
}
operators! {
    /// Adds. Integers wrap.
    Plus ZERO plus;
    /// Multiplies. Integers wrap.
    Times ONE times;
    /// The smaller one; NaN is ignored.
    Least HIGHEST least;
    /// The larger one; NaN is ignored.
    Greatest LOWEST greatest;
}
