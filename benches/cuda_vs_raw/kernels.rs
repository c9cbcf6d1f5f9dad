//! The kernels; those that are measured against CUDA C++ have their like in `kernels.cu`.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::prelude::*;

#[kernel]
pub(crate) fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

/// Picks elements of a table: it can fail, so that its launches have reports to look at.
#[kernel]
pub(crate) fn gather(i: &u32, t: &[f32], y: &mut f32) {
    *y = t[*i as usize];
}

#[kernel]
pub(crate) fn triad(s: f32, b: &f32, c: &f32, a: &mut f32) {
    *a = b + s * c;
}

#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
#[repr(C)]
pub(crate) struct Body {
    pub(crate) place: [f32; 3],
    pub(crate) speed: [f32; 3],
    pub(crate) mass: f32,
}

// SAFETY: seven numbers without padding, of which zeros are some.
unsafe impl bytemuck::Zeroable for Body {}
// SAFETY: as above; any bytes are numbers.
unsafe impl bytemuck::Pod for Body {}

#[kernel]
pub(crate) fn nbody(dt: f32, all: &[Body], me: &Body, next: &mut Body) {
    let mut pull = [0.0_f32; 3];
    for other in all {
        let (a, b) = (other.place, me.place);
        let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
        let r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + 1e-2;
        let strength = other.mass / (r2 * r2.sqrt());
        pull = [pull[0] + strength * d[0], pull[1] + strength * d[1], pull[2] + strength * d[2]];
    }
    let (v, p) = (me.speed, me.place);
    let speed = [v[0] + dt * pull[0], v[1] + dt * pull[1], v[2] + dt * pull[2]];
    let place = [p[0] + dt * speed[0], p[1] + dt * speed[1], p[2] + dt * speed[2]];
    *next = Body { place, speed, mass: me.mass };
}

/// The mean of a point of a plane and its neighbours; what is on the rim stays.
#[kernel]
pub(crate) fn stencil(width: usize, height: usize, from: &[f32], to: &mut f32, at: Index2) {
    let here = at.y * width + at.x;
    let mut value = from[here];
    if at.x > 0 && at.x + 1 < width && at.y > 0 && at.y + 1 < height {
        value = 0.2 * (value + from[here - 1] + from[here + 1] + from[here - width] + from[here + width]);
    }
    *to = value;
}

#[kernel]
pub(crate) fn histogram(counts: &[AtomicU32], byte: &u8) {
    counts[*byte as usize].fetch_add(1, Ordering::Relaxed);
}

#[derive(KernelType)]
pub(crate) struct ListNode {
    pub(crate) next: Option<Box<ListNode>>,
    pub(crate) value: f32,
}

/// The derived one would recurse once for each node.
impl Drop for ListNode {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

#[kernel]
pub(crate) fn list_walk(head: Option<&ListNode>, scale: &f32, sum: &mut f32) {
    let mut total = 0.0;
    let mut at = head;
    while let Some(node) = at {
        total += node.value * *scale;
        at = node.next.as_deref();
    }
    *sum = total;
}

#[derive(KernelType)]
pub(crate) struct TreeNode {
    pub(crate) left: Option<Box<TreeNode>>,
    pub(crate) right: Option<Box<TreeNode>>,
    pub(crate) key: u32,
    pub(crate) value: u32,
}

#[kernel]
pub(crate) fn tree_walk(root: Option<&TreeNode>, key: &u32, value: &mut u32) {
    let (mut found, mut at) = (u32::MAX, root);
    while let Some(node) = at {
        if *key == node.key {
            found = node.value;
            break;
        }
        at = if *key < node.key { node.left.as_deref() } else { node.right.as_deref() };
    }
    *value = found;
}
