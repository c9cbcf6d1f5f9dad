//! The grammar of bodies: declarations, labels, instructions and their operands.

use super::lexer::Token;
use super::parser::Parser;
use super::syntax::{AddressBase, Instruction, Operand, Registers, Statement};
use super::types::Space;
use super::{PtxError, Result};

impl Parser {
    /// Up to the closing brace, which is taken.
    pub(super) fn statements(&mut self) -> Result<Vec<Statement>> {
        let mut statements = vec![];
        loop {
            let line = self.line();
            match (self.peek().clone(), self.peek_second()) {
                (Token::Sign('}'), _) => {
                    self.next();
                    return Ok(statements);
                }
                (Token::Sign('{'), _) => {
                    self.next();
                    statements.push(Statement::Block(self.statements()?));
                }
                (Token::Dot(name), _) => {
                    self.next();
                    self.declaration(line, &name, &mut statements)?;
                }
                (Token::Word(name), Token::Sign(':')) => {
                    self.next();
                    self.next();
                    statements.push(Statement::Label { line, name });
                }
                (Token::Word(_) | Token::Sign('@'), _) => {
                    statements.push(Statement::Instruction(self.instruction()?));
                }
                _ => return self.unexpected("a statement"),
            }
        }
    }

    fn declaration(&mut self, line: u32, name: &str, statements: &mut Vec<Statement>) -> Result<()> {
        if name == "reg" {
            let ty = self.ty()?;
            loop {
                let name = self.word("a register")?;
                let count = match self.takes('<') {
                    true => {
                        let count = self.integer()?;
                        self.expect('>')?;
                        Some(count.min(1 << 20) as u32)
                    }
                    false => None,
                };
                statements.push(Statement::Registers(Registers { line, ty, name, count }));
                if !self.takes(',') {
                    return self.expect(';');
                }
            }
        }
        if name == "pragma" {
            // What only assemblers heed; others might mean something.
            return match self.peek().clone() {
                Token::Text(text) if text == "nounroll" => {
                    self.next();
                    self.expect(';')
                }
                _ => self.unexpected("`\"nounroll\"`"),
            };
        }
        match Space::named(name) {
            Some(space @ (Space::Local | Space::Shared | Space::Param)) => {
                statements.push(Statement::Variable(self.variable(space, false)?));
                self.expect(';')
            }
            _ => Err(PtxError::new(line, format!("unknown directive `.{name}`"))),
        }
    }

    fn instruction(&mut self) -> Result<Instruction> {
        let guard = match self.takes('@') {
            true => {
                let negated = self.takes('!');
                Some((self.word("a predicate")?, negated))
            }
            false => None,
        };
        let line = self.line();
        let name = self.word("an instruction")?;
        let mut modifiers = vec![];
        while let Token::Dot(modifier) = self.peek().clone() {
            self.next();
            modifiers.push(modifier);
        }
        let mut operands = vec![];
        if !self.takes(';') {
            loop {
                operands.push(self.operand()?);
                if self.takes(';') {
                    break;
                }
                self.expect(',')?;
            }
        }
        Ok(Instruction { line, guard, name, modifiers, operands })
    }

    fn operand(&mut self) -> Result<Operand> {
        match self.peek().clone() {
            Token::Word(_) => {
                let name = self.name()?;
                match self.takes('|') {
                    true => Ok(Operand::Pair(name, self.name()?)),
                    false => Ok(Operand::Name(name)),
                }
            }
            Token::Literal(_) | Token::Sign('-') => Ok(Operand::Literal(self.literal()?)),
            Token::Sign('!') => {
                self.next();
                Ok(Operand::Not(self.name()?))
            }
            Token::Sign('{') => {
                self.next();
                Ok(Operand::Vector(self.operands('}')?))
            }
            Token::Sign('(') => {
                self.next();
                Ok(Operand::List(self.operands(')')?))
            }
            Token::Sign('[') => {
                self.next();
                self.address()
            }
            _ => self.unexpected("an operand"),
        }
    }

    fn operands(&mut self, end: char) -> Result<Vec<Operand>> {
        let mut operands = vec![];
        while !self.takes(end) {
            operands.push(self.operand()?);
            if !self.takes(',') {
                self.expect(end)?;
                break;
            }
        }
        Ok(operands)
    }

    /// A word with its components: `%tid.x`.
    fn name(&mut self) -> Result<String> {
        let mut name = self.word("a name")?;
        while let Token::Dot(part) = self.peek().clone() {
            self.next();
            name = format!("{name}.{part}");
        }
        Ok(name)
    }

    fn address(&mut self) -> Result<Operand> {
        let base = match self.peek() {
            Token::Word(_) => AddressBase::Name(self.name()?),
            _ => {
                let offset = self.integer()? as i64;
                self.expect(']')?;
                return Ok(Operand::Address { base: AddressBase::Absolute, offset });
            }
        };
        let mut offset = 0;
        if self.takes('+') {
            let negative = self.takes('-');
            let number = self.integer()? as i64;
            offset = if negative { number.wrapping_neg() } else { number };
        } else if self.takes('-') {
            offset = (self.integer()? as i64).wrapping_neg();
        }
        self.expect(']')?;
        Ok(Operand::Address { base, offset })
    }
}
