//! Items inside kernels, statics, and kernels that macros write.

use landbridge::{Device, Result, each, kernel, kernel_fn};

use super::answer::Answer;

static WEIGHTS: [f32; 4] = [0.5, -1.0, 2.0, 0.25];
static LIMIT: u32 = 7;

#[kernel]
fn with_items(x: &u32, out: &mut [u32; 4]) {
    const STEP: u32 = 3;
    static PRIMES: [u32; 5] = [2, 3, 5, 7, 11];

    fn scaled(x: u32) -> u32 {
        twice(x).wrapping_mul(STEP)
    }

    /// Documented, and used before it is written.
    fn twice(x: u32) -> u32 {
        x.wrapping_add(x)
    }

    fn larger<T: Copy + PartialOrd + landbridge::KernelType>(a: T, b: T) -> T {
        if a > b { a } else { b }
    }

    #[kernel_fn]
    fn first_over(limit: u32, all: &[u32]) -> Option<u32> {
        fn is_over(x: u32, limit: u32) -> bool {
            x > limit
        }
        all.iter().copied().find(|&x| is_over(x, limit))
    }

    out[0] = scaled(*x);
    out[1] = first_over(*x, &PRIMES).unwrap_or(0);
    {
        const STEP_INSIDE: u32 = 5;
        out[2] = larger(*x, STEP_INSIDE).wrapping_add(larger(2, 1));
    }
    out[3] = if *x > LIMIT { (WEIGHTS[*x as usize % 4] * 4.0) as i32 as u32 } else { PRIMES[*x as usize % 5] };
}

pub(crate) fn items_inside_kernels(device: &Device) -> Result<Answer> {
    let x = [0, 1, 4, 5, 7, 8, 9, 10, 11, 1000, u32::MAX];
    let mut out = [0; 44];
    let _ = device.run(with_items(&x, &mut out))?;
    Ok(Answer::new().exact("items", &out))
}

/// Writes kernels: types, expressions, blocks, names and operators come from its callers.
macro_rules! kernels {
    ($($name:ident($t:ty, $x:ident, $y:ident) = $value:expr, $more:block, [$($case:literal => $result:expr),*], $op:tt, $p:pat => $table:ty;)*) => {$(
        #[kernel]
        fn $name($x: &$t, $y: &mut $t, out: &mut [$t; 3], table: &$table) {
            // hygiene: this `kept` is another one than that of `$more`
            let kept = *$x;
            *$y = $value $op kept;
            out[0] = $more;
            out[1] = match kept {
                $($case => $result,)*
                $p => kept,
                _ => $value,
            };
            debug_assert!($value * 2 == ($value) * 2, "{}", $value * 2);
            let doubled = |v: $t| v $op kept;
            out[2] = doubled($value * 2 as $t) - kept + table[1];
        }
    )*};
}

kernels! {
    small(i32, x, y) = *x - 3, { let kept = 5; kept * *x }, [1 => 100, -2 => 200], +, 3..=4 => [i32];
    wide(u32, a, b) = a.rotate_left(3) / 16, { let over = *a > 2; if over { *a } else { 7 } }, [0 => 9], +, 8 | 9 => [u32];
}

macro_rules! helper {
    ($name:ident, $t:ty, |$($p:ident),*| $body:expr) => {
        #[kernel_fn]
        fn $name($($p: $t),*) -> $t {
            $body
        }
    };
}
helper!(blend, f32, |a, b, t| a + (b - a) * t);

macro_rules! sums {
    ($sum:expr) => {
        each!(|x: &i32, y: &mut i32| *y = $sum * 2 - *x)
    };
}

macro_rules! table {
    ($($n:literal),* $(,)?) => { [$($n as f32 / 2.0),*] };
}
const TABLE: [f32; 3] = table![1, 2, 5];

#[kernel]
fn blended(x: &f32) -> f32 {
    blend(TABLE[0], TABLE[2], *x)
}

