//! Fifty kernels as people write them for rayon, each beside plain Rust that computes the same: what the kernel gives on the host,
//! on the reference interpreter and on every adapter of wgpu is compared with that.
//!
//! They were written as ordinary Rust, without a look at what kernels may contain. What had to be written otherwise then says so
//! in a comment that begins with "Instead of"; docs/kernel-language.md counts them.
#![deny(unsafe_code)]
#![allow(clippy::needless_range_loop, clippy::manual_range_contains, reason = "it is written as people write")]

extern crate landbridge_core as landbridge;

#[path = "../conformance/answer.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "it is the conformance suite's")]
mod answer;
mod data;
mod finance;
mod hashing;
mod images;
#[path = "../conformance/interpreter.rs"]
mod interpreter;
mod linear_algebra;
mod linked;
mod n_body;
#[path = "../conformance/plain.rs"]
#[allow(dead_code, reason = "its device is the conformance suite's")]
mod plain;
mod rays;
mod stencils;
mod text;
mod vectors;

/// Where paths of the conformance suite's macros lead.
mod suite {
    pub(crate) use crate::answer;
}

use answer::{Answer, compare, lacks};
use landbridge::{Device, Result};
use landbridge_backends::devices::Devices;

/// By which way a case is computed.
#[derive(Clone, Copy)]
enum Way<'d> {
    Kernel(&'d Device),
    /// As if there were no kernels.
    Plain,
}

type Case = fn(Way<'_>) -> Result<Answer>;

macro_rules! fifty {
    ($($family:ident: $($case:ident)*;)*) => {
        const CASES: &[(&str, Case)] = &[$($((stringify!($case), $family::$case)),*),*];
        mod host {
            $($(#[test] fn $case() { super::check(stringify!($case), super::$family::$case, &super::on_host()) })*)*
        }
        mod interpreted {
            $($(#[test] fn $case() { super::check(stringify!($case), super::$family::$case, &super::interpreter::device()) })*)*
        }
        #[cfg(feature = "wgpu")]
        mod wgpu {
            $($(#[test] fn $case() { super::on_adapters(stringify!($case), super::$family::$case) })*)*
        }
    };
}

fifty! {
    linear_algebra: axpy dot matrix_vector matrix_product transposed sparse_matrix_vector jacobi inverse_3x3 lu_solve_4x4;
    stencils: heat life laplacian_3d convolution median_filter;
    n_body: gravity lennard_jones flock energy collisions;
    hashing: fnv1a murmur3 pcg crc32 sha256 bloom_filter;
    text: word_counts parsed_numbers edit_distances palindromes rot13;
    images: grayscale sobel histogram blended bilinear mandelbrot hue;
    rays: nearest_sphere triangles boxes refracted;
    finance: black_scholes binomial_tree drawdowns implied_volatility bond_prices;
    linked: list_lengths tree_lookups bucket_lookups trie_matches;
}

#[test]
fn there_are_fifty() {
    assert_eq!(CASES.len(), 50);
}

/// What the page says is what the comments say.
#[test]
fn the_unchanged_are_counted() {
    let sources = [
        include_str!("finance.rs"),
        include_str!("hashing.rs"),
        include_str!("images.rs"),
        include_str!("linear_algebra.rs"),
        include_str!("linked.rs"),
        include_str!("n_body.rs"),
        include_str!("rays.rs"),
        include_str!("stencils.rs"),
        include_str!("text.rs"),
    ];
    let changed: usize = sources.iter().map(|text| text.matches("/// Instead of ").count()).sum();
    let told = format!("linked structures) {} run unchanged", CASES.len() - changed);
    let page = include_str!("../../../docs/kernel-language.md").replace('\n', " ");
    assert!(page.contains(&told), "docs/kernel-language.md: {told}");
}

fn on_host() -> Device {
    Device::host()
}

#[cfg(feature = "wgpu")]
fn on_adapters(name: &str, case: Case) {
    let devices: Vec<_> = Device::all().into_iter().filter(|device| device.info().id.starts_with("wgpu")).collect();
    if devices.is_empty() {
        let required = std::env::var("LANDBRIDGE_REQUIRE_WGPU").is_ok_and(|value| value == "1");
        assert!(!required, "no adapter for `{name}`");
        println!("skipped: {name}: no adapter");
    }
    for device in devices {
        check(name, case, &device.without_fallback());
    }
}

fn check(name: &str, case: Case, device: &Device) {
    let info = device.info();
    match case(Way::Kernel(device)) {
        Ok(found) => compare(name, &info.to_string(), &found, &case(Way::Plain).expect("plain Rust")),
        Err(error) if lacks(device, &error) => println!("{name} not on {info}: {error}"),
        Err(error) => panic!("{name} on {info}: {error}"),
    }
}
