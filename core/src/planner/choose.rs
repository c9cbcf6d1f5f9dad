//! One argument on one device: what each strategy would cost, and which one is chosen.

use std::fmt;

use super::cost;
use super::machine::{Computer, Copying, Mapping, Moving, Path, Reach};
use super::need::{Need, Residency};
use super::words;
use crate::plan::{StepKind, Strategy};

/// What a strategy would cost for one argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Never [`Strategy::Auto`].
    pub strategy: Strategy,
    /// Seconds of the steps before and after the kernel, however often it runs.
    pub moves: Vec<(StepKind, f64)>,
    /// Seconds of moves that every use repeats, because the argument does not fit the device.
    pub repeated: f64,
    /// Seconds of memory traffic of one use.
    pub each: f64,
    /// What it is, and at which rates.
    pub what: Way,
}

/// How bytes get to where they are used, with the rates (bytes a second) that decide. Displays itself in words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// Its pages are on the device already.
    There(f64),
    /// Loads and stores over the link.
    Reached(f64),
    /// Pages that come at the first touch: seconds a fault.
    Faulted(f64),
    /// Mapped into the device's address space.
    Mapped(f64),
    /// Copied there and back.
    Copied(f64, f64),
    /// The same in pieces at each use, because the device's memory is smaller.
    InPieces(f64, f64),
    /// Its pages move.
    Moved(f64),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |rate: &f64| words::rate(*rate);
        match self {
            Way::There(own) => write!(f, "its pages are on the device, {}", rate(own)),
            Way::Reached(link) => write!(f, "reached where it is, {}", rate(link)),
            Way::Faulted(fault) => write!(f, "its pages come at the first touch, {} a fault", words::seconds(*fault)),
            Way::Mapped(link) => write!(f, "mapped in place, {}", rate(link)),
            Way::Copied(into, back) => write!(f, "copied, {} in and {} back", rate(into), rate(back)),
            Way::InPieces(into, back) => {
                let (into, back) = (rate(into), rate(back));
                write!(f, "copied in pieces at each use, {into} in and {back} back: the device's memory is smaller")
            }
            Way::Moved(mover) => write!(f, "its pages move, {}", rate(mover)),
        }
    }
}

impl Offer {
    /// Seconds that do not grow with the number of uses.
    pub fn once(&self) -> f64 {
        self.moves.iter().map(|step| step.1).sum()
    }

    /// Seconds of `uses` uses if the kernel does nothing but go through this argument.
    pub fn total(&self, uses: f64) -> f64 {
        self.once() + uses * (self.repeated + self.each)
    }

    /// Seconds once and seconds a use.
    pub fn line(&self) -> (f64, f64) {
        (self.once(), self.repeated + self.each)
    }
}

/// A strategy that is not possible, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Never [`Strategy::Auto`].
    pub strategy: Strategy,
    /// Why not.
    pub why: &'static str,
}

/// The strategy chosen for an argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Name of the parameter.
    pub name: &'static str,
    /// Launches that use it.
    pub uses: f64,
    /// What was chosen.
    pub offer: Offer,
    /// The other strategies that are possible.
    pub others: Vec<Offer>,
}

/// What each strategy would cost, in the order in which equals are preferred: nothing moves before something moves.
pub fn offers(need: &Need, device: &Computer) -> Vec<Result<Offer, Refusal>> {
    let own = device.own.as_ref();
    vec![
        direct(need, device.reach.as_ref(), own),
        map(need, device.mapping.as_ref()),
        copy(need, device.copying.as_ref(), own, device.memory),
        migrate(need, device.moving.as_ref(), own, device.memory),
    ]
}

/// Chooses the strategy of the smallest total for one argument; `None` if none is possible.
pub fn choose(need: &Need, device: &Computer) -> Option<Choice> {
    let all: Vec<Offer> = offers(need, device).into_iter().flatten().collect();
    let mut best = 0;
    for (index, offer) in all.iter().enumerate() {
        if offer.total(need.uses) < all[best].total(need.uses) {
            best = index;
        }
    }
    (!all.is_empty()).then(|| select(need, all, best))
}

/// The choice of the offer with this number.
pub(super) fn select(need: &Need, mut all: Vec<Offer>, best: usize) -> Choice {
    let offer = all.remove(best);
    Choice { name: need.name, uses: need.uses, offer, others: all }
}

