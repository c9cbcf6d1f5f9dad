#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]
#![warn(missing_docs)]

#[doc(no_inline)]
pub use landbridge_core::*;

pub use landbridge_backends::devices::{DeviceOptions, Devices};

/// Ready-made kernels.
pub mod kernels {
    pub use landbridge_kernels::*;
}

/// Where devices come from: for programs that bring their own backend, or look at one closely.
pub mod backends {
    pub use landbridge_backends::*;
}

/// What a program with kernels needs: `use landbridge::prelude::*`.
pub mod prelude {
    pub use landbridge_backends::devices::{DeviceOptions, Devices};
    pub use landbridge_core::{
        Call, Device, Extent, Group, Home, Index, Index2, Index3, KernelType, KernelValue, Max, Min, Plan, Product,
        Region, Report, Resident, ResidentMut, Scope, Shared, Strategy, Sum, each, kernel, kernel_fn, linked, nodes,
        rows, rows_mut,
    };
    pub use landbridge_kernels::{Primitives, ScopePrimitives};
}

/// The code of the page runs.
#[cfg(doctest)]
#[doc = include_str!("../docs/kernel-language.md")]
struct KernelLanguage;
