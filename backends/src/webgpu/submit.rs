//! One launch, or one piece of it, as one submission.

use wgpu::wgt::{BufferTransition, BufferUses};

use super::device::{Gpu, lock};
use super::grid::Grid;
use super::launch::{Few, One};
use super::pipeline::Pipeline;

/// Bytes copied from one buffer to another on the device. All numbers are multiples of 4.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CopyStep<'a> {
    pub(crate) from: &'a wgpu::Buffer,
    pub(crate) from_offset: u64,
    pub(crate) to: &'a wgpu::Buffer,
    pub(crate) to_offset: u64,
    pub(crate) bytes: u64,
}

/// One dispatch of a kernel.
#[derive(Debug)]
pub(crate) struct Dispatch<'a> {
    pub(crate) pipeline: &'a Pipeline,
    pub(crate) group: wgpu::BindGroup,
    /// Parameters inside the command; empty when they are in a buffer.
    pub(crate) immediates: &'a [u8],
    pub(crate) grid: Grid,
}

/// What one submission does, in this order.
#[derive(Debug, Default)]
pub(crate) struct Steps<'a> {
    /// Buffers to fill with zeros first.
    pub(crate) clears: One<&'a wgpu::Buffer>,
    /// Host to device.
    pub(crate) uploads: Few<CopyStep<'a>>,
    /// Kernels, each seeing what the ones before wrote.
    pub(crate) dispatches: One<Dispatch<'a>>,
    /// Device to host.
    pub(crate) downloads: Few<CopyStep<'a>>,
    /// Imported buffers that the host reads afterwards.
    pub(crate) host_reads: Few<&'a wgpu::Buffer>,
}

/// Encodes `steps` and submits them at once. Call inside a scope; wait before reading anything.
pub(crate) fn submit(gpu: &Gpu, steps: &Steps<'_>) -> wgpu::SubmissionIndex {
    let _span = tracing::debug_span!("submit", dispatches = steps.dispatches.len()).entered();
    let mut encoder = gpu.raw.create_command_encoder(&Default::default());
    for buffer in &steps.clears {
        encoder.clear_buffer(buffer, 0, None);
    }
    copy(&mut encoder, &steps.uploads);
    dispatch(&mut encoder, &steps.dispatches);
    copy(&mut encoder, &steps.downloads);
    show_to_host(&mut encoder, &steps.host_reads);
    let commands = encoder.finish();
    let _submitting = lock(&gpu.submitting);
    gpu.queue.submit([commands])
}

fn copy(encoder: &mut wgpu::CommandEncoder, steps: &[CopyStep<'_>]) {
    for step in steps {
        encoder.copy_buffer_to_buffer(step.from, step.from_offset, step.to, step.to_offset, step.bytes);
    }
}

fn dispatch(encoder: &mut wgpu::CommandEncoder, dispatches: &[Dispatch<'_>]) {
    if dispatches.is_empty() {
        return;
    }
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    for dispatch in dispatches {
        pass.set_pipeline(&dispatch.pipeline.raw);
        pass.set_bind_group(0, &dispatch.group, &[]);
        if !dispatch.immediates.is_empty() {
            pass.set_immediates(0, dispatch.immediates);
        }
        pass.dispatch_workgroups(dispatch.grid.x, dispatch.grid.y, 1);
    }
}

/// A fence alone does not make device writes visible to the host: that takes a barrier.
fn show_to_host(encoder: &mut wgpu::CommandEncoder, buffers: &[&wgpu::Buffer]) {
    if buffers.is_empty() {
        return;
    }
    encoder.transition_resources(
        buffers.iter().map(|&buffer| BufferTransition { buffer, state: BufferUses::MAP_READ }),
        std::iter::empty(),
    );
}
