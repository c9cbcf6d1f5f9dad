//! Byte and line statistics of a memory-mapped file of any size. Nothing is read into a buffer: the kernels run over the
//! mapped pages.
//!
//! ```text
//! cargo run --release --example file_histogram -- Cargo.lock
//! cargo run --release --features cuda --example file_histogram -- --device cuda:0 Cargo.lock
//! ```
#![allow(unsafe_code, reason = "mapping a file is the one thing that needs it")]

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use clap::Parser;
use landbridge::prelude::*;

/// Counts bytes: all work-items share the counters, which is why they are atomic.
#[kernel]
fn count_bytes(counts: &[AtomicU32], byte: &u8) {
    counts[*byte as usize].fetch_add(1, Ordering::Relaxed);
}

/// Length of the line that ends at byte `i`, or 0 where none ends. Every line is walked once, by its last byte.
#[kernel]
fn line_length(text: &[u8], i: Index) -> u64 {
    let last = i + 1 == text.len();
    if text[i] != b'\n' && !last {
        return 0;
    }
    let mut start = i;
    while start > 0 && text[start - 1] != b'\n' {
        start -= 1;
    }
    let newline = text[i] == b'\n';
    (i - start) as u64 + if newline { 0 } else { 1 }
}

/// The counters are 32 bits wide, so a file is counted in windows that cannot overflow them.
const WINDOW: usize = 1 << 30;

/// Counts what is in a file.
#[derive(Parser)]
struct Options {
    path: PathBuf,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Options { path, device } = Options::parse();
    let device = device.as_deref().map_or_else(Device::auto, Device::named)?;
    let file = File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    // SAFETY: memmap2 asks that nobody truncates or writes the file while it is mapped. This program does not.
    let map = unsafe { memmap2::Mmap::map(&file)? };
    let bytes = &map[..];

    let mut counts = [0_u64; 256];
    for window in bytes.chunks(WINDOW) {
        let mut part = [0_u32; 256];
        let report = device.run(count_bytes(&mut part, window))?;
        counts.iter_mut().zip(part).for_each(|(count, part)| *count += u64::from(part));
        println!("{report}");
    }
    assert_eq!(counts.iter().sum::<u64>(), bytes.len() as u64, "every byte is counted once");

    let (longest, report) = device.reduce_reported(line_length(bytes, bytes.len()), Max)?;
    println!("{report}\n");
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::len);
    assert_eq!(Some(longest), lines.max().map(|length| length as u64), "the longest line");
    print_statistics(&path, bytes, &counts, longest);
    Ok(())
}

fn print_statistics(path: &Path, bytes: &[u8], counts: &[u64; 256], longest: u64) {
    let newlines = counts[usize::from(b'\n')];
    let unfinished = bytes.last().is_some_and(|&last| last != b'\n');
    let distinct = counts.iter().filter(|&&count| count > 0).count();
    let ascii: u64 = counts[..128].iter().sum();

    println!("{}", path.display());
    println!("  bytes          {}", bytes.len());
    println!("  ASCII          {ascii}");
    println!("  distinct       {distinct} of 256 byte values");
    println!("  entropy        {:.3} bits a byte", entropy(counts));
    println!("  newlines       {newlines}");
    println!("  lines          {}", newlines + u64::from(unfinished));
    println!("  longest line   {longest} bytes");

    let mut ranking: Vec<usize> = (0..256).filter(|&value| counts[value] > 0).collect();
    ranking.sort_by_key(|&value| std::cmp::Reverse(counts[value]));
    for value in ranking.into_iter().take(8) {
        let share = 100.0 * counts[value] as f64 / bytes.len() as f64;
        let shown = (value as u8).escape_ascii().to_string();
        println!("  {shown:>4} {:12} {share:5.1} %", counts[value]);
    }
}

/// How many bits a byte carries, if bytes were independent.
fn entropy(counts: &[u64; 256]) -> f64 {
    let total = counts.iter().sum::<u64>() as f64;
    let shares = counts.iter().filter(|&&count| count > 0).map(|&count| count as f64 / total);
    shares.map(|share| -share * share.log2()).sum::<f64>() + 0.0
}
