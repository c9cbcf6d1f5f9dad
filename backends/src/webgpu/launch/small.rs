//! Small launches of copied arguments, kept ready with buffers of their own.
//!
//! All arguments that are only read share one buffer, all others share one with the error block, and so do the bytes on their
//! way there: three copies, however many arguments there are. (Read and written ones cannot be in one buffer, which may not
//! be bound in both ways.) The next launch of the same shape writes its bytes to where those of this one were.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::Strategy;
use landbridge_core::launch::{Launch, Output};
use landbridge_core::plan::{ArgumentPlan, StepKind};
use landbridge_core::report::Steps;
use smallvec::smallvec;

use crate::codegen::wgsl::{self, Bound, BufferPosition};

use super::super::backend::WgpuBackend;
use super::super::device::Gpu;
use super::super::error_blocks;
use super::super::failure::Failure;
use super::super::grid::{self, Grid};
use super::super::kernel::Kernel;
use super::super::pipeline::Window;
use super::super::pool::{Kind, Lease};
use super::super::staging::{Download, Layout, Upload};
use super::super::submit::{self, CopyStep};
use super::Few;
use super::operand::{Memory, Operand, Operands, Share};
use super::place::LEAST;
use super::ready::{Parameters, Prepared};
use super::run::Stopped;
use super::shape::Shape;
use super::strategy::Choice;

/// Bytes there and back: of more, moving them takes so long that nothing else counts, and keeping buffers for them costs.
const MOST_BYTES: u64 = 512 << 10;

/// A launch that differs from the next in addresses and uniforms only. It belongs to one launch at a time.
pub(crate) struct Small {
    pub(crate) prepared: Prepared,
    arguments: Vec<ArgumentPlan>,
    parts: Few<Part>,
    /// For arguments that are only read, if there are any, and their bytes.
    read: Option<(Lease, u64)>,
    /// For the error block and all others, what goes there, and what comes back.
    written: Lease,
    up: u64,
    down: u64,
    upload: Upload,
    download: Download,
}

/// An argument's bytes on their ways.
struct Part {
    source: Bound,
    bytes: usize,
    /// Where in the staging buffer they go up, if they do.
    staged: Option<u64>,
    /// Where in the staging buffer they come back, if they do.
    fetched: Option<u64>,
}

/// Where everything is: read arguments first, then the error block, then what is written.
struct Plan {
    /// By operand: whether it is written, and where in its buffer it is.
    places: Few<(bool, u64)>,
    read: u64,
    up: u64,
    down: u64,
}

impl Plan {
    /// `errors`: bytes of the error block. `alignment`: of what is bound.
    fn new(bound: &[Operand<'_>], errors: u64, alignment: u64) -> Self {
        let mut read = Layout::aligned(alignment);
        let mut written = Layout::aligned(alignment);
        written.push(errors);
        let mut places: Few<(bool, u64)> = Few::new();
        for operand in bound {
            let layout = if operand.writable { &mut written } else { &mut read };
            let there = operand.is_uploaded() || !operand.writable;
            places.push((operand.writable, if there { layout.push(operand.bytes.max(LEAST)) } else { 0 }));
        }
        let up = written.bytes();
        // Results come last: nothing goes up for them.
        for (operand, place) in bound.iter().zip(&mut places) {
            if operand.writable && !operand.is_uploaded() {
                place.1 = written.push(operand.bytes.max(LEAST));
            }
        }
        Self { places, read: read.bytes(), up, down: written.bytes() }
    }
}

impl Small {
    /// Whether launches on such operands are kept ready.
    fn suits(backend: &WgpuBackend, kernel: &Kernel, operands: &Operands<'_>, choices: &[Choice]) -> bool {
        let (text, limits) = (&kernel.text, &backend.gpu.facts.limits);
        let plain = |operand: &Operand<'_>| {
            matches!(operand.memory, Memory::Host { .. })
                && !matches!(operand.share, Share::PerBlock(_))
                && operand.slots.parts == 1
                && !operand.slots.packed
                && !operand.is_image
        };
        let most = limits.binding_bytes.min(limits.buffer_bytes) / 2;
        operands.bound.iter().all(plain)
            && choices.iter().all(|choice| choice.strategy == Strategy::Copy)
            && text.parameters_binding().is_none()
            && operands.bound.iter().map(|operand| operand.bytes).sum::<u64>() <= MOST_BYTES.min(most)
            // Under a cap there is no room for what is not in use.
            && backend.gpu.pool.cap().is_none()
    }

