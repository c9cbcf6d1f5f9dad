//! Phases of a group: the one function of `crate::group` that all of them come down to.

use std::any::TypeId as Instance;
use std::sync::LazyLock;

use super::closures::Closure;
use super::error::{Lowered, Stop};
use super::frames::Given;
use super::function::Lowering;
use crate::ast::FunctionTree;
use crate::ir::{Constant, Op, Scalar, Statement, ValueId};

impl Lowering<'_> {
    /// Lanes, number of items and what an item does, where the helper is the phase.
    pub(super) fn as_phase(&self, tree: &FunctionTree, given: &[Given]) -> Lowered<Option<(u32, ValueId, Closure)>> {
        static PHASE: LazyLock<Instance> = LazyLock::new(|| crate::group::phase::__build().instance);
        if tree.name != "phase" || tree.instance != *PHASE {
            return Ok(None);
        }
        let [Given::Value(lanes), Given::Value(count), Given::Closure(body)] = given else {
            return self.bug("a phase of other arguments");
        };
        match self.build.function()[*lanes].op {
            Op::Constant(Constant::Int(lanes)) => Ok(Some((lanes as u32, *count, body.clone()))),
            _ => self.bug("a phase of no constant number of lanes"),
        }
    }

    /// Runs the closure for each item.
    pub(super) fn phase(&mut self, lanes: u32, count: ValueId, body: &Closure) -> Lowered<ValueId> {
        if std::mem::replace(&mut self.in_phase, true) {
            return self.unsupported("a phase inside of a phase");
        }
        let usize = self.scalar_type(Scalar::Usize);
        let item = self.build.local("item", usize);
        // what is outside cannot be left from inside
        let targets = std::mem::take(&mut self.targets);
        self.build.open();
        let number = self.build.get(item);
        let lowered = self.call_with(body, vec![number]);
        let block = self.build.close();
        self.targets = targets;
        self.in_phase = false;
        match lowered {
            Ok(()) | Err(Stop::Diverges) => {}
            Err(error) => return Err(error),
        }
        self.build.push(Statement::Phase { lanes, count, item, body: block });
        Ok(self.unit())
    }
}
