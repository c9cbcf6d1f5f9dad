//! From a region to boxes: what a node leads to is made before the node, in an order that handles alone decide. The
//! descriptions of nodes say where handles are.
#![allow(unsafe_code)]

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::file::Handles;
use super::super::kinds::{SLICE, tag_of};
use super::super::{Region, Shared};
use super::Unboxable;
use crate::types::{KernelType, TypeInfo};

/// What nodes of a region may become: a node of boxes, or of `Arc`s. See [the example](crate::region::boxed).
pub trait FromNode: Sized + 'static {
    /// Its form in regions.
    type Node: KernelType;

    /// Made of that form; `links` gives what the node's handles lead to.
    ///
    /// # Errors
    /// Those of `links`, or others.
    fn from_node(node: &Self::Node, links: &mut FromLinks<'_>) -> Result<Self, Unboxable>;
}

/// Gives what handles lead to, made already.
pub struct FromLinks<'r> {
    region: &'r Region,
    /// By tag: how nodes are made.
    plans: HashMap<u32, Plan>,
    /// By granule: `Box<S>`, `Box<Arc<S>>` or `Box<Vec<S>>`.
    made: HashMap<u32, Box<dyn Any>>,
    /// Granules whose walk has begun.
    begun: Bits,
    /// Granules that were made, be it that somebody has taken what.
    ended: Bits,
}

