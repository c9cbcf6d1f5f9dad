//! Moves in a row.

use std::time::Instant;

use super::maps::LazyMaps;
use super::origin::Origin;
use super::pages::{MoveSpan, Pages};
use super::prepared::Prepared;
use super::report::MoveReport;
use super::there::{self, Look};
use super::{Mover, bytes, finish, policy};

/// Several moves in a row, such as those of one launch's arguments: they look once what the process has mapped, and not at
/// all where nothing has to move. Meanwhile no memory of theirs is mapped anew. From [`Mover::moves`].
#[derive(Debug)]
pub struct Moves<'m> {
    mover: &'m Mover,
    maps: LazyMaps,
}

impl<'m> Moves<'m> {
    pub(super) fn new(mover: &'m Mover) -> Self {
        Self { mover, maps: LazyMaps::default() }
    }

    /// As [`Mover::migrate`].
    #[must_use]
    pub fn migrate(&self, spans: &[MoveSpan<'_>], node: u32) -> MoveReport {
        self.migrate_unless_there(spans, node, Look::Whole)
    }

    /// As [`Mover::migrate`]; `look` says how closely to see whether there is anything to move.
    pub(in crate::numa) fn migrate_unless_there(&self, spans: &[MoveSpan<'_>], node: u32, look: Look) -> MoveReport {
        let begin = Instant::now();
        let pages = Pages::under(spans);
        match self.already_there(&pages, node, look) {
            Some(report) => finish(report, pages.bytes(), begin),
            None => Prepared::new(self.mover, pages, node, self.maps.clone()).carry_out(begin),
        }
    }

    /// What to report where nothing has to move.
    fn already_there(&self, pages: &Pages, node: u32, look: Look) -> Option<MoveReport> {
        let options = self.mover.options();
        if options.again || !there::all_on(pages, node, look, options.threads) {
            return None;
        }
        let kept = if policy::wanted(options.keep) { policy::kept(&pages.all, node)? } else { 0 };
        Some(MoveReport { already_there: pages.bytes(), kept, why: "nothing to move", ..MoveReport::default() })
    }

    /// As [`Mover::return_home`].
    #[must_use]
    pub fn return_home(&self, spans: &[MoveSpan<'_>], origin: &Origin) -> MoveReport {
        let begin = Instant::now();
        let pages = Pages::under(spans);
        policy::restore(origin, &pages.all);
        let runs = origin.runs_in(&pages.all);
        let asked = bytes(&runs) as u64;
        let mut report = MoveReport::default();
        Prepared::new(self.mover, pages, 0, self.maps.clone()).move_runs(runs, false, &mut report);
        finish(report, asked, begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numa::mover::kernel;
    use crate::numa::mover::options::{Keep, MoveOptions};

    fn here() -> u32 {
        kernel::only_node().unwrap_or(0)
    }

    fn written() -> Vec<u64> {
        (0..100_000).collect()
    }

    #[test]
    fn mappings_are_not_read_where_nothing_moves() {
        let values = written();
        let mover = Mover::new(MoveOptions::default().keep(Keep::Never));
        let moves = mover.moves();
        for look in [Look::Whole, Look::Sampled] {
            let report = moves.migrate_unless_there(&[MoveSpan::shared(&values)], here(), look);
            assert_eq!((report.already_there, report.moved, report.asked), (report.asked, 0, report.asked), "{report}");
        }
        let nothing = moves.return_home(&[MoveSpan::shared(&values)], &Origin::default());
        assert_eq!(nothing.asked, 0);
        assert!(!moves.maps.were_read());
    }

    #[test]
    fn they_are_read_once_where_something_may() {
        let (a, b) = (written(), written());
        let mover = Mover::new(MoveOptions::default().keep(Keep::Never));
        let moves = mover.moves();
        let missing = 1000;
        for values in [&a, &b] {
            let report = moves.migrate(&[MoveSpan::shared(values)], missing);
            assert_eq!(report.bytes_stayed(), report.asked, "{report}");
            assert!(moves.maps.were_read());
        }
        let unknown = LazyMaps::default();
        assert!(!unknown.were_read() && unknown.clone().get().count() > 0 && unknown.were_read());
    }

    #[test]
    fn pages_that_nobody_wrote_are_not_there() {
        let absent = vec![0_u64; 8 << 20];
        let pages = Pages::under(&[MoveSpan::shared(&absent)]);
        let threads = MoveOptions::default().threads;
        assert!(!there::all_on(&pages, here(), Look::Whole, threads));
        let nothing = Pages::default();
        assert!(there::all_on(&nothing, here(), Look::Whole, threads));
    }

    #[test]
    fn mappings_that_are_to_be_kept_get_their_policy_all_the_same() {
        let values = written();
        let mover = Mover::new(MoveOptions::default().keep(Keep::Always));
        let first = mover.migrate(&[MoveSpan::shared(&values)], here());
        assert!(first.kept > 0 && !first.origin.is_empty(), "{first}");
        let second = mover.migrate(&[MoveSpan::shared(&values)], here());
        assert!(second.kept > 0 && second.origin.is_empty() && second.already_there == second.asked, "{second}");
        let _ = mover.return_home(&[MoveSpan::shared(&values)], &first.origin);
        assert_eq!(policy::kept(&Pages::under(&[MoveSpan::shared(&values)]).all, here()), None);
    }
}
