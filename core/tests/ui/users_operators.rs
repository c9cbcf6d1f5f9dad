extern crate landbridge_core as landbridge;
use landbridge::*;

use std::ops::{Add, AddAssign, Index, Mul, Neg, Not};

#[derive(Clone, Copy, KernelType)]
struct V(f32);

impl Add for V {
    type Output = V;
    fn add(self, o: V) -> V {
        V(self.0 + o.0)
    }
}
impl<'a> Add<&'a V> for &'a V {
    type Output = V;
    fn add(self, o: &'a V) -> V {
        V(self.0 + o.0)
    }
}
impl Mul<V> for f32 {
    type Output = V;
    fn mul(self, o: V) -> V {
        V(self * o.0)
    }
}
impl AddAssign<f32> for V {
    fn add_assign(&mut self, x: f32) {
        self.0 += x;
    }
}
impl Neg for V {
    type Output = V;
    fn neg(self) -> V {
        V(-self.0)
    }
}
impl Not for V {
    type Output = V;
    fn not(self) -> V {
        self
    }
}
impl Index<usize> for V {
    type Output = f32;
    fn index(&self, _: usize) -> &f32 {
        &self.0
    }
}

#[kernel]
fn binary(a: &V, b: &V, x: &f32, y: &mut V) {
    *y = (*a + *b) + (a + b);
    *y = 2.0 * (*x * *a);
    *y += 1.0;
}

#[kernel]
fn unary(a: &V, y: &mut V) {
    *y = -*a;
    *y = !*a;
}

#[kernel]
fn index(a: &V) -> f32 {
    a[0]
}

#[kernel]
fn in_a_closure(a: &V, b: &V, y: &mut V) {
    let sum = |p, q| p + q;
    *y = sum(*a, *b);
}

#[kernel]
fn of_a_parameter<T: KernelType + Copy + Index<usize, Output = f32>>(a: &T) -> f32 {
    a[0]
}

fn main() {}
