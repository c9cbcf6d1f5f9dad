//! `Auto` on nodes: the planner moves what is used often to a node where that pays, and nothing else.
//!
//! No outcome depends on what a launch took: rates are pretended, the machine is a made-up name for this one, and a clock
//! says what launches take. Each test has a kernel and memory of its own, for costs and uses are the process's.

use std::sync::Arc;
use std::time::Duration;

use landbridge::backend::{Backend, DeviceInfo, DeviceKind};
use landbridge::launch::{Definition, Launch};
use landbridge::plan::{PlanStep, StepKind};
use landbridge::planner::Quantity;
use landbridge::report::Steps;
use landbridge::{Device, Home, Plan, Report, Result, Strategy, Topology, kernel};
use landbridge_backends::auto::Auto;
use landbridge_backends::devices::Devices;
use landbridge_backends::host::Host;
use landbridge_backends::numa::backend::{NodeBackend, NodeOptions};
use landbridge_backends::numa::mover::{MoveSpan, Residency};
use landbridge_backends::rates;

use crate::arena::values;
use crate::migrate::{at_home, is_on, turn};
use crate::numa_support::several_nodes;

/// A kernel of the test's own.
macro_rules! own_kernel {
    () => {
        #[kernel]
        fn grow(x: &u64, y: &mut u64) {
            *y = y.wrapping_mul(3).wrapping_add(*x);
        }
    };
}

const ITEMS: usize = 1 << 20;

/// A backend whose launches take what `says` says, and work-items 100 ns on one core.
struct Clocked<B> {
    inner: B,
    says: fn(&Report) -> Duration,
}

const ITEM_NANOSECONDS: f64 = 100.0;

// SAFETY: the inner backend does all of it.
#[allow(unsafe_code)]
unsafe impl<B: Backend> Backend for Clocked<B> {
    fn info(&self) -> &Arc<DeviceInfo> {
        self.inner.info()
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        self.inner.plan(launch)
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        self.inner.prepare(definition)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        let mut report = self.inner.launch(launch)?;
        launch.definition().note_item_nanoseconds(ITEM_NANOSECONDS);
        report.steps = Steps::default();
        report.steps.add(StepKind::Run, (self.says)(&report));
        Ok(report)
    }
}

/// As long as the planner believes of a launch in place.
fn in_place(_: &Report) -> Duration {
    Duration::from_millis(100)
}

/// Tells what probes would have found on a machine whose nodes have memory of these speeds, in bytes a second: the emulated
/// one has no fast memory.
fn pretend(info: &DeviceInfo, own: f64) {
    let all = [
        (Quantity::Launch, 1e-6),
        (Quantity::CopyLatency, 1e-6),
        (Quantity::CopyIn, 1e9),
        (Quantity::CopyOut, 1e9),
        (Quantity::OwnMemory, own),
        (Quantity::Speed, 2.0),
        (Quantity::MovePages, 1e9),
        (Quantity::MoveLatency, 1e-6),
        (Quantity::Remap, 4e9),
    ];
    rates::of(info).renew(&all);
}

/// Nodes 0, 1 and 3 for data on node 0: 1 is fast, 3 slow. Under a name of their own, so that neither probes nor other tests
/// tell their rates, and these never pass for the machine's.
fn nodes(home: Home) -> Option<[Clocked<NodeBackend>; 3]> {
    let mut topology: Topology = several_nodes()?;
    topology.nodes.iter_mut().for_each(|node| node.why = "with pretended rates".into());
    let mut options = NodeOptions::default();
    options.home = home;
    let open = |number| Clocked { inner: NodeBackend::open(&topology, number, &options).unwrap(), says: in_place };
    let nodes = [0, 1, 3].map(open);
    for (node, own) in nodes.iter().zip([1e6, 1e9, 1e5]) {
        pretend(node.info(), own);
    }
    Some(nodes)
}

fn device(backend: impl Backend + 'static) -> Device {
    Device::from_backend(Arc::new(backend), None)
}

