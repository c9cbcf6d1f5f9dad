//! Batch after batch of programs, and what came of all of them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use crate::scratch::{Candidate, Place, Scratch, Verdict};
use crate::{generate, shrink, tell};

/// Why rustc refused some of a batch.
type Refused = BTreeMap<usize, String>;

/// The programs of these seeds.
fn candidates(seeds: Range<u64>) -> Vec<Candidate> {
    seeds.map(|seed| Candidate { seed, program: generate::program(seed) }).collect()
}

pub(crate) struct Campaign {
    places: Vec<Place>,
    optimised: bool,
    agreed: BTreeMap<Place, u64>,
    lacked: BTreeMap<Place, BTreeMap<String, u64>>,
    panicked: u64,
    /// Seeds with what was seen.
    differ: Vec<(u64, Place, String)>,
    refused: Vec<(u64, String)>,
    /// Drafts that the borrow checker refuses: the generator knows its rules in part only.
    slips: u64,
}

impl Campaign {
    pub(crate) fn new(places: Vec<Place>, optimised: bool) -> Self {
        Campaign {
            places,
            optimised,
            agreed: BTreeMap::new(),
            lacked: BTreeMap::new(),
            panicked: 0,
            differ: vec![],
            refused: vec![],
            slips: 0,
        }
    }

    /// All programs of these seeds. While those of a batch run, those of the next are compiled.
    pub(crate) fn run(&mut self, seeds: Range<u64>, batch: u64) {
        let scratch = Scratch::new("programs", self.optimised);
        let begin = Instant::now();
        let first = seeds.start;
        let cut = |from: u64| from..seeds.end.min(from + batch);
        let (mut now, mut refused) = (cut(first), Refused::new());
        if !now.is_empty() {
            refused = scratch.build(&candidates(now.clone()));
        }
        while !now.is_empty() {
            scratch.take();
            let next = cut(now.end);
            let (built, found) = thread::scope(|threads| {
                let build = || if next.is_empty() { Refused::new() } else { scratch.build(&candidates(next.clone())) };
                let building = threads.spawn(build);
                let found = self.ran(&scratch);
                (building.join().expect("a build"), found)
            });
            self.add_refused(now.start, refused);
            for (place, found) in self.places.clone().into_iter().zip(found) {
                self.add(now.start, place, found);
            }
            let (done, time) = (now.end - first, begin.elapsed().as_secs_f32());
            let (differ, refused_) = (self.differ.len(), self.refused.len());
            let more =
                if next.is_empty() { String::new() } else { format!("; LANDBRIDGE_FUZZ_SEED={} goes on", next.start) };
            tell(&format!(
                "{done} programs in {time:.0} s: {:?} agreed, {differ} differ, {refused_} refused, {} slips{more}",
                self.agreed, self.slips
            ));
            (now, refused) = (next, built);
        }
        tell(&format!("agreed: {:?}; with panics: {}; lacking: {:?}", self.agreed, self.panicked, self.lacked));
    }

    /// On all devices at once.
    fn ran(&self, scratch: &Scratch) -> Vec<BTreeMap<usize, Verdict>> {
        thread::scope(|threads| {
            let running: Vec<_> = self.places.iter().map(|place| threads.spawn(|| scratch.run(*place))).collect();
            running.into_iter().map(|thread| thread.join().expect("a run")).collect()
        })
    }

    fn add_refused(&mut self, first: u64, refused: Refused) {
        for (k, why) in refused {
            let seed = first + k as u64;
            match is_borrowed_wrongly(&why) {
                true => {
                    tell(&format!("seed {seed} is no program: {why}"));
                    self.slips += 1;
                }
                false => {
                    tell(&format!("seed {seed} is refused: {why}"));
                    self.refused.push((seed, why));
                }
            }
        }
    }

    fn add(&mut self, first: u64, place: Place, found: BTreeMap<usize, Verdict>) {
        for (k, verdict) in found {
            match verdict {
                Verdict::Agrees(panicked) => {
                    *self.agreed.entry(place).or_default() += 1;
                    self.panicked += u64::from(panicked > 0 && place == Place::Host);
                }
                Verdict::Lacks(why) => *self.lacked.entry(place).or_default().entry(kind(&why)).or_default() += 1,
                Verdict::Differs(why) => {
                    let seed = first + k as u64;
                    tell(&format!("seed {seed} on {place:?}: {why}"));
                    self.differ.push((seed, place, why));
                }
            }
        }
    }

    /// Says once more what differs, and makes some of it smaller.
    pub(crate) fn explain(&self, shrunk: usize, time: Duration) {
        for (seed, place, why) in &self.differ {
            tell(&format!("\nseed {seed} on {place:?}: {why}"));
            tell(&format!(
                "Again: LANDBRIDGE_FUZZ_SEED={seed} LANDBRIDGE_FUZZ_KERNELS=1 cargo test --test program_fuzz"
            ));
        }
        for (seed, why) in &self.refused {
            tell(&format!("\nseed {seed} is refused: {why}"));
        }
        if time.is_zero() {
            return;
        }
        for (seed, place, _) in self.differ.iter().take(shrunk) {
            let candidate = Candidate { seed: *seed, program: generate::program(*seed) };
            let small = shrink::shrink(&candidate, *place, time, self.optimised);
            tell(&format!("\nseed {seed} on {place:?}, smaller:\n{}", small.program.tree.source()));
        }
    }

    /// # Panics
    /// If the programs do not agree, or if there were none to speak of.
    pub(crate) fn judge(&self, count: u64) {
        let (differ, refused) = (self.differ.len(), self.refused.len() as u64);
        assert!(differ == 0, "{differ} programs differ, {refused} are refused");
        // What rustc refuses gives nobody a wrong result: a rare one is told with its seed, for the next change.
        assert!(refused * 50 <= count, "{refused} of {count} programs are refused");
        assert!(self.slips * 20 <= count.max(20), "{} of {count} are no programs", self.slips);
        // Programs that no device runs would agree as well.
        for place in &self.places {
            let agreed = self.agreed.get(place).copied().unwrap_or_default();
            assert!(agreed * 3 > count || count < 4, "only {agreed} of {count} ran on {place:?}");
        }
    }
}

/// What is lacking, without the place in the program.
fn kind(why: &str) -> String {
    let why = why.split_once(": ").map_or(why, |(_, why)| why);
    match (why.find(" ("), why.find("): ")) {
        (Some(open), Some(close)) if open < close => format!("{}{}", &why[..open], &why[close + 1..]),
        _ => why.to_owned(),
    }
}

/// Whether it is the borrow checker that refuses the user's own lines.
fn is_borrowed_wrongly(why: &str) -> bool {
    ["E0381", "E0382", "E0384", "E0499", "E0502", "E0503", "E0505", "E0506", "E0594", "E0596", "E0597", "E0716"]
        .iter()
        .any(|code| why.contains(&format!("error[{code}]")))
}
