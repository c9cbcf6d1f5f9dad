//! Descriptions of Rust types for kernels: what rustc knows, as data.
//!
//! [`TypeInfo`] describes a lifetime-free type by a `const`; [`Tagged`] maps any type that an expression in a kernel may
//! have to its lifetime-free form. [`KernelType`] is what users name in bounds: plain data that may cross to a device;
//! [`KernelNode`] may hold links to other nodes as well.
#![allow(unsafe_code)]

mod alone;
pub mod choices;
mod enums;
mod in_option;
mod links;
mod ordering;
mod plain;
pub mod probe;
mod ranges;
mod view;

use std::any::TypeId;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, Ordering};

use crate::ast::{FunctionTree, Operator};
use crate::ir::Scalar;
use crate::oracle::{Rows, Slot};
pub use alone::{Others, OwnedAlone};
pub use enums::{EnumDesc, VariantDesc};
pub use in_option::{InOption, Side};
pub(crate) use links::linked;
pub use plain::{NotPlain, PlainProbe};
pub use view::{NodeView, Opaque, Seal};

/// A reference to a type's description.
pub type Ty = &'static TypeDesc;

/// Description of a type.
pub struct TypeDesc {
    /// As in Rust, without path; empty for tuples and references.
    pub name: &'static str,
    /// Tells nominal types apart.
    pub id: fn() -> TypeId,
    /// In bytes.
    pub size: usize,
    /// In bytes.
    pub align: usize,
    /// What it is made of.
    pub kind: TypeKind,
    /// Overloaded operators of a user's type.
    pub operators: &'static [OperatorDesc],
    /// Its comparisons that are those of its parts.
    pub by_parts: ByParts,
}

/// Comparisons of a user's type that go part by part, as std's derives would have them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByParts {
    /// `==`
    pub equal: bool,
    /// `<` and its kin.
    pub ordered: bool,
}

