//! Who owns nodes alone is not for users to say: `nodes(&mut ..)` would hand out shared nodes twice.

extern crate landbridge_core as landbridge;

use landbridge::KernelType;
use landbridge::types::OwnedAlone;
use std::sync::Arc;

#[derive(KernelType)]
struct Linked {
    value: f32,
    next: Option<Arc<Linked>>,
}

impl OwnedAlone for Linked {}

fn main() {}
