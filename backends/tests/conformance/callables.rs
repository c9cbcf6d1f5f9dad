//! Helpers that take closures and functions, and closures that own what they use.

use landbridge::{Device, KernelType, Result, each, kernel, kernel_fn};

use super::answer::Answer;

#[kernel_fn]
fn integrate(f: impl Fn(f32) -> f32, a: f32, b: f32, n: u32) -> f32 {
    let step = (b - a) / n as f32;
    let mut sum = 0.0;
    for k in 0..n {
        sum += f(a + k as f32 * step);
    }
    sum * step
}

#[kernel_fn]
fn doubled(x: f32) -> f32 {
    x * 2.0
}

/// Returns from inside two loops.
#[kernel_fn]
fn first_where<F: Fn(u32) -> bool>(values: &[u32], test: F) -> u32 {
    for chunk in values.chunks(3) {
        for v in chunk {
            if test(*v) {
                return *v;
            }
        }
    }
    u32::MAX
}

#[kernel_fn]
fn fold_up<T, F>(values: &[T], init: T, mut f: F) -> T
where
    T: landbridge::types::KernelValue,
    F: FnMut(T, &T) -> T,
{
    let mut sum = init;
    for v in values {
        sum = f(sum, v);
    }
    sum
}

#[kernel_fn]
fn twice<F: Fn(u32) -> u32>(f: F, x: u32) -> u32 {
    f(f(x))
}

#[kernel_fn]
fn four_times(f: impl Fn(u32) -> u32, x: u32) -> u32 {
    let once = twice(&f, x);
    let f2 = |y| twice(&f, y);
    twice(f2, x).wrapping_add(once)
}

#[kernel_fn]
fn for_all(n: u32, visit: &mut dyn FnMut(u32)) {
    for k in 0..n {
        visit(k);
    }
}

#[kernel_fn]
fn pointed(f: fn(u32, u32) -> u32, a: u32, b: u32) -> u32 {
    f(a, f(b, a))
}

#[kernel_fn]
fn next(x: u32) -> u32 {
    x.wrapping_mul(3).wrapping_add(1)
}

#[kernel_fn]
fn change_all(values: &mut [u32; 4], change: impl Fn(&mut u32, usize)) {
    for i in 0..values.len() {
        change(&mut values[i], i);
    }
}

#[derive(Clone, Copy, Debug, KernelType)]
struct Grid {
    cells: [u32; 4],
}

impl Grid {
    #[kernel_fn]
    fn sum_of(&self, f: impl Fn(u32) -> u32) -> u32 {
        let mut sum = 0_u32;
        for c in self.cells {
            sum = sum.wrapping_add(f(c));
        }
        sum
    }

    #[kernel_fn]
    fn update<F: FnMut(&mut u32)>(&mut self, mut f: F) {
        for i in 0..4 {
            f(&mut self.cells[i]);
        }
    }

    #[kernel_fn(associated)]
    fn made(f: impl Fn(u32) -> u32) -> Grid {
        Grid { cells: [f(0), f(1), f(2), f(3)] }
    }
}

#[kernel]
fn call_with_closures(factor: u32, x: &u32, table: &[u32], out: &mut [u32; 12]) {
    out[0] = first_where(table, |v| v % factor == 0 && v > *x);
    out[1] = first_where(table, |_| false);
    out[2] = fold_up(table, 0_u32, |a, b| a.wrapping_mul(31).wrapping_add(*b));
    let mut calls = 0;
    out[3] = fold_up(table, *x, |a, b| {
        calls += 1;
        if calls % 2 == 0 { a ^ *b } else { a }
    });
    out[4] = calls;
    out[5] = twice(next, *x);
    out[6] = four_times(|v| v ^ factor, *x).wrapping_add(four_times(next, *x));
    let mut seen = 0_u32;
    for_all(5, &mut |k| seen = seen * 10 + k);
    out[7] = seen;
    out[8] = pointed(u32::max, *x, factor).wrapping_add(pointed(u32::wrapping_sub, *x, factor));
    let mut values = [1, 2, 3, *x];
    change_all(&mut values, |v, i| *v = v.wrapping_add(i as u32));
    out[9] = fold_up(&values, 1, |a, v| a.wrapping_mul(*v));
    let mut grid = Grid::made(|k| k + factor);
    grid.update(|c| *c = c.wrapping_mul(*x));
    out[10] = grid.sum_of(next).wrapping_add(grid.sum_of(|c| c & 1));
    let step = next;
    out[11] = step(twice(step, 1));
}

pub(crate) fn closures_as_parameters(device: &Device) -> Result<Answer> {
    let table: Vec<u32> = (0..17).map(|k| k * 7 % 23).collect();
    let mut out = [0; 48];
    let _ = device.run(call_with_closures(3, &[0, 5, u32::MAX, 22], &table, &mut out))?;
    let mut empty = [0; 12];
    let _ = device.run(call_with_closures(1, &[9], &[], &mut empty))?;
    Ok(Answer::new().exact("out", &out).exact("an empty table", &empty))
}

#[kernel]
fn integrals(x: &f32, out: &mut [f32; 3]) {
    let k = *x;
    out[0] = integrate(|t| t * k, 0.0, 1.0, 8);
    out[1] = integrate(doubled, 0.0, 2.0, 4);
    out[2] = integrate(f32::abs, -1.0, 1.0, 4);
}

pub(crate) fn integrals_of_closures(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 12];
    let _ = device.run(integrals(&[0.0, -1.0, 4.0, 0.5], &mut out))?;
    Ok(Answer::new().exact("sums", &out))
}

