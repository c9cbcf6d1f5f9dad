//! Scopes: launches over data that stays on the device between them.
//!
//! ```text
//! device.scope(|s| {
//!     let mut a = s.attach_mut(&mut grid);
//!     let mut b = s.attach_mut(&mut next);
//!     for _ in 0..1000 {
//!         s.launch(step(&a, &mut b))?;
//!         std::mem::swap(&mut a, &mut b);
//!     }
//!     Ok(())
//! })?;
//! ```
//!
//! What is attached is borrowed until the scope ends, so nobody can see bytes that are stale, and that is so even if a handle
//! is leaked or the closure panics: [`Device::scope`] itself brings everything home. Launches are in order; on a device
//! that keeps data they return before the device has run them, so an error of one may come from a later call.
//!
//! Three lifetimes keep it sound. `'scope` names the scope: handles and the calls that use them can be launched there only.
//! What else a call takes (slices) must outlive `'scope`, as in [`std::thread::scope`]. And a call borrows the handles that it
//! was made from, so a kernel cannot read and write one array at once.
#![allow(unsafe_code)]

mod engine;
mod handle;
mod report;

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::{Bound, Range, RangeBounds};
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};

use bytemuck::Zeroable;

pub use handle::{Handle, Resident, ResidentMut, ResidentRegion, ResidentRegionMut};
pub use report::ScopeReport;

use crate::device::Device;
use crate::error::{Error, Result};
use crate::launch::{Arguments, Body, Call};
use crate::reduction::Reduction;
use crate::region::Region;
use crate::types::{KernelType, KernelValue};
use engine::{Engine, Memory, Unfinished};

/// A region of launches over data that stays on the device between them. From [`Device::scope`].
pub struct Scope<'scope, 'env: 'scope> {
    engine: RefCell<Engine>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl std::fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scope")
    }
}

impl Device {
    /// Runs `work`, whose launches share data that stays on the device between them. When this returns, everything is home
    /// again, or the error says what is not.
    ///
    /// What the launches did stays done when `work` returns an error or panics: that too is brought home. (The panic goes
    /// on after the device has been waited for.)
    ///
    /// # Errors
    /// - What `work` returns.
    /// - What a launch failed with that was still on its way, as [`Self::run`].
    /// - `NotHome`: a launch failed on the device, or the device itself, and some of what was attached could not be brought
    ///   home. It names what; those arrays have the bytes that they had before the scope, or when they last were home.
    ///
    /// # Panics
    /// If `work` does.
    pub fn scope<'env, R>(&self, work: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> Result<R>) -> Result<R> {
        self.scope_reported(work).map(|(result, _)| result)
    }

    /// As [`Self::scope`], with a report that says why every byte moved.
    ///
    /// # Errors
    /// As [`Self::scope`].
    ///
    /// # Panics
    /// As [`Self::scope`].
    pub fn scope_reported<'env, R>(
        &self,
        work: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> Result<R>,
    ) -> Result<(R, ScopeReport)> {
        let scope = Scope { engine: RefCell::new(Engine::open(self)?), scope: PhantomData, env: PhantomData };
        let worked = catch_unwind(AssertUnwindSafe(|| work(&scope)));
        let mut engine = scope.engine.borrow_mut();
        let unfinished = engine.finish();
        match worked {
            Err(panic) => {
                if let Some(unfinished) = unfinished {
                    tracing::error!(error = %unfinished.into_error(), "while a panic ends a scope");
                }
                resume_unwind(panic)
            }
            Ok(worked) => match (worked, unfinished) {
                (Ok(result), None) => Ok((result, engine.report())),
                (Err(error), None) => Err(error),
                (_, Some(unfinished)) => Err(unfinished.into_error()),
            },
        }
    }
}

