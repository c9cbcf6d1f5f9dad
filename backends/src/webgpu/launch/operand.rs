//! The memory of a launch as the compiled kernel binds it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::{Launch, Output};
use landbridge_core::planner::Need;

use crate::codegen::wgsl::{self, Bound, Part};

use super::super::kernel::Kernel;
use super::super::pool::Lease;
use super::Few;

/// What stands behind one binding of the kernel.
pub(crate) struct Operand<'l> {
    /// The parameter's name, or `result`.
    pub(crate) name: &'static str,
    pub(crate) memory: Memory<'l>,
    /// Bytes of the whole argument; 0 for partial results.
    pub(crate) bytes: u64,
    pub(crate) share: Share,
    /// The kernel may write it.
    pub(crate) writable: bool,
    /// Offsets into the binding are multiples of this, bytes.
    pub(crate) unit_bytes: u64,
    pub(crate) slots: Slots,
    /// It is an image of linked structures.
    pub(crate) is_image: bool,
}

/// The bindings that an operand is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slots {
    /// Number of the first.
    pub(crate) first: u32,
    /// How many it is cut over.
    pub(crate) parts: u32,
    /// Bytes in each but the last, if there are several.
    pub(crate) part_bytes: u64,
    /// Other operands are in the same one.
    pub(crate) packed: bool,
}

impl Slots {
    fn of(binding: &wgsl::WgslBinding) -> Self {
        Self { first: binding.slot, parts: binding.parts, part_bytes: binding.part_bytes, packed: binding.packed }
    }
}

/// Where an operand's bytes are at home.
#[derive(Clone, Copy)]
pub(crate) enum Memory<'l> {
    /// The user's memory, borrowed for the launch. `initialised` is false for results to collect.
    Host { address: *mut MaybeUninit<u8>, initialised: bool },
    /// Nowhere: partial results, folded as soon as they are there.
    Partials,
    /// A buffer that stays on the device from launch to launch, from this byte on.
    Resident { lease: &'l Lease, offset: u64 },
}

/// Which part of an operand a work-item uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Item `i` has these many bytes from `i` times as many on.
    PerItem(u64),
    /// Block `b` of a reduction has these many bytes.
    PerBlock(u64),
    /// Any item may use any of it.
    Whole,
}

impl Operand<'_> {
    /// What a launch needs of it, as the planner takes it.
    pub(crate) fn need(&self) -> Need {
        let written = if self.is_downloaded() { 1.0 } else { 0.0 };
        Need { read: self.is_uploaded(), written, ..Need::reading(self.name, self.bytes as f64) }
    }

    /// Whether items have parts of their own.
    pub(crate) fn per_item(&self) -> bool {
        self.share != Share::Whole
    }
}

/// The arguments of a launch: operands in the order of the bindings, lengths and uniforms by parameter.
pub(crate) struct Operands<'l> {
    pub(crate) bound: Vec<Operand<'l>>,
    pub(crate) lengths: Few<u64>,
    pub(crate) uniforms: Few<Vec<u8>>,
}

/// One argument as the caller of the engine gives it.
#[derive(Clone, Copy)]
pub(crate) enum Given<'l> {
    /// What a launch describes.
    View(ArgumentView),
    /// In a buffer of the device.
    Resident(Kept<'l>),
    /// Linked, and rebuilt for the device.
    Image(Rebuilt<'l>),
}

/// A linked argument: its image, and what the image was made of.
#[derive(Clone, Copy)]
pub(crate) struct Rebuilt<'l> {
    /// Where the image is; it outlives the launch.
    pub(crate) memory: Memory<'l>,
    /// Of the image.
    pub(crate) bytes: usize,
    /// The argument itself.
    pub(crate) span: Span,
}

/// An argument whose elements are in a buffer of the device.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'l> {
    pub(crate) lease: &'l Lease,
    /// Bytes from the buffer's start.
    pub(crate) offset: u64,
    pub(crate) elements: usize,
    pub(crate) element_size: usize,
    /// Elements of one item, if items have their own.
    pub(crate) per_item: Option<usize>,
    /// The kernel may write it.
    pub(crate) writable: bool,
}

