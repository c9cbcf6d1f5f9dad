//! Launches as a backend makes them - reductions, later dispatches, two dimensions, failures - and the traps of drivers.
#![cfg(feature = "wgpu")]

extern crate landbridge_core as landbridge;

#[path = "wgsl_support/device.rs"]
mod device;
#[path = "wgsl_support/kernels.rs"]
#[allow(dead_code, reason = "the golden files use the others")]
mod kernels;

use device::Device;
use landbridge::ir::{Module, PanicKind};
use landbridge::kernel;
use landbridge_backends::codegen::wgsl::error_block::Failure;
use landbridge_backends::codegen::wgsl::{Dispatch, Mode, PackError, ReduceOp, UsizeWidth, WgslTarget, generate};

fn bytes<T: Copy, const N: usize>(values: &[T], convert: fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|v| convert(*v)).collect()
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|b| u32::from_le_bytes(b.try_into().expect("4 bytes"))).collect()
}

/// A dispatch of so many items, from 0, without slices and uniforms.
fn items(count: u32) -> Dispatch<'static> {
    Dispatch { first: 0, count, block: 0, extent: [count.into(), 1, 1], buffers: &[], lengths: &[], uniforms: &[] }
}

fn run(
    device: &Device,
    (module, mode): (&Module, Mode),
    dispatch: Dispatch<'_>,
    contents: &mut [Vec<u8>],
) -> Option<Failure> {
    let kernel = generate(module, &device.target(), mode).expect("it is expressible");
    device.launch(&kernel, dispatch, contents)
}

#[test]
fn reductions_fold_blocks_of_items() {
    let module = kernels::dot(&[0.0], &[0.0]).definition().module().expect("it lowers");
    let a: Vec<f32> = (0..1000).map(|k| (k % 37) as f32 - 10.0).collect();
    let b: Vec<f32> = (0..1000).map(|k| (k % 11) as f32 * 0.25).collect();
    let products: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a * b).collect();
    for device in device::devices() {
        for (op, fold) in [
            (ReduceOp::Sum, (|a, b| a + b) as fn(f32, f32) -> f32),
            (ReduceOp::Min, f32::min),
            (ReduceOp::Max, f32::max),
        ] {
            for block in [1, 7, 64, 1000, 5000] {
                let expected: Vec<f32> =
                    products.chunks(block).map(|c| c.iter().copied().reduce(fold).expect("no empty block")).collect();
                let out = vec![0; expected.len() * 4];
                let mut contents = [bytes(&a, f32::to_le_bytes), bytes(&b, f32::to_le_bytes), out];
                let dispatch = Dispatch { block: block as u32, ..items(1000) };
                assert_eq!(run(&device, (module, Mode::Reduce(op)), dispatch, &mut contents), None);
                // Quarters of small numbers: every order gives the same bits.
                let found: Vec<f32> = words(&contents[2]).into_iter().map(f32::from_bits).collect();
                assert_eq!(found, expected, "{} {op:?} in blocks of {block}", device.name);
            }
        }
    }
}

#[test]
fn later_dispatches_go_on_counting() {
    let module = kernels::numbers(&mut [0]).definition().module().expect("it lowers");
    for device in device::devices() {
        let mut contents = [vec![0; 400]];
        let dispatch = Dispatch { first: 4_000_000_000, ..items(100) };
        assert_eq!(run(&device, (module, Mode::Run), dispatch, &mut contents), None);
        let expected: Vec<u32> = (4_000_000_000..4_000_000_100).collect();
        assert_eq!(words(&contents[0]), expected);
    }
}

#[test]
fn numbers_beyond_32_bits_need_wide_kernels() {
    let module = kernels::numbers(&mut [0]).definition().module().expect("it lowers");
    let dispatch = Dispatch { first: 1 << 32, buffers: &[Default::default()], ..items(10) };
    let narrow = generate(module, &WgslTarget::default(), Mode::Run).expect("it is expressible");
    assert!(matches!(narrow.parameters.pack(&dispatch), Err(PackError::TooLarge(_))));
    let target = WgslTarget { int64: true, usize_width: UsizeWidth::Wide, ..WgslTarget::default() };
    let wide = generate(module, &target, Mode::Run).expect("it is expressible");
    assert!(wide.wide_usize && wide.parameters.pack(&dispatch).is_ok());
    for device in device::devices().iter().filter(|d| d.target().int64) {
        let mut contents = [vec![0; 40]];
        assert_eq!(device.launch(&wide, Dispatch { first: (1 << 32) + 5, ..items(10) }, &mut contents), None);
        assert_eq!(words(&contents[0]), (5..15).collect::<Vec<_>>());
    }
}

#[kernel]
fn failing(x: &u32, y: &mut u32) {
    assert!(*x != 13, "thirteen");
    *y = 100 / (*x - 2);
}

