//! Helper functions, generics, methods, operators, traits.

use std::ops::{Add, AddAssign, Mul, Neg};

use landbridge::types::KernelValue;
use landbridge::{Device, KernelType, Result, Sum, each, kernel, kernel_fn};
use num_traits::Float;

use super::answer::{Answer, struct_numbers};

#[kernel_fn]
fn square(x: f32) -> f32 {
    x * x
}

#[kernel_fn]
fn length_squared(v: [f32; 3]) -> f32 {
    square(v[0]) + square(v[1]) + square(v[2])
}

#[kernel_fn]
fn add_to(place: &mut f32, value: f32) {
    *place += value;
}

#[kernel_fn]
fn largest(values: &[f32]) -> f32 {
    let mut best = values[0];
    for value in values {
        if *value > best {
            best = *value;
        }
    }
    best
}

#[kernel]
fn call_helpers(v: &[f32; 3], table: &[f32], out: &mut f32) {
    let mut sum = length_squared(*v);
    add_to(&mut sum, largest(table));
    add_to(&mut sum, largest(&table[..2]));
    add_to(out, sum);
}

pub(crate) fn helpers(device: &Device) -> Result<Answer> {
    let mut out = [1.0, 2.0];
    let _ = device.run(call_helpers(&[1.0, 2.0, 3.0, -1.0, 0.5, 0.0], &[1.0, 9.0, 4.0, 16.0], &mut out))?;
    Ok(Answer::new().exact("helpers", &out))
}

#[kernel]
fn scale_all<T: KernelValue + Mul<Output = T>>(factor: T, x: &T, out: &mut T) {
    *out = *x * factor;
}

pub(crate) fn generic_kernels(device: &Device) -> Result<Answer> {
    let (mut floats, mut words, mut bytes) = ([0.0; 2], [0; 3], [0; 2]);
    let _ = device.run(scale_all(1.5_f32, &[2.0, 3.0], &mut floats))?;
    let _ = device.run(scale_all(3_u32, &[1, 2, 3], &mut words))?;
    let _ = device.run(scale_all(7_u8, &[4, 5], &mut bytes))?;
    Ok(Answer::new().exact("f32", &floats).exact("u32", &words).exact("u8", &bytes))
}

#[kernel_fn]
fn dot<T: KernelValue + Float, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    let mut sum = T::zero();
    for k in 0..N {
        sum = sum + a[k] * b[k];
    }
    sum
}

#[kernel]
fn dots<const N: usize>(a: &[f32; N], b: &[f32; N], out: &mut f32) {
    *out = dot(a, b) + N as f32;
}

pub(crate) fn const_generics(device: &Device) -> Result<Answer> {
    let x: Vec<f32> = (0..12).map(|k| k as f32).collect();
    let (mut threes, mut fours) = ([0.0; 4], [0.0; 3]);
    let _ = device.run(dots::<3>(&x, &x, &mut threes))?;
    let _ = device.run(dots::<4>(&x, &x, &mut fours))?;
    Ok(Answer::new().exact("N = 3", &threes).exact("N = 4", &fours))
}

#[derive(Clone, Copy, Debug, Default, KernelType)]
#[kernel(Add, Mul<f32>, AddAssign, Neg)]
struct Vec3 {
    x: f32,
    y: f32,
    z: f32,
}
struct_numbers!(Vec3 { x, y, z });

impl Vec3 {
    const UP: Vec3 = Vec3 { x: 0.0, y: 1.0, z: 0.0 };

    #[kernel_fn(associated)]
    fn new(x: f32, y: f32, z: f32) -> Vec3 {
        Vec3 { x, y, z }
    }

    #[kernel_fn]
    fn dot(self, other: Vec3) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    #[kernel_fn]
    fn scale(&mut self, factor: f32) {
        self.x *= factor;
        self.y *= factor;
        self.z *= factor;
    }
}

