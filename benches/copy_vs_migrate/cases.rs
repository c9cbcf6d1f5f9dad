//! What is measured.

use serde::Serialize;

/// How a use goes through the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pattern {
    /// One element after the other.
    Sequential,
    /// One of several elements, in order.
    Strided,
    /// All elements, here and there.
    Random,
    /// One cache line after the other, of which each tells where the next one is.
    Chase,
}

impl Pattern {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Pattern::Sequential => "sequential",
            Pattern::Strided => "strided",
            Pattern::Random => "random",
            Pattern::Chase => "chase",
        }
    }
}

/// What pages the data is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pages {
    /// As programs get them that ask for nothing.
    Usual,
    /// 4 KiB.
    Small,
    /// 2 MiB.
    Huge,
    /// Of a file that is in memory, but mapped anew: each comes at the first touch.
    Unmapped,
}

impl Pages {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Pages::Usual => "as given",
            Pages::Small => "4 KiB",
            Pages::Huge => "2 MiB",
            Pages::Unmapped => "file, not touched yet",
        }
    }
}

/// One point of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Case {
    /// Bytes of the data.
    pub(crate) bytes: usize,
    /// Fraction of its elements that each use reads.
    pub(crate) touched: f64,
    /// The way through them.
    pub(crate) pattern: Pattern,
    /// Uses before the host needs it again.
    pub(crate) reuse: u32,
    /// Fraction that each use writes, too.
    pub(crate) written: f64,
    /// Multiplications and additions for each element read.
    pub(crate) rounds: u32,
    /// What it is in.
    pub(crate) pages: Pages,
}

/// How large the sweeps are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Bytes where size is not what is swept: a power of two.
    bytes: usize,
    sizes: &'static [usize],
    reuses: &'static [u32],
    rounds: &'static [u32],
    /// Uses where patterns are compared.
    patterns: u32,
    pages: &'static [Pages],
}

/// A cache line.
pub(crate) const LINE: usize = 64;

/// Walks of the chase that are under way side by side, if the device has so many threads.
const WALKS: usize = 4096;

impl Case {
    /// Two minutes.
    pub(crate) const QUICK: Scale = Scale {
        bytes: 8 << 20,
        sizes: &[64 << 10, 512 << 10, 4 << 20, 32 << 20],
        reuses: &[1, 2, 4, 8, 16, 32],
        rounds: &[0, 16, 64],
        patterns: 4,
        pages: &[Pages::Small, Pages::Huge, Pages::Unmapped],
    };

    /// Half an hour.
    pub(crate) const FULL: Scale = Scale {
        bytes: 64 << 20,
        sizes: &[64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20],
        reuses: &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000],
        rounds: &[0, 4, 16, 64, 256],
        patterns: 4,
        pages: &[Pages::Small, Pages::Huge, Pages::Unmapped],
    };

    /// Seconds, for a virtual machine that is emulated.
    pub(crate) const TINY: Scale = Scale {
        bytes: 4 << 20,
        sizes: &[64 << 10, 1 << 20],
        reuses: &[1, 4],
        rounds: &[0],
        patterns: 2,
        pages: &[Pages::Small, Pages::Huge],
    };

    /// From the model: no time at all.
    pub(crate) const MODEL: Scale = Scale {
        bytes: 1 << 30,
        sizes: &[64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20, 1 << 30, 4 << 30],
        reuses: &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000],
        rounds: &[0, 16, 256, 4096],
        patterns: 4,
        pages: &[],
    };

    /// All of so many bytes read once, from front to back.
    pub(crate) const fn reading(bytes: usize) -> Case {
        Case {
            bytes,
            touched: 1.0,
            pattern: Pattern::Sequential,
            reuse: 1,
            written: 0.0,
            rounds: 0,
            pages: Pages::Usual,
        }
    }

    /// Elements of four bytes.
    pub(crate) fn elements(&self) -> usize {
        self.bytes / size_of::<f32>()
    }

    /// Work-items of a use: elements that it reads, or walks.
    pub(crate) fn items(&self) -> usize {
        match self.pattern {
            Pattern::Chase => WALKS.min(self.lines()),
            _ => (self.elements() as f64 * self.touched) as usize,
        }
    }

    /// Elements from one that is read to the next.
    pub(crate) fn stride(&self) -> u32 {
        if self.pattern == Pattern::Strided { (1.0 / self.touched) as u32 } else { 1 }
    }

    /// Cache lines.
    pub(crate) fn lines(&self) -> usize {
        self.bytes / LINE
    }

    /// Steps of each walk of the chase: together they are as many as there are lines.
    pub(crate) fn hops(&self) -> u32 {
        (self.lines() / self.items()) as u32
    }

    /// Elements that a use writes: the first ones.
    pub(crate) fn elements_written(&self) -> usize {
        (self.elements() as f64 * self.written) as usize
    }

    /// Whether the elements lie in order, so that a part of them can be used without the others.
    pub(crate) fn is_in_order(&self) -> bool {
        matches!(self.pattern, Pattern::Sequential | Pattern::Strided)
    }
}

/// Cases that differ in what the sweep is named after.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    pub(crate) name: &'static str,
    pub(crate) cases: Vec<Case>,
}

impl Sweep {
    /// All sweeps of this scale.
    pub(crate) fn all(scale: Scale) -> Vec<Sweep> {
        let base = Case::reading(scale.bytes);
        let few: Vec<u32> = scale.reuses.iter().copied().step_by(2).collect();
        let reuses = |reuses: &[u32]| reuses.iter().map(|&reuse| Case { reuse, ..base }).collect();
        let patterns = [Pattern::Sequential, Pattern::Strided, Pattern::Random, Pattern::Chase];
        let pattern = |pattern| Case {
            pattern,
            // Of a line one element.
            touched: if matches!(pattern, Pattern::Strided | Pattern::Chase) { 1.0 / 16.0 } else { 1.0 },
            reuse: scale.patterns,
            ..base
        };
        let sweep = |name, cases| Sweep { name, cases };
        let mut all = vec![
            sweep("reuse", reuses(scale.reuses)),
            sweep("reuse, written", few.iter().map(|&reuse| Case { reuse, written: 1.0, ..base }).collect()),
            sweep("write-back", [0.0, 0.5, 1.0].map(|written| Case { written, ..base }).to_vec()),
            sweep("touched, scattered", touched(base, Pattern::Strided, &few)),
            sweep("touched, clustered", touched(base, Pattern::Sequential, &few)),
            sweep("size", scale.sizes.iter().map(|&bytes| Case { bytes, ..base }).collect()),
            sweep("intensity", scale.rounds.iter().map(|&rounds| Case { rounds, ..base }).collect()),
            sweep("pattern", patterns.map(pattern).to_vec()),
            sweep("pages", scale.pages.iter().map(|&pages| Case { pages, ..base }).collect()),
        ];
        all.retain(|sweep| !sweep.cases.is_empty());
        all
    }
}

/// What the winner maps show: touched fraction times reuse.
fn touched(base: Case, pattern: Pattern, reuses: &[u32]) -> Vec<Case> {
    let fractions = [1.0 / 64.0, 1.0 / 16.0, 0.25, 1.0];
    let both = fractions.iter().flat_map(|&touched| reuses.iter().map(move |&reuse| (touched, reuse)));
    both.map(|(touched, reuse)| Case { touched, reuse, pattern, ..base }).collect()
}
