//! The device that chooses, over made-up devices with made-up plans.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use landbridge_backends::auto::Auto;
use landbridge_core::argument::{ItemMut, Uniform};
use landbridge_core::ast::FunctionTree;
use landbridge_core::backend::{Backend, DeviceInfo, StrategySupport};
use landbridge_core::launch::{Call, Definition, Launch};
use landbridge_core::plan::{PlanStep, StepKind};
use landbridge_core::report::Steps;
use landbridge_core::{Device, DeviceKind, Error, Plan, Report, Result, Strategy};

/// A device that predicts a time, and runs nothing or fails.
struct Fake {
    info: Arc<DeviceInfo>,
    plan: Result<Duration>,
    /// What a launch takes; `None`: as planned.
    takes: Option<Duration>,
    failure: Option<Error>,
    /// A move of pages that the plan has too, and how many launches it serves.
    moves: Option<(Duration, f64)>,
    launches: AtomicUsize,
    plans: AtomicUsize,
    /// Microseconds that it plans now, instead of `plan`; 0: not instead.
    now: AtomicUsize,
}

impl Fake {
    fn new(id: &str, plan: Result<Duration>) -> Self {
        let support = |strategy, missing: Option<&str>| StrategySupport { strategy, missing: missing.map(Into::into) };
        let direct = support(Strategy::Direct, (id != "host").then_some("not the host"));
        let copy = support(Strategy::Copy, (id == "host").then_some("nothing to copy"));
        let info = Arc::new(DeviceInfo {
            id: id.into(),
            name: "fake".into(),
            driver: String::new(),
            kind: DeviceKind::Other,
            memory: 0,
            units: 1,
            capabilities: vec![],
            strategies: vec![direct, copy],
        });
        Fake {
            info,
            plan,
            takes: None,
            failure: None,
            moves: None,
            launches: AtomicUsize::new(0),
            plans: AtomicUsize::new(0),
            now: AtomicUsize::new(0),
        }
    }

    fn failing(mut self, failure: Error) -> Self {
        self.failure = Some(failure);
        self
    }

    fn taking(mut self, time: Duration) -> Self {
        self.takes = Some(time);
        self
    }

    fn moving(mut self, time: Duration, launches: f64) -> Self {
        self.moves = Some((time, launches));
        self
    }

    fn plans_now(&self, time: Duration) {
        self.now.store(time.as_micros() as usize, Ordering::Relaxed);
    }

    fn launches(&self) -> usize {
        self.launches.load(Ordering::Relaxed)
    }
}

// SAFETY: it touches no memory, and the tests collect nothing from it.
#[allow(unsafe_code)]
unsafe impl Backend for Fake {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        self.plans.fetch_add(1, Ordering::Relaxed);
        let time = match self.now.load(Ordering::Relaxed) {
            0 => self.plan.clone()?,
            now => Duration::from_micros(now as u64),
        };
        let moves = self.moves.map(|(time, launches)| PlanStep::new(StepKind::Migrate, time, "").serving(launches));
        Ok(Plan {
            kernel: launch.definition().name,
            device: self.info.clone(),
            why: "".into(),
            extent: launch.extent(),
            arguments: vec![],
            steps: moves.into_iter().chain([PlanStep::new(StepKind::Run, time, "")]).collect(),
        })
    }

    fn prepare(&self, _: &'static Definition) -> Result<()> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        self.launches.fetch_add(1, Ordering::Relaxed);
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let mut steps = Steps::default();
        if let Some(time) = self.takes.or(self.plan.clone().ok()) {
            steps.add(StepKind::Run, time);
        }
        Ok(Report {
            kernel: launch.definition().name,
            device: self.info.clone(),
            why: "".into(),
            extent: launch.extent(),
            parameters: launch.definition().parameters,
            arguments: vec![],
            steps,
        })
    }
}

fn no_tree() -> FunctionTree {
    unreachable!("no device here asks for the tree")
}

static FILL: Definition = Definition::new("fill", "f.rs", 1, &["value", "y"], no_tree);
static CHEAP: Definition = Definition::new("cheap", "f.rs", 2, &["value", "y"], no_tree);

