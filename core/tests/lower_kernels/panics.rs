//! Panics: the same message, line and work-item as natively. Overflow panics exactly where it does natively.

use landbridge::{Index, kernel};

use crate::support::{same, same_panic};

#[kernel]
fn out_of_bounds(all: &[u32], i: Index) -> u32 {
    if i == 3 {
        return all[i + all.len()]; // panics
    }
    all[i]
}

#[kernel]
fn divide(x: &i32, y: &i32) -> i32 {
    x / y // panics
}

#[kernel]
fn assertions(x: &i32) -> i32 {
    assert!(*x != 1);
    assert!(*x != 2, "two is not allowed");
    debug_assert!(*x != 3);
    match *x {
        4 => panic!("four"),
        5 => unreachable!(),
        6 => unreachable!("six"),
        n => n,
    }
}

#[kernel]
fn cut(all: &[u8], from: &usize, to: &usize) -> usize {
    all[*from..*to].len()
}

#[kernel]
fn overflow(x: &u8) -> u8 {
    let a = *x + 100;
    let b = a * 2;
    b - 10
}

fn line(text: &str) -> u32 {
    let number = include_str!("panics.rs").lines().position(|l| l.contains(text)).expect("the line");
    number as u32 + 1
}

#[test]
fn panics_have_messages_lines_and_items() {
    let all = [1_u32, 2, 3, 4];
    let found = same_panic(|d| d.collect(out_of_bounds(&all, 4)));
    assert_eq!(
        found,
        ("index out of bounds: the len is 4 but the index is 7".into(), line("return all[i + all.len()];"), 3)
    );
    let found = same_panic(|d| d.collect(divide(&[1, 2, 3], &[1, 0, 1])));
    assert_eq!(found, ("attempt to divide by zero".into(), line("x / y //"), 1));
    same_panic(|d| d.collect(divide(&[1, i32::MIN], &[1, -1])));
}

#[test]
fn assertions_and_explicit_panics() {
    for x in [1, 2, 4, 5, 6] {
        same_panic(|d| d.collect(assertions(&[0, x, 9])));
    }
    if cfg!(debug_assertions) {
        same_panic(|d| d.collect(assertions(&[3])));
    } else {
        same(|d| d.collect(assertions(&[3])));
    }
    same(|d| d.collect(assertions(&[0, 7])));
}

#[test]
fn slices_are_cut_inside() {
    same(|d| d.collect(cut(&[1_u8; 5], &[0_usize, 2, 5], &[5_usize, 2, 5])));
    same_panic(|d| d.collect(cut(&[1_u8; 5], &[0_usize], &[6_usize])));
    same_panic(|d| d.collect(cut(&[1_u8; 5], &[3_usize], &[2_usize])));
}

#[test]
fn overflow_follows_the_users_profile() {
    same(|d| d.collect(overflow(&[0_u8, 20])));
    for x in [28, 56, 200] {
        if cfg!(debug_assertions) {
            let found = same_panic(|d| d.collect(overflow(&[1, x])));
            assert!(found.0.contains("with overflow"));
        } else {
            same(|d| d.collect(overflow(&[1, x])));
        }
    }
}
