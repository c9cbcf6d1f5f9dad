//! Linked arguments of a scope's launches: what they are shared borrows of does not change while the scope lasts, so one image
//! on the device serves all launches.
#![allow(unsafe_code)]

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::{Gathered, Launch};
use landbridge_core::report::Steps;
use landbridge_core::session::{Place, Session, Trouble};

use super::super::launch::{Given, Images, Memory, Rebuilt};
use super::super::pool::{Kind, Lease};
use super::WgpuSession;

/// The image of a shared linked argument, in a buffer of the device.
pub(super) struct KeptImage {
    of: Span,
    lease: Lease,
    bytes: usize,
}

impl KeptImage {
    /// Whether it is the image of this argument. Two arguments of one place and type are the same structure: the scope's
    /// launches borrow it until the scope ends.
    fn is_of(&self, span: &Span) -> bool {
        let same_type = match (self.of.links, span.links) {
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            _ => false,
        };
        same_type && self.of.data == span.data && self.of.elements == span.elements
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
        let mut missing = Vec::new();
        launch.describe(&mut |view| {
            if let ArgumentView::Span(span) = view
                && span.links.is_some()
                && span.access == Access::Read
                && !self.images.iter().any(|image| image.is_of(&span))
            {
                missing.push(span);
            }
        });
        if missing.is_empty() {
            return Ok(());
        }
        let backend = std::sync::Arc::clone(&self.backend);
        let wanted = |span: &Span| missing.iter().any(|m| m.data == span.data && span.access == Access::Read);
        let rebuilt = Images::of_those(&backend, launch, &mut Steps::default(), &wanted).map_err(Trouble::Refused)?;
        for (of, image) in rebuilt.into_parts() {
            let bytes = image.bytes();
            let lent = backend.gpu.pool.lend(Kind::Storage, (bytes.len() as u64).max(16));
            let lease = lent.map_err(|failure| self.refused(failure, "flatten"))?;
            // SAFETY: the image's bytes, which `send` has copied when it returns.
            unsafe { self.send(&lease.buffer().clone(), 0, bytes.as_ptr(), bytes.len()) }?;
            self.images.push(KeptImage { of, bytes: bytes.len(), lease });
        }
        Ok(())
    }

    /// The image of an argument, if it is kept.
    pub(super) fn kept_image(&self, span: &Span) -> Option<Given<'_>> {
        let kept = self.images.iter().find(|image| image.is_of(span))?;
        let memory = Memory::Resident { lease: &kept.lease, offset: 0 };
        Some(Given::Image(Rebuilt { memory, bytes: kept.bytes, span: *span }))
    }
}
