//! The pass that fuses chains of iterators: what is left of one, and that it panics where std does.

use landbridge::ir::{Block, Module, Op, Statement};
use landbridge::{Index, kernel};

use crate::support::{same, same_panic};

fn loops(block: &Block) -> usize {
    let inside = |statement: &Statement| match statement {
        Statement::Loop { body, continuing, .. } => 1 + loops(body) + loops(continuing),
        Statement::If { accept, reject, .. } => loops(accept) + loops(reject),
        Statement::Block { body, .. } => loops(body),
        _ => 0,
    };
    block.0.iter().map(inside).sum()
}

/// Loops, and values of arrays, which would hold what nobody has to keep.
fn shape(module: &Module) -> (usize, usize) {
    let entry = module.entry_function();
    let arrays = entry.values.iter().filter(|value| matches!(value.op, Op::Repeat(_) | Op::Call { .. }));
    (loops(&entry.body), arrays.count())
}

#[kernel]
fn long_chain(t: &[f32], out: &mut f32) {
    *out = t
        .iter()
        .rev()
        .enumerate()
        .skip(1)
        .step_by(2)
        .zip(t)
        .map(|((i, a), b)| (i, a * b))
        .filter(|(i, _)| i % 3 != 0)
        .take_while(|(_, p)| *p < 1e9)
        .map(|(i, p)| p + i as f32)
        .take(100)
        .sum();
}

#[test]
fn a_chain_is_one_loop_that_keeps_nothing() {
    let t: Vec<f32> = (0..40).map(|k| k as f32 * 0.25).collect();
    let call = long_chain(&t, &mut []);
    assert_eq!(shape(call.definition().module().unwrap()), (1, 0));
    same(|d| {
        let mut out = [0.0; 1];
        d.run(long_chain(&t, &mut out))?;
        Ok(out)
    });
}

#[kernel]
fn chunks_of_nothing(t: &[u32], n: &usize, out: &mut usize) {
    *out = t.chunks(*n).count();
}

#[kernel]
fn windows_of_nothing(t: &[u32], n: &usize, out: &mut usize) {
    *out = t.windows(*n).count();
}

#[kernel]
fn closure_past_the_end(t: &[u32], n: &usize, out: &mut u32) {
    *out = (0..*n).map(|i| t[i]).sum();
}

#[test]
fn sizes_of_zero_and_closures_panic() {
    let t = [1, 2, 3];
    for k in 0..2 {
        let (message, _, item) = same_panic(|d| {
            let mut out = [0; 2];
            match k {
                0 => d.run(chunks_of_nothing(&t, &[2, 0], &mut out))?,
                _ => d.run(windows_of_nothing(&t, &[2, 0], &mut out))?,
            }
            Ok(out)
        });
        assert_eq!(item, 1, "{message}");
    }
    let (_, _, item) = same_panic(|d| {
        let mut out = [0; 3];
        d.run(closure_past_the_end(&t, &[0, 3, 4], &mut out))?;
        Ok(out)
    });
    assert_eq!(item, 2);
}

/// Closures around closures, shadowed names, results that are references and tuples.
#[kernel]
fn nested(t: &[i32], i: Index, out: &mut [i32; 5]) {
    let x = i as i32;
    out[0] = t.iter().map(|x| t.iter().filter(|y| *y < x).count() as i32).sum();
    out[1] = t.iter().map(|v| v + x).filter(|x| x % 2 == 0).map(|x| x * x).sum();
    let scale = |v: i32| v * 3 + x;
    out[2] = t.iter().copied().map(scale).max().unwrap_or(0);
    let (best, at) =
        t.iter().enumerate().fold((i32::MIN, 0), |(best, at), (k, &v)| if v > best { (v, k) } else { (best, at) });
    out[3] = best * 100 + at as i32;
    out[4] = match t.iter().find(|v| **v > x) {
        Some(v) if *v > 5 => 1000,
        Some(v) => *v,
        None => -1,
    };
}

#[test]
fn closures_see_what_is_around_them() {
    let t = [3, -1, 4, 1, -5, 9, 2, 6];
    same(|d| {
        let mut out = [0; 50];
        d.run(nested(&t, &mut out))?;
        Ok(out)
    });
}
