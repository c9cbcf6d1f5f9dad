//! Linked structures on their way to a device that cannot follow the host's pointers: rebuilt by hand and copied, as
//! programs do without the library, against the library's flatten; lists, trees and graphs with shared nodes, allocated in
//! order and shuffled.
//!
//! | row | ours | other | target |
//! |---|---|---|---|
//! | `flatten` | [`landbridge::linked`]: a fresh image, for 32-bit words | by hand: recursive, or a loop for lists | trees 0.25, lists 1.05 |
//! | `again` | the same structure a second time, unchanged: the image that its borrow keeps | the first flatten | 0.1 |
//! | `refresh` | all plain fields once more, through the nodes' addresses, which the borrow keeps | the first flatten | none |
//! | `offload` | flatten and a copy of the image | by hand, and a copy of that | none |
//!
//! `cargo bench --bench linked -- [--quick] [PART OF A CASE'S NAME]...`

#[path = "../support/mod.rs"]
mod support;

mod by_hand;
mod structures;

use std::hint::black_box;
use std::mem::MaybeUninit;

use landbridge::KernelNode;
use landbridge::linked::{Alone, Target, linked, linked_mut};
use structures::Order;
use support::{Contestant, Entry, Options, Report, measure};

fn main() {
    let options = Options::from_args();
    let mut report = Report::new("linked", &["target", "ns a node"]);
    let sizes: &[usize] =
        if options.quick { &[1_000, 100_000, 1_000_000] } else { &[1_000, 100_000, 1_000_000, 10_000_000] };
    for &count in sizes {
        for order in [Order::InOrder, Order::Shuffled] {
            let case = |kind: &str| format!("{kind}/{}/{count}", order.name());
            if options.wants(&case("list")) {
                let mut list = structures::list(count, order);
                compare(&options, &mut report, &case("list"), count, &mut list, by_hand::list, Some(1.05));
            }
            if options.wants(&case("tree")) {
                let mut tree = structures::tree(count, order);
                let target = (order == Order::Shuffled && count >= 1_000_000).then_some(0.25);
                compare(&options, &mut report, &case("tree"), count, &mut tree, by_hand::tree, target);
            }
            if options.wants(&case("graph")) {
                let mut graph = structures::graph(count, order);
                compare(&options, &mut report, &case("graph"), count, &mut graph, by_hand::graph, None);
            }
        }
    }
    report.finish();
}

/// All rows of one structure.
fn compare<T: KernelNode + Sync>(
    options: &Options,
    report: &mut Report,
    case: &str,
    count: usize,
    root: &mut T,
    by_hand: impl Fn(&T) -> Vec<by_hand::Flat> + Copy,
    target: Option<f64>,
) {
    let mut add = |row: &str, ours: &support::Samples, other: &support::Samples, target: Option<f64>| {
        let extra = vec![
            target.map_or("-".into(), |target| format!("{target:.2}")),
            format!("{:.1}", ours.median() / count as f64 * 1e9),
        ];
        report.add(Entry { target, ..Entry::compare(format!("{case}/{row}"), ours, other, extra) });
    };
    let mut to = Vec::new();
    let samples = measure(
        options,
        &mut *root,
        &mut [
            Contestant::new("the library", |root: &mut T| {
                let fresh = linked(&*root);
                black_box(fresh.image(Target::Words, u64::MAX).expect("the host has room").bytes().len());
            }),
            Contestant::new("by hand", |root: &mut T| {
                black_box(by_hand(root).len());
            }),
        ],
    );
    add("flatten", &samples[0], &samples[1], target);
    let samples = measure(
        options,
        &mut *root,
        &mut [
            Contestant::new("the library", |root: &mut T| {
                let fresh = linked(&*root);
                let image = fresh.image(Target::Words, u64::MAX).expect("the host has room");
                copy(image.bytes(), &mut to);
            }),
            Contestant::new("by hand", |root: &mut T| {
                let flat = by_hand(root);
                black_box(flat.clone());
            }),
        ],
    );
    add("offload", &samples[0], &samples[1], None);
    let first = |root: &T| {
        let fresh = linked(root);
        black_box(fresh.image(Target::Words, u64::MAX).expect("the host has room").bytes().len());
    };
    type Shared<'k, T> = landbridge::linked::Linked<'k, T>;
    let again = |kept: &mut Shared<'_, T>| {
        black_box(kept.image(Target::Words, u64::MAX).expect("the host has room").bytes().len());
    };
    {
        let mut kept = linked(&*root);
        again(&mut kept);
        let first_shared = |kept: &mut Shared<'_, T>| first(kept);
        let contestants = &mut [Contestant::new("again", again), Contestant::new("first flatten", first_shared)];
        let samples = measure(options, &mut kept, contestants);
        add("again", &samples[0], &samples[1], Some(0.1));
    }
    type Exclusive<'k, T> = landbridge::linked::LinkedMut<'k, T>;
    let refresh = |kept: &mut Exclusive<'_, T>| {
        black_box(kept.image(Target::Words, u64::MAX, &Alone).expect("the host has room").bytes().len());
    };
    let mut kept = linked_mut(root);
    refresh(&mut kept);
    let first_exclusive = |kept: &mut Exclusive<'_, T>| first(kept.get());
    let contestants = &mut [Contestant::new("refresh", refresh), Contestant::new("first flatten", first_exclusive)];
    let samples = measure(options, &mut kept, contestants);
    add("refresh", &samples[0], &samples[1], None);
}

/// A copy as to a device: into memory that is there.
fn copy(bytes: &[MaybeUninit<u8>], to: &mut Vec<MaybeUninit<u8>>) {
    to.resize(bytes.len(), MaybeUninit::uninit());
    to.copy_from_slice(bytes);
    black_box(to.as_ptr());
}
