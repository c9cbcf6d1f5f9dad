//! The launch block of a module: which slots there are, and where.

use landbridge_core::ir::{Module, Parameter, Role, Type};

use super::interface::{LaunchLayout, MOST_LAUNCH_BYTES, Mode, PtxError, SLOTS, Slot, SlotKind};
use super::vectors::power_in;

/// Uniforms larger than this are passed by address.
const MOST_INLINE: u64 = 1024;

/// The slots of a kernel; `aligned` as in [`super::PtxTarget::aligned_elements`].
///
/// # Errors
/// If even the addresses of the arguments are more than a launch block holds.
pub(super) fn layout(module: &Module, mode: Mode, aligned: bool) -> Result<LaunchLayout, PtxError> {
    let with_align = |mut layout: LaunchLayout| {
        if aligned {
            layout.slots.iter_mut().for_each(align_elements);
        }
        layout
    };
    let inline = made(module, mode, MOST_INLINE);
    if inline.bytes <= MOST_LAUNCH_BYTES {
        return Ok(with_align(inline));
    }
    let small = made(module, mode, 8);
    if small.bytes <= MOST_LAUNCH_BYTES {
        return Ok(with_align(small));
    }
    Err(PtxError::new(
        format!("{} parameters", module.parameters.len()),
        format!("a launch passes at most {MOST_LAUNCH_BYTES} bytes: put parameters together in structs"),
    ))
}

/// The slots, where uniforms of up to `most` bytes are in the launch block.
fn made(module: &Module, mode: Mode, most: u64) -> LaunchLayout {
    let mut layout = LaunchLayout { bytes: SLOTS, slots: vec![] };
    for (k, parameter) in module.parameters.iter().enumerate() {
        let size = module.types.size(parameter.ty);
        let Some(kind) = kind(parameter, size, most) else { continue };
        let align = module.types.align(parameter.ty);
        let slot = Slot {
            parameter: Some(k),
            kind,
            offset: 0,
            element_bytes: size,
            align,
            writes: writes(module, parameter),
            linked: matches!(parameter.role, Role::Root { .. }) || is_linked(module, parameter),
        };
        push(&mut layout, slot);
    }
    let result = module.result();
    let (element_bytes, align) = (module.types.size(result), module.types.align(result));
    if mode != Mode::Run && element_bytes > 0 {
        let kind = SlotKind::Results;
        push(&mut layout, Slot { parameter: None, kind, offset: 0, element_bytes, align, writes: true, linked: false });
    }
    layout.bytes = layout.bytes.next_multiple_of(8);
    layout
}

/// Asks for memory that is aligned as its elements' size allows.
fn align_elements(slot: &mut Slot) {
    let of_elements = matches!(slot.kind, SlotKind::Items | SlotKind::Rows | SlotKind::Whole | SlotKind::Results);
    if of_elements && slot.element_bytes > 0 {
        slot.align = slot.align.max(power_in(slot.element_bytes));
    }
}

fn push(layout: &mut LaunchLayout, slot: Slot) {
    let (size, align) = match slot.kind {
        SlotKind::Uniform => (slot.element_bytes, slot.align),
        SlotKind::Whole | SlotKind::Rows => (16, 8),
        SlotKind::Items | SlotKind::Root | SlotKind::UniformAt | SlotKind::Results => (8, 8),
    };
    let offset = layout.bytes.next_multiple_of(align.min(8));
    layout.slots.push(Slot { offset, ..slot });
    layout.bytes = offset + size;
}

fn kind(parameter: &Parameter, size: u64, most: u64) -> Option<SlotKind> {
    Some(match parameter.role {
        Role::Item { .. } => SlotKind::Items,
        Role::Row { .. } => SlotKind::Rows,
        Role::Whole | Role::Atomics => SlotKind::Whole,
        Role::Root { .. } => SlotKind::Root,
        Role::Uniform if size == 0 => return None,
        Role::Uniform if size <= most => SlotKind::Uniform,
        Role::Uniform => SlotKind::UniformAt,
        Role::Index { .. } => return None,
    })
}

fn writes(module: &Module, parameter: &Parameter) -> bool {
    match parameter.role {
        Role::Item { exclusive } | Role::Row { exclusive } => exclusive,
        Role::Atomics => true,
        Role::Whole => module.updates_nodes(parameter.ty),
        Role::Root { .. } => module.updates_structure(parameter),
        Role::Uniform | Role::Index { .. } => false,
    }
}

fn is_linked(module: &Module, parameter: &Parameter) -> bool {
    let is_link = |t: &Type| matches!(t, Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_));
    module.types.contains(parameter.ty, &is_link)
}
