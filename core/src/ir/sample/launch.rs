//! Memory for a launch of a module: arguments with random contents, and room for results.
#![allow(unsafe_code)]

use super::Choices;
use super::types::fill;
use crate::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch, interpret};
use crate::ir::{Module, Parameter, Role, Scalar, Type, TypeId, TypeTable};

/// Bytes at an address that is a multiple of [`crate::ir::verify::MAX_ALIGN`].
pub struct SampleBytes {
    memory: Vec<u8>,
    start: usize,
    length: usize,
}

impl SampleBytes {
    /// So many bytes of 0xa5, which is what padding is seen to hold.
    fn new(length: usize) -> Self {
        let align = crate::ir::verify::MAX_ALIGN as usize;
        let memory = vec![0xa5; length + align];
        let start = memory.as_ptr().align_offset(align);
        SampleBytes { memory, start, length }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.length]
    }

    /// The bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.length]
    }
}

impl Clone for SampleBytes {
    fn clone(&self) -> Self {
        let mut new = Self::new(self.length);
        new.bytes_mut().copy_from_slice(self.bytes());
        new
    }
}

/// An argument of a launch.
#[derive(Clone)]
pub enum SampleArgument {
    /// A uniform's bytes.
    Value(SampleBytes),
    /// Elements of the parameter's type.
    Slice {
        /// Their bytes.
        bytes: SampleBytes,
        /// How many.
        elements: u64,
    },
    /// Nothing, for an index.
    Index,
}

/// Extent, arguments and results of a launch.
#[derive(Clone)]
pub struct SampleLaunch {
    /// Number of work-items: z, y, x.
    pub extent: [u64; 3],
    /// One for each parameter.
    pub arguments: Vec<SampleArgument>,
    /// One result for each work-item.
    pub output: SampleBytes,
}

impl SampleLaunch {
    /// Random arguments for a module that `verify` accepts: up to 12 work-items, no slice empty.
    pub fn new(module: &Module, choices: &mut Choices<'_>) -> Self {
        let mut extent = [1, 1, 1 + choices.below(6) as u64];
        let dimensions = module.parameters.iter().map(|p| match p.role {
            Role::Index { dimensions } => usize::from(dimensions),
            _ => 1,
        });
        for k in 1..dimensions.max().unwrap_or(1) {
            extent[2 - k] = 1 + choices.below(2) as u64;
        }
        let items: u64 = extent.iter().product();
        let arguments =
            module.parameters.iter().map(|parameter| argument(&module.types, parameter, items, choices)).collect();
        let size = module.types.size(module.result()) * items;
        SampleLaunch { extent, arguments, output: SampleBytes::new(size as usize) }
    }

    /// Runs the interpreter on it, with this seed for the order and this limit of steps for each work-item.
    ///
    /// # Errors
    /// As [`interpret`]'s.
    ///
    /// # Panics
    /// If arguments or output are too small for the module.
    pub fn interpret(&mut self, module: &Module, seed: u64, step_limit: u64) -> Result<(), InterpretError> {
        let launch = InterpretLaunch { extent: self.extent, seed, step_limit };
        crate::ir::verify(module).map_err(InterpretError::Verify)?;
        let items: u64 = self.extent.iter().product();
        let wanted = module.types.size(module.result()) * items;
        assert!(self.output.length as u64 >= wanted, "the output is too small");
        for (parameter, argument) in module.parameters.iter().zip(&self.arguments) {
            if let SampleArgument::Slice { bytes, elements } = argument {
                let wanted = module.types.size(parameter.ty) * elements;
                assert!(bytes.length as u64 >= wanted, "an argument is too small");
            }
        }
        let arguments: Vec<_> = self
            .arguments
            .iter_mut()
            .map(|argument| match argument {
                SampleArgument::Value(bytes) => InterpretArgument::Value(maybe(bytes.bytes())),
                SampleArgument::Slice { bytes, elements } => {
                    InterpretArgument::Slice { pointer: bytes.bytes_mut().as_mut_ptr(), elements: *elements }
                }
                SampleArgument::Index => InterpretArgument::Index,
            })
            .collect();
        let output = self.output.bytes_mut().as_mut_ptr();
        // SAFETY: each argument is memory of its own, borrowed exclusively by `self`, aligned to the largest alignment,
        // initialised, and as large as the module's types ask for (asserted above); so is the output.
        unsafe { interpret(module, &arguments, &launch, output) }
    }

