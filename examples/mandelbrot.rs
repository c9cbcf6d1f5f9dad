//! The Mandelbrot set as a PNG.
//!
//! ```text
//! cargo run --release --example mandelbrot -- --width 1920 --height 1280 --output mandelbrot.png
//! cargo run --release --features cuda --example mandelbrot -- --device cuda:0
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use indicatif::ProgressBar;
use landbridge::prelude::*;

/// Which part of the plane the picture shows.
#[derive(Clone, Copy, KernelType)]
struct View {
    left: f32,
    top: f32,
    /// Side of a pixel.
    pixel: f32,
    /// Iterations after which a point is taken to be inside.
    limit: u32,
}

/// The colour of one pixel: how soon `z * z + c` leaves the circle of radius 2.
#[kernel]
fn mandelbrot(view: View, first_row: u32, at: Index2) -> [u8; 3] {
    let c = [view.left + at.x as f32 * view.pixel, view.top + (first_row + at.y as u32) as f32 * view.pixel];
    let mut z = [0.0_f32; 2];
    let mut n = 0;
    while n < view.limit && z[0] * z[0] + z[1] * z[1] <= 4.0 {
        z = [z[0] * z[0] - z[1] * z[1] + c[0], 2.0 * z[0] * z[1] + c[1]];
        n += 1;
    }
    if n == view.limit {
        return [0, 0, 0];
    }
    let shade = (n as f32 / view.limit as f32).sqrt();
    [(255.0 * shade * shade) as u8, (255.0 * shade) as u8, (255.0 * shade.sqrt()) as u8]
}

/// Draws the Mandelbrot set.
#[derive(Parser)]
struct Options {
    /// Pixels.
    #[arg(long, default_value_t = 1200)]
    width: usize,
    /// Pixels.
    #[arg(long, default_value_t = 800)]
    height: usize,
    /// Iterations after which a point is taken to be inside.
    #[arg(long, default_value_t = 500)]
    limit: u32,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
    /// The picture.
    #[arg(long, default_value = "target/mandelbrot.png")]
    output: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Options { width, height, limit, device, output } = Options::parse();
    let device = match device {
        Some(name) => Device::named(&name)?,
        None => Device::auto()?,
    };
    let pixel = 3.0 / width.max(1) as f32;
    let view = View { left: -2.2, top: -0.5 * pixel * height as f32, pixel, limit };

    // In bands, so that there is progress to show: about a million pixels each.
    let band = (1_000_000 / width.max(1)).clamp(1, height.max(1));
    let progress = progress_bar(height);
    let mut picture: Vec<[u8; 3]> = Vec::with_capacity(width * height);
    let mut last_band = None;
    for first_row in (0..height).step_by(band) {
        let rows = band.min(height - first_row);
        let (pixels, report) = device.collect_reported(mandelbrot(view, first_row as u32, [rows, width]))?;
        picture.extend(pixels);
        last_band = Some(report);
        progress.inc(rows as u64);
    }
    progress.finish_and_clear();

    if let Some(report) = last_band {
        println!("{report}");
    }
    check_first_row(view, &picture[..width.min(picture.len())])?;
    std::fs::create_dir_all(output.parent().unwrap_or(Path::new("")))?;
    image::save_buffer(&output, picture.as_flattened(), width as u32, height as u32, image::ColorType::Rgb8)?;
    println!("{} x {} pixels on {}: {}", width, height, device.info(), output.display());
    Ok(())
}

/// A bar that shows itself only when there is something to wait for.
fn progress_bar(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(rows as u64);
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// The host must agree: where a GPU contracts `a * b + c`, a few pixels on the rim may differ.
fn check_first_row(view: View, row: &[[u8; 3]]) -> Result<(), Box<dyn Error>> {
    let expected = Device::host().collect(mandelbrot(view, 0, [1, row.len()]))?;
    let different = expected.iter().zip(row).filter(|(a, b)| a != b).count();
    if different * 50 > row.len() {
        return Err(format!("{different} pixels of the first row are not those of the host").into());
    }
    Ok(())
}
