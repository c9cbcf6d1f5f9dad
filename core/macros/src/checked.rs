//! Users' types, written so that rustc says once that one of them is no kernel data.
//!
//! `P` becomes `<P as Tagged>::Base`, which is `P`. Where `P` is no type of kernels rustc says so at the user's `P`, in the same
//! words wherever that stands, so that it is printed once; and what is of a type that does not exist is not looked at any more.

use crate::body::PRIMITIVES;
use crate::oracle::generic_arguments;
use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Generics, Type, TypePath};

/// The type, with the paths in it that name users' types; `private` is where our names are.
pub(crate) fn checked(ty: &Type, generics: &Generics, private: &TokenStream) -> Type {
    if !matches!(ty, Type::Path(_) | Type::Reference(_) | Type::Slice(_) | Type::Array(_)) {
        return ty.clone();
    }
    let mut ty = ty.clone();
    Wrap { generics, private }.visit_type_mut(&mut ty);
    ty
}

struct Wrap<'a> {
    generics: &'a Generics,
    private: &'a TokenStream,
}

impl VisitMut for Wrap<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Path(path) if self.is_users(path) => {
                let private = self.private;
                *ty = Type::Verbatim(quote_spanned!(path.span()=> <#path as #private::Tagged>::Base));
            }
            Type::Reference(_) | Type::Slice(_) | Type::Array(_) => visit_mut::visit_type_mut(self, ty),
            _ => {}
        }
    }
}

impl Wrap<'_> {
    /// Is it a user's struct or enum without arguments, as far as its form tells?
    fn is_users(&self, path: &TypePath) -> bool {
        let Some(last) = path.path.segments.last() else { return false };
        let name = last.ident.to_string();
        let ours = ["Index", "Index2", "Index3", "Region", "Self", "Ordering"];
        path.qself.is_none()
            && path.path.segments.iter().all(|segment| segment.arguments.is_none() && segment.ident != "Self")
            && !PRIMITIVES.iter().any(|primitive| name == *primitive)
            && !ours.contains(&&*name)
            && !name.starts_with("Atomic")
            && !path.path.get_ident().is_some_and(|name| generic_arguments(self.generics).contains(name))
            && !path.path.segments.first().is_some_and(|first| generic_arguments(self.generics).contains(&first.ident))
    }
}
