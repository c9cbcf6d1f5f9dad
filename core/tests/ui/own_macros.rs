extern crate landbridge_core as landbridge;
use landbridge::*;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

macro_rules! all {
    ($($x:tt)*) => { $($x)* };
}

#[kernel]
fn without_the_mark(x: &f32, y: &mut f32) {
    *y = square!(*x);
}

#[kernel]
fn that_takes_everything(x: &f32, y: &mut f32) {
    *y = all!(*x);
}

#[kernel_fn]
macro_rules! pairs {
    ($a:expr, $b:expr) => {
        $a + $b
    };
    (vec $a:expr) => {
        vec![$a]
    };
}

#[kernel]
fn no_rule(x: &f32, y: &mut f32) {
    *y = pairs!(*x);
}

#[kernel]
fn refused_inside(x: &f32, y: &mut f32) {
    let v = pairs!(vec *x);
    *y = 1.0;
}

#[kernel]
fn endless(x: &f32, y: &mut f32) {
    macro_rules! ping {
        ($e:expr) => {
            ping!($e)
        };
    }
    *y = ping!(*x);
}

#[kernel_fn]
thread_local! {
    static A: u32 = 1;
}

fn main() {}
