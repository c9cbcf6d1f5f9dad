//! Whole kernels as programs have them, each in the way that comes naturally.

use std::ops::{Add, Mul, Sub};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use landbridge::backend::Capability;
use landbridge::types::KernelValue;
use landbridge::{Device, Index, Index2, Index3, KernelType, Max, Result, Sum, kernel, kernel_fn, rows, rows_mut};

use num_traits::Num;

use super::answer::{Answer, struct_numbers};

/// Black-Scholes: the price of an option.
#[derive(Clone, Copy, Debug, KernelType)]
struct Contract {
    spot: f32,
    strike: f32,
    years: f32,
    call: bool,
}

const RATE: f32 = 0.02;
const VOLATILITY: f32 = 0.3;

/// The normal distribution, by Abramowitz and Stegun 26.2.17.
#[kernel_fn]
fn normal(x: f32) -> f32 {
    let k = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly = k * (0.319_381_53 + k * (-0.356_563_78 + k * (1.781_477_9 + k * (-1.821_256 + k * 1.330_274_4))));
    let tail = 0.398_942_3 * (-0.5 * x * x).exp() * poly;
    if x > 0.0 { 1.0 - tail } else { tail }
}

#[kernel]
fn price(contract: &Contract) -> f32 {
    let Contract { spot, strike, years, call } = *contract;
    let deviation = VOLATILITY * years.sqrt();
    let d1 = ((spot / strike).ln() + (RATE + 0.5 * VOLATILITY * VOLATILITY) * years) / deviation;
    let d2 = d1 - deviation;
    let discounted = strike * (-RATE * years).exp();
    match call {
        true => spot * normal(d1) - discounted * normal(d2),
        false => discounted * normal(-d2) - spot * normal(-d1),
    }
}

pub(crate) fn black_scholes(device: &Device) -> Result<Answer> {
    let contract = |k: u32| Contract {
        spot: 80.0 + (k % 41) as f32,
        strike: 100.0,
        years: 0.5 + (k % 3) as f32,
        call: k.is_multiple_of(2),
    };
    let contracts: Vec<Contract> = (0..500).map(contract).collect();
    // Differences of larger numbers: the error of exp and ln is amplified.
    Ok(Answer::new().within(200, "prices", &device.collect(price(&contracts))?))
}

/// The game of life on a torus.
#[kernel]
fn life(height: usize, width: usize, from: &[u8], at: Index2, to: &mut u8) {
    let mut neighbours = 0;
    for dy in 0..3 {
        for dx in 0..3 {
            if dy == 1 && dx == 1 {
                continue;
            }
            let y = (at.y + height + dy - 1) % height;
            let x = (at.x + width + dx - 1) % width;
            neighbours += from[y * width + x];
        }
    }
    *to = match (from[at.y * width + at.x], neighbours) {
        (1, 2 | 3) | (0, 3) => 1,
        _ => 0,
    };
}

pub(crate) fn game_of_life(device: &Device) -> Result<Answer> {
    let (height, width) = (19, 23);
    let mut world: Vec<u8> = (0..height * width).map(|k| u8::from(k * k % 7 < 3)).collect();
    let mut next = world.clone();
    for _ in 0..5 {
        let _ = device.run(life(height, width, &world, [height, width], &mut next))?;
        std::mem::swap(&mut world, &mut next);
    }
    Ok(Answer::new().exact("world", &world))
}

/// Hashes of words: wrapping arithmetic, rotations, bytes.
#[kernel]
fn hash(text: &[u8], from: &u32, to: &u32, out: &mut u32) {
    let mut hash = 0x811c_9dc5_u32;
    for byte in &text[*from as usize..*to as usize] {
        hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
    }
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b).rotate_left(13);
    *out = hash ^ (hash >> 13);
}