    /// The first number that differs from the other's: where, and both values. All NaNs are the same; padding is not
    /// compared.
    ///
    /// # Panics
    /// If the launches are not of the same module and extent.
    pub fn difference(&self, other: &SampleLaunch, module: &Module) -> Option<String> {
        let types = &module.types;
        for (k, parameter) in module.parameters.iter().enumerate() {
            if let SampleArgument::Slice { bytes, .. } = &self.arguments[k]
                && let SampleArgument::Slice { bytes: others, .. } = &other.arguments[k]
                && let Some(what) = differ(types, parameter.ty, bytes.bytes(), others.bytes())
            {
                return Some(format!("argument {k}: {what}"));
            }
        }
        differ(types, module.result(), self.output.bytes(), other.output.bytes()).map(|what| format!("results: {what}"))
    }
}

fn argument(types: &TypeTable, parameter: &Parameter, items: u64, choices: &mut Choices<'_>) -> SampleArgument {
    let Parameter { name: _, role, ty } = parameter;
    let elements = match role {
        Role::Index { dimensions: _ } => return SampleArgument::Index,
        Role::Uniform | Role::Root { nullable: _ } => 1,
        Role::Item { exclusive: _ } => items,
        Role::Whole | Role::Atomics => 1 + choices.below(5) as u64,
        Role::Row { exclusive: _ } => (1 + choices.below(3) as u64) * items,
    };
    let size = types.size(*ty) as usize;
    let mut bytes = SampleBytes::new(size * elements as usize);
    for k in 0..elements as usize {
        fill(types, *ty, &mut bytes.bytes_mut()[k * size..], choices);
    }
    match role {
        Role::Uniform => SampleArgument::Value(bytes),
        _ => SampleArgument::Slice { bytes, elements },
    }
}

fn maybe(bytes: &[u8]) -> &[std::mem::MaybeUninit<u8>] {
    // SAFETY: the same address, length and lifetime; `MaybeUninit<u8>` has the layout of `u8` and allows all its values,
    // and nothing is written through a shared slice.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
}

/// Compares elements number by number.
fn differ(types: &TypeTable, ty: TypeId, left: &[u8], right: &[u8]) -> Option<String> {
    let size = types.size(ty) as usize;
    if size == 0 {
        return None;
    }
    assert_eq!(left.len(), right.len(), "launches of the same extent");
    let pairs = left.chunks_exact(size).zip(right.chunks_exact(size));
    pairs.enumerate().find_map(|(k, (l, r))| Some(format!("element {k}{}", differ_in(types, ty, l, r)?)))
}

fn differ_in(types: &TypeTable, ty: TypeId, left: &[u8], right: &[u8]) -> Option<String> {
    match &types[ty] {
        Type::Scalar(scalar) | Type::Atomic(scalar) => {
            let size = scalar.size() as usize;
            let (l, r) = (&left[..size], &right[..size]);
            let nan = |bytes: &[u8]| match scalar {
                Scalar::F32 => f32::from_le_bytes(bytes.try_into().expect("4 bytes")).is_nan(),
                Scalar::F64 => f64::from_le_bytes(bytes.try_into().expect("8 bytes")).is_nan(),
                _ => false,
            };
            let same = l == r || (nan(l) && nan(r));
            (!same).then(|| format!(": {scalar} {l:02x?} and {r:02x?}"))
        }
        Type::Array { element, length } => {
            let size = types.size(*element) as usize;
            (0..*length as usize).find_map(|k| {
                let what = differ_in(types, *element, &left[k * size..], &right[k * size..])?;
                Some(format!("[{k}]{what}"))
            })
        }
        Type::Struct(s) => s.fields.iter().find_map(|f| {
            let offset = f.offset as usize;
            let what = differ_in(types, f.ty, &left[offset..], &right[offset..])?;
            Some(format!(".{}{what}", f.name))
        }),
        Type::Unit | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => None,
    }
}
