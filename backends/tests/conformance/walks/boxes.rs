//! Coordinates are small whole numbers, so that all is exact but for a division, whose operands are.

use landbridge::backend::Capability;
use landbridge::{Device, Region, Result, rows_mut};
use landbridge_kernels::linked::bvh::{Bounds, Hit, Node, Ray, Shape, Triangle};
use landbridge_kernels::region::bvh::{self, Tree};

use super::super::answer::{Answer, struct_numbers};
use super::{found, numbers, places};

struct_numbers!(Hit { index, distance });

/// Small ones all over the place, some of them flat.
fn triangles(count: usize) -> Vec<Triangle> {
    let offsets: Vec<f32> = numbers(7 * count).skip(count).map(|k| (k >> 7) as f32 % 7.0 - 3.0).collect();
    let triangle = |(a, d): ([f32; 3], &[f32])| Triangle {
        corners: [a, [a[0] + d[0], a[1] + d[1], a[2] + d[2]], [a[0] + d[3], a[1] + d[4], a[2] + d[5]]],
    };
    places(count).into_iter().zip(offsets.chunks_exact(6)).map(triangle).collect()
}

fn bounds(count: usize) -> Vec<Bounds> {
    triangles(count).iter().map(Triangle::bounds).collect()
}

/// Some along an axis, and so along faces of boxes.
fn rays(count: usize) -> Vec<Ray> {
    let (from, to) = (places(2 * count), places(count));
    let ray = |(k, (from, to)): (usize, (&[f32; 3], &[f32; 3]))| {
        let towards = [0, 1, 2].map(|axis| to[axis] - from[axis]);
        let along = [0, 1, 2].map(|axis| if axis == k % 3 { 2.0 } else { 0.0 });
        Ray { origin: *from, direction: if k % 4 == 3 { along } else { towards } }
    };
    from[count..].iter().zip(&to).enumerate().map(ray).collect()
}

fn first_by_trying_all<S: Shape>(shapes: &[S], ray: &Ray) -> Hit {
    let mut best = Hit { index: u32::MAX, distance: f32::INFINITY };
    for (index, shape) in shapes.iter().enumerate() {
        let distance = shape.distance(ray);
        if distance < best.distance {
            best = Hit { index: index as u32, distance };
        }
    }
    best
}

fn hits<S: Shape>(device: &Device, shapes: &[S], rays: &[Ray]) -> Result<[Vec<Hit>; 2]> {
    let expected: Vec<Hit> = rays.iter().map(|ray| first_by_trying_all(shapes, ray)).collect();
    let boxes = Node::new(shapes);
    let mut arena = Region::new();
    let tree = Tree::new(&mut arena, shapes);
    Ok([
        found(device, &expected, || {
            device.collect(landbridge_kernels::linked::bvh::first_hit(boxes.as_deref(), rays))
        })?,
        found(device, &expected, || device.collect(bvh::first_hit(&arena, tree, rays)))?,
    ])
}

pub(crate) fn first_hits_of_rays(device: &Device) -> Result<Answer> {
    // a quotient that rounds otherwise could make another shape of two equally far ones the first
    let exact = device.info().can(Capability::ROUNDED_F32);
    let rays = rays(60);
    let mut answer = Answer::new();
    for count in [0, 1, 5, 150] {
        let parts =
            [("triangles", hits(device, &triangles(count), &rays)?), ("boxes", hits(device, &bounds(count), &rays)?)];
        for (shapes, [of_boxes, of_region]) in parts {
            for (form, hits) in [("boxes", of_boxes), ("region", of_region)] {
                let distances: Vec<f32> = hits.iter().map(|hit| hit.distance).collect();
                answer = if exact {
                    answer.exact(format!("{shapes} in {form}"), &hits)
                } else {
                    answer.within(8, format!("{shapes} in {form}"), &distances)
                };
            }
        }
    }
    Ok(answer)
}

/// The first in the hierarchy's order are any: as many as there is room for, each once and right.
pub(crate) fn what_lies_in_boxes(device: &Device) -> Result<Answer> {
    const ROOM: usize = 12;
    let queries = bounds(50);
    let mut answer = Answer::new();
    for count in [0, 1, 300] {
        let shapes = triangles(count);
        let overlap = |a: &Bounds, b: &Bounds| (0..3).all(|k| a.low[k] <= b.high[k] && b.low[k] <= a.high[k]);
        let inside = |query: &Bounds| -> Vec<u32> {
            (0..).zip(&shapes).filter(|(_, shape)| overlap(&shape.bounds(), query)).map(|(k, _)| k).collect()
        };
        let expected: Vec<Vec<u32>> = queries.iter().map(inside).collect();
        let counts: Vec<u32> = expected.iter().map(|shapes| shapes.len() as u32).collect();
        let check = |numbers: &[u32]| {
            for (row, expected) in numbers.chunks_exact(ROOM).zip(&expected) {
                let (mut listed, rest) = (row[..expected.len().min(ROOM)].to_vec(), &row[expected.len().min(ROOM)..]);
                listed.sort_unstable();
                listed.dedup();
                assert_eq!(listed.len(), expected.len().min(ROOM), "{count} on {}", device.info());
                assert!(listed.iter().all(|k| expected.contains(k)), "{count} on {}: {listed:?}", device.info());
                assert!(rest.iter().all(|k| *k == 7), "beside the row's numbers, on {}", device.info());
            }
        };
        let boxes = Node::new(&shapes);
        let of_boxes = found(device, &counts, || {
            let mut numbers = vec![7; queries.len() * ROOM];
            let rows = rows_mut(&mut numbers, ROOM);
            let call = landbridge_kernels::linked::bvh::overlapping(boxes.as_deref(), &queries, rows);
            let counts = device.collect(call)?;
            check(&numbers);
            Ok(counts)
        })?;
        let mut arena = Region::new();
        let tree = Tree::new(&mut arena, &shapes);
        let of_region = found(device, &counts, || {
            let mut numbers = vec![7; queries.len() * ROOM];
            let counts = device.collect(bvh::overlapping(&arena, tree, &queries, rows_mut(&mut numbers, ROOM)))?;
            check(&numbers);
            Ok(counts)
        })?;
        answer = answer.exact("boxes", &of_boxes).exact("region", &of_region);
    }
    Ok(answer)
}
