//! What goes in, what comes out, and what the report says.

use landbridge_core::argument::{IndexArg, Item};
use landbridge_core::launch::Call;
use landbridge_core::plan::StepKind;
use landbridge_core::reduction::{Max, Sum};
use landbridge_core::{Extent, Strategy};

use landbridge_backends::webgpu::{Resident, ResidentArgument};

use super::*;

#[test]
fn saxpy_by_copy_and_what_it_reports() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let x: Vec<f32> = (0..1000).map(|k| k as f32).collect();
    let mut y = vec![1.0_f32; 1000];
    let report = saxpy(&device, 2.0, &x, &mut y, Strategy::Copy).expect("runs");
    assert!(y.iter().enumerate().all(|(k, y)| *y == 1.0 + 2.0 * k as f32));
    assert_eq!((report.bytes_in(), report.bytes_out()), (8000, 4000));
    assert_eq!(report.arguments.iter().map(|a| a.name).collect::<Vec<_>>(), ["x", "y"]);
    assert!(report.arguments.iter().all(|a| a.strategy == Strategy::Copy && a.why == "asked for"));
    for step in [StepKind::Compile, StepKind::CopyIn, StepKind::Run, StepKind::CopyOut] {
        assert!(report.steps.get(step).is_some(), "{step} is missing");
    }
    assert!(report.device.id == "wgpu:0" && report.total() > std::time::Duration::ZERO);
}

#[test]
fn the_steady_state_allocates_no_device_memory() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let (x, mut y) = (vec![1.0; 5000], vec![0.0; 5000]);
    let mut run = || saxpy(&device, 1.0, &x, &mut y, Strategy::Copy).expect("runs");
    let _ = run();
    let before = backend.memory_use();
    for _ in 0..20 {
        let _ = run();
    }
    assert_eq!(backend.memory_use(), before);
    assert!(y == vec![21.0; 5000]);
}

#[test]
fn nothing_one_and_odd_numbers_of_items() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    for strategy in [Strategy::Auto, Strategy::Copy, Strategy::Map] {
        if !device.info().supports(strategy) && strategy != Strategy::Auto {
            continue;
        }
        for count in [0, 1, 2, 63, 64, 65, 1001] {
            let (x, mut y) = (vec![3.0; count], vec![0.5; count]);
            let report = saxpy(&device, 2.0, &x, &mut y, strategy).expect("runs");
            assert!(y == vec![6.5; count], "{strategy}, {count} items");
            assert_eq!(report.extent, Extent::linear(count));
        }
    }
}

fn plus_index(x: &[u32]) -> Call<'static, (IndexArg, Item<'_, u32>), impl Fn(usize, &u32) -> u32 + Send + Sync + Copy> {
    Call::new(&kernels::PLUS_INDEX, (IndexArg::implied(), Item::new(x)), |i: usize, x: &u32| x.wrapping_add(i as u32))
}

#[test]
fn results_are_collected_and_folded() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    for count in [1_usize, 100, 5000, 100_000] {
        let x: Vec<u32> = (0..count as u32).map(|k| k * 7).collect();
        let expected: Vec<u32> = x.iter().zip(0..).map(|(x, i)| x + i).collect();
        let (found, report) = device.collect_reported(plus_index(&x)).expect("runs");
        assert!(found == expected);
        let result = report.arguments.iter().find(|a| a.name == "result").expect("listed");
        assert_eq!((result.bytes_in, result.bytes_out % 4), (0, 0));
        let sum = expected.iter().fold(0_u32, |a, b| a.wrapping_add(*b));
        assert_eq!(device.reduce(plus_index(&x), Sum).expect("runs"), sum);
        assert_eq!(device.reduce(plus_index(&x), Max).expect("runs"), *expected.last().expect("not empty"));
    }
    assert_eq!(device.collect(plus_index(&[])).expect("runs"), []);
    assert_eq!(device.reduce(plus_index(&[]), Sum).expect("runs"), 0);
}

