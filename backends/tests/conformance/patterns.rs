//! Patterns of slices and arrays, and alternatives that bind.
#![allow(clippy::redundant_at_rest_pattern, reason = "each pattern is there to be matched")]

use landbridge::{Device, KernelType, Result, each, kernel, kernel_fn};

use super::answer::Answer;

#[kernel]
fn apart(x: &[i32; 4], out: &mut [i32; 8]) {
    let [a, b, .., d] = *x;
    let [first, rest @ ..] = x;
    let [.., last] = rest;
    let [p, q] = [a - b, d];
    out[0] = a + 10 * b + 100 * d;
    out[1] = *first + rest[1] + rest.len() as i32 * 1000;
    out[2] = *last;
    out[3] = match [a, b, p, q] {
        [0, ..] => 1,
        [.., 7] => 2,
        [n, 1..=4, _, m] if n < m => n * m,
        [-1, middle @ .., 3] => middle[0] + middle[1],
        _ => 5,
    };
    out[4] = match x {
        [a, b, c, d] if a == d => *b + *c,
        [a, ..] => -*a,
    };
    let [_, inner @ .., _] = *x;
    out[5] = inner[0] * inner[1];
    let [all @ ..] = *x;
    out[6] = all[3];
    out[7] = if let &[a, b, _, 3] = x { a + b } else { i32::MIN };
}

const FOURS: [[i32; 4]; 9] = [
    [0, 1, 2, 3],
    [1, 2, 3, 7],
    [-1, 4, 0, 3],
    [-1, 9, 9, 3],
    [i32::MAX / 200, 0, 1, 0],
    [5, 5, 5, 5],
    [1, 4, 1, 6],
    [0, 0, 0, 0],
    [-7, -7, 1, 2],
];

pub(crate) fn arrays_taken_apart(device: &Device) -> Result<Answer> {
    let mut out = [0; 72];
    let _ = device.run(apart(FOURS.as_flattened(), &mut out))?;
    Ok(Answer::new().exact("arrays", &out))
}

/// Some part of `all` for each item, the empty one too.
#[kernel]
fn of_slices(all: &[u8], from: &u32, to: &u32, out: &mut [u32; 5]) {
    let part = &all[*from as usize..*to as usize];
    out[0] = match part {
        [] => 0,
        [x] => 1000 + *x as u32,
        [a, b] if a == b => 2000,
        [a, b] => 2001 + *a as u32 * *b as u32,
        [b'a', .., b'z'] => 3000,
        [first, .., last] if first > last => 3001,
        [_, 2 | 4, c, ..] => 4000 + *c as u32,
        [.., y, _] => 5000 + *y as u32,
    };
    let [a, b, ..] = part else {
        out[1] = 77;
        return;
    };
    out[1] = *a as u32 * 256 + *b as u32;
    if let &[.., y, z] = part {
        out[2] = y as u32 + z as u32;
    }
    out[3] = matches!(part, [_, _, _]) as u32;
    out[4] = match (part, *from) {
        ([_, tail @ ..], 1) => tail.len() as u32,
        (_, n) => n,
    };
}

const BYTES: &[u8] = &[7, 2, 2, 4, 200, b'a', 4, b'z', b'z', 0, 255, 255, 1];

pub(crate) fn slices_taken_apart(device: &Device) -> Result<Answer> {
    let (mut from, mut to) = (vec![], vec![]);
    for a in 0..=BYTES.len() as u32 {
        for b in a..=BYTES.len() as u32 {
            from.push(a);
            to.push(b);
        }
    }
    let mut out = vec![0; from.len() * 5];
    let _ = device.run(of_slices(BYTES, &from, &to, &mut out))?;
    Ok(Answer::new().exact("slices", &out))
}

#[kernel_fn]
fn polynomial(coefficients: &[f32], x: f32) -> f32 {
    let mut left = coefficients;
    let mut value = 0.0;
    while let [others @ .., last] = left {
        value = value * x + last;
        left = others;
    }
    value
}

#[kernel_fn]
fn exchange(pair: &mut [f32]) {
    if let [a, middle @ .., b] = pair {
        let kept = *a;
        *a = *b;
        *b = kept;
        for m in middle {
            *m += 0.5;
        }
    }
}

#[kernel]
fn rests(coefficients: &[f32], x: &f32, out: &mut [f32; 4]) {
    out[0] = polynomial(coefficients, *x);
    out[1] = polynomial(&[], *x);
    let [one, two, ..] = out;
    *two += *one;
    *one = 3.0;
    exchange(&mut out[1..]);
    let [_, tail @ ..] = &mut out[1..] else { return };
    exchange(tail);
}

