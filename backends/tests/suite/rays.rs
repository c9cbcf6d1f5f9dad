//! Casting rays.

use landbridge::{KernelType, Result, kernel, kernel_fn};

use crate::Way;
use crate::answer::Answer;
use crate::data::floats;
use crate::vectors::{Vec3, vectors};

#[derive(Clone, Copy, KernelType)]
struct Ray {
    origin: Vec3,
    direction: Vec3,
}

#[derive(Clone, Copy, KernelType)]
struct Sphere {
    centre: Vec3,
    radius: f32,
}

fn rays(count: usize) -> Vec<Ray> {
    let (origins, ends) = (vectors(count, 71, 8.0), vectors(count, 72, 2.0));
    origins.into_iter().zip(ends).map(|(origin, end)| Ray { origin, direction: (end - origin).normalized() }).collect()
}

#[kernel_fn]
impl Sphere {
    fn hit(&self, ray: &Ray) -> Option<f32> {
        let to = ray.origin - self.centre;
        let b = to.dot(ray.direction);
        let c = to.dot(to) - self.radius * self.radius;
        let discriminant = b * b - c;
        if discriminant < 0.0 {
            return None;
        }
        let root = discriminant.sqrt();
        [-b - root, -b + root].into_iter().find(|t| *t > 1e-3)
    }
}

#[derive(Clone, Copy, PartialEq, KernelType)]
struct Hit {
    sphere: i32,
    distance: f32,
}

crate::answer::struct_numbers!(Hit { sphere, distance });

#[kernel]
fn nearest_kernel(ray: &Ray, spheres: &[Sphere]) -> Hit {
    spheres
        .iter()
        .enumerate()
        .filter_map(|(i, sphere)| sphere.hit(ray).map(|t| Hit { sphere: i as i32, distance: t }))
        .min_by(|a, b| a.distance.partial_cmp(&b.distance).unwrap())
        .unwrap_or(Hit { sphere: -1, distance: f32::INFINITY })
}

pub(crate) fn nearest_sphere(way: Way<'_>) -> Result<Answer> {
    let (rays, centres, radii) = (rays(40), vectors(12, 73, 3.0), floats(12, 74));
    let spheres: Vec<Sphere> =
        centres.into_iter().zip(radii).map(|(centre, r)| Sphere { centre, radius: 0.6 + 0.4 * r }).collect();
    let hits = match way {
        Way::Kernel(device) => device.collect(nearest_kernel(&rays, &spheres))?,
        Way::Plain => {
            let nearest = |ray: &Ray| {
                let mut best = Hit { sphere: -1, distance: f32::INFINITY };
                for (i, s) in spheres.iter().enumerate() {
                    let to = ray.origin - s.centre;
                    let (b, c) = (to.dot(ray.direction), to.dot(to) - s.radius * s.radius);
                    let root = (b * b - c).sqrt();
                    let t = if -b - root > 1e-3 { -b - root } else { -b + root };
                    if t > 1e-3 && t < best.distance {
                        best = Hit { sphere: i as i32, distance: t };
                    }
                }
                best
            };
            rays.iter().map(nearest).collect()
        }
    };
    Ok(Answer::new().within(4096, "hits", &hits))
}

/// Möller and Trumbore.
#[kernel_fn]
fn triangle_hit(ray: &Ray, [a, b, c]: [Vec3; 3]) -> Option<(f32, f32, f32)> {
    let (e1, e2) = (b - a, c - a);
    let p = ray.direction.cross(e2);
    let det = e1.dot(p);
    if det.abs() < f32::EPSILON {
        return None;
    }
    let s = ray.origin - a;
    let u = s.dot(p) / det;
    (0.0..=1.0).contains(&u).then_some(())?;
    let q = s.cross(e1);
    let v = ray.direction.dot(q) / det;
    if v < 0.0 || u + v > 1.0 {
        return None;
    }
    let t = e2.dot(q) / det;
    (t > 0.0).then_some((t, u, v))
}

#[kernel]
fn triangles_kernel(ray: &Ray, corners: &[[Vec3; 3]], hits: &mut u32, nearest: &mut f32) {
    *nearest = f32::INFINITY;
    for triangle in corners {
        let Some((t, ..)) = triangle_hit(ray, *triangle) else { continue };
        *hits += 1;
        *nearest = nearest.min(t);
    }
}