/// What a type is made of. Inner types are functions, so that recursive types need no cycle in a constant.
#[derive(Clone, Copy)]
pub enum TypeKind {
    /// `()` (and what never returns).
    Unit,
    /// Numbers and `bool`.
    Scalar(Scalar),
    /// `char`: a `u32` that is a Unicode scalar value.
    Char,
    /// `AtomicU32`, `AtomicI32`, `AtomicU64`, `AtomicI64`.
    Atomic(Scalar),
    /// `std::sync::atomic::Ordering`: accepted as an argument of atomics, and ignored (all are relaxed).
    Ordering,
    /// `&T`, `&mut T`.
    Reference(fn() -> Ty),
    /// `&[T]`, `&mut [T]`.
    Slice(fn() -> Ty),
    /// `[T; N]`.
    Array(fn() -> Ty, usize),
    /// Structs, and tuples (fields "0", "1", ..).
    Struct(&'static [FieldDesc]),
    /// `Shared<T>`, `Shared<[T]>` and `Option` of them: a number of 32 bits.
    Shared(SharedDesc),
    /// `Box<T>`: the address of a `T`.
    Boxed(fn() -> Ty),
    /// `Arc<T>`: the address of a block that holds a `T`, at the offset that the function gives.
    Counted(fn() -> Ty, fn() -> usize),
    /// `Option` of the pointer type `Boxed`, `Counted` or `Reference` that the function gives: that pointer, or null.
    Nullable(fn() -> Ty),
    /// `Option` of anything else. If it is of plain data, it lies in memory as the second function says; if not, it lives in
    /// kernels only, so that its layout is theirs.
    Optional(fn() -> Ty, choices::Layout),
    /// `Result` of these, likewise.
    Fallible(fn() -> Ty, fn() -> Ty, choices::Layout),
    /// `Vec<T>`: where in it the address and the number of the elements lie is what the second function gives.
    Vector(fn() -> Ty, fn() -> probe::SliceParts),
    /// `Box<[T]>`, likewise.
    BoxedSlice(fn() -> Ty, fn() -> probe::SliceParts),
    /// An enum with a defined layout.
    Enum(&'static EnumDesc),
    /// `Region`, behind a reference: the words of its memory.
    Region,
    /// A range, and whether its end belongs to it: it lives in kernels only, so that its layout is theirs.
    Range(&'static [FieldDesc], bool),
}

/// What a handle of a region leads to.
#[derive(Clone, Copy)]
pub struct SharedDesc {
    /// Type of the node, or of the slice's elements.
    pub to: fn() -> Ty,
    /// It leads to a slice.
    pub slice: bool,
    /// It is an `Option`, whose `None` is 0.
    pub nullable: bool,
    /// The handle itself, without the `Option`.
    pub some: fn() -> Ty,
}

/// A field of a struct or tuple.
pub struct FieldDesc {
    /// As in Rust.
    pub name: &'static str,
    /// From `offset_of!`, in bytes.
    pub offset: usize,
    /// Type of the field.
    pub ty: fn() -> Ty,
}

/// An overloaded operator: `left op right` or, with `assign`, `left op= right`, or `-a` and `!a`.
pub struct OperatorDesc {
    /// Which; only here it may also be [`Operator::Neg`] or [`Operator::Not`].
    pub operator: Operator,
    /// `op=`
    pub assign: bool,
    /// Type of the right operand (of `Neg` and `Not`: the type itself).
    pub right: fn() -> Ty,
    /// The user's function.
    pub tree: fn() -> FunctionTree,
}

impl std::fmt::Debug for TypeDesc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for TypeDesc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            TypeKind::Reference(t) => write!(f, "&{}", t()),
            TypeKind::Slice(t) => write!(f, "&[{}]", t()),
            TypeKind::Array(t, n) => write!(f, "[{}; {n}]", t()),
            TypeKind::Boxed(t) => write!(f, "Box<{}>", t()),
            TypeKind::Counted(t, _) => write!(f, "Arc<{}>", t()),
            TypeKind::Nullable(t) | TypeKind::Optional(t, _) => write!(f, "Option<{}>", t()),
            TypeKind::Fallible(t, e, _) => write!(f, "Result<{}, {}>", t(), e()),
            TypeKind::Vector(t, _) => write!(f, "Vec<{}>", t()),
            TypeKind::BoxedSlice(t, _) => write!(f, "Box<[{}]>", t()),
            TypeKind::Struct(fields) if self.name.is_empty() => {
                f.write_str("(")?;
                for field in fields {
                    write!(f, "{}, ", (field.ty)())?;
                }
                f.write_str(")")
            }
            _ => f.write_str(self.name),
        }
    }
}

/// Description of a type without lifetimes. Implemented here and by `#[derive(KernelType)]`.
///
/// # Safety
/// The description of a [`KernelNode`] describes its layout exactly, its `id` is that of the type.
pub unsafe trait TypeInfo: Sized + 'static {
    /// The description.
    const DESC: &'static TypeDesc;

    /// What `Option<Self>` is, and its name.
    const OPTION: (&'static str, TypeKind) = ("", TypeKind::Optional(Self::desc, choices::option::<Self>));

    // What the derive puts into the description. It says so here, since in a user's crate every path may have been replaced.
    #[doc(hidden)]
    const ID: fn() -> TypeId = TypeId::of::<Self>;
    #[doc(hidden)]
    const SIZE: usize = size_of::<Self>();
    #[doc(hidden)]
    const ALIGN: usize = align_of::<Self>();
    /// A place for a value, whose fields have offsets.
    #[doc(hidden)]
    const ROOM: MaybeUninit<Self> = MaybeUninit::uninit();

    /// The description, as a function (for [`FieldDesc::ty`]).
    fn desc() -> Ty {
        Self::DESC
    }
}

