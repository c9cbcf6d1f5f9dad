//! What is known at one point of the function: differences between numbers, and what variables hold.

use std::collections::BTreeMap;

use landbridge_core::ir::ValueId;

/// A number that the analysis does not know. 0 is the number zero.
pub(super) type Sym = u32;

/// A symbol plus a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) sym: Sym,
    pub(super) off: i128,
}

impl Term {
    pub(super) fn constant(off: i128) -> Term {
        Term { sym: 0, off }
    }

    pub(super) fn plus(self, more: i128) -> Term {
        Term { off: self.off + more, ..self }
    }

    pub(super) fn as_constant(self) -> Option<i128> {
        (self.sym == 0).then_some(self.off)
    }
}

/// What a `bool` says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    Constant(bool),
    /// What this value says.
    Value(ValueId),
    /// If the first holds the second, else the third.
    If(ValueId, Box<Condition>, Box<Condition>),
}

/// What a value or variable is known to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Abstract {
    Integer(Term),
    Bool(Condition),
    /// A slice of this length.
    Slice(Term),
}

/// Ranges that symbols have wherever they are.
#[derive(Default)]
pub(super) struct Symbols {
    ranges: Vec<(i128, i128)>,
}

impl Symbols {
    pub(super) fn new() -> Self {
        Symbols { ranges: vec![(0, 0)] }
    }

    pub(super) fn fresh(&mut self, range: (i128, i128)) -> Term {
        self.ranges.push(range);
        Term { sym: self.ranges.len() as Sym - 1, off: 0 }
    }

    fn range(&self, sym: Sym) -> (i128, i128) {
        self.ranges[sym as usize]
    }
}

/// Most differences that are kept.
const MOST: usize = 500;

/// What is known at one point.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// `a` to all `(b, c)` with `a + c <= b`.
    above: BTreeMap<Sym, Vec<(Sym, i128)>>,
    /// `b` to all `(a, c)` with `a + c <= b`.
    below: BTreeMap<Sym, Vec<(Sym, i128)>>,
    size: usize,
    /// What variables hold.
    pub(super) locals: BTreeMap<u32, Abstract>,
}

fn raise(list: &mut Vec<(Sym, i128)>, sym: Sym, c: i128) -> bool {
    match list.iter_mut().find(|e| e.0 == sym) {
        Some(entry) => {
            entry.1 = entry.1.max(c);
            false
        }
        None => {
            list.push((sym, c));
            true
        }
    }
}

impl Known {
    /// From here on `a <= b`.
    pub(super) fn assume_le(&mut self, a: Term, b: Term) {
        if a.sym == b.sym || self.size > MOST {
            return;
        }
        let c = a.off - b.off;
        self.size += usize::from(raise(self.above.entry(a.sym).or_default(), b.sym, c));
        raise(self.below.entry(b.sym).or_default(), a.sym, c);
    }

    fn direct(&self, a: Sym, b: Sym) -> Option<i128> {
        let list = self.above.get(&a)?;
        list.iter().find(|e| e.0 == b).map(|e| e.1)
    }

    fn neighbours(list: &BTreeMap<Sym, Vec<(Sym, i128)>>, sym: Sym) -> &[(Sym, i128)] {
        list.get(&sym).map_or(&[], |l| l)
    }

    /// The most that a term can be.
    pub(super) fn most(&self, symbols: &Symbols, term: Term) -> i128 {
        let near = |sym: Sym| {
            let own = symbols.range(sym).1;
            self.direct(sym, 0).map_or(own, |c| own.min(-c))
        };
        let steps = Self::neighbours(&self.above, term.sym).iter().map(|(b, c)| near(*b) - c);
        steps.fold(near(term.sym), i128::min) + term.off
    }

    /// The least that a term can be.
    pub(super) fn least(&self, symbols: &Symbols, term: Term) -> i128 {
        let near = |sym: Sym| {
            let own = symbols.range(sym).0;
            self.direct(0, sym).map_or(own, |c| own.max(c))
        };
        let steps = Self::neighbours(&self.below, term.sym).iter().map(|(a, c)| near(*a) + c);
        steps.fold(near(term.sym), i128::max) + term.off
    }

    /// Whether `a <= b` is certain.
    pub(super) fn is_le(&self, symbols: &Symbols, a: Term, b: Term) -> bool {
        let wanted = a.off - b.off;
        if a.sym == b.sym {
            return wanted <= 0;
        }
        if self.most(symbols, a) <= self.least(symbols, b) {
            return true;
        }
        let enough = |c: i128| c >= wanted;
        Self::neighbours(&self.above, a.sym).iter().any(|(m, c)| match *m == b.sym {
            true => enough(*c),
            false => self.direct(*m, b.sym).is_some_and(|d| enough(c + d)),
        })
    }

    /// What holds after either of two ways here; `condition` chose the first.
    pub(super) fn join(self, other: Known, symbols: &mut Symbols, condition: Option<ValueId>) -> Known {
        let mut joined = Known::default();
        for (a, list) in &self.above {
            for (b, c) in list {
                let both = other.direct(*a, *b).map(|d| d.min(*c));
                let zero = |sym: Sym| Term { sym, off: 0 };
                let implied = || other.is_le(symbols, zero(*a).plus(*c), zero(*b)).then_some(*c);
                if let Some(c) = both.or_else(implied) {
                    joined.assume_le(zero(*a).plus(c), zero(*b));
                }
            }
        }
        for (local, first) in &self.locals {
            let Some(second) = other.locals.get(local) else {
                continue;
            };
            let merged = match (first, second) {
                _ if first == second => Some(first.clone()),
                (Abstract::Integer(a), Abstract::Integer(b)) => {
                    Some(Abstract::Integer(either(&mut joined, (&self, *a), (&other, *b), symbols)))
                }
                (Abstract::Slice(a), Abstract::Slice(b)) => {
                    Some(Abstract::Slice(either(&mut joined, (&self, *a), (&other, *b), symbols)))
                }
                (Abstract::Bool(a), Abstract::Bool(b)) => {
                    condition.map(|c| Abstract::Bool(Condition::If(c, Box::new(a.clone()), Box::new(b.clone()))))
                }
                _ => None,
            };
            if let Some(merged) = merged {
                joined.locals.insert(*local, merged);
            }
        }
        joined
    }
}

/// A number that is `a` as the first knows it, or `b` as the second does.
fn either(joined: &mut Known, (first, a): (&Known, Term), (second, b): (&Known, Term), symbols: &mut Symbols) -> Term {
    let least = first.least(symbols, a).min(second.least(symbols, b));
    let most = first.most(symbols, a).max(second.most(symbols, b));
    let new = symbols.fresh((least, most));
    let mut others: Vec<Sym> = vec![];
    for (known, term) in [(first, a), (second, b)] {
        others.push(term.sym);
        others.extend(Known::neighbours(&known.above, term.sym).iter().map(|e| e.0));
    }
    others.sort_unstable();
    others.dedup();
    for sym in others.into_iter().filter(|s| *s != 0) {
        // The bounds that one of them has from above, if the other has them, too.
        let candidates = [(first, a), (second, b)].map(|(known, term)| {
            let same = (term.sym == sym).then_some(-term.off);
            same.or_else(|| known.direct(term.sym, sym).map(|c| c - term.off))
        });
        for c in candidates.into_iter().flatten() {
            let bound = Term { sym, off: -c };
            if first.is_le(symbols, a, bound) && second.is_le(symbols, b, bound) {
                joined.assume_le(new, bound);
            }
        }
    }
    new
}
