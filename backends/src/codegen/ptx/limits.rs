//! Sizes that devices, or those who read the text, do not take.

use landbridge_core::ir::{Block, Module};

use super::interface::PtxError;

/// Blocks inside each other, so that walks that recurse have the stack they need.
const MOST_NESTED: usize = 256;

/// Bytes of a thread's own memory: every device since 2017 has 512 KiB.
const MOST_LOCAL: u64 = 500 << 10;

/// Statements, calls put in their places.
const MOST_STATEMENTS: usize = 1 << 20;

pub(super) fn check(module: &Module) -> Result<(), PtxError> {
    let (nested, statements) = extent(&module.entry_function().body);
    if nested > MOST_NESTED {
        return Err(PtxError::new(
            format!("more than {MOST_NESTED} blocks inside each other"),
            "make fewer levels, also of functions that call each other",
        ));
    }
    if statements > MOST_STATEMENTS {
        return Err(PtxError::new(
            format!("the kernel `{}`", module.name),
            format!(
                "it has {statements} statements with its calls put in their places; at most {MOST_STATEMENTS} are compiled"
            ),
        ));
    }
    Ok(())
}

pub(super) fn check_memory(module: &Module, depots: &[(u64, u64)]) -> Result<(), PtxError> {
    let bytes: u64 = depots.iter().map(|(size, align)| size.next_multiple_of(*align)).sum();
    if bytes > MOST_LOCAL {
        return Err(PtxError::new(
            format!("the kernel `{}`", module.name),
            format!(
                "its variables take {bytes} bytes for each work-item, and devices have {MOST_LOCAL}: take a slice instead"
            ),
        ));
    }
    Ok(())
}

/// How deep blocks nest, and how many statements there are. Without recursion, whatever the module is.
fn extent(body: &Block) -> (usize, usize) {
    let (mut deepest, mut statements) = (0, 0);
    let mut open = vec![(body, 1)];
    while let Some((block, depth)) = open.pop() {
        deepest = deepest.max(depth);
        statements += block.0.len();
        for statement in &block.0 {
            open.extend(statement.blocks().into_iter().flatten().map(|b| (b, depth + 1)));
        }
    }
    (deepest, statements)
}