impl Unfinished {
    fn into_error(self) -> Error {
        if self.not_home.is_empty() {
            return self.error;
        }
        Error::NotHome { cause: Box::new(self.error), arrays: self.not_home.join(", ") }
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Attaches data that launches read. It goes to the device when a launch first needs it.
    #[track_caller]
    pub fn attach<T: KernelValue>(&'scope self, data: &'scope [T]) -> Resident<'scope, T> {
        let elements = std::ptr::from_ref(data);
        let id = self.note(elements.cast_mut(), false, false);
        Resident { id, elements, brand: PhantomData }
    }

    /// Attaches data that launches read and write. It goes to the device when a launch first needs it, and comes home at the
    /// end if a launch has written it.
    #[track_caller]
    pub fn attach_mut<T: KernelType>(&'scope self, data: &'scope mut [T]) -> ResidentMut<'scope, T> {
        let elements = std::ptr::from_mut(data);
        ResidentMut { id: self.note(elements, true, false), elements, brand: PhantomData }
    }

    /// Attaches data that is to be all zeros at first, whatever it holds now: nothing goes to the device, and everything comes
    /// home. For results that need no upload.
    #[track_caller]
    pub fn attach_zeroed<T: KernelType + Zeroable>(&'scope self, data: &'scope mut [T]) -> ResidentMut<'scope, T> {
        let elements = std::ptr::from_mut(data);
        ResidentMut { id: self.note(elements, true, true), elements, brand: PhantomData }
    }

    /// Attaches a region, whole, that launches read. It goes to the device when a launch first needs it.
    ///
    /// Where nodes have atomics, launches refuse it ([`Error::SharedAtomics`]): use [`Self::attach_region_mut`].
    #[track_caller]
    pub fn attach_region(&'scope self, region: &'scope Region) -> ResidentRegion<'scope> {
        ResidentRegion { id: self.note_region(region, false), region, brand: PhantomData }
    }

    /// Attaches a region, whole, whose nodes launches read and update. It goes to the device when a launch first needs it, and
    /// comes home at the end if it was passed to one as `&mut handle`.
    #[track_caller]
    pub fn attach_region_mut(&'scope self, region: &'scope mut Region) -> ResidentRegionMut<'scope> {
        ResidentRegionMut { id: self.note_region(region, true), region, brand: PhantomData }
    }

    #[track_caller]
    fn note_region(&self, region: &Region, writable: bool) -> crate::residency::ArrayId {
        let (address, bytes) = region.words();
        let name = format!("{region:?}, attached at {}", Location::caller());
        self.engine.borrow_mut().attach(name, Memory { address, bytes, writable }, false)
    }

    #[track_caller]
    fn note<T>(&self, elements: *mut [T], writable: bool, zeroed: bool) -> crate::residency::ArrayId {
        let (length, place) = (elements.len(), Location::caller());
        let name = format!("{length} x {}, attached at {place}", short_name::<T>());
        let memory = Memory { address: elements.cast(), bytes: length * size_of::<T>(), writable };
        self.engine.borrow_mut().attach(name, memory, zeroed)
    }

    /// Launches a call after those before it. The device may run it after this has returned.
    ///
    /// Slices that are not attached may be passed too, if they outlive the scope: what is read goes along with each launch,
    /// and if one is written, the launch is waited for.
    ///
    /// A launch that the device lacks something for runs on the host, with what it needs brought home, unless the device has
    /// no fallback.
    ///
    /// # Errors
    /// As [`Device::run`]; a failure of an earlier launch may come here, and then nothing is launched any more.
    pub fn launch<A: Arguments + 'scope, F: Body<A>>(&self, call: Call<'scope, A, F>) -> Result<()> {
        self.engine.borrow_mut().launch(&call.into_pending()?)
    }

    /// Launches a call whose kernel returns a value, waits, and collects the values.
    ///
    /// # Errors
    /// As [`Self::launch`].
    pub fn collect<A: Arguments + 'scope, F: Body<A>>(&self, call: Call<'scope, A, F>) -> Result<Vec<F::Output>>
    where
        F::Output: KernelValue,
    {
        let pending = call.into_pending_collect()?;
        self.engine.borrow_mut().launch(&pending)?;
        // SAFETY: a launch with results has run every item when it returns, and each has written its result.
        Ok(unsafe { pending.into_results() })
    }

    /// Launches a call whose kernel returns a value, waits, and folds the values, as in `s.reduce(dot(&x, &y), Sum)`.
    ///
    /// # Errors
    /// As [`Self::launch`].
    pub fn reduce<A: Arguments + 'scope, F: Body<A>, O: Reduction<F::Output>>(
        &self,
        call: Call<'scope, A, F>,
        _operation: O,
    ) -> Result<F::Output>
    where
        F::Output: KernelValue,
    {
        let pending = call.into_pending_reduce::<O>()?;
        self.engine.borrow_mut().launch(&pending)?;
        Ok(pending.into_result())
    }

    /// A part of what is attached, as the launches before this leave it. Waits for them if the device has the bytes.
    ///
    /// # Errors
    /// As [`Self::launch`].
    ///
    /// # Panics
    /// If the range is not inside the array.
    #[track_caller]
    pub fn read<T: KernelValue>(
        &self,
        handle: &impl Handle<'scope, T>,
        range: impl RangeBounds<usize>,
    ) -> Result<Vec<T>> {
        let range = inside(range, handle.length());
        let mut elements = Vec::<T>::with_capacity(range.len());
        // SAFETY: the range was checked, and the vector has room for it.
        unsafe { self.engine.borrow_mut().read(handle.id(), bytes::<T>(&range), elements.as_mut_ptr().cast()) }?;
        // SAFETY: all of these were copied from elements of the same type.
        unsafe { elements.set_len(range.len()) };
        Ok(elements)
    }

    /// As [`Self::read`], from element `start` on into a slice of the program.
    ///
    /// # Errors
    /// As [`Self::launch`]; the slice is unchanged then.
    ///
    /// # Panics
    /// If the array has not so many elements.
    #[track_caller]
    pub fn read_into<T: KernelValue>(
        &self,
        handle: &impl Handle<'scope, T>,
        start: usize,
        target: &mut [T],
    ) -> Result<()> {
        let range = inside(start..start.saturating_add(target.len()), handle.length());
        // SAFETY: the range was checked, and the slice is as long.
        unsafe { self.engine.borrow_mut().read(handle.id(), bytes::<T>(&range), target.as_mut_ptr().cast()) }
    }

    /// Writes elements from element `start` on; launches after this see them.
    ///
    /// # Errors
    /// As [`Self::launch`].
    ///
    /// # Panics
    /// If the array has not so many elements.
    #[track_caller]
    pub fn write<T: KernelValue>(&self, handle: &mut ResidentMut<'scope, T>, start: usize, source: &[T]) -> Result<()> {
        let range = inside(start..start.saturating_add(source.len()), handle.len());
        // SAFETY: the range was checked, the slice is as long, and the array is borrowed exclusively by the scope.
        unsafe { self.engine.borrow_mut().write(handle.id, bytes::<T>(&range), source.as_ptr().cast()) }
    }

    /// Brings an array home now and gives its room on the device back. The program gets it back when the scope ends.
    ///
    /// # Errors
    /// As [`Self::launch`].
    pub fn detach<T>(&self, handle: impl Handle<'scope, T>) -> Result<()> {
        self.engine.borrow_mut().detach(handle.id())
    }
}

/// The range as numbers of elements.
#[track_caller]
fn inside(range: impl RangeBounds<usize>, length: usize) -> Range<usize> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.saturating_add(1),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => length,
    };
    assert!(start <= end && end <= length, "range {start}..{end} is not inside an array of {length} elements");
    start..end
}

fn bytes<T>(range: &Range<usize>) -> Range<usize> {
    range.start * size_of::<T>()..range.end * size_of::<T>()
}

/// `Body` for `nbody::Body`.
fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    if name.contains(['<', '[', '(']) {
        return name;
    }
    name.rsplit("::").next().unwrap_or(name)
}
