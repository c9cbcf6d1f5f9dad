//! Statements: WGSL's structured control flow is nearly that of the IR. What it lacks is leaving several loops at once,
//! which takes a flag, and leaving a block, which is a `switch` of one case.

use landbridge_core::ir::{Block, Label, Op, SiteId, Statement, ValueId};

use super::emit::{Emitter, Failure, NOTHING, Result};
use super::entry::ResultTo;
use super::place::Val;
use super::survey::Nest;
use super::text::Text;

/// Something that `break` or `continue` leaves.
#[derive(Clone, Debug)]
pub(super) struct Target {
    label: Label,
    is_loop: bool,
    /// Set to leave it from inside another target.
    leave: Option<String>,
    /// Set to continue it from inside another loop.
    again: Option<String>,
}

/// How a label is left from inside.
#[derive(Clone, Copy, Default)]
struct Exits {
    breaks: bool,
    /// From inside another loop or block.
    far_breaks: bool,
    continues: bool,
    /// From inside another loop.
    far_continues: bool,
}

fn exits(block: &Block, label: Label, depth: (usize, usize), found: &mut Exits) {
    let (inside, loops) = depth;
    for statement in &block.0 {
        match statement {
            Statement::Break(l) if *l == label => {
                found.breaks = true;
                found.far_breaks |= inside > 0;
            }
            Statement::Continue(l) if *l == label => {
                found.continues = true;
                found.far_continues |= loops > 0;
            }
            Statement::If { accept, reject, .. } => {
                exits(accept, label, depth, found);
                exits(reject, label, depth, found);
            }
            Statement::Loop { body, .. } => exits(body, label, (inside + 1, loops + 1), found),
            Statement::Block { body, .. } => exits(body, label, (inside + 1, loops), found),
            Statement::Phase { .. } => {}
            Statement::Eval(_)
            | Statement::Store { .. }
            | Statement::Break(_)
            | Statement::Continue(_)
            | Statement::Return(_)
            | Statement::Check { .. }
            | Statement::Panic { .. } => {}
        }
    }
}

fn exits_of(block: &Block, label: Label) -> Exits {
    let mut found = Exits::default();
    exits(block, label, (0, 0), &mut found);
    found
}

