//! A bare runner for generated text, without the backend: what is tested is the text.
#![allow(dead_code, reason = "each test file uses its part")]
#![cfg(feature = "wgpu")]

use landbridge_backends::codegen::wgsl::error_block::{self, Failure};
use landbridge_backends::codegen::wgsl::{
    Access, Bound, BufferPosition, Dispatch, ParametersIn, WgslKernel, WgslTarget,
};
use landbridge_core::ir::sample::{SampleArgument, SampleLaunch};
use landbridge_core::ir::{Module, Role};

/// An open device.
pub(crate) struct Device {
    pub(crate) name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
}

/// Every Vulkan device of the machine; none is said aloud.
pub(crate) fn devices() -> Vec<Device> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::VULKAN;
    let instance = wgpu::Instance::new(descriptor);
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::VULKAN));
    let devices: Vec<_> = adapters.iter().filter_map(open).collect();
    if devices.is_empty() {
        println!("skipped: no Vulkan device");
    }
    devices
}

fn open(adapter: &wgpu::Adapter) -> Option<Device> {
    let wanted = wgpu::Features::SHADER_F64 | wgpu::Features::SHADER_INT64 | wgpu::Features::IMMEDIATES;
    let descriptor = wgpu::DeviceDescriptor {
        required_features: adapter.features() & wanted,
        required_limits: adapter.limits(),
        ..wgpu::DeviceDescriptor::default()
    };
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).ok()?;
    Some(Device { name: adapter.get_info().name, device, queue })
}

impl Device {
    /// What the generator may use.
    pub(crate) fn target(&self) -> WgslTarget {
        let features = self.device.features();
        let limits = self.device.limits();
        WgslTarget {
            int64: features.contains(wgpu::Features::SHADER_INT64),
            f64: features.contains(wgpu::Features::SHADER_F64),
            immediates_bytes: match features.contains(wgpu::Features::IMMEDIATES) {
                true => limits.max_immediate_size,
                false => 0,
            },
            max_storage_buffers: limits.max_storage_buffers_per_shader_stage,
            ..WgslTarget::default()
        }
    }

