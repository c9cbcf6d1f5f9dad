//! Kernels that return a value: collected and folded.

use landbridge::{Device, Index, KernelType, Max, Min, Product, Result, Sum, kernel};

use super::answer::{Answer, struct_numbers};

#[kernel]
fn square(x: &u32) -> u32 {
    x * x
}

#[kernel]
fn halve(x: &u8) -> u8 {
    x / 2
}

pub(crate) fn collected(device: &Device) -> Result<Answer> {
    let words: Vec<u32> = (0..777).collect();
    let bytes: Vec<u8> = (0..255).collect();
    let words = device.collect(square(&words))?;
    Ok(Answer::new().exact("words", &words).exact("bytes", &device.collect(halve(&bytes))?))
}

#[kernel]
fn product(x: &f32, y: &f32) -> f32 {
    x * y
}

pub(crate) fn reduced(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = (1..=2000).collect();
    let sum = device.reduce(square(&x), Sum)?;
    let least = device.reduce(square(&x), Min)?;
    let largest = device.reduce(square(&x), Max)?;
    let wrapped = device.reduce(square(&x[..40]), Product)?;
    let none = [device.reduce(square(&[]), Sum)?, device.reduce(square(&[]), Min)?];
    // Sums of small integers are exact in any order.
    let y: Vec<f32> = (0..3000).map(|k| (k % 50) as f32).collect();
    let dot = device.reduce(product(&y, &y), Sum)?;
    let max = device.reduce(product(&y, &y), Max)?;
    Ok(Answer::new().exact("u32", &[sum, least, largest, wrapped]).exact("none", &none).exact("f32", &[dot, max]))
}

#[derive(Clone, Copy, Debug, KernelType)]
struct Found {
    at: u64,
    close: bool,
    distance: f32,
}
struct_numbers!(Found { at, close, distance });

#[kernel]
fn nearest(points: &[f32], x: &f32) -> Found {
    let mut best = Found { at: 0, close: false, distance: 1e30 };
    for k in 0..points.len() {
        let distance = (points[k] - *x).abs();
        if distance < best.distance {
            best = Found { at: k as u64, close: distance < 1.0, distance };
        }
    }
    best
}

pub(crate) fn collected_structs(device: &Device) -> Result<Answer> {
    let points = [0.0, 10.0, 20.0, 30.5];
    let found = device.collect(nearest(&points, &[1.0, 9.5, 29.0, -4.0, 15.25]))?;
    Ok(Answer::new().exact("nearest", &found))
}

pub(crate) fn collected_nothing(device: &Device) -> Result<Answer> {
    Ok(Answer::new().exact("nothing", &device.collect(square(&[]))?))
}

#[kernel]
fn is_even(i: Index) -> bool {
    i % 2 == 0
}

pub(crate) fn bools_collected(device: &Device) -> Result<Answer> {
    Ok(Answer::new().exact("even", &device.collect(is_even(33))?))
}
