//! What a backend sees of a call: a launch with a known extent and a place for the results.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Mutex;

use super::sink::{Collect, Discard, Fold, InTurn};
use super::{Arguments, Body, Call, Definition, wide};
use crate::argument::{Access, ArgumentView, Form, mismatch};
use crate::error::{Error, Result};
use crate::extent::Extent;
use crate::ir;
use crate::plan::Strategy;
use crate::reduction::{ReduceOp, Reduction};
use crate::tally::Tables;
use crate::types::{KernelValue, Ty};

/// A launch as a backend sees it: well-formed, its arguments borrowed until the backend returns.
///
/// # Safety
/// Implementations promise that [`Self::describe`], [`Self::forms`] and [`Self::result`] tell the truth and that the memory
/// that `describe` gives stays valid and borrowed (exclusively where it may be written) as long as `self` is.
pub unsafe trait Launch: Sync {
    /// The kernel.
    fn definition(&self) -> &'static Definition;

    /// Number and shape of the work-items.
    fn extent(&self) -> Extent;

    /// Number of the work-items.
    fn items(&self) -> usize;

    /// What the caller asked for.
    fn strategy(&self) -> Strategy;

    /// Visits the memory of each argument, in the order of the parameters.
    fn describe(&self, visit: &mut dyn FnMut(ArgumentView));

    /// Lets the arguments point at other memory, such as a copy: the data at each argument's position, of whatever value
    /// for those without memory. [`Self::describe`] and [`Self::run`] then mean that memory, until it is relocated again.
    /// `false`, and nothing changed, where the launch cannot.
    ///
    /// # Safety
    /// Only inside [`crate::backend::Backend::launch`], which relocates to where `describe` was at first before it returns.
    /// Nobody else uses the launch meanwhile. Each datum has the layout, alignment and length of the argument's memory,
    /// holds initialised values wherever that does, and nobody else uses it as long as the argument points there (or only
    /// reads it, where the argument may only be read).
    unsafe fn relocate(&self, data: &[*mut MaybeUninit<u8>]) -> bool;

    /// What the kernel's parameters have to be that take the arguments.
    fn forms(&self) -> &'static [Form];

    /// The type that the kernel has to return; `None` where results are dropped.
    fn result(&self) -> Option<Ty>;

    /// Where results go.
    fn output(&self) -> Output;

    /// Runs some work-items here, on this thread, with the user's own function. A panic of the kernel unwinds out of
    /// it; `take_failed_item` then tells the item, counted from `items.start`.
    ///
    /// # Safety
    /// Only inside [`crate::backend::Backend::launch`]. In one launch each item runs at most once, whichever threads call
    /// this; ranges lie inside `0..self.items()`.
    unsafe fn run(&self, items: Range<usize>);

    /// Whether the kernel only adds to its atomics: then [`Self::run_tallied`] may run items in place of [`Self::run`]. The
    /// words of 32 bits that a table takes.
    fn tally_words(&self) -> Option<usize> {
        None
    }

    /// As [`Self::run`], but adding to memory that only this thread sees, without atomics: `tables` (of
    /// [`Self::tally_words`] words each, all zero before the first items) and, if `in_place`, the user's own.
    ///
    /// # Safety
    /// As [`Self::run`]; only where [`Self::tally_words`] is some. In one launch items run by this or by `run`, never at the
    /// same time by both, and at most one thread at a time runs them in place.
    unsafe fn run_tallied(&self, items: Range<usize>, in_place: bool, tables: &mut [u32]) {
        let _ = (in_place, tables);
        // SAFETY: passed on.
        unsafe { self.run(items) };
    }

    /// Adds a table to the user's memory.
    ///
    /// # Safety
    /// As [`Self::run_tallied`] in place; the table has [`Self::tally_words`] words.
    unsafe fn add_tally(&self, table: &[u32]) {
        let _ = table;
    }

    /// For [`Output::Reduce`]: folds partial results that a device computed.
    ///
    /// # Safety
    /// `partials` points to `count` initialised values of the kernel's result type (no alignment is needed).
    unsafe fn fold(&self, partials: *const MaybeUninit<u8>, count: usize);
}

