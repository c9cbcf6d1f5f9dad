//! Images.

use std::ops::{Add, Mul};
use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Index2, KernelType, Result, kernel, kernel_fn};

use crate::Way;
use crate::answer::Answer;
use crate::data::bytes;

#[kernel]
fn grayscale_kernel(pixel: &[u8; 3], gray: &mut u8) {
    let [r, g, b] = pixel.map(f32::from);
    *gray = (0.299 * r + 0.587 * g + 0.114 * b).round() as u8;
}

pub(crate) fn grayscale(way: Way<'_>) -> Result<Answer> {
    let pixels: Vec<[u8; 3]> = bytes(300, 61).chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
    let mut gray = vec![0; 100];
    match way {
        Way::Kernel(device) => device.run(grayscale_kernel(pixels.as_flattened(), &mut gray)).map(drop)?,
        Way::Plain => {
            for (p, gray) in pixels.iter().zip(&mut gray) {
                *gray = (0.299 * p[0] as f32 + 0.587 * p[1] as f32 + 0.114 * p[2] as f32).round() as u8;
            }
        }
    }
    Ok(Answer::new().exact("gray", &gray))
}

const SOBEL: [[i32; 3]; 3] = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]];

#[kernel]
fn sobel_kernel(at: Index2, height: usize, width: usize, image: &[u8], edges: &mut u8) {
    let (mut gx, mut gy) = (0, 0);
    for (dy, row) in SOBEL.iter().enumerate() {
        for (dx, weight) in row.iter().enumerate() {
            let y = (at.y + dy).clamp(1, height) - 1;
            let x = (at.x + dx).clamp(1, width) - 1;
            let value = i32::from(image[y * width + x]);
            gx += weight * value;
            gy += SOBEL[dx][dy] * value;
        }
    }
    *edges = (gx.pow(2) + gy.pow(2)).isqrt().min(255) as u8;
}

pub(crate) fn sobel(way: Way<'_>) -> Result<Answer> {
    let (height, width) = (7, 10);
    let (image, mut edges) = (bytes(70, 62), vec![0; 70]);
    match way {
        Way::Kernel(device) => {
            device.run(sobel_kernel([height, width], height, width, &image, &mut edges)).map(drop)?
        }
        Way::Plain => {
            let get = |y: i32, x: i32| image[(y.clamp(0, 6) * 10 + x.clamp(0, 9)) as usize] as i32;
            for (i, edge) in edges.iter_mut().enumerate() {
                let (y, x) = (i as i32 / 10, i as i32 % 10);
                let side = |dx: i32| get(y - 1, x + dx) + 2 * get(y, x + dx) + get(y + 1, x + dx);
                let end = |dy: i32| get(y + dy, x - 1) + 2 * get(y + dy, x) + get(y + dy, x + 1);
                let (gx, gy) = (f64::from(side(1) - side(-1)), f64::from(end(1) - end(-1)));
                *edge = gx.hypot(gy).min(255.0) as u8;
            }
        }
    }
    Ok(Answer::new().exact("edges", &edges))
}

#[kernel]
fn histogram_kernel(pixel: &u8, bins: &[AtomicU32]) {
    let bin = usize::from(*pixel) * bins.len() / 256;
    bins[bin].fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn histogram(way: Way<'_>) -> Result<Answer> {
    let (pixels, mut bins) = (bytes(1000, 63), vec![0; 10]);
    match way {
        Way::Kernel(device) => device.run(histogram_kernel(&pixels, &mut bins)).map(drop)?,
        Way::Plain => pixels.iter().for_each(|p| bins[*p as usize * 10 / 256] += 1),
    }
    Ok(Answer::new().exact("bins", &bins))
}

#[derive(Clone, Copy, KernelType)]
#[repr(C)]
struct Rgba {
    r: u8,
    g: u8,
    b: u8,
    a: u8,
}

crate::answer::struct_numbers!(Rgba { r, g, b, a });

#[kernel_fn]
impl Rgba {
    /// This one over the other.
    fn over(self, below: Rgba) -> Rgba {
        let mix = |top: u8, bottom: u8| {
            let (top, bottom, alpha) = (u32::from(top), u32::from(bottom), u32::from(self.a));
            ((top * alpha + bottom * (255 - alpha) + 127) / 255) as u8
        };
        let a = self.a.saturating_add(below.a);
        Rgba { r: mix(self.r, below.r), g: mix(self.g, below.g), b: mix(self.b, below.b), a }
    }
}

#[kernel]
fn blended_kernel(top: &Rgba, bottom: &mut Rgba) {
    *bottom = top.over(*bottom);
}

pub(crate) fn blended(way: Way<'_>) -> Result<Answer> {
    let pixels = |seed| -> Vec<Rgba> {
        bytes(240, seed).chunks_exact(4).map(|c| Rgba { r: c[0], g: c[1], b: c[2], a: c[3] }).collect()
    };
    let (top, mut bottom) = (pixels(64), pixels(65));
    match way {
        Way::Kernel(device) => device.run(blended_kernel(&top, &mut bottom)).map(drop)?,
        Way::Plain => {
            for (t, b) in top.iter().zip(&mut bottom) {
                let mix = |x: u8, y: u8| {
                    let sum = u32::from(x) * u32::from(t.a) + u32::from(y) * u32::from(255 - t.a);
                    ((sum + 127) / 255) as u8
                };
                *b = Rgba { r: mix(t.r, b.r), g: mix(t.g, b.g), b: mix(t.b, b.b), a: t.a.saturating_add(b.a) };
            }
        }
    }
    Ok(Answer::new().exact("pixels", &bottom))
}

#[kernel_fn]
fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

#[kernel]
fn bilinear_kernel(at: Index2, scale: f32, height: usize, width: usize, image: &[u8], out: &mut u8) {
    let (y, x) = (at.y as f32 * scale, at.x as f32 * scale);
    let (y0, x0) = (y.floor() as usize, x.floor() as usize);
    let pixel = |y: usize, x: usize| f32::from(image[y.min(height - 1) * width + x.min(width - 1)]);
    let above = lerp(pixel(y0, x0), pixel(y0, x0 + 1), x.fract());
    let below = lerp(pixel(y0 + 1, x0), pixel(y0 + 1, x0 + 1), x.fract());
    *out = lerp(above, below, y.fract()) as u8;
}

pub(crate) fn bilinear(way: Way<'_>) -> Result<Answer> {
    let (image, mut out) = (bytes(5 * 6, 66), vec![0; 10 * 12]);
    match way {
        Way::Kernel(device) => device.run(bilinear_kernel([10, 12], 0.5, 5, 6, &image, &mut out)).map(drop)?,
        Way::Plain => {
            // Halves: sums of four numbers in quarters are exact.
            for (i, out) in out.iter_mut().enumerate() {
                let get = |y: usize, x: usize| u32::from(image[(y / 2).min(4) * 6 + (x / 2).min(5)]);
                let (y, x) = (i / 12, i % 12);
                let sum = get(y, x) + get(y, x + 1) + get(y + 1, x) + get(y + 1, x + 1);
                *out = (sum / 4) as u8;
            }
        }
    }
    Ok(Answer::new().exact("out", &out))
}

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel(Add, Mul)]
struct Complex {
    re: f32,
    im: f32,
}

