//! Enums: matched where they are, by value, made, assigned, returned.

use std::sync::Arc;

use landbridge::{KernelType, kernel, kernel_fn};

use crate::support::same;

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
enum Shape {
    Circle(f32),
    Square { side: f32, turned: bool },
    Nothing,
    Mixed(u8, u64, [i16; 3]),
}

fn shapes() -> Vec<Shape> {
    vec![
        Shape::Circle(1.5),
        Shape::Square { side: 2.0, turned: true },
        Shape::Nothing,
        Shape::Mixed(3, u64::MAX - 1, [-1, 2, -3]),
        Shape::Square { side: 0.5, turned: false },
    ]
}

#[kernel]
fn by_reference(shape: &Shape) -> f32 {
    match shape {
        Shape::Circle(r) => r * r * 3.0,
        Shape::Square { side, turned: true } => side * side,
        Shape::Square { side, .. } => -side,
        Shape::Nothing => 0.0,
        Shape::Mixed(a, b, c) => *a as f32 + (*b % 1000) as f32 + c[2] as f32,
    }
}

#[kernel]
fn by_value(shape: &Shape) -> u64 {
    let held = *shape;
    let mut sum = 0;
    if let Shape::Mixed(a, b, c) = held {
        sum += u64::from(a) + b / 2 + (c[0] + 5) as u64;
    }
    let Shape::Circle(r) = held else { return sum };
    sum + r as u64
}

#[kernel]
fn changed(shape: &mut Shape) {
    match shape {
        Shape::Circle(r) => *r += 1.0,
        Shape::Square { side, turned } if *turned => {
            *side *= 2.0;
            *turned = false;
        }
        Shape::Square { .. } => *shape = Shape::Nothing,
        Shape::Nothing => *shape = Shape::Square { turned: true, side: 7.0 },
        Shape::Mixed(a, _, c) => {
            let (a, c) = (*a, c[1]);
            *shape = Shape::Mixed(a + 1, 5, [c; 3]);
        }
    }
}

#[kernel_fn]
impl Shape {
    fn size(&self) -> f32 {
        match self {
            Self::Circle(r) => *r,
            Self::Square { side, .. } => *side,
            _ => -1.0,
        }
    }
    fn larger(self) -> Self {
        match self {
            Shape::Circle(r) => Shape::Circle(r + 1.0),
            Shape::Square { side, turned } => Shape::Square { side: side * 2.0, turned },
            other => other,
        }
    }
    fn is_round(self) -> bool {
        matches!(self, Shape::Circle(r) if r > 2.0)
    }
}

#[kernel]
fn methods(shape: &Shape) -> (f32, Shape, bool) {
    let grown = shape.larger().larger();
    (grown.size() + shape.size(), grown, grown.is_round())
}

const START: Shape = Shape::Square { side: 3.0, turned: false };
const TABLE: [Shape; 3] = [Shape::Nothing, Shape::Circle(0.25), START];

#[kernel]
fn constants(k: &u32) -> (Shape, Shape) {
    let empty = Shape::Nothing;
    (TABLE[*k as usize % 3], if *k > 3 { START } else { empty })
}

#[kernel]
fn locals(k: &u32) -> f32 {
    let mut state = Shape::Nothing;
    let mut sum = 0.0;
    let mut steps = 0;
    while steps < *k {
        state = match state {
            Shape::Nothing => Shape::Circle(1.0),
            Shape::Circle(r) if r < 4.0 => Shape::Circle(r + 1.0),
            Shape::Circle(r) => Shape::Square { side: r, turned: steps % 2 == 0 },
            Shape::Square { turned: true, .. } => Shape::Nothing,
            Shape::Square { side, .. } => Shape::Circle(side / 8.0),
            mixed => mixed,
        };
        if let Shape::Circle(r) = &mut state {
            *r += 0.125;
        }
        sum += state.size();
        steps += 1;
    }
    sum
}

#[test]
fn plain_enums() {
    let all = shapes();
    assert_eq!(same(|d| d.collect(by_reference(&all)))[..4], [6.75, 4.0, 0.0, 614.0 + 3.0 - 3.0]);
    same(|d| d.collect(by_value(&all)));
    let after = same(|d| {
        let mut all = shapes();
        d.run(changed(&mut all))?;
        d.run(changed(&mut all[1..]))?;
        Ok(all)
    });
    assert_eq!(after[0], Shape::Circle(2.5));
    assert_eq!(after[2], Shape::Square { side: 14.0, turned: false });
    assert_eq!(after[3], Shape::Mixed(5, 5, [2; 3]));
    same(|d| d.collect(methods(&all)));
    let numbers: Vec<u32> = (0..20).collect();
    same(|d| d.collect(constants(&numbers)));
    same(|d| d.collect(locals(&numbers)));
}

