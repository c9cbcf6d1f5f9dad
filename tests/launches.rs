//! Launches as a user makes them, on every device of this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use landbridge::prelude::*;
use landbridge::{Error, Result};

#[kernel]
fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

#[kernel]
fn pairs(from: &[u8; 2], to: &mut u8) {
    *to = from[0].wrapping_add(from[1]);
}

#[kernel]
fn row_sum(#[rows] row: &[u32], sum: &mut u32) {
    *sum = 0;
    for value in row {
        *sum += value;
    }
}

#[kernel]
fn square(x: &u64) -> u64 {
    x * x
}

/// `exp` of `f64` is what no Vulkan driver does right.
#[kernel]
fn grow(x: &mut f64) {
    *x = x.exp();
}

#[kernel]
fn count(counts: &[AtomicU32], x: &u8) {
    counts[*x as usize % 4].fetch_add(1, Ordering::Relaxed);
}

#[kernel]
fn number(i: Index) -> u32 {
    i as u32
}

/// The other tests run on what is there; this one fails where an adapter has to be.
#[test]
fn adapters_are_here_where_they_are_required() {
    if Device::all().len() == 1 {
        let required = std::env::var("LANDBRIDGE_REQUIRE_WGPU").is_ok_and(|value| value == "1");
        let why = Device::wgpu(0).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(!required, "{why}");
        println!("skipped: all tests on adapters: {why}");
    }
}

#[test]
fn slices_of_different_lengths_are_an_error_that_names_both() {
    for device in Device::all() {
        let error = device.run(saxpy(1.0, &[1.0, 2.0], &mut [0.0; 3])).unwrap_err();
        assert!(matches!(error, Error::WrongLength { parameter: "y", found: 3, other: "x", expected: 2, .. }));
        let text = error.to_string();
        assert!(text.contains("`y` gives 3 work-items, but `x` gives 2"), "{text}");
        assert!(device.plan(&saxpy(1.0, &[1.0, 2.0], &mut [0.0; 3])).is_err());
    }
}

#[test]
fn ragged_chunks_and_rows_are_errors() {
    for device in Device::all() {
        let error = device.run(pairs(&[1, 2, 3], &mut [0])).unwrap_err();
        assert!(matches!(error, Error::NotDivisible { parameter: "from", length: 3, group: 2, .. }), "{error}");
        let error = device.run(row_sum(rows(&[1, 2, 3], 2), &mut [0])).unwrap_err();
        assert!(matches!(error, Error::NotDivisible { parameter: "row", length: 3, group: 2, .. }), "{error}");
        let error = device.run(row_sum(rows(&[], 0), &mut [])).unwrap_err();
        assert!(matches!(error, Error::NotDivisible { .. }), "{error}");
    }
}

#[test]
fn too_many_items_are_an_error_before_anything_runs() {
    #[kernel]
    fn plane(at: Index2) -> u32 {
        at.x as u32
    }
    let error = Device::host().collect(plane([usize::MAX, 2])).unwrap_err();
    assert!(matches!(error, Error::ExtentTooLarge { .. }), "{error}");
}

#[test]
fn arguments_in_all_their_forms() -> Result<()> {
    for device in Device::all() {
        let mut vec = vec![1.0; 4];
        let _ = device.run(saxpy(1.0, &vec![1.0; 4], &mut vec))?;
        let mut boxed: Box<[f32]> = vec.into();
        let shared: Arc<[f32]> = Arc::from([1.0, 2.0, 3.0, 4.0]);
        let _ = device.run(saxpy(2.0, &shared, &mut boxed))?;
        let mut array = [0.0; 4];
        let _ = device.run(saxpy(1.0, &boxed, &mut array))?;
        let _ = device.run(saxpy(10.0, &array[..2], &mut boxed[1..3]))?;
        assert_eq!(array, [4.0, 6.0, 8.0, 10.0]);
        assert_eq!(boxed[..], [4.0, 46.0, 68.0, 10.0]);
        let mut counts = vec![AtomicU32::new(0), AtomicU32::new(5), AtomicU32::new(0), AtomicU32::new(0)];
        let _ = device.run(count(&mut counts, &[1, 1, 2, 255]))?;
        assert_eq!(counts.into_iter().map(AtomicU32::into_inner).collect::<Vec<_>>(), [0, 7, 1, 1]);
    }
    Ok(())
}

