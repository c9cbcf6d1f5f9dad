//! Linked arguments of a scope's launches: what they are shared borrows of does not change while the scope lasts, so one image on
//! the card serves all launches.

use std::sync::Arc;

use landbridge_core::argument::{Access, Span};
use landbridge_core::launch::Launch;
use landbridge_core::report::Steps;
use landbridge_core::session::Trouble;

use super::super::launch::{Copied, Given, Images, Made, Room};
use super::super::pool::Lease;
use super::CudaSession;

/// The image of a shared linked argument, on the card.
pub(super) struct KeptImage {
    of: Span,
    image: Sent,
}

enum Sent {
    /// By this scope; its root's place in it, in bytes.
    Own { place: Lease, root: u64 },
    /// By whoever borrows the structure for longer.
    Kept(Arc<Room>),
}

/// Whether two arguments are the same structure: of one place and type. (A structure begins where its first field does, which may be
/// an argument, too.) The scope's launches borrow it until the scope ends.
fn are_same(one: &Span, other: &Span) -> bool {
    let same_type = match (one.links, other.links) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        _ => false,
    };
    same_type && one.data == other.data && one.elements == other.elements
}

impl CudaSession {
    /// Sends the images of the launch's shared linked arguments, if they are not there yet.
    pub(super) fn keep_images(&mut self, launch: &dyn Launch) -> Result<(), Trouble> {
        let backend = Arc::clone(&self.backend);
        let mut found: Vec<Span> = Vec::new();
        let mut missing = |span: &Span| {
            let is_first = span.access == Access::Read
                && !self.images.iter().any(|image| are_same(&image.of, span))
                && !found.iter().any(|other| are_same(other, span));
            if is_first {
                found.push(*span);
            }
            is_first
        };
        let rebuilt =
            Images::of_those(&backend, launch, &mut Steps::default(), &mut missing).map_err(Trouble::Refused)?;
        for (of, image) in rebuilt.into_parts() {
            let image = match image {
                Made::There(room) => Sent::Kept(room),
                Made::Here(image, place) => {
                    backend.send_all(&place, image.bytes()).map_err(Trouble::Refused)?;
                    Sent::Own { place, root: image.root() }
                }
                Made::Copied(Copied { bytes, root, place }) => {
                    backend.send_all(&place, &bytes).map_err(Trouble::Refused)?;
                    Sent::Own { place, root }
                }
            };
            self.images.push(KeptImage { of, image });
        }
        Ok(())
    }

    /// The image of an argument, if it is kept.
    pub(super) fn kept_image(&self, span: &Span) -> Option<Given> {
        let kept = self.images.iter().find(|image| are_same(&image.of, span))?;
        Some(match &kept.image {
            Sent::Kept(room) => room.given(span),
            Sent::Own { place, root } => Given::Card(place.address() + root, *span),
        })
    }
}
