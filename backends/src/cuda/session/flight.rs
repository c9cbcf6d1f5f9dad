//! Launches of a scope on their way: bounded in number, and looked after when somebody waits.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use landbridge_core::launch::Definition;
use landbridge_core::session::Trouble;

use super::super::backend::CudaBackend;
use super::super::failure::Failure;
use super::super::kernel::Kernel;
use super::super::lane::{Lane, decode};
use super::super::launch::{self, Stopped, patience_of};
use super::super::pool::Lease;
use crate::codegen::ptx::interface::error_block;

/// Launches that nobody has waited for, at most.
const MOST: usize = 512;
const BLOCK: usize = error_block::MOST_BYTES as usize;

/// What an error block belongs to.
pub(super) struct Ticket {
    /// The scope's number of the launch.
    pub(super) number: u64,
    pub(super) definition: &'static Definition,
    pub(super) kernel: Arc<Kernel>,
}

/// The launches of one session.
pub(super) struct Flight {
    backend: Arc<CudaBackend>,
    /// Since the last wait; each has the error block of its position.
    sent: Vec<Ticket>,
    /// A row of error blocks, all zeros but for those of launches on their way.
    blocks: Option<Lease>,
}

impl Flight {
    pub(super) fn new(backend: Arc<CudaBackend>) -> Self {
        Self { backend, sent: Vec::new(), blocks: None }
    }

    /// Makes room for one more launch; waits if too many are on their way.
    pub(super) fn room(&mut self) -> Result<(), Trouble> {
        if self.sent.len() < MOST { Ok(()) } else { self.wait() }
    }

    /// Where the next launch reports.
    pub(super) fn errors(&mut self, lane: &mut Lane) -> Result<u64, Failure> {
        if self.blocks.is_none() {
            let lease = self.backend.card.pool.lend((MOST * BLOCK) as u64)?;
            lane.clear(lease.address(), (MOST * BLOCK) as u64)?;
            self.blocks = Some(lease);
        }
        let first = self.blocks.as_ref().map_or(0, Lease::address);
        Ok(first + (self.sent.len() % MOST * BLOCK) as u64)
    }

    /// Takes note of a launch.
    pub(super) fn sent(&mut self, ticket: Ticket) {
        self.backend.card.on_their_way(1);
        self.sent.push(ticket);
    }

    /// How long what is on its way may take.
    pub(super) fn patience(&self) -> Duration {
        patience_of(&self.backend.card, self.sent.len())
    }

    /// Waits for everything that was sent, and looks whether one of the launches has failed.
    pub(super) fn wait(&mut self) -> Result<(), Trouble> {
        if self.sent.is_empty() {
            return Ok(());
        }
        let reports = self.reports();
        let sent = std::mem::take(&mut self.sent);
        self.backend.card.on_their_way(-(sent.len() as i64));
        if reports.is_err() {
            // Nobody knows what is in them.
            self.blocks = None;
        }
        let backend = &self.backend;
        let reports = reports.map_err(|failure| {
            let error = failure.into_error(&backend.info, sent[0].definition.name);
            Trouble::Failed { launch: 0, error }
        })?;
        let failed =
            sent.iter().zip(reports.chunks_exact(BLOCK)).find_map(|(ticket, block)| Some((ticket, decode(block)?)));
        let Some((ticket, failure)) = failed else { return Ok(()) };
        // They are not zeros any more.
        self.blocks = None;
        let error = launch::stop(backend, ticket.definition, &ticket.kernel, Stopped::Kernel(failure));
        Err(Trouble::Failed { launch: ticket.number, error })
    }

    /// The error blocks of what was sent, when all of it has ended. Empty if none of them can fail.
    fn reports(&self) -> Result<Vec<u8>, Failure> {
        let card = &self.backend.card;
        let mut lane = card.lane()?;
        card.wait(&lane, Some(self.patience()))?;
        let Some(blocks) = &self.blocks else { return Ok(Vec::new()) };
        let mut reports = vec![0_u8; self.sent.len() * BLOCK];
        let to = reports.as_mut_ptr().cast::<MaybeUninit<u8>>();
        // SAFETY: the vector has as many bytes, and so have the blocks: no more launches are on their way than there are blocks.
        let fetched = unsafe { lane.fetch(to, blocks.address(), reports.len(), self.patience()) };
        card.watched(fetched).map(|()| reports)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // What is still on its way uses memory of the card only, and whoever gets that next comes behind.
        self.backend.card.on_their_way(-(self.sent.len() as i64));
    }
}
