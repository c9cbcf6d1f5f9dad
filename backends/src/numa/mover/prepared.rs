//! A move of which all is known.

use std::marker::PhantomData;
use std::time::Instant;

use super::kernel::Job;
use super::maps::LazyMaps;
use super::options::Method;
use super::origin::Run;
use super::pages::{MoveSpan, Pages};
use super::reason::Refusal;
use super::remap::{self, Remap};
use super::report::MoveReport;
use super::{Mover, by_kernel, bytes, finish, policy, sys};

/// Spans that are ready to move to a node. They stay borrowed, so that nobody makes their memory something else meanwhile.
#[derive(Debug)]
pub struct Prepared<'a> {
    mover: &'a Mover,
    pub(super) pages: Pages,
    maps: LazyMaps,
    node: u32,
    borrow: PhantomData<MoveSpan<'a>>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(mover: &'a Mover, pages: Pages, node: u32, maps: LazyMaps) -> Self {
        Self { mover, pages, maps, node, borrow: PhantomData }
    }

    /// Moves the spans' pages.
    #[must_use]
    pub fn migrate(self) -> MoveReport {
        self.carry_out(Instant::now())
    }

    /// Makes new pages for what will be remapped.
    pub(super) fn make_pages(&self) {
        let options = self.mover.options();
        if options.allow_remap && matches!(options.method, Method::Auto | Method::Remap) {
            for wanted in remap::wanted(&self.pages.exclusive, self.maps.get(), options) {
                self.mover.spare.prepare_like(self.node, wanted.bytes, wanted.huge, wanted.advice);
            }
        }
    }

    pub(super) fn carry_out(self, begin: Instant) -> MoveReport {
        let options = self.mover.options();
        let mut report = MoveReport::default();
        let keep = policy::wanted(options.keep);
        if keep && options.method != Method::Mbind {
            // This may divide mappings; what is known of their parts stays true.
            policy::keep(&self.pages.all, self.node, self.maps.get(), &mut report);
        }
        let runs = self.pages.all.iter().map(|pages| Run { pages: pages.clone(), node: self.node }).collect();
        self.move_runs(runs, keep, &mut report);
        finish(report, self.pages.bytes(), begin)
    }

    /// Moves each run to its node.
    pub(super) fn move_runs(&self, runs: Vec<Run>, keep: bool, report: &mut MoveReport) {
        let options = self.mover.options();
        let job = Job::new(options.method, keep);
        let (left, why) = match (options.method, options.allow_remap) {
            (Method::MovePages | Method::Mbind, _) => (runs, "the method asked for"),
            (Method::Auto, false) => (runs, "by the kernel, because remapping is not allowed"),
            (Method::Remap, false) => {
                report.refused(bytes(&runs), Refusal::NotAllowed);
                (runs, "by the kernel, because remapping is not allowed")
            }
            // Without a run there is no need to know the mappings.
            (_, true) if runs.is_empty() => (runs, "nothing to move"),
            (_, true) => {
                let (maps, spare, stack) = (self.maps.get(), &self.mover.spare, sys::own_stack());
                let remap = Remap { maps, job: &job, options, spare, stack };
                let left = remap.move_runs(&runs, &self.pages.exclusive, report);
                (left, "remapped where that can do no harm, the rest by the kernel")
            }
        };
        report.why = why;
        by_kernel(&left, &self.maps, &job, options, report);
    }
}
