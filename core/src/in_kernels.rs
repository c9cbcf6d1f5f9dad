//! Everything that generated code names, under one path; the facade re-exports it. Not for users.

pub use crate::argument::taken::{
    alone, call1, call2, call3, call4, call5, call6, call7, call8, call9, call10, call11, call12, call13, call14,
    call15, call16, uniform,
};
pub use crate::argument::{
    Atomics, Index2Arg, Index3Arg, IndexArg, Item, ItemMut, NodeItem, NodeItemMut, NullableRoot, NullableRootArg, Root,
    RootArg, Rows, RowsMut, Uniform, Whole,
};
pub use crate::ast::{Callee, FunctionTree, tree};
pub use crate::convert::{
    AtomicArg, NodesArg, NodesMutArg, RowsArg, RowsMutArg, SliceArg, SliceMutArg, chunks, chunks_mut, item, item_mut,
    whole,
};
pub use crate::extent::Index;
pub use crate::ir::Scalar;
pub use crate::launch::{Body, Call, Definition, Site};
pub use crate::oracle::methods::{
    Associated, ConvertsAny, ConvertsFromDerived, ConvertsToDerived, Functions, KnownOfDerived, KnownOfOthers, Methods,
    MethodsOfParameters, TryRaised, conversion, conversion_that_may_fail,
};
pub use crate::oracle::operators::{
    self, Abstract, Concrete, Derived, Equated, Listed, Operator, Ordered, Plain, equated, listed, operands, operated,
    ordered,
};
pub use crate::oracle::*;
pub use crate::region::{RegionArg, RegionSource};
pub use crate::tally::{Adding, LocalI32, LocalU32};
pub use crate::types::{
    Assigned, ByParts, EnumDesc, FieldDesc, InOption, KernelNode, KernelType, KernelValue, NodeView, NodeWithin,
    NotPlain, Opaque, OperatorDesc, PlainProbe, Seal, Tagged, Ty, TypeDesc, TypeInfo, TypeKind, VariantDesc, no_drop,
};
#[doc(hidden)]
pub use landbridge_macros::__resume;

/// Operators in the description of a type.
pub use crate::ast::Operator as OperatorName;

/// The traits whose methods generated code calls without their names. One import costs rustc less than eight.
pub mod looked_up {
    pub use crate::oracle::methods::{
        ConvertsAny as _, ConvertsFromDerived as _, ConvertsToDerived as _, Functions as _, KnownOfDerived as _,
        KnownOfOthers as _, Methods as _, MethodsOfParameters as _,
    };
}
