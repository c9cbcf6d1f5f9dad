//! Arrays, tuples and structs, in memory and as values.

use landbridge::types::KernelValue;
use landbridge::{Device, KernelType, Result, kernel};

use super::answer::{Answer, struct_numbers};

#[kernel]
fn array_work(x: &[f32; 4], matrix: &mut [[f32; 2]; 2], i: Index) {
    let mut sorted = *x;
    for a in 0..4 {
        for b in a + 1..4 {
            if sorted[b] < sorted[a] {
                let t = sorted[a];
                sorted[a] = sorted[b];
                sorted[b] = t;
            }
        }
    }
    let zeros = [[0.0_f32; 2]; 2];
    *matrix = zeros;
    matrix[i % 2] = [sorted[0], sorted[3]];
    matrix[(i + 1) % 2][1] = sorted[1] + sorted[2];
}

use landbridge::Index;

pub(crate) fn arrays(device: &Device) -> Result<Answer> {
    let x = [3.0, 1.0, 2.0, 0.5, -1.0, 7.0, 7.0, 6.0, 0.0, -0.5, 9.0, 8.0];
    let mut out = [[[9.0; 2]; 2]; 3];
    let _ = device.run(array_work(&x, out.as_flattened_mut()))?;
    Ok(Answer::new().exact("matrices", &out))
}

#[kernel]
fn tuple_work(pair: &(u8, f32), out: &mut (f32, u8, u32)) {
    let (small, float) = *pair;
    let swapped = (float * 2.0, small);
    let nested = ((swapped.1, 1_u8), swapped.0);
    *out = (nested.1, nested.0.0 + nested.0.1, 0);
    out.2 = small as u32 * 100;
    let (mut a, mut b) = (1_u32, 2_u32);
    (a, b) = (b, a + b);
    out.2 += a * 10 + b;
}

pub(crate) fn tuples(device: &Device) -> Result<Answer> {
    let mut out = [(0.0, 0, 0); 3];
    let _ = device.run(tuple_work(&[(1, 0.5), (2, 1.5), (200, -3.25)], &mut out))?;
    Ok(Answer::new().exact("tuples", &out))
}

/// Padding inside and at the end, in whatever order rustc chose.
#[derive(Clone, Copy, Debug, Default, KernelType)]
struct Inner {
    flag: bool,
    value: f32,
    small: u8,
}
struct_numbers!(Inner { flag, value, small });

#[derive(Clone, Copy, Debug, Default, KernelType)]
struct Outer {
    first: u16,
    inner: Inner,
    list: [Inner; 2],
    last: u8,
}
struct_numbers!(Outer { first, inner, list, last });

#[kernel]
fn struct_work(scale: Inner, from: &Outer, to: &mut Outer) {
    let made = Inner { flag: !from.inner.flag, small: from.last, ..from.inner };
    *to = *from;
    to.inner = made;
    to.list[1].value = made.value * scale.value;
    to.list[0] = Inner { value: 1.0, flag: true, small: scale.small };
    to.first += 1;
    let whole = to.list[1];
    to.last = whole.small + 1;
}

pub(crate) fn structs_nested_and_padded(device: &Device) -> Result<Answer> {
    let inner = |k: u8| Inner { flag: k.is_multiple_of(2), value: f32::from(k) + 0.25, small: k };
    let from: Vec<Outer> = (0..9)
        .map(|k| Outer { first: 500 + u16::from(k), inner: inner(k), list: [inner(k + 1), inner(k + 2)], last: k })
        .collect();
    let mut to = vec![Outer::default(); 9];
    let _ = device.run(struct_work(inner(7), &from, &mut to))?;
    Ok(Answer::new().exact("structs", &to))
}

#[derive(Clone, Copy, Debug, Default, KernelType)]
struct Pair<T> {
    a: T,
    b: T,
}

#[kernel]
fn swap_pair<T: KernelValue>(from: &Pair<T>, to: &mut Pair<T>) {
    *to = Pair { a: from.b, b: from.a };
}

pub(crate) fn structs_generic(device: &Device) -> Result<Answer> {
    let mut floats = [Pair::default(); 2];
    let _ = device.run(swap_pair(&[Pair { a: 1.5_f32, b: 2.5 }, Pair { a: -1.0, b: 0.0 }], &mut floats))?;
    let mut bytes = [Pair::default(); 3];
    let _ = device.run(swap_pair(&[Pair { a: 1_u8, b: 2 }, Pair { a: 3, b: 4 }, Pair { a: 5, b: 255 }], &mut bytes))?;
    let floats = floats.map(|p| [p.a, p.b]);
    Ok(Answer::new().exact("floats", &floats).exact("bytes", &bytes.map(|p| [p.a, p.b])))
}

#[kernel]
fn sum_structs(list: &[Inner; 3], out: &mut f32) {
    let mut sum = 0.0;
    for inner in list {
        if inner.flag {
            sum += inner.value;
        } else {
            sum -= inner.small as f32;
        }
    }
    *out = sum;
}

pub(crate) fn arrays_of_structs(device: &Device) -> Result<Answer> {
    let list: Vec<Inner> = (0..12).map(|k| Inner { flag: k % 3 == 0, value: f32::from(k), small: 2 * k }).collect();
    let mut out = [0.0; 4];
    let _ = device.run(sum_structs(&list, &mut out))?;
    Ok(Answer::new().exact("sums", &out))
}

/// Three bytes: a word holds parts of neighbours.
#[derive(Clone, Copy, Debug, Default, KernelType)]
struct Pixel {
    r: u8,
    g: u8,
    b: u8,
}
struct_numbers!(Pixel { r, g, b });

#[kernel]
fn invert(from: &Pixel, to: &mut Pixel) {
    to.r = 255 - from.r;
    to.g = from.b;
    to.b = from.g;
}

pub(crate) fn struct_of_small_fields(device: &Device) -> Result<Answer> {
    let from: Vec<Pixel> = (0..67).map(|k| Pixel { r: k, g: 2 * k, b: 3 * k }).collect();
    let mut to = vec![Pixel::default(); 67];
    let _ = device.run(invert(&from, &mut to))?;
    Ok(Answer::new().exact("pixels", &to))
}
