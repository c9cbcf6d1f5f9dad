//! The host backend against hand-written rayon: the same work by a plain loop, by an idiomatic `par_iter`
//! and by tuned chunks, from 100 items to beyond the cache.
//!
//! One file a kernel; each holds the data, the three baselines and our side. Every version computes bit for
//! bit the same, which is checked before anything is measured.
//!
//! All are built for the same processors, by default the oldest x86-64; kernels' loops are there for AVX2 as well, and use it
//! where the machine has it (`core/src/launch/wide.rs`). With `RUSTFLAGS="-C target-cpu=native"` all have it.
//!
//! `cargo bench --bench host_vs_rayon -- [--quick] [PART OF A CASE'S NAME]...`

#[path = "../support/mod.rs"]
mod support;

mod black_scholes;
mod case;
mod dot;
mod histogram;
mod mandelbrot;
mod nbody;
mod saxpy;
mod stencil;
mod triad;

use case::Bench;
use support::Options;

fn main() {
    let mut bench = Bench::new(Options::from_args());
    bench.case::<saxpy::Saxpy>();
    bench.case::<triad::Triad>();
    bench.case::<dot::Dot>();
    bench.case::<nbody::NBody>();
    bench.case::<stencil::Stencil>();
    bench.case::<mandelbrot::Mandelbrot>();
    bench.case::<histogram::Histogram>();
    bench.case::<black_scholes::BlackScholes>();
    bench.finish();
}
