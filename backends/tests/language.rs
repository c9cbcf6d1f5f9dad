//! docs/kernel-language.md against the code: it lists what kernels know, all of it and nothing else, and there is a conformance
//! case behind every line.
#![deny(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use landbridge_core::oracle::methods::KNOWN;

/// Heading of each group's section.
const SECTIONS: [(&str, &str); 27] = [
    ("OfFloats", "Floats"),
    ("OfNumbers", "Numbers"),
    ("OfIntegers", "Integers"),
    ("OfSlices", "Slices"),
    ("OfSlicesOfPlainData", "Slices of plain data"),
    ("OfSlicesAndIntegers", "Slices and integers"),
    ("OfSlicesAndRanges", "Slices and ranges"),
    ("OfRanges", "Ranges"),
    ("OfBytesAndChars", "Bytes and chars"),
    ("OfChars", "Chars"),
    ("OfSlicesAndAtomics", "Slices and atomics"),
    ("OfAtomics", "Atomics"),
    ("OfScalars", "Scalars"),
    ("OfBools", "Bools"),
    ("OfBoolsAndOrderings", "Bools and orderings"),
    ("OfOrderings", "Orderings"),
    ("OfSlicesAndOrderings", "Slices and orderings"),
    ("OfComparable", "Comparable values"),
    ("OfOptions", "Options"),
    ("OfResults", "Results"),
    ("OfOptionsAndResults", "Options and results"),
    ("OfOptionsResultsAndArrays", "Options, results and arrays"),
    ("OfValues", "Values"),
    ("Functions", "Functions"),
    ("Sources", "Sources"),
    ("Adaptors", "Adaptors"),
    ("Sinks", "Sinks"),
];

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/kernel-language.md")).expect("the page")
}

/// All files of the conformance suite.
fn suite() -> Vec<(PathBuf, String)> {
    let (mut found, mut open) = (vec![], vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the suite") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((path.clone(), fs::read_to_string(path).expect("a file of the suite")));
            }
        }
    }
    found
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// First columns of the tables in a section.
fn listed<'p>(page: &'p str, heading: &str) -> BTreeSet<&'p str> {
    let start = page.find(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no section `{heading}`"));
    let section = &page[start + 1..];
    let end = section[1..].find("\n##").map_or(section.len(), |at| at + 1);
    let rows = section[..end].lines().filter_map(|line| line.strip_prefix("| "));
    rows.flat_map(|row| quoted(row.split('|').next().unwrap_or_default())).collect()
}

#[test]
fn every_known_method_is_listed_and_no_other() {
    let page = page();
    for (group, names) in KNOWN {
        let (_, heading) =
            SECTIONS.iter().find(|(g, _)| g == group).unwrap_or_else(|| panic!("no heading for {group}"));
        let known: BTreeSet<&str> = names.iter().copied().collect();
        let listed = listed(&page, heading);
        assert_eq!(known.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new(), "not listed under `{heading}`");
        assert_eq!(
            listed.difference(&known).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "listed under `{heading}`, unknown"
        );
    }
}

#[test]
fn every_known_method_has_a_case() {
    let suite = suite();
    for (group, names) in KNOWN {
        for name in *names {
            let forms = [format!(".{name}("), format!("::{name}("), format!("::{name})"), format!(".{name}::<")];
            let called = suite.iter().any(|(_, text)| forms.iter().any(|form| text.contains(form)));
            assert!(called, "no conformance case calls `{name}` ({group})");
        }
    }
}

#[test]
fn every_case_that_is_named_exists() {
    let (page, suite) = (page(), suite());
    let start = page.find("\n## Constructs").expect("the section");
    let end = page.find("\n## Methods").expect("the next section");
    let rows = page[start..end].lines().filter(|line| line.starts_with("| ") && !line.starts_with("| construct"));
    let mut count = 0;
    for row in rows {
        let row = row.replace("\\|", "/");
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default().to_owned();
        let case = quoted(&last).next().unwrap_or_else(|| panic!("no case: {row}"));
        let (family, name) = case.split_once("::").unwrap_or_else(|| panic!("no family: {case}"));
        // A macro may have made the case; then its name is one of the macro's arguments.
        let exists = suite.iter().any(|(path, text)| {
            let here =
                path.file_stem().is_some_and(|stem| stem == family) || path.ends_with(format!("{family}/mod.rs"));
            here && text.split(|c: char| c != '_' && !c.is_alphanumeric()).any(|word| word == name)
        });
        assert!(exists, "`{case}` does not exist");
        count += 1;
    }
    assert!(count > 15, "only {count} constructs are listed");
}
