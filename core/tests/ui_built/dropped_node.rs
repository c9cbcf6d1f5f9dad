//! Nodes may have a `Drop`, generic ones too: devices never make any, and never forget one.
extern crate landbridge_core as landbridge;
use landbridge::{KernelType, kernel};

#[derive(KernelType)]
struct Node<T> {
    value: T,
    next: Option<Box<Node<T>>>,
}

impl<T> Drop for Node<T> {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

#[kernel]
fn first(#[uniform] root: &Node<f32>, y: &mut f32) {
    *y = root.value;
}

fn main() {
    let root = Node { value: 1.0, next: None };
    let mut y = [0.0];
    let _ = first(&root, &mut y);
}
