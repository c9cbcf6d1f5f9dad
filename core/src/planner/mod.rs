//! The planner: where a launch runs and how its bytes get there, decided from measured rates by a pure function.
//!
//! Nothing here touches a device or a clock. [`plan()`] takes what is known - the [`Machine`] (its topology and its measured
//! rates), the [`Work`] (each argument's [`Need`]) - and returns a [`Decision`]: the chosen place, a strategy for each
//! argument, the predicted time of each step, and the reasons in words. What is not known is `None`, never a constant: a
//! device of which too little is known is not chosen.
//!
//! # The model
//! For an argument of B bytes, of which the fraction f is touched by each of k uses and the fraction w is written:
//!
//! | strategy | seconds |
//! |---|---|
//! | `Copy` | `L + B/b_in + k*f*B/b_dev + w*B/b_out` |
//! | `Direct` | `k*max(a*f*B/b_dir, hops*latency/MLP)` |
//! | `Map` | `L_map + B*t_pin + ` as `Direct` |
//! | `Migrate` | `L + P*t_page + F*t_fault + k*f*B/b_dev`, and `P*t_page` again if it has to return |
//! | `Direct` where touching faults pages over (HMM, managed memory) | `f*P*t_fault + k*f*B/b_dev`, and back |
//!
//! L is what a transfer costs however small it is, P the number of pages, F those that are not there yet, a what a path
//! fetches for each useful byte (its granule over the useful bytes in it), MLP the number of loads in flight. A kernel takes
//! the longer of its arithmetic and its memory traffic. From this follows the **reuse crossover** k* of moving against
//! reaching ([`cost::crossover`]):
//!
//! ```text
//! k* = (1/b_move) / (f * (1/b_dir - 1/b_dev))
//! ```
//!
//! The mover's rate, not the link, sets it: on GH200 it is 1.1 for the copy engine and 37 to 60 for `move_pages`.
//!
//! [`machines`] has machines that we don't have, as data with their sources; the tests hold the planner against the formulas
//! on each of them.

mod choose;
pub mod cost;
mod history;
mod keep;
pub mod machine;
pub mod machines;
mod need;
mod nodes;
mod place;
mod rates;
mod words;

#[cfg(test)]
mod tests;

pub use choose::{Choice, Offer, Refusal, Way, choose, offers};
pub use history::{Estimate, History, Load, Size};
pub use keep::{AtHome, Kept, keeps};
pub use machine::{Computer, Copying, Faulting, Machine, Mapping, Moving, Path, Reach};
pub use need::{Need, Pattern, Residency, Work};
pub use nodes::{Moves, moves};
pub use place::{CAUTION, Candidate, Decision, Step, pays, plan, plan_without_host, predict};
pub use rates::{Origin, Quantity, Rate, Rates};