/// Every type that an expression in a kernel may have; `Erased` is the type with lifetimes set to `'static`.
///
/// # Safety
/// `Erased` is that type: what is known of its layout is used for this one.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be used in a kernel",
    label = "`{Self}` has no representation on devices",
    note = "add `#[derive(KernelType)]` to a type of your own; otherwise kernels use numbers, `bool`, arrays, tuples, slices, \
            references and atomics"
)]
pub unsafe trait Tagged: Sized {
    /// The type without lifetimes.
    type Erased: TypeInfo;
    /// What methods are looked up on: the type below all references (see [`crate::oracle::KernelReceiver`]).
    #[doc(hidden)]
    type Base;

    /// Notes the type of a binding.
    #[doc(hidden)]
    fn __lb_bind<E>(_: &Slot<E>, _: &Self)
    where
        Self: Tagged<Erased = E>,
    {
    }

    /// Notes the type of a value of a user's type. Where that is none of kernels, rustc does not know the result, and says no more.
    #[doc(hidden)]
    fn __lb_made<E>(_: &Slot<E>, _: Self, _: Option<Self>) -> Self::Base
    where
        Self: Tagged<Erased = E>,
    {
        crate::oracle::never()
    }

    /// Notes the type of a value.
    #[doc(hidden)]
    fn __lb_pass<E>(_: &Slot<E>, value: Self) -> Self
    where
        Self: Tagged<Erased = E>,
    {
        value
    }

    /// The rows of a type that is written in the source.
    #[doc(hidden)]
    fn __lb_forms() -> &'static [Ty] {
        Rows::<Self::Erased>::FORMS
    }
}

/// Data that a launch may reach through links: plain data, `Box`, `Arc` and `&` of such data, `Option`s of those, `Vec`,
/// `Box<[T]>`, arrays, tuples, and structs of all those with `#[derive(KernelType)]`.
///
/// # Safety
/// Implement it by `#[derive(KernelType)]` only. What the implementation promises: the description of [`Tagged::Erased`]
/// describes the type's layout exactly; every field is a `KernelNode`; there is no interior mutability but that of
/// atomics; and `Parts` are the types of all fields and of what links lead to, or [`Others`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kernel data type",
    label = "devices cannot hold it",
    note = "add `#[derive(KernelType)]` to a type of your own; otherwise kernels' data are numbers, `bool`, arrays, tuples, \
            and links to such data: `Box<T>`, `Arc<T>`, `&T`, `Option` of these, `Vec<T>`, `Box<[T]>`"
)]
pub unsafe trait KernelNode: Tagged + Send + Sync {
    /// The description of the type without lifetimes. The derive asks for a field's description here, by the path of the
    /// very trait that it implements: no other path could lead it to a description of something else.
    #[doc(hidden)]
    const DESCRIPTION: fn() -> Ty = <Self::Erased as TypeInfo>::desc;

    /// What it is made of, or leads to: see [`OwnedAlone`].
    #[doc(hidden)]
    type Parts;

    /// Whether values hold links: if so, they may have a `Drop`. Derived types know, and so do numbers and what consists of them.
    #[doc(hidden)]
    const HAS_LINKS: bool = true;

    /// Evaluated for every generic type that is described, for each of its types.
    #[doc(hidden)]
    const NO_DROP: () = assert!(
        Self::HAS_LINKS || !std::mem::needs_drop::<Self>(),
        "plain kernel data has no `Drop`: devices copy its bytes"
    );
}

/// A node that borrows nothing for longer or shorter than `'a`: all lifetimes in its type are `'a`.
///
/// # Safety
/// Implement it by `#[derive(KernelType)]` only. What the implementation promises: so it is, and a reference to the same type
/// with longer lifetimes may be seen as one to this.
#[diagnostic::on_unimplemented(
    message = "`nodes` does not find nodes of type `{Self}`",
    note = "nodes are of a type with `#[derive(KernelType)]`, numbers, or arrays and tuples of plain data"
)]
pub unsafe trait NodeWithin<'a>: KernelNode + 'a {}

