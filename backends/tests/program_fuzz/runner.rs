// The program of the scratch crate, around the generated kernels: runs each on one device and on the host, item by item, where it is
// rustc's own code, and says what came of it. Not compiled here; `scratch.rs` writes it.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::prelude::*;
use landbridge::{Error, Result};

#[derive(Clone, Copy, KernelType)]
pub struct In {
    pub f0: i32,
    pub f1: u32,
    pub f2: u8,
    pub f3: i16,
    pub f4: f32,
    pub f5: bool,
    pub f6: i8,
    pub f7: u16,
}

#[derive(Clone, Copy, KernelType)]
pub struct Wide {
    pub f0: i32,
    pub f1: u32,
    pub f2: u8,
    pub f3: i16,
    pub f4: f32,
    pub f5: bool,
    pub f6: i8,
    pub f7: u16,
    pub f8: i64,
    pub f9: u64,
    pub f10: f64,
}

pub struct Tables {
    pub t: Vec<i32>,
    pub u: Vec<u32>,
    pub b: Vec<u8>,
    pub f: Vec<f32>,
}

/// What some forms of kernels take besides.
pub struct Extra {
    /// Which items are to run, where all are launched.
    pub wanted: Vec<u32>,
    pub counts: Counts,
}

type Counts = [u32; 6];

/// What a NaN has besides being one is open, and of which sign a zero is may be lost.
#[kernel_fn]
pub fn word_f32(x: f32) -> u32 {
    if x == 0.0 {
        7
    } else if x.is_nan() {
        9
    } else {
        x.to_bits()
    }
}

#[kernel_fn]
pub fn word_f64(x: f64) -> u32 {
    if x == 0.0 {
        7
    } else if x.is_nan() {
        9
    } else {
        word_u64(x.to_bits())
    }
}

#[kernel_fn]
pub fn word_u64(x: u64) -> u32 {
    (x ^ (x >> 32)) as u32
}

#[kernel_fn]
pub fn mix(a: u32, b: u32) -> u32 {
    a.rotate_left(5).wrapping_mul(0x9e37_79b1) ^ b
}

/// To multiples of 1/4 below 64.
#[kernel_fn]
pub fn cut_f32(x: f32) -> f32 {
    (x * 4.0).trunc() * 0.25 % 64.0
}

#[kernel_fn]
pub fn cut_f64(x: f64) -> f64 {
    (x * 4.0).trunc() * 0.25 % 64.0
}

#[kernel_fn]
pub fn chosen<T: KernelType>(first: bool, a: T, b: T) -> T {
    if first { a } else { b }
}

#[kernel_fn]
pub fn folded(values: &[u32], init: u32, mut f: impl FnMut(u32, u32) -> u32) -> u32 {
    let mut sum = init;
    for v in values {
        sum = f(sum, *v);
    }
    sum
}

macro_rules! twice {
    ($($name:ident $t:ty),*) => {$(
        #[kernel_fn]
        pub fn $name<F: Fn($t) -> $t>(f: F, x: $t) -> $t {
            f(f(x))
        }
    )*};
}
twice!(twice_i8 i8, twice_i16 i16, twice_i32 i32, twice_i64 i64, twice_u8 u8, twice_u16 u16, twice_u32 u32, twice_u64 u64);

#[derive(Clone, Copy, KernelType)]
#[kernel(Add, BitXor, Neg, AddAssign, Index<usize>, IndexMut<usize>)]
pub struct Duo {
    pub a: i32,
    pub b: i32,
}

#[kernel_fn]
impl std::ops::Add for Duo {
    type Output = Duo;
    fn add(self, other: Duo) -> Duo {
        Duo { a: self.a.wrapping_add(other.a), b: self.b.wrapping_mul(other.b) }
    }
}

#[kernel_fn]
impl std::ops::AddAssign for Duo {
    fn add_assign(&mut self, other: Duo) {
        *self = *self + other;
    }
}

#[kernel_fn]
impl std::ops::BitXor for Duo {
    type Output = Duo;
    fn bitxor(self, other: Duo) -> Duo {
        Duo { a: self.a ^ other.a, b: self.b ^ other.b }
    }
}

#[kernel_fn]
impl std::ops::Neg for Duo {
    type Output = Duo;
    fn neg(self) -> Duo {
        Duo { a: self.a.wrapping_neg(), b: !self.b }
    }
}

#[kernel_fn]
impl std::ops::Index<usize> for Duo {
    type Output = i32;
    fn index(&self, at: usize) -> &i32 {
        if at == 0 { &self.a } else { &self.b }
    }
}

#[kernel_fn]
impl std::ops::IndexMut<usize> for Duo {
    fn index_mut(&mut self, at: usize) -> &mut i32 {
        if at == 0 { &mut self.a } else { &mut self.b }
    }
}

pub trait Sided {
    const SIDES: u32;

    #[kernel_fn]
    fn area(&self, by: u32) -> u32;

