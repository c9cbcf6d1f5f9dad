//! The PTX of real kernels, beside each kernel what it shows. `UPDATE_GOLDEN=1` rewrites the files; ptxas judges each.

extern crate landbridge_core as landbridge;

#[path = "wgsl_support/kernels.rs"]
mod kernels;
mod ptx_support;

use std::path::PathBuf;

use landbridge::{KernelType, kernel, rows, rows_mut};
use landbridge_backends::codegen::ptx::{Mode, PtxTarget, ReduceOp, generate};
use ptx_support::{DEVICES, assemble, ptxas, said};

fn check(name: &str, call: &landbridge::launch::Definition, mode: Mode) {
    check_for(&PtxTarget::default(), name, call, mode);
}

fn check_for(target: &PtxTarget, name: &str, call: &landbridge::launch::Definition, mode: Mode) {
    let module = call.module().expect("it lowers");
    let kernel = generate(module, target, mode).unwrap_or_else(|e| panic!("{e}\n{module}"));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ptx").join(format!("{name}.ptx"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &kernel.text).expect("the golden file is written");
    } else {
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        let place = path.display();
        assert!(golden == kernel.text, "{place} differs (UPDATE_GOLDEN=1 rewrites it); now:\n{}", kernel.text);
    }
    let Some(ptxas) = ptxas() else { return };
    for device in DEVICES {
        let report = assemble(&ptxas, &kernel.text, device).unwrap_or_else(|e| panic!("{name} for {device}: {e}"));
        assert_eq!(said(&report, "bytes spill stores"), 0, "{name} for {device}: {report}");
        assert_eq!(said(&report, "bytes spill loads"), 0, "{name} for {device}: {report}");
    }
}

/// One test a kernel: its name is the file's.
macro_rules! golden {
    ($($name:ident($($arguments:tt)*): $mode:expr;)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), kernels::$name($($arguments)*).definition(), $mode);
        }
    )*};
}

golden! {
    saxpy(2.0, &[1.0], &mut [2.0]): Mode::Run;
    gather(&[0], &[1.0], &mut [0.0]): Mode::Run;
    sums(&[1.0], rows_mut(&mut [0.0], 1)): Mode::Run;
    mandelbrot([1, 1], Default::default()): Mode::Collect;
    nbody(&[Default::default()], &mut [Default::default()], 0.1): Mode::Run;
    padded(&[Default::default()], &mut [Default::default()]): Mode::Run;
    histogram(&mut [0_u32; 256], &[1]): Mode::Run;
    exchanges(&mut [0_u32; 1], &[1]): Mode::Run;
    bytes(&[1], &mut [2]): Mode::Run;
    dot(&[1.0], &[2.0]): Mode::Reduce(ReduceOp::Sum);
    stencil([1, 1], &[1.0], 1): Mode::Collect;
    matmul(rows(&[1.0], 1), &[1.0], rows_mut(&mut [0.0], 1)): Mode::Run;
    searched(&[1], &[1]): Mode::Collect;
    told(&[1], &[(2, 3.0)], 4): Mode::Run;
    references(&mut [0.0; 4], &[1.0], true): Mode::Run;
    labels(&[1], &mut [0]): Mode::Run;
    doubles(&[1.0], &mut [(1, 2.0)]): Mode::Run;
    narrow(&[1], &mut [0]): Mode::Run;
    hash(&[1], &mut [0]): Mode::Run;
    functions(&[1.0], &mut [0.0]): Mode::Run;
    table_of_constants(&[1], &mut [0.0]): Mode::Run;
    numbers(&mut [0]): Mode::Run;
    mixed(&[1.0], &[1], &mut [(1, 2)], &mut [0]): Mode::Run;
}

#[derive(Clone, Copy, Default, KernelType)]
#[repr(C, align(16))]
struct Particle {
    place: [f32; 3],
    mass: f32,
    speed: [f32; 3],
    id: u32,
}

/// A type that is aligned itself.
#[kernel]
fn particles(p: &mut Particle, dt: f32) {
    for axis in 0..3 {
        p.place[axis] += dt * p.speed[axis];
    }
    p.id += 1;
    p.mass *= 0.5;
}

/// Arrays that the launch has to align.
#[kernel]
fn forces(all: &[[f32; 4]], own: &[f32; 4], force: &mut [f32; 4]) {
    let mut sum = [0.0_f32; 3];
    for other in all {
        let d = [other[0] - own[0], other[1] - own[1], other[2] - own[2]];
        let r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + 1e-3;
        let s = other[3] / (r2 * r2.sqrt());
        sum = [sum[0] + s * d[0], sum[1] + s * d[1], sum[2] + s * d[2]];
    }
    *force = [sum[0], sum[1], sum[2], own[3]];
}

#[test]
fn particles_in_vectors() {
    let mut all = [Particle::default()];
    check("particles_in_vectors", particles(&mut all, 0.1).definition(), Mode::Run);
}

#[test]
fn forces_in_vectors() {
    let target = PtxTarget { aligned_elements: true, ..PtxTarget::default() };
    let mut force = [0.0; 4];
    let call = forces(&[[0.0; 4]], &[0.0; 4], &mut force);
    check_for(&target, "forces_in_vectors", call.definition(), Mode::Run);
}

/// Cards for games have few units for `f64`.
#[kernel]
fn functions_of_singles(x: &f32, y: &mut f32) {
    *y = x.sin() + x.exp() + x.ln() + x.tanh() + x.atan2(*y) + x.powf(*y) + x.cbrt() + x.hypot(*y) + x % 0.7;
}

#[test]
fn functions_of_f32_need_no_f64() {
    let mut y = [0.0];
    let call = functions_of_singles(&[1.0], &mut y);
    let module = call.definition().module().expect("it lowers");
    let kernel = generate(module, &PtxTarget::default(), Mode::Run).expect("it can be expressed");
    assert!(!kernel.text.contains(".f64"), "{}", kernel.text);
}
