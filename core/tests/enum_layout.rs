//! Where the parts of enums lie: what the derive describes against addresses of real values.
#![deny(warnings)]
#![allow(irrefutable_let_patterns)]
#![forbid(unsafe_code)]

extern crate landbridge_core as landbridge;

use std::ptr;
use std::sync::Arc;

use landbridge::KernelType;
use landbridge::types::{EnumDesc, TypeInfo, TypeKind};

fn description<T: TypeInfo>() -> &'static EnumDesc {
    match T::DESC.kind {
        TypeKind::Enum(desc) => desc,
        _ => panic!("{} is no enum", T::DESC.name),
    }
}

/// Whether the variant's fields are described at the places that the references show, and its tag with that value.
fn check<T: TypeInfo>(value: &T, variant: &str, tag: i128, fields: &[(&str, usize)]) {
    let desc = description::<T>();
    let start = ptr::from_ref(value).addr();
    let found = desc.variants.iter().find(|v| v.name == variant).expect("the variant is described");
    assert_eq!(found.value, tag, "{}::{variant}", T::DESC.name);
    let described: Vec<_> = found.fields.iter().map(|f| (f.name, f.offset)).collect();
    let real: Vec<_> = fields.iter().map(|&(name, address)| (name, address - start)).collect();
    assert_eq!(described, real, "{}::{variant}", T::DESC.name);
    assert_eq!(desc.tag_offset, 0);
    assert_eq!((T::DESC.size, T::DESC.align), (size_of::<T>(), align_of::<T>()));
}

fn at<T>(field: &T) -> usize {
    ptr::from_ref(field).addr()
}

/// One check for each variant: `variants!(value => tag, Pattern(a, b): "0" a, "1" b; ..)`.
macro_rules! variant {
    ($value:expr, $tag:expr, $type:ident :: $name:ident { $($field:tt : $bound:ident),* }) => {{
        let value = $value;
        let $type::$name { $($field: $bound),* } = &value else { panic!("another variant") };
        check(&value, stringify!($name), $tag, &[$((stringify!($field), at($bound))),*]);
    }};
}

macro_rules! shapes {
    ($($name:ident $repr:meta;)*) => {$(
        #[derive(KernelType, Debug)]
        #[$repr]
        #[allow(dead_code)]
        enum $name {
            Empty,
            Small(u8),
            Mixed { a: u8, b: f64, c: u16 },
            Pair((u8, u32), [u16; 3]),
            Link(Option<Box<$name>>, bool),
            Nothing([u64; 0]),
            Many(Vec<f32>, Box<[u8]>),
        }
    )*};
}
shapes! {
    ByC repr(C);
    ByU8 repr(u8);
    ByI16 repr(i16);
    ByU32 repr(u32);
    ByI64 repr(i64);
    ByUsize repr(usize);
    ByBoth repr(C, u8);
    ByWide repr(C, u64);
}

#[test]
fn every_repr_is_described_as_it_lies() {
    macro_rules! checks {
        ($($name:ident)*) => {$(
            variant!($name::Empty, 0, $name::Empty {});
            variant!($name::Small(3), 1, $name::Small { 0: a });
            variant!($name::Mixed { a: 1, b: 2.0, c: 3 }, 2, $name::Mixed { a: a, b: b, c: c });
            variant!($name::Pair((1, 2), [3; 3]), 3, $name::Pair { 0: a, 1: b });
            variant!($name::Link(None, true), 4, $name::Link { 0: a, 1: b });
            variant!($name::Nothing([]), 5, $name::Nothing { 0: a });
            variant!($name::Many(vec![], Box::new([])), 6, $name::Many { 0: a, 1: b });
        )*};
    }
    checks!(ByC ByU8 ByI16 ByU32 ByI64 ByUsize ByBoth ByWide);
}

/// Its tag has a sign.
#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
#[repr(i8)]
enum Sign {
    Minus = -1,
    Zero,
    Plus,
}

#[derive(KernelType, Clone, Copy)]
#[repr(C)]
#[allow(dead_code)]
enum Plain {
    A,
    B = 7,
    C,
}

#[derive(KernelType, Clone, Copy)]
#[repr(C)]
#[allow(dead_code)]
enum Below {
    Low = -5,
    High = 9,
}

#[derive(KernelType, Clone, Copy)]
#[repr(u64)]
#[allow(dead_code)]
enum Large {
    Most = u64::MAX,
}

#[test]
fn tags_are_numbers_of_the_repr() {
    use landbridge::ir::Scalar;
    variant!(Sign::Minus, -1, Sign::Minus {});
    variant!(Sign::Zero, 0, Sign::Zero {});
    variant!(Sign::Plus, 1, Sign::Plus {});
    variant!(Plain::C, 8, Plain::C {});
    variant!(Below::Low, -5, Below::Low {});
    variant!(Large::Most, i128::from(u64::MAX), Large::Most {});
    let tags = [description::<Sign>(), description::<Plain>(), description::<Below>(), description::<Large>()];
    assert_eq!(tags.map(|desc| desc.tag), [Scalar::I8, Scalar::U32, Scalar::I32, Scalar::U64]);
}

#[derive(KernelType, Clone, Copy)]
#[repr(u8)]
#[allow(dead_code)]
enum Generic<T, const N: usize> {
    One(T),
    All([T; N]),
    None,
}

#[derive(KernelType)]
#[repr(C, u16)]
#[allow(dead_code)]
enum Nested<'a> {
    Inside(Generic<f64, 3>, Sign),
    Borrowed(&'a Nested<'a>),
    Shared { count: u8, next: Option<Arc<ByC>> },
}

#[derive(KernelType)]
#[repr(u8)]
enum Single {
    Only { wide: u64, link: Option<Box<Single>> },
}

#[test]
fn generics_lifetimes_and_enums_in_enums() {
    variant!(Generic::<u16, 4>::One(1), 0, Generic::One { 0: a });
    variant!(Generic::<f64, 2>::All([1.0; 2]), 1, Generic::All { 0: a });
    variant!(Generic::<u8, 2>::None, 2, Generic::None {});
    variant!(Single::Only { wide: 1, link: None }, 0, Single::Only { wide: a, link: b });
    // The description is of the type without lifetimes.
    static INSIDE: Nested<'static> = Nested::Inside(Generic::One(1.0), Sign::Plus);
    variant!(Nested::<'static>::Inside(Generic::None, Sign::Zero), 0, Nested::Inside { 0: a, 1: b });
    variant!(Nested::<'static>::Borrowed(&INSIDE), 1, Nested::Borrowed { 0: a });
    let shared: Nested<'static> = Nested::Shared { count: 1, next: None };
    variant!(shared, 2, Nested::Shared { count: a, next: b });
}

/// Numbers that the user chose, with data behind them.
#[derive(KernelType)]
#[repr(i16)]
enum Chosen {
    Low(u32) = -300,
    Next { a: u8 },
    High(Box<u32>) = 1 << 12,
}

#[test]
fn chosen_tags() {
    variant!(Chosen::Low(1), -300, Chosen::Low { 0: a });
    variant!(Chosen::Next { a: 1 }, -299, Chosen::Next { a: a });
    variant!(Chosen::High(Box::new(1)), 4096, Chosen::High { 0: a });
}
