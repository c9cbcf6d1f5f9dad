//! Which bindings the arguments are in: one each; several for an argument larger than a binding (parts); or, where the
//! device has few, one for several arguments (packed).

use std::fmt::Write;

use super::buffers::{Buffer, Unit};
use super::emit::{Emitter, Result};
use super::entry::Interface;
use super::interface::{Access, ParametersIn, Part};
use super::text::Rep;

/// How far arguments are brought together, until they fit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Packing {
    /// Each has bindings of its own.
    None,
    /// Those whose arrays are of one type share a binding.
    SameType,
    /// Numbers become words, so that more do.
    Words,
    /// And words become atomic, as some are that work-items share.
    AtomicWords,
}

impl Emitter<'_> {
    /// Numbers the bindings.
    pub(super) fn plan_bindings(&mut self, interface: &mut Interface) -> Result<()> {
        self.plan_parts(interface)?;
        // The word that the library may still ask for counts, too.
        let in_a_buffer = interface.layout.bytes() + 4 > self.target.immediates_bytes;
        let most = self.target.max_storage_buffers;
        let mut count = 0;
        for packing in [Packing::None, Packing::SameType, Packing::Words, Packing::AtomicWords] {
            self.pack(interface, packing);
            let classes = self.classes(interface, packing);
            let slots = number(interface, &classes);
            count = 1 + slots + u32::from(in_a_buffer);
            if count <= most {
                self.name_packed(interface);
                return Ok(());
            }
        }
        let parts: u32 = interface.bindings.iter().map(|b| b.parts).filter(|parts| *parts > 1).sum();
        let cut = match parts {
            0 => String::new(),
            _ => format!(", {parts} of them for slices that are larger than one binding"),
        };
        self.error(
            format!("a kernel with {count} buffers{cut}"),
            format!("the device binds at most {most}: put arguments together in structs"),
        )
    }

    /// Gives arguments in parts their arrays.
    fn plan_parts(&mut self, interface: &mut Interface) -> Result<()> {
        let Some(parts) = &self.target.parts else { return Ok(()) };
        for (k, binding) in interface.bindings.iter_mut().enumerate() {
            let count = parts.of_binding.get(k).copied().unwrap_or(1);
            if count <= 1 {
                continue;
            }
            if binding.part != Part::Whole {
                return self.error("an argument in parts", "each work-item has its own elements of it");
            }
            (binding.parts, binding.part_bytes) = (count, parts.bytes);
            let buffer = &mut self.buffers[k];
            buffer.part_elements = parts.bytes / buffer.array_stride();
            for part in 1..count {
                let array = self.names.take_global(&format!("{}_part_{part}", buffer.name));
                buffer.more_arrays.push(array);
            }
        }
        Ok(())
    }

    /// Changes what arrays are made of, so that more arguments can share one.
    fn pack(&mut self, interface: &mut Interface, packing: Packing) {
        for (k, binding) in interface.bindings.iter_mut().enumerate() {
            let buffer = &mut self.buffers[k];
            let splits = self.target.int64 || buffer.array_stride() == 4;
            if let (Unit::Native(_), true) = (buffer.unit, splits && packing >= Packing::Words) {
                buffer.unit = Unit::Words;
                buffer.unit_bytes = buffer.unit_bytes.min(4);
                buffer.grain = buffer.grain.min(4);
            }
            if buffer.unit == Unit::Words && binding.part != Part::Whole && packing == Packing::AtomicWords {
                buffer.unit = Unit::SharedWords;
            }
            binding.unit_bytes = buffer.unit_bytes as u32;
            interface.layout.buffers[k].unit_bytes = buffer.unit_bytes;
            interface.layout.buffers[k].grain = buffer.grain;
        }
    }

    /// By argument: the first argument that shares its binding.
    fn classes(&self, interface: &Interface, packing: Packing) -> Vec<usize> {
        let whole = |k: usize| interface.bindings[k].part == Part::Whole;
        let alike = |a: usize, b: usize| {
            let [one, other] = [a, b].map(|k| &self.buffers[k]);
            one.array_element() == other.array_element()
                && whole(a) == whole(b)
                && [a, b].iter().all(|k| interface.bindings[*k].parts == 1)
        };
        let first = |k: usize| match packing {
            Packing::None => k,
            _ => (0..k).find(|earlier| alike(*earlier, k)).unwrap_or(k),
        };
        (0..interface.bindings.len()).map(first).collect()
    }

    /// Arguments that share a binding share the array's name.
    fn name_packed(&mut self, interface: &mut Interface) {
        let slots: Vec<u32> = interface.bindings.iter().map(|b| b.slot).collect();
        for (k, slot) in slots.iter().enumerate() {
            if slots.iter().filter(|other| *other == slot).count() < 2 {
                continue;
            }
            interface.bindings[k].packed = true;
            self.buffers[k].name = match slots.iter().position(|other| other == slot) {
                Some(first) if first < k => self.buffers[first].name.clone(),
                _ => self.names.take_global("packed"),
            };
        }
    }
}

