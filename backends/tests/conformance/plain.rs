//! The reference: the user's function, compiled by rustc, in a loop over the work-items.
#![allow(unsafe_code)]

use std::sync::Arc;

use landbridge::backend::{Backend, Capability, DeviceInfo};
use landbridge::launch::{Definition, Launch};
use landbridge::report::Steps;
use landbridge::{Device, DeviceKind, Plan, Report, Result};

struct Plain(Arc<DeviceInfo>);

pub(crate) fn device() -> Device {
    Device::from_backend(Arc::new(Plain(info("plain", DeviceKind::Host))), None)
}

// SAFETY: `run` has run every item when it returns.
unsafe impl Backend for Plain {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.0
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        Ok(plan(&self.0, launch))
    }

    fn prepare(&self, _: &'static Definition) -> Result<()> {
        Ok(())
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        // SAFETY: each item runs once, inside the launch.
        unsafe { launch.run(0..launch.items()) };
        Ok(report(&self.0, launch))
    }
}

pub(crate) fn info(id: &str, kind: DeviceKind) -> Arc<DeviceInfo> {
    Arc::new(DeviceInfo {
        id: id.into(),
        name: id.into(),
        driver: String::new(),
        kind,
        memory: 0,
        units: 1,
        capabilities: [Capability::ROUNDED_F32, Capability::AS_WRITTEN_F32]
            .map(|name| Capability { name, missing: None })
            .into(),
        strategies: vec![],
    })
}

pub(crate) fn plan(device: &Arc<DeviceInfo>, launch: &dyn Launch) -> Plan {
    Plan {
        kernel: launch.definition().name,
        device: device.clone(),
        why: "".into(),
        extent: launch.extent(),
        arguments: vec![],
        steps: vec![],
    }
}

pub(crate) fn report(device: &Arc<DeviceInfo>, launch: &dyn Launch) -> Report {
    Report {
        kernel: launch.definition().name,
        device: device.clone(),
        why: "".into(),
        extent: launch.extent(),
        parameters: launch.definition().parameters,
        arguments: vec![],
        steps: Steps::default(),
    }
}
