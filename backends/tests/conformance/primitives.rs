//! The ready-made operations on slices, against plain Rust: whole numbers, so that any order gives the same sums.

use landbridge::{Device, KernelType, KernelValue, Result, kernel_fn};
use landbridge_kernels::operator::{Operator, greatest, least, plus};
use landbridge_kernels::scan::{Kind, ROW, scan, segmented_scan};
use landbridge_kernels::sort::{Key, order, sort, sort_pairs};
use landbridge_kernels::{ScopePrimitives, gather, random, reduce, select};

use super::answer::Answer;

/// Lengths around blocks and rows.
const LENGTHS: [usize; 7] = [0, 1, 2, 255, 256, 257, 1300];

/// Numbers without order, the same in every run: Knuth's multiplicative hash.
pub(super) fn words(count: usize) -> Vec<u32> {
    (0..count as u32).map(|k| (k + 1).wrapping_mul(2_654_435_761) ^ k << 7).collect()
}

pub(super) fn is_reference(device: &Device) -> bool {
    device.info().id == "plain"
}

/// What plain Rust does where the suite asks for what is right.
fn either<T>(device: &Device, reference: impl FnOnce() -> T, found: impl FnOnce() -> Result<T>) -> Result<T> {
    if is_reference(device) { Ok(reference()) } else { found() }
}

/// `x` becomes `scale * x + shift`; one after the other is associative and does not commute.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
struct Affine {
    scale: u32,
    shift: u32,
}

#[derive(Clone, Copy, KernelType)]
struct Then {
    identity: Affine,
}

impl Operator<Affine> for Then {
    fn identity(&self) -> Affine {
        self.identity
    }
    #[kernel_fn]
    fn combine(&self, a: Affine, b: Affine) -> Affine {
        let shift = a.shift.wrapping_mul(b.scale).wrapping_add(b.shift);
        Affine { scale: a.scale.wrapping_mul(b.scale), shift }
    }
}

const THEN: Then = Then { identity: Affine { scale: 1, shift: 0 } };

fn affine(count: usize) -> Vec<Affine> {
    words(count).into_iter().map(|w| Affine { scale: w | 1, shift: w >> 9 }).collect()
}

fn fold_plainly<T: KernelValue, O: Operator<T>>(op: O, t: &[T]) -> T {
    t.iter().fold(op.identity(), |a, b| op.combine(a, *b))
}

pub(crate) fn folds(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in LENGTHS {
        let t = words(length);
        let floats: Vec<f32> = t.iter().map(|w| (w % 100) as f32 - 50.0).collect();
        let maps = affine(length);
        let sum = either(device, || fold_plainly(plus(), &t), || reduce::reduce(device, plus(), &t))?;
        let low = either(device, || fold_plainly(least(), &floats), || reduce::reduce(device, least(), &floats))?;
        let dot = || floats.iter().map(|x| x * x).sum::<f32>() + 0.0;
        let dot = either(device, dot, || reduce::dot(device, &floats, &floats).map(|sum| sum + 0.0))?;
        let all = either(device, || fold_plainly(THEN, &maps), || reduce::reduce(device, THEN, &maps))?;
        answer = answer.exact("integers", &[sum, all.scale, all.shift]).exact("floats", &[low, dot]);
    }
    let mut t = words(1000);
    let sum = fold_plainly(greatest(), &t);
    let resident = || device.scope(|s| s.fold(greatest(), &s.attach_mut(&mut t)));
    Ok(answer.exact("in a scope", &[either(device, || sum, resident)?]))
}

fn scan_plainly<T: KernelValue, O: Operator<T>>(op: O, kind: Kind, t: &mut [T]) {
    let mut folded = op.identity();
    for here in t {
        let next = op.combine(folded, *here);
        *here = if kind == Kind::Inclusive { next } else { folded };
        folded = next;
    }
}

pub(crate) fn scans(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in LENGTHS {
        for kind in [Kind::Inclusive, Kind::Exclusive] {
            let (mut t, mut maps) = (words(length), affine(length));
            if is_reference(device) {
                scan_plainly(plus(), kind, &mut t);
                scan_plainly(THEN, kind, &mut maps);
            } else {
                scan(device, plus(), kind, &mut t)?;
                scan(device, THEN, kind, &mut maps)?;
            }
            let shifts: Vec<u32> = maps.iter().map(|m| m.shift).collect();
            answer = answer.exact("sums", &t).exact("maps", &shifts);
        }
    }
    let (mut t, mut scratch) = (words(3 * ROW), vec![0; 3]);
    let all = if is_reference(device) {
        scan_plainly(plus(), Kind::Inclusive, &mut t);
        t[3 * ROW - 1]
    } else {
        device.scope(|s| {
            let (mut t, mut scratch) = (s.attach_mut(&mut t), s.attach_zeroed(&mut scratch));
            s.scan(plus(), &mut t, &mut scratch)
        })?
    };
    Ok(answer.exact("in a scope", &t).exact("all", &[all]))
}

pub(crate) fn segments(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in LENGTHS {
        let heads: Vec<bool> = words(length).into_iter().map(|w| w % 37 == 0).collect();
        let mut t = words(length);
        if is_reference(device) {
            let mut sum = 0_u32;
            for (here, head) in t.iter_mut().zip(&heads) {
                sum = if *head { *here } else { sum.wrapping_add(*here) };
                *here = sum;
            }
        } else {
            segmented_scan(device, plus(), &heads, &mut t)?;
        }
        answer = answer.exact("sums in segments", &t);
    }
    Ok(answer)
}

