//! Macros that a kernel defines for itself: rustc expands them for the host, this library for devices.

use landbridge::kernel;

use crate::support::same;

#[kernel]
fn fragments(x: &i32) -> i32 {
    macro_rules! sq {
        ($x:expr) => {
            $x * $x
        };
    }
    macro_rules! max3 {
        ($a:expr) => { $a };
        ($a:expr, $($rest:expr),+ $(,)?) => {{
            let t = $a;
            let rest = max3!($($rest),+);
            if t > rest { t } else { rest }
        }};
    }
    let t = *x % 100;
    let rest = t / 3;
    sq!(t + 1) + max3!(t, rest + 5, -t,) - sq!(sq!(rest % 7) - 2)
}

#[kernel]
fn names(x: &i32) -> i32 {
    macro_rules! twice {
        ($e:expr) => {{
            let t = 2;
            $e * t
        }};
    }
    macro_rules! keep {
        ($n:ident = $e:expr) => {
            let hidden = $e;
            let mut $n = hidden + 1;
            $n += hidden;
        };
    }
    let t = *x % 50;
    let hidden = 1000;
    keep!(shown = twice!(t));
    shown + hidden + t
}

#[kernel]
fn repeated(x: &i32) -> i32 {
    macro_rules! dot {
        ([$($a:expr),*] . [$($b:expr),*]) => { 0 $(+ $a * $b)* };
    }
    macro_rules! small {
        () => {
            0..=9
        };
    }
    let t = *x % 30;
    match t {
        small!() => dot!([t, t + 1, 2] . [3, t - 1, t]),
        _ => -1,
    }
}

#[test]
fn macros_of_the_kernel_mean_what_rustc_means() {
    let x: Vec<i32> = (-60..200).collect();
    same(|d| d.collect(fragments(&x)));
    same(|d| d.collect(names(&x)));
    same(|d| d.collect(repeated(&x)));
}
