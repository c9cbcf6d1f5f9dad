//! Puts the library's functions into a module that calls them.

use std::collections::HashMap;

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::{
    BinaryOp, Data, DataId, Function, FunctionId, Module, Op, Scalar, SiteId, Statement, StructType, Type, TypeId,
    Value,
};

use super::super::interface::PtxError;

/// Where the library's indices are checked: nowhere, since ranges prove all of them.
pub(in super::super) const NO_SITE: SiteId = SiteId(u32::MAX);

/// The module with calls of library functions, or `None` if it needs none.
///
/// # Errors
/// If the library itself cannot be lowered, which is a defect.
pub(in super::super) fn link(module: &Module) -> Result<Option<Module>, PtxError> {
    let wanted = |value: &Value| wanted(module, value).is_some();
    if !module.functions.iter().flat_map(|f| &f.values).any(wanted) {
        return Ok(None);
    }
    let library = super::functions(&[0.0], &[0.0], &[0]).definition().module();
    let library = library.map_err(|error| PtxError::new("the library's functions", error.to_string()))?;
    let mut linker = Linker {
        library,
        module: module.clone(),
        functions: HashMap::new(),
        types: HashMap::new(),
        data: HashMap::new(),
        wrappers: HashMap::new(),
    };
    for k in 0..module.functions.len() {
        for (v, value) in module.functions[k].values.iter().enumerate() {
            if let Some((name, scalar, arguments)) = wanted_call(module, value) {
                let function = linker.callee(name, scalar, arguments.len())?;
                linker.module.functions[k].values[v].op = Op::Call { function, arguments };
            }
        }
    }
    Ok(Some(linker.module))
}

/// The library function that computes a value, and for which scalar.
fn wanted(module: &Module, value: &Value) -> Option<(&'static str, Scalar)> {
    let scalar = module.types.as_scalar(value.ty).filter(|scalar| scalar.is_float())?;
    match &value.op {
        Op::Math { function, .. } => Some((super::name(*function)?, scalar)),
        Op::Binary { op: BinaryOp::Rem, .. } => Some(("remainder", scalar)),
        _ => None,
    }
}

type Wanted = (&'static str, Scalar, Vec<landbridge_core::ir::ValueId>);

fn wanted_call(module: &Module, value: &Value) -> Option<Wanted> {
    let (name, scalar) = wanted(module, value)?;
    let arguments = match &value.op {
        Op::Math { arguments, .. } => arguments.clone(),
        Op::Binary { left, right, .. } => vec![*left, *right],
        _ => return None,
    };
    Some((name, scalar, arguments))
}

struct Linker<'l> {
    library: &'l Module,
    module: Module,
    /// What the library's numbers are in the module.
    functions: HashMap<FunctionId, FunctionId>,
    types: HashMap<TypeId, TypeId>,
    data: HashMap<DataId, DataId>,
    /// Functions of `f32`.
    wrappers: HashMap<&'static str, FunctionId>,
}

impl Linker<'_> {
    fn callee(&mut self, name: &'static str, scalar: Scalar, arity: usize) -> Result<FunctionId, PtxError> {
        let found = self.library.functions.iter().position(|function| function.name == name);
        let Some(found) = found else {
            return Err(PtxError::new(format!("`{name}`"), "it is not in the library: a defect of the generator"));
        };
        let function = self.function(FunctionId(found as u32));
        match scalar {
            Scalar::F32 => Ok(self.wrapper(name, function, arity)),
            _ => Ok(function),
        }
    }

    /// The function of `f32` that computes in `f64` and rounds the result.
    fn wrapper(&mut self, name: &'static str, function: FunctionId, arity: usize) -> FunctionId {
        if let Some(&wrapper) = self.wrappers.get(name) {
            return wrapper;
        }
        let types = &mut self.module.types;
        let (single, double) = (types.scalar(Scalar::F32), types.scalar(Scalar::F64));
        let second = if name == "powi" { types.scalar(Scalar::I32) } else { single };
        let parameters = &[("x", single), ("y", second)][..arity];
        let mut builder = FunctionBuilder::new(&mut self.module, name, parameters, single);
        let mut arguments = vec![];
        for (k, (_, ty)) in parameters.iter().enumerate() {
            let value = builder.get(landbridge_core::ir::LocalId(k as u32));
            arguments.push(if *ty == single { builder.value(double, Op::Cast(value)) } else { value });
        }
        let result = builder.value(double, Op::Call { function, arguments });
        let rounded = builder.value(single, Op::Cast(result));
        builder.push(Statement::Return(Some(rounded)));
        let made = builder.finish();
        let id = self.push(made);
        self.wrappers.insert(name, id);
        id
    }

    fn push(&mut self, function: Function) -> FunctionId {
        self.module.functions.push(function);
        FunctionId(self.module.functions.len() as u32 - 1)
    }

    /// A function of the library, with what it calls.
    fn function(&mut self, id: FunctionId) -> FunctionId {
        if let Some(&there) = self.functions.get(&id) {
            return there;
        }
        let mut function = self.library[id].clone();
        function.result = self.ty(function.result);
        for local in &mut function.locals {
            local.ty = self.ty(local.ty);
        }
        for value in &mut function.values {
            value.ty = self.ty(value.ty);
            match &mut value.op {
                Op::Call { function, .. } => *function = self.function(*function),
                Op::Data(data) => *data = self.constant(*data),
                Op::Element { site, .. } => *site = NO_SITE,
                Op::Unary { site, .. } | Op::Binary { site, .. } => *site = None,
                _ => {}
            }
        }
        let there = self.push(function);
        self.functions.insert(id, there);
        there
    }

    fn constant(&mut self, id: DataId) -> DataId {
        if let Some(&there) = self.data.get(&id) {
            return there;
        }
        let Data { ty, bytes } = self.library.data[id.0 as usize].clone();
        let ty = self.ty(ty);
        self.module.data.push(Data { ty, bytes });
        let there = DataId(self.module.data.len() as u32 - 1);
        self.data.insert(id, there);
        there
    }

    /// A type of the library, none of which leads to itself.
    fn ty(&mut self, id: TypeId) -> TypeId {
        if let Some(&there) = self.types.get(&id) {
            return there;
        }
        let ty = match self.library.types[id].clone() {
            Type::Pointer(to) => Type::Pointer(self.ty(to)),
            Type::Nullable(to) => Type::Nullable(self.ty(to)),
            Type::Slice(of) => Type::Slice(self.ty(of)),
            Type::Array { element, length } => Type::Array { element: self.ty(element), length },
            Type::Struct(s) => {
                let StructType { name, mut fields, size, align, variants } = s;
                for field in &mut fields {
                    field.ty = self.ty(field.ty);
                }
                Type::Struct(StructType { name, fields, size, align, variants })
            }
            plain @ (Type::Unit | Type::Scalar(_) | Type::Atomic(_)) => plain,
        };
        let there = self.module.types.intern(ty);
        self.types.insert(id, there);
        there
    }
}
