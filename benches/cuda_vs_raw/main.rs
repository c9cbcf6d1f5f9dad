//! The CUDA backend against what one writes by hand for the same driver, measured in turns:
//!
//! - `up`, `down`: a program's ordinary memory to the card and back, against a plain copy of pinned memory (at most 1/0.95 of its time), and
//!   against the driver's own copy of the same ordinary memory (no limit).
//! - `launch`: resident data; a launch that is waited for, and a hundred in a row with one wait, against the raw launch of the same PTX
//!   through `cust`. At most 1.1.
//! - `saxpy`, `triad`, `n-body`, `stencil`, `histogram`, `list walk`, `tree walk` on resident data against CUDA C++ of the same semantics
//!   (`kernels.cu`), built by nvcc 13.0. At most 1.02 in the geometric mean.
//!
//! `cargo bench --features cuda --bench cuda_vs_raw -- [--quick | --smoke] [PART OF A CASE'S NAME]...`
//!
//! What is compared has given equal results before, bit for bit, and those of the host. nvcc's PTX comes from the folder
//! `LANDBRIDGE_NVCC_PTX` (`compute_80.ptx`, `compute_90.ptx`; `scripts/gpu --build` makes them), else from nvcc itself, where it is:
//! `LANDBRIDGE_NVCC` or `target/nvcc/bin/nvcc`, which `install_nvcc` of scripts/drivers.sh makes. Without either these cases are
//! checked against the host, and not measured. Both sides' PTX is compiled by the driver.

#[path = "../support/mod.rs"]
mod support;

#[cfg(target_os = "linux")]
mod copies;
#[cfg(target_os = "linux")]
mod kernels;
#[cfg(target_os = "linux")]
mod launches;
#[cfg(target_os = "linux")]
mod linked;
#[cfg(target_os = "linux")]
mod nvcc;
#[cfg(target_os = "linux")]
mod raw;
#[cfg(target_os = "linux")]
mod workloads;

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("skipped: CUDA is supported on Linux only");
}

#[cfg(target_os = "linux")]
fn main() {
    use std::sync::Arc;

    use landbridge::backends::cuda::CudaBackend;
    use landbridge::prelude::*;

    let options = support::Options::from_args();
    let backend = match CudaBackend::open(0) {
        Ok(backend) => Arc::new(backend),
        Err(error) => {
            println!("skipped: {error}");
            return;
        }
    };
    let device = Device::from_backend(backend.clone(), None);
    let card = raw::Card::open().expect("it opens a second time");
    println!("{} ({}), {}", device.info(), card.name, device.info().driver);
    if std::env::var_os("LANDBRIDGE_LIBCUDA").is_some() {
        println!("LANDBRIDGE_LIBCUDA names the driver: if it only pretends to be one, THE TIMES MEAN NOTHING");
    }
    if options.smoke {
        println!("--smoke: the sizes are tiny, THE TIMES MEAN NOTHING");
    }
    let mut bench = Bench { table: support::Report::new("cuda_vs_raw", &["limit", "", "GB/s"]), options };
    copies::all(&mut bench, &device, &card);
    launches::all(&mut bench, &device, &backend, &card);
    workloads::all(&mut bench, &device, &card);
    bench.table.finish();
    workloads::print_mean(&bench);
}

/// The command line, and the results so far.
#[cfg(target_os = "linux")]
struct Bench {
    options: support::Options,
    table: support::Report,
}

#[cfg(target_os = "linux")]
impl Bench {
    /// A size, or a tiny one.
    fn size(&self, usual: usize, tiny: usize) -> usize {
        if self.options.smoke { tiny } else { usual }
    }

    /// Adds a line, with the limit that the ratio is to keep, and how many bytes a run moves.
    fn add(
        &mut self,
        case: String,
        ours: &support::Samples,
        other: &support::Samples,
        limit: Option<f64>,
        bytes: Option<usize>,
    ) {
        let limit = limit.filter(|_| !self.options.smoke);
        let kept = match limit {
            None => "",
            Some(limit) if ours.ratio_to(other) <= limit => "kept",
            Some(_) => "MISSED",
        };
        let limit_text = limit.map_or_else(String::new, |limit| format!("{limit:.3}"));
        let rate = bytes.map_or_else(String::new, |bytes| format!("{:.2}", bytes as f64 / ours.median() * 1e-9));
        let entry = support::Entry::compare(case, ours, other, vec![limit_text, kept.to_owned(), rate]);
        self.table.add(support::Entry { target: limit, ..entry });
    }
}
