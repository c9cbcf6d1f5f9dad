//! The reference interpreter as a device: what the IR means, without any generator.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;

use landbridge::argument::ArgumentView;
use landbridge::backend::{Backend, DeviceInfo};
use landbridge::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch};
use landbridge::ir::{Module, interpret};
use landbridge::launch::{Definition, Gathered, Launch, Output};
use landbridge::{Device, DeviceKind, Error, Plan, Report, Result};

struct Interpreter(Arc<DeviceInfo>);

pub(crate) fn device() -> Device {
    Device::from_backend(Arc::new(Interpreter(super::plain::info("interpreter", DeviceKind::Other))), None)
}

// SAFETY: the interpreter runs on this thread, and is `Ok` after the last item.
unsafe impl Backend for Interpreter {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.0
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        Ok(super::plain::plan(&self.0, launch))
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        definition.module().map(drop)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        // SAFETY: this is `Backend::launch`.
        let Some(mut gathered) = unsafe { Gathered::of(launch) }? else { return self.run(launch) };
        let report = self.run(&gathered)?;
        // SAFETY: the launch has succeeded.
        unsafe { gathered.scatter() };
        Ok(report)
    }
}

impl Interpreter {
    fn run(&self, launch: &dyn Launch) -> Result<Report> {
        let module = launch.module()?;
        let mut arguments = vec![];
        launch.describe(&mut |view| arguments.push(argument(view)));
        let extent = InterpretLaunch::extent(launch.extent().sizes.map(|size| size as u64));
        let size = module.types.size(module.result()) as usize;
        // In words, so that every result type is aligned.
        let mut partials = vec![MaybeUninit::<u64>::uninit(); (launch.items() * size).div_ceil(8)];
        let output = match launch.output() {
            Output::Collect { data, .. } => data.cast(),
            Output::None | Output::Reduce(_) => partials.as_mut_ptr().cast(),
        };
        // SAFETY: core borrows the spans for the launch, exclusively where they may be written; `output` has room for an
        // element of the result type for each item.
        let done = unsafe { interpret(module, &arguments, &extent, output) };
        done.map_err(|error| explain(error, launch.definition(), module))?;
        if let Output::Reduce(_) = launch.output() {
            // SAFETY: every item has written its result.
            unsafe { launch.fold(partials.as_ptr().cast(), launch.items()) };
        }
        Ok(super::plain::report(&self.0, launch))
    }
}

fn argument<'a>(view: ArgumentView) -> InterpretArgument<'a> {
    match view {
        ArgumentView::Span(span) => {
            InterpretArgument::Slice { pointer: span.data.cast(), elements: span.elements as u64 }
        }
        ArgumentView::Uniform { data, size } => {
            // SAFETY: the value is borrowed for the launch, and the interpreter takes no more than its size.
            InterpretArgument::Value(unsafe { std::slice::from_raw_parts(data, size) })
        }
        ArgumentView::Index => InterpretArgument::Index,
    }
}

/// # Panics
/// If the interpreter finds fault with the IR: that is a bug, never the case's.
fn explain(error: InterpretError, definition: &'static Definition, module: &Module) -> Error {
    let InterpretError::Panic(panic) = error else { panic!("{}: {error}", definition.name) };
    let site = &module.sites[panic.site.0 as usize];
    let bounds = site.kind.has_index().then(|| (panic.values[0], panic.values[1]));
    Error::KernelPanic {
        kernel: definition.name,
        message: site.kind.message(&panic.values),
        file: site.file.into(),
        line: site.line,
        work_item: panic.work_item as usize,
        index: bounds.map(|b| b.0),
        length: bounds.map(|b| b.1),
    }
}