#[test]
fn nothing_to_do_is_done() -> Result<()> {
    for device in Device::all() {
        let report = device.run(saxpy(1.0, &[], &mut []))?;
        assert!(report.to_string().starts_with("saxpy: 0 items on "), "{report}");
        assert_eq!(device.collect(number(0))?, [0; 0]);
        assert_eq!(device.reduce(square(&[]), Sum)?, 0);
    }
    Ok(())
}

#[test]
fn a_report_names_device_strategies_and_times() -> Result<()> {
    for device in Device::all() {
        let x = vec![1.0; 1 << 16];
        let mut y = vec![1.0; 1 << 16];
        let report = device.run(saxpy(1.0, &x, &mut y))?;
        let text = report.to_string();
        assert!(text.starts_with(&format!("saxpy: 65536 items on {}\n", device.info())), "{text}");
        assert!(text.lines().last().is_some_and(|line| line.starts_with("  took ")), "{text}");
        if device.info().id == "host" {
            assert!(text.contains("a, x, y: direct, used in place"), "{text}");
            assert_eq!((report.bytes_in(), report.bytes_out()), (0, 0));
        } else {
            assert_eq!(report.arguments.iter().map(|a| a.name).collect::<Vec<_>>(), ["x", "y"], "{text}");
            assert!(report.arguments.iter().all(|a| !a.why.is_empty()), "{text}");
        }
    }
    Ok(())
}

#[test]
fn copies_are_counted_in_bytes() -> Result<()> {
    for device in Device::all().into_iter().filter(|device| device.info().supports(Strategy::Copy)) {
        let x = vec![1.0; 1 << 16];
        let mut y = vec![1.0; 1 << 16];
        let report = device.run(saxpy(1.0, &x, &mut y).strategy(Strategy::Copy))?;
        assert!(report.arguments.iter().all(|a| a.strategy == Strategy::Copy));
        assert_eq!((report.bytes_in(), report.bytes_out()), (2 << 18, 1 << 18), "{report}");
        assert!(report.to_string().contains("256.0 KiB"), "{report}");
        assert_eq!(y[77], 2.0);
    }
    Ok(())
}

#[test]
fn a_strategy_that_is_not_possible_says_why() {
    let mut y = [0.0];
    let error = Device::host().run(saxpy(1.0, &[1.0], &mut y).strategy(Strategy::Copy)).unwrap_err();
    assert!(matches!(error, Error::StrategyUnavailable { strategy: Strategy::Copy, .. }), "{error}");
    for device in Device::all().into_iter().filter(|device| device.info().id != "host") {
        let error = device.run(saxpy(1.0, &[1.0], &mut y).strategy(Strategy::Direct)).unwrap_err();
        assert!(matches!(error, Error::StrategyUnavailable { strategy: Strategy::Direct, .. }), "{error}");
    }
}

#[test]
fn what_a_device_lacks_runs_on_the_host_and_the_report_says_so() -> Result<()> {
    for device in Device::all().into_iter().filter(|device| device.info().id != "host") {
        let mut x = [0.0, 1.0];
        let report = device.run(grow(&mut x))?;
        assert_eq!((report.device.id.as_str(), x), ("host", [1.0, 1.0_f64.exp()]));
        let start = format!("fell back from {}: ", device.info().id);
        assert!(report.why.starts_with(&start) && report.why.contains("f64"), "{report}");
        let error = device.without_fallback().run(grow(&mut x)).unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    }
    Ok(())
}