pub(crate) fn triangles(way: Way<'_>) -> Result<Answer> {
    let (rays, corners) = (rays(30), vectors(45, 75, 5.0));
    let corners: Vec<[Vec3; 3]> = corners.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
    let (mut hits, mut nearest) = (vec![0; 30], vec![0.0; 30]);
    match way {
        Way::Kernel(device) => device.run(triangles_kernel(&rays, &corners, &mut hits, &mut nearest)).map(drop)?,
        Way::Plain => {
            for (i, ray) in rays.iter().enumerate() {
                nearest[i] = f32::INFINITY;
                for [a, b, c] in &corners {
                    let (e1, e2, s) = (*b - *a, *c - *a, ray.origin - *a);
                    let (p, q) = (ray.direction.cross(e2), s.cross(e1));
                    let det = e1.dot(p);
                    let (u, v, t) = (s.dot(p) / det, ray.direction.dot(q) / det, e2.dot(q) / det);
                    if u >= 0.0 && u <= 1.0 && v >= 0.0 && u + v <= 1.0 && t > 0.0 {
                        hits[i] += 1;
                        nearest[i] = nearest[i].min(t);
                    }
                }
            }
        }
    }
    Ok(Answer::new().exact("hits", &hits).within(4096, "nearest", &nearest))
}

#[derive(Clone, Copy, KernelType)]
struct Slab {
    low: [f32; 3],
    high: [f32; 3],
}

#[kernel]
fn boxes_kernel(origin: &[f32; 3], direction: &[f32; 3], boxes: &[Slab], hits: &mut u32) {
    *hits = boxes
        .iter()
        .filter(|slab| {
            let (enter, leave) = (0..3).fold((0.0_f32, f32::MAX), |(enter, leave), k| {
                let inverse = direction[k].recip();
                let (a, b) = ((slab.low[k] - origin[k]) * inverse, (slab.high[k] - origin[k]) * inverse);
                (enter.max(a.min(b)), leave.min(a.max(b)))
            });
            enter <= leave
        })
        .count() as u32;
}

pub(crate) fn boxes(way: Way<'_>) -> Result<Answer> {
    let rays = rays(30);
    let array = |v: Vec3| [v.x, v.y, v.z];
    let origins: Vec<_> = rays.iter().map(|ray| array(ray.origin)).collect();
    let directions: Vec<_> = rays.iter().map(|ray| array(ray.direction)).collect();
    let boxes: Vec<Slab> =
        vectors(20, 76, 4.0).into_iter().map(|v| Slab { low: array(v), high: array(v).map(|x| x + 1.0) }).collect();
    let mut hits = vec![0; 30];
    match way {
        Way::Kernel(device) => {
            device.run(boxes_kernel(origins.as_flattened(), directions.as_flattened(), &boxes, &mut hits)).map(drop)?
        }
        Way::Plain => {
            for (i, hits) in hits.iter_mut().enumerate() {
                for slab in &boxes {
                    let (mut enter, mut leave) = (0.0_f32, f32::MAX);
                    for k in 0..3 {
                        let times = [slab.low[k], slab.high[k]].map(|at| (at - origins[i][k]) / directions[i][k]);
                        enter = enter.max(times[0].min(times[1]));
                        leave = leave.min(times[0].max(times[1]));
                    }
                    *hits += u32::from(enter <= leave);
                }
            }
        }
    }
    Ok(Answer::new().exact("hits", &hits))
}

#[kernel_fn]
impl Ray {
    fn reflected(&self, normal: Vec3) -> Vec3 {
        self.direction - normal * (2.0 * self.direction.dot(normal))
    }

    fn refracted(&self, normal: Vec3, ratio: f32) -> Result<Vec3, f32> {
        let cosine = (-self.direction).dot(normal).min(1.0);
        let sine = (1.0 - cosine * cosine).sqrt();
        if ratio * sine > 1.0 {
            return Err(sine);
        }
        let across = (self.direction + normal * cosine) * ratio;
        Ok(across - normal * (1.0 - across.dot(across)).abs().sqrt())
    }
}

#[kernel]
fn refracted_kernel(ratio: f32, ray: &Ray, normal: &Vec3, out: &mut Vec3) {
    let facing = if ray.direction.dot(*normal) < 0.0 { *normal } else { -*normal };
    *out = match ray.refracted(facing, ratio) {
        Ok(direction) => direction,
        Err(_) => ray.reflected(facing),
    };
}

pub(crate) fn refracted(way: Way<'_>) -> Result<Answer> {
    let (rays, normals) = (rays(40), vectors(40, 77, 1.0));
    let normals: Vec<Vec3> = normals.into_iter().map(Vec3::normalized).collect();
    let mut out = vec![Vec3::default(); 40];
    match way {
        Way::Kernel(device) => device.run(refracted_kernel(1.5, &rays, &normals, &mut out)).map(drop)?,
        Way::Plain => {
            for (i, out) in out.iter_mut().enumerate() {
                let d = rays[i].direction;
                let n = if d.dot(normals[i]) < 0.0 { normals[i] } else { -normals[i] };
                let cosine = (-d.dot(n)).min(1.0);
                let sine = (1.0 - cosine * cosine).sqrt();
                *out = if 1.5 * sine > 1.0 {
                    d - n * (2.0 * d.dot(n))
                } else {
                    let across = (d + n * cosine) * 1.5;
                    across - n * (1.0 - across.dot(across)).abs().sqrt()
                };
            }
        }
    }
    Ok(Answer::new().within(1 << 16, "out", &out))
}
