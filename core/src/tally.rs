//! Adding without atomics, where nobody else can see the difference.
//!
//! A kernel that does nothing with its atomics but add to them, and drops the old values, may as well add to plain memory
//! that only its own thread sees: the user's own, while one thread runs the launch, or a table that is added to the user's
//! memory afterwards. An atomic addition takes ten times as long. `#[kernel]` notices such kernels by their text, and makes
//! them an [`Adding`]: the user's function as it is, and a second time over [`LocalU32`] and [`LocalI32`].
#![allow(unsafe_code)]

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, Ordering};

use crate::argument::{Argument, ArgumentView, Atomics, Form, Shape};
use crate::ir::Role;
use crate::types::{KernelType, TypeInfo};

/// Neighbouring work-items add to so many tables in turn, so that equal ones do not wait for each other's store.
pub const TABLES: usize = 4;

macro_rules! cells {
    ($($local:ident $atomic:ident $integer:ident;)*) => {$(
        #[doc = concat!("What `", stringify!($atomic), "` becomes for one thread.")]
        #[derive(Debug)]
        #[repr(transparent)]
        pub struct $local(Cell<$integer>);

        impl $local {
            /// As the atomic's.
            #[inline(always)]
            pub fn fetch_add(&self, value: $integer, _: Ordering) -> $integer {
                self.0.replace(self.0.get().wrapping_add(value))
            }

            /// As the atomic's.
            #[inline(always)]
            pub fn fetch_sub(&self, value: $integer, _: Ordering) -> $integer {
                self.0.replace(self.0.get().wrapping_sub(value))
            }
        }

        // SAFETY: both are one integer of 32 bits.
        unsafe impl Addable for $atomic {
            type Local = $local;
        }
    )*};
}
cells! {
    LocalU32 AtomicU32 u32;
    LocalI32 AtomicI32 i32;
}

/// What an atomic of 64 bits has for one thread: nothing, since tables have words of 32. Without methods: code that would add
/// to it does not compile.
#[derive(Debug)]
pub enum NoLocal {}

// SAFETY: what nobody can make has any layout, and nobody adds to it.
unsafe impl Addable for AtomicU64 {
    type Local = NoLocal;
}
// SAFETY: as above.
unsafe impl Addable for AtomicI64 {
    type Local = NoLocal;
}

/// An atomic that kernels update.
///
/// # Safety
/// `Local` has the layout of a `u32`, as `Self` has, and adding to it is adding to a `u32`, wrapping; or nobody can add to it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an atomic that kernels can use",
    note = "kernels may use `AtomicU32`, `AtomicI32`, `AtomicU64` and `AtomicI64`"
)]
pub unsafe trait Addable: KernelType {
    /// The same for one thread.
    type Local: 'static;
}

/// Where one thread adds.
#[derive(Debug)]
pub struct Tables<'t> {
    /// Into the user's memory too; only one thread of a launch may do that.
    in_place: bool,
    /// The first table's first word. A pointer, taken once: borrowing the words again for each argument would end the
    /// borrows that the arguments before it hold.
    base: *mut u32,
    /// How many tables there are.
    count: usize,
    /// Words of a table: of all atomic arguments together.
    length: usize,
    /// Words before the next argument's.
    offset: usize,
    borrow: PhantomData<&'t mut [u32]>,
}

impl<'t> Tables<'t> {
    /// Tables of `length` words each, all zero before the first item. With `in_place` the user's memory is one more.
    ///
    /// # Panics
    /// If there is neither.
    #[inline]
    pub fn new(in_place: bool, words: &'t mut [u32], length: usize) -> Self {
        assert!(in_place || words.len() >= length, "nowhere to add");
        // A division takes as long as twenty additions.
        let count = if words.is_empty() { 0 } else { words.len().checked_div(length).unwrap_or(0) };
        Tables { in_place, base: words.as_mut_ptr(), count, length, offset: 0, borrow: PhantomData }
    }
}

/// `h: &[AtomicU32]` for one thread.
#[derive(Clone, Copy, Debug)]
pub struct LocalAtomics<'k, L> {
    tables: [*const L; TABLES],
    length: usize,
    borrow: PhantomData<&'k [L]>,
}

