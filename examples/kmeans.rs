//! Clusters of points in the plane by k-means, and a picture of them.
//!
//! ```text
//! cargo run --release --example kmeans -- --points 200000 --clusters 8
//! cargo run --release --example kmeans -- --input points.csv
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Parser;
use landbridge::kernels::random;
use landbridge::prelude::*;

#[derive(Clone, Copy, Debug, KernelType)]
struct Point {
    x: f32,
    y: f32,
}

/// The number of the centre that is nearest; of several the first.
#[kernel]
fn nearest(centres: &[Point], p: &Point) -> u32 {
    let (mut best, mut least) = (0, f32::INFINITY);
    for (k, c) in centres.iter().enumerate() {
        let (dx, dy) = (c.x - p.x, c.y - p.y);
        let distance = dx * dx + dy * dy;
        if distance < least {
            (best, least) = (k as u32, distance);
        }
    }
    best
}

/// Finds clusters (Lloyd's algorithm).
#[derive(Parser)]
struct Options {
    /// A file with two numbers, and a comma between them, a line; else points are made up.
    #[arg(long)]
    input: Option<PathBuf>,
    #[arg(long, default_value_t = 200_000)]
    points: usize,
    #[arg(long, default_value_t = 6)]
    clusters: usize,
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Such as `host`, `wgpu:0`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
    #[arg(long, default_value = "target/kmeans.png")]
    output: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let device = options.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let points = match &options.input {
        Some(path) => read(&std::fs::read_to_string(path)?)?,
        None => made_up(&device, options.points, options.clusters)?,
    };
    if points.len() < options.clusters || options.clusters == 0 {
        return Err(format!("{} points are too few for {} clusters", points.len(), options.clusters).into());
    }
    let start: Vec<Point> = (0..options.clusters).map(|k| points[k * points.len() / options.clusters]).collect();
    // One round there and on the host: what is not equally far from two centres goes to the same one.
    let (there, here) = (device.collect(nearest(&start, &points))?, Device::host().collect(nearest(&start, &points))?);
    let apart = there.iter().zip(&here).filter(|(a, b)| a != b).count();
    assert!(apart <= points.len() / 1000, "{apart} points are in other clusters than on the host");

    let mut centres = start;
    // The points stay on the device; labels come home, new centres go there.
    let (labels, report) = device.scope_reported(|s| {
        let resident = s.attach(&points);
        let mut now = s.attach_mut(&mut centres);
        let mut labels = vec![0; points.len()];
        for _ in 0..options.rounds {
            labels = s.collect(nearest(&now, &resident))?;
            let next = means(&points, &labels, &s.read(&now, ..)?);
            s.write(&mut now, 0, &next)?;
        }
        Ok(labels)
    })?;
    std::fs::create_dir_all(options.output.parent().unwrap_or(Path::new("")))?;
    draw(&points, &labels).save(&options.output)?;
    println!("{centres:.3?}: {}\n{report}", options.output.display());
    Ok(())
}

/// Two numbers a line.
fn read(text: &str) -> Result<Vec<Point>, Box<dyn Error>> {
    let point = |line: &str| {
        let (x, y) = line.split_once(',').ok_or_else(|| format!("no comma in `{line}`"))?;
        Ok(Point { x: x.trim().parse()?, y: y.trim().parse()? })
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(point).collect()
}

/// Points around some places of a circle.
fn made_up(device: &Device, count: usize, clusters: usize) -> landbridge::Result<Vec<Point>> {
    let mut units = vec![0.0; 4 * count];
    random::fill_units(device, 17, &mut units)?;
    let point = |u: &[f32]| {
        let angle = (u[0] * clusters as f32).floor() / clusters as f32 * std::f32::consts::TAU;
        let (near, around) = (0.25 * u[1] * u[2], u[3] * std::f32::consts::TAU);
        Point { x: 0.7 * angle.cos() + near * around.cos(), y: 0.7 * angle.sin() + near * around.sin() }
    };
    Ok(units.chunks_exact(4).map(point).collect())
}

/// The middle of each cluster; an empty one keeps its centre.
fn means(points: &[Point], labels: &[u32], old: &[Point]) -> Vec<Point> {
    let mut sums = vec![(0.0_f64, 0.0_f64, 0_u32); old.len()];
    for (p, label) in points.iter().zip(labels) {
        let sum = &mut sums[*label as usize];
        *sum = (sum.0 + f64::from(p.x), sum.1 + f64::from(p.y), sum.2 + 1);
    }
    let mean = |((x, y, n), old): (&(f64, f64, u32), &Point)| match n {
        0 => *old,
        _ => Point { x: (x / f64::from(*n)) as f32, y: (y / f64::from(*n)) as f32 },
    };
    sums.iter().zip(old).map(mean).collect()
}

/// A colour for each cluster; the picture is as large as the points are far apart.
fn draw(points: &[Point], labels: &[u32]) -> image::RgbImage {
    let most = points.iter().flat_map(|p| [p.x.abs(), p.y.abs()]).fold(f32::MIN_POSITIVE, f32::max);
    let mut picture = image::RgbImage::new(600, 600);
    for (p, label) in points.iter().zip(labels) {
        let [x, y] = [p.x, p.y].map(|c| (299.5 + 299.0 * c / most) as u32);
        let colour = [0, 1, 2].map(|k| (label.wrapping_mul(97) >> (2 * k)) as u8 % 4 * 50 + 80);
        picture.put_pixel(x.min(599), y.min(599), image::Rgb(colour));
    }
    picture
}
