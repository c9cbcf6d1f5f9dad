//! The methods and associated functions of std that kernels know.
//!
//! For each method `name` there is a hidden method `__lb_name` on all kernel types and slices, for each associated
//! function a hidden `__lb_of_name`. Siblings that `#[kernel_fn]` writes for users' functions come first in method
//! lookup: they take `&self`, these here take `self`, and both are called on [`super::base`], which is a reference.
//!
//! The list of names is in `landbridge-macros` (`intrinsics.rs`), for the macros need it too; [`crate::lower`] says what
//! they mean.

use super::{Intrinsic, SliceOf, Slot};
use crate::ast::Callee;
use crate::types::KernelType;

landbridge_macros::__intrinsics!();

impl<T: KernelType> Methods for T {}
impl<T> Methods for SliceOf<T> {}
impl<T: KernelType> Functions for T {}
