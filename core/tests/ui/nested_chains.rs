extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn shapes(t: &[f32], y: &mut f32) {
    *y = t.iter().flat_map(|x| [*x, 1.0]).rev().sum();
    *y += t.iter().zip(t.iter().flat_map(|x| [*x, 1.0])).count() as f32;
    *y += t.iter().cycle().map(|x| x + 1.0).sum::<f32>();
    *y += t.iter().map(|x| x + 1.0).cycle().take(3).sum::<f32>();
}

#[kernel]
fn values(t: &[f32], _y: &mut f32) {
    let it = t.iter().map(|x| x + 1.0);
    let _pair = (it, 1.0);
}

#[kernel]
fn steps(t: &[f32], y: &mut f32) {
    let mut it = t.iter().take_while(|x| **x > 1.0);
    *y = *it.next().unwrap();
    let mut range = 0..4;
    *y += range.any(|i| i == 2) as u32 as f32;
    *y += t.iter().zip(t.iter().filter(|x| **x > 1.0)).count() as f32;
    *y += t.iter().map(|x| x + 1.0).enumerate().rposition(|(i, _)| i == 3).unwrap() as f32;
    *y += t.iter().cycle().reduce(|a, _| a).unwrap();
}

fn main() {}
