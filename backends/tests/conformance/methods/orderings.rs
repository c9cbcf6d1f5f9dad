//! `Ordering`, `cmp` and its kin, and comparisons of what has parts: options, results, users' types.
// Each form is there to be compared as it is written.
#![allow(
    clippy::partialeq_to_none,
    clippy::comparison_chain,
    clippy::nonminimal_bool,
    clippy::neg_cmp_op_on_partial_ord
)]

use std::cmp::Ordering;

use landbridge::{Device, KernelType, Result as Answered, kernel, kernel_fn};

use crate::suite::answer::Answer;

const A: [i32; 8] = [0, 1, -1, 7, -20, i32::MAX, i32::MIN, 1000];
const B: [i32; 8] = [0, 3, -1, 0, 4, 1, i32::MIN, -8];

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(PartialEq, Eq, PartialOrd, Ord)]
struct Date {
    year: i32,
    month: u8,
    days: [u16; 2],
}

/// Tags that do not ascend.
#[derive(Clone, Copy, KernelType)]
#[kernel_type(PartialEq, PartialOrd)]
#[repr(u8)]
enum Shape {
    Disc(f32) = 5,
    Empty = 9,
    Rectangle { width: f32, height: f32 } = 2,
}

#[derive(Clone, Copy, KernelType)]
#[kernel_type(PartialEq, PartialOrd)]
struct Pair<T> {
    one: T,
    other: Shape,
}

#[kernel_fn]
fn date(x: i32) -> Date {
    Date { year: x / 8, month: (x & 3) as u8, days: [(x & 1) as u16, 3] }
}

#[kernel_fn]
fn shape(x: i32) -> Shape {
    let side = if x == 1000 { f32::NAN } else { (x % 3) as f32 };
    match x & 3 {
        0 => Shape::Disc(side),
        1 => Shape::Empty,
        _ => Shape::Rectangle { width: 1.0, height: side },
    }
}

#[kernel_fn]
fn number(order: Ordering) -> i32 {
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

#[kernel_fn]
fn partial(order: Option<Ordering>) -> i32 {
    order.map_or(9, |order| order as i32)
}

#[kernel]
fn ordered(a: &i32, b: &i32, out: &mut [i32; 32]) {
    let (a, b) = (*a, *b);
    let order = a.cmp(&b);
    out[0] = number(order);
    out[1] = number(order.reverse()) + 10 * order.is_lt() as i32 + 20 * order.is_ge() as i32;
    out[2] = order.is_le() as i32 + 2 * order.is_gt() as i32 + 4 * order.is_eq() as i32 + 8 * order.is_ne() as i32;
    out[3] = number((a & 1).cmp(&(b & 1)).then(order));
    out[4] = number((a & 3).cmp(&(b & 3)).then_with(|| b.cmp(&a)));
    out[5] = (order == Ordering::Less) as i32 + 2 * (order < Ordering::Greater) as i32;
    out[6] = number((a > 0).cmp(&(b > 0))) + 3 * number((a as u8).cmp(&(b as u8)));
    out[7] = partial(a.partial_cmp(&b));
    out[8] = number((a & 1, b).cmp(&(b & 1, a))) + 3 * partial((a, 1.5).partial_cmp(&(b, f32::NAN)));
    out[9] = number([a & 1, b].cmp(&[b & 1, a]));
    let (x, y) = (date(a), date(b));
    out[10] = (x == y) as i32 + 2 * (x != y) as i32 + 4 * (x < y) as i32 + 8 * (x <= y) as i32;
    out[11] = (x > y) as i32 + 2 * (x >= y) as i32;
    out[12] = number(x.cmp(&y)) + 3 * partial(x.partial_cmp(&y));
    let (s, t) = (shape(a), shape(b));
    out[13] = (s == t) as i32 + 2 * (s != t) as i32 + 4 * (s < t) as i32 + 8 * (s <= t) as i32;
    out[14] = (s > t) as i32 + 2 * (s >= t) as i32 + 4 * partial(s.partial_cmp(&t));
    let (p, q) = (Pair { one: a & 1, other: s }, Pair { one: b & 1, other: t });
    out[15] = (p == q) as i32 + 2 * (p < q) as i32 + 4 * (p >= q) as i32;
    let (o, r) = (a.checked_add(b), b.checked_sub(7));
    out[16] = (o == r) as i32 + 2 * (o != r) as i32 + 4 * (o < r) as i32 + 8 * (o >= r) as i32;
    out[17] = number(o.cmp(&r)) + 3 * (o == Some(a)) as i32 + 6 * (r == None) as i32;
    let (k, l) = (o.ok_or(a & 1), r.ok_or(b & 1));
    out[18] = (k == l) as i32 + 2 * (k != l) as i32 + 4 * (k < l) as i32 + 8 * (k >= l) as i32;
    out[19] = partial(k.partial_cmp(&l)) + 3 * (k == Ok(3)) as i32;
    out[20] = ((o, x) == (r, y)) as i32 + 2 * ((o, x) < (r, y)) as i32;
    out[21] = (Some(s) == Some(t)) as i32 + 2 * (Some(s) < Some(t)) as i32 + 4 * (Some(x) > None) as i32;
    out[22] = ([x, y] == [y, x]) as i32 + 2 * ([x, y] <= [y, x]) as i32;
    out[23] = match a.cmp(&b) {
        Ordering::Less | Ordering::Equal => 1,
        _ if b > 0 => 2,
        Ordering::Greater => 3,
    };
    out[24] = matches!(a.partial_cmp(&b), Some(Ordering::Less | Ordering::Greater)) as i32;
    let (u, v) = (&x, &y);
    out[25] = (u < v) as i32 + 2 * number(u.cmp(v));
    out[26] = number(i32::cmp(&a, &b)) * 3;
    out[27] = if let Some(Ordering::Equal) = s.partial_cmp(&t) { 1 } else { 0 };
}

pub(crate) fn orderings_of_parts(device: &Device) -> Answered<Answer> {
    let mut out = [0; 32 * 8];
    let _ = device.run(ordered(&A, &B, &mut out))?;
    Ok(Answer::new().exact("ordered", &out))
}

#[kernel]
fn floats(a: &f32, all: &[f32], out: &mut [i32; 4]) {
    out.fill(0);
    let mut weight = 1;
    for b in all {
        out[0] += weight * partial(a.partial_cmp(b));
        out[1] += weight * number(a.total_cmp(b));
        out[2] += weight * ((Some(*a) < Some(*b)) as i32 + 2 * (Some(*a) == Some(*b)) as i32);
        weight *= 3;
    }
    out[3] = number(all.partial_cmp(&[*a, 1.0]).unwrap_or(Ordering::Greater));
}

pub(crate) fn orderings_of_floats(device: &Device) -> Answered<Answer> {
    let nan = f32::NAN;
    let all = [0.0, -0.0, 1.5, -1.5, f32::INFINITY, f32::NEG_INFINITY, nan, -nan, f32::MAX, f32::MIN];
    let mut out = [0; 40];
    let _ = device.run(floats(&all, &all, &mut out))?;
    Ok(Answer::new().exact("floats", &out))
}
