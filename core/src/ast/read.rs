//! Reads a tree from the text that the macros emit.
//!
//! A macro could emit the tree as a nested constant; rustc would then check each node of it, which costs 5 ms a kernel.
//! One string literal costs nothing. Its text is what that constant would look like, `E::Local(3u16)`; of a path only
//! the last name counts, and spaces don't. Reading happens once a kernel, before it is lowered.

use super::function::Text;
use super::{Arm, At, Expr, ForRange, List, Operator, Pattern, Ref, Sink, Source, Stage, Stmt, Telling};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

/// The function that `text` describes; the same text is read once. `debug` decides what stays of
/// `if cfg!(debug_assertions) { .. } else { .. }`.
///
/// # Panics
/// Where the text is not what the macros of this version emit.
pub(super) fn read(text: &'static str, debug: bool) -> &'static Text {
    static TREES: LazyLock<Mutex<HashMap<(&'static str, bool), &'static Text>>> = LazyLock::new(Mutex::default);
    let mut trees = TREES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    trees.entry((text, debug)).or_insert_with(|| Box::leak(Box::new(whole(text, debug))))
}

/// What the whole text is.
fn whole<T: Readable>(text: &'static str, debug: bool) -> T {
    let mut reader = Reader { rest: text, debug };
    let read = reader.next();
    assert!(reader.peek().is_none(), "{}", reader.unexpected());
    read
}

/// The text that is still to be read.
pub(super) struct Reader {
    rest: &'static str,
    debug: bool,
}

/// What can be read.
pub(super) trait Readable: Sized + 'static {
    fn read(reader: &mut Reader) -> Self;
}

impl Reader {
    fn next<T: Readable>(&mut self) -> T {
        T::read(self)
    }

    pub(super) fn unexpected(&self) -> String {
        let place: String = self.rest.chars().take(40).collect();
        format!("landbridge and its macros are of different versions: a tree has `{place}`")
    }

    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.as_bytes().first().copied()
    }

    /// Skips the mark if it comes next, and says whether it did.
    fn accept(&mut self, mark: &str) -> bool {
        self.peek();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn expect(&mut self, mark: &str) {
        assert!(self.accept(mark), "{}", self.unexpected());
    }

    /// Splits off the characters up to the first that is not part of a name or number.
    fn word(&mut self) -> &'static str {
        self.peek();
        let end = self.rest.find(|c: char| c != '_' && !c.is_alphanumeric());
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        assert!(!word.is_empty(), "{}", self.unexpected());
        self.rest = rest;
        word
    }

    /// A path; its last name.
    pub(super) fn name(&mut self) -> &'static str {
        let mut name = self.word();
        while self.accept("::") {
            name = self.word();
        }
        name
    }

    /// One of the fields of a variant or tuple, with the comma behind it.
    pub(super) fn field<T: Readable>(&mut self) -> T {
        let field = self.next();
        self.accept(",");
        field
    }

    /// `name: value,`
    fn named<T: Readable>(&mut self, name: &str) -> T {
        self.expect(name);
        self.expect(":");
        self.field()
    }

    /// A decimal number; its type suffix is dropped.
    fn number(&mut self) -> u128 {
        let word = self.word();
        let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        word[..digits].parse().unwrap_or_else(|_| panic!("{}", self.unexpected()))
    }

    /// The character that `\` and what follows stand for.
    fn escaped(&mut self, kind: char) -> char {
        match kind {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            'u' => {
                self.expect("{");
                let code = u32::from_str_radix(self.word(), 16).ok().and_then(char::from_u32);
                self.expect("}");
                code.unwrap_or_else(|| panic!("{}", self.unexpected()))
            }
            same @ ('\\' | '\'' | '"') => same,
            _ => panic!("{}", self.unexpected()),
        }
    }
}

/// Reads enums by the names of their variants. A variant that is missing here fails to compile.
macro_rules! enums {
    ($($enum:ident { $($variant:ident $(($($field:ident),+))?),+ $(,)? })+) => {$(
        impl Readable for $enum {
            fn read(reader: &mut Reader) -> Self {
                if let Some(chosen) = conditional(reader) {
                    return chosen;
                }
                match reader.name() {
                    $(stringify!($variant) => {
                        $(
                            reader.expect("(");
                            $(let $field = reader.field();)+
                            reader.expect(")");
                        )?
                        $enum::$variant $(($($field),+))?
                    })+
                    _ => panic!("{}", reader.unexpected()),
                }
            }
        }

        const _: fn(&$enum) = |all| match all {
            $($enum::$variant $(($($field),+))? => { $($(let _ = $field;)+)? })+
        };
    )+};
}

/// `if cfg!(debug_assertions) { a } else { b }`
fn conditional<T: Readable>(reader: &mut Reader) -> Option<T> {
    if !reader.accept("if ") {
        return None;
    }
    for part in ["cfg", "!", "(", "debug_assertions", ")", "{"] {
        reader.expect(part);
    }
    let with: T = reader.next();
    for part in ["}", "else", "{"] {
        reader.expect(part);
    }
    let without: T = reader.next();
    reader.expect("}");
    Some(if reader.debug { with } else { without })
}

