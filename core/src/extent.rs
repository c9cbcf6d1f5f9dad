//! How many work-items a launch has, and in which shape.

use std::fmt;

/// The number of a work-item in a launch of one dimension. As a kernel's parameter it asks for that number.
pub type Index = usize;

/// The number of a work-item in a launch of two dimensions, in row-major order: `x` runs fastest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Index2 {
    /// Row, below the extent's height.
    pub y: usize,
    /// Column, below the extent's width.
    pub x: usize,
}

/// The number of a work-item in a launch of three dimensions: `x` runs fastest, then `y`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Index3 {
    /// Plane, below the extent's depth.
    pub z: usize,
    /// Row, below the extent's height.
    pub y: usize,
    /// Column, below the extent's width.
    pub x: usize,
}

/// How many work-items a launch has in each dimension; unused dimensions are 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Depth (slowest), height, width (fastest).
    pub sizes: [usize; 3],
    /// 1, 2 or 3.
    pub dimensions: u8,
}

impl Extent {
    /// One dimension.
    #[inline]
    pub fn linear(items: usize) -> Self {
        Extent { sizes: [1, 1, items], dimensions: 1 }
    }

    /// Two dimensions.
    #[inline]
    pub fn plane([height, width]: [usize; 2]) -> Self {
        Extent { sizes: [1, height, width], dimensions: 2 }
    }

    /// Three dimensions.
    #[inline]
    pub fn volume([depth, height, width]: [usize; 3]) -> Self {
        Extent { sizes: [depth, height, width], dimensions: 3 }
    }

    /// Number of work-items, or `None` if it does not fit a `usize`.
    #[inline]
    pub fn items(&self) -> Option<usize> {
        self.sizes.iter().try_fold(1_usize, |n, &size| n.checked_mul(size))
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [z, y, x] = self.sizes;
        match self.dimensions {
            1 => write!(f, "{x}"),
            2 => write!(f, "{y} x {x}"),
            _ => write!(f, "{z} x {y} x {x}"),
        }
    }
}
