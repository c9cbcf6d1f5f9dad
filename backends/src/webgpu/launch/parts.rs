//! Whole slices that are larger than one binding: cut into parts, each in a binding of its own.
//!
//! Copied ones are a buffer a part, sent one after the other before the first dispatch and fetched after the last.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::time::Instant;

use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;

use crate::codegen::wgsl::Parts;

use super::super::adapters::AdapterLimits;
use super::super::backend::WgpuBackend;
use super::super::failure::Failure;
use super::super::pipeline::Window;
use super::super::pool::{Kind, Lease};
use super::super::staging::{Download, Upload};
use super::super::submit::{self, CopyStep};
use super::bind::Windows;
use super::operand::{Memory, Operand, Operands, Share};
use super::place::{LEAST, Place};
use super::run::reserve;

/// How the whole slices of a launch are to be cut, if one is larger than a binding.
pub(crate) fn needed(operands: &Operands<'_>, limits: &AdapterLimits) -> Option<Parts> {
    let slack = slack(limits);
    let large = |operand: &Operand<'_>| operand.share == Share::Whole && operand.bytes + slack > limits.binding_bytes;
    if !operands.bound.iter().any(large) {
        return None;
    }
    let bytes = (1_u64 << limits.binding_bytes.max(LEAST).ilog2()).max(u64::from(limits.offset_alignment));
    let count = |operand: &Operand<'_>| match large(operand) {
        true => u32::try_from((operand.bytes + slack).div_ceil(bytes)).unwrap_or(u32::MAX),
        false => 1,
    };
    Some(Parts { bytes, of_binding: operands.bound.iter().map(count).collect() })
}

/// Bytes by which a binding may have to start early.
pub(crate) fn slack(limits: &AdapterLimits) -> u64 {
    u64::from(limits.offset_alignment) + 64
}

/// A copied operand in parts.
pub(crate) struct Cut {
    pub(crate) operand: usize,
    buffers: Vec<Lease>,
}

impl Cut {
    /// Takes the buffers.
    pub(crate) fn new(backend: &WgpuBackend, index: usize, operand: &Operand<'_>) -> Result<Self, Failure> {
        let mut buffers = Vec::new();
        for (_, bytes) in pieces(operand) {
            buffers.push(backend.gpu.pool.lend(Kind::Storage, bytes.max(LEAST))?);
        }
        Ok(Self { operand: index, buffers })
    }

    /// Bytes of all buffers.
    pub(crate) fn bytes(&self) -> u64 {
        self.buffers.iter().map(|lease| lease.buffer().size()).sum()
    }

    /// The windows of the parts, in order. The kernel may have one more part than there are bytes.
    pub(crate) fn bind<'a>(&'a self, operand: &Operand<'_>, windows: &mut Windows<'a>) {
        for part in 0..operand.slots.parts as usize {
            let (lease, bytes) = match (self.buffers.get(part), pieces(operand).nth(part)) {
                (Some(lease), Some((_, bytes))) => (lease, bytes),
                _ => (&self.buffers[0], LEAST),
            };
            let bytes = bytes.next_multiple_of(LEAST);
            windows.push(Window { buffer: lease.buffer(), pooled: Some(lease.id()), offset: 0, bytes });
        }
    }

    /// Copies the operand to its buffers.
    pub(crate) fn send(&self, backend: &WgpuBackend, operand: &Operand<'_>, steps: &mut Steps) -> Result<(), Failure> {
        let Memory::Host { address, initialised: true } = operand.memory else {
            return Ok(());
        };
        let start = Instant::now();
        let _span = tracing::debug_span!("copy in parts", bytes = operand.bytes).entered();
        for (lease, (offset, bytes)) in self.buffers.iter().zip(pieces(operand)) {
            let upload = Upload::new(&backend.gpu, bytes)?;
            let source = address.cast::<u8>().wrapping_add(offset as usize);
            // SAFETY: the piece lies in the operand, which is borrowed for the launch.
            unsafe { upload.write(0, source, bytes as usize) }?;
            upload.close();
            copy(backend, upload.buffer(), lease.buffer(), bytes, || upload.submitted())?;
        }
        steps.add(StepKind::CopyIn, start.elapsed());
        Ok(())
    }

    /// Copies the buffers back, beside the user's memory: a failure on the way must leave that as it was.
    pub(crate) fn fetch(
        &self,
        backend: &WgpuBackend,
        operand: &Operand<'_>,
        steps: &mut Steps,
    ) -> Result<Vec<MaybeUninit<u8>>, Failure> {
        let start = Instant::now();
        let mut fetched = reserve(operand.bytes)?;
        for (lease, (offset, bytes)) in self.buffers.iter().zip(pieces(operand)) {
            let download = Download::new(&backend.gpu, bytes)?;
            copy(backend, lease.buffer(), download.buffer(), bytes, || download.submitted())?;
            let target = &mut fetched[offset as usize..(offset + bytes) as usize];
            // SAFETY: `target` is as long, and borrowed exclusively.
            unsafe { download.copy_to(0, target.as_mut_ptr().cast(), target.len()) }?;
        }
        steps.add(StepKind::CopyOut, start.elapsed());
        Ok(fetched)
    }
}

