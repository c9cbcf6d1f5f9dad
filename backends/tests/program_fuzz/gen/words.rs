//! Values of all types as words, so that they can be compared.

use crate::tree::{Node, plain, scope, text};
use crate::types::{Scalar, Ty};

use super::Gen;

impl Gen {
    /// Of some variable in scope, rather the later ones.
    pub(super) fn some_word(&mut self) -> Option<Node> {
        for _ in 0..4 {
            let (node, ty) = self.read(Ty::is_value)?;
            let is_whole = matches!(ty, Ty::Array(..) | Ty::Tuple(_) | Ty::Option(_) | Ty::Enum(_));
            if is_whole || self.percent(60) {
                return Some(self.word(node, &ty));
            }
        }
        None
    }

    /// A `u32` of a place.
    pub(super) fn word(&mut self, place: Node, ty: &Ty) -> Node {
        let template = match ty {
            Ty::S(Scalar::F32) => "word_f32($)",
            Ty::S(Scalar::F64) => "word_f64($)",
            Ty::S(Scalar::I64 | Scalar::U64) => "word_u64($ as u64)",
            Ty::S(_) => "($ as u32)",
            Ty::Option(of) => return self.word_of_option(place, of),
            Ty::Tuple(parts) => {
                let parts = parts.iter().enumerate().map(|(k, ty)| (format!("$.{k}"), ty.clone())).collect();
                return self.mixed(&place, parts);
            }
            Ty::Array(of, n) => {
                let parts = (0..*n).map(|k| (format!("$[{k}]"), (**of).clone())).collect();
                return self.mixed(&place, parts);
            }
            Ty::Struct(k) => {
                let fields = self.structs[*k].fields.clone();
                let parts = fields.into_iter().enumerate().map(|(k, ty)| (format!("$.f{k}"), ty)).collect();
                return self.mixed(&place, parts);
            }
            Ty::Enum(k) => return self.word_of_enum(place, *k),
            Ty::Slice(_) | Ty::Closure(..) | Ty::Counters => unreachable!("not asked for"),
        };
        self.v(&Ty::S(Scalar::U32), template, vec![place])
    }

    fn mixed(&mut self, place: &Node, parts: Vec<(String, Ty)>) -> Node {
        let mut all = self.v(&Ty::S(Scalar::U32), "1u32", vec![]);
        for (template, ty) in parts {
            let part = plain(&template, vec![place.clone()]);
            let word = self.word(part, &ty);
            all = self.v(&Ty::S(Scalar::U32), "mix($, $)", vec![all, word]);
        }
        all
    }

    fn word_of_option(&mut self, place: Node, of: &Ty) -> Node {
        let (inner, word) = self.scoped(|g| {
            let inner = g.fresh(of.clone(), false, false);
            let Node::Bind(id, name) = inner.clone() else { unreachable!("a declaration") };
            let word = g.word(Node::Use(id, name), of);
            (inner, word)
        });
        let arm = scope(vec![text("Some("), inner, text(") => "), word, text(".wrapping_add(3)")]);
        self.v(&Ty::S(Scalar::U32), "match $ { $, None => 5 }", vec![place, arm])
    }

    fn word_of_enum(&mut self, place: Node, k: usize) -> Node {
        let variants = self.enums[k].variants.clone();
        let mut template = "match $ {".to_owned();
        let mut parts = vec![place];
        for (v, variant) in variants.iter().enumerate() {
            let arm = self.scoped(|g| {
                let mut nodes = vec![];
                let mut words = g.v(&Ty::S(Scalar::U32), &format!("{}u32", v + 7), vec![]);
                for ty in &variant.fields {
                    let bound = g.fresh(ty.clone(), false, false);
                    let Node::Bind(id, name) = bound.clone() else { unreachable!("a declaration") };
                    let word = g.word(Node::Use(id, name), ty);
                    nodes.push(bound);
                    words = g.v(&Ty::S(Scalar::U32), "mix($, $)", vec![words, word]);
                }
                let pattern = Self::variant_pattern(k, v, variant.named, nodes);
                scope(vec![pattern, text(" => "), words])
            });
            template += " $,";
            parts.push(arm);
        }
        self.v(&Ty::S(Scalar::U32), &(template + " }"), parts)
    }

    /// The pattern, or the value, of a variant with its fields.
    pub(super) fn variant_pattern(k: usize, v: usize, named: bool, fields: Vec<Node>) -> Node {
        let list: Vec<String> =
            (0..fields.len()).map(|k| if named { format!("f{k}: $") } else { "$".to_owned() }).collect();
        let list = list.join(", ");
        let template = match (fields.is_empty(), named) {
            (true, _) => format!("E{k}::V{v}"),
            (_, true) => format!("E{k}::V{v} {{ {list} }}"),
            (_, false) => format!("E{k}::V{v}({list})"),
        };
        plain(&template, fields)
    }
}
