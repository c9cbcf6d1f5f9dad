//! Many arguments on a device that binds few buffers: they share some.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge::reduction::Sum;
use landbridge::{Error, Extent, kernel};
use landbridge_backends::devices::Devices;
use landbridge_backends::webgpu::ResidentArgument;

use super::*;

/// The first adapter with so many bindings, or a printed skip.
fn with_bindings(bindings: u32, change: impl FnOnce(&mut AdapterLimits)) -> Option<(Arc<WgpuBackend>, Device)> {
    backend()?;
    let mut limits = AdapterLimits { bindings, ..adapters()[0].facts.limits };
    change(&mut limits);
    let backend = Arc::new(WgpuBackend::open_limited(0, limits).expect("the adapter opens"));
    let device = device(&backend);
    Some((backend, device))
}

#[kernel]
#[allow(clippy::too_many_arguments)]
fn sixteen(
    a: &f32,
    b: &u32,
    c: &i32,
    d: &u8,
    e: &mut u8,
    f: &[f32],
    g: &[u16],
    h: &[AtomicU32],
    i: &mut u32,
    j: &(u32, f32),
    k: &mut [u16; 3],
    #[rows] l: &[f32],
    m: &i16,
    n: &bool,
    o: f32,
    p: &mut f32,
) -> u32 {
    *e = e.wrapping_add(*d);
    h[*b as usize % h.len()].fetch_add(1, Relaxed);
    *i = i.wrapping_add(*b ^ (*c as u32));
    k[1] = g[*b as usize % g.len()];
    *p = *a + f[*b as usize % f.len()] * o + l[1] + j.1;
    if *n { j.0.wrapping_add(*m as u32) } else { *b }
}

/// What goes in and out of [`sixteen`].
#[derive(Clone, Debug, PartialEq)]
struct Data {
    e: Vec<u8>,
    h: Vec<u32>,
    i: Vec<u32>,
    k: Vec<u16>,
    p: Vec<f32>,
    result: Vec<u32>,
}

fn run_sixteen(device: &Device, count: usize, strategy: Strategy) -> Result<Data> {
    let n = count as u32;
    let a: Vec<f32> = (0..n).map(|k| k as f32).collect();
    let b: Vec<u32> = (0..n).map(|k| k.wrapping_mul(40_503)).collect();
    let c: Vec<i32> = (0..n).map(|k| 5 - k as i32).collect();
    let d: Vec<u8> = (0..n).map(|k| (k * 3) as u8).collect();
    let f: Vec<f32> = (0..37).map(|k| k as f32 * 0.5).collect();
    let g: Vec<u16> = (0..91).map(|k| k * 700).collect();
    let j: Vec<(u32, f32)> = (0..n).map(|k| (k << 3, 0.25 * k as f32)).collect();
    let l: Vec<f32> = (0..3 * n).map(|k| k as f32).collect();
    let m: Vec<i16> = (0..n).map(|k| -(k as i16)).collect();
    let flags: Vec<bool> = (0..n).map(|k| k % 3 == 0).collect();
    let mut data = Data {
        e: (0..n).map(|k| (k * 5) as u8).collect(),
        h: vec![1; 53],
        i: (0..n).collect(),
        k: vec![9; 3 * count],
        p: vec![0.0; count],
        result: vec![],
    };
    let rows = landbridge::rows(&l, 3);
    let call = sixteen(
        &a,
        &b,
        &c,
        &d,
        &mut data.e,
        &f,
        &g,
        &mut data.h,
        &mut data.i,
        &j,
        &mut data.k,
        rows,
        &m,
        &flags,
        2.0,
        &mut data.p,
    );
    data.result = device.collect(call.strategy(strategy))?;
    Ok(data)
}

#[test]
fn sixteen_slices_with_eight_bindings_and_with_fewer() {
    for bindings in [30, 8, 6, 5] {
        let Some((_, device)) = with_bindings(bindings, |_| {}) else { return };
        for count in [1, 2, 1001] {
            let expected = run_sixteen(&Device::host(), count, Strategy::Auto).expect("the host runs it");
            let found = run_sixteen(&device, count, Strategy::Copy).expect("runs");
            assert!(found == expected, "{count} items with {bindings} bindings");
        }
    }
}

