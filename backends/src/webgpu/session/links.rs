//! Linked arguments of a scope's launches: what they are shared borrows of does not change while the scope lasts, so one image
//! on the device serves all launches.
#![allow(unsafe_code)]

use std::sync::Arc;

use landbridge_core::argument::{Access, Span};
use landbridge_core::launch::{Gathered, Launch};
use landbridge_core::linked::Image;
use landbridge_core::report::Steps;
use landbridge_core::session::{Place, Session, Trouble};

use super::super::launch::{Given, Images, Made, Memory, Rebuilt, There};
use super::super::pool::{Kind, Lease};
use super::WgpuSession;

/// The image of a shared linked argument, in a buffer of the device.
pub(super) struct KeptImage {
    of: Span,
    image: Sent,
}

enum Sent {
    /// By this scope.
    Own { lease: Lease, bytes: usize },
    /// By whoever borrows the structure for longer.
    Kept(Arc<There>),
}

/// Whether two arguments are the same structure: of one place and type. (A structure begins where its first field does, which
/// may be an argument, too.) The scope's launches borrow it until the scope ends.
fn are_same(one: &Span, other: &Span) -> bool {
    let same_type = match (one.links, other.links) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        _ => false,
    };
    same_type && one.data == other.data && one.elements == other.elements
}

/// Tells of a launch's arguments, one after the other, whether an image has to be made: once for each shared structure that
/// has none.
fn missing(has_one: impl Fn(&Span) -> bool) -> impl FnMut(&Span) -> bool {
    let mut found: Vec<Span> = Vec::new();
    move |span| {
        let is_first = span.links.is_some()
            && span.access == Access::Read
            && !has_one(span)
            && !found.iter().any(|other| are_same(other, span));
        if is_first {
            found.push(*span);
        }
        is_first
    }
}

impl WgpuSession {
    /// Launches with nodes gathered that are work-items' own. `false`, and nothing done, if there are none.
    pub(super) fn launch_gathered(
        &mut self,
        launch: &dyn Launch,
        places: &[Place],
        number: u64,
    ) -> Result<bool, Trouble> {
        // SAFETY: this is the launch of a session.
        let Some(mut gathered) = unsafe { Gathered::of(launch) }.map_err(Trouble::Refused)? else { return Ok(false) };
        self.launch(&gathered, places, number)?;
        // SAFETY: the launch has succeeded; one that writes memory of the host's is waited for.
        unsafe { gathered.scatter() };
        Ok(true)
    }

    /// Sends the images of the launch's shared linked arguments, if they are not there yet.
    pub(super) fn keep_images(&mut self, launch: &dyn Launch) -> Result<(), Trouble> {
        let backend = Arc::clone(&self.backend);
        let mut missing = missing(|span| self.images.iter().any(|image| are_same(&image.of, span)));
        let rebuilt = Images::of_those(&backend, launch, &mut Steps::default(), &mut missing);
        drop(missing);
        let rebuilt = rebuilt.map_err(Trouble::Refused)?;
        for (of, image) in rebuilt.into_parts() {
            let image = match &image {
                Made::There(there) => Sent::Kept(Arc::clone(there)),
                Made::Here(image) => self.send_image(image)?,
                Made::Kept(image) => self.send_image(image)?,
            };
            self.images.push(KeptImage { of, image });
        }
        Ok(())
    }

    fn send_image(&mut self, image: &Image<'_>) -> Result<Sent, Trouble> {
        let bytes = image.bytes();
        let lent = self.backend.gpu.pool.lend(Kind::Storage, (bytes.len() as u64).max(16));
        let lease = lent.map_err(|failure| self.refused(failure, "flatten"))?;
        // SAFETY: the image's bytes, which `send` has copied when it returns.
        unsafe { self.send(&lease.buffer().clone(), 0, bytes.as_ptr(), bytes.len()) }?;
        Ok(Sent::Own { lease, bytes: bytes.len() })
    }

    /// The image of an argument, if it is kept.
    pub(super) fn kept_image(&self, span: &Span) -> Option<Given<'_>> {
        let kept = self.images.iter().find(|image| are_same(&image.of, span))?;
        match &kept.image {
            Sent::Kept(there) => Some(there.given(span)),
            &Sent::Own { ref lease, bytes } => {
                Some(Given::Image(Rebuilt { memory: Memory::Resident { lease, offset: 0 }, bytes, span: *span }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use landbridge_core::types::{KernelNode, Ty};

    use super::*;

    fn span(at: usize, elements: usize, links: Option<Ty>) -> Span {
        let data = std::ptr::without_provenance_mut(at);
        Span { data, elements, element_size: 8, access: Access::Read, per_item: None, links, nodes: None, kept: None }
    }

    fn boxes() -> Ty {
        <Box<u32>>::DESCRIPTION()
    }

    fn options() -> Ty {
        <Option<Box<u32>>>::DESCRIPTION()
    }

    #[test]
    fn an_image_is_made_once_for_each_structure_and_not_for_what_begins_at_the_same_place() {
        let kept = span(64, 1, Some(boxes()));
        let mut missing = missing(|other| are_same(&kept, other));
        assert!(!missing(&kept), "it is there");
        let inner = span(64, 1, Some(options()));
        assert!(missing(&inner), "another type at that place");
        assert!(!missing(&inner), "an argument that is passed twice");
        assert!(missing(&span(64, 2, Some(boxes()))) && missing(&span(128, 1, Some(boxes()))));
        assert!(!missing(&span(256, 1, None)), "plain data has no image");
        let exclusive = Span { access: Access::ReadWrite, ..span(512, 1, Some(boxes())) };
        assert!(!missing(&exclusive), "what a kernel writes is not kept");
    }
}
