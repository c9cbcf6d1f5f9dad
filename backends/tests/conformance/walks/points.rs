use landbridge::{Device, Region, Result};
use landbridge_kernels::linked::space::{self, Found};
use landbridge_kernels::region;

use super::super::answer::{Answer, struct_numbers};
use super::{found, places};

struct_numbers!(Found { index, distance });

/// Whole and half coordinates: squares of distances are exact on every device, and many points are equally near.
pub(crate) fn nearest_points(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    let asked: Vec<[f32; 3]> = places(150).iter().rev().map(|p| [p[1] + 0.5, p[2], 1.5 * p[0]]).collect();
    for count in [0, 1, 2, 400] {
        let points = places(count);
        let expected: Vec<Found> = asked.iter().map(|at| brute_force(&points, at)).collect();
        let boxes = space::Node::tree(&points);
        let of_boxes =
            found(device, &expected, || device.collect(space::nearest(boxes.as_deref(), asked.as_flattened())))?;
        let mut arena = Region::new();
        let tree = region::space::Tree::new(&mut arena, &points);
        let of_region =
            found(device, &expected, || device.collect(region::space::nearest(&arena, tree, asked.as_flattened())))?;
        answer = answer.exact("boxes", &of_boxes).exact("region", &of_region);
    }
    Ok(answer)
}

fn brute_force(points: &[[f32; 3]], at: &[f32; 3]) -> Found {
    let mut best = Found { index: u32::MAX, distance: f32::INFINITY };
    for (index, point) in points.iter().enumerate() {
        let distance = (0..3).map(|k| (at[k] - point[k]) * (at[k] - point[k])).sum();
        if distance < best.distance {
            best = Found { index: index as u32, distance };
        }
    }
    best
}
