//! What can go wrong with a region.

use crate::text::Bytes;

/// The region has no room. What is in it is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the region is full: {} more wanted, {} of {} in use. {}; what is in the region is unchanged",
    Bytes(*wanted as u64), Bytes(*used as u64), Bytes(*limit as u64),
    if *refused { "The system gives no more memory" } else { "Give it a higher limit when it is made (`Region::with_limit`)" })]
pub struct RegionFull {
    /// Bytes that were asked for.
    pub wanted: usize,
    /// Bytes in use, freed slots among them.
    pub used: usize,
    /// Bytes that the region may grow to.
    pub limit: usize,
    /// There were addresses left, but the system gave no memory for them.
    pub refused: bool,
}

/// A handle that leads to no node of this region: the caller's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadHandle {
    /// The handle was made by another region (or before this one was cleared).
    #[error("handle #{number} of a `{wanted}` is not of this region: use it with the region that made it")]
    Foreign {
        /// The handle's number.
        number: u32,
        /// What the handle says that it leads to.
        wanted: &'static str,
    },
    /// Nothing starts there: the node was removed (or the handle is of another region).
    #[error("handle #{number} leads to no `{wanted}`: it was removed, or the handle is of another region")]
    Removed {
        /// The handle's number.
        number: u32,
        /// What the handle says that it leads to.
        wanted: &'static str,
    },
    /// A node of another type lies there: the handle is of another region, or its node was removed and its room reused.
    #[error("handle #{number} leads to no `{wanted}` but to a `{found}`: the handle is of another region")]
    OtherType {
        /// The handle's number.
        number: u32,
        /// What the handle says that it leads to.
        wanted: &'static str,
        /// What lies there.
        found: &'static str,
    },
    /// Two of the handles given to [`get_many_mut`](super::Region::get_many_mut) are the same.
    #[error("handle #{number} was given twice: a node can be borrowed exclusively only once at a time")]
    Twice {
        /// The handle's number.
        number: u32,
    },
}
