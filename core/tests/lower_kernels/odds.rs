//! What users write that no other test has: inference across branches, nested data, constants of traits.

use landbridge::{Index, KernelType, kernel, kernel_fn};
use num_traits::{Float, NumAssign};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::{same, same_panic};

#[derive(Clone, Copy, KernelType, Debug, PartialEq, Default)]
struct Particle {
    at: [f64; 2],
    charge: i8,
}

#[derive(Clone, Copy, KernelType, Debug, PartialEq, Default)]
struct Cell {
    items: [Particle; 3],
    count: u16,
    limits: (f32, f32),
}

impl Particle {
    const UNIT: f64 = 0.5;
    #[kernel_fn]
    fn energy(&self, field: &[f64]) -> f64 {
        let mut sum = 0.;
        for (k, f) in [(0, field[0]), (1, field[1])] {
            sum += self.at[k] * f * Self::UNIT;
        }
        sum * f64::from(self.charge)
    }
    #[kernel_fn]
    fn shift(&mut self, by: f64) -> &mut Self {
        self.at[0] += by;
        self.at[1] -= by;
        self
    }
}

#[kernel]
fn nested(field: &[f64], c: &mut Cell) -> f64 {
    let n = (c.count as usize).min(c.items.len());
    let mut total = 0.0;
    for k in 0..n {
        total += c.items[k].energy(field);
        c.items[k].at[k % 2] *= 2.0;
    }
    for p in &mut c.items[1..] {
        p.shift(0.25).shift(1.0).charge += 1;
    }
    (c.limits.0, c.items[0].at[1]) = (c.limits.1 + 1.0, -1.0);
    let best = if c.items[0].charge > c.items[1].charge { &c.items[0] } else { &c.items[1] };
    let sign = match best.charge {
        i8::MIN..0 => -1.0,
        0 => 0.0,
        _ => 1.0,
    };
    total + sign * best.at[0]
}

#[test]
fn nested_structs_by_reference() {
    let field = [1.5, -0.5];
    let p = |x: f64, charge| Particle { at: [x, 1.0 - x], charge };
    let cell = |n| Cell { items: [p(0.1, 3), p(0.7, -2), p(4.0, 127 - n as i8)], count: n, limits: (0.0, 9.0) };
    same(|d| {
        let mut cells = [cell(1), cell(2), cell(3)];
        let energies = d.collect(nested(&field, &mut cells))?;
        Ok((energies, cells))
    });
}

#[kernel]
fn inferred(x: &f32, k: Index) -> (f32, u64, i16) {
    let own = [0.25, 0.5, 0.75, 1.0];
    let local: &[f32] = &[1.0, 2.0, 3.0];
    let grid = [[0.0; 3], [1.0; 3]];
    let part = match k % 3 {
        0 => &own[..],
        1 => local,
        _ => &grid[1],
    };
    let mut sum = *x;
    for v in part {
        sum += v;
    }
    let (mut a, mut b) = (0, 1_u64);
    while a < 9 {
        (a, b) = (a + 1, b * 3 + a);
    }
    let pick = if k == 0 { 1 } else { -1 };
    let scaled = 10 * pick;
    let c: i16 = if scaled > 0 { scaled } else { scaled.abs() + 7 };
    let half = |v: f32| v / 2.0;
    let bools = (*x > 0.0) ^ (k > 1) & !(c == 17) | (true == false);
    (half(sum) + (bools as u8) as f32, b, c)
}

#[test]
fn literals_across_branches_and_slices() {
    same(|d| d.collect(inferred(&[1.0_f32, -2.0, 0.0, 8.5])));
}

trait Unit {
    const SCALE: f32;
    #[kernel_fn]
    fn value(&self) -> f32;
    #[kernel_fn(associated)]
    fn make(x: f32) -> Self;
}

#[derive(Clone, Copy, KernelType, Debug)]
struct Metre(f32);
#[derive(Clone, Copy, KernelType, Debug)]
struct Mile {
    value: f32,
}

