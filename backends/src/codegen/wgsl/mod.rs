//! WGSL from a verified module.
//!
//! The text is one entry point that computes one work-item an invocation. See [`WgslKernel`] for how it is bound and
//! launched, [`error_block`] for how failures are reported, [`ParameterLayout`] for its parameters.
//!
//! # How the IR's meaning is met
//! - **Pointers** do not exist in WGSL. Where each may point is solved when the text is made (`shapes`): one place gives a
//!   plain access, several give a tag and a `switch`. What stays impossible (references inside arrays) is an error.
//! - **Links** are offsets into an image of the whole structure (`links`).
//! - **Memory** of one scalar type is bound as an array of it; other layouts as words, with fields at the offsets that rustc
//!   chose. Parts of words that neighbours share are stored with atomics. A slice that is larger than a binding is in
//!   several, and read through a function that chooses (`bindings`).
//! - **`usize`** is computed in 32 bits where every operation whose exact result might not fit is checked (a failed check
//!   reports `range exceeded`, and the launch is repeated elsewhere), or in 64 bits.
//! - **Groups** are workgroups (`groups`).
//! - **Panics** are checks: record, then `return`. Checks that the analysis proves are left out (`ranges`).
//! - **Floats**: `+ - * /`, `sqrt` and what rounds to integers are WGSL's own, which drivers compute in IEEE order; other
//!   `f32` functions come from `library/float32.wgsl`, which states their accuracy. For `f64` those are errors.
//!
//! Known limits of drivers that no text can mend: lavapipe ends all loops of an invocation after 65535 rounds together;
//! drivers may contract `a * b + c`, flush subnormals, or simplify `(a + b) - a` to `b` and `a - a` to 0, also for NaN
//! and infinities (Mesa does: compensated sums in kernels lose their compensation there). The backend's self-test finds out.

mod atomics;
mod bindings;
mod buffers;
mod cast;
mod composite;
mod control;
mod data;
mod emit;
mod entry;
mod enums;
mod floats;
mod groups;
mod integer;
mod interface;
mod library;
mod limits;
mod links;
mod locals;
mod math;
mod memory;
mod names;
mod parameters;
mod place;
mod pointers;
pub(in crate::codegen) mod ranges;
mod regions;
mod shapes;
mod spill;
mod stores;
mod survey;
mod target;
mod text;
mod types;
mod width;

pub use interface::{Access, Bound, ParametersIn, Part, WgslBinding, WgslKernel, error_block};
pub use parameters::{BufferPosition, Dispatch, PackError, ParameterLayout, ParameterWord};
pub use target::{Mode, Needs, Parts, ReduceOp, UsizeWidth, WgslError, WgslTarget};

use landbridge_core::ir::{DataId, Module};

use emit::Emitter;
use place::Shape;

/// Makes WGSL text of a module that [`landbridge_core::ir::verify()`] accepts. Calls are inlined.
///
/// # Errors
/// [`WgslError`] names what this target, or WGSL, cannot express.
pub fn generate(module: &Module, target: &WgslTarget, mode: Mode) -> Result<WgslKernel, WgslError> {
    let module = &landbridge_core::ir::inline(module);
    limits::check(module)?;
    let spilled = spill::spilled(module);
    let module = spilled.as_ref().unwrap_or(module);
    let wide = width::is_wide(module, target)?;
    let mut emitter = Emitter::new(module, target, wide);
    let mut interface = emitter.plan_buffers(mode)?;
    emitter.plan_words(&mut interface, mode);
    emitter.plan_bindings(&mut interface)?;
    let shapes = emitter.entry_shapes(&interface);
    let first_data = emitter.first_data;
    let data = |id: DataId| match shapes::is_empty(module, module.data[id.0 as usize].ty) {
        true => Shape::Nothing,
        false => Shape::Buffer(first_data + id.0 as usize),
    };
    let is_image = |buffer: usize| emitter.buffers[buffer].is_image;
    let targets = shapes::solve(module, module.entry_function(), &shapes, &data, &is_image);
    emitter.targets_of = targets;
    emitter.plan_locals();
    emitter.plan_declarations();
    emitter.plan_hints();
    emitter.check_group(mode)?;
    let entry = emitter.entry_text(&interface, mode, module.entry_function())?;
    finish(emitter, interface, entry)
}

fn finish(emitter: Emitter<'_>, mut interface: entry::Interface, entry: String) -> Result<WgslKernel, WgslError> {
    let mut accessors = emitter.accessors.concat();
    // Only reports ask for the work-item's number.
    let entry = match emitter.library.text().contains("lb_item") || accessors.contains("lb_item") {
        true => entry,
        false => entry.replacen("    lb_item = item;\n", "", 1),
    };
    for buffer in emitter.buffers.iter().filter(|b| b.is_in_parts()) {
        let (name, text) = buffer.part_reader();
        if accessors.contains(&format!("{name}(")) || entry.contains(&format!("{name}(")) {
            accessors.insert_str(0, &text);
        }
    }
    let used = format!("{accessors}{entry}");
    let mut library = emitter.library;
    if accessors.contains("lb_range_exceeded") {
        library.require("lb_range_exceeded");
    }
    let place = interface.settle(&library.text(), emitter.target.immediates_bytes);
    let data = Emitter::data_text(&emitter.buffers, emitter.first_data, emitter.module, &used)?;
    let source = [
        format!("// {}\n\n", emitter.module.name.replace(['\n', '\r'], " ")),
        emitter.types.declarations().to_owned(),
        bindings::bindings_text(&emitter.buffers, &interface, (place, emitter.most_reported)),
        data,
        "\n".into(),
        library.text(),
        accessors,
        entry,
    ]
    .concat();
    let needs = needs(&source, place);
    let target = emitter.target;
    if (needs.int64 && !target.int64) || (needs.f64 && !target.f64) {
        return Err(WgslError::new(
            format!("the kernel `{}`", emitter.module.name),
            "it takes 64-bit numbers, which the device lacks",
        ));
    }
    Ok(WgslKernel {
        source,
        entry: "main",
        // of a group's kernel: a workgroup is one work-item
        workgroup_size: if emitter.group.is_some() { 1 } else { target.workgroup_size },
        bindings: interface.bindings,
        slots: interface.slots,
        parameters: interface.layout,
        parameters_in: place,
        needs,
        wide_usize: emitter.wide,
        may_exceed_range: emitter.may_exceed,
        may_panic: emitter.may_panic,
        error_bytes: error_block::bytes(emitter.most_reported),
    })
}

/// What the words of the text tell.
fn needs(source: &str, place: ParametersIn) -> Needs {
    let mut needs = Needs { immediates: place == ParametersIn::Immediates, ..Needs::default() };
    let code = source.lines().map(|l| l.split("//").next().unwrap_or(""));
    for word in code.flat_map(|l| l.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')) {
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        match word {
            "i64" | "u64" => needs.int64 = true,
            "f64" => needs.f64 = true,
            _ if number && (word.ends_with("lu") || word.ends_with("li")) => needs.int64 = true,
            _ if number && word.ends_with("lf") => needs.f64 = true,
            _ => {}
        }
    }
    needs
}
