//! NVIDIA's assembler, which judges the texts: `target/ptxas/ptxas`, or what LANDBRIDGE_PTXAS names.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// The devices that texts are assembled for.
pub(crate) const DEVICES: [&str; 4] = ["sm_75", "sm_80", "sm_90", "sm_100"];

/// Where the assembler is. Without it tests say so and pass, unless LANDBRIDGE_REQUIRE_PTXAS is 1.
pub(crate) fn ptxas() -> Option<PathBuf> {
    let given = std::env::var_os("LANDBRIDGE_PTXAS").map(PathBuf::from);
    let usual = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/ptxas/ptxas");
    let path = given.unwrap_or_else(usual);
    if path.is_file() {
        return Some(path);
    }
    let why = format!("there is no {}: scripts/test installs it", path.display());
    assert!(std::env::var("LANDBRIDGE_REQUIRE_PTXAS").as_deref() != Ok("1"), "{why}");
    println!("skipped: {why}");
    None
}

/// Assembles a text for a device and gives what the assembler says about it.
pub(crate) fn assemble(ptxas: &PathBuf, text: &str, device: &str) -> Result<String, String> {
    assert!(text.is_ascii(), "PTX is ASCII");
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("landbridge-{}-{number}.ptx", std::process::id()));
    std::fs::write(&file, text).expect("the text is written");
    let output = Command::new(ptxas).args(["-v", "-arch", device, "-o", "/dev/null"]).arg(&file).output();
    let _ = std::fs::remove_file(&file);
    let output = output.expect("ptxas runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// A number in what the assembler says: `0 bytes spill stores`.
pub(crate) fn said(report: &str, what: &str) -> u64 {
    let words: Vec<&str> = report.split([' ', ',', '\n']).filter(|word| !word.is_empty()).collect();
    let what: Vec<&str> = what.split(' ').collect();
    let found = words.windows(what.len() + 1).find(|window| window[1..] == what[..]);
    found.and_then(|window| window[0].parse().ok()).unwrap_or_else(|| panic!("no `{what:?}` in {report}"))
}
