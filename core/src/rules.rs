//! What rustc's errors about kernels name: each of these traits is a rule that something in a kernel broke. The error says which,
//! and what to write instead. There is nothing to call or to implement here.

#[doc(no_inline)]
pub use crate::launch::Body;
#[doc(no_inline)]
pub use crate::oracle::methods::{Associated as KnownFunction, Converts, Tries};
#[doc(no_inline)]
pub use crate::oracle::operators::{Equated, Listed, Operator as OperatorInKernels, Ordered};
#[doc(no_inline)]
pub use crate::oracle::{
    Captured as CapturedByKernel, Constant as ConstantInKernels, Extreme, Flattened, Indexed as IndexedInKernels,
    Iterated, KernelFunction, KernelReceiver as ValueInKernels, MarkedFunction, Multiplied, NotAKernelFunction,
    NotMarked, NotOfIterators, OwnsNothing, Raised, Rest as RestOfSlice, Sequence as SequenceInKernels, Shown, Summed,
    WithoutAllocation, WithoutOptions, WithoutSplits, Zeroed,
};
#[doc(no_inline)]
pub use crate::types::{Assigned as AssignedInKernels, Tagged};
