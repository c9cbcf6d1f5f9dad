//! What memory a work-item sees: every role, odd lengths, odd alignments.

use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, Ordering};

use landbridge::{Device, Index, Index2, Index3, Result, kernel, rows, rows_mut};

use super::answer::Answer;

#[kernel]
fn gather(table: &[f32], from: &u32, out: &mut f32) {
    *out = table[*from as usize] + table[table.len() - 1];
}

pub(crate) fn whole_slices(device: &Device) -> Result<Answer> {
    let table: Vec<f32> = (0..100).map(|k| k as f32 * 0.5).collect();
    let from: Vec<u32> = (0..37).map(|k| k * 31 % 100).collect();
    let mut out = vec![0.0; 37];
    let _ = device.run(gather(&table, &from, &mut out))?;
    Ok(Answer::new().exact("gathered", &out))
}

#[kernel]
fn histogram(counts: &[AtomicU32], x: &u8) {
    counts[(*x % 10) as usize].fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn atomics_histogram(device: &Device) -> Result<Answer> {
    let x: Vec<u8> = (0..5000_u32).map(|k| (k * k / 7) as u8).collect();
    let mut counts = [3_u32; 10];
    let _ = device.run(histogram(&mut counts, &x))?;
    let mut atomics = [const { AtomicU32::new(0) }; 10];
    let _ = device.run(histogram(&mut atomics, &x))?;
    Ok(Answer::new().exact("counts", &counts).exact("atomics", &atomics.map(AtomicU32::into_inner)))
}

#[kernel]
fn atomic_operations(u: &[AtomicU32], s: &[AtomicI32], x: &u32) {
    let x = *x;
    u[0].fetch_add(x, Ordering::Relaxed);
    u[1].fetch_sub(x, Ordering::SeqCst);
    u[2].fetch_max(x, Ordering::AcqRel);
    u[3].fetch_min(x, Ordering::Relaxed);
    u[4].fetch_or(x, Ordering::Relaxed);
    u[5].fetch_and(x | 0xff00, Ordering::Relaxed);
    u[6].fetch_xor(x, Ordering::Relaxed);
    s[0].fetch_add(-(x as i32), Ordering::Relaxed);
    s[1].fetch_max(x as i32 - 50, Ordering::Relaxed);
    s[2].fetch_min(x as i32 - 50, Ordering::Relaxed);
    if u[7].load(Ordering::Relaxed) == 0 {
        u[7].store(1, Ordering::Relaxed);
    }
}

/// Own cells, whose answers are the same in any order, and shared ones, which are told as they are at the end.
#[kernel]
fn exchanges(i: Index, own: &[AtomicU32], u: &[AtomicU32], s: &[AtomicI32], x: &u32, out: &mut [u32; 10]) {
    let (x, mine) = (*x, &own[i]);
    out[0] = match mine.compare_exchange(x, x.wrapping_add(1), Ordering::SeqCst, Ordering::Relaxed) {
        Ok(old) => old ^ 0xff,
        Err(old) => old,
    };
    let again = mine.compare_exchange(x, 5, Ordering::AcqRel, Ordering::Acquire);
    out[1] = again.is_ok() as u32;
    out[2] = again.unwrap_or_else(|old| !old);
    out[3] = mine.fetch_nand(x >> 1, Ordering::Relaxed);
    out[4] = mine.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| old.checked_add(x)).unwrap_or(77);
    let halved = mine.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| (old % 2 == 0).then_some(old / 2));
    out[5] = halved.is_err() as u32;
    out[6] = mine.swap(x, Ordering::Relaxed);
    if let Err(seen) = mine.compare_exchange_weak(!x, 1, Ordering::Relaxed, Ordering::Relaxed) {
        out[7] = seen;
    }
    out[8] = mine.try_update(Ordering::Relaxed, Ordering::Relaxed, |_| None).unwrap_err();
    out[9] = mine.load(Ordering::Relaxed);

    let _ = u[0].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| Some(sum.wrapping_mul(3)));
    let _ = u[1].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |most| if most < x { Some(x) } else { None });
    u[2].fetch_nand(u32::MAX, Ordering::Relaxed);
    let mut bits = u[3].load(Ordering::Relaxed);
    loop {
        let sum = (f32::from_bits(bits) + (x % 16) as f32).to_bits();
        match u[3].compare_exchange_weak(bits, sum, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => break,
            Err(now) => bits = now,
        }
    }
    let _ = s[0].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| Some(sum.saturating_sub((x >> 1) as i32)));
    s[1].fetch_nand(-1, Ordering::Relaxed);
    let _ = s[2].compare_exchange(i32::MIN, i32::MAX, Ordering::Relaxed, Ordering::Relaxed);
}