type Filling<'k> = (Uniform<u32>, ItemMut<'k, u32>);

fn fill<'k>(
    definition: &'static Definition,
    y: &'k mut [u32],
) -> Call<'static, Filling<'k>, impl Fn(u32, &'k mut u32) + use<'k>> {
    Call::new(definition, (Uniform(1), ItemMut::new(y)), |value, y: &'k mut u32| *y = value)
}

const MS: fn(u64) -> Duration = Duration::from_millis;

fn auto(host: &Arc<Fake>, others: &[Arc<Fake>]) -> Device {
    let others = others.iter().map(|other| other.clone() as Arc<dyn Backend>).collect();
    Device::from_backend(Arc::new(Auto::new(host.clone(), others)), None)
}

fn lacking(device: &str) -> Error {
    Error::Unsupported { kernel: "fill", device: device.into(), what: "f64".into() }
}

#[test]
fn the_smallest_prediction_wins_and_the_report_says_why() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let slow = Arc::new(Fake::new("wgpu:0", Ok(MS(9))));
    let fast = Arc::new(Fake::new("wgpu:1", Ok(MS(1))));
    let device = auto(&host, &[slow.clone(), fast.clone()]);
    let report = device.run(fill(&FILL, &mut [0; 8])).unwrap();
    assert_eq!(report.device.id, "wgpu:1");
    assert_eq!(report.why, "predicted 1.00 ms here, 4.00 ms on host, 9.00 ms on wgpu:0");
    assert_eq!([host.launches(), slow.launches(), fast.launches()], [0, 0, 1]);
    let plan = device.plan(&fill(&FILL, &mut [0; 8])).unwrap();
    assert_eq!((plan.device.id.as_str(), &plan.why), ("wgpu:1", &report.why));
}

#[test]
fn what_launches_take_outweighs_what_was_predicted() {
    static TAUGHT: Definition = Definition::new("taught", "f.rs", 3, &["value", "y"], no_tree);
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let slow = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).taking(MS(40)));
    let device = auto(&host, std::slice::from_ref(&slow));
    let mut data = vec![0; 1000];
    let ran: Vec<_> = (0..6).map(|_| device.run(fill(&TAUGHT, &mut data)).unwrap().device.id.clone()).collect();
    // The first launches may have met a sleeping driver: until there are three, the prediction counts.
    assert_eq!(ran, ["wgpu:0", "wgpu:0", "wgpu:0", "host", "host", "host"]);
    let plan = device.plan(&fill(&TAUGHT, &mut data)).unwrap();
    assert!(plan.why.contains("40.0 ms on wgpu:0"), "{}", plan.why);
    // Of launches of quite another size nothing is known yet.
    assert_eq!(device.run(fill(&TAUGHT, &mut vec![0; 100_000])).unwrap().device.id, "wgpu:0");
}

#[test]
fn a_device_new_to_the_kernel_has_to_be_better_by_a_margin() {
    let host = Arc::new(Fake::new("host", Ok(Duration::from_micros(1000))));
    let close = Arc::new(Fake::new("wgpu:0", Ok(Duration::from_micros(900))));
    let report = auto(&host, std::slice::from_ref(&close)).run(fill(&FILL, &mut [0; 8])).unwrap();
    assert_eq!(report.device.id, "host");
}

#[test]
fn what_only_the_plan_promises_needs_the_margin_also_after_the_first_launches() {
    static PROMISED: Definition = Definition::new("promised", "f.rs", 4, &["value", "y"], no_tree);
    let host = Arc::new(Fake::new("host", Ok(MS(20))));
    let other = Arc::new(Fake::new("wgpu:0", Ok(Duration::from_micros(900))).taking(MS(40)));
    let device = auto(&host, std::slice::from_ref(&other));
    let run = || device.run(fill(&PROMISED, &mut [0; 8])).unwrap().device.id.clone();
    assert_eq!([run(), run()], ["wgpu:0", "wgpu:0"], "the host's plan is far worse");
    host.plans_now(Duration::from_micros(1000));
    assert_eq!(run(), "host", "the other has run twice, but only its plan says 900 µs");
    host.plans_now(Duration::from_micros(1200));
    assert_eq!(run(), "wgpu:0", "by the margin");
}

