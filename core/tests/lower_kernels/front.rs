//! What the macros could get wrong: names, scopes, callees, and the closure form.

use landbridge::*;

use super::support::same;

#[kernel]
fn names(x: &u32) -> [u32; 10] {
    let mut r = [0; 10];
    let a = *x;
    if let (0, a) = (a % 2, a / 2)
        && a > 1
    {
        r[0] = a;
    } else {
        r[0] = a + 100;
    }
    let add = |b: u32| a + b;
    let a = 1000;
    r[1] = add(a);
    let twice = |b| add(add(b));
    r[2] = twice(1);
    let mut n = 0;
    let mut count = || {
        n += 1;
        n
    };
    r[3] = count() + count() * 10;
    r[4] = n;
    let (mut p, mut q) = (1, 2);
    (p, q) = (q, p);
    (r[5], (_, r[6])) = (p * 10 + q, (0, q));
    _ = p;
    r[8] = 'a: {
        let a = a + 1;
        for a in [3, a, 5] {
            if a == *x + 998 {
                break 'a a;
            }
        }
        match a {
            a @ 0..=9 => a,
            a if a > 1001 => 1,
            _ => 2,
        }
    };
    r[9] = {
        let r = &r;
        let mut sum = 0;
        for &v in r.iter() {
            sum += v;
        }
        for v in r {
            sum += *v * 2;
        }
        sum
    };
    r
}

#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
struct Interval {
    low: i32,
    high: i32,
}

#[kernel_fn]
impl Interval {
    fn min(self, other: Interval) -> Interval {
        Interval { low: self.low.min(other.low), high: self.high.min(other.high) }
    }
    fn len(&self) -> u32 {
        self.high.abs_diff(self.low)
    }
    fn swap(&mut self) -> &mut Self {
        (self.low, self.high) = (self.high, self.low);
        self
    }
}

trait Limited {
    #[kernel_fn]
    fn clamp(&self, low: i32, high: i32) -> Self;
    #[kernel_fn(associated)]
    fn max(a: i32, b: i32) -> i32;
}

#[kernel_fn]
impl Limited for Interval {
    fn clamp(&self, low: i32, high: i32) -> Self {
        Interval { low: self.low.clamp(low, high), high: self.high.clamp(low, high) }
    }
    fn max(a: i32, b: i32) -> i32 {
        i32::max(a, b) + 1
    }
}

/// Methods of users that have the names of std's are the users', through any reference.
#[kernel]
fn callees(x: &Interval, y: &mut Interval) -> u32 {
    let whole = Interval { low: -5, high: 5 };
    let by_reference = &&x;
    *y = y.min(whole);
    y.swap().swap().swap();
    let z = by_reference.min(*y).clamp(-3, 3);
    z.len() + x.len() + y.len() + by_reference.clamp(1, 2).len() + <Interval as Limited>::max(1, z.high) as u32
}

#[test]
fn names_mean_what_they_mean_in_rust() {
    let x = [2_u32, 3, 4, 5, 8];
    same(|d| d.collect(names(&x)));
}

#[test]
fn users_methods_come_before_those_of_std() {
    let x = [Interval { low: -9, high: 2 }, Interval { low: 1, high: 7 }];
    same(|d| {
        let mut y = [Interval { low: 0, high: 9 }, Interval { low: -8, high: 3 }];
        let lengths = d.collect(callees(&x, &mut y))?;
        Ok((lengths, y))
    });
}

#[test]
fn closures_see_the_values_around_them() {
    let (scale, shift) = (3.0_f32, Interval { low: 2, high: 9 });
    let x = [1.0_f32, -2.0, 0.5];
    let collected = same(|d| {
        d.collect(each!(|x: &f32, i: Index| -> f32 {
            if i == 1 {
                return scale;
            }
            *x * scale + shift.len() as f32
        })(&x))
    });
    assert_eq!(collected, [10.0, 3.0, 8.5]);
    same(|d| {
        let mut y = [1.0_f32; 6];
        d.run(each!(|x: &f32, y: &mut [f32; 2]| (y[0], y[1]) = (*x, scale))(&x, &mut y))?;
        Ok(y)
    });
}
