//! landbridge-core: kernels as typed IR, launches, and the contracts between calls and devices. No driver, no pool.
//!
//! Users depend on the facade `landbridge`; this crate is for those who write kernels in libraries, or devices.
#![deny(unsafe_code)]

// the macros' own paths, for kernel functions of this crate
extern crate self as landbridge;

#[cfg(not(target_pointer_width = "64"))]
compile_error!("landbridge needs a target with 64-bit pointers");

pub mod argument;
pub mod ast;
pub mod backend;
pub mod convert;
pub mod device;
pub mod error;
pub mod extent;
pub mod fault;
pub mod group;
#[doc(hidden)]
pub mod in_kernels;
pub mod ir;
pub mod launch;
pub mod linked;
pub mod lower;
#[doc(hidden)]
pub mod oracle;
pub mod plan;
pub mod planner;
pub mod reduction;
pub mod region;
pub mod report;
pub mod residency;
pub mod rules;
pub mod scope;
pub mod session;
pub mod tally;
pub mod text;
pub mod topology;
mod translate;
pub mod types;

pub use argument::{rows, rows_mut};
pub use backend::{DeviceInfo, DeviceKind};
pub use device::Device;
pub use error::{Error, Result};
pub use extent::{Extent, Index, Index2, Index3};
pub use fault::InputFault;
pub use group::Group;
pub use landbridge_macros::{KernelType, each, kernel, kernel_fn};
pub use launch::Call;
pub use linked::{linked, nodes};
pub use plan::{Home, Plan, Strategy};
pub use reduction::{Max, Min, Product, Sum};
pub use region::{Region, Shared};
pub use report::Report;
pub use scope::{Resident, ResidentMut, ResidentRegion, ResidentRegionMut, Scope, ScopeReport};
pub use topology::Topology;
pub use types::{KernelNode, KernelType, KernelValue};
