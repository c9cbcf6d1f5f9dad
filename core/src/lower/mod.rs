//! From the tree that the macros emit to typed IR.
//!
//! [`lower`] joins what the macro saw (the tree, [`crate::ast`]) with what rustc found out (types of bindings, callees,
//! constants) and gives a [`Module`] whose meaning is Rust's: the order of evaluation, overflow, panics and places.
//! Expressions become statements in the order in which Rust evaluates them, each intermediate result a value of its own.
//!
//! | file | what it lowers |
//! |---|---|
//! | `function` | one function: its locals, blocks and panic sites |
//! | `types` | rustc's types to IR types |
//! | `infer` | what type an expression has, before it is lowered |
//! | `literal`, `value`, `place` | literals, expressions that give values, expressions that name memory |
//! | `coercions` | `&[T; N]` to `&[T]`, `&&T` to `&T`, tuples of one layout to another |
//! | `operators`, `user_operators`, `equality`, `lazy` | `+`, users' operators, `==` and `<` of what has parts, `&&`, .. |
//! | `assignment`, `pattern`, `slice_patterns` | `=`, `+=`, `let`, and everything that binds |
//! | `control`, `matching`, `targets`, `ranges`, `range_values` | `if`, `match`, loops, `break`, `return` |
//! | `options` | methods of `Option` that take closures |
//! | `layouts` | `Option` and `Result` as they lie in memory |
//! | `orderings` | which of two values comes first: `<`, `cmp`, `Ordering` |
//! | `results` | `Result`, and its methods |
//! | `enums` | which variant there is, what is in it, values of enums |
//! | `links` | `Option` of pointers, `Vec` and boxed slices of nodes |
//! | `chains` | chains of iterators, fused into loops |
//! | `calls`, `closures`, `frames` | kernel functions and methods of the user, closures, functions that take closures |
//! | `phases` | what the lanes of a group do side by side |
//! | `chars` | `char`, and ASCII |
//! | `methods`, `statics` | methods and associated functions of std |

mod alternatives;
mod assignment;
mod calls;
mod chains;
mod chars;
mod closures;
mod coercions;
mod control;
mod enums;
mod equality;
mod error;
mod frames;
mod function;
mod infer;
mod layouts;
mod lazy;
mod links;
mod literal;
mod matching;
mod messages;
mod methods;
mod operators;
mod options;
mod orderings;
mod pattern;
mod phases;
mod place;
mod range_values;
mod ranges;
mod regions;
mod results;
mod slice_patterns;
mod statics;
mod targets;
mod types;
mod user_operators;
mod value;

use std::collections::{HashMap, VecDeque};

use crate::ast::{FunctionTree, LocalSlot};
use crate::ir::{DataId, Function, FunctionId, Module, Op, Parameter, Role, Site, SiteId, Type, TypeId};

pub use error::{Location, LowerError};
use function::Lowering;
use types::Types;

/// Lowers a kernel and all functions that it calls.
///
/// # Errors
/// - [`LowerError::Unsupported`]: the kernel contains something that kernels cannot contain yet, like recursion.
/// - [`LowerError::Bug`]: the tree does not fit itself; no kernel that rustc accepted should lead here.
pub fn lower(tree: FunctionTree) -> Result<Module, LowerError> {
    let mut module = Module { name: tree.name.into(), ..Module::default() };
    let mut world = World::default();
    let location = Location::new(&tree, tree.at);
    module.entry = world.declare(&mut module, &tree)?;
    module.parameters = entry_parameters(&module, &world, &tree)?;
    let mut trees = vec![];
    while let Some((id, tree)) = world.queue.pop_front() {
        module.functions[id.0 as usize] = Lowering::function(&mut module, &mut world, &tree)?;
        trees.push((tree.name, Location::new(&tree, tree.at)));
    }
    match find_recursion(&module) {
        None => Ok(module),
        Some(cycle) => {
            let name = |id: &FunctionId| trees.get(id.0 as usize).map_or(tree.name, |tree| tree.0);
            let first = cycle.first().and_then(|id| trees.get(id.0 as usize));
            let location = first.map_or(location, |tree| tree.1.clone());
            let names: Vec<_> = cycle.iter().map(|id| format!("`{}`", name(id))).collect();
            let calls = match names.as_slice() {
                [one] => format!("{one} calls itself"),
                _ => format!("{} calls {}", names.join(" calls "), names[0]),
            };
            Err(LowerError::Unsupported { construct: format!("recursion ({calls})"), location })
        }
    }
}

/// What a caller knows of a function.
#[derive(Clone, Debug)]
struct Signature {
    id: FunctionId,
    parameters: Vec<TypeId>,
    result: TypeId,
}

/// What all functions of one module share while they are lowered.
#[derive(Default)]
struct World {
    types: Types,
    /// By [`FunctionTree::instance`].
    instances: HashMap<std::any::TypeId, FunctionId>,
    /// Users' operators by the address of the function that gives their tree.
    operators: HashMap<usize, FunctionId>,
    /// By [`FunctionId`].
    signatures: Vec<Signature>,
    /// Declared functions whose bodies wait to be lowered, in the order of their ids.
    queue: VecDeque<(FunctionId, FunctionTree)>,
    sites: HashMap<Site, SiteId>,
    data: HashMap<(TypeId, Vec<u8>), DataId>,
}

