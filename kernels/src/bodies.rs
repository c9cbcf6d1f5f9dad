//! Bodies that attract each other, all pairs: Nyland, Harris and Prins, "Fast N-Body Simulation with CUDA" (2007). For many
//! bodies see [`crate::linked::octree`].

use landbridge::{Device, InputFault, KernelType, Result, kernel};

/// A body.
#[derive(Clone, Copy, Debug, Default, PartialEq, KernelType)]
pub struct Body {
    /// Where it is.
    pub place: [f32; 3],
    /// How fast it moves.
    pub speed: [f32; 3],
    /// Its mass, in units in which the constant of gravity is 1.
    pub mass: f32,
}

/// The state of a body after a time `dt`: 20 operations for each other body. `softening` is a length, squared, that keeps close
/// encounters finite; it is above 0.
#[kernel]
pub fn step(dt: f32, softening: f32, all: &[Body], me: &Body, next: &mut Body) {
    let mut pull = [0.0_f32; 3];
    for other in all {
        let d = [other.place[0] - me.place[0], other.place[1] - me.place[1], other.place[2] - me.place[2]];
        let r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + softening;
        let strength = other.mass / (r2 * r2.sqrt());
        pull = [pull[0] + strength * d[0], pull[1] + strength * d[1], pull[2] + strength * d[2]];
    }
    let (v, p) = (me.speed, me.place);
    let speed = [v[0] + dt * pull[0], v[1] + dt * pull[1], v[2] + dt * pull[2]];
    let place = [p[0] + dt * speed[0], p[1] + dt * speed[1], p[2] + dt * speed[2]];
    *next = Body { place, speed, mass: me.mass };
}

/// Lets the bodies move for `steps` times `dt` (symplectic Euler). They stay on the device meanwhile; scratch as large as they are.
///
/// # Errors
/// `BadInput` for more bodies than a `u32` counts, and as [`Device::scope`].
pub fn nbody(device: &Device, dt: f32, softening: f32, steps: u32, bodies: &mut [Body]) -> Result<()> {
    let limit = u32::MAX as usize;
    if bodies.len() > limit {
        return Err(InputFault::TooMany { what: "bodies", found: bodies.len(), limit }.of("nbody"));
    }
    let mut other = bodies.to_vec();
    device.scope(|s| {
        let (mut now, mut then) = (s.attach_mut(bodies), s.attach_mut(&mut other));
        for _ in 0..steps {
            s.launch(step(dt, softening, &now, &now, &mut then))?;
            std::mem::swap(&mut now, &mut then);
        }
        Ok(())
    })?;
    if steps % 2 == 1 {
        bodies.copy_from_slice(&other);
    }
    Ok(())
}
