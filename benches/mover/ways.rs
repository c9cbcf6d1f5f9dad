//! The ways of getting bytes to other pages, measured in turns.

use std::thread;
use std::time::Instant;

use landbridge::backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Mover, Residency};
use landbridge::text::Bytes;

use crate::memory::{Memory, Pages, peak};
use crate::support::{Entry, Options, Report, Samples};

/// The most that a case may take, in times of memcpy; for real hardware, and without other load.
pub(crate) fn target(case: &str) -> Option<f64> {
    match case {
        case if case.starts_with("prepared/2M") => Some(1.10),
        case if case.starts_with("prepared/4K") => Some(2.5),
        _ => None,
    }
}

/// A way to move all of a memory to a node.
struct Way {
    name: &'static str,
    mover: Mover,
    /// Whether checks are done and pages are made before the clock runs.
    prepares: bool,
}

impl Way {
    fn remap(name: &'static str, threads: usize, spare: usize, prepares: bool) -> Self {
        let options = options(Method::Remap, threads).allow_remap(true).again(true).spare(spare);
        Self { name, mover: Mover::new(options), prepares }
    }

    fn kernel(method: Method, name: &'static str, threads: usize) -> Self {
        Self { name, mover: Mover::new(options(method, threads)), prepares: false }
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
    let home = node_of(&memory);
    let other = second_node(home);
    let mut ways = vec![
        Way::remap("prepared", threads, 0, true),
        Way::remap("rotating", threads, 3 * bytes, false),
        Way::remap("fresh", threads, 0, false),
    ];
    if other.is_some() {
        ways.push(Way::kernel(Method::MovePages, "move_pages", threads));
        ways.push(Way::kernel(Method::Mbind, "mbind", threads));
    }
    ways.retain(|way| options.wants(&case(way)));
    for way in ways {
        let (ours, memcpy, most) = measure(options, &way, &mut memory, (home, other), pages, threads);
        let rate = |samples: &Samples| format!("{:.1}", bytes as f64 / samples.median() / 1e9);
        let extra = vec![rate(&ours), rate(&memcpy), most.map_or("?".into(), |most| Bytes(most).to_string())];
        report.add(Entry::compare(case(&way), &ours, &memcpy, extra));
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
    let (mut ours, mut memcpy) = (Samples::new(way.name), Samples::new("memcpy"));
    let mut most = None;
    let mut copy = Memory::new(memory.slice().len(), pages);
    let begin = Instant::now();
    // The first round makes pages, wakes the machine, and does not count.
    for round in 0.. {
        let node = if round % 2 == 0 { other.unwrap_or(home) } else { home };
        let copied = parallel_memcpy(memory.slice(), copy.slice_mut(), threads);
        let mut moved = 0.0;
        most = peak(|| moved = way.run(memory, node)).max(most);
        if round > 0 {
            memcpy.push(copied);
            ours.push(moved);
        }
        if round >= options.least_rounds() && begin.elapsed() > options.budget() {
            break;
        }
    }
    (ours, memcpy, most)
}

/// The bytes copied by so many threads, into pages that exist; seconds.
fn parallel_memcpy(from: &[u8], to: &mut [u8], threads: usize) -> f64 {
    let begin = Instant::now();
    let share = from.len().div_ceil(threads);
    let mut parts = from.chunks(share).zip(to.chunks_mut(share));
    let first = parts.next();
    thread::scope(|scope| {
        for (from, to) in parts {
            scope.spawn(|| to.copy_from_slice(from));
        }
        if let Some((from, to)) = first {
            to.copy_from_slice(from);
        }
    });
    begin.elapsed().as_secs_f64()
}

fn node_of(memory: &Memory) -> u32 {
    let residency = Residency::of(&[MoveSpan::shared(memory.slice())]);
    residency.nodes.into_iter().max_by_key(|(_, bytes)| *bytes).map_or(0, |(node, _)| node)
}

fn second_node(home: u32) -> Option<u32> {
    let topology = landbridge::backends::numa::topology();
    topology.nodes.iter().filter(|node| node.memory > 0).map(|node| node.id).find(|id| *id != home)
}
