//! The one list of std methods and associated functions that kernels know by name.
//!
//! `landbridge_core::oracle::methods` is generated from it (by the hidden macro `__intrinsics!`), so that the macros and
//! the traits which stand for these methods cannot disagree. What each means is decided by `landbridge_core::lower`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Methods: `receiver.name(..)`.
#[rustfmt::skip]
pub(crate) const METHODS: &[&str] = &[
    // floats
    "sqrt", "floor", "ceil", "round", "trunc", "fract", "exp", "exp2", "exp_m1", "ln", "log2", "log10", "ln_1p", "cbrt",
    "sin", "cos", "tan", "sin_cos", "asin", "acos", "atan", "sinh", "cosh", "tanh", "atan2", "powf", "powi", "hypot",
    "copysign", "mul_add", "recip", "to_radians", "to_degrees", "is_nan", "is_finite", "is_infinite", "to_bits",
    "round_ties_even", "is_sign_negative", "is_sign_positive", "log",
    // floats and integers
    "abs", "min", "max", "clamp", "signum", "rem_euclid", "div_euclid",
    // integers
    "wrapping_add", "wrapping_sub", "wrapping_mul", "wrapping_neg", "wrapping_shl", "wrapping_shr",
    "saturating_add", "saturating_sub", "saturating_mul", "pow", "abs_diff", "unsigned_abs", "div_ceil",
    "count_ones", "count_zeros", "leading_zeros", "trailing_zeros", "rotate_left", "rotate_right", "reverse_bits",
    "swap_bytes", "is_power_of_two", "next_power_of_two", "ilog2", "wrapping_abs", "wrapping_pow", "leading_ones",
    "trailing_ones", "is_positive", "is_negative", "is_multiple_of", "next_multiple_of",
    // slices and arrays
    "len", "is_empty", "swap", "fill",
    // atomics (and `swap`)
    "load", "store", "fetch_add", "fetch_sub", "fetch_min", "fetch_max", "fetch_and", "fetch_or", "fetch_xor",
    // whatever is `Copy`, and conversions that lose nothing
    "clone", "into",
];

/// Associated functions without a receiver: `Type::name(..)`. All of [`METHODS`] may be called that way too.
#[rustfmt::skip]
pub(crate) const FUNCTIONS: &[&str] = &[
    "from", "from_bits",
    // of num-traits, and `Default`
    "zero", "one", "default", "infinity", "neg_infinity", "nan", "neg_zero", "epsilon", "min_value", "max_value",
    "min_positive_value",
];

/// Methods whose result does not follow from the receiver's type.
pub(crate) const BY_CONTEXT: &[&str] = &["into", "from"];

/// Is it a method (or associated function) of std that kernels know?
pub(crate) fn is_method(name: &str) -> bool {
    METHODS.contains(&name)
}

/// Is it an associated function of std that kernels know?
pub(crate) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name) || is_method(name)
}

/// The name without the mark of a raw identifier.
fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Name of the hidden method that stands beside method `name` and tells its tree.
pub(crate) fn sibling(name: &str) -> String {
    format!("__lb_{}", plain(name))
}

/// Name of the hidden function that stands beside associated function `name`. For names that std does not have it is
/// readable, because rustc names it when the user's function has no `#[kernel_fn]`.
pub(crate) fn associated_sibling(name: &str) -> String {
    let name = plain(name);
    if is_function(name) { format!("__lb_of_{name}") } else { format!("{name}_as_kernel_fn") }
}

/// Name of the hidden function that builds the tree of method or associated function `name`.
pub(crate) fn builder(name: &str) -> String {
    format!("{}_kernel_fn", plain(name))
}

/// The bodies of the traits that stand for the intrinsics, for core.
pub(crate) fn traits() -> TokenStream {
    let methods = METHODS.iter().map(|n| format_ident!("{}", sibling(n)));
    let functions = FUNCTIONS.iter().chain(METHODS).map(|n| format_ident!("{}", associated_sibling(n)));
    quote! {
        /// The methods of std that kernels know: each has a hidden sibling here.
        pub trait Methods: Sized {
            #(fn #methods(self) -> Intrinsic { Intrinsic })*
        }
        /// The associated functions of std that kernels know.
        pub trait Functions: crate::types::TypeInfo {
            #(fn #functions<F>(_: &Slot<F>) -> Callee { Callee::IntrinsicOf(Self::DESC) })*
        }
    }
}
