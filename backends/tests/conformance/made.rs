//! Values made of others: arrays of slices, defaults of structs, places found by items.

use landbridge::{Device, KernelType, Result, kernel, rows};

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
    let narrow = Range { low: 3, ..Range::default() };
    out[0] = settings.scale + u32::from(settings.ranges[1] == Range::default()) + u32::from(narrow.low);
    out[1] = settings.ranges[0].high.unwrap_or(*x / 2);
    out[2] = settings.pair.0 as u32 + u32::from(settings.pair.1);
    let floats = Settings::<f32>::default();
    out[3] = floats.scale.to_bits();
}

pub(crate) fn derived_defaults(device: &Device) -> Result<Answer> {
    let mut out = [7; 12];
    let _ = device.run(with_defaults(&[0, 9, 1000], &mut out))?;
    Ok(Answer::new().exact("out", &out))
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
