//! Launches on resident data, kept ready: one like an earlier one is a look-up, the numbers that differ, and one call of the driver.
//!
//! What is kept are numbers, no memory: a launch is like an earlier one only if its arguments are at the same addresses of the card now, in
//! arrays that the session holds now.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::{Launch, Output};

use super::super::kernel::{Kernel, Started};
use crate::codegen::ptx::SlotKind;
use crate::codegen::ptx::interface::ERRORS;

/// More are not kept: a program's loop rarely has more launches.
const MOST: usize = 32;

/// A launch as it was sent.
pub(super) struct Ready {
    key: Box<[u64]>,
    pub(super) kernel: Arc<Kernel>,
    pub(super) started: Started,
    /// By uniform: number of the parameter, and byte of the launch block.
    uniforms: Box<[(usize, usize)]>,
}

/// The launches of a session that may come again.
#[derive(Default)]
pub(super) struct ReadyLaunches {
    kept: Vec<Ready>,
    /// Where the launch is expected that comes after the last one: loops repeat what they do in order.
    next: usize,
    /// Of the launch at hand; empty if it is not one that is kept. The vectors are kept for their allocations.
    key: Vec<u64>,
    /// By parameter of the launch at hand: where the value of a uniform is.
    values: Vec<*const MaybeUninit<u8>>,
}

impl ReadyLaunches {
    /// Takes note of a launch, and finds an earlier one like it. `place`: the address on the card of an argument that stays there.
    pub(super) fn find(
        &mut self,
        launch: &dyn Launch,
        place: impl FnMut(usize, &Span) -> Option<u64>,
    ) -> Option<&mut Ready> {
        if !self.describe(launch, place) {
            self.key.clear();
            return None;
        }
        let Self { kept, next, key, .. } = self;
        let is_it = |ready: &Ready| *ready.key == **key;
        let found = match kept.get(*next) {
            Some(ready) if is_it(ready) => *next,
            _ => kept.iter().position(is_it)?,
        };
        *next = if found + 1 == kept.len() { 0 } else { found + 1 };
        let ready = &mut kept[found];
        for &(parameter, at) in &ready.uniforms {
            // SAFETY: the launch at hand keeps the value borrowed, and is of a kernel with a uniform of this size there: the key says so.
            unsafe { copy_value(self.values[parameter], &ready.kernel, parameter, &mut ready.started.block[at..]) };
        }
        Some(ready)
    }

    /// Writes the key. False if the launch is not one that is kept: only plain data that stays on the card, and uniforms.
    fn describe(&mut self, launch: &dyn Launch, mut place: impl FnMut(usize, &Span) -> Option<u64>) -> bool {
        let Self { key, values, .. } = self;
        key.clear();
        values.clear();
        if !matches!(launch.output(), Output::None) {
            return false;
        }
        let (extent, forms) = (launch.extent(), launch.forms());
        // Definitions and forms are static: what is at one address is one.
        key.push(std::ptr::from_ref(launch.definition()).addr() as u64);
        key.push(forms.as_ptr().addr() as u64);
        key.push(launch.result().map_or(0, |ty| std::ptr::from_ref(ty).addr() as u64));
        key.push(u64::from(extent.dimensions));
        key.extend(extent.sizes.map(|size| size as u64));
        let mut is_plain = true;
        launch.describe(&mut |view| {
            let value = match view {
                ArgumentView::Span(span) => {
                    let there = place(values.len(), &span).filter(|_| span.links.is_none() && span.nodes.is_none());
                    is_plain &= there.is_some();
                    let form = (span.element_size as u64) << 1 | u64::from(span.access == Access::ReadWrite);
                    let per_item = span.per_item.map_or(0, |count| count as u64 + 1);
                    key.extend([there.unwrap_or_default(), span.elements as u64, form, per_item]);
                    std::ptr::null()
                }
                ArgumentView::Uniform { size, data } => {
                    key.push(size as u64);
                    data
                }
                ArgumentView::Index => std::ptr::null(),
            };
            values.push(value);
        });
        is_plain
    }

    /// Keeps the launch that [`Self::find`] took note of, as it was sent.
    pub(super) fn keep(&mut self, kernel: &Arc<Kernel>, started: Started) {
        let slots = &kernel.text.launch.slots;
        if self.key.is_empty() || slots.iter().any(|slot| slot.kind == SlotKind::UniformAt) {
            // A uniform that is sent on its own is at another place each time.
            return;
        }
        if self.kept.len() >= MOST {
            self.kept.clear();
        }
        let uniforms = slots.iter().filter(|slot| slot.kind == SlotKind::Uniform);
        let uniforms = uniforms.filter_map(|slot| Some((slot.parameter?, slot.offset as usize))).collect();
        self.kept.push(Ready { key: self.key.as_slice().into(), kernel: Arc::clone(kernel), started, uniforms });
        self.next = 0;
    }
}

impl Ready {
    /// Says where the work-items report.
    pub(super) fn report_to(&mut self, errors: u64) {
        self.started.block[ERRORS as usize..][..8].copy_from_slice(&errors.to_le_bytes());
    }
}

/// Copies the bytes of a uniform that hold values; the others stay as they are.
///
/// # Safety
/// `from` is the value of this parameter, with the size that the kernel has for it.
unsafe fn copy_value(from: *const MaybeUninit<u8>, kernel: &Kernel, parameter: usize, to: &mut [u8]) {
    for range in &kernel.uniforms[parameter] {
        let to = &mut to[range.clone()];
        // SAFETY: the caller vouches for the value; only bytes that are initialised are read, and `to` is as long.
        unsafe { to.as_mut_ptr().copy_from_nonoverlapping(from.cast::<u8>().add(range.start), to.len()) };
    }
}
