//! Users' types: methods, operators, traits, associated constants, generics.

use landbridge::{KernelType, kernel, kernel_fn};
use num_traits::Float;
use std::ops::{Add, AddAssign, Index as At, Mul, Neg, Sub};

use crate::support::same;

#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
#[kernel(Add, Sub, Mul<f32>, Mul<Vec3>, AddAssign, Neg)]
struct Vec3 {
    x: f32,
    y: f32,
    z: f32,
}

impl Vec3 {
    const UP: Vec3 = Vec3 { x: 0.0, y: 1.0, z: 0.0 };
    #[kernel_fn(associated)]
    fn new(x: f32, y: f32, z: f32) -> Self {
        Vec3 { x, y, z }
    }
    #[kernel_fn]
    fn dot(self, o: Vec3) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    #[kernel_fn]
    fn min(&self, o: &Vec3) -> Vec3 {
        Vec3::new(self.x.min(o.x), self.y.min(o.y), self.z.min(o.z))
    }
    #[kernel_fn]
    fn scale(&mut self, k: f32) {
        self.x *= k;
        self.y *= k;
        self.z *= k;
    }
    #[kernel_fn]
    fn largest(&mut self) -> &mut f32 {
        if self.x > self.y && self.x > self.z {
            &mut self.x
        } else if self.y > self.z {
            &mut self.y
        } else {
            &mut self.z
        }
    }
}

#[kernel_fn]
impl Add for Vec3 {
    type Output = Vec3;
    fn add(self, o: Vec3) -> Vec3 {
        Vec3::new(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}
#[kernel_fn]
impl Sub for Vec3 {
    type Output = Vec3;
    fn sub(self, o: Vec3) -> Vec3 {
        self + -o
    }
}
#[kernel_fn]
impl Mul<f32> for Vec3 {
    type Output = Vec3;
    fn mul(self, k: f32) -> Vec3 {
        Vec3 { x: self.x * k, y: self.y * k, z: self.z * k }
    }
}
#[kernel_fn]
impl Mul<Vec3> for Vec3 {
    type Output = f32;
    fn mul(self, o: Vec3) -> f32 {
        self.dot(o)
    }
}
#[kernel_fn]
impl Neg for Vec3 {
    type Output = Vec3;
    fn neg(self) -> Vec3 {
        self * -1.0
    }
}
#[kernel_fn]
impl AddAssign for Vec3 {
    fn add_assign(&mut self, o: Vec3) {
        *self = *self + o;
    }
}

impl At<usize> for Vec3 {
    type Output = f32;
    fn index(&self, i: usize) -> &f32 {
        [&self.x, &self.y, &self.z][i]
    }
}

trait Shape {
    #[kernel_fn]
    fn area(&self) -> f32;
}
#[derive(Clone, Copy, KernelType, Debug)]
struct Disc {
    r: f32,
}
#[kernel_fn]
impl Shape for Disc {
    fn area(&self) -> f32 {
        std::f32::consts::PI * self.r * self.r
    }
}
#[kernel_fn]
impl Shape for Vec3 {
    fn area(&self) -> f32 {
        self.dot(*self)
    }
}

#[kernel]
fn vecs(k: f32, a: &Vec3, b: &Vec3, out: &mut Vec3) {
    let mut s = *a + *b * k;
    s += Vec3::UP;
    s.scale(2.0);
    let m = a.min(b);
    out.x = s.dot(m);
    out.y = Vec3::dot(m, m).abs();
    *s.largest() += 100.0;
    let d = s - m;
    *out = Vec3 { z: f32::max(s.z, m.z) + d * d, ..*out };
}

#[kernel]
fn areas<S: Shape + KernelType + Sync>(s: &S, out: &mut f32) {
    *out = s.area() + 1.0;
}

#[test]
fn methods_operators_and_traits() {
    let a: Vec<Vec3> = (0..9).map(|k| Vec3 { x: k as f32, y: 3.5 - k as f32, z: 0.1 }).collect();
    let b: Vec<Vec3> = a.iter().rev().copied().collect();
    let out = same(|d| {
        let mut out = a.clone();
        d.run(vecs(0.3, &a, &b, &mut out))?;
        Ok(out)
    });
    assert_eq!(b[0][0], 8.0);
    assert_ne!(out, a);
    same(|d| {
        let mut out = vec![0.0_f32; 9];
        d.run(areas(&a, &mut out))?;
        let mut discs = vec![0.0_f32; 2];
        d.run(areas(&[Disc { r: 1.0 }, Disc { r: 0.3 }], &mut discs))?;
        Ok((out, discs))
    });
}

/// Layout by rustc: the byte fields come last, whatever their order here.
#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
struct Padded {
    flag: bool,
    wide: f64,
    small: u8,
    pair: (u16, f32),
    inner: Inner,
}

#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
struct Inner(i8, u32, [u16; 3]);

#[kernel]
fn padded(p: Padded, x: &Padded, out: &mut Padded) {
    let Padded { flag, wide, pair: (a, b), .. } = *x;
    let Inner(i, j, k) = x.inner;
    out.flag = !flag | p.flag;
    out.wide = wide + b as f64 + p.wide;
    out.pair.0 = a.wrapping_add(k[1]);
    out.pair.1 = p.pair.1 * 2.0;
    out.inner.1 = j ^ p.inner.1;
    out.inner.2[2] = p.inner.2[0];
    out.inner = Inner(i.wrapping_mul(3), out.inner.1, out.inner.2);
    if p.inner.0 < 0 {
        *out = Padded { small: x.small + 1, ..p };
    }
}

#[test]
fn structs_with_padding_tuples_and_arrays() {
    let one = Padded { flag: true, wide: 1.5, small: 7, pair: (65535, 0.25), inner: Inner(-50, 9, [1, 2, 3]) };
    let two = Padded { flag: false, inner: Inner(50, 1 << 31, [7, 8, 9]), ..one };
    for p in [one, two] {
        same(|d| {
            let mut out = [two, one];
            d.run(padded(p, &[one, two], &mut out))?;
            Ok(out)
        });
    }
}

#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
struct Complex<T> {
    re: T,
    im: T,
}

#[kernel_fn]
fn square<T: Float + KernelType>(z: Complex<T>) -> Complex<T> {
    let two = T::one() + T::one();
    Complex { re: z.re * z.re - z.im * z.im, im: two * z.re * z.im }
}

#[kernel]
fn squares<T: Float + KernelType, const N: usize>(z: &mut [Complex<T>; N]) {
    for k in 0..N {
        z[k] = square(z[k]);
    }
}

#[test]
fn generic_structs_and_const_generics() {
    same(|d| {
        let mut z = [Complex { re: 0.5_f32, im: -1.5 }; 6];
        z[4].im = 9.0;
        d.run(squares::<f32, 3>(&mut z))?;
        let mut w = [Complex { re: 0.5_f64, im: -1.5 }; 2];
        d.run(squares::<f64, 2>(&mut w))?;
        Ok((z, w))
    });
}
