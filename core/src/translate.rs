//! From a kernel's tree to verified IR.

use crate::ast::FunctionTree;
use crate::error::Error;
use crate::ir::Module;
use crate::launch::Definition;
use crate::lower::LowerError;

/// Lowers and verifies a kernel.
pub(crate) fn translate(definition: &Definition, tree: FunctionTree) -> Result<Module, Error> {
    let module = crate::lower::lower(tree).map_err(|error| {
        let (LowerError::Unsupported { location, .. } | LowerError::Bug { location, .. }) = &error;
        untranslatable(definition, location.file, location.line, error.to_string())
    })?;
    verified(definition, module)
}

/// The module, if `verify` accepts it.
pub(crate) fn verified(definition: &Definition, module: Module) -> Result<Module, Error> {
    match crate::ir::verify(&module) {
        Ok(()) => Ok(module),
        Err(error) => Err(untranslatable(definition, definition.file, definition.line, error.to_string())),
    }
}

fn untranslatable(definition: &Definition, file: &str, line: u32, what: String) -> Error {
    Error::Untranslatable { kernel: definition.name, file: file.into(), line, what }
}
