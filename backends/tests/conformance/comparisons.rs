//! Comparisons of slices, tuples, arrays and users' types.

use landbridge::{Device, Index, KernelType, Result, kernel, kernel_fn};

use super::answer::Answer;

#[kernel]
fn compare_slices(t: &[i32], u: &[i32], i: Index) -> [u8; 6] {
    let (a, b) = (&t[i..], &u[..u.len() - i]);
    let own = [1, 2, 3];
    [
        (a == b) as u8,
        (t[i..i + 3] == own) as u8,
        (a[..2] != [1, 2]) as u8,
        (*t < *u) as u8,
        (a <= b) as u8,
        (a > &own) as u8,
    ]
}

pub(crate) fn slices(device: &Device) -> Result<Answer> {
    let t = [1, 2, 3, 1, 2, 3, 9];
    let mut answer = Answer::new();
    for u in [&[1, 2, 3, 1, 2, 3, 9][..], &[3, 1, 2, 3], &[1, 2, 3, 1, 2, 3, 9, -5], &[2, 3, 1, 2, 3, 9, 9]] {
        answer = answer.exact(format!("{u:?}"), &device.collect(compare_slices(&t, u, 4))?);
    }
    Ok(answer)
}

type Mixed = (u8, (f32, i16));

#[kernel]
fn compare_wholes(a: &Mixed, b: &Mixed, x: &[f32; 2], y: &[f32; 2]) -> [u8; 8] {
    [
        (a == b) as u8,
        (a < b) as u8,
        (*a >= *b) as u8,
        (x == y) as u8,
        (*x <= *y) as u8,
        (x > y) as u8,
        ((a.1, x[0]) < (b.1, y[0])) as u8,
        ([a.1, b.1] <= [b.1, a.1]) as u8,
    ]
}

pub(crate) fn tuples_and_arrays(device: &Device) -> Result<Answer> {
    let numbers = [1.0, -0.0, 0.0, f32::NAN, 2.0];
    let (mut a, mut b, mut x, mut y): (Vec<Mixed>, Vec<Mixed>, Vec<f32>, Vec<f32>) = Default::default();
    for k in 0..120_usize {
        let number = |n: usize| numbers[(k * 7 + n * 3 + k / 5) % 5];
        a.push(((k & 1) as u8, (number(0), (k % 3) as i16 - 1)));
        b.push(((k >> 1 & 1) as u8, (number(k / 40), (k % 4) as i16 - 1)));
        x.extend([number(2), number(3)]);
        y.extend([number(k % 3), number(4)]);
    }
    Ok(Answer::new().exact("orders", &device.collect(compare_wholes(&a, &b, &x, &y))?))
}

#[kernel]
fn compare_blocks(x: &[u16; 300], y: &[u16; 300]) -> [u8; 3] {
    [(x == y) as u8, (*x != *y) as u8, (x < y) as u8]
}

pub(crate) fn long_arrays(device: &Device) -> Result<Answer> {
    let x: Vec<u16> = (0..900_u32).map(|k| (k * 7 % 611) as u16).collect();
    let mut y = x.clone();
    y[599] += 1;
    y[600] = 0;
    Ok(Answer::new().exact("blocks", &device.collect(compare_blocks(&x, &y))?))
}

/// Equal where the angles are.
#[derive(Clone, Copy, KernelType)]
#[kernel(PartialEq)]
struct Angle {
    turns: i32,
    degrees: u16,
}

#[kernel_fn]
impl PartialEq for Angle {
    fn eq(&self, other: &Angle) -> bool {
        self.degrees % 360 == other.degrees % 360
    }
}

#[kernel]
fn compare_angles(a: &[Angle; 2], b: &[Angle; 2]) -> [u8; 4] {
    [(a == b) as u8, (a[0] == b[0]) as u8, (a[1] != b[1]) as u8, (a[..1] == b[1..]) as u8]
}

pub(crate) fn users_equality(device: &Device) -> Result<Answer> {
    let angle = |turns, degrees| Angle { turns, degrees };
    let a = [angle(0, 10), angle(1, 370), angle(0, 0), angle(0, 5)];
    let b = [angle(3, 370), angle(1, 10), angle(0, 0), angle(1, 6)];
    Ok(Answer::new().exact("angles", &device.collect(compare_angles(&a, &b))?))
}
