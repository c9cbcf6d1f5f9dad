//! `crate = path` may lead to a module that replaces some of our names: what is no kernel data stays none.
#![forbid(unsafe_code)]

extern crate landbridge_core as landbridge;
use landbridge::KernelType;

mod lenient {
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;
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
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;
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
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;
        pub trait TypeInfo {
            const DESC: &'static TypeDesc;
        }
    }
}

#[derive(KernelType)]
#[kernel_type(crate = other_trait)]
struct Undescribed(f32);

#[derive(KernelType)]
#[kernel_type(crate = other_trait)]
struct DescribedByHand(bool);

impl landbridge::types::TypeInfo for DescribedByHand {
    const DESC: &'static landbridge::types::TypeDesc = <u8 as landbridge::types::TypeInfo>::DESC;
}

mod other_tag {
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;
        pub trait Tagged {
            type Erased;
            type Base;
        }
    }
}

#[derive(KernelType)]
#[kernel_type(crate = other_tag)]
struct TaggedByHand<'a>(&'a u32);

impl<'a> landbridge::types::Tagged for TaggedByHand<'a> {
    type Erased = Vec<u64>;
    type Base = Self;
}

// What a name means inside of what the derive emits is not what it means outside.
mod __lb {
    pub type Byte = bool;
}

mod other_names {
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;
        pub type Byte = u8;
    }
}

#[derive(KernelType)]
#[kernel_type(crate = other_names)]
struct TwoMeanings(__lb::Byte);

fn main() {}
