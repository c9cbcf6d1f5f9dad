//! The memory of a launch as the compiled kernel takes it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::{Launch, Output};
use landbridge_core::planner::Need;

use super::super::kernel::Kernel;
use crate::codegen::ptx::{Slot, SlotKind};

/// What stands behind one slot of the launch block that has memory.
pub(crate) struct Operand<'l> {
    /// The parameter's name, or `result`.
    pub(crate) name: &'static str,
    pub(crate) memory: Memory,
    /// Of the whole argument; 0 for partial results.
    pub(crate) elements: u64,
    pub(crate) element_bytes: u64,
    /// Elements of one work-item; `None` if any item may use any.
    pub(crate) per_item: Option<u64>,
    /// The kernel may write it.
    pub(crate) writable: bool,
    /// Of a linked argument that is used where it is.
    pub(crate) links: Option<Span>,
    pub(crate) lives: std::marker::PhantomData<&'l ()>,
}

/// Where an operand's bytes are at home.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Memory {
    /// The user's memory, borrowed for the launch. `initialised` is false for results to collect.
    Host { address: *mut MaybeUninit<u8>, initialised: bool },
    /// Nowhere: partial results, folded as soon as they are there.
    Partials,
    /// On the card, where it stays.
    Card(u64),
    /// An image of linked structures, made for its place on the card.
    Image(ImageAt),
}

/// An image on the host that belongs at a place on the card.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImageAt {
    pub(crate) host: *mut MaybeUninit<u8>,
    pub(crate) bytes: u64,
    /// Of its first byte on the card.
    pub(crate) base: u64,
    /// Of the root, in bytes from there.
    pub(crate) root: u64,
}

/// One argument as the caller of the engine gives it.
#[derive(Clone, Copy)]
pub(crate) enum Given {
    /// What a launch describes.
    View(ArgumentView),
    /// On the card, at this address.
    Card(u64, Span),
    /// Linked, and rebuilt for the card.
    Image(ImageAt, Span),
}

impl Given {
    fn span(&self) -> Option<Span> {
        match self {
            Given::View(ArgumentView::Span(span)) | Given::Card(_, span) | Given::Image(_, span) => Some(*span),
            Given::View(_) => None,
        }
    }
}

/// A slot of the launch block with what belongs there.
pub(crate) enum Entry<'l> {
    Memory(Operand<'l>),
    /// A value's bytes, with zeros for padding; `at`: it is passed by its address.
    Uniform {
        bytes: Vec<u8>,
        at: bool,
    },
}

impl Operand<'_> {
    /// Bytes of the whole argument.
    pub(crate) fn bytes(&self) -> u64 {
        match self.memory {
            Memory::Image(image) => image.bytes,
            _ => self.elements * self.element_bytes,
        }
    }

    /// Bytes of so many work-items.
    pub(crate) fn bytes_of(&self, items: u64) -> Option<u64> {
        self.per_item.map(|elements| elements * self.element_bytes * items)
    }

    pub(crate) fn is_uploaded(&self) -> bool {
        matches!(self.memory, Memory::Host { initialised: true, .. } | Memory::Image(_))
    }

    pub(crate) fn is_downloaded(&self) -> bool {
        self.writable && matches!(self.memory, Memory::Host { .. } | Memory::Image(_))
    }

    /// What a launch needs of it, as the planner takes it.
    pub(crate) fn need(&self) -> Need {
        let written = if self.is_downloaded() { 1.0 } else { 0.0 };
        Need { read: self.is_uploaded(), written, ..Need::reading(self.name, self.bytes() as f64) }
    }

    /// The addresses of it in the host's memory.
    pub(crate) fn addresses(&self) -> Option<std::ops::Range<usize>> {
        match self.memory {
            Memory::Host { address, .. } => Some(address.addr()..address.addr() + self.bytes() as usize),
            _ => None,
        }
    }
}

