//! What a kernel's parameter is to the launch: it follows from the form of its type alone.

use crate::diagnostics::{Errors, lacking};
use syn::spanned::Spanned;
use syn::{Attribute, GenericArgument, PatType, PathArguments, Type};

/// The role of a parameter, as in `ir::Role`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Uniform,
    Item {
        exclusive: bool,
    },
    Whole,
    /// `&Region`: a whole slice to devices.
    Region,
    Atomics,
    Row {
        exclusive: bool,
    },
    Root {
        nullable: bool,
    },
    Index {
        dimensions: u8,
    },
    /// `#[node]`: to devices an item of a slice of references or, where it is exclusive, of views.
    Node {
        exclusive: bool,
    },
}

impl Role {
    /// As `ast::tree` reads it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Role::Uniform => "Uniform",
            Role::Item { exclusive: false } | Role::Node { exclusive: false } => "Item",
            Role::Item { exclusive: true } | Role::Node { exclusive: true } => "ItemMut",
            Role::Whole | Role::Region => "Whole",
            Role::Atomics => "Atomics",
            Role::Row { exclusive: false } => "Row",
            Role::Row { exclusive: true } => "RowMut",
            Role::Root { nullable: false } => "Root",
            Role::Root { nullable: true } => "NullableRoot",
            Role::Index { dimensions: 1 } => "Index",
            Role::Index { dimensions: 2 } => "Index2",
            Role::Index { .. } => "Index3",
        }
    }
}

/// A parameter of an entry kernel.
pub(crate) struct Parameter {
    pub(crate) name: syn::Ident,
    pub(crate) role: Role,
    /// Uniform: the value's type; memory roles: of one element of the argument.
    pub(crate) element: Type,
}

/// Name of the last segment of a path type.
fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(p) => p.path.segments.last().map(|s| s.ident.to_string()),
        Type::Group(g) => last_segment(&g.elem),
        Type::Paren(p) => last_segment(&p.elem),
        _ => None,
    }
}

/// Is it the number of the work-item, by its name?
pub(crate) fn is_index(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|name| ["Index", "Index2", "Index3"].iter().any(|index| name == *index))
}

/// Is it one of this library's own attributes on parameters?
pub(crate) fn is_marker(attribute: &Attribute) -> bool {
    ["uniform", "rows", "node"].iter().any(|name| attribute.path().is_ident(name))
}

/// Finds the role of a parameter.
pub(crate) fn parameter(typed: &PatType, errors: &mut Errors) -> Option<Parameter> {
    if let Some(error) = lacking(&typed.ty) {
        errors.push(error);
        return None;
    }
    let marked = |name: &str| typed.attrs.iter().find(|a| a.path().is_ident(name));
    let (role, element) = if let Some(rows) = marked("rows") {
        rows_role(rows, &typed.ty, errors)?
    } else if let Some(node) = marked("node") {
        node_role(node, &typed.ty, errors)?
    } else if marked("uniform").is_some() {
        uniform_role(&typed.ty, errors)?
    } else {
        plain_role(&typed.ty, errors)?
    };
    Some(Parameter { name: crate::patterns::name(&typed.pat), role, element })
}

fn rows_role(rows: &Attribute, ty: &Type, errors: &mut Errors) -> Option<(Role, Type)> {
    if let Type::Reference(r) = ty
        && let Type::Slice(slice) = ungrouped(&r.elem)
    {
        let exclusive = r.mutability.is_some();
        return Some((Role::Row { exclusive }, (*slice.elem).clone()));
    }
    errors.add(rows.span(), "`#[rows]` belongs to a slice: `#[rows] m: &[T]` or `#[rows] m: &mut [T]`");
    None
}

fn node_role(node: &Attribute, ty: &Type, errors: &mut Errors) -> Option<(Role, Type)> {
    if let Type::Reference(r) = ty
        && matches!(ungrouped(&r.elem), Type::Path(_))
    {
        let exclusive = r.mutability.is_some();
        return Some((Role::Node { exclusive }, (*r.elem).clone()));
    }
    errors.add(
        node.span(),
        "`#[node]` belongs to a node of a linked structure: `#[node] n: &Node`, or its view: `#[node] n: &mut NodeMut`",
    );
    None
}

