//! Bodies and particles.

use landbridge::{Index, KernelType, Result, Sum, kernel, kernel_fn};

use crate::Way;
use crate::answer::Answer;
use crate::data::floats;
use crate::vectors::{Vec3, vectors};

#[derive(Clone, Copy, KernelType)]
struct Body {
    position: Vec3,
    velocity: Vec3,
    mass: f32,
}

fn bodies(count: usize) -> Vec<Body> {
    let (p, v, m) = (vectors(count, 31, 3.0), vectors(count, 32, 1.0), floats(count, 33));
    (0..count).map(|i| Body { position: p[i], velocity: v[i], mass: m[i] + 2.0 }).collect()
}

#[kernel]
fn gravity_kernel(i: Index, bodies: &[Body], acceleration: &mut Vec3) {
    let me = bodies[i].position;
    *acceleration = bodies
        .iter()
        .enumerate()
        .filter(|(j, _)| *j != i)
        .map(|(_, other)| {
            let d = other.position - me;
            let r2 = d.dot(d) + 0.01;
            d * (other.mass / (r2 * r2.sqrt()))
        })
        .fold(Vec3::default(), |sum, a| sum + a);
}

pub(crate) fn gravity(way: Way<'_>) -> Result<Answer> {
    let bodies = bodies(20);
    let mut out = vec![Vec3::default(); 20];
    match way {
        Way::Kernel(device) => device.run(gravity_kernel(&bodies, &mut out)).map(drop)?,
        Way::Plain => {
            for (i, out) in out.iter_mut().enumerate() {
                for other in bodies[..i].iter().chain(&bodies[i + 1..]) {
                    let d = other.position - bodies[i].position;
                    let r2 = d.dot(d) + 0.01;
                    *out += d * (other.mass / (r2 * r2.sqrt()));
                }
            }
        }
    }
    Ok(Answer::new().within(512, "accelerations", &out))
}

#[kernel]
fn lennard_jones_kernel(i: Index, cutoff: f32, positions: &[Vec3], energy: &mut f32) {
    let mut sum = 0.0;
    for (j, &other) in positions.iter().enumerate() {
        if j == i {
            continue;
        }
        let d = other - positions[i];
        let r2 = d.dot(d);
        if r2 > cutoff * cutoff {
            continue;
        }
        let s6 = r2.powi(-3);
        sum += 4.0 * (s6 * s6 - s6);
    }
    *energy = 0.5 * sum;
}

pub(crate) fn lennard_jones(way: Way<'_>) -> Result<Answer> {
    let positions = vectors(30, 34, 4.0);
    let mut out = vec![0.0; 30];
    match way {
        Way::Kernel(device) => device.run(lennard_jones_kernel(2.5, &positions, &mut out)).map(drop)?,
        Way::Plain => {
            for (i, out) in out.iter_mut().enumerate() {
                let near = |d: &Vec3| d.dot(*d) <= 6.25;
                let others = (0..30).filter(|j| *j != i).map(|j| positions[j] - positions[i]);
                let terms = others.filter(near).map(|d| d.dot(d).powi(-3));
                *out = 0.5 * terms.map(|s6| 4.0 * (s6 * s6 - s6)).sum::<f32>();
            }
        }
    }
    Ok(Answer::new().within(4096, "energies", &out))
}

/// Boids: cohesion and separation.
#[kernel]
fn flock_kernel(i: Index, radius: f32, birds: &[Body], steer: &mut Vec3) {
    let me = &birds[i];
    let mut count = 0;
    let (mut centre, mut away) = (Vec3::default(), Vec3::default());
    for other in birds {
        let d = other.position - me.position;
        match d.length() {
            0.0 => {}
            r if r < radius / 2.0 => away += -d,
            r if r < radius => {
                centre += d;
                count += 1;
            }
            _ => {}
        }
    }
    *steer = if count > 0 { centre * (1.0 / count as f32) + away } else { away };
}

pub(crate) fn flock(way: Way<'_>) -> Result<Answer> {
    let birds = bodies(25);
    let mut out = vec![Vec3::default(); 25];
    match way {
        Way::Kernel(device) => device.run(flock_kernel(3.0, &birds, &mut out)).map(drop)?,
        Way::Plain => {
            for (me, out) in birds.iter().zip(&mut out) {
                let all = || birds.iter().map(|other| other.position - me.position).map(|d| (d, d.length()));
                let near = all().filter(|(_, r)| *r > 0.0 && *r < 1.5);
                let away = near.fold(Vec3::default(), |sum, (d, _)| sum + -d);
                let others = all().filter(|(_, r)| (1.5..3.0).contains(r));
                let count = others.clone().count();
                let centre = others.fold(Vec3::default(), |sum, (d, _)| sum + d);
                *out = if count == 0 { away } else { centre * (1.0 / count as f32) + away };
            }
        }
    }
    Ok(Answer::new().within(512, "steer", &out))
}

#[kernel_fn]
impl Body {
    fn kinetic(&self) -> f32 {
        0.5 * self.mass * self.velocity.dot(self.velocity)
    }
}

#[kernel]
fn energy_kernel(body: &Body) -> f32 {
    body.kinetic()
}

pub(crate) fn energy(way: Way<'_>) -> Result<Answer> {
    let bodies = bodies(64);
    let sum = match way {
        Way::Kernel(device) => device.reduce(energy_kernel(&bodies), Sum)?,
        Way::Plain => bodies.iter().map(|b| 0.5 * b.mass * (b.velocity.dot(b.velocity))).sum(),
    };
    Ok(Answer::new().within(64, "sum", &[sum]))
}

/// Who is hit first, if anybody.
#[kernel]
fn collisions_kernel(i: Index, radius: f32, bodies: &[Body], hit: &mut i32) {
    *hit = bodies
        .iter()
        .position(|other| {
            let d = other.position - bodies[i].position;
            let length = d.length();
            length > 0.0 && length < radius
        })
        .map_or(-1, |j| j as i32);
}

pub(crate) fn collisions(way: Way<'_>) -> Result<Answer> {
    let bodies = bodies(40);
    let mut hit = vec![0; 40];
    match way {
        Way::Kernel(device) => device.run(collisions_kernel(1.0, &bodies, &mut hit)).map(drop)?,
        Way::Plain => {
            for (me, hit) in bodies.iter().zip(&mut hit) {
                *hit = -1;
                for (j, other) in bodies.iter().enumerate().rev() {
                    let length = (other.position - me.position).length();
                    if length > 0.0 && length < 1.0 {
                        *hit = j as i32;
                    }
                }
            }
        }
    }
    Ok(Answer::new().exact("hit", &hit))
}
