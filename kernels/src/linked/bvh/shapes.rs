//! What a hierarchy is made of: boxes and triangles, and rays that hit them.

use landbridge::{KernelType, KernelValue, kernel_fn};

use crate::linked::vectors3::{cross, dot, minus};

/// A box along the axes, its faces included.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Bounds {
    /// The corner with the smallest coordinates.
    pub low: [f32; 3],
    /// The corner with the largest ones.
    pub high: [f32; 3],
}

/// A triangle; both of its sides are hit.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Triangle {
    /// In any order.
    pub corners: [[f32; 3]; 3],
}

/// A ray: the points `origin + t * direction` of all `t >= 0`.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Ray {
    /// Where it begins.
    pub origin: [f32; 3],
    /// Where it goes. Distances along the ray are counted in lengths of this vector; they are lengths where it is of length 1.
    pub direction: [f32; 3],
}

/// What a ray hits first.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Hit {
    /// The number of the shape; of several that are equally far the smallest one, of none `u32::MAX`.
    pub index: u32,
    /// How far, in lengths of the ray's direction; infinite where nothing is hit.
    pub distance: f32,
}

/// What may be in a hierarchy: [`Bounds`], [`Triangle`], and types of yours whose `impl` is marked `#[kernel_fn]`.
pub trait Shape: KernelValue {
    /// The smallest box around it.
    #[kernel_fn]
    fn bounds(&self) -> Bounds;

    /// How far along the ray it is hit, at least 0; infinite where it is not.
    #[kernel_fn]
    fn distance(&self, ray: &Ray) -> f32;
}

/// Two roundings of a quotient's exact value: boxes are so much deeper to a ray that it misses nothing on their faces.
const SLACK: f32 = 1.0 + 4.0 * f32::EPSILON;

/// A ray that begins inside hits at 0. The slab method: Kay and Kajiya, "Ray Tracing Complex Scenes" (1986).
#[kernel_fn]
impl Shape for Bounds {
    fn bounds(&self) -> Bounds {
        *self
    }

    fn distance(&self, ray: &Ray) -> f32 {
        let mut near = 0.0_f32;
        let mut far = f32::INFINITY;
        for k in 0..3 {
            let (from, towards) = (ray.origin[k], ray.direction[k]);
            if towards == 0.0 {
                if from < self.low[k] || from > self.high[k] {
                    return f32::INFINITY;
                }
            } else {
                let (a, b) = ((self.low[k] - from) / towards, (self.high[k] - from) / towards);
                let (enters, leaves) = (a.min(b), a.max(b));
                // comparisons, since `max` may give either of 0.0 and -0.0
                near = if enters > near { enters } else { near };
                far = if leaves < far { leaves } else { far };
            }
        }
        if near <= far * SLACK { near } else { f32::INFINITY }
    }
}

/// A ray in the triangle's plane misses it. Möller and Trumbore, "Fast, Minimum Storage Ray/Triangle Intersection" (1997).
#[kernel_fn]
impl Shape for Triangle {
    fn bounds(&self) -> Bounds {
        let mut bounds = Bounds { low: self.corners[0], high: self.corners[0] };
        for corner in 1..3 {
            for k in 0..3 {
                bounds.low[k] = bounds.low[k].min(self.corners[corner][k]);
                bounds.high[k] = bounds.high[k].max(self.corners[corner][k]);
            }
        }
        bounds
    }

    fn distance(&self, ray: &Ray) -> f32 {
        let corner = self.corners[0];
        let (side, other) = (minus(self.corners[1], corner), minus(self.corners[2], corner));
        let normal = cross(ray.direction, other);
        let determinant = dot(side, normal);
        if determinant == 0.0 {
            return f32::INFINITY;
        }
        let from = minus(ray.origin, corner);
        let u = dot(from, normal) / determinant;
        let across = cross(from, side);
        let v = dot(ray.direction, across) / determinant;
        let t = dot(other, across) / determinant;
        if u >= 0.0 && v >= 0.0 && u + v <= 1.0 && t >= 0.0 { t } else { f32::INFINITY }
    }
}

/// Whether two boxes have a point in common.
#[kernel_fn]
pub(crate) fn overlap(a: &Bounds, b: &Bounds) -> bool {
    let mut both = true;
    for k in 0..3 {
        both = both && a.low[k] <= b.high[k] && b.low[k] <= a.high[k];
    }
    both
}

/// Whether one hit counts rather than another.
#[kernel_fn]
pub(crate) fn before(a: Hit, b: Hit) -> bool {
    a.distance < b.distance || a.distance < f32::INFINITY && a.distance == b.distance && a.index < b.index
}
