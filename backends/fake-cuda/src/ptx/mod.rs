//! PTX text, read into statements: the grammar, and nothing of what instructions mean.

pub(crate) mod lexer;
pub(crate) mod parser;
mod statements;
pub(crate) mod syntax;
pub(crate) mod types;

use std::fmt;

/// What is wrong with a text, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PtxError {
    /// Counted from 1.
    pub line: u32,
    /// What is wrong there.
    pub message: String,
    /// The text needs a newer driver or another device, and may be right.
    pub unsupported: Option<Unsupported>,
}

/// Why a correct text cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// `.version` is newer than the driver.
    Version,
    /// `.target` is newer than the device.
    Target,
}

impl PtxError {
    pub(crate) fn new(line: u32, message: impl Into<String>) -> PtxError {
        PtxError { line, message: message.into(), unsupported: None }
    }
}

impl fmt::Display for PtxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for PtxError {}

pub(crate) type Result<T> = std::result::Result<T, PtxError>;
