//! Patterns: their tree, the statements that tag what they bind, and what the oracle sees instead.

use super::{Body, NONE, Name, Tree, is_upper, member_name};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Pat, PatIdent, RangeLimits, Token};

/// May the pattern fail to match? (Then a lowercase name that is a constant would compare, not bind.)
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `let`, parameters, `for`.
    Irrefutable,
    /// `match`, `if let`, `while let`, `let else`.
    Refutable,
}

impl Body {
    /// The tree of a pattern; statements that tag its bindings are added to `tags`.
    pub(super) fn pattern(&mut self, pattern: &mut Pat, form: Form, tags: &mut TokenStream) -> Tree {
        let span = pattern.span();
        match pattern {
            Pat::Wild(_) => "P::Wild".to_string(),
            Pat::Ident(i) => self.ident_pattern(i, form, tags),
            Pat::Type(t) => self.pattern(&mut t.pat, form, tags),
            Pat::Paren(p) => self.pattern(&mut p.pat, form, tags),
            Pat::Reference(r) => {
                let inner = self.pattern(&mut r.pat, form, tags);
                format!("P::Ref(&{inner})")
            }
            Pat::Tuple(t) if t.elems.iter().any(|e| matches!(e, Pat::Rest(_))) => {
                let fields = self.fields_around(&mut t.elems, form, tags);
                format!("P::TupleEnds(&[{fields}])")
            }
            Pat::Tuple(t) => {
                let elements = self.elements(&mut t.elems, form, tags);
                format!("P::Tuple(&[{elements}])")
            }
            Pat::TupleStruct(t) if is_some(t) => {
                let inner = match t.elems.first_mut() {
                    Some(inner) => self.pattern(inner, form, tags),
                    None => self.unknown(span, "`Some` has one value"),
                };
                format!("P::Some(&{inner})")
            }
            Pat::TupleStruct(t) => {
                let name = super::last_name(&t.path);
                let fields = self.fields_around(&mut t.elems, form, tags);
                format!("P::Struct({name:?},&[{fields}])")
            }
            Pat::Struct(s) => {
                let name = super::last_name(&s.path);
                let mut fields = Tree::new();
                for field in &mut s.fields {
                    self.attributes(&mut field.attrs);
                    let name = member_name(&field.member);
                    if field.colon_token.is_none() && form == Form::Refutable {
                        // the shorthand has no room for `x @ _`
                        field.colon_token = Some(Default::default());
                    }
                    let inner = self.pattern(&mut field.pat, form, tags);
                    fields.push_str(&format!("({name:?},{inner}),"));
                }
                format!("P::Struct({name:?},&[{fields}])")
            }
            Pat::Path(p) if is_none(&p.path) => "P::None".to_string(),
            Pat::Path(p) if is_variant(&p.path) => format!("P::Variant({:?})", super::last_name(&p.path)),
            Pat::Path(p) => {
                let value = self.pattern_path(p.span(), &*p);
                format!("P::Value({value})")
            }
            Pat::Lit(l) if let syn::Lit::ByteStr(text) = &l.lit => {
                let bytes: Tree = text.value().iter().map(|byte| format!("P::Value(E::Int({byte},\"u8\")),")).collect();
                format!("P::Slice(&[{bytes}],None,&[])")
            }
            Pat::Lit(l) => {
                let value = self.literal(&l.lit);
                format!("P::Value({value})")
            }
            Pat::Range(r) => {
                let start = self.range_end(&r.start);
                let end = self.range_end(&r.end);
                let closed = matches!(r.limits, RangeLimits::Closed(_));
                format!("P::Range({start},{end},{closed})")
            }
            Pat::Or(o) => self.or_pattern(&mut o.cases, tags),
            Pat::Slice(s) => self.slice_pattern(&mut s.elems, form, tags),
            Pat::Rest(_) => self.unknown(span, "`..` is not supported here in kernels"),
            Pat::Const(_) => self.unknown(span, "`const` blocks are not supported in kernels: name a constant"),
            Pat::Macro(_) => self.unknown(span, "macros in patterns are not supported in kernels"),
            _ => self.unknown(span, "this pattern is not supported in kernels"),
        }
    }

    fn unknown(&mut self, span: Span, message: &str) -> Tree {
        self.refuse(span, message);
        "P::Wild".to_string()
    }