#[kernel_fn]
impl Unit for Metre {
    const SCALE: f32 = 1.0;
    fn value(&self) -> f32 {
        self.0
    }
    fn make(x: f32) -> Self {
        Metre(x)
    }
}
#[kernel_fn]
impl Unit for Mile {
    const SCALE: f32 = 1609.344;
    fn value(&self) -> f32 {
        self.value * Self::SCALE
    }
    fn make(x: f32) -> Self {
        Self { value: x / Self::SCALE }
    }
}

#[kernel_fn]
fn convert<A: Unit + KernelType, B: Unit + KernelType>(a: &A) -> B {
    B::make(a.value() + A::SCALE - B::SCALE)
}

#[kernel]
fn convert_all<A: Unit + KernelType, B: Unit + KernelType>(a: &A, out: &mut B) {
    let there: B = convert(a);
    let back: A = convert(&there);
    *out = convert::<A, B>(&back);
}

#[test]
fn traits_with_constants_and_constructors() {
    same(|d| {
        let mut miles = [Mile { value: 0.0 }; 2];
        d.run(convert_all(&[Metre(1.0), Metre(2e4)], &mut miles))?;
        let mut metres = [Metre(0.0); 2];
        d.run(convert_all(&miles, &mut metres))?;
        Ok((miles, metres))
    });
}

#[kernel_fn]
fn smooth<T: Float + NumAssign + KernelType, const N: usize, const WIDE: bool>(x: &[T; N], k: usize) -> T {
    let reach = if WIDE { N } else { 1 };
    let mut sum = T::zero();
    let mut count = T::zero();
    for j in k.saturating_sub(reach)..=(k + reach).min(N - 1) {
        sum += x[j];
        count += T::one();
    }
    sum /= count;
    sum
}

#[kernel]
fn smoothed<const N: usize>(x: &[f32; N], out: &mut [f32; N]) {
    for k in 0..N {
        out[k] = smooth::<_, N, false>(x, k) + smooth::<f32, N, true>(x, k) * N as f32;
    }
}

#[test]
fn const_generics_of_all_kinds() {
    let x: Vec<f32> = (0..12).map(|k| (k as f32).exp2()).collect();
    same(|d| {
        let mut out = vec![0.0_f32; 12];
        d.run(smoothed::<4>(&x, &mut out))?;
        Ok(out)
    });
}

#[kernel]
fn sorted(x: &[u32; 8], out: &mut [u32; 8]) {
    let mut a = *x;
    let mut swapped = true;
    let mut end = a.len();
    while swapped && end > 1 {
        swapped = false;
        for k in 1..end {
            if a[k - 1] > a[k] {
                a.swap(k - 1, k);
                swapped = true;
            }
        }
        end -= 1;
    }
    assert_eq!(a.len(), 8, "eight");
    assert_ne!(end, 0);
    *out = a;
}

#[kernel]
fn while_patterns(x: &(bool, u32)) -> u32 {
    let mut state = *x;
    let mut rounds = 0;
    while let (true, n @ 1..100) = state {
        state = (n != 50, n * 2);
        rounds += n;
    }
    if let (flag, 0 | 200) = state {
        return rounds * 1000 + flag as u32;
    }
    rounds
}

#[test]
fn sorting_and_patterns_in_loops() {
    let x: Vec<u32> = (0..24_u32).map(|k| k.wrapping_mul(2_654_435_769) >> 20).collect();
    same(|d| {
        let mut out = vec![0_u32; 24];
        d.run(sorted(&x, &mut out))?;
        Ok(out)
    });
    same(|d| d.collect(while_patterns(&[(true, 1), (true, 25), (false, 0), (true, 200), (true, 0)])));
}

#[kernel_fn]
fn bump(counter: &AtomicU32, by: u32) -> u32 {
    counter.fetch_add(by, Ordering::Relaxed).wrapping_add(by)
}

#[kernel_fn]
fn last(counters: &[AtomicU32]) -> &AtomicU32 {
    &counters[counters.len() - 1]
}

