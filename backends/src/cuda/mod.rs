//! NVIDIA cards through `cust`: PTX of our own, with only the driver at run time.
//!
//! `needs` is what a driver must have, `facts` what a card says of itself, `card` an opened one, `lane` its stream, `staging` pinned memory,
//! `beside` two streams more for copies while kernels run, `pool` its memory, `kernel` what the driver has compiled, `launch` one launch,
//! `session` those of a scope, `self_test` whether the card can be trusted with the host's memory.
//!
//! **None of this has run on a card yet** (docs/hardware.md): tests run it against a driver of their own (backends/fake-cuda).
//!
//! # What an error leaves
//! Under `Copy` results are copied back only when the kernel has ended and has reported no panic; until then the user's memory is as it was.
//! If the card is lost while results are on their way home, the error says which arguments are as the kernel left them, and which may hold
//! a part. Large launches of kernels that cannot panic come home part by part while the rest is computed: then every error says which arguments
//! may hold a part. A lost card may also keep pages that had moved to it under `Migrate`.

mod backend;
mod beside;
mod card;
mod crew;
mod event;
mod facts;
mod failure;
mod kernel;
mod lane;
mod launch;
mod needs;
mod pool;
mod self_test;
mod session;
mod staging;

// For the bench cuda_vs_raw: as a dependency of its own every example would build cust, too.
#[doc(hidden)]
pub use {cust, cust_raw};

pub(crate) use backend::names;
pub use backend::{CudaBackend, coherence};
pub use card::DEFAULT_TIMEOUT;
pub use facts::Coherence;
pub use pool::PoolUse;
