//! The order of evaluation, references, aliases, tuples, constants: what is easily got wrong.

use landbridge::{Index, Index3, kernel, kernel_fn};

use crate::support::same;

#[kernel]
fn corner(t: &[f32], i: Index, out: &mut f32) {
    let mut v = [0u32; 8];
    let j = 3;
    v[j] = 7;
    v[j + 1] = v[j];
    v[0] += v[j] as u32 * 2;
    let mut a = 1.5;
    let r = &mut a;
    *r += 2.0;
    let mut q = &t[0];
    for k in (0..t.len()).rev().step_by(1) {
        if t[k] > *q {
            q = &t[k];
        }
    }
    let x;
    if i > 2 {
        x = 1
    } else {
        x = 2
    }
    let sq = |u: f32, w| u * u + w;
    let (lo, hi) = if a < *q { (a, *q) } else { (*q, a) };
    let big = 0xFFFF_FFFFu32 as u64 >> 4u32;
    let wrapped = 5u32.wrapping_sub(7) as u64 + 4_000_000_000 as u64;
    let neg = -1 as i64;
    let label = 'outer: loop {
        let mut n = 0;
        loop {
            n += 1;
            if n == 9 {
                break 'outer n;
            }
        }
    };
    *out = sq(lo, 1.0)
        + hi
        + x as f32
        + v[4] as f32
        + v[0] as f32
        + label as f32
        + (big == wrapped) as u32 as f32
        + neg as f32
        + if !(a > 0.) || *q >= 1.0 && lo != hi { 0.5 } else { unreachable!() };
}

#[test]
fn the_prototypes_corner_cases() {
    let t = [0.25_f32, 7.5, -3.0, 2.0];
    same(|d| {
        let mut out = [0.0_f32; 5];
        d.run(corner(&t, &mut out))?;
        Ok(out)
    });
}

#[kernel_fn]
fn next(n: &mut u32) -> u32 {
    *n += 1;
    *n
}

#[kernel]
fn order(x: &u32) -> [u32; 12] {
    let mut n = *x;
    let mut a = [0; 12];
    // The right side of an assignment comes first, then the place.
    a[next(&mut n) as usize % 12] = next(&mut n) * 10;
    a[next(&mut n) as usize % 12] += next(&mut n) * 100;
    // Operands, arguments, fields and elements from left to right.
    a[4] = next(&mut n) - 0 * next(&mut n) + n % 7;
    let t = (next(&mut n), n, next(&mut n));
    a[5] = t.0 * 10000 + t.1 * 100 + t.2;
    let b = [n, next(&mut n), n];
    a[6] = b[0] * 10000 + b[1] * 100 + b[2];
    // An operand is read before the next one changes it.
    a[7] =
        n + {
            n = 1;
            n
        } + n;
    let y = n;
    n += {
        n = 50;
        2
    };
    a[8] = n;
    a[9] = y;
    let i = 10;
    (a[i], a[i + 1]) = (a[i + 1] + 3, a[i] + 4);
    // The left side decides whether the right one is evaluated.
    if n > 1000 && next(&mut n) > 0 || next(&mut n) == 0 {
        a[0] = 99;
    }
    a[1] += n;
    a
}

#[test]
fn the_order_of_evaluation_is_rusts() {
    same(|d| d.collect(order(&[0_u32, 1, 5, 10])));
}

#[kernel_fn]
fn longest<'a>(a: &'a [i32], b: &'a [i32]) -> &'a [i32] {
    if a.len() >= b.len() { a } else { b }
}

#[kernel_fn]
fn add_all(to: &mut [i32], what: &i32) {
    for x in to {
        *x += *what;
    }
}

#[kernel_fn]
fn pick<'a>(pair: &'a mut (i32, i32), second: bool) -> &'a mut i32 {
    if second { &mut pair.1 } else { &mut pair.0 }
}