impl dyn Launch + '_ {
    /// The kernel's IR, which has been compared with the arguments: their roles and types are the parameters', and the
    /// result's type is that of the output. Only on such IR may a backend touch the launch's memory as the IR says.
    ///
    /// # Errors
    /// `Untranslatable` as [`Definition::module`], and where the definition is not of this launch's kernel, or the arguments are
    /// not as the IR has them: nodes are to be [`Gathered`](super::Gathered).
    pub fn module(&self) -> Result<&'static ir::Module> {
        let definition = self.definition();
        let module = definition.module()?;
        let mut scattered = false;
        self.describe(&mut |view| scattered |= matches!(view, ArgumentView::Span(span) if span.nodes.is_some()));
        if scattered {
            return Err(definition.of_another("its nodes were not gathered"));
        }
        match mismatch(module, self.forms(), self.result()) {
            None => {}
            Some(what) => return Err(definition.of_another(&what)),
        }
        match self.shared_atomics(module) {
            None => Ok(module),
            Some(parameter) => Err(definition.of_shared_atomics(parameter)),
        }
    }

    /// The parameter whose argument is borrowed shared, although the kernel updates nodes of it: a region or a structure.
    fn shared_atomics(&self, module: &ir::Module) -> Option<&'static str> {
        let updated = |p: &ir::Parameter| match p.role {
            ir::Role::Whole => module.updates_nodes(p.ty),
            _ => module.updates_structure(p),
        };
        if !module.parameters.iter().any(updated) {
            return None;
        }
        let (mut position, mut found) = (0, None);
        self.describe(&mut |view| {
            let read = matches!(view, ArgumentView::Span(span) if span.access == Access::Read);
            if read && updated(&module.parameters[position]) {
                found.get_or_insert(self.definition().parameter(position));
            }
            position += 1;
        });
        found
    }
}

/// Where the results of a launch go.
#[derive(Clone, Copy, Debug)]
pub enum Output {
    /// The kernel returns nothing, or nobody wants it.
    None,
    /// Element `i` takes the result of item `i`; as many elements as items. Uninitialised before.
    Collect {
        /// First byte, aligned for the result type.
        data: *mut MaybeUninit<u8>,
        /// Bytes of a result.
        element_size: usize,
    },
    /// Results are folded: on the host by [`Launch::run`] itself, from devices by [`Launch::fold`].
    Reduce(ReduceOp),
}

impl Output {
    /// A number for each way, to tell apart what launches took: below 4.
    pub fn number(&self) -> u64 {
        match self {
            Output::None => 0,
            Output::Collect { .. } => 1,
            Output::Reduce(_) => 2,
        }
    }
}

/// Takes the results of one launch.
///
/// # Safety
/// `output` and `TYPE` tell the truth about `Self`.
pub unsafe trait Results<A: Arguments, F: Body<A>>: Sync {
    /// The type of a result; `None` where results are dropped.
    const TYPE: Option<Ty>;

    /// Where results go.
    fn output(&self) -> Output;

    /// Runs a part of the launch.
    ///
    /// # Safety
    /// As [`Body::drive`] for `part`, whose first item is number `first` of the launch; each item runs at most once.
    unsafe fn run(&self, body: &F, part: A, first: usize, items: usize);

    /// Whether results are dropped, so that [`Self::run_tallied`] is there.
    const DROPS: bool = false;

    /// As [`Self::run`], adding to tables.
    ///
    /// # Safety
    /// As [`Body::drive_tallied`]; only where [`Self::DROPS`] is set.
    #[inline(always)]
    unsafe fn run_tallied(&self, body: &F, part: A, tables: &mut Tables<'_>, items: usize) {
        let _ = (body, part, tables, items);
    }

    /// As [`Launch::fold`].
    ///
    /// # Safety
    /// As [`Launch::fold`].
    unsafe fn fold(&self, partials: *const MaybeUninit<u8>, count: usize);
}

/// A call with its extent and a place for its results.
pub struct Pending<'s, A, F, R> {
    call: Call<'s, (), F>,
    /// Only [`Launch::relocate`] changes it.
    arguments: UnsafeCell<A>,
    extent: Extent,
    items: usize,
    results: R,
}

// SAFETY: as if there were no `UnsafeCell`, for what changes it is only called when nobody else uses the launch.
unsafe impl<A: Sync, F: Sync, R: Sync> Sync for Pending<'_, A, F, R> {}

impl<'s, A: Arguments, F: Body<A>, R: Results<A, F>> Pending<'s, A, F, R> {
    #[inline(always)]
    fn new(mut call: Call<'s, A, F>, results: impl FnOnce(usize) -> R) -> Result<Self> {
        let extent = call.extent()?;
        let items = extent.items().ok_or(Error::ExtentTooLarge { kernel: call.definition.name, extent })?;
        call.arguments.set_extent(extent);
        let (call, arguments) = call.take_arguments();
        Ok(Pending { call, arguments: UnsafeCell::new(arguments), extent, items, results: results(items) })
    }

