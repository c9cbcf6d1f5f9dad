//! What the host does without kernels, where plain loops on its threads are faster than several launches.

use landbridge::{Device, DeviceKind};

/// Fewer elements than this are left to one thread: waking others takes as long as the work.
pub(crate) const PARALLEL: usize = 1 << 16;

/// Whether the device is the host's cores and nothing else.
pub(crate) fn is_host(device: &Device) -> bool {
    device.info().kind == DeviceKind::Host
}
