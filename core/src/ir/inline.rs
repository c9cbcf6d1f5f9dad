//! Puts every called function in the place of its calls, for targets without pointers as arguments.

use std::collections::HashMap;

use super::{
    Block, Function, FunctionId, Label, Local, LocalId, Module, Op, Scalar, Statement, Type, TypeId, Value, ValueId,
};

/// The same kernel with one function, the entry, which calls nothing.
///
/// A call becomes the callee's statements; where the callee returns early, they are in a [`Statement::Block`] that
/// `Break` leaves, and the result goes through a local. Locals keep their names. A parameter that the callee only reads
/// is the argument's value, with no local between. The module has passed [`super::verify()`], and so does the result,
/// unless blocks then nest too deep.
pub fn inline(module: &Module) -> Module {
    let mut result = Module { functions: vec![], entry: FunctionId(0), ..module.clone() };
    let entry = module.entry_function();
    let mut inliner = Inliner {
        source: module,
        target: &mut result,
        locals: entry.locals.clone(),
        values: vec![],
        labels: 0,
        open: vec![],
    };
    let mut frame = Frame::new(entry);
    frame.locals = (0..entry.locals.len() as u32).map(|k| Some(LocalId(k))).collect();
    let body = inliner.block(&entry.body, &mut frame);
    let mut function = Function {
        name: entry.name.clone(),
        parameters: entry.parameters,
        locals: inliner.locals,
        values: inliner.values,
        body,
        result: entry.result,
    };
    super::remove_dead_values(&mut function);
    result.functions.push(function);
    result
}

struct Inliner<'m> {
    source: &'m Module,
    target: &'m mut Module,
    locals: Vec<Local>,
    values: Vec<Value>,
    labels: u32,
    /// Blocks under construction, outermost first; what a call becomes is appended to the last.
    open: Vec<Vec<Statement>>,
}

/// One activation of a function: what its numbers are in the result.
struct Frame<'m> {
    function: &'m Function,
    values: Vec<Option<ValueId>>,
    /// `None`: a parameter that is only read, whose value is in `arguments`.
    locals: Vec<Option<LocalId>>,
    arguments: Vec<ValueId>,
    labels: HashMap<Label, Label>,
    returns: Returns,
}

/// What `Return` becomes.
#[derive(Clone, Copy)]
enum Returns {
    /// It stays: this is the entry.
    Stay,
    /// It is the last statement: its value is the call's.
    Last(Option<ValueId>),
    /// It stores its value and leaves the block.
    Leave { label: Label, result: Option<LocalId> },
}

impl<'m> Frame<'m> {
    fn new(function: &'m Function) -> Self {
        Frame {
            function,
            values: vec![None; function.values.len()],
            locals: vec![None; function.locals.len()],
            arguments: vec![],
            labels: HashMap::new(),
            returns: Returns::Stay,
        }
    }

    fn value(&self, value: ValueId) -> ValueId {
        self.values[value.0 as usize].expect("a value is evaluated before it is used")
    }

    /// The argument that a value is, if it reads a parameter that is only read.
    fn argument(&self, op: &Op) -> Option<ValueId> {
        let Op::Load(pointer) = op else { return None };
        let Op::Local(local) = self.function[*pointer].op else { return None };
        match self.locals[local.0 as usize] {
            Some(_) => None,
            None => Some(self.arguments[local.0 as usize]),
        }
    }
}

impl<'m> Inliner<'m> {
    fn push(&mut self, statement: Statement) {
        self.open.last_mut().expect("an open block").push(statement);
    }

    fn eval(&mut self, ty: TypeId, op: Op) -> ValueId {
        let id = ValueId(self.values.len() as u32);
        self.values.push(Value { ty, op });
        self.push(Statement::Eval(id));
        id
    }

    fn local(&mut self, local: Local) -> LocalId {
        self.locals.push(local);
        LocalId(self.locals.len() as u32 - 1)
    }

    fn address(&mut self, local: LocalId) -> ValueId {
        let ty = self.locals[local.0 as usize].ty;
        let pointer = self.target.types.pointer(ty);
        self.eval(pointer, Op::Local(local))
    }

    fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels - 1)
    }

    fn block(&mut self, block: &Block, frame: &mut Frame<'m>) -> Block {
        self.open.push(vec![]);
        self.statements(block, frame);
        Block(self.open.pop().expect("the block opened above"))
    }

    fn statements(&mut self, block: &Block, frame: &mut Frame<'m>) {
        for statement in &block.0 {
            self.statement(statement, frame);
        }
    }

    fn statement(&mut self, statement: &Statement, frame: &mut Frame<'m>) {
        match statement {
            Statement::Eval(id) => {
                let value = self.value(*id, frame);
                frame.values[id.0 as usize] = value;
            }
            Statement::Return(value) => {
                let value = value.map(|v| frame.value(v));
                self.returned(value, frame);
            }
            Statement::If { condition, accept, reject } => {
                let condition = frame.value(*condition);
                let (accept, reject) = (self.block(accept, frame), self.block(reject, frame));
                self.push(Statement::If { condition, accept, reject });
            }
            Statement::Block { label, body } => {
                let label = self.named(*label, frame);
                let body = self.block(body, frame);
                self.push(Statement::Block { label, body });
            }
            Statement::Phase { lanes, count, item, body } => {
                let (lanes, count) = (*lanes, frame.value(*count));
                let item = frame.locals[item.0 as usize].expect("a phase's item is no parameter");
                let body = self.block(body, frame);
                self.push(Statement::Phase { lanes, count, item, body });
            }
            Statement::Loop { label, body, continuing, break_if } => {
                self.repeated(*label, body, continuing, *break_if, frame);
            }
            Statement::Break(label) => self.push(Statement::Break(frame.labels[label])),
            Statement::Continue(label) => self.push(Statement::Continue(frame.labels[label])),
            Statement::Store { .. } | Statement::Check { .. } | Statement::Panic { .. } => {
                let mut statement = statement.clone();
                statement.rename(&|v| frame.value(v));
                self.push(statement);
            }
        }
    }

    fn named(&mut self, label: Label, frame: &mut Frame<'m>) -> Label {
        let new = self.label();
        frame.labels.insert(label, new);
        new
    }

    /// What a value of the frame is in the result; `None` for the address of a parameter that has no memory.
    fn value(&mut self, id: ValueId, frame: &mut Frame<'m>) -> Option<ValueId> {
        let Value { ty, op } = &frame.function[id];
        if let Some(argument) = frame.argument(op) {
            return Some(argument);
        }
        match op {
            Op::Local(local) => {
                let local = frame.locals[local.0 as usize]?;
                Some(self.eval(*ty, Op::Local(local)))
            }
            Op::Call { function, arguments } => {
                let arguments = arguments.iter().map(|&v| frame.value(v)).collect();
                Some(self.call(*function, arguments))
            }
            op => {
                let mut op = op.clone();
                op.rename(&|v| frame.value(v));
                Some(self.eval(*ty, op))
            }
        }
    }

    fn returned(&mut self, value: Option<ValueId>, frame: &mut Frame<'m>) {
        match &mut frame.returns {
            Returns::Stay => self.push(Statement::Return(value)),
            Returns::Last(result) => *result = value,
            &mut Returns::Leave { label, result } => {
                if let (Some(value), Some(local)) = (value, result) {
                    let pointer = self.address(local);
                    self.push(Statement::Store { pointer, value });
                }
                self.push(Statement::Break(label));
            }
        }
    }

    /// A callee's statements in the place of a call; gives the call's value.
    fn call(&mut self, function: FunctionId, arguments: Vec<ValueId>) -> ValueId {
        let callee = &self.source[function];
        let mut frame = Frame::new(callee);
        self.set_parameters(&mut frame, arguments);
        let unit = matches!(self.target.types[callee.result], Type::Unit);
        if returns_only_at_end(callee, unit) {
            frame.returns = Returns::Last(None);
            self.statements(&callee.body, &mut frame);
            return match frame.returns {
                Returns::Last(Some(value)) => value,
                _ => self.eval(callee.result, Op::Unit),
            };
        }
        let label = self.label();
        let result = (!unit).then(|| self.local(Local { name: callee.name.clone(), ty: callee.result }));
        frame.returns = Returns::Leave { label, result };
        let body = self.block(&callee.body, &mut frame);
        self.push(Statement::Block { label, body });
        match result {
            Some(local) => {
                let pointer = self.address(local);
                self.eval(callee.result, Op::Load(pointer))
            }
            None => self.eval(callee.result, Op::Unit),
        }
    }

    /// Gives the callee's locals memory, and stores the arguments to parameters that are not only read.
    fn set_parameters(&mut self, frame: &mut Frame<'m>, arguments: Vec<ValueId>) {
        let only_read = only_read_parameters(frame.function);
        for (k, local) in frame.function.locals.iter().enumerate() {
            if only_read.get(k) == Some(&true) {
                continue;
            }
            let id = self.local(local.clone());
            frame.locals[k] = Some(id);
            if let Some(&value) = arguments.get(k) {
                let pointer = self.address(id);
                self.push(Statement::Store { pointer, value });
            }
        }
        frame.arguments = arguments;
    }

    fn repeated(
        &mut self,
        label: Label,
        body: &Block,
        continuing: &Block,
        break_if: Option<ValueId>,
        frame: &mut Frame<'m>,
    ) {
        if calls(frame.function, continuing) {
            return self.repeated_from_start(label, body, continuing, break_if, frame);
        }
        let label = self.named(label, frame);
        let body = self.block(body, frame);
        let continuing = self.block(continuing, frame);
        let break_if = break_if.map(|v| frame.value(v));
        self.push(Statement::Loop { label, body, continuing, break_if });
    }

    /// A loop whose continuing part calls: it moves to the start of all rounds but the first, because a continuing part
    /// may not contain the breaks that a call becomes.
    fn repeated_from_start(
        &mut self,
        label: Label,
        body: &Block,
        continuing: &Block,
        break_if: Option<ValueId>,
        frame: &mut Frame<'m>,
    ) {
        let bool = self.target.types.scalar(Scalar::Bool);
        let again = self.local(Local { name: String::new(), ty: bool });
        self.set_flag(again, false);
        let label = self.named(label, frame);
        self.open.push(vec![]);
        let pointer = self.address(again);
        let condition = self.eval(bool, Op::Load(pointer));
        self.open.push(vec![]);
        self.statements(continuing, frame);
        if let Some(done) = break_if {
            let condition = frame.value(done);
            let accept = Block(vec![Statement::Break(label)]);
            self.push(Statement::If { condition, accept, reject: Block::default() });
        }
        let accept = Block(self.open.pop().expect("the branch opened above"));
        self.push(Statement::If { condition, accept, reject: Block::default() });
        self.set_flag(again, true);
        self.statements(body, frame);
        let body = Block(self.open.pop().expect("the body opened above"));
        self.push(Statement::Loop { label, body, continuing: Block::default(), break_if: None });
    }

    fn set_flag(&mut self, local: LocalId, value: bool) {
        let bool = self.locals[local.0 as usize].ty;
        let value = self.eval(bool, Op::Constant(super::Constant::Bool(value)));
        let pointer = self.address(local);
        self.push(Statement::Store { pointer, value });
    }
}

