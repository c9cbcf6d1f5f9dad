//! A singly linked list.

use std::ops::Add;

use landbridge::{KernelType, KernelValue, kernel};

/// A list: this node and those behind it. The empty list is a `None`.
#[derive(KernelType)]
pub struct Node<T> {
    /// What it holds.
    pub value: T,
    /// The rest of the list.
    pub next: Option<Box<Node<T>>>,
}

impl<T> Node<T> {
    /// A list of these values, in their order.
    pub fn list<I: IntoIterator<Item = T, IntoIter: DoubleEndedIterator>>(values: I) -> Option<Box<Self>> {
        values.into_iter().rev().fold(None, |next, value| Some(Box::new(Node { value, next })))
    }
}

/// A list as long as memory allows is dropped without recursion.
impl<T> Drop for Node<T> {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

/// The sum of the list's values that are at most this item's `limit`, from front to back, starting with `zero`.
///
/// Each item walks the whole list: n steps of one read after the other.
///
/// # Errors
/// The launch fails with a panic where the sum overflows, if debug assertions are on.
#[kernel]
pub fn sum_up_to<T: KernelValue + PartialOrd + Add<Output = T>>(head: Option<&Node<T>>, zero: T, limit: &T) -> T {
    let mut sum = zero;
    let mut at = head;
    while let Some(node) = at {
        if node.value <= *limit {
            sum = sum + node.value;
        }
        at = node.next.as_deref();
    }
    sum
}

/// The value at this item's `position`, counted from 0, or `none` where the list is shorter: `position` steps.
#[kernel]
pub fn nth<T: KernelValue>(head: Option<&Node<T>>, none: T, position: &u32) -> T {
    let mut left = *position;
    let mut at = head;
    while let Some(node) = at {
        if left == 0 {
            return node.value;
        }
        left -= 1;
        at = node.next.as_deref();
    }
    none
}
