//! What computes on this machine, what each device can do, and why it cannot do the rest; and what its memory looks like.
//!
//! ```text
//! cargo run --release --example devices
//! cargo run --release --example devices -- --probe    # measures everything, some seconds, and keeps it for Device::auto()
//! cargo run --release --features cuda --example devices -- --device cuda:0    # this one only
//! ```

use clap::Parser;
use landbridge::backends::devices::Probed;
use landbridge::planner::{Quantity, Rate};
use landbridge::prelude::*;
use landbridge::text::Bytes;
use landbridge::{DeviceInfo, DeviceKind};

/// Says what computes here.
#[derive(Parser)]
struct Options {
    /// Measures everything, some seconds, and keeps it for `Device::auto()`.
    #[arg(long)]
    probe: bool,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); all if not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> landbridge::Result<()> {
    let options = Options::parse();
    if options.probe {
        let probed = Device::options().probe();
        probed.iter().for_each(show_probed);
        if probed.iter().all(|probed| probed.info.kind != DeviceKind::Node) {
            println!("one memory node: there is nowhere to move pages to, and how fast they would is unknown");
        }
        return Ok(());
    }
    if let Some(name) = &options.device {
        describe(Device::named(name)?.info());
        return Ok(());
    }
    Device::all().iter().for_each(|device| describe(device.info()));
    // Not built in, no driver, or no device: the error says what is missing and how to get it.
    for missing in [Device::wgpu(0), Device::cuda(0)].into_iter().filter_map(Result::err) {
        println!("{missing}\n");
    }
    println!("Device::auto() takes the {}", Device::auto()?.info().name);
    #[cfg(feature = "numa")]
    println!("\nMemory, by its nodes:\n{}", landbridge::backends::numa::topology());
    Ok(())
}

fn describe(info: &DeviceInfo) {
    println!("{info}");
    println!("  kind        {}", info.kind);
    if !info.driver.is_empty() {
        println!("  driver      {}", info.driver);
    }
    println!("  units       {}", info.units);
    println!("  memory      {}", Bytes(info.memory));

    let capabilities = info.capabilities.iter().map(|c| (c.name.to_string(), c.missing.as_deref()));
    list("kernels use", capabilities);
    let strategies = info.strategies.iter().map(|s| (s.strategy.to_string(), s.missing.as_deref()));
    list("strategies", strategies);
    if info.kind == DeviceKind::Software {
        println!("  chosen only by name: it computes on the host's cores, slower than the host itself");
    }
    // What a card says of its memory and the host's; whether the library believes it is in the strategies above.
    #[cfg(all(feature = "cuda", target_os = "linux"))]
    for (_, coherence) in
        landbridge::backends::cuda::coherence().unwrap_or_default().iter().filter(|c| c.0 == info.name)
    {
        coherence.lines().iter().for_each(|line| println!("  {line}"));
    }
    println!();
}

/// A device's rates, as they were just measured.
fn show_probed(probed: &Probed) {
    println!("{}", probed.info);
    match &probed.rates {
        Ok(rates) => {
            rates.with(|rates| rates.iter().for_each(|(quantity, rate)| show_rate(quantity, rate)));
            match rates.file() {
                Some(file) => println!("  kept in {}", file.display()),
                None => println!("  not kept: there is no cache folder, or LANDBRIDGE_CACHE_DIR=off"),
            }
        }
        Err(error) => println!("  not measured: {error}"),
    }
    println!();
}

fn show_rate(quantity: Quantity, rate: &Rate) {
    let value = match quantity.unit() {
        "B/s" => format!("{:.2} GB/s", rate.value * 1e-9),
        "s" => format!("{:.2} µs", rate.value * 1e6),
        "s/B" => format!("{:.4} ns/B", rate.value * 1e9),
        _ => format!("{:.3} x", rate.value),
    };
    println!("  {:16} {value:>14}  {} samples", quantity.name(), rate.samples);
}

/// First what is there, in one line, then what is not, each reason once.
fn list<'i>(title: &str, entries: impl Iterator<Item = (String, Option<&'i str>)>) {
    let (there, missing): (Vec<_>, Vec<_>) = entries.partition(|(_, missing)| missing.is_none());
    let names: Vec<_> = there.into_iter().map(|(name, _)| name).collect();
    println!("  {title:11} {}", if names.is_empty() { "-".into() } else { names.join(", ") });
    for alike in missing.chunk_by(|a, b| a.1 == b.1) {
        let names: Vec<_> = alike.iter().map(|(name, _)| name.as_str()).collect();
        println!("  {:11} not {}: {}", "", names.join(", "), alike[0].1.unwrap_or_default());
    }
}
