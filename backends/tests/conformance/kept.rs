//! `Option` and `Result` of plain data in memory: items, elements of slices and arrays, fields, results of kernels.

use landbridge::{Device, Index, KernelType, Result as Answered, kernel, kernel_fn};

use super::answer::{Answer, struct_numbers};

#[kernel]
fn option_items(x: &Option<u32>, all: &[Option<f32>], i: Index, out: &mut Option<u32>, float: &mut Option<f32>) {
    *out = x.map(|x| x.wrapping_mul(3)).filter(|x| x % 2 == 0);
    if let Some(place) = float {
        *place += 1.0;
    } else if let Some(Some(other)) = all.get(i + 1) {
        *float = Some(-other);
    }
    if x.is_none() && all[i].is_some() {
        *out = Some(all.iter().flatten().count() as u32);
    }
}

pub(crate) fn options_in_slices(device: &Device) -> Answered<Answer> {
    let x = [Some(0), None, Some(1), Some(u32::MAX), None, Some(2)];
    let all = [Some(-0.0), Some(2.5), None, Some(f32::NAN), None, Some(f32::INFINITY)];
    let mut out = [Some(77); 6];
    let mut float = [None, Some(1.0), None, None, None, Some(-1.0)];
    let _ = device.run(option_items(&x, &all, &mut out, &mut float))?;
    Ok(Answer::new().exact("out", &out).exact("float", &float))
}

#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
#[repr(u8)]
enum Colour {
    Red = 3,
    Green,
    Blue,
}

#[kernel]
fn option_of_few(
    flag: &Option<bool>,
    letter: &mut Option<char>,
    colour: &mut Option<Colour>,
    twice: &mut Option<Option<u16>>,
    out: &mut u32,
) {
    *out = match flag {
        None => 1,
        Some(true) => 2,
        Some(false) => 3,
    };
    *letter = letter.and_then(|l| char::from_u32(l as u32 + 1));
    *colour = match colour {
        Some(Colour::Red) => Some(Colour::Green),
        Some(Colour::Green) => None,
        Some(other) => Some(*other),
        None => Some(Colour::Red),
    };
    if let Some(Some(inside)) = twice {
        *inside += 1;
        *out += 10 * *inside as u32;
    } else if let Some(inside) = twice {
        *inside = Some(9);
        *out += 1000;
    } else {
        *twice = Some(None);
    }
    let kept = *twice;
    *out += 100_000 * kept.is_some_and(|inside| inside.is_none()) as u32;
}

pub(crate) fn options_of_few_values(device: &Device) -> Answered<Answer> {
    let flag = [None, Some(true), Some(false), None, Some(true)];
    let mut letter = [Some('a'), None, Some('\u{d7ff}'), Some(char::MAX), Some('\0')];
    let mut colour = [None, Some(Colour::Red), Some(Colour::Green), Some(Colour::Blue), None];
    let mut twice = [None, Some(None), Some(Some(0)), Some(Some(65534)), Some(Some(1))];
    let mut out = [0; 5];
    let _ = device.run(option_of_few(&flag, &mut letter, &mut colour, &mut twice, &mut out))?;
    let colour = colour.map(|colour| colour.map(|colour| colour as u8));
    Ok(Answer::new().exact("letter", &letter).exact("colour", &colour).exact("twice", &twice).exact("out", &out))
}

#[derive(Clone, Copy, Debug, KernelType)]
struct Hit {
    depth: Option<f32>,
    small: u8,
    normal: Option<[i16; 3]>,
    flags: [Option<bool>; 3],
}
struct_numbers!(Hit { depth, small, normal, flags });

#[kernel_fn]
fn nearer(a: Option<Hit>, b: Option<Hit>) -> Option<Hit> {
    match (a, b) {
        (Some(x), Some(y)) => Some(if x.depth? < y.depth? { x } else { y }),
        (a, b) => a.or(b),
    }
}

#[kernel]
fn option_fields(limit: Option<f32>, hits: &[Option<Hit>], i: Index, out: &mut Hit, best: &mut Option<Hit>) {
    *best = nearer(hits[i], hits[(i + 1) % hits.len()]);
    out.depth = limit.or(out.depth);
    if let Some(n) = &mut out.normal {
        n[1] = n[1].saturating_add(5);
    }
    out.normal = out.normal.or_else(|| best.and_then(|hit| hit.normal));
    for flag in &mut out.flags {
        *flag = match *flag {
            Some(flag) => Some(!flag),
            None => best.as_ref().map(|hit| hit.small > 4),
        };
    }
    out.small = out.flags.iter().filter(|flag| **flag == Some(true)).count() as u8;
    let old = out.depth.take();
    out.depth = old.map(|old| old + 0.5);
}