/// A tree whose nodes are of several kinds.
#[derive(KernelType)]
#[repr(C)]
enum Expression {
    Number(f32),
    Input,
    Sum(Box<Expression>, Box<Expression>),
    Product(Vec<Expression>),
    Shared { of: Option<Arc<Expression>>, times: i8 },
}

use Expression::{Input, Number, Product, Sum};

/// Depth first, with a stack; a negative entry of `signs` multiplies.
#[kernel]
fn weighed(#[uniform] root: &Expression, x: &f32) -> f32 {
    let mut stack = [root; 16];
    let mut depth = 1;
    let mut sum = 0.0;
    while depth > 0 {
        depth -= 1;
        match stack[depth] {
            Number(value) => sum += value,
            Expression::Input => sum += x,
            Sum(left, right) => {
                stack[depth] = left;
                stack[depth + 1] = right;
                depth += 2;
            }
            Product(all) => {
                for one in all {
                    stack[depth] = one;
                    depth += 1;
                }
                sum *= 0.5;
            }
            Expression::Shared { of: Some(of), times } => {
                stack[depth] = of;
                depth += 1;
                sum += *times as f32;
            }
            Expression::Shared { of: None, times: -3..=-1 } => sum -= 100.0,
            Expression::Shared { .. } => sum -= 10.0,
        }
    }
    sum
}

#[kernel]
fn first_number(#[uniform] root: &Expression, skip: &u32) -> f32 {
    let mut cur = root;
    let mut left = *skip;
    while let Sum(a, b) = cur {
        if let Number(n) = **a
            && left == 0
        {
            return n;
        }
        left -= 1;
        cur = b;
    }
    if matches!(cur, Input | Number(_)) { -1.0 } else { -2.0 }
}

#[test]
fn linked_enums() {
    let shared = Arc::new(Number(4.0));
    let times = |of, times| Expression::Shared { of, times };
    let tree = Sum(
        Box::new(Number(1.5)),
        Box::new(Sum(
            Box::new(Product(vec![Input, Number(2.0), times(Some(shared.clone()), -7), times(None, -2)])),
            Box::new(Sum(Box::new(times(Some(shared), 3)), Box::new(times(None, 1)))),
        )),
    );
    let found = same(|d| d.collect(weighed(&tree, &[0.0, 1.0, -8.5])));
    assert_eq!(found[1] - found[0], 1.0);
    let list = Sum(Box::new(Number(5.0)), Box::new(Sum(Box::new(Number(6.0)), Box::new(Input))));
    assert_eq!(same(|d| d.collect(first_number(&list, &[0, 1, 2]))), [5.0, 6.0, -1.0]);
}

/// Enums in structs, in enums, in `Option`s of links; generic ones.
#[derive(KernelType, Clone, Copy, Debug)]
#[repr(C, u8)]
enum Maybe<T: KernelType> {
    None,
    Some(T),
}

#[derive(KernelType)]
struct Holder {
    id: u16,
    kind: Kind,
    extra: Maybe<Maybe<f64>>,
    next: Option<Box<Holder>>,
}

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
#[repr(i16)]
enum Kind {
    Low = -2,
    Middle,
    High = 300,
}

#[kernel]
fn tell(head: Option<&Holder>, wanted: &i32) -> (f64, u64, Kind) {
    let mut cur = head;
    let (mut sum, mut bits) = (0.0, 0);
    let mut last = Kind::Low;
    while let Some(Holder { kind, extra, next, id }) = cur {
        if *kind as i32 == *wanted {
            bits += *id as u64;
        }
        bits ^= *kind as u8 as u64;
        sum += match extra {
            Maybe::Some(Maybe::Some(x)) => *x,
            Maybe::Some(Maybe::None) => 0.25,
            Maybe::None => 1000.0,
        };
        last = match *kind {
            Kind::Low => Kind::Middle,
            Kind::Middle => last,
            high => high,
        };
        cur = next.as_deref();
    }
    (sum, bits, last)
}

#[test]
fn enums_inside() {
    let mut list = None;
    for k in 0..9_u16 {
        let kind = [Kind::Low, Kind::Middle, Kind::High][usize::from(k) % 3];
        let extra = match k % 4 {
            0 => Maybe::None,
            1 => Maybe::Some(Maybe::None),
            _ => Maybe::Some(Maybe::Some(f64::from(k))),
        };
        list = Some(Box::new(Holder { id: k, kind, extra, next: list }));
    }
    same(|d| d.collect(tell(list.as_deref(), &[-2, -1, 300, 7])));
}
