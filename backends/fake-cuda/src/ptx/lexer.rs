//! Words and signs.

use super::syntax::Literal;
use super::{PtxError, Result};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// `%r1`, `$label`, `add`, `_`.
    Word(String),
    /// `.reg`, `.shared::cta`; without the dot.
    Dot(String),
    Literal(Literal),
    Sign(char),
    /// Without the quotes.
    Text(String),
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) line: u32,
}

/// All of a text; the last is [`Token::End`].
pub(crate) fn lex(text: &str) -> Result<Vec<Lexeme>> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, line: 1 };
    if let Some(at) = text.bytes().position(|byte| !byte.is_ascii() || byte == 0) {
        let line = 1 + text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() as u32;
        return Err(PtxError::new(line, "a character outside ASCII"));
    }
    let mut lexemes = vec![];
    loop {
        lexer.skip()?;
        let line = lexer.line;
        let token = lexer.token()?;
        let done = token == Token::End;
        lexemes.push(Lexeme { token, line });
        if done {
            return Ok(lexemes);
        }
    }
}

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u32,
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(PtxError::new(self.line, message))
    }

    /// Blanks and comments.
    fn skip(&mut self) -> Result<()> {
        loop {
            match (self.peek(0), self.peek(1)) {
                (b'\n', _) => {
                    self.line += 1;
                    self.at += 1;
                }
                (b' ' | b'\t' | b'\r', _) => self.at += 1,
                (b'/', b'/') => {
                    while !matches!(self.peek(0), b'\n' | 0) {
                        self.at += 1;
                    }
                }
                (b'/', b'*') => {
                    self.at += 2;
                    while (self.peek(0), self.peek(1)) != (b'*', b'/') {
                        match self.peek(0) {
                            0 => return self.error("a comment that does not end"),
                            b'\n' => self.line += 1,
                            _ => {}
                        }
                        self.at += 1;
                    }
                    self.at += 2;
                }
                _ => return Ok(()),
            }
        }
    }

    fn token(&mut self) -> Result<Token> {
        let first = self.peek(0);
        match first {
            0 => Ok(Token::End),
            b'0'..=b'9' => self.number().map(Token::Literal),
            b'.' if self.peek(1).is_ascii_alphabetic() => {
                self.at += 1;
                let mut name = self.word();
                while (self.peek(0), self.peek(1)) == (b':', b':') {
                    self.at += 2;
                    name = format!("{name}::{}", self.word());
                }
                Ok(Token::Dot(name))
            }
            b'%' | b'$' | b'_' | b'a'..=b'z' | b'A'..=b'Z' => Ok(Token::Word(self.word())),
            b'{' | b'}' | b'(' | b')' | b'[' | b']' | b'<' | b'>' | b',' | b';' | b':' | b'@' | b'!' | b'+' | b'-'
            | b'=' | b'|' => {
                self.at += 1;
                Ok(Token::Sign(first as char))
            }
            b'"' => {
                let rest = &self.bytes[self.at + 1..];
                let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\n'));
                let Some(end) = end.filter(|&end| rest[end] == b'"') else {
                    return self.error("a text that does not end");
                };
                self.at += end + 2;
                Ok(Token::Text(String::from_utf8_lossy(&rest[..end]).into_owned()))
            }
            _ => self.error(format!("unexpected character `{}`", first as char)),
        }
    }

    fn word(&mut self) -> String {
        let start = self.at;
        if self.peek(0) == b'%' {
            self.at += 1;
        }
        while in_word(self.peek(0)) {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned()
    }

    /// The digits that follow, exactly as many as asked for if `exactly` is given.
    fn digits(&mut self, radix: u32, exactly: Option<usize>) -> Result<u64> {
        let start = self.at;
        let mut value: u64 = 0;
        while let Some(digit) = (self.peek(0) as char).to_digit(radix) {
            let wider = value.checked_mul(u64::from(radix)).and_then(|v| v.checked_add(u64::from(digit)));
            let Some(wider) = wider else { return self.error("a number of more than 64 bits") };
            value = wider;
            self.at += 1;
        }
        let count = self.at - start;
        if count == 0 || exactly.is_some_and(|wanted| wanted != count) || in_word(self.peek(0)) && self.peek(0) != b'U'
        {
            return self.error("a number that is not well formed");
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Literal> {
        let prefixed = self.peek(0) == b'0';
        let (radix, skip) = match self.peek(1) {
            b'f' | b'F' if prefixed => {
                self.at += 2;
                return Ok(Literal::Single(self.digits(16, Some(8))? as u32));
            }
            b'd' | b'D' if prefixed => {
                self.at += 2;
                return Ok(Literal::Double(self.digits(16, Some(16))?));
            }
            b'x' | b'X' if prefixed => (16, 2),
            b'b' | b'B' if prefixed => (2, 2),
            b'0'..=b'7' if prefixed => (8, 1),
            _ => (10, 0),
        };
        if radix == 10 && self.is_decimal() {
            return self.decimal();
        }
        self.at += skip;
        let value = self.digits(radix, None)?;
        if self.peek(0) == b'U' {
            self.at += 1;
        }
        Ok(Literal::Integer(value))
    }

    fn is_decimal(&self) -> bool {
        let digits = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        matches!(self.peek(digits), b'.' | b'e' | b'E')
    }

    fn decimal(&mut self) -> Result<Literal> {
        let start = self.at;
        while matches!(self.peek(0), b'0'..=b'9' | b'.' | b'e' | b'E')
            || matches!((self.peek(0), self.bytes[self.at - 1]), (b'+' | b'-', b'e' | b'E'))
        {
            self.at += 1;
        }
        let text = String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned();
        match text.parse() {
            Ok(value) => Ok(Literal::Decimal(value)),
            Err(_) => self.error(format!("`{text}` is not a number")),
        }
    }
}
