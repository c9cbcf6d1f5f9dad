//! A node for the launches of one scope: pages that moved for them return at its end.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::{Arc, Mutex};

use landbridge_core::backend::{Backend, DeviceInfo};
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::report::Steps;
use landbridge_core::{Plan, Report, Result, Strategy};

use super::super::mover::{MoveSpan, Origin};
use super::NodeBackend;
use super::bytes::Moved;

/// Where pages were before the scope's launches moved them.
pub(super) struct Scoped {
    node: Arc<NodeBackend>,
    away: Mutex<Vec<(Range<usize>, Origin)>>,
}

impl Scoped {
    pub(super) fn new(node: Arc<NodeBackend>) -> Self {
        Scoped { node, away: Mutex::default() }
    }
}

// SAFETY: as for the node, which runs everything.
unsafe impl Backend for Scoped {
    fn info(&self) -> &Arc<DeviceInfo> {
        self.node.info()
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        self.node.plan(launch)
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        self.node.prepare(definition)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        if launch.strategy() != Strategy::Migrate {
            return self.node.launch(launch);
        }
        let mut steps = Steps::default();
        let moved = Moved::to(self.node.number, launch, &self.node.mover, &mut steps);
        let (arguments, away) = moved.leave();
        self.away.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(away);
        self.node.run_in_place(launch, &mut steps)?;
        Ok(self.node.report(launch, arguments, steps))
    }
}

impl Drop for Scoped {
    fn drop(&mut self) {
        let away = self.away.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        // What moved twice goes last to where it was first.
        for (bytes, origin) in away.drain(..).rev() {
            let report = self.node.mover.return_home(&[MoveSpan::at(bytes)], &origin);
            if !report.is_complete() {
                tracing::warn!(device = %self.node.info, "at a scope's end not all pages returned: {report}");
            }
        }
    }
}
