//! `as`, and the same bits as another type.

use landbridge_core::ir::{Scalar, ValueId};

use super::emit::{Emitter, Failure, Result};
use super::integer::{literal_value, ordered, value_range};
use super::text::{Rep, Text, integer};

impl Emitter<'_> {
    pub(super) fn cast(&mut self, value: ValueId, from: ValueId) -> Result<Text> {
        let source = self.scalar_of(from)?;
        let target = self.scalar_of(value)?;
        self.checked_rep(source)?;
        self.checked_rep(target)?;
        match (source, target) {
            _ if source == target => self.text(from),
            (Scalar::Bool, _) => {
                let text = self.text(from)?;
                let text = self.at_run_time(text);
                Ok(Text::call(self.rep(target).name(), &[&text]))
            }
            (_, Scalar::Bool) => self.error("a cast to `bool`", "the module is not verified"),
            _ if source.is_float() && target.is_float() => {
                let text = self.text(from)?;
                // A constant that does not fit would be refused.
                let text = self.at_run_time(text);
                Ok(Text::call(self.rep(target).name(), &[&text]))
            }
            _ if target.is_float() => {
                let text = self.text(from)?;
                let text = self.at_run_time(text);
                Ok(Text::call(self.rep(target).name(), &[&text]))
            }
            _ if source.is_float() => self.float_to_integer(from, source, target),
            _ => self.integer_to_integer(value, from, source, target),
        }
    }

    fn float_to_integer(&mut self, from: ValueId, source: Scalar, target: Scalar) -> Result<Text> {
        let text = self.atom(from)?;
        let text = self.at_run_time(text);
        let suffix = if source == Scalar::F64 { "lf" } else { "f" };
        if self.is_narrow(target) {
            let above = match target {
                Scalar::Usize => format!("({text} >= 4294967296.0{suffix})"),
                _ => format!("(abs({text}) >= 2147483648.0{suffix})"),
            };
            self.fail_if(&Text::compound(above, text.reads), &Failure::Range);
        }
        let rep = self.rep(target);
        let function = format!("lb_{}_to_{}", source.name(), rep.name());
        self.library.require(&function);
        let full = Text::call(&function, &[&text]);
        if target.bits() >= 32 {
            return Ok(full);
        }
        let (low, high) = target.range();
        let (low, high) = (integer(low, rep), integer(high, rep));
        Ok(Text::call("clamp", &[&full, &low, &high]))
    }

    fn integer_to_integer(&mut self, value: ValueId, from: ValueId, source: Scalar, target: Scalar) -> Result<Text> {
        let (from_rep, to_rep) = (self.rep(source), self.rep(target));
        let mut text = self.text(from)?;
        if let Some(number) = literal_value(&text) {
            let (low, high) = value_range(target, to_rep);
            if (low..=high).contains(&number) {
                return Ok(integer(number, to_rep));
            }
            text = self.at_run_time(text);
        }
        if self.is_narrow(target) && !self.facts.exact(value) {
            let (low, high) = value_range(target, to_rep);
            let (from_low, from_high) = value_range(source, from_rep);
            text = self.as_atom(text);
            let mut fails = vec![];
            if from_low < low {
                fails.push(ordered(&text, "<", &integer(low, from_rep), from_rep));
            }
            if from_high > high {
                fails.push(ordered(&text, ">", &integer(high, from_rep), from_rep));
            }
            if let Some(fails) = fails.into_iter().reduce(|a, b| a.infix("||", &b)) {
                self.fail_if(&fails, &Failure::Range);
            }
        }
        let converted = convert(&text, from_rep, to_rep);
        let (low, high) = value_range(source, from_rep);
        let (to_low, to_high) = target.range();
        Ok(match low >= to_low && high <= to_high {
            true => converted,
            false => self.wrapped(&converted, target),
        })
    }

    pub(super) fn bitcast(&mut self, value: ValueId, from: ValueId) -> Result<Text> {
        let (source, target) = (self.scalar_of(from)?, self.scalar_of(value)?);
        self.checked_rep(source)?;
        self.checked_rep(target)?;
        if source == target {
            return self.text(from);
        }
        if source.is_integer() && target.is_integer() {
            return self.integer_to_integer(value, from, source, target);
        }
        if self.is_narrow(source) || self.is_narrow(target) {
            return self.no_narrow("the bits of a `usize`");
        }
        let text = self.text(from)?;
        let text = self.at_run_time(text);
        let function = format!("bitcast<{}>", self.rep(target).name());
        Ok(Text::call(&function, &[&text]))
    }
}

/// An integer's low bits, or the integer extended by its own sign.
fn convert(text: &Text, from: Rep, to: Rep) -> Text {
    if from == to {
        return text.clone();
    }
    // The width changes with the signedness of the source; the signedness without changing bits.
    let same_sign = match (from.is_signed(), to.bits()) {
        (true, 64) => Rep::I64,
        (true, _) => Rep::I32,
        (false, 64) => Rep::U64,
        (false, _) => Rep::U32,
    };
    let resized = match from.bits() == to.bits() {
        true => text.clone(),
        false => Text::call(same_sign.name(), &[text]),
    };
    match same_sign == to {
        true => resized,
        false => Text::call(to.name(), &[&resized]),
    }
}