/// Gives each class its bindings, and returns how many there are.
fn number(interface: &mut Interface, classes: &[usize]) -> u32 {
    let mut next = 1;
    interface.slots.clear();
    for (k, first) in classes.iter().enumerate() {
        let (access, parts) = (interface.bindings[k].access, interface.bindings[k].parts);
        if *first == k {
            interface.bindings[k].slot = next;
            next += parts;
            interface.slots.extend((0..parts).map(|_| access));
        } else {
            let slot = interface.bindings[*first].slot;
            interface.bindings[k].slot = slot;
            let shared = &mut interface.slots[slot as usize - 1];
            *shared = if access == Access::ReadWrite { access } else { *shared };
        }
    }
    next - 1
}

/// The declarations of bindings and parameters.
pub(super) fn bindings_text(
    buffers: &[Buffer],
    interface: &Interface,
    (place, most_reported): (ParametersIn, usize),
) -> String {
    let mut text = String::from("struct Parameters {\n");
    for member in &interface.members {
        let _ = writeln!(text, "    {member}: u32,");
    }
    text.push_str("}\n\n");
    text.push_str("struct ErrorBlock {\n    state: atomic<u32>,\n    place: vec4<u32>,\n    values: vec4<u32>,\n");
    if most_reported > 2 {
        let _ = writeln!(text, "    more: array<vec2<u32>, {}>,", most_reported - 2);
    }
    text.push_str("}\n\n");
    text.push_str("@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;\n");
    for (k, access) in interface.slots.iter().enumerate() {
        let slot = k as u32 + 1;
        let covers = |b: &super::interface::WgslBinding| (b.slot..b.slot + b.parts).contains(&slot);
        let Some(argument) = interface.bindings.iter().position(covers) else { continue };
        let (buffer, part) = (&buffers[argument], (slot - interface.bindings[argument].slot) as usize);
        let name = part.checked_sub(1).map_or(&buffer.name, |more| &buffer.more_arrays[more]);
        let access = match access {
            Access::Read => "read",
            Access::ReadWrite => "read_write",
        };
        let element = buffer.array_element();
        let _ = writeln!(text, "@group(0) @binding({slot}) var<storage, {access}> {name}: array<{element}>;");
    }
    let _ = match place {
        ParametersIn::Immediates => writeln!(text, "var<immediate> parameters: Parameters;"),
        ParametersIn::StorageBuffer => writeln!(
            text,
            "@group(0) @binding({}) var<storage, read> parameters: Parameters;",
            interface.slots.len() + 1
        ),
    };
    text.push_str("var<private> lb_item: u32;\n");
    text
}

impl Buffer {
    /// Whether elements are reached through a function that chooses the part.
    pub(super) fn is_in_parts(&self) -> bool {
        !self.more_arrays.is_empty()
    }

    /// A function over an element of a buffer in parts: `statement` makes its lines for the element of one array.
    pub(super) fn part_function(&self, head: &str, statement: &dyn Fn(&str) -> Vec<String>) -> String {
        let elements = self.part_elements;
        let mut text = format!("{head} {{\n    let within = at & {}u;\n", elements - 1);
        let _ = writeln!(text, "    switch at >> {}u {{", elements.trailing_zeros());
        let arrays = std::iter::once(&self.name).chain(&self.more_arrays);
        for (part, array) in arrays.enumerate() {
            match part == self.more_arrays.len() {
                true => text.push_str("        default: {\n"),
                false => _ = writeln!(text, "        case {part}u: {{"),
            }
            for line in statement(&format!("{array}[within]")) {
                let _ = writeln!(text, "            {line}");
            }
            text.push_str("        }\n");
        }
        text.push_str("    }\n}\n\n");
        text
    }

    /// The function that reads one element of a buffer in parts: name and text.
    pub(super) fn part_reader(&self) -> (String, String) {
        let name = format!("lb_read_{}", self.name);
        let (of, atomic) = match self.unit {
            Unit::Native(rep) => (rep, false),
            Unit::Atomic(rep) => (rep, true),
            Unit::Words => (Rep::U32, false),
            Unit::SharedWords => (Rep::U32, true),
        };
        let head = format!("fn {name}(at: u32) -> {}", of.name());
        let text = self.part_function(&head, &|element| match atomic {
            true => vec![format!("return atomicLoad(&{element});")],
            false => vec![format!("return {element};")],
        });
        (name, text)
    }
}
