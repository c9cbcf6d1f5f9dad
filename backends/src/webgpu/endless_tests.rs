//! A kernel that never ends, in a process of its own: it keeps the driver's threads busy.
#![allow(unsafe_code)]

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::device::Gpu;
use super::failure::Failure;
use super::grid::Grid;
use super::pipeline::{Pipeline, Shader, Window};
use super::pool::Kind;
use super::submit::{Dispatch, Steps, submit};
use super::testing;
use smallvec::smallvec;

/// What the child prints when all went as it should.
const MARK: &str = "given up, as it should be";
/// Set for the child process.
const CHILD: &str = "LANDBRIDGE_TEST_ENDLESS";
const NAME: &str = "webgpu::endless_tests::a_kernel_that_never_ends_is_an_error_after_the_timeout";

#[test]
fn a_kernel_that_never_ends_is_an_error_after_the_timeout() {
    let Some(gpu) = testing::gpu() else { return };
    if std::env::var_os(CHILD).is_some() {
        run_endless(&gpu);
        drop(gpu); // which must not wait for the kernel
        leave()
    }
    let mut child = Command::new(std::env::current_exe().expect("this test's program"))
        .args(["--exact", NAME, "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    // The process must also end: nothing may wait for the kernel on the way out.
    let start = Instant::now();
    loop {
        if child.try_wait().expect("waited for").is_some() {
            break;
        }
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().and_then(|()| child.wait()).expect("killed");
            panic!("the process hangs on the kernel that it gave up");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("read");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains(MARK) && output.status.success(), "{}: {said}", output.status);
}

/// What the child process runs.
fn run_endless(gpu: &Arc<Gpu>) {
    let shader = Shader {
        name: "endless",
        // The word is never 1, but no compiler can know.
        source: "
@group(0) @binding(0) var<storage, read_write> y: array<atomic<u32>>;
@compute @workgroup_size(1)
fn main() {
    var n = 0u;
    loop { n += 1u; if atomicOr(&y[0], 2u) == 1u { break; } }
    atomicStore(&y[1], n);
}",
        entry: "main",
        read_only: &[false],
        immediate_bytes: 0,
        proved: super::pipeline::Proved { loops: true, ..Default::default() },
    };
    let pipeline = Pipeline::compile(gpu, &shader, None).expect("compiles");
    let storage = gpu.pool.lend(Kind::Storage, 256).expect("lent");
    let window = Window { buffer: storage.buffer(), pooled: Some(storage.id()), offset: 0, bytes: 256 };
    // Lavapipe ends any loop after 65535 rounds: so many items that it takes long all the same.
    let dispatch = || Dispatch {
        pipeline: &pipeline,
        group: gpu.bind_groups.get(gpu, &pipeline, &[window]),
        immediates: &[],
        grid: Grid { x: 65_535, y: 16 },
    };
    let steps = Steps { dispatches: smallvec![dispatch()], ..Steps::default() };
    let submission = gpu.scoped("submitting", || submit(gpu, &steps)).expect("submitted");
    let error = gpu.wait(&submission, Duration::from_millis(50)).expect_err("does not end");
    assert!(matches!(error, Failure::Timeout { .. }), "{error}");
    let error = gpu.scoped("anything", || ()).expect_err("given up");
    assert!(error.to_string().contains("did not end"), "{error}");
}

/// Ends the process without its exit handlers: those of drivers tear down what a kernel that was given up still uses. (Seen
/// in core dumps: LLVM's `~PassRegistry` on the main thread, while lavapipe's thread still compiled the kernel with it.)
fn leave() -> ! {
    // Long enough for a kernel that writes to freed memory to be noticed.
    std::thread::sleep(Duration::from_secs(1));
    println!("{MARK}");
    #[cfg(unix)]
    // SAFETY: it only ends the process, and what was printed was flushed at the end of its line.
    unsafe {
        libc::_exit(0)
    }
    #[cfg(not(unix))]
    std::process::exit(0)
}
