//! The cards that CUDA offers, or none where it is not built in.

#[cfg(not(all(feature = "cuda", target_os = "linux")))]
pub(crate) use absent::*;
#[cfg(all(feature = "cuda", target_os = "linux"))]
pub(crate) use present::*;

#[cfg(all(feature = "cuda", target_os = "linux"))]
mod present {
    use std::sync::Arc;

    use landbridge_core::error::Result;

    use crate::cuda::{self, CudaBackend};
    use crate::drivers::Limits;

    pub(crate) type Card = CudaBackend;

    /// The names of the cards, or why there are none.
    pub(crate) fn names() -> Result<Vec<String>> {
        cuda::names()
    }

    pub(crate) fn open(number: usize, limits: &Limits) -> Result<Arc<Card>> {
        let card = CudaBackend::open(number)?;
        card.set_memory_cap(limits.memory_cap);
        if let Some(timeout) = limits.timeout {
            card.set_timeout(timeout);
        }
        Ok(Arc::new(card))
    }
}

#[cfg(not(all(feature = "cuda", target_os = "linux")))]
mod absent {
    use std::sync::Arc;

    use landbridge_core::Error;
    use landbridge_core::error::Result;

    use crate::drivers::Limits;

    /// There is none.
    pub(crate) type Card = crate::drivers::Nobody;

    pub(crate) fn names() -> Result<Vec<String>> {
        let (why, hint) = if cfg!(feature = "cuda") {
            ("NVIDIA cards are there on Linux only", "Use another device")
        } else {
            (
                "this program was built without landbridge's feature `cuda`",
                "Build it with `--features cuda`, or use another device",
            )
        };
        Err(Error::NoDevice { wanted: "cuda".into(), why: why.into(), hint: hint.into() })
    }

    pub(crate) fn open(_: usize, _: &Limits) -> Result<Arc<Card>> {
        names().map(|_| unreachable!("there are none"))
    }
}
