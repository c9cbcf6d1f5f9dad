//! Launches of a scope that ask to work on the user's own memory. Pages that move to the card for one stay there until the scope ends.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::Arc;

use landbridge_core::argument::{ArgumentView, Span};
use landbridge_core::launch::Launch;
use landbridge_core::session::{CameHome, InPlace};
use landbridge_core::{Error, Strategy};

use super::super::launch::{self, Away};
use super::CudaSession;

/// The pages that are with the card.
#[derive(Default)]
pub(super) struct Visits {
    away: Away,
    /// Arguments with how many bytes of pages moved for them.
    arguments: Vec<(Range<usize>, u64)>,
}

impl CudaSession {
    fn send_home(&mut self, came_home: &mut dyn FnMut(CameHome)) {
        let Visits { away, arguments } = std::mem::take(&mut self.visits);
        if away.is_empty() {
            return;
        }
        let card = Arc::clone(&self.backend.card);
        let lane = card.lane().ok();
        let stayed = away.home(&card, lane.as_deref());
        for (argument, moved) in arguments {
            let bytes = if stayed.is_none() { moved } else { 0 };
            came_home(CameHome { argument, bytes, stayed: stayed.clone() });
        }
    }
}

// SAFETY: a launch outside of a scope waits for its kernel, and so does this one, which is the same but for what becomes of the pages.
unsafe impl InPlace for CudaSession {
    fn takes(&mut self, launch: &dyn Launch) -> bool {
        matches!(launch.strategy(), Strategy::Direct | Strategy::Map | Strategy::Migrate)
    }

    fn launch(&mut self, launch: &dyn Launch, walked: &mut dyn FnMut(usize, u64)) -> Result<(), Error> {
        let backend = Arc::clone(&self.backend);
        let report = launch::launch(&backend, launch, Some(&mut self.visits.away))?;
        let mut position = 0;
        launch.describe(&mut |view| {
            let name = launch.definition().parameter(position);
            let moved = report.arguments.iter().find(|plan| plan.name == name && plan.strategy == Strategy::Migrate);
            if let (ArgumentView::Span(span), Some(plan)) = (view, moved)
                && plan.bytes_in > 0
            {
                self.visits.arguments.push((addresses(&span), plan.bytes_in));
                walked(position, plan.bytes_in);
            }
            position += 1;
        });
        Ok(())
    }

    fn leave(&mut self, came_home: &mut dyn FnMut(CameHome)) {
        self.send_home(came_home);
    }
}

impl Drop for CudaSession {
    /// For scopes that ended in a way that let nobody call `leave`.
    fn drop(&mut self) {
        self.send_home(&mut |_| {});
    }
}

fn addresses(span: &Span) -> Range<usize> {
    span.data.addr()..span.data.addr() + span.bytes()
}