fn sorted<K: Key>(device: &Device, mut t: Vec<K>) -> Result<Vec<u64>> {
    if is_reference(device) {
        t.sort_by_key(K::bits);
    } else {
        sort(device, &mut t)?;
    }
    Ok(t.iter().map(K::bits).collect())
}

pub(crate) fn sorted_numbers(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in [0, 1, 2, 257, 700] {
        let t = words(length);
        let floats = t.iter().map(|w| f32::from_bits(*w)).chain([f32::NAN, -f32::NAN, 0.0, -0.0, f32::NEG_INFINITY]);
        answer = answer
            .exact("u32", &sorted(device, t.clone())?)
            .exact("i32", &sorted(device, t.iter().map(|w| *w as i32).collect())?)
            .exact("u8", &sorted(device, t.iter().map(|w| *w as u8).collect())?)
            .exact("i16", &sorted(device, t.iter().map(|w| *w as i16).collect())?)
            .exact("f32", &sorted(device, floats.collect())?);
    }
    Ok(answer)
}

/// Of few keys, so that many are equal: their values keep their order.
pub(crate) fn sorted_pairs(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in LENGTHS {
        let mut keys: Vec<i8> = words(length).into_iter().map(|w| (w % 7) as i8 - 3).collect();
        let mut values: Vec<(u32, f32)> = (0..length as u32).map(|k| (k, k as f32)).collect();
        let numbers = |keys: &[i8]| {
            let mut numbers: Vec<u32> = (0..length as u32).collect();
            numbers.sort_by_key(|k| keys[*k as usize]);
            numbers
        };
        let expected = numbers(&keys);
        let found = either(device, || expected.clone(), || order(device, &keys))?;
        if is_reference(device) {
            keys = expected.iter().map(|k| keys[*k as usize]).collect();
            values = expected.iter().map(|k| values[*k as usize]).collect();
        } else {
            sort_pairs(device, &mut keys, &mut values)?;
        }
        answer = answer.exact("order", &found).exact("keys", &keys).exact("values", &values);
    }
    Ok(answer)
}

pub(crate) fn chosen_and_runs(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in LENGTHS {
        let t: Vec<u16> = words(length).into_iter().map(|w| (w % 3) as u16).collect();
        let marks: Vec<bool> = words(length).into_iter().map(|w| w % 5 < 2).collect();
        let chosen = |wanted: bool| t.iter().zip(&marks).filter(move |(_, m)| **m == wanted).map(|(x, _)| *x);
        let compacted = either(device, || chosen(true).collect(), || select::compact(device, &t, &marks))?;
        let parts = || (chosen(true).chain(chosen(false)).collect(), chosen(true).count());
        let (parts, marked) = either(device, parts, || select::partition(device, &t, &marks))?;
        let plainly = || {
            let mut runs: Vec<(u16, u32)> = vec![];
            for x in &t {
                match runs.last_mut() {
                    Some((value, count)) if value == x => *count += 1,
                    _ => runs.push((*x, 1)),
                }
            }
            runs.into_iter().unzip()
        };
        let (values, lengths): (Vec<u16>, Vec<u32>) = either(device, plainly, || select::run_length(device, &t))?;
        let unique = either(device, || values.clone(), || select::unique(device, &t))?;
        answer = answer.exact("compacted", &compacted).exact("parts", &parts).exact("marked", &[marked]);
        answer = answer.exact("values", &values).exact("lengths", &lengths).exact("unique", &unique);
    }
    Ok(answer)
}

pub(crate) fn gathered_and_scattered(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in LENGTHS {
        let values = affine(length).into_iter().map(|m| (m.scale, m.shift)).collect::<Vec<_>>();
        let indices: Vec<u32> = words(2 * length).into_iter().map(|w| w % length.max(1) as u32).collect();
        let plainly = || indices.iter().map(|k| values[*k as usize]).collect::<Vec<_>>();
        let gathered = either(device, plainly, || gather::gather(device, &values, &indices))?;
        let places: Vec<u32> = (0..length as u32).rev().map(|k| 2 * k).collect();
        let mut out = vec![(7, 7); 2 * length];
        if is_reference(device) {
            places.iter().zip(&values).for_each(|(k, value)| out[*k as usize] = *value);
        } else {
            gather::scatter(device, &values, &places, &mut out)?;
        }
        answer = answer.exact("gathered", &gathered).exact("scattered", &out);
    }
    Ok(answer)
}

/// By 64-bit products; see the module's own test for published numbers.
fn philox_plainly(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let (p, q) = (u64::from(c[0]) * 0xD251_1F53, u64::from(c[2]) * 0xCD9E_8D57);
        c = [(q >> 32) as u32 ^ c[1] ^ k[0], q as u32, (p >> 32) as u32 ^ c[3] ^ k[1], p as u32];
        k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
    }
    c
}

pub(crate) fn random_words(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in [0, 1, 3, 4, 1001] {
        let (mut found, mut units) = (vec![0; length], vec![0.0; length]);
        if is_reference(device) {
            let block = |k: usize| philox_plainly([k as u32 / 4, 0, 0, 0], [0xdead_beef, 0x17]);
            found.iter_mut().enumerate().for_each(|(k, to)| *to = block(k)[k % 4]);
            units.iter_mut().zip(&found).for_each(|(to, word)| *to = (*word >> 8) as f32 / 16_777_216.0);
        } else {
            random::fill_words(device, 0x17_dead_beef, &mut found)?;
            random::fill_units(device, 0x17_dead_beef, &mut units)?;
        }
        answer = answer.exact("words", &found).exact("units", &units);
    }
    Ok(answer)
}
