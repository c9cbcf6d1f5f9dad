//! What drivers are here, and what each can do.

use std::sync::OnceLock;

use wgpu::{DeviceType, Features};

use super::failure::Failure;

/// How to get a Vulkan driver on a machine that has none.
pub const INSTALL_HINT: &str = "Install your GPU's Vulkan driver, or a software one: \
    apt-get install --no-install-recommends libvulkan1 mesa-vulkan-drivers";

/// One adapter as the driver describes it. Plain data: nothing is opened.
#[derive(Debug, Clone)]
pub struct AdapterFacts {
    /// The driver's name for the device.
    pub name: String,
    /// `vulkan`, `metal`, `dx12`.
    pub backend: &'static str,
    /// The driver's name and version.
    pub driver: String,
    /// The driver computes on the host's cores.
    pub software: bool,
    /// The device shares the host's memory (integrated or software).
    pub shares_memory: bool,
    /// 64-bit floats in kernels.
    pub float64: bool,
    /// 64-bit integers in kernels.
    pub int64: bool,
    /// 64-bit atomics in kernels.
    pub int64_atomics: bool,
    /// Bytes of parameters that travel inside the command, 0 if none.
    pub immediate_bytes: u32,
    /// Lavapipe ends all loops of a work-item after 65535 rounds together and says nothing: kernels count them there.
    pub most_rounds: Option<u32>,
    /// Submitting waits until the submission before has ended, however long that takes: so does lavapipe.
    pub submits_in_turn: bool,
    /// Compiled kernels can be kept on disk.
    pub pipeline_cache: bool,
    /// The limits that launches are cut to.
    pub limits: AdapterLimits,
}

/// The limits that matter to a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdapterLimits {
    /// Largest storage binding, bytes.
    pub binding_bytes: u64,
    /// Largest buffer, bytes.
    pub buffer_bytes: u64,
    /// Storage buffers that a kernel may bind.
    pub bindings: u32,
    /// A binding's offset in its buffer is a multiple of this, bytes.
    pub offset_alignment: u32,
    /// Workgroups per dimension of a dispatch.
    pub groups_per_dimension: u32,
    /// Work-items of a workgroup.
    pub group_items: u32,
}

impl AdapterLimits {
    /// The smaller of each; offsets stay as aligned as the device asks for.
    pub(crate) fn at_most(self, other: &Self) -> Self {
        Self {
            binding_bytes: self.binding_bytes.min(other.binding_bytes) & !3,
            buffer_bytes: self.buffer_bytes.min(other.buffer_bytes) & !3,
            bindings: self.bindings.min(other.bindings),
            offset_alignment: self.offset_alignment,
            groups_per_dimension: self.groups_per_dimension.min(other.groups_per_dimension),
            group_items: self.group_items.min(other.group_items),
        }
    }

    /// What wgpu is to enforce, of the adapter's own limits `all`.
    pub(crate) fn narrowed(&self, mut all: wgpu::Limits) -> wgpu::Limits {
        let limit = |own: &mut u64, to: u64| *own = if to < *own & !3 { to } else { *own };
        limit(&mut all.max_storage_buffer_binding_size, self.binding_bytes);
        limit(&mut all.max_buffer_size, self.buffer_bytes);
        all.max_storage_buffers_per_shader_stage = all.max_storage_buffers_per_shader_stage.min(self.bindings);
        let groups = all.max_compute_workgroups_per_dimension.min(self.groups_per_dimension);
        all.max_compute_workgroups_per_dimension = groups;
        all
    }
}

/// An adapter and its description.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(crate) raw: wgpu::Adapter,
    /// What it is and what it can do.
    pub facts: AdapterFacts,
}

/// Every adapter that a driver offers, in wgpu's order; empty when there is no driver.
///
/// The list is made once per process: a driver that is installed later is seen by the next process.
pub fn adapters() -> &'static [Adapter] {
    static ADAPTERS: OnceLock<Vec<Adapter>> = OnceLock::new();
    ADAPTERS.get_or_init(|| {
        let _span = tracing::debug_span!("enumerate adapters").entered();
        enumerate(backends_from_env())
    })
}