#[kernel_fn]
impl Add for Vec3 {
    type Output = Vec3;
    fn add(self, other: Vec3) -> Vec3 {
        Vec3::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

#[kernel_fn]
impl Mul<f32> for Vec3 {
    type Output = Vec3;
    fn mul(self, factor: f32) -> Vec3 {
        Vec3 { x: self.x * factor, y: self.y * factor, z: self.z * factor }
    }
}

#[kernel_fn]
impl AddAssign for Vec3 {
    fn add_assign(&mut self, other: Vec3) {
        *self = *self + other;
    }
}

#[kernel_fn]
impl Neg for Vec3 {
    type Output = Vec3;
    fn neg(self) -> Vec3 {
        Vec3::new(-self.x, -self.y, -self.z)
    }
}

#[kernel_fn]
impl Mul<Vec3> for f32 {
    type Output = Vec3;
    fn mul(self, v: Vec3) -> Vec3 {
        v * self
    }
}

#[kernel_fn]
impl<'a> Add<&'a Vec3> for &'a Vec3 {
    type Output = Vec3;
    fn add(self, other: &'a Vec3) -> Vec3 {
        *self + *other
    }
}

#[kernel]
fn call_methods(a: &Vec3, b: &Vec3, out: &mut Vec3) {
    let mut v = Vec3::new(a.dot(*b), Vec3::dot(*a, Vec3::UP), 1.0);
    v.scale(2.0);
    *out = v;
    out.scale(a.x);
}

#[kernel]
fn use_operators(k: f32, a: &Vec3, b: &Vec3, out: &mut Vec3) {
    let mut v = *a + *b * k;
    v += Vec3::UP;
    v = 0.5 * v + (a + b);
    *out = -v;
}

fn vectors() -> ([Vec3; 2], [Vec3; 2]) {
    let v = |x, y, z| Vec3 { x, y, z };
    ([v(1.0, 2.0, 3.0), v(-1.0, 0.5, 0.0)], [v(4.0, 5.0, 6.0), v(7.0, -8.0, 0.25)])
}

pub(crate) fn user_methods(device: &Device) -> Result<Answer> {
    let (a, b) = vectors();
    let mut out = [Vec3::default(); 2];
    let _ = device.run(call_methods(&a, &b, &mut out))?;
    Ok(Answer::new().exact("vectors", &out))
}

pub(crate) fn user_operators(device: &Device) -> Result<Answer> {
    let (a, b) = vectors();
    let mut out = [Vec3::default(); 2];
    let _ = device.run(use_operators(2.0, &a, &b, &mut out))?;
    Ok(Answer::new().exact("vectors", &out))
}

trait Shape {
    #[kernel_fn]
    fn area(&self) -> f32;
}

#[derive(Clone, Copy, Debug, KernelType)]
struct Square {
    side: f32,
}

#[derive(Clone, Copy, Debug, KernelType)]
struct Rectangle {
    width: f32,
    height: f32,
}

#[kernel_fn]
impl Shape for Square {
    fn area(&self) -> f32 {
        self.side * self.side
    }
}

#[kernel_fn]
impl Shape for Rectangle {
    fn area(&self) -> f32 {
        self.width * self.height
    }
}

#[kernel]
fn areas<S: Shape + KernelValue>(shape: &S, out: &mut f32) {
    *out = shape.area() + 0.5;
}

pub(crate) fn user_traits(device: &Device) -> Result<Answer> {
    let (mut squares, mut rectangles) = ([0.0; 2], [0.0; 1]);
    let _ = device.run(areas(&[Square { side: 3.0 }, Square { side: 1.5 }], &mut squares))?;
    let _ = device.run(areas(&[Rectangle { width: 2.0, height: 4.5 }], &mut rectangles))?;
    Ok(Answer::new().exact("squares", &squares).exact("rectangles", &rectangles))
}

#[kernel]
fn axpy<T: KernelValue + Float>(a: T, x: &T, y: &mut T) {
    *y = a * *x + (*y).sqrt();
}

pub(crate) fn numeric_traits(device: &Device) -> Result<Answer> {
    let mut y = [4.0, 9.0];
    let _ = device.run(axpy(2.0_f32, &[0.5, 1.5], &mut y))?;
    Ok(Answer::new().exact("axpy", &y))
}

const TABLE: [u32; 4] = [2, 3, 5, 7];
const OFFSET: u32 = TABLE[3] * 10;

#[kernel]
fn use_constants(i: &u32, out: &mut u32) {
    const LOCAL: u32 = 1000;
    *out = TABLE[*i as usize % 4] + OFFSET + LOCAL + u8::MAX as u32;
}

pub(crate) fn constants(device: &Device) -> Result<Answer> {
    let mut out = [0; 6];
    let _ = device.run(use_constants(&[0, 1, 2, 3, 4, 5], &mut out))?;
    Ok(Answer::new().exact("constants", &out))
}

pub(crate) fn captured_closures(device: &Device) -> Result<Answer> {
    let (factor, offset) = (3.0_f32, [1.0_f32, 2.0]);
    let mut y = [0.5, 1.5, 2.5];
    let _ = device.run(each!(|x: &f32, y: &mut f32| *y += factor * *x + offset[1])(&[1.0, 2.0, 3.0], &mut y))?;
    let shift = Vec3 { x: 1.0, y: 0.0, z: -1.0 };
    let sums = device.collect(each!(|v: &Vec3| -> f32 { v.dot(shift) })(&vectors().0))?;
    let sum = device.reduce(each!(|x: &u32| -> u32 { x * 2 })(&[1, 2, 3]), Sum)?;
    Ok(Answer::new().exact("y", &y).exact("sums", &sums).exact("sum", &[sum]))
}

/// A kernel inside a function sees the items around it.
pub(crate) fn kernels_inside_functions(device: &Device) -> Result<Answer> {
    const STEP: u32 = 5;
    #[kernel_fn]
    fn advance(x: u32) -> u32 {
        x + STEP
    }
    #[kernel]
    fn inner(x: &mut u32) {
        *x = advance(*x);
    }
    let mut x = [1, 2];
    let _ = device.run(inner(&mut x))?;
    Ok(Answer::new().exact("advanced", &x))
}

#[kernel_fn]
fn classify(x: i32) -> i32 {
    for k in 0..5 {
        if k * k == x {
            return k;
        }
        if k > x {
            break;
        }
    }
    let 10..=20 = x else { return -1 };
    100
}

#[kernel]
fn call_early(x: &i32, out: &mut i32) {
    *out = classify(*x) + classify(*x + 1) * 1000;
}

pub(crate) fn early_returns_of_helpers(device: &Device) -> Result<Answer> {
    let x: Vec<i32> = (-3..25).collect();
    let mut out = vec![0; x.len()];
    let _ = device.run(call_early(&x, &mut out))?;
    Ok(Answer::new().exact("classes", &out))
}
