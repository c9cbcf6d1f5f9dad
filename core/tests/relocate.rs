//! Launches whose arguments point at a copy.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge_core::argument::{
    Access, ArgumentView, Atomics, Index2Arg, IndexArg, Item, ItemMut, Rows, RowsMut, Span, Uniform, Whole,
};
use landbridge_core::ast::FunctionTree;
use landbridge_core::backend::{Backend, DeviceInfo};
use landbridge_core::launch::{Call, Definition, Launch};
use landbridge_core::report::Steps;
use landbridge_core::{Device, DeviceKind, Index2, Plan, Report, Result, Sum};

fn no_tree() -> FunctionTree {
    unreachable!("nothing asks for the tree")
}

static ALL: Definition = Definition::new("all", file!(), line!(), &[], no_tree);
static SUM: Definition = Definition::new("sum", file!(), line!(), &[], no_tree);

fn spans(launch: &dyn Launch) -> Vec<Option<Span>> {
    let mut spans = vec![];
    launch.describe(&mut |view| {
        spans.push(match view {
            ArgumentView::Span(span) => Some(span),
            _ => None,
        });
    });
    spans
}

/// Runs a launch on copies of its memory, and gives the copies.
fn run_on_copies(launch: &dyn Launch) -> Vec<Vec<u64>> {
    let spans = spans(launch);
    let at_home: Vec<_> = spans.iter().map(|span| span.map_or(ptr::null_mut(), |span| span.data)).collect();
    let bytes = |span: &Option<Span>| span.map_or(0, |span| span.bytes());
    let mut copies: Vec<Vec<u64>> = spans.iter().map(|span| vec![0; bytes(span).div_ceil(8)]).collect();
    for (copy, span) in copies.iter_mut().zip(&spans) {
        if let Some(span) = span {
            // SAFETY: as many bytes as the copy has room for; the launch lends them.
            unsafe { ptr::copy_nonoverlapping(span.data, copy.as_mut_ptr().cast(), span.bytes()) };
        }
    }
    let elsewhere: Vec<*mut MaybeUninit<u8>> = copies.iter_mut().map(|copy| copy.as_mut_ptr().cast()).collect();
    // SAFETY: the copies hold what the memory does, are aligned for 8 bytes, and nobody else has them. Nothing else uses the
    // launch; its items run once, and it points home again at the end.
    unsafe {
        assert!(launch.relocate(&elsewhere));
        launch.run(0..launch.items());
        assert!(launch.relocate(&at_home));
    }
    copies
}

#[test]
fn every_role_works_on_the_copy_alone() {
    let (item, whole, matrix) = ([1_u32, 2, 3, 4], [10_u32, 20], [1_u32, 1, 2, 2, 3, 3, 4, 4]);
    let (mut item_mut, mut matrix_mut, mut counts) = ([7_u32; 4], [0_u32; 8], [0_u32; 2]);
    let counts_elements = Atomics::<'_, AtomicU32>::from(&mut counts[..]);
    let arguments = (
        Uniform(100_u32),
        Item::new(&item),
        ItemMut::new(&mut item_mut),
        Whole::new(&whole),
        counts_elements,
        Rows::over((&matrix[..]).into(), 2),
        RowsMut::new(&mut matrix_mut, 2),
        IndexArg::implied(),
        Index2Arg::new([2, 2]),
    );
    let body = |u: u32,
                x: &u32,
                y: &mut u32,
                whole: &[u32],
                counts: &[AtomicU32],
                row: &[u32],
                out: &mut [u32],
                i: usize,
                at: Index2| {
        *y += u + *x + whole[i % 2];
        counts[at.x].fetch_add(row[0], Relaxed);
        out.copy_from_slice(&[row[0] + row[1], i as u32]);
    };
    let launch = Call::new(&ALL, arguments, body).pending().unwrap();
    let (before, copies) = (spans(&launch), run_on_copies(&launch));
    let words = |copy: usize| -> Vec<u32> {
        copies[copy].iter().flat_map(|word| [*word as u32, (*word >> 32) as u32]).collect()
    };
    assert_eq!(words(2), [118, 129, 120, 131]);
    assert_eq!(words(4), [4, 6]);
    assert_eq!(words(6), [2, 0, 4, 1, 6, 2, 8, 3]);
    for (before, after) in before.iter().zip(spans(&launch)) {
        assert_eq!(before.map(|span| span.data), after.map(|span| span.data));
    }
    let written = before.iter().flatten().filter(|span| span.access == Access::ReadWrite).count();
    assert_eq!(written, 3);
    assert_eq!((item_mut, matrix_mut, counts), ([7; 4], [0; 8], [0; 2]), "the user's memory is as it was");
}

/// Runs launches on copies that nobody copies back.
struct OnCopies(Arc<DeviceInfo>);

// SAFETY: every item has run when `launch` returns, and results are not relocated.
unsafe impl Backend for OnCopies {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.0
    }

    fn plan(&self, _: &dyn Launch) -> Result<Plan> {
        unreachable!("nothing is planned here")
    }

    fn prepare(&self, _: &'static Definition) -> Result<()> {
        Ok(())
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        run_on_copies(launch);
        Ok(Report {
            kernel: launch.definition().name,
            device: self.0.clone(),
            why: "".into(),
            extent: launch.extent(),
            parameters: &[],
            arguments: vec![],
            steps: Steps::default(),
        })
    }
}

#[test]
fn results_stay_where_they_are() {
    let info = DeviceInfo {
        id: "copies".into(),
        name: "copies".into(),
        driver: String::new(),
        kind: DeviceKind::Other,
        memory: 0,
        units: 1,
        capabilities: vec![],
        strategies: vec![],
    };
    let device = Device::from_backend(Arc::new(OnCopies(Arc::new(info))), None);
    let x = [1.5_f64, 2.5];
    let double = || Call::new(&SUM, (Item::new(&x),), |x: &f64| 2.0 * *x);
    assert_eq!(device.collect(double()).unwrap(), [3.0, 5.0]);
    assert_eq!(device.reduce(double(), Sum).unwrap(), 8.0);
}
