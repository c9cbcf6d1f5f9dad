//! The text of real kernels, beside each kernel what it shows. `UPDATE_GOLDEN=1` rewrites the files; naga judges each.

extern crate landbridge_core as landbridge;

mod wgsl_support;

#[path = "wgsl_support/kernels.rs"]
mod kernels;

use std::path::PathBuf;

use landbridge::{rows, rows_mut};
use landbridge_backends::codegen::wgsl::{Mode, Parts, ReduceOp, WgslTarget, generate};
use wgsl_support::{assert_valid, poor, rich};

fn check(name: &str, call: &landbridge::launch::Definition, mode: Mode, target: &WgslTarget) {
    let module = call.module().expect("it lowers");
    let kernel = generate(module, target, mode).unwrap_or_else(|e| panic!("{e}\n{module}"));
    assert_valid(&kernel);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.wgsl"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &kernel.source).expect("the golden file is written");
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == kernel.source,
        "{} differs (UPDATE_GOLDEN=1 rewrites it); now:\n{}",
        path.display(),
        kernel.source
    );
}

/// One test a kernel: its name is the file's.
macro_rules! golden {
    ($($name:ident($($arguments:tt)*): $mode:expr, $target:expr;)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), kernels::$name($($arguments)*).definition(), $mode, &$target);
        }
    )*};
}

golden! {
    saxpy(2.0, &[1.0], &mut [2.0]): Mode::Run, rich();
    saxpy_poor(2.0, &[1.0], &mut [2.0]): Mode::Run, poor();
    gather(&[0], &[1.0], &mut [0.0]): Mode::Run, rich();
    sums(&[1.0], rows_mut(&mut [0.0], 1)): Mode::Run, rich();
    mandelbrot([1, 1], Default::default()): Mode::Collect, rich();
    block_sum(&[0.0; 64], &mut [0.0]): Mode::Run, rich();
    nbody(&[Default::default()], &mut [Default::default()], 0.1): Mode::Run, rich();
    padded(&[Default::default()], &mut [Default::default()]): Mode::Run, rich();
    histogram(&mut [0_u32; 256], &[1]): Mode::Run, rich();
    bytes(&[1], &mut [2]): Mode::Run, rich();
    dot(&[1.0], &[2.0]): Mode::Reduce(ReduceOp::Sum), rich();
    stencil([1, 1], &[1.0], 1): Mode::Collect, rich();
    matmul(rows(&[1.0], 1), &[1.0], rows_mut(&mut [0.0], 1)): Mode::Run, rich();
    searched(&[1], &[1]): Mode::Collect, rich();
    told(&[1], &[(2, 3.0)], 4): Mode::Run, rich();
    references(&mut [0.0; 4], &[1.0], true): Mode::Run, rich();
    labels(&[1], &mut [0]): Mode::Run, rich();
    doubles(&[1.0], &mut [(1, 2.0)]): Mode::Run, rich();
    narrow(&[1], &mut [0]): Mode::Run, poor();
    hash(&[1], &mut [0]): Mode::Run, rich();
    functions(&[1.0], &mut [0.0]): Mode::Run, rich();
    table_of_constants(&[1], &mut [0.0]): Mode::Run, rich();
    numbers(&mut [0]): Mode::Run, rich();
}

/// As [`rich`], with these arguments in so many parts of 64 MiB.
fn in_parts(of_binding: &[u32]) -> WgslTarget {
    WgslTarget { parts: Some(Parts { bytes: 64 << 20, of_binding: of_binding.to_vec() }), ..rich() }
}

#[test]
fn gather_in_parts() {
    let call = kernels::gather(&[0], &[1.0], &mut [0.0]).definition();
    check("gather_in_parts", call, Mode::Run, &in_parts(&[1, 3, 1]));
}

#[test]
fn nbody_in_parts() {
    let call = kernels::nbody(&[Default::default()], &mut [Default::default()], 0.1).definition();
    check("nbody_in_parts", call, Mode::Run, &in_parts(&[2, 1]));
}

#[test]
fn histogram_in_parts() {
    let call = kernels::histogram(&mut [0_u32; 256], &[1]).definition();
    check("histogram_in_parts", call, Mode::Run, &in_parts(&[2, 1]));
}

#[test]
fn exchanges_in_parts() {
    let call = kernels::exchanges(&mut [0_u32; 1], &[1]).definition();
    check("exchanges_in_parts", call, Mode::Run, &in_parts(&[2, 1]));
}

/// Four arguments and the parameters, on a device that binds four buffers.
#[test]
fn matmul_packed() {
    let call = kernels::matmul(rows(&[1.0], 1), &[1.0], rows_mut(&mut [0.0], 1)).definition();
    let few = WgslTarget { max_storage_buffers: 4, ..poor() };
    check("matmul_packed", call, Mode::Run, &few);
}

/// Of several types: words, some of which work-items share.
#[test]
fn mixed_packed() {
    let call = kernels::mixed(&[1.0], &[1], &mut [(1, 2)], &mut [0]).definition();
    let few = WgslTarget { max_storage_buffers: 3, ..poor() };
    check("mixed_packed", call, Mode::Run, &few);
}

/// Every operation hidden from the driver.
#[test]
fn saxpy_as_written() {
    let call = kernels::saxpy(2.0, &[1.0], &mut [2.0]).definition();
    check("saxpy_as_written", call, Mode::Run, &WgslTarget { floats_as_written: true, ..rich() });
}

/// What WGSL would refuse when it compiles is checked when it runs.
#[test]
fn beyond() {
    check("beyond", kernels::beyond(2, &mut [0]).definition(), Mode::Run, &rich());
}

#[test]
fn too_many_bindings_are_an_error_that_says_so() {
    let call = kernels::gather(&[0], &[1.0], &mut [0.0]).definition();
    let module = call.module().expect("it lowers");
    let error = generate(module, &in_parts(&[1, 70, 1]), Mode::Run).expect_err("too many");
    assert!(error.to_string().contains("70 of them for slices that are larger than one binding"), "{error}");
    let one = WgslTarget { max_storage_buffers: 1, ..poor() };
    let error = generate(module, &one, Mode::Run).expect_err("too many");
    assert!(error.to_string().contains("the device binds at most 1"), "{error}");
}