#[test]
fn resident_data_is_used_where_it_is() {
    let Some(backend) = backend() else { return };
    let x = backend.keep(bytemuck::cast_slice(&[1.0_f32; 100])).expect("kept");
    let y = backend.keep(bytemuck::cast_slice(&[5.0_f32; 100])).expect("kept");
    let two = 2.0_f32.to_ne_bytes();
    let arguments = [ResidentArgument::Uniform(&two), ResidentArgument::Memory(&x), ResidentArgument::Memory(&y)];
    for _ in 0..3 {
        let steps = backend.launch_resident(&kernels::SAXPY, Extent::linear(100), &arguments).expect("runs");
        assert!(steps.get(StepKind::CopyIn).is_none() && steps.get(StepKind::CopyOut).is_none());
    }
    let mut back = [0.0_f32; 100];
    backend.fetch(&y, bytemuck::cast_slice_mut(&mut back)).expect("fetched");
    assert_eq!(back, [11.0; 100]);
    let wrong = backend.launch_resident(&kernels::SAXPY, Extent::linear(99), &arguments);
    assert!(matches!(wrong, Err(landbridge_core::Error::WrongLength { .. })));
}

#[test]
fn a_resident_launch_like_an_earlier_one_still_sees_what_changed() {
    let Some(backend) = backend() else { return };
    let keep = |values: &[f32]| backend.keep(bytemuck::cast_slice(values)).expect("kept");
    let (x, other, y) = (keep(&[1.0; 100]), keep(&[10.0; 100]), keep(&[0.0; 100]));
    let add = |a: f32, x: &Resident, items: usize| {
        let a = a.to_ne_bytes();
        let arguments = [ResidentArgument::Uniform(&a), ResidentArgument::Memory(x), ResidentArgument::Memory(&y)];
        backend.launch_resident(&kernels::SAXPY, Extent::linear(items), &arguments).map(drop)
    };
    for _ in 0..3 {
        add(1.0, &x, 100).expect("runs");
        add(2.0, &x, 100).expect("runs");
        add(1.0, &other, 100).expect("runs");
        add(1.0, &x, 99).expect_err("too few items");
        backend.trim();
    }
    let mut back = [0.0_f32; 100];
    backend.fetch(&y, bytemuck::cast_slice_mut(&mut back)).expect("fetched");
    assert_eq!(back, [39.0; 100]);
    // A buffer that was given back may come again, with fewer bytes of use.
    drop(other);
    let short = keep(&[5.0; 90]);
    add(1.0, &short, 100).expect_err("too short");
}

#[test]
fn equal_resident_launches_at_once_count_all() {
    let Some(backend) = backend() else { return };
    let keep = |values: &[f32]| backend.keep(bytemuck::cast_slice(values)).expect("kept");
    let (x, y, one) = (keep(&[1.0; 1000]), keep(&[0.0; 1000]), 1.0_f32.to_ne_bytes());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let arguments =
                    [ResidentArgument::Uniform(&one), ResidentArgument::Memory(&x), ResidentArgument::Memory(&y)];
                for _ in 0..25 {
                    backend.launch_resident(&kernels::SAXPY, Extent::linear(1000), &arguments).expect("runs");
                }
            });
        }
    });
    let mut back = [0.0_f32; 1000];
    backend.fetch(&y, bytemuck::cast_slice_mut(&mut back)).expect("fetched");
    assert_eq!(back, [100.0; 1000]);
}

#[test]
fn many_threads_launch_at_once() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let device = &device;
            scope.spawn(move || {
                let x = vec![thread as f32; 20_000];
                for round in 0..20 {
                    let strategy = [Strategy::Copy, Strategy::Auto][round % 2];
                    let mut y = vec![round as f32; 20_000];
                    let _ = saxpy(device, 2.0, &x, &mut y, strategy).expect("runs");
                    assert!(y.iter().all(|y| *y == round as f32 + 2.0 * thread as f32));
                }
            });
        }
    });
}

#[test]
fn a_plan_says_what_the_launch_then_does() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let x = vec![1_u32; 100_000];
    let plan = device.plan(&plus_index(&x)).expect("planned");
    assert!(plan.steps.iter().any(|step| step.kind == StepKind::Run));
    let (_, report) = device.collect_reported(plus_index(&x)).expect("runs");
    let strategy = |arguments: &[landbridge_core::plan::ArgumentPlan]| arguments[0].strategy;
    assert_eq!(strategy(&plan.arguments), strategy(&report.arguments));
}
