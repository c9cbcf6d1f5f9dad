//! From a kernel's tree to verified IR.

use crate::ast::FunctionTree;
use crate::error::Error;
use crate::ir::Module;
use crate::launch::Definition;

/// Lowers and verifies a kernel.
pub(crate) fn translate(definition: &Definition, _tree: FunctionTree) -> Result<Module, Error> {
    Err(Error::Untranslatable {
        kernel: definition.name,
        file: definition.file.into(),
        line: definition.line,
        what: "lowering is not connected yet".into(),
    })
}