/// The adapter with this number in [`adapters`].
///
/// # Errors
/// [`Failure::NoAdapter`] with the list of what there is, or with an install hint.
pub fn adapter(index: usize) -> Result<&'static Adapter, Failure> {
    let all = adapters();
    all.get(index).ok_or_else(|| Failure::NoAdapter { wanted: format!("wgpu:{index}"), hint: hint(all) })
}

fn hint(all: &[Adapter]) -> String {
    if all.is_empty() {
        return INSTALL_HINT.to_owned();
    }
    let names: Vec<String> = (0..).zip(all).map(describe).collect();
    format!("there are {}", names.join(", "))
}

fn describe((index, adapter): (usize, &Adapter)) -> String {
    format!("wgpu:{index} ({})", adapter.facts.name)
}

/// `WGPU_BACKEND` narrows the choice, as in every wgpu program; OpenGL is never used.
fn backends_from_env() -> wgpu::Backends {
    wgpu::Backends::from_env().unwrap_or(wgpu::Backends::all())
        & (wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12)
}

/// Asks the loader for `backends`' adapters that can compute.
pub(crate) fn enumerate(backends: wgpu::Backends) -> Vec<Adapter> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    // Validation layers cost more than a launch; `WGPU_VALIDATION=1` still turns them on.
    descriptor.flags = wgpu::InstanceFlags::empty().with_env();
    let instance = wgpu::Instance::new(descriptor);
    pollster::block_on(instance.enumerate_adapters(backends))
        .into_iter()
        .filter(can_compute)
        .map(|raw| Adapter { facts: facts(&raw), raw })
        .collect()
}

fn can_compute(adapter: &wgpu::Adapter) -> bool {
    let flags = adapter.get_downlevel_capabilities().flags;
    flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
}

fn facts(adapter: &wgpu::Adapter) -> AdapterFacts {
    let info = adapter.get_info();
    let features = adapter.features();
    let limits = adapter.limits();
    AdapterFacts {
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        backend: info.backend.to_str(),
        software: info.device_type == DeviceType::Cpu,
        shares_memory: matches!(info.device_type, DeviceType::Cpu | DeviceType::IntegratedGpu),
        // What is left are the rounds of a reduction's block.
        most_rounds: info.name.starts_with("llvmpipe").then_some(65_000),
        submits_in_turn: info.name.starts_with("llvmpipe"),
        name: info.name,
        float64: features.contains(Features::SHADER_F64),
        int64: features.contains(Features::SHADER_INT64),
        int64_atomics: features.contains(Features::SHADER_INT64 | Features::SHADER_INT64_ATOMIC_ALL_OPS),
        immediate_bytes: if features.contains(Features::IMMEDIATES) { limits.max_immediate_size } else { 0 },
        pipeline_cache: features.contains(Features::PIPELINE_CACHE),
        limits: AdapterLimits {
            binding_bytes: limits.max_storage_buffer_binding_size & !3,
            buffer_bytes: limits.max_buffer_size & !3,
            bindings: limits.max_storage_buffers_per_shader_stage,
            offset_alignment: limits.min_storage_buffer_offset_alignment,
            groups_per_dimension: limits.max_compute_workgroups_per_dimension,
            group_items: limits.max_compute_invocations_per_workgroup,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_driver_is_an_empty_list_and_an_install_hint() {
        // No Metal on Linux, no Vulkan asked for: what a machine without drivers looks like.
        if cfg!(target_os = "linux") {
            assert!(enumerate(wgpu::Backends::METAL).is_empty());
        }
        assert!(hint(&[]).contains("apt-get install"));
    }

    #[test]
    fn an_adapter_that_is_not_there_is_an_error() {
        let error = adapter(999).expect_err("there is no adapter 999");
        assert!(matches!(error, Failure::NoAdapter { .. }));
        assert!(error.to_string().contains("wgpu:999"));
    }

    #[test]
    fn a_software_driver_says_so() {
        let Some(found) = super::super::testing::adapter() else {
            return;
        };
        let lavapipe = found.facts.name.starts_with("llvmpipe");
        assert!(!lavapipe || found.facts.software);
        assert!(found.facts.limits.binding_bytes >= 1 << 27);
        assert!(found.facts.limits.groups_per_dimension >= 65_535);
    }
}