/// Plain data that may cross to a device: numbers, `bool`, arrays, tuples, atomics and structs of those.
///
/// Its values are their bytes: devices copy them, and [`Region::load`](crate::region::Region::load) makes them of a file's. Private
/// fields keep other code from writing what makes no sense, but no `unsafe` code may rely on it.
///
/// # Safety
/// Implement it by `#[derive(KernelType)]` only. What the implementation promises: [`TypeInfo::DESC`] describes the type's
/// layout exactly; every field is a `KernelType`; the type owns nothing, has no pointer, no `Drop`, and no interior
/// mutability but that of its atomics.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kernel data type",
    note = "add `#[derive(KernelType)]` to it, unless it holds links: `Box`, `Vec`, `Arc` and `&` are no plain data, and are \
            passed by `#[uniform] root: &T`, `head: Option<&T>`, or in slices"
)]
pub unsafe trait KernelType: KernelNode + TypeInfo + Tagged<Erased = Self, Base = Self> + Assigned {}

/// What a kernel may assign: plain data, and references. What nodes own stays as the host made it: a device could neither
/// free it nor allocate, and a copy of a node on the host, which shares what the node owns, must not.
///
/// # Safety
/// Values of the type own nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not assigned to in kernels",
    label = "it owns what it leads to, or holds what does",
    note = "kernels change plain fields of nodes; links are changed by the host, before or after the launch"
)]
pub unsafe trait Assigned {
    /// Checks what is assigned to.
    #[doc(hidden)]
    fn __lb_assigned(_: &Self) {}
}

// SAFETY: references own nothing.
#[diagnostic::do_not_recommend]
unsafe impl<T: ?Sized> Assigned for &T {}
// SAFETY: as above.
#[diagnostic::do_not_recommend]
unsafe impl<T: ?Sized> Assigned for &mut T {}
// SAFETY: nothing, or what owns nothing.
#[diagnostic::do_not_recommend]
unsafe impl<T: Assigned> Assigned for Option<T> {}
// SAFETY: one of two that own nothing.
#[diagnostic::do_not_recommend]
unsafe impl<T: Assigned, E: Assigned> Assigned for Result<T, E> {}
// SAFETY: elements that own nothing.
#[diagnostic::do_not_recommend]
unsafe impl<T: Assigned, const N: usize> Assigned for [T; N] {}
// SAFETY: nothing is there.
#[diagnostic::do_not_recommend]
unsafe impl Assigned for () {}

/// Checks that plain data has no `Drop`, where the type is. [`KernelNode::NO_DROP`] checks the same where it is used.
#[doc(hidden)]
#[track_caller]
pub const fn no_drop<T>(plain: bool) {
    assert!(!plain || !std::mem::needs_drop::<T>(), "plain kernel data has no `Drop`: devices copy its bytes");
}

/// A kernel type whose values are copied: everything but atomics. Uniforms, results and captures have to be this.
pub trait KernelValue: KernelType + Copy {}
impl<T: KernelType + Copy> KernelValue for T {}

/// The description of `T` with its real size and alignment.
pub(crate) const fn describe<T: TypeInfo>(name: &'static str, kind: TypeKind) -> TypeDesc {
    let by_parts = ByParts { equal: false, ordered: false };
    TypeDesc { name, id: TypeId::of::<T>, size: size_of::<T>(), align: align_of::<T>(), kind, operators: &[], by_parts }
}

