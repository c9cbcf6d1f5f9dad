//! Stencils.

use landbridge::{Index, Index2, Index3, Result, kernel};

use crate::Way;
use crate::answer::Answer;
use crate::data::{below, bytes, floats};

#[kernel]
fn heat_kernel(at: Index2, height: usize, width: usize, alpha: f32, old: &[f32], new: &mut f32) {
    let (y, x) = (at.y, at.x);
    let get = |y: usize, x: usize| old[y * width + x];
    *new = match (y, x) {
        (0, _) | (_, 0) => get(y, x),
        _ if y == height - 1 || x == width - 1 => get(y, x),
        _ => {
            let centre = get(y, x);
            centre + alpha * (get(y - 1, x) + get(y + 1, x) + get(y, x - 1) + get(y, x + 1) - 4.0 * centre)
        }
    };
}

pub(crate) fn heat(way: Way<'_>) -> Result<Answer> {
    let (height, width) = (9, 13);
    let (old, mut new) = (floats(height * width, 21), vec![0.0; height * width]);
    match way {
        Way::Kernel(device) => {
            device.run(heat_kernel([height, width], height, width, 0.1, &old, &mut new)).map(drop)?
        }
        Way::Plain => {
            new.copy_from_slice(&old);
            for y in 1..height - 1 {
                for x in 1..width - 1 {
                    let i = y * width + x;
                    let around = old[i - width] + old[i + width] + old[i - 1] + old[i + 1];
                    new[i] = old[i] + 0.1 * (around - 4.0 * old[i]);
                }
            }
        }
    }
    Ok(Answer::new().within(8, "new", &new))
}

const AROUND: [(isize, isize); 8] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)];

#[kernel]
fn life_kernel(at: Index2, height: usize, width: usize, old: &[bool], new: &mut bool) {
    let alive = AROUND
        .iter()
        .filter(|&&(dy, dx)| {
            let y = (at.y as isize + dy).rem_euclid(height as isize) as usize;
            let x = (at.x as isize + dx).rem_euclid(width as isize) as usize;
            old[y * width + x]
        })
        .count();
    *new = matches!((old[at.y * width + at.x], alive), (true, 2 | 3) | (false, 3));
}

pub(crate) fn life(way: Way<'_>) -> Result<Answer> {
    let (height, width) = (10, 12);
    let old: Vec<bool> = below(height * width, 22, 3).into_iter().map(|v| v == 0).collect();
    let mut new = vec![false; old.len()];
    match way {
        Way::Kernel(device) => device.run(life_kernel([height, width], height, width, &old, &mut new)).map(drop)?,
        Way::Plain => {
            for (i, new) in new.iter_mut().enumerate() {
                let mut alive = 0;
                for (dy, dx) in AROUND {
                    let y = (i / width + height).wrapping_add_signed(dy) % height;
                    let x = (i % width + width).wrapping_add_signed(dx) % width;
                    alive += u32::from(old[y * width + x]);
                }
                *new = alive == 3 || alive == 2 && old[i];
            }
        }
    }
    Ok(Answer::new().exact("new", &new))
}

#[kernel]
fn laplacian_kernel(at: Index3, size: [usize; 3], u: &[f32], out: &mut f32) {
    let [depth, height, width] = size;
    let index = |z: usize, y: usize, x: usize| (z * height + y) * width + x;
    let mut sum = -6.0 * u[index(at.z, at.y, at.x)];
    sum += u[index(at.z.saturating_sub(1), at.y, at.x)] + u[index((at.z + 1).min(depth - 1), at.y, at.x)];
    sum += u[index(at.z, at.y.saturating_sub(1), at.x)] + u[index(at.z, (at.y + 1).min(height - 1), at.x)];
    sum += u[index(at.z, at.y, at.x.saturating_sub(1))] + u[index(at.z, at.y, (at.x + 1).min(width - 1))];
    *out = sum;
}

pub(crate) fn laplacian_3d(way: Way<'_>) -> Result<Answer> {
    let size = [4, 5, 6];
    let (u, mut out) = (below(120, 23, 100).into_iter().map(|v| v as f32).collect::<Vec<_>>(), vec![0.0; 120]);
    match way {
        Way::Kernel(device) => device.run(laplacian_kernel(size, size, &u, &mut out)).map(drop)?,
        Way::Plain => {
            for (i, out) in out.iter_mut().enumerate() {
                let at = [i / 30, i / 6 % 5, i % 6];
                for axis in 0..3 {
                    for step in [-1, 1] {
                        let mut near = at;
                        near[axis] = at[axis].saturating_add_signed(step).min(size[axis] - 1);
                        *out += u[(near[0] * 5 + near[1]) * 6 + near[2]] - u[i];
                    }
                }
            }
        }
    }
    Ok(Answer::new().exact("out", &out))
}

#[kernel]
fn convolution_kernel(i: Index, signal: &[f32], taps: &[f32], out: &mut f32) {
    let half = taps.len() / 2;
    *out = taps
        .iter()
        .enumerate()
        .filter_map(|(k, tap)| (i + k).checked_sub(half).and_then(|j| signal.get(j)).map(|s| s * tap))
        .sum();
}

pub(crate) fn convolution(way: Way<'_>) -> Result<Answer> {
    let (signal, taps) = (floats(50, 24), [0.1, 0.2, 0.4, 0.2, 0.1]);
    let mut out = vec![0.0; 50];
    match way {
        Way::Kernel(device) => device.run(convolution_kernel(&signal, &taps, &mut out)).map(drop)?,
        Way::Plain => {
            for (i, out) in out.iter_mut().enumerate() {
                for (k, tap) in taps.iter().enumerate() {
                    if (2..52).contains(&(i + k)) {
                        *out += signal[i + k - 2] * tap;
                    }
                }
            }
        }
    }
    Ok(Answer::new().within(64, "out", &out))
}

#[kernel]
fn median_kernel(at: Index2, height: usize, width: usize, image: &[u8], out: &mut u8) {
    let mut window = [0_u8; 9];
    for dy in 0..3 {
        for dx in 0..3 {
            let y = (at.y + dy).saturating_sub(1).min(height - 1);
            let x = (at.x + dx).saturating_sub(1).min(width - 1);
            window[dy * 3 + dx] = image[y * width + x];
        }
    }
    window.sort_unstable();
    *out = window[4];
}

pub(crate) fn median_filter(way: Way<'_>) -> Result<Answer> {
    let (height, width) = (8, 9);
    let (image, mut out) = (bytes(72, 25), vec![0; 72]);
    match way {
        Way::Kernel(device) => device.run(median_kernel([height, width], height, width, &image, &mut out)).map(drop)?,
        Way::Plain => {
            for (i, out) in out.iter_mut().enumerate() {
                let near = |at: usize, end: usize| [at.saturating_sub(1), at, (at + 1).min(end - 1)];
                let mut all = vec![];
                for y in near(i / width, height) {
                    all.extend(near(i % width, width).map(|x| image[y * width + x]));
                }
                all.sort_unstable();
                *out = all[4];
            }
        }
    }
    Ok(Answer::new().exact("out", &out))
}
