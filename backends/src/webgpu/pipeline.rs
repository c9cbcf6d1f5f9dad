//! Kernels made runnable: shader modules, layouts, pipelines, and the bind groups that feed them.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use smallvec::SmallVec;

use super::device::{Gpu, lock};
use super::failure::Failure;

/// What a kernel's text guards by itself or is proved not to need, so that wgpu's own guards,
/// which cost up to 8 % of a tight loop, are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Proved {
    /// Every access by index is checked or in bounds by construction.
    pub(crate) bounds: bool,
    /// No loop without an end is relied upon by the driver's compiler.
    pub(crate) loops: bool,
    /// Divisors are checked; no division overflows.
    pub(crate) divisions: bool,
}

/// A kernel as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shader<'a> {
    /// Shown by graphics debuggers.
    pub(crate) name: &'a str,
    /// WGSL.
    pub(crate) source: &'a str,
    /// The compute entry point in `source`.
    pub(crate) entry: &'a str,
    /// Bindings 0.. of group 0: whether each is read-only.
    pub(crate) read_only: &'a [bool],
    /// Bytes of `var<immediate>` parameters.
    pub(crate) immediate_bytes: u32,
    /// Guards that wgpu need not add.
    pub(crate) proved: Proved,
}

/// A kernel compiled for one device.
#[derive(Debug)]
pub(crate) struct Pipeline {
    /// Unique in the process.
    pub(crate) id: u64,
    pub(crate) raw: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl Pipeline {
    /// Compiles `shader`. Drivers may put off the work to the first dispatch.
    ///
    /// # Errors
    /// - [`Failure::Unsupported`]: more bindings than the device has.
    /// - [`Failure::Invalid`]: the text is wrong; the message has naga's explanation.
    pub(crate) fn compile(
        gpu: &Gpu,
        shader: &Shader<'_>,
        cache: Option<&wgpu::PipelineCache>,
    ) -> Result<Self, Failure> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let _span = tracing::debug_span!("compile", kernel = shader.name).entered();
        let most = gpu.facts.limits.bindings;
        if shader.read_only.len() > most as usize {
            return Err(Failure::unsupported(format!(
                "the kernel needs {} storage bindings, {} has {most}",
                shader.read_only.len(),
                gpu.facts.name,
            )));
        }
        let (layout, raw) = gpu.scoped("compiling a kernel", || {
            let module = shader_module(&gpu.raw, shader);
            let layout = bind_group_layout(&gpu.raw, shader.read_only);
            let raw = compute_pipeline(&gpu.raw, shader, &module, &layout, cache);
            (layout, raw)
        })?;
        Ok(Self { id: NEXT.fetch_add(1, Ordering::Relaxed), raw, layout })
    }

    /// Binds `windows` to bindings 0.. of this pipeline. Call inside a scope.
    pub(crate) fn bind(&self, gpu: &Gpu, windows: &[Window<'_>]) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..).zip(windows).map(Window::entry).collect();
        gpu.raw.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &self.layout, entries: &entries })
    }
}

fn shader_module(device: &wgpu::Device, shader: &Shader<'_>) -> wgpu::ShaderModule {
    let checks = wgpu::ShaderRuntimeChecks {
        bounds_checks: !shader.proved.bounds,
        force_loop_bounding: !shader.proved.loops,
        int_div_checks: !shader.proved.divisions,
        ..wgpu::ShaderRuntimeChecks::checked()
    };
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: Some(shader.name),
        source: wgpu::ShaderSource::Wgsl(shader.source.into()),
    };
    // SAFETY: a guard is left out only where the text's maker vouches for it: the generator checks
    // indices and divisors itself, and its loops leave when the kernel has failed.
    unsafe { device.create_shader_module_trusted(descriptor, checks) }
}

fn bind_group_layout(device: &wgpu::Device, read_only: &[bool]) -> wgpu::BindGroupLayout {
    let entry = |(binding, &read_only): (u32, &bool)| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    };
    let entries: Vec<_> = (0..).zip(read_only).map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
}

