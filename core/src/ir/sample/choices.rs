//! Where random decisions come from: a byte string (for fuzzers, which shrink it) or a seed.

/// A source of decisions. At its end a byte string gives zeros, which lead to the simplest module.
#[derive(Clone, Debug)]
pub struct Choices<'b> {
    bytes: &'b [u8],
    seed: Option<u64>,
}

impl Choices<'static> {
    /// Endless decisions from a seed.
    pub fn from_seed(seed: u64) -> Self {
        Choices { bytes: &[], seed: Some(seed) }
    }
}

impl<'b> Choices<'b> {
    /// Decisions from a byte string.
    pub fn from_bytes(bytes: &'b [u8]) -> Self {
        Choices { bytes, seed: None }
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        if let Some(state) = &mut self.seed {
            // SplitMix64.
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            return (z >> 56) as u8;
        }
        let Some((first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        *first
    }

    /// Any 64 bits.
    pub fn word(&mut self) -> u64 {
        u64::from_le_bytes([(); 8].map(|()| self.byte()))
    }

    /// A number below `limit`, or 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        match limit {
            0 | 1 => 0,
            2..=256 => usize::from(self.byte()) % limit,
            _ => (self.word() % limit as u64) as usize,
        }
    }

    /// True once in `times`, but never at the end of a byte string.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of a list, if it is not empty.
    pub fn pick<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        let k = self.below(list.len());
        list.get(k).cloned()
    }
}
