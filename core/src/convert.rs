//! What callers may pass for a kernel's parameters. Anything else that derefs to a slice goes in as `&v[..]`.
//!
//! `'k` is how long the memory is borrowed, `'s` the scope that the call belongs to: slices fit any, a handle only its own,
//! and `Device::run` takes the calls of none (`'static`). What comes out is [`Taken`], which only a call opens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64};

use crate::argument::{
    Atomics, Elements, ElementsMut, Item, ItemMut, Matrix, NodeItem, NodeItemMut, Rows, RowsMut, Taken, Whole,
};
use crate::linked::{Nodes, NodesMut};
use crate::scope::{Resident, ResidentMut};
use crate::types::{KernelNode, NodeView, TypeInfo};

/// Passed for `x: &T`, `x: &[T; N]` and `t: &[T]`: a shared slice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter that reads `{T}`",
    label = "expected `&[{T}]`, `&Vec<{T}>`, `&[{T}; N]`, `&Box<[{T}]>` or `&Arc<[{T}]>`",
    note = "anything else that derefs to a slice can be passed as `&v[..]`"
)]
pub trait SliceArg<'k, 's, T>: Sized {
    /// The slice.
    fn into_elements(self) -> Taken<'s, Self, Elements<'k, T>>;
}

/// Passed for `y: &mut T` and `y: &mut [T; N]`: an exclusive slice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter that writes `{T}`",
    label = "expected `&mut [{T}]`, `&mut Vec<{T}>`, `&mut [{T}; N]` or `&mut Box<[{T}]>`",
    note = "anything else that derefs to a slice can be passed as `&mut v[..]`"
)]
pub trait SliceMutArg<'k, 's, T>: Sized {
    /// The slice.
    fn into_elements_mut(self) -> Taken<'s, Self, ElementsMut<'k, T>>;
}

/// An argument of which each work-item sees an element. One call costs rustc less than two.
#[inline(always)]
pub fn item<'k, 's, T, D: SliceArg<'k, 's, T>>(given: D) -> Taken<'s, D, Item<'k, T>> {
    given.into_elements().item()
}

/// An argument of which each work-item sees `N` elements.
#[inline(always)]
pub fn chunks<'k, 's, T, D: SliceArg<'k, 's, T>, const N: usize>(given: D) -> Taken<'s, D, Item<'k, [T; N]>> {
    given.into_elements().chunks()
}

/// An argument that each work-item sees as a whole.
#[inline(always)]
pub fn whole<'k, 's, T, D: SliceArg<'k, 's, T>>(given: D) -> Taken<'s, D, Whole<'k, T>> {
    given.into_elements().whole()
}

/// An argument of which each work-item changes an element.
#[inline(always)]
pub fn item_mut<'k, 's, T, D: SliceMutArg<'k, 's, T>>(given: D) -> Taken<'s, D, ItemMut<'k, T>> {
    given.into_elements_mut().item()
}

/// An argument of which each work-item changes `N` elements.
#[inline(always)]
pub fn chunks_mut<'k, 's, T, D: SliceMutArg<'k, 's, T>, const N: usize>(given: D) -> Taken<'s, D, ItemMut<'k, [T; N]>> {
    given.into_elements_mut().chunks()
}

/// Passed for `h: &[AtomicU32]`: an exclusive slice of the atomics or of the integers that they hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `&[{A}]`",
    label = "expected an exclusive borrow, such as `&mut [{A}]` or `&mut Vec<u32>`",
    note = "the borrow has to be exclusive, so that no other thread updates the atomics during the launch"
)]
pub trait AtomicArg<'k, 's, A>: Sized {
    /// The argument.
    fn into_atomics(self) -> Taken<'s, Self, Atomics<'k, A>>;
}

/// Passed for `#[rows] m: &[T]`: a matrix.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `#[rows] &[{T}]`",
    label = "expected a matrix of `{T}`",
    note = "pass `rows(&m, columns)`"
)]
pub trait RowsArg<'k, 's, T>: Sized {
    /// The argument.
    fn into_rows(self) -> Taken<'s, Self, Rows<'k, T>>;
}

