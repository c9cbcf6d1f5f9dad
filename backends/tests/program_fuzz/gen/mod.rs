//! Programs that rustc accepts and that end, from a seed.

mod chains;
mod closures;
mod fallible;
mod floats;
mod forms;
mod helpers;
mod integers;
mod items;
mod loops;
mod matches;
mod options;
mod places;
mod statements;
mod values;
mod words;

use std::rc::Rc;

use crate::random::Random;
use crate::tree::{Kind, Node, fill};
use forms::Form;

use crate::types::{Enum, Function, Scalar, Struct, Ty};

/// One kernel with its types and functions: the content of a module.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) tree: Node,
    /// Uses 64-bit types and `f64`.
    pub(crate) wide: bool,
    /// Its floats are not exact by construction: for the host and the interpreter only.
    pub(crate) free: bool,
    /// Knows which item it is.
    pub(crate) placed: bool,
}

/// A variable in scope.
#[derive(Clone)]
struct Var {
    id: usize,
    name: Rc<str>,
    ty: Ty,
    mutable: bool,
    /// A reference to a value of that type.
    deref: bool,
    hidden: bool,
}

/// What changes where a closure or a function begins, and is restored where it ends.
#[derive(Clone, Default)]
struct Context {
    /// Variables before it cannot be assigned.
    floor: usize,
    /// Mutable variables before it cannot be read.
    captured: usize,
    /// Labels of loops around.
    loops: Vec<(usize, Rc<str>)>,
    /// What `return` takes, if it can stand here.
    result: Option<Ty>,
    /// How deep in loops: their bodies run up to eight times each.
    nested: usize,
}

struct Gen {
    r: Random,
    wide: bool,
    free: bool,
    /// How often, in percent, an operation is taken that may panic.
    risk: usize,
    form: Form,
    /// From 1 to 3. Most programs are small: what the compilers take for them grows faster than they do.
    size: usize,
    next: usize,
    vars: Vec<Var>,
    context: Context,
    structs: Vec<Struct>,
    enums: Vec<Enum>,
    functions: Vec<Function>,
}

/// The program of a seed: the first draft in which no name hides one that is used below it.
pub(crate) fn program(seed: u64) -> Program {
    let mut drafts = (0..64).map(|number| draft(seed ^ (number << 48)));
    drafts.find(|program| program.tree.is_consistent()).expect("one draft of many is good")
}

fn draft(seed: u64) -> Program {
    let mut r = Random::new(seed);
    let wide = r.percent(25);
    let free = r.percent(10);
    let risk = r.pick(&[0, 0, 2, 5]);
    let size = r.pick(&[1, 1, 1, 1, 1, 1, 2, 2, 3]);
    let mut gen_ = Gen {
        r,
        wide,
        free,
        risk,
        size,
        form: Form::Plain,
        next: 0,
        vars: vec![],
        context: Context::default(),
        structs: vec![],
        enums: vec![],
        functions: vec![],
    };
    gen_.form = gen_.some_form();
    let tree = gen_.module();
    Program { tree, wide, free, placed: matches!(gen_.form, Form::Placed | Form::Plane) }
}

impl Gen {
    fn percent(&mut self, of: usize) -> bool {
        self.r.percent(of)
    }

    fn risky(&mut self) -> bool {
        let risk = self.risk;
        self.r.percent(risk)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.r.below(limit)
    }

    /// A value of that type: `$` in the template stands for the parts.
    fn v(&self, ty: &Ty, template: &str, parts: Vec<Node>) -> Node {
        Node::Group(Kind::Value(ty.text().into(), self.zero(ty).into()), Rc::new(fill(template, parts)))
    }

