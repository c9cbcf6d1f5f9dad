//! Cooperative kernels: a workgroup is a group, an invocation a lane.
//!
//! What is outside of phases every lane computes for itself, from what all of them see alike: control flow around barriers is
//! uniform. A phase is a function of the item's number, which fails by returning true; it has what the group knows from variables
//! of the module. A lane that fails says so in memory of the group, goes on to the barrier behind the phase, and all lanes
//! leave there. Arrays of the group are workgroup memory; lane 0 alone stores to these, and to arguments, outside of phases.

use landbridge_core::ir::{Block, Function, LocalId, Module, Op, Role, Scalar, Statement, Type, TypeId, ValueId};

use super::emit::{Emitter, Result};
use super::place::{Place, Pointer, Val};
use super::survey::{Nest, Survey};
use super::target::Mode;
use super::text::Text;

/// Workgroup memory that every device has, in bytes, less what failures take.
const MOST_BYTES: u64 = 16384 - 16;

/// What lanes that fail set.
const FLAGS: &str = "var<workgroup> lb_stop: array<atomic<u32>, 2>;\nvar<private> lb_phase: u32;\n";

/// The state of a group's kernel while its text is made.
pub(super) struct Group {
    pub(super) lanes: u32,
    /// Of each local: phases see it, too.
    pub(super) crosses: Vec<bool>,
    /// Of each local: it is workgroup memory.
    pub(super) shared: Vec<bool>,
    /// The text is inside of a phase.
    pub(super) in_phase: bool,
    /// Lanes may have read memory of the group since the last barrier.
    reads: bool,
    /// Variables of the module, and functions of phases.
    pub(super) text: String,
    /// Phases and the group may store to arguments.
    stores_arguments: bool,
}

/// Which variables `declare` makes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Space {
    Function,
    Private,
    Workgroup,
}

/// How many lanes the kernel's groups have; `None` if it is none of groups.
pub(super) fn lanes(function: &Function) -> Option<u32> {
    let mut found = None;
    function.body.each(&mut |statement| {
        if let Statement::Phase { lanes, .. } = statement {
            found = Some(*lanes);
        }
    });
    found
}

impl Group {
    /// For a module whose values have been [spilled](super::spill::spilled).
    pub(super) fn of(module: &Module, survey: &Survey) -> Option<Group> {
        let function = module.entry_function();
        let lanes = lanes(function)?;
        let mut seen = vec![None; function.locals.len()];
        let mut several = vec![false; function.locals.len()];
        seen[..function.parameters as usize].fill(Some(0));
        let mut phases = 0;
        let mut see = |local: LocalId, part: u32| {
            let k = local.0 as usize;
            several[k] |= seen[k].is_some_and(|other| other != part);
            seen[k] = Some(part);
        };
        walk(&function.body, 0, &mut phases, &mut |statement, part| {
            if let Statement::Eval(value) = statement
                && let Op::Local(local) = function[*value].op
            {
                see(local, part);
            }
        });
        let crosses: Vec<bool> = (0..function.locals.len())
            .map(|k| several[k] || (seen[k] == Some(0) && survey.locals[k].escapes))
            .collect();
        let shared = (0..function.locals.len()).map(|k| {
            let (ty, uses) = (function.locals[k].ty, &survey.locals[k]);
            let array = module.types.contains(ty, &|t| matches!(t, Type::Array { .. }));
            let used = uses.indexed || uses.escapes || uses.changes_otherwise;
            crosses[k] && array && used && !module.types.has_pointers(ty)
        });
        let stores_arguments = module.parameters.iter().any(|p| match p.role {
            Role::Item { exclusive } | Role::Row { exclusive } => exclusive,
            Role::Atomics => true,
            _ => false,
        });
        let shared = shared.collect();
        Some(Group {
            lanes,
            crosses,
            shared,
            in_phase: false,
            reads: false,
            text: "var<private> lb_lane: u32;\n".into(),
            stores_arguments,
        })
    }
}

