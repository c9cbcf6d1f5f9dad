//! The macros on kernels of all kinds: they compile without warnings, run on the host as they are, and build trees.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]
#![allow(clippy::needless_range_loop, reason = "kernels index, as on devices")]

extern crate landbridge_core as landbridge;

use landbridge::{Index, KernelType, kernel, kernel_fn};

/// y = a x + y
#[kernel]
pub fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

#[test]
fn saxpy_builds_a_tree() {
    let (x, mut y) = (vec![1.0_f32; 4], vec![2.0_f32; 4]);
    let tree = saxpy(2.0, &x, &mut y).definition().tree();
    assert_eq!(tree.name, "saxpy");
    assert_eq!(tree.types.len(), 4);
    assert_eq!(
        format!("{:?}", tree.body),
        "Block([Expr(AssignOp(Add, Deref(Local(2)), Binary(Mul, Local(0), Local(1), At(13, 13)), At(13, 8)))], None)"
    );
}

/// A body of the all-pairs simulation.
#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
pub struct Planet {
    /// Where.
    pub position: [f32; 3],
    /// How heavy.
    pub mass: f32,
}

#[kernel_fn]
fn dot<T: num_traits::Float + KernelType, const N: usize>(a: [T; N], b: [T; N]) -> T {
    let mut sum = T::zero();
    for k in 0..N {
        sum = sum + a[k] * b[k];
    }
    sum
}

#[kernel]
fn nbody(dt: f32, all: &[Planet], i: Index, out: &mut Planet) {
    let me = all[i];
    if me.mass < 0.0 {
        return;
    }
    let mut acc = [0.0; 3];
    for j in 0..all.len() {
        if j == i {
            continue;
        }
        let d = all[j].position;
        let inv = 1.0 / dot(d, d).sqrt().max(1e-6);
        for k in 0..3 {
            acc[k] += inv * d[k];
        }
    }
    *out = Planet { mass: acc[0] * dt, ..me };
}

#[test]
fn nbody_builds_a_tree() {
    let all = vec![Planet { position: [0.0; 3], mass: 1.0 }; 4];
    let mut out = all.clone();
    let tree = nbody(0.1, &all, &mut out).definition().tree();
    assert_eq!(tree.name, "nbody");
    println!("{:?} {:?}", tree.types, tree.body);
}