pub(crate) fn hashes(device: &Device) -> Result<Answer> {
    let text = b"A ship carries copies; over a land bridge the animals walk.";
    let from: Vec<u32> = (0..40).collect();
    let to: Vec<u32> = (0..40).map(|k| k + k % 20).collect();
    let mut out = vec![0; 40];
    let _ = device.run(hash(text, &from, &to, &mut out))?;
    Ok(Answer::new().exact("hashes", &out))
}

/// A small generator of random numbers as a type with methods.
#[derive(Clone, Copy, Debug, KernelType)]
struct Random {
    state: u32,
}

impl Random {
    #[kernel_fn(associated)]
    fn seeded(seed: u32) -> Random {
        Random { state: seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453) }
    }

    #[kernel_fn]
    fn next(&mut self) -> u32 {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.state ^ (self.state >> 15)
    }

    #[kernel_fn]
    fn unit(&mut self) -> f32 {
        (self.next() >> 8) as f32 / 16_777_216.0
    }
}

#[kernel]
fn inside(tries: u32, i: Index) -> u32 {
    let mut random = Random::seeded(i as u32);
    let mut hits = 0;
    for _ in 0..tries {
        let (x, y) = (random.unit(), random.unit());
        if x * x + y * y < 1.0 {
            hits += 1;
        }
    }
    hits
}

pub(crate) fn monte_carlo(device: &Device) -> Result<Answer> {
    let hits = device.collect(inside(50, 64))?;
    let total = device.reduce(inside(50, 64), Sum)?;
    Ok(Answer::new().exact("hits", &hits).exact("total", &[total]))
}