impl Group {
    /// What comes before the body: pipelines are made without the driver's own zeroing of workgroup memory.
    pub(super) fn start_text(&self) -> &'static str {
        if !self.text.contains(FLAGS) {
            return "";
        }
        "    if lane == 0u {\n        atomicStore(&lb_stop[0], 0u);\n        atomicStore(&lb_stop[1], 0u);\n    }\n    \
         workgroupBarrier();\n"
    }
}

/// Calls `f` with each statement and its part: 0 outside of phases, else the phase's number from 1 on.
pub(super) fn walk(block: &Block, part: u32, phases: &mut u32, f: &mut dyn FnMut(&Statement, u32)) {
    for statement in &block.0 {
        f(statement, part);
        let inside = match statement {
            Statement::Phase { .. } => {
                *phases += 1;
                *phases
            }
            _ => part,
        };
        for inner in statement.blocks().into_iter().flatten() {
            walk(inner, inside, phases, f);
        }
    }
}

impl Emitter<'_> {
    /// Whether the text is that of a group, outside of phases.
    pub(super) fn is_for_all_lanes(&self) -> bool {
        self.group.as_ref().is_some_and(|group| !group.in_phase)
    }

    /// Which variables a local becomes.
    pub(super) fn space_of(&self, local: LocalId) -> Space {
        match &self.group {
            Some(group) if group.shared[local.0 as usize] => Space::Workgroup,
            Some(group) if group.crosses[local.0 as usize] => Space::Private,
            _ => Space::Function,
        }
    }

    /// A variable that all functions of the text see.
    pub(super) fn declare_in_module(&mut self, name: &str, of: &str) {
        let space = if self.space == Space::Workgroup { "workgroup" } else { "private" };
        if let Some(group) = &mut self.group {
            group.text.push_str(&format!("var<{space}> {name}: {of};\n"));
        }
    }

    /// Groups' results are collected only. What workgroup memory the kernel takes has to be there on every device.
    pub(super) fn check_group(&self, mode: Mode) -> Result<()> {
        let Some(group) = &self.group else { return Ok(()) };
        if matches!(mode, Mode::Reduce(_)) {
            let kernel = format!("a reduction of the cooperative kernel `{}`", self.module.name);
            return self.error(kernel, "groups' results are collected only");
        }
        let bytes = |ty: TypeId| bytes_of(self.module, ty);
        let shared = self.function.locals.iter().zip(&group.shared).filter(|(_, shared)| **shared);
        let sum: u64 = shared.map(|(local, _)| bytes(local.ty)).sum();
        if sum > MOST_BYTES {
            return self.error(
                format!("the cooperative kernel `{}`", self.module.name),
                format!("its groups have {sum} bytes in common, and not every device has more than {MOST_BYTES}"),
            );
        }
        Ok(())
    }

    /// Notes a load at a pointer.
    pub(super) fn note_group_load(&mut self, pointer: &Pointer) {
        if self.is_for_all_lanes()
            && self.is_of_group(pointer)
            && let Some(group) = &mut self.group
        {
            group.reads = true;
        }
    }

    /// Whether other lanes see what a pointer points to.
    fn is_of_group(&self, pointer: &Pointer) -> bool {
        let Some(group) = &self.group else { return false };
        pointer.choices.iter().any(|place| match place {
            Place::Buffer { buffer, .. } => self.buffers[*buffer].exclusive,
            Place::Local { local, .. } => group.shared[local.0 as usize],
            Place::Nothing | Place::Null => false,
        })
    }

    /// Waits for all lanes, and lets each see what others stored.
    fn barrier(&mut self) {
        self.line("workgroupBarrier();");
        if let Some(group) = &mut self.group {
            group.reads = false;
            if group.stores_arguments {
                self.line("storageBarrier();");
            }
        }
    }

    /// Waits until all lanes have read what is about to change.
    fn barrier_behind_reads(&mut self) {
        if self.group.as_ref().is_some_and(|group| group.reads) {
            self.barrier();
        }
    }

    /// Lane 0 stores, if all lanes see what the pointer points to; whether there is a guard to be closed.
    pub(super) fn open_group_store(&mut self, pointer: &Pointer) -> bool {
        if !self.is_for_all_lanes() || !self.is_of_group(pointer) {
            return false;
        }
        self.barrier_behind_reads();
        self.line("if lb_lane == 0u {");
        self.indent += 1;
        true
    }

    pub(super) fn close_group_store(&mut self) {
        self.indent -= 1;
        self.line("}");
        self.barrier();
    }

    /// All lanes together set the elements of an array of the group.
    pub(super) fn fill_group_array(&mut self, name: &str, length: u64, element: &Text) {
        self.barrier_behind_reads();
        let (k, lanes) = (self.names.take("k"), self.group.as_ref().map_or(1, |group| group.lanes));
        self.line(format!("for (var {k} = lb_lane; {k} < {length}u; {k} += {lanes}u) {{"));
        self.line(format!("    {name}[{k}] = {};", element.bare()));
        self.line("}");
        self.barrier();
    }

    /// The element that all elements of a value are, if the only use of the value is to be stored to an array of the group.
    pub(super) fn fills_group_array(&self, value: ValueId) -> bool {
        let Some(group) = self.group.as_ref().filter(|group| !group.in_phase) else { return false };
        if self.survey.uses[value.0 as usize] != 1 {
            return false;
        }
        let mut fills = false;
        self.function.body.each(&mut |statement| {
            if let Statement::Store { pointer, value: stored } = statement
                && *stored == value
                && let Op::Local(local) = self.function[*pointer].op
            {
                fills = group.shared[local.0 as usize];
            }
        });
        fills
    }

    /// Before a loop of the group: what its rounds read is read before it, too.
    pub(super) fn enter_group_loop(&mut self, blocks: &[&Block]) {
        let function = self.function;
        let mut loads = false;
        let mut note = |statement: &Statement, part: u32| {
            if let Statement::Eval(value) = statement
                && part == 0
                && let Op::Load(pointer) = function[*value].op
            {
                loads |= !matches!(function[pointer].op, Op::Local(_));
            }
        };
        blocks.iter().for_each(|block| walk(block, 0, &mut 0, &mut note));
        if let Some(group) = &mut self.group {
            group.reads |= loads;
        }
    }

    /// What is known of reads, to be joined where branches meet.
    pub(super) fn group_reads(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.reads)
    }

    /// Reads of a branch that was not taken.
    pub(super) fn join_group_reads(&mut self, reads: bool) {
        if let Some(group) = &mut self.group {
            group.reads |= reads;
        }
    }

    /// The entry point of a cooperative kernel; `None` for others.
    pub(super) fn group_text(&mut self, body: &str) -> Option<String> {
        let report = self.group.is_some().then(|| self.report_text())?;
        let group = self.group.as_ref()?;
        let lanes = group.lanes;
        let start = group.start_text();
        Some(format!(
            "{}\nfn one(item: u32) {{\n    lb_item = item;\n{body}}}\n\n\
             @compute @workgroup_size({lanes})\n\
             fn main(@builtin(workgroup_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, \
             @builtin(local_invocation_index) lane: u32) {{\n    \
             let item = invocation.x + invocation.y * groups.x;\n    if item >= parameters.count {{\n        return;\n    }}\n    \
             lb_lane = lane;\n{start}    one(item);\n{report}}}\n",
            group.text
        ))
    }

    /// The value of [`Self::fills_group_array`].
    pub(super) fn fill_value(&mut self, value: ValueId, element: ValueId) -> Result<()> {
        let element = Val::Text(self.lasting(element)?);
        self.values[value.0 as usize] = Some(Val::Repeated(Box::new(element)));
        Ok(())
    }

    /// Writes a phase.
    pub(super) fn phase(&mut self, count: ValueId, item: LocalId, body: &Block, at: (Nest, usize)) -> Result<()> {
        self.flush_all();
        let count = self.lasting(count)?;
        let count = self.as_u32(&count);
        let count = self.as_lasting(count);
        self.barrier_behind_reads();
        let (name, text) = self.phase_function(item, body, self.survey.child(at, 0))?;
        let fails = text.contains("return true;");
        let Some(group) = &mut self.group else { return Ok(()) };
        let lanes = group.lanes;
        group.text.push_str(&text);
        let call = |number: &str| match fails {
            true => format!("if {name}({number}) {{ lb_failed = true; }}"),
            false => format!("{name}({number});"),
        };
        if fails {
            self.line("var lb_failed = false;".replace("lb_failed", &format!("{name}_failed")));
        }
        let call = |number: &str| call(number).replace("lb_failed", &format!("{name}_failed"));
        if count.s == format!("{lanes}u") {
            self.line(call("lb_lane"));
        } else {
            let k = self.names.take("k");
            self.line(format!("for (var {k} = lb_lane; {k} < {}; {k} += {lanes}u) {{", count.bare()));
            self.line(format!("    {}", call(&k)));
            if fails {
                self.line(format!("    if {name}_failed {{ break; }}"));
            }
            self.line("}");
        }
        if !fails {
            self.barrier();
            return Ok(());
        }
        // Flags in turn: a lane that has gone on to the next phase sets the other one.
        self.declare_flags();
        self.line(format!("if {name}_failed {{ atomicStore(&lb_stop[lb_phase & 1u], 1u); }}"));
        self.barrier();
        self.line(format!("if atomicLoad(&lb_stop[lb_phase & 1u]) != 0u {{ return{}; }}", self.bail));
        self.line("lb_phase += 1u;");
        Ok(())
    }

    fn declare_flags(&mut self) {
        if let Some(group) = &mut self.group
            && !group.text.contains(FLAGS)
        {
            group.text.insert_str(0, FLAGS);
        }
    }

    /// The function of an item: its name and text.
    fn phase_function(&mut self, item: LocalId, body: &Block, nest: Nest) -> Result<(String, String)> {
        use std::mem::{replace, take};
        let (name, number) = (self.names.take("phase"), self.names.take("number"));
        let outer = (take(&mut self.out), replace(&mut self.indent, 1), take(&mut self.targets));
        let bail = replace(&mut self.bail, " true".into());
        if let Some(group) = &mut self.group {
            group.in_phase = true;
        }
        self.count_round(&[body]);
        let of_item = match self.wide {
            true => Text::compound(format!("u64({number})"), false),
            false => Text::name(number.clone()),
        };
        if !self.survey.is_never_read(item) {
            self.checked_rep(Scalar::Usize)?;
            self.set_local(item, Val::Text(of_item), None)?;
        }
        if self.block(body, nest)? {
            self.line("return false;");
        }
        for statement in &body.0 {
            if let Statement::Eval(value) = statement {
                self.values[value.0 as usize] = None;
            }
        }
        let mut text = take(&mut self.out);
        (self.out, self.indent, self.targets) = outer;
        self.bail = bail;
        if let Some(group) = &mut self.group {
            group.in_phase = false;
        }
        if !text.contains("return true;") {
            text = text.replace("return false;", "return;");
            return Ok((name.clone(), format!("\nfn {name}({number}: u32) {{\n{text}}}\n")));
        }
        Ok((name.clone(), format!("\nfn {name}({number}: u32) -> bool {{\n{text}}}\n")))
    }
}

/// Bytes of a variable of a type, where small numbers take words.
fn bytes_of(module: &Module, ty: TypeId) -> u64 {
    match &module.types[ty] {
        Type::Array { element, length } => bytes_of(module, *element) * length,
        Type::Struct(s) => s.fields.iter().map(|f| bytes_of(module, f.ty)).sum(),
        _ => module.types.size(ty).max(4),
    }
}
