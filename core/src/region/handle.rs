//! `Shared<T>`: a pointer of 32 bits into a region, valid wherever the region is.
#![allow(unsafe_code)]

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZeroU32;

use crate::types::{
    Assigned, InOption, KernelNode, KernelType, SharedDesc, Tagged, Ty, TypeDesc, TypeInfo, TypeKind, describe,
};

/// A handle of a node (`Shared<Node>`) or of a slice (`Shared<[f32]>`) in a [`Region`](super::Region): 32 bits, and
/// `Option<Shared<T>>` is no larger.
///
/// It is plain data (copied, compared, hashed, kept in nodes, passed to kernels) and means the same on every device. It
/// borrows nothing: whether it leads to a `T` is checked at every use. The region that made it reads it as `region[p]`.
///
/// ```
/// use landbridge_core::region::{Region, Shared};
///
/// let mut region = Region::new();
/// let p: Shared<f32> = region.push(1.5);
/// assert_eq!(region[p], 1.5);
/// assert_eq!(size_of::<Option<Shared<f32>>>(), 4);
/// ```
#[repr(transparent)]
pub struct Shared<T: ?Sized> {
    number: NonZeroU32,
    of: PhantomData<fn(*const T)>,
}

impl<T: ?Sized> Shared<T> {
    /// A handle by its number: one that [`Shared::number`] gave, kept outside of the region. Any number is safe: a
    /// region checks what a handle leads to.
    pub const fn from_number(number: NonZeroU32) -> Self {
        Self { number, of: PhantomData }
    }

    /// The handle's number: its place in the region in units of 8 bytes, counted from where the region begins to count.
    pub const fn number(self) -> NonZeroU32 {
        self.number
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Shared<T> {}

impl<T: ?Sized> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T: ?Sized> Eq for Shared<T> {}

impl<T: ?Sized> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: ?Sized> Ord for Shared<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number)
    }
}

impl<T: ?Sized> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl<T: ?Sized> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared#{}", self.number)
    }
}

/// What a handle of a `T`, or of a slice of them, is; `some` is the handle's own description.
const fn shared<T: TypeInfo>(slice: bool, nullable: bool, some: fn() -> Ty) -> TypeKind {
    TypeKind::Shared(SharedDesc { to: T::desc, slice, nullable, some })
}

macro_rules! described {
    ($($t:ty, $slice:literal;)*) => {$(
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> TypeInfo for $t {
            const DESC: &'static TypeDesc = &describe::<Self>("Shared", shared::<T>($slice, false, Self::desc));
            const OPTION: (&'static str, TypeKind) = ("Option<Shared>", shared::<T>($slice, true, Self::desc));
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> Tagged for $t {
            type Erased = Self;
            type Base = Self;
        }
        // SAFETY: a number, which owns nothing: regions own nodes.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> Assigned for $t {}
        data!($t);
        // SAFETY: a handle.
        unsafe impl<T: TypeInfo> InOption for $t {
            type Inside = ();
            const LINKS: bool = false;
        }
    )*};
}
macro_rules! data {
    ($t:ty) => {
        // SAFETY: as below; it is plain data.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> KernelNode for $t {
            type Parts = ();
            const HAS_LINKS: bool = false;
        }
        // SAFETY: four bytes that are a number other than 0, or with `Option` any number, as the description says. It owns
        // nothing and has no pointer, no `Drop` and no interior mutability.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> KernelType for $t {}
    };
}
described! {
    Shared<T>, false;
    Shared<[T]>, true;
}
