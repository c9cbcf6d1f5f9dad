//! Control flow: everything is an expression.

use landbridge::{Device, Result, kernel};

use super::answer::Answer;

#[kernel]
fn branch(x: &i32, out: &mut [i32; 3]) {
    out[0] = if *x < 0 {
        -1
    } else if *x == 0 {
        0
    } else {
        1
    };
    let sign = {
        let doubled = *x * 2;
        if doubled > 4 && doubled != 6 || *x < -4 { doubled } else { 100 }
    };
    out[1] = sign;
    if *x > 2 {
        out[2] = 7;
    }
}

pub(crate) fn branches_as_values(device: &Device) -> Result<Answer> {
    let x = [-9, -4, -1, 0, 1, 2, 3, 4];
    let mut out = [0; 24];
    let _ = device.run(branch(&x, &mut out))?;
    Ok(Answer::new().exact("branches", &out))
}

const SPECIAL: u32 = 42;

#[kernel]
fn matching(x: &u32, out: &mut [u32; 3]) {
    out[0] = match *x {
        0 => 10,
        1 | 2 => 20,
        3..=9 => 30,
        SPECIAL => 40,
        n if n % 2 == 0 => n / 2,
        _ => 50,
    };
    out[1] = match (*x % 3, *x % 2 == 0) {
        (0, true) => 1,
        (0, false) => 2,
        (r, true) => 10 + r,
        (r, _) => 20 + r,
    };
    out[2] = match *x {
        n @ 5..=6 => n * 100,
        n => n,
    };
}

pub(crate) fn matches(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = (0..50).collect();
    let mut out = vec![0; 150];
    let _ = device.run(matching(&x, &mut out))?;
    Ok(Answer::new().exact("matches", &out))
}

#[kernel]
fn looping(limit: &u32, out: &mut [u32; 4]) {
    let mut n = 0;
    while n * n < *limit {
        n += 1;
    }
    out[0] = n;
    let mut rounds = 0;
    out[1] = loop {
        rounds += 3;
        if rounds > *limit {
            break rounds * 2;
        }
    };
    let mut sum = 0;
    'rows: for a in 0..*limit {
        for b in 0..*limit {
            if b > a {
                continue 'rows;
            }
            if a * b > 40 {
                break 'rows;
            }
            if (a + b) % 2 == 0 {
                continue;
            }
            sum += a * b + 1;
        }
    }
    out[2] = sum;
    out[3] = 'found: {
        for k in 2..*limit {
            if *limit % k == 0 {
                break 'found k;
            }
        }
        0
    };
}

pub(crate) fn loops_and_labels(device: &Device) -> Result<Answer> {
    let limit: Vec<u32> = (0..40).collect();
    let mut out = vec![0; 160];
    let _ = device.run(looping(&limit, &mut out))?;
    Ok(Answer::new().exact("loops", &out))
}

#[kernel]
fn range_forms(n: &i32, table: &[i32], out: &mut [i32; 8]) {
    for k in 0..*n {
        out[0] += k;
    }
    for k in 1..=*n {
        out[1] = out[1] * 3 + k;
    }
    for k in (0..*n).rev() {
        out[2] = out[2] * 2 - k;
    }
    for k in (0..20).step_by(7) {
        out[3] += k * *n;
    }
    for value in table {
        out[4] += *value;
    }
    for value in table.iter() {
        out[5] = out[5] * 2 + value;
    }
    for value in &table[1..3] {
        out[6] -= value;
    }
    for _ in -2..2_i16 {
        out[7] += 5;
    }
}

pub(crate) fn ranges(device: &Device) -> Result<Answer> {
    let mut out = [0; 40];
    let _ = device.run(range_forms(&[-1, 0, 1, 5, 8], &[4, -5, 6, 11], &mut out))?;
    Ok(Answer::new().exact("ranges", &out))
}

#[kernel]
fn leave_early(x: &u32, out: &mut u32) {
    if *x % 2 == 0 {
        *out = 1;
        return;
    }
    for k in 0..*x {
        if k == 5 {
            *out = 100 + *x;
            return;
        }
    }
    *out = 3;
}

#[kernel]
fn return_early(x: &u32) -> u32 {
    if *x > 10 {
        return 10;
    }
    let doubled = loop {
        if *x > 5 {
            return *x;
        }
        break *x * 2;
    };
    doubled + 1
}

pub(crate) fn early_returns(device: &Device) -> Result<Answer> {
    let x: Vec<u32> = (0..20).collect();
    let mut out = vec![0; 20];
    let _ = device.run(leave_early(&x, &mut out))?;
    let returned = device.collect(return_early(&x))?;
    Ok(Answer::new().exact("left", &out).exact("returned", &returned))
}

