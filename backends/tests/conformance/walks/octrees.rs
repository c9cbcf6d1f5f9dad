use landbridge::backend::Capability;
use landbridge::{Device, Region, Result};
use landbridge_kernels::linked::octree::{self, Node};
use landbridge_kernels::region;

use super::super::answer::Answer;
use super::{found, numbers};

const SOFTENING: f32 = 0.01;

/// Thick in the middle, in a cube of edge 2; some in the same place.
fn bodies(count: usize) -> (Vec<[f32; 3]>, Vec<f32>) {
    let coordinates: Vec<f32> = numbers(3 * count).map(|k| (k >> 8) as f32 / (1 << 23) as f32 - 1.0).collect();
    let inward = |p: &[f32]| [p[0] * p[0].abs(), p[1] * p[1].abs(), p[2]];
    let mut places: Vec<[f32; 3]> = coordinates.chunks_exact(3).map(inward).collect();
    for k in (10..count).step_by(10) {
        places[k] = places[k / 2];
    }
    (places, (0..count).map(|k| 0.5 + (k % 7) as f32 * 0.25).collect())
}

/// The same sum in plain Rust, by recursion.
fn by_recursion(node: Option<&Node>, theta: f32, place: [f32; 3], sum: &mut [f32; 3]) {
    let Some(node) = node else { return };
    let [x, y, z] = [0, 1, 2].map(|k| node.centre[k] - place[k]);
    let distance = x * x + y * y + z * z;
    if node.width * node.width > theta * theta * distance && node.child.is_some() {
        by_recursion(node.child.as_deref(), theta, place, sum);
    } else {
        let square = distance + SOFTENING * SOFTENING;
        let strength = node.mass / (square * square.sqrt());
        *sum = [sum[0] + strength * x, sum[1] + strength * y, sum[2] + strength * z];
    }
    by_recursion(node.next.as_deref(), theta, place, sum);
}

/// The sum over all bodies.
fn directly(places: &[[f32; 3]], masses: &[f32], at: [f32; 3]) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for (place, mass) in places.iter().zip(masses) {
        let d = [0, 1, 2].map(|k| f64::from(place[k]) - f64::from(at[k]));
        let square = d.iter().map(|d| d * d).sum::<f64>() + f64::from(SOFTENING).powi(2);
        let strength = f64::from(*mass) / square.powf(1.5);
        sum = [0, 1, 2].map(|k| sum[k] + strength * d[k]);
    }
    sum
}

/// How far from the sums over all bodies these are, on average, in parts of their lengths.
fn error(pulls: &[[f32; 3]], exact: &[[f64; 3]]) -> f64 {
    let length = |v: [f64; 3]| v.iter().map(|c| c * c).sum::<f64>().sqrt();
    let off = |(a, b): (&[f32; 3], &[f64; 3])| length([0, 1, 2].map(|k| f64::from(a[k]) - b[k])) / length(*b);
    pulls.iter().zip(exact).map(off).sum::<f64>() / pulls.len().max(1) as f64
}

/// Bit for bit where the device's self-test says that floats are computed as written. Elsewhere a sum of n roundings may be
/// off: within 64 units in the last place outside of the cloud, where nothing cancels out, and 4096 inside.
pub(crate) fn pulls_of_bodies(device: &Device) -> Result<Answer> {
    let can = |capability| device.info().can(capability);
    let exact = can(Capability::ROUNDED_F32) && can(Capability::AS_WRITTEN_F32);
    let (ulps_outside, ulps_inside) = if exact { (0, 0) } else { (64, 4096) };
    let mut answer = Answer::new();
    for (count, theta, bound) in [(0, 0.5, 0.0), (1, 0.5, 1e-6), (60, 0.0, 1e-5), (200, 0.5, 0.01)] {
        let (places, masses) = bodies(count);
        let outside = places.iter().take(12).map(|p| p.map(|c| 1.5 + 0.25 * c)).chain([[1.5, 2.0, 3.0]]);
        let inside = places.iter().skip(5).step_by(9).take(15).copied();
        let asked: Vec<[f32; 3]> = outside.chain(inside).collect();
        let outside = 13.min(places.len() + 1);

        let boxes = Node::new(&places, &masses);
        let root = boxes.as_deref();
        let pull_at = |at: &[f32; 3]| {
            let mut sum = [0.0; 3];
            by_recursion(root, theta, *at, &mut sum);
            sum
        };
        let expected: Vec<[f32; 3]> = asked.iter().map(pull_at).collect();
        let flat = asked.as_flattened();
        let of_boxes = found(device, &expected, || device.collect(octree::pull(root, theta, SOFTENING, flat)))?;
        let mut arena = Region::new();
        let tree = region::octree::Tree::new(&mut arena, &places, &masses);
        let of_region =
            found(device, &expected, || device.collect(region::octree::pull(&arena, tree, theta, SOFTENING, flat)))?;

        let exact: Vec<[f64; 3]> = asked.iter().map(|at| directly(&places, &masses, *at)).collect();
        for (form, pulls) in [("boxes", of_boxes), ("region", of_region)] {
            if count > 0 {
                let error = error(&pulls, &exact);
                assert!(error <= bound, "{count} bodies in {form} on {}: {error} off", device.info());
            }
            answer = answer.within(ulps_outside, format!("outside, {form}"), &pulls[..outside]);
            answer = answer.within(ulps_inside, format!("inside, {form}"), &pulls[outside..]);
        }
    }
    Ok(answer)
}