/// Pairs the arguments of `launch`, whose kernel's IR has been compared with them, with the slots of the kernel.
///
/// # Errors
/// What is wrong with the generated text: it and the arguments come from the same IR.
pub(crate) fn entries<'l>(
    launch: &'l dyn Launch,
    given: &[Given],
    kernel: &Kernel,
) -> Result<Vec<Entry<'l>>, &'static str> {
    let (output, items, definition) = (launch.output(), launch.items(), launch.definition());
    let entry = |slot: &Slot| match slot.parameter {
        None => Ok(Entry::Memory(result(output, items, slot)?)),
        Some(position) => {
            let given = given.get(position).ok_or("has more parameters than the launch has arguments")?;
            match slot.kind {
                SlotKind::Uniform | SlotKind::UniformAt => {
                    let bytes = uniform(given, &kernel.uniforms[position], slot)?;
                    Ok(Entry::Uniform { bytes, at: slot.kind == SlotKind::UniformAt })
                }
                _ => operand(given, slot, definition.parameter(position)).map(Entry::Memory),
            }
        }
    };
    kernel.text.launch.slots.iter().map(entry).collect()
}

/// Checks that the kernel's text does to an argument what the user's borrow allows, in elements of its size: the last check before a
/// device touches the user's memory, and the only one that sees the text.
fn operand<'l>(given: &Given, slot: &Slot, name: &'static str) -> Result<Operand<'l>, &'static str> {
    let span = given.span().ok_or("takes the address of a parameter that has no memory")?;
    if slot.element_bytes != span.element_size as u64 {
        return Err("has elements of another size than an argument");
    }
    if slot.writes && span.access != Access::ReadWrite {
        return Err("writes an argument that is borrowed shared");
    }
    let items = matches!(slot.kind, SlotKind::Items | SlotKind::Rows);
    if items != span.per_item.is_some() {
        return Err("cuts an argument otherwise than the launch does");
    }
    let memory = match *given {
        Given::Card(address, _) => Memory::Card(address),
        Given::Image(image, _) => Memory::Image(image),
        Given::View(_) => Memory::Host { address: span.data, initialised: true },
    };
    Ok(Operand {
        name,
        memory,
        elements: span.elements as u64,
        element_bytes: slot.element_bytes,
        per_item: span.per_item.map(|elements| elements as u64),
        writable: slot.writes,
        links: matches!(given, Given::View(_)).then_some(span).filter(|span| span.links.is_some()),
        lives: std::marker::PhantomData,
    })
}

fn result<'l>(output: Output, items: usize, slot: &Slot) -> Result<Operand<'l>, &'static str> {
    let (memory, elements) = match output {
        Output::Collect { element_size, .. } if element_size as u64 != slot.element_bytes => {
            return Err("has results of another size than the launch collects");
        }
        Output::Collect { data, .. } => (Memory::Host { address: data, initialised: false }, items as u64),
        Output::Reduce(_) | Output::None => (Memory::Partials, 0),
    };
    let per_item = matches!(memory, Memory::Host { .. }).then_some(1);
    let lives = std::marker::PhantomData;
    Ok(Operand {
        name: "result",
        memory,
        elements,
        element_bytes: slot.element_bytes,
        per_item,
        writable: true,
        links: None,
        lives,
    })
}

/// The bytes of a uniform, with zeros for padding, which must not be read.
fn uniform(given: &Given, values: &[std::ops::Range<usize>], slot: &Slot) -> Result<Vec<u8>, &'static str> {
    let &Given::View(ArgumentView::Uniform { data, size }) = given else {
        return Err("takes the value of a parameter that has none");
    };
    if slot.element_bytes != size as u64 || values.last().is_some_and(|range| range.end > size) {
        return Err("has a value of another size than an argument");
    }
    let mut bytes = vec![0; size];
    for range in values {
        let target = &mut bytes[range.clone()];
        // SAFETY:
        // - the launch keeps the value borrowed, `range` lies in it (compared above), and `target` is as long.
        // - only bytes that hold values are read, so all of them are initialised.
        unsafe {
            std::ptr::copy_nonoverlapping(data.cast::<u8>().add(range.start), target.as_mut_ptr(), target.len());
        }
    }
    Ok(bytes)
}