    fn ident_pattern(&mut self, i: &mut PatIdent, form: Form, tags: &mut TokenStream) -> Tree {
        let plain = i.by_ref.is_none() && i.mutability.is_none() && i.subpat.is_none();
        if plain && i.ident == "None" {
            return "P::None".to_string();
        }
        if plain && is_upper(&i.ident) {
            let value = self.pattern_path(i.ident.span(), &i.ident);
            return format!("P::Value({value})");
        }
        let by_ref = i.by_ref.is_some();
        if !self.expected.is_empty()
            && let Some(exact) = self.expected.remove(&super::key(&i.ident))
        {
            let local = self.declare_exact(&i.ident, exact);
            return format!("P::Bind({local},{by_ref})");
        }
        let local = self.bound(&i.ident, tags);
        match &mut i.subpat {
            Some((_, inner)) if !by_ref => {
                let inner = self.pattern(inner, form, tags);
                format!("P::At({local},&{inner})")
            }
            Some((at, _)) => {
                let span = at.span();
                self.unknown(span, "`ref` together with `@` is not supported in kernels")
            }
            None => {
                if form == Form::Refutable && plain {
                    // `x @ _` always binds: if `x` is a constant, rustc says that it cannot be shadowed
                    let span = i.ident.span();
                    let wild = Pat::Wild(syn::PatWild { attrs: vec![], underscore_token: Token![_](span) });
                    i.subpat = Some((Token![@](span), Box::new(wild)));
                }
                format!("P::Bind({local},{by_ref})")
            }
        }
    }

    fn elements(&mut self, elements: &mut Punctuated<Pat, Token![,]>, form: Form, tags: &mut TokenStream) -> Tree {
        let mut trees = Tree::new();
        for element in elements {
            let tree = self.pattern(element, form, tags);
            trees.push_str(&format!("{tree},"));
        }
        trees
    }

    /// `Name(a, _, b)`, `Name(a, .., z)`: what is behind the rest is counted from the end.
    fn fields_around(&mut self, elements: &mut Punctuated<Pat, Token![,]>, form: Form, tags: &mut TokenStream) -> Tree {
        let count = elements.len();
        let (mut fields, mut rest) = (Tree::new(), false);
        for (k, element) in elements.iter_mut().enumerate() {
            if !rest && matches!(element, Pat::Rest(_)) {
                rest = true;
                continue;
            }
            let tree = self.pattern(element, form, tags);
            let field = if rest { format!("-{}", count - k) } else { k.to_string() };
            fields.push_str(&format!("({field:?},{tree}),"));
        }
        fields
    }

    /// `[a, b]`, `[a, .., z]`, `[a, rest @ ..]`
    fn slice_pattern(&mut self, elements: &mut Punctuated<Pat, Token![,]>, form: Form, tags: &mut TokenStream) -> Tree {
        let (mut before, mut after, mut rest) = (Tree::new(), Tree::new(), None);
        for element in elements {
            let is_rest = match element {
                Pat::Rest(_) => Some(None),
                Pat::Ident(i) => match &i.subpat {
                    Some((_, inner)) if matches!(**inner, Pat::Rest(_)) => Some(Some(&*i)),
                    _ => None,
                },
                _ => None,
            };
            match is_rest {
                Some(name) if rest.is_none() => {
                    rest = Some(name.map_or("P::Wild".to_string(), |name| self.bind_rest(name, tags)));
                }
                _ => {
                    let tree = self.pattern(element, form, tags);
                    let list = if rest.is_some() { &mut after } else { &mut before };
                    list.push_str(&format!("{tree},"));
                }
            }
        }
        let rest = super::option(rest);
        format!("P::Slice(&[{before}],{rest},&[{after}])")
    }

