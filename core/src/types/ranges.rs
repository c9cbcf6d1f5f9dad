//! Ranges as values: `let r = a..b`.
#![allow(unsafe_code)]

use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use super::{Assigned, FieldDesc, Tagged, TypeDesc, TypeInfo, TypeKind, describe};

macro_rules! ranges {
    ($($range:ident $inclusive:literal [$($field:ident $at:expr),*];)*) => {$(
        // SAFETY: the size and alignment are this type's; ranges are no kernel nodes, so that nobody believes the offsets.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> TypeInfo for $range<T> {
            const DESC: &'static TypeDesc = &describe::<Self>(
                stringify!($range),
                TypeKind::Range(
                    &[$(FieldDesc { name: stringify!($field), offset: $at, ty: T::desc }),*],
                    $inclusive,
                ),
            );
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: Tagged> Tagged for $range<T> {
            type Erased = $range<T::Erased>;
            type Base = $range<T>;
        }
        // SAFETY: two values that own nothing.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: Assigned> Assigned for $range<T> {}
    )*};
}
ranges! {
    Range false [start 0, end size_of::<T>()];
    RangeInclusive true [start 0, end size_of::<T>()];
    RangeFrom false [start 0];
    RangeTo false [end 0];
    RangeToInclusive true [end 0];
}