pub(crate) fn rests_of_slices(device: &Device) -> Result<Answer> {
    let x = [0.0, 1.0, -2.0, 0.5, 3.0];
    let mut out = [0.25; 20];
    let _ = device.run(rests(&[1.0, -2.0, 0.5, 4.0], &x, &mut out))?;
    Ok(Answer::new().exact("rests", &out))
}

#[derive(Clone, Copy, KernelType)]
#[repr(u8)]
enum Shape {
    Square(f32),
    Rectangle { a: f32, b: f32 },
    Circle(f32),
    Point,
}

#[kernel]
fn alternatives(x: &(i32, i32), pair: &[i32; 2], out: &mut [i32; 4]) {
    out[0] = match *x {
        (1, a) | (a, 1) => a,
        (a @ 5..=9, b) | (b, a @ 5..=9) if a != b => a * 100 + b,
        (0, _) | (_, 0) => -1,
        (a, _) => -a,
    };
    out[1] = match pair {
        [3, n] | [n, 3] => *n,
        [_, n] => -*n,
    };
    let ((0, y) | (y, 0)) = *x else { return };
    out[2] = y;
}

#[kernel]
fn shapes(shape: &Shape, out: &mut f32) {
    *out = match *shape {
        Shape::Square(side) | Shape::Circle(side) => side,
        Shape::Rectangle { a, b } if a > b => a,
        Shape::Rectangle { b, .. } => b,
        Shape::Point => 0.0,
    };
}

pub(crate) fn alternatives_that_bind(device: &Device) -> Result<Answer> {
    let mut x = vec![];
    for a in [i32::MIN + 1, -3, 0, 1, 5, 9, 10] {
        for b in [0, 1, 2, 5, 7, 9, 1000] {
            x.push((a, b));
        }
    }
    let pairs: Vec<i32> = x.iter().flat_map(|&(_, b)| [b % 4, b]).collect();
    let mut out = vec![0; x.len() * 4];
    let _ = device.run(alternatives(&x, &pairs, &mut out))?;
    let all = [
        Shape::Square(2.0),
        Shape::Rectangle { a: 3.0, b: 1.0 },
        Shape::Rectangle { a: 3.0, b: 4.0 },
        Shape::Circle(-0.0),
        Shape::Point,
    ];
    let mut sizes = [9.0; 5];
    let _ = device.run(shapes(&all, &mut sizes))?;
    Ok(Answer::new().exact("alternatives", &out).exact("shapes", &sizes))
}

#[derive(Clone, Copy, KernelType)]
struct Four(u32, u8, u32, u32);

#[kernel]
fn around(x: &(u32, u8, i32), four: &Four, out: &mut [i32; 4]) {
    let (a, .., c) = *x;
    let (.., b, _) = x;
    out[0] = (a as i32).wrapping_mul(10).wrapping_add(c);
    out[1] = *b as i32;
    let Four(first, .., last) = four;
    out[2] = (*first + *last) as i32;
    out[3] = match *four {
        Four(1, ..) => 1,
        Four(.., 2) => 2,
        Four(_, x @ 3.., ..) => x as i32,
        _ => 4,
    };
}

pub(crate) fn tuples_around_a_rest(device: &Device) -> Result<Answer> {
    let x = [(1, 2, 3), (u32::MAX, 255, i32::MIN), (0, 0, -1), (7, 1, 1)];
    let fours = [Four(1, 2, 3, 4), Four(2, 2, 2, 2), Four(3, 200, 0, 1), Four(9, 0, 0, 0)];
    let mut out = [0; 16];
    let _ = device.run(around(&x, &fours, &mut out))?;
    Ok(Answer::new().exact("around", &out))
}

#[derive(Clone, Copy, KernelType)]
struct Spot {
    x: u32,
    y: u32,
}

#[derive(Clone, Copy, KernelType)]
struct Pair(u32, [u32; 2]);

#[kernel]
fn assigned_apart(x: &u32, out: &mut [u32; 8]) {
    let (mut a, mut b, mut c) = (*x, *x ^ 1, *x ^ 2);
    (a, b) = (b, a);
    [a, .., c] = [c, 99, a];
    (_, b) = (a, b ^ c);
    let mut nested = (a, [b, c]);
    (nested.1[0], nested.0) = (nested.0, nested.1[1]);
    let mut spot = Spot { x: a, y: b };
    Spot { x: spot.y, y: spot.x } = spot;
    let mut d;
    Spot { x: d, .. } = spot;
    (a, .., d) = (d, 1.5, true, a);
    Pair(d, [.., c]) = Pair(c, [d, a]);
    [(a, d), (out[7], _)] = [(d, a), (9, 8)];
    // From left to right: what stands last counts.
    (out[0], out[0]) = (1, 2);
    out[0] ^= nested.0;
    [out[1], out[2]] = nested.1;
    (out[3], [out[4], _], (out[5], out[6])) = (a, [b, 1], (c ^ spot.y, d));
}

