//! The user's function over the arguments' views, and argument lists of 1 to 16.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;

use crate::argument::{Argument, ArgumentView, Form};
use crate::error::Result;
use crate::extent::Extent;
use crate::launch::sink::{EachItem, Sink};
use crate::launch::{Definition, merge};
use crate::tally::{Adding, Tables};

/// A list of arguments: a tuple of 1 to 16 [`Argument`]s.
///
/// # Safety
/// As [`Argument`], for each.
pub unsafe trait Arguments: Send + Sync + Sized {
    /// What the parameters have to be that take these arguments.
    const FORMS: &'static [Form];

    /// The extent that the arguments agree on, if they do.
    ///
    /// # Errors
    /// As [`Call::extent`](super::Call::extent).
    fn extent(&self, definition: &'static Definition) -> Result<Extent>;

    /// Tells each argument the extent of the launch.
    fn set_extent(&mut self, extent: Extent);

    /// Visits each argument's memory, in order.
    fn describe(&self, visit: &mut dyn FnMut(ArgumentView));

    /// Points each argument at the memory at its position in `data`.
    ///
    /// # Safety
    /// As [`Argument::relocate`]; there is an entry for each argument, of whatever value for those without memory.
    unsafe fn relocate(&mut self, data: &[*mut MaybeUninit<u8>]);

    /// Cuts each argument down to some items.
    ///
    /// # Safety
    /// As [`Argument::part`].
    unsafe fn part(&self, range: Range<usize>) -> Self;

    /// Words of 32 bits that a table of all atomics together takes.
    fn tally_words(&self) -> usize;

    /// Adds a table to the atomics.
    ///
    /// # Safety
    /// No other thread runs items of the launch meanwhile; the table has [`Self::tally_words`] words.
    unsafe fn add_tally(&self, words: &[u32]);
}

/// The user's function: called once for each work-item with the views of the arguments.
///
/// # Safety
/// Implementations promise that [`Self::drive`] hands the sink every item exactly once.
pub unsafe trait Body<A: Arguments>: Send + Sync {
    /// What it returns.
    type Output;

    /// Runs items `0..items` of these arguments.
    ///
    /// # Safety
    /// The arguments have exactly `items` items, and no other views of those items are alive.
    unsafe fn drive<S: Sink<Self::Output>>(&self, arguments: A, items: usize, sink: &mut S);

    /// Whether the function only adds to its atomics, so that [`Self::drive_tallied`] may stand in for [`Self::drive`].
    const ADDS: bool = false;

    /// As [`Self::drive`], adding to tables instead of atomics.
    ///
    /// # Safety
    /// As [`Self::drive`]; only where [`Self::ADDS`] is set; and as [`Argument::into_local`].
    #[inline(always)]
    unsafe fn drive_tallied<S: Sink<Self::Output>>(
        &self,
        arguments: A,
        _: &mut Tables<'_>,
        items: usize,
        sink: &mut S,
    ) {
        // SAFETY: passed on.
        unsafe { self.drive(arguments, items, sink) };
    }
}

/// Calls the user's function with the views of a work-item, which has to be one of a segment that the arguments have entered
/// ([`Argument::enter`]) and that has not run before.
struct Each<'e, Function, A> {
    function: &'e Function,
    arguments: &'e mut A,
}

