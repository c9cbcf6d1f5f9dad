//! The first bytes of a file, and the checksum.

use std::io::{self, Read, Write};

use super::super::memory::{GRANULE, MOST_GRANULES, bytes_of_bits};
use super::FileError;

const MAGIC: &[u8; 8] = b"LBREGION";
const VERSION: u32 = 1;
/// Reads differently on machines with another order of bytes.
const ORDER: u32 = 0x0102_0304;
/// What bits and data are aligned to in a file.
pub(super) const PAGE: usize = 4096;
/// Bytes of a [`Head`].
const BYTES: usize = 56;

/// What a file begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// The number of granule 0.
    pub(super) first: u32,
    /// How many types follow.
    pub(super) types: u32,
    /// Granules of data.
    pub(super) end: u64,
    /// Hash of the root's layout.
    pub(super) root: u64,
    /// Bytes of the root.
    pub(super) root_bytes: u64,
}

/// Where things are in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sections {
    /// Zeros before the bits.
    pub(super) gap: usize,
    /// Where bits and the zeros before them begin: a multiple of pages.
    pub(super) bits_at: usize,
    /// Bytes of bits.
    pub(super) bits: usize,
    /// Bytes of data.
    pub(super) data: usize,
    /// Bytes of data and the zeros behind them: a multiple of pages.
    pub(super) padded: usize,
}

impl Head {
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let Self { first, types, end, root, root_bytes } = *self;
        to.write_all(MAGIC)?;
        for number in [VERSION, ORDER, first, types] {
            to.write_all(&number.to_ne_bytes())?;
        }
        for number in [end, root, root_bytes, size_of::<usize>() as u64] {
            to.write_all(&number.to_ne_bytes())?;
        }
        Ok(())
    }

    pub(super) fn read(from: &mut impl Read) -> Result<Self, FileError> {
        let mut bytes = [0; BYTES];
        from.read_exact(&mut bytes)?;
        let small = |at: usize| u32::from_ne_bytes(std::array::from_fn(|k| bytes[at + k]));
        let large = |at: usize| u64::from_ne_bytes(std::array::from_fn(|k| bytes[at + k]));
        let foreign = |why: &str| Err(FileError::Foreign(why.into()));
        if &bytes[..8] != MAGIC {
            return foreign("it does not begin as one");
        }
        if small(12) != ORDER || large(48) != size_of::<usize>() as u64 {
            return foreign("it was written on a machine with another order of bytes or size of pointers");
        }
        if small(8) != VERSION {
            return foreign(&format!("it has version {}, this program reads {VERSION}", small(8)));
        }
        let head = Self { first: small(16), types: small(20), end: large(24), root: large(32), root_bytes: large(40) };
        if head.end > MOST_GRANULES as u64 || head.types > 1 << 20 {
            return Err(FileError::Corrupt("its sizes are too large"));
        }
        Ok(head)
    }

    /// Where things are.
    pub(super) fn sections(&self) -> Sections {
        let before = BYTES + self.types as usize * 16 + (self.root_bytes as usize).next_multiple_of(8);
        let bits_at = before.next_multiple_of(PAGE);
        let data = self.end as usize * GRANULE;
        let padded = data.next_multiple_of(PAGE);
        let bits = bytes_of_bits(padded);
        Sections { gap: bits.next_multiple_of(PAGE) - bits, bits_at, bits, data, padded }
    }

    /// Zeros between the root and what begins on a page.
    pub(super) fn zeros_before_bits(&self) -> usize {
        let before = BYTES + self.types as usize * 16 + self.root_bytes as usize;
        self.sections().bits_at - before
    }
}

/// A checksum that every change of a single word changes, as each step is one-to-one.
pub(super) struct Checksum {
    hash: u64,
    rest: [u8; 8],
    filled: usize,
}

impl Checksum {
    pub(super) fn new() -> Self {
        Self { hash: 0x6c61_6e64_6272_6964, rest: [0; 8], filled: 0 }
    }

    fn word(&mut self, word: [u8; 8]) {
        self.hash = (self.hash ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }

    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        if self.filled > 0 {
            let taken = bytes.len().min(8 - self.filled);
            self.rest[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled < 8 {
                return;
            }
            self.word(self.rest);
            self.filled = 0;
        }
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|&word| self.word(word));
        self.rest[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }

    pub(super) fn finish(mut self) -> u64 {
        let mut last = [0; 8];
        last[..self.filled].copy_from_slice(&self.rest[..self.filled]);
        self.word(last);
        self.hash
    }
}

/// Adds what passes through it to a checksum.
pub(super) struct Summed<T> {
    pub(super) inner: T,
    pub(super) sum: Checksum,
}

impl<T> Summed<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, sum: Checksum::new() }
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.sum.add(&bytes[..count]);
        Ok(count)
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.sum.add(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