#[test]
fn a_move_counts_by_the_launches_that_it_serves() {
    for (launches, expected) in [(1.0, "host"), (100.0, "node:1")] {
        let host = Arc::new(Fake::new("host", Ok(MS(4))));
        let node = Arc::new(Fake::new("node:1", Ok(MS(1))).moving(MS(50), launches));
        let report = auto(&host, &[node]).run(fill(&FILL, &mut [0; 8])).unwrap();
        assert_eq!(report.device.id, expected, "{}", report.why);
    }
}

#[test]
fn a_device_that_refused_is_not_asked_again_each_time_but_later() {
    static REFUSED: Definition = Definition::new("refused", "f.rs", 5, &["value", "y"], no_tree);
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let other = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).failing(lacking("wgpu:0")));
    let device = auto(&host, std::slice::from_ref(&other));
    let run = || device.run(fill(&REFUSED, &mut [0; 8])).unwrap();
    assert!(run().why.starts_with("fell back: "));
    let report = run();
    assert_eq!((report.device.id.as_str(), other.launches()), ("host", 1));
    assert!(report.why.contains("none on wgpu:0, which refused: ") && report.why.contains("f64"), "{}", report.why);
    assert!(report.why.contains("tried again in 16 launches"), "{}", report.why);
    for _ in 0..40 {
        run();
    }
    assert_eq!((other.launches(), host.launches()), (2, 42), "once more, after 16");
}

#[test]
fn what_is_not_measured_is_probed_beside_launches_and_not_before() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let other = Arc::new(Fake::new("wgpu:probed", Ok(MS(9))));
    let auto = Auto::with_probes(host.clone(), vec![other.clone() as Arc<dyn Backend>]);
    let device = Device::from_backend(Arc::new(auto), None);
    assert_eq!(other.launches(), 0);
    device.run(fill(&FILL, &mut [0; 8])).unwrap();
    let begin = std::time::Instant::now();
    while other.launches() == 0 && begin.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(MS(1));
    }
    drop(device);
    let launches = other.launches();
    assert!(launches > 0, "no probe in a minute");
    std::thread::sleep(MS(50));
    assert_eq!(other.launches(), launches, "the device is gone, and its probes go on");
}

#[test]
fn nothing_slower_than_the_host_is_chosen_and_ties_stay_home() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let slower = Arc::new(Fake::new("wgpu:0", Ok(MS(5))));
    let same = Arc::new(Fake::new("wgpu:1", Ok(MS(4))));
    let report = auto(&host, &[slower, same]).run(fill(&FILL, &mut [0; 8])).unwrap();
    assert_eq!(report.device.id, "host");
}

#[test]
fn the_host_alone_is_not_asked_for_a_plan() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let report = auto(&host, &[]).run(fill(&FILL, &mut [0; 8])).unwrap();
    assert_eq!((report.device.id.as_str(), host.plans.load(Ordering::Relaxed)), ("host", 0));
}

#[test]
fn work_that_is_known_to_be_tiny_stays_on_the_host_unasked() {
    CHEAP.note_item_nanoseconds(1.0);
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let other = Arc::new(Fake::new("wgpu:0", Ok(MS(1))));
    let device = auto(&host, std::slice::from_ref(&other));
    let report = device.run(fill(&CHEAP, &mut [0; 100])).unwrap();
    assert_eq!((report.device.id.as_str(), other.plans.load(Ordering::Relaxed)), ("host", 0));
    let report = device.run(fill(&CHEAP, &mut vec![0; 100_000])).unwrap();
    assert_eq!(report.device.id, "wgpu:0");
}

#[test]
fn a_device_without_a_plan_is_passed_over() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let other = Arc::new(Fake::new("wgpu:0", Err(lacking("wgpu:0"))));
    let report = auto(&host, std::slice::from_ref(&other)).run(fill(&FILL, &mut [0; 8])).unwrap();
    assert_eq!((report.device.id.as_str(), other.launches()), ("host", 0));
    assert!(report.why.contains("none on wgpu:0") && report.why.contains("f64"), "{}", report.why);
}

