//! Users' traits in kernels: constants, default methods, generic methods; all operator traits.

use std::ops::{
    Add, AddAssign, BitAnd, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign, Index, IndexMut, Mul, Neg, Not,
    Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};

use landbridge::types::KernelValue;
use landbridge::{Device, KernelType, Result, kernel, kernel_fn};
use num_traits::Float;

use super::answer::Answer;

trait Binned {
    const BINS: usize;
    const WEIGHT: u32 = 3;

    #[kernel_fn]
    fn key(&self) -> u32;

    #[kernel_fn]
    fn bin(&self) -> usize {
        self.key() as usize % Self::BINS
    }

    #[kernel_fn]
    fn weighted(&self, by: u32) -> u32 {
        self.key().wrapping_mul(Self::WEIGHT).wrapping_add(by)
    }
}

#[derive(Clone, Copy, Debug, KernelType)]
struct Narrow(u32);

#[derive(Clone, Copy, Debug, KernelType)]
struct Wide {
    low: u32,
    high: u32,
}

#[kernel_fn]
impl Binned for Narrow {
    const BINS: usize = 4;
    fn key(&self) -> u32 {
        self.0
    }
}

#[kernel_fn]
impl Binned for Wide {
    const BINS: usize = 7;
    const WEIGHT: u32 = 5;
    fn key(&self) -> u32 {
        self.low ^ self.high
    }
    fn weighted(&self, by: u32) -> u32 {
        self.high.wrapping_mul(Self::WEIGHT).wrapping_sub(by)
    }
}

#[kernel_fn]
fn described<T>(item: &T, by: u32) -> u32
where
    T: Binned + KernelValue,
{
    item.weighted(by).wrapping_add((T::BINS * item.bin()) as u32)
}

#[kernel_fn]
fn keyed(item: &(impl Binned + KernelValue), times: impl Into<u32> + KernelValue) -> u32 {
    item.key().wrapping_mul(times.into())
}

#[kernel]
fn binned<T: Binned + KernelValue>(x: &T, out: &mut [u32; 4]) {
    out[0] = x.bin() as u32;
    out[1] = described(x, 2);
    out[2] = T::WEIGHT + T::BINS as u32 + <T as Binned>::WEIGHT;
    out[3] = keyed(x, 3_u8);
}

pub(crate) fn constants_and_default_methods(device: &Device) -> Result<Answer> {
    let (mut narrow, mut wide) = ([0; 12], [0; 8]);
    let _ = device.run(binned(&[Narrow(0), Narrow(9), Narrow(u32::MAX)], &mut narrow))?;
    let _ = device.run(binned(&[Wide { low: 1, high: 30 }, Wide { low: u32::MAX, high: 0 }], &mut wide))?;
    Ok(Answer::new().exact("narrow", &narrow).exact("wide", &wide))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, KernelType)]
struct Line {
    from: f32,
    to: f32,
}

trait Sampled {
    #[kernel_fn]
    fn at<T: Float + KernelValue + Into<f64>>(&self, t: T) -> T;
}

#[kernel_fn]
impl Sampled for Narrow {
    fn at<T: Float + KernelValue + Into<f64>>(&self, t: T) -> T {
        if self.0 > 3 { t + t } else { t * t + T::one() }
    }
}

impl Line {
    const ENDS: usize = 2;

    #[kernel_fn]
    fn pick<T: KernelValue>(&self, lower: T, upper: T) -> T {
        if self.from < self.to { lower } else { upper }
    }

    #[kernel_fn]
    fn count<const N: usize, T: KernelValue>(self, of: &[T; N]) -> usize {
        let mut n = 0;
        for _ in of {
            n += N * Self::ENDS;
        }
        n
    }

    #[kernel_fn(associated)]
    fn wrapped<T: KernelValue, const N: usize>(value: T) -> [T; N] {
        [value; N]
    }

    #[kernel_fn]
    fn folded<T: KernelValue, F: Fn(T, T) -> T>(&self, values: &[T], first: T, f: F) -> T {
        let mut so_far = first;
        for v in values {
            so_far = f(so_far, *v);
        }
        so_far
    }
}