fn direct(need: &Need, reach: Option<&Reach>, own: Option<&Path>) -> Result<Offer, Refusal> {
    let refuse = |why| Err(Refusal { strategy: Strategy::Direct, why });
    let offer = |moves, each, what| Ok(Offer { strategy: Strategy::Direct, moves, repeated: 0.0, each, what });
    match (reach, own) {
        (None, _) => refuse("the device cannot reach the host's pages"),
        // Pages that have moved before are reached where they are now.
        (Some(_), Some(own)) if need.residency != Residency::Host => {
            offer(vec![], cost::pass(own, need), Way::There(own.bandwidth))
        }
        (Some(Reach::Coherent(path)), _) => offer(vec![], cost::pass(path, need), Way::Reached(path.bandwidth)),
        (Some(Reach::Faulting(_)), None) => refuse("the device's own memory was never measured"),
        (Some(Reach::Faulting(faulting)), Some(own)) => {
            let over = cost::fault_over(faulting, need);
            let home = if need.returns { 1.0 } else { need.written };
            let moves = steps(&[(StepKind::Migrate, over), (StepKind::Return, over * home)]);
            offer(moves, cost::pass(own, need), Way::Faulted(faulting.fault))
        }
    }
}

fn map(need: &Need, mapping: Option<&Mapping>) -> Result<Offer, Refusal> {
    let Some(mapping) = mapping else {
        return Err(Refusal { strategy: Strategy::Map, why: "the device cannot map the host's pages" });
    };
    if need.residency == Residency::Device {
        return Err(Refusal { strategy: Strategy::Map, why: "the valid bytes are on the device" });
    }
    let moves = steps(&[(StepKind::Map, mapping.latency + need.bytes * mapping.per_byte)]);
    let what = Way::Mapped(mapping.path.bandwidth);
    Ok(Offer { strategy: Strategy::Map, moves, repeated: 0.0, each: cost::pass(&mapping.path, need), what })
}

fn copy(need: &Need, copying: Option<&Copying>, own: Option<&Path>, memory: Option<f64>) -> Result<Offer, Refusal> {
    let refuse = |why| Err(Refusal { strategy: Strategy::Copy, why });
    let Some(copying) = copying else { return refuse("the device has no memory to copy to") };
    let Some(own) = own else { return refuse("the device's own memory was never measured") };
    let into = if need.goes_in() { copying.latency + need.bytes / copying.into } else { 0.0 };
    let out = need.written * need.bytes;
    let back = if out > 0.0 { copying.latency + out / copying.back } else { 0.0 };
    let each = cost::pass(own, need);
    let strategy = Strategy::Copy;
    if memory.is_some_and(|memory| need.bytes > memory) {
        let what = Way::InPieces(copying.into, copying.back);
        return Ok(Offer { strategy, moves: vec![], repeated: into + back, each, what });
    }
    let moves = steps(&[(StepKind::CopyIn, into), (StepKind::CopyOut, back)]);
    Ok(Offer { strategy, moves, repeated: 0.0, each, what: Way::Copied(copying.into, copying.back) })
}

fn migrate(need: &Need, moving: Option<&Moving>, own: Option<&Path>, memory: Option<f64>) -> Result<Offer, Refusal> {
    let refuse = |why| Err(Refusal { strategy: Strategy::Migrate, why });
    let Some(moving) = moving else { return refuse("the device has no memory that pages can move to") };
    let Some(own) = own else { return refuse("the device's own memory was never measured") };
    if memory.is_some_and(|memory| need.bytes > memory) {
        return refuse("it is larger than what is free there");
    }
    // Both copies valid means two sets of pages: nothing is there to walk.
    let over = if need.residency == Residency::Device { 0.0 } else { cost::migrate(moving, need) };
    let back = if need.returns { cost::bring_back(moving, need) } else { 0.0 };
    let moves = steps(&[(StepKind::Migrate, over), (StepKind::Return, back)]);
    let what = Way::Moved(moving.bandwidth());
    Ok(Offer { strategy: Strategy::Migrate, moves, repeated: 0.0, each: cost::pass(own, need), what })
}

/// Those that take time.
fn steps(all: &[(StepKind, f64)]) -> Vec<(StepKind, f64)> {
    all.iter().copied().filter(|step| step.1 > 0.0).collect()
}

impl Choice {
    /// Why: what it is, against the second best, and from how many uses on the one that moves pays.
    pub fn why(&self) -> String {
        let Choice { name: _, uses, offer, others } = self;
        let total = |offer: &Offer| offer.total(*uses);
        let second = others.iter().min_by(|a, b| total(a).total_cmp(&total(b)));
        let Some(second) = second else { return format!("{}; there is no other way", offer.what) };
        let mut text = format!(
            "{}: {} for {} against {} by {}",
            offer.what,
            words::seconds(total(offer)),
            words::uses(*uses),
            words::seconds(total(second)),
            second.strategy
        );
        let (stays, moves) = if offer.once() <= second.once() { (offer, second) } else { (second, offer) };
        let from = cost::breakeven(stays.line(), moves.line());
        if from > 0.0 {
            text += &format!(", {} pays from {} uses on", moves.strategy, words::limit(from));
        }
        text
    }
}