#[kernel_fn]
impl Add for Complex {
    type Output = Complex;
    fn add(self, other: Complex) -> Complex {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }
}

#[kernel_fn]
impl Mul for Complex {
    type Output = Complex;
    fn mul(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

#[kernel]
fn mandelbrot_kernel(at: Index2, size: usize, limit: u32, rounds: &mut u32) {
    let c = Complex { re: at.x as f32 / size as f32 * 3.0 - 2.0, im: at.y as f32 / size as f32 * 2.0 - 1.0 };
    let mut z = Complex { re: 0.0, im: 0.0 };
    *rounds = (0..limit)
        .find(|_| {
            z = z * z + c;
            z.re * z.re + z.im * z.im > 4.0
        })
        .unwrap_or(limit);
}

pub(crate) fn mandelbrot(way: Way<'_>) -> Result<Answer> {
    let mut rounds = vec![0; 256];
    match way {
        Way::Kernel(device) => device.run(mandelbrot_kernel([16, 16], 16, 20, &mut rounds)).map(drop)?,
        Way::Plain => {
            for (i, rounds) in rounds.iter_mut().enumerate() {
                let (cx, cy) = ((i % 16) as f32 / 16.0 * 3.0 - 2.0, (i / 16) as f32 / 16.0 * 2.0 - 1.0);
                let (mut x, mut y) = (0.0_f32, 0.0_f32);
                while *rounds < 20 {
                    (x, y) = (x * x - y * y + cx, x * y + y * x + cy);
                    if x * x + y * y > 4.0 {
                        break;
                    }
                    *rounds += 1;
                }
            }
        }
    }
    Ok(Answer::new().exact("rounds", &rounds))
}

/// Degrees of the colour circle; grays have none.
#[kernel_fn]
fn hue_of([r, g, b]: [u8; 3]) -> Option<f32> {
    let max = r.max(g).max(b);
    let min = [r, g, b].into_iter().min().unwrap();
    let range = f32::from(max - min);
    let turned = |x: u8, y: u8| (f32::from(x) - f32::from(y)) / range;
    match max {
        _ if max == min => None,
        m if m == r => Some(60.0 * turned(g, b).rem_euclid(6.0)),
        m if m == g => Some(60.0 * (turned(b, r) + 2.0)),
        _ => Some(60.0 * (turned(r, g) + 4.0)),
    }
}

#[kernel]
fn hue_kernel(pixel: &[u8; 3], hue: &mut f32) {
    *hue = hue_of(*pixel).unwrap_or(f32::NAN);
}

pub(crate) fn hue(way: Way<'_>) -> Result<Answer> {
    let mut pixels: Vec<[u8; 3]> = bytes(240, 67).chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
    pixels[7] = [9; 3];
    let mut hue = vec![0.0; 80];
    match way {
        Way::Kernel(device) => device.run(hue_kernel(pixels.as_flattened(), &mut hue)).map(drop)?,
        Way::Plain => {
            for (&[r, g, b], hue) in pixels.iter().zip(&mut hue) {
                let [r, g, b] = [r, g, b].map(i32::from);
                let (max, min) = (r.max(g).max(b), r.min(g).min(b));
                let part = |x: i32| x as f32 / (max - min) as f32;
                let sixth = if max == r {
                    part(g - b).rem_euclid(6.0)
                } else if max == g {
                    part(b - r) + 2.0
                } else {
                    part(r - g) + 4.0
                };
                *hue = 60.0 * sixth;
            }
        }
    }
    Ok(Answer::new().within(8, "hue", &hue))
}
