//! Operators. Where the form of the operands does not show that they are numbers, rustc is asked what stands behind the
//! operator: `left op right` becomes `{ let l = &left; let r = &right; /* note their types */ *l op *r }`.

use super::shape::Shape;
use super::spans::{Ends, begin, ends};
use super::{Body, NONE, Tree, at};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprBinary, ExprUnary, Token, UnOp};

/// What an operator is in the tree.
pub(super) struct Operation {
    /// Name in `ast::Operator`.
    pub(super) name: &'static str,
    /// Name in `oracle::operators`.
    pub(super) kind: &'static str,
    pub(super) assigns: bool,
}

impl Body {
    pub(super) fn binary(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Binary(b) = &mut *expr else { unreachable!("called for operators") };
        let Some(Operation { name, kind, assigns }) = operation(&b.op) else {
            return self.refuse(b.op.span(), "this operator is not supported in kernels");
        };
        let later = self.shape(&b.left) == Shape::Later;
        let plain = kind.is_empty() || later || self.are_numbers(&b.left, &b.right);
        let ends = (!plain).then(|| (ends(&b.left), ends(&b.right)));
        // A panic is where the whole begins, as rustc says.
        let begin = at(begin(&b.left));
        let left = self.expr(&mut b.left);
        let right = self.expr(&mut b.right);
        let (mut callee, at) = (NONE, begin);
        if let Some((of_left, of_right)) = ends {
            let ExprBinary { left, op, right, .. } = b;
            let (row, probe) = self.operated(kind, op.span(), (of_left, left, assigns), (of_right, right));
            callee = row;
            let Probe { before, left, right } = probe;
            *expr = Expr::Verbatim(quote!(({ #before #left #op #right })));
        }
        let form = match (name, assigns) {
            ("LazyAnd" | "LazyOr", _) | (_, false) => "Binary",
            _ => "AssignOp",
        };
        format!("E::{form}(O::{name},&{left},&{right},{callee},{at})")
    }

    pub(super) fn unary(&mut self, expr: &mut Expr) -> Tree {
        let Expr::Unary(u) = &mut *expr else { unreachable!("called for operators") };
        let kind = match u.op {
            UnOp::Neg(_) => "Neg",
            UnOp::Not(_) => "Not",
            UnOp::Deref(_) => {
                let a = self.expr(&mut u.expr);
                return format!("E::Deref(&{a})");
            }
            _ => return self.refuse(u.op.span(), "this operator is not supported in kernels"),
        };
        let span = begin(expr);
        let Expr::Unary(u) = &mut *expr else { unreachable!("as above") };
        let plain = matches!(self.shape(&u.expr), Shape::Number | Shape::Later);
        let operand = ends(&u.expr);
        let a = self.expr(&mut u.expr);
        let mut callee = NONE;
        if !plain {
            let ExprUnary { op, expr: inner, .. } = u;
            let (row, value, before) = self.operated_unary(kind, span, operand, inner);
            callee = row;
            *expr = Expr::Verbatim(quote!(({ #before #op #value })));
        }
        match kind {
            "Neg" => {
                let at = at(span);
                format!("E::Neg(&{a},{callee},{at})")
            }
            _ => format!("E::Not(&{a},{callee})"),
        }
    }

    /// A comparison that is not written as one: `assert_eq!(left, right)`. Gives the callee and the operands.
    pub(super) fn compared(&mut self, span: Span, left: (Ends, &Expr), right: (Ends, &Expr)) -> (u16, Probe) {
        self.operated("PartialEq", span, (left.0, left.1, false), right)
    }

    fn operated(
        &mut self,
        kind: &str,
        span: Span,
        (of_left, left, exclusive): (Ends, &Expr, bool),
        (of_right, right): (Ends, &Expr),
    ) -> (u16, Probe) {
        let (l, left_place) = place("__l", of_left);
        let (r, right_place) = place("__r", of_right);
        let (callee, slot) = self.operator_slot(kind, span);
        let exclusive = exclusive.then(|| quote!(mut));
        let note = self.operands(&slot, &l, &r);
        let before = quote! {
            let #l = &#exclusive (#left);
            let #r = &(#right);
            #note;
        };
        (callee, Probe { before, left: left_place, right: right_place })
    }

    fn operated_unary(
        &mut self,
        kind: &str,
        span: Span,
        of_operand: Ends,
        operand: &Expr,
    ) -> (u16, TokenStream, TokenStream) {
        let (value, place) = place("__l", of_operand);
        let (callee, slot) = self.operator_slot(kind, span);
        let note = self.operands(&slot, &value, &value);
        let before = quote! {
            let #value = &(#operand);
            #note;
        };
        (callee, place, before)
    }

    /// The row of the callee and the slot for the operands' types. What is found is looked at where the whole body has
    /// been seen.
    fn operator_slot(&mut self, kind: &str, span: Span) -> (u16, Ident) {
        let slot = self.slot_at(span);
        let (function, of) = match kind {
            "PartialEq" => ("equated", None),
            "PartialOrd" => ("ordered", None),
            _ => ("operated", Some(Ident::new(kind, span))),
        };
        let function = Ident::new(function, span);
        if self.generic {
            let of = of.map(|kind| quote_spanned!(span=> ::<__lb::operators::#kind>));
            self.probes.extend(quote_spanned!(span=> #slot.found(#slot.left().__lb_operand());));
            return (self.callee(quote_spanned!(span=> #slot.#function #of ())), slot);
        }
        let of = of.map(|kind| quote_spanned!(span=> ::<__lb::operators::#kind, _, _>));
        (self.callee(quote_spanned!(span=> __lb::#function #of (&#slot))), slot)
    }

    /// Notes the types of operands. Where there are no type parameters, all types will be known.
    fn operands(&self, slot: &Ident, left: &Ident, right: &Ident) -> TokenStream {
        match self.generic {
            true => quote!(#slot.operands(#left, #right)),
            false => quote!(__lb::operands(&#slot, #left, #right)),
        }
    }
}

/// Statements before an operation, and what its operands have become.
pub(super) struct Probe {
    pub(super) before: TokenStream,
    pub(super) left: TokenStream,
    pub(super) right: TokenStream,
}

/// Two operands of which nothing is to be found out.
pub(super) fn operands((of_left, left): (Ends, &Expr), (of_right, right): (Ends, &Expr)) -> Probe {
    let (l, left_place) = place("__l", of_left);
    let (r, right_place) = place("__r", of_right);
    let before = quote! {
        let #l = &(#left);
        let #r = &(#right);
    };
    Probe { before, left: left_place, right: right_place }
}

/// A variable that refers to an operand, and `*variable`, which rustc takes to be where the operand is.
fn place(name: &str, (first, last): Ends) -> (Ident, TokenStream) {
    let name = Ident::new(name, last);
    let star = Token![*](first);
    let place = quote!(#star #name);
    (name, place)
}

fn operation(op: &BinOp) -> Option<Operation> {
    let (name, kind, assigns) = match op {
        BinOp::Add(_) => ("Add", "Add", false),
        BinOp::Sub(_) => ("Sub", "Sub", false),
        BinOp::Mul(_) => ("Mul", "Mul", false),
        BinOp::Div(_) => ("Div", "Div", false),
        BinOp::Rem(_) => ("Rem", "Rem", false),
        BinOp::And(_) => ("LazyAnd", "", false),
        BinOp::Or(_) => ("LazyOr", "", false),
        BinOp::BitXor(_) => ("Xor", "BitXor", false),
        BinOp::BitAnd(_) => ("And", "BitAnd", false),
        BinOp::BitOr(_) => ("Or", "BitOr", false),
        BinOp::Shl(_) => ("Shl", "Shl", false),
        BinOp::Shr(_) => ("Shr", "Shr", false),
        BinOp::Eq(_) => ("Equal", "PartialEq", false),
        BinOp::Lt(_) => ("Less", "PartialOrd", false),
        BinOp::Le(_) => ("LessEqual", "PartialOrd", false),
        BinOp::Ne(_) => ("NotEqual", "PartialEq", false),
        BinOp::Ge(_) => ("GreaterEqual", "PartialOrd", false),
        BinOp::Gt(_) => ("Greater", "PartialOrd", false),
        BinOp::AddAssign(_) => ("Add", "AddAssign", true),
        BinOp::SubAssign(_) => ("Sub", "SubAssign", true),
        BinOp::MulAssign(_) => ("Mul", "MulAssign", true),
        BinOp::DivAssign(_) => ("Div", "DivAssign", true),
        BinOp::RemAssign(_) => ("Rem", "RemAssign", true),
        BinOp::BitXorAssign(_) => ("Xor", "BitXorAssign", true),
        BinOp::BitAndAssign(_) => ("And", "BitAndAssign", true),
        BinOp::BitOrAssign(_) => ("Or", "BitOrAssign", true),
        BinOp::ShlAssign(_) => ("Shl", "ShlAssign", true),
        BinOp::ShrAssign(_) => ("Shr", "ShrAssign", true),
        _ => return None,
    };
    Some(Operation { name, kind, assigns })
}
