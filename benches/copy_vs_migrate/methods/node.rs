//! Ways to another memory node, and from the CPUs nearest to it.

use std::cell::RefCell;
use std::rc::Rc;

use landbridge::Topology;
use landbridge::backends::numa::mover::{Keep, Method, MoveOptions, MoveReport, MoveSpan, Mover, Residency};
use landbridge::backends::numa::topology;
use landbridge::prelude::*;

use super::super::cases::{Case, Pages};
use super::super::support::{self, Memory};
use super::data::Data;
use super::known::{Kernel, Known, Moves};
use super::{Clock, Parts, Refusal, Way, Ways, uses};

/// Adds them on a machine with a second node; elsewhere they are listed, and never go.
pub(super) fn add(ways: &mut Ways, data: &mut Data) -> Result<(), Refusal> {
    let home =
        *Residency::of(&[MoveSpan::shared(data.source.slice())]).nodes.keys().next().ok_or("no page is there")?;
    let bytes = data.source.slice().len();
    let Some(node) = second(topology(), home, bytes) else {
        let why = match topology().nodes.iter().filter(|node| node.memory > 0).count() {
            ..=1 => "this machine has one memory node".to_owned(),
            _ => format!("no other memory node has room for {bytes} bytes"),
        };
        for kind in Kind::ALL {
            ways.absent(kind.name(), why.clone());
        }
        return Ok(());
    };
    let nodes = Rc::new(Nodes::open(home, node, bytes, data)?);
    for kind in Kind::ALL {
        match OnNode::new(kind, nodes.clone(), data) {
            Ok(way) => ways.here.push(Box::new(way)),
            Err(why) => ways.absent(kind.name(), why.to_string()),
        }
    }
    Ok(())
}

/// The node to go to: one that looks like a device's if there is one, of these the one with the most room.
fn second(topology: &Topology, home: u32, bytes: usize) -> Option<u32> {
    let roomy = |node: &&landbridge::topology::Node| node.id != home && node.free > 2 * bytes as u64;
    let best = topology.nodes.iter().filter(roomy).max_by_key(|node| (node.kind.is_device(), node.free));
    best.map(|node| node.id)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Direct,
    Copy,
    MovePages,
    Mbind,
    Remap,
    There,
}

impl Kind {
    const ALL: [Kind; 6] = [Kind::Direct, Kind::Copy, Kind::MovePages, Kind::Mbind, Kind::Remap, Kind::There];

    fn name(self) -> &'static str {
        match self {
            Kind::Direct => "node: direct",
            Kind::Copy => "node: copy",
            Kind::MovePages => "node: move_pages",
            Kind::Mbind => "node: mbind",
            Kind::Remap => "node: copy and remap",
            Kind::There => "node: already there",
        }
    }

    fn moves_by(self) -> Option<Method> {
        match self {
            Kind::MovePages => Some(Method::MovePages),
            Kind::Mbind => Some(Method::Mbind),
            Kind::Remap => Some(Method::Remap),
            Kind::Direct | Kind::Copy | Kind::There => None,
        }
    }
}

/// The two nodes.
struct Nodes {
    home: u32,
    node: u32,
    /// The CPUs nearest to the second.
    device: Device,
    /// Memory on the second.
    there: RefCell<Memory>,
    /// The kernels from there, on data at home and on data there.
    far: Kernel,
    near: Kernel,
}

impl Nodes {
    fn open(home: u32, node: u32, bytes: usize, data: &mut Data) -> Result<Self, Refusal> {
        let device = Device::node(node)?;
        let mut there = Memory::new(bytes, support::Pages::AsGiven);
        let mover = Mover::new(MoveOptions::default().method(Method::MovePages).keep(Keep::Never));
        let report = mover.migrate(&[MoveSpan::exclusive(there.slice_mut())], node);
        if !report.is_complete() {
            return Err(report.to_string().into());
        }
        let mut learn = |mut on_there: Option<&mut Memory>| {
            Kernel::learn(|case| {
                data.lay_out(case)?;
                let Data { source, results, .. } = &mut *data;
                let source = &mut source.slice_mut()[..case.bytes];
                let used = match &mut on_there {
                    Some(there) => {
                        there.slice_mut()[..case.bytes].copy_from_slice(source);
                        &mut there.slice_mut()[..case.bytes]
                    }
                    None => source,
                };
                let mut clock = Clock::start();
                uses::all(&device, case, 0, used, results, Strategy::Direct)?;
                clock.lap("uses");
                Ok(clock.parts[0].1)
            })
        };
        let (far, near) = (learn(None)?, learn(Some(&mut there))?);
        Ok(Nodes { home, node, device, there: RefCell::new(there), far, near })
    }
}