fn compute_pipeline(
    device: &wgpu::Device,
    shader: &Shader<'_>,
    module: &wgpu::ShaderModule,
    layout: &wgpu::BindGroupLayout,
    cache: Option<&wgpu::PipelineCache>,
) -> wgpu::ComputePipeline {
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: None,
        bind_group_layouts: &[Some(layout)],
        immediate_size: shader.immediate_bytes,
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(shader.name),
        layout: Some(&layout),
        module,
        entry_point: Some(shader.entry),
        compilation_options: wgpu::PipelineCompilationOptions {
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        },
        cache,
    })
}

/// A part of a buffer as a kernel sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    pub(crate) buffer: &'a wgpu::Buffer,
    /// Which pooled buffer it is; `None` for imported pages, whose bind groups are never kept.
    pub(crate) pooled: Option<u64>,
    /// Bytes, a multiple of the device's offset alignment.
    pub(crate) offset: u64,
    /// Bytes, a multiple of 4, not 0.
    pub(crate) bytes: u64,
}

impl<'a> Window<'a> {
    fn entry((binding, window): (u32, &Window<'a>)) -> wgpu::BindGroupEntry<'a> {
        wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: window.buffer,
                offset: window.offset,
                size: wgpu::BufferSize::new(window.bytes),
            }),
        }
    }
}

/// Bind groups over pooled buffers, kept while the pool keeps the buffers.
#[derive(Default)]
pub(crate) struct BindGroups {
    state: Mutex<BindGroupState>,
}

#[derive(Default)]
struct BindGroupState {
    /// [`super::pool::Pool::trims`] when the groups were made.
    trims: u64,
    groups: Mixed<Box<[u64]>, wgpu::BindGroup>,
}

/// A map whose keys are a few numbers.
pub(crate) type Mixed<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// Hashes numbers that nobody chooses to collide, in a few cycles each: a look-up happens at every launch.
#[derive(Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        // Maps look at the lowest bits first, which a product mixes least.
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_ne_bytes(*word)));
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl BindGroups {
    /// More than this are not worth keeping: launches with ever new shapes would only pile them up.
    const MOST: usize = 256;

    /// The bind group of `pipeline` over `windows`, made once if all buffers are pooled.
    /// Call inside a scope.
    pub(crate) fn get(&self, gpu: &Gpu, pipeline: &Pipeline, windows: &[Window<'_>]) -> wgpu::BindGroup {
        let Some(key) = key(pipeline, windows) else {
            return pipeline.bind(gpu, windows);
        };
        let mut state = lock(&self.state);
        let trims = gpu.pool.trims();
        if state.trims != trims || state.groups.len() >= Self::MOST {
            state.groups.clear();
            state.trims = trims;
        }
        if let Some(group) = state.groups.get(key.as_slice()) {
            return group.clone();
        }
        let group = pipeline.bind(gpu, windows);
        state.groups.insert(key.into_boxed_slice(), group.clone());
        group
    }

    /// Forgets all groups, so that the memory of trimmed buffers is really given back.
    pub(crate) fn clear(&self) {
        lock(&self.state).groups.clear();
    }
}

fn key(pipeline: &Pipeline, windows: &[Window<'_>]) -> Option<SmallVec<[u64; 24]>> {
    let mut key = SmallVec::new();
    key.push(pipeline.id);
    for window in windows {
        key.extend([window.pooled?, window.offset, window.bytes]);
    }
    Some(key)
}

type Slot<V, E> = Arc<OnceLock<Result<Arc<V>, E>>>;

/// Values by key, each made once even when many threads ask at once.
pub(crate) struct Once<K, V, E> {
    slots: Mutex<Mixed<K, Slot<V, E>>>,
}

impl<K: Eq + Hash, V, E: Clone> Once<K, V, E> {
    pub(crate) fn new() -> Self {
        Self { slots: Mutex::default() }
    }

    /// The value of `key`, made by `make` the first time. A failure is kept too: the same text fails the same way.
    pub(crate) fn get(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        let slot = Arc::clone(lock(&self.slots).entry(key).or_insert_with(|| Arc::new(OnceLock::new())));
        slot.get_or_init(|| make().map(Arc::new)).clone()
    }
}
