//! A launch: arguments against parameters, work-items in shuffled order.
#![allow(unsafe_code)]

use super::machine::Machine;
use super::memory::Memory;
use super::{InterpretArgument, InterpretError, InterpretLaunch, InterpretPanic, Stop};
use crate::ir::{Module, Parameter, Role, Scalar, Type, TypeId, verify};

/// Runs a kernel for each work-item of an extent.
///
/// `output` is where a kernel that returns something puts its results: element `i` is that of work-item `i` (elements of
/// the module's result type). It may be dangling where the result is `()`, or has no size, or the extent is empty.
///
/// # Safety
/// - Each [`InterpretArgument::Slice`] points to `elements` elements of the parameter's type, aligned for it, alive
///   during the call and initialised but for padding. Where the role is exclusive or `Atomics` (or `Root`, with atomics in nodes) the pointer may be written
///   through, the memory overlaps that of no other argument, and nobody else uses it during the call; elsewhere nobody
///   writes it. What links in it lead to is as well-formed: pointers lead to live values of their type, which nobody else
///   uses in conflict.
/// - Each [`InterpretArgument::Value`] is initialised but for padding. `bool`s are 0 or 1.
/// - `output` points to writable memory for one element of the result type for each work-item, aligned for it, that
///   overlaps no argument, and which nobody else uses during the call.
///
/// # Errors
/// - [`InterpretError::Verify`]: the module is not well-formed.
/// - [`InterpretError::Argument`]: an argument's form, length or alignment does not fit its parameter's role.
/// - [`InterpretError::Panic`]: a work-item panicked.
/// - [`InterpretError::Invalid`], [`InterpretError::Limit`]: a work-item did what it must not, or took too long.
pub unsafe fn interpret(
    module: &Module,
    arguments: &[InterpretArgument<'_>],
    launch: &InterpretLaunch,
    output: *mut u8,
) -> Result<(), InterpretError> {
    verify(module).map_err(InterpretError::Verify)?;
    let items = check_arguments(module, arguments, launch)?;
    let mut machine = Machine::new(module, launch.step_limit, launch.seed)
        .map_err(|stop| failure(stop, 0).map_or_else(|e| e, InterpretError::Panic))?;
    let size = module.types.size(module.result());
    let mut panic = None;
    for work_item in shuffled(items, launch.seed) {
        machine.memory.clear_arguments();
        for (parameter, argument) in module.parameters.iter().zip(arguments) {
            // SAFETY: handed on from the caller: slices and output are as large as `check_arguments` found, alive,
            // initialised but for padding, and used by nobody else in conflict.
            unsafe { allow(&mut machine.memory, module, parameter, argument, work_item, items) };
        }
        let result = output.wrapping_add((work_item * size) as usize);
        // SAFETY: the caller promises an element for each work-item at `output`, which nobody else uses.
        unsafe { machine.memory.allow(result, size, true) };
        let index = position(work_item, launch.extent);
        let outcome = machine.run(arguments, index, (work_item, items), result.addr() as u64);
        if let Err(stop) = outcome {
            let first = failure(stop, work_item)?;
            panic.get_or_insert(first);
        }
    }
    panic.map_or(Ok(()), |panic| Err(InterpretError::Panic(panic)))
}

/// A panic, which lets other work-items run, or what ends the launch.
fn failure(stop: Stop, work_item: u64) -> Result<InterpretPanic, InterpretError> {
    match stop {
        Stop::Panic { site, values } => Ok(InterpretPanic { site, values, work_item }),
        Stop::Invalid { place, what } => Err(InterpretError::Invalid { work_item, place, what }),
        Stop::Limit(what) => Err(InterpretError::Limit { work_item, what }),
    }
}

/// Number of work-items, if all arguments fit.
fn check_arguments(
    module: &Module,
    arguments: &[InterpretArgument<'_>],
    launch: &InterpretLaunch,
) -> Result<u64, InterpretError> {
    let error = |parameter, what| Err(InterpretError::Argument { parameter, what });
    let [z, y, x] = launch.extent;
    let items = z.checked_mul(y).and_then(|n| n.checked_mul(x));
    let Some(items) = items.filter(|n| *n <= u64::from(u32::MAX)) else {
        return error(0, format!("too many work-items: {:?}", launch.extent));
    };
    if arguments.len() != module.parameters.len() {
        let wanted = module.parameters.len();
        return error(arguments.len(), format!("{} arguments instead of {wanted}", arguments.len()));
    }
    for (k, (parameter, argument)) in module.parameters.iter().zip(arguments).enumerate() {
        check_argument(module, parameter, argument, items)
            .map_err(|what| InterpretError::Argument { parameter: k, what: format!("`{}` {what}", parameter.name) })?;
    }
    Ok(items)
}

fn check_argument(
    module: &Module,
    parameter: &Parameter,
    argument: &InterpretArgument<'_>,
    items: u64,
) -> Result<(), String> {
    let Parameter { name: _, role, ty } = parameter;
    let (size, align) = (module.types.size(*ty), module.types.align(*ty));
    match (role, argument) {
        (Role::Uniform, InterpretArgument::Value(bytes)) => {
            if bytes.len() as u64 != size {
                return Err(format!("has {} bytes instead of {size}", bytes.len()));
            }
        }
        (Role::Index { dimensions: _ }, InterpretArgument::Index) => {}
        (
            Role::Item { .. } | Role::Whole | Role::Atomics | Role::Row { .. } | Role::Root { .. },
            InterpretArgument::Slice { pointer, elements },
        ) => {
            if !(pointer.addr() as u64).is_multiple_of(align) {
                return Err(format!("is not aligned to {align}"));
            }
            if elements.checked_mul(size).is_none() {
                return Err("is larger than memory".into());
            }
            match role {
                Role::Item { .. } if *elements != items => {
                    return Err(format!("has {elements} elements for {items} work-items"));
                }
                Role::Root { nullable } if *elements > 1 || (*elements == 0 && !nullable) => {
                    return Err(format!("has {elements} elements for one root"));
                }
                Role::Row { .. } if items > 0 && !elements.is_multiple_of(items) => {
                    return Err(format!("has {elements} elements for {items} rows"));
                }
                _ => {}
            }
        }
        (role, argument) => return Err(format!("is {argument:?} for {role:?}")),
    }
    Ok(())
}

/// The part of a slice that a work-item may touch: address and number of elements.
pub(super) fn part_of(
    role: Role,
    pointer: *mut u8,
    elements: u64,
    size: u64,
    (work_item, items): (u64, u64),
) -> (*mut u8, u64) {
    let count = match role {
        Role::Item { .. } => 1,
        Role::Row { .. } => elements / items.max(1),
        Role::Whole | Role::Atomics | Role::Uniform | Role::Root { .. } | Role::Index { .. } => {
            return (pointer, elements);
        }
    };
    let offset = work_item * count * size;
    (pointer.wrapping_add(offset as usize), count)
}

/// Lets a work-item touch its part of an argument.
///
/// # Safety
/// As [`interpret`] says for a slice, until the arguments are cleared; the argument has been checked.
unsafe fn allow(
    memory: &mut Memory,
    module: &Module,
    parameter: &Parameter,
    argument: &InterpretArgument<'_>,
    work_item: u64,
    items: u64,
) {
    let InterpretArgument::Slice { pointer, elements } = argument else {
        return;
    };
    let writable = match parameter.role {
        Role::Item { exclusive } | Role::Row { exclusive } => exclusive,
        Role::Atomics => true,
        Role::Whole => module.updates_nodes(parameter.ty),
        Role::Root { .. } => module.updates_structure(parameter),
        Role::Uniform | Role::Index { .. } => false,
    };
    let size = module.types.size(parameter.ty);
    let (base, count) = part_of(parameter.role, *pointer, *elements, size, (work_item, items));
    // SAFETY: handed on from the caller; the part lies inside of the slice: for items and rows
    // (work_item + 1) * count <= elements, which `check_argument` has made sure of.
    unsafe { memory.allow(base, count * size, writable) };
}

/// Number of a work-item in each dimension: z, y, x.
fn position(work_item: u64, [_, y, x]: [u64; 3]) -> [u64; 3] {
    let (x, y) = (x.max(1), y.max(1));
    [work_item / (x * y), work_item / x % y, work_item % x]
}

/// The bits of an index parameter: one number, or (z,) y, x.
pub(super) fn index_parts(types: &crate::ir::TypeTable, ty: TypeId, [z, y, x]: [u64; 3], extent_item: u64) -> Vec<u64> {
    match &types[ty] {
        Type::Scalar(Scalar::Usize) => vec![extent_item],
        Type::Struct(s) if s.fields.len() == 2 => vec![y, x],
        _ => vec![z, y, x],
    }
}

/// All numbers below `count`, in an order that the seed decides.
pub(super) fn shuffled(count: u64, seed: u64) -> Vec<u64> {
    let mut order: Vec<u64> = (0..count).collect();
    let mut state = seed;
    for k in (1..order.len()).rev() {
        let random = splitmix(&mut state);
        order.swap(k, (random % (k as u64 + 1)) as usize);
    }
    order
}

/// The next number of the SplitMix64 sequence.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
