//! The scratch crate: written, built by cargo, and run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::generate::Program;

/// Programs that are built as one; the crate has several, so that cargo compiles them at the same time.
const PARTS: usize = 2;

/// For many programs it pays to optimise what they are linked with, macros above all.
const OPTIMISED: &str = "debug = false\n\n[profile.dev.package.\"*\"]\nopt-level = 1\ndebug = false\n\n\
    [profile.dev.build-override]\nopt-level = 1\ndebug = false\n";

const HEAD: &str = "#![allow(warnings, clippy::all, arithmetic_overflow, unconditional_panic, overflowing_literals)]\n";

/// Where a program came from, and what its input is made of.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) seed: u64,
    pub(crate) program: Program,
}

/// Where programs run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Place {
    Host,
    Interpreter,
    /// The first adapter of the drivers that are found.
    Wgpu,
    /// The driver that `LANDBRIDGE_SWIFTSHADER` names.
    SwiftShader,
}

/// What came of a program on a device.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Verdict {
    /// As on the host; so many items panicked.
    Agrees(usize),
    Lacks(String),
    Differs(String),
}

pub(crate) struct Scratch {
    folder: PathBuf,
    optimised: bool,
}

impl Scratch {
    /// `optimised` builds all libraries once more, in their own folder.
    pub(crate) fn new(name: &str, optimised: bool) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program_fuzz").join(name);
        // Parts of an earlier run, too.
        let _ = fs::remove_dir_all(folder.join("src"));
        fs::create_dir_all(folder.join("src/bin")).expect("a folder for the scratch crate");
        let manifest = format!(
            "[package]\nname = \"scratch-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             landbridge = {{ path = {:?} }}\n\n\
             [profile.dev]\n{}",
            root.canonicalize().expect("the workspace"),
            // The workspace's own profile: what is built of it already is not built again.
            if optimised { OPTIMISED } else { "debug = \"line-tables-only\"\n" },
        );
        fs::write(folder.join("Cargo.toml"), manifest).expect("the manifest");
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the versions");
        Scratch { folder, optimised }
    }

    /// Builds them; those that rustc refuses are left out, with what it says. [`Scratch::take`] makes them those that run.
    pub(crate) fn build(&self, all: &[Candidate]) -> BTreeMap<usize, String> {
        let mut refused = BTreeMap::new();
        loop {
            self.write(all, &refused);
            let errors = self.compile();
            if errors.is_empty() {
                return refused;
            }
            let before = refused.len();
            refused.extend(errors);
            assert!(refused.len() > before, "the scratch crate does not build: {refused:?}");
        }
    }

    fn write(&self, all: &[Candidate], refused: &BTreeMap<usize, String>) {
        let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
        for part in 0..PARTS {
            let folder = self.folder.join(format!("src/bin/part{part}"));
            fs::create_dir_all(&folder).expect("a folder");
            let mut main = HEAD.to_owned();
            main += &format!(
                "mod suite {{\n#[path = {:?}]\npub mod interpreter;\n#[path = {:?}]\npub mod plain;\n}}\n",
                suite.join("interpreter.rs"),
                suite.join("plain.rs")
            );
            let mut list = String::new();
            for (k, candidate) in all.iter().enumerate().skip(part).step_by(PARTS) {
                let program = &candidate.program;
                fs::write(folder.join(format!("k{k}.rs")), program.tree.source()).expect("a program");
                if refused.contains_key(&k) {
                    continue;
                }
                main += &format!("mod k{k};\n");
                let kind = if program.wide { "Wide" } else { "Narrow" };
                let (free, placed, seed) = (program.free, program.placed, candidate.seed);
                list += &format!("    (\"k{k}\", Kernel::{kind}(k{k}::launch), {free}, {placed}, {seed}),\n");
            }
            main += &format!("const KERNELS: &[(&str, Kernel, bool, bool, u64)] = &[\n{list}];\n");
            main += include_str!("runner.rs");
            fs::write(folder.join("main.rs"), main).expect("the program");
        }
    }

    /// The first error of each program.
    fn compile(&self) -> BTreeMap<usize, String> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let output = cargo
            .args(["build", "--quiet", "--offline", "--keep-going", "--message-format=short", "--target-dir"])
            .arg(self.target())
            .current_dir(&self.folder)
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null())
            .output()
            .expect("cargo");
        let text = String::from_utf8_lossy(&output.stderr);
        let mut errors = BTreeMap::new();
        if output.status.success() {
            return errors;
        }
        for line in text.lines().filter(|line| line.contains("error")) {
            let program = line.split_once(".rs:").and_then(|(path, _)| path.rsplit_once("/k"));
            if let Some(k) = program.and_then(|(_, k)| k.parse().ok()) {
                errors.entry(k).or_insert_with(|| line.to_owned());
            }
        }
        assert!(!errors.is_empty(), "the scratch crate does not build:\n{text}");
        errors
    }

    fn target(&self) -> PathBuf {
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        if self.optimised { shared.join("fuzz") } else { shared.to_owned() }
    }

    /// Where the programs are, out of the way of those that are built next.
    fn program(&self, part: usize) -> PathBuf {
        self.folder.join(format!("part{part}"))
    }

    /// Takes the programs out of the target folder, where all scratch crates build theirs under the same names.
    pub(crate) fn take(&self) {
        for part in 0..PARTS {
            let built = self.target().join(format!("debug/part{part}"));
            fs::rename(&built, self.program(part)).expect("the program that was built");
        }
    }

    fn name(&self) -> String {
        self.folder.file_name().expect("a name").to_string_lossy().into_owned()
    }

    /// Runs what was built.
    pub(crate) fn run(&self, place: Place) -> BTreeMap<usize, Verdict> {
        let mut found = BTreeMap::new();
        for part in 0..PARTS {
            let mut first = 0;
            // A program that ends the process does not keep the others from running.
            while let Some(count) = self.run_part(place, part, first, &mut found) {
                first += count;
            }
        }
        found
    }

    /// The number of programs that were begun, if the process ended before its time.
    fn run_part(&self, place: Place, part: usize, first: usize, found: &mut BTreeMap<usize, Verdict>) -> Option<usize> {
        let mut command = Command::new(self.program(part));
        let wanted = match place {
            Place::Host => "host",
            Place::Interpreter => "interpreter",
            Place::Wgpu | Place::SwiftShader => "wgpu",
        };
        if place == Place::SwiftShader {
            let driver = env::var_os("LANDBRIDGE_SWIFTSHADER").expect("a driver");
            command.env("VK_DRIVER_FILES", &driver).env("VK_ICD_FILENAMES", &driver);
        }
        let output = command.args([wanted, &first.to_string()]).stdin(Stdio::null()).output().expect("the program");
        let text = String::from_utf8_lossy(&output.stdout);
        let (mut begun, mut now) = (0, None);
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let verdict = match word {
                "BEGIN" => {
                    begun += 1;
                    now = rest.strip_prefix('k').and_then(|k| k.parse().ok());
                    continue;
                }
                "AGREE" => Verdict::Agrees(rest.parse().expect("a number")),
                "LACK" => Verdict::Lacks(rest.into()),
                "DIFFER" => Verdict::Differs(rest.into()),
                _ => continue,
            };
            found.insert(now.take().expect("a program"), verdict);
        }
        if let Some(k) = now {
            let last = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
            found.insert(k, Verdict::Differs(format!("the process ended: {}: {last}", output.status)));
            return Some(begun);
        }
        assert!(output.status.success() || begun > 0, "{}: {}", self.name(), String::from_utf8_lossy(&output.stderr));
        None
    }
}
