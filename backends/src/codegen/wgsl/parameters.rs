//! The words of the parameters: what each is, and how to pack them for one dispatch.

use std::fmt;

use super::interface::Part;

/// What each 32-bit word of the parameters is, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterLayout {
    /// One entry a word.
    pub words: Vec<ParameterWord>,
    /// Of each binding: bytes an offset is counted in, bytes of an element, and whether one item sees a row.
    pub(super) buffers: Vec<PackedBuffer>,
    /// Bytes of each uniform, by number of the entry's parameter.
    pub(super) uniforms: Vec<(usize, usize)>,
    pub(super) wide: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PackedBuffer {
    pub(super) unit_bytes: u64,
    /// Bytes that addresses are counted in.
    pub(super) grain: u64,
    pub(super) element_bytes: u64,
    pub(super) part: Part,
    /// The entry's parameter, if it is one's.
    pub(super) parameter: Option<usize>,
}

/// One 32-bit word of the parameters. `high` is the upper half of a 64-bit number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterWord {
    /// Number of the dispatch's first work-item.
    First {
        /// Upper half.
        high: bool,
    },
    /// Number of the dispatch's work-items.
    Count,
    /// Always 0, which the driver's compiler does not know.
    Zero,
    /// `Reduce`: items that one invocation folds.
    Block,
    /// Extent along a dimension (0 is x).
    Extent {
        /// 0 is x, 1 is y.
        dimension: u8,
        /// Upper half.
        high: bool,
    },
    /// Where the dispatch's first element lies in the binding, in `unit_bytes`.
    Offset {
        /// Index into `WgslKernel::bindings`.
        binding: usize,
    },
    /// Number of elements that an item sees: of the slice, or of one row.
    Length {
        /// The entry's parameter.
        parameter: usize,
        /// Upper half.
        high: bool,
    },
    /// Bytes `4 * word ..` of a uniform, in the order of memory.
    Uniform {
        /// The entry's parameter.
        parameter: usize,
        /// Which word of it.
        word: usize,
    },
}

/// The numbers of one dispatch.
#[derive(Clone, Copy, Debug)]
pub struct Dispatch<'a> {
    /// Number of the first work-item.
    pub first: u64,
    /// Number of work-items.
    pub count: u32,
    /// `Reduce`: items that one invocation folds; not 0. Invocations: `count.div_ceil(block)`.
    pub block: u32,
    /// Extent of the whole launch: x, y, z (1 where there is no such dimension).
    pub extent: [u64; 3],
    /// One for each of `WgslKernel::bindings`.
    pub buffers: &'a [BufferPosition],
    /// By number of the entry's parameter: number of elements that an item sees of a slice (`Whole`, `Atomics`: the
    /// slice's; `Row`: of one row). Others are not read.
    pub lengths: &'a [u64],
    /// By number of the entry's parameter: the bytes of a uniform, padding as any bytes. Others are not read.
    pub uniforms: &'a [&'a [u8]],
}

/// Where an argument lies in its binding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BufferPosition {
    /// Bytes from the start of the binding to the first element of the dispatch: of `Part::Items` and `Part::Rows` that
    /// of the dispatch's first item, of `Part::Whole` that of the argument.
    pub offset_bytes: u64,
}

/// Launch data that cannot be packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackError {
    /// A number does not fit the 32 bits that the kernel computes in: split the dispatch, or use
    /// [`super::UsizeWidth::Wide`], or run elsewhere.
    TooLarge(&'static str),
    /// An offset is no multiple of `unit_bytes`.
    Misaligned {
        /// Index into `WgslKernel::bindings`.
        binding: usize,
    },
    /// There are too few buffers, lengths or uniforms, or a uniform has the wrong size.
    Mismatch(&'static str),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PackError::TooLarge(what) => write!(f, "{what} does not fit 32 bits"),
            PackError::Misaligned { binding } => {
                write!(f, "binding {binding}: the offset is not aligned")
            }
            PackError::Mismatch(what) => write!(f, "{what} do not match the kernel"),
        }
    }
}

impl std::error::Error for PackError {}

impl ParameterLayout {
    /// In bytes.
    pub fn bytes(&self) -> u32 {
        self.words.len() as u32 * 4
    }

    /// The index of a word.
    pub fn position(&self, word: ParameterWord) -> Option<usize> {
        self.words.iter().position(|w| *w == word)
    }

    /// The words for one dispatch.
    ///
    /// # Errors
    /// - [`PackError::TooLarge`] if a number does not fit the width that the kernel computes in.
    /// - [`PackError::Misaligned`] if an offset is no multiple of the binding's `unit_bytes`.
    /// - [`PackError::Mismatch`] if the dispatch does not belong to this kernel.
    pub fn pack(&self, dispatch: &Dispatch<'_>) -> Result<Vec<u32>, PackError> {
        self.check(dispatch)?;
        // At once as long as it gets: a list collected from fallible parts grows step by step.
        let mut words = Vec::with_capacity(self.words.len());
        for word in &self.words {
            words.push(self.word(*word, dispatch)?);
        }
        Ok(words)
    }

