//! The ways of getting bytes to other pages, measured in turns.

use std::time::Instant;

use landbridge::backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Mover, Residency};
use landbridge::text::Bytes;

use crate::memcpy;
use crate::support::{Entry, Memory, Options, Pages, Report, Samples, peak};

/// What a way is measured against.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    /// A memcpy into pages that exist.
    MadePages,
    /// A memcpy into pages that come as they are written, and are unmapped afterwards.
    NewPages,
}

impl Other {
    fn name(self) -> &'static str {
        match self {
            Self::MadePages => "memcpy",
            Self::NewPages => "memcpy, new pages",
        }
    }
}

/// A way to move all of a memory to a node.
struct Way {
    name: &'static str,
    mover: Mover,
    /// Whether the memory is looked at and pages are made before the clock runs.
    prepares: bool,
    other: Other,
    /// The most times the other's time, on real hardware without other load.
    target: Option<f64>,
}

impl Way {
    /// All ways of this machine.
    fn all(pages: Pages, bytes: usize, threads: usize, several_nodes: bool) -> Vec<Self> {
        let remap = |spare| Mover::new(options(Method::Remap, threads).allow_remap(true).again(true).spare(spare));
        let target = Some(if pages == Pages::Huge { 1.10 } else { 2.5 });
        let way = |name, mover, other| Way { name, mover, prepares: false, other, target: None };
        let mut all = vec![
            Way { prepares: true, target, ..way("into made pages", remap(0), Other::MadePages) },
            way("from scratch", remap(0), Other::NewPages),
            way("old pages kept", remap(3 * bytes), Other::MadePages),
        ];
        if several_nodes {
            let kernel = |method| Mover::new(options(method, threads));
            all.push(way("move_pages", kernel(Method::MovePages), Other::MadePages));
            all.push(way("mbind", kernel(Method::Mbind), Other::MadePages));
        }
        all
    }

    /// Moves `memory` to `node`; seconds.
    fn run(&self, memory: &mut Memory, node: u32) -> f64 {
        let bytes = memory.slice().len() as u64;
        let spans = [MoveSpan::exclusive(memory.slice_mut())];
        let prepared = self.prepares.then(|| self.mover.prepare(&spans, node));
        let begin = Instant::now();
        let report = match prepared {
            Some(prepared) => prepared.migrate(),
            None => self.mover.migrate(&spans, node),
        };
        let seconds = begin.elapsed().as_secs_f64();
        if self.prepares {
            // The room for any offset that is left over; the old pages are freed by now.
            self.mover.release();
        }
        assert_eq!(report.moved, bytes, "{}: {report}", self.name);
        seconds
    }
}

fn options(method: Method, threads: usize) -> MoveOptions {
    MoveOptions::default().method(method).threads(threads).keep(Keep::Never)
}

/// Measures all ways for pages of one size.
pub(crate) fn compare(options: &Options, pages: Pages, bytes: usize, threads: usize, report: &mut Report) {
    let case = |way: &Way| {
        let plural = if threads == 1 { "" } else { "s" };
        format!("{}/{}/{} MiB/{threads} thread{plural}", way.name, pages.name(), bytes >> 20)
    };
    let mut memory = Memory::new(bytes, pages);
    if pages == Pages::Huge && memory.huge_bytes() != Some(bytes as u64) {
        println!("2M pages are left out: the kernel gave {:?} bytes in huge pages", memory.huge_bytes());
        return;
    }
    let home = node_of(&memory);
    let other = second_node(home);
    if other.is_none() && threads == 1 && pages == Pages::Huge {
        println!("move_pages and mbind are left out: this machine has one memory node");
    }
    for way in Way::all(pages, bytes, threads, other.is_some()) {
        if !options.wants(&case(&way)) {
            continue;
        }
        let (ours, others, most) = measure(options, &way, &mut memory, (home, other), pages, threads);
        let rate = |samples: &Samples| format!("{:.1}", bytes as f64 / samples.median() / 1e9);
        let extra = vec![
            way.target.map_or("-".into(), |target| format!("{target:.2}")),
            rate(&ours),
            rate(&others),
            most.map_or("?".into(), |most| Bytes(most).to_string()),
        ];
        let entry = Entry::compare(case(&way), &ours, &others, extra);
        report.add(Entry { target: way.target, peak_bytes: most, ..entry });
        way.mover.release();
        memory.assert_intact();
    }
}

/// Times a way in turns with memcpy, to the other node and back if there is one. The last is the most memory that it took.
fn measure(
    options: &Options,
    way: &Way,
    memory: &mut Memory,
    (home, other): (u32, Option<u32>),
    pages: Pages,
    threads: usize,
) -> (Samples, Samples, Option<u64>) {
    let (mut ours, mut others) = (Samples::new(way.name), Samples::new(way.other.name()));
    let mut most = None;
    let mut made = (way.other == Other::MadePages).then(|| Memory::new(memory.slice().len(), pages));
    if other.is_some() {
        // The way before this one may have left it on either node.
        let _ = Mover::default().migrate(&[MoveSpan::exclusive(memory.slice_mut())], home);
    }
    let begin = Instant::now();
    // The first round makes pages, wakes the machine, and does not count.
    for round in 0.. {
        let node = if round % 2 == 0 { other.unwrap_or(home) } else { home };
        let copied = match &mut made {
            Some(to) => memcpy::into_made_pages(memory.slice(), to.slice_mut(), threads),
            None => memcpy::into_new_pages(memory.slice(), pages, threads),
        };
        let mut moved = 0.0;
        most = peak(|| moved = way.run(memory, node)).max(most);
        if round > 0 {
            others.push(copied);
            ours.push(moved);
        }
        if round >= options.least_rounds() && begin.elapsed() > options.budget() {
            break;
        }
    }
    (ours, others, most)
}

fn node_of(memory: &Memory) -> u32 {
    let residency = Residency::of(&[MoveSpan::shared(memory.slice())]);
    residency.nodes.into_iter().max_by_key(|(_, bytes)| *bytes).map_or(0, |(node, _)| node)
}

fn second_node(home: u32) -> Option<u32> {
    let topology = landbridge::backends::numa::topology();
    topology.nodes.iter().filter(|node| node.memory > 0).map(|node| node.id).find(|id| *id != home)
}
