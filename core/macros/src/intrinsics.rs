//! The one list of std methods and associated functions that kernels know by name.
//!
//! `landbridge_core::oracle::methods` is generated from it (by the hidden macro `__intrinsics!`), so that the macros and
//! the traits which stand for these methods cannot disagree. What each means is decided by `landbridge_core::lower`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Methods, `receiver.name(..)`, by what has them: the associated types of core's trait `Methods`.
#[rustfmt::skip]
pub(crate) const METHODS: &[(&str, &[&str])] = &[
    ("OfFloats", &[
        "sqrt", "floor", "ceil", "round", "trunc", "fract", "exp", "exp2", "exp_m1", "ln", "log2", "log10", "ln_1p",
        "cbrt", "sin", "cos", "tan", "sin_cos", "asin", "acos", "atan", "sinh", "cosh", "tanh", "atan2", "powf", "powi",
        "hypot", "copysign", "mul_add", "recip", "to_radians", "to_degrees", "is_nan", "is_finite", "is_infinite",
        "to_bits", "round_ties_even", "is_sign_negative", "is_sign_positive", "log", "asinh", "acosh", "atanh", "next_up",
        "next_down", "is_normal", "is_subnormal", "total_cmp",
    ]),
    ("OfNumbers", &[
        "abs", "min", "max", "clamp", "signum", "rem_euclid", "div_euclid", "to_le_bytes", "to_be_bytes", "to_ne_bytes",
    ]),
    ("OfIntegers", &[
        "wrapping_add", "wrapping_sub", "wrapping_mul", "wrapping_neg", "wrapping_shl", "wrapping_shr",
        "saturating_add", "saturating_sub", "saturating_mul", "pow", "abs_diff", "unsigned_abs", "div_ceil",
        "count_ones", "count_zeros", "leading_zeros", "trailing_zeros", "reverse_bits",
        "swap_bytes", "is_power_of_two", "next_power_of_two", "ilog2", "wrapping_abs", "wrapping_pow", "leading_ones",
        "trailing_ones", "is_positive", "is_negative", "is_multiple_of", "next_multiple_of",
        "ilog10", "isqrt", "cast_signed", "cast_unsigned", "to_le", "to_be", "saturating_neg", "saturating_abs",
        "saturating_div", "saturating_pow", "wrapping_div", "wrapping_rem", "wrapping_div_euclid", "wrapping_rem_euclid",
        "wrapping_add_signed", "wrapping_add_unsigned", "wrapping_sub_unsigned", "saturating_add_signed", "unbounded_shl",
        "unbounded_shr", "midpoint", "overflowing_add", "overflowing_sub", "overflowing_mul", "overflowing_neg",
        "overflowing_abs", "overflowing_shl", "overflowing_shr", "overflowing_pow", "overflowing_div", "overflowing_rem",
        "checked_add", "checked_sub", "checked_mul", "checked_div", "checked_rem", "checked_div_euclid",
        "checked_rem_euclid", "checked_neg", "checked_abs", "checked_shl", "checked_shr", "checked_pow", "checked_ilog2",
        "checked_next_power_of_two", "checked_add_signed",
    ]),
    ("OfSlices", &[
        "fill", "get", "get_mut", "first", "first_mut", "last", "last_mut", "copy_from_slice",
        "split_at", "split_at_mut", "split_at_checked", "split_at_mut_checked", "split_first", "split_first_mut",
        "split_last", "split_last_mut", "as_slice", "starts_with", "ends_with", "is_sorted", "copy_within",
        "partition_point", "binary_search", "binary_search_by", "binary_search_by_key",
    ]),
    ("OfSlicesOfPlainData", &[
        "fill_with", "clone_from_slice", "swap_with_slice", "sort_unstable", "sort_unstable_by", "sort_unstable_by_key",
    ]),
    ("OfSlicesAndIntegers", &["rotate_left", "rotate_right"]),
    ("OfSlicesAndRanges", &["len", "is_empty", "contains"]),
    ("OfRanges", &["start", "end"]),
    ("OfBytesAndChars", &[
        "is_ascii", "is_ascii_alphabetic", "is_ascii_digit", "is_ascii_hexdigit", "is_ascii_alphanumeric",
        "is_ascii_uppercase", "is_ascii_lowercase", "is_ascii_punctuation", "is_ascii_whitespace", "is_ascii_graphic",
        "is_ascii_control", "to_ascii_uppercase", "to_ascii_lowercase", "eq_ignore_ascii_case", "make_ascii_uppercase",
        "make_ascii_lowercase",
    ]),
    ("OfChars", &["is_digit", "to_digit", "len_utf8"]),
    ("OfOptionsResultsAndArrays", &["map"]),
    ("OfSlicesAndAtomics", &["swap"]),
    ("OfAtomics", &[
        "load", "store", "fetch_add", "fetch_sub", "fetch_min", "fetch_max", "fetch_and", "fetch_or", "fetch_xor",
        "fetch_nand", "fetch_update", "try_update", "compare_exchange", "compare_exchange_weak",
    ]),
    ("OfScalars", &["into", "try_into"]),
    ("OfBools", &["then_some"]),
    ("OfBoolsAndOrderings", &["then"]),
    ("OfOrderings", &["is_lt", "is_le", "is_gt", "is_ge", "is_eq", "is_ne", "then_with"]),
    ("OfSlicesAndOrderings", &["reverse"]),
    ("OfComparable", &["cmp", "partial_cmp"]),
    ("OfOptions", &[
        "is_some", "is_none", "as_deref", "as_deref_mut", "xor", "filter", "is_some_and", "is_none_or", "take", "replace",
        "ok_or", "ok_or_else", "insert", "get_or_insert", "get_or_insert_with", "take_if", "zip", "unzip",
    ]),
    ("OfResults", &[
        "is_ok", "is_err", "is_ok_and", "is_err_and", "ok", "err", "map_err", "inspect_err", "unwrap_err", "expect_err",
    ]),
    ("OfOptionsAndResults", &[
        "as_ref", "as_mut", "unwrap", "expect", "unwrap_or", "unwrap_or_else", "unwrap_or_default", "map_or", "map_or_else",
        "and", "and_then", "or", "or_else", "copied", "cloned", "inspect", "flatten", "transpose",
    ]),
    ("OfValues", &["clone"]), // whatever is `Copy`
];