fn residency(values: &[u64]) -> Residency {
    Residency::of(&[MoveSpan::shared(values)])
}

fn arrays() -> (Vec<u64>, Vec<u64>) {
    let (mut x, mut y) = (values(ITEMS, |_| 1), values(ITEMS, |_| 0));
    at_home(&mut x);
    at_home(&mut y);
    (x, y)
}

fn expected(launches: usize) -> u64 {
    (0..launches).fold(0_u64, |y, _| y.wrapping_mul(3).wrapping_add(1))
}

#[test]
fn what_is_used_often_moves_to_a_faster_node_once_and_is_left_there() {
    own_kernel!();
    let _turn = turn();
    let Some([_, fast, _]) = nodes(Home::Stay) else { return };
    let fast = device(fast);
    let (x, mut y) = arrays();
    let first = fast.run(grow(&x, &mut y)).unwrap();
    assert_eq!(first.bytes_in(), 0, "one use pays for no move: {first}");
    let mut moved = vec![];
    for launch in 2..=40 {
        let plan = fast.plan(&grow(&x, &mut y)).unwrap();
        let report = fast.run(grow(&x, &mut y)).unwrap();
        if report.bytes_in() > 0 {
            moved.push(launch);
            assert!(report.to_string().contains("its pages move, "), "{report}");
            assert!(report.to_string().contains("with DeviceOptions::allow_remap the move would take"), "{report}");
            let migrates = |step: &PlanStep| step.kind == StepKind::Migrate && step.serves > 1.0;
            assert!(plan.steps.iter().any(migrates), "{plan}");
        } else if !moved.is_empty() {
            assert!(report.arguments.iter().all(|argument| argument.strategy == Strategy::Migrate), "{report}");
            assert!(report.to_string().contains("its pages are on the device"), "{report}");
        }
    }
    assert!(!moved.is_empty() && moved.len() <= 2, "each argument moves once: {moved:?}");
    assert!(is_on(&x, 1) && is_on(&y, 1), "{:?}", [&x, &y].map(|a| residency(a)));
    assert!(y.iter().all(|y| *y == expected(40)));
}

#[test]
fn nothing_moves_to_a_slower_node_or_for_direct() {
    own_kernel!();
    let _turn = turn();
    let Some([_, fast, slow]) = nodes(Home::Stay) else { return };
    let (fast, slow) = (device(fast), device(slow));
    let (x, mut y) = arrays();
    for _ in 0..20 {
        assert_eq!(slow.run(grow(&x, &mut y)).unwrap().bytes_in(), 0);
        assert_eq!(fast.run(grow(&x, &mut y).strategy(Strategy::Direct)).unwrap().bytes_in(), 0);
    }
    assert!(is_on(&x, 0) && is_on(&y, 0));
    assert!(y.iter().all(|y| *y == expected(40)));
}

#[test]
fn launches_of_a_scope_count_and_its_pages_return_at_its_end() {
    own_kernel!();
    let _turn = turn();
    let Some([_, Clocked { inner, .. }, _]) = nodes(Home::Return) else { return };
    // A session has no clock: any launch takes longer than these moves.
    rates::of(inner.info()).renew(&[(Quantity::MovePages, 1e15), (Quantity::MoveLatency, 1e-9)]);
    let device = device(inner);
    let (x, mut y) = arrays();
    let address = x.as_ptr().addr();
    let there = || Residency::of(&[MoveSpan::at(address..address + 8 * ITEMS)]).is_all_on(1);
    let moved = device.scope(|s| {
        let (x, mut y) = (s.attach(&x), s.attach_mut(&mut y));
        for _ in 0..40 {
            s.launch(grow(&x, &mut y))?;
        }
        Ok(there())
    });
    assert!(moved.unwrap(), "not there at the scope's end");
    assert!(is_on(&x, 0) && is_on(&y, 0), "home again");
    assert!(y.iter().all(|y| *y == expected(40)));
}