impl<'l> Operands<'l> {
    /// Pairs the arguments of `launch`, whose kernel's IR has been compared with them, with the bindings.
    ///
    /// # Errors
    /// What is wrong with the generated text: it and the arguments come from the same IR.
    pub(crate) fn of_given(launch: &dyn Launch, given: &[Given<'l>], kernel: &Kernel) -> Result<Self, &'static str> {
        let (output, definition) = (launch.output(), launch.definition());
        kernel.text.bindings.iter().try_for_each(|binding| fits(binding, given, output))?;
        Ok(Self::new(given, output, launch.items(), kernel, &|position| definition.parameter(position)))
    }

    /// Pairs the given arguments with the bindings of `kernel`.
    pub(crate) fn new(
        given: &[Given<'l>],
        output: Output,
        items: usize,
        kernel: &Kernel,
        name: &dyn Fn(usize) -> &'static str,
    ) -> Self {
        let bound = kernel.text.bindings.iter().map(|binding| match binding.source {
            Bound::Parameter(position) => operand(&given[position], binding, name(position)),
            Bound::Output => result(output, items, binding),
        });
        Self {
            bound: bound.collect(),
            lengths: given.iter().map(length).collect(),
            uniforms: given.iter().zip(&kernel.uniforms).map(|(g, ranges)| uniform(g, ranges)).collect(),
        }
    }
}

/// Whether the kernel's text does to an argument what the user's borrow allows, in elements of its size: the last check
/// before a device touches the user's memory, and the only one that sees the text.
fn fits(binding: &wgsl::WgslBinding, given: &[Given<'_>], output: Output) -> Result<(), &'static str> {
    let (size, writable) = match binding.source {
        Bound::Parameter(position) => match given.get(position) {
            Some(Given::View(ArgumentView::Span(span))) => (span.element_size, span.access == Access::ReadWrite),
            Some(Given::Resident(kept)) => (kept.element_size, kept.writable),
            Some(Given::Image(Rebuilt { span, .. })) => (span.element_size, span.access == Access::ReadWrite),
            Some(Given::View(ArgumentView::Uniform { .. } | ArgumentView::Index)) | None => {
                return Err("binds a parameter that has no memory");
            }
        },
        Bound::Output => match output {
            Output::Collect { element_size, .. } => (element_size, true),
            Output::Reduce(_) | Output::None => return Ok(()),
        },
    };
    if binding.element_bytes != size as u64 {
        return Err("has elements of another size than an argument");
    }
    if binding.access == wgsl::Access::ReadWrite && !writable {
        return Err("writes an argument that is borrowed shared");
    }
    Ok(())
}

fn operand<'l>(given: &Given<'l>, binding: &wgsl::WgslBinding, name: &'static str) -> Operand<'l> {
    let mut is_image = false;
    let (memory, elements, element_size, per_item) = match *given {
        Given::Image(Rebuilt { memory, bytes, .. }) => {
            is_image = true;
            (memory, bytes, 1, None)
        }
        Given::View(ArgumentView::Span(span)) => {
            let memory = Memory::Host { address: span.data, initialised: true };
            (memory, span.elements, span.element_size, span.per_item)
        }
        Given::Resident(Kept { lease, offset, elements, element_size, per_item, .. }) => {
            (Memory::Resident { lease, offset }, elements, element_size, per_item)
        }
        Given::View(ArgumentView::Uniform { .. } | ArgumentView::Index) => {
            unreachable!("the generator binds only parameters that have memory")
        }
    };
    let per_item = per_item.map(|count| (count * element_size) as u64);
    Operand {
        name,
        memory,
        bytes: (elements * element_size) as u64,
        share: match (binding.part, per_item) {
            (Part::Items | Part::Rows, Some(bytes)) => Share::PerItem(bytes),
            _ => Share::Whole,
        },
        writable: binding.access == wgsl::Access::ReadWrite,
        unit_bytes: binding.unit_bytes.into(),
        slots: Slots::of(binding),
        is_image,
    }
}

fn result<'l>(output: Output, items: usize, binding: &wgsl::WgslBinding) -> Operand<'l> {
    let size = binding.element_bytes;
    let (memory, bytes, share) = match output {
        Output::Collect { data, .. } => {
            let memory = Memory::Host { address: data, initialised: false };
            (memory, items as u64 * size, Share::PerItem(size))
        }
        Output::Reduce(_) | Output::None => (Memory::Partials, 0, Share::PerBlock(size)),
    };
    let unit_bytes = binding.unit_bytes.into();
    let slots = Slots::of(binding);
    Operand { name: "result", memory, bytes, share, writable: true, unit_bytes, slots, is_image: false }
}

/// Elements that an item sees of a slice; what the kernel does not ask for does not matter.
fn length(given: &Given<'_>) -> u64 {
    let (elements, per_item) = match *given {
        Given::View(ArgumentView::Span(span)) | Given::Image(Rebuilt { span, .. }) => (span.elements, span.per_item),
        Given::Resident(kept) => (kept.elements, kept.per_item),
        Given::View(ArgumentView::Uniform { .. } | ArgumentView::Index) => (0, None),
    };
    per_item.unwrap_or(elements) as u64
}

/// The bytes of a uniform, with zeros for padding, which must not be read.
pub(super) fn uniform(given: &Given<'_>, values: &[std::ops::Range<usize>]) -> Vec<u8> {
    let Given::View(ArgumentView::Uniform { data, size }) = *given else {
        return Vec::new();
    };
    let mut bytes = vec![0; size];
    for range in values {
        let target = &mut bytes[range.clone()];
        // SAFETY:
        // - the launch keeps the value borrowed, `range` lies in it, and `target` is as long.
        // - only bytes that hold values are read, so all of them are initialised.
        unsafe {
            std::ptr::copy_nonoverlapping(data.cast::<u8>().add(range.start), target.as_mut_ptr(), target.len());
        }
    }
    bytes
}