    /// Takes all that the launch needs; `None` if it is not of this kind.
    pub(super) fn new(
        backend: &WgpuBackend,
        kernel: &Arc<Kernel>,
        operands: &Operands<'_>,
        (choices, arguments): (&[Choice], &dyn Fn() -> Vec<ArgumentPlan>),
        extent: [u64; 3],
    ) -> Result<Option<Self>, Stopped> {
        let gpu = &backend.gpu;
        let items: u64 = extent.iter().product();
        let fits = items <= grid::most_items(kernel.text.workgroup_size, &gpu.facts.limits);
        if !fits || !Self::suits(backend, kernel, operands, choices) {
            return Ok(None);
        }
        let parameters = parameters(kernel, operands, extent)?;
        let alignment = u64::from(gpu.facts.limits.offset_alignment).max(LEAST);
        let plan = Plan::new(&operands.bound, kernel.text.error_bytes, alignment);
        if plan.read + plan.up + plan.down > 2 * MOST_BYTES {
            return Ok(None);
        }
        let read = if plan.read > 0 { Some(gpu.pool.lend(Kind::Storage, plan.read)?) } else { None };
        let written = gpu.pool.lend(Kind::Storage, plan.down)?;
        let group = bind(gpu, kernel, operands, &plan, read.as_ref(), &written)?;
        let grid = Grid::new(items, kernel.text.workgroup_size, &gpu.facts.limits);
        Ok(Some(Self {
            prepared: Prepared { kernel: Arc::clone(kernel), group, parameters, grid },
            arguments: arguments(),
            parts: parts(kernel, operands, &plan),
            read: read.map(|lease| (lease, plan.read)),
            written,
            up: plan.up,
            down: plan.down,
            upload: Upload::new(gpu, plan.read + plan.up)?,
            download: Download::new(gpu, plan.down)?,
        }))
    }

    /// What happens to the arguments.
    pub(super) fn arguments(&self) -> Vec<ArgumentPlan> {
        self.arguments.clone()
    }

    /// Runs it on the launch's memory, which changes only if all goes well. After an error it is of no more use.
    pub(super) fn run(&self, backend: &WgpuBackend, launch: &dyn Launch, shape: &Shape) -> Result<Steps, Stopped> {
        let (gpu, kernel) = (&backend.gpu, &self.prepared.kernel);
        let start = Instant::now();
        let words = self.prepared.parameters.of(kernel, launch)?;
        self.upload.map_again(gpu)?;
        self.stage(shape)?;
        let copied_in = Instant::now();
        {
            // One launch at a time: a timeout must count this launch's time, not that of others before it.
            let _turn = backend.take_turn()?;
            let submission = gpu.scoped("submitting", || submit::submit(gpu, &self.steps(&words)))?;
            // The wait maps these, for reading now and for the next launch's writing.
            self.download.submitted();
            self.upload.submitted();
            gpu.wait(&submission, backend.patience())?;
        }
        let ran = Instant::now();
        self.deliver(launch.output(), shape)?;
        let mut steps = Steps::default();
        steps.add(StepKind::CopyIn, copied_in - start);
        steps.add(StepKind::Run, ran - copied_in);
        if self.parts.iter().any(|part| part.fetched.is_some()) {
            steps.add(StepKind::CopyOut, ran.elapsed());
        }
        Ok(steps)
    }

    /// Fills the staging buffer and gives it to the device.
    fn stage(&self, shape: &Shape) -> Result<(), Failure> {
        let _span = tracing::debug_span!("copy in").entered();
        let errors = self.read.as_ref().map_or(0, |read| read.1);
        let mut target = self.upload.target(errors + self.up)?;
        target.clear(errors, self.prepared.kernel.text.error_bytes as usize);
        for part in &self.parts {
            if let (Bound::Parameter(position), Some(at)) = (part.source, part.staged) {
                // SAFETY: the launch has the shape that the part was made for, so its argument is of this length, and
                // it is borrowed for the launch.
                unsafe { target.write(at, shape.data[position].cast::<u8>(), part.bytes) };
            }
        }
        drop(target);
        self.upload.close();
        Ok(())
    }

