//! Variables and their parts.

use crate::tree::{Node, plain};
use crate::types::{Scalar, Ty};

use super::{Gen, Var};

impl Gen {
    fn is_readable(&self, k: usize) -> bool {
        let var = &self.vars[k];
        let free = !var.mutable || k >= self.context.captured;
        !var.hidden && free && !self.vars[k + 1..].iter().any(|other| other.name == var.name)
    }

    fn is_assignable(&self, k: usize) -> bool {
        self.vars[k].mutable && k >= self.context.floor && self.is_readable(k)
    }

    /// The variable itself, as a place.
    fn place(var: &Var) -> Node {
        let used = Node::Use(var.id, var.name.clone());
        if var.deref { plain("(*$)", vec![used]) } else { used }
    }

    /// Parts of a place, and itself.
    fn parts(&self, place: Node, ty: &Ty, depth: usize, found: &mut Vec<(Node, Ty)>) {
        found.push((place.clone(), ty.clone()));
        if depth == 0 {
            return;
        }
        match ty {
            Ty::Tuple(parts) => {
                for (k, ty) in parts.iter().enumerate() {
                    self.parts(plain(&format!("$.{k}"), vec![place.clone()]), ty, depth - 1, found);
                }
            }
            Ty::Array(ty, n) => {
                for k in 0..(*n).min(4) {
                    self.parts(plain(&format!("$[{k}]"), vec![place.clone()]), ty, depth - 1, found);
                }
            }
            Ty::Struct(s) => {
                for (k, ty) in self.structs[*s].fields.iter().enumerate() {
                    self.parts(plain(&format!("$.f{k}"), vec![place.clone()]), ty, depth - 1, found);
                }
            }
            _ => {}
        }
    }

    /// All places of a kind of variables that fit.
    fn places(&self, assigned: bool, fits: impl Fn(&Ty) -> bool) -> Vec<(Node, Ty)> {
        let mut found = vec![];
        for (k, var) in self.vars.iter().enumerate() {
            if if assigned { self.is_assignable(k) } else { self.is_readable(k) } {
                self.parts(Self::place(var), &var.ty, 3, &mut found);
            }
        }
        found.retain(|(_, ty)| fits(ty));
        found
    }

    /// A place, or part of it.
    pub(super) fn some_part(&mut self, place: Node, ty: Ty) -> (Node, Ty) {
        let mut found = vec![];
        self.parts(place, &ty, 2, &mut found);
        self.r.pick(&found)
    }

    /// A place that nothing changes.
    pub(super) fn constant(&mut self) -> Option<(Node, Ty)> {
        let mut found = vec![];
        for (k, var) in self.vars.iter().enumerate() {
            if self.is_readable(k) && !var.mutable {
                self.parts(Self::place(var), &var.ty, 2, &mut found);
            }
        }
        found.retain(|(_, ty)| ty.is_value());
        (!found.is_empty()).then(|| self.r.pick(&found))
    }

    /// A place to read that fits.
    pub(super) fn read(&mut self, fits: impl Fn(&Ty) -> bool) -> Option<(Node, Ty)> {
        let found = self.places(false, fits);
        (!found.is_empty()).then(|| self.r.pick(&found))
    }

    /// A place to assign that fits.
    pub(super) fn target(&mut self, fits: impl Fn(&Ty) -> bool) -> Option<(Node, Ty)> {
        let found = self.places(true, fits);
        (!found.is_empty()).then(|| self.r.pick(&found))
    }

    /// A whole variable that can be changed, and which.
    pub(super) fn changed(&mut self, fits: impl Fn(&Ty) -> bool) -> Option<(usize, Node)> {
        let found: Vec<usize> =
            (0..self.vars.len()).filter(|k| self.is_assignable(*k) && fits(&self.vars[*k].ty)).collect();
        let k = (!found.is_empty()).then(|| self.r.pick(&found))?;
        Some((k, Self::place(&self.vars[k])))
    }

    /// A variable that is a slice, or an array that can be read as one, with the type of its elements.
    pub(super) fn sequence(&mut self) -> Option<(Node, Ty)> {
        let is_one = |ty: &Ty| matches!(ty, Ty::Slice(_) | Ty::Array(..));
        let (node, ty) = self.read(is_one)?;
        match ty {
            Ty::Slice(of) | Ty::Array(of, _) => Some((node, *of)),
            _ => None,
        }
    }

    /// A number below the length of that, which is not 0.
    pub(super) fn index(&mut self, of: &Node, depth: usize) -> Node {
        // Without functions inside: in the index of a place that is assigned they are refused.
        self.context.nested += 3;
        let number = self.value(&Ty::S(Scalar::Usize), depth);
        self.context.nested -= 3;
        if self.risky() {
            return number;
        }
        plain("$ % $.len()", vec![number, of.clone()])
    }
}
