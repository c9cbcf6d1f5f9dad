//! The source of the scratch crate: fifty kernels, five variants in each of ten families.
//!
//! In a family's text `$T` stands for the variant's element type, `$K` for a small number of its own,
//! `$v` and `$V` for its name in snake and camel case.

/// How many kernels the crate has.
pub(crate) const COUNT: usize = FAMILIES.len() * 5;

/// A family: its text, and the element type and number of each variant.
type Family = (&'static str, [(&'static str, u32); 5]);

const FLOATS: [(&str, u32); 5] = [("f32", 1), ("f64", 2), ("f32", 3), ("f64", 4), ("f32", 5)];
const NUMBERS: [(&str, u32); 5] = [("f32", 1), ("f64", 2), ("i32", 3), ("u32", 4), ("i64", 5)];
const INTEGERS: [(&str, u32); 5] = [("u32", 3), ("i32", 5), ("u64", 7), ("i64", 11), ("u32", 13)];

const FAMILIES: [Family; 10] = [
    (AXPY, NUMBERS),
    (STENCIL, FLOATS),
    (GRAVITY, FLOATS),
    (MATMUL, NUMBERS),
    (HISTOGRAM, NUMBERS),
    (BLACK_SCHOLES, FLOATS),
    (CLASSIFY, INTEGERS),
    (ESCAPE, FLOATS),
    (GENERIC, FLOATS),
    (HELPERS, INTEGERS),
];

const AXPY: &str = "
/// Scales and adds.
#[kernel]
pub fn axpy_$v(a: $T, x: &$T, z: &$T, y: &mut $T) {
    *y = a * *x + *z - *y;
}
";

const STENCIL: &str = "
/// The mean of the neighbours in a cross of radius $K; the border stays.
#[kernel]
pub fn relax_$v(i: Index, width: usize, from: &[$T], to: &mut $T) {
    let (row, column) = (i / width, i % width);
    let height = from.len() / width;
    if row < $K || column < $K || row + $K >= height || column + $K >= width {
        *to = from[i];
        return;
    }
    let mut sum = 0.0;
    for k in 1..=$K {
        sum += from[i - k] + from[i + k] + from[i - k * width] + from[i + k * width];
    }
    *to = sum / (4 * $K) as $T;
}
";

const GRAVITY: &str = "
/// A mass that moves.
#[derive(Clone, Copy, KernelType)]
pub struct Body$V {
    /// Where it is.
    pub position: [$T; 3],
    /// Where it goes.
    pub velocity: [$T; 3],
    /// How heavy it is.
    pub mass: $T,
}

/// One step of all-pairs gravity.
#[kernel]
pub fn gravity_$v(dt: $T, bodies: &[Body$V], i: Index, out: &mut Body$V) {
    let me = bodies[i];
    let mut pull = [0.0; 3];
    for j in 0..bodies.len() {
        if j == i {
            continue;
        }
        let other = &bodies[j];
        let mut to = [0.0; 3];
        let mut square: $T = 1e-3;
        for k in 0..3 {
            to[k] = other.position[k] - me.position[k];
            square += to[k] * to[k];
        }
        let strength = other.mass / (square * square.sqrt());
        for k in 0..3 {
            pull[k] += to[k] * strength;
        }
    }
    let mut moved = me;
    for k in 0..3 {
        moved.velocity[k] += dt * pull[k];
        moved.position[k] += dt * moved.velocity[k];
    }
    *out = moved;
}
";

const MATMUL: &str = "
/// One element of a matrix product, plus $K times what was there.
#[kernel]
pub fn matmul_$v(i: Index, columns: usize, inner: usize, a: &[$T], b: &[$T], c: &mut $T) {
    let row = i / columns;
    let column = i % columns;
    let mut sum = $K as $T * *c;
    for k in 0..inner {
        sum += a[row * inner + k] * b[k * columns + column];
    }
    *c = sum;
}
";

const HISTOGRAM: &str = "
/// Counts values in bins of equal width.
#[kernel]
pub fn histogram_$v(low: $T, width: $T, value: &$T, counts: &[AtomicU32]) {
    if *value < low {
        counts[0].fetch_add(1, Ordering::Relaxed);
        return;
    }
    let bin = ((*value - low) / width) as usize + $K;
    let last = counts.len() - 1;
    counts[bin.min(last)].fetch_add(1, Ordering::Relaxed);
}
";

