//! The typed intermediate representation (IR) of a kernel, and what it means.
//!
//! A [`Module`] is one kernel with all the functions it calls, monomorphic and fully typed. It is made by
//! [`crate::lower`] from what the macros emit, checked by [`verify()`], and then only read: by the reference
//! interpreter ([`interpret()`]) and by the code generators (WGSL, PTX). **A module that `verify` accepts never makes a
//! generator panic**; a generator that cannot express something answers with an error that names it.
//!
//! # Meaning
//! Every generator obeys this text; where a device cannot, the backend's capability table says so.
//!
//! - **Evaluation** is strict and in program order. A [`Statement::Eval`] computes one [`Value`] exactly once, at that
//!   place; the value may be used by later statements of the same block and of blocks nested in those (it *dominates*
//!   them). Values are immutable. What changes lives in a [`Local`] or behind a pointer.
//! - **Memory** is bytes with the layout of the host: offsets, sizes and alignments are those that rustc chose. Padding
//!   holds no value. `bool` is one byte, 0 or 1.
//! - **Locals** are memory of their own, one instance for each activation of the function. A local holds no value until
//!   it is stored to; rustc has proved that none is read before that.
//! - **Pointers** come from [`Op::Local`], [`Op::Data`], parameters, [`Op::Field`], [`Op::Element`], and from memory of
//!   linked nodes ([`Op::Load`], [`Op::Payload`], [`Op::MakeSlice`]), and from regions ([`Op::Node`]). They point to live memory of their type: rustc's
//!   borrow checker has proved it for the source, and no operation makes a pointer from a number. References, exclusive or
//!   shared, and boxes are all [`Type::Pointer`]. A [`Type::Nullable`] may be null; its [`Op::Payload`] is taken only where
//!   [`Op::IsSome`] holds.
//! - **Enums** are structs with [`StructType::variants`]: a tag, and for each variant a struct. Those overlap, and only the
//!   one that the tag names holds something: nobody reads or writes the others, and a tag that no variant has is nowhere in
//!   memory, unless the last variant stands for all others: that lies over the tag, so the tag is stored first, and in a value
//!   any such tag names it. A value of such a type has all its fields; what is in those of other variants is not specified, and must not
//!   decide anything. Loading one and storing one touch the tag and the variant that it names, no more. The tag is never
//!   stored to by itself ([`Op::Field`] 0), and enums that hold pointers are read part by part.
//! - **Links** are never stored to memory of an argument: what a node owns stays what it owns.
//! - **Integers** are two's complement. `Usize` and `Isize` are 64 bits *in meaning*; a generator may compute them in 32
//!   where it proves or checks that nothing leaves that range. `Add`, `Sub`, `Mul`, `Neg`, `Shl`, `Shr` with a site
//!   panic on overflow; without one they wrap (shift counts are masked to the width). `Div` and `Rem` always have a site
//!   and panic on a zero divisor and on `MIN / -1`.
//! - **Floats** are IEEE 754 binary32 and binary64. `+ - * /` and `sqrt` round to nearest even and are not contracted
//!   or reassociated. Comparisons with NaN are false, but `NotEqual`, which is true. `Rem` is C's `fmod` (exact).
//!   Other functions are those of `f32` and `f64` in std, to the accuracy that the backend states. As in Rust, sign and
//!   payload of a NaN that an operation makes are not specified, nor which zero `Min` and `Max` give of 0.0 and -0.0.
//! - **Casts** are Rust's `as`: integers truncate or extend by the source's signedness, floats to integers truncate
//!   towards zero and saturate (NaN gives 0), integers to floats and f64 to f32 round to nearest even.
//! - **Panics** ([`Statement::Check`], [`Statement::Panic`], and operations with a site) end the work-item at once. What
//!   it has stored stays stored; other work-items are not disturbed. One of the panics of a launch is reported with its
//!   [`Site`], its work-item and its arguments' values of 64 bits each: integers as by `as u64`, `bool` as 0 or 1, floats
//!   by their bits. Few panics have any, and none more than [`verify::MAX_REPORTED`].
//! - **Atomics** are relaxed read-modify-writes, whatever ordering the source names; integer arithmetic wraps.
//! - **Work-items** run in any order, also at the same time. Their only interaction is through atomics.
//! - **Groups**: a work-item whose function has a [`Statement::Phase`] is a group of lanes. Everything outside of phases is done
//!   once for the group. A phase runs its body for each of its items, in any order, also at the same time; what follows it
//!   begins when all items have ended, and sees what they stored. Items of one phase interact through atomics only: each stores
//!   to what is its own ([`verify::Rule::PhaseStores`]), and reads nothing that another one stores to, which rustc has proved.
//!   A local that no statement outside of the phase refers to is the item's, with an instance of its own for each; all others
//!   are the group's. An item that panics ends its group at the end of the phase; of the other items of that phase each has run
//!   or not.

