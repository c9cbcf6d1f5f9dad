extern crate landbridge_core as landbridge;
use landbridge::*;

fn mutates(a: f32) {
    let mut n = 0;
    let _ = each!(|x: &f32, y: &mut f32| {
        n += 1;
        *y = a * *x;
    })(&[1.0], &mut [2.0]);
}

fn captures_text(s: String) {
    let _ = each!(|x: &f32, y: &mut f32| *y = s.len() as f32 * *x)(&[1.0], &mut [2.0]);
}

fn captures_vec(t: Vec<f32>) {
    let _ = each!(|x: &u32, y: &mut f32| *y = t[*x as usize])(&[1], &mut [2.0]);
}

fn untyped() {
    let _ = each!(|x, y: &mut f32| *y = *x)(&[1.0], &mut [2.0]);
}

fn no_items(a: f32) {
    let _ = each!(|b: f32| a + b)(1.0);
}

fn not_a_closure() {
    let _ = each!(1 + 1);
}

fn main() {}