    /// The binding of `rest @ ..`.
    fn bind_rest(&mut self, name: &PatIdent, tags: &mut TokenStream) -> Tree {
        let tree = self.binding(&name.ident, name.by_ref.is_some(), tags);
        let (ident, span) = (&name.ident, name.ident.span());
        tags.extend(quote::quote_spanned!(span=> __lb::Rest::checked(&#ident);));
        tree
    }

    /// Binds a variable; one that an earlier alternative (`|`) has bound is the same.
    fn binding(&mut self, name: &syn::Ident, by_ref: bool, tags: &mut TokenStream) -> Tree {
        let local = self.bound(name, tags);
        format!("P::Bind({local},{by_ref})")
    }

    fn bound(&mut self, name: &syn::Ident, tags: &mut TokenStream) -> u16 {
        let key = super::key(name);
        if let Some(local) = self.alternatives.as_ref().and_then(|bound| bound.get(&key)) {
            return *local;
        }
        let (local, tag) = self.declare(name);
        tags.extend(tag);
        if let Some(bound) = &mut self.alternatives {
            bound.insert(key, local);
        }
        local
    }

    fn or_pattern(&mut self, cases: &mut Punctuated<Pat, Token![|]>, tags: &mut TokenStream) -> Tree {
        let outermost = self.alternatives.is_none();
        self.alternatives.get_or_insert_default();
        let mut trees = Tree::new();
        for case in cases {
            let tree = self.pattern(case, Form::Refutable, tags);
            trees.push_str(&format!("{tree},"));
        }
        if outermost {
            self.alternatives = None;
        }
        format!("P::Or(&[{trees}])")
    }

    fn range_end(&mut self, end: &Option<Box<Expr>>) -> Tree {
        match end.as_deref() {
            None => "None".to_string(),
            Some(Expr::Lit(l)) => {
                let value = self.literal(&l.lit);
                format!("Some({value})")
            }
            Some(Expr::Path(p)) => {
                let value = self.constant_path(p.span(), &p.path, p);
                format!("Some({value})")
            }
            Some(other) => {
                self.refuse(other.span(), "this end of a range is not supported in kernels");
                "None".to_string()
            }
        }
    }

    /// The tree of a path in a pattern: a constant, or a variant, whose type need not be plain.
    fn pattern_path(&mut self, span: Span, path: &impl quote::ToTokens) -> Tree {
        let row = self.constant_row(quote::quote_spanned!(span=> __lb::in_pattern(&#path)));
        format!("E::Const({row})")
    }

    /// The tree of a path to a constant. Paths that can only be variants are refused by name.
    pub(super) fn constant_path(&mut self, span: Span, path: &syn::Path, tokens: &impl quote::ToTokens) -> Tree {
        if is_none(path) {
            return self.refuse(span, "`None` is not supported here in kernels");
        }
        match path.get_ident() {
            Some(name) => self.constant_named(name),
            None => self.constant(span, tokens),
        }
    }

    /// Declares the closure's or function's parameter patterns.
    pub(super) fn parameters<'a>(
        &mut self,
        patterns: impl Iterator<Item = &'a mut Pat>,
        tags: &mut TokenStream,
    ) -> Tree {
        let mut trees = Tree::new();
        for pattern in patterns {
            let tree = self.pattern(pattern, Form::Irrefutable, tags);
            trees.push_str(&format!("{tree},"));
        }
        trees
    }

    /// Binds a closure's name.
    pub(super) fn declare_closure(&mut self, name: &syn::Ident) -> u16 {
        let local = self.temporary(&name.unraw().to_string(), NONE);
        self.bind(name, Name::Closure(local));
        local
    }
}

/// Is it `Some(..)`?
fn is_some(pattern: &syn::PatTupleStruct) -> bool {
    is_of_option(&pattern.path, "Some")
}

/// Is it this variant of `Option`, as far as its form tells? (What else has that name alone rustc would tell from it.)
pub(super) fn is_of_option(path: &syn::Path, name: &str) -> bool {
    let mut last = path.segments.iter().rev();
    last.next().is_some_and(|last| last.ident == name) && last.next().is_none_or(|of| of.ident == "Option")
}

/// Is it a variant, by the convention for names? Its type's parameters only its place knows.
pub(super) fn is_variant(path: &syn::Path) -> bool {
    let mut last = path.segments.iter().rev().map(|segment| segment.ident.unraw().to_string());
    let is_variant =
        last.next().is_some_and(|name| name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase));
    // Orderings of atomics are constants, which have no type in kernels.
    is_variant && last.next().is_some_and(|of| of.starts_with(char::is_uppercase) && of != "Ordering")
}

/// Is it `None`?
pub(super) fn is_none(path: &syn::Path) -> bool {
    is_of_option(path, "None")
}
