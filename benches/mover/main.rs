//! Moving pages against copying bytes: the user-space mover (copy and remap) beside a parallel memcpy of the same bytes
//! with as many threads; on a machine with several memory nodes also the kernel's own ways. With one node the pages are
//! remapped to the node that they are on: the same work, but for the distance.
//!
//! | row | the clock runs for | against | target |
//! |---|---|---|---|
//! | `into made pages` | copy, remap, freeing of the old pages | memcpy into pages that exist | 1.10 (2M), 2.5 (4K) |
//! | `from scratch` | the same, and looking at the memory, and making the new pages | memcpy into pages that it makes and unmaps | none |
//! | `old pages kept` | copy and remap into the old pages of the move before, nothing freed | memcpy into pages that exist | none |
//!
//! Both sides of a row count the same: where one makes or frees pages within the clock, so does the other; only the first
//! row's mover frees and its memcpy does not, which is what the target allows for. `peak` is how much more memory the process
//! had than before, pages made ahead of the clock included.
//!
//! `cargo bench --bench mover -- [--quick] [PART OF A CASE'S NAME]...`

#[path = "../support/mod.rs"]
mod support;

#[cfg(target_os = "linux")]
mod memcpy;
#[cfg(target_os = "linux")]
mod ways;

#[cfg(target_os = "linux")]
fn main() {
    use support::{Options, Pages, Report};

    let options = Options::from_args();
    let mut report = Report::new("mover", &["target", "GB/s", "other's GB/s", "peak"]);
    let bytes: usize = if options.quick { 128 << 20 } else { 512 << 20 };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for pages in [Pages::Huge, Pages::Small] {
        for threads in [1, cores] {
            ways::compare(&options, pages, bytes, threads, &mut report);
        }
    }
    report.finish();
    for entry in report.entries() {
        if let Some(most) = entry.target.filter(|most| entry.ratio > *most) {
            println!("{}: {:.2} times memcpy, above the target of {most}", entry.case, entry.ratio);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("Pages move between memory nodes on Linux only.");
}
