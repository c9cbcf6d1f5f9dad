//! What is asked of the generator, and what it may answer.

use std::fmt;

/// What a device and its driver can do, as far as the text depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WgslTarget {
    /// `SHADER_INT64`: `i64` and `u64` exist.
    pub int64: bool,
    /// `SHADER_INT64_ATOMIC_ALL_OPS`: atomics of these exist.
    pub int64_atomics: bool,
    /// `SHADER_F64`: `f64` exists.
    pub f64: bool,
    /// Bytes of immediates (push constants) that a pipeline may have; 0 if there are none.
    pub immediates_bytes: u32,
    /// Storage buffers that one stage may bind, the error block and the parameters' buffer included.
    pub max_storage_buffers: u32,
    /// Work-items of one workgroup along x: a power of two not above the device's limits.
    pub workgroup_size: u32,
    /// How `usize` is computed.
    pub usize_width: UsizeWidth,
    /// Every [`super::BufferPosition`] of every dispatch is 0: the usual case, worth a few percent of a short kernel. The
    /// parameters keep their words.
    pub offsets_are_zero: bool,
    /// The driver ends all loops of an invocation after so many rounds together: the kernel counts, and fails first.
    pub most_rounds: Option<u32>,
    /// Float operations are hidden from the driver's simplifications (`(a + b) - a` to `b`) and contractions, at the cost
    /// of some integer operations each. What is inside a function of the library stays as it is.
    pub floats_as_written: bool,
    /// The device rounds `/` of `f32` as the host does: divisors are hidden from a driver that would multiply by the rounded
    /// reciprocal of a constant instead (SPIRV-Tools does).
    pub rounds_as_host: bool,
    /// Arguments that are larger than one binding.
    pub parts: Option<Parts>,
}

/// Arguments that are cut over several bindings; only those that are bound as a whole ([`super::Part::Whole`]) can be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parts {
    /// Bytes of each part but the last, from the start of the first binding on: a power of two, at least 16.
    pub bytes: u64,
    /// By argument with memory, as in [`super::WgslKernel::bindings`]: the number of its parts.
    pub of_binding: Vec<u32>,
}

impl Default for WgslTarget {
    /// What every WebGPU device has.
    fn default() -> Self {
        WgslTarget {
            int64: false,
            int64_atomics: false,
            f64: false,
            immediates_bytes: 0,
            max_storage_buffers: 8,
            workgroup_size: 64,
            usize_width: UsizeWidth::Auto,
            offsets_are_zero: false,
            most_rounds: None,
            floats_as_written: false,
            rounds_as_host: false,
            parts: None,
        }
    }
}

/// How `usize` and `isize`, which are 64 bits in meaning, are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UsizeWidth {
    /// In 32 bits with checks, unless the kernel plainly works with high bits (hashes, `!x`, large constants) and the
    /// device has 64-bit integers.
    #[default]
    Auto,
    /// In 64 bits; requires [`WgslTarget::int64`]. For a second try after `range exceeded`.
    Wide,
}

/// What the kernel's result is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Nothing; a result is dropped.
    Run,
    /// Stored to the output binding at the item's number.
    Collect,
    /// Each invocation folds a block of consecutive items and stores one partial result; the host folds those.
    Reduce(ReduceOp),
}

/// How two scalars are folded into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// `a + b`; integers wrap.
    Sum,
    /// `a * b`; integers wrap.
    Product,
    /// `a.min(b)`: of a number and NaN the number.
    Min,
    /// `a.max(b)`: of a number and NaN the number.
    Max,
}

/// Features that the text uses; the shader's device must have been asked for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Needs {
    /// `SHADER_INT64`.
    pub int64: bool,
    /// `SHADER_F64`.
    pub f64: bool,
    /// `IMMEDIATES`.
    pub immediates: bool,
}

/// A kernel that WGSL, or this target, cannot express. The kernel is right: another backend runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WgslError {
    /// What could not be expressed, as the user would call it.
    pub construct: String,
    /// File and line of the nearest place in the source, where one is known.
    pub place: Option<(&'static str, u32)>,
    /// Why not, and what would help.
    pub why: String,
}

impl WgslError {
    pub(super) fn new(construct: impl Into<String>, why: impl Into<String>) -> Self {
        WgslError { construct: construct.into(), place: None, why: why.into() }
    }
}

impl fmt::Display for WgslError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no WGSL for {}", self.construct)?;
        if let Some((file, line)) = self.place {
            write!(f, " ({file}:{line})")?;
        }
        write!(f, ": {}", self.why)
    }
}

impl std::error::Error for WgslError {}