pub mod builder;
mod clean;
mod inline;
pub mod interpret;
mod op;
mod panics;
pub mod print;
mod rename;
#[doc(hidden)]
pub mod sample;
mod types;
pub mod verify;
mod visit;

pub(crate) use clean::remove_dead_values;
pub use inline::inline;
pub use interpret::interpret;
pub use op::{AtomicOp, BinaryOp, CompareOp, Constant, MathFunction, Op, UnaryOp};
pub use panics::{Format, Layout, Message, PanicKind, Piece, Site, Values};
pub use types::{Field, Scalar, StructType, Type, TypeId, TypeTable};
pub use verify::{VerifyError, verify};

/// Index of a function in [`Module::functions`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

/// Index of a local in [`Function::locals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// Index of a value in [`Function::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

/// Index of constant memory in [`Module::data`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataId(pub u32);

/// Index of a place that may panic in [`Module::sites`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteId(pub u32);

/// Names a loop or block inside one function, for `Break` and `Continue`. Unique within the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u32);

/// One kernel: its functions, types, constants, and the roles of its parameters.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Module {
    /// The kernel's name as the user wrote it.
    pub name: String,
    /// All types, each once.
    pub types: TypeTable,
    /// All functions; calls never form a cycle.
    pub functions: Vec<Function>,
    /// Constant memory.
    pub data: Vec<Data>,
    /// Places that may panic.
    pub sites: Vec<Site>,
    /// The function that one work-item runs.
    pub entry: FunctionId,
    /// What each parameter of `entry` is to the launch, in the order of the parameters.
    pub parameters: Vec<Parameter>,
}

/// A parameter of the entry function as the launch sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// As the user wrote it.
    pub name: String,
    /// How a work-item gets its value.
    pub role: Role,
    /// Uniform: the value's type. Index: the index type. Memory roles: the type of one element of the argument, which
    /// for `Item` is what one work-item sees (for the chunk role `&mut [T; N]` the array).
    pub ty: TypeId,
}

/// What a parameter is to the launch; it follows from the parameter's form (see the table in the crate's docs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `p: T`: the same value for all items. The entry's parameter has type `T`.
    Uniform,
    /// `x: &T` or `x: &mut T`, also `&[T; N]` and `&mut [T; N]`: item `i` sees element `i`. The entry's parameter is a
    /// `Pointer(ty)`.
    Item {
        /// `&mut`: the item owns its element while it runs.
        exclusive: bool,
    },
    /// `t: &[T]`: all items read the whole slice. The entry's parameter is a `Slice(ty)`.
    Whole,
    /// `h: &[AtomicU32]`: all items update the whole slice. `ty` is atomic; the entry's parameter is a `Slice(ty)`.
    Atomics,
    /// `#[rows] m: &[T]` or `&mut [T]`: item `i` sees row `i` of a matrix. The entry's parameter is a `Slice(ty)`.
    Row {
        /// `&mut`: the item owns its row while it runs.
        exclusive: bool,
    },
    /// `#[uniform] root: &T`, or `head: Option<&T>`: the same linked structure for all items, only read, but that all update the
    /// atomics in its nodes. `ty` is `T`; the entry's parameter is a `Pointer(ty)` or a `Nullable(ty)`.
    Root {
        /// `Option<&T>`.
        nullable: bool,
    },
    /// `i: Index` (1), `Index2` (2), `Index3` (3): the work-item's number. The entry's parameter is `Usize`, or a struct
    /// of `Usize` fields in the order (z,) y, x.
    Index {
        /// Number of dimensions, 1 to 3.
        dimensions: u8,
    },
}

/// A function: parameters are its first locals.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// As the user wrote it; not unique.
    pub name: String,
    /// The first `parameters` locals are set by the caller.
    pub parameters: u32,
    /// Memory of one activation.
    pub locals: Vec<Local>,
    /// All values that `body` computes, each evaluated by exactly one [`Statement::Eval`].
    pub values: Vec<Value>,
    /// The statements.
    pub body: Block,
    /// Type of the result; `Unit` where there is none.
    pub result: TypeId,
}

