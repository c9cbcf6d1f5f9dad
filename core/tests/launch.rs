//! A call made by hand, as the macros make it, run through a backend of a few lines.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::Arc;

use landbridge_core::argument::{Argument, Atomics, Index2Arg, IndexArg, Item, ItemMut, RowsMut, Uniform};
use landbridge_core::ast::FunctionTree;
use landbridge_core::backend::{Backend, DeviceInfo};
use landbridge_core::convert::{SliceArg, SliceMutArg};
use landbridge_core::launch::{Call, Definition, Launch};
use landbridge_core::report::Steps;
use landbridge_core::{Device, DeviceKind, Error, Extent, Index2, Max, Plan, Report, Result, Sum};

fn no_tree() -> FunctionTree {
    unreachable!("the host never asks for the tree")
}

static SAXPY: Definition = Definition::new("saxpy", file!(), line!(), &["a", "x", "y"], no_tree);

#[allow(clippy::type_complexity, reason = "as the macro writes it")]
fn saxpy<'k, 's>(
    a: f32,
    x: impl SliceArg<'k, 's, f32>,
    y: impl SliceMutArg<'k, 's, f32>,
) -> Call<'s, (Uniform<f32>, Item<'k, f32>, ItemMut<'k, f32>), impl Fn(f32, &'k f32, &'k mut f32)> {
    fn native(a: f32, x: &f32, y: &mut f32) {
        *y += a * x;
    }
    Call::new(&SAXPY, (Uniform(a), x.into_elements().item(), y.into_elements_mut().item()), native)
}

/// Runs launches on this thread, in parts of three items.
struct InParts(Arc<DeviceInfo>);

// SAFETY: the parts cover the launch, and have run when it returns.
unsafe impl Backend for InParts {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.0
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        Ok(Plan {
            kernel: launch.definition().name,
            device: self.0.clone(),
            why: "".into(),
            extent: launch.extent(),
            arguments: vec![],
            steps: vec![],
        })
    }

    fn prepare(&self, _: &'static Definition) -> Result<()> {
        Ok(())
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        for start in (0..launch.items()).step_by(3) {
            let items: Range<usize> = start..(start + 3).min(launch.items());
            // SAFETY: the parts are disjoint and inside the launch.
            unsafe { launch.run(items) };
        }
        Ok(Report {
            kernel: launch.definition().name,
            device: self.0.clone(),
            why: "".into(),
            extent: launch.extent(),
            parameters: launch.definition().parameters,
            arguments: vec![],
            steps: Steps::default(),
        })
    }
}

fn device() -> Device {
    let info = DeviceInfo {
        id: "parts".into(),
        name: "parts".into(),
        driver: String::new(),
        kind: DeviceKind::Host,
        memory: 0,
        units: 1,
        capabilities: vec![],
        strategies: vec![],
    };
    Device::from_backend(Arc::new(InParts(Arc::new(info))), None)
}

#[test]
fn runs_over_everything_that_derefs_to_a_slice() {
    let x = vec![1.0_f32, 2.0, 3.0, 4.0];
    let mut y: Box<[f32]> = vec![10.0; 4].into();
    let report = device().run(saxpy(2.0, &x, &mut y)).unwrap();
    assert_eq!(*y, [12.0, 14.0, 16.0, 18.0]);
    assert_eq!(report.extent, Extent::linear(4));
    let mut z = [0.0_f32; 3];
    let _ = device().run(saxpy(1.0, &x[1..], &mut z)).unwrap();
    assert_eq!(z, [2.0, 3.0, 4.0]);
}

#[test]
fn lengths_that_disagree_name_the_parameters() {
    let error = device().run(saxpy(2.0, &[1.0_f32; 3], &mut vec![0.0_f32; 4])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "kernel `saxpy`: argument `y` gives 4 work-items, but `x` gives 3; all arguments of a launch have to give the same number"
    );
    let many: RowsMut<'_, u8> = RowsMut::new(&mut [], 0);
    assert_eq!(many.shape(), landbridge_core::argument::Shape::Ragged(0, 0));
}

static ROWS: Definition = Definition::new("rows", file!(), line!(), &["m", "i"], no_tree);

#[test]
fn rows_and_chunks_are_cut_evenly_or_refused() {
    let mut data = [1_u32, 2, 3, 4, 5, 6];
    let sum = |row: &mut [u32], i: usize| row.iter_mut().for_each(|v| *v += 100 * i as u32);
    let _ = device().run(Call::new(&ROWS, (RowsMut::new(&mut data, 2), IndexArg::implied()), sum)).unwrap();
    assert_eq!(data, [1, 2, 103, 104, 205, 206]);
    let error = device().run(Call::new(&ROWS, (RowsMut::new(&mut data, 4), IndexArg::implied()), sum)).unwrap_err();
    assert!(matches!(error, Error::NotDivisible { length: 6, group: 4, .. }), "{error}");
}

#[test]
fn two_dimensions_count_row_by_row() {
    let body = |i: Index2| (i.y, i.x);
    let numbers =
        device().collect(Call::new(&ROWS, (Index2Arg::new([3, 5]),), |i| body(i).0 * 10 + body(i).1)).unwrap();
    let expected: Vec<usize> = (0..3).flat_map(|y| (0..5).map(move |x| y * 10 + x)).collect();
    assert_eq!(numbers, expected);
    let empty = device().collect(Call::new(&ROWS, (Index2Arg::new([3, 0]),), |i| body(i).0)).unwrap();
    assert!(empty.is_empty());
}

#[test]
fn reductions_fold_every_item_once() {
    let x: Vec<u32> = (1..=100).collect();
    let value = |v: &u32| *v;
    assert_eq!(device().reduce(Call::new(&ROWS, (Item::new(&x),), value), Sum).unwrap(), 5050);
    assert_eq!(device().reduce(Call::new(&ROWS, (Item::new(&x),), value), Max).unwrap(), 100);
    assert_eq!(device().reduce(Call::new(&ROWS, (Item::new(&x[..0]),), value), Sum).unwrap(), 0);
}

#[test]
fn atomics_are_taken_as_plain_integers() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let mut counts = vec![0_u32; 4];
    let x: Vec<u8> = vec![1, 3, 3, 0, 1, 1];
    let atomics = Atomics::<'_, AtomicU32>::from(&mut counts[..]);
    let call = Call::new(&ROWS, (atomics, Item::new(&x)), |h: &[AtomicU32], v: &u8| {
        h[*v as usize].fetch_add(1, Ordering::Relaxed);
    });
    let _ = device().run(call).unwrap();
    assert_eq!(counts, [1, 3, 0, 2]);
}

#[test]
fn extents_of_different_shapes_are_refused_though_they_have_as_many_items() {
    let body = |i: Index2, j: Index2| i.x + j.x;
    let call = Call::new(&ROWS, (Index2Arg::new([2, 3]), Index2Arg::new([3, 2])), body);
    let error = device().collect(call).unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, Error::WrongExtent { .. }) && text.contains("of 3 x 2") && text.contains("of 2 x 3"),
        "{text}"
    );
}
