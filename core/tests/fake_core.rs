//! A user's crate may put anything in the place of `::core`: descriptions of types are the compiler's all the same.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "the fakes are nobody's interface")]

extern crate landbridge_core as landbridge;
extern crate self as core;

use landbridge::{KernelNode, KernelType};

/// Says that everything is four bytes and begins at the start.
pub mod mem {
    #[macro_export]
    macro_rules! at_the_start {
        ($($tokens:tt)*) => {
            0
        };
    }
    pub use crate::at_the_start as offset_of;

    pub const fn size_of<T>() -> usize {
        4
    }

    pub const fn align_of<T>() -> usize {
        4
    }

    pub const fn needs_drop<T>() -> bool {
        false
    }
}

/// Every type is the same.
pub mod any {
    pub struct TypeId;

    impl TypeId {
        pub fn of<T: 'static>() -> std::any::TypeId {
            std::any::TypeId::of::<u8>()
        }
    }
}

/// Nothing fails.
#[macro_export]
macro_rules! nothing {
    ($($tokens:tt)*) => {
        ()
    };
}
pub use nothing as assert;

pub mod ops {
    pub use std::ops::Deref;
}

/// With names of its own, too.
#[derive(KernelType)]
#[repr(C)]
struct Pair {
    first: u8,
    second: (u64, f32),
}

impl Pair {
    const SIZE: usize = 1;
    const ID: usize = 2;
}

#[derive(KernelType)]
struct Node<T> {
    value: T,
    next: Option<Box<Node<T>>>,
}

fn described<T: KernelNode + 'static>() -> landbridge::types::Ty {
    T::DESCRIPTION()
}

#[test]
fn sizes_offsets_and_types_are_the_compilers() {
    let pair = described::<Pair>();
    assert_eq!((pair.size, pair.align), (24, 8));
    assert_eq!((Pair::SIZE, Pair::ID), (1, 2));
    std::assert!((pair.id)() == std::any::TypeId::of::<Pair>());
    let landbridge::types::TypeKind::Struct(fields) = pair.kind else { panic!("{pair}") };
    let told: Vec<_> = fields.iter().map(|field| (field.name, field.offset, (field.ty)().size)).collect();
    assert_eq!(told, [("first", 0, 1), ("second", 8, 16)]);
    let made = Pair { first: 1, second: (2, 3.0) };
    assert_eq!((made.first, made.second), (1, (2, 3.0)));
}

#[test]
fn a_node_is_no_plain_data() {
    let node = described::<Node<u16>>();
    assert_eq!(node.size, std::mem::size_of::<Node<u16>>());
    std::assert!((node.id)() != (described::<Node<u32>>().id)());
    let list = Node { value: 7_u16, next: Some(Box::new(Node { value: 8, next: None })) };
    assert_eq!(list.value + list.next.map_or(0, |next| next.value), 15);
}

#[derive(KernelType)]
#[kernel_type(view = LinkMut)]
#[repr(C)]
struct Link {
    small: u8,
    value: (u64, f32),
    next: Option<Box<Link>>,
}

#[test]
fn views_are_laid_out_as_the_compiler_says() {
    let view = described::<LinkMut<'static>>();
    assert_eq!((view.size, view.align), (std::mem::size_of::<Link>(), std::mem::align_of::<Link>()));
    std::assert!((view.id)() == std::any::TypeId::of::<LinkMut<'static>>());
    let landbridge::types::TypeKind::Struct(fields) = view.kind else { panic!("{view}") };
    let told: Vec<_> = fields.iter().map(|field| (field.name, field.offset)).collect();
    assert_eq!(told, [("small", 0), ("value", 8)]);
    let link = Link { small: 1, value: (2, 3.0), next: None };
    assert_eq!((link.small, link.value, link.next.is_none()), (1, (2, 3.0), true));
}
