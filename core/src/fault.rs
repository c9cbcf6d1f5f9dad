//! What can be wrong with the input of the ready-made operations.

/// What is wrong with an input, in [`Error::BadInput`](crate::Error::BadInput).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputFault {
    /// A slice has not the length that another one, or the shape, asks for.
    #[error("`{what}` has {found} elements, but {expected} are needed; pass slices that fit together")]
    Length {
        /// The slice at fault.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that it should have.
        expected: usize,
    },

    /// An index is not inside the slice that it is for.
    #[error("`{what}[{position}]` is {index}, but there are {length} elements; indices are below that")]
    Index {
        /// The slice of indices.
        what: &'static str,
        /// Where in it.
        position: usize,
        /// The index.
        index: u64,
        /// Elements that there are.
        length: usize,
    },

    /// Two elements would go to one place.
    #[error("`{what}[{first}]` and `{what}[{second}]` are both {index}; every index may be there once")]
    Duplicate {
        /// The slice of indices.
        what: &'static str,
        /// The index.
        index: u64,
        /// Where it is first.
        first: usize,
        /// Where it is again.
        second: usize,
    },

    /// Offsets of rows that begin elsewhere than at 0, fall, or end elsewhere than at the number of entries.
    #[error("`offsets[{position}]` is {found}, but has to be {wanted}")]
    Offsets {
        /// Where.
        position: usize,
        /// What is there.
        found: u64,
        /// What may be there, in words.
        wanted: String,
    },

    /// More elements than the 32-bit indices of the operation can count.
    #[error("`{what}` has {found} elements, and the operation counts to {limit} only; split it")]
    TooMany {
        /// The slice at fault.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The most that there may be.
        limit: usize,
    },
}

impl InputFault {
    /// The error of the operation with this name.
    pub fn of(self, operation: &'static str) -> crate::Error {
        crate::Error::BadInput { operation, fault: Box::new(self) }
    }
}
