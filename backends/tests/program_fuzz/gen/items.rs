//! Types, functions, and the kernel itself.

use crate::tree::{Node, plain, scope, text};
use crate::types::{Enum, Function, Scalar, Struct, Ty, Variant};

use super::{Context, Gen};

/// What an item of a launch has: the fields of `In` in the runner.
pub(crate) const FIELDS: [Scalar; 8] = {
    use Scalar::*;
    [I32, U32, U8, I16, F32, Bool, I8, U16]
};
/// Those of `Wide` besides.
pub(crate) const WIDE_FIELDS: [Scalar; 3] = [Scalar::I64, Scalar::U64, Scalar::F64];

impl Gen {
    /// The whole module. `In` and `Wide` are struct 0.
    pub(super) fn module(&mut self) -> Node {
        let mut fields = FIELDS.to_vec();
        if self.wide {
            fields.extend(WIDE_FIELDS);
        }
        self.structs.push(Struct { fields: fields.into_iter().map(Ty::S).collect() });
        let item = text(if self.wide { "Wide" } else { "In" });
        let mut nodes = vec![plain("use super::*;\nuse super::$ as S0;\n", vec![item.clone()])];
        for _ in 0..self.below(3) {
            nodes.push(self.structure());
        }
        for _ in 0..self.below(2) {
            nodes.push(self.enumeration());
        }
        for _ in 0..self.below([2, 3, 3][self.size - 1]) {
            let function = self.function();
            nodes.push(function);
        }
        nodes.push(self.kernel(item));
        plain(&"$".repeat(nodes.len()), nodes)
    }

    fn structure(&mut self) -> Node {
        let fields: Vec<Ty> = (0..1 + self.below(4)).map(|_| self.part(1)).collect();
        let c = if self.percent(30) { "#[repr(C)]\n" } else { "" };
        let texts: Vec<_> =
            fields.iter().enumerate().map(|(k, ty)| format!("    pub f{k}: {},\n", ty.text())).collect();
        let k = self.structs.len();
        let compared =
            if fields.iter().all(|ty| self.is_ordered(ty)) { "#[kernel_type(PartialEq, PartialOrd)]\n" } else { "" };
        self.structs.push(Struct { fields });
        text(format!("\n#[derive(Clone, Copy, KernelType)]\n{compared}{c}pub struct S{k} {{\n{}}}\n", texts.concat()))
    }

    fn enumeration(&mut self) -> Node {
        let variants: Vec<Variant> = (0..2 + self.below(3))
            .map(|_| {
                let fields = (0..self.below(3)).map(|_| self.part(1)).collect::<Vec<_>>();
                Variant { named: !fields.is_empty() && self.percent(40), fields }
            })
            .collect();
        let repr = self.r.pick(&["u8", "i16", "u32", "C"]);
        let k = self.enums.len();
        let texts: Vec<_> = variants.iter().enumerate().map(|(k, variant)| declared(k, variant)).collect();
        self.enums.push(Enum { repr, variants });
        let repr = self.enums[k].repr;
        text(format!("\n#[derive(Clone, Copy, KernelType)]\n#[repr({repr})]\npub enum E{k} {{\n{}}}\n", texts.concat()))
    }

    fn function(&mut self) -> Node {
        let parameters: Vec<Ty> = (0..1 + self.below(3)).map(|_| self.ty(1)).collect();
        let changes = self.percent(30).then(|| self.part(1));
        let result = self.ty(1);
        let node = self.scoped(|g| {
            let mut shown = vec![];
            let mut list = vec![];
            for ty in &parameters {
                list.push(format!("$: {}", ty.text()));
                let mutable = g.percent(20);
                shown.push(plain(if mutable { "mut $" } else { "$" }, vec![g.fresh(ty.clone(), mutable, false)]));
            }
            if let Some(ty) = &changes {
                list.push(format!("$: &mut {}", ty.text()));
                shown.push(g.fresh(ty.clone(), true, true));
            }
            g.context.result = Some(result.clone());
            g.context.nested = 2;
            let k = g.functions.len();
            let n = 1 + g.below(3);
            let mut body = g.statements(n, 2);
            body.push(g.value(&result, 3));
            g.context = Context::default();
            let template = format!("\n#[kernel_fn]\npub fn fn{k}({}) -> {} {{\n$}}\n", list.join(", "), result.text());
            shown.push(scope(body));
            scope(vec![plain(&template, shown)])
        });
        self.functions.push(Function { parameters, changes, result });
        node
    }
}

fn declared(k: usize, variant: &Variant) -> String {
    let texts = variant.fields.iter().map(Ty::text);
    if variant.fields.is_empty() {
        format!("    V{k},\n")
    } else if variant.named {
        let fields: Vec<_> = texts.enumerate().map(|(k, ty)| format!("f{k}: {ty}")).collect();
        format!("    V{k} {{ {} }},\n", fields.join(", "))
    } else {
        format!("    V{k}({}),\n", texts.collect::<Vec<_>>().join(", "))
    }
}
