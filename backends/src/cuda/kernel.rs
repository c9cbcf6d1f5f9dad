//! Kernels translated to PTX and compiled by the driver, once for each use of the result.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cust_raw::{CUfunction, CUjit_option_enum as Jit};
use landbridge_core::Error;
use landbridge_core::ir::{Module, Role};
use landbridge_core::launch::Definition;

use super::backend::CudaBackend;
use super::failure::Failure;
use super::lane::driver;
use crate::codegen::ptx::{self, Mode, PtxKernel, PtxTarget, Slot, SlotValue};
use crate::value_bytes::value_bytes;

/// A kernel of a module that stays loaded as long as its card is open.
#[derive(Clone, Copy)]
pub(crate) struct Function(pub(crate) CUfunction);

// SAFETY: a handle of the driver's, which any thread may use while the context is current.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

/// A kernel as it was started, to start it again.
pub(crate) struct Started {
    pub(crate) function: Function,
    pub(crate) blocks: u32,
    pub(crate) block_size: u32,
    /// Packed by the kernel's layout.
    pub(crate) block: Vec<u8>,
}

/// A kernel ready to be launched.
pub(crate) struct Kernel {
    pub(crate) module: &'static Module,
    pub(crate) text: PtxKernel,
    function: Function,
    /// The same for memory that is aligned as its types ask and no more; made when the first such launch comes.
    plain: OnceLock<Result<Function, Failure>>,
    mode: Mode,
    /// By parameter: the bytes of a uniform that hold values (the rest is padding).
    pub(crate) uniforms: Vec<Vec<Range<usize>>>,
}

/// A definition lives for ever, so its address names it.
type Key = (usize, Mode);
type Made = Arc<OnceLock<Result<Arc<Kernel>, Error>>>;

/// The kernels of a card.
#[derive(Default)]
pub(crate) struct Kernels {
    made: Mutex<HashMap<Key, Made>>,
}

impl Kernels {
    fn slot(&self, key: Key) -> Made {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(made.entry(key).or_default())
    }
}

impl Kernel {
    /// The function for a launch whose slots have these values; the card's context is current.
    ///
    /// # Errors
    /// What the driver says to the text for memory that is aligned less than usual.
    pub(crate) fn function(&self, slots: &[SlotValue<'_>]) -> Result<Function, Failure> {
        let fits = |(slot, value): (&Slot, &SlotValue<'_>)| match value {
            SlotValue::Memory { address, .. } => address.is_multiple_of(slot.align.max(1)),
            SlotValue::Bytes(_) => true,
        };
        if self.text.launch.slots.iter().zip(slots).all(fits) {
            return Ok(self.function);
        }
        self.plain.get_or_init(|| self.make_plain()).clone()
    }

    fn make_plain(&self) -> Result<Function, Failure> {
        let plain = ptx::generate(self.module, &PtxTarget::default(), self.mode).map_err(|error| {
            // It could be expressed for memory that is aligned.
            Failure::Driver { step: "compiling a kernel", message: error.to_string() }
        })?;
        if plain.text == self.text.text {
            return Ok(self.function);
        }
        tracing::debug!(kernel = plain.entry, "compiled for memory that is not aligned to vectors");
        load(&plain.text, &plain.entry)
    }
}

impl CudaBackend {
    /// The compiled kernel, from the cache or made now.
    ///
    /// # Errors
    /// `Untranslatable`, `Unsupported`, `DeviceLost`, `Driver`.
    pub(crate) fn kernel(&self, definition: &'static Definition, mode: Mode) -> Result<Arc<Kernel>, Error> {
        let slot = self.kernels.slot((std::ptr::from_ref(definition).addr(), mode));
        slot.get_or_init(|| self.make_kernel(definition, mode).map(Arc::new)).clone()
    }

    fn make_kernel(&self, definition: &'static Definition, mode: Mode) -> Result<Kernel, Error> {
        let module = definition.module()?;
        let text = {
            let _span = tracing::debug_span!("generate PTX", kernel = definition.name).entered();
            let target = PtxTarget { aligned_elements: true, ..PtxTarget::default() };
            ptx::generate(module, &target, mode).map_err(|error| Error::Unsupported {
                kernel: definition.name,
                device: self.info.to_string(),
                what: error.to_string(),
            })?
        };
        let _span = tracing::debug_span!("compile", kernel = definition.name).entered();
        let entered = self.card.enter();
        let loaded = entered.and_then(|()| self.card.watched(load(&text.text, &text.entry)));
        let function = loaded.map_err(|failure| failure.into_error(&self.info, definition.name))?;
        let uniform = |p: &landbridge_core::ir::Parameter| match p.role {
            Role::Uniform => value_bytes(&module.types, p.ty),
            _ => Vec::new(),
        };
        let uniforms = module.parameters.iter().map(uniform).collect();
        Ok(Kernel { module, text, function, plain: OnceLock::new(), mode, uniforms })
    }
}

/// Bytes of the compiler's log.
const LOG: usize = 8 << 10;

/// Compiles PTX for the current context; the module stays loaded until the context ends.
pub(crate) fn load(text: &str, entry: &str) -> Result<Function, Failure> {
    let internal = |message: &str| Failure::Driver { step: "compiling a kernel", message: message.to_owned() };
    let text = CString::new(text).map_err(|_| internal("its text has a zero byte in it"))?;
    let entry = CString::new(entry).map_err(|_| internal("its name has a zero byte in it"))?;
    let mut log = vec![0_u8; LOG];
    let mut options = [Jit::CU_JIT_ERROR_LOG_BUFFER, Jit::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES];
    let mut values = [log.as_mut_ptr().cast::<c_void>(), std::ptr::without_provenance_mut(LOG)];
    let mut module = std::ptr::null_mut();
    // SAFETY: the text ends with a zero; there are two options with two values, a buffer and its length, which outlive the call.
    let loaded = unsafe {
        cust_raw::cuModuleLoadDataEx(
            &raw mut module,
            text.as_ptr().cast(),
            options.len() as u32,
            options.as_mut_ptr(),
            values.as_mut_ptr(),
        )
    };
    driver("compiling a kernel", loaded).map_err(|failure| with_log(failure, &log))?;
    let mut function = std::ptr::null_mut();
    // SAFETY: the module was loaded, the name ends with a zero.
    let found = unsafe { cust_raw::cuModuleGetFunction(&raw mut function, module, entry.as_ptr().cast::<c_char>()) };
    driver("finding a kernel in its module", found)?;
    Ok(Function(function))
}

/// The compiler's own words, where it has left any.
fn with_log(failure: Failure, log: &[u8]) -> Failure {
    let log = CStr::from_bytes_until_nul(log).map(CStr::to_string_lossy).unwrap_or_default();
    match failure {
        Failure::Driver { step, message } if !log.trim().is_empty() => {
            Failure::Driver { step, message: format!("{message}: {}", log.trim()) }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_log_goes_with_the_drivers_answer() {
        let failure = Failure::Driver { step: "compiling a kernel", message: "invalid PTX".into() };
        let told = with_log(failure.clone(), b"line 3: no such register\0\0\0");
        assert!(told.to_string().ends_with("invalid PTX: line 3: no such register"), "{told}");
        assert_eq!(with_log(failure.clone(), &[0; 4]), failure);
    }
}