#[kernel]
fn counted(counters: &[AtomicU32], x: &u32) {
    let own = &counters[*x as usize];
    bump(own, 2);
    bump(last(counters), *x);
    let evens = &counters[..2];
    evens[x.is_multiple_of(2) as usize].fetch_max(*x, Ordering::Relaxed);
}

#[test]
fn atomics_by_reference() {
    same(|d| {
        let mut counters = vec![0_u32; 9];
        d.run(counted(&mut counters, &[3_u32, 4, 5, 3, 7]))?;
        Ok(counters)
    });
}

mod elsewhere {
    /// Another type of that name.
    #[derive(Clone, Copy, landbridge::KernelType, Debug, PartialEq)]
    pub(crate) struct Metre(pub(crate) f32);
}

#[kernel]
fn two_metres(a: &Metre, b: &elsewhere::Metre) -> f32 {
    let mut own = elsewhere::Metre(a.0);
    own.0 += b.0;
    own.0 * Metre(3.0).0
}

#[test]
fn types_of_one_name_are_two_types() {
    same(|d| d.collect(two_metres(&[Metre(1.0)], &[elsewhere::Metre(2.5)])));
    let (a, b) = ([Metre(1.0)], [elsewhere::Metre(2.5)]);
    let text = two_metres(&a, &b).definition().module().unwrap().to_string();
    assert!(text.contains("Metre_2 {") && text.contains("Metre {"), "{text}");
}

#[kernel]
fn item_in_index(x: &u32, out: &mut [u32; 4]) {
    out[{
        fn low(x: u32) -> usize {
            (x % 4) as usize
        }
        low(*x)
    }] = 7;
    out[{
        const K: usize = 2;
        K
    }] += 1;
}

#[test]
fn items_in_indices_of_places() {
    let x: Vec<u32> = (0..9).collect();
    same(|d| {
        let mut out = vec![0_u32; 36];
        d.run(item_in_index(&x, &mut out))?;
        Ok(out)
    });
}

#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
#[kernel_type(Default)]
struct Inner {
    low: u8,
    high: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
#[kernel_type(Default)]
struct Outer {
    inner: [Inner; 2],
    pair: (i16, bool),
    scale: f32,
}

#[kernel]
fn defaults(x: &u32) -> (u8, f32, u32) {
    let outer = Outer { scale: *x as f32, ..Outer::default() };
    let Inner { low, high } = Inner::default();
    assert!(high.is_none() && !outer.pair.1);
    (low + outer.inner[1].low, outer.scale, outer.inner[0].high.unwrap_or(*x))
}

#[test]
fn derived_defaults() {
    assert_eq!(Outer::default().inner[1], Inner { low: 0, high: None });
    same(|d| d.collect(defaults(&[1, 2, 3])));
}

#[kernel]
fn arrays_of_slices(x: &usize, all: &[u8]) -> u32 {
    let mut sum = 0_u32;
    for chunk in all.chunks(4) {
        sum = sum.wrapping_add(match chunk.try_into() {
            Ok(bytes) => u32::from_le_bytes(bytes),
            Err(_) => chunk.len() as u32,
        });
    }
    let first: [u8; 2] = all[*x..][..2].try_into().unwrap();
    let word = u32::from_be_bytes(all[*x..x + 4].try_into().expect("four"));
    sum ^ word ^ u32::from(first[1])
}

#[test]
fn slices_become_arrays() {
    let all: Vec<u8> = (0..11).map(|i| i * 23).collect();
    same(|d| d.collect(arrays_of_slices(&[0, 3, 7], &all)));
}

#[kernel]
fn arrays_of_other_lengths(x: &usize, all: &[u8]) -> u32 {
    u32::from_be_bytes(all[*x..].try_into().unwrap())
}

#[test]
fn slices_of_other_lengths_panic() {
    let (message, ..) = same_panic(|d| d.collect(arrays_of_other_lengths(&[0, 1], &[1, 2, 3, 4])));
    assert!(message.ends_with("TryFromSliceError(())"), "{message}");
}