const BLACK_SCHOLES: &str = "
/// The cumulative normal distribution.
#[kernel_fn]
pub fn normal_$v(x: $T) -> $T {
    let k = 1.0 / (1.0 + 0.2316419 * x.abs());
    let poly = k * (0.31938153 + k * (-0.3565638 + k * (1.7814779 + k * (-1.8212559 + k * 1.3302744))));
    let tail = 0.3989423 * (-0.5 * x * x).exp() * poly;
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The price of a European call, and of the put.
#[kernel]
pub fn black_scholes_$v(rate: $T, volatility: $T, spot: &$T, strike: &$T, years: &$T, call: &mut $T, put: &mut $T) {
    let spread = volatility * years.sqrt();
    let drift = (rate + 0.5 * volatility * volatility) * *years;
    let d1 = ((*spot / *strike).ln() + drift) / spread;
    let discounted = *strike * (-rate * *years).exp();
    *call = *spot * normal_$v(d1) - discounted * normal_$v(d1 - spread);
    *put = *call - *spot + discounted;
}
";

const CLASSIFY: &str = "
/// Sorts numbers into kinds.
#[kernel]
pub fn classify_$v(limit: $T, value: &$T, kind: &mut u32) {
    *kind = match *value {
        0 => 0,
        1 | 2 => 1,
        3..=9 => 2,
        v if v % $K == 0 && v < limit => 3,
        v if v >= limit => {
            let over = v - limit;
            if over > 1000 { 5 } else { 4 }
        }
        _ => 6,
    };
}
";

const ESCAPE: &str = "
/// The steps until a point of the complex plane escapes; the best of $K starts.
#[kernel]
pub fn escape_$v(i: Index, width: usize, scale: $T, limit: u32, steps: &mut u32) {
    let cx = (i % width) as $T * scale - 2.0;
    let cy = (i / width) as $T * scale - 1.5;
    let mut best = 0;
    'starts: for start in 0..$K {
        let (mut x, mut y) = (start as $T * 0.125, 0.0);
        let mut step = 0;
        loop {
            if step == limit {
                best = limit;
                break 'starts;
            }
            let square = x * x + y * y;
            if square > 4.0 {
                break;
            }
            let next = x * x - y * y + cx;
            y = 2.0 * x * y + cy;
            x = next;
            step += 1;
        }
        if step > best {
            best = step;
        }
    }
    *steps = best;
}
";

const GENERIC: &str = "
/// A smooth step of any float.
#[kernel_fn]
pub fn smooth_$v<T: Float + KernelType>(low: T, high: T, x: T) -> T {
    let t = ((x - low) / (high - low)).max(T::zero()).min(T::one());
    t * t * (T::one() + T::one() + T::one() - t - t)
}

/// Blends two images by a mask.
#[kernel]
pub fn blend_$v<T: Float + KernelType>(low: T, high: T, mask: &T, a: &T, b: &T, out: &mut T) {
    let mut weight = smooth_$v(low, high, *mask);
    for _ in 0..$K {
        weight = weight.sqrt();
    }
    *out = *a * weight + *b * (T::one() - weight);
}
";

const HELPERS: &str = "
/// How often a value goes through the mixer.
const ROUNDS_$V: usize = $K;

/// What is known of a stream of numbers.
#[derive(Clone, Copy, KernelType)]
pub struct Stats$V {
    /// The least.
    pub least: $T,
    /// The greatest.
    pub greatest: $T,
    /// How many.
    pub count: u32,
}

/// Mixes the bits.
#[kernel_fn]
pub fn mix_$v(value: $T, salt: $T) -> $T {
    let mut v = value;
    for round in 0..ROUNDS_$V {
        v ^= v << 5;
        v = v.wrapping_mul(31).wrapping_add(salt ^ (round as $T));
        v ^= v >> 7;
    }
    v
}

/// Takes one more number in.
#[kernel_fn]
pub fn include_$v(stats: Stats$V, value: $T) -> Stats$V {
    Stats$V { least: stats.least.min(value), greatest: stats.greatest.max(value), count: stats.count + 1 }
}

/// What hashes of a window look like.
#[kernel]
pub fn window_$v(i: Index, salt: $T, values: &[$T], out: &mut Stats$V) {
    let mut stats = Stats$V { least: <$T>::MAX, greatest: <$T>::MIN, count: 0 };
    let end = (i + $K).min(values.len());
    for j in i..end {
        stats = include_$v(stats, mix_$v(values[j], salt));
    }
    *out = stats;
}
";

/// The crate's source: with landbridge's attributes, or the same functions without.
pub(crate) fn source(attributes: bool) -> String {
    let mut text = String::from(
        "//! Fifty kernels.\n#![allow(unused_imports)]\n\
         use landbridge::prelude::*;\nuse num_traits::Float;\n\
         use std::sync::atomic::{AtomicU32, Ordering};\n",
    );
    for (family, variants) in FAMILIES {
        for (element, number) in variants {
            let name = format!("{element}_{number}");
            text += &family
                .replace("$T", element)
                .replace("$K", &number.to_string())
                .replace("$v", &name)
                .replace("$V", &name.to_uppercase().replace('_', "X"));
        }
    }
    if attributes { text } else { plain(&text) }
}

/// Takes the attributes away.
fn plain(text: &str) -> String {
    text.replace("#[kernel]\n", "").replace("#[kernel_fn]\n", "").replace(", KernelType)]", ")]")
}