/// Whether control leaves the function only at its end.
fn returns_only_at_end(function: &Function, unit: bool) -> bool {
    let mut returns = 0;
    function.body.each(&mut |s| returns += u32::from(matches!(s, Statement::Return(_))));
    match function.body.0.last() {
        Some(Statement::Return(_)) => returns == 1,
        // A function that never returns the value it should always panics: its result goes through a local.
        _ => returns == 0 && unit,
    }
}

/// Of each parameter whether its address is used for nothing but loads.
fn only_read_parameters(function: &Function) -> Vec<bool> {
    let mut only_read = vec![true; function.parameters as usize];
    let mut other_use = |v: ValueId| {
        if let Op::Local(local) = function[v].op
            && let Some(flag) = only_read.get_mut(local.0 as usize)
        {
            *flag = false;
        }
    };
    for value in &function.values {
        if !matches!(value.op, Op::Load(_)) {
            value.op.operands(&mut other_use);
        }
    }
    function.body.each(&mut |s| s.operands(&mut other_use));
    only_read
}

/// Whether a block calls a function.
fn calls(function: &Function, block: &Block) -> bool {
    let mut found = false;
    block.each(&mut |s| {
        if let Statement::Eval(value) = s {
            found |= matches!(function[*value].op, Op::Call { .. });
        }
    });
    found
}
