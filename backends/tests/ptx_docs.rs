//! docs/semantics.md says of every function how far it is from std's on CUDA: what the generator says itself, no more and no less.

use std::collections::BTreeMap;
use std::path::PathBuf;

use landbridge_backends::codegen::ptx::library_bound;
use landbridge_core::ir::MathFunction::{self, *};
use landbridge_core::ir::Scalar;

const FUNCTIONS: [(&str, MathFunction); 20] = [
    ("exp", Exp),
    ("exp2", Exp2),
    ("exp_m1", ExpM1),
    ("sinh", Sinh),
    ("cosh", Cosh),
    ("tanh", Tanh),
    ("ln", Ln),
    ("log2", Log2),
    ("log10", Log10),
    ("ln_1p", Ln1p),
    ("powf", Powf),
    ("cbrt", Cbrt),
    ("hypot", Hypot),
    ("sin", Sin),
    ("cos", Cos),
    ("tan", Tan),
    ("asin", Asin),
    ("acos", Acos),
    ("atan", Atan),
    ("atan2", Atan2),
];

/// `| ... of `f64` | at most 2 ulp from std |`: type, functions, bound.
fn row(line: &str) -> Option<(&str, Vec<&str>, u32)> {
    let (functions, rest) = line.strip_prefix("| `")?.split_once("` of `")?;
    let (scalar, rest) = rest.split_once("` | at most ")?;
    let (bound, _) = rest.split_once(" ulp from std |")?;
    Some((scalar, functions.split(' ').collect(), bound.parse().ok()?))
}

#[test]
fn the_stated_accuracy_is_that_of_the_library() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/semantics.md");
    let text = std::fs::read_to_string(path).expect("the page on semantics");
    let (_, text) = text.split_once("\n## CUDA\n").expect("a chapter on CUDA");
    let text = text.split_once("\n## ").map_or(text, |(chapter, _)| chapter);
    let mut said = BTreeMap::new();
    for (scalar, functions, bound) in text.lines().filter_map(row) {
        for function in functions {
            let earlier = said.insert((scalar, function), bound);
            assert_eq!(earlier, None, "`{function}` of {scalar} is there twice");
        }
    }
    for (name, scalar) in [("f32", Scalar::F32), ("f64", Scalar::F64)] {
        for (function, is) in FUNCTIONS {
            let there = said.remove(&(name, function));
            assert_eq!(there, Some(library_bound(is, scalar)), "`{function}` of {name}");
        }
    }
    assert!(said.is_empty(), "not in the library: {said:?}");
}
