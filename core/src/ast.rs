//! The tree of a kernel as the macros emit it: a constant, untyped, with tables of what rustc found out about types.
//!
//! The macros cannot know types. They emit the tree of the body as a `&'static` [`Expr`] and, beside it, a never-executed
//! copy of the body in which *slots* capture the types of bindings, callees, casts and constants (see
//! [`crate::oracle`]). [`crate::lower`] joins the two into typed IR at the first launch; literals without a suffix take
//! the type that their context wants.
//!
//! Nothing here is guessed: what the macro does not know is a compile error on the user's token, so every tree that
//! exists is one that `lower` has a meaning for.

mod chain;
mod function;
mod read;

pub use chain::{Sink, Source, Stage};
pub use function::tree;

use crate::ir::Role;
use crate::types::Ty;

/// Index into [`FunctionTree::types`], or [`NONE`].
pub type TypeSlot = u16;
/// Number of a local variable of the function (parameters first).
pub type LocalSlot = u16;
/// Index into [`FunctionTree::callees`].
pub type CalleeSlot = u16;
/// Index into [`FunctionTree::constants`].
pub type ConstSlot = u16;
/// Number of a loop or labelled block, unique in the function.
pub type LabelSlot = u16;
/// "No type known": the context decides.
pub const NONE: u16 = u16::MAX;

/// Line and column (from 1) in the user's file of the token that may panic or be at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(pub u32, pub u32);

type Ref<T> = &'static T;
type List<T> = &'static [T];

/// Operators of two operands; `Neg`, `Not`, `Index` and `IndexMut` occur only in [`crate::types::OperatorDesc`], never in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
#[allow(missing_docs, reason = "each is the Rust operator of that name; LazyAnd and LazyOr are && and ||")]
pub enum Operator {
    Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr,
    Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,
    LazyAnd, LazyOr,
    Neg, Not, Index, IndexMut,
}

