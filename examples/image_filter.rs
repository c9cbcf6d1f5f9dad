//! A picture, blurred, and its edges (Sobel), as PNGs.
//!
//! ```text
//! cargo run --release --example image_filter -- --input photo.png --radius 4
//! ```

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use landbridge::kernels::stencil::stencil2;
use landbridge::prelude::*;

/// How steep the picture is, from its slopes.
#[kernel]
fn steepness(across: &f32, down: &f32, to: &mut f32) {
    *to = (across * across + down * down).sqrt();
}

/// Blurs a picture and finds its edges.
#[derive(Parser)]
struct Options {
    /// A PNG; else one is made up.
    #[arg(long)]
    input: Option<PathBuf>,
    /// Of the blur, in pixels.
    #[arg(long, default_value_t = 3)]
    radius: usize,
    /// Such as `host`, `wgpu:0`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
    /// Folder for `blurred.png` and `edges.png`.
    #[arg(long, default_value = "target/image_filter")]
    output: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let device = options.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let picture = match &options.input {
        Some(path) => image::open(path)?.to_luma8(),
        None => image::GrayImage::from_fn(640, 400, |x, y| image::Luma([(x * y / 97 + (x ^ y)) as u8])),
    };
    let extent = [picture.height() as usize, picture.width() as usize];
    let grey: Vec<f32> = picture.as_raw().iter().map(|g| f32::from(*g)).collect();

    let blurred = blur(&device, options.radius, extent, &grey)?;
    let (edges, report) = edges(&device, extent, &blurred)?;
    check_against_host(&device, options.radius, extent, &grey, [&blurred, &edges])?;

    std::fs::create_dir_all(&options.output)?;
    for (name, pixels) in [("blurred.png", &blurred), ("edges.png", &edges)] {
        let path = options.output.join(name);
        let bytes = pixels.iter().map(|g| g.round().clamp(0.0, 255.0) as u8).collect();
        let picture = image::GrayImage::from_raw(picture.width(), picture.height(), bytes);
        picture.ok_or("a picture has another size")?.save(&path)?;
        println!("{}", path.display());
    }
    println!("{report}");
    Ok(())
}

/// A bell curve, along rows and then along columns.
fn blur(device: &Device, radius: usize, extent: [usize; 2], from: &[f32]) -> landbridge::Result<Vec<f32>> {
    let bell = |k: usize| (-2.0 * ((k as f32 - radius as f32) / radius.max(1) as f32).powi(2)).exp();
    let bell: Vec<f32> = (0..2 * radius + 1).map(bell).collect();
    let weights: Vec<f32> = bell.iter().map(|w| w / bell.iter().sum::<f32>()).collect();
    let (mut rows, mut both) = (vec![0.0; from.len()], vec![0.0; from.len()]);
    stencil2(device, [1, weights.len()], &weights, extent, from, &mut rows)?;
    stencil2(device, [weights.len(), 1], &weights, extent, &rows, &mut both)?;
    Ok(both)
}

fn edges(device: &Device, extent: [usize; 2], from: &[f32]) -> landbridge::Result<(Vec<f32>, landbridge::Report)> {
    let (mut across, mut down, mut to) = (vec![0.0; from.len()], vec![0.0; from.len()], vec![0.0; from.len()]);
    stencil2(device, [3, 3], &[-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0], extent, from, &mut across)?;
    stencil2(device, [3, 3], &[-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0], extent, from, &mut down)?;
    let report = device.run(steepness(&across, &down, &mut to))?;
    Ok((to, report))
}

/// The host must agree, but for rounding.
fn check_against_host(
    device: &Device,
    radius: usize,
    extent: [usize; 2],
    grey: &[f32],
    found: [&Vec<f32>; 2],
) -> landbridge::Result<()> {
    let blurred = blur(&Device::host(), radius, extent, grey)?;
    let (edges, _) = edges(&Device::host(), extent, &blurred)?;
    for (found, expected) in found.into_iter().zip([&blurred, &edges]) {
        let worst = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 0.05, "{} is {worst} levels of grey away from the host", device.info());
    }
    Ok(())
}
