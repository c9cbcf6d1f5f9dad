//! saxpy over ordinary `Vec`s, on every device of this machine, and on the one that landbridge would choose.
//!
//! ```text
//! cargo run --release --example quickstart
//! cargo run --release --features cuda --example quickstart -- --device cuda:0
//! ```

use clap::Parser;
use landbridge::prelude::*;

/// One work-item: `x` and `y` are its own elements of the two slices, `a` is the same for all.
#[kernel]
fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

/// saxpy on every device.
#[derive(Parser)]
struct Options {
    /// Elements of the vectors.
    #[arg(long, default_value_t = 1 << 22)]
    items: u32,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); all if not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> landbridge::Result<()> {
    let options = Options::parse();
    let x: Vec<f32> = (0..options.items).map(|i| i as f32).collect();
    let expected: Vec<f32> = x.iter().map(|x| 1.0 + 2.0 * x).collect();

    // The same call on every device: the host's cores, and each GPU or software driver.
    let devices = match &options.device {
        Some(name) => vec![Device::named(name)?],
        None => Device::all(),
    };
    for device in &devices {
        let mut y = vec![1.0_f32; x.len()];
        let report = device.run(saxpy(2.0, &x, &mut y))?;
        println!("{report}\n");
        assert!(y == expected, "{} computes something else", device.info());
    }

    if options.device.is_some() {
        return Ok(());
    }
    // `auto` asks each device for its plan and takes the fastest; LANDBRIDGE_DEVICE overrides it.
    let device = Device::auto()?;
    let mut y = vec![1.0_f32; x.len()];
    println!("Planned:\n{}\n", device.plan(&saxpy(2.0, &x, &mut y))?);
    println!("Done:\n{}", device.run(saxpy(2.0, &x, &mut y))?);
    assert!(y == expected);
    Ok(())
}
