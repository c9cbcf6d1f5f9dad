//! Moving pages against copying bytes: the user-space mover (copy and remap) beside a parallel memcpy of the same bytes
//! into pages that exist, with as many threads; on a machine with several memory nodes also the kernel's own ways.
//!
//! The mover's time holds the freeing of the old pages. `peak` is how much more memory the process had than before.
//! With one node the pages are remapped to the node that they are on: the same work, but for the distance.
//!
//! `cargo bench --bench mover -- [--quick] [PART OF A CASE'S NAME]...`

#[path = "../support/mod.rs"]
mod support;

#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod ways;

#[cfg(target_os = "linux")]
fn main() {
    use memory::Pages;
    use support::{Options, Report};

    let options = Options::from_args();
    let mut report = Report::new("mover", &["GB/s", "memcpy GB/s", "peak"]);
    let bytes: usize = if options.quick { 128 << 20 } else { 512 << 20 };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for pages in [Pages::Huge, Pages::Small] {
        for threads in [1, cores] {
            ways::compare(&options, pages, bytes, threads, &mut report);
        }
    }
    report.finish();
    for entry in report.entries() {
        if let Some(most) = ways::target(&entry.case).filter(|most| entry.ratio > *most) {
            println!("{}: {:.2} times memcpy, above the target of {most}", entry.case, entry.ratio);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("Pages move between memory nodes on Linux only.");
}