#[kernel]
fn patterned(x: &(u32, u32), out: &mut u32) {
    let (a, b) = *x;
    let &(c, _) = x;
    *out = match *x {
        (0, y) => y + 1,
        (y, 0) => y + 2,
        (1, y) if y > 2 => y * 2,
        (u, v) => u * 10 + v,
    } + a
        + b * 100
        + c * 1000;
}

pub(crate) fn patterns(device: &Device) -> Result<Answer> {
    let x = [(0, 7), (7, 0), (1, 2), (1, 3), (4, 5)];
    let mut out = [0; 5];
    let _ = device.run(patterned(&x, &mut out))?;
    Ok(Answer::new().exact("patterns", &out))
}

#[kernel]
fn shadow(x: &u32, out: &mut u32) {
    let y = *x;
    let y = y + 1;
    let z = {
        let y = y * 10;
        y + 1
    };
    let late;
    if y > 3 {
        late = 1;
    } else {
        late = 2;
    }
    let mut place = 0;
    let reference = &mut place;
    *reference += z;
    *reference += late;
    *out = place + y;
}

pub(crate) fn shadowing_and_blocks(device: &Device) -> Result<Answer> {
    let mut out = [0; 6];
    let _ = device.run(shadow(&[0, 1, 2, 3, 4, 5], &mut out))?;
    Ok(Answer::new().exact("shadows", &out))
}

#[kernel]
fn with_closure(x: &f32, out: &mut f32) {
    let scale = 3.0;
    let weigh = |value: f32, weight| value * weight + scale;
    *out = weigh(*x, 2.0) - weigh(1.0, *x);
}

pub(crate) fn closures(device: &Device) -> Result<Answer> {
    let mut out = [0.0; 4];
    let _ = device.run(with_closure(&[1.0, 2.0, -3.0, 0.5], &mut out))?;
    Ok(Answer::new().exact("closures", &out))
}

#[kernel]
fn endless_ranges(x: &u32, out: &mut [u32; 8]) {
    for i in 0.. {
        if i * i > *x {
            break;
        }
        if i == 2 {
            continue;
        }
        out[0] += i;
    }
    for (i, v) in (1_u32..).zip([5, 6, 7]) {
        out[1] += i * v;
    }
    for (v, i) in [5, 6, 7].iter().zip(10..) {
        out[2] += i * v;
    }
    out[3] = (3..).step_by(2).take(3).map(|v| v * v).sum::<u32>();
    out[4] = (0..).map(|v| v * 3).take_while(|v| v < x).count() as u32;
    out[5] = (0..).skip(5).find(|v| v % 7 == *x % 7).unwrap();
    out[6] = (2..).position(|v: u32| v > *x / 2).unwrap() as u32;
    let mut rounds = 0;
    for i in (*x as u8).. {
        rounds += 1;
        if i == 254 {
            break;
        }
    }
    out[7] = rounds;
}

pub(crate) fn ranges_without_an_end(device: &Device) -> Result<Answer> {
    let x = [0, 1, 7, 20, 100, 254];
    let mut out = vec![0; 8 * x.len()];
    let _ = device.run(endless_ranges(&x, &mut out))?;
    Ok(Answer::new().exact("out", &out))
}

/// Mesa (22.3) took rounds up to `i > 0x7fff_ffff` for a negative number of them: such a loop ended there, and ran until the driver
/// ended it if its other conditions were plain.
#[kernel]
fn count_to_far_ends(x: &u32, out: &mut [u32; 6]) {
    for i in 0..10 {
        if i > 0x7fff_ffff {
            break;
        }
        out[0] ^= x & i;
    }
    let mut i = 1;
    while i < 10 {
        if 0x8000_0000 < i {
            break;
        }
        out[1] ^= x & i;
        i += 1;
    }
    for i in -1..10 {
        if i > 0x7fff_fffe {
            break;
        }
        out[2] ^= x & i as u32;
    }
    for i in (0..6).step_by(2) {
        if 0xffff_fffe < i {
            break;
        }
        out[3] ^= x & i;
    }
    out[4] = (2_i64..=4).step_by(2).map(|_| x & 7).sum();
    for (k, i) in (0..=6_u8).rev().step_by(2).enumerate() {
        out[5] += (x & u32::from(i)) << (k * 2);
    }
}

pub(crate) fn far_ends_of_loops(device: &Device) -> Result<Answer> {
    let mut out = [0; 24];
    let _ = device.run(count_to_far_ends(&[0, 7, u32::MAX, 10], &mut out))?;
    Ok(Answer::new().exact("out", &out))
}
