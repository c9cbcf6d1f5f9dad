//! The functions of `library/functions32.wgsl` and what rounds, against std, on every Vulkan device.
#![cfg(feature = "wgpu")]

extern crate landbridge_core as landbridge;

#[path = "wgsl_support/device.rs"]
mod device;

use device::Device;
use landbridge::ir::sample::Choices;
use landbridge::ir::{
    FunctionId, MathFunction, Module, Op, Parameter, Role, Scalar, Statement, builder::FunctionBuilder,
};
use landbridge_backends::codegen::wgsl::{Dispatch, Mode, WgslTarget, generate};

/// `z = function(x, y)` of f32.
fn module(function: MathFunction) -> Module {
    let mut module = Module { name: format!("{function:?}"), ..Module::default() };
    let f32_type = module.types.scalar(Scalar::F32);
    let pointer = module.types.pointer(f32_type);
    let unit = module.types.unit();
    let parameter =
        |name: &str, exclusive| Parameter { name: name.into(), role: Role::Item { exclusive }, ty: f32_type };
    module.parameters = vec![parameter("x", false), parameter("y", false), parameter("z", true)];
    let parameters = [("x", pointer), ("y", pointer), ("z", pointer)];
    let mut builder = FunctionBuilder::new(&mut module, "entry", &parameters, unit);
    let mut arguments = vec![];
    for k in 0..function.arity().min(2) {
        let pointer = builder.get(landbridge::ir::LocalId(k as u32));
        arguments.push(builder.load(pointer));
    }
    if function == MathFunction::MulAdd {
        arguments.push(arguments[0]);
    }
    let value = builder.value(f32_type, Op::Math { function, arguments });
    let to = builder.get(landbridge::ir::LocalId(2));
    builder.push(Statement::Store { pointer: to, value });
    let function = builder.finish();
    module.functions.push(function);
    module.entry = FunctionId(0);
    module
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn run(device: &Device, function: MathFunction, x: &[f32], y: &[f32]) -> Vec<f32> {
    let target = WgslTarget { f64: false, ..device.target() };
    let kernel = generate(&module(function), &target, Mode::Run).expect("it is expressible");
    let mut contents = [bytes(x), bytes(y), bytes(&vec![0.0; x.len()])];
    let numbers = Dispatch {
        first: 0,
        count: x.len() as u32,
        block: 0,
        extent: [x.len() as u64, 1, 1],
        buffers: &[],
        lengths: &[],
        uniforms: &[],
    };
    assert_eq!(device.launch(&kernel, numbers, &mut contents), None);
    contents[2].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().expect("4 bytes"))).collect()
}

/// Distance in units of the last place of the exact result's neighbourhood.
fn ulps(found: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if found == rounded || (found.is_nan() && exact.is_nan()) {
        return 0.0;
    }
    if !rounded.is_finite() || !found.is_finite() {
        // One step beyond the largest number is an overflow that was rounded the other way.
        let largest = |x: f32| x.abs() >= f32::MAX;
        return if largest(rounded) && largest(found) && found.signum() == rounded.signum() {
            1.0
        } else {
            f64::INFINITY
        };
    }
    let above = f32::from_bits(rounded.abs().to_bits() + 1);
    let ulp = f64::from(above) - f64::from(rounded.abs());
    (f64::from(found) - exact).abs() / ulp.max(f64::from(f32::MIN_POSITIVE) * f64::from(f32::EPSILON))
}

/// Numbers of all sizes, and the special ones.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        2.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::MIN,
        f32::MIN_POSITIVE,
        1e-30,
        -1e-30,
        88.72,
        88.73,
        -87.3,
        -103.9,
        128.0,
        -149.0,
        3.0,
        -3.0,
        1e10,
        1.0 + f32::EPSILON,
        1.0 - f32::EPSILON / 2.0,
        std::f32::consts::PI,
        800.1,
        1e20,
        16777216.0,
        16777217.0,
    ];
    let mut choices = Choices::from_seed(seed);
    let random = (0..count).map(|k| {
        let bits = choices.word() as u32;
        // Mostly numbers near 1, where functions do something.
        let exponent = match k % 4 {
            0 => bits >> 23 & 255,
            1 => 117 + (bits >> 23 & 15),
            2 => 124 + (bits >> 23 & 3),
            _ => 127 + (bits >> 23 & 7),
        };
        f32::from_bits(bits & 0x807f_ffff | exponent << 23)
    });
    special.into_iter().chain(random).collect()
}

