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

    /// Aligned to more than anything.
    #[repr(align(64))]
    #[derive(Clone, Copy)]
    pub struct ManuallyDrop<T>(std::marker::PhantomData<T>);
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

#[derive(KernelType, Clone, Copy)]
#[repr(C)]
enum Tagged {
    Small(u8, u16),
    Large { pair: (u64, f32), last: u8 },
    None,
}

#[derive(KernelType, Clone, Copy)]
#[repr(i16)]
enum Packed {
    One(u8) = -3,
    Other(u32, u8),
}

#[derive(KernelType, Clone, Copy)]
#[repr(C)]
enum Signed {
    Least = -1,
    Most,
}

/// Offsets of all fields, and tags.
fn variants(ty: landbridge::types::Ty) -> Vec<(i128, Vec<usize>)> {
    let landbridge::types::TypeKind::Enum(desc) = ty.kind else { panic!("{ty}") };
    let offsets = |fields: &[landbridge::types::FieldDesc]| fields.iter().map(|field| field.offset).collect();
    desc.variants.iter().map(|variant| (variant.value, offsets(variant.fields))).collect()
}

#[test]
fn enums_are_laid_out_as_the_compiler_says() {
    use landbridge::ir::Scalar;
    let (tagged, packed, signed) = (described::<Tagged>(), described::<Packed>(), described::<Signed>());
    assert_eq!((tagged.size, tagged.align), (std::mem::size_of::<Tagged>(), 8));
    assert_eq!(variants(tagged), [(0, vec![8, 10]), (1, vec![8, 24]), (2, vec![])]);
    assert_eq!((packed.size, packed.align), (std::mem::size_of::<Packed>(), 4));
    assert_eq!(variants(packed), [(-3, vec![2]), (-2, vec![4, 8])]);
    assert_eq!((signed.size, variants(signed)), (4, vec![(-1, vec![]), (0, vec![])]));
    let tag = |ty: landbridge::types::Ty| match ty.kind {
        landbridge::types::TypeKind::Enum(desc) => desc.tag,
        _ => panic!("{ty}"),
    };
    assert_eq!([tag(tagged), tag(packed), tag(signed)], [Scalar::U32, Scalar::I16, Scalar::I32]);
    // Fields lie where it says.
    let large = Tagged::Large { pair: (5, 1.5), last: 6 };
    let Tagged::Large { pair, last } = &large else { return };
    let at = |field: *const u8| field.addr() - (&raw const large).addr();
    assert_eq!((at((&raw const *pair).cast()), at(last)), (8, 24));
    std::assert!(matches!(Tagged::Small(1, 2), Tagged::Small(1, 2)) && matches!(Tagged::None, Tagged::None));
    std::assert!(matches!(Packed::One(1), Packed::One(1)) && matches!(Packed::Other(1, 2), Packed::Other(1, 2)));
    std::assert!(Signed::Least as i32 == -1 && Signed::Most as i32 == 0);
}
