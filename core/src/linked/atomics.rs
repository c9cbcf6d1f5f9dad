//! Whether a type's nodes have atomics, known fast: launches ask each time.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::map::LinkMap;
use crate::types::Ty;

/// Where the atomics of a structure are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Atomics {
    /// There are none.
    None,
    /// In nodes that the structure owns alone.
    Owned,
    /// Some may lie behind an `Arc` or a reference, where others reach them as well.
    Shared,
}

/// Answers by the address of a description, which leaves two bits for the answer.
static KNOWN: [AtomicUsize; 64] = [const { AtomicUsize::new(0) }; 64];

impl Atomics {
    /// Those of a type.
    #[inline]
    pub(crate) fn of(ty: Ty) -> Atomics {
        let key = ptr::from_ref(ty).addr();
        let slot = &KNOWN[(key >> 4 ^ key >> 10) % KNOWN.len()];
        match slot.load(Ordering::Relaxed).wrapping_sub(key) {
            1 => Atomics::None,
            2 => Atomics::Owned,
            3 => Atomics::Shared,
            _ => Self::look(ty, slot),
        }
    }

    #[cold]
    fn look(ty: Ty, slot: &AtomicUsize) -> Atomics {
        let map = LinkMap::of(ty);
        let (found, number) = match (map.has_atomics(), map.shares_atomics()) {
            (false, _) => (Atomics::None, 1),
            (true, false) => (Atomics::Owned, 2),
            (true, true) => (Atomics::Shared, 3),
        };
        // Each answer is one number, so that nobody reads half of one.
        slot.store(ptr::from_ref(ty).addr() + number, Ordering::Relaxed);
        found
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU32};

    use super::*;
    use crate::KernelType;
    use crate::types::TypeInfo;

    #[derive(KernelType)]
    #[kernel_type(crate = crate)]
    struct Plain {
        value: u32,
        next: Option<Box<Plain>>,
        shared: Option<Arc<Plain>>,
    }

    #[derive(KernelType)]
    #[kernel_type(crate = crate)]
    struct Counted {
        hits: AtomicU32,
        next: Option<Box<Counted>>,
        shared: Option<Arc<Plain>>,
    }

    #[derive(KernelType)]
    #[kernel_type(crate = crate)]
    struct Far {
        rows: Vec<Row>,
    }

    #[derive(KernelType)]
    #[kernel_type(crate = crate)]
    struct Row {
        holder: Arc<Holder>,
    }

    #[derive(KernelType)]
    #[kernel_type(crate = crate)]
    struct Holder {
        inner: Box<[(u32, AtomicI64)]>,
    }

    #[test]
    fn atomics_are_found_where_they_are() {
        for _ in 0..3 {
            assert_eq!(Atomics::of(Plain::DESC), Atomics::None);
            assert_eq!(Atomics::of(Counted::DESC), Atomics::Owned);
            assert_eq!(Atomics::of(Holder::DESC), Atomics::Owned);
            assert_eq!(Atomics::of(Far::DESC), Atomics::Shared);
            assert_eq!(Atomics::of(<&'static Counted>::DESC), Atomics::Shared);
            assert_eq!(Atomics::of(u32::DESC), Atomics::None);
        }
    }
}