#[test]
fn what_the_chosen_device_lacks_the_next_one_does() {
    for failure in
        [lacking("wgpu:0"), Error::OutOfMemory { device: "wgpu:0".into(), wanted: 2, available: 1, hint: "f64".into() }]
    {
        let host = Arc::new(Fake::new("host", Ok(MS(4))));
        let other = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).failing(failure));
        let report = auto(&host, &[other]).run(fill(&FILL, &mut [0; 8])).unwrap();
        assert_eq!(report.device.id, "host");
        assert!(report.why.starts_with("fell back: ") && report.why.contains("f64"), "{}", report.why);
    }
}

#[test]
fn a_failure_that_the_host_cannot_mend_is_the_answer() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let lost = Error::DeviceLost { device: "wgpu:0".into(), why: "unplugged".into() };
    let other = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).failing(lost));
    let error = auto(&host, &[other]).run(fill(&FILL, &mut [0; 8])).unwrap_err();
    assert!(matches!(error, Error::DeviceLost { .. }));
    assert_eq!(host.launches(), 0);
}

#[test]
fn without_any_plan_the_error_is_the_first_device_s() {
    let unavailable = || Error::StrategyUnavailable { strategy: Strategy::Map, device: "x".into(), why: "no".into() };
    let host = Arc::new(Fake::new("host", Err(unavailable())));
    let other = Arc::new(Fake::new("wgpu:0", Err(lacking("wgpu:0"))));
    let device = auto(&host, &[other]);
    let error = device.run(fill(&FILL, &mut [0; 8]).strategy(Strategy::Map)).unwrap_err();
    assert!(matches!(error, Error::StrategyUnavailable { .. }));
    assert!(device.plan(&fill(&FILL, &mut [0; 8]).strategy(Strategy::Map)).is_err());
}

#[test]
fn preparing_reaches_every_device_and_forgives_what_one_lacks() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let other = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).failing(lacking("wgpu:0")));
    auto(&host, &[other]).prepare(&fill(&FILL, &mut [0; 8])).unwrap();
    let lost = Error::DeviceLost { device: "wgpu:0".into(), why: "unplugged".into() };
    let other = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).failing(lost));
    assert!(auto(&host, &[other]).prepare(&fill(&FILL, &mut [0; 8])).is_err());
}

#[test]
fn it_describes_itself_by_what_it_chooses_from() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let other = Arc::new(Fake::new("wgpu:0", Ok(MS(1))));
    let device = auto(&host, &[other]);
    assert_eq!(device.info().to_string(), "auto (best of host, wgpu:0)");
    assert!(device.info().supports(Strategy::Direct) && device.info().supports(Strategy::Copy));
    assert!(!device.info().supports(Strategy::Map));
}

#[test]
fn a_fallback_is_told_in_the_report() {
    let host = Arc::new(Fake::new("host", Ok(MS(4))));
    let poor = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).failing(lacking("wgpu:0")));
    let device = Device::from_backend(poor.clone(), Some(host));
    let report = device.run(fill(&FILL, &mut [0; 8])).unwrap();
    assert_eq!(report.device.id, "host");
    assert!(report.to_string().contains("why: fell back from wgpu:0"), "{report}");
    let error = device.without_fallback().run(fill(&FILL, &mut [0; 8])).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
}

#[test]
fn a_strategy_that_the_fallback_lacks_leaves_the_first_error() {
    let unavailable = Error::StrategyUnavailable { strategy: Strategy::Copy, device: "host".into(), why: "no".into() };
    let host = Arc::new(Fake::new("host", Ok(MS(4))).failing(unavailable));
    let poor = Arc::new(Fake::new("wgpu:0", Ok(MS(1))).failing(lacking("wgpu:0")));
    let device = Device::from_backend(poor, Some(host));
    let error = device.run(fill(&FILL, &mut [0; 8]).strategy(Strategy::Copy)).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
}
