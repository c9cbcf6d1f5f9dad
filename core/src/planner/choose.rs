//! One argument on one device: what each strategy would cost, and which one is chosen.

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
    /// What it is, in words.
    pub what: String,
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
    /// What was chosen.
    pub offer: Offer,
    /// Why.
    pub why: String,
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

/// The choice of the offer with this number, and why.
pub(super) fn select(need: &Need, mut all: Vec<Offer>, best: usize) -> Choice {
    let offer = all.remove(best);
    let why = why(need, &offer, &all);
    Choice { name: need.name, offer, why, others: all }
}

fn direct(need: &Need, reach: Option<&Reach>, own: Option<&Path>) -> Result<Offer, Refusal> {
    let refuse = |why| Err(Refusal { strategy: Strategy::Direct, why });
    let offer = |moves, each, what| Ok(Offer { strategy: Strategy::Direct, moves, repeated: 0.0, each, what });
    match (reach, own) {
        (None, _) => refuse("the device cannot reach the host's pages"),
        // Pages that have moved before are reached where they are now.
        (Some(_), Some(own)) if need.residency != Residency::Host => {
            offer(vec![], cost::pass(own, need), format!("its pages are on the device, {}", words::rate(own.bandwidth)))
        }
        (Some(Reach::Coherent(path)), _) => {
            offer(vec![], cost::pass(path, need), format!("reached where it is, {}", words::rate(path.bandwidth)))
        }
        (Some(Reach::Faulting(_)), None) => refuse("the device's own memory was never measured"),
        (Some(Reach::Faulting(faulting)), Some(own)) => {
            let over = cost::fault_over(faulting, need);
            let home = if need.returns { 1.0 } else { need.written };
            let moves = steps(&[(StepKind::Migrate, over), (StepKind::Return, over * home)]);
            let what = format!("its pages come at the first touch, {} a fault", words::seconds(faulting.fault));
            offer(moves, cost::pass(own, need), what)
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
    let what = format!("mapped in place, {}", words::rate(mapping.path.bandwidth));
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
    let what = format!("copied, {} in and {} back", words::rate(copying.into), words::rate(copying.back));
    let strategy = Strategy::Copy;
    if memory.is_some_and(|memory| need.bytes > memory) {
        let what = what + ", in pieces at each use: the device's memory is smaller";
        return Ok(Offer { strategy, moves: vec![], repeated: into + back, each, what });
    }
    let moves = steps(&[(StepKind::CopyIn, into), (StepKind::CopyOut, back)]);
    Ok(Offer { strategy, moves, repeated: 0.0, each, what })
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
    let what = format!("its pages move, {}", words::rate(moving.bandwidth()));
    Ok(Offer { strategy: Strategy::Migrate, moves, repeated: 0.0, each: cost::pass(own, need), what })
}

/// Those that take time.
fn steps(all: &[(StepKind, f64)]) -> Vec<(StepKind, f64)> {
    all.iter().copied().filter(|step| step.1 > 0.0).collect()
}

/// What it is, against the second best, and from how many uses on the one that moves pays.
fn why(need: &Need, chosen: &Offer, others: &[Offer]) -> String {
    let total = |offer: &Offer| offer.total(need.uses);
    let second = others.iter().min_by(|a, b| total(a).total_cmp(&total(b)));
    let Some(second) = second else { return format!("{}; there is no other way", chosen.what) };
    let mut text = format!(
        "{}: {} for {} against {} by {}",
        chosen.what,
        words::seconds(total(chosen)),
        words::uses(need.uses),
        words::seconds(total(second)),
        second.strategy
    );
    let (stays, moves) = if chosen.once() <= second.once() { (chosen, second) } else { (second, chosen) };
    let from = cost::breakeven(stays.line(), moves.line());
    if from > 0.0 {
        text += &format!(", {} pays from {} uses on", moves.strategy, words::limit(from));
    }
    text
}
