//! Method calls.

use super::{Body, NONE, Tree, at};
use crate::diagnostics::method_advice;
use crate::intrinsics;
use proc_macro2::Ident;
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

impl Body {
    /// `receiver.name(..)`: beside the call the oracle calls the hidden sibling of `name`, which is found by the same
    /// rules; its result tells the callee.
    pub(super) fn method_call(&mut self, expr: &mut Expr) -> Tree {
        let Expr::MethodCall(call) = &mut *expr else { unreachable!("called for method calls") };
        let (name, span) = (call.method.to_string(), call.method.span());
        if let Some(advice) = method_advice(&name) {
            return self.refuse(span, format!("`{name}` is not supported here: {advice}"));
        }
        if let Some(turbofish) = &call.turbofish {
            let span = turbofish.span();
            return self.refuse(span, "type arguments of a method are not supported in kernels");
        }
        let receiver_span = call.receiver.span();
        let receiver = self.expr(&mut call.receiver);
        let arguments = self.expressions(&mut call.args);
        if !intrinsics::is_method(&name) {
            self.user_methods.insert(name.clone());
        }
        let slot = self.slot(span);
        let callee = self.callee(quote!(__lb::resolved(&#slot)));
        let sibling = Ident::new(&intrinsics::sibling(&name), span);
        let probe = quote_spanned!(span=> __lb::base(__r).#sibling());
        let place = Expr::Verbatim(quote_spanned!(receiver_span=> (*__r)));
        let receiver_expr = std::mem::replace(&mut *call.receiver, place);
        let (ty, call) = if intrinsics::BY_CONTEXT.contains(&&*name) {
            let (result, row) = self.type_slot(span);
            (row, quote_spanned!(span=> #result.pass(#call)))
        } else {
            (NONE, call.to_token_stream())
        };
        let probe = quote_spanned!(span=> __lb::callee(&#slot, #probe));
        *expr = Expr::Verbatim(quote!(({ let __r = &#receiver_expr; #probe; #call })));
        let at = at(span);
        format!("E::Method(&{receiver},{name:?},{callee},&[{arguments}],{ty},{at})")
    }
}
