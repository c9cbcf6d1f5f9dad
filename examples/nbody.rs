//! A galaxy of n bodies that attract each other, as a PNG of where they ended up.
//!
//! ```text
//! cargo run --release --example nbody -- --bodies 4096 --steps 50
//! cargo run --release --features cuda --example nbody -- --device cuda:0
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Parser;
use indicatif::ProgressBar;
use landbridge::prelude::*;

/// An ordinary struct: kernels see its fields where rustc laid them out.
#[derive(Clone, Copy, KernelType)]
struct Body {
    place: [f32; 3],
    speed: [f32; 3],
    mass: f32,
}

const SOFTENING: f32 = 1e-2; // keeps close encounters finite

/// One body's next state. All bodies are read, its own next state is written.
#[kernel]
fn step(dt: f32, all: &[Body], me: &Body, next: &mut Body) {
    let mut pull = [0.0_f32; 3];
    for other in all {
        let (a, b) = (other.place, me.place);
        let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
        let r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + SOFTENING;
        let strength = other.mass / (r2 * r2.sqrt());
        pull = [pull[0] + strength * d[0], pull[1] + strength * d[1], pull[2] + strength * d[2]];
    }
    let (v, p) = (me.speed, me.place);
    let speed = [v[0] + dt * pull[0], v[1] + dt * pull[1], v[2] + dt * pull[2]];
    let place = [p[0] + dt * speed[0], p[1] + dt * speed[1], p[2] + dt * speed[2]];
    *next = Body { place, speed, mass: me.mass };
}

/// Lets a disc of bodies turn.
#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 4096)]
    bodies: usize,
    #[arg(long, default_value_t = 50)]
    steps: u64,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
    #[arg(long, default_value = "target/nbody.png")]
    output: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let device = options.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let mut bodies: Vec<Body> = (0..options.bodies).map(|k| disc(k, options.bodies)).collect();
    let mut next = bodies.clone();
    check_against_host(&device, &bodies)?;

    let progress = ProgressBar::new(options.steps);
    // The bodies stay on the device from step to step.
    let (_, report) = device.scope_reported(|s| {
        let mut now = s.attach_mut(&mut bodies);
        let mut then = s.attach_mut(&mut next);
        for _ in 0..options.steps {
            s.launch(step(1e-3, &now, &now, &mut then))?;
            std::mem::swap(&mut now, &mut then);
            progress.inc(1);
        }
        Ok(())
    })?;
    if options.steps % 2 == 1 {
        std::mem::swap(&mut bodies, &mut next);
    }
    progress.finish_and_clear();

    std::fs::create_dir_all(options.output.parent().unwrap_or(Path::new("")))?;
    draw(&bodies).save(&options.output)?;
    println!("{} bodies, {} steps: {}", bodies.len(), options.steps, options.output.display());
    println!("{report}");
    Ok(())
}

/// Body `k` of a disc that turns about its middle; the golden angle spreads the bodies evenly.
fn disc(k: usize, bodies: usize) -> Body {
    let radius = ((k as f32 + 0.5) / bodies as f32).sqrt();
    let (sin, cos) = (k as f32 * 2.399_963_2).sin_cos();
    let speed = 0.9 * radius.sqrt();
    let place = [radius * cos, radius * sin, 0.02 * (k as f32 * 0.7).sin()];
    Body { place, speed: [-speed * sin, speed * cos, 0.0], mass: 1.0 / bodies as f32 }
}

/// The host must agree, but for the last digits of `sqrt` and `/`.
fn check_against_host(device: &Device, bodies: &[Body]) -> landbridge::Result<()> {
    let (mut here, mut there) = (bodies.to_vec(), bodies.to_vec());
    let on_host = Device::host().run(step(1e-3, bodies, bodies, &mut here))?;
    let on_device = device.run(step(1e-3, bodies, bodies, &mut there))?;
    println!("One step, without a scope:\n{on_host}\n{on_device}\n");
    let places = |bodies: Vec<Body>| bodies.into_iter().flat_map(|body| body.place);
    let worst = places(here).zip(places(there)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= 1e-4, "{} is {worst} away from the host after one step", device.info());
    Ok(())
}

/// Bright where bodies are.
fn draw(bodies: &[Body]) -> image::GrayImage {
    let mut picture = image::GrayImage::new(800, 800);
    for body in bodies {
        let [x, y] = [body.place[0], body.place[1]].map(|p| (400.0 + 300.0 * p) as i64);
        if (0..800).contains(&x) && (0..800).contains(&y) {
            let image::Luma([level]) = picture.get_pixel_mut(x as u32, y as u32);
            *level = level.saturating_add(120);
        }
    }
    picture
}
