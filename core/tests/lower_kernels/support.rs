//! Two devices of a few lines: one runs the user's functions, the other interprets their IR, as it is and inlined.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use landbridge_core::argument::ArgumentView;
use landbridge_core::backend::{Backend, DeviceInfo};
use landbridge_core::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch};
use landbridge_core::ir::{Module, inline, interpret, verify};
use landbridge_core::launch::{Arguments, Body, Call, Definition, Launch, Output, take_failed_item};
use landbridge_core::report::Steps;
use landbridge_core::{Device, DeviceKind, Error, KernelValue, Plan, Report, Result};

thread_local! {
    /// Message, file and line of the last panic on this thread.
    static PANIC: RefCell<(String, String, u32)> = const { RefCell::new((String::new(), String::new(), 0)) };
}

/// Notes panics of kernels instead of printing them.
fn note_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let payload = info.payload();
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).into())).unwrap_or_default();
            let (file, line) = info.location().map_or((String::new(), 0), |l| (l.file().into(), l.line()));
            PANIC.set((text, file, line));
            if !EXPECTED.get() {
                before(info);
            }
        }));
    });
}

thread_local! {
    /// Of the interpreter's order.
    static SEED: Cell<u64> = const { Cell::new(0x5eed) };
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// How a device of these tests computes.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Native,
    Interpreted,
    Inlined,
}

struct TestBackend {
    way: Way,
    info: Arc<DeviceInfo>,
}

// SAFETY: each way runs on this thread, and is `Ok` after the last item.
#[allow(unsafe_code)]
unsafe impl Backend for TestBackend {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, _: &dyn Launch) -> Result<Plan> {
        unreachable!("these tests do not plan")
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        definition.module().map(drop)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        match self.way {
            Way::Native => native(launch)?,
            Way::Interpreted => interpreted(launch, launch.module()?)?,
            Way::Inlined => {
                let module = inline(launch.module()?);
                if let Err(error) = verify(&module) {
                    panic!("{error}\n{module}");
                }
                interpreted(launch, &module)?;
            }
        }
        Ok(Report {
            kernel: launch.definition().name,
            device: self.info.clone(),
            why: "".into(),
            extent: launch.extent(),
            parameters: launch.definition().parameters,
            arguments: vec![],
            steps: Steps::default(),
        })
    }
}

fn native(launch: &dyn Launch) -> Result<()> {
    note_panics();
    EXPECTED.set(true);
    // SAFETY: all items, once, inside the launch.
    let result = catch_unwind(AssertUnwindSafe(|| unsafe { launch.run(0..launch.items()) }));
    EXPECTED.set(false);
    result.map_err(|_| {
        let (message, file, line) = PANIC.take();
        Error::KernelPanic {
            kernel: launch.definition().name,
            message,
            file,
            line,
            work_item: take_failed_item().expect("an item failed"),
            index: None,
            length: None,
        }
    })
}

fn interpreted(launch: &dyn Launch, module: &Module) -> Result<()> {
    let mut arguments = vec![];
    launch.describe(&mut |view| {
        arguments.push(match view {
            ArgumentView::Index => InterpretArgument::Index,
            ArgumentView::Span(span) => {
                InterpretArgument::Slice { pointer: span.data.cast(), elements: span.elements as u64 }
            }
            ArgumentView::Uniform { data, size } => {
                // SAFETY: the launch is borrowed, and with it the value that it describes.
                InterpretArgument::Value(unsafe { std::slice::from_raw_parts(data, size) })
            }
        });
    });
    let output = match launch.output() {
        Output::Collect { data, .. } => data.cast(),
        Output::None => std::ptr::null_mut(),
        Output::Reduce(_) => unreachable!("these tests do not reduce"),
    };
    let extent = InterpretLaunch::extent(launch.extent().sizes.map(|n| n as u64));
    let extent = InterpretLaunch { seed: SEED.get(), ..extent };
    // SAFETY: the launch describes its memory truly and borrows it; each kernel without `collect` returns nothing.
    match unsafe { interpret(module, &arguments, &extent, output) } {
        Ok(()) => Ok(()),
        Err(InterpretError::Panic(panic)) => {
            let site = &module.sites[panic.site.0 as usize];
            Err(Error::KernelPanic {
                kernel: launch.definition().name,
                message: site.kind.message(&panic.values),
                file: site.file.into(),
                line: site.line,
                work_item: panic.work_item as usize,
                index: None,
                length: None,
            })
        }
        Err(error) => panic!("{error}\n{module}"),
    }
}

/// A device whose reports nobody reads.
pub(crate) struct TestDevice(Device);

impl TestDevice {
    pub(crate) fn run<A: Arguments, F: Body<A>>(&self, call: Call<'static, A, F>) -> Result<()> {
        self.0.run(call).map(drop)
    }

    pub(crate) fn collect<A: Arguments, F: Body<A>>(&self, call: Call<'static, A, F>) -> Result<Vec<F::Output>>
    where
        F::Output: KernelValue,
    {
        self.0.collect(call)
    }
}

fn device(way: Way) -> TestDevice {
    let info = DeviceInfo {
        id: "test".into(),
        name: "test".into(),
        driver: String::new(),
        kind: DeviceKind::Host,
        memory: 0,
        units: 1,
        capabilities: vec![],
        strategies: vec![],
    };
    TestDevice(Device::from_backend(Arc::new(TestBackend { way, info: Arc::new(info) }), None))
}

/// Runs the same launches natively and on the IR; what they give has to look the same (NaN is NaN, -0.0 is not 0.0).
/// Gives what the native run gave.
#[track_caller]
pub(crate) fn same<R: Debug>(run: impl Fn(&TestDevice) -> Result<R>) -> R {
    let native = run(&device(Way::Native)).unwrap_or_else(|e| panic!("native: {e}"));
    let expected = format!("{native:?}");
    for way in [Way::Interpreted, Way::Inlined] {
        let found = run(&device(way)).unwrap_or_else(|e| panic!("on the IR: {e}"));
        assert_eq!(format!("{found:?}"), expected);
    }
    native
}

/// The same, in many orders of work-items and of lanes.
#[track_caller]
pub(crate) fn same_in_any_order<R: Debug>(run: impl Fn(&TestDevice) -> Result<R>) -> R {
    let before = SEED.get();
    for seed in 0..4 {
        SEED.set(seed);
        same(&run);
    }
    SEED.set(before);
    same(run)
}

/// The message and the line of a panic, which has to be the same on the IR, and the work-item that panicked.
#[track_caller]
pub(crate) fn same_panic<R: Debug>(run: impl Fn(&TestDevice) -> Result<R>) -> (String, u32, usize) {
    let panic = |way| match run(&device(way)) {
        Err(Error::KernelPanic { message, line, work_item, .. }) => (message, line, work_item),
        other => panic!("no panic: {other:?}"),
    };
    let native = panic(Way::Native);
    assert_eq!(panic(Way::Interpreted), native);
    assert_eq!(panic(Way::Inlined), native);
    native
}

/// A device that runs the users' functions.
pub(crate) fn native_device() -> TestDevice {
    device(Way::Native)
}

/// On the IR, in the order that a seed decides.
pub(crate) fn interpreted_in_order<R>(seed: u64, run: impl FnOnce(&TestDevice) -> Result<R>) -> Result<R> {
    let before = SEED.replace(seed);
    let result = run(&device(Way::Interpreted));
    SEED.set(before);
    result
}
