extern crate landbridge_core as landbridge;
use landbridge::*;

struct Three;

impl IntoIterator for Three {
    type Item = u32;
    type IntoIter = std::ops::Range<u32>;
    fn into_iter(self) -> Self::IntoIter {
        0..3
    }
}

#[kernel]
fn iterator(x: &f32, y: &mut f32) {
    for i in Three {
        *y = i as f32;
    }
}

#[kernel]
fn adaptors(t: &[f32], y: &mut f32) {
    for i in ..3 {
        *y = i as f32;
    }
    for (a, b) in 0..3 {}
    let doubled: Vec<f32> = t.iter().map(|x| x * 2.0).collect();
    let least = t.iter().map(|x| x + 1.0).try_fold(0.0, |a, b| Some(a + b));
    for x in t.iter().peekable() {}
    let sum: f32 = t.iter().cycle().sum();
    let found = t.iter().enumerate().map(|(i, x)| i).zip(t.iter().map(|x| x + 1.0)).count();
    let back = t.iter().map(|x| x + 1.0).enumerate().rev().count();
    let nested = t.iter().flat_map(|x| { if *x > 0.0 { return 0..1 } 0..2 }).count();
}

#[derive(Clone, Copy, KernelType)]
struct V(f32);

impl std::iter::Sum for V {
    fn sum<I: Iterator<Item = V>>(items: I) -> V {
        V(items.map(|v| v.0).sum())
    }
}

#[derive(Clone, Copy, KernelType)]
struct Words(u32);

impl Words {
    fn iter(&self) -> std::ops::Range<u32> {
        0..3
    }
}

#[kernel]
fn not_of_numbers(t: &[V], y: &mut V) {
    *y = t.iter().copied().sum();
}

#[kernel]
fn greatest_pair(t: &[u32], words: &Words, y: &mut u32) {
    let _pair = t.iter().zip(t).max();
    *y = words.iter().count() as u32;
}

fn main() {}
