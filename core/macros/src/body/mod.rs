//! One walk over a function's body, with two results.
//!
//! The walk edits a copy of the syn tree in place into the *oracle* (it adds tags after bindings and probes around
//! calls; all other tokens keep their spans, so that rustc's own diagnostics come out identical in both copies and are
//! printed once), and it returns the *tree*: the tokens of a constant of type `ast::Expr`.
//!
//! Whatever the walk does not know is an error on the user's token. There is no default case that passes it through.

mod call;
mod chain;
mod closure;
mod destructure;
mod exact;
mod expr;
mod literal;
mod loops;
mod macros;
mod messages;
mod method;
mod operators;
mod pattern;
mod shape;
mod sinks;
mod spans;
mod stmt;

use crate::callables::Callable;
use crate::diagnostics::Errors;
pub(crate) use exact::Exact;
pub(crate) use macros::condition_text;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
pub(crate) use shape::{PRIMITIVES, Shape, is_primitive};
use std::collections::{BTreeSet, HashMap};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lifetime, Member, Type};

/// `ast::NONE`
const NONE: u16 = u16::MAX;

/// The row of the type `()`, which each table begins with.
pub(crate) const UNIT: u16 = 0;

/// A part of the tree, as the text that `ast::read` reads: paths of variants with their fields, `E::Local(3)`.
///
/// Text, since rustc takes a string literal for nothing, whereas tokens cost time on their way to it.
pub(crate) type Tree = String;

/// What an identifier stands for.
#[derive(Clone, Copy)]
enum Name {
    Local(u16),
    Closure(u16),
    Chain(u16),
}

/// A loop or labelled block around the current expression.
struct Target {
    label: Option<String>,
    id: u16,
    is_loop: bool,
}

/// What the walk has found so far.
pub(crate) struct Body {
    /// Slots of the oracle: `__s0`, `__s1`, ..
    pub(crate) slots: Vec<Ident>,
    /// Lists of rows of the table of types.
    pub(crate) types: Vec<TokenStream>,
    /// How many rows these are, with that of `()`.
    type_rows: usize,
    /// Rows of the table of callees.
    pub(crate) callees: Vec<TokenStream>,
    /// Rows of the table of constants.
    pub(crate) constants: Vec<TokenStream>,
    /// Name and type slot of each local.
    pub(crate) locals: Vec<(String, u16)>,
    /// What the source says about the type of each local.
    shapes: Vec<Shape>,
    /// The locals whose types the source says.
    exacts: HashMap<u16, exact::Exact>,
    /// The same of the variables of the pattern that is walked.
    expected: HashMap<String, exact::Exact>,
    /// Rows of types that are written in the source.
    known_types: HashMap<String, u16>,
    /// The row of methods that are known to be std's.
    intrinsic: Option<u16>,
    /// Statements of the oracle after the whole body: what operators are.
    pub(crate) probes: TokenStream,
    /// The type of the function's result, as it is written: what `?` returns.
    pub(crate) result: TokenStream,
    /// The function's name, and whether it is called by `Self::name`.
    pub(crate) function: Option<(Ident, bool)>,
    /// Whether it is a kernel, whose arguments show what its parameters are.
    pub(crate) entry: bool,
    /// Whether types of the body may depend on type parameters.
    pub(crate) generic: bool,
    /// The function's type parameters.
    pub(crate) type_parameters: Vec<Ident>,
    /// Variables of the environment of an `each!`, and the locals that hold them.
    pub(crate) captures: Vec<(Ident, u16)>,
    /// Parameters that are closures: a number of a local, rows of types, a row.
    pub(crate) closures_taken: Vec<(u16, Vec<u16>, u16)>,
    /// `const` and `use` items of the body, which the table of constants may need.
    pub(crate) items: Vec<TokenStream>,
    /// Functions inside the body.
    pub(crate) functions: Vec<syn::ItemFn>,
    /// Method names that only users can define.
    pub(crate) user_methods: BTreeSet<String>,
    pub(crate) errors: Errors,
    /// Whether free lowercase names are captured (`each!`).
    captures_environment: bool,
    scopes: Vec<HashMap<String, Name>>,
    targets: Vec<Target>,
    /// What the alternatives (`a | b`) of the current pattern have bound.
    alternatives: Option<HashMap<String, u16>>,
    next_id: u16,
    /// `move` closures around the current expression.
    moves: Vec<closure::Moved>,
    /// Adaptors of the chains that variables hold.
    chains: HashMap<u16, Vec<String>>,
    /// `move` closures that variables stand for.
    moving: BTreeSet<u16>,
    /// The closures around the current expression: what leaves each of them early.
    closures: Vec<closure::Early>,
    /// Whether something leaves the function before its end.
    pub(crate) leaves: bool,
    /// What the oracle has instead of the macro call that was just walked.
    instead: Option<TokenStream>,
}