enums! {
    Operator {
        Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr,
        Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,
        LazyAnd, LazyOr, Neg, Not, Index, IndexMut,
    }
    Expr {
        Int(a, b), Float(a, b), Bool(a), Unit, Local(a), Const(a), Neg(a, b, c), Not(a, b), Deref(a), Borrow(a, b),
        Binary(a, b, c, d, e), Assign(a, b), AssignOp(a, b, c, d, e), Field(a, b), Index(a, b, c),
        IndexRange(a, b, c, d, e), None(a), Some(a, b), Try(a, b), Leaving(a, b), Expect(a, b, c), ExpectErr(a, b, c), Same(a), Memory(a, b, c), Cast(a, b), Call(a, b), Method(a, b, c, d, e, f), Static(a, b, c, d, e),
        CallLocal(a, b), Closure(a, b, c), Moved(a, b), ByName(a, b), ArrayFromFn(a, b), Tuple(a), TupleStruct(a, b, c), Struct(a, b, c, d), Array(a), Repeat(a, b), If(a, b, c),
        Let(a, b), Match(a, b), Loop(a, b), While(a, b, c), ForRange(a), ForEach(a, b, c, d), Chain(a, b, c, d, e), Block(a, b),
        LabelledBlock(a, b), Break(a, b), Continue(a), Return(a), Panic(a, b), Assert(a, b, c),
        Tell(a, b, c), AssertEq(a, b, c, d, e, f, g),
    }
    Source {
        Range(a, b, c, d), Open(a, b), Items(a), Chunks(a, b, c, d), Windows(a, b, c), RepeatN(a, b, c), Successors(a, b, c), FromFn(a),
        Bound(a), Cloned(a),
    }
    Stage {
        Map(a), Filter(a), FilterMap(a), TakeWhile(a), SkipWhile(a), MapWhile(a), Inspect(a), Enumerate, Copied, Rev,
        StepBy(a, b), Skip(a), Take(a), Zip(a, b), Chain(a, b), CycleTake(a), Cycle, Scan(a, b, c), Flatten, FlatMap(a, b, c, d),
    }
    Sink {
        Sum, Product, Fold(a, b), Min, Max, Any(a), All(a), Position(a), Find(a), FindMap(a), RPosition(a), Next, Reduce(a),
        ExtremeBy(a, b), ExtremeByKey(a, b), Compare(a, b, c), Count, Last, ForEach(a), Loop(a, b, c),
    }
    Stmt { Let(a, b, c), Expr(a), Closure(a, b, c), Function(a, b), Chain(a, b, c, d) }
    Pattern { Wild, Bind(a, b), At(a, b), Value(a), None, Some(a), Tuple(a), TupleEnds(a), Slice(a, b, c), Struct(a, b), Variant(a), Ref(a), Or(a), Range(a, b, c) }
}

impl Readable for Arm {
    fn read(reader: &mut Reader) -> Self {
        reader.name();
        reader.expect("(");
        let arm = Arm(reader.field(), reader.field(), reader.field());
        reader.expect(")");
        arm
    }
}

impl Readable for Telling {
    fn read(reader: &mut Reader) -> Self {
        reader.name();
        reader.expect("(");
        let telling = Telling(reader.field(), reader.field(), reader.field());
        reader.expect(")");
        telling
    }
}

impl Readable for At {
    fn read(reader: &mut Reader) -> Self {
        reader.name();
        reader.expect("(");
        let at = At(reader.field(), reader.field());
        reader.expect(")");
        at
    }
}

impl Readable for ForRange {
    fn read(reader: &mut Reader) -> Self {
        reader.name();
        reader.expect("{");
        let range = ForRange {
            label: reader.named("label"),
            variable: reader.named("variable"),
            from: reader.named("from"),
            to: reader.named("to"),
            inclusive: reader.named("inclusive"),
            reversed: reader.named("reversed"),
            step: reader.named("step"),
            at: reader.named("at"),
            body: reader.named("body"),
        };
        reader.expect("}");
        range
    }
}

impl<T: Readable> Readable for Ref<T> {
    fn read(reader: &mut Reader) -> Self {
        reader.expect("&");
        Box::leak(Box::new(reader.next()))
    }
}

impl<T: Readable> Readable for List<T> {
    fn read(reader: &mut Reader) -> Self {
        reader.expect("&");
        reader.expect("[");
        let mut list = Vec::new();
        while !reader.accept("]") {
            list.push(reader.field());
        }
        Vec::leak(list)
    }
}

impl<T: Readable> Readable for Option<T> {
    fn read(reader: &mut Reader) -> Self {
        if reader.name() == "None" {
            return None;
        }
        reader.expect("(");
        let value = reader.field();
        reader.expect(")");
        Some(value)
    }
}

impl<T: Readable> Readable for (&'static str, T) {
    fn read(reader: &mut Reader) -> Self {
        reader.expect("(");
        let pair = (reader.field(), reader.field());
        reader.expect(")");
        pair
    }
}

