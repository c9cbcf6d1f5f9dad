//! The methods and associated functions of std that kernels know.
//!
//! For each method `name` there is a hidden method `__lb_eman` on all types that have it, for each associated function a
//! hidden `__lb_of_name`. Siblings that `#[kernel_fn]` writes for users' functions come first in method lookup: they take
//! `&self`, these here take `self`, and both are called on what [`super::KernelReceiver`] gives, which is a reference. What a type does not
//! have (or has without `#[kernel_fn]`, if it is a user's) is [`NotAKernelFunction`].
//!
//! The list of names is in `landbridge-macros` (`intrinsics.rs`), for the macros need it too; [`crate::lower`] says what
//! they mean.

use super::operators::{Derived, Ordered};
use super::{Intrinsic, KernelFunction, NotAKernelFunction, OwnsNothing, Raised, Resolve, SliceOf, Slot, never};
use crate::ast::Callee;
use crate::types::{KernelNode, KernelType, Tagged, TypeInfo};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64};

landbridge_macros::__intrinsics!();

macro_rules! methods {
    ($([$($generics:tt)*] $t:ty: $floats:ident $numbers:ident $integers:ident $slices:ident $swap:tt $atomics:ident
        $scalars:ident $bools:ident $maps:ident $options:ident $values:ident $lengths:ident $ranges:ident $results:ident $either:ident $then:ident $orderings:ident $turned:ident $compared:tt
        $bytes:ident $chars:ident $rotated:tt $plain:tt;)*) => {$(
        impl<$($generics)*> Methods for $t {
            type OfFloats = $floats;
            type OfNumbers = $numbers;
            type OfIntegers = $integers;
            type OfSlices = $slices;
            #[allow(unused_parens, reason = "they hold the tokens of a type together")]
            type OfSlicesAndAtomics = $swap;
            type OfAtomics = $atomics;
            type OfScalars = $scalars;
            type OfBools = $bools;
            type OfOptionsResultsAndArrays = $maps;
            type OfOptions = $options;
            type OfResults = $results;
            type OfOptionsAndResults = $either;
            type OfBoolsAndOrderings = $then;
            type OfOrderings = $orderings;
            type OfSlicesAndOrderings = $turned;
            #[allow(unused_parens, reason = "as above")]
            type OfComparable = $compared;
            type OfValues = $values;
            type OfSlicesAndRanges = $lengths;
            type OfRanges = $ranges;
            type OfBytesAndChars = $bytes;
            type OfChars = $chars;
            #[allow(unused_parens, reason = "as above")]
            type OfSlicesAndIntegers = $rotated;
            #[allow(unused_parens, reason = "as above")]
            type OfSlicesOfPlainData = $plain;
        }
    )*};
}

use Intrinsic as Yes;
use NotAKernelFunction as No;