/// Passed for `#[rows] m: &mut [T]`: a matrix.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `#[rows] &mut [{T}]`",
    label = "expected an exclusive matrix of `{T}`",
    note = "pass `rows_mut(&mut m, columns)`"
)]
pub trait RowsMutArg<'k, 's, T>: Sized {
    /// The argument.
    fn into_rows_mut(self) -> Taken<'s, Self, RowsMut<'k, T>>;
}

/// Passed for `#[node] n: &T`: the nodes of a structure.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `#[node] &{T}`",
    label = "expected the nodes of a structure",
    note = "pass `nodes(&structure)`; in a scope or for several launches `&all`, after `let all = nodes(&structure);`"
)]
pub trait NodesArg<'k, 's, T>: Sized {
    /// The argument.
    fn into_items(self) -> Taken<'s, Self, NodeItem<'k, T>>;
}

/// Passed for `#[node] n: &mut V`, where `V` is the view of a node: the nodes of a structure that is borrowed exclusively.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter `#[node] &mut {V}`",
    label = "expected the nodes of a structure that is borrowed exclusively",
    note = "pass `nodes(&mut structure)`; the parameter is the view of a node that `#[kernel_type(view = ..)]` makes"
)]
pub trait NodesMutArg<'k, 's, V>: Sized {
    /// The argument.
    fn into_items(self) -> Taken<'s, Self, NodeItemMut<'k, V>>;
}

