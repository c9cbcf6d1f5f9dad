//! Panics: blocks behind the body, each with what it reports, and the one that writes the error block.

use landbridge_core::ir::{Scalar, SiteId, ValueId};

use super::emit::{Emitter, Result};
use super::interface::{ERRORS, FIRST, error_block};
use super::val::{Class, Operand};

/// Values that registers of their own carry to the common block.
const CARRIED: usize = 2;

impl Emitter<'_> {
    /// A [`landbridge_core::ir::Statement::Check`].
    pub(super) fn panic_unless(&mut self, condition: &str, site: SiteId, arguments: &[ValueId]) -> Result<()> {
        if condition == "1" {
            return Ok(());
        }
        let condition = self.predicate(condition);
        let label = self.cold_panic(site, arguments)?;
        self.jump_unless(&condition, &label);
        Ok(())
    }

    pub(super) fn panic(&mut self, site: SiteId, arguments: &[ValueId]) -> Result<()> {
        let label = self.cold_panic(site, arguments)?;
        self.jump(&label);
        Ok(())
    }

    fn cold_panic(&mut self, site: SiteId, arguments: &[ValueId]) -> Result<String> {
        let mut values = vec![];
        for argument in arguments {
            values.push((self.scalar_of(*argument)?, self.operand(*argument)?));
        }
        Ok(self.cold(site, &values))
    }

    /// The label of a block that reports numbers of 64 bits.
    pub(super) fn cold_numbers(&mut self, site: SiteId, values: &[&str]) -> String {
        let values: Vec<_> = values.iter().map(|value| (Scalar::U64, Operand::from(*value))).collect();
        self.cold(site, &values)
    }

    /// The label of a block that reports these values.
    fn cold(&mut self, site: SiteId, values: &[(Scalar, Operand)]) -> String {
        if site == super::library::NO_SITE {
            self.unproved = true;
        }
        self.may_panic = true;
        self.most_reported = self.most_reported.max(values.len());
        let key = format!("{} {values:?}", site.0);
        if let Some(label) = self.cold_blocks.get(&key) {
            return label.clone();
        }
        let label = self.label("panic");
        self.cold_blocks.insert(key, label.clone());
        let body = std::mem::take(&mut self.out);
        self.place(&label);
        self.line(format!("mov.b32 %site, {};", site.0));
        match values.len() <= CARRIED {
            true => self.carry(values),
            false => self.report_many(values),
        }
        let cold = std::mem::replace(&mut self.out, body);
        self.cold.push_str(&cold);
        label
    }

    fn carry(&mut self, values: &[(Scalar, Operand)]) {
        for (k, (scalar, value)) in values.iter().enumerate() {
            let value = self.reported(*scalar, value);
            self.line(format!("mov.b64 %value{k}, {value};"));
        }
        for k in values.len()..CARRIED {
            self.line(format!("mov.b64 %value{k}, 0;"));
        }
        self.jump("$report");
    }

    /// A report of more values than the common block takes.
    fn report_many(&mut self, values: &[(Scalar, Operand)]) {
        let errors = self.claim();
        for (k, (scalar, value)) in values.iter().enumerate() {
            let value = self.reported(*scalar, value);
            let at = (error_block::FIRST + 2 * k) * 4;
            self.line(format!("st.global.u64 [{errors}+{at}], {value};"));
        }
        self.jump("$failed");
    }

    /// A value as the error block has it: 64 bits.
    fn reported(&mut self, scalar: Scalar, value: &str) -> Operand {
        match scalar {
            Scalar::Bool => self.op(Class::B64, "selp.b64", &["1", "0", value]),
            Scalar::F32 => {
                let bits = self.op(Class::B32, "mov.b32", &[value]);
                self.op(Class::B64, "cvt.u64.u32", &[&bits])
            }
            Scalar::F64 => self.op(Class::B64, "mov.b64", &[value]),
            _ if scalar.size() == 8 => value.into(),
            _ if !value.starts_with('%') => value.into(),
            _ if scalar.is_signed() => self.op(Class::B64, "cvt.s64.s32", &[value]),
            _ => self.op(Class::B64, "cvt.u64.u32", &[value]),
        }
    }

    /// Claims the error block, or ends the work-item where another has it; writes what all reports have, and gives the
    /// block's address.
    fn claim(&mut self) -> Operand {
        let errors = self.op(Class::B64, "ld.param.u64", &[&format!("[launch+{ERRORS}]")]);
        let state = error_block::STATE * 4;
        let taken = self.op(Class::B32, "atom.global.exch.b32", &[&format!("[{errors}+{state}]"), "1"]);
        let taken = self.test("ne.u32", &taken, "0");
        self.jump_if(&taken, "$failed");
        let first = self.op(Class::B64, "ld.param.u64", &[&format!("[launch+{FIRST}]")]);
        let position = self.position.clone();
        let item = self.op(Class::B64, "add.s64", &[&first, &position]);
        let (kind, panic) = (error_block::KIND * 4, error_block::KIND_PANIC);
        self.line(format!("st.global.u32 [{errors}+{kind}], {panic};"));
        self.line(format!("st.global.u32 [{errors}+{}], %site;", error_block::SITE * 4));
        self.line(format!("st.global.u64 [{errors}+{}], {item};", error_block::ITEM * 4));
        errors
    }

    /// The block that all short reports share, and where failed work-items end.
    pub(super) fn report_text(&mut self) {
        if !self.may_panic {
            return;
        }
        let cold = std::mem::take(&mut self.cold);
        self.out.push_str(&cold);
        self.place("$report");
        let errors = self.claim();
        for k in 0..CARRIED {
            let at = (error_block::FIRST + 2 * k) * 4;
            self.line(format!("st.global.u64 [{errors}+{at}], %value{k};"));
        }
        self.jump("$failed");
    }
}
