//! How large kernels are as machine code: instructions and registers of our PTX (the golden files) beside those of CUDA C++ of the same
//! semantics (`kernels.cu`), both through ptxas 13.0. No GPU takes part.
//!
//! `ptxas` is `LANDBRIDGE_PTXAS` or `target/ptxas/ptxas`, `nvcc` is `LANDBRIDGE_NVCC` or `target/nvcc/bin/nvcc`, which `install_ptxas` and
//! `install_nvcc` of scripts/drivers.sh put there. Without nvcc our own numbers are recorded, and it says so.
//! Fails if the geometric mean of the ratios of instructions is above 1.15 on a device. `--quick`: sm_90 only.

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use support::{Options, geometric_mean, results_folder};

/// The kernels of `kernels.cu`, each with a golden file of its name.
const KERNELS: [&str; 13] = [
    "bytes",
    "dot",
    "doubles",
    "gather",
    "hash",
    "histogram",
    "matmul",
    "nbody",
    "numbers",
    "saxpy",
    "searched",
    "stencil",
    "sums",
];

/// The most that the geometric mean of instructions may be of nvcc's.
const LIMIT: f64 = 1.15;

/// Machine code of one kernel.
#[derive(Clone, Copy)]
struct Size {
    instructions: usize,
    registers: usize,
}

fn main() -> ExitCode {
    let options = Options::from_args();
    let target = results_folder().parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let tool = |variable: &str, usual: &str| {
        let path = std::env::var_os(variable).map_or_else(|| target.join(usual), PathBuf::from);
        path.is_file().then_some(path)
    };
    let Some(ptxas) = tool("LANDBRIDGE_PTXAS", "ptxas/ptxas") else {
        println!("skipped: no ptxas; `. scripts/drivers.sh; install_ptxas target/ptxas` fetches it");
        return ExitCode::SUCCESS;
    };
    let nvcc = tool("LANDBRIDGE_NVCC", "nvcc/bin/nvcc");
    if nvcc.is_none() {
        println!("no nvcc to compare with; `. scripts/drivers.sh; install_nvcc target/nvcc` fetches it");
    }
    let devices: &[&str] = if options.quick { &["sm_90"] } else { &["sm_75", "sm_80", "sm_90", "sm_100"] };
    let (mut json, mut passed) = (vec![], true);
    for device in devices {
        let (lines, mean) = compare(&options, &ptxas, nvcc.as_deref(), device);
        json.extend(lines);
        if let Some(mean) = mean {
            println!("{device}: {mean:.3} of nvcc's instructions, as a geometric mean; at most {LIMIT}");
            passed &= mean <= LIMIT || options.filters_any();
        }
    }
    let folder = results_folder();
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("ptx_size.json"), format!("[\n{}\n]\n", json.join(",\n"))));
    if let Err(error) = written {
        eprintln!("{}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Lines of JSON for one device, and the mean of the ratios.
fn compare(options: &Options, ptxas: &Path, nvcc: Option<&Path>, device: &str) -> (Vec<String>, Option<f64>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let theirs = nvcc.map(|nvcc| {
        let source = root.join("benches/ptx_size/kernels.cu");
        let arch = format!("-arch={device}");
        let options = ["-cubin", "-std=c++17", "-fmad=false", "-Xptxas", "-v", &arch, "-o"];
        assembled(Command::new(nvcc).args(options), &source)
    });
    let (mut lines, mut ratios) = (vec![], vec![]);
    println!("{device}: instructions and registers, ours and nvcc's");
    for kernel in KERNELS.into_iter().filter(|kernel| options.wants(kernel)) {
        let source = root.join(format!("backends/tests/golden/ptx/{kernel}.ptx"));
        let ours = assembled(Command::new(ptxas).args(["-v", "-arch", device, "-o"]), &source);
        let ours = find(&ours, &format!("lb_{kernel}"));
        let mut line = format!(
            r#"  {{"device": "{device}", "kernel": "{kernel}", "instructions": {}, "registers": {}"#,
            ours.instructions, ours.registers
        );
        let mut text = format!("{kernel:>12} {:>5} {:>3}", ours.instructions, ours.registers);
        if let Some(theirs) = &theirs {
            let theirs = find(theirs, kernel);
            let ratio = ours.instructions as f64 / theirs.instructions as f64;
            ratios.push(ratio);
            line +=
                &format!(r#", "nvcc_instructions": {}, "nvcc_registers": {}"#, theirs.instructions, theirs.registers);
            text += &format!("   {:>5} {:>3}   {ratio:.2}", theirs.instructions, theirs.registers);
        }
        println!("{text}");
        lines.push(line + "}");
    }
    (lines, geometric_mean(ratios))
}

fn find(sizes: &[(String, Size)], kernel: &str) -> Size {
    let found = sizes.iter().find(|(name, _)| name == kernel);
    found.unwrap_or_else(|| panic!("no kernel `{kernel}` in the machine code")).1
}

/// Runs a compiler, to whose arguments those of the files are added, and sizes all kernels that it makes.
fn assembled(command: &mut Command, source: &Path) -> Vec<(String, Size)> {
    let cubin = std::env::temp_dir().join(format!("landbridge-{}.cubin", std::process::id()));
    let output = command.arg(&cubin).arg(source).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    let bytes = std::fs::read(&cubin).expect("the compiler's file is there");
    let _ = std::fs::remove_file(&cubin);
    let registers = |kernel: &str| {
        let mut lines = said.lines().skip_while(|line| !line.contains(&format!("'{kernel}'")));
        let used = lines.find_map(|line| line.split_once("Used ")).map_or("", |(_, rest)| rest);
        used.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    let sized = |(name, instructions): (String, usize)| {
        let registers = registers(&name);
        (name, Size { instructions, registers })
    };
    kernels_of(&bytes).into_iter().map(sized).collect()
}

/// The sections `.text.NAME` of an ELF file with the number of instructions of each: 16 bytes each since compute capability 7.0,
/// not counting those that do nothing, which fill the end.
fn kernels_of(elf: &[u8]) -> Vec<(String, usize)> {
    let number = |at: usize, bytes: usize| {
        elf[at..at + bytes].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let (table, entry, count, names) = (number(40, 8), number(58, 2), number(60, 2), number(62, 2));
    let section = |k: usize| {
        let at = table + k * entry;
        (number(at, 4), number(at + 24, 8), number(at + 32, 8))
    };
    let names = section(names).1;
    let mut kernels = vec![];
    for (name, start, size) in (0..count).map(section) {
        let name = &elf[names + name..];
        let name = String::from_utf8_lossy(&name[..name.iter().position(|byte| *byte == 0).unwrap_or(0)]);
        if let Some(kernel) = name.strip_prefix(".text.") {
            const NOTHING: usize = 0x918;
            let instructions = (start..start + size).step_by(16).filter(|at| number(*at, 2) & 0xfff != NOTHING);
            kernels.push((kernel.to_owned(), instructions.count()));
        }
    }
    kernels
}