#[test]
fn one_failure_is_reported_and_the_others_go_on() {
    let module = failing(&[0], &mut [0]).definition().module().expect("it lowers");
    for device in device::devices() {
        let x: Vec<u32> = (3..40).collect();
        let mut contents = [bytes(&x, u32::to_le_bytes), vec![0; 37 * 4]];
        let dispatch = Dispatch { first: 1000, ..items(37) };
        let failure = run(&device, (module, Mode::Run), dispatch, &mut contents);
        let Some(Failure::Panic { site, item, .. }) = failure else { panic!("{failure:?}") };
        assert_eq!(item, 1010);
        assert_eq!(module.sites[site as usize].kind, PanicKind::Message("thirteen".into()));
        let expected: Vec<u32> = x.iter().map(|x| if *x == 13 { 0 } else { 100 / (x - 2) }).collect();
        assert_eq!(words(&contents[1]), expected);
    }
}

#[kernel]
fn far_products(x: &usize, y: &mut usize) {
    *y = x * 65_537;
}

#[test]
fn what_leaves_32_bits_is_reported_or_computed_in_64() {
    let module = far_products(&[0], &mut [0]).definition().module().expect("it lowers");
    for device in device::devices() {
        let x: [u64; 3] = [1, 65_534, 70_000];
        let before = [bytes(&x, u64::to_le_bytes), vec![0; 24]];
        let mut contents = before.clone();
        let failure = run(&device, (module, Mode::Run), items(3), &mut contents);
        assert_eq!(failure, Some(Failure::RangeExceeded { item: 2 }), "{}", device.name);
        if device.target().int64 {
            let wide = WgslTarget { usize_width: UsizeWidth::Wide, ..device.target() };
            let kernel = generate(module, &wide, Mode::Run).expect("it is expressible");
            let mut contents = before.clone();
            assert_eq!(device.launch(&kernel, items(3), &mut contents), None);
            assert_eq!(contents[1], bytes(&x.map(|x| x * 65_537), u64::to_le_bytes));
        }
    }
}

/// Trap: Mesa compares an `i64` that was an `i32` with a constant in the wrong order.
#[kernel]
fn orders(x: &i32, y: &mut u32) {
    let wide = *x as i64;
    let mut bits = 0;
    if wide < 64 {
        bits |= 1;
    }
    if wide >= 64 {
        bits |= 2;
    }
    if wide > -2_147_483_648 {
        bits |= 4;
    }
    if wide <= 4_294_967_299 {
        bits |= 8;
    }
    *y = bits;
}

#[test]
fn i64_from_i32_is_ordered() {
    let module = orders(&[0], &mut [0]).definition().module().expect("it lowers");
    for device in device::devices().iter().filter(|d| d.target().int64) {
        let x = [7, -1, 64, 63, i32::MIN, i32::MAX];
        let mut contents = [bytes(&x, i32::to_le_bytes), vec![0; 24]];
        assert_eq!(run(device, (module, Mode::Run), items(6), &mut contents), None);
        let expected = x.map(|x| u32::from(x < 64) | u32::from(x >= 64) << 1 | u32::from(x > i32::MIN) << 2 | 8);
        assert_eq!(words(&contents[1]), expected);
    }
}

/// Traps: `!=` of NaN, casts of floats, shifts by a masked count, stores of single bytes.
#[kernel]
#[allow(clippy::eq_op, reason = "true for NaN")]
fn traps(x: &f32, bits: &mut [u32; 4], small: &mut u8) {
    bits[0] = (*x != *x) as u32;
    bits[1] = *x as i32 as u32;
    bits[2] = *x as u8 as u32;
    bits[3] = 1u32.wrapping_shl(*x as u32);
    *small = (*small).wrapping_add(*x as u8);
}

#[test]
fn traps_of_drivers_are_met() {
    let module = traps(&[0.0], &mut [0; 4], &mut [0]).definition().module().expect("it lowers");
    let x = [f32::NAN, 3e9, -3e9, 2147483520.0, 255.9, -0.5, 33.0, f32::INFINITY, f32::NEG_INFINITY];
    for device in device::devices() {
        let mut contents = [bytes(&x, f32::to_le_bytes), vec![0; 9 * 16], vec![7; 9]];
        assert_eq!(run(&device, (module, Mode::Run), items(9), &mut contents), None);
        let found = words(&contents[1]);
        for (k, x) in x.iter().enumerate() {
            let nan = x.is_nan();
            let expected = [nan as u32, *x as i32 as u32, *x as u8 as u32, 1u32.wrapping_shl(*x as u32)];
            assert_eq!(found[4 * k..4 * k + 4], expected, "{} {x}", device.name);
            assert_eq!(contents[2][k], 7u8.wrapping_add(*x as u8));
        }
    }
}