#[test]
fn plans_and_preparations_run_nothing() -> Result<()> {
    for device in Device::all() {
        let mut y = vec![1.0; 1000];
        let call = saxpy(1.0, &[1.0; 1000], &mut y);
        device.prepare(&call)?;
        let plan = device.plan(&call)?;
        assert_eq!(plan.device.id, device.info().id);
        assert!(plan.to_string().contains("predicted"), "{plan}");
        assert_eq!(plan.extent.items(), Some(1000));
        drop(call);
        assert_eq!(y, [1.0; 1000]);
    }
    Ok(())
}

#[test]
fn auto_never_takes_a_software_driver() -> Result<()> {
    if std::env::var_os("LANDBRIDGE_DEVICE").is_some() {
        println!("skipped: LANDBRIDGE_DEVICE overrides the choice");
        return Ok(());
    }
    let x = vec![1.0; 1 << 20];
    let mut y = vec![0.0; 1 << 20];
    let report = Device::auto()?.run(saxpy(1.0, &x, &mut y))?;
    assert_ne!(report.device.kind, landbridge::DeviceKind::Software, "{report}");
    Ok(())
}

#[test]
fn opening_a_device_twice_is_opening_it_once() -> Result<()> {
    let number_of = |device: &Device| device.info().id.strip_prefix("wgpu:")?.parse::<usize>().ok();
    for device in Device::all() {
        let again = match number_of(&device) {
            Some(number) => Device::wgpu(number)?,
            None => Device::host(),
        };
        assert!(std::ptr::eq(device.info(), again.info()), "{} is open twice", device.info());
    }
    Ok(())
}

#[test]
fn the_pool_can_be_chosen() -> Result<()> {
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a pool"));
    let device = Device::options().pool(pool.clone()).host();
    assert_eq!(device.info().units, 3);
    let x: Vec<u64> = (0..100_000).collect();
    let sum = pool.install(|| device.reduce(square(&x), Sum))?;
    assert_eq!(sum, x.iter().map(|x| x * x).sum());
    Ok(())
}

#[test]
fn under_a_memory_cap_launches_still_work() -> Result<()> {
    let options = Device::options().memory_cap(1 << 20).timeout(Duration::from_secs(100));
    for device in options.all() {
        let x = vec![2.0; 1 << 20];
        let mut y = vec![1.0; 1 << 20];
        let call = saxpy(1.0, &x, &mut y);
        let supported = device.info().supports(Strategy::Copy);
        let _ = device.run(if supported { call.strategy(Strategy::Copy) } else { call })?;
        assert!(y.iter().all(|&y| y == 3.0), "{}", device.info());
    }
    Ok(())
}

#[test]
fn many_threads_launch_at_once() -> Result<()> {
    for device in Device::all() {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8_u64)
                .map(|k| {
                    let device = device.clone();
                    scope.spawn(move || {
                        let x = vec![k; 10_000];
                        (0..5).all(|_| device.reduce(square(&x), Sum).is_ok_and(|sum| sum == k * k * 10_000))
                    })
                })
                .collect();
            assert!(threads.into_iter().all(|thread| thread.join().expect("no panic")), "{}", device.info());
        });
    }
    Ok(())
}

#[derive(KernelType)]
struct Node {
    value: u64,
    next: Option<Box<Node>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

#[kernel]
fn list_sum(head: Option<&Node>, times: &u64) -> u64 {
    let mut sum = 0;
    let mut cur = head;
    while let Some(node) = cur {
        sum += node.value;
        cur = node.next.as_deref();
    }
    sum * times
}

/// Nothing recurses, neither the walk nor what surrounds it.
#[test]
fn a_list_of_ten_million_nodes_is_summed_where_it_is() {
    const NODES: u64 = 10_000_000;
    let list = (1..=NODES).fold(None, |next, value| Some(Box::new(Node { value, next })));
    let sums = Device::host().collect(list_sum(list.as_deref(), &[1, 3])).unwrap();
    let sum = NODES * (NODES + 1) / 2;
    assert_eq!(sums, [sum, 3 * sum]);
    assert_eq!(Device::host().collect(list_sum(None::<&Node>, &[5])).unwrap(), [0]);
}
