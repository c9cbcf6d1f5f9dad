//! Methods of slices and arrays, also of empty ones.

use landbridge::{Device, KernelType, Result, kernel};

use crate::suite::answer::Answer;

#[kernel]
fn look(t: &[i32], n: &usize, out: &mut [i32; 10]) {
    let t = &t[..*n];
    out[0] = t.first().copied().unwrap_or(-1);
    out[1] = t.last().copied().unwrap_or(-2);
    out[2] = t.get(2).map_or(-3, |v| v * 2);
    out[3] = match t.get(t.len()) {
        Some(_) => 1,
        None => 2,
    };
    out[4] = t.contains(&30) as i32;
    let (left, right) = t.split_at(t.len() / 2);
    out[5] = left.iter().sum();
    out[6] = right.iter().sum::<i32>() * 2 + right.len() as i32;
    out[7] = t.is_empty() as i32;
    let own = [*n as i32, 5, 30];
    out[8] = *own.last().unwrap() + own.as_slice().first().map_or(0, |v| *v);
    out[9] = if let (Some(a), Some(b)) = (own.get(*n), t.first()) { a + b } else { 77 };
}

pub(crate) fn elements(device: &Device) -> Result<Answer> {
    let mut out = [0; 50];
    let _ = device.run(look(&[10, 20, 30, 40], &[0, 1, 2, 3, 4], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn change(x: &[u32; 5], out: &mut [u32; 5], n: &usize) {
    out.copy_from_slice(x);
    out.reverse();
    if let Some(first) = out.first_mut() {
        *first += 100;
    }
    if let Some(last) = out.last_mut() {
        *last += 200;
    }
    if let Some(v) = out.get_mut(*n) {
        *v += 1000;
    }
    let (left, right) = out.split_at_mut(2);
    left[1] += right[0];
    right.swap(0, 2);
    right[..*n % 3].fill(7);
    let mut short = [1_u32, 2];
    short.reverse();
    out[4] += short[0];
}

pub(crate) fn changes_of_elements(device: &Device) -> Result<Answer> {
    let x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut out = [0; 15];
    let _ = device.run(change(&x, &mut out, &[0, 4, 5]))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn mapped(x: &[f32; 3], out: &mut [f32; 4], flags: &mut [bool; 3]) {
    let doubled = x.map(|v| v * 2.0);
    let mut count = 0;
    let numbered = doubled.map(|v| {
        count += 1;
        v + count as f32
    });
    out[..3].copy_from_slice(&numbered);
    out[3] = x.map(|v| v as i32).iter().map(|v| *v as f32).sum();
    *flags = numbered.map(|v| v > 3.0);
}

pub(crate) fn mapped_arrays(device: &Device) -> Result<Answer> {
    let (mut out, mut flags) = ([0.0; 8], [false; 6]);
    let _ = device.run(mapped(&[0.5, 1.5, -2.0, 4.0, 0.0, 1.0], &mut out, &mut flags))?;
    Ok(Answer::new().exact("out", &out).exact("flags", &flags))
}

/// `n` elements of each, none too.
#[kernel]
fn take_apart(t: &[i32], n: &usize, out: &mut [i32; 16], changed: &mut [i32; 6]) {
    let part = &t[..*n];
    out[0] = match part.split_first() {
        Some((first, rest)) => first + 100 * rest.len() as i32,
        None => -1,
    };
    if let Some((last, rest)) = part.split_last() {
        out[1] = *last;
        out[2] = rest.iter().sum();
    }
    out[3] = part.split_at_checked(2).map_or(-5, |(a, b)| a[1] * 10 + b.len() as i32);
    out[4] = part.starts_with(&[10, 20]) as i32 + 2 * part.starts_with(&[]) as i32 + 4 * part.starts_with(t) as i32;
    out[5] =
        part.ends_with(&t[1..3]) as i32 + 2 * part.ends_with(part) as i32 + 4 * part.ends_with(&[i32::MIN; 9]) as i32;
    out[6] = part.is_sorted() as i32;
    out[7] = t.is_sorted() as i32;
    out[8] = part.partition_point(|v| *v < 25) as i32;
    let mut own = [1, 2, 3, 4, 5, 6];
    if let Some((first, rest)) = own[..*n].split_first_mut() {
        *first = rest.len() as i32 * 11;
        if let Some((last, rest)) = rest.split_last_mut() {
            *last += rest.iter().sum::<i32>();
        }
    }
    if let Some((left, right)) = own.split_at_mut_checked(*n * 2) {
        left.fill(right.len() as i32);
    }
    *changed = own;
    let mut sum = 0;
    let mut rest = part;
    while let Some((first, others)) = rest.split_first() {
        sum = sum * 3 + first;
        rest = others;
    }
    out[9] = sum;
    out[10] = [0.5_f32, 1.0, f32::NAN].is_sorted() as i32 + 2 * [-0.0_f32, 0.0, f32::INFINITY].is_sorted() as i32;
    out[11] = [f32::NAN, 2.0].contains(&f32::NAN) as i32 + 2 * [0.0_f32, 2.0].contains(&-0.0) as i32;
    out[12] = [(1, 2_u8), (3, 4)].contains(&(3, 4)) as i32 + 2 * [[1, 2], [3, 4]].contains(&[2, 1]) as i32;
    out[13] = [Some(3), None].contains(&None) as i32;
    out[14] = [[1_u8, 2], [3, 4]].starts_with(&[[1, 2]]) as i32;
    out[15] = part.ends_with(&[]) as i32;
}

pub(crate) fn slices_in_parts(device: &Device) -> Result<Answer> {
    let (mut out, mut changed) = ([0; 16 * 5], [0; 6 * 5]);
    let _ = device.run(take_apart(&[10, 20, 30, 29], &[0, 1, 2, 3, 4], &mut out, &mut changed))?;
    Ok(Answer::new().exact("out", &out).exact("changed", &changed))
}

/// `Ok` as it is, `Err` as its complement.
#[landbridge::kernel_fn]
fn told(result: std::result::Result<usize, usize>) -> i64 {
    match result {
        Ok(at) => at as i64,
        Err(at) => !(at as i64),
    }
}

#[kernel]
fn find(sorted: &[i32], floats: &[f32], n: &usize, wanted: &i32, out: &mut [i32; 7]) {
    let (part, wanted) = (&sorted[..*n], *wanted);
    out[0] = told(part.binary_search(&wanted)) as i32;
    out[1] = told(part.binary_search_by(|v| v.cmp(&wanted))) as i32;
    out[2] = told(part.binary_search_by_key(&(wanted / 2), |v| v / 2)) as i32;
    out[3] = part.partition_point(|&v| v <= wanted) as i32;
    let wanted = wanted as f32 / 4.0;
    out[4] = told(floats.binary_search_by(|v| v.total_cmp(&wanted))) as i32;
    out[5] = floats.partition_point(|v| *v < wanted) as i32;
    let pairs = [(1_u8, true), (2, false), (2, true), (9, false)];
    out[6] = told(pairs.binary_search(&(wanted as u8, true))) as i32;
}

pub(crate) fn searches_in_slices(device: &Device) -> Result<Answer> {
    let sorted = [i32::MIN, -9, -9, -1, 0, 0, 0, 3, 5, 5, 7, 8, 8, i32::MAX - 1, i32::MAX];
    let floats = [f32::NEG_INFINITY, -3.0, -0.0, 0.0, 1.0e-3, 1.25, 2.0, f32::INFINITY, f32::NAN];
    let values = [i32::MIN, i32::MAX, -9, -1, 0, 1, 5, 8, 9];
    let (mut n, mut wanted) = (vec![], vec![]);
    for k in 0..=sorted.len() {
        n.extend([k; 9]);
        wanted.extend(values);
    }
    let mut out = vec![0; 7 * n.len()];
    let _ = device.run(find(&sorted, &floats, &n, &wanted, &mut out))?;
    Ok(Answer::new().exact("found", &out))
}

#[kernel]
fn shift(x: &[u32; 6], n: &usize, out: &mut [u32; 6], more: &mut [u32; 6]) {
    *out = *x;
    out.rotate_left(*n);
    *more = *x;
    more[1..].rotate_right(*n - *n / 6);
    out.copy_within(..*n / 2 + 1, *n / 3);
    more.copy_within(2.., *n / 3);
    more.copy_within(1..=*n / 2, 6 - *n / 2);
    more[..0].rotate_left(0);
    let mut count = 10;
    out[4..].fill_with(|| {
        count += 1;
        count
    });
    let (left, right) = out.split_at_mut(3);
    left.swap_with_slice(right);
    more[..2].clone_from_slice(&x[4..]);
    let turned = x[0].rotate_left(*n as u32) ^ x[1].rotate_right(*n as u32);
    more[5] ^= turned;
}

pub(crate) fn elements_moved(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = (0..7 * 6).map(|k| k * 0x0080_0001).collect();
    let (mut out, mut more) = ([0; 42], [0; 42]);
    let _ = device.run(shift(&x, &[0, 1, 2, 3, 4, 5, 6], &mut out, &mut more))?;
    Ok(Answer::new().exact("out", &out).exact("more", &more))
}

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: i16,
    value: Option<u8>,
}

#[kernel]
fn sorted(n: &u32, numbers: &mut [u32; 9], floats: &mut [f32; 8], entries: &mut [Entry; 5], medians: &mut [i32; 3]) {
    let n = *n as usize;
    numbers[..n].sort_unstable();
    floats.sort_unstable_by(|a, b| b.total_cmp(a));
    entries.sort_unstable();
    let mut copy = *medians;
    copy.sort_unstable_by_key(|x| (x.unsigned_abs() % 100, *x));
    medians[0] = copy[1];
    medians[1..].sort_unstable_by(|a, b| (b % 2 != 0).cmp(&(a % 2 != 0)).then(a.cmp(b)));
}

pub(crate) fn sorted_in_place(device: &Device) -> Result<Answer> {
    let n = [0, 1, 2, 5, 8, 9, 9];
    let mut numbers = [[0; 9]; 7];
    let mut floats = [[0.0; 8]; 7];
    let mut entries = [[Entry { key: 0, value: None }; 5]; 7];
    let mut medians = [[0; 3]; 7];
    let mut seed = 77_u32;
    let mut next = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 8
    };
    for k in 0..7 {
        numbers[k].fill_with(|| if k == 6 { 3 } else { next() % 11 });
        floats[k].fill_with(|| [f32::NAN, -f32::INFINITY, -0.0, 0.0, 1.5, -2.5, f32::MAX][next() as usize % 7]);
        entries[k].fill_with(|| Entry {
            key: (next() % 3) as i16 - 1,
            value: (next() % 2 == 0).then_some((next() % 3) as u8),
        });
        medians[k].fill_with(|| next() as i32 % 1000 - 500);
    }
    let _ = device.run(sorted(
        &n,
        numbers.as_flattened_mut(),
        floats.as_flattened_mut(),
        entries.as_flattened_mut(),
        medians.as_flattened_mut(),
    ))?;
    let entries: Vec<_> = entries.as_flattened().iter().map(|e| (e.key, e.value)).collect();
    Ok(Answer::new()
        .exact("numbers", &numbers)
        .exact("floats", &floats)
        .exact("entries", &entries)
        .exact("medians", &medians))
}