    /// The simplest value.
    fn zero(&self, ty: &Ty) -> String {
        let all = |types: &[Ty]| types.iter().map(|ty| self.zero(ty)).collect::<Vec<_>>();
        match ty {
            Ty::S(Scalar::Bool) => "false".into(),
            Ty::S(s) if s.is_float() => format!("0.0{}", s.name()),
            Ty::S(s) => format!("0{}", s.name()),
            Ty::Option(t) => format!("None::<{}>", t.text()),
            Ty::Tuple(parts) => format!("({})", all(parts).join(", ")),
            Ty::Array(t, n) => format!("[{}; {n}]", self.zero(t)),
            Ty::Struct(k) => {
                let fields = all(&self.structs[*k].fields);
                let fields: Vec<_> = fields.iter().enumerate().map(|(k, zero)| format!("f{k}: {zero}")).collect();
                format!("(S{k} {{ {} }})", fields.join(", "))
            }
            Ty::Enum(k) => {
                let variant = &self.enums[*k].variants[0];
                let fields = all(&variant.fields);
                if variant.named {
                    let fields: Vec<_> = fields.iter().enumerate().map(|(k, zero)| format!("f{k}: {zero}")).collect();
                    format!("(E{k}::V0 {{ {} }})", fields.join(", "))
                } else if fields.is_empty() {
                    format!("E{k}::V0")
                } else {
                    format!("E{k}::V0({})", fields.join(", "))
                }
            }
            Ty::Slice(_) | Ty::Closure(..) | Ty::Counters => unreachable!("of variables only"),
        }
    }

    fn id(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    /// Declares a variable; sometimes under the name of another, which it hides.
    fn bind(&mut self, ty: Ty, mutable: bool, deref: bool) -> Node {
        let id = self.id();
        let visible: Vec<Rc<str>> =
            self.vars.iter().map(|var| var.name.clone()).filter(|n| n.starts_with('v')).collect();
        let name =
            if !visible.is_empty() && self.percent(12) { self.r.pick(&visible) } else { format!("v{id}").into() };
        self.bind_as(id, name, ty, mutable, deref)
    }

    fn fresh(&mut self, ty: Ty, mutable: bool, deref: bool) -> Node {
        let id = self.id();
        self.bind_as(id, format!("v{id}").into(), ty, mutable, deref)
    }

    fn bind_as(&mut self, id: usize, name: Rc<str>, ty: Ty, mutable: bool, deref: bool) -> Node {
        self.vars.push(Var { id, name: name.clone(), ty, mutable, deref, hidden: false });
        Node::Bind(id, name)
    }

    /// Runs with everything that is declared inside forgotten afterwards.
    fn scoped<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.vars.len();
        let result = run(self);
        self.vars.truncate(before);
        result
    }

    /// Runs where no variable around can be assigned.
    fn pure<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.context.floor, self.vars.len());
        let result = run(self);
        self.context.floor = before;
        result
    }

    /// Any integer type but `usize`.
    fn integer(&mut self) -> Scalar {
        if self.wide { self.r.pick(&Scalar::WIDE) } else { self.r.pick(&Scalar::NARROW) }
    }

    fn scalar(&mut self) -> Scalar {
        match self.below(10) {
            0 => Scalar::Bool,
            1 => Scalar::Usize,
            2 | 3 => Scalar::F32,
            4 if self.wide => Scalar::F64,
            _ => self.integer(),
        }
    }

    /// Any type that values can have.
    fn ty(&mut self, depth: usize) -> Ty {
        match self.below(if depth == 0 { 6 } else { 14 }) {
            6 => Ty::option(self.ty(depth - 1)),
            7 | 8 => {
                let n = 2 + self.below(2);
                Ty::Tuple((0..n).map(|_| self.part(depth - 1)).collect())
            }
            9 | 10 => {
                let n = 1 + self.below(4);
                Ty::array(self.part(depth - 1), n)
            }
            11 | 12 if !self.structs.is_empty() => Ty::Struct(self.below(self.structs.len())),
            13 if !self.enums.is_empty() => Ty::Enum(self.below(self.enums.len())),
            _ => Ty::S(self.scalar()),
        }
    }

    /// Any type that parts of values have, options seldom.
    fn part(&mut self, depth: usize) -> Ty {
        loop {
            let ty = self.ty(depth);
            if !self.has_option(&ty) || self.percent(40) {
                return ty;
            }
        }
    }

    fn has_option(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Option(_) => true,
            Ty::Tuple(parts) => parts.iter().any(|ty| self.has_option(ty)),
            Ty::Array(ty, _) => self.has_option(ty),
            _ => false,
        }
    }
}
