//! What a careful user of wgpu writes by hand: buffers made once, staging reused, one submission a launch,
//! bounds checked in the kernel, errors read back.

use std::sync::atomic::{AtomicBool, Ordering};

use wgpu::{BufferUsages, Features};

use super::Data;

const SOURCE: &str = "
struct Parameters { items: u32, length: u32 }
@group(0) @binding(0) var<storage, read_write> error: array<atomic<u32>, 5>;
@group(0) @binding(1) var<storage, read> i: array<u32>;
@group(0) @binding(2) var<storage, read> t: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
var<immediate> p: Parameters;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let k = id.x + id.y * groups.x * 64u;
    if k >= p.items { return; }
    let index = i[k];
    if index >= p.length {
        if atomicExchange(&error[0], 1u) == 0u {
            // Which check, which item, which index, which length.
            atomicStore(&error[1], 1u);
            atomicStore(&error[2], k);
            atomicStore(&error[3], index);
            atomicStore(&error[4], p.length);
        }
        return;
    }
    y[k] = t[index];
}";

/// Five words, and what the copy of the results behind them is aligned to.
const ERROR_BYTES: u64 = 32;

/// A device and the kernel on it.
pub(crate) struct Raw {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

/// Data on the device, and what a launch on it needs.
pub(crate) struct Buffers {
    /// Error block, i, t, y.
    storage: [wgpu::Buffer; 4],
    group: wgpu::BindGroup,
    error: wgpu::Buffer,
    parameters: [u32; 2],
}

/// Buffers and staging for the whole trip.
pub(crate) struct Trip {
    buffers: Buffers,
    upload: wgpu::Buffer,
    download: wgpu::Buffer,
}

impl Raw {
    /// Opens the adapter of this number.
    pub(crate) fn open(number: usize) -> Self {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::PRIMARY;
        descriptor.flags = wgpu::InstanceFlags::empty();
        let instance = wgpu::Instance::new(descriptor);
        let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
        let adapter = adapters.into_iter().nth(number).expect("the adapter is there");
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            required_features: Features::IMMEDIATES,
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        }))
        .expect("the adapter opens");
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(SOURCE.into()),
        });
        let entry = |binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only: binding == 1 || binding == 2 },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &[0, 1, 2, 3].map(entry),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 8,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: Default::default(),
            cache: None,
        });
        Self { device, queue, pipeline, layout }
    }

    fn buffer(&self, bytes: u64, usage: BufferUsages, mapped: bool) -> wgpu::Buffer {
        let descriptor = wgpu::BufferDescriptor { label: None, size: bytes, usage, mapped_at_creation: mapped };
        self.device.create_buffer(&descriptor)
    }

    fn buffers(&self, data: &Data) -> Buffers {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        let bytes = [ERROR_BYTES, 4 * data.i.len() as u64, 4 * data.t.len() as u64, 4 * data.y.len() as u64];
        let storage = bytes.map(|bytes| self.buffer(bytes, usage, false));
        let entry = |k: usize| wgpu::BindGroupEntry { binding: k as u32, resource: storage[k].as_entire_binding() };
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &[0, 1, 2, 3].map(entry),
        });
        let error = self.buffer(ERROR_BYTES, BufferUsages::MAP_READ | BufferUsages::COPY_DST, false);
        Buffers { group, error, storage, parameters: [data.i.len() as u32, data.t.len() as u32] }
    }

    /// Puts the data on the device.
    pub(crate) fn keep(&self, data: &Data) -> Buffers {
        let buffers = self.buffers(data);
        self.queue.write_buffer(&buffers.storage[1], 0, bytemuck::cast_slice(&data.i));
        self.queue.write_buffer(&buffers.storage[2], 0, bytemuck::cast_slice(&data.t));
        buffers
    }

    fn dispatch(&self, encoder: &mut wgpu::CommandEncoder, buffers: &Buffers) {
        let groups = buffers.parameters[0].div_ceil(64);
        let rows = groups.div_ceil(65_535);
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &buffers.group, &[]);
        pass.set_immediates(0, bytemuck::cast_slice(&buffers.parameters));
        pass.dispatch_workgroups(groups.div_ceil(rows), rows, 1);
    }

    /// A launch on data that is on the device.
    pub(crate) fn launch(&self, buffers: &Buffers) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        self.dispatch(&mut encoder, buffers);
        encoder.copy_buffer_to_buffer(&buffers.storage[0], 0, &buffers.error, 0, ERROR_BYTES);
        let submission = self.queue.submit([encoder.finish()]);
        read(&self.device, &buffers.error, submission, check);
    }

    /// Copies the results back, outside of what is measured.
    pub(crate) fn fetch(&self, buffers: &Buffers, y: &mut [f32]) {
        let bytes = size_of_val(y) as u64;
        let staging = self.buffer(bytes, BufferUsages::MAP_READ | BufferUsages::COPY_DST, false);
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(&buffers.storage[3], 0, &staging, 0, bytes);
        let submission = self.queue.submit([encoder.finish()]);
        read(&self.device, &staging, submission, |bytes| y.copy_from_slice(bytemuck::cast_slice(bytes)));
    }

    /// Buffers for the whole trip.
    pub(crate) fn trip(&self, data: &Data) -> Trip {
        let up = 4 * (data.i.len() + data.t.len() + data.y.len()) as u64;
        let down = ERROR_BYTES + 4 * data.y.len() as u64;
        Trip {
            buffers: self.buffers(data),
            upload: self.buffer(up, BufferUsages::MAP_WRITE | BufferUsages::COPY_SRC, true),
            download: self.buffer(down, BufferUsages::MAP_READ | BufferUsages::COPY_DST, false),
        }
    }

    /// The whole trip: bytes there, the kernel, bytes back. `y` goes there too: nobody says that all of it is
    /// written.
    pub(crate) fn run(&self, trip: &mut Trip, data: &mut Data) {
        self.run_often(trip, data, 1);
    }

    /// The same with several launches on the way: one submission each, of which only the last is waited for.
    pub(crate) fn run_often(&self, trip: &mut Trip, data: &mut Data, launches: usize) {
        let Trip { buffers, upload, download } = trip;
        let parts: [&[u8]; 3] =
            [bytemuck::cast_slice(&data.i), bytemuck::cast_slice(&data.t), bytemuck::cast_slice(&data.y)];
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut at = 0;
        for (part, storage) in parts.iter().zip(&buffers.storage[1..]) {
            let bytes = part.len() as u64;
            upload.get_mapped_range_mut(at..at + bytes).expect("mapped").copy_from_slice(part);
            encoder.copy_buffer_to_buffer(upload, at, storage, 0, bytes);
            at += bytes;
        }
        upload.unmap();
        for _ in 1..launches {
            self.dispatch(&mut encoder, buffers);
            encoder.copy_buffer_to_buffer(&buffers.storage[0], 0, download, 0, ERROR_BYTES);
            self.queue.submit([encoder.finish()]);
            encoder = self.device.create_command_encoder(&Default::default());
        }
        self.dispatch(&mut encoder, buffers);
        let back = 4 * data.y.len() as u64;
        encoder.copy_buffer_to_buffer(&buffers.storage[0], 0, download, 0, ERROR_BYTES);
        encoder.copy_buffer_to_buffer(&buffers.storage[3], 0, download, ERROR_BYTES, back);
        let submission = self.queue.submit([encoder.finish()]);
        upload.map_async(wgpu::MapMode::Write, .., |result| result.expect("mapped"));
        read(&self.device, download, submission, |bytes| {
            check(&bytes[..ERROR_BYTES as usize]);
            data.y.copy_from_slice(bytemuck::cast_slice(&bytes[ERROR_BYTES as usize..]));
        });
    }
}

fn check(error: &[u8]) {
    assert_eq!(error[..4], [0; 4], "an index is out of bounds");
}

/// Maps, waits, reads, unmaps.
fn read(
    device: &wgpu::Device,
    buffer: &wgpu::Buffer,
    submission: wgpu::SubmissionIndex,
    use_bytes: impl FnOnce(&[u8]),
) {
    static FAILED: AtomicBool = AtomicBool::new(false);
    buffer.map_async(wgpu::MapMode::Read, .., |result| FAILED.store(result.is_err(), Ordering::Release));
    let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
    device.poll(wait).expect("the kernel ends");
    assert!(!FAILED.load(Ordering::Acquire), "mapping failed");
    use_bytes(&buffer.get_mapped_range(..).expect("mapped"));
    buffer.unmap();
}