    #[kernel_fn]
    fn outline(&self, by: u32) -> u32 {
        self.area(by).rotate_left(Self::SIDES).wrapping_sub(by)
    }
}

#[kernel_fn]
impl Sided for Duo {
    const SIDES: u32 = 4;
    fn area(&self, by: u32) -> u32 {
        (self.a as u32).wrapping_mul(self.b as u32) ^ by
    }
}

#[kernel_fn]
impl Sided for Tri<u8> {
    const SIDES: u32 = 3;
    fn area(&self, by: u32) -> u32 {
        by.wrapping_add(self.all[0] as u32)
    }
    fn outline(&self, by: u32) -> u32 {
        if by > 9 { self.area(by) } else { self.all[(by % 3) as usize] as u32 }
    }
}

#[derive(Clone, Copy, KernelType)]
pub struct Tri<T> {
    pub all: [T; 3],
}

#[kernel_fn]
pub fn sided<T: Sided + KernelValue>(of: &T, by: u32) -> u32 {
    of.outline(by).wrapping_add(T::SIDES)
}

#[kernel_fn]
pub fn turned<T: KernelValue, const N: usize>(from: [T; N], by: usize) -> [T; N] {
    let mut to = from;
    for k in 0..N {
        to[(k + by) % N] = from[k];
    }
    to
}

#[kernel_fn]
pub fn swapped<A: KernelValue, B: KernelValue>(pair: (A, B)) -> (B, A) {
    let (a, b) = pair;
    (b, a)
}

struct Random(u64);

impl Random {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Rather small numbers and those at the ends.
    fn number(&mut self) -> u64 {
        let word = self.word();
        match word >> 61 {
            0 => word,
            1 => 0,
            2 => u64::MAX,
            3 => 1 << (word % 64),
            4 => (1 << (word % 64)) - 1,
            5 => (word % 16).wrapping_neg(),
            _ => word % 64,
        }
    }

    fn quarters(&mut self) -> f32 {
        ((self.word() % 511) as f32 - 255.0) * 0.25
    }

    fn item(&mut self) -> In {
        In {
            f0: self.number() as i32,
            f1: self.number() as u32,
            f2: self.number() as u8,
            f3: self.number() as i16,
            f4: self.quarters(),
            f5: self.word() % 2 == 0,
            f6: self.number() as i8,
            f7: self.number() as u16,
        }
    }

    fn wide(&mut self) -> Wide {
        let In { f0, f1, f2, f3, f4, f5, f6, f7 } = self.item();
        let (f8, f9, f10) = (self.number() as i64, self.number(), self.quarters().into());
        Wide { f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10 }
    }

    fn tables(&mut self) -> Tables {
        Tables {
            t: (0..7).map(|_| self.number() as i32).collect(),
            u: (0..5).map(|_| self.number() as u32).collect(),
            b: (0..16).map(|_| self.number() as u8).collect(),
            f: (0..4).map(|_| self.quarters()).collect(),
        }
    }
}

const ITEMS: usize = 24;
const WORDS: usize = 8;

type Run<T> = fn(&Device, &[T], &Tables, &mut Extra, &mut [u32]) -> Result<()>;

pub enum Kernel {
    Narrow(Run<In>),
    Wide(Run<Wide>),
}

enum Input {
    Narrow(Run<In>, Vec<In>),
    Wide(Run<Wide>, Vec<Wide>),
}

/// A kernel with its input.
struct Case {
    input: Input,
    tables: Tables,
    /// Items know where they are: all are launched, and those that are not wanted do nothing.
    placed: bool,
}

type Words = [u32; WORDS];

/// What tells a panic from another.
#[derive(Clone, Debug, PartialEq)]
struct Panic {
    message: String,
    file: String,
    line: u32,
    index: Option<(u64, u64)>,
}

impl Panic {
    /// Some of std's functions panic in its own files, `sum` for one; kernels say which line of theirs it was. Where rustc breaks
    /// lines in the text of a long assertion is its own affair.
    fn is(&self, other: &Panic) -> bool {
        let at = |panic: &Panic| (panic.file.clone(), panic.line);
        let anywhere = self.file.starts_with("/rustc/");
        // rustc lays out a long condition of `assert!` anew, with commas at its lines' ends.
        let layout = |c: &char| !c.is_whitespace() && *c != ',';
        let message = |panic: &Panic| panic.message.chars().filter(layout).collect::<String>();
        message(self) == message(other) && self.index == other.index && (anywhere || at(self) == at(other))
    }
}

enum Outcome {
    Done(Vec<Words>),
    Panicked(usize, Panic),
    Failed(Error),
}

/// What counters begin with.
const COUNTS: Counts = [0, u32::MAX, 5, 0, u32::MAX, 9];

/// What rustc's code gives for each item, and what those that do not panic count together.
type Native = (Vec<std::result::Result<Words, Panic>>, Counts);

