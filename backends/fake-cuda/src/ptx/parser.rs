//! The grammar of modules: directives, variables and functions.

use super::lexer::{Lexeme, Token, lex};
use super::syntax::{Formal, Function, Literal, Module, Variable};
use super::types::{Space, Type};
use super::{PtxError, Result};

/// Reads a text.
///
/// # Errors
/// Whatever is not known, with its line.
pub(crate) fn parse(text: &str) -> Result<Module> {
    let mut parser = Parser { lexemes: lex(text)?, at: 0 };
    let mut module = Module::default();
    parser.header(&mut module)?;
    while *parser.peek() != Token::End {
        parser.item(&mut module)?;
    }
    Ok(module)
}

pub(super) struct Parser {
    lexemes: Vec<Lexeme>,
    at: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        &self.lexemes[self.at].token
    }

    pub(super) fn peek_second(&self) -> &Token {
        &self.lexemes[(self.at + 1).min(self.lexemes.len() - 1)].token
    }

    pub(super) fn line(&self) -> u32 {
        self.lexemes[self.at].line
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.lexemes[self.at].token.clone();
        if token != Token::End {
            self.at += 1;
        }
        token
    }

    pub(super) fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(PtxError::new(self.line(), message))
    }

    pub(super) fn unexpected<T>(&self, wanted: &str) -> Result<T> {
        let found = match self.peek() {
            Token::Word(word) => format!("`{word}`"),
            Token::Dot(name) => format!("`.{name}`"),
            Token::Literal(_) => "a number".into(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Text(text) => format!("`\"{text}\"`"),
            Token::End => "the end".into(),
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    pub(super) fn takes(&mut self, sign: char) -> bool {
        let found = *self.peek() == Token::Sign(sign);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn expect(&mut self, sign: char) -> Result<()> {
        if self.takes(sign) { Ok(()) } else { self.unexpected(&format!("`{sign}`")) }
    }

    pub(super) fn word(&mut self, wanted: &str) -> Result<String> {
        match self.peek() {
            Token::Word(_) => match self.next() {
                Token::Word(word) => Ok(word),
                _ => self.unexpected(wanted),
            },
            _ => self.unexpected(wanted),
        }
    }

    pub(super) fn dot(&mut self, wanted: &str) -> Result<String> {
        match self.peek().clone() {
            Token::Dot(name) => {
                self.next();
                Ok(name)
            }
            _ => self.unexpected(wanted),
        }
    }

    pub(super) fn takes_dot(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Token::Dot(found) if found == name);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn integer(&mut self) -> Result<u64> {
        match *self.peek() {
            Token::Literal(Literal::Integer(value)) => {
                self.next();
                Ok(value)
            }
            _ => self.unexpected("an integer"),
        }
    }

    pub(super) fn literal(&mut self) -> Result<Literal> {
        let negative = self.takes('-');
        let Token::Literal(literal) = *self.peek() else { return self.unexpected("a number") };
        self.next();
        Ok(match (literal, negative) {
            (literal, false) => literal,
            (Literal::Integer(value), true) => Literal::Integer(value.wrapping_neg()),
            (Literal::Decimal(value), true) => Literal::Decimal(-value),
            (Literal::Single(_) | Literal::Double(_), true) => return self.error("the bits of a float have no sign"),
        })
    }

    /// `.version`, `.target` and `.address_size`, which come first.
    fn header(&mut self, module: &mut Module) -> Result<()> {
        module.version_line = self.line();
        if !self.takes_dot("version") {
            return self.unexpected("`.version`");
        }
        let Token::Literal(Literal::Decimal(version)) = *self.peek() else { return self.unexpected("a version") };
        self.next();
        let tenths = (version * 10.0).round() as u32;
        module.version = (tenths / 10, tenths % 10);
        module.target_line = self.line();
        if !self.takes_dot("target") {
            return self.unexpected("`.target`");
        }
        let target = self.word("a target")?;
        let number = target.strip_prefix("sm_").and_then(|sm| sm.parse().ok());
        let Some(number) = number else { return self.error(format!("unknown target `{target}`")) };
        module.target = number;
        if !self.takes_dot("address_size") {
            return self.unexpected("`.address_size`");
        }
        match self.integer()? {
            64 => Ok(()),
            _ => self.error("addresses have 64 bits"),
        }
    }

    fn item(&mut self, module: &mut Module) -> Result<()> {
        let mut is_extern = false;
        loop {
            let line = self.line();
            let name = self.dot("a directive")?;
            match name.as_str() {
                "visible" => {}
                "extern" => is_extern = true,
                "entry" | "func" => {
                    let function = self.function(line, name == "entry")?;
                    module.functions.push(function);
                    return Ok(());
                }
                "global" | "const" | "shared" => {
                    let Some(space) = Space::named(&name) else { return self.unexpected("a state space") };
                    let mut variable = self.variable(space, is_extern)?;
                    variable.is_extern = is_extern;
                    self.expect(';')?;
                    module.variables.push(variable);
                    return Ok(());
                }
                other => return Err(PtxError::new(line, format!("unknown directive `.{other}`"))),
            }
        }
    }

    /// What follows the state space: `.align 8 .b8 name[10] = {..}`.
    pub(super) fn variable(&mut self, space: Space, is_extern: bool) -> Result<Variable> {
        let line = self.line();
        let align = match self.takes_dot("align") {
            true => Some(self.integer()?),
            false => None,
        };
        if align.is_some_and(|align| !align.is_power_of_two() || align > 1 << 20) {
            return self.error("an alignment is a power of two");
        }
        let ty = self.ty()?;
        if ty == Type::Pred {
            return self.error("a truth value cannot be in memory");
        }
        let align = align.unwrap_or(1).max(u64::from(ty.size()));
        let name = self.word("a name")?;
        let mut elements = None;
        while self.takes('[') {
            let more = match (is_extern, self.peek()) {
                (true, Token::Sign(']')) => 0,
                _ => self.integer()?,
            };
            elements = Some(elements.unwrap_or(1u64).saturating_mul(more));
            self.expect(']')?;
        }
        let mut variable = Variable { line, space, name, ty, elements, align, initial: vec![], is_extern: false };
        if elements.unwrap_or(1) > 1 << 32 {
            return self.error("an array that is too large");
        }
        if self.takes('=') {
            self.initial(&mut variable)?;
        }
        Ok(variable)
    }

    fn initial(&mut self, variable: &mut Variable) -> Result<()> {
        if !matches!(variable.space, Space::Global | Space::Const) {
            return self.error("only global and constant variables have initial values");
        }
        match variable.elements {
            None => variable.initial.push(self.literal()?),
            Some(_) => {
                self.expect('{')?;
                while *self.peek() != Token::Sign('}') {
                    variable.initial.push(self.literal()?);
                    if !self.takes(',') {
                        break;
                    }
                }
                self.expect('}')?;
            }
        }
        match variable.initial.len() as u64 > variable.elements.unwrap_or(1) {
            true => self.error("more values than elements"),
            false => Ok(()),
        }
    }

    pub(super) fn ty(&mut self) -> Result<Type> {
        let line = self.line();
        let name = self.dot("a type")?;
        Type::named(&name).ok_or_else(|| PtxError::new(line, format!("unknown type `.{name}`")))
    }

    fn function(&mut self, line: u32, is_entry: bool) -> Result<Function> {
        let results = match *self.peek() {
            Token::Sign('(') if !is_entry => self.formals(false)?,
            _ => vec![],
        };
        let name = self.word("a function's name")?;
        let parameters = match *self.peek() {
            Token::Sign('(') => self.formals(is_entry)?,
            _ => vec![],
        };
        let (mut most_threads, mut required_threads) = (None, None);
        while let Token::Dot(directive) = self.peek().clone() {
            match directive.as_str() {
                "maxntid" if is_entry => {
                    self.next();
                    most_threads = Some(self.threads()?);
                }
                "reqntid" if is_entry => {
                    self.next();
                    required_threads = Some(self.threads()?);
                }
                "minnctapersm" | "maxnreg" if is_entry => {
                    self.next();
                    self.integer()?;
                }
                "noreturn" if !is_entry => {
                    self.next();
                }
                other => return self.error(format!("unknown directive `.{other}`")),
            }
        }
        let body = match self.takes(';') {
            true => None,
            false => {
                self.expect('{')?;
                Some(self.statements()?)
            }
        };
        Ok(Function { line, name, is_entry, results, parameters, most_threads, required_threads, body })
    }

    fn threads(&mut self) -> Result<[u32; 3]> {
        let mut threads = [1; 3];
        for (axis, count) in threads.iter_mut().enumerate() {
            if axis > 0 && !self.takes(',') {
                break;
            }
            *count = self.integer()? as u32;
        }
        Ok(threads)
    }

    fn formals(&mut self, is_entry: bool) -> Result<Vec<Formal>> {
        self.expect('(')?;
        let mut formals = vec![];
        while *self.peek() != Token::Sign(')') {
            let line = self.line();
            match self.dot("`.param` or `.reg`")?.as_str() {
                "param" => formals.push(Formal::Param(self.variable(Space::Param, false)?)),
                "reg" if !is_entry => {
                    let ty = self.ty()?;
                    formals.push(Formal::Register { line, name: self.word("a register")?, ty });
                }
                other => return Err(PtxError::new(line, format!("a parameter in `.{other}`"))),
            }
            if !self.takes(',') {
                break;
            }
        }
        self.expect(')')?;
        Ok(formals)
    }
}
