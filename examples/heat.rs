//! A plate with hot and cold spots: how the heat spreads, as PNG frames.
//!
//! ```text
//! cargo run --release --example heat -- --side 512 --steps 2000 --frames 8
//! ```

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use indicatif::ProgressBar;
use landbridge::prelude::*;

/// The mean of an element and its neighbours, weighted; the border stays as warm as it is.
#[kernel]
fn spread(side: usize, from: &[f32], at: Index2, to: &mut f32) {
    let i = at.y * side + at.x;
    *to = if at.y == 0 || at.x == 0 || at.y + 1 == side || at.x + 1 == side {
        from[i]
    } else {
        from[i] + 0.2 * (from[i - 1] + from[i + 1] + from[i - side] + from[i + side] - 4.0 * from[i])
    };
}

/// Lets heat spread over a square plate.
#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 512)]
    side: usize,
    #[arg(long, default_value_t = 2000)]
    steps: u64,
    #[arg(long, default_value_t = 4)]
    frames: u64,
    /// Such as `host`, `wgpu:0`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
    /// Folder for the frames.
    #[arg(long, default_value = "target/heat")]
    output: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let device = options.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let side = options.side.max(3);
    check_against_host(&device, side)?;
    std::fs::create_dir_all(&options.output)?;

    let (mut plate, mut other) = (spots(side), spots(side));
    let progress = ProgressBar::new(options.steps);
    let between = options.steps.div_ceil(options.frames.max(1)).max(1);
    // The plate stays on the device from step to step; only frames are read.
    let (frames, report) = device.scope_reported(|s| {
        let mut frames = vec![];
        let (mut now, mut next) = (s.attach_mut(&mut plate), s.attach_mut(&mut other));
        for step in 1..=options.steps {
            s.launch(spread(side, &now, [side, side], &mut next))?;
            std::mem::swap(&mut now, &mut next);
            if step % between == 0 || step == options.steps {
                frames.push((step, s.read(&now, ..)?));
            }
            progress.inc(1);
        }
        Ok(frames)
    })?;
    progress.finish_and_clear();
    for (step, plate) in &frames {
        let path = options.output.join(format!("{step:06}.png"));
        picture(plate, side).save(&path)?;
        println!("after {step} steps: {}", path.display());
    }
    println!("{report}");
    Ok(())
}

/// Cold, with a hot disc and a hot edge.
fn spots(side: usize) -> Vec<f32> {
    let warmth = |k: usize| {
        let (y, x) = ((k / side) as f32 / side as f32, (k % side) as f32 / side as f32);
        if k < side || (y - 0.6).hypot(x - 0.4) < 0.15 { 1.0 } else { 0.0 }
    };
    (0..side * side).map(warmth).collect()
}

/// The host must agree after some steps, but for rounding.
fn check_against_host(device: &Device, side: usize) -> landbridge::Result<()> {
    let plate = |device: &Device| {
        let (mut plate, mut next) = (spots(side), spots(side));
        for _ in 0..4 {
            let _ = device.run(spread(side, &plate, [side, side], &mut next))?;
            std::mem::swap(&mut plate, &mut next);
        }
        Ok::<_, landbridge::Error>(plate)
    };
    let worst = plate(device)?.iter().zip(plate(&Device::host())?).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= 1e-5, "{} is {worst} away from the host after four steps", device.info());
    Ok(())
}

/// From black by red and yellow to white.
fn picture(plate: &[f32], side: usize) -> image::RgbImage {
    image::RgbImage::from_fn(side as u32, side as u32, |x, y| {
        let warmth = 3.0 * plate[y as usize * side + x as usize];
        image::Rgb([0.0, 1.0, 2.0].map(|from| (255.0 * (warmth - from).clamp(0.0, 1.0)) as u8))
    })
}
