extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn unknown_fragment(x: &f32, y: &mut f32) {
    macro_rules! run {
        ($s:stmt) => {
            $s
        };
    }
    run!(*y = *x);
}

#[kernel]
fn names_that_may_be_several(x: &f32, y: &mut f32) {
    let a = *x;
    macro_rules! raised {
        ($e:expr) => {{
            let a = a + $e;
            a
        }};
    }
    *y = raised!(1.0);
}

#[kernel]
fn nowhere(x: &f32, y: &mut f32) {
    *y = missing!(*x);
}

fn main() {}
