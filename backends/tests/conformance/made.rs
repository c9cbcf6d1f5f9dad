//! Values made of others: arrays of slices, defaults of structs, places found by items.

use std::ops::Add;

use landbridge::{Device, Index, KernelType, Result, kernel, kernel_fn, rows};

use super::answer::Answer;

#[kernel]
fn words(#[rows] bytes: &[u8], out: &mut [u32; 5]) {
    let mut sum = 0_u32;
    for chunk in bytes.chunks(4) {
        sum = sum.rotate_left(5).wrapping_add(match chunk.try_into() {
            Ok(four) => u32::from_le_bytes(four),
            Err(_) => chunk.len() as u32,
        });
    }
    out[0] = sum;
    let head: [u8; 2] = bytes[..2].try_into().unwrap();
    out[1] = u32::from(u16::from_be_bytes(head));
    let empty: std::result::Result<[u8; 3], _> = bytes[3..].try_into();
    out[2] = u32::from(empty.is_ok());
    let n = bytes.len();
    let mut tail = <[u8; 3]>::try_from(&bytes[n - 3..]).unwrap_or([9; 3]);
    tail.reverse();
    out[3] = u32::from_be_bytes([0, tail[0], tail[1], tail[2]]);
    let none: [u8; 0] = bytes[n..].try_into().expect("nothing");
    out[4] = none.len() as u32 + u32::from(bytes[1]);
}

pub(crate) fn slices_as_arrays(device: &Device) -> Result<Answer> {
    let bytes: Vec<u8> = (0..77_u32).map(|i| (i * 67 + 13) as u8).collect();
    let (mut out, mut short) = ([0; 35], [0; 5]);
    let _ = device.run(words(rows(&bytes, 11), &mut out))?;
    let _ = device.run(words(rows(&bytes[..6], 6), &mut short))?;
    Ok(Answer::new().exact("out", &out).exact("short", &short))
}

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(Default, PartialEq)]
struct Range {
    low: u8,
    high: Option<u32>,
}

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(Default)]
struct Settings<T> {
    ranges: [Range; 2],
    pair: (i16, bool),
    scale: T,
}

#[kernel]
fn with_defaults(x: &u32, out: &mut [u32; 4]) {
    let settings = Settings { scale: *x, ..Settings::default() };
    let narrow = Range { low: 3, ..Default::default() };
    out[0] = settings.scale + u32::from(settings.ranges[1] == Range::default()) + u32::from(narrow.low);
    out[1] = settings.ranges[0].high.unwrap_or(*x / 2);
    out[2] = settings.pair.0 as u32 + u32::from(settings.pair.1);
    let floats = Settings::<f32>::default();
    let mut taken = (narrow, [*x; 2]);
    let left = std::mem::take(&mut taken);
    let none = (*x == 0).then_some(Settings { scale: *x, ..Settings::<u32>::default() });
    out[3] = floats.scale.to_bits() + left.1[1] + taken.1[0] + none.unwrap_or_default().scale;
}

pub(crate) fn derived_defaults(device: &Device) -> Result<Answer> {
    let mut out = [7; 12];
    let _ = device.run(with_defaults(&[0, 9, 1000], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel(Add)]
#[kernel_type(Default, Sum)]
struct Colour {
    rgb: [f32; 3],
    count: u32,
}

#[kernel_fn]
impl Add for Colour {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let [r, g, b] = other.rgb;
        Colour { rgb: [self.rgb[0] + r, self.rgb[1] + g, self.rgb[2] + b], count: self.count.wrapping_add(other.count) }
    }
}

#[kernel]
fn mixed(i: Index, colours: &[Colour], out: &mut Colour) {
    let before: Colour = colours[..i].iter().sum();
    let after = colours[i..].iter().filter(|c| c.count > 1).map(|c| Colour { count: 1, ..*c }).sum::<Colour>();
    *out = [before, after].into_iter().sum();
}

pub(crate) fn sums_of_structs(device: &Device) -> Result<Answer> {
    let colour = |i: u32| Colour { rgb: [i as f32 / 3.0, -1.5, f32::from(i as u8 % 3)], count: i % 4 };
    let colours: Vec<_> = (0..9).map(colour).collect();
    let mut out = vec![Colour::default(); 9];
    let _ = device.run(mixed(&colours, &mut out))?;
    let sums: Vec<f32> = out.iter().flat_map(|c| c.rgb).collect();
    let counts: Vec<u32> = out.iter().map(|c| c.count).collect();
    Ok(Answer::new().within(64, "sums", &sums).exact("counts", &counts))
}

#[kernel]
fn found_places(x: &u32, out: &mut [u32; 4]) {
    out[{
        fn low(x: u32) -> usize {
            (x % 4) as usize
        }
        low(*x)
    }] = 7;
    out[{
        const K: usize = 2;
        K
    }] += *x;
}

pub(crate) fn items_in_places(device: &Device) -> Result<Answer> {
    let mut out = [1; 20];
    let _ = device.run(found_places(&[0, 1, 2, 3, 4], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}
