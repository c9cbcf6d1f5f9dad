//! Functions that generated text calls: `library/*.wgsl`. Only those that are needed get into a kernel.

use std::collections::BTreeSet;

/// The files, in the order in which their functions appear in a kernel. Functions are separated by empty lines and may
/// call functions of any file; comments above a function go with it.
const FILES: [&str; 8] = [
    include_str!("library/failure.wgsl"),
    include_str!("library/integer.wgsl"),
    include_str!("library/integer64.wgsl"),
    include_str!("library/float32.wgsl"),
    include_str!("library/functions32.wgsl"),
    include_str!("library/angles32.wgsl"),
    include_str!("library/pairs32.wgsl"),
    include_str!("library/float64.wgsl"),
];

/// Names that are no functions.
const VARIABLES: [&str; 5] = ["lb_errors", "lb_item", "lb_failure", "lb_values", "lb_rounds"];

/// The functions that a kernel needs.
#[derive(Default)]
pub(super) struct Library {
    wanted: BTreeSet<String>,
}

impl Library {
    /// Adds a function, and all that it calls.
    pub(super) fn require(&mut self, name: &str) {
        if !self.wanted.insert(name.to_owned()) {
            return;
        }
        let Some(text) = functions().find(|f| declares(f, name)) else {
            debug_assert!(false, "the library has no function {name}");
            return;
        };
        for called in calls(text).filter(|c| *c != name) {
            self.require(called);
        }
    }

    /// The functions that were required.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for function in functions() {
            if self.wanted.iter().any(|name| declares(function, name)) {
                text.push_str(function.trim());
                text.push_str("\n\n");
            }
        }
        text
    }
}

fn functions() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().flat_map(|file| file.split("\n\n"))
}

fn declares(function: &str, name: &str) -> bool {
    function.lines().any(|line| {
        let declared = line.strip_prefix("fn ").and_then(|rest| rest.strip_prefix(name));
        declared.is_some_and(|rest| rest.starts_with('('))
    })
}

fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("lb_") && !VARIABLES.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_declared_once() {
        for function in functions() {
            for name in calls(function) {
                let count = functions().filter(|f| declares(f, name)).count();
                assert_eq!(count, 1, "{name}");
            }
        }
    }

    #[test]
    fn dependencies_come_along() {
        let mut library = Library::default();
        library.require("lb_panic");
        assert!(library.text().contains("fn lb_keep("));
    }
}