#[kernel_fn]
fn drawn<F: FnMut() -> u32>(mut next: F) -> u32 {
    let first = next();
    first.wrapping_mul(100).wrapping_add(next())
}

#[kernel]
fn call_movers(x: &u32, out: &mut [u32; 8]) {
    let mut state = *x;
    let start = state;
    let plus = move |y: u32| y.wrapping_add(start);
    out[0] = plus(1) ^ plus(2);
    let mut count = move || {
        state = state.wrapping_mul(5).wrapping_add(1);
        state
    };
    // A copy of the closure has its own copy of `state`.
    out[1] = drawn(count);
    out[2] = count();
    out[3] = drawn(&mut count);
    out[4] = count();
    state = 7;
    out[5] = state;
    let mut total = 100;
    out[6] = (0..4_u32)
        .map(move |v| {
            total += v;
            total
        })
        .sum::<u32>();
    out[7] = total;
}

pub(crate) fn closures_that_move(device: &Device) -> Result<Answer> {
    let mut out = [0; 24];
    let _ = device.run(call_movers(&[0, 3, u32::MAX], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

pub(crate) fn closures_inside_each(device: &Device) -> Result<Answer> {
    let mut out = [0; 5];
    let bias = 11_u32;
    let _ = device.run(each!(|x: &u32, out: &mut u32| *out = twice(|v| v.wrapping_mul(3) ^ bias, *x))(
        &[0, 1, 2, 3, u32::MAX],
        &mut out,
    ))?;
    Ok(Answer::new().exact("out", &out))
}

#[kernel_fn]
#[expect(clippy::too_many_arguments, reason = "as many as that are allowed")]
fn eighteen(
    a: u32,
    b: u32,
    c: u32,
    d: u32,
    e: u32,
    f: u32,
    g: u32,
    h: u32,
    i: u32,
    j: u32,
    k: u32,
    l: u32,
    m: u32,
    n: u32,
    o: u32,
    p: u32,
    q: impl FnOnce(u32) -> u32,
    r: &[u32],
) -> u32 {
    q(a + b * 2 + c * 3 + d + e + f + g + h * 7 + i + j + k + l + m + n + o + p * 5) ^ r[0]
}

#[kernel]
fn call_with_eighteen(x: &u32, out: &mut u32) {
    let t = [*x % 7, 2];
    let k = t[0];
    *out = eighteen(k, 2, 3, 4, 5, k, 7, 8, 9, 10, 11, 12, 13, 14, k, 16, |v| v * k + 1, &t);
}

pub(crate) fn functions_of_eighteen_parameters(device: &Device) -> Result<Answer> {
    let mut out = [0; 3];
    let _ = device.run(call_with_eighteen(&[0, 5, u32::MAX], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

#[derive(Clone, Copy, KernelType)]
#[repr(u8)]
enum Refused {
    Negative,
    Large(i32),
}

#[kernel_fn]
fn accepted(x: i32) -> core::result::Result<i32, Refused> {
    match x {
        ..0 => Err(Refused::Negative),
        9.. => Err(Refused::Large(x)),
        x => Ok(x),
    }
}

#[kernel_fn]
fn code(outcome: core::result::Result<i32, Refused>) -> i32 {
    match outcome {
        Ok(x) => x,
        Err(Refused::Negative) => -1,
        Err(Refused::Large(x)) => x.wrapping_mul(100),
    }
}

#[kernel]
#[allow(clippy::redundant_closure_call, reason = "closures are what this is about")]
fn left_early(x: &i32, out: &mut [i32; 8]) {
    let folded = |v: i32| {
        if v < 0 {
            return -1;
        }
        v / 2
    };
    out[0] = folded(*x);
    let root = |v: i32| {
        for k in 0..10 {
            if k * k > v {
                return k;
            }
        }
        99
    };
    out[1] = root(*x);
    let mut odd = 0;
    let mut count = |v: i32| {
        if v % 2 == 0 {
            return;
        }
        odd += 1;
    };
    count(*x);
    count(x.wrapping_add(1));
    out[2] = odd;
    let less = |v: i32| -> Option<i32> {
        let less = v.checked_sub(3)?;
        if less < 0 { None } else { Some(less) }
    };
    out[3] = less(*x).unwrap_or(1000);
    let product = |a: i32, b: i32| Ok(accepted(a)? * accepted(b)?);
    out[4] = code(product(*x, x.wrapping_add(3)));
    out[5] = (0..5)
        .map(|k: i32| {
            if k == 2 {
                return 100;
            }
            k.wrapping_mul(*x)
        })
        .fold(0, |a: i32, b| a.wrapping_add(b));
    out[6] = (0..9)
        .filter_map(|k: i32| {
            let times = k.checked_mul(*x)?;
            if times > 20 {
                return None;
            }
            Some(times)
        })
        .fold(0, |a: i32, b| a.wrapping_add(b));
    // One closure in another: each is left by its own `return`.
    let outer = |v: i32| {
        let inner = |w: i32| {
            if w == 3 {
                return 30;
            }
            w
        };
        if inner(v) == 30 {
            return 7;
        }
        inner(v + 1)
    };
    out[7] = outer((*x).clamp(-9, 9));
}

pub(crate) fn closures_left_early(device: &Device) -> Result<Answer> {
    let x = [i32::MIN, -1, 0, 1, 2, 3, 5, 8, 9, 50, i32::MAX];
    let mut out = vec![0; 8 * x.len()];
    let _ = device.run(left_early(&x, &mut out))?;
    Ok(Answer::new().exact("out", &out))
}