/// Function, its value in f64, and the largest error in ulp.
type Case = (MathFunction, fn(f64, f64) -> f64, f64);

const CASES: &[Case] = &[
    (MathFunction::Sqrt, |x, _| x.sqrt(), 0.5),
    (MathFunction::Abs, |x, _| x.abs(), 0.0),
    (MathFunction::Floor, |x, _| x.floor(), 0.0),
    (MathFunction::Ceil, |x, _| x.ceil(), 0.0),
    (MathFunction::Trunc, |x, _| x.trunc(), 0.0),
    (MathFunction::Round, |x, _| x.round(), 0.0),
    (MathFunction::RoundTiesEven, |x, _| x.round_ties_even(), 0.0),
    (MathFunction::Min, f64::min, 0.0),
    (MathFunction::Max, f64::max, 0.0),
    (MathFunction::Copysign, f64::copysign, 0.0),
    (MathFunction::Exp, |x, _| x.exp(), 2.0),
    (MathFunction::Exp2, |x, _| x.exp2(), 2.0),
    (MathFunction::ExpM1, |x, _| x.exp_m1(), 4.0),
    (MathFunction::Ln, |x, _| x.ln(), 2.0),
    (MathFunction::Log2, |x, _| x.log2(), 2.0),
    (MathFunction::Log10, |x, _| x.log10(), 2.0),
    (MathFunction::Ln1p, |x, _| x.ln_1p(), 4.0),
    (MathFunction::Cbrt, |x, _| x.cbrt(), 2.0),
    (MathFunction::Sin, |x, _| x.sin(), 3.0),
    (MathFunction::Cos, |x, _| x.cos(), 3.0),
    (MathFunction::Tan, |x, _| x.tan(), 4.0),
    (MathFunction::Asin, |x, _| x.asin(), 4.0),
    (MathFunction::Acos, |x, _| x.acos(), 4.0),
    (MathFunction::Atan, |x, _| x.atan(), 2.0),
    (MathFunction::Sinh, |x, _| x.sinh(), 4.0),
    (MathFunction::Cosh, |x, _| x.cosh(), 4.0),
    (MathFunction::Tanh, |x, _| x.tanh(), 4.0),
    (MathFunction::Atan2, f64::atan2, 4.0),
    (MathFunction::Powf, f64::powf, 2.0),
    (MathFunction::MulAdd, |x, y| x.mul_add(y, x), 1.0),
    (MathFunction::Hypot, f64::hypot, 3.0),
];

#[test]
fn functions_are_as_accurate_as_they_say() {
    let (x, y) = (numbers(1, 40_000), numbers(2, 40_000));
    let mut y = y;
    y.reverse();
    let mut wrong = vec![];
    for device in device::devices() {
        for (function, exact, bound) in CASES {
            let found = run(&device, *function, &x, &y);
            let mut worst = (0.0, 0, 0.0);
            for (k, found) in found.iter().enumerate() {
                let expected = exact(x[k].into(), y[k].into());
                let subnormal = |v: f32| v != 0.0 && v.abs() < f32::MIN_POSITIVE;
                // Devices may flush them.
                if subnormal(x[k]) || subnormal(y[k]) || subnormal(expected as f32) {
                    continue;
                }
                let error = ulps(*found, expected);
                if error > worst.0 {
                    worst = (error, k, expected);
                }
            }
            let (error, k, expected) = worst;
            let line = format!(
                "{}: {function:?}({:e}, {:e}) = {:e}, not {:e}: {error:.2} ulp of {bound}",
                device.name, x[k], y[k], found[k], expected as f32
            );
            println!("{line}");
            if error > *bound {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
