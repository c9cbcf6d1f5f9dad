//! Control flow in all its forms.

use landbridge::{Index, kernel, kernel_fn};

use crate::support::same;

#[kernel]
fn collatz(x: &u64) -> u32 {
    let mut n = *x;
    let mut steps = 0;
    loop {
        if n == 1 {
            break steps;
        }
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
}

#[kernel]
fn primes(x: &u32) -> bool {
    let n = *x;
    if n < 2 {
        return false;
    }
    let mut d = 2;
    while d * d <= n {
        if n % d == 0 {
            return false;
        }
        d += 1;
    }
    true
}

#[kernel]
fn labels(limit: i32, x: &i32) -> i32 {
    let mut found = -1;
    'rows: for a in 0..limit {
        for b in (a..=limit).rev() {
            if (a + b) % 3 == 1 {
                continue 'rows;
            }
            if a * b > *x {
                found = a * 1000 + b;
                break 'rows;
            }
        }
    }
    let picked = 'pick: {
        if found < 0 {
            break 'pick 7;
        }
        found / 2
    };
    picked - found
}

#[kernel]
fn matches(x: &i32) -> i64 {
    const SEVEN: i32 = 7;
    let base = match *x {
        0 => 1,
        SEVEN => 70,
        1 | 2 | 3 => 5,
        n if n % 5 == 0 && n > 0 => n as i64,
        -10..=-1 => -1,
        100.. => {
            if *x == 100 {
                return 12345;
            }
            4
        }
        n @ 50..60 => (n * n) as i64,
        _ => 2,
    };
    let sign = match (*x < 0, *x % 2 == 0) {
        (true, true) => -3,
        (true, false) => -2,
        (false, even) => even as i64,
    };
    base * 10 + sign
}

#[kernel]
fn let_else(x: &(u8, i16)) -> i16 {
    let (1..=9, small) = *x else {
        return -1;
    };
    let &(n, _) = x;
    if let (3, y @ 10..) = x
        && *y < 20
    {
        return *y;
    }
    small + n as i16
}

#[kernel]
fn ranges(n: u8, i: Index) -> u64 {
    let i = i as u8;
    let mut h = 0_u64;
    for k in i..n {
        h = h.wrapping_mul(31) + k as u64;
    }
    for k in (i..=n).rev() {
        h = h.wrapping_mul(37) + k as u64;
    }
    for k in (0..n as usize).step_by(3) {
        h = h.wrapping_mul(41) + k as u64;
    }
    for k in (0..=255_u8).step_by(100) {
        h = h.wrapping_mul(43) ^ k as u64;
    }
    for k in (i as i64 - 5..n as i64).rev().step_by(4) {
        if k == 2 {
            continue;
        }
        h = h.wrapping_mul(47) ^ k as u64;
    }
    for _ in 0..3 {
        h ^= h >> 7;
    }
    h
}

#[kernel]
fn slices(all: &[i32], i: Index) -> i32 {
    let mut sum = 0;
    for x in all {
        sum += *x;
    }
    for &x in &all[i..] {
        sum -= x;
    }
    for x in all[..i].iter() {
        sum ^= x;
    }
    for x in [1, 2, 3] {
        sum += x;
    }
    let mut own = [0; 5];
    for x in own.iter_mut() {
        *x += i as i32;
    }
    for x in &mut own {
        *x *= 2;
    }
    own[1..3].fill(9);
    for (a, b) in [(1, 2), (3, 4)] {
        sum += a * b;
    }
    own.swap(0, 1);
    sum * own[0] + own[4] + own.len() as i32
}

#[kernel_fn]
fn gcd(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[kernel]
fn closures(x: &u32, y: &u32) -> u32 {
    let k = 3;
    let mix = |a: u32, (b, c): (u32, u32)| a * k + gcd(b, c);
    let twice = |a| mix(mix(a, (a, 6)), (*y, a));
    let mut count = 0;
    while twice(count) < *x && count < 50 {
        count += 1;
    }
    twice(count)
}

#[kernel]
fn nested_values(x: &f32) -> f32 {
    let y = {
        let t = if *x > 1.0 {
            match x.floor() as i32 {
                1 => 0.5,
                2 => {
                    let s = *x * 2.0;
                    s - 1.0
                }
                _ => return -1.0,
            }
        } else if *x < 0.0 {
            -*x
        } else {
            0.25
        };
        t * t
    };
    let late;
    if y > 1.0 {
        late = 1
    } else {
        late = 2
    }
    y + late as f32 + if y.is_nan() { 1.0 } else { 0.0 }
}

#[test]
fn loops_branches_and_matches() {
    let x: Vec<i32> = (-15..120).collect();
    let naturals: Vec<u64> = (1..60).collect();
    let small: Vec<u32> = (0..80).collect();
    let floats = [-2.0_f32, -0.0, 0.5, 1.0, 1.25, 2.75, 3.5, f32::NAN];
    same(|d| d.collect(collatz(&naturals)));
    same(|d| d.collect(primes(&small)));
    same(|d| d.collect(labels(9, &x)));
    same(|d| d.collect(matches(&x)));
    same(|d| d.collect(nested_values(&floats)));
    let tuples: Vec<(u8, i16)> = (0..12).map(|k| (k, k as i16 * 4)).collect();
    same(|d| d.collect(let_else(&tuples)));
}

#[test]
fn loops_over_ranges_and_slices() {
    for n in [0, 1, 7, 30, 255] {
        same(|d| d.collect(ranges(n, 12)));
    }
    let all: Vec<i32> = (0..20).map(|k| k * k - 30).collect();
    same(|d| d.collect(slices(&all, 21)));
}

#[test]
fn closures_and_functions() {
    let (x, y): (Vec<u32>, Vec<u32>) = (1..30).map(|k| (k * 7, 100 - k)).unzip();
    same(|d| d.collect(closures(&x, &y)));
}
