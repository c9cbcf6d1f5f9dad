//! What makes two launches the same but for the addresses of their arguments and the values of their uniforms.

use std::mem::MaybeUninit;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::{Launch, Output};

use super::Few;
use super::ready::Key;

/// The shape of a launch: all that its kernel's text, the checks of it and its dispatch depend on.
pub(crate) struct Shape {
    pub(crate) key: Key,
    /// By parameter: where its memory is, if it has some.
    pub(crate) data: Few<*mut MaybeUninit<u8>>,
}

impl Shape {
    /// Of a launch of plain data whose results are not folded; `place` tells apart where an argument with memory is, or refuses.
    pub(crate) fn of(launch: &dyn Launch, mut place: impl FnMut(usize, &Span) -> Option<[u64; 2]>) -> Option<Self> {
        let (extent, forms) = (launch.extent(), launch.forms());
        let output = launch.output();
        let element_size = match output {
            Output::None => 0,
            Output::Collect { element_size, .. } => element_size as u64,
            Output::Reduce(_) => return None,
        };
        let mut key = Key::new();
        // Definitions and forms are static: what is at one address is one.
        key.push(std::ptr::from_ref(launch.definition()).addr() as u64);
        key.push(forms.as_ptr().addr() as u64);
        key.push(launch.result().map_or(0, |ty| std::ptr::from_ref(ty).addr() as u64));
        key.push(element_size << 8 | u64::from(extent.dimensions) << 2 | output.number());
        key.extend(extent.sizes.map(|size| size as u64));
        let (mut data, mut plain) = (Few::new(), true);
        launch.describe(&mut |view| match view {
            ArgumentView::Span(span) => {
                let there = place(data.len(), &span).filter(|_| span.links.is_none() && span.nodes.is_none());
                plain &= there.is_some();
                data.push(span.data);
                key.extend(there.unwrap_or_default());
                key.push(span.elements as u64);
                key.push((span.element_size as u64) << 1 | u64::from(span.access == Access::ReadWrite));
                key.push(span.per_item.map_or(0, |count| count as u64 + 1));
            }
            ArgumentView::Uniform { size, .. } => {
                data.push(std::ptr::null_mut());
                key.push(size as u64);
            }
            ArgumentView::Index => data.push(std::ptr::null_mut()),
        });
        plain.then_some(Self { key, data })
    }
}
