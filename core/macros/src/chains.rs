//! The one list of iterators, adaptors and ends of chains that kernels know. What each means is decided by
//! `landbridge_core::lower`.

/// Methods of slices and arrays that start a chain, with the number of their arguments.
pub(crate) const SOURCES: &[(&str, usize)] = &[
    ("iter", 0),
    ("iter_mut", 0),
    ("into_iter", 0),
    ("chunks", 1),
    ("chunks_mut", 1),
    ("chunks_exact", 1),
    ("chunks_exact_mut", 1),
    ("windows", 1),
];

/// What may stand between.
#[rustfmt::skip]
pub(crate) const ADAPTORS: &[&str] = &[
    "map", "filter", "filter_map", "take_while", "skip_while", "map_while", "inspect", "enumerate", "copied", "cloned", "rev",
    "step_by", "skip", "take", "zip", "chain", "flat_map", "flatten", "scan", "cycle", "by_ref",
];

/// Adaptors that know more than how many items there were: a chain with one in a variable cannot be taken in parts.
pub(crate) const KEEPING_MORE: [&str; 5] = ["take_while", "flat_map", "flatten", "map_while", "scan"];

/// What ends a chain.
#[rustfmt::skip]
pub(crate) const SINKS: &[&str] = &[
    "sum", "product", "fold", "rfold", "reduce", "min", "max", "min_by", "max_by", "min_by_key", "max_by_key", "any", "all",
    "position", "rposition", "find", "rfind", "find_map", "next", "nth", "count", "last", "for_each",
    "eq", "ne", "lt", "le", "gt", "ge", "cmp", "partial_cmp",
];

/// Which of them leave the rest of the iterator for later: not what a chain in a variable can do.
#[rustfmt::skip]
pub(crate) const LEAVING: [&str; 9] = [
    "any", "all", "position", "rposition", "find", "rfind", "find_map", "next", "nth",
];

/// Which of them compare a chain with another one.
pub(crate) const COMPARING: [&str; 8] = ["eq", "ne", "lt", "le", "gt", "ge", "cmp", "partial_cmp"];

/// Does the adaptor give one item for each, which follows from that one?
pub(crate) fn is_one_to_one(name: &str) -> bool {
    ["map", "inspect", "copied", "cloned"].contains(&name)
}

/// Does a method of this name start a chain?
pub(crate) fn is_source(name: &str, arguments: usize) -> bool {
    SOURCES.contains(&(name, arguments))
}

/// Is it an adaptor of std's, known or not?
pub(crate) fn is_adaptor(name: &str) -> bool {
    ADAPTORS.contains(&name) || instead(name).is_some()
}

/// What to write instead of an adaptor that kernels do not have.
pub(crate) fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "peekable" => "index, or use `windows`",
        "fuse" => "write a `for` loop",
        _ => return None,
    })
}

/// How many parameters the closure of an end has.
pub(crate) fn sink_arity(name: &str) -> Option<usize> {
    match name {
        "fold" | "rfold" | "reduce" | "min_by" | "max_by" => Some(2),
        _ => SINKS.contains(&name).then_some(1),
    }
}

/// Functions of `std::iter` that start a chain.
pub(crate) const ITER_SOURCES: [&str; 5] = ["once", "repeat_n", "successors", "from_fn", "zip"];

/// Does the adaptor run code of the user's, or are its items not to be had by their index?
pub(crate) fn takes_closure(name: &str) -> bool {
    ["map", "filter", "inspect", "flatten", "scan", "successors"].contains(&name)
        || name.contains('_') && name != "step_by"
}

/// Whether `rev` after these adaptors is `rev` before them: it is not behind what counts after code of the user's.
pub(crate) fn may_reverse(names: &[String]) -> bool {
    if names
        .iter()
        .any(|name| ["flat_map", "flatten", "scan", "cycle", "successors", "from_fn", "by_ref"].contains(&&**name))
    {
        return false;
    }
    let first = names.iter().position(|name| takes_closure(name)).unwrap_or(names.len());
    let single = |name: &String| takes_closure(name) || ["copied", "cloned", "rev", "chain"].contains(&&**name);
    names[first..].iter().all(single)
}