impl Case {
    fn new(kernel: &Kernel, placed: bool, seed: u64) -> Self {
        let mut random = Random(seed);
        let input = match *kernel {
            Kernel::Narrow(run) => Input::Narrow(run, (0..ITEMS).map(|_| random.item()).collect()),
            Kernel::Wide(run) => Input::Wide(run, (0..ITEMS).map(|_| random.wide()).collect()),
        };
        Case { input, tables: random.tables(), placed }
    }

    /// Runs only these items.
    fn run(&self, device: &Device, items: &[usize], counts: &mut Counts) -> Outcome {
        let wanted = (0..ITEMS).map(|k| u32::from(items.contains(&k))).collect();
        let mut extra = Extra { wanted, counts: *counts };
        let launched: Vec<usize> = if self.placed { (0..ITEMS).collect() } else { items.to_vec() };
        let mut out: Vec<u32> = launched.iter().flat_map(|k| (0..WORDS).map(move |w| (k * 8 + w) as u32)).collect();
        let done = match &self.input {
            Input::Narrow(run, all) => {
                let given: Vec<In> = launched.iter().map(|k| all[*k]).collect();
                run(device, &given, &self.tables, &mut extra, &mut out)
            }
            Input::Wide(run, all) => {
                let given: Vec<Wide> = launched.iter().map(|k| all[*k]).collect();
                run(device, &given, &self.tables, &mut extra, &mut out)
            }
        };
        match done {
            Ok(()) => {
                *counts = extra.counts;
                let results = launched.iter().zip(out.chunks_exact(WORDS)).filter(|(k, _)| items.contains(k));
                Outcome::Done(results.map(|(_, words)| words.try_into().unwrap()).collect())
            }
            Err(Error::KernelPanic { message, file, line, work_item, index, length, .. }) => {
                Outcome::Panicked(launched[work_item], Panic { message, file, line, index: index.zip(length) })
            }
            Err(error) => Outcome::Failed(error),
        }
    }

    fn native(&self) -> std::result::Result<Native, String> {
        let host = Device::host();
        let mut counts = COUNTS;
        let one = |k| match self.run(&host, &[k], &mut counts) {
            Outcome::Done(words) => Ok(Ok(words[0])),
            Outcome::Panicked(_, panic) => Ok(Err(panic)),
            Outcome::Failed(error) => Err(format!("the host: {error}")),
        };
        let all = (0..ITEMS).map(one).collect::<std::result::Result<_, _>>()?;
        Ok((all, counts))
    }

    fn check(&self, device: &Device) -> String {
        let (native, counted) = match self.native() {
            Ok(native) => native,
            Err(error) => return format!("DIFFER {error}"),
        };
        let all: Vec<usize> = (0..ITEMS).collect();
        let (good, bad): (Vec<usize>, Vec<usize>) = all.iter().partition(|k| native[**k].is_ok());
        let mut launches = vec![&all[..]];
        if !bad.is_empty() {
            if !good.is_empty() {
                launches.push(&good);
            }
            launches.extend(bad.chunks(1).take(3));
        }
        for items in launches {
            let mut counts = COUNTS;
            let differs = match self.run(device, items, &mut counts) {
                Outcome::Failed(error @ Error::Unsupported { .. }) => return format!("LACK {error}"),
                Outcome::Failed(error) => Some(error.to_string()),
                Outcome::Panicked(item, panic) => {
                    let agrees = native[item].as_ref().is_err_and(|expected| expected.is(&panic));
                    (!agrees).then(|| format!("item {item}: {panic:?} instead of {:?}", native[item]))
                }
                Outcome::Done(_) if counts != counted && items.len() == good.len() => {
                    Some(format!("counted {counts:?} instead of {counted:?}"))
                }
                Outcome::Done(words) => items.iter().zip(words).find_map(|(item, words)| {
                    let expected = &native[*item];
                    (expected.as_ref() != Ok(&words)).then(|| format!("item {item}: {words:?} instead of {expected:?}"))
                }),
            };
            if let Some(why) = differs {
                return format!("DIFFER {} of {} panic: {why}", bad.len(), ITEMS);
            }
        }
        format!("AGREE {}", bad.len())
    }
}

fn device(wanted: &str) -> Device {
    match wanted {
        "host" => Device::host(),
        "interpreter" => suite::interpreter::device(),
        _ => {
            let mut all = Device::all().into_iter().filter(|device| device.info().id.starts_with("wgpu"));
            all.next().expect("an adapter").without_fallback()
        }
    }
}

/// Device, first kernel, then whether kernels whose floats are free run too.
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let wanted = &arguments[1];
    let first: usize = arguments[2].parse().expect("a number");
    let device = device(wanted);
    println!("DEVICE {}", device.info());
    for (name, kernel, free, placed, seed) in KERNELS.iter().skip(first) {
        println!("BEGIN {name}");
        if *free && wanted == "wgpu" {
            println!("LACK floats as written");
            continue;
        }
        let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Case::new(kernel, *placed, *seed).check(&device)));
        let said = said.unwrap_or_else(|_| "DIFFER the library panicked".to_owned());
        println!("{}", said.replace('\n', " "));
    }
}
