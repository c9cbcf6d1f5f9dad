//! `crate = path` may lead to a module that replaces some of our names: what is no kernel data stays none.
#![forbid(unsafe_code)]

extern crate landbridge_core as landbridge;
use landbridge::KernelType;

mod lenient {
    pub mod __private {
        pub use landbridge::__private::*;
        pub const fn field<T>() -> fn() -> Ty {
            || <u64 as TypeInfo>::DESC
        }
        pub const fn describe_struct<T>(_: &str, _: &[FieldDesc], _: &[OperatorDesc]) -> TypeDesc {
            unreachable!()
        }
    }
}

#[derive(KernelType)]
#[kernel_type(crate = lenient)]
struct Foreign(std::num::NonZeroU64);

mod lying {
    pub mod __private {
        pub use landbridge::__private::*;
        #[allow(non_snake_case)]
        pub mod TypeKind {
            use landbridge::types::{FieldDesc, TypeKind};
            #[allow(non_snake_case)]
            pub const fn Struct(_: &'static [FieldDesc]) -> TypeKind {
                TypeKind::Scalar(landbridge::ir::Scalar::U64)
            }
        }
    }
}

#[derive(KernelType)]
#[kernel_type(crate = lying)]
struct Flag(bool);

mod other_trait {
    pub mod __private {
        pub use landbridge::__private::*;
        pub trait TypeInfo {
            const DESC: &'static TypeDesc;
        }
    }
}

#[derive(KernelType)]
#[kernel_type(crate = other_trait)]
struct Undescribed(f32);

fn main() {}