macro_rules! shared {
    ($([$($g:tt)*] $t:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'k, 's, T, $($g)*> SliceArg<'k, 's, T> for &'k $t {
            #[inline]
            fn into_elements(self) -> Taken<'s, Self, Elements<'k, T>> {
                let slice: &'k [T] = self;
                Taken::new(slice.into())
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
        #[diagnostic::do_not_recommend]
        impl<'k, 's, T, $($g)*> SliceMutArg<'k, 's, T> for &'k mut $t {
            #[inline]
            fn into_elements_mut(self) -> Taken<'s, Self, ElementsMut<'k, T>> {
                let slice: &'k mut [T] = self;
                Taken::new(slice.into())
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
        #[diagnostic::do_not_recommend]
        impl<'k, 's, $($g)*> AtomicArg<'k, 's, $atomic> for &'k mut $of {
            #[inline]
            fn into_atomics(self) -> Taken<'s, Self, Atomics<'k, $atomic>> {
                let slice: &'k mut [$atomic] = self;
                Taken::new(Atomics::over(slice.into()))
            }
        }
        // An atomic has the size, alignment and bit validity of the integer, and the borrow is exclusive for 'k, so nothing
        // sees the memory as plain integers meanwhile.
        #[diagnostic::do_not_recommend]
        impl<'k, 's, $($g)*> AtomicArg<'k, 's, $atomic> for &'k mut $of_plain {
            #[inline]
            fn into_atomics(self) -> Taken<'s, Self, Atomics<'k, $atomic>> {
                let plain: &'k mut [$plain] = self;
                Taken::new(Atomics::over(ElementsMut::from(plain).cast()))
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
    AtomicU64, u64, [] [AtomicU64], [u64];
    AtomicU64, u64, [] Vec<AtomicU64>, Vec<u64>;
    AtomicU64, u64, [] Box<[AtomicU64]>, Box<[u64]>;
    AtomicU64, u64, [const N: usize] [AtomicU64; N], [u64; N];
    AtomicI64, i64, [] [AtomicI64], [i64];
    AtomicI64, i64, [] Vec<AtomicI64>, Vec<i64>;
    AtomicI64, i64, [] Box<[AtomicI64]>, Box<[i64]>;
    AtomicI64, i64, [const N: usize] [AtomicI64; N], [i64; N];
}

#[diagnostic::do_not_recommend]
impl<'s, T> SliceArg<'s, 's, T> for &Resident<'s, T> {
    #[inline]
    fn into_elements(self) -> Taken<'s, Self, Elements<'s, T>> {
        Taken::new(Elements::of_handle(self.elements()))
    }
}

#[diagnostic::do_not_recommend]
impl<'s, T> SliceArg<'s, 's, T> for &ResidentMut<'s, T> {
    #[inline]
    fn into_elements(self) -> Taken<'s, Self, Elements<'s, T>> {
        Taken::new(Elements::of_handle(self.elements()))
    }
}

#[diagnostic::do_not_recommend]
impl<'s, T> SliceMutArg<'s, 's, T> for &mut ResidentMut<'s, T> {
    #[inline]
    fn into_elements_mut(self) -> Taken<'s, Self, ElementsMut<'s, T>> {
        Taken::new(ElementsMut::of_handle(self.elements()))
    }
}

macro_rules! borrowed_atomics {
    ($($atomic:ty, $held:ty;)*) => {$(
        impl<'k> From<&'k mut [$held]> for Atomics<'k, $atomic> {
            fn from(slice: &'k mut [$held]) -> Self {
                Atomics::over(ElementsMut::from(slice).cast())
            }
        }
    )*};
}
borrowed_atomics! {
    AtomicU32, AtomicU32;
    AtomicU32, u32;
    AtomicI32, AtomicI32;
    AtomicI32, i32;
    AtomicU64, AtomicU64;
    AtomicU64, u64;
    AtomicI64, AtomicI64;
    AtomicI64, i64;
}

macro_rules! resident_atomics {
    ($($atomic:ty, $held:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'s> AtomicArg<'s, 's, $atomic> for &mut ResidentMut<'s, $held> {
            #[inline]
            fn into_atomics(self) -> Taken<'s, Self, Atomics<'s, $atomic>> {
                Taken::new(Atomics::over(ElementsMut::of_handle(self.elements()).cast()))
            }
        }
    )*};
}
resident_atomics! {
    AtomicU32, AtomicU32;
    AtomicU32, u32;
    AtomicI32, AtomicI32;
    AtomicI32, i32;
    AtomicU64, AtomicU64;
    AtomicU64, u64;
    AtomicI64, AtomicI64;
    AtomicI64, i64;
}

impl<'k, 's, T, D: SliceArg<'k, 's, T>> RowsArg<'k, 's, T> for Matrix<D> {
    #[inline]
    fn into_rows(self) -> Taken<'s, Self, Rows<'k, T>> {
        let columns = self.columns;
        self.data.into_elements().map(|elements| Rows::over(elements, columns))
    }
}

impl<'k, 's, T, D: SliceMutArg<'k, 's, T>> RowsMutArg<'k, 's, T> for Matrix<D> {
    #[inline]
    fn into_rows_mut(self) -> Taken<'s, Self, RowsMut<'k, T>> {
        let columns = self.columns;
        self.data.into_elements_mut().map(|elements| RowsMut::over(elements, columns))
    }
}

/// Not for scopes: what launches of a scope read lives as long as the scope, and this list would end with its launch.
#[diagnostic::do_not_recommend]
impl<'k, T> NodesArg<'k, 'static, T> for Nodes<'k, T> {
    #[inline]
    fn into_items(self) -> Taken<'static, Self, NodeItem<'k, T>> {
        Taken::new(NodeItem::owning(self.table))
    }
}

#[diagnostic::do_not_recommend]
impl<'k, 's, T> NodesArg<'k, 's, T> for &'k Nodes<'_, T> {
    #[inline]
    fn into_items(self) -> Taken<'s, Self, NodeItem<'k, T>> {
        Taken::new(NodeItem::kept(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'k, V, T> NodesMutArg<'k, 'static, V> for NodesMut<'k, T>
where
    V: NodeView<'k, Node = T>,
    T: KernelNode + TypeInfo,
{
    #[inline]
    fn into_items(self) -> Taken<'static, Self, NodeItemMut<'k, V>> {
        Taken::new(NodeItemMut::owning(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'k, 's, V, T> NodesMutArg<'k, 's, V> for &'k mut NodesMut<'_, T>
where
    V: NodeView<'k, Node = T>,
    T: KernelNode + TypeInfo,
{
    #[inline]
    fn into_items(self) -> Taken<'s, Self, NodeItemMut<'k, V>> {
        Taken::new(NodeItemMut::over(self))
    }
}
