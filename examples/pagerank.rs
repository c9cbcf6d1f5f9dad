//! The pages of a graph by their rank: Brin and Page, "The Anatomy of a Large-Scale Hypertextual Web Search Engine" (1998).
//!
//! ```text
//! cargo run --release --example pagerank -- --pages 100000
//! cargo run --release --example pagerank -- --input edges.txt
//! ```

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use landbridge::kernels::random;
use landbridge::kernels::sparse::{Csr, row_product};
use landbridge::prelude::*;

/// The share that follows links; the rest goes anywhere.
const DAMPING: f32 = 0.85;

/// A page's next rank, from what its links bring.
#[kernel]
fn damp(base: f32, brought: &f32, rank: &mut f32) {
    *rank = base + DAMPING * *brought;
}

/// Ranks pages.
#[derive(Parser)]
struct Options {
    /// A file with two numbers of pages a line, from and to; `#` begins a comment. Else links are made up.
    #[arg(long)]
    input: Option<PathBuf>,
    #[arg(long, default_value_t = 100_000)]
    pages: u32,
    #[arg(long, default_value_t = 30)]
    rounds: usize,
    /// Such as `host`, `wgpu:0`, `cuda:0` (with `--features cuda`); the best if not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let device = options.device.as_deref().map_or_else(Device::auto, Device::named)?;
    let links = match &options.input {
        Some(path) => read(&std::fs::read_to_string(path)?)?,
        None => made_up(&device, options.pages)?,
    };
    let pages = links.iter().map(|(from, to)| from.max(to) + 1).max().ok_or("there are no links")?;
    let matrix = shares(pages as usize, &links)?;
    println!("{pages} pages, {} links", matrix.values().len());

    let (ranks, report) = ranked(&device, &matrix, options.rounds)?;
    let (on_host, _) = ranked(&Device::host(), &matrix, options.rounds)?;
    let worst = ranks.iter().zip(&on_host).map(|(a, b)| (a - b).abs() / b).fold(0.0, f32::max);
    assert!(worst <= 1e-3, "{} is {worst} of a rank away from the host", device.info());

    let mut order = device.order(&ranks)?;
    order.reverse();
    for page in order.iter().take(5) {
        println!("page {page:8}: {:.3} times the mean", ranks[*page as usize] * pages as f32);
    }
    println!("{report}");
    Ok(())
}

/// Which share of a page's rank goes to which: a row for each page that gets some.
fn shares(pages: usize, links: &[(u32, u32)]) -> landbridge::Result<Csr<f32>> {
    let mut leaving = vec![0_u32; pages];
    links.iter().for_each(|(from, _)| leaving[*from as usize] += 1);
    let share = |(from, to): &(u32, u32)| (*to, *from, 1.0 / leaving[*from as usize] as f32);
    Csr::from_triplets(pages, pages, &links.iter().map(share).collect::<Vec<_>>())
}

/// The ranks after so many rounds, in which everything stays on the device.
fn ranked(
    device: &Device,
    matrix: &Csr<f32>,
    rounds: usize,
) -> landbridge::Result<(Vec<f32>, landbridge::ScopeReport)> {
    let pages = matrix.rows();
    let (mut ranks, mut brought) = (vec![1.0 / pages as f32; pages], vec![0.0; pages]);
    let (_, report) = device.scope_reported(|s| {
        let (offsets, indices) = (s.attach(matrix.offsets()), s.attach(matrix.indices()));
        let values = s.attach(matrix.values());
        let (mut ranks, mut brought) = (s.attach_mut(&mut ranks), s.attach_zeroed(&mut brought));
        for _ in 0..rounds {
            s.launch(row_product(&offsets, &indices, &values, &ranks, &mut brought))?;
            // What pages without links have is shared by all, as is what is not damped.
            let kept = 1.0 - DAMPING * s.reduce(each!(|b: &f32| -> f32 { *b })(&brought), Sum)?;
            s.launch(damp(kept / pages as f32, &brought, &mut ranks))?;
        }
        Ok(())
    })?;
    Ok((ranks, report))
}

fn read(text: &str) -> Result<Vec<(u32, u32)>, Box<dyn Error>> {
    let link = |line: &str| {
        let (from, to) = line.split_once(char::is_whitespace).ok_or_else(|| format!("one number only in `{line}`"))?;
        Ok((from.trim().parse()?, to.trim().parse()?))
    };
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(link).collect()
}

/// Eight links a page; those to pages with small numbers are more.
fn made_up(device: &Device, pages: u32) -> landbridge::Result<Vec<(u32, u32)>> {
    let mut units = vec![0.0_f32; 16 * pages as usize];
    random::fill_units(device, 23, &mut units)?;
    let page = |u: f32| ((u * pages as f32) as u32).min(pages.saturating_sub(1));
    Ok(units.chunks_exact(2).map(|u| (page(u[0]), page(u[1] * u[1] * u[1]))).collect())
}
