//! From a kernel's tree to verified IR.

use crate::ast::FunctionTree;
use crate::error::Error;
use crate::ir::Module;
use crate::launch::Definition;
use crate::lower::LowerError;

/// Lowers and verifies a kernel.
pub(crate) fn translate(definition: &Definition, tree: FunctionTree) -> Result<Module, Error> {
    let untranslatable =
        |file: &str, line, what| Error::Untranslatable { kernel: definition.name, file: file.into(), line, what };
    let module = crate::lower::lower(tree).map_err(|error| {
        let (LowerError::Unsupported { location, .. } | LowerError::Bug { location, .. }) = &error;
        untranslatable(location.file, location.line, error.to_string())
    })?;
    match crate::ir::verify(&module) {
        Ok(()) => Ok(module),
        Err(error) => Err(untranslatable(definition.file, definition.line, error.to_string())),
    }
}
