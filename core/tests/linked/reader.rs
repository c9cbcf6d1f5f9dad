//! Reads an image beside the structure that it was made of, and compares. It knows types by Rust, not by their descriptions.

use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use landbridge_core::linked::{Image, Target};
use landbridge_core::types::probe::{self, SliceParts};

/// An image being read.
pub(crate) struct Reader<'i> {
    bytes: &'i [MaybeUninit<u8>],
    target: Target,
    /// What was met, by address and size: its place, and whether its owner was met.
    met: HashMap<(usize, usize), (u64, bool)>,
}

/// A type whose values can be compared with their copies in an image.
pub(crate) trait Compare {
    /// Compares with the copy at `at`.
    ///
    /// # Panics
    /// If they differ.
    fn compare(&self, at: u64, reader: &mut Reader<'_>);
}

/// Compares some values, side by side at the image's root.
pub(crate) fn compare<T: Compare>(values: &[T], image: &Image<'_>) {
    compare_bytes(values, image.bytes(), image.root(), image.target());
}

/// The same, of the bytes of an image wherever they are.
pub(crate) fn compare_bytes<T: Compare>(values: &[T], bytes: &[MaybeUninit<u8>], root: u64, target: Target) {
    let mut reader = Reader { bytes, target, met: HashMap::new() };
    assert_eq!((reader.number::<u64>(0), reader.number::<u64>(8)), (0, 0));
    reader.elements(root, values);
    let things: Vec<Thing> = reader.met.iter().map(|(&(host, len), &(place, _))| Thing { host, place, len }).collect();
    assert!(things.iter().all(|thing| thing.place >= 16 && thing.place as usize + thing.len <= reader.bytes.len()));
    nested(things.clone(), |thing| thing.host);
    nested(things, |thing| thing.place as usize);
}

/// Bytes of the host and their copy.
#[derive(Clone, Copy, Debug)]
struct Thing {
    host: usize,
    place: u64,
    len: usize,
}

/// Asserts that things overlap only where one is a part of the other, on the host and in the image alike.
fn nested(mut things: Vec<Thing>, start: impl Fn(&Thing) -> usize) {
    things.sort_by_key(|thing| (start(thing), std::cmp::Reverse(thing.len)));
    let mut outer: Option<Thing> = None;
    for thing in things {
        if let Some(outer) = outer
            && start(&thing) < start(&outer) + outer.len
        {
            assert!(start(&thing) + thing.len <= start(&outer) + outer.len, "{thing:?} crosses {outer:?}");
            assert_eq!(thing.host.wrapping_sub(outer.host) as u64, thing.place.wrapping_sub(outer.place), "two copies");
            continue;
        }
        outer = Some(thing);
    }
}

impl Reader<'_> {
    /// A number; its bytes have to be initialised.
    pub(crate) fn number<T: bytemuck::AnyBitPattern>(&self, at: u64) -> T {
        let bytes = &self.bytes[at as usize..at as usize + size_of::<T>()];
        // SAFETY: initialised, as this reader is the test of; any bits are a `T`.
        unsafe { bytes.as_ptr().cast::<T>().read_unaligned() }
    }

    /// The place that a pointer leads to.
    pub(crate) fn pointer(&self, at: u64) -> Option<u64> {
        let pointer: u64 = self.number(at);
        let place = match (pointer, self.target) {
            (0, _) => return None,
            (words, Target::Words) => {
                assert_eq!(words >> 32, 0, "the upper half of a pointer in words");
                words * 4
            }
            (address, Target::Address(base)) => address - base,
        };
        assert!(place < self.bytes.len() as u64, "a pointer out of the image");
        Some(place)
    }

    /// Takes down that something lies at a place. Whether it is new; if not, it has to be at the same place.
    fn meet<T>(&mut self, value: &T, place: u64, shared: bool) -> bool {
        if size_of::<T>() == 0 {
            return true;
        }
        assert_eq!(place % align_of::<T>() as u64, 0, "alignment");
        let key = (std::ptr::from_ref(value).addr(), size_of::<T>());
        let Some(&(before, owned)) = self.met.get(&key) else {
            self.met.insert(key, (place, !shared));
            return true;
        };
        assert!(shared || !owned, "what one owns was met twice");
        assert_eq!(before, place, "one value at two places");
        self.met.insert(key, (place, owned || !shared));
        false
    }

