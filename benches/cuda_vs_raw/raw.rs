//! What a careful user of `cust` writes by hand: one stream, memory made once, pinned memory for copies, failures read back.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::ManuallyDrop;

use landbridge::backends::codegen::ptx::{Piece, PtxKernel, SlotKind, SlotValue};
use landbridge::backends::cuda::CudaBackend;
use landbridge::backends::cuda::cust::context::Context;
use landbridge::backends::cuda::cust::device::{Device, DeviceAttribute};
use landbridge::backends::cuda::cust::error::CudaResult;
use landbridge::backends::cuda::cust::function::Function;
use landbridge::backends::cuda::cust::memory::{CopyDestination, DeviceBuffer, LockedBuffer};
use landbridge::backends::cuda::cust::module::Module;
use landbridge::backends::cuda::cust::stream::{Stream, StreamFlags};
use landbridge::backends::cuda::{cust, cust_raw};
use landbridge::launch::Definition;

/// The first card, whose context is the one that landbridge has as well.
pub(crate) struct Card {
    pub(crate) name: String,
    /// Compute capability, as 90.
    pub(crate) sm: u32,
    stream: Stream,
    // The streams and memory of landbridge's own live in it to the end of the program.
    _context: ManuallyDrop<Context>,
}

impl Card {
    /// Opens it; landbridge has found out that there is one.
    pub(crate) fn open() -> CudaResult<Self> {
        cust::init(cust::CudaFlags::empty())?;
        let device = Device::get_device(0)?;
        let context = ManuallyDrop::new(Context::new(device)?);
        let stream = Stream::new(StreamFlags::DEFAULT, None)?;
        let capability = |attribute| device.get_attribute(attribute).map(|value| value as u32);
        let major = capability(DeviceAttribute::ComputeCapabilityMajor)?;
        let minor = capability(DeviceAttribute::ComputeCapabilityMinor)?;
        Ok(Self { name: device.name()?, sm: 10 * major + minor, stream, _context: context })
    }

    /// Waits for everything.
    pub(crate) fn wait(&self) {
        self.stream.synchronize().expect("the card has done everything");
    }

    /// Copies pinned memory to the card, and waits.
    pub(crate) fn up(&self, from: &LockedBuffer<u8>, to: &mut DeviceBuffer<u8>) {
        let bytes = from.len().min(to.len());
        let (to, from) = (to.as_device_ptr().as_raw(), from.as_slice().as_ptr().cast::<c_void>());
        // SAFETY: both have as many bytes, and nobody uses either until the stream has been waited for.
        unsafe { cust_raw::cuMemcpyHtoDAsync_v2(to, from, bytes, self.stream.as_inner()) }.check("up");
        self.wait();
    }

    /// Copies memory of the card to pinned memory, and waits.
    pub(crate) fn down(&self, from: &DeviceBuffer<u8>, to: &mut LockedBuffer<u8>) {
        let bytes = from.len().min(to.len());
        let (to, from) = (to.as_mut_slice().as_mut_ptr().cast::<c_void>(), from.as_device_ptr().as_raw());
        // SAFETY: as in `up`.
        unsafe { cust_raw::cuMemcpyDtoHAsync_v2(to, from, bytes, self.stream.as_inner()) }.check("down");
        self.wait();
    }

    /// Memory of the card with these bytes.
    pub(crate) fn memory(&self, bytes: &[u8]) -> DeviceBuffer<u8> {
        // SAFETY: the next line fills it.
        let mut memory = unsafe { DeviceBuffer::uninitialized(bytes.len()) }.expect("memory of the card");
        memory.copy_from(bytes).expect("copied");
        memory
    }
}

/// The driver's answer, which has to be success.
trait Check {
    fn check(self, what: &str);
}

impl Check for cust_raw::CUresult {
    fn check(self, what: &str) {
        assert_eq!(self, cust_raw::CUresult::CUDA_SUCCESS, "{what}");
    }
}

/// Bytes for the report of a failure: as many as any kernel here writes.
const REPORT: usize = 256;

/// A kernel with its arguments, and the memory that they are in.
pub(crate) struct Launch<'m> {
    card: &'m Card,
    function: Function<'m>,
    blocks: (u32, u32),
    /// The bytes of each of the kernel's parameters.
    parameters: Vec<Vec<u8>>,
    memory: Vec<DeviceBuffer<u8>>,
    /// Which of the memory are the results, and which the report of a failure.
    output: Option<usize>,
    errors: Option<usize>,
}

impl<'m> Launch<'m> {
    /// The kernel of this name for so many work-items, in rows of so many.
    pub(crate) fn new(card: &'m Card, module: &'m Module, name: &str, row: usize, rows: usize) -> Self {
        let function = module.get_function(name).unwrap_or_else(|error| panic!("no kernel `{name}`: {error}"));
        let blocks = (row.div_ceil(256) as u32, rows as u32);
        Self { card, function, blocks, parameters: vec![], memory: vec![], output: None, errors: None }
    }

    /// A number as the next parameter.
    pub(crate) fn number(mut self, number: usize) -> Self {
        self.parameters.push((number as u64).to_le_bytes().to_vec());
        self
    }

