//! Literals.

use super::{Body, NONE, Tree};
use quote::quote_spanned;
use syn::Lit;

impl Body {
    pub(super) fn literal(&mut self, lit: &Lit) -> Tree {
        match lit {
            Lit::Bool(b) => {
                let value = b.value;
                format!("E::Bool({value})")
            }
            Lit::Byte(b) => {
                let value = b.value() as u128;
                format!("E::Int({value},\"u8\")")
            }
            Lit::Int(i) => self.integer(i),
            Lit::Float(f) => number(f.base10_digits(), |digits| {
                let suffix = f.suffix();
                format!("E::Float({digits:?},{suffix:?})")
            }),
            Lit::Char(c) => {
                let value = u32::from(c.value());
                format!("E::Int({value},\"u32\")")
            }
            Lit::ByteStr(text) => {
                let span = text.span();
                let row = self.constant_row(quote_spanned!(span=> __lb::Constant::__lb_constant(#text)));
                format!("E::Borrow(false,&E::Const({row}))")
            }
            Lit::Str(_) | Lit::CStr(_) => self.refuse(
                lit.span(),
                "strings are not supported in kernels, other than as messages of `assert!` and `panic!`: write b\"..\"",
            ),
            other => self.refuse(other.span(), "this literal is not supported in kernels"),
        }
    }

    fn integer(&mut self, i: &syn::LitInt) -> Tree {
        let suffix = i.suffix();
        if suffix == "f32" || suffix == "f64" {
            return number(i.base10_digits(), |digits| format!("E::Float({digits:?},{suffix:?})"));
        }
        if suffix == "i128" || suffix == "u128" {
            return self.refuse(i.span(), "128-bit integers are not supported in kernels");
        }
        let digits = i.base10_digits();
        match digits.trim_start_matches('-').parse::<u128>() {
            Ok(_) => number(digits, |digits| {
                let value: u128 = digits.parse().unwrap_or_default();
                format!("E::Int({value},{suffix:?})")
            }),
            Err(_) => self.refuse(i.span(), "this integer literal is too large"),
        }
    }
}

/// Literals in patterns carry their sign.
fn number(digits: &str, positive: impl FnOnce(&str) -> Tree) -> Tree {
    match digits.strip_prefix('-') {
        Some(digits) => {
            let value = positive(digits);
            format!("E::Neg(&{value},{NONE},At(0,0))")
        }
        None => positive(digits),
    }
}