    fn buffer(&self, contents: &[u8]) -> wgpu::Buffer {
        let mut contents = contents.to_vec();
        contents.resize(contents.len().next_multiple_of(4).max(16), 0xa5);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: contents.len() as u64,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&buffer, 0, &contents);
        buffer
    }

    fn read(&self, buffer: &wgpu::Buffer) -> Vec<u8> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: buffer.size(),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
        self.queue.submit([encoder.finish()]);
        staging.slice(..).map_async(wgpu::MapMode::Read, |r| r.expect("mapped"));
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("no timeout");
        staging.slice(..).get_mapped_range().expect("mapped").to_vec()
    }

    /// Runs a kernel on a launch of random arguments.
    pub(crate) fn run(&self, kernel: &WgslKernel, module: &Module, launch: &mut SampleLaunch) -> Option<Failure> {
        let items: u64 = launch.extent.iter().product();
        let arguments = &launch.arguments;
        let uniforms: Vec<&[u8]> = arguments
            .iter()
            .map(|a| match a {
                SampleArgument::Value(bytes) => bytes.bytes(),
                _ => &[],
            })
            .collect();
        let lengths: Vec<u64> = arguments
            .iter()
            .zip(&module.parameters)
            .map(|(a, p)| match (a, p.role) {
                (SampleArgument::Slice { elements, .. }, Role::Row { .. }) => elements / items,
                (SampleArgument::Slice { elements, .. }, _) => *elements,
                _ => 0,
            })
            .collect();
        let mut contents: Vec<Vec<u8>> = kernel
            .bindings
            .iter()
            .map(|binding| match binding.source {
                Bound::Parameter(k) => match &arguments[k] {
                    SampleArgument::Slice { bytes, .. } => bytes.bytes().to_vec(),
                    _ => panic!("a binding of no slice"),
                },
                Bound::Output => launch.output.bytes().to_vec(),
            })
            .collect();
        let [z, y, x] = launch.extent;
        let numbers = Dispatch {
            first: 0,
            count: items as u32,
            block: 0,
            extent: [x, y, z],
            buffers: &[],
            lengths: &lengths,
            uniforms: &uniforms,
        };
        let failure = self.launch(kernel, numbers, &mut contents);
        for (binding, contents) in kernel.bindings.iter().zip(&contents) {
            match (binding.source, binding.access) {
                (_, Access::Read) => {}
                (Bound::Parameter(k), _) => match &mut launch.arguments[k] {
                    SampleArgument::Slice { bytes, .. } => bytes.bytes_mut().copy_from_slice(contents),
                    _ => panic!("a binding of no slice"),
                },
                (Bound::Output, _) => launch.output.bytes_mut().copy_from_slice(contents),
            }
        }
        failure
    }

    /// Runs a kernel with these contents of its arguments, which become what it leaves. Each lies in its buffer with some
    /// bytes before its first element; the dispatch's own positions are not read.
    pub(crate) fn launch(
        &self,
        kernel: &WgslKernel,
        numbers: Dispatch<'_>,
        contents: &mut [Vec<u8>],
    ) -> Option<Failure> {
        let (before, positions) = placed(kernel, contents);
        let dispatch = Dispatch { buffers: &positions, ..numbers };
        let words = kernel.parameters.pack(&dispatch).expect("a small launch");
        let words: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let mut buffers = vec![self.buffer(&[0; error_block::BYTES as usize])];
        for slot in &before {
            let bytes = slot.part_bytes.unwrap_or(usize::MAX);
            buffers.extend((0..slot.parts).map(|k| {
                let part = slot.bytes.chunks(bytes).nth(k).unwrap_or_default();
                self.buffer(part)
            }));
        }
        assert_eq!(buffers.len(), 1 + kernel.slots.len());
        if let ParametersIn::StorageBuffer = kernel.parameters_in {
            buffers.push(self.buffer(&words));
        }
        let immediates = matches!(kernel.parameters_in, ParametersIn::Immediates).then_some(&words[..]);
        let invocations = if numbers.block == 0 { numbers.count } else { numbers.count.div_ceil(numbers.block) };
        self.dispatch(kernel, &buffers, immediates, invocations);

        let mut next = 1;
        for slot in &before {
            let mut after = vec![];
            for part in 0..slot.parts {
                let mut bytes = self.read(&buffers[next]);
                if part + 1 < slot.parts {
                    bytes.truncate(slot.part_bytes.unwrap_or(usize::MAX));
                }
                after.extend(bytes);
                next += 1;
            }
            let mut untouched = vec![true; after.len()];
            for &(k, start) in &slot.arguments {
                let range = start..start + contents[k].len();
                untouched[range.clone()].fill(false);
                contents[k].copy_from_slice(&after[range]);
            }
            let expected = slot.bytes.iter().chain(std::iter::repeat(&0xa5));
            for (k, (after, expected)) in after.iter().zip(expected).enumerate() {
                assert!(!untouched[k] || after == expected, "byte {k} beside the arguments has changed");
            }
        }
        let block = self.read(&buffers[0]);
        let word = |b: &[u8]| u32::from_le_bytes(b.try_into().expect("4 bytes"));
        error_block::read(&block.chunks_exact(4).map(word).collect::<Vec<_>>())
    }

    fn dispatch(&self, kernel: &WgslKernel, buffers: &[wgpu::Buffer], immediates: Option<&[u8]>, invocations: u32) {
        let device = &self.device;
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl((&kernel.source[..]).into()),
        });
        let read_only = |k: usize| match k {
            0 => false,
            k if k <= kernel.slots.len() => kernel.slots[k - 1] == Access::Read,
            _ => true,
        };
        let entries: Vec<_> = (0..buffers.len())
            .map(|k| wgpu::BindGroupLayoutEntry {
                binding: k as u32,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only: read_only(k) },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        let layout =
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: immediates.map_or(0, |i| i.len() as u32),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some(kernel.entry),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let entries: Vec<_> = buffers
            .iter()
            .enumerate()
            .map(|(k, b)| wgpu::BindGroupEntry { binding: k as u32, resource: b.as_entire_binding() })
            .collect();
        let group =
            device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &group, &[]);
            if let Some(bytes) = immediates {
                pass.set_immediates(0, bytes);
            }
            pass.dispatch_workgroups(invocations.div_ceil(kernel.workgroup_size), 1, 1);
        }
        self.queue.submit([encoder.finish()]);
    }
}

/// What one buffer, or one in parts, holds before the launch.
struct Slot {
    bytes: Vec<u8>,
    /// Numbers of the arguments in it, and where each starts.
    arguments: Vec<(usize, usize)>,
    parts: usize,
    part_bytes: Option<usize>,
}

/// Lays the arguments out in the kernel's buffers.
fn placed(kernel: &WgslKernel, contents: &[Vec<u8>]) -> (Vec<Slot>, Vec<BufferPosition>) {
    let (mut slots, mut positions): (Vec<(u32, Slot)>, _) = (vec![], vec![]);
    for (k, binding) in kernel.bindings.iter().enumerate() {
        let at = slots.iter().position(|(slot, _)| *slot == binding.slot).unwrap_or_else(|| {
            let parts = binding.parts as usize;
            let part_bytes = (parts > 1).then_some(binding.part_bytes as usize);
            slots.push((binding.slot, Slot { bytes: vec![], arguments: vec![], parts, part_bytes }));
            slots.len() - 1
        });
        let slot = &mut slots[at].1;
        let start = slot.bytes.len().next_multiple_of(16) + binding.unit_bytes as usize * 3;
        slot.bytes.resize(start, 0x5a);
        slot.bytes.extend(&contents[k]);
        slot.arguments.push((k, start));
        positions.push(BufferPosition { offset_bytes: start as u64 });
    }
    (slots.into_iter().map(|(_, slot)| slot).collect(), positions)
}