impl World {
    /// The id of a function, which is declared and queued when it is met for the first time.
    fn declare(&mut self, module: &mut Module, tree: &FunctionTree) -> Result<FunctionId, LowerError> {
        if let Some(&id) = self.instances.get(&tree.instance) {
            return Ok(id);
        }
        let id = FunctionId(module.functions.len() as u32);
        // What rustc says about tuples counts before this function builds any.
        for &ty in &tree.types {
            self.types.intern(&mut module.types, ty);
        }
        let bug = |what: &str| LowerError::Bug { what: what.into(), location: Location::new(tree, tree.at) };
        let mut slot = |slot| {
            let ty = tree.types.get(usize::from(slot))?;
            self.types.intern(&mut module.types, ty)
        };
        let parameters = tree
            .parameters
            .iter()
            .map(|&local| slot(tree.locals.get(usize::from(local))?.1))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| bug("a parameter has no type"))?;
        let result = slot(tree.result).ok_or_else(|| bug("the result has no type"))?;
        module.functions.push(Function {
            name: tree.name.into(),
            parameters: 0,
            locals: vec![],
            values: vec![],
            body: Default::default(),
            result,
        });
        self.signatures.push(Signature { id, parameters, result });
        self.instances.insert(tree.instance, id);
        self.queue.push_back((id, tree.clone()));
        Ok(id)
    }

    fn signature(&self, id: FunctionId) -> &Signature {
        &self.signatures[id.0 as usize]
    }
}

/// What the launch has to know of each parameter.
fn entry_parameters(module: &Module, world: &World, tree: &FunctionTree) -> Result<Vec<Parameter>, LowerError> {
    let types = &world.signature(module.entry).parameters;
    if tree.roles.len() != types.len() {
        return Err(LowerError::Bug {
            what: format!("{} roles for {} parameters", tree.roles.len(), types.len()),
            location: Location::new(tree, tree.at),
        });
    }
    let parameter = |((&local, &role), &ty): ((&LocalSlot, &Role), &TypeId)| {
        let ty = match (role, &module.types[ty]) {
            (Role::Uniform | Role::Index { .. }, _) => Some(ty),
            (Role::Item { .. } | Role::Root { nullable: false }, Type::Pointer(to)) => Some(*to),
            (Role::Root { nullable: true }, Type::Nullable(to)) => Some(*to),
            (Role::Whole | Role::Atomics | Role::Row { .. }, Type::Slice(of)) => Some(*of),
            _ => None,
        };
        let name = tree.locals[usize::from(local)].0;
        let ty = ty.ok_or_else(|| LowerError::Bug {
            what: format!("parameter `{name}` does not have the type that {role:?} demands"),
            location: Location::new(tree, tree.at),
        })?;
        let is_place = matches!(role, Role::Atomics | Role::Root { .. });
        if !is_place && module.types.reaches(ty, &|t| matches!(t, Type::Atomic(_))) {
            let construct =
                format!("an atomic in `{name}`, which is no slice of atomics and no `#[uniform]` root of a structure,");
            return Err(LowerError::Unsupported { construct, location: Location::new(tree, tree.at) });
        }
        Ok(Parameter { name: name.into(), role, ty })
    };
    tree.parameters.iter().zip(tree.roles).zip(types).map(parameter).collect()
}

/// A function that calls itself, maybe through others: it, and those in the order in which they call each other.
fn find_recursion(module: &Module) -> Option<Vec<FunctionId>> {
    let callees: Vec<Vec<FunctionId>> = module
        .functions
        .iter()
        .map(|f| {
            let call = |value: &crate::ir::Value| match value.op {
                Op::Call { function, .. } => Some(function),
                _ => None,
            };
            f.values.iter().filter_map(call).collect()
        })
        .collect();
    // Leaves are taken away until nothing or only cycles (and their callers) are left.
    let mut left: Vec<bool> = vec![true; callees.len()];
    while let Some(leaf) = (0..callees.len()).find(|&f| left[f] && callees[f].iter().all(|c| !left[c.0 as usize])) {
        left[leaf] = false;
    }
    let cycle = |from: usize| {
        // by whom each function has been found first
        let (mut found_by, mut open) = (vec![None; callees.len()], VecDeque::from([from]));
        while let Some(f) = open.pop_front() {
            for callee in callees[f].iter().map(|callee| callee.0 as usize) {
                if found_by[callee].is_none() {
                    found_by[callee] = Some(f);
                    open.push_back(callee);
                }
            }
        }
        let (mut path, mut at) = (vec![], found_by[from]?);
        while at != from {
            path.push(FunctionId(at as u32));
            at = found_by[at]?;
        }
        path.push(FunctionId(from as u32));
        path.reverse();
        Some(path)
    };
    (0..callees.len()).filter(|&f| left[f]).find_map(cycle)
}
