//! The words after an instruction's name, taken one by one.

use crate::ptx::types::{Space, Type};
use crate::ptx::{PtxError, Result};

pub(crate) struct Modifiers<'a> {
    pub(crate) line: u32,
    pub(crate) instruction: &'a str,
    words: &'a [String],
}

impl<'a> Modifiers<'a> {
    pub(crate) fn new(line: u32, instruction: &'a str, words: &'a [String]) -> Modifiers<'a> {
        Modifiers { line, instruction, words }
    }

    /// The next one, without taking it.
    pub(crate) fn peek(&self) -> Option<&'a str> {
        self.words.first().map(String::as_str)
    }

    pub(crate) fn next(&mut self) -> Result<&'a str> {
        let Some((first, rest)) = self.words.split_first() else { return self.error("it lacks a modifier or type") };
        self.words = rest;
        Ok(first)
    }

    pub(crate) fn takes(&mut self, word: &str) -> bool {
        self.takes_any(&[word]).is_some()
    }

    pub(crate) fn takes_any(&mut self, words: &[&str]) -> Option<&'a str> {
        let first = self.peek().filter(|first| words.contains(first))?;
        self.words = &self.words[1..];
        Some(first)
    }

    pub(crate) fn space(&mut self) -> Option<Space> {
        let space = Space::named(self.peek()?)?;
        self.words = &self.words[1..];
        Some(space)
    }

    pub(crate) fn ty(&mut self) -> Result<Type> {
        let word = self.next()?;
        match Type::named(word) {
            Some(ty) => Ok(ty),
            None => self.error(format!("unknown modifier or type `.{word}`")),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(word) => self.error(format!("unknown modifier `.{word}`")),
        }
    }

    /// The only thing left is the type.
    pub(crate) fn last_ty(&mut self) -> Result<Type> {
        let ty = self.ty()?;
        self.end()?;
        Ok(ty)
    }

    pub(crate) fn error<T>(&self, message: impl AsRef<str>) -> Result<T> {
        Err(PtxError::new(self.line, format!("`{}`: {}", self.instruction, message.as_ref())))
    }

    /// What the family has is not for this type.
    pub(crate) fn known<T>(&self, found: Option<T>, ty: Type) -> Result<T> {
        match found {
            Some(found) => Ok(found),
            None => self.error(format!("it does not exist with these modifiers for `.{}`", ty.name())),
        }
    }
}
