//! The kernel itself, in several forms, and how it is launched.

use crate::tree::{Node, plain, scope, statement, text};
use crate::types::{Scalar, Ty};

use super::Gen;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Form {
    /// Each item has its chunk of the results.
    Plain,
    /// So it has, and knows which item it is.
    Placed,
    /// So it has, and knows its row and its column.
    Plane,
    /// Items count together, besides.
    Counting,
    /// Gives a value.
    Giving,
}

/// How counters change, each in its own way: in any order with the same result.
const COUNTED: [&str; 6] = ["fetch_add", "fetch_sub", "fetch_xor", "fetch_or", "fetch_and", "fetch_max"];

impl Gen {
    pub(super) fn some_form(&mut self) -> Form {
        match self.below(20) {
            0 | 1 => Form::Placed,
            2 | 3 => Form::Plane,
            4..=6 => Form::Counting,
            7..=9 => Form::Giving,
            _ => Form::Plain,
        }
    }

    /// The kernel and its launch.
    pub(super) fn kernel(&mut self, item: Node) -> Node {
        let form = self.form;
        let table = |s| Ty::Slice(Box::new(Ty::S(s)));
        let mut list = vec!["$: &$", "$: &[i32]", "$: &[u32]", "$: &[u8]", "$: &[f32]"];
        let mut call = vec!["items", "&tables.t", "&tables.u", "&tables.b", "&tables.f"];
        let id = self.id();
        let x = self.bind_as(id, "x".into(), Ty::Struct(0), false, true);
        let mut parts = vec![x, item.clone()];
        for s in [Scalar::I32, Scalar::U32, Scalar::U8, Scalar::F32] {
            parts.push(self.fresh(table(s), false, false));
        }
        let mut start = "";
        if matches!(form, Form::Placed | Form::Plane) {
            let plane = form == Form::Plane;
            list.extend([if plane { "at: Index2" } else { "at: Index" }, "wanted: &[u32]"]);
            call.extend(if plane { &["[4, 6]", "&extra.wanted"][..] } else { &["&extra.wanted"] });
            start = match plane {
                true => "let (row, column) = (at.y, at.x);\nif wanted[row * 6 + column] == 0 { return; }\n",
                false => "let (row, column) = (at / 6, at % 6);\nif wanted[at] == 0 { return; }\n",
            };
        }
        if form == Form::Counting {
            list.push("$: &[AtomicU32]");
            call.push("&mut extra.counts");
            parts.push(self.fresh(Ty::Counters, true, false));
        }
        let mut out_id = None;
        if form != Form::Giving {
            list.push("$: &mut [u32; 8]");
            call.push("out");
            let id = self.id();
            parts.push(self.bind_as(id, "out".into(), Ty::array(Ty::S(Scalar::U32), 8), true, true));
            out_id = Some(id);
        }
        let result = (form == Form::Giving).then(|| self.ty(2));
        let body = self.kernel_body(start, out_id, result.as_ref());
        let shown = result.as_ref().map_or_else(String::new, |ty| format!(" -> {}", ty.text()));
        parts.push(body);
        let kernel = plain(&format!("\n#[kernel]\npub fn kernel({}){shown} {{\n$}}\n", list.join(", ")), parts);
        let launch = self.launch(item, &call.join(", "), result);
        plain("$$", vec![scope(vec![kernel]), launch])
    }

    fn kernel_body(&mut self, start: &str, out: Option<usize>, result: Option<&Ty>) -> Node {
        let n = [1 + self.below(3), 3 + self.below(4), 5 + self.below(6)][self.size - 1];
        let mut body = vec![text(start)];
        if !start.is_empty() {
            for name in ["row", "column"] {
                let id = self.id();
                // Declared by the text before it.
                let node = self.bind_as(id, name.into(), Ty::S(Scalar::Usize), false, false);
                body.push(plain("let $ = ", vec![node]));
                body.push(text(format!("{name};\n")));
            }
        }
        self.context.result = result.cloned();
        body.extend(self.statements(n, self.size.min(2) + 1));
        if let Some(ty) = result {
            body.push(self.value(ty, 3));
        }
        let words = if out.is_some() { 8 } else { 0 };
        for k in 0..words {
            if let (Some(id), Some(word)) = (out, self.some_word()) {
                let out = Node::Use(id, "out".into());
                body.push(statement(&format!("    $[{k}] ^= $;\n"), vec![out, word]));
            }
        }
        scope(body)
    }

    fn launch(&mut self, item: Node, call: &str, result: Option<Ty>) -> Node {
        let head = "
pub fn launch(device: &Device, items: &[$], tables: &Tables, extra: &mut Extra, out: &mut [u32]) -> Result<()> {
";
        let Some(ty) = result else {
            return plain(&format!("{head}    device.run(kernel({call})).map(drop)\n}}\n"), vec![item]);
        };
        self.vars.clear();
        let id = self.id();
        let given = || Node::Use(id, "given".into());
        let word = self.word(given(), &ty);
        let rest = format!("    let all = device.collect(kernel({call}))?;\n");
        let declared = Node::Bind(id, "given".into());
        let parts = vec![item, declared, word];
        let each =
            "    for (k, $) in all.iter().copied().enumerate() {\n        out[8 * k] = $;\n    }\n    Ok(())\n}\n";
        scope(vec![plain(&format!("{head}{rest}{each}"), parts)])
    }

    /// One of the counters changes; what it was before is nobody's.
    pub(super) fn counting(&mut self) -> Option<Node> {
        let (_, counters) = self.changed(|ty| *ty == Ty::Counters)?;
        let k = self.below(COUNTED.len());
        let value = self.value(&Ty::S(Scalar::U32), 2);
        let template = format!("$[{k}].{}($, Ordering::Relaxed);\n", COUNTED[k]);
        Some(statement(&template, vec![counters, value]))
    }
}
