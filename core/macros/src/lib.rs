//! The attribute macros of landbridge. See the documentation of `landbridge` for what they do; this is how.
//!
//! Reading route: [`macro@kernel`] -> `kernel.rs` (what a kernel becomes) -> `oracle.rs` (the builder of its tree) ->
//! `body/` (the walk over the body) -> `landbridge_core::oracle` and `landbridge_core::ast` (the other side).

mod body;
mod callables;
mod chains;
mod checked;
mod derive;
mod diagnostics;
mod each;
mod group;
mod intrinsics;
mod kernel;
mod kernel_fn;
mod nodes;
mod options;
mod oracle;
mod patterns;
mod roles;
mod rules;
mod tally;
mod ungroup;

use proc_macro::TokenStream;

/// Makes a kernel of a function; it can then be launched on every device.
///
/// The function is called with the arguments and returns a call, which a device runs. What each parameter is to the
/// launch follows from the form of its type:
///
/// | parameter | each work-item sees | argument at the call |
/// |---|---|---|
/// | `a: T` | the same value | the value |
/// | `x: &T`, `y: &mut T` | its element | a slice, `Vec`, array, `Box<[T]>` |
/// | `x: &[T; N]`, `y: &mut [T; N]` | its `N` elements | the same |
/// | `#[rows] m: &[T]`, `&mut [T]` | its row | `rows(&m, columns)`, `rows_mut(&mut m, columns)` |
/// | `#[node] n: &T` | its node of a linked structure | `nodes(&structure)` |
/// | `t: &[T]` | the whole slice | a slice, `Vec`, array, `Box<[T]>` |
/// | `h: &[AtomicU32]` | the whole slice | `&mut` of a slice of atomics or of `u32` |
/// | `i: Index` | its number | nothing; the number of items where no slice gives it |
/// | `i: Index2`, `i: Index3` | its numbers | `[height, width]`, `[depth, height, width]` |
///
/// `#[uniform]` before a parameter makes a uniform of a type that is called `Index`. What a kernel returns can be
/// collected or reduced.
///
/// `#[kernel(group = 256)]` makes a cooperative kernel: each work-item is a group of 256 lanes, one parameter is `g: &Group<256>`, and
/// the group's [`Group`](../landbridge/struct.Group.html) says what the lanes do side by side.
///
/// `#[kernel(crate = path)]`: where `landbridge` is found, if not as `::landbridge`.
///
/// # Errors that rustc words
/// An argument of a wrong type is reported at the argument, and the same once or twice more at the call around it. A handle
/// of a scope that is given to `device.run` instead of the scope's `launch` is a matter of lifetimes: "borrowed data escapes",
/// "must outlive `'static`".
#[proc_macro_attribute]
pub fn kernel(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let options = syn::parse_macro_input!(arguments as options::Options);
    let tokens = ungroup::item(item.into());
    match syn::parse2::<syn::ItemFn>(tokens.clone()) {
        Ok(function) if options.group.is_some() => group::expand(&options, function).into(),
        Ok(function) => kernel::expand(&options, tokens, function).into(),
        Err(error) => {
            let error = error.into_compile_error();
            quote::quote!(#tokens #error).into()
        }
    }
}

/// Makes a function callable from kernels: a free function, a method, all functions of an `impl` block, the methods of a
/// trait and their implementations, or an operator. On a `macro_rules!` it makes its calls part of kernels.
///
/// `#[kernel_fn(associated)]` marks a single function without `self` in an `impl` block that does not mention `Self`.
/// `#[kernel_fn(crate = path)]`: where `landbridge` is found, if not as `::landbridge`.
///
/// # Errors that rustc words
/// A call `Type::name(..)` of a function without the mark is "no function named `name_marked_kernel_fn`", since a type's functions
/// can be looked up by name only. An `impl` of a trait with marked methods that is not marked itself lacks
/// `name_if_trait_and_impl_are_marked_kernel_fn`, and a marked `impl` of a trait without the mark has one too many.
#[proc_macro_attribute]
pub fn kernel_fn(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let options = syn::parse_macro_input!(arguments as options::Options);
    kernel_fn::expand(&options, ungroup::item(item.into())).into()
}

/// A kernel as a closure, which may use variables around it: `each!(|x: &f32, y: &mut f32| *y += a * *x)`.
///
/// It is a function of the arguments, as a `#[kernel]` is: `device.run(each!(|x: &f32| ..)(&x))`. The parameters' types are
/// written out, for their forms decide their roles as those of [`macro@kernel`] do. Variables around it are copied, as
/// uniforms; slices are passed as parameters.
///
/// `each!(crate = path; |x: &f32| ..)`: where `landbridge` is found, if not as `::landbridge`.
#[proc_macro]
pub fn each(item: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(item as each::Input);
    each::expand(input).into()
}

/// Makes a struct usable in kernels and as their data: it may be passed to devices as it lies in memory.
///
/// Every field is a number, `bool`, array, tuple, atomic or such a struct. `#[kernel(Add, Mul<f32>, Neg)]` beside the
/// derive lists the overloaded operators that kernels may use, `PartialEq` among them; their `impl`s are marked `#[kernel_fn]`.
/// Those of a generic type all need the same bounds: a description of the type names all of them.
/// `#[kernel_type(crate = path)]`: where `landbridge` is found, if not as `::landbridge`.
#[proc_macro_derive(KernelType, attributes(kernel, kernel_type))]
pub fn derive_kernel_type(item: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(item as syn::DeriveInput);
    derive::expand(&input).into()
}

/// Goes on with a kernel when a macro that it calls has told its rules; only generated code calls it.
#[doc(hidden)]
#[proc_macro]
pub fn __resume(answer: TokenStream) -> TokenStream {
    let answered = syn::parse_macro_input!(answer as rules::Answered);
    rules::resume(answered).into()
}

/// The traits that stand for the methods of std which kernels know; for `landbridge-core` alone.
#[doc(hidden)]
#[proc_macro]
pub fn __intrinsics(_: TokenStream) -> TokenStream {
    intrinsics::traits().into()
}