macro_rules! lists {
    ($(($($T:ident $t:ident $n:tt),*))*) => {$(
        // SAFETY: each member obeys the contract of `Argument`.
        unsafe impl<$($T: Argument),*> Arguments for ($($T,)*) {
            const FORMS: &'static [Form] = &[$($T::FORM),*];

            #[inline(always)]
            fn extent(&self, definition: &'static Definition) -> crate::error::Result<Extent> {
                let mut found = None;
                $(merge(definition, &mut found, $n, self.$n.shape())?;)*
                Ok(found.map_or(Extent::linear(0), |(_, extent)| extent))
            }

            #[inline(always)]
            fn set_extent(&mut self, extent: Extent) {
                $(self.$n.set_extent(extent);)*
            }

            fn describe(&self, visit: &mut dyn FnMut(ArgumentView)) {
                $(visit(self.$n.describe());)*
            }

            #[inline(always)]
            fn tally_words(&self) -> usize {
                [$(self.$n.tally_words()),*].iter().sum()
            }

            unsafe fn add_tally(&self, words: &[u32]) {
                let mut words = words;
                // SAFETY: passed on.
                $(unsafe { self.$n.add_tally(&mut words) };)*
            }

            unsafe fn relocate(&mut self, data: &[*mut MaybeUninit<u8>]) {
                // SAFETY: passed on.
                $(unsafe { self.$n.relocate(data[$n]) };)*
            }

            #[inline(always)]
            unsafe fn part(&self, range: Range<usize>) -> Self {
                // SAFETY: the caller's promise holds for each argument.
                unsafe { ($(self.$n.part(range.clone()),)*) }
            }
        }

        // SAFETY: both bodies keep the promise.
        #[diagnostic::do_not_recommend]
        unsafe impl<Shared, Local, $($T: Argument),*> Body<($($T,)*)> for Adding<Shared, Local>
        where
            Shared: Body<($($T,)*)>,
            Local: Body<($($T::Local,)*), Output = Shared::Output>,
        {
            type Output = Shared::Output;
            const ADDS: bool = true;

            #[inline(always)]
            unsafe fn drive<S: Sink<Self::Output>>(&self, arguments: ($($T,)*), items: usize, sink: &mut S) {
                // SAFETY: passed on.
                unsafe { self.shared.drive(arguments, items, sink) };
            }

            #[inline(always)]
            unsafe fn drive_tallied<S: Sink<Self::Output>>(
                &self,
                arguments: ($($T,)*),
                tables: &mut Tables<'_>,
                items: usize,
                sink: &mut S,
            ) {
                let ($($t,)*) = arguments;
                // SAFETY: the caller's promise holds for each argument.
                let locals = unsafe { ($($t.into_local(tables),)*) };
                // Twice the same: in the first the compiler sees that a byte needs no check.
                if $(locals.$n.holds_bytes())&&* {
                    // SAFETY: passed on.
                    unsafe { self.local.drive(locals, items, sink) };
                } else {
                    // SAFETY: passed on.
                    unsafe { self.local.drive(locals, items, sink) };
                }
            }
        }

        impl<Function, Result, $($T: Argument),*> EachItem<Result> for Each<'_, Function, ($($T,)*)>
        where
            Function: Fn($($T::View),*) -> Result,
        {
            #[inline(always)]
            unsafe fn run(&mut self, item: usize) -> Result {
                // SAFETY: `item` is as `Argument::view` wants it, and its views end with the call.
                unsafe { (self.function)($(self.arguments.$n.view(item)),*) }
            }
        }

        // SAFETY: `drive` goes through `0..items` in segments that follow on each other.
        unsafe impl<Function, Result, $($T: Argument),*> Body<($($T,)*)> for Function
        where
            Function: Fn($($T::View),*) -> Result + Send + Sync,
        {
            type Output = Result;

            #[inline(always)]
            unsafe fn drive<S: Sink<Result>>(&self, arguments: ($($T,)*), items: usize, sink: &mut S) {
                let mut arguments = arguments;
                let mut start = 0;
                while start < items {
                    let mut length = items - start;
                    $(length = length.min(arguments.$n.run_length(start));)*
                    $(arguments.$n.enter(start);)*
                    let each = Each { function: self, arguments: &mut arguments };
                    // SAFETY: the numbers are below `items` and after `enter`; each item is driven once.
                    unsafe { sink.drive(start..start + length, each) };
                    start += length;
                }
            }
        }
    )*};
}
lists! {
    (A a 0)
    (A a 0, B b 1)
    (A a 0, B b 1, C c 2)
    (A a 0, B b 1, C c 2, D d 3)
    (A a 0, B b 1, C c 2, D d 3, E e 4)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8, K k 9)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8, K k 9, L l 10)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8, K k 9, L l 10, M m 11)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8, K k 9, L l 10, M m 11, N n 12)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8, K k 9, L l 10, M m 11, N n 12, O o 13)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8, K k 9, L l 10, M m 11, N n 12, O o 13, P p 14)
    (A a 0, B b 1, C c 2, D d 3, E e 4, G g 5, H h 6, I i 7, J j 8, K k 9, L l 10, M m 11, N n 12, O o 13, P p 14, Q q 15)
}