#[kernel]
fn generic_methods(line: &Line, table: &[u32], out: &mut [u32; 8]) {
    out[0] = line.pick(1, 2_u32);
    out[1] = line.pick(1.5_f32, 2.5).to_bits();
    out[2] = line.pick([1_u32, 2], [3, 4])[1];
    out[3] = line.count(&[0_u8; 5]) as u32;
    out[4] = Line::wrapped::<u32, 3>(7)[2];
    out[5] = line.folded(table, 1, |a, b| a.wrapping_mul(3) ^ b);
    out[6] = line.folded(&[1_i32, -2, 3], 0, |a, b| a - b) as u32;
    out[7] = Narrow(out[0] + 2).at(1.5_f32).to_bits();
}

pub(crate) fn methods_with_type_parameters(device: &Device) -> Result<Answer> {
    let mut out = [0; 16];
    let lines = [Line { from: 0.0, to: 1.0 }, Line { from: f32::NAN, to: 0.0 }];
    let _ = device.run(generic_methods(&lines, &[5, 6, u32::MAX], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, KernelType)]
#[kernel(Add, Sub, Mul, Div, Rem, BitAnd, BitOr, BitXor, Shl<u32>, Shr<u32>, Neg, Not)]
#[kernel(AddAssign, SubAssign, DivAssign, RemAssign, BitOrAssign, BitXorAssign, ShlAssign<u32>, ShrAssign<u32>)]
struct Ring(u32);

macro_rules! operator {
    ($($trait:ident $name:ident |$a:ident, $b:ident| $value:expr;)*) => {$(
        #[kernel_fn]
        impl $trait for Ring {
            type Output = Ring;
            fn $name(self, other: Ring) -> Ring {
                let ($a, $b) = (self.0, other.0);
                Ring($value)
            }
        }
    )*};
}
operator! {
    Add add |a, b| a.wrapping_add(b);
    Sub sub |a, b| a.wrapping_sub(b);
    Mul mul |a, b| a.wrapping_mul(b);
    Div div |a, b| a.wrapping_mul(3) / (b | 1);
    Rem rem |a, b| if b == 0 { a } else { a % b };
    BitAnd bitand |a, b| a & b;
    BitOr bitor |a, b| a | b;
    BitXor bitxor |a, b| a ^ b;
}

macro_rules! assigned {
    ($($trait:ident $name:ident $op:tt;)*) => {$(
        #[kernel_fn]
        impl $trait for Ring {
            fn $name(&mut self, other: Ring) {
                *self = *self $op other;
            }
        }
    )*};
}
assigned! {
    AddAssign add_assign +;
    SubAssign sub_assign -;
    DivAssign div_assign /;
    RemAssign rem_assign %;
    BitOrAssign bitor_assign |;
    BitXorAssign bitxor_assign ^;
}

#[kernel_fn]
impl Shl<u32> for Ring {
    type Output = Ring;
    fn shl(self, by: u32) -> Ring {
        Ring(self.0.wrapping_shl(by))
    }
}

#[kernel_fn]
impl Shr<u32> for Ring {
    type Output = Ring;
    fn shr(self, by: u32) -> Ring {
        Ring(self.0.wrapping_shr(by))
    }
}

#[kernel_fn]
impl ShlAssign<u32> for Ring {
    fn shl_assign(&mut self, by: u32) {
        self.0 = self.0.wrapping_shl(by);
    }
}

#[kernel_fn]
impl ShrAssign<u32> for Ring {
    fn shr_assign(&mut self, by: u32) {
        *self = *self >> by;
    }
}

#[kernel_fn]
impl Neg for Ring {
    type Output = Ring;
    fn neg(self) -> Ring {
        Ring(self.0.wrapping_neg())
    }
}

#[kernel_fn]
impl Not for Ring {
    type Output = Ring;
    fn not(self) -> Ring {
        Ring(!self.0)
    }
}

/// The same by the operators of a type parameter.
#[kernel_fn]
fn mixed<T>(a: T, b: T) -> T
where
    T: KernelValue + Add<Output = T> + Neg<Output = T> + Rem<Output = T> + AddAssign + Not<Output = T>,
{
    let mut c = a + b;
    c += -a;
    !(c % b)
}

#[kernel]
fn all_operators(a: &Ring, b: &Ring, out: &mut [Ring; 10]) {
    let (a, b) = (*a, *b);
    out[0] = a + b - a * b;
    out[1] = a / b;
    out[2] = a % b;
    out[3] = (a & b) | (a ^ b);
    out[4] = (a << 3) ^ (b >> 33);
    out[5] = -a;
    out[6] = !b;
    let mut c = a;
    c += b;
    c -= Ring(3);
    c ^= a;
    c |= Ring(8);
    out[7] = c;
    c <<= 2;
    c >>= 1;
    c %= Ring(1000);
    c /= b;
    out[8] = c;
    out[9] = mixed(a, b);
}

pub(crate) fn all_users_operators(device: &Device) -> Result<Answer> {
    let edges = [0, 1, 7, 0x8000_0000, u32::MAX];
    let (a, b): (Vec<_>, Vec<_>) = edges.iter().flat_map(|a| edges.iter().map(|b| (Ring(*a), Ring(*b)))).unzip();
    let mut out = vec![Ring(0); a.len() * 10];
    let _ = device.run(all_operators(&a, &b, &mut out))?;
    Ok(Answer::new().exact("rings", &out.iter().map(|r| r.0).collect::<Vec<_>>()))
}

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel(Index<usize>, IndexMut<usize>, Index<(usize, usize)>, IndexMut<(usize, usize)>)]
struct Matrix<const R: usize, const C: usize> {
    rows: [[u32; C]; R],
    written: u32,
}

