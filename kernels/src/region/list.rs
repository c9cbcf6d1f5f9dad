//! Lists in a region: [`List`].

use std::ops::Add;

use landbridge::region::List;
use landbridge::{KernelValue, Region, kernel};

/// The sum of the list's values that are at most this item's `limit`, from front to back, starting with `zero`: as
/// [`linked::list::sum_up_to`](crate::linked::list::sum_up_to).
///
/// Each item walks the whole list: n steps of one read after the other.
///
/// # Errors
/// The launch fails with a panic where the sum overflows, if debug assertions are on.
#[kernel]
pub fn sum_up_to<T>(region: &Region, list: List<T>, zero: T, limit: &T) -> T
where
    T: KernelValue + PartialOrd + Add<Output = T>,
{
    let mut sum = zero;
    let mut at = list.first;
    while let Some(p) = at {
        let link = &region[p];
        if link.value <= *limit {
            sum = sum + link.value;
        }
        at = link.next;
    }
    sum
}

/// The value at this item's `position`, counted from 0, or `none` where the list is shorter: `position` steps, as
/// [`linked::list::nth`](crate::linked::list::nth).
#[kernel]
pub fn nth<T: KernelValue>(region: &Region, list: List<T>, none: T, position: &u32) -> T {
    let mut left = *position;
    let mut at = list.first;
    while let Some(p) = at {
        let link = &region[p];
        if left == 0 {
            return link.value;
        }
        left -= 1;
        at = link.next;
    }
    none
}