impl Emitter<'_> {
    /// Writes a block; whether its end is reached, as far as its last statement tells.
    pub(super) fn block(&mut self, block: &Block, nest: Nest) -> Result<bool> {
        for (k, statement) in block.0.iter().enumerate() {
            let set_here = match statement {
                Statement::Store { pointer, value: _ } => match self.function[*pointer].op {
                    Op::Local(local) => Some(local),
                    _ => None,
                },
                _ => None,
            };
            self.declare_for(nest, k, set_here)?;
            if !self.statement(statement, (nest, k))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes a block inside another statement; its values end with it.
    fn nested(&mut self, block: &Block, nest: Nest) -> Result<()> {
        self.indent += 1;
        self.block(block, nest)?;
        self.indent -= 1;
        for statement in &block.0 {
            if let Statement::Eval(value) = statement {
                self.values[value.0 as usize] = None;
            }
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, at: (Nest, usize)) -> Result<bool> {
        match statement {
            Statement::Eval(value) => self.eval(*value)?,
            Statement::Store { pointer, value } => self.store(*pointer, *value)?,
            Statement::If { condition, accept, reject } => self.branch(*condition, [accept, reject], at)?,
            Statement::Loop { label, body, continuing, break_if } => {
                self.repeat_loop(*label, [body, continuing], *break_if, at)?
            }
            Statement::Block { label, body } => self.labelled(*label, body, at)?,
            Statement::Phase { lanes: _, count, item, body } => self.phase(*count, *item, body, at)?,
            Statement::Break(label) => {
                self.leave(*label)?;
                return Ok(false);
            }
            Statement::Continue(label) => {
                self.resume(*label)?;
                return Ok(false);
            }
            Statement::Return(value) => {
                self.give(*value)?;
                return Ok(false);
            }
            Statement::Check { condition, site, arguments } => {
                self.note_site(*site);
                if self.facts.is_true(*condition) {
                    return Ok(true);
                }
                let condition = self.text(*condition)?;
                let failure = self.panic_of(*site, arguments)?;
                let fails = match &condition.s[..] {
                    "true" => return Ok(true),
                    _ => Text::compound(format!("!{condition}"), condition.reads),
                };
                self.fail_if(&fails, &failure);
            }
            Statement::Panic { site, arguments } => {
                self.note_site(*site);
                let failure = self.panic_of(*site, arguments)?;
                self.fail(&failure);
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn panic_of(&mut self, site: SiteId, arguments: &[ValueId]) -> Result<Failure> {
        let mut reports = vec![];
        for value in arguments {
            let scalar = self.scalar_of(*value)?;
            let text = self.atom(*value)?;
            reports.push(self.report(&text, scalar));
        }
        if reports.len() > 2 {
            return Ok(Failure::Told(site, reports));
        }
        reports.resize(2, NOTHING.to_owned());
        let [second, first] = [reports.pop(), reports.pop()].map(Option::unwrap_or_default);
        Ok(Failure::Panic(site, first, second))
    }

    /// Writes a long report where it is made, if it is the launch's first: kept until the invocation ends, its values would
    /// take registers wherever nothing fails.
    pub(super) fn tell(&mut self, site: SiteId, values: &[String]) {
        self.may_panic = true;
        self.most_reported = self.most_reported.max(values.len());
        self.library.require("lb_keep");
        self.library.require("lb_tell");
        self.line(format!("if lb_tell({}u) {{", site.0));
        self.indent += 1;
        self.line(format!("lb_errors.values = vec4<u32>({}, {});", values[0], values[1]));
        for (k, value) in values[2..].iter().enumerate() {
            self.line(format!("lb_errors.more[{k}] = {value};"));
        }
        self.indent -= 1;
        self.line("}");
    }

    fn branch(&mut self, condition: ValueId, [accept, reject]: [&Block; 2], at: (Nest, usize)) -> Result<()> {
        let condition = self.text(condition)?;
        self.flush_before(&[accept, reject]);
        let reads = self.group_reads();
        let arms = [self.survey.child(at, 0), self.survey.child(at, 1)];
        if accept.0.is_empty() && !reject.0.is_empty() {
            self.line(format!("if !{condition} {{"));
            self.nested(reject, arms[1])?;
        } else {
            self.line(format!("if {} {{", condition.bare()));
            self.nested(accept, arms[0])?;
            if !reject.0.is_empty() {
                self.line("} else {");
                self.nested(reject, arms[1])?;
            }
        }
        self.line("}");
        self.join_group_reads(reads);
        Ok(())
    }

    /// Writes what a block inside could not write where the rest of this one sees it.
    fn flush_before(&mut self, blocks: &[&Block]) {
        let mut loops = false;
        for block in blocks {
            block.each(&mut |s| loops |= matches!(s, Statement::Loop { .. }));
        }
        match loops {
            true => self.flush_all(),
            false => self.flush_reads(),
        }
    }

    fn flag(&mut self, wanted: bool, name: &str) -> Option<String> {
        wanted.then(|| {
            let name = self.names.take(name);
            self.line(format!("var {name} = false;"));
            name
        })
    }

    /// Fails before the driver ends the loop by itself, which would give wrong results without a word.
    ///
    /// Behind a `break`, and in branches that are not taken, such a driver goes on with no work-item left: once through each
    /// loop there, which counts too. So a round counts as one of each loop inside as well.
    pub(super) fn count_round(&mut self, blocks: &[&Block]) {
        if let Some(most) = self.target.most_rounds {
            let mut rounds = 1;
            for block in blocks {
                block.each(&mut |s| rounds += u32::from(matches!(s, Statement::Loop { .. } | Statement::Block { .. })));
            }
            self.library.require("lb_too_many_rounds");
            self.line(format!("lb_rounds += {rounds}u;"));
            self.fail_if(&Text::compound(format!("lb_rounds > {most}u"), true), &Failure::Rounds);
        }
    }

    fn repeat_loop(
        &mut self,
        label: Label,
        [body, continuing]: [&Block; 2],
        break_if: Option<ValueId>,
        at: (Nest, usize),
    ) -> Result<()> {
        self.flush_all();
        self.enter_group_loop(&[body, continuing]);
        let found = exits_of(body, label);
        let leave = self.flag(found.far_breaks, "leave");
        let start = self.out.len();
        self.line("loop {");
        self.indent += 1;
        let again = self.flag(found.far_continues, "again");
        self.count_round(&[body, continuing]);
        self.indent -= 1;
        self.targets.push(Target { label, is_loop: true, leave, again });
        self.nested(body, self.survey.child(at, 0))?;
        let stop = self.continuing(continuing, break_if, self.survey.child(at, 1))?;
        self.targets.pop();
        self.line("}");
        if let Some(stop) = stop {
            let flag = format!("{}var {stop} = false;\n", "    ".repeat(self.indent));
            self.out.insert_str(start, &flag);
            match self.stop.clone() {
                // Inside another continuing part: that loop has to end, too.
                Some(outer) => {
                    self.stop_used = true;
                    self.line(format!("if {stop} {{ {outer} = true; }}"));
                }
                None => self.line(format!("if {stop} {{ return{}; }}", self.bail)),
            }
        }
        self.unwind(body)
    }

    /// The continuing part; the flag that it sets on failure, if it may fail.
    fn continuing(&mut self, block: &Block, break_if: Option<ValueId>, nest: Nest) -> Result<Option<String>> {
        if block.0.is_empty() && break_if.is_none() {
            return Ok(None);
        }
        let flag = self.names.take("stop");
        let outer = (self.stop.replace(flag.clone()), std::mem::take(&mut self.stop_used));
        self.indent += 1;
        self.line("continuing {");
        self.indent += 1;
        self.block(block, nest)?;
        let condition = match break_if {
            Some(value) => Some(self.text(value)?),
            None => None,
        };
        let used = self.stop_used;
        (self.stop, self.stop_used) = outer;
        match (condition, used) {
            (Some(condition), false) => self.line(format!("break if {};", condition.bare())),
            (Some(condition), true) => self.line(format!("break if {flag} || {condition};")),
            (None, true) => self.line(format!("break if {flag};")),
            (None, false) => {}
        }
        self.indent -= 1;
        self.line("}");
        self.indent -= 1;
        for statement in &block.0 {
            if let Statement::Eval(value) = statement {
                self.values[value.0 as usize] = None;
            }
        }
        Ok(used.then_some(flag))
    }

    fn labelled(&mut self, label: Label, body: &Block, at: (Nest, usize)) -> Result<()> {
        self.flush_before(&[body]);
        let nest = self.survey.child(at, 0);
        let found = exits_of(body, label);
        if !found.breaks {
            self.line("{");
            self.nested(body, nest)?;
            self.line("}");
            return Ok(());
        }
        // drivers may make a loop of what can be left from inside
        self.count_round(&[body]);
        let leave = self.flag(found.far_breaks, "leave");
        self.targets.push(Target { label, is_loop: false, leave, again: None });
        self.line("switch 0u {");
        self.indent += 1;
        self.line("default: {");
        self.nested(body, nest)?;
        self.line("}");
        self.indent -= 1;
        self.line("}");
        self.targets.pop();
        self.unwind(body)
    }

    /// After a loop or block: goes on leaving what a statement inside it wanted to leave.
    fn unwind(&mut self, body: &Block) -> Result<()> {
        let targets = self.targets.clone();
        for (k, target) in targets.iter().enumerate().rev() {
            let found = exits_of(body, target.label);
            let innermost = k + 1 == targets.len();
            if found.breaks
                && let Some(flag) = &target.leave
            {
                self.line(format!("if {flag} {{ break; }}"));
            }
            // A `continue` inside the block's `switch` continues the loop by itself.
            if found.continues
                && let Some(flag) = &target.again
            {
                let near = targets[k + 1..].iter().all(|t| !t.is_loop);
                self.line(match innermost || near {
                    true => format!("if {flag} {{ continue; }}"),
                    false => format!("if {flag} {{ break; }}"),
                });
            }
        }
        Ok(())
    }

    fn target(&self, label: Label) -> Result<usize> {
        match self.targets.iter().rposition(|t| t.label == label) {
            Some(k) => Ok(k),
            None => self.error("a `break`", "its label is not open: the module is not verified"),
        }
    }

    fn leave(&mut self, label: Label) -> Result<()> {
        let k = self.target(label)?;
        if k + 1 < self.targets.len()
            && let Some(flag) = self.targets[k].leave.clone()
        {
            self.line(format!("{flag} = true;"));
        }
        self.line("break;");
        Ok(())
    }

    fn resume(&mut self, label: Label) -> Result<()> {
        let k = self.target(label)?;
        if self.targets[k + 1..].iter().all(|t| !t.is_loop) {
            self.line("continue;");
            return Ok(());
        }
        if let Some(flag) = self.targets[k].again.clone() {
            self.line(format!("{flag} = true;"));
        }
        self.line("break;");
        Ok(())
    }

    /// Ends the work-item with the kernel's result.
    fn give(&mut self, value: Option<ValueId>) -> Result<()> {
        let val = match value {
            Some(value) => self.val(value)?,
            None => Val::Empty,
        };
        match (self.result.clone(), val) {
            (ResultTo::Output { buffer, address }, Val::Text(text)) => {
                let ty = self.function.result;
                self.flush_reads();
                let all = self.is_for_all_lanes();
                if all {
                    self.line("if lb_lane == 0u {");
                }
                self.store_buffer(buffer, &address, &text, ty)?;
                if all {
                    self.line("}");
                }
                self.line("return;");
            }
            (ResultTo::Caller, Val::Text(text)) => self.line(format!("return {};", text.bare())),
            _ => self.line("return;"),
        }
        Ok(())
    }
}
