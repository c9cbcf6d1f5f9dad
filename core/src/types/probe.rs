//! Layouts that std does not promise, asked of values at run time instead of assumed.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;

const WORD: usize = size_of::<usize>();

/// Where the parts of a `Vec<T>` or `Box<[T]>` lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceParts {
    /// Of the elements' address, in bytes.
    pub data: usize,
    /// Of the number of elements, in bytes.
    pub length: usize,
}

/// The parts of `Vec<T>`.
///
/// # Panics
/// If this version of std has a `Vec` of another make than address, capacity and length.
pub fn vector<T>() -> SliceParts {
    if size_of::<T>() == 0 {
        // Such a vector has no capacity that could be told from its length. `Vec` is one struct for all types.
        return vector::<u8>();
    }
    let probe: Vec<T> = Vec::with_capacity(5);
    let words: [usize; 3] = words(&probe, "Vec");
    let data = only(words.iter().position(|&w| w == probe.as_ptr().addr()), "Vec");
    let length = only(words.iter().position(|&w| w == 0), "Vec");
    let others = words.iter().enumerate().filter(|(k, _)| *k != data && *k != length);
    assert!(others.into_iter().all(|(_, &w)| w == probe.capacity()), "unknown layout of Vec");
    SliceParts { data: data * WORD, length: length * WORD }
}

/// The parts of `Box<[T]>`.
///
/// # Panics
/// If the address and the length of a boxed slice cannot be found in it.
pub fn boxed_slice<T>() -> SliceParts {
    let probe: Box<[T]> = Box::new([]);
    let words: [usize; 2] = words(&probe, "Box<[T]>");
    let data = only(words.iter().position(|&w| w == probe.as_ptr().addr()), "Box<[T]>");
    assert_eq!(words[1 - data], 0, "unknown layout of Box<[T]>");
    SliceParts { data: data * WORD, length: (1 - data) * WORD }
}

/// Offset of the value in the block that an `Arc<T>` points to, in bytes. Makes sure that `None` is null.
///
/// # Panics
/// If an `Arc` is no pointer to a block that holds the value, or `None` is not null.
pub fn counted<T>() -> usize {
    let none: Option<Arc<T>> = None;
    let [null]: [usize; 1] = words(&none, "Option<Arc<T>>");
    assert_eq!(null, 0, "unknown layout of Option<Arc<T>>");
    // `Arc::assume_init` promises that this has the layout of `Arc<T>`.
    let probe: Arc<MaybeUninit<T>> = Arc::new_uninit();
    let [block]: [usize; 1] = words(&probe, "Arc");
    let offset = Arc::as_ptr(&probe).addr().checked_sub(block);
    let offset = only(offset, "Arc");
    assert!(offset <= 2 * WORD + align_of::<T>(), "unknown layout of Arc");
    offset
}

/// The words that a value is made of: all of it, if it is made of words at all.
fn words<T, const N: usize>(value: &T, name: &str) -> [usize; N] {
    assert!(size_of::<T>() == N * WORD && align_of::<T>() == WORD, "unknown layout of {name}");
    // SAFETY: `value` is live and has the size and alignment of `N` words, as was just checked. It holds that many
    // addresses and numbers of a word each, as std documents of `Vec` and boxed slices (and an `Arc` is one pointer): so
    // there is no room for padding, and every byte is initialised.
    unsafe { std::ptr::from_ref(value).cast::<[usize; N]>().read() }
}

fn only(found: Option<usize>, name: &str) -> usize {
    found.unwrap_or_else(|| panic!("unknown layout of {name}: landbridge has to learn it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the parts say of a value, against what std says.
    fn parts<T>(value: &T, SliceParts { data, length }: SliceParts) -> (usize, usize) {
        let base = std::ptr::from_ref(value).cast::<u8>();
        // SAFETY: both offsets were found by a probe of this very type, so they are of words inside the value.
        unsafe { (base.add(data).cast::<usize>().read(), base.add(length).cast::<usize>().read()) }
    }

    #[test]
    fn vectors_and_boxed_slices_are_found_to_be_what_std_says() {
        fn check<T: Clone>(value: T) {
            for n in 0..9 {
                let vector = vec![value.clone(); n];
                assert_eq!(parts(&vector, super::vector::<T>()), (vector.as_ptr().addr(), n));
                let boxed = vector.into_boxed_slice();
                assert_eq!(parts(&boxed, super::boxed_slice::<T>()), (boxed.as_ptr().addr(), n));
            }
        }
        check(1_u8);
        check(2_u64);
        check([3_u16; 7]);
        check(());
        check(String::from("four"));
        check(vec![5_u32]);
        check(Some(Box::new(6_u32)));
    }

    #[test]
    fn values_in_an_arc_lie_where_the_probe_says() {
        #[repr(align(128))]
        struct Wide(u8);
        fn check<T>(value: T) {
            let arc = Arc::new(value);
            let block: [usize; 1] = words(&arc, "Arc");
            assert_eq!(block[0] + counted::<T>(), Arc::as_ptr(&arc).addr());
        }
        check(1_u8);
        check(2_u64);
        check([3_u128; 3]);
        check(());
        check(Wide(4));
        assert_eq!(Wide(5).0, 5);
    }
}