pub(crate) fn destructuring_assignments(device: &Device) -> Result<Answer> {
    let mut out = [0; 32];
    let _ = device.run(assigned_apart(&[0, 5, 1000, u32::MAX], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel_fn]
fn weighed((a, b): (u32, u32), &[c, .., d]: &[u32; 3], Spot { x, y }: Spot, _: f32) -> u32 {
    a * c + b * d + (x ^ y)
}

#[kernel_fn]
impl Spot {
    fn pushed(&mut self, Spot { x, .. }: Spot, &by: &u32) -> u32 {
        self.x += x;
        self.x * by
    }
}

#[kernel]
fn by_patterns(
    &x: &u32,
    (a, b): &mut (u32, u32),
    [c, ..]: &[u32; 3],
    &Spot { x: left, y }: &Spot,
    (u, _): (u32, f32),
) -> u32 {
    *a += x;
    std::mem::swap(a, b);
    let mut spot = Spot { x: left, y };
    weighed((x, 2), &[*c, 0, 4], spot, 0.5) + spot.pushed(Spot { x: 5, y: 6 }, &3) + u
}

pub(crate) fn parameters_that_are_patterns(device: &Device) -> Result<Answer> {
    let spots: Vec<_> = (0..4).map(|k| Spot { x: k, y: k * 7 }).collect();
    let mut pairs = [(1, 2), (3, 4), (5, 6), (7, 8)];
    let x = [1, 0, 1000, 77];
    let sums = device.collect(by_patterns(&x, &mut pairs, &[7, 8, 9, 1, 0, 0, 2, 0, 0, 3, 3, 3], &spots, (3, 0.5)))?;
    let k = 5;
    let mut more = [(1, 2), (3, 4), (5, 6), (7, 8)];
    let call = each!(|&x: &u32, (a, b): &mut (u32, u32)| {
        *a += x * k;
        *b = *a;
    });
    let _ = device.run(call(&x, &mut more))?;
    let flat = |pairs: &[(u32, u32)]| pairs.iter().flat_map(|p| [p.0, p.1]).collect::<Vec<_>>();
    Ok(Answer::new().exact("sums", &sums).exact("pairs", &flat(&pairs)).exact("more", &flat(&more)))
}

#[derive(Clone, Copy, KernelType)]
#[repr(u8)]
enum Figure {
    Square(u32),
    Circle(u32),
    Point,
}

/// A guard is asked again for each alternative that matches.
#[kernel]
fn guard_alternatives(pair: &[u32; 2], out: &mut [u32; 6]) {
    let (x, y) = (pair[0], pair[1]);
    out[0] = match (x, y) {
        (0, a) | (a, 0) if a > 5 => a,
        (a, 3) | (3, a) | (a, _) if a % 2 == 1 => a + 100,
        _ => 1000,
    };
    let mut asked = 0;
    out[1] = match ((x, y), (y, x)) {
        ((0 | 1, a) | (a, 0 | 1), (2, b) | (b, _))
            if {
                asked += 1;
                a > b
            } =>
        {
            a * 10 + b
        }
        _ => 7,
    };
    out[2] = asked;
    out[3] = match &pair[..] {
        [a, rest @ ..] | [rest @ .., a] if *a > 5 => *a + rest[0],
        _ => 0,
    };
    let figure = if x == 0 {
        Figure::Point
    } else if x < y {
        Figure::Square(x)
    } else {
        Figure::Circle(y)
    };
    out[4] = match figure {
        Figure::Square(size) | Figure::Circle(size) if size > 2 => size,
        Figure::Point => 99,
        _ => 98,
    };
    out[5] = u32::from(matches!(Some((x, y)), Some((1, a) | (a, 1)) if a > 1));
}

pub(crate) fn alternatives_under_guards(device: &Device) -> Result<Answer> {
    let pairs: Vec<u32> = (0..9).flat_map(|x| (0..9).flat_map(move |y| [x, y])).collect();
    let mut out = vec![0; 81 * 6];
    let _ = device.run(guard_alternatives(&pairs, &mut out))?;
    Ok(Answer::new().exact("out", &out))
}
