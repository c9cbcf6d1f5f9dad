//! Kernels that panic, and what is left behind.

use landbridge_backends::webgpu::ResidentArgument;
use landbridge_core::argument::Whole;
use landbridge_core::launch::Call;
use landbridge_core::{Error, Extent};

use super::*;

fn gather(device: &Device, i: &[u32], t: &[f32], y: &mut [f32], strategy: Strategy) -> Result<Report> {
    let body = |i: &u32, t: &[f32], y: &mut f32| *y = t[*i as usize];
    let call = Call::new(&kernels::GATHER, (Item::new(i), Whole::new(t), ItemMut::new(y)), body);
    device.run(call.strategy(strategy))
}

fn check(error: &Error, item: usize, index: u64) {
    let Error::KernelPanic { kernel, message, file, line, work_item, index: found, length } = error else {
        panic!("not a kernel's panic: {error}");
    };
    assert_eq!((*kernel, file.as_str(), *line), ("gather", kernels::FILE, kernels::LINE));
    assert_eq!((*work_item, *found, *length), (item, Some(index), Some(100)));
    assert_eq!(*message, format!("index out of bounds: the len is 100 but the index is {index}"));
}

#[test]
fn an_index_out_of_bounds_is_reported_and_under_copy_nothing_changes() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let t: Vec<f32> = (0..100).map(|k| k as f32).collect();
    let mut i: Vec<u32> = (0..5000).map(|k| k % 100).collect();
    i[4321] = 100;
    let mut y = vec![-1.0; 5000];
    let error = gather(&device, &i, &t, &mut y, Strategy::Copy).expect_err("panics");
    check(&error, 4321, 100);
    assert!(y == vec![-1.0; 5000]);
    // The next launch does not see the last one's failure.
    i[4321] = 21;
    let _ = gather(&device, &i, &t, &mut y, Strategy::Copy).expect("runs");
    assert!(y.iter().zip(&i).all(|(y, i)| *y == *i as f32));
}

#[test]
fn a_resident_launch_that_failed_may_be_repeated() {
    let Some(backend) = backend() else { return };
    let keep = |bytes: &[u8]| backend.keep(bytes).expect("kept");
    let mut i = vec![7_u32; 200];
    i[150] = 100;
    let wrong = keep(bytemuck::cast_slice(&i));
    let right = keep(bytemuck::cast_slice(&[7_u32; 200]));
    let (t, y) = (keep(bytemuck::cast_slice(&[3.0_f32; 100])), keep(&[0; 800]));
    let run = |i| {
        let arguments = [i, &t, &y].map(ResidentArgument::Memory);
        backend.launch_resident(&kernels::GATHER, Extent::linear(200), &arguments)
    };
    for _ in 0..3 {
        run(&right).expect("runs");
        check(&run(&wrong).expect_err("panics"), 150, 100);
    }
    run(&right).expect("runs");
}

#[test]
fn a_panic_in_a_later_group_leaves_all_data_as_it_was() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    backend.set_memory_cap(Some(100_000));
    let t = vec![1.0; 100];
    let mut i = vec![5; 30_000];
    i[29_999] = u32::MAX;
    let mut y = vec![-1.0; 30_000];
    let error = gather(&device, &i, &t, &mut y, Strategy::Copy).expect_err("panics");
    check(&error, 29_999, u64::from(u32::MAX));
    assert!(y == vec![-1.0; 30_000]);
}

#[test]
fn under_map_each_item_has_its_old_or_its_new_value() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    if !device.info().supports(Strategy::Map) {
        println!("skipped: the driver imports no host memory");
        return;
    }
    let t = vec![1.0; 100];
    let mut i = vec![5; 3000];
    i[1500] = 200;
    let mut y = vec![-1.0; 3000];
    let error = gather(&device, &i, &t, &mut y, Strategy::Map).expect_err("panics");
    check(&error, 1500, 200);
    assert!(y.iter().all(|y| *y == -1.0 || *y == 1.0) && y[1500] == -1.0);
}

#[test]
fn an_empty_table_is_bound_and_checked() {
    let Some(backend) = backend() else { return };
    let mut y = vec![-1.0; 10];
    let error = gather(&device(&backend), &[0; 10], &[], &mut y, Strategy::Auto).expect_err("panics");
    assert!(matches!(error, Error::KernelPanic { length: Some(0), index: Some(0), .. }), "{error}");
    assert!(y == vec![-1.0; 10]);
}

#[test]
fn an_adapter_that_is_not_there() {
    let error = WgpuBackend::open(77).expect_err("there are fewer");
    assert!(matches!(&error, Error::NoDevice { wanted, .. } if wanted == "wgpu:77"), "{error}");
}

/// Lavapipe ends all loops of a work-item after 65535 rounds without a word; other drivers count on.
#[test]
fn too_many_rounds_are_an_error_and_never_a_wrong_result() {
    let Some(backend) = backend() else { return };
    let count_to = |n: &[u32], y: &mut [u32], strategy| {
        let body = |n: &u32, y: &mut u32| *y = *n;
        let call = Call::new(&kernels::COUNT_TO, (Item::new(n), ItemMut::new(y)), body);
        device(&backend).run(call.strategy(strategy))
    };
    let mut y = [7; 3];
    let _ = count_to(&[1, 60_000, 5], &mut y, Strategy::Copy).expect("few enough rounds");
    assert_eq!(y, [1, 60_000, 5]);
    let limited = adapters()[0].facts.most_rounds.is_some();
    match count_to(&[1, 70_000, 5], &mut y, Strategy::Copy) {
        Ok(_) => assert!(!limited && y == [1, 70_000, 5], "{y:?}"),
        Err(error) => {
            assert!(limited && error.host_can_help() && error.to_string().contains("65535"), "{error}");
            assert_eq!(y, [1, 60_000, 5], "under Copy nothing changes");
        }
    }
    if limited && device(&backend).info().supports(Strategy::Map) {
        let error = count_to(&[1, 70_000, 5], &mut y, Strategy::Map).expect_err("too many rounds");
        assert!(matches!(error, Error::Driver { .. }), "the host must not run it again: {error}");
    }
}