macro_rules! scalars {
    ($($t:ident $kind:expr;)*) => {$(
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl TypeInfo for $t { const DESC: &'static TypeDesc = &describe::<$t>(stringify!($t), $kind); }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl Tagged for $t { type Erased = $t; type Base = $t; }
        // SAFETY: a number owns nothing.
        #[diagnostic::do_not_recommend]
        unsafe impl Assigned for $t {}
        // SAFETY: a number, `bool` or atomic: the description is its own.
        #[diagnostic::do_not_recommend]
        unsafe impl KernelNode for $t {
            type Parts = ();
            const HAS_LINKS: bool = false;
        }
        // SAFETY: as above; it owns nothing and has no pointer.
        #[diagnostic::do_not_recommend]
        unsafe impl KernelType for $t {}
        // SAFETY: it has no lifetimes.
        unsafe impl NodeWithin<'_> for $t {}
    )*};
}
scalars! {
    bool TypeKind::Scalar(Scalar::Bool);
    char TypeKind::Char;
    i8 TypeKind::Scalar(Scalar::I8);
    i16 TypeKind::Scalar(Scalar::I16);
    i32 TypeKind::Scalar(Scalar::I32);
    i64 TypeKind::Scalar(Scalar::I64);
    isize TypeKind::Scalar(Scalar::Isize);
    u8 TypeKind::Scalar(Scalar::U8);
    u16 TypeKind::Scalar(Scalar::U16);
    u32 TypeKind::Scalar(Scalar::U32);
    u64 TypeKind::Scalar(Scalar::U64);
    usize TypeKind::Scalar(Scalar::Usize);
    f32 TypeKind::Scalar(Scalar::F32);
    f64 TypeKind::Scalar(Scalar::F64);
    AtomicU32 TypeKind::Atomic(Scalar::U32);
    AtomicI32 TypeKind::Atomic(Scalar::I32);
    AtomicU64 TypeKind::Atomic(Scalar::U64);
    AtomicI64 TypeKind::Atomic(Scalar::I64);
}

macro_rules! errors {
    ($($t:ident $module:ident $equal:literal;)*) => {$(
        // SAFETY: size and alignment are this type's, and it has no bytes.
        #[diagnostic::do_not_recommend]
        unsafe impl TypeInfo for std::$module::$t {
            const DESC: &'static TypeDesc = &TypeDesc {
                by_parts: ByParts { equal: $equal, ordered: false },
                ..describe::<Self>(stringify!($t), TypeKind::Struct(&[]))
            };
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl Tagged for std::$module::$t {
            type Erased = Self;
            type Base = Self;
        }
        // SAFETY: it owns nothing.
        #[diagnostic::do_not_recommend]
        unsafe impl Assigned for std::$module::$t {}
        const _: () = assert!(size_of::<std::$module::$t>() == 0);
    )*};
}
errors! {
    TryFromIntError num true;
    TryFromSliceError array false;
}

macro_rules! plain {
    ($($t:ty, $name:literal, $kind:expr;)*) => {$(
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl TypeInfo for $t { const DESC: &'static TypeDesc = &describe::<$t>($name, $kind); }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl Tagged for $t { type Erased = $t; type Base = $t; }
    )*};
}
plain! {
    (), "()", TypeKind::Unit;
    Ordering, "Ordering", TypeKind::Ordering;
}

macro_rules! references {
    ($($exclusive:tt)?) => {
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> TypeInfo for &'static $($exclusive)? T {
            const DESC: &'static TypeDesc = &describe::<Self>("", TypeKind::Reference(T::desc));
            const OPTION: (&'static str, TypeKind) = ("", TypeKind::Nullable(Self::desc));
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: Tagged> Tagged for & $($exclusive)? T {
            type Erased = &'static $($exclusive)? T::Erased;
            type Base = T::Base;
        }
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> TypeInfo for &'static $($exclusive)? [T] {
            const DESC: &'static TypeDesc = &describe::<Self>("", TypeKind::Slice(T::desc));
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: Tagged> Tagged for & $($exclusive)? [T] {
            type Erased = &'static $($exclusive)? [T::Erased];
            type Base = crate::oracle::SliceOf<T>;
        }
    };
}
references!();
references!(mut);

// SAFETY: the size, alignment and kind are this type's.
#[diagnostic::do_not_recommend]
unsafe impl<T: TypeInfo, const N: usize> TypeInfo for [T; N] {
    const DESC: &'static TypeDesc = &describe::<Self>("", TypeKind::Array(T::desc, N));
}
// SAFETY: it is this type, without lifetimes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Tagged, const N: usize> Tagged for [T; N] {
    type Erased = [T::Erased; N];
    type Base = Self;
}
// SAFETY: an array is its elements, each a `KernelNode`, one after the other.
#[diagnostic::do_not_recommend]
unsafe impl<T: KernelNode, const N: usize> KernelNode for [T; N] {
    type Parts = (T, ());
    const HAS_LINKS: bool = <T as KernelNode>::HAS_LINKS;
}
// SAFETY: an array is its elements, each a `KernelType`, one after the other.
#[diagnostic::do_not_recommend]
unsafe impl<T: KernelType, const N: usize> KernelType for [T; N] {}
// SAFETY: plain data has no lifetimes.
unsafe impl<T: KernelType, const N: usize> NodeWithin<'_> for [T; N] {}

macro_rules! parts {
    () => { () };
    ($first:ident $($rest:ident)*) => { ($first, parts!($($rest)*)) };
}

macro_rules! tuples {
    ($($field:tt $t:ident)*) => {
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl<$($t: TypeInfo),*> TypeInfo for ($($t,)*) {
            const DESC: &'static TypeDesc = &describe::<Self>("", TypeKind::Struct(&[$(FieldDesc {
                name: stringify!($field),
                offset: std::mem::offset_of!(Self, $field),
                ty: $t::desc,
            }),*]));
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl<$($t: Tagged),*> Tagged for ($($t,)*) { type Erased = ($($t::Erased,)*); type Base = Self; }
        // SAFETY: no field owns anything.
        #[diagnostic::do_not_recommend]
        unsafe impl<$($t: Assigned),*> Assigned for ($($t,)*) {}
        // SAFETY: every field is a `KernelNode` and is described with its real offset, that of the type without lifetimes:
        // layouts do not depend on lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl<$($t: KernelNode),*> KernelNode for ($($t,)*) {
            type Parts = parts!($($t)*);
            const HAS_LINKS: bool = false $(|| <$t as KernelNode>::HAS_LINKS)*;
        }
        // SAFETY: every field is a `KernelType` and is described with its real offset; a tuple has no `Drop`.
        #[diagnostic::do_not_recommend]
        unsafe impl<$($t: KernelType),*> KernelType for ($($t,)*) {}
        // SAFETY: plain data has no lifetimes.
        unsafe impl<$($t: KernelType),*> NodeWithin<'_> for ($($t,)*) {}
    };
}
tuples!(0 A);
tuples!(0 A 1 B);
tuples!(0 A 1 B 2 C);
tuples!(0 A 1 B 2 C 3 D);
tuples!(0 A 1 B 2 C 3 D 4 E);
tuples!(0 A 1 B 2 C 3 D 4 E 5 F);
tuples!(0 A 1 B 2 C 3 D 4 E 5 F 6 G);
tuples!(0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H);
tuples!(0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I);
tuples!(0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J);
tuples!(0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J 10 K);
tuples!(0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J 10 K 11 L);

macro_rules! indices {
    ($($t:ty, $name:literal, $($field:ident)*;)*) => {$(
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl TypeInfo for $t {
            const DESC: &'static TypeDesc = &describe::<Self>($name, TypeKind::Struct(&[$(FieldDesc {
                name: stringify!($field),
                offset: std::mem::offset_of!(Self, $field),
                ty: usize::desc,
            }),*]));
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl Tagged for $t { type Erased = Self; type Base = Self; }
        // SAFETY: numbers own nothing.
        #[diagnostic::do_not_recommend]
        unsafe impl Assigned for $t {}
        // SAFETY: fields of `usize`, each described with its real offset.
        #[diagnostic::do_not_recommend]
        unsafe impl KernelNode for $t {
            type Parts = ();
            const HAS_LINKS: bool = false;
        }
        // SAFETY: as above.
        #[diagnostic::do_not_recommend]
        unsafe impl KernelType for $t {}
    )*};
}
indices! {
    crate::extent::Index2, "Index2", y x;
    crate::extent::Index3, "Index3", z y x;
}