/// Where each part starts in the operand, and its bytes.
fn pieces(operand: &Operand<'_>) -> impl Iterator<Item = (u64, u64)> + use<> {
    let (all, part) = (operand.bytes, operand.slots.part_bytes);
    (0..all.div_ceil(part)).map(move |k| (k * part, part.min(all - k * part)))
}

/// The windows of an operand that lies in one buffer, mapped or kept there, and where in the first it starts, bytes.
pub(crate) fn bind_in_place<'a>(
    place: &Place<'a>,
    operand: &Operand<'_>,
    alignment: u64,
    windows: &mut Windows<'a>,
) -> u64 {
    let start = place.first_byte / alignment * alignment;
    let end = (place.first_byte + operand.bytes).next_multiple_of(LEAST).min(place.buffer.size());
    for part in 0..u64::from(operand.slots.parts) {
        let offset = start + part * operand.slots.part_bytes;
        let bytes = operand.slots.part_bytes.min(end.saturating_sub(offset));
        // One part more than there are bytes is bound to something.
        let (offset, bytes) = if bytes == 0 { (start, LEAST) } else { (offset, bytes) };
        windows.push(Window { buffer: place.buffer, pooled: place.pooled, offset, bytes });
    }
    place.first_byte - start
}

fn copy(
    backend: &WgpuBackend,
    from: &wgpu::Buffer,
    to: &wgpu::Buffer,
    bytes: u64,
    submitted: impl FnOnce(),
) -> Result<(), Failure> {
    let step = CopyStep { from, from_offset: 0, to, to_offset: 0, bytes: bytes.next_multiple_of(4) };
    let steps = submit::Steps { uploads: smallvec::smallvec![step], ..Default::default() };
    let _turn = backend.take_turn()?;
    let submission = backend.gpu.scoped("copying a part", || submit::submit(&backend.gpu, &steps))?;
    submitted();
    backend.gpu.wait(&submission, backend.patience())
}

#[cfg(test)]
mod tests {
    use super::super::Few;
    use super::super::operand::Slots;
    use super::*;

    const LIMITS: AdapterLimits = AdapterLimits {
        binding_bytes: 5000,
        buffer_bytes: 1 << 20,
        bindings: 16,
        offset_alignment: 64,
        groups_per_dimension: 65_535,
        group_items: 256,
    };

    fn operand(bytes: u64, share: Share) -> Operand<'static> {
        let slots = Slots { first: 1, parts: 3, part_bytes: 4096, packed: false };
        Operand {
            name: "x",
            memory: Memory::Partials,
            bytes,
            share,
            writable: false,
            unit_bytes: 4,
            slots,
            is_image: false,
        }
    }

    fn operands(bound: Vec<Operand<'static>>) -> Operands<'static> {
        Operands { bound, lengths: Few::new(), uniforms: Few::new() }
    }

    #[test]
    fn only_whole_slices_beyond_a_binding_are_cut() {
        let fits = operands(vec![operand(4872, Share::Whole), operand(1 << 20, Share::PerItem(4))]);
        assert_eq!(needed(&fits, &LIMITS), None);
        let large = operands(vec![operand(4873, Share::Whole), operand(9000, Share::Whole), operand(16, Share::Whole)]);
        let parts = needed(&large, &LIMITS).expect("too large");
        assert_eq!((parts.bytes, &parts.of_binding[..]), (4096, &[2, 3, 1][..]));
    }

    #[test]
    fn pieces_cover_the_operand() {
        let found: Vec<_> = pieces(&operand(9001, Share::Whole)).collect();
        assert_eq!(found, [(0, 4096), (4096, 4096), (8192, 809)]);
        assert_eq!(pieces(&operand(8192, Share::Whole)).count(), 2);
    }
}