// SAFETY: it is made, used and dropped in one call of `Body::drive_tallied`, on one thread.
unsafe impl<L> Send for LocalAtomics<'_, L> {}
// SAFETY: as above.
unsafe impl<L> Sync for LocalAtomics<'_, L> {}

impl<'k, T: Addable> Atomics<'k, T> {
    /// The same over tables.
    ///
    /// # Safety
    /// The tables outlive the result. If they are in place, no other thread uses the user's memory meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn local(self, tables: &mut Tables<'_>) -> LocalAtomics<'k, T::Local> {
        let user: *const T::Local = self.data.cast();
        let first = usize::from(tables.in_place);
        let turns = (first + tables.count).max(1);
        let mut turn = 0_usize;
        debug_assert!(tables.offset + self.data.len() <= tables.length);
        let mut found = [user; TABLES];
        for table in &mut found {
            if let Some(own) = turn.checked_sub(first) {
                // SAFETY: `own` is below `count`, and this argument's words follow those of the arguments before it, of
                // which there are `length` words in all: inside the words of `new`, from which `base` comes.
                *table = unsafe { tables.base.add(own * tables.length + tables.offset) }.cast();
            }
            turn = if turn + 1 < turns { turn + 1 } else { 0 };
        }
        tables.offset += self.data.len();
        LocalAtomics { tables: found, length: self.data.len(), borrow: PhantomData }
    }

    /// Adds tables that other threads have filled; takes this argument's words off the front.
    ///
    /// # Safety
    /// No other thread uses the user's memory meanwhile.
    pub(crate) unsafe fn add(&self, words: &mut &[u32]) {
        let (mine, rest) = words.split_at(self.data.len());
        *words = rest;
        let user: *mut u32 = self.data.cast_mut().cast();
        for (k, word) in mine.iter().enumerate() {
            // SAFETY: `k` is below the slice's length; the memory is borrowed exclusively for 'k and inside atomics, so it
            // may be written, and the caller keeps other threads away.
            unsafe { *user.add(k) = (*user.add(k)).wrapping_add(*word) };
        }
    }
}

// SAFETY: shared views of cells, on one thread only.
unsafe impl<'k, L: 'static> Argument for LocalAtomics<'k, L> {
    type View = &'k [L];
    type Local = Self;
    /// No parameter is this: it stays on the host.
    const FORM: Form = Form { role: Role::Atomics, ty: u32::DESC };

    fn shape(&self) -> Shape {
        Shape::Any
    }

    #[inline(always)]
    unsafe fn part(&self, _: Range<usize>) -> Self {
        LocalAtomics { ..*self }
    }

    #[inline(always)]
    unsafe fn view(&mut self, _: usize) -> &'k [L] {
        let [first, second, third, fourth] = self.tables;
        self.tables = [second, third, fourth, first];
        // SAFETY: `Atomics::local` made it of a slice's or table's start and length.
        unsafe { std::slice::from_raw_parts(first, self.length) }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    #[inline(always)]
    fn holds_bytes(&self) -> bool {
        self.length > usize::from(u8::MAX)
    }

    /// Never asked: this stays on the host.
    fn describe(&self) -> ArgumentView {
        ArgumentView::Index
    }
}

/// A kernel that only adds to its atomics: the user's function, and the same over cells.
#[derive(Clone, Copy, Debug)]
pub struct Adding<Shared, Local> {
    /// Over atomics.
    pub(crate) shared: Shared,
    /// Over [`LocalU32`] and [`LocalI32`].
    pub(crate) local: Local,
}

impl<Shared, Local> Adding<Shared, Local> {
    /// Both forms of a kernel.
    ///
    /// # Safety
    /// The bodies are one function, once over atomics, once over cells, which it does nothing with but add to them: above
    /// all it keeps no reference to them, which its signature would allow it where the user's borrow is `'static`.
    #[doc(hidden)]
    pub const unsafe fn of_one_function(shared: Shared, local: Local) -> Self {
        Adding { shared, local }
    }
}
