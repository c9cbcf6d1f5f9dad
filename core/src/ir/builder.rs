//! Builds one [`Function`] statement by statement; used by [`crate::lower`], by tests and by generators of test kernels.

use super::{
    BinaryOp, Block, CompareOp, Constant, Function, Label, Local, LocalId, Module, Op, Scalar, SiteId, Statement, Type,
    TypeId, Value, ValueId,
};

/// A function under construction, inside the module that owns its types.
pub struct FunctionBuilder<'m> {
    /// The module: types, data and sites are added to it while the function is built.
    pub module: &'m mut Module,
    function: Function,
    blocks: Vec<Block>,
    labels: u32,
}

impl<'m> FunctionBuilder<'m> {
    /// Starts a function with these parameters (name and type), which become its first locals.
    pub fn new(module: &'m mut Module, name: &str, parameters: &[(&str, TypeId)], result: TypeId) -> Self {
        let locals: Vec<_> = parameters.iter().map(|(n, ty)| Local { name: (*n).into(), ty: *ty }).collect();
        let function = Function {
            name: name.into(),
            parameters: locals.len() as u32,
            locals,
            values: vec![],
            body: Block::default(),
            result,
        };
        FunctionBuilder { module, function, blocks: vec![Block::default()], labels: 0 }
    }

    /// The finished function.
    pub fn finish(mut self) -> Function {
        self.function.body = self.blocks.pop().expect("the outermost block");
        assert!(self.blocks.is_empty(), "a nested block is still open");
        self.function
    }

    /// The function so far: locals and values, not the body.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Adds a local.
    pub fn local(&mut self, name: &str, ty: TypeId) -> LocalId {
        self.function.locals.push(Local { name: name.into(), ty });
        LocalId(self.function.locals.len() as u32 - 1)
    }

    /// A label that is not used yet.
    pub fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels - 1)
    }

    /// Appends a statement.
    pub fn push(&mut self, statement: Statement) {
        self.blocks.last_mut().expect("an open block").0.push(statement);
    }

    /// Computes a value here.
    pub fn value(&mut self, ty: TypeId, op: Op) -> ValueId {
        let id = ValueId(self.function.values.len() as u32);
        self.function.values.push(Value { ty, op });
        self.push(Statement::Eval(id));
        id
    }

    /// Type of a value.
    pub fn type_of(&self, value: ValueId) -> TypeId {
        self.function[value].ty
    }

    /// Opens a nested block; [`Self::close`] gives it back.
    pub fn open(&mut self) {
        self.blocks.push(Block::default());
    }

    /// Closes the block that was opened last.
    pub fn close(&mut self) -> Block {
        self.blocks.pop().expect("an open block")
    }

    /// Address of a local.
    pub fn address(&mut self, local: LocalId) -> ValueId {
        let ty = self.function[local].ty;
        let pointer = self.module.types.pointer(ty);
        self.value(pointer, Op::Local(local))
    }

    /// Reads a local.
    pub fn get(&mut self, local: LocalId) -> ValueId {
        let pointer = self.address(local);
        self.load(pointer)
    }

    /// Writes a local.
    pub fn set(&mut self, local: LocalId, value: ValueId) {
        let pointer = self.address(local);
        self.push(Statement::Store { pointer, value });
    }

    /// Reads through a pointer.
    ///
    /// # Panics
    /// If the value is no pointer.
    pub fn load(&mut self, pointer: ValueId) -> ValueId {
        let Type::Pointer(to) = self.module.types[self.type_of(pointer)] else { panic!("load through a non-pointer") };
        self.value(to, Op::Load(pointer))
    }

    /// An integer constant.
    pub fn integer(&mut self, scalar: Scalar, value: i128) -> ValueId {
        let ty = self.module.types.scalar(scalar);
        self.value(ty, Op::Constant(Constant::Int(value)))
    }

    /// A `bool` constant.
    pub fn boolean(&mut self, value: bool) -> ValueId {
        let ty = self.module.types.scalar(Scalar::Bool);
        self.value(ty, Op::Constant(Constant::Bool(value)))
    }

    /// Arithmetic on two values of one type.
    pub fn binary(&mut self, op: BinaryOp, left: ValueId, right: ValueId, site: Option<SiteId>) -> ValueId {
        let ty = self.type_of(left);
        self.value(ty, Op::Binary { op, left, right, site })
    }

    /// A comparison of two values of one type.
    pub fn compare(&mut self, op: CompareOp, left: ValueId, right: ValueId) -> ValueId {
        let ty = self.module.types.scalar(Scalar::Bool);
        self.value(ty, Op::Compare { op, left, right })
    }
}
