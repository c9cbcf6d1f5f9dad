//! Two galaxies meet, as a PNG of what becomes of them. An octree is built for each step, of boxes or in a region; a ready-made
//! kernel walks it on any device.
//!
//! ```text
//! cargo run --release --example barnes_hut -- --bodies 20000 --steps 300
//! cargo run --release --example barnes_hut -- --region --device wgpu:0
//! cargo run --release --features cuda --example barnes_hut -- --device cuda:0
//! ```

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use image::{Rgb, RgbImage};
use indicatif::ProgressBar;
use landbridge::kernels::{linked, region};
use landbridge::prelude::*;

/// The galaxies' radii and their heavy centres' masses are 1, and so is the constant of gravitation.
const SOFTENING: f32 = 0.03;
const STEP: f32 = 0.02;
/// Cells whose width is at most so much of their distance pull as one body.
const THETA: f32 = 0.5;

/// Lets two galaxies meet.
#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 20_000)]
    bodies: usize,
    #[arg(long, default_value_t = 300)]
    steps: u64,
    /// Keeps the octree in a region, which goes to devices as it is.
    #[arg(long)]
    region: bool,
    /// 400 bodies, 3 steps.
    #[arg(long)]
    quick: bool,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
    #[arg(long, default_value = "target/barnes_hut.png")]
    output: PathBuf,
}

/// One body moves on.
#[kernel]
fn advance(pull: &[f32; 3], place: &mut [f32; 3], speed: &mut [f32; 3]) {
    for axis in 0..3 {
        speed[axis] += STEP * pull[axis];
        place[axis] += STEP * speed[axis];
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let (bodies, steps) = if options.quick { (400, 3) } else { (options.bodies, options.steps) };
    let device = options.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let half = bodies.div_ceil(2).max(1);
    let all = (0..2 * half).map(|k| body(k % half, half, if k < half { 1.0 } else { -1.0 }));
    let (mut places, (mut speeds, masses)): (Vec<_>, (Vec<_>, Vec<_>)) = all.unzip();
    let pulls = |device: &Device, theta, at: &[[f32; 3]], places: &[[f32; 3]]| {
        if options.region {
            let mut arena = Region::new();
            let tree = region::octree::Tree::new(&mut arena, places, &masses);
            device.collect_reported(region::octree::pull(&arena, tree, theta, SOFTENING, at.as_flattened()))
        } else {
            let tree = linked::octree::Node::new(places, &masses);
            device.collect_reported(linked::octree::pull(tree.as_deref(), theta, SOFTENING, at.as_flattened()))
        }
    };

    // With 0 for theta every cell is opened: the sum over all bodies.
    let some = &places[..half.min(100)];
    let (some_pulls, _) = pulls(&device, THETA, some, &places)?;
    let off = difference(&some_pulls, &pulls(&device, 0.0, some, &places)?.0);
    println!("on {} pulls are {:.2} % off the sums over all bodies", device.info(), 100.0 * off);
    assert!(off < 0.02, "more than 2 %");
    let off = difference(&some_pulls, &pulls(&Device::host(), THETA, some, &places)?.0);
    assert!(off < 1e-3, "{:.2} % off the host's", 100.0 * off);

    let progress = ProgressBar::new(steps);
    let mut last_step = None;
    for _ in 0..steps {
        let (pulls, pulled) = pulls(&device, THETA, &places, &places)?;
        let (places, speeds) = (places.as_flattened_mut(), speeds.as_flattened_mut());
        last_step = Some((pulled, device.run(advance(pulls.as_flattened(), places, speeds))?));
        progress.inc(1);
    }
    progress.finish_and_clear();
    if let Some((pulled, advanced)) = last_step {
        println!("The last step:\n{pulled}\n{advanced}");
    }
    options.output.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    draw(&places, half).save(&options.output)?;
    println!("{} bodies, {} steps: {}", places.len(), steps, options.output.display());
    Ok(())
}

/// Place, speed and mass of body `k` of a disc that turns about its heavy centre, on `side` 1 or -1.
fn body(k: usize, bodies: usize, side: f32) -> ([f32; 3], ([f32; 3], f32)) {
    let radius = (k as f32 / bodies as f32).sqrt();
    let (sin, cos) = (k as f32 * 2.399_963_2).sin_cos(); // the golden angle spreads them evenly
    let speed = radius / (radius * radius + SOFTENING * SOFTENING).powf(0.75);
    let place = [side * 1.4 + radius * cos, side * 0.7 + radius * sin, 0.3 * side * radius * cos];
    let speed = [-side * 0.4 - speed * sin, speed * cos, -0.3 * side * speed * sin];
    (place, (speed, if k == 0 { 1.0 } else { 0.1 / bodies as f32 }))
}

/// How far some vectors are from others, in parts of those.
fn difference(a: &[[f32; 3]], b: &[[f32; 3]]) -> f32 {
    let sum = |f: fn((&f32, &f32)) -> f32| a.as_flattened().iter().zip(b.as_flattened()).map(f).sum::<f32>();
    (sum(|(a, b)| (a - b) * (a - b)) / sum(|(_, b)| b * b)).sqrt()
}

/// One galaxy is blue, the other one orange.
fn draw(places: &[[f32; 3]], half: usize) -> RgbImage {
    let mut picture = RgbImage::new(800, 800);
    for (k, place) in places.iter().enumerate() {
        let [x, y] = [place[0], place[1]].map(|c| (400.0 + 100.0 * c) as i64);
        if (0..800).contains(&x) && (0..800).contains(&y) {
            let light = if k < half { [40, 70, 120] } else { [120, 80, 30] };
            let Rgb(pixel) = picture.get_pixel_mut(x as u32, y as u32);
            *pixel = [0, 1, 2].map(|c| pixel[c].saturating_add(light[c]));
        }
    }
    picture
}
