//! The text of real kernels, beside each kernel what it shows. `UPDATE_GOLDEN=1` rewrites the files; naga judges each.

extern crate landbridge_core as landbridge;

mod wgsl_support;

#[path = "wgsl_support/kernels.rs"]
mod kernels;

use std::path::PathBuf;

use landbridge::{rows, rows_mut};
use landbridge_backends::codegen::wgsl::{Mode, ReduceOp, WgslTarget, generate};
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
    nbody(&[Default::default()], &mut [Default::default()], 0.1): Mode::Run, rich();
    padded(&[Default::default()], &mut [Default::default()]): Mode::Run, rich();
    histogram(&mut [0_u32; 256], &[1]): Mode::Run, rich();
    bytes(&[1], &mut [2]): Mode::Run, rich();
    dot(&[1.0], &[2.0]): Mode::Reduce(ReduceOp::Sum), rich();
    stencil([1, 1], &[1.0], 1): Mode::Collect, rich();
    matmul(rows(&[1.0], 1), &[1.0], rows_mut(&mut [0.0], 1)): Mode::Run, rich();
    searched(&[1], &[1]): Mode::Collect, rich();
    references(&mut [0.0; 4], &[1.0], true): Mode::Run, rich();
    labels(&[1], &mut [0]): Mode::Run, rich();
    doubles(&[1.0], &mut [(1, 2.0)]): Mode::Run, rich();
    narrow(&[1], &mut [0]): Mode::Run, poor();
    hash(&[1], &mut [0]): Mode::Run, rich();
    functions(&[1.0], &mut [0.0]): Mode::Run, rich();
    table_of_constants(&[1], &mut [0.0]): Mode::Run, rich();
    numbers(&mut [0]): Mode::Run, rich();
}
