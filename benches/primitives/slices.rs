//! Folds, scans, sorts and choices.

use std::sync::LazyLock;

use landbridge::kernels::operator::plus;
use landbridge::kernels::{random, reduce, sort};
use landbridge::prelude::*;
use rayon::prelude::*;
use rdst::RadixSort;

use crate::Bench;

pub(crate) static HOST: LazyLock<Device> = LazyLock::new(Device::host);

/// What the cases work on. Those that work in place begin with a copy of `from`, all alike.
#[derive(Default)]
struct Data {
    from: Vec<u32>,
    to: Vec<u32>,
    floats: Vec<f32>,
    weights: Vec<f32>,
    float_to: Vec<f32>,
    marks: Vec<bool>,
    numbers: Vec<u32>,
    answer: f32,
}

fn data(items: usize) -> Data {
    let mut from = vec![0; items];
    random::fill_words(&HOST, 17, &mut from).expect("the host");
    let floats: Vec<f32> = from.iter().map(|w| (w % 2000) as f32 - 1000.0).collect();
    let weights = from.iter().map(|w| (w >> 12) as f32 / (1 << 19) as f32 - 1.0).collect();
    let marks = from.iter().map(|w| w % 3 == 0).collect();
    let numbers = from.iter().map(|w| ((u64::from(*w) * items as u64) >> 32) as u32).collect();
    Data { numbers, to: from.clone(), float_to: floats.clone(), from, floats, weights, marks, answer: 0.0 }
}

/// Sums are of numbers of both signs up to 1000: an order of theirs is a rounding.
fn same(a: &Data, b: &Data) -> bool {
    a.to == b.to && a.float_to == b.float_to && (a.answer - b.answer).abs() <= 1e-3 * b.answer.abs().max(1e6)
}

/// Measures these with so many items.
pub(crate) fn cases(bench: &mut Bench, items: usize) {
    let mut case = |name: &str, ours: fn(&mut Data), others: &[crate::Way<Data>]| {
        bench.case(&format!("{name}/{items}"), || data(items), same, ours, others);
    };
    case(
        "reduce",
        |d| d.answer = HOST.fold(plus(), &d.floats).expect("the host"),
        &[("iterator", |d| d.answer = d.floats.iter().sum()), ("rayon", |d| d.answer = d.floats.par_iter().sum())],
    );
    case(
        "dot",
        |d| d.answer = reduce::dot(&HOST, &d.floats, &d.weights).expect("the host"),
        &[
            ("iterator", |d| d.answer = d.floats.iter().zip(&d.weights).map(|(x, y)| x * y).sum()),
            ("rayon", |d| d.answer = d.floats.par_iter().zip(&d.weights).map(|(x, y)| x * y).sum()),
        ],
    );
    case(
        "scan",
        |d| HOST.scan(plus(), again(d)).expect("the host"),
        &[("plain loop", |d| {
            let mut sum = 0_u32;
            for x in again(d) {
                sum = sum.wrapping_add(*x);
                *x = sum;
            }
        })],
    );
    case(
        "sort u32",
        |d| HOST.sort(again(d)).expect("the host"),
        &[("rayon", |d| again(d).par_sort_unstable()), ("rdst", |d| again(d).radix_sort_unstable())],
    );
    case(
        "sort f32",
        |d| HOST.sort(floats_again(d)).expect("the host"),
        &[
            ("rayon", |d| floats_again(d).par_sort_unstable_by(f32::total_cmp)),
            ("rdst", |d| floats_again(d).radix_sort_unstable()),
        ],
    );
    case(
        "order",
        |d| d.to = sort::order(&HOST, &d.from).expect("the host"),
        &[("rayon", |d| {
            let mut order: Vec<u32> = (0..d.from.len() as u32).collect();
            order.par_sort_by_key(|k| d.from[*k as usize]);
            d.to = order;
        })],
    );
    case(
        "compact",
        |d| d.to = HOST.compact(&d.from, &d.marks).expect("the host"),
        &[
            ("iterator", |d| d.to = d.from.iter().zip(&d.marks).filter(|(_, m)| **m).map(|(x, _)| *x).collect()),
            ("rayon", |d| d.to = d.from.par_iter().zip(&d.marks).filter(|(_, m)| **m).map(|(x, _)| *x).collect()),
        ],
    );
    case(
        "unique",
        |d| d.float_to = HOST.unique(&d.floats).expect("the host"),
        &[("dedup", |d| {
            let mut t = d.floats.clone();
            t.dedup();
            d.float_to = t;
        })],
    );
    case(
        "gather",
        |d| d.float_to = HOST.gather(&d.floats, &d.numbers).expect("the host"),
        &[
            ("iterator", |d| d.float_to = d.numbers.iter().map(|k| d.floats[*k as usize]).collect()),
            ("rayon", |d| d.float_to = d.numbers.par_iter().map(|k| d.floats[*k as usize]).collect()),
        ],
    );
    case(
        "random",
        |d| random::fill_words(&HOST, 5, &mut d.to).expect("the host"),
        &[("philox, plain loop", |d| {
            for (k, block) in d.to.chunks_mut(4).enumerate() {
                let words = random::philox([k as u32, 0, 0, 0], [5, 0]);
                block.copy_from_slice(&words[..block.len()]);
            }
        })],
    );
}

fn again(d: &mut Data) -> &mut [u32] {
    d.to.resize(d.from.len(), 0);
    d.to.copy_from_slice(&d.from);
    &mut d.to
}

fn floats_again(d: &mut Data) -> &mut [f32] {
    d.float_to.resize(d.floats.len(), 0.0);
    d.float_to.copy_from_slice(&d.floats);
    &mut d.float_to
}