/// Groups, pieces of small dispatches, small bindings: each with its own part of every argument.
#[test]
fn packed_arguments_go_in_pieces_too() {
    let expected = run_sixteen(&Device::host(), 3000, Strategy::Auto).expect("the host runs it");
    let narrow = |limits: &mut AdapterLimits| limits.binding_bytes = 16_384;
    let Some((backend, device)) = with_bindings(8, narrow) else { return };
    assert!(run_sixteen(&device, 3000, Strategy::Copy).expect("runs") == expected);
    backend.set_memory_cap(Some(200_000));
    assert!(run_sixteen(&device, 3000, Strategy::Copy).expect("runs") == expected);
    let Some((_, device)) = with_bindings(8, |limits| limits.groups_per_dimension = 3) else { return };
    assert!(run_sixteen(&device, 3000, Strategy::Copy).expect("runs") == expected);
}

/// What shares a binding is copied, and says why; the rest is mapped.
#[test]
fn what_is_packed_is_not_mapped() {
    let Some((_, device)) = with_bindings(8, |_| {}) else { return };
    if !device.info().supports(Strategy::Map) {
        println!("skipped: the driver imports no host memory");
        return;
    }
    let expected = run_sixteen(&Device::host(), 700, Strategy::Auto).expect("the host runs it");
    assert!(run_sixteen(&device, 700, Strategy::Map).expect("runs") == expected);
    let (a, b, c) = (vec![1.0_f32; 500], vec![2.0_f32; 500], vec![3.0_f32; 500]);
    let Some((_, device)) = with_bindings(3, |_| {}) else { return };
    let report = device.run(sum_of(&a, &b, &c, &mut vec![0.0; 500]).strategy(Strategy::Map)).expect("runs");
    let copied: Vec<_> = report.arguments.iter().filter(|argument| argument.strategy == Strategy::Copy).collect();
    assert!(!copied.is_empty() && copied.iter().all(|argument| argument.why.contains("so few bindings")), "{report}");
}

#[kernel]
fn sum_of(a: &f32, b: &f32, c: &f32, d: &mut f32) {
    *d = a + b + c;
}

#[kernel]
fn products(a: &u32, b: &u32, c: &u32) -> u32 {
    a.wrapping_mul(*b).wrapping_add(*c)
}

#[test]
fn reductions_of_packed_arguments() {
    let a: Vec<u32> = (0..50_001).collect();
    let b: Vec<u32> = a.iter().map(|a| a.wrapping_mul(77)).collect();
    let expected = a.iter().zip(&b).fold(0_u32, |s, (a, b)| s.wrapping_add(a.wrapping_mul(*b).wrapping_add(*a)));
    for bindings in [3, 4, 5] {
        let small = |limits: &mut AdapterLimits| limits.binding_bytes = 100_000;
        let Some((_, device)) = with_bindings(bindings, small) else { return };
        let call = products(&a, &b, &a).strategy(Strategy::Copy);
        assert_eq!(device.reduce(call, Sum).expect("runs"), expected, "{bindings} bindings");
    }
}

/// Too large together, or kept apart on the device: errors that say so.
#[test]
fn what_cannot_be_packed_is_refused() {
    #[kernel]
    fn three(i: &u32, x: &[u32], y: &[u32], z: &[u32]) -> u32 {
        x[*i as usize] + y[*i as usize] + z[*i as usize]
    }
    let small = |limits: &mut AdapterLimits| limits.binding_bytes = 16_384;
    let Some((_, device)) = with_bindings(4, small) else { return };
    let t = vec![1_u32; 2000];
    let error = device.collect(three(&[1], &t, &t, &t)).expect_err("too large together");
    assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("`x`, `y`, `z`"), "{error}");
    let Some((backend, _)) = with_bindings(3, |_| {}) else { return };
    let kept = backend.keep(&[0; 40]).expect("kept");
    let arguments = [ResidentArgument::Memory(&kept); 4];
    let mut d = [0.0];
    let definition = sum_of(&[0.0], &[0.0], &[0.0], &mut d).definition();
    let error = backend.launch_resident(definition, Extent::linear(10), &arguments).expect_err("not packed");
    assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("of its own"), "{error}");
}