/// Associated functions without a receiver: `Type::name(..)`. All of [`METHODS`] may be called that way too.
#[rustfmt::skip]
pub(crate) const FUNCTIONS: &[&str] = &[
    "from", "try_from", "from_u32", "from_digit", "from_bits", "from_le_bytes", "from_be_bytes", "from_ne_bytes",
    // of num-traits, and `Default`
    "zero", "one", "default", "infinity", "neg_infinity", "nan", "neg_zero", "epsilon", "min_value", "max_value",
    "min_positive_value",
];

/// Methods whose result does not follow from the receiver's type.
#[rustfmt::skip]
pub(crate) const BY_CONTEXT: &[&str] = &[
    "into", "from", "try_into", "try_from", "as_ref", "as_deref", "as_mut", "as_deref_mut", "unwrap", "expect", "unwrap_or", "unwrap_or_else",
    "unwrap_or_default", "map", "map_or", "map_or_else", "and", "and_then", "or", "or_else", "xor", "filter", "copied",
    "take", "replace", "ok_or", "ok_or_else", "insert", "get_or_insert", "get_or_insert_with", "take_if", "zip", "unzip",
    "ok", "err", "map_err", "inspect_err", "unwrap_err", "cloned", "inspect", "flatten", "transpose", "then", "then_some", "get", "get_mut", "first", "first_mut", "last", "last_mut", "split_at",
    "split_at_mut", "split_at_checked", "split_at_mut_checked", "split_first", "split_first_mut", "split_last",
    "split_last_mut", "binary_search", "binary_search_by", "binary_search_by_key", "as_slice", "compare_exchange", "compare_exchange_weak", "fetch_update", "try_update",
];

/// Methods that take closures, with the number of the closures' parameters, argument by argument.
pub(crate) fn closures_of(name: &str) -> &'static [Option<usize>] {
    match name {
        "map"
        | "and_then"
        | "filter"
        | "is_some_and"
        | "is_none_or"
        | "is_ok_and"
        | "is_err_and"
        | "map_err"
        | "inspect"
        | "inspect_err"
        | "take_if"
        | "partition_point"
        | "binary_search_by"
        | "sort_unstable_by_key" => &[Some(1)],
        "sort_unstable_by" => &[Some(2)],
        "fill_with" | "unwrap_or_else" | "or_else" | "then" | "ok_or_else" | "get_or_insert_with" | "then_with" => {
            &[Some(0)]
        }
        "map_or" | "binary_search_by_key" => &[None, Some(1)],
        "map_or_else" => &[Some(0), Some(1)],
        "fetch_update" | "try_update" => &[None, None, Some(1)],
        _ => &[],
    }
}

