//! What may be sorted by.

use landbridge::{KernelValue, kernel_fn};

/// A key of at most 64 bits. Numbers are keys; a type of yours is one if it has bits whose order, as of an unsigned number, is its own.
pub trait Key: KernelValue {
    /// How many bits there are: a multiple of 8.
    const BITS: u32;

    /// The bits: as large numbers as the keys are large.
    fn bits(&self) -> u64;

    /// Four of the bits, from bit `shift` on.
    #[kernel_fn]
    fn digit(&self, shift: u32) -> u32;
}

macro_rules! unsigned {
    ($($t:ident)*) => {$(
        impl Key for $t {
            const BITS: u32 = $t::BITS;
            #[inline(always)]
            fn bits(&self) -> u64 {
                u64::from(*self)
            }
            #[kernel_fn]
            fn digit(&self, shift: u32) -> u32 {
                ((*self >> shift) & 15) as u32
            }
        }
    )*};
}
unsigned! { u8 u16 u32 u64 }

macro_rules! signed {
    ($($t:ident $unsigned:ident;)*) => {$(
        impl Key for $t {
            const BITS: u32 = $t::BITS;
            #[inline(always)]
            fn bits(&self) -> u64 {
                u64::from((*self ^ $t::MIN) as $unsigned)
            }
            #[kernel_fn]
            fn digit(&self, shift: u32) -> u32 {
                (((*self ^ $t::MIN) as $unsigned >> shift) & 15) as u32
            }
        }
    )*};
}
signed! { i8 u8; i16 u16; i32 u32; i64 u64; }

macro_rules! floats {
    ($($t:ident $bits:ident $sign:literal;)*) => {$(
        impl Key for $t {
            const BITS: u32 = $bits::BITS;
            #[inline(always)]
            fn bits(&self) -> u64 {
                let bits = self.to_bits();
                u64::from(if bits >> $sign == 1 { !bits } else { bits | 1 << $sign })
            }
            #[kernel_fn]
            fn digit(&self, shift: u32) -> u32 {
                let bits = self.to_bits();
                let ordered = if bits >> $sign == 1 { !bits } else { bits | 1 << $sign };
                ((ordered >> shift) & 15) as u32
            }
        }
    )*};
}
floats! { f32 u32 31; f64 u64 63; }