/// How many steps the Collatz sequence takes: 64 bits where the device has them.
#[kernel]
fn collatz(start: &u64) -> u32 {
    let mut n = *start;
    let mut steps = 0;
    while n != 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

pub(crate) fn collatz_steps(device: &Device) -> Result<Answer> {
    let starts: Vec<u64> = (1..200).chain([837_799, 8_400_511, 63_728_127]).collect();
    let longest = device.reduce(collatz(&starts), Max)?;
    Ok(Answer::new().exact("steps", &device.collect(collatz(&starts))?).exact("longest", &[longest]))
}

/// Where a value would be inserted.
#[kernel_fn]
fn lower_bound<T: KernelValue + PartialOrd>(sorted: &[T], value: T) -> usize {
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if sorted[middle] < value {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[kernel]
fn search<T: KernelValue + PartialOrd>(sorted: &[T], value: &T) -> u32 {
    lower_bound(sorted, *value) as u32
}

pub(crate) fn binary_search(device: &Device) -> Result<Answer> {
    let sorted: Vec<u16> = (0..100).map(|k| k * 3).collect();
    let values: Vec<u16> = (0..60).map(|k| k * 7 % 320).collect();
    let floats: Vec<f32> = sorted.iter().map(|&k| f32::from(k)).collect();
    let integers = device.collect(search(&sorted, &values))?;
    Ok(Answer::new().exact("u16", &integers).exact("f32", &device.collect(search(&floats, &[-1.0, 5.0, 297.0, 1e9]))?))
}

/// A matrix product, generic over the numbers and the size of a block of columns.
#[kernel]
fn multiply<T, const N: usize>(inner: usize, a: &[T], b: &[T], i: Index, c: &mut [T; N])
where
    T: KernelValue + num_traits::Zero + Mul<Output = T> + Add<Output = T>,
{
    let mut sums = [T::zero(); N];
    for k in 0..inner {
        let factor = a[i * inner + k];
        for column in 0..N {
            sums[column] = sums[column] + factor * b[k * N + column];
        }
    }
    *c = sums;
}

pub(crate) fn matrix_products(device: &Device) -> Result<Answer> {
    let a: Vec<i32> = (0..35).map(|k| k % 9 - 4).collect();
    let b: Vec<i32> = (0..28).map(|k| k % 5 - 2).collect();
    let mut c = vec![0; 20];
    let _ = device.run(multiply::<i32, 4>(7, &a, &b, &mut c))?;
    let (a, b): (Vec<f32>, Vec<f32>) = (a.iter().map(|&v| v as f32).collect(), b.iter().map(|&v| v as f32).collect());
    let mut d = vec![0.0; 20];
    let _ = device.run(multiply::<f32, 4>(7, &a, &b, &mut d))?;
    Ok(Answer::new().exact("i32", &c).exact("f32", &d))
}

/// Insertion sort of each row, and its median.
#[kernel]
fn sort_rows(#[rows] row: &mut [i32], median: &mut i32) {
    for k in 1..row.len() {
        let value = row[k];
        let mut place = k;
        while place > 0 && row[place - 1] > value {
            row[place] = row[place - 1];
            place -= 1;
        }
        row[place] = value;
    }
    *median = row[row.len() / 2];
}

pub(crate) fn sorted_rows(device: &Device) -> Result<Answer> {
    let mut matrix: Vec<i32> = (0..63).map(|k| k * 37 % 101 - 50).collect();
    let mut medians = [0; 7];
    let _ = device.run(sort_rows(rows_mut(&mut matrix, 9), &mut medians))?;
    Ok(Answer::new().exact("rows", &matrix).exact("medians", &medians))
}

/// A blur with a kernel of weights that is a constant.
#[kernel]
fn blur(#[rows] from: &[u8], #[rows] to: &mut [u8]) {
    const WEIGHTS: [u32; 5] = [1, 4, 6, 4, 1];
    let width = from.len();
    for x in 0..width {
        let mut sum = 0;
        let mut weight = 0;
        for (k, w) in [(0, WEIGHTS[0]), (1, WEIGHTS[1]), (2, WEIGHTS[2]), (3, WEIGHTS[3]), (4, WEIGHTS[4])] {
            let shifted = x + k;
            if shifted < 2 || shifted - 2 >= width {
                continue;
            }
            sum += w * from[shifted - 2] as u32;
            weight += w;
        }
        to[x] = ((sum + weight / 2) / weight) as u8;
    }
}

pub(crate) fn blurred_rows(device: &Device) -> Result<Answer> {
    let from: Vec<u8> = (0..77_u32).map(|k| (k * k * 13) as u8).collect();
    let mut to = vec![0; 77];
    let _ = device.run(blur(rows(&from, 11), rows_mut(&mut to, 11)))?;
    Ok(Answer::new().exact("pixels", &to))
}

/// Complex numbers with operators.
#[derive(Clone, Copy, Debug, Default, KernelType)]
#[kernel(Add, Sub, Mul)]
struct Complex<T: KernelValue + Num> {
    re: T,
    im: T,
}

#[kernel_fn]
impl<T: KernelValue + Num> Add for Complex<T> {
    type Output = Complex<T>;
    fn add(self, other: Complex<T>) -> Complex<T> {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }
}

#[kernel_fn]
impl<T: KernelValue + Num> Sub for Complex<T> {
    type Output = Complex<T>;
    fn sub(self, other: Complex<T>) -> Complex<T> {
        Complex { re: self.re - other.re, im: self.im - other.im }
    }
}

#[kernel_fn]
impl<T: KernelValue + Num> Mul for Complex<T> {
    type Output = Complex<T>;
    fn mul(self, other: Complex<T>) -> Complex<T> {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

#[kernel]
fn square_minus(a: &Complex<i32>, b: &Complex<i32>) -> Complex<i32> {
    *a * *a - *b + *a
}
struct_numbers!(Complex<i32> { re, im });

pub(crate) fn complex_numbers(device: &Device) -> Result<Answer> {
    let complex = |re, im| Complex { re, im };
    let a: Vec<_> = (-4..4).map(|k| complex(k, 2 * k + 1)).collect();
    let b: Vec<_> = (-4..4).map(|k| complex(3 - k, k)).collect();
    Ok(Answer::new().exact("complex", &device.collect(square_minus(&a, &b))?))
}

/// Bodies in a box: the extremes of their places, found with atomics, and a grid of counts.
#[kernel]
fn survey(cells: usize, counts: &[AtomicU32], extremes: &[AtomicI32], place: &[i32; 3]) {
    let (x, y, z) = (place[0], place[1], place[2]);
    let cell = |c: i32| ((c + 1000) as usize * cells / 2000).min(cells - 1);
    let index = (cell(z) * cells + cell(y)) * cells + cell(x);
    counts[index].fetch_add(1, Ordering::Relaxed);
    for k in 0..3 {
        extremes[2 * k].fetch_min(place[k], Ordering::Relaxed);
        extremes[2 * k + 1].fetch_max(place[k], Ordering::Relaxed);
    }
}

pub(crate) fn surveys(device: &Device) -> Result<Answer> {
    let places: Vec<i32> = (0..900).map(|k| k * 7919 % 2000 - 1000).collect();
    let mut counts = [0_u32; 27];
    let mut extremes = [0_i32; 6];
    let _ = device.run(survey(3, &mut counts, &mut extremes, &places))?;
    Ok(Answer::new().exact("counts", &counts).exact("extremes", &extremes))
}

/// A field in three dimensions, averaged over a neighbourhood that is cut at the borders.
#[kernel]
fn average(sizes: [usize; 3], field: &[i32], at: Index3, out: &mut i32) {
    let near = |place: usize, size: usize| (if place > 0 { place - 1 } else { 0 }, (place + 2).min(size));
    let ((z0, z1), (y0, y1), (x0, x1)) = (near(at.z, sizes[0]), near(at.y, sizes[1]), near(at.x, sizes[2]));
    let (mut sum, mut count) = (0, 0);
    for z in z0..z1 {
        for y in y0..y1 {
            for x in x0..x1 {
                sum += field[(z * sizes[1] + y) * sizes[2] + x];
                count += 1;
            }
        }
    }
    *out = sum / count;
}

pub(crate) fn averages_in_three_dimensions(device: &Device) -> Result<Answer> {
    let sizes = [3, 4, 5];
    let field: Vec<i32> = (0..60).map(|k| k * k - 900).collect();
    let mut out = vec![0; 60];
    let _ = device.run(average(sizes, &field, sizes, &mut out))?;
    Ok(Answer::new().exact("averages", &out))
}

/// A driver that knows the divisor may multiply by its reciprocal, which rounds twice.
#[kernel]
fn scale_down(x: &f32, out: &mut [f32; 4]) {
    let third = 1.0 + 2.0;
    *out = [*x / -26.75, *x / third, *x / (third * 7.0), *x / 0.3];
}

pub(crate) fn quotients_by_constants(device: &Device) -> Result<Answer> {
    let x: Vec<f32> = (0..500).map(|k| (k * k) as f32 * 0.25 - 3000.0).collect();
    let mut out = vec![0.0; 2000];
    let _ = device.run(scale_down(&x, &mut out))?;
    let allowed = if device.info().can(Capability::ROUNDED_F32) { 0 } else { 3 };
    Ok(Answer::new().within(allowed, "quotients", &out))
}

/// What a closure declares it also assigns: late, and by parts.
#[kernel]
fn tabulated(x: &u32, out: &mut u32) {
    let x = *x;
    let table = |first: u32| {
        let mut table = match x % 3 {
            0 => [[first, 1], [2, 3]],
            _ => [[2, first], [x, 1]],
        };
        let late;
        if first > x {
            late = 5;
        } else {
            late = 6;
        }
        table[1][0] = late;
        table[0][1] += table[1][0];
        table
    };
    let (a, b) = (table(4), table(x));
    *out = a[0][1] * 1000 + b[1][0] * 100 + b[0][1] * 10 + a[0][0];
}

pub(crate) fn closures_with_places(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = (0..12).collect();
    let mut out = vec![0; 12];
    let _ = device.run(tabulated(&x, &mut out))?;
    Ok(Answer::new().exact("tables", &out))
}
