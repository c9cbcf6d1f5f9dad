//! Chains of iterators: where items come from, what happens to each, and what becomes of them.

use super::{At, Expr, LabelSlot, List, LocalSlot, Pattern, Ref, TypeSlot};

/// What a chain goes over. Expressions are evaluated in the order of the chain.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// `a..b`, `a..=b` (true), and the type of the items.
    Range(Ref<Expr>, Ref<Expr>, bool, TypeSlot),
    /// `a..`, and the type of the items.
    Open(Ref<Expr>, TypeSlot),
    /// `a.iter()`, `a.iter_mut()` as a borrow of `a`; an array by value, or a reference, of `into_iter`.
    Items(Ref<Expr>),
    /// `a.chunks_exact(n)` (true), `a.chunks(n)`
    Chunks(Ref<Expr>, Ref<Expr>, bool, At),
    /// `a.windows(n)`
    Windows(Ref<Expr>, Ref<Expr>, At),
    /// `iter::repeat_n(value, n)`, `iter::once(value)`; the type of the value.
    RepeatN(Ref<Expr>, Option<Ref<Expr>>, TypeSlot),
    /// `iter::successors(first, next)`; the type of `first`.
    Successors(Ref<Expr>, Ref<Expr>, TypeSlot),
    /// `iter::from_fn(next)`
    FromFn(Ref<Expr>),
    /// A chain that [`super::Stmt::Chain`] has bound.
    Bound(LocalSlot),
    /// A copy of one, from where it is.
    Cloned(LocalSlot),
}

/// What happens between the source and the sink; functions are [`Expr::Closure`]s.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is the adaptor of std of that name")]
pub enum Stage {
    Map(Expr),
    Filter(Expr),
    FilterMap(Expr),
    TakeWhile(Expr),
    SkipWhile(Expr),
    MapWhile(Expr),
    Inspect(Expr),
    Enumerate,
    /// `cloned` too.
    Copied,
    Rev,
    StepBy(Expr, At),
    Skip(Expr),
    Take(Expr),
    /// With another chain without an end.
    Zip(Ref<Source>, List<Stage>),
    /// Another chain behind it.
    Chain(Ref<Source>, List<Stage>),
    /// `.cycle().take(n)`
    CycleTake(Expr),
    /// `.cycle()`, of what `zip` takes.
    Cycle,
    /// The initial state with its type, and the function of a reference to the state and of an item.
    Scan(Expr, TypeSlot, Expr),
    /// The items of the items, which are slices, arrays or `Option`s.
    Flatten,
    /// `flat_map` by a closure of one parameter, whose body is a chain without an end behind some statements.
    FlatMap(Pattern, List<super::Stmt>, Ref<Source>, List<Stage>),
}

/// What ends a chain.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is the method of std of that name")]
pub enum Sink {
    Sum,
    Product,
    Fold(Expr, Expr),
    Min,
    Max,
    Any(Expr),
    All(Expr),
    Position(Expr),
    Find(Expr),
    FindMap(Expr),
    /// Of a chain that has been reversed; counted from its other end.
    RPosition(Expr),
    /// The first item: `next`, and `nth` behind a `skip`.
    Next,
    Reduce(Expr),
    /// `max_by` (true), `min_by`
    ExtremeBy(bool, Expr),
    /// `max_by_key` (true), `min_by_key`
    ExtremeByKey(bool, Expr),
    /// `eq`, `lt`, `cmp` and the like, with another chain without an end.
    Compare(&'static str, Ref<Source>, List<Stage>),
    Count,
    Last,
    ForEach(Expr),
    /// `for pattern in chain { body }`
    Loop(LabelSlot, Pattern, Expr),
}