/// Does a method of a number that has this name give a number?
pub(crate) fn gives_number(name: &str) -> bool {
    is_method(name) && !is_other(name) && !name.ends_with("into")
}

/// Does a method or function of a number that has this name give something else?
pub(crate) fn is_other(name: &str) -> bool {
    let tuple = ["checked_", "overflowing_"].iter().any(|start| name.starts_with(start)) || name == "sin_cos";
    let option = ["to_digit", "from_u32", "from_digit", "try_from", "try_into"].contains(&name)
        || name.starts_with("make_ascii_");
    tuple
        || option
        || !is_function(name)
        || name.starts_with("to_") && name.ends_with("_bytes")
        || name.starts_with("then")
        || name.ends_with("cmp")
}

/// Is it a method (or associated function) of std that kernels know?
pub(crate) fn is_method(name: &str) -> bool {
    names().any(|n| n == name)
}

fn names() -> impl Iterator<Item = &'static str> {
    METHODS.iter().flat_map(|group| group.1.iter().copied())
}

/// Is it an associated function of std that kernels know?
pub(crate) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name) || is_method(name)
}

/// The name without the mark of a raw identifier.
fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Name of the hidden method that stands beside method `name` and tells its tree. It is written backwards, for where a method does
/// not exist rustc proposes what has a similar name.
pub(crate) fn sibling(name: &str) -> String {
    format!("__lb_{}", plain(name).chars().rev().collect::<String>())
}

/// Name of the hidden function that stands beside associated function `name`. For names that std does not have it is
/// readable, because rustc names it when the user's function has no `#[kernel_fn]`.
pub(crate) fn associated_sibling(name: &str) -> String {
    let name = plain(name);
    if is_function(name) { format!("__lb_of_{name}") } else { format!("{name}_marked_kernel_fn") }
}

/// Name of the hidden function that builds the tree of method or associated function `name`; rustc names it where a trait is marked and
/// an `impl` of it is not, or the other way round.
pub(crate) fn builder(name: &str) -> String {
    format!("{}_if_trait_and_impl_are_marked_kernel_fn", plain(name))
}

/// The bodies of the traits that stand for the intrinsics, for core.
pub(crate) fn traits() -> TokenStream {
    let groups = METHODS.iter().map(|group| {
        let text = format!("What its methods are: of {}.", group.0);
        let name = format_ident!("{}", group.0);
        quote!(#[doc = #text] type #name;)
    });
    let methods = METHODS.iter().flat_map(|group| {
        let of = format_ident!("{}", group.0);
        group.1.iter().map(move |name| {
            let name = format_ident!("{}", sibling(name));
            quote!(fn #name(self) -> Self::#of { super::never() })
        })
    });
    let siblings = names().map(|n| format_ident!("{}", sibling(n)));
    let functions = FUNCTIONS.iter().copied().chain(names()).map(|n| format_ident!("{}", associated_sibling(n)));
    let functions_known = FUNCTIONS;
    let sources = crate::chains::SOURCES.iter().map(|source| source.0);
    let (adaptors, sinks) = (crate::chains::ADAPTORS, crate::chains::SINKS);
    let groups_known = METHODS.iter().map(|(group, names)| quote!((#group, &[#(#names),*]),));
    quote! {
        /// All of them by group, and functions without a receiver: for the test of the documentation.
        pub const KNOWN: &[(&str, &[&str])] = &[#(#groups_known)* ("Functions", &[#(#functions_known),*]), ("Sources", &[#(#sources),*]), ("Adaptors", &[#(#adaptors),*]), ("Sinks", &[#(#sinks),*])];

        /// The methods of std that kernels know: each has a hidden sibling here.
        pub trait Methods: Sized {
            #(#groups)*
            #(#methods)*
        }
        /// The same for type parameters, whose bounds decide. Found last, because of `&mut`.
        pub trait MethodsOfParameters {
            #(fn #siblings(&mut self) -> Intrinsic { super::never() })*
        }
        /// The associated functions of std that kernels know.
        pub trait Functions: crate::types::TypeInfo {
            #(fn #functions<F>(_: &Slot<F>) -> FunctionOf<Self> { FunctionOf(std::marker::PhantomData) })*
        }
    }
}
