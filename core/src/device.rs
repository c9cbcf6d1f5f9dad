//! A device as the user sees it: runs calls, and says what it did.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::sync::Arc;

use crate::backend::{Backend, DeviceInfo};
use crate::error::{Error, Result};
use crate::launch::{Arguments, Body, Call, Launch, Planned};
use crate::plan::Plan;
use crate::reduction::Reduction;
use crate::report::Report;
use crate::session::Session;
use crate::types::KernelValue;

/// Something that computes: the host, or a GPU. Cheap to clone.
#[derive(Clone)]
pub struct Device {
    backend: Arc<dyn Backend>,
    fallback: Option<Arc<dyn Backend>>,
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.info().fmt(f)
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({self})")
    }
}

impl Device {
    /// A device on this backend. `fallback` runs what the backend lacks something for; the report then says so.
    pub fn from_backend(backend: Arc<dyn Backend>, fallback: Option<Arc<dyn Backend>>) -> Self {
        Device { backend, fallback }
    }

    /// What the device is and can do.
    pub fn info(&self) -> &DeviceInfo {
        self.backend.info()
    }

    /// The same device without fallback: what it lacks something for is an error.
    pub fn without_fallback(&self) -> Self {
        Device { backend: self.backend.clone(), fallback: None }
    }

    /// Runs a call and waits for its end.
    ///
    /// # Errors
    /// - `WrongLength`, `WrongExtent`, `NotDivisible`, `ExtentTooLarge`: the arguments do not fit together.
    /// - `KernelPanic`: a work-item panicked.
    /// - `Unsupported`, `Untranslatable`, `OutOfMemory`: the device lacks something and there is no fallback.
    /// - `StrategyUnavailable`: the strategy that the call asks for is not possible here.
    /// - `Timeout`, `DeviceLost`, `Driver`: the device failed.
    #[inline]
    pub fn run<A: Arguments, F: Body<A>>(&self, call: Call<'static, A, F>) -> Result<Report> {
        self.launch(&call.into_pending()?)
    }

    /// Runs a call whose kernel returns a value, and collects the values: element `i` is the result of work-item `i`.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn collect<A: Arguments, F: Body<A>>(&self, call: Call<'static, A, F>) -> Result<Vec<F::Output>>
    where
        F::Output: KernelValue,
    {
        self.collect_reported(call).map(|(results, _)| results)
    }

    /// As [`Self::collect`], with the report.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn collect_reported<A: Arguments, F: Body<A>>(
        &self,
        call: Call<'static, A, F>,
    ) -> Result<(Vec<F::Output>, Report)>
    where
        F::Output: KernelValue,
    {
        let pending = call.into_pending_collect()?;
        let report = self.launch(&pending)?;
        // SAFETY: a launch that succeeded has run every item, and each has written its result.
        Ok((unsafe { pending.into_results() }, report))
    }

    /// Runs a call whose kernel returns a value, and folds the values, as in `device.reduce(dot(&x, &y), Sum)`.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn reduce<A: Arguments, F: Body<A>, O: Reduction<F::Output>>(
        &self,
        call: Call<'static, A, F>,
        operation: O,
    ) -> Result<F::Output>
    where
        F::Output: KernelValue,
    {
        self.reduce_reported(call, operation).map(|(result, _)| result)
    }

    /// As [`Self::reduce`], with the report.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn reduce_reported<A: Arguments, F: Body<A>, O: Reduction<F::Output>>(
        &self,
        call: Call<'static, A, F>,
        _operation: O,
    ) -> Result<(F::Output, Report)>
    where
        F::Output: KernelValue,
    {
        let pending = call.into_pending_reduce::<O>()?;
        let report = self.launch(&pending)?;
        Ok((pending.into_result(), report))
    }

    /// What running the call would do and how long it would take, without running it.
    ///
    /// # Errors
    /// As [`Self::run`], for what can be known before.
    pub fn plan<A: Arguments, F: Body<A>>(&self, call: &Call<'_, A, F>) -> Result<Plan> {
        self.backend.plan(&Planned::new(call)?)
    }

    /// Translates and compiles a call's kernel ahead of its first launch.
    ///
    /// # Errors
    /// `Unsupported`, `Untranslatable`, `DeviceLost`, `Driver`.
    pub fn prepare<A: Arguments, F: Body<A>>(&self, call: &Call<'_, A, F>) -> Result<()> {
        self.backend.prepare(call.definition())
    }

    pub(crate) fn info_arc(&self) -> &Arc<DeviceInfo> {
        self.backend.info()
    }

    pub(crate) fn fallback(&self) -> Option<Arc<dyn Backend>> {
        self.fallback.clone()
    }

    pub(crate) fn session(&self) -> Result<Option<Box<dyn Session>>> {
        Arc::clone(&self.backend).session()
    }

    #[inline]
    pub(crate) fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        // Matched by reference: a report is large, and on the host a launch may take less time than moving it twice.
        let done = self.backend.launch(launch);
        match &done {
            Err(error) if error.host_can_help() && self.fallback.is_some() => self.fall_back(launch, error),
            _ => done,
        }
    }

    #[cold]
    fn fall_back(&self, launch: &dyn Launch, error: &Error) -> Result<Report> {
        let Some(fallback) = &self.fallback else { return Err(error.clone()) };
        tracing::info!(kernel = launch.definition().name, %error, "falling back to {}", fallback.info().id);
        let mut report = match fallback.launch(launch) {
            // A strategy was forced that only the device has: what the device lacks is the better answer.
            Err(Error::StrategyUnavailable { .. }) => return Err(error.clone()),
            done => done?,
        };
        report.why = Cow::Owned(format!("fell back from {}: {error}", self.backend.info().id));
        Ok(report)
    }
}
