//! Without memory nodes no page moves.

use landbridge_core::Device;

use super::{Effort, Measured, Wait};

pub(super) fn source(_: &Device) -> Option<u32> {
    None
}

pub(super) fn source_of_others(_: &Device) -> Option<u32> {
    None
}

pub(super) fn place<T>(_: &[T], _: u32) -> bool {
    false
}

pub(super) fn moving(_: &Device, _: Effort, _: &Wait<'_>) -> Measured {
    vec![]
}

pub(super) fn remapping(_: &Device, _: Effort, _: &Wait<'_>) -> Measured {
    vec![]
}