/// Makes what starts at a granule, a node or a slice of nodes.
type Make = fn(&mut FromLinks<'_>, usize, bool) -> Result<Box<dyn Any>, Unboxable>;

/// How nodes of one type are made.
#[derive(Clone)]
struct Plan {
    /// What they become.
    target: TypeId,
    /// Where handles are in a node.
    handles: Rc<Handles>,
    size: usize,
    make: Make,
}

/// A step of the walk.
#[derive(Clone, Copy)]
struct Step {
    granule: u32,
    tag: u32,
    /// All that it leads to has been made.
    ready: bool,
}

/// # To boxes
impl Region {
    /// All that a handle leads to as boxes (or what else [`FromNode`] makes). The region is unchanged.
    ///
    /// # Errors
    /// [`Unboxable`]: a bad handle, a cycle, two boxes that lead to one node, or what [`FromNode::from_node`] returned.
    pub fn to_boxed<S: FromNode>(&self, root: Shared<S::Node>) -> Result<S, Unboxable> {
        let bits = || Bits(vec![0; self.end.div_ceil(64)]);
        let (plans, made) = (HashMap::new(), HashMap::new());
        let mut links = FromLinks { region: self, plans, made, begun: bits(), ended: bits() };
        Ok(*links.boxed(root)?)
    }
}

impl<'r> FromLinks<'r> {
    /// What a handle leads to, in a box of its own.
    ///
    /// # Errors
    /// [`Unboxable`].
    pub fn boxed<S: FromNode>(&mut self, handle: Shared<S::Node>) -> Result<Box<S>, Unboxable> {
        let granule = self.region.find(handle)?;
        self.prepare::<S>(granule, 0)?;
        let shared = Unboxable::Shared { number: handle.number().get() };
        let Some(made) = self.made.remove(&(granule as u32)) else { return Err(shared) };
        made.downcast::<S>().map_err(|arc| {
            self.made.insert(granule as u32, arc);
            shared
        })
    }

    /// The same for a handle that may be none.
    ///
    /// # Errors
    /// [`Unboxable`].
    pub fn maybe<S: FromNode>(&mut self, handle: Option<Shared<S::Node>>) -> Result<Option<Box<S>>, Unboxable> {
        handle.map(|handle| self.boxed(handle)).transpose()
    }

    /// What a handle leads to, which others may lead to, too: each is given the same `Arc`.
    ///
    /// # Errors
    /// [`Unboxable`].
    pub fn shared<S: FromNode>(&mut self, handle: Shared<S::Node>) -> Result<Arc<S>, Unboxable> {
        let granule = self.region.find(handle)?;
        self.prepare::<S>(granule, 0)?;
        let owned = Unboxable::Shared { number: handle.number().get() };
        let Some(made) = self.made.remove(&(granule as u32)) else { return Err(owned) };
        let arc: Arc<S> = match made.downcast::<Arc<S>>() {
            Ok(arc) => *arc,
            Err(new) => Arc::from(new.downcast::<S>().map_err(|_| owned)?),
        };
        self.made.insert(granule as u32, Box::new(arc.clone()));
        Ok(arc)
    }

    /// The nodes of a slice.
    ///
    /// # Errors
    /// [`Unboxable`].
    pub fn vec<S: FromNode>(&mut self, handle: Shared<[S::Node]>) -> Result<Vec<S>, Unboxable> {
        let granule = self.region.find(handle)?;
        self.prepare::<S>(granule, SLICE)?;
        let shared = Unboxable::Shared { number: handle.number().get() };
        let made = self.made.remove(&(granule as u32)).and_then(|made| made.downcast::<Vec<S>>().ok());
        made.map(|made| *made).ok_or(shared)
    }

    /// A slice of plain values.
    ///
    /// # Errors
    /// [`Unboxable::Bad`].
    pub fn slice<T: KernelType>(&self, handle: Shared<[T]>) -> Result<&'r [T], Unboxable> {
        Ok(self.region.get(handle)?)
    }

    /// The region.
    pub fn region(&self) -> &'r Region {
        self.region
    }

    /// Sees to it that something has been made.
    fn prepare<S: FromNode>(&mut self, granule: usize, bit: u32) -> Result<(), Unboxable> {
        let tag = tag_of(S::Node::DESC);
        match self.plans.get(&tag) {
            None => {
                let handles = Rc::new(Handles::of(S::Node::DESC).map_err(Unboxable::Type)?);
                let (target, size) = (TypeId::of::<S>(), size_of::<S::Node>());
                self.plans.insert(tag, Plan { target, handles, size, make: make::<S> });
            }
            Some(plan) if plan.target != TypeId::of::<S>() => {
                let (node, wanted) = (type_name::<S::Node>(), type_name::<S>());
                return Err(Unboxable::Type(format!(
                    "nodes of type `{node}` are to become `{wanted}` and something else"
                )));
            }
            Some(_) => {}
        }
        if self.ended.has(granule) {
            return Ok(());
        }
        self.walk(granule as u32, tag | bit)
    }

    /// Makes something and before it all that it leads to, as far as it is known what that becomes. (The rest becomes known
    /// when it is asked for, once for each type.)
    fn walk(&mut self, granule: u32, tag: u32) -> Result<(), Unboxable> {
        let mut steps = vec![Step { granule, tag, ready: false }];
        while let Some(step) = steps.pop() {
            let Step { granule, tag, ready } = step;
            let Some(plan) = self.plans.get(&(tag & !SLICE)).cloned() else { continue };
            if ready {
                let made = (plan.make)(self, granule as usize, tag & SLICE != 0)?;
                self.made.insert(granule, made);
                self.ended.set(granule as usize);
                continue;
            }
            if self.ended.has(granule as usize) {
                continue;
            }
            if self.begun.has(granule as usize) {
                return Err(Unboxable::Cycle { number: self.region.number(granule as usize) });
            }
            self.begun.set(granule as usize);
            steps.push(Step { ready: true, ..step });
            self.expand(&plan, granule as usize, &mut steps);
        }
        Ok(())
    }

    /// Adds what a node, or a slice of nodes, leads to.
    fn expand(&self, plan: &Plan, granule: usize, steps: &mut Vec<Step>) {
        let region = self.region;
        for k in 0..region.header(granule).count as usize {
            let mut found = |number: u32, tag: u32| {
                if self.plans.contains_key(&(tag & !SLICE)) && number != 0 && region.leads(number, tag) {
                    let granule = number.wrapping_sub(region.first);
                    steps.push(Step { granule, tag, ready: false });
                }
            };
            // SAFETY: something of the plan's type starts at the granule, as its tag says, with that many elements, which are
            // initialised; handles and tags nobody changes.
            unsafe { plan.handles.each(region.at(granule).add(k * plan.size), &mut found) };
        }
    }
}

/// Makes what starts at a granule, which is a `S::Node` or a slice of them.
fn make<S: FromNode>(links: &mut FromLinks<'_>, granule: usize, slice: bool) -> Result<Box<dyn Any>, Unboxable> {
    let region = links.region;
    if slice {
        // SAFETY: steps come from handles whose tag was compared: a slice of `S::Node` starts there.
        let nodes = unsafe { &*region.pointer::<[S::Node]>(granule) };
        let made: Result<Vec<S>, _> = nodes.iter().map(|node| S::from_node(node, links)).collect();
        return Ok(Box::new(made?));
    }
    // SAFETY: as above: one `S::Node`.
    let node = unsafe { &*region.pointer::<S::Node>(granule) };
    Ok(Box::new(S::from_node(node, links)?))
}

/// A bit for each granule.
struct Bits(Vec<u64>);

impl Bits {
    fn has(&self, k: usize) -> bool {
        self.0[k / 64] >> (k % 64) & 1 != 0
    }

    fn set(&mut self, k: usize) {
        self.0[k / 64] |= 1 << (k % 64);
    }
}