    fn steps<'a>(&'a self, words: &'a [u32]) -> submit::Steps<'a> {
        let (from, written) = (self.upload.buffer(), self.written.buffer());
        let mut steps = submit::Steps { dispatches: smallvec![self.prepared.dispatch(words)], ..Default::default() };
        let mut from_offset = 0;
        if let Some((read, bytes)) = &self.read {
            steps.uploads.push(CopyStep { from, from_offset, to: read.buffer(), to_offset: 0, bytes: *bytes });
            from_offset = *bytes;
        }
        steps.uploads.push(CopyStep { from, from_offset, to: written, to_offset: 0, bytes: self.up });
        let to = self.download.buffer();
        steps.downloads.push(CopyStep { from: written, from_offset: 0, to, to_offset: 0, bytes: self.down });
        steps
    }

    /// Reads the error block and, if no work-item has written it, copies the results home.
    fn deliver(&self, output: Output, shape: &Shape) -> Result<(), Stopped> {
        let _span = tracing::debug_span!("copy out").entered();
        let view = self.download.read(0, self.down as usize)?;
        if let Some(failure) = error_blocks::decode(&view[..self.prepared.kernel.text.error_bytes as usize]) {
            return Err(Stopped::Kernel(failure));
        }
        for part in &self.parts {
            let Some(at) = part.fetched else { continue };
            let target: *mut MaybeUninit<u8> = match (part.source, output) {
                (Bound::Parameter(position), _) => shape.data[position],
                (Bound::Output, Output::Collect { data, .. }) => data,
                (Bound::Output, Output::None | Output::Reduce(_)) => continue,
            };
            let bytes = &view[at as usize..][..part.bytes];
            // SAFETY: the launch has the shape that the part was made for: the target is as long, and borrowed
            // exclusively for the launch, since the kernel's text writes it.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target.cast::<u8>(), bytes.len()) };
        }
        drop(view);
        self.download.close();
        Ok(())
    }
}

fn parameters(kernel: &Kernel, operands: &Operands<'_>, extent: [u64; 3]) -> Result<Parameters, Stopped> {
    let positions: Few<BufferPosition> = operands.bound.iter().map(|_| BufferPosition::default()).collect();
    let uniforms: Few<&[u8]> = operands.uniforms.iter().map(Vec::as_slice).collect();
    let words = kernel.text.parameters.pack(&wgsl::Dispatch {
        first: 0,
        count: extent.iter().product::<u64>() as u32,
        block: 1,
        extent,
        buffers: &positions,
        lengths: &operands.lengths,
        uniforms: &uniforms,
    })?;
    Ok(Parameters { words, extent, positions, lengths: operands.lengths.clone() })
}

fn bind(
    gpu: &Gpu,
    kernel: &Kernel,
    operands: &Operands<'_>,
    plan: &Plan,
    read: Option<&Lease>,
    written: &Lease,
) -> Result<wgpu::BindGroup, Failure> {
    let mut windows = vec![window(written, 0, kernel.text.error_bytes)];
    for (operand, &(writable, at)) in operands.bound.iter().zip(&plan.places) {
        let lease = if writable { written } else { read.unwrap_or(written) };
        windows.push(window(lease, at, operand.bytes));
    }
    gpu.scoped("binding", || kernel.pipeline.bind(gpu, &windows))
}

fn window(lease: &Lease, offset: u64, bytes: u64) -> Window<'_> {
    let bytes = bytes.max(LEAST).next_multiple_of(LEAST);
    Window { buffer: lease.buffer(), pooled: Some(lease.id()), offset, bytes }
}

fn parts(kernel: &Kernel, operands: &Operands<'_>, plan: &Plan) -> Few<Part> {
    let part = |((binding, operand), &(writable, at)): ((&wgsl::WgslBinding, &Operand<'_>), &(bool, u64))| Part {
        source: binding.source,
        bytes: operand.bytes as usize,
        staged: operand.is_uploaded().then_some(if writable { plan.read + at } else { at }),
        fetched: operand.is_downloaded().then_some(at),
    };
    kernel.text.bindings.iter().zip(&operands.bound).zip(&plan.places).map(part).collect()
}
