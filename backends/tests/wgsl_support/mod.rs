//! Shared by the tests of the WGSL generator: targets, and naga as the judge of the text.
#![allow(dead_code, reason = "each test file uses its part")]

use landbridge_backends::codegen::wgsl::{UsizeWidth, WgslKernel, WgslTarget};
use naga::valid::{Capabilities, ValidationFlags, Validator};

/// A device with everything.
pub(crate) fn rich() -> WgslTarget {
    WgslTarget {
        int64: true,
        int64_atomics: false,
        f64: true,
        immediates_bytes: 128,
        max_storage_buffers: 64,
        workgroup_size: 64,
        usize_width: UsizeWidth::Auto,
        offsets_are_zero: false,
        most_rounds: None,
        floats_as_written: false,
        rounds_as_host: false,
        parts: None,
    }
}

/// A device with what WebGPU promises.
pub(crate) fn poor() -> WgslTarget {
    WgslTarget { max_storage_buffers: 64, ..WgslTarget::default() }
}

/// Asserts that naga accepts the text, with no more capabilities than the kernel says it needs.
pub(crate) fn assert_valid(kernel: &WgslKernel) {
    let source = &kernel.source;
    let module = match naga::front::wgsl::parse_str(source) {
        Ok(module) => module,
        Err(error) => panic!("{}\n{source}", error.emit_to_string(source)),
    };
    let mut capabilities = Capabilities::empty();
    capabilities.set(Capabilities::SHADER_INT64, kernel.needs.int64);
    capabilities.set(Capabilities::FLOAT64, kernel.needs.f64);
    capabilities.set(Capabilities::IMMEDIATES, kernel.needs.immediates);
    let validated = Validator::new(ValidationFlags::all(), capabilities).validate(&module);
    if let Err(error) = validated {
        panic!("{}\n{source}", error.emit_to_string(source));
    }
}
