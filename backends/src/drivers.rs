//! The adapters that wgpu offers, or none where it is not built in.

#[cfg(not(feature = "wgpu"))]
pub(crate) use absent::*;
#[cfg(feature = "wgpu")]
pub(crate) use present::*;

use std::time::Duration;

/// What a device is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of its own memory that it may use.
    pub(crate) memory_cap: Option<u64>,
    /// How long a kernel may take.
    pub(crate) timeout: Option<Duration>,
}

#[cfg(feature = "wgpu")]
mod present {
    use std::sync::Arc;

    use landbridge_core::error::Result;

    use crate::webgpu::{self, WgpuBackend};

    pub(crate) const HINT: &str = webgpu::INSTALL_HINT;

    pub(crate) type Driver = WgpuBackend;

    pub(crate) fn names() -> Vec<&'static str> {
        webgpu::adapters().iter().map(|adapter| adapter.facts.name.as_str()).collect()
    }

    pub(crate) fn open(number: usize, limits: &super::Limits) -> Result<Arc<Driver>> {
        let driver = WgpuBackend::open(number)?;
        driver.set_memory_cap(limits.memory_cap);
        if let Some(timeout) = limits.timeout {
            driver.set_timeout(timeout);
        }
        Ok(Arc::new(driver))
    }
}

#[cfg(not(feature = "wgpu"))]
mod absent {
    use std::sync::Arc;

    use landbridge_core::error::Result;

    pub(crate) const HINT: &str = "This program was built without landbridge's feature `wgpu`";

    pub(crate) type Driver = super::Nobody;

    pub(crate) fn names() -> Vec<&'static str> {
        vec![]
    }

    pub(crate) fn open(number: usize, _: &super::Limits) -> Result<Arc<Driver>> {
        Err(crate::name::absent(&number.to_string(), &[], HINT))
    }
}

/// A device of a kind that is not built in: there is none.
#[cfg(not(all(feature = "wgpu", feature = "cuda", target_os = "linux")))]
pub(crate) struct Nobody(std::convert::Infallible);

#[cfg(not(all(feature = "wgpu", feature = "cuda", target_os = "linux")))]
mod nobody {
    use std::sync::Arc;

    use landbridge_core::backend::{Backend, DeviceInfo};
    use landbridge_core::error::Result;
    use landbridge_core::launch::{Definition, Launch};
    use landbridge_core::{Plan, Report};

    use super::Nobody;

    impl Nobody {
        pub(crate) fn is_lost(&self) -> bool {
            match self.0 {}
        }
    }

    // SAFETY: there is no value of this type.
    #[allow(unsafe_code)]
    unsafe impl Backend for Nobody {
        fn info(&self) -> &Arc<DeviceInfo> {
            match self.0 {}
        }

        fn plan(&self, _: &dyn Launch) -> Result<Plan> {
            match self.0 {}
        }

        fn prepare(&self, _: &'static Definition) -> Result<()> {
            match self.0 {}
        }

        fn launch(&self, _: &dyn Launch) -> Result<Report> {
            match self.0 {}
        }
    }
}