macro_rules! scalars {
    ($floats:ident $numbers:ident $integers:ident $bools:ident $bytes:ident: $($t:ty)*) => {
        methods! { $([] $t: $floats $numbers $integers No No No Yes $bools No No Yes No No No No $bools No No Yes $bytes No $integers No;)* }
    };
}
scalars!(Yes Yes No No No: f32 f64);
scalars!(No Yes Yes No No: i8 i16 i32 i64 isize u16 u32 u64 usize);
scalars!(No Yes Yes No Yes: u8);
scalars!(No No No Yes No: bool);
methods! {
    [T] SliceOf<T>: No No No Yes (Swap<T>) No No No No No No Yes No No No No No Yes (Compared<[T]>) No No (Swap<T>) (Swap<T>);
    [T, const N: usize] [T; N]: No No No Yes (Swap<T>) No No No Yes No Yes Yes No No No No No Yes (Compared<[T; N]>) No No (Swap<T>) (Swap<T>);
    [] AtomicU32: No No No No Yes Yes No No No No No No No No No No No No No No No No No;
    [] AtomicI32: No No No No Yes Yes No No No No No No No No No No No No No No No No No;
    [] AtomicU64: No No No No Yes Yes No No No No No No No No No No No No No No No No No;
    [] AtomicI64: No No No No Yes Yes No No No No No No No No No No No No No No No No No;
    [] crate::extent::Index2: No No No No No No No No No No Yes No No No No No No No No No No No No;
    [] crate::extent::Index3: No No No No No No No No No No Yes No No No No No No No No No No No No;
    [] char: No No No No No No Yes No No No Yes No No No No No No No Yes Yes Yes No No;
    [] (): No No No No No No No No No No Yes No No No No No No No (Compared<()>) No No No No;
    [T] std::ops::Range<T>: No No No No No No No No No No Yes Yes Yes No No No No No No No No No No;
    [T] std::ops::RangeInclusive<T>: No No No No No No No No No No Yes Yes Yes No No No No No No No No No No;
    [T] std::ops::RangeFrom<T>: No No No No No No No No No No Yes Yes Yes No No No No No No No No No No;
    [T] std::ops::RangeTo<T>: No No No No No No No No No No Yes Yes Yes No No No No No No No No No No;
    [T] std::ops::RangeToInclusive<T>: No No No No No No No No No No Yes Yes Yes No No No No No No No No No No;
    [] std::cmp::Ordering: No No No No No No No No No No Yes No No No No Yes Yes Yes Yes No No No No;
    [T] Option<T>: No No No No No No No No Yes Yes Yes No No No Yes No No No (Compared<Option<T>>) No No No No;
    [T, E] Result<T, E>: No No No No No No No No Yes No Yes No No Yes Yes No No No (Compared<Result<T, E>>) No No No No;
    [T: Derived] T: No No No No No No No No No No Yes No No No No No No No (Compared<T>) No No No No;
}
macro_rules! tuples {
    ($($t:ident)*) => {
        methods! { [$($t),*] ($($t,)*): No No No No No No No No No No Yes No No No No No No No (Compared<($($t,)*)>) No No No No; }
    };
}
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
tuples!(A B C D E F G H I J K);
tuples!(A B C D E F G H I J K L);

impl<T: KernelNode + Tagged<Base = T>> MethodsOfParameters for T {}
impl<T: KernelType> Functions for T {}

/// What assigns to a slice's elements.
pub struct Swap<T>(PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<T: OwnsNothing> KernelFunction for Swap<T> {}
impl<T> Resolve for Swap<T> {
    fn callee() -> Callee {
        Callee::Intrinsic
    }
}

/// `cmp` and `partial_cmp` of what is ordered part by part.
pub struct Compared<T: ?Sized>(PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<T: Ordered<T> + ?Sized> KernelFunction for Compared<T> {}
impl<T: ?Sized> Resolve for Compared<T> {
    fn callee() -> Callee {
        Callee::Intrinsic
    }
}

/// An associated function that std may have for this type.
pub struct FunctionOf<T>(PhantomData<T>);

/// Tells of users' types that std has no functions for them.
pub trait KnownOfDerived: Sized {
    /// The function is a user's, and not marked.
    fn __lb_known(self) -> NotAKernelFunction {
        never()
    }
    /// `from` of a value of the type in the slot: a user's, or of a type to itself.
    fn __lb_from<E>(self, _: &Slot<E>) -> Callee
    where
        Self: Converts<E>,
    {
        <Self as Converts<E>>::callee()
    }
    /// The same of `try_from`.
    fn __lb_try_from<E>(self, _: &Slot<E>) -> Callee
    where
        Self: Tries<E>,
    {
        <Self as Tries<E>>::callee()
    }
}

/// [`TryRaised`] of the type.
#[diagnostic::on_unimplemented(
    message = "this function cannot be called in a kernel",
    label = "the `TryFrom` is not marked `#[kernel_fn]`",
    note = "put `#[kernel_fn]` on the `impl TryFrom<{E}>`"
)]
pub trait Tries<E> {
    /// The function.
    fn callee() -> Callee;
}
#[diagnostic::do_not_recommend]
impl<T: TryRaised<E>, E> Tries<E> for FunctionOf<T> {
    fn callee() -> Callee {
        T::callee()
    }
}
impl<T: Derived> KnownOfDerived for FunctionOf<T> {}

/// `into` from the one type to the other.
pub struct Conversion<E, F>(PhantomData<(E, F)>);

/// What `into` gives is of the type in the second slot.
pub fn conversion<E, F>(_: &Slot<E>, _: &Slot<F>) -> Conversion<E, F> {
    Conversion(PhantomData)
}

/// What `try_into` gives is a `Result` of the type in the second slot.
pub fn conversion_that_may_fail<E, F, X>(_: &Slot<E>, _: &Slot<Result<F, X>>) -> Conversion<E, F> {
    Conversion(PhantomData)
}

