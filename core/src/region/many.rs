//! Several nodes exclusively, at the same time.
#![allow(unsafe_code)]

use super::{BadHandle, Region, Shared, Stored};

/// Handles for [`Region::get_many_mut`]: an array of handles of one type, or a tuple of up to four of any types.
pub trait Handles: sealed::Handles {}
impl<H: sealed::Handles> Handles for H {}

mod sealed {
    use super::{BadHandle, Region};

    /// # Safety
    /// `numbers` names every handle; `borrow` gives out what these lead to and nothing else.
    #[allow(unreachable_pub)] // sealed: named by nobody else
    pub unsafe trait Handles {
        type Nodes<'r>;
        fn numbers(&self) -> impl AsRef<[u32]>;
        /// # Safety
        /// The handles differ, and the caller has exclusive access to the region for `'r`.
        unsafe fn borrow<'r>(self, region: &Region) -> Result<Self::Nodes<'r>, BadHandle>;
    }
}

impl Region {
    /// Several nodes or slices, each exclusively, at the same time.
    ///
    /// ```
    /// # use landbridge_core::Region;
    /// let mut region = Region::new();
    /// let (a, b, name) = (region.push(1), region.push(2), region.push_slice(b"ab"));
    /// let [x, y] = region.get_many_mut([a, b])?;
    /// std::mem::swap(x, y);
    /// let (x, letters) = region.get_many_mut((a, name))?;
    /// letters[0] += *x as u8;
    /// assert_eq!((region[a], &region[name]), (2, &b"cb"[..]));
    /// # Ok::<(), landbridge_core::region::BadHandle>(())
    /// ```
    ///
    /// # Errors
    /// - [`BadHandle::Twice`]: two handles are the same;
    /// - others: one of them leads to nothing of its type in this region.
    pub fn get_many_mut<H: Handles>(&mut self, handles: H) -> Result<H::Nodes<'_>, BadHandle> {
        if let Some(number) = repeated(handles.numbers().as_ref()) {
            return Err(BadHandle::Twice { number });
        }
        // SAFETY: the handles differ, and the result borrows `self` exclusively.
        unsafe { handles.borrow(self) }
    }
}

/// A number that is there twice. Few numbers are compared each with each.
fn repeated(numbers: &[u32]) -> Option<u32> {
    if numbers.len() <= 16 {
        return numbers
            .iter()
            .enumerate()
            .find(|(k, number)| numbers[..*k].contains(number))
            .map(|(_, &number)| number);
    }
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// # Safety
/// As [`sealed::Handles::borrow`] for one of the handles.
unsafe fn one<'r, T: Stored + ?Sized>(region: &Region, handle: Shared<T>) -> Result<&'r mut T, BadHandle> {
    let granule = region.find(handle)?;
    // SAFETY: `find` says that an initialised `T` starts there. The caller has exclusive access to the region and asks for
    // other granules otherwise; two things that start at different granules do not overlap.
    Ok(unsafe { &mut *region.pointer(granule) })
}

// SAFETY: every handle of the array is named, and only these are borrowed.
unsafe impl<T: Stored + ?Sized, const N: usize> sealed::Handles for [Shared<T>; N] {
    type Nodes<'r> = [&'r mut T; N];

    fn numbers(&self) -> impl AsRef<[u32]> {
        self.map(|handle| handle.number().get())
    }

    unsafe fn borrow<'r>(self, region: &Region) -> Result<Self::Nodes<'r>, BadHandle> {
        for handle in self {
            region.find(handle)?;
        }
        // SAFETY: as the caller promises.
        Ok(self.map(|handle| unsafe { one(region, handle) }.expect("it was found above")))
    }
}

macro_rules! tuples {
    ($($t:ident $k:tt),*) => {
        // SAFETY: every handle of the tuple is named, and only these are borrowed.
        unsafe impl<$($t: Stored + ?Sized),*> sealed::Handles for ($(Shared<$t>,)*) {
            type Nodes<'r> = ($(&'r mut $t,)*);

            fn numbers(&self) -> impl AsRef<[u32]> {
                [$(self.$k.number().get()),*]
            }

            unsafe fn borrow<'r>(self, region: &Region) -> Result<Self::Nodes<'r>, BadHandle> {
                // SAFETY: as the caller promises.
                Ok(unsafe { ($(one(region, self.$k)?,)*) })
            }
        }
    };
}
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
