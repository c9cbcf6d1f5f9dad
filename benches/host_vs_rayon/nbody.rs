//! The accelerations of n bodies by all the others: quadratic, bound by arithmetic.

use landbridge::{KernelType, kernel};
use rayon::prelude::*;

use crate::case::{Case, Class, host};

const SOFTENING: f32 = 1e-3;

/// Bodies whose accelerations are summed side by side: the order within each sum stays as it is.
const LANES: usize = 16;

/// Below this many bodies a second thread does not pay.
const SERIAL: usize = 128;

#[derive(Clone, Copy, Default, KernelType)]
struct Body {
    x: f32,
    y: f32,
    z: f32,
    mass: f32,
}

pub(crate) struct NBody {
    bodies: Vec<Body>,
    accelerations: Vec<[f32; 3]>,
}

/// A work-item is a block of bodies, each in a lane of its own.
#[kernel]
fn accelerate(block: &[Body; LANES], a: &mut [[f32; 3]; LANES], bodies: &[Body]) {
    let (mut px, mut py, mut pz) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    for i in 0..LANES {
        px[i] = block[i].x;
        py[i] = block[i].y;
        pz[i] = block[i].z;
    }
    let (mut ax, mut ay, mut az) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    for other in bodies {
        for i in 0..LANES {
            let (dx, dy, dz) = (other.x - px[i], other.y - py[i], other.z - pz[i]);
            let square = dx * dx + dy * dy + dz * dz + SOFTENING;
            let pull = other.mass / (square * square.sqrt());
            ax[i] += dx * pull;
            ay[i] += dy * pull;
            az[i] += dz * pull;
        }
    }
    for i in 0..LANES {
        a[i] = [ax[i], ay[i], az[i]];
    }
}

impl Case for NBody {
    const NAME: &'static str = "n-body";
    const SIZES: &'static [(Class, usize)] =
        &[(Class::Tiny, 7 * LANES), (Class::Small, 400), (Class::Medium, 2_000), (Class::Large, 6_000)];

    fn new(items: usize) -> Self {
        let place = |i: usize, step: usize| (i * step % 1009) as f32 / 1009.0;
        let body = |i| Body { x: place(i, 17), y: place(i, 29), z: place(i, 43), mass: 1.0 + place(i, 7) };
        Self { bodies: (0..items).map(body).collect(), accelerations: vec![[0.0; 3]; items] }
    }

    fn plain(&mut self) {
        for (body, a) in self.bodies.iter().zip(&mut self.accelerations) {
            *a = acceleration(body, &self.bodies);
        }
    }

    fn par_iter(&mut self) {
        let Self { bodies, accelerations } = self;
        let pairs = bodies.par_iter().zip(accelerations);
        pairs.for_each(|(body, a)| *a = acceleration(body, bodies));
    }

    fn chunks(&mut self) {
        let Self { bodies, accelerations } = self;
        if bodies.len() <= SERIAL {
            let blocks = bodies.chunks(LANES).zip(accelerations.chunks_mut(LANES));
            blocks.for_each(|(block, a)| accelerate_block(block, a, bodies));
        } else {
            let blocks = bodies.par_chunks(LANES).zip(accelerations.par_chunks_mut(LANES));
            blocks.for_each(|(block, a)| accelerate_block(block, a, bodies));
        }
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        let _ = host().run(accelerate(&case.bodies, &mut case.accelerations, &case.bodies)).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.accelerations == other.accelerations
    }
}

fn acceleration(body: &Body, bodies: &[Body]) -> [f32; 3] {
    let mut a = [0.0_f32; 3];
    for other in bodies {
        let (dx, dy, dz) = (other.x - body.x, other.y - body.y, other.z - body.z);
        let square = dx * dx + dy * dy + dz * dz + SOFTENING;
        let pull = other.mass / (square * square.sqrt());
        a[0] += dx * pull;
        a[1] += dy * pull;
        a[2] += dz * pull;
    }
    a
}

/// Up to `LANES` bodies at once, each in a lane of its own.
fn accelerate_block(block: &[Body], a: &mut [[f32; 3]], bodies: &[Body]) {
    let mut lanes = [Body::default(); LANES];
    lanes[..block.len()].copy_from_slice(block);
    let (px, py, pz) = (lanes.map(|b| b.x), lanes.map(|b| b.y), lanes.map(|b| b.z));
    let (mut ax, mut ay, mut az) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    for other in bodies {
        for i in 0..LANES {
            let (dx, dy, dz) = (other.x - px[i], other.y - py[i], other.z - pz[i]);
            let square = dx * dx + dy * dy + dz * dz + SOFTENING;
            let pull = other.mass / (square * square.sqrt());
            ax[i] += dx * pull;
            ay[i] += dy * pull;
            az[i] += dz * pull;
        }
    }
    for (i, a) in a.iter_mut().enumerate() {
        *a = [ax[i], ay[i], az[i]];
    }
}
