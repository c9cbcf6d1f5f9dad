//! The methods of std that kernels know, on the edges of their ranges.

pub(crate) mod chains;
pub(crate) mod choices;
pub(crate) mod edges;
pub(crate) mod fallible;
pub(crate) mod floats;
pub(crate) mod integers;
pub(crate) mod nested;
pub(crate) mod options;
pub(crate) mod orderings;
pub(crate) mod slices;
