//! Enums: items, nodes of several kinds, values that kernels make and return.

use landbridge::{Device, KernelType, Result, kernel, kernel_fn};

use super::answer::Answer;

#[derive(KernelType, Clone, Copy)]
#[repr(u8)]
enum Shape {
    Circle(f32),
    Box { sides: [u16; 2], turned: bool },
    Nothing,
    Odd(u8, i16),
}

impl Shape {
    fn numbers(&self) -> [f32; 4] {
        match *self {
            Shape::Circle(r) => [0.0, r, 0.0, 0.0],
            Shape::Box { sides: [a, b], turned } => [1.0, a.into(), b.into(), u8::from(turned).into()],
            Shape::Nothing => [2.0, 0.0, 0.0, 0.0],
            Shape::Odd(a, b) => [3.0, a.into(), b.into(), 0.0],
        }
    }
}

fn shapes() -> Vec<Shape> {
    let one = |k: u16| match k % 5 {
        0 => Shape::Circle(f32::from(k) * 0.5),
        1 => Shape::Box { sides: [k, 3], turned: k % 2 == 0 },
        2 => Shape::Nothing,
        3 => Shape::Odd(k as u8, -(k as i16)),
        _ => Shape::Box { sides: [1, k], turned: true },
    };
    (0..100).map(one).collect()
}

#[kernel_fn]
fn measure(shape: &Shape) -> u32 {
    match shape {
        Shape::Circle(r) => *r as u32,
        Shape::Box { sides, turned: true } => 2 * (sides[0] + sides[1]) as u32,
        Shape::Box { sides, .. } => sides[0] as u32 * sides[1] as u32,
        Shape::Nothing => 7,
        Shape::Odd(a, b) => (*a as i32 - *b as i32) as u32,
    }
}

#[kernel]
fn step(shape: &mut Shape, told: &mut u32) {
    *told = measure(shape);
    match shape {
        Shape::Circle(r) if *r > 20.0 => *shape = Shape::Nothing,
        Shape::Circle(r) => *r += 0.25,
        Shape::Box { sides, turned } => {
            sides[1] += 1;
            *turned = !*turned;
        }
        Shape::Nothing => *shape = Shape::Box { sides: [9, 8], turned: false },
        Shape::Odd(a, b) => {
            let (a, b) = (*a, *b);
            *shape = if a % 2 == 0 { Shape::Circle(b as f32) } else { Shape::Odd(a / 2, b / 3) };
        }
    }
}

#[kernel]
fn made(k: &u32, shape: &Shape) -> Shape {
    let held = *shape;
    if matches!(held, Shape::Nothing | Shape::Odd(..)) {
        return Shape::Odd(*k as u8, -3);
    }
    let mut state = held;
    for _ in 0..*k % 7 {
        state = match state {
            Shape::Circle(r) if r > 3.0 => Shape::Box { sides: [r as u16, 2], turned: true },
            Shape::Circle(r) => Shape::Circle(r * 2.0 + 1.0),
            Shape::Box { sides, .. } => Shape::Circle(sides[0] as f32 * 0.125),
            other => other,
        };
    }
    state
}

fn numbers(shapes: &[Shape]) -> Vec<f32> {
    shapes.iter().flat_map(Shape::numbers).collect()
}

pub(crate) fn enums_as_items(device: &Device) -> Result<Answer> {
    let mut all = shapes();
    let mut told = vec![0_u32; all.len()];
    device.run(step(&mut all, &mut told))?;
    let first = told.clone();
    device.run(step(&mut all, &mut told))?;
    Ok(Answer::new().exact("first", &first).exact("second", &told).exact("shapes", &numbers(&all)))
}

pub(crate) fn enums_as_values(device: &Device) -> Result<Answer> {
    let counts: Vec<u32> = (0..100).map(|k| k * 3).collect();
    let found = device.collect(made(&counts, &shapes()))?;
    Ok(Answer::new().exact("made", &numbers(&found)))
}

#[derive(KernelType)]
#[repr(C)]
enum Tree {
    Leaf(u32),
    Fork(Box<Tree>, Box<Tree>),
    Many { all: Vec<Tree>, weight: i8 },
    Empty,
}

fn tree(depth: u32, seed: u32) -> Tree {
    match (depth, seed % 4) {
        (0, 0) => Tree::Empty,
        (0, _) => Tree::Leaf(seed % 100),
        (_, 0) => {
            let all = (0..3).map(|k| tree(depth - 1, seed / 3 + k)).collect();
            Tree::Many { all, weight: (seed % 9) as i8 - 4 }
        }
        _ => Tree::Fork(Box::new(tree(depth - 1, seed / 2)), Box::new(tree(depth - 1, seed * 3 + 1))),
    }
}

#[kernel]
fn total(#[uniform] root: &Tree, scale: &u32) -> (u32, i32) {
    let mut stack = [root; 24];
    let (mut depth, mut sum, mut weight) = (1, 0, 0);
    while depth > 0 {
        depth -= 1;
        match stack[depth] {
            Tree::Leaf(value) => sum += *value * *scale,
            Tree::Fork(left, right) => {
                stack[depth] = left;
                stack[depth + 1] = right;
                depth += 2;
            }
            Tree::Many { all, weight: more } => {
                weight += *more as i32;
                for one in all {
                    stack[depth] = one;
                    depth += 1;
                }
            }
            Tree::Empty => weight += 1000,
        }
    }
    (sum, weight)
}

pub(crate) fn nodes_of_several_kinds(device: &Device) -> Result<Answer> {
    let root = tree(6, 12345);
    let found = device.collect(total(&root, &[1, 2, 7]))?;
    let (sums, weights): (Vec<u32>, Vec<i32>) = found.into_iter().unzip();
    assert_eq!(sums[0] * 7, sums[2]);
    Ok(Answer::new().exact("sums", &sums).exact("weights", &weights))
}
