//! A call that is described and not run.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;

use super::{Arguments, Body, Call, Definition, Launch, Output};
use crate::argument::{ArgumentView, Form};
use crate::error::Result;
use crate::extent::Extent;
use crate::plan::Strategy;
use crate::types::Ty;

/// A call as the planner sees it: it is described, never run.
pub(crate) struct Planned<'c, 's, A, F> {
    call: &'c Call<'s, A, F>,
    extent: Extent,
    items: usize,
}

impl<'c, 's, A: Arguments, F: Body<A>> Planned<'c, 's, A, F> {
    pub(crate) fn new(call: &'c Call<'s, A, F>) -> Result<Self> {
        let extent = call.extent()?;
        Ok(Planned { call, extent, items: extent.items().unwrap_or(0) })
    }
}

// SAFETY: `describe` passes on what the arguments say, which are borrowed as long as `self`.
unsafe impl<A: Arguments, F: Body<A>> Launch for Planned<'_, '_, A, F> {
    fn definition(&self) -> &'static Definition {
        self.call.definition
    }

    fn extent(&self) -> Extent {
        self.extent
    }

    fn items(&self) -> usize {
        self.items
    }

    fn strategy(&self) -> Strategy {
        self.call.strategy
    }

    fn describe(&self, visit: &mut dyn FnMut(ArgumentView)) {
        self.call.arguments.describe(visit);
    }

    unsafe fn relocate(&self, _: &[*mut MaybeUninit<u8>]) -> bool {
        false
    }

    fn forms(&self) -> &'static [Form] {
        A::FORMS
    }

    fn result(&self) -> Option<Ty> {
        None
    }

    fn output(&self) -> Output {
        Output::None
    }

    unsafe fn run(&self, _: Range<usize>) {
        debug_assert!(false, "a backend ran a launch that it was to plan");
    }

    unsafe fn fold(&self, _: *const MaybeUninit<u8>, _: usize) {}
}