    fn elements<T: Compare>(&mut self, place: u64, values: &[T]) {
        for (number, value) in (0..).zip(values) {
            let at = place + number * size_of::<T>() as u64;
            if self.meet(value, at, false) {
                value.compare(at, self);
            }
        }
    }

    fn slice<T: Compare>(&mut self, at: u64, parts: SliceParts, values: &[T]) {
        let data = self.pointer(at + parts.data as u64).expect("no slice is null");
        assert_eq!(self.number::<usize>(at + parts.length as u64), values.len());
        self.elements(data, values);
    }

    /// Something that others may point to, too.
    fn shared<T: Compare>(&mut self, place: u64, value: &T) {
        if self.meet(value, place, true) {
            value.compare(place, self);
        }
    }
}

macro_rules! numbers {
    ($($t:ty)*) => {$(
        impl Compare for $t {
            fn compare(&self, at: u64, reader: &mut Reader<'_>) {
                assert_eq!(reader.number::<$t>(at).to_ne_bytes(), self.to_ne_bytes());
            }
        }
    )*};
}
numbers!(u8 u16 u32 u64 f32 f64 i64);

impl Compare for AtomicU32 {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        assert_eq!(reader.number::<u32>(at), self.load(Ordering::Relaxed));
    }
}

impl Compare for AtomicU64 {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        assert_eq!(reader.number::<u64>(at), self.load(Ordering::Relaxed));
    }
}

impl<T: Compare> Compare for Box<T> {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        let place = reader.pointer(at).expect("no box is null");
        if reader.meet(&**self, place, false) {
            (**self).compare(place, reader);
        }
    }
}

impl<T: Compare> Compare for &T {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        let place = reader.pointer(at).expect("no reference is null");
        reader.shared(place, *self);
    }
}

impl<T: Compare> Compare for Arc<T> {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        let block = reader.pointer(at).expect("no Arc is null");
        let offset = probe::counted::<T>() as u64;
        for count in 0..2 {
            assert_eq!(reader.number::<u64>(block + count * 8), 0, "counts are zeros");
        }
        reader.shared(block + offset, &**self);
    }
}

impl<T: Compare> Compare for Option<T> {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        match self {
            Some(link) => link.compare(at, reader),
            None => assert_eq!(reader.pointer(at), None),
        }
    }
}

impl<T: Compare> Compare for Vec<T> {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        let parts = probe::vector::<T>();
        reader.slice(at, parts, self);
        let capacity = 24 - (parts.data + parts.length) as u64;
        assert_eq!(reader.number::<u64>(at + capacity), 0, "capacities are zeros");
    }
}

impl<T: Compare> Compare for Box<[T]> {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        reader.slice(at, probe::boxed_slice::<T>(), self);
    }
}

impl<T: Compare, const N: usize> Compare for [T; N] {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        for (number, value) in (0..).zip(self) {
            value.compare(at + number * size_of::<T>() as u64, reader);
        }
    }
}

impl<A: Compare, B: Compare> Compare for (A, B) {
    fn compare(&self, at: u64, reader: &mut Reader<'_>) {
        self.0.compare(at + std::mem::offset_of!((A, B), 0) as u64, reader);
        self.1.compare(at + std::mem::offset_of!((A, B), 1) as u64, reader);
    }
}

/// `Compare` of a struct, field by field.
macro_rules! compared {
    ($name:ident $(<$life:lifetime>)? { $($field:ident)* }) => {
        impl $(<$life>)? crate::reader::Compare for $name $(<$life>)? {
            fn compare(&self, at: u64, reader: &mut crate::reader::Reader<'_>) {
                let _ = (at, &reader);
                $(crate::reader::Compare::compare(&self.$field, at + std::mem::offset_of!(Self, $field) as u64, reader);)*
            }
        }
    };
}
pub(crate) use compared;