#[kernel]
fn references(all: &[i32], x: &i32, i: Index, out: &mut [i32; 4]) {
    let (head, tail) = (&all[..i], &all[i..]);
    let mut own = [1, 2, 3, 4];
    add_all(&mut own, x);
    add_all(&mut own[1..3], &10);
    add_all(out, &own[2]);
    let l = longest(head, tail);
    out[0] += l.len() as i32 + l[0];
    let mut pair = (*x, 5);
    *pick(&mut pair, *x > 3) += 100;
    let copy = pair;
    *pick(&mut pair, true) -= copy.0;
    let r = &mut out[1];
    *r = copy.0 + pair.1;
    let rr = &*r;
    let rrr = &rr;
    let product = **rrr * rr;
    out[2] = product + longest(&own, &[7])[3];
    out[3] = if longest(&own, all).is_empty() { 0 } else { 1 };
}

#[kernel]
fn volume(scale: usize, i: Index3) -> (usize, u8) {
    ((i.z * 10 + i.y) * 10 + i.x * scale, (i.x as u8) << 1)
}

#[test]
fn results_may_be_tuples_and_extents_three_dimensional() {
    let all = same(|d| d.collect(volume(3, [2, 3, 4])));
    assert_eq!(all[23], (1 * 100 + 2 * 10 + 9, 6));
}

const TABLE: [(u8, f32); 3] = [(1, 0.5), (2, 1.5), (3, 2.5)];
const NESTED: [[i16; 2]; 2] = [[1, 2], [3, -4]];
static NAMES: [u64; 2] = [1 << 40, 3];

#[kernel]
fn constants(i: Index) -> f64 {
    let (a, b) = TABLE[i % 3];
    let row = &NESTED[i % 2];
    let mut copy = NESTED;
    copy[1][0] += row[1];
    const LOCAL: usize = TABLE.len() * 2;
    let sum: i16 = copy[0][0] + copy[1][0];
    a as f64
        + b as f64
        + row[0] as f64
        + sum as f64
        + NAMES[i % 2] as f64
        + LOCAL as f64
        + f64::MAX.sqrt().log2()
        + u32::MAX as f64
        + std::f32::consts::E as f64
}

#[test]
fn constants_and_statics() {
    same(|d| d.collect(constants(7)));
}

#[kernel_fn]
fn divide(a: i32, b: i32) -> (i32, i32) {
    (a / b, a % b)
}

#[kernel]
fn tuples(x: &i32, y: &(u8, i32, (f32, bool))) -> (i32, (f32, u8)) {
    let (q, r) = divide(*x, y.1);
    let pair = (y.0, y.2.0);
    let swapped = (pair.1, pair.0);
    let mut all = [(q, swapped), (r, (0.5, 1))];
    all[0].1.0 += 1.0;
    if (q, r) == (0, *x) || all[0] != all[1] && y.2.1 {
        return all[0];
    }
    let (_, (a, b)) = all[1];
    (all[1].0 + 1, (a, b))
}

#[test]
fn tuples_of_tuples() {
    let y = [(1_u8, 3, (0.25_f32, true)), (2, -2, (4.5, false)), (255, 100, (0.0, true))];
    same(|d| d.collect(tuples(&[10, 11, -12], &y)));
}

#[test]
fn references_into_slices_tuples_and_arrays() {
    let all = [5, -3, 8, 1, 0, 12];
    same(|d| {
        let mut out = [0_i32; 24];
        d.run(references(&all, &[1, 2, 3, 4, 5, 6], &mut out))?;
        Ok(out)
    });
}

/// A parameter may have the kernel's own name.
#[kernel]
fn negated(x: &f32, negated: &mut f32) {
    *negated = -*x;
}

#[test]
fn a_parameter_with_the_name_of_the_kernel() {
    let found = same(|device| {
        let mut y = [0.0; 3];
        device.run(negated(&[1.0, 2.0, 3.0], &mut y))?;
        Ok(y)
    });
    assert_eq!(found, [-1.0, -2.0, -3.0]);
}
