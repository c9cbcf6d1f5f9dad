//! Kernels translated to WGSL and compiled, once per kernel, use of the result, and width of `usize`.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use landbridge_core::Error;
use landbridge_core::backend::Capability;
use landbridge_core::ir::{Module, Role, Statement};
use landbridge_core::launch::Definition;

use crate::codegen::wgsl::{self, Access, Mode, Parts, UsizeWidth, WgslError, WgslKernel, WgslTarget};

use super::backend::WgpuBackend;
use super::failure::Failure;
use super::pipeline::{Pipeline, Proved, Shader};
use crate::value_bytes::value_bytes;

/// A kernel ready to be dispatched.
pub(crate) struct Kernel {
    pub(crate) module: &'static Module,
    pub(crate) text: WgslKernel,
    /// For dispatches whose arguments all start where their bindings do.
    pub(crate) pipeline: Pipeline,
    /// For all others.
    shifted: OnceLock<Result<Pipeline, Failure>>,
    target: WgslTarget,
    mode: Mode,
    /// By parameter: the bytes of a uniform that hold values (the rest is padding).
    pub(crate) uniforms: Vec<Vec<Range<usize>>>,
    /// The kernel has loops of its own.
    pub(crate) loops: bool,
}

/// What tells compiled kernels apart. A definition lives for ever, so its address names it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct KernelKey {
    definition: usize,
    mode: Mode,
    width: UsizeWidth,
    parts: Option<Parts>,
}

impl WgpuBackend {
    /// The compiled kernel, from the cache or made now.
    ///
    /// # Errors
    /// `Untranslatable`, `Unsupported`, `DeviceLost`, `Driver`.
    pub(crate) fn kernel(
        &self,
        definition: &'static Definition,
        mode: Mode,
        width: UsizeWidth,
    ) -> Result<Arc<Kernel>, Error> {
        self.kernel_in_parts(definition, mode, width, None)
    }

    /// The kernel for arguments that are larger than one binding.
    ///
    /// # Errors
    /// As [`WgpuBackend::kernel`].
    pub(crate) fn kernel_in_parts(
        &self,
        definition: &'static Definition,
        mode: Mode,
        width: UsizeWidth,
        parts: Option<Parts>,
    ) -> Result<Arc<Kernel>, Error> {
        let key = KernelKey { definition: std::ptr::from_ref(definition).addr(), mode, width, parts: parts.clone() };
        self.kernels.get(key, || self.make_kernel(definition, mode, width, parts))
    }

    fn make_kernel(
        &self,
        definition: &'static Definition,
        mode: Mode,
        width: UsizeWidth,
        parts: Option<Parts>,
    ) -> Result<Kernel, Error> {
        let module = definition.module()?;
        let target = WgslTarget { usize_width: width, offsets_are_zero: true, parts, ..self.target() };
        let text = {
            let _span = tracing::debug_span!("generate WGSL", kernel = definition.name).entered();
            wgsl::generate(module, &target, mode).map_err(|error| self.no_text(definition, &error))?
        };
        let compiled = self.compile(definition.name, &text);
        let pipeline = compiled.map_err(|failure| failure.into_error(&self.info, definition.name))?;
        let uniform = |p: &landbridge_core::ir::Parameter| match p.role {
            Role::Uniform => value_bytes(&module.types, p.ty),
            _ => Vec::new(),
        };
        Ok(Kernel {
            module,
            text,
            pipeline,
            shifted: OnceLock::new(),
            target,
            mode,
            uniforms: module.parameters.iter().map(uniform).collect(),
            loops: has_loops(module),
        })
    }

    /// The pipeline for dispatches whose arguments start further inside their bindings, compiled when first needed.
    ///
    /// # Errors
    /// As [`WgpuBackend::kernel`].
    pub(crate) fn shifted<'k>(&self, kernel: &'k Kernel) -> Result<&'k Pipeline, Failure> {
        let compiled = kernel.shifted.get_or_init(|| {
            let target = WgslTarget { offsets_are_zero: false, ..kernel.target.clone() };
            let text = wgsl::generate(kernel.module, &target, kernel.mode);
            let text = text.map_err(|error| Failure::unsupported(error.to_string()))?;
            self.compile(&kernel.module.name, &text)
        });
        compiled.as_ref().map_err(Clone::clone)
    }

    fn target(&self) -> WgslTarget {
        let facts = &self.gpu.facts;
        WgslTarget {
            int64: facts.int64,
            int64_atomics: facts.int64_atomics,
            f64: facts.float64,
            immediates_bytes: facts.immediate_bytes,
            max_storage_buffers: facts.limits.bindings,
            workgroup_size: GROUP_ITEMS.min(facts.limits.group_items),
            usize_width: UsizeWidth::Auto,
            offsets_are_zero: false,
            most_rounds: facts.most_rounds,
            floats_as_written: false,
            rounds_as_host: self.info.can(Capability::ROUNDED_F32),
            parts: None,
        }
    }

    fn compile(&self, name: &str, text: &WgslKernel) -> Result<Pipeline, Failure> {
        let read = text.slots.iter().map(|access| *access == Access::Read);
        // The error block is written; the parameters' buffer is not.
        let read_only: Vec<bool> =
            std::iter::once(false).chain(read).chain(text.parameters_binding().map(|_| true)).collect();
        let immediate_bytes = if text.parameters_binding().is_none() { text.parameters.bytes() } else { 0 };
        let shader = Shader {
            name,
            source: &text.source,
            entry: text.entry,
            read_only: &read_only,
            immediate_bytes,
            proved: PROVED,
        };
        let cache = self.gpu.disk_cache.as_ref();
        let pipeline = Pipeline::compile(&self.gpu, &shader, cache.map(super::disk_cache::DiskCache::raw))?;
        self.gpu.pipeline_compiled();
        Ok(pipeline)
    }

    fn no_text(&self, definition: &'static Definition, error: &WgslError) -> Error {
        tracing::debug!(kernel = definition.name, %error);
        Error::Unsupported { kernel: definition.name, device: self.info.to_string(), what: error.to_string() }
    }
}

/// One size for all kernels: a multiple of every GPU's subgroup, small enough for every limit.
const GROUP_ITEMS: u32 = 64;

/// The generator checks divisors itself, as the IR demands. That a user's loop ends it cannot know, and a
/// driver's compiler may do anything with one that does not unless wgpu bounds it.
const PROVED: Proved = Proved { bounds: false, loops: false, divisions: true };

fn has_loops(module: &Module) -> bool {
    fn block(block: &landbridge_core::ir::Block) -> bool {
        block.0.iter().any(statement)
    }
    fn statement(statement: &Statement) -> bool {
        match statement {
            Statement::Loop { .. } => true,
            Statement::If { accept, reject, .. } => block(accept) || block(reject),
            Statement::Block { body, .. } | Statement::Phase { body, .. } => block(body),
            _ => false,
        }
    }
    module.functions.iter().any(|function| block(&function.body))
}