#[kernel_fn]
impl<const R: usize, const C: usize> Index<usize> for Matrix<R, C> {
    type Output = [u32; C];
    fn index(&self, row: usize) -> &[u32; C] {
        &self.rows[row]
    }
}

#[kernel_fn]
impl<const R: usize, const C: usize> IndexMut<usize> for Matrix<R, C> {
    fn index_mut(&mut self, row: usize) -> &mut [u32; C] {
        self.written += 1;
        &mut self.rows[row]
    }
}

#[kernel_fn]
impl<const R: usize, const C: usize> Index<(usize, usize)> for Matrix<R, C> {
    type Output = u32;
    fn index(&self, at: (usize, usize)) -> &u32 {
        &self.rows[at.0][at.1]
    }
}

#[kernel_fn]
impl<const R: usize, const C: usize> IndexMut<(usize, usize)> for Matrix<R, C> {
    fn index_mut(&mut self, at: (usize, usize)) -> &mut u32 {
        self.written += 10;
        &mut self.rows[at.0][at.1]
    }
}

#[kernel_fn]
fn bumped(place: &mut u32) -> u32 {
    *place += 1;
    *place
}

#[kernel]
fn indexed(x: &u32, out: &mut [u32; 8]) {
    let mut m = Matrix::<3, 2> { rows: [[1, 2], [3, 4], [5, *x]], written: 0 };
    let i = (*x % 3) as usize;
    m[(i, 1)] = 7;
    m[2] = [8, m[(i, 0)]];
    m[1][0] ^= m[i][1];
    m[(0, 0)] += m[(1, 1)];
    out[0] = bumped(&mut m[(0, 1)]);
    out[1] = m[0].iter().sum::<u32>();
    for v in &mut m[1] {
        *v *= 2;
    }
    out[2] = m[(1, 0)] + m[1][1];
    out[3] = m.written;
    let row = &m[2];
    out[4] = row[0] + row[1];
}