pub(crate) fn atomics_exchanged(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = [0, 1, u32::MAX, u32::MAX - 1, 1 << 31].into_iter().chain((0..60).map(|k| k * 77_777)).collect();
    let mut own: Vec<u32> = x.iter().enumerate().map(|(k, &x)| if k % 3 == 2 { x ^ 4 } else { x }).collect();
    let (mut u, mut s) = ([1, 0, 9, 0], [0, i32::MIN, i32::MIN]);
    let mut out = vec![0; 10 * x.len()];
    let _ = device.run(exchanges(&mut own, &mut u, &mut s, &x, &mut out))?;
    Ok(Answer::new().exact("own", &own).exact("u32", &u).exact("i32", &s).exact("seen", &out))
}

/// One cell of 64 bits for each item.
#[kernel]
fn wide_exchanges(i: Index, u: &[AtomicU64], s: &[AtomicI64], x: &i64, out: &mut [i64; 4]) {
    let (unsigned, signed) = (&u[i], &s[i]);
    let changed = unsigned.compare_exchange(*x as u64, 1 << 63, Ordering::Relaxed, Ordering::Relaxed);
    out[0] = changed.map_or_else(|old| old as i64, |old| !old as i64);
    out[1] = signed.fetch_nand(*x, Ordering::Relaxed);
    let lowered = signed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| old.checked_sub(1 << 40));
    out[2] = lowered.is_ok() as i64;
    out[3] = lowered.unwrap_or(-3);
}

pub(crate) fn exchanges_of_64_bits(device: &Device) -> Result<Answer> {
    let x: Vec<i64> = (-20..20).map(|k| k * 0x1_0000_0001).chain([i64::MIN, i64::MAX, 0]).collect();
    let mut u: Vec<u64> = x.iter().map(|&x| if x % 2 == 0 { x as u64 } else { 7 }).collect();
    let (mut s, mut out) = (x.clone(), vec![0; 4 * x.len()]);
    s.reverse();
    let _ = device.run(wide_exchanges(&mut u, &mut s, &x, &mut out))?;
    Ok(Answer::new().exact("unsigned", &u).exact("signed", &s).exact("seen", &out))
}

#[kernel]
fn wide_atomics(u: &[AtomicU64], s: &[AtomicI64], x: &i64) {
    let cell = (*x & 1) as usize;
    u[cell].fetch_add(*x as u64, Ordering::Relaxed);
    u[2].fetch_xor((*x as u64) << 40, Ordering::Relaxed);
    u[3].fetch_max((*x as u64).rotate_left(60), Ordering::Relaxed);
    s[0].fetch_min(x.wrapping_mul(1 << 45), Ordering::Relaxed);
    s[1].fetch_sub(*x << 33, Ordering::Relaxed);
    s[2].fetch_and(!(1 << (*x & 63)), Ordering::Relaxed);
    s[3].fetch_or(1 << (*x & 31), Ordering::SeqCst);
    if *x == 5 {
        s[4].store(s[5].load(Ordering::Relaxed) - 1, Ordering::Relaxed);
    }
}

pub(crate) fn atomics_of_64_bits(device: &Device) -> Result<Answer> {
    let x: Vec<i64> = (-40..60).map(|k| k * 0x1_0000_0001).chain(0..8).collect();
    let mut u = [1_u64 << 63, 2, 3, 0];
    let mut s = [i64::MAX, 1, -1, 0, 9, i64::MIN + 1];
    let _ = device.run(wide_atomics(&mut u, &mut s, &x))?;
    Ok(Answer::new().exact("unsigned", &u).exact("signed", &s))
}

pub(crate) fn atomics_operations(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = (0..300).map(|k| k * 7 % 256).collect();
    let mut unsigned = [100, 5, 0, u32::MAX, 0, u32::MAX, 0, 0];
    let mut signed = [0, i32::MIN, i32::MAX];
    let _ = device.run(atomic_operations(&mut unsigned, &mut signed, &x))?;
    Ok(Answer::new().exact("u32", &unsigned).exact("i32", &signed))
}

#[kernel]
fn average(from: &[u8; 3], to: &mut [u16; 2]) {
    let sum = from[0] as u16 + from[1] as u16 + from[2] as u16;
    to[0] = sum / 3;
    to[1] = sum % 3;
}

pub(crate) fn chunks(device: &Device) -> Result<Answer> {
    let from: Vec<u8> = (0..99).map(|k: u8| k.wrapping_mul(5)).collect();
    let mut to = vec![0; 66];
    let _ = device.run(average(&from, &mut to))?;
    Ok(Answer::new().exact("averages", &to))
}

#[kernel]
fn normalise(weight: &f32, #[rows] from: &[f32], #[rows] to: &mut [f32]) {
    let mut sum = 0.0;
    for value in from {
        sum += *value;
    }
    for k in 0..from.len() {
        to[k] = from[k] / sum * *weight;
    }
}