/// A variable of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// As the user wrote it, or empty for a temporary.
    pub name: String,
    /// Type of what it holds.
    pub ty: TypeId,
}

/// A value: what computes it, and its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Type of the result.
    pub ty: TypeId,
    /// What is computed.
    pub op: Op,
}

/// Statements in order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Block(pub Vec<Statement>);

/// One step of structured control flow.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// Computes the value here.
    Eval(ValueId),
    /// Stores to memory.
    Store {
        /// A `Pointer(T)`.
        pointer: ValueId,
        /// A `T`.
        value: ValueId,
    },
    /// Runs one of two blocks.
    If {
        /// A `bool`.
        condition: ValueId,
        /// Runs if true.
        accept: Block,
        /// Runs if false.
        reject: Block,
    },
    /// Repeats `body`, then `continuing`, until something leaves it.
    Loop {
        /// Target of `Break` and `Continue` inside `body`.
        label: Label,
        /// `Continue` jumps to its end.
        body: Block,
        /// Runs after each round. Contains no `Break`, `Continue`, `Return`, and nothing that can panic. Values that
        /// `body` computes at its own level are not visible here; values from before the loop are.
        continuing: Block,
        /// A `bool` that `continuing` computed (or one from before the loop): the loop ends if it is true.
        break_if: Option<ValueId>,
    },
    /// Runs `body` once; `Break(label)` jumps to its end.
    Block {
        /// Target of `Break`, never of `Continue`.
        label: Label,
        /// The statements.
        body: Block,
    },
    /// Runs `body` for each item `0..count`, in any order; see the module's text about groups. Nothing jumps out of it.
    Phase {
        /// How many items a device runs at the same time: the size of the group, the same in all phases of a kernel.
        lanes: u32,
        /// A `Usize`.
        count: ValueId,
        /// The number of the item that runs: a `Usize` that only the body refers to, and loads at most.
        item: LocalId,
        /// What an item does.
        body: Block,
    },
    /// Leaves the loop or block of that label.
    Break(Label),
    /// Jumps to the continuing part of the loop of that label.
    Continue(Label),
    /// Leaves the function; the value is `None` exactly if the function's result is `Unit`.
    Return(Option<ValueId>),
    /// Panics at `site` if the condition is false.
    Check {
        /// A `bool`.
        condition: ValueId,
        /// What is reported.
        site: SiteId,
        /// Scalars for the report, as many as the site's kind says.
        arguments: Vec<ValueId>,
    },
    /// Panics.
    Panic {
        /// What is reported.
        site: SiteId,
        /// Scalars for the report, as many as the site's kind says.
        arguments: Vec<ValueId>,
    },
}

/// Constant memory, with the layout of its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Type of the whole; plain data without pointers.
    pub ty: TypeId,
    /// As many bytes as the type's size; padding bytes are zero.
    pub bytes: Vec<u8>,
}

impl Module {
    /// The entry function.
    pub fn entry_function(&self) -> &Function {
        &self.functions[self.entry.0 as usize]
    }

    /// Whether the kernel may update nodes of the regions whose words are of this type: it takes nodes with atomics of them.
    pub fn updates_nodes(&self, word: TypeId) -> bool {
        self.functions.iter().any(|function| {
            function.values.iter().any(|value| match (&value.op, &self.types[value.ty]) {
                (Op::Node { region, .. }, Type::Pointer(to)) => {
                    self.types[function[*region].ty] == Type::Slice(word)
                        && self.types.contains(*to, &|ty| matches!(ty, Type::Atomic(_)))
                }
                _ => false,
            })
        })
    }

    /// Whether nodes of the structure that a parameter is the root of have atomics, which the kernel may update.
    pub fn updates_structure(&self, parameter: &Parameter) -> bool {
        let is_root = matches!(parameter.role, Role::Root { .. });
        is_root && self.types.reaches(parameter.ty, &|ty| matches!(ty, Type::Atomic(_)))
    }

    /// What the kernel returns; `Unit` where nothing.
    pub fn result(&self) -> TypeId {
        self.entry_function().result
    }
}

impl std::ops::Index<FunctionId> for Module {
    type Output = Function;
    fn index(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }
}

impl std::ops::Index<ValueId> for Function {
    type Output = Value;
    fn index(&self, id: ValueId) -> &Value {
        &self.values[id.0 as usize]
    }
}

impl std::ops::Index<LocalId> for Function {
    type Output = Local;
    fn index(&self, id: LocalId) -> &Local {
        &self.locals[id.0 as usize]
    }
}