fn uniform_role(ty: &Type, errors: &mut Errors) -> Option<(Role, Type)> {
    if let Some(root) = option_role(ty) {
        return Some(root);
    }
    if let Type::Reference(r) = ty {
        if let Some(exclusive) = &r.mutability {
            errors.add(exclusive.span(), "all work-items see a linked structure: they only read it, `&T`");
            return None;
        }
        if let Type::Slice(slice) = ungrouped(&r.elem) {
            errors.add(slice.span(), "a whole slice needs no `#[uniform]`: `t: &[T]`");
            return None;
        }
        return Some((Role::Root { nullable: false }, (*r.elem).clone()));
    }
    Some((Role::Uniform, ty.clone()))
}

/// `Option<&T>`
fn option_role(ty: &Type) -> Option<(Role, Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(Type::Reference(r)) if r.mutability.is_none() => {
            Some((Role::Root { nullable: true }, (*r.elem).clone()))
        }
        // a handle is plain data
        GenericArgument::Type(to) if last_segment(to).is_some_and(|n| n == "Shared") => {
            Some((Role::Uniform, ty.clone()))
        }
        _ => None,
    }
}

fn plain_role(ty: &Type, errors: &mut Errors) -> Option<(Role, Type)> {
    match ty {
        Type::Group(g) => plain_role(&g.elem, errors),
        Type::Paren(p) => plain_role(&p.elem, errors),
        Type::Reference(r) => match (ungrouped(&r.elem), r.mutability.is_some()) {
            (Type::Slice(s), false) => {
                let element = (*s.elem).clone();
                let atomic = last_segment(&element).is_some_and(|n| n.starts_with("Atomic"));
                let role = if atomic { Role::Atomics } else { Role::Whole };
                Some((role, element))
            }
            (Type::Slice(s), true) => {
                errors.add(
                    s.span(),
                    "work-items cannot share a `&mut [T]`: take `&mut T` (one element each), `&mut [T; N]` (N elements \
                     each), `#[rows] &mut [T]` (a row each) or `&[AtomicU32]` (shared through atomics)",
                );
                None
            }
            (element, exclusive) if last_segment(element).is_some_and(|n| n == "Region") => {
                if exclusive {
                    errors.add(r.span(), "work-items cannot share a `&mut Region`: take `&Region`");
                    return None;
                }
                Some((Role::Region, element.clone()))
            }
            (element, exclusive) => {
                if last_segment(element).is_some_and(|n| n.starts_with("Atomic")) {
                    errors.add(element.span(), "atomics are shared as a whole slice: `&[AtomicU32]`");
                    return None;
                }
                Some((Role::Item { exclusive }, element.clone()))
            }
        },
        Type::ImplTrait(t) => {
            let message = match crate::callables::is_closure(t) {
                true => "a kernel's parameters are data: closures are parameters of `#[kernel_fn]` helpers",
                false => "a kernel names its type parameters: `impl Trait` is for `#[kernel_fn]` helpers",
            };
            errors.add(t.span(), message);
            None
        }
        ty if option_role(ty).is_some() => option_role(ty),
        _ => {
            let dimensions = match last_segment(ty).as_deref() {
                Some("Index") => 1,
                Some("Index2") => 2,
                Some("Index3") => 3,
                Some("Option") if !owns(ty) => return Some((Role::Uniform, ty.clone())),
                Some("Option" | "Box" | "Vec" | "String") => {
                    errors.add(
                        ty.span(),
                        "a kernel's parameter owns nothing: take `Option<&Node>` or `#[uniform] root: &Node` for linked data, or a slice",
                    );
                    return None;
                }
                _ => return Some((Role::Uniform, ty.clone())),
            };
            Some((Role::Index { dimensions }, ty.clone()))
        }
    }
}

/// Is it, or is it an `Option` of, what owns something, as far as names tell?
fn owns(ty: &Type) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return matches!(ungrouped(ty), Type::Reference(_)) };
    let Some(last) = path.path.segments.last() else { return false };
    let inside = match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) => arguments.args.first(),
        _ => None,
    };
    match (&*last.ident.to_string(), inside) {
        ("Box" | "Vec" | "String" | "Arc" | "Rc", _) => true,
        ("Option", Some(syn::GenericArgument::Type(inside))) => owns(inside),
        _ => false,
    }
}

/// The type without what a `macro_rules!` fragment puts around it.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(g) => ungrouped(&g.elem),
        Type::Paren(p) => ungrouped(&p.elem),
        ty => ty,
    }
}
