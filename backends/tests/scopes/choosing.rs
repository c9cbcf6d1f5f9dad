//! The device that chooses, made to choose an adapter: rates are pretended, and a host that runs everything says that it is slow.

use std::sync::Arc;
use std::time::Duration;

use landbridge::backend::{Backend, DeviceInfo};
use landbridge::launch::{Definition, Launch};
use landbridge::plan::{PlanStep, StepKind};
use landbridge::planner::Quantity;
use landbridge::report::Steps;
use landbridge::residency::Side;
use landbridge::session::Session;
use landbridge::{Device, Plan, Report, Result, kernel};
use landbridge_backends::auto::Auto;
use landbridge_backends::host::Host;
use landbridge_backends::rates;
use landbridge_backends::webgpu::WgpuBackend;

/// The host, saying that launches take long, before and after.
struct Reluctant {
    host: Host,
    says: Duration,
}

impl Reluctant {
    /// Seconds of a work-item, so that no launch counts as tiny.
    const ITEM: f64 = 1e9;
}

// SAFETY: the host does all of it.
#[allow(unsafe_code)]
unsafe impl Backend for Reluctant {
    fn info(&self) -> &Arc<DeviceInfo> {
        self.host.info()
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        let plan = self.host.plan(launch)?;
        launch.definition().note_item_nanoseconds(Self::ITEM);
        Ok(Plan { steps: vec![PlanStep::new(StepKind::Run, self.says, "says so")], ..plan })
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        self.host.prepare(definition)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        let mut report = self.host.launch(launch)?;
        launch.definition().note_item_nanoseconds(Self::ITEM);
        report.steps = Steps::default();
        report.steps.add(StepKind::Run, self.says);
        Ok(report)
    }
}

/// An adapter under a name of its own, whose rates are what the tests pretend: launches do not teach them, nor are they kept
/// for the machine's.
struct Pretended {
    adapter: Arc<WgpuBackend>,
    info: Arc<DeviceInfo>,
}

impl Pretended {
    fn open(number: usize) -> Result<Self> {
        let adapter = Arc::new(WgpuBackend::open(number)?);
        let name = format!("{}, with pretended rates", adapter.info().name);
        let info = Arc::new(DeviceInfo { name, ..DeviceInfo::clone(adapter.info()) });
        Ok(Pretended { adapter, info })
    }
}

// SAFETY: the adapter does all of it.
#[allow(unsafe_code)]
unsafe impl Backend for Pretended {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        self.adapter.plan(launch)
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        self.adapter.prepare(definition)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        self.adapter.launch(launch)
    }

    fn session(self: Arc<Self>) -> Result<Option<Box<dyn Session>>> {
        Arc::clone(&self.adapter).session()
    }
}

/// A device that chooses between an adapter, which it takes for fast, and a host that says it takes a second.
pub(crate) fn over(number: usize) -> Result<Device> {
    against(number, Duration::from_secs(1))
}

/// The rates are the process's, and all tests pretend the same.
fn against(number: usize, says: Duration) -> Result<Device> {
    let adapter = Arc::new(Pretended::open(number)?);
    let all = [
        (Quantity::CopyLatency, 1e-9),
        (Quantity::CopyIn, 1e12),
        (Quantity::CopyOut, 1e12),
        (Quantity::Speed, 1e15),
        (Quantity::KeptLaunch, 1e-6),
        (Quantity::KeptMemory, 1e15),
    ];
    rates::of(adapter.info()).renew(&all);
    let host: Arc<dyn Backend> = Arc::new(Reluctant { host: Host::new(), says });
    let auto = Auto::new(host.clone(), vec![adapter]);
    Ok(Device::from_backend(Arc::new(auto), Some(host)))
}

/// A kernel of the test's own: what a work-item costs is the process's, and a launch elsewhere tells the truth for a moment.
macro_rules! own_kernel {
    () => {
        #[kernel]
        fn bump(x: &u32, y: &mut u32) {
            *y = y.wrapping_mul(3) ^ *x;
        }
    };
}

/// Few devices have 64-bit floats.
#[kernel]
fn widen(y: &u32, wide: &mut f64) {
    *wide = f64::from(*y);
}

fn expected(launches: u32) -> u32 {
    (0..launches).fold(1, |y: u32, _| y.wrapping_mul(3) ^ 5)
}

#[test]
fn data_stays_on_the_device_that_was_chosen_and_comes_home_once() {
    own_kernel!();
    let Ok(device) = over(0) else { return };
    let (x, mut y) = (vec![5; 1 << 16], vec![1; 1 << 16]);
    let (_, report) = device
        .scope_reported(|s| {
            let (x, mut y) = (s.attach(&x), s.attach_mut(&mut y));
            (0..20).try_for_each(|_| s.launch(bump(&x, &mut y)))
        })
        .unwrap();
    assert!(y.iter().all(|y| *y == expected(20)));
    let bytes = 4 << 16;
    let moved: Vec<_> = report.arrays.iter().map(|a| (a.bytes_to(Side::Device), a.bytes_to(Side::Host))).collect();
    assert_eq!(moved, [(bytes, 0), (bytes, bytes)], "{report}");
    assert!(!report.in_place && report.on_host.is_empty(), "{report}");
}

#[test]
fn data_goes_to_the_device_once_as_many_launches_have_been_as_its_way_costs() {
    own_kernel!();
    // 8 MiB in and 4 MiB back at 1 TB/s: 13 us; a launch 1 us there, against 3 us at home.
    let Ok(device) = against(0, Duration::from_micros(3)) else { return };
    let (x, mut y) = (vec![5; 1 << 20], vec![1; 1 << 20]);
    let run = |y: &mut Vec<u32>, launches: u32| {
        let (_, report) = device
            .scope_reported(|s| {
                let (x, mut y) = (s.attach(&x), s.attach_mut(y));
                (0..launches).try_for_each(|_| s.launch(bump(&x, &mut y)))
            })
            .unwrap();
        report
    };
    let few = run(&mut y, 4);
    assert!(few.in_place && few.bytes_in() == 0, "{few}");
    assert!(y.iter().all(|y| *y == expected(4)));
    let many = run(&mut y, 36);
    assert_eq!((many.bytes_in(), many.bytes_out()), (8 << 20, 4 << 20), "{many}");
    assert!(y.iter().all(|y| *y == expected(40)));
}

#[test]
fn what_the_device_refuses_runs_on_the_host_with_what_the_device_has() {
    own_kernel!();
    let Ok(device) = over(0) else { return };
    let (x, mut y, mut wide) = (vec![5; 1 << 16], vec![1; 1 << 16], vec![0.0; 1 << 16]);
    let (_, report) = device
        .scope_reported(|s| {
            let (x, mut y, mut wide) = (s.attach(&x), s.attach_mut(&mut y), s.attach_mut(&mut wide));
            (0..3).try_for_each(|_| {
                s.launch(bump(&x, &mut y))?;
                s.launch(widen(&y, &mut wide))
            })
        })
        .unwrap();
    assert!(y.iter().all(|y| *y == expected(3)));
    assert!(wide.iter().all(|wide| *wide == f64::from(expected(3))));
    assert_eq!(report.launches, 6, "{report}");
}