pub(crate) fn users_index(device: &Device) -> Result<Answer> {
    let mut out = [0; 32];
    let _ = device.run(indexed(&[0, 1, 2, 1000], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[derive(Clone, Copy, KernelType)]
struct Kelvin(f32);

#[derive(Clone, Copy, KernelType)]
struct Celsius(f32);

#[derive(Clone, Copy, KernelType)]
struct Span {
    least: Kelvin,
    most: Kelvin,
}

#[kernel_fn]
impl From<Celsius> for Kelvin {
    fn from(Celsius(c): Celsius) -> Self {
        Kelvin(c + 273.0)
    }
}

#[kernel_fn]
impl From<(f32, f32)> for Kelvin {
    fn from((k, more): (f32, f32)) -> Self {
        Kelvin(k + more)
    }
}

#[kernel_fn]
impl Default for Span {
    fn default() -> Self {
        Span { least: Kelvin(1.0), most: Kelvin::from(Celsius(27.0)) }
    }
}

#[kernel_fn]
fn from_byte<T: From<u8> + KernelType>(byte: u8) -> T {
    T::from(byte)
}

#[kernel]
#[allow(clippy::useless_conversion, reason = "a type comes from itself, too")]
fn converted(x: &f32, byte: &u8, out: &mut [f32; 6]) {
    let span = Span { least: Kelvin::from(Celsius(*x)), ..Span::default() };
    out[0] = span.least.0;
    out[1] = span.most.0;
    out[2] = Kelvin::from(Kelvin::from((*x, 2.0))).0;
    out[3] = f32::from(*byte) + f32::from(*x > 1.0);
    out[4] = from_byte::<f32>(*byte);
    out[5] = from_byte::<u32>(*byte) as f32;
}

pub(crate) fn conversions_and_defaults(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 12];
    let _ = device.run(converted(&[1.0, 2.5], &[7, 255], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[derive(Clone, Copy, Debug, KernelType)]
#[kernel_type(PartialEq)]
struct Level(u8);

#[derive(Clone, Copy, Debug, KernelType)]
struct TooHigh {
    by: u32,
}

#[kernel_fn]
impl TryFrom<u32> for Level {
    type Error = TooHigh;

    fn try_from(value: u32) -> std::result::Result<Self, Self::Error> {
        match u8::try_from(value) {
            Ok(small) if small < 100 => Ok(Level(small)),
            _ => Err(TooHigh { by: value - 99 }),
        }
    }
}

#[kernel_fn]
impl From<bool> for Level {
    fn from(full: bool) -> Self {
        Level(if full { 99 } else { 0 })
    }
}

#[kernel_fn]
fn higher(x: u32, y: i64) -> std::result::Result<Level, TooHigh> {
    let first: Level = x.try_into()?;
    let second = Level::try_from(y as u32 & 127)?;
    Ok(if first.0 > second.0 { first } else { second })
}

#[kernel]
fn tries(x: &u32, y: &i32, out: &mut [i32; 8], all: &mut [bool; 8]) {
    out[0] = match higher(*x, *y as i64) {
        Ok(Level(level)) => level as i32,
        Err(TooHigh { by }) => -(by as i32 & 0xffff),
    };
    out[1] = u8::try_from(*y).map_or(-1, |y| y.into());
    out[2] = i16::try_from(*x).map_or(-1, i32::from);
    let small: std::result::Result<i8, _> = (*y).try_into();
    out[3] = small.map_or(1000, |small| small as i32);
    out[4] = u32::try_from(*y).is_ok() as i32 + 2 * i32::try_from(*x).is_err() as i32;
    let level: Level = (*y > 0).into();
    out[5] = level.0.into();
    out[6] = (*x as u8).into();
    let letter: char = (*x as u8).into();
    out[7] = u32::from(letter) as i32;
    let index: usize = (*x % 8).try_into().unwrap();
    all[index] = level == Level::from(true);
    all[7] = u16::try_from(index).is_ok() & usize::try_from(*y).is_err();
}

pub(crate) fn conversions_that_may_fail(device: &Device) -> Result<Answer> {
    let x = [0, 1, 99, 100, 127, 255, 256, 65535, 1 << 31, u32::MAX];
    let y = [0, -1, 127, 128, -128, -129, 255, 256, i32::MIN, i32::MAX];
    let (mut out, mut all) = ([[0; 8]; 10], [[false; 8]; 10]);
    let _ = device.run(tries(&x, &y, out.as_flattened_mut(), all.as_flattened_mut()))?;
    Ok(Answer::new().exact("out", &out).exact("all", &all))
}
