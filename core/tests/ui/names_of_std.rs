extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy, KernelType, Default)]
struct V(f32);

impl V {
    fn abs(self) -> V {
        V(self.0.abs())
    }
    fn max(self, other: V) -> V {
        V(self.0.max(other.0))
    }
    fn zero() -> V {
        V(0.0)
    }
    fn len(&self) -> usize {
        1
    }
}

trait Parts {
    fn fract(self) -> f32;
}
impl Parts for u32 {
    fn fract(self) -> f32 {
        0.0
    }
}

impl From<V> for f32 {
    fn from(v: V) -> f32 {
        v.0
    }
}

#[kernel]
fn methods(a: &V, b: &V, n: &u32, y: &mut V) {
    *y = a.abs();
    *y = a.max(*b);
    y.0 = n.fract();
    y.0 += a.len() as f32;
    let x: f32 = (*a).into();
}

#[kernel]
fn functions(a: &V, b: &V, y: &mut V) {
    *y = V::max(*a, *b);
    *y = V::zero();
    *y = V::default();
}

fn main() {}