pub(crate) fn kernels_by_macros(device: &Device) -> Result<Answer> {
    let x = [-2, 0, 1, 3, 4, 1000];
    let (mut y, mut out) = ([0; 6], [0; 18]);
    let _ = device.run(small(&x, &mut y, &mut out, &[1, 20]))?;
    let a = [0, 1, 8, 9, 77];
    let (mut b, mut other) = ([0; 5], [0; 15]);
    let _ = device.run(wide(&a, &mut b, &mut other, &[1, 30]))?;
    let mixed = device.collect(blended(&[0.0, 0.5, 1.0]))?;
    let mut sums = [0; 3];
    let _ = device.run(sums!(1 + 4)(&[1, 2, 3], &mut sums))?;
    let answer = Answer::new().exact("y", &y).exact("out", &out).exact("b", &b).exact("other", &other);
    Ok(answer.exact("mixed", &mixed).exact("sums", &sums))
}

#[kernel_fn]
macro_rules! smallest {
    ($a:expr) => { $a };
    ($a:expr, $($rest:expr),+ $(,)?) => {{
        let t = $a;
        let rest = smallest!($($rest),+);
        if t < rest { t } else { rest }
    }};
}

#[kernel_fn]
macro_rules! horner {
    ($x:expr; $c:literal $(, $rest:literal)*) => {{
        let x = $x;
        let mut sum: u32 = $c;
        $(sum = sum.wrapping_mul(x).wrapping_add($rest);)*
        sum
    }};
}

#[kernel_fn]
macro_rules! unrolled {
    ($n:ident in [$($k:literal),*] $body:block) => { $({ let $n: u32 = $k; $body })* };
}

#[kernel_fn]
macro_rules! digit {
    () => {
        b'0'..=b'8'
    };
}

#[kernel_fn]
macro_rules! found {
    ($slice:expr, $wanted:expr) => {
        'search: {
            for (i, &t) in $slice.iter().enumerate() {
                if t == $wanted {
                    break 'search Some(i);
                }
            }
            None
        }
    };
}

#[kernel_fn]
fn mixed(x: u32, t: u32) -> u32 {
    horner!(x ^ t; 3, 5, 0x9e37_79b9)
}

#[kernel]
fn own_macros_used(x: &u32, table: &[u32], out: &mut [u32; 6]) {
    macro_rules! add {
        ($k:expr, $($v:expr),*) => { out[$k] = out[$k] $(.wrapping_add($v))*; };
    }
    macro_rules! rotated {
        ($v:expr, $by:tt) => {
            ($v << $by) ^ ($v >> (31 - $by))
        };
    }
    // names of the macros and names of the kernel are different ones
    let (t, rest, sum) = (*x % 10, *x / 10, *x ^ 7);
    out[0] = smallest!(rest, t + 1, sum, 4 * t,);
    out[1] = mixed(t, rest);
    unrolled!(k in [1, 2, 5] {
        add!(2, t * k, horner!(k; 1, 1, 1));
    });
    out[3] = match (*x % 64) as u8 {
        digit!() => 1,
        b if matches!(b + 1, digit!()) => 2,
        _ => 3,
    };
    out[4] = found!(table, t).map_or(100, |i| i as u32);
    let wide = rotated!(sum | 1, 5);
    assert!(smallest!(t, 10) < 10 && rotated!(t, 1) == 2 * t, "{}", smallest!(t, rest));
    out[5] = wide;
}

pub(crate) fn own_macros(device: &Device) -> Result<Answer> {
    let x = [0, 1, 9, 10, 48, 57, 58, 12_345, u32::MAX - 1, u32::MAX];
    let mut out = [0; 60];
    let _ = device.run(own_macros_used(&x, &[4, 0, 9, 4, 7], &mut out))?;
    let more = 3;
    let squares = device.collect(each!(|x: &u32| -> u32 { horner!(x % 100 + more; 1, 0, 0) })(&x))?;
    Ok(Answer::new().exact("out", &out).exact("squares", &squares))
}