/// The name of a field as in `FieldDesc`.
pub(crate) fn member_name(member: &Member) -> String {
    match member {
        Member::Named(ident) => ident.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// The last name of a path: that of a struct, or of a variant.
fn last_name(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default()
}

/// What tells variables apart: the name and, where rustc shows it, its hygiene (`#7 bytes(..)`). Two variables of one name
/// that come from different macros are different, and a name that only looks like one of them is none.
fn key(name: &Ident) -> String {
    let span = format!("{:?}", name.span().unwrap());
    let context = span.split(' ').next().filter(|c| c.starts_with('#')).unwrap_or_default();
    format!("{name}{context}")
}

/// By convention constants, types and variants start with an uppercase letter.
fn is_upper(ident: &Ident) -> bool {
    ident.to_string().starts_with(char::is_uppercase)
}

/// `At(line, column)` of a token.
pub(crate) fn at(span: Span) -> Tree {
    let start = span.unwrap().start();
    let (line, column) = (start.line() as u32, start.column() as u32);
    format!("At({line},{column})")
}

/// Which of the forms of `oracle::forms` a type is written in, and what of.
fn form(ty: &Type) -> (u16, &Type) {
    match ty {
        Type::Paren(p) => form(&p.elem),
        Type::Group(g) => form(&g.elem),
        Type::Reference(r) => match (&*r.elem, u16::from(r.mutability.is_some())) {
            (Type::Slice(s), exclusive) => (3 + exclusive, &s.elem),
            (elem @ (Type::Array(_) | Type::Tuple(_)), exclusive) => (1 + exclusive, elem),
            (elem @ Type::Path(path), exclusive) if !path.path.is_ident("str") => (1 + exclusive, elem),
            _ => (0, ty),
        },
        ty => (0, ty),
    }
}

/// The rows of a type in all forms.
fn forms(ty: &Type, checked: bool) -> TokenStream {
    if checked {
        return quote_spanned!(Span::call_site().located_at(ty.span())=> <__lb::Parameter<#ty>>::forms());
    }
    quote_spanned!(Span::call_site().located_at(ty.span())=> <#ty as __lb::Tagged>::__lb_forms())
}

/// `Some(&tree)` or `None`
fn option(tree: Option<Tree>) -> Tree {
    match tree {
        Some(tree) => format!("Some(&{tree})"),
        None => "None".to_string(),
    }
}

impl Body {
    pub(crate) fn new(captures_environment: bool) -> Self {
        Body {
            slots: vec![],
            types: vec![],
            type_rows: 1,
            callees: vec![],
            constants: vec![],
            locals: vec![],
            shapes: vec![],
            exacts: HashMap::new(),
            expected: HashMap::new(),
            known_types: HashMap::new(),
            intrinsic: None,
            probes: TokenStream::new(),
            result: quote!(()),
            function: None,
            entry: false,
            generic: true,
            type_parameters: vec![],
            captures: vec![],
            closures_taken: vec![],
            items: vec![],
            functions: vec![],
            user_methods: BTreeSet::new(),
            errors: Errors::default(),
            captures_environment,
            scopes: vec![HashMap::new()],
            targets: vec![],
            alternatives: None,
            next_id: 0,
            moves: vec![],
            chains: HashMap::new(),
            moving: BTreeSet::new(),
            closures: vec![],
            leaves: false,
            instead: None,
        }
    }

    /// Notes an error; the tree that stands in is never compiled, since the error is.
    fn refuse(&mut self, span: Span, message: impl std::fmt::Display) -> Tree {
        self.errors.add(span, message);
        "E::Unit".to_string()
    }

    /// Refuses attributes that could change the meaning of one copy of the body only.
    fn attributes(&mut self, attributes: &mut Vec<Attribute>) {
        const HARMLESS: [&str; 7] = ["allow", "warn", "deny", "forbid", "expect", "doc", "rustfmt"];
        for attribute in &*attributes {
            let first = attribute.path().segments.first();
            if !first.is_some_and(|s| HARMLESS.iter().any(|h| s.ident == h)) {
                self.errors.add(
                    attribute.span(),
                    "attributes inside a kernel's body are not supported: put it on the whole function",
                );
            }
        }
        attributes.clear(); // the oracle allows everything, the untouched copy keeps them
    }

    fn row(&mut self, len: usize) -> u16 {
        if len >= NONE as usize {
            self.errors.add(Span::call_site(), "this kernel is too large");
        }
        len as u16
    }

    /// A new slot of the oracle; it is named at the user's token.
    fn slot(&mut self, span: Span) -> Ident {
        self.slot_at(Span::call_site().located_at(span))
    }

    /// The same; its name has exactly this span, so that rustc can join it with the user's own.
    fn slot_at(&mut self, span: Span) -> Ident {
        let slot = format_ident!("__s{}", self.slots.len(), span = span);
        self.slots.push(slot.clone());
        slot
    }

    /// A slot whose type becomes a row of the table of types.
    fn type_slot(&mut self, span: Span) -> (Ident, u16) {
        let slot = self.slot(span);
        let row = self.type_rows(quote!(__lb::found(&#slot)), 1);
        (slot, row)
    }

    /// The first of new rows of the table of types.
    fn type_rows(&mut self, rows: TokenStream, count: usize) -> u16 {
        let first = self.row(self.type_rows);
        self.types.push(rows);
        self.type_rows += count;
        first
    }

    /// The row of a type that is written in the source. rustc is asked once for all its forms.
    pub(crate) fn written_type(&mut self, ty: &Type) -> u16 {
        self.written(ty, false)
    }

    /// `checked`: it is a kernel's parameter, and what is wrong with its type is said elsewhere.
    fn written(&mut self, ty: &Type, checked: bool) -> u16 {
        const FORMS: usize = 5; // as `oracle::forms` has them
        let (form, plain) = form(ty);
        let key = match plain {
            Type::Tuple(tuple) if tuple.elems.is_empty() && form == 0 => return UNIT,
            Type::Path(path) => path.path.get_ident().filter(|_| path.qself.is_none()).map(key),
            _ => None,
        };
        // names may mean two things where they come from different macros, a path as text does not tell
        let Some(key) = key else { return self.type_rows(forms(plain, checked), FORMS) + form };
        if let Some(first) = self.known_types.get(&key) {
            return first + form;
        }
        let checked = checked && !PRIMITIVES.iter().any(|primitive| key.split('#').next() == Some(primitive));
        let first = self.type_rows(forms(plain, checked), FORMS);
        self.known_types.insert(key, first);
        first + form
    }

    /// A slot for the type of a closure's result.
    pub(crate) fn result_slot(&mut self, span: Span) -> (Ident, u16) {
        self.type_slot(span)
    }

    fn callee(&mut self, tokens: TokenStream) -> u16 {
        let row = self.row(self.callees.len());
        self.callees.push(tokens);
        row
    }

    /// The row of all methods that are known to be std's.
    fn intrinsic(&mut self) -> u16 {
        if let Some(row) = self.intrinsic {
            return row;
        }
        let row = self.callee(quote!(__lb::Callee::Intrinsic));
        self.intrinsic = Some(row);
        row
    }

    /// `E::Const` of a constant expression.
    fn constant(&mut self, span: Span, value: &impl ToTokens) -> Tree {
        let row = self.constant_row(quote_spanned!(span=> __lb::Constant::__lb_constant(&#value)));
        format!("E::Const({row})")
    }

    /// The same of a name alone.
    fn constant_named(&mut self, name: &Ident) -> Tree {
        let constant = quote_spanned!(name.span()=> __lb::Constant::__lb_constant(&#name));
        let constant = self.surrounded(name, constant);
        let row = self.constant_row(constant);
        format!("E::Const({row})")
    }

    /// Where a variable is misspelt, its name looks like that of a constant. In the table of constants rustc says what it says of
    /// the user's function, and prints it once, where the same variables are around.
    fn surrounded(&self, name: &Ident, constant: TokenStream) -> TokenStream {
        if is_upper(name) {
            return constant;
        }
        let own = key(name);
        let context = &own[name.to_string().len()..];
        let known: BTreeSet<_> =
            self.scopes.iter().flat_map(HashMap::keys).filter_map(|k| k.strip_suffix(context)).collect();
        let known = known.into_iter().filter(|k| *k != "self");
        let known = known.filter_map(|known| syn::parse_str::<Ident>(known).ok());
        let known = known.map(|known| Ident::new(&known.to_string(), name.span()));
        quote!({ #(let #known = ();)* #constant })
    }

    fn constant_row(&mut self, tokens: TokenStream) -> u16 {
        let row = self.row(self.constants.len());
        self.constants.push(tokens);
        row
    }

    fn scoped<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(HashMap::new());
        let result = f(self);
        self.scopes.pop();
        result
    }

    fn lookup(&self, name: &Ident) -> Option<Name> {
        let key = key(name);
        self.scopes.iter().rev().find_map(|s| s.get(&key)).copied()
    }

    fn bind(&mut self, name: &Ident, what: Name) {
        let scope = self.scopes.last_mut().expect("there is always a scope");
        scope.insert(key(name), what);
    }

    /// A new local without a name in the source.
    fn temporary(&mut self, name: &str, ty: u16) -> u16 {
        let local = self.row(self.locals.len());
        self.locals.push((name.to_string(), ty));
        self.shapes.push(Shape::Unknown);
        local
    }

    /// Declares a variable in the current scope; returns its number and the statement that tags it.
    pub(crate) fn declare(&mut self, ident: &Ident) -> (u16, TokenStream) {
        let (slot, ty) = self.type_slot(ident.span());
        let local = self.temporary(&ident.unraw().to_string(), ty);
        self.bind(ident, Name::Local(local));
        let place = oracle_name(ident);
        (local, tag(&slot, &place, ident.span()))
    }

    /// Notes the type of a local that the source says.
    pub(crate) fn set_exact(&mut self, local: u16, exact: Option<Exact>) {
        if let Some(exact) = exact {
            self.exacts.insert(local, exact);
        }
    }

    /// Declares a parameter, whose type is written in the source.
    pub(crate) fn declare_typed(&mut self, ident: &Ident, ty: &Type) -> u16 {
        let row = self.written(ty, self.entry);
        self.declare_row(ident, row)
    }

    /// Declares `self`.
    pub(crate) fn declare_receiver(&mut self, ident: &Ident, ty: &impl ToTokens, span: Span) -> u16 {
        let row = self.type_rows(quote_spanned!(span=> <#ty as __lb::Tagged>::__lb_forms()), 5);
        self.declare_row(ident, row)
    }

    fn declare_row(&mut self, ident: &Ident, row: u16) -> u16 {
        let local = self.temporary(&ident.unraw().to_string(), row);
        self.bind(ident, Name::Local(local));
        local
    }

    /// Declares a parameter that is a closure.
    pub(crate) fn declare_callable(&mut self, ident: &Ident, callable: &Callable) -> u16 {
        let local = self.declare_closure(ident);
        let inputs: Vec<_> = callable.inputs.iter().map(|ty| self.written_type(ty)).collect();
        let output = match &callable.output {
            Some(ty) => self.written_type(ty),
            None => UNIT,
        };
        self.closures_taken.push((local, inputs, output));
        local
    }

    /// The loop or block that `break` and `continue` mean.
    fn target(&mut self, label: &Option<Lifetime>, span: Span, is_loop: bool) -> u16 {
        let wanted = label.as_ref().map(|l| l.ident.to_string());
        let found = self.targets.iter().rev().find(|t| match &wanted {
            Some(w) => t.label.as_ref() == Some(w),
            None => t.is_loop,
        });
        match found {
            Some(t) if t.is_loop || !is_loop => t.id,
            Some(_) => {
                self.refuse(span, "`continue` of a labelled block");
                NONE
            }
            None => {
                self.refuse(span, "there is no such loop or block around this");
                NONE
            }
        }
    }

    /// Walks what is inside a loop or labelled block.
    fn inside<R>(&mut self, label: &Option<syn::Label>, is_loop: bool, f: impl FnOnce(&mut Self, u16) -> R) -> R {
        let id = self.next_id;
        self.next_id += 1;
        self.targets.push(Target { label: label.as_ref().map(|l| l.name.ident.to_string()), id, is_loop });
        let result = f(self, id);
        self.targets.pop();
        result
    }
}

/// `bind(&slot, &place);` with the tokens that rustc points at on the user's token.
fn tag(slot: &Ident, place: &Ident, span: Span) -> TokenStream {
    let argument = quote_spanned!(span=> &#place);
    quote_spanned!(Span::call_site().located_at(span)=> __lb::Tagged::__lb_bind(&#slot, #argument);)
}

/// `self` cannot be bound by `let`, so that the oracle calls it `__self`.
pub(crate) fn oracle_name(ident: &Ident) -> Ident {
    if ident == "self" { Ident::new("__self", ident.span()) } else { ident.clone() }
}

/// Puts statements before an expression.
fn prepend(expr: &mut Expr, statements: TokenStream) {
    if !statements.is_empty() {
        let old = std::mem::replace(expr, Expr::Verbatim(TokenStream::new()));
        *expr = Expr::Verbatim(quote!({ #statements #old }));
    }
}
