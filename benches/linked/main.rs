//! Linked structures on their way to a device that cannot follow the host's pointers: rebuilt by hand and copied, as
//! programs do without the library, against what the library does; lists, trees and graphs with shared nodes, allocated in
//! order and shuffled.
//!
//! | row | ours | other | target |
//! |---|---|---|---|
//! | `flatten` | [`landbridge::linked`]: a fresh image, for 32-bit words | by hand: recursive, or a loop for lists | trees 0.25, lists 1.05 |
//! | `again` | the same structure a second time, unchanged: the image that its borrow keeps | the first flatten | 0.1 |
//! | `refresh` | all plain fields once more, through the nodes' addresses, which the borrow keeps | the first flatten | none |
//! | `offload` | flatten and a copy of the image | by hand, and a copy of that | none |
//! | `region build` | the structure built once more, in a [`landbridge::Region`] | by hand | none |
//! | `region copy to D` | a launch on device D over the region, by copy | the same over a slice of as many bytes | 1.11 |
//! | `region copied or by hand to D` | the same | by hand, and the launch over the slice, copied | none |
//! | `region offload to D` | a launch over the region as the library chooses: where it lies, mapped or copied | the same | 0.05, shuffled |
//! | `region import by D` | the same, by mapping (adapters only) | by copy | none |
//! | `direct` | a walk by the host device | the plain loop (recursion) | lists 1.05 |
//! | `migrate` | the structure's pages to another memory node, and a walk there | the whole heap, and the walk | none |
//! | `migrate or leave` | the same | the walk from there, over pages that stay | none |
//!
//! Device D: the first adapter of wgpu, memory node 0, and with the feature `cuda` the first card. Rows that this machine cannot have are `skipped`, and say why.
//! Writes `linked.json` and the chart `linked.svg`.
//!
//! `cargo bench --bench linked -- [--quick] [PART OF A CASE'S NAME]...`; with `--quick` at 1e3 and 1e6 nodes, and at what is
//! named whole: `list/shuffled/10000000`.

#[path = "../support/mod.rs"]
mod support;

mod by_hand;
mod chart;
#[path = "../support/charts/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each bench uses its part")]
mod charts;
mod flatten;
mod places;
mod regions;
mod structures;

use landbridge::KernelNode;
use structures::{Graph, List, Order, Tree};
use support::{Entry, Options, Report, Samples};

fn main() {
    let mut bench = Bench { options: Options::from_args(), report: Report::new("linked", &["target", "ns a node"]) };
    let devices = regions::devices();
    for count in SIZES {
        for order in [Order::InOrder, Order::Shuffled] {
            bench.structure(order, count, structures::list, &devices);
            bench.structure(order, count, structures::tree, &devices);
            bench.structure(order, count, structures::graph, &devices);
        }
    }
    let count = if bench.options.quick { 100_000 } else { 1_000_000 };
    places::migrate(&mut bench, count);
    bench.report.finish();
    chart::write(bench.report.entries());
}

/// Numbers of nodes.
const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// Those of `--quick`; of the others it measures what the command line names whole.
const QUICK: [usize; 2] = [1_000, 1_000_000];

/// What is measured so far, and how.
struct Bench {
    options: Options,
    report: Report,
}

/// A kind of structure, and how it is rebuilt by hand.
trait Structure: KernelNode + Sync + regions::Rebuild {
    const KIND: &str;
    /// Rebuilds it as a slice.
    fn by_hand(&self) -> Vec<by_hand::Flat>;
    /// The sum of its values, by the plain loop, where there is a kernel that does the same.
    fn plain_sum(&self) -> Option<u64>;
    /// That kernel.
    fn sum(&self, device: &landbridge::Device) -> landbridge::Result<u64>;
    /// What flatten may take of the time by hand.
    fn target(order: Order, count: usize) -> Option<f64>;
}

impl Structure for List {
    const KIND: &str = "list";

    fn by_hand(&self) -> Vec<by_hand::Flat> {
        by_hand::list(self)
    }

    fn plain_sum(&self) -> Option<u64> {
        Some(places::plain_sum(self))
    }

    fn sum(&self, device: &landbridge::Device) -> landbridge::Result<u64> {
        places::sum_on(device, self, landbridge::Strategy::Direct)
    }

    fn target(_: Order, _: usize) -> Option<f64> {
        Some(1.05)
    }
}

impl Structure for Tree {
    const KIND: &str = "tree";

    fn by_hand(&self) -> Vec<by_hand::Flat> {
        by_hand::tree(self)
    }

    fn plain_sum(&self) -> Option<u64> {
        Some(places::plain_path(self))
    }

    fn sum(&self, device: &landbridge::Device) -> landbridge::Result<u64> {
        places::paths_on(device, self)
    }

    fn target(order: Order, count: usize) -> Option<f64> {
        (order == Order::Shuffled && count >= 1_000_000).then_some(0.25)
    }
}

impl Structure for Graph {
    const KIND: &str = "graph";

    fn by_hand(&self) -> Vec<by_hand::Flat> {
        by_hand::graph(self)
    }

    fn plain_sum(&self) -> Option<u64> {
        None
    }

    fn sum(&self, _: &landbridge::Device) -> landbridge::Result<u64> {
        Ok(0)
    }

    fn target(_: Order, _: usize) -> Option<f64> {
        None
    }
}

impl Bench {
    /// All rows of one structure, if they are wanted.
    fn structure<T: Structure>(
        &mut self,
        order: Order,
        count: usize,
        make: impl Fn(usize, Order) -> T,
        devices: &[regions::Place],
    ) {
        let case = Case { name: format!("{}/{}/{count}", T::KIND, order.name()), order, count };
        let skip = self.options.quick && !QUICK.contains(&count) && !self.options.names(&case.name);
        if skip || !self.options.wants(&case.name) {
            return;
        }
        let mut root = make(count, order);
        flatten::rows(self, &case, &mut root);
        places::direct(self, &case, &root);
        // A region's bytes lie as they do whatever the order was, and small data takes as long as a launch does.
        let quick = self.options.quick && order == Order::InOrder;
        if count >= 100_000 && !quick {
            regions::rows(self, &case, &root, devices);
        }
    }

    /// Adds a row.
    fn add(&mut self, case: &Case, row: &str, ours: &Samples, other: &Samples, target: Option<f64>) {
        let extra = vec![
            target.map_or("-".into(), |target| format!("{target:.2}")),
            format!("{:.1}", ours.median() / case.count as f64 * 1e9),
        ];
        let name = format!("{}/{row}", case.name);
        self.report.add(Entry { target, ..Entry::compare(name, ours, other, extra) });
    }
}

/// A structure, and the beginning of its rows' names.
struct Case {
    name: String,
    order: Order,
    count: usize,
}

/// Says that a row cannot be measured here.
fn skipped(row: &str, why: &dyn std::fmt::Display) {
    println!("skipped: {row}: {why}");
}
