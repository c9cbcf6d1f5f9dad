//! How often each byte occurs: a scatter that needs atomics or a table for each thread.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge::kernel;
use rayon::prelude::*;

use crate::case::{Case, Class, host};

/// Bytes a task: merging 256 counters costs less than a thousandth of that.
const GRAIN: usize = 256 << 10;

type Counts = [u32; 256];

pub(crate) struct Histogram {
    bytes: Vec<u8>,
    counts: Counts,
}

#[kernel]
fn count(byte: &u8, counts: &[AtomicU32]) {
    counts[*byte as usize].fetch_add(1, Relaxed);
}

impl Case for Histogram {
    const NAME: &'static str = "histogram";
    const SIZES: &'static [(Class, usize)] = &[
        (Class::Tiny, 100),
        (Class::Small, 5_000),
        (Class::Medium, 100_000),
        (Class::Large, 1_000_000),
        (Class::Huge, 64 << 20),
    ];

    fn new(items: usize) -> Self {
        Self { bytes: (0..items).map(|i| (i * i / 8) as u8).collect(), counts: [0; 256] }
    }

    fn plain(&mut self) {
        self.counts.fill(0);
        for &byte in &self.bytes {
            self.counts[usize::from(byte)] += 1;
        }
    }

    fn par_iter(&mut self) {
        let count = |mut counts: Vec<u32>, &byte: &u8| {
            counts[usize::from(byte)] += 1;
            counts
        };
        let zeros = || vec![0_u32; 256];
        let tables = self.bytes.par_iter().fold(zeros, count);
        let sum = tables.reduce(zeros, |mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        });
        self.counts.copy_from_slice(&sum);
    }

    fn chunks(&mut self) {
        self.counts = if self.bytes.len() <= GRAIN {
            four_tables(&self.bytes) // not worth waking anybody
        } else {
            let tables = self.bytes.par_chunks(GRAIN).map(four_tables);
            tables.reduce(|| [0; 256], add)
        };
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        case.counts.fill(0);
        let _ = host().run(count(&case.bytes, &mut case.counts)).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.counts == other.counts
    }
}

fn add(mut a: Counts, b: Counts) -> Counts {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
    a
}

/// Counts with four tables in turn: equal neighbours do not wait for each other's store.
fn four_tables(bytes: &[u8]) -> Counts {
    let mut tables = [[0_u32; 256]; 4];
    let (blocks, rest) = bytes.as_chunks::<4>();
    for block in blocks {
        for (table, &byte) in tables.iter_mut().zip(block) {
            table[usize::from(byte)] += 1;
        }
    }
    for &byte in rest {
        tables[0][usize::from(byte)] += 1;
    }
    let [a, b, c, d] = tables;
    add(add(a, b), add(c, d))
}
