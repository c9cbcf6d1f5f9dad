//! Macros that a kernel defines for itself: rustc expands them for the host, this library for devices.

use landbridge::{KernelType, each, kernel, kernel_fn};

use crate::support::{same, same_panic};

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

/// Squares.
#[kernel_fn]
macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[kernel_fn]
macro_rules! third_of_tuple {
    ($t:expr) => {{
        let (a, _) = $t;
        a / 3
    }};
}

mod tools {
    pub(crate) fn third(x: i32) -> i32 {
        x / 3
    }

    #[landbridge::kernel_fn]
    macro_rules! largest {
        ($a:expr) => { $a };
        ($a:expr, $($rest:expr),+ $(,)?) => {{
            let t = $a;
            let rest = largest!($($rest),+);
            if t > rest { t } else { rest }
        }};
    }
    pub(crate) use largest;

    #[landbridge::kernel_fn]
    macro_rules! unrolled {
        ($n:ident in [$($k:literal),*] $body:block) => { $({ let $n: i32 = $k; $body })* };
    }
    pub(crate) use unrolled as repeat;

    #[landbridge::kernel_fn]
    macro_rules! thirds {
        ($($x:tt)*) => { square!($crate::own_macros::tools::third_of($($x)*)) };
    }
    pub(crate) use thirds;

    #[landbridge::kernel_fn]
    pub(crate) fn third_of(x: i32) -> i32 {
        third_of_tuple!((x, 0))
    }
}

#[kernel]
fn outside(x: &i32) -> i32 {
    use tools::largest;
    const N: i32 = square!(3);
    let t = *x % 100;
    let mut sum = N;
    tools::repeat!(k in [1, 2, 3] { sum += k * square!(t - k); });
    assert!(square!(t) >= 0 && matches!(square!(t), 0..), "{}", square!(sum));
    sum + largest!(t, square!(t) - 50, -t,) + tools::thirds!(t + 6)
}

struct Tent;

impl Tent {
    fn high(x: i32) -> i32 {
        square!(x - 1)
    }
}

#[derive(Clone, Copy, KernelType)]
struct Roof {
    low: i32,
}

#[kernel_fn]
impl Roof {
    fn high(&self, x: i32) -> i32 {
        square!(x - self.low)
    }
}

#[kernel]
fn methods(x: &i32) -> i32 {
    fn inside(x: i32) -> i32 {
        square!(x) + 1
    }
    let roof = Roof { low: 1 };
    roof.high(*x % 30) + inside(*x % 7)
}

#[kernel]
fn asserted(x: &i32) {
    assert!(square!(*x) > { 3 });
}

#[test]
fn macros_outside_tell_their_rules() {
    let x: Vec<i32> = (-60..200).collect();
    same(|d| d.collect(outside(&x)));
    same(|d| d.collect(methods(&x)));
    assert_eq!((Tent::high(3), tools::third(9)), (4, 3));
    let more = 5;
    same(|d| d.collect(each!(|x: &i32| -> i32 { square!(x % 10 + more) })(&x)));
}

#[test]
fn assertions_show_what_is_written() {
    let (message, _, item) = same_panic(|d| d.run(asserted(&[5, 1])));
    assert_eq!((&*message, item), ("assertion failed: square!(*x) > { 3 }", 1));
}