struct OnNode {
    kind: Kind,
    nodes: Rc<Nodes>,
    mover: Mover,
    /// What moves take, if it moves.
    moves: Option<Moves>,
}

impl OnNode {
    fn new(kind: Kind, nodes: Rc<Nodes>, data: &mut Data) -> Result<Self, Refusal> {
        let method = kind.moves_by();
        let options = MoveOptions::default().method(method.unwrap_or_default());
        let mover = Mover::new(options.allow_remap(method == Some(Method::Remap)).keep(Keep::Never));
        let mut way = OnNode { kind, nodes, mover, moves: None };
        if method.is_some() {
            let moves = Moves::learn(|bytes| {
                let source = &mut data.source.slice_mut()[..bytes];
                let mut clock = Clock::start();
                let report = way.go(source)?;
                clock.lap("move in");
                way.come_home(source, &report)?;
                Ok(clock.parts[0].1)
            });
            way.moves = Some(moves?);
        }
        Ok(way)
    }

    /// Moves all pages to the node, or says why some stay.
    fn go(&self, source: &mut [u8]) -> Result<MoveReport, Refusal> {
        let report = self.mover.migrate(&[MoveSpan::exclusive(source)], self.nodes.node);
        if report.is_complete() { Ok(report) } else { Err(report.to_string().into()) }
    }

    fn come_home(&self, source: &mut [u8], report: &MoveReport) -> Result<(), Refusal> {
        let back = self.mover.return_home(&[MoveSpan::exclusive(source)], &report.origin);
        if back.is_complete() { Ok(()) } else { Err(back.to_string().into()) }
    }

    fn moved(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        let source = &mut data.source.slice_mut()[..case.bytes];
        if !Residency::of(&[MoveSpan::exclusive(source)]).is_all_on(self.nodes.home) {
            return Err("the data was not at home before".into());
        }
        let mut clock = Clock::start();
        let report = self.go(source)?;
        clock.lap("move in");
        uses::all(&self.nodes.device, case, 0, source, &mut data.results, Strategy::Direct)?;
        clock.lap("uses");
        self.come_home(source, &report)?;
        if case.written > 0.0 {
            clock.lap("move back, free");
        }
        Ok(clock.parts)
    }
}

impl Way for OnNode {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn about(&self) -> &'static str {
        match self.kind {
            Kind::Direct => "the CPUs nearest to the second node, on the data at home",
            Kind::Copy => "copied to memory on the second node that is kept, used by the CPUs nearest to it",
            Kind::MovePages => "the kernel moves the pages one by one; they return if they were written",
            Kind::Mbind => "the kernel moves what a policy wants elsewhere; they return if they were written",
            Kind::Remap => "the user-space mover, to the second node; they return if they were written",
            Kind::There => "the CPUs nearest to the second node, on data that is there: a bound",
        }
    }

    fn is_oracle(&self) -> bool {
        self.kind == Kind::There
    }

    fn suits(&self, case: &Case) -> bool {
        case.pages != Pages::Unmapped
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        if self.kind.moves_by().is_some() {
            return self.moved(case, data);
        }
        let Data { source, results, .. } = data;
        let source = &mut source.slice_mut()[..case.bytes];
        let mut there = self.nodes.there.borrow_mut();
        let there = &mut there.slice_mut()[..case.bytes];
        if self.kind == Kind::There {
            there.copy_from_slice(source);
        }
        let mut use_all = |data| uses::all(&self.nodes.device, case, 0, data, results, Strategy::Direct);
        let mut clock = Clock::start();
        match self.kind {
            Kind::Copy => {
                there.copy_from_slice(source);
                clock.lap("move in");
                use_all(&mut *there)?;
                clock.lap("uses");
                let written = case.elements_written() * size_of::<f32>();
                source[..written].copy_from_slice(&there[..written]);
                clock.lap("move back, free");
            }
            Kind::There => {
                use_all(there)?;
                clock.lap("uses");
            }
            _ => {
                use_all(source)?;
                clock.lap("uses");
            }
        }
        Ok(clock.parts)
    }

    fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        let near = self.nodes.near.uses(case, None);
        Some(match self.kind {
            Kind::Direct => self.nodes.far.uses(case, None),
            Kind::There => near,
            Kind::Copy => near + known.copying(case.bytes as f64 * (1.0 + case.written))?,
            Kind::MovePages | Kind::Mbind | Kind::Remap => {
                let ways = if case.written > 0.0 { 2.0 } else { 1.0 };
                near + ways * self.moves?.seconds(case.bytes)
            }
        })
    }
}