pub(crate) fn rows_of_a_matrix(device: &Device) -> Result<Answer> {
    let from: Vec<f32> = (1..=35).map(|k| k as f32).collect();
    let mut to = vec![0.0; 35];
    let _ = device.run(normalise(&[1.0, 2.0, 3.0, 4.0, 5.0], rows(&from, 7), rows_mut(&mut to, 7)))?;
    Ok(Answer::new().exact("normalised", &to))
}

#[kernel]
fn plane(at: Index2, out: &mut [u32; 2]) {
    out[0] = at.y as u32;
    out[1] = at.x as u32;
}

pub(crate) fn planes(device: &Device) -> Result<Answer> {
    let mut out = [9; 2 * 5 * 3];
    let report = device.run(plane([5, 3], &mut out))?;
    assert_eq!(report.extent.to_string(), "5 x 3");
    Ok(Answer::new().exact("rows and columns", &out))
}

#[kernel]
fn volume(at: Index3, out: &mut u32) {
    *out = (at.z * 100 + at.y * 10 + at.x) as u32;
}

pub(crate) fn volumes(device: &Device) -> Result<Answer> {
    let mut out = [9; 4 * 3 * 2];
    let _ = device.run(volume([4, 3, 2], &mut out))?;
    Ok(Answer::new().exact("planes, rows and columns", &out))
}

#[kernel]
#[allow(clippy::too_many_arguments, reason = "sixteen have to work")]
fn sixteen(
    a: &u32,
    b: &u32,
    c: &u32,
    d: &u32,
    e: u32,
    f: i32,
    g: f32,
    h: bool,
    i: Index,
    j: &[u32],
    k: &[AtomicU32],
    l: u8,
    m: u16,
    n: &mut u32,
    o: &mut u32,
    p: [u32; 2],
) {
    let index = i as u32;
    *n = a + b + c + d + e + f as u32 + g as u32 + h as u32 + index + j[i % j.len()];
    *o = l as u32 + m as u32 + p[0] * p[1];
    k[0].fetch_add(*n + *o, Ordering::Relaxed);
}

pub(crate) fn sixteen_parameters(device: &Device) -> Result<Answer> {
    let [a, b, c, d] = [1, 10, 100, 1000].map(|k| [k, k + 1, k + 2]);
    let (mut n, mut o, mut k) = ([0; 3], [0; 3], [0]);
    let call = sixteen(&a, &b, &c, &d, 5, 6, 7.5, true, &[3, 4], &mut k, 8, 9, &mut n, &mut o, [11, 12]);
    let _ = device.run(call)?;
    Ok(Answer::new().exact("n", &n).exact("o", &o).exact("k", &k))
}

#[kernel]
fn triple(x: &u8, y: &mut u8) {
    *y = x.wrapping_mul(3);
}

pub(crate) fn no_items(device: &Device) -> Result<Answer> {
    let mut y: [u8; 0] = [];
    let report = device.run(triple(&[], &mut y))?;
    assert_eq!(report.extent.items(), Some(0));
    let gathered = device.collect(read_at(&[], 0))?;
    Ok(Answer::new().exact("nothing", &gathered))
}

pub(crate) fn one_item(device: &Device) -> Result<Answer> {
    let mut y = [1, 2, 3];
    let _ = device.run(triple(&[50], &mut y[1..2]))?;
    Ok(Answer::new().exact("one of three", &y))
}

/// No slice starts on a word, and none ends on one: neighbours must stay as they are.
pub(crate) fn unaligned_slices(device: &Device) -> Result<Answer> {
    let x: Vec<u8> = (0..64).collect();
    let mut answer = Answer::new();
    for start in 0..5 {
        for length in [1, 2, 3, 4, 7, 31] {
            let mut y = vec![99_u8; 64];
            let _ = device.run(triple(&x[start + 1..][..length], &mut y[start..start + length]))?;
            answer = answer.exact(format!("{length} from {start}"), &y);
        }
    }
    let wide: Vec<f32> = (0..33).map(|k| k as f32).collect();
    let mut out = vec![0.0; 33];
    let _ = device.run(gather(&wide[1..], &[0, 5, 9], &mut out[3..6]))?;
    Ok(answer.exact("words", &out))
}

#[kernel]
fn read_at(table: &[u32], i: Index) -> u32 {
    table[i] + i as u32
}

pub(crate) fn indices_alone(device: &Device) -> Result<Answer> {
    let table: Vec<u32> = (0..70).map(|k| k * k).collect();
    Ok(Answer::new().exact("squares", &device.collect(read_at(&table, table.len()))?))
}