macro_rules! conversions {
    ($($doc:literal $name:ident ($($receiver:tt)*);)*) => {$(
        #[doc = $doc]
        pub trait $name<E, F>: Sized {
            /// The user's `From`.
            fn __lb_convert($($receiver)* self) -> Callee
            where
                FunctionOf<F>: Converts<E>,
            {
                <FunctionOf<F> as Converts<E>>::callee()
            }
            /// The user's `TryFrom`.
            fn __lb_try_convert($($receiver)* self) -> Callee
            where
                FunctionOf<F>: Tries<E>,
            {
                <FunctionOf<F> as Tries<E>>::callee()
            }
        }
    )*};
}
conversions! {
    "From a user's type." ConvertsFromDerived ();
    "To a user's type." ConvertsToDerived (&);
}
impl<E: Derived, F> ConvertsFromDerived<E, F> for Conversion<E, F> {}
impl<E, F: Derived> ConvertsToDerived<E, F> for Conversion<E, F> {}

/// Between others, and type parameters, whose bounds decide. Found last, because of `&mut`.
pub trait ConvertsAny {
    /// The function of std.
    fn __lb_convert(&mut self) -> Callee;
    /// The same.
    fn __lb_try_convert(&mut self) -> Callee {
        ConvertsAny::__lb_convert(self)
    }
}
impl<E, F: TypeInfo> ConvertsAny for Conversion<E, F> {
    fn __lb_convert(&mut self) -> Callee {
        Callee::IntrinsicOf(F::DESC)
    }
}

/// A `TryFrom` of a user's type that is a kernel function.
#[diagnostic::on_unimplemented(
    message = "this function cannot be called in a kernel",
    label = "the `TryFrom` is not marked `#[kernel_fn]`",
    note = "put `#[kernel_fn]` on the `impl TryFrom<{E}>`"
)]
pub trait TryRaised<E> {
    /// Builds the tree of the user's function.
    fn tree() -> crate::ast::FunctionTree;
    /// The function.
    fn callee() -> Callee;
}

/// A `From` of a user's type that is a kernel function.
#[diagnostic::on_unimplemented(
    message = "this function cannot be called in a kernel",
    label = "the `From` is not marked `#[kernel_fn]`",
    note = "put `#[kernel_fn]` on the `impl From<{E}>`"
)]
pub trait Converts<E> {
    /// The function.
    fn callee() -> Callee;
}
#[diagnostic::do_not_recommend]
impl<T: Raised<E>, E> Converts<E> for FunctionOf<T> {
    fn callee() -> Callee {
        T::callee()
    }
}

/// All others, and type parameters, whose bounds decide.
pub trait KnownOfOthers {
    /// The function of std.
    fn __lb_known(&self) -> Callee {
        self.__lb_value()
    }
    /// The same of `from`.
    fn __lb_from<E>(&self, _: &Slot<E>) -> Callee {
        self.__lb_value()
    }
    /// The same of `try_from`.
    fn __lb_try_from<E>(&self, _: &Slot<E>) -> Callee {
        self.__lb_value()
    }
    /// The same where the function is known of all types.
    fn __lb_value(&self) -> Callee;
}
impl<T: TypeInfo> KnownOfOthers for FunctionOf<T> {
    fn __lb_value(&self) -> Callee {
        Callee::IntrinsicOf(T::DESC)
    }
}

impl Callee {
    /// A function of the user's, which [`Functions`] does not stand for.
    #[doc(hidden)]
    pub fn __lb_known(self) -> Callee {
        self
    }
    /// The same.
    #[doc(hidden)]
    pub fn __lb_from<E>(self, _: &Slot<E>) -> Callee {
        self
    }
    /// The same.
    #[doc(hidden)]
    pub fn __lb_try_from<E>(self, _: &Slot<E>) -> Callee {
        self
    }
    /// The same.
    #[doc(hidden)]
    pub fn __lb_value(self) -> Callee {
        self
    }
}

/// What stands behind a call of an associated function.
#[diagnostic::on_unimplemented(
    message = "this function cannot be called in a kernel",
    label = "not a kernel function",
    note = "a function of your own is marked `#[kernel_fn]`; of std's functions kernels have those of numbers that the \
            documentation of `landbridge` lists"
)]
pub trait Associated {
    /// The function.
    fn callee(self) -> Callee;
}
#[diagnostic::do_not_recommend]
impl Associated for Callee {
    fn callee(self) -> Callee {
        self
    }
}