    pub(crate) fn float(mut self, number: f32) -> Self {
        self.parameters.push(number.to_le_bytes().to_vec());
        self
    }

    /// The address of a copy of these bytes.
    pub(crate) fn input(mut self, bytes: &[u8]) -> Self {
        let memory = self.card.memory(bytes);
        self.parameters.push(memory.as_device_ptr().as_raw().to_le_bytes().to_vec());
        self.memory.push(memory);
        self
    }

    /// The same of nodes, whose addresses depend on where they are: `nodes` gives their words for the first one's address.
    pub(crate) fn nodes(self, words: usize, nodes: impl FnOnce(u64) -> Vec<u64>) -> Self {
        let mut launch = self.input(&vec![0; 8 * words]);
        let memory = launch.memory.last_mut().expect("just made");
        let nodes = nodes(memory.as_device_ptr().as_raw());
        memory.copy_from(bytemuck::cast_slice(&nodes)).expect("copied");
        launch
    }

    /// The same of results, which begin as these bytes.
    pub(crate) fn output(mut self, bytes: &[u8]) -> Self {
        self.output = Some(self.memory.len());
        self.input(bytes)
    }

    /// Where a failure is reported.
    pub(crate) fn errors(mut self) -> Self {
        self.errors = Some(self.memory.len());
        self.input(&[0; REPORT])
    }

    /// Starts it, and does not wait.
    pub(crate) fn start(&self) {
        let mut parameters = [std::ptr::null_mut(); 8];
        for (parameter, bytes) in parameters.iter_mut().zip(&self.parameters) {
            *parameter = bytes.as_ptr().cast_mut().cast::<c_void>();
        }
        let parameters = &parameters[..self.parameters.len()];
        // SAFETY: the parameters are those of the kernel in kernels.cu, or the launch block that its layout has packed; what they point to
        // lives as long as this does, which waits before it ends.
        let started = unsafe { self.card.stream.launch(&self.function, self.blocks, 256, 0, parameters) };
        started.expect("started");
    }

    /// Waits, and looks whether something has failed, as landbridge does before it gives a first result.
    pub(crate) fn finish(&self) {
        self.card.wait();
        for memory in [self.errors, self.output].into_iter().flatten().map(|k| &self.memory[k]) {
            let mut word = [0_u8; 4];
            let at = memory.as_device_ptr().as_raw();
            // SAFETY: the array has as many bytes, and the memory no fewer.
            unsafe { cust_raw::cuMemcpyDtoH_v2(word.as_mut_ptr().cast(), at, word.len()) }.check("read back");
        }
    }

    /// The results, after a launch without failures.
    pub(crate) fn results(&self, bytes: &mut [u8]) {
        self.card.wait();
        if let Some(errors) = self.errors {
            let mut report = [0_u8; REPORT];
            self.memory[errors].copy_to(&mut report).expect("copied");
            assert_eq!(report, [0; REPORT], "an index is out of bounds");
        }
        self.memory[self.output.expect("it has results")].copy_to(bytes).expect("copied");
    }
}

impl Drop for Launch<'_> {
    fn drop(&mut self) {
        self.card.wait();
    }
}

/// The PTX that landbridge itself runs for a kernel, as a module for a launch by hand.
pub(crate) fn own_text(backend: &CudaBackend, definition: &'static Definition) -> (PtxKernel, Module) {
    let kernel = backend.ptx(definition).expect("the card runs it");
    let loaded = Module::from_ptx(&kernel.text, &[]).expect("the driver takes it");
    (kernel, loaded)
}

/// A value for each slot of a kernel's launch block.
pub(crate) enum Slot<'s> {
    Uniform(&'s [u8]),
    Input(&'s [u8], usize),
    Output(&'s [u8], usize),
}

/// A launch of landbridge's own PTX by hand: the launch block is packed once.
pub(crate) fn by_hand<'m>(
    card: &'m Card,
    kernel: &PtxKernel,
    module: &'m Module,
    items: usize,
    slots: &[Slot<'_>],
) -> Launch<'m> {
    let mut launch = Launch::new(card, module, &kernel.entry, items, 1).errors();
    let addresses: Vec<SlotValue<'_>> = slots
        .iter()
        .map(|slot| {
            let (bytes, elements) = match slot {
                Slot::Uniform(bytes) => return SlotValue::Bytes(bytes),
                Slot::Input(bytes, elements) => (bytes, elements),
                Slot::Output(bytes, elements) => {
                    launch.output = Some(launch.memory.len());
                    (bytes, elements)
                }
            };
            let memory = card.memory(bytes);
            let address = memory.as_device_ptr().as_raw();
            launch.memory.push(memory);
            SlotValue::Memory { address, length: *elements as u64 }
        })
        .collect();
    assert!(kernel.launch.slots.iter().all(|slot| slot.kind != SlotKind::Rows && slot.kind != SlotKind::Root));
    let items = items as u64;
    let errors = launch.memory[0].as_device_ptr().as_raw();
    let piece = Piece { errors, first: 0, count: items, threads: items, extent: [items, 1, 1], slots: &addresses };
    launch.parameters = vec![kernel.launch.pack(&piece).expect("it is the kernel's own layout")];
    if !kernel.may_panic {
        launch.errors = None;
    }
    launch
}