impl Readable for (u16, u16) {
    fn read(reader: &mut Reader) -> Self {
        reader.expect("(");
        let pair = (reader.field(), reader.field());
        reader.expect(")");
        pair
    }
}

impl Readable for bool {
    fn read(reader: &mut Reader) -> Self {
        reader.word() == "true"
    }
}

impl Readable for &'static str {
    fn read(reader: &mut Reader) -> Self {
        reader.expect("\"");
        let text = reader.rest;
        let end = text.find(['"', '\\']).unwrap_or_else(|| panic!("{}", reader.unexpected()));
        reader.rest = &text[end..];
        if let Some(rest) = reader.rest.strip_prefix('"') {
            reader.rest = rest;
            return &text[..end]; // nothing escaped: a part of the text itself
        }
        let mut whole = text[..end].to_owned();
        loop {
            let mut characters = reader.rest.chars();
            let next = characters.next().unwrap_or_else(|| panic!("{}", reader.unexpected()));
            let kind = characters.clone().next();
            reader.rest = characters.as_str();
            match (next, kind) {
                ('"', _) => return String::leak(whole),
                ('\\', Some(kind)) => {
                    reader.rest = &reader.rest[kind.len_utf8()..];
                    whole.push(reader.escaped(kind));
                }
                (plain, _) => whole.push(plain),
            }
        }
    }
}

impl Readable for u16 {
    fn read(reader: &mut Reader) -> Self {
        u16::try_from(reader.number()).unwrap_or_else(|_| panic!("{}", reader.unexpected()))
    }
}

impl Readable for u32 {
    fn read(reader: &mut Reader) -> Self {
        u32::try_from(reader.number()).unwrap_or_else(|_| panic!("{}", reader.unexpected()))
    }
}

impl Readable for u128 {
    fn read(reader: &mut Reader) -> Self {
        reader.number()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arm as A, At, Expr as E, ForRange as R, Operator as O, Pattern as P, Stmt as S};
    use super::whole;

    /// The constant and its text, both with and without spaces between the tokens, give the same tree.
    macro_rules! same {
        ($($tree:tt)*) => {{
            let constant: &'static E = &$($tree)*;
            let text = stringify!($($tree)*);
            assert_eq!(format!("{:?}", whole::<E>(text, true)), format!("{constant:?}"));
        }};
    }

    #[test]
    fn every_form_of_expression_is_read_as_written() {
        same!(E::Int(340282366920938463463374607431768211455u128, "u128"));
        same!(E::Float("1.5e-3", ""));
        same!(E::Bool(true));
        same!(E::Unit);
        same!(E::Neg(&E::Local(0u16), 65535, At(1u32, 20)));
        same!(E::Binary(O::Add, &E::Const(7), &E::Not(&E::Bool(false), 3), 65535, At(3, 4),));
        same!(E::IndexRange(&E::Local(1), None, Some(&E::Local(2)), true, At(1, 1)));
        same!(E::Method(&E::Local(1), "sqrt", 3u16, &[], 65535u16, At(9, 9)));
        same!(E::Struct("S", &[("x", E::Unit), ("1", E::Tuple(&[E::Unit]))], Some(&E::Local(2)), 4));
        same!(E::If(&E::Let(&P::Bind(3, false), &E::Unit), &E::Unit, None));
        same!(E::Assert(&E::Bool(true), "a \"b\" \\ {}\n\u{e9}\t", At(1, 2)));
        same!(E::Assert(&E::Bool(true), "", At(1, 2)));
    }

    #[test]
    fn every_form_of_statement_and_pattern_is_read_as_written() {
        same!(E::Block(
            &[
                S::Let(&P::Tuple(&[P::Wild, P::At(1, &P::Range(None, None, false))]), None, None),
                S::Expr(E::Return(None)),
                S::Closure(3, &[P::Ref(&P::Or(&[P::Value(E::Unit), P::Wild,]))], &E::Local(1)),
            ],
            Some(&E::Match(&E::Local(9), &[A(P::Struct("S", &[("x", P::Wild)]), Some(E::Unit), E::Unit),])),
        ));
        same!(E::ForRange(&R {
            label: 1u16,
            variable: 2u16,
            from: E::Int(0u128, ""),
            to: E::Int(9u128, ""),
            inclusive: false,
            reversed: true,
            step: Some(E::Int(2u128, "")),
            at: At(7, 8),
            body: E::Unit,
        }));
    }

    #[test]
    fn debug_assertions_choose_a_branch() {
        let text = "if cfg!(debug_assertions) { E::Local(1u16) } else { E::Unit }";
        assert!(matches!(whole::<E>(text, true), E::Local(1)));
        assert!(matches!(whole(text, false), E::Unit));
    }

    #[test]
    #[should_panic(expected = "different versions: a tree has `(1)`")]
    fn unknown_names_are_refused() {
        whole::<E>("E::Lokal(1)", true);
    }

    #[test]
    #[should_panic(expected = "different versions")]
    fn what_follows_the_tree_is_refused() {
        whole::<E>("E::Unit E::Unit", true);
    }
}