/// An expression.
#[derive(Clone, Copy, Debug)]
pub enum Expr {
    /// Integer literal and its suffix, or "".
    Int(u128, &'static str),
    /// Float literal (digits as written, without `_`) and its suffix, or "". An integer literal with a float suffix too.
    Float(&'static str, &'static str),
    /// `true`, `false`.
    Bool(bool),
    /// `()`.
    Unit,
    /// A variable.
    Local(LocalSlot),
    /// A constant or a const parameter or a static without interior mutability; also an `Ordering` of atomics.
    Const(ConstSlot),
    /// `-a`; the callee is as in [`Expr::Binary`].
    Neg(Ref<Expr>, CalleeSlot, At),
    /// `!a`
    Not(Ref<Expr>, CalleeSlot),
    /// `*a`
    Deref(Ref<Expr>),
    /// `&a` (false) or `&mut a` (true).
    Borrow(bool, Ref<Expr>),
    /// `a op b`. The callee is the user's function where the operator is the user's; [`NONE`] where the macro sees that the
    /// operands are numbers or `bool`, or that the left one's type comes of a type parameter, which decides later.
    Binary(Operator, Ref<Expr>, Ref<Expr>, CalleeSlot, At),
    /// `a = b`, where `a` is a place. (`(a, b) = c` arrives as a `let` of a tuple and one assignment for each element;
    /// `_ = a` as `let _ = a`.)
    Assign(Ref<Expr>, Ref<Expr>),
    /// `a op= b`
    AssignOp(Operator, Ref<Expr>, Ref<Expr>, CalleeSlot, At),
    /// `a.name` or `a.0`
    Field(Ref<Expr>, &'static str),
    /// `a[i]` with an integer index.
    Index(Ref<Expr>, Ref<Expr>, At),
    /// `a[from..to]`, `a[from..=to]` (true), either end may be missing. A place: usually behind `Borrow`.
    IndexRange(Ref<Expr>, Option<Ref<Expr>>, Option<Ref<Expr>>, bool, At),
    /// `None`
    None(TypeSlot),
    /// `Some(a)`
    Some(Ref<Expr>, TypeSlot),
    /// The body of a closure that `return` or `?` leaves, and its type.
    Leaving(Ref<Expr>, TypeSlot),
    /// `a?` of an `Option` or `Result`; the callee is the `From` by which the error becomes that of the function's result.
    Try(Ref<Expr>, CalleeSlot),
    /// `a.expect(message)` of an `Option`.
    Expect(Ref<Expr>, &'static str, At),
    /// `a.expect_err(message)` of a `Result`.
    ExpectErr(Ref<Expr>, &'static str, At),
    /// `ptr::eq(a, b)`: two expressions.
    Same(List<Expr>),
    /// `mem::swap(a, b)`, `mem::replace(a, b)`, `mem::take(a)`: the function's name, its arguments, and its result.
    Memory(&'static str, List<Expr>, TypeSlot),
    /// `a as T`
    Cast(Ref<Expr>, TypeSlot),
    /// Call of a `#[kernel_fn]` function.
    Call(CalleeSlot, List<Expr>),
    /// `receiver.name(args)`: an intrinsic method or a user's, as the callee says. The type is that of the result where
    /// rustc was asked for it, else [`NONE`].
    Method(Ref<Expr>, &'static str, CalleeSlot, List<Expr>, TypeSlot, At),
    /// `Type::name(args)`: an intrinsic associated function or a user's, as the callee says.
    Static(&'static str, CalleeSlot, List<Expr>, TypeSlot, At),
    /// Call of a closure bound by [`Stmt::Closure`].
    CallLocal(LocalSlot, List<Expr>),
    /// A closure that is an argument of a method of std: parameters, body, and the type of the body where rustc was asked.
    /// It is evaluated in place wherever it is called, as [`Stmt::Closure`] is.
    Closure(List<Pattern>, Ref<Expr>, TypeSlot),
    /// `array::from_fn(f)`, and the type of the array.
    ArrayFromFn(Ref<Expr>, TypeSlot),
    /// A `move` closure: variables and the closure's own copies of them, then the closure.
    Moved(List<(LocalSlot, LocalSlot)>, Ref<Expr>),
    /// A function by its name, where a closure may stand: a call of it, [`Expr::Call`] or [`Expr::Static`], with these variables as
    /// arguments, of which the function has as many as it is called with.
    ByName(Ref<Expr>, List<LocalSlot>),
    /// `(a, b, ..)` with at least one element.
    Tuple(List<Expr>),
    /// `Name(a, b)`: a tuple struct of that type, or the variant of that name of that type.
    TupleStruct(&'static str, List<Expr>, TypeSlot),
    /// `Name { field: a, ..base }`: a struct of that type, or the variant of that name of that type.
    Struct(&'static str, List<(&'static str, Expr)>, Option<Ref<Expr>>, TypeSlot),
    /// `[a, b, c]`
    Array(List<Expr>),
    /// `[a; N]`, N a `usize` constant.
    Repeat(Ref<Expr>, ConstSlot),
    /// `if c { a } else { b }`; the condition may contain [`Expr::Let`] joined by `&&`.
    If(Ref<Expr>, Ref<Expr>, Option<Ref<Expr>>),
    /// `let PATTERN = a` inside a condition.
    Let(Ref<Pattern>, Ref<Expr>),
    /// `match a { arms }`
    Match(Ref<Expr>, List<Arm>),
    /// `'label: loop { body }`
    Loop(LabelSlot, Ref<Expr>),
    /// `'label: while c { body }`
    While(LabelSlot, Ref<Expr>, Ref<Expr>),
    /// `for x in a..b` with adaptors.
    ForRange(Ref<ForRange>),
    /// `for PATTERN in a`: `a` is `&[T]`, `&mut [T]`, `&[T; N]` or `&mut [T; N]` (the pattern sees references to the
    /// elements) or an array by value, `[T; N]` (it sees the elements). `a.iter()` arrives as `&a`, `a.iter_mut()` as
    /// `&mut a`; if `a` is a reference itself, all of them are followed.
    ForEach(LabelSlot, Ref<Pattern>, Ref<Expr>, Ref<Expr>),
    /// A chain of iterators: source, stages, sink; the type of its value where rustc was asked; its last token.
    Chain(Ref<Source>, List<Stage>, Ref<Sink>, TypeSlot, At),
    /// `{ statements; value }`
    Block(List<Stmt>, Option<Ref<Expr>>),
    /// `'label: { .. }`
    LabelledBlock(LabelSlot, Ref<Expr>),
    /// `break 'label value`
    Break(LabelSlot, Option<Ref<Expr>>),
    /// `continue 'label`
    Continue(LabelSlot),
    /// `return a`
    Return(Option<Ref<Expr>>),
    /// `panic!`, `unreachable!`, ..: never returns. The message is what Rust prints.
    Panic(&'static str, At),
    /// `assert!(c, message)`: the message is what Rust prints.
    Assert(Ref<Expr>, &'static str, At),
    /// `panic!` and its kin with arguments: what std writes before the message, and the message.
    Tell(&'static str, Telling, At),
    /// `assert_eq!` (true) or `assert_ne!` (false) of two values, with what stands before them in the message; `None` where
    /// both are numbers and nothing else is shown, otherwise a message whose first two types are the operands'.
    AssertEq(bool, Ref<Expr>, Ref<Expr>, CalleeSlot, &'static str, Option<Telling>, At),
}

/// A message with arguments: the row of [`Callee::Message`], the types of what it shows, and the expressions of the last
/// of these.
#[derive(Clone, Copy, Debug)]
pub struct Telling(pub CalleeSlot, pub List<TypeSlot>, pub List<Expr>);

/// `for x in a..b`, `a..=b`, `.rev()`, `.step_by(n)`.
#[derive(Clone, Copy, Debug)]
pub struct ForRange {
    /// Of the loop.
    pub label: LabelSlot,
    /// The variable; its type slot may be [`NONE`] for `_`, then the range's own type counts.
    pub variable: LocalSlot,
    /// First value.
    pub from: Expr,
    /// End.
    pub to: Expr,
    /// `..=`
    pub inclusive: bool,
    /// `.rev()`, before any `step_by`.
    pub reversed: bool,
    /// `.step_by(n)`: panics on 0 as Rust does.
    pub step: Option<Expr>,
    /// The body.
    pub body: Expr,
    /// Of the range.
    pub at: At,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub enum Stmt {
    /// `let PATTERN = value else { .. };`
    Let(Ref<Pattern>, Option<Expr>, Option<Ref<Expr>>),
    /// `expr;`
    Expr(Expr),
    /// `let name = |params| body;`. Each call evaluates the body anew, in place; it contains no `return`, and it sees the
    /// variables around the closure as they are at the call.
    Closure(LocalSlot, List<Pattern>, Ref<Expr>),
    /// `let name = move |params| body;`, `let name = function;`: what stands there may be an argument of a helper too.
    Function(LocalSlot, Ref<Expr>),
    /// `let name = x.iter().map(..);`: a chain without an end, for later; of a `mut` one (true) parts may be taken.
    Chain(LocalSlot, Ref<Source>, List<Stage>, bool),
}

/// An arm of a `match`: pattern, guard, body.
#[derive(Clone, Copy, Debug)]
pub struct Arm(pub Pattern, pub Option<Expr>, pub Expr);

/// A pattern.
#[derive(Clone, Copy, Debug)]
pub enum Pattern {
    /// `_`
    Wild,
    /// `x`, `mut x` (by value), `ref x` / `ref mut x` (true).
    Bind(LocalSlot, bool),
    /// `x @ pattern`
    At(LocalSlot, Ref<Pattern>),
    /// A literal or a constant, compared with `==`.
    Value(Expr),
    /// `None`
    None,
    /// `Some(pattern)`
    Some(Ref<Pattern>),
    /// `(a, b)`
    Tuple(List<Pattern>),
    /// `(a, .., z)`: fields by name as in [`Pattern::Struct`]
    TupleEnds(List<(&'static str, Pattern)>),
    /// `[a, b]` (no rest) or `[a, rest @ .., z]`: an array or slice; the rest is a binding or `_`.
    Slice(List<Pattern>, Option<Ref<Pattern>>, List<Pattern>),
    /// `Name { field: pattern, .. }` or `Name(a, .., z)` (fields "0", "1", ..; "-1" is the last, "-2" the one before): a struct, or the
    /// variant of that name.
    Struct(&'static str, List<(&'static str, Pattern)>),
    /// `Type::Name`: the variant of that name, without fields.
    Variant(&'static str),
    /// `&pattern`
    Ref(Ref<Pattern>),
    /// `a | b`; all bind the same variables
    Or(List<Pattern>),
    /// `a..b`, `a..=b` (true)
    Range(Option<Expr>, Option<Expr>, bool),
}

/// What a call or method resolves to.
#[derive(Clone, Copy)]
pub enum Callee {
    /// A method of std that [`crate::lower`] knows by name and receiver type, or an operator of the language.
    Intrinsic,
    /// An intrinsic associated function of this type (`f32::max(a, b)`, `T::zero()`, `u32::MAX` is a constant).
    IntrinsicOf(Ty),
    /// An operator of a type parameter: looked up in the description of the type that it stands for.
    ByType,
    /// A `#[kernel_fn]`.
    User(fn() -> FunctionTree),
    /// No call, but what makes the text of a message with arguments.
    Message(crate::ir::Format),
}

/// A constant: its type, and its bytes with padding zeroed.
#[derive(Clone, Debug)]
pub struct Const {
    /// Type of the value.
    pub ty: Ty,
    /// As many as the type's size.
    pub bytes: Vec<u8>,
}

/// A function as the macro emits it, with the tables that rustc filled.
#[derive(Clone)]
pub struct FunctionTree {
    /// As the user wrote it.
    pub name: &'static str,
    /// `file!()`.
    pub file: &'static str,
    /// Of the function's name.
    pub at: At,
    /// Tells instances of one generic function apart: `TypeId::of::<(marker, (T::Erased, ..))>()`.
    pub instance: std::any::TypeId,
    /// Whether integer overflow panics: `cfg!(debug_assertions)` of the user's crate.
    pub overflow_checks: bool,
    /// Variables that are parameters, in order.
    pub parameters: &'static [LocalSlot],
    /// Parameters that are closures, with the types of theirs and of what they give. A function that has such is lowered in
    /// place, wherever it is called.
    pub closures: &'static [(LocalSlot, &'static [TypeSlot], TypeSlot)],
    /// Name and type of each variable; closures have none.
    pub locals: &'static [(&'static str, TypeSlot)],
    /// The body.
    pub body: &'static Expr,
    /// Type of the result.
    pub result: TypeSlot,
    /// What rustc found for each type slot.
    pub types: Vec<Ty>,
    /// What each call resolves to.
    pub callees: Vec<Callee>,
    /// Values of constants.
    pub constants: Vec<Const>,
    /// Of an entry kernel: what each parameter is to the launch.
    pub roles: &'static [Role],
}
