//! Handles for the data of a scope.

use std::marker::PhantomData;

use crate::region::Region;
use crate::residency::ArrayId;

/// Names a scope: no other lifetime, longer or shorter, will do.
pub(super) type Brand<'scope> = PhantomData<fn(&'scope ()) -> &'scope ()>;

/// Data that launches of a scope read, from [`Scope::attach`](super::Scope::attach). Pass `&handle` where a kernel reads.
///
/// It belongs to one scope: it is not `Clone`, derefs to nothing, and calls that use it can be launched by that scope only.
/// Dropping or leaking it changes nothing: the scope knows its data.
pub struct Resident<'scope, T> {
    pub(super) id: ArrayId,
    pub(super) elements: *const [T],
    pub(super) brand: Brand<'scope>,
}

/// Data that launches of a scope read and write, from [`Scope::attach_mut`](super::Scope::attach_mut) or
/// [`Scope::attach_zeroed`](super::Scope::attach_zeroed). Pass `&handle` where a kernel reads, `&mut handle` where it writes.
///
/// It belongs to one scope: it is not `Clone`, derefs to nothing, and calls that use it can be launched by that scope only.
/// Dropping or leaking it changes nothing: the scope knows its data.
pub struct ResidentMut<'scope, T> {
    pub(super) id: ArrayId,
    pub(super) elements: *mut [T],
    pub(super) brand: Brand<'scope>,
}

macro_rules! handle {
    ($name:ident, $pointer:ty) => {
        impl<T> $name<'_, T> {
            /// Number of elements.
            pub fn len(&self) -> usize {
                self.elements.len()
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            pub(crate) fn elements(&self) -> $pointer {
                self.elements
            }
        }

        impl<T> std::fmt::Debug for $name<'_, T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({} x {})", stringify!($name), self.len(), std::any::type_name::<T>())
            }
        }

        impl<'scope, T> private::Sealed for $name<'scope, T> {
            fn id(&self) -> ArrayId {
                self.id
            }
        }
        impl<'scope, T> Handle<'scope, T> for $name<'scope, T> {
            fn length(&self) -> usize {
                self.len()
            }
        }
    };
}
handle!(Resident, *const [T]);
handle!(ResidentMut, *mut [T]);

/// A region that launches of a scope read, from [`Scope::attach_region`](super::Scope::attach_region). Pass `&handle` where a
/// kernel takes `&Region`. As [`Resident`] otherwise.
pub struct ResidentRegion<'scope> {
    pub(super) id: ArrayId,
    pub(super) region: &'scope Region,
    pub(super) brand: Brand<'scope>,
}

/// A region whose nodes launches of a scope read and update, from
/// [`Scope::attach_region_mut`](super::Scope::attach_region_mut). Pass `&mut handle` where a kernel takes `&Region` and updates
/// atomics in nodes, or where nodes have any; else `&handle` will do. As [`ResidentMut`] otherwise.
pub struct ResidentRegionMut<'scope> {
    pub(super) id: ArrayId,
    /// Borrowed exclusively by the scope. Launches change nothing but what lies in its pages, so this may be shared.
    pub(super) region: &'scope Region,
    pub(super) brand: Brand<'scope>,
}

macro_rules! region {
    ($($name:ident)*) => {$(
        impl<'scope> $name<'scope> {
            pub(crate) fn region(&self) -> &'scope Region {
                self.region
            }
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.region)
            }
        }

        impl<'scope> private::Sealed for $name<'scope> {
            fn id(&self) -> ArrayId {
                self.id
            }
        }
        /// To be detached; a region has no elements to be read by number.
        impl<'scope> Handle<'scope, Region> for $name<'scope> {
            /// Number of nodes and slices.
            fn length(&self) -> usize {
                self.region.len()
            }
        }
    )*};
}
region!(ResidentRegion ResidentRegionMut);

/// A handle of a scope: [`Resident`], [`ResidentMut`], [`ResidentRegion`] or [`ResidentRegionMut`].
pub trait Handle<'scope, T>: private::Sealed {
    /// Number of elements.
    fn length(&self) -> usize;
}

pub(super) mod private {
    use crate::residency::ArrayId;

    pub trait Sealed {
        fn id(&self) -> ArrayId;
    }
}