#[test]
fn the_device_that_chooses_has_the_nodes_where_there_are_several() {
    let Some(_) = several_nodes() else { return };
    let auto = Device::auto().unwrap();
    assert!(auto.info().name.contains("node:1"), "{}", auto.info());
}

/// Where the pages of `x` and `y` are by what reports tell: on the node that moved them last.
struct Told([u32; 2]);

impl Told {
    fn by(&mut self, report: &Report) {
        let node = report.device.id.strip_prefix("node:").map(|number| number.parse::<u32>().unwrap());
        for argument in report.arguments.iter().filter(|argument| argument.strategy == Strategy::Migrate) {
            let told = &mut self.0[usize::from(argument.name == "y")];
            match argument.bytes_in {
                0 => assert_eq!(Some(*told), node, "it says that {} is there: {report}", argument.name),
                _ => *told = node.expect("the host moves nothing"),
            }
        }
    }

    fn check(&self, x: &[u64], y: &[u64], report: &Report) {
        let places = [("x", x), ("y", y)].into_iter().zip(self.0);
        for ((name, values), node) in places {
            assert!(is_on(values, node), "{name} is not on node {node}: {:?}, {report}", residency(values));
        }
    }
}

/// A device that chooses among the host and the nodes, where launches on node 1 take what `says` says.
fn choosing(says: fn(&Report) -> Duration) -> Option<Device> {
    let [zero, fast, slow] = nodes(Home::Stay)?;
    let others = [zero, Clocked { says, ..fast }, slow].map(|node| Arc::new(node) as Arc<dyn Backend>);
    assert!(others.iter().all(|other| other.info().kind == DeviceKind::Node));
    let host = Clocked { inner: Host::new(), says: in_place };
    Some(device(Auto::new(Arc::new(host), others.into())))
}

/// The devices of 40 launches and whether they moved anything. After each, pages are where reports say.
fn forty(run: impl Fn(&[u64], &mut [u64]) -> Report) -> Vec<(String, bool)> {
    let (x, mut y) = arrays();
    let mut told = Told([0; 2]);
    let mut all = vec![];
    for _ in 0..40 {
        let report = run(&x, &mut y);
        told.by(&report);
        told.check(&x, &y, &report);
        all.push((report.device.id.clone(), report.bytes_in() > 0));
    }
    assert!(y.iter().all(|y| *y == expected(40)));
    all
}

#[test]
fn the_device_that_chooses_takes_a_node_when_its_moves_pay() {
    own_kernel!();
    let _turn = turn();
    let fast_there = |report: &Report| match report.arguments.iter().all(|a| a.strategy == Strategy::Migrate) {
        true => Duration::from_millis(1),
        false => in_place(report),
    };
    let Some(auto) = choosing(fast_there) else { return };
    let all = forty(|x, y| auto.run(grow(x, y)).unwrap());
    assert_eq!(all[0].0, "host", "a kernel that has never run: {all:?}");
    let moved: Vec<usize> = (0..40).filter(|&launch| all[launch].1).collect();
    assert!(matches!(moved[..], [_] | [_, _]), "each argument moves once: {all:?}");
    assert!(all[moved[0]..].iter().all(|(device, _)| device == "node:1"), "it stays: {all:?}");
}

#[test]
fn a_node_that_disappoints_keeps_the_pages_until_others_pay() {
    own_kernel!();
    let _turn = turn();
    let Some(auto) = choosing(|_| Duration::from_millis(900)) else { return };
    let all = forty(|x, y| auto.run(grow(x, y)).unwrap());
    let first = all.iter().position(|(_, moved)| *moved).expect("moves pay by the plan");
    let last = all.iter().rposition(|(device, _)| device == "node:1").unwrap();
    assert_eq!(all[first].0, "node:1", "{all:?}");
    assert!(last - first < 10, "it is left once it has shown what launches take there: {all:?}");
    assert!(!all[last + 1..].iter().any(|(_, moved)| *moved), "no other memory is as fast: {all:?}");
}