    #[inline(always)]
    fn arguments(&self) -> &A {
        // SAFETY: `relocate` is never called while anybody uses the launch, so none of these references is alive then.
        unsafe { &*self.arguments.get() }
    }
}

// SAFETY: `describe` passes on what the arguments say, which obey the contract of `Argument` and are owned by `self`.
unsafe impl<A: Arguments, F: Body<A>, R: Results<A, F>> Launch for Pending<'_, A, F, R> {
    fn definition(&self) -> &'static Definition {
        self.call.definition
    }

    fn extent(&self) -> Extent {
        self.extent
    }

    fn items(&self) -> usize {
        self.items
    }

    fn strategy(&self) -> Strategy {
        self.call.strategy
    }

    fn describe(&self, visit: &mut dyn FnMut(ArgumentView)) {
        self.arguments().describe(visit);
    }

    unsafe fn relocate(&self, data: &[*mut MaybeUninit<u8>]) -> bool {
        // SAFETY: the caller keeps others away from the launch, so this is the only reference.
        let arguments = unsafe { &mut *self.arguments.get() };
        // SAFETY: passed on.
        unsafe { arguments.relocate(data) };
        true
    }

    fn forms(&self) -> &'static [Form] {
        A::FORMS
    }

    fn result(&self) -> Option<Ty> {
        R::TYPE
    }

    fn output(&self) -> Output {
        self.results.output()
    }

    #[inline]
    unsafe fn run(&self, items: Range<usize>) {
        debug_assert!(items.start <= items.end && items.end <= self.items);
        // SAFETY: the caller runs each item at most once, so parts do not overlap.
        let part = unsafe { self.arguments().part(items.clone()) };
        // SAFETY: as above; the part has exactly the items of the range.
        unsafe { self.results.run(&self.call.body, part, items.start, items.len()) };
    }

    fn tally_words(&self) -> Option<usize> {
        (F::ADDS && R::DROPS).then(|| self.arguments().tally_words())
    }

    unsafe fn run_tallied(&self, items: Range<usize>, in_place: bool, tables: &mut [u32]) {
        if F::ADDS && R::DROPS {
            let mut tables = Tables::new(in_place, tables, self.arguments().tally_words());
            // SAFETY: as in `run`.
            let part = unsafe { self.arguments().part(items.clone()) };
            // SAFETY: as in `run`; the caller keeps other threads away from what this one adds to.
            unsafe { self.results.run_tallied(&self.call.body, part, &mut tables, items.len()) };
        } else {
            // Not `run`, which would be compiled a second time for each kernel.
            debug_assert!(false, "a backend tallied a kernel that cannot be");
        }
    }

    unsafe fn add_tally(&self, table: &[u32]) {
        // SAFETY: passed on.
        unsafe { self.arguments().add_tally(table) };
    }

    unsafe fn fold(&self, partials: *const MaybeUninit<u8>, count: usize) {
        // SAFETY: passed on.
        unsafe { self.results.fold(partials, count) };
    }
}

/// Results are dropped.
pub struct NoResults;

// SAFETY: there is no output.
unsafe impl<A: Arguments, F: Body<A>> Results<A, F> for NoResults {
    const TYPE: Option<Ty> = None;

    fn output(&self) -> Output {
        Output::None
    }

    #[inline]
    unsafe fn run(&self, body: &F, part: A, _: usize, items: usize) {
        // SAFETY: passed on.
        unsafe { wide::drive(body, part, items, &mut Discard) };
    }

    const DROPS: bool = true;

    #[inline(always)]
    unsafe fn run_tallied(&self, body: &F, part: A, tables: &mut Tables<'_>, items: usize) {
        // SAFETY: passed on.
        unsafe { body.drive_tallied(part, tables, items, &mut InTurn) };
    }

    unsafe fn fold(&self, _: *const MaybeUninit<u8>, _: usize) {}
}

/// Results go into a fresh vector, whose length is set only after success.
pub struct IntoVec<T> {
    data: Vec<T>,
    start: *mut T,
    items: usize,
}

// SAFETY: it owns its vector; threads write distinct elements through `start`.
unsafe impl<T: Send> Sync for IntoVec<T> {}