#[kernel]
fn mix(i: Index, x: &u32, y: &mut u32) {
    *y = x.wrapping_mul(2_654_435_761) ^ i as u32;
}

/// More than one dispatch's dimension holds, and more than one thread's share.
pub(crate) fn many_items(device: &Device) -> Result<Answer> {
    let items = if device.info().id == "interpreter" { 10_000 } else { 300_001 };
    let x: Vec<u32> = (0..items).collect();
    let mut y = vec![0; items as usize];
    let _ = device.run(mix(&x, &mut y))?;
    // The plain loop runs all of them; the interpreter's share is a prefix.
    let end = [y[0], y[9_999]];
    let sum = y[..10_000].iter().fold(0_u32, |sum, value| sum.wrapping_add(*value));
    for (k, value) in y.iter().enumerate() {
        assert_eq!(*value, (k as u32).wrapping_mul(2_654_435_761) ^ k as u32, "item {k}");
    }
    Ok(Answer::new().exact("ends", &end).exact("sum", &[sum]))
}

#[kernel]
fn write_places(i: Index, out: &mut [[u16; 3]; 2]) {
    out[0] = [1, 2, 3];
    out[1][i % 3] = 7;
    let row = &mut out[0];
    row[1] += 10;
    let copy = *row;
    out[1][(i + 1) % 3] = copy[1] + out[0][2];
}

pub(crate) fn places(device: &Device) -> Result<Answer> {
    let mut out = [[[0; 3]; 2]; 4];
    let _ = device.run(write_places(out.as_flattened_mut()))?;
    Ok(Answer::new().exact("places", &out))
}

#[kernel]
fn reverse(#[rows] row: &mut [i16]) {
    let n = row.len();
    for k in 0..n / 2 {
        row.swap(k, n - 1 - k);
    }
}

pub(crate) fn swaps(device: &Device) -> Result<Answer> {
    let mut matrix: Vec<i16> = (0..15).map(|k| k - 7).collect();
    let _ = device.run(reverse(rows_mut(&mut matrix, 5)))?;
    Ok(Answer::new().exact("reversed", &matrix))
}

#[kernel]
fn combine(all: &[u32], a: &u32, b: &u32, i: Index, out: &mut u32) {
    *out = a * 3 + b + all[all.len() - 1 - i];
}

/// The same memory as several arguments, whole and in overlapping parts.
pub(crate) fn overlapping_reads(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = (0..5000).collect();
    let mut out = vec![0; 4999];
    let _ = device.run(combine(&x, &x[1..], &x[..4999], &mut out))?;
    Ok(Answer::new().exact("combined", &out))
}

#[kernel]
fn bump(x: &mut u8) {
    *x += 1;
}

/// Disjoint parts of one vector that share pages and words.
pub(crate) fn neighbouring_writes(device: &Device) -> Result<Answer> {
    #[kernel]
    fn both(x: &mut u8, y: &mut u8) {
        *x += 1;
        *y += *x;
    }
    let mut bytes: Vec<u8> = (0..97).collect();
    let (left, right) = bytes.split_at_mut(49);
    let _ = device.run(both(&mut left[1..], right))?;
    let _ = device.run(bump(&mut bytes[3..7]))?;
    Ok(Answer::new().exact("bytes", &bytes))
}

/// Large enough that mapping pays, at odd places: ends that share words and pages with others.
pub(crate) fn large_unaligned_slices(device: &Device) -> Result<Answer> {
    let length = if device.info().id == "interpreter" { 20_000 } else { 3 << 20 };
    let x: Vec<u8> = (0..length).map(|k: u32| (k % 251) as u8).collect();
    let mut y = vec![7_u8; length as usize];
    let _ = device.run(triple(&x[3..length as usize - 2], &mut y[1..length as usize - 4]))?;
    for (k, value) in y.iter().enumerate() {
        let outside = k < 1 || k >= length as usize - 4;
        let expected = if outside { 7 } else { x[k + 2].wrapping_mul(3) };
        assert_eq!(*value, expected, "byte {k} on {}", device.info());
    }
    Ok(Answer::new().exact("start", &y[..100]))
}

#[kernel]
fn from_tables(a: &[f32], b: &[f32], i: Index, out: &mut f32) {
    let zero = [0.5_f32, 0.25];
    let tables = [a, b, &zero[..]];
    let mut firsts = [&a[0]; 4];
    firsts[i % 4] = &b[i % 3];
    let table = tables[i % 3];
    *out = table[i % table.len()] + *firsts[0] * *firsts[3] + tables[1][0];
}

pub(crate) fn arrays_of_references(device: &Device) -> Result<Answer> {
    let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 30.0]);
    let mut out = vec![0.0; 40];
    let _ = device.run(from_tables(&a, &b, &mut out))?;
    Ok(Answer::new().exact("out", &out))
}
