//! Vectors of three numbers, with the operators that people write for them.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use landbridge::{KernelType, kernel_fn};

#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
#[kernel(Add, Sub, Mul<f32>, Neg, AddAssign)]
#[kernel_type(Default)]
pub(crate) struct Vec3 {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) z: f32,
}

crate::answer::struct_numbers!(Vec3 { x, y, z });

#[kernel_fn]
impl Vec3 {
    pub(crate) fn new(x: f32, y: f32, z: f32) -> Self {
        Self { x, y, z }
    }

    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(crate) fn cross(self, other: Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    pub(crate) fn normalized(self) -> Self {
        self * (1.0 / self.length())
    }
}

#[kernel_fn]
impl Add for Vec3 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

#[kernel_fn]
impl AddAssign for Vec3 {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[kernel_fn]
impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

#[kernel_fn]
impl Mul<f32> for Vec3 {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor, self.z * factor)
    }
}

#[kernel_fn]
impl Neg for Vec3 {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y, -self.z)
    }
}

/// So many, of numbers between -`size` and `size`.
pub(crate) fn vectors(count: usize, seed: u32, size: f32) -> Vec<Vec3> {
    let numbers = crate::data::floats(count * 3, seed);
    numbers.chunks_exact(3).map(|c| Vec3 { x: c[0] * size, y: c[1] * size, z: c[2] * size }).collect()
}