    fn check(&self, dispatch: &Dispatch<'_>) -> Result<(), PackError> {
        if dispatch.buffers.len() != self.buffers.len() {
            return Err(PackError::Mismatch("buffers"));
        }
        for &(parameter, bytes) in &self.uniforms {
            if dispatch.uniforms.get(parameter).map(|u| u.len()) != Some(bytes) {
                return Err(PackError::Mismatch("uniforms"));
            }
        }
        let end = dispatch.first.checked_add(u64::from(dispatch.count));
        if end.is_none_or(|end| !self.wide && end > 1 << 32) {
            return Err(PackError::TooLarge("the number of a work-item"));
        }
        if self.words.contains(&ParameterWord::Block) && dispatch.block == 0 {
            return Err(PackError::Mismatch("items of a block"));
        }
        for (k, (buffer, at)) in self.buffers.iter().zip(dispatch.buffers).enumerate() {
            if at.offset_bytes % buffer.unit_bytes != 0 {
                return Err(PackError::Misaligned { binding: k });
            }
            let length = || length_of(dispatch, buffer.parameter);
            let elements = match buffer.part {
                Part::Items => u128::from(dispatch.count),
                Part::Rows => u128::from(dispatch.count) * u128::from(length()),
                Part::Whole => u128::from(length()),
            };
            if elements * u128::from(buffer.element_bytes) > 1 << 32 {
                return Err(PackError::TooLarge("a slice"));
            }
            let end = u128::from(at.offset_bytes) + elements * u128::from(buffer.element_bytes);
            if end > u128::from(buffer.grain) << 32 {
                return Err(PackError::TooLarge("an offset into a buffer"));
            }
        }
        Ok(())
    }

    fn word(&self, word: ParameterWord, d: &Dispatch<'_>) -> Result<u32, PackError> {
        let half = |value: u64, high: bool, what| match high {
            true if self.wide => Ok((value >> 32) as u32),
            true => Ok(0),
            false if self.wide || value <= u64::from(u32::MAX) => Ok(value as u32),
            false => Err(PackError::TooLarge(what)),
        };
        Ok(match word {
            ParameterWord::First { high } => half(d.first, high, "the first work-item")?,
            ParameterWord::Count => d.count,
            ParameterWord::Zero => 0,
            ParameterWord::Block => d.block,
            ParameterWord::Extent { dimension, high } => half(d.extent[usize::from(dimension)], high, "the extent")?,
            ParameterWord::Offset { binding } => {
                (d.buffers[binding].offset_bytes / self.buffers[binding].unit_bytes) as u32
            }
            ParameterWord::Length { parameter, high } => {
                let length = d.lengths.get(parameter);
                let length = *length.ok_or(PackError::Mismatch("lengths"))?;
                half(length, high, "a slice's length")?
            }
            ParameterWord::Uniform { parameter, word } => {
                let mut bytes = [0; 4];
                for (to, from) in bytes.iter_mut().zip(&d.uniforms[parameter][4 * word..]) {
                    *to = *from;
                }
                u32::from_le_bytes(bytes)
            }
        })
    }
}

fn length_of(dispatch: &Dispatch<'_>, parameter: Option<usize>) -> u64 {
    parameter.and_then(|k| dispatch.lengths.get(k)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(wide: bool) -> ParameterLayout {
        ParameterLayout {
            words: vec![
                ParameterWord::First { high: false },
                ParameterWord::First { high: true },
                ParameterWord::Count,
                ParameterWord::Offset { binding: 0 },
                ParameterWord::Length { parameter: 1, high: false },
                ParameterWord::Uniform { parameter: 0, word: 0 },
                ParameterWord::Uniform { parameter: 0, word: 1 },
            ],
            buffers: vec![PackedBuffer {
                unit_bytes: 4,
                grain: 4,
                element_bytes: 12,
                part: Part::Items,
                parameter: None,
            }],
            uniforms: vec![(0, 6)],
            wide,
        }
    }

    fn dispatch<'a>(first: u64, at: &'a [BufferPosition]) -> Dispatch<'a> {
        Dispatch {
            first,
            count: 10,
            block: 0,
            extent: [10, 1, 1],
            buffers: at,
            lengths: &[0, 77],
            uniforms: &[&[1, 2, 3, 4, 5, 6]],
        }
    }

    #[test]
    fn packs_every_word_where_the_layout_says() {
        let at = [BufferPosition { offset_bytes: 24 }];
        let words = layout(false).pack(&dispatch(5, &at)).unwrap();
        assert_eq!(words, [5, 0, 10, 6, 77, 0x0403_0201, 0x0605]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let at = [BufferPosition { offset_bytes: 24 }];
        let far = dispatch(1 << 32, &at);
        assert!(matches!(layout(false).pack(&far), Err(PackError::TooLarge(_))));
        assert_eq!(layout(true).pack(&far).unwrap()[..2], [0, 1]);
        let odd = [BufferPosition { offset_bytes: 2 }];
        let odd = layout(true).pack(&dispatch(0, &odd));
        assert_eq!(odd, Err(PackError::Misaligned { binding: 0 }));
        let mut wrong = dispatch(0, &at);
        wrong.uniforms = &[&[1]];
        assert_eq!(layout(true).pack(&wrong), Err(PackError::Mismatch("uniforms")));
    }
}