// SAFETY: `output` gives the spare capacity of the vector, which has room for all items.
unsafe impl<A: Arguments, F: Body<A, Output = T>, T: KernelValue> Results<A, F> for IntoVec<T> {
    const TYPE: Option<Ty> = Some(T::DESC);

    fn output(&self) -> Output {
        Output::Collect { data: self.start.cast(), element_size: size_of::<T>() }
    }

    #[inline]
    unsafe fn run(&self, body: &F, part: A, first: usize, items: usize) {
        // SAFETY: `first + items` is at most the capacity, and each item runs at most once, so this part of the spare
        // capacity is nobody else's.
        let results = unsafe { std::slice::from_raw_parts_mut(self.start.add(first).cast(), items) };
        // SAFETY: passed on.
        unsafe { wide::drive(body, part, items, &mut Collect(results)) };
    }

    unsafe fn fold(&self, _: *const MaybeUninit<u8>, _: usize) {}
}

/// Results are folded.
pub struct Folded<T, O> {
    folded: Mutex<T>,
    operation: PhantomData<O>,
}

// SAFETY: `output` names the operation itself.
unsafe impl<A: Arguments, F: Body<A, Output = T>, T: KernelValue, O: Reduction<T>> Results<A, F> for Folded<T, O> {
    const TYPE: Option<Ty> = Some(T::DESC);

    fn output(&self) -> Output {
        Output::Reduce(O::OPERATION)
    }

    #[inline]
    unsafe fn run(&self, body: &F, part: A, _: usize, items: usize) {
        let mut fold = Fold::<T, O>::new();
        // SAFETY: passed on.
        unsafe { wide::drive(body, part, items, &mut fold) };
        self.note(fold.finish());
    }

    unsafe fn fold(&self, partials: *const MaybeUninit<u8>, count: usize) {
        for k in 0..count {
            // SAFETY: the caller promises `count` initialised values.
            let partial = unsafe { partials.cast::<T>().add(k).read_unaligned() };
            self.note(partial);
        }
    }
}

impl<T: KernelValue, O: Reduction<T>> Folded<T, O> {
    #[inline]
    fn note(&self, partial: T) {
        let mut folded = self.folded.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *folded = O::combine(*folded, partial);
    }
}

impl<A: Arguments, F: Body<A>> Call<'static, A, F> {
    /// The launch of a call whose results nobody wants. Calls of a scope have no way to a launch but the scope's own, since
    /// several may exist over the same data.
    ///
    /// # Errors
    /// As [`Call::extent`].
    #[inline(always)]
    pub fn pending(self) -> Result<Pending<'static, A, F, NoResults>> {
        self.into_pending()
    }
}

impl<'s, A: Arguments, F: Body<A>> Call<'s, A, F> {
    /// The launch of a call whose results nobody wants.
    ///
    /// # Errors
    /// As [`Call::extent`].
    #[inline(always)]
    pub(crate) fn into_pending(self) -> Result<Pending<'s, A, F, NoResults>> {
        Pending::new(self, |_| NoResults)
    }

    /// The launch of a call whose results go into a vector.
    ///
    /// # Errors
    /// As [`Call::extent`].
    #[inline(always)]
    pub(crate) fn into_pending_collect(self) -> Result<Pending<'s, A, F, IntoVec<F::Output>>>
    where
        F::Output: KernelValue,
    {
        Pending::new(self, |items| {
            let mut data = Vec::with_capacity(items);
            IntoVec { start: data.as_mut_ptr(), data, items }
        })
    }

    /// The launch of a call whose results are folded.
    ///
    /// # Errors
    /// As [`Call::extent`].
    #[inline(always)]
    pub(crate) fn into_pending_reduce<O: Reduction<F::Output>>(self) -> Result<Pending<'s, A, F, Folded<F::Output, O>>>
    where
        F::Output: KernelValue,
    {
        Pending::new(self, |_| Folded { folded: Mutex::new(O::identity()), operation: PhantomData })
    }
}

impl<A, F, T> Pending<'_, A, F, IntoVec<T>> {
    /// The results.
    ///
    /// # Safety
    /// Every item of the launch has run and written its result.
    pub unsafe fn into_results(mut self) -> Vec<T> {
        // SAFETY: the caller promises that all items are initialised; the capacity is at least that.
        unsafe { self.results.data.set_len(self.results.items) };
        self.results.data
    }
}

impl<A, F, T: KernelValue, O: Reduction<T>> Pending<'_, A, F, Folded<T, O>> {
    /// The fold of all results.
    #[inline]
    pub fn into_result(self) -> T {
        self.results.folded.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
