//! What ends a chain of iterators.

use super::chain::{Chain, finished};
use super::{Body, Tree};
use crate::chains;
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall};

impl Body {
    /// A chain that ends in a method.
    pub(super) fn chain(&mut self, expr: &mut Expr) -> Tree {
        let Expr::MethodCall(call) = &mut *expr else { unreachable!("called for method calls") };
        let (name, span) = (call.method.to_string(), call.method.span());
        if chains::LEAVING.contains(&&*name) && self.is_held(&call.receiver) && !self.is_resumed(&call.receiver) {
            let message = format!(
                "`{name}` leaves the rest of an iterator in its variable, which kernels do not keep: write the whole chain here, \
                 or a `for` loop"
            );
            return self.refuse(span, message);
        }
        let mut chain = Chain::default();
        if self.iterator(&mut call.receiver, &mut chain).is_none() {
            return "E::Unit".to_string();
        }
        if let Some(turbofish) = &call.turbofish
            && !["sum", "product"].contains(&&*name)
        {
            return self.refuse(turbofish.span(), format!("type arguments of `{name}` are not supported in kernels"));
        }
        let Some(arity) = chains::sink_arity(&name) else { unreachable!("a sink") };
        if !self.prepare(&name, call, &mut chain) {
            return "E::Unit".to_string();
        }
        let mut arguments = call.args.iter_mut();
        let sink = match (&*name, arguments.next(), arguments.next()) {
            (name, Some(other), None) if chains::COMPARING.contains(&name) => {
                match self.partner(other, "this comparison", &mut chain) {
                    Some(parts) => format!("K::Compare({name:?},{parts})"),
                    None => return "E::Unit".to_string(),
                }
            }
            ("nth", Some(n), None) => {
                let n = self.expr(n);
                chain.stages.push_str(&format!("T::Skip({n}),"));
                "K::Next".to_string()
            }
            ("next", ..) => "K::Next".to_string(),
            ("min_by_key" | "max_by_key", Some(f), None) => {
                let f = self.typed_function(f, arity, true);
                format!("K::ExtremeByKey({},{f})", name == "max_by_key")
            }
            ("min_by" | "max_by", Some(f), None) => {
                let f = self.function(f, arity);
                format!("K::ExtremeBy({},{f})", name == "max_by")
            }
            ("sum", ..) => "K::Sum".to_string(),
            ("product", ..) => "K::Product".to_string(),
            ("min", ..) => "K::Min".to_string(),
            ("max", ..) => "K::Max".to_string(),
            ("count", ..) => "K::Count".to_string(),
            ("last", ..) => "K::Last".to_string(),
            ("fold" | "rfold", Some(init), Some(f)) => {
                let init = self.expr(init);
                let f = self.function(f, arity);
                format!("K::Fold({init},{f})")
            }
            (_, Some(f), None) => {
                let f = self.function(f, arity);
                let sink = match &*name {
                    "any" => "Any",
                    "all" => "All",
                    "position" => "Position",
                    "rposition" => "RPosition",
                    "find" | "rfind" => "Find",
                    "find_map" => "FindMap",
                    "reduce" => "Reduce",
                    _ => "ForEach",
                };
                format!("K::{sink}({f})")
            }
            _ => return "E::Unit".to_string(), // rustc counts the arguments
        };
        let mut slot = super::NONE;
        let known = ["any", "all", "count", "position", "rposition", "for_each"];
        if !known.contains(&&*name) && !chains::COMPARING.contains(&&*name) {
            let (pass, row) = self.type_slot(span);
            slot = row;
            let checked = match &*name {
                "sum" => quote_spanned!(span=> __lb::Summed::checked(#expr)),
                "product" => quote_spanned!(span=> __lb::Multiplied::checked(#expr)),
                "min" | "max" => quote_spanned!(span=> __lb::extreme(#expr)),
                _ => quote_spanned!(span=> #expr),
            };
            *expr = Expr::Verbatim(quote_spanned!(span=> __lb::Tagged::__lb_pass(&#pass, #checked)));
        }
        finished(chain, &sink, slot, span)
    }

    /// Is it a chain or a range in a variable?
    fn is_held(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Paren(p) => self.is_held(&p.expr),
            Expr::Path(_) => true,
            _ => false,
        }
    }

    /// What is to be done before the end of a chain is; whether it can be done.
    fn prepare(&mut self, name: &str, call: &ExprMethodCall, chain: &mut Chain) -> bool {
        let span = call.method.span();
        if self.is_endless(chain, span) {
            return false;
        }
        if name.starts_with('r') && name != "reduce" {
            if !chains::may_reverse(&chain.names) {
                let message = format!(
                    "in kernels `{name}` does not come behind adaptors that count the items of a closure's results"
                );
                self.refuse(span, message);
                return false;
            }
            chain.stages.push_str("T::Rev,");
        }
        true
    }
}
