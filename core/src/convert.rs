//! What callers may pass for a kernel's parameters. Anything else that derefs to a slice goes in as `&v[..]`.
#![allow(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32};

use crate::argument::Atomics;

/// Passed for `x: &T`, `x: &[T; N]` and `t: &[T]`: a shared slice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter that reads `{T}`",
    label = "expected `&[{T}]`, `&Vec<{T}>`, `&[{T}; N]`, `&Box<[{T}]>` or `&Arc<[{T}]>`",
    note = "anything else that derefs to a slice can be passed as `&v[..]`"
)]
pub trait SliceArg<'k, T> {
    /// The slice.
    fn into_slice(self) -> &'k [T];
}

/// Passed for `y: &mut T` and `y: &mut [T; N]`: an exclusive slice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter that writes `{T}`",
    label = "expected `&mut [{T}]`, `&mut Vec<{T}>`, `&mut [{T}; N]` or `&mut Box<[{T}]>`",
    note = "anything else that derefs to a slice can be passed as `&mut v[..]`"
)]
pub trait SliceMutArg<'k, T> {
    /// The slice.
    fn into_slice_mut(self) -> &'k mut [T];
}

/// Passed for `h: &[AtomicU32]`: an exclusive slice of the atomics or of the integers that they hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `&[{A}]`",
    label = "expected an exclusive borrow, such as `&mut [{A}]` or `&mut Vec<u32>`",
    note = "the borrow has to be exclusive, so that no other thread updates the atomics during the launch"
)]
pub trait AtomicArg<'k, A> {
    /// The argument.
    fn into_atomics(self) -> Atomics<'k, A>;
}

macro_rules! shared {
    ($([$($g:tt)*] $t:ty;)*) => {$(
        impl<'k, T, $($g)*> SliceArg<'k, T> for &'k $t {
            #[inline]
            fn into_slice(self) -> &'k [T] {
                self
            }
        }
    )*};
}
shared! {
    [] [T];
    [] Vec<T>;
    [const N: usize] [T; N];
    [] Box<[T]>;
    [] Arc<[T]>;
}

macro_rules! exclusive {
    ($([$($g:tt)*] $t:ty;)*) => {$(
        impl<'k, T, $($g)*> SliceMutArg<'k, T> for &'k mut $t {
            #[inline]
            fn into_slice_mut(self) -> &'k mut [T] {
                self
            }
        }
    )*};
}
exclusive! {
    [] [T];
    [] Vec<T>;
    [const N: usize] [T; N];
    [] Box<[T]>;
}

macro_rules! atomics {
    ($($atomic:ty, $plain:ty, [$($g:tt)*] $of:ty, $of_plain:ty;)*) => {$(
        impl<'k, $($g)*> AtomicArg<'k, $atomic> for &'k mut $of {
            #[inline]
            fn into_atomics(self) -> Atomics<'k, $atomic> {
                Atomics(self)
            }
        }
        impl<'k, $($g)*> AtomicArg<'k, $atomic> for &'k mut $of_plain {
            #[inline]
            fn into_atomics(self) -> Atomics<'k, $atomic> {
                let plain: &'k mut [$plain] = self;
                // SAFETY: the atomic has the size, alignment and bit validity of the integer, and the borrow is
                // exclusive for 'k, so nothing sees the memory as plain integers meanwhile.
                Atomics(unsafe { std::slice::from_raw_parts(plain.as_mut_ptr().cast(), plain.len()) })
            }
        }
    )*};
}
atomics! {
    AtomicU32, u32, [] [AtomicU32], [u32];
    AtomicU32, u32, [] Vec<AtomicU32>, Vec<u32>;
    AtomicU32, u32, [] Box<[AtomicU32]>, Box<[u32]>;
    AtomicU32, u32, [const N: usize] [AtomicU32; N], [u32; N];
    AtomicI32, i32, [] [AtomicI32], [i32];
    AtomicI32, i32, [] Vec<AtomicI32>, Vec<i32>;
    AtomicI32, i32, [] Box<[AtomicI32]>, Box<[i32]>;
    AtomicI32, i32, [const N: usize] [AtomicI32; N], [i32; N];
}
