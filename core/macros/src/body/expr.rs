//! Expressions.

use super::destructure::is_destructuring;
use super::pattern::Form;
use super::shape::Shape;
use super::spans::span_of;
use super::{Body, NONE, Name, Tree, at, is_upper, member_name, option};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{BinOp, Expr, ExprBinary, ExprPath, Item, RangeLimits, Token, Type};

impl Body {
    /// The tree of an expression; edits the expression into what the oracle sees.
    pub(crate) fn expr(&mut self, expr: &mut Expr) -> Tree {
        self.expression_attributes(expr);
        match expr {
            Expr::Lit(l) => self.literal(&l.lit),
            Expr::Paren(p) => self.expr(&mut p.expr),
            Expr::Group(g) => self.expr(&mut g.expr),
            Expr::Path(_) => self.path(expr),
            Expr::Unary(_) => self.unary(expr),
            Expr::Binary(_) => self.binary(expr),
            Expr::Assign(_) => self.assign(expr),
            Expr::Field(f) => {
                let base = self.expr(&mut f.base);
                let name = member_name(&f.member);
                format!("E::Field(&{base},{name:?})")
            }
            Expr::Index(_) => self.index(expr),
            Expr::Reference(r) => {
                let exclusive = r.mutability.is_some();
                let a = self.expr(&mut r.expr);
                format!("E::Borrow({exclusive},&{a})")
            }
            Expr::Cast(c) => {
                if let Type::Infer(i) = &*c.ty {
                    return self.refuse(i.span(), "write the type: `as _` is not supported in kernels");
                }
                let a = self.expr(&mut c.expr);
                let ty = self.written_type(&c.ty);
                format!("E::Cast(&{a},{ty})")
            }
            Expr::MethodCall(_) => self.method_call(expr),
            Expr::Call(_) => self.call(expr),
            Expr::Struct(_) => self.struct_literal(expr),
            Expr::Range(_) => self.range_value(expr),
            Expr::Tuple(t) if t.elems.is_empty() => "E::Unit".to_string(),
            Expr::Tuple(t) => {
                let elements = self.expressions(&mut t.elems);
                format!("E::Tuple(&[{elements}])")
            }
            Expr::Array(a) => {
                let elements = self.expressions(&mut a.elems);
                format!("E::Array(&[{elements}])")
            }
            Expr::Repeat(r) => {
                let a = self.expr(&mut r.expr);
                let len = &r.len;
                let span = len.span();
                let row = self.constant_row(quote_spanned!(span=> <usize as __lb::Constant>::__lb_constant(&(#len))));
                format!("E::Repeat(&{a},{row})")
            }
            Expr::If(_)
            | Expr::Match(_)
            | Expr::Block(_)
            | Expr::Loop(_)
            | Expr::While(_)
            | Expr::ForLoop(_)
            | Expr::Break(_)
            | Expr::Continue(_)
            | Expr::Return(_) => self.control(expr),
            Expr::Try(t) => {
                let left = match self.leave(t.question_token.span(), "?") {
                    Ok(left) => left,
                    Err(refused) => return refused,
                };
                let a = self.expr(&mut t.expr);
                let (span, old) = (span_of(&t.expr), &t.expr);
                let (slot, result) = (self.slot_at(span), &self.result);
                *t.expr = Expr::Verbatim(match left {
                    Some(closure) => quote_spanned!(span=> __lb::tried_inside(&#slot, &#closure, #old)),
                    None => quote_spanned!(span=> __lb::tried::<_, #result>(&#slot, #old)),
                });
                let callee = self.callee(quote!(__lb::resolved(&#slot)));
                format!("E::Try(&{a},{callee})")
            }
            Expr::Macro(m) if super::macros::is_matches(&m.mac) => self.matches(expr),
            Expr::Macro(m) => {
                let tree = self.macro_call(&mut m.mac);
                if let Some(instead) = self.instead.take() {
                    *expr = Expr::Verbatim(instead);
                }
                tree
            }
            other => self.unsupported(other),
        }
    }

    fn expression_attributes(&mut self, expr: &mut Expr) {
        let attributes = match expr {
            Expr::Array(e) => &mut e.attrs,
            Expr::Assign(e) => &mut e.attrs,
            Expr::Binary(e) => &mut e.attrs,
            Expr::Block(e) => &mut e.attrs,
            Expr::Break(e) => &mut e.attrs,
            Expr::Call(e) => &mut e.attrs,
            Expr::Cast(e) => &mut e.attrs,
            Expr::Continue(e) => &mut e.attrs,
            Expr::Field(e) => &mut e.attrs,
            Expr::ForLoop(e) => &mut e.attrs,
            Expr::If(e) => &mut e.attrs,
            Expr::Index(e) => &mut e.attrs,
            Expr::Lit(e) => &mut e.attrs,
            Expr::Loop(e) => &mut e.attrs,
            Expr::Macro(e) => &mut e.attrs,
            Expr::Match(e) => &mut e.attrs,
            Expr::MethodCall(e) => &mut e.attrs,
            Expr::Paren(e) => &mut e.attrs,
            Expr::Path(e) => &mut e.attrs,
            Expr::Reference(e) => &mut e.attrs,
            Expr::Repeat(e) => &mut e.attrs,
            Expr::Return(e) => &mut e.attrs,
            Expr::Struct(e) => &mut e.attrs,
            Expr::Tuple(e) => &mut e.attrs,
            Expr::Unary(e) => &mut e.attrs,
            Expr::While(e) => &mut e.attrs,
            _ => return, // transparent, or refused as a whole
        };
        self.attributes(attributes);
    }

    /// Names what is not supported.
    fn unsupported(&mut self, expr: &Expr) -> Tree {
        let message = match expr {
            Expr::Async(_) | Expr::Await(_) => "`async` is not supported in kernels",
            Expr::Closure(_) => "a closure in a kernel is bound by `let`, or an argument of a function: write it there",
            Expr::Const(_) => "`const` blocks are not supported in kernels: name a constant",
            Expr::Infer(_) => "`_` is not supported here in kernels",
            Expr::Let(_) => "`let` is supported only in the conditions of `if` and `while`",
            Expr::RawAddr(_) => "raw pointers are not supported in kernels",
            Expr::TryBlock(_) => "`try` blocks are not supported in kernels: compare, and return early",
            Expr::Unsafe(_) => "`unsafe` is not supported in kernels",
            Expr::Yield(_) => "`yield` is not supported in kernels",
            _ => "this expression is not supported in kernels",
        };
        self.refuse(expr.span(), message)
    }

    pub(super) fn expressions(&mut self, list: &mut Punctuated<Expr, Token![,]>) -> Tree {
        let mut trees = Tree::new();
        for expr in list {
            let tree = self.expr(expr);
            trees.push_str(&format!("{tree},"));
        }
        trees
    }

    pub(super) fn optional(&mut self, expr: &mut Option<Box<Expr>>) -> Tree {
        let tree = expr.as_mut().map(|e| self.expr(e));
        option(tree)
    }

    /// A variable, a captured variable, or a constant.
    fn path(&mut self, expr: &mut Expr) -> Tree {
        let span = span_of(expr);
        let Expr::Path(p) = &*expr else { unreachable!("called for paths") };
        if p.qself.is_none() && super::pattern::is_none(&p.path) {
            let (slot, ty) = self.type_slot(span);
            *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#slot, #expr)));
            return format!("E::None({ty})");
        }
        let Some(ident) = single(p) else {
            if super::pattern::is_variant(&p.path) {
                let name = super::last_name(&p.path);
                let (slot, ty) = self.type_slot(span);
                *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#slot, #expr)));
                return format!("E::Struct({name:?},&[],None,{ty})");
            }
            let path = p.clone();
            return self.constant_path(span, &path.path, &path);
        };
        match self.lookup(&ident) {
            Some(Name::Local(local)) => {
                let local = self.moved(local);
                if ident == "self" {
                    let name = super::oracle_name(&ident);
                    *expr = Expr::Verbatim(quote!(#name));
                }
                format!("E::Local({local})")
            }
            Some(Name::Chain(_)) => {
                self.refuse(span, "an iterator is used in a chain or a `for` loop in kernels: it is no value")
            }
            Some(Name::Closure(_)) => {
                self.refuse(span, "in kernels a closure is called, or passed on as it is: it is no value")
            }
            None if self.captures_environment && !is_upper(&ident) => {
                let (local, tag) = self.capture(&ident);
                // the tag goes here: the variable may be seen by the oracle only inside its closure
                *expr = Expr::Verbatim(quote_spanned!(span=> (*{ #tag &#ident })));
                format!("E::Local({local})")
            }
            None => self.constant_path(span, &ident.clone().into(), &ident),
        }
    }

    /// A variable of the environment of an `each!` becomes a local that is set before the body runs.
    fn capture(&mut self, ident: &Ident) -> (u16, TokenStream) {
        let (slot, ty) = self.type_slot(ident.span());
        let local = self.temporary(&ident.to_string(), ty);
        self.scopes[0].insert(super::key(ident), Name::Local(local));
        self.captures.push((ident.clone(), local));
        (local, super::tag(&slot, ident, ident.span()))
    }

    fn assign(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Assign(a) = &mut *expr else { unreachable!("called for assignments") };
        match &mut *a.left {
            left if is_destructuring(left) => self.destructure(expr),
            Expr::Infer(_) => {
                let value = self.expr(&mut a.right);
                format!("E::Block(&[S::Let(&P::Wild,Some({value}),None)],None)")
            }
            _ => {
                let plain = matches!(&*a.left, Expr::Path(_)) || self.shape(&a.left) == Shape::Number;
                let items = !plain && holds_items(&a.left);
                let left = self.expr(&mut a.left);
                let right = self.expr(&mut a.right);
                if items {
                    // items of the user's are there once
                    let (place, right) = (&a.left, &a.right);
                    let check = assigned(&Expr::Verbatim(quote!(*__place)));
                    *expr = Expr::Verbatim(quote!(({ let __place = &mut #place; #check *__place = #right })));
                } else if !plain {
                    let check = assigned(&a.left);
                    *expr = Expr::Verbatim(quote!(({ #check #expr })));
                }
                format!("E::Assign(&{left},&{right})")
            }
        }
    }

    fn index(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Index(i) = expr else { unreachable!("called for index expressions") };
        let span = span_of(&i.expr);
        let at = at(span);
        let known = matches!(self.shape(&i.expr), Shape::Sequence(_));
        let base = self.expr(&mut i.expr);
        if !known {
            let old = &i.expr;
            *i.expr = Expr::Verbatim(quote_spanned!(span=> (*__lb::indexed(&(#old)))));
        }
        let mut index = &mut *i.index;
        while let Expr::Paren(p) = index {
            index = &mut p.expr;
        }
        if let Expr::Range(r) = index {
            let from = self.optional(&mut r.start);
            let to = self.optional(&mut r.end);
            let closed = matches!(r.limits, RangeLimits::Closed(_));
            return format!("E::IndexRange(&{base},{from},{to},{closed},{at})");
        }
        let index = self.expr(index);
        format!("E::Index(&{base},&{index},{at})")
    }

    /// A range as a value: a struct of its ends.
    fn range_value(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Range(r) = &mut *expr else { unreachable!("called for ranges") };
        let span = r.limits.span();
        let closed = matches!(r.limits, RangeLimits::Closed(_));
        let name = match (&r.start, &r.end) {
            (Some(_), Some(_)) if closed => "RangeInclusive",
            (Some(_), Some(_)) => "Range",
            (Some(_), None) => "RangeFrom",
            (None, Some(_)) if closed => "RangeToInclusive",
            (None, Some(_)) => "RangeTo",
            (None, None) => return self.refuse(span, "`..` is supported in kernels only as an index: `x[..]`"),
        };
        let mut fields = Tree::new();
        for (field, end) in [("start", &mut r.start), ("end", &mut r.end)] {
            if let Some(end) = end {
                let tree = self.expr(end);
                fields.push_str(&format!("({field:?},{tree}),"));
            }
        }
        let (slot, ty) = self.type_slot(span);
        *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#slot, #expr)));
        format!("E::Struct({name:?},&[{fields}],None,{ty})")
    }

    fn struct_literal(&mut self, expr: &mut Expr) -> Tree {
        let span = expr.span();
        let Expr::Struct(s) = &mut *expr else { unreachable!("called for struct literals") };
        if let (Some(dots), None) = (&s.dot2_token, &s.rest) {
            let span = dots.span();
            return self.refuse(span, "`..` without a value is not supported in kernels");
        }
        let mut fields = Tree::new();
        for field in &mut s.fields {
            self.attributes(&mut field.attrs);
            let tree = self.expr(&mut field.expr);
            let name = member_name(&field.member);
            fields.push_str(&format!("({name:?},{tree}),"));
            field.colon_token.get_or_insert_with(Default::default);
        }
        let rest = self.optional(&mut s.rest);
        let name = super::last_name(&s.path);
        let of_struct = s.path.segments.last().map_or(span, |last| last.ident.span());
        let (slot, ty) = self.type_slot(span);
        *expr = Expr::Verbatim(
            quote_spanned!(of_struct=> __lb::Tagged::__lb_made(&#slot, #expr, ::core::option::Option::None)),
        );
        format!("E::Struct({name:?},&[{fields}],{rest},{ty})")
    }

    /// A condition: the `let`s in it bind in the current scope.
    pub(super) fn condition(&mut self, expr: &mut Expr, tags: &mut TokenStream) -> Tree {
        match expr {
            Expr::Let(l) => {
                let value = self.expr(&mut l.expr);
                let pattern = self.pattern(&mut l.pat, Form::Refutable, tags);
                format!("E::Let(&{pattern},&{value})")
            }
            Expr::Binary(ExprBinary { attrs, left, op: BinOp::And(op), right }) => {
                self.attributes(attrs);
                let at = at(op.span());
                let left = self.condition(left, tags);
                let right = self.condition(right, tags);
                format!("E::Binary(O::LazyAnd,&{left},&{right},{NONE},{at})")
            }
            _ => self.expr(expr),
        }
    }
}

/// The statement that checks the type of what is assigned to.
pub(super) fn assigned(place: &Expr) -> TokenStream {
    let span = span_of(place);
    let argument = quote_spanned!(span=> &#place);
    quote_spanned!(proc_macro2::Span::call_site().located_at(span)=> __lb::Assigned::__lb_assigned(#argument);)
}

/// Are there items in the indices of a place?
fn holds_items(place: &Expr) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_item(&mut self, _: &'ast Item) {
            self.0 = true;
        }
    }
    match place {
        Expr::Index(i) => {
            let mut search = Search(false);
            if !matches!(*i.index, Expr::Path(_) | Expr::Lit(_)) {
                search.visit_expr(&i.index);
            }
            search.0 || holds_items(&i.expr)
        }
        Expr::Field(f) => holds_items(&f.base),
        Expr::Paren(p) => holds_items(&p.expr),
        Expr::Unary(u) => holds_items(&u.expr),
        _ => false,
    }
}

/// The identifier, if the path is nothing else.
pub(super) fn single(p: &ExprPath) -> Option<Ident> {
    if p.qself.is_some() {
        return None;
    }
    p.path.get_ident().cloned()
}
