//! Puts the library's functions into a module that calls them.

use std::collections::HashMap;

use landbridge_core::ir::{
    BinaryOp, Data, DataId, FunctionId, Module, Op, Scalar, SiteId, StructType, Type, TypeId, Value,
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
    let mut linker = Linker { module: module.clone(), sources: HashMap::new() };
    for k in 0..module.functions.len() {
        for (v, value) in module.functions[k].values.iter().enumerate() {
            if let Some((name, scalar, arguments)) = wanted_call(module, value) {
                let function = linker.callee(name, scalar)?;
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

/// The functions of one type of floats.
struct Source {
    library: &'static Module,
    /// What the library's numbers are in the module.
    functions: HashMap<FunctionId, FunctionId>,
    types: HashMap<TypeId, TypeId>,
    data: HashMap<DataId, DataId>,
}

impl Source {
    fn new(scalar: Scalar) -> Result<Source, PtxError> {
        let library = match scalar {
            Scalar::F32 => super::single::functions(&[0.0], &[0.0], &[0]).definition().module(),
            _ => super::functions(&[0.0], &[0.0], &[0]).definition().module(),
        };
        let library = library.map_err(|error| PtxError::new("the library's functions", error.to_string()))?;
        Ok(Source { library, functions: HashMap::new(), types: HashMap::new(), data: HashMap::new() })
    }
}

struct Linker {
    module: Module,
    sources: HashMap<Scalar, Source>,
}

impl Linker {
    fn callee(&mut self, name: &'static str, scalar: Scalar) -> Result<FunctionId, PtxError> {
        let mut source = match self.sources.remove(&scalar) {
            Some(source) => source,
            None => Source::new(scalar)?,
        };
        let found = source.library.functions.iter().position(|function| function.name == name);
        let Some(found) = found else {
            return Err(PtxError::new(format!("`{name}`"), "it is not in the library: a defect of the generator"));
        };
        let function = source.function(&mut self.module, FunctionId(found as u32));
        self.sources.insert(scalar, source);
        Ok(function)
    }
}

impl Source {
    /// A function of the library, with what it calls.
    fn function(&mut self, module: &mut Module, id: FunctionId) -> FunctionId {
        if let Some(&there) = self.functions.get(&id) {
            return there;
        }
        let mut function = self.library[id].clone();
        function.result = self.ty(module, function.result);
        for local in &mut function.locals {
            local.ty = self.ty(module, local.ty);
        }
        for value in &mut function.values {
            value.ty = self.ty(module, value.ty);
            match &mut value.op {
                Op::Call { function, .. } => *function = self.function(module, *function),
                Op::Data(data) => *data = self.constant(module, *data),
                Op::Element { site, .. } => *site = NO_SITE,
                Op::Unary { site, .. } | Op::Binary { site, .. } => *site = None,
                _ => {}
            }
        }
        module.functions.push(function);
        let there = FunctionId(module.functions.len() as u32 - 1);
        self.functions.insert(id, there);
        there
    }

    fn constant(&mut self, module: &mut Module, id: DataId) -> DataId {
        if let Some(&there) = self.data.get(&id) {
            return there;
        }
        let Data { ty, bytes } = self.library.data[id.0 as usize].clone();
        let ty = self.ty(module, ty);
        module.data.push(Data { ty, bytes });
        let there = DataId(module.data.len() as u32 - 1);
        self.data.insert(id, there);
        there
    }

    /// A type of the library, none of which leads to itself.
    fn ty(&mut self, module: &mut Module, id: TypeId) -> TypeId {
        if let Some(&there) = self.types.get(&id) {
            return there;
        }
        let ty = match self.library.types[id].clone() {
            Type::Pointer(to) => Type::Pointer(self.ty(module, to)),
            Type::Nullable(to) => Type::Nullable(self.ty(module, to)),
            Type::Slice(of) => Type::Slice(self.ty(module, of)),
            Type::Array { element, length } => Type::Array { element: self.ty(module, element), length },
            Type::Struct(s) => {
                let StructType { name, mut fields, size, align, variants } = s;
                for field in &mut fields {
                    field.ty = self.ty(module, field.ty);
                }
                Type::Struct(StructType { name, fields, size, align, variants })
            }
            plain @ (Type::Unit | Type::Scalar(_) | Type::Atomic(_)) => plain,
        };
        let there = module.types.intern(ty);
        self.types.insert(id, there);
        there
    }
}