pub(crate) fn options_in_structs(device: &Device) -> Answered<Answer> {
    let hit = |depth, small, normal, flag| Hit { depth, small, normal, flags: [flag, Some(true), None] };
    let hits = [
        Some(hit(Some(1.0), 7, Some([1, i16::MAX, 3]), None)),
        None,
        Some(hit(None, 3, None, Some(false))),
        Some(hit(Some(0.5), 200, Some([-1, 0, 1]), Some(true))),
    ];
    let mut answer = Answer::new();
    for limit in [None, Some(2.5)] {
        let mut out = [hits[0], hits[2], hits[3], hits[2]].map(|hit| hit.expect("there is one"));
        let mut best = [None; 4];
        let _ = device.run(option_fields(limit, &hits, &mut out, &mut best))?;
        answer = answer.exact("out", &out).exact("best", &best);
    }
    Ok(answer)
}

#[kernel]
fn halved(x: &u32) -> Option<u32> {
    (x % 2 == 0).then(|| x / 2)
}

#[kernel]
fn checked(x: &i32, y: &i32) -> (Option<i32>, Option<bool>) {
    (x.checked_div(*y), x.partial_cmp(y).map(|order| order.is_lt()))
}

#[kernel]
fn looked_at(x: &i32) -> Result<Hit, u8> {
    let small = u8::try_from_bits(*x).ok_or(9)?;
    match small {
        0 => Err(0),
        small => Ok(Hit { depth: None, small, normal: Some([1; 3]), flags: [None; 3] }),
    }
}

#[kernel_fn]
trait TryFromBits: Sized {
    fn try_from_bits(x: i32) -> Option<Self>;
}

#[kernel_fn]
impl TryFromBits for u8 {
    fn try_from_bits(x: i32) -> Option<Self> {
        (0..=255).contains(&x).then_some(x as u8)
    }
}

pub(crate) fn options_returned(device: &Device) -> Answered<Answer> {
    let (x, y) = ([i32::MIN, -1, 0, 7, 255, 256], [-1, 0, 1, 2, -3, i32::MAX]);
    let halves = device.collect(halved(&[0, 1, 2, u32::MAX, u32::MAX - 1]))?;
    let pairs = device.collect(checked(&x, &y))?;
    let results = device.collect(looked_at(&x))?;
    Ok(Answer::new().exact("halves", &halves).exact("pairs", &pairs).exact("results", &results))
}

#[kernel]
fn result_items(
    x: &Result<u32, u8>,
    y: &mut Result<(), u16>,
    z: &mut Result<bool, [u8; 3]>,
    all: &[Result<i16, f32>],
    i: Index,
    out: &mut [u32; 2],
) {
    out[0] = match x {
        Ok(x) => x.wrapping_add(1),
        Err(code) => 1000 + *code as u32,
    };
    if let Err(code) = y {
        *code += 1;
    }
    if i % 2 == 0 {
        *y = y.and_then(|()| Err(5)).or_else(|code| if code > 6 { Ok(()) } else { Err(code) });
    }
    *z = match *z {
        Ok(true) => Err([1, 2, 3]),
        Ok(false) => Ok(true),
        Err([a, b, c]) => {
            if a > b {
                Ok(false)
            } else {
                Err([c, a, b])
            }
        }
    };
    out[1] = all.iter().filter_map(|r| r.ok()).map(|x| x as i32).sum::<i32>() as u32;
    if let Err(x) = all[i] {
        out[1] += x as u32;
    }
}

pub(crate) fn results_in_memory(device: &Device) -> Answered<Answer> {
    let x = [Ok(0), Err(0), Ok(u32::MAX), Err(255)];
    let mut y = [Ok(()), Err(5), Err(7), Ok(())];
    let mut z = [Ok(true), Ok(false), Err([1, 2, 3]), Err([3, 2, 1])];
    let all = [Ok(-7), Err(1.5), Ok(i16::MAX), Err(-0.0)];
    let mut out = [[0; 2]; 4];
    let _ = device.run(result_items(&x, &mut y, &mut z, &all, out.as_flattened_mut()))?;
    Ok(Answer::new().exact("y", &y).exact("z", &z).exact("out", &out))
}

#[kernel]
fn wide_options(x: &Option<u64>, y: &mut Option<i64>, z: &mut Option<(u8, i64)>) {
    *y = x.map(|x| x as i64).or(*y).and_then(|y| y.checked_add(1));
    *z = z.map(|(small, wide)| (small.wrapping_add(1), -wide)).or(Some((1, y.unwrap_or(-1))));
}

pub(crate) fn options_of_64_bits(device: &Device) -> Answered<Answer> {
    let x = [None, Some(0), Some(u64::MAX), Some(1 << 40)];
    let mut y = [Some(i64::MAX), None, Some(4), None];
    let mut z = [None, Some((255, i64::MAX)), None, Some((7, 3))];
    let _ = device.run(wide_options(&x, &mut y, &mut z))?;
    Ok(Answer::new().exact("y", &y).exact("z", &z))
}
