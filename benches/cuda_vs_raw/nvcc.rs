//! `kernels.cu` as PTX: made earlier for a machine without nvcc, or made now.

use std::path::{Path, PathBuf};
use std::process::Command;

use landbridge::backends::cuda::cust::module::Module;

use crate::raw::Card;
use crate::support::results_folder;

/// Versions of the virtual architecture that `scripts/gpu --build` makes.
const ARCHITECTURES: [u32; 3] = [75, 80, 90];
/// Versions of PTX that older drivers take; nothing in the kernels needs a newer one.
const OLDER: [&str; 3] = ["8.4", "8.0", "7.0"];

/// The module of nvcc's kernels on the card, or why there is none.
pub(crate) fn module(card: &Card) -> Result<Module, String> {
    let architecture = ARCHITECTURES.into_iter().rfind(|architecture| *architecture <= card.sm);
    let architecture = architecture.ok_or("nvcc 13.0 knows no card as old as this one")?;
    let (text, from) = text(architecture)?;
    let mut failure = None;
    for version in [None].into_iter().chain(OLDER.map(Some)) {
        match Module::from_ptx(with_version(&text, version), &[]) {
            Ok(module) => {
                println!("CUDA C++ of {from}{}", version.map_or_else(String::new, |v| format!(", as PTX {v}")));
                return Ok(module);
            }
            Err(error) => failure.get_or_insert(error),
        };
    }
    let failure = failure.map_or_else(String::new, |error| error.to_string());
    Err(format!("the driver does not take nvcc's PTX from {from}: {failure}"))
}

fn text(architecture: u32) -> Result<(String, String), String> {
    let name = format!("compute_{architecture}.ptx");
    if let Some(folder) = std::env::var_os("LANDBRIDGE_NVCC_PTX") {
        let file = PathBuf::from(folder).join(name);
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        return Ok((text, file.display().to_string()));
    }
    let target = results_folder().parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let nvcc = std::env::var_os("LANDBRIDGE_NVCC").map_or_else(|| target.join("nvcc/bin/nvcc"), PathBuf::from);
    if !nvcc.is_file() {
        return Err("no nvcc; `. scripts/drivers.sh; install_nvcc target/nvcc` fetches it".to_owned());
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/cuda_vs_raw/kernels.cu");
    let made = std::env::temp_dir().join(format!("landbridge-{}-{name}", std::process::id()));
    let mut command = Command::new(&nvcc);
    command.args(["-ptx", "-std=c++17", "-fmad=false", &format!("-arch=compute_{architecture}"), "-o"]);
    let output = command.arg(&made).arg(&source).output().map_err(|error| format!("{}: {error}", nvcc.display()))?;
    let text = std::fs::read_to_string(&made);
    let _ = std::fs::remove_file(&made);
    match text {
        Ok(text) if output.status.success() => Ok((text, nvcc.display().to_string())),
        _ => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// The text with another `.version`.
fn with_version(text: &str, version: Option<&str>) -> String {
    let lines = text.lines().map(|line| match version {
        Some(version) if line.starts_with(".version") => format!(".version {version}\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}
