//! Expressions. One that is *anchored* stands where the context tells its type, so that its literals need no suffix; one
//! that is not has a type by itself, as rustc demands of a method's receiver or one side of a comparison.

use landbridge_core::ast::{Arm, Expr, NONE, Operator, Pattern, Stmt};

use super::program::{Generator, Leave, Part, Run, State, TYPES, Ty, Value};
use crate::support::*;

const INTEGERS: [Ty; 3] = [Ty::I32, Ty::U8, Ty::I64];

impl Generator<'_, '_> {
    /// An expression of this type.
    pub(super) fn expression(&mut self, ty: Ty, anchored: bool) -> Part {
        if !self.spend() {
            return self.leaf(ty, anchored);
        }
        match self.below(14) {
            0 | 1 => self.leaf(ty, anchored),
            2 => self.choice(ty, anchored),
            3 => self.block(ty, anchored),
            4 => self.matched(ty),
            5 => self.labelled(ty),
            6 => self.element(ty),
            _ if ty == Ty::Bool => self.condition(),
            7 => self.cast(ty),
            8 => self.negated(ty, anchored),
            9 => self.method(ty),
            _ => self.arithmetic(ty, anchored),
        }
    }

    fn leaf(&mut self, ty: Ty, anchored: bool) -> Part {
        if self.below(2) == 0 {
            return self.read(ty);
        }
        let suffix = |name| if anchored { "" } else { name };
        let n = self.pick(&[0_u8, 1, 2, 3, 7, 31, 100, 127, 200]);
        let (tree, value) = match ty {
            Ty::I32 => (Expr::Int(n.into(), suffix("i32")), Value::I32(n.into())),
            Ty::U8 => (Expr::Int(n.into(), suffix("u8")), Value::U8(n)),
            Ty::I64 => (Expr::Int(u128::from(n) << 33, suffix("i64")), Value::I64(i64::from(n) << 33)),
            Ty::F32 => {
                let (digits, value) = self.pick(&[("0.1", 0.1), ("2.0", 2.0), ("1e30", 1e30), ("0.0", 0.0_f32)]);
                (Expr::Float(digits, suffix("f32")), Value::F32(value))
            }
            Ty::Bool => (Expr::Bool(n > 7), Value::Bool(n > 7)),
        };
        Part { tree, run: Box::new(move |_| Ok(value)) }
    }

    fn read(&mut self, ty: Ty) -> Part {
        let (k, slot) = self.variable(ty);
        Part { tree: local(slot), run: Box::new(move |s| Ok(s.variables[k])) }
    }

    /// `if c { a } else { b }`
    fn choice(&mut self, ty: Ty, anchored: bool) -> Part {
        let condition = self.expression(Ty::Bool, true);
        let (a, b) = (self.expression(ty, anchored), self.expression(ty, true));
        Part {
            tree: if_else(condition.tree, a.tree, b.tree),
            run: Box::new(move |s| if truth((condition.run)(s)?) { (a.run)(s) } else { (b.run)(s) }),
        }
    }

    /// `{ variable = a; b }`
    fn block(&mut self, ty: Ty, anchored: bool) -> Part {
        let other = self.pick(&TYPES);
        let (k, slot) = self.variable(other);
        let (a, b) = (self.expression(other, true), self.expression(ty, anchored));
        Part {
            tree: block(vec![Stmt::Expr(assign(local(slot), a.tree))], Some(b.tree)),
            run: Box::new(move |s| {
                s.variables[k] = (a.run)(s)?;
                (b.run)(s)
            }),
        }
    }

    /// `match x { 1 | 2 => a, 3..=100 if c => b, _ => variable }`
    fn matched(&mut self, ty: Ty) -> Part {
        let of = self.pick(&INTEGERS);
        let value = self.expression(of, false);
        let (a, b, guard) = (self.expression(ty, true), self.expression(ty, true), self.expression(Ty::Bool, true));
        let last = self.read(ty);
        let few = Pattern::Or(list(vec![Pattern::Value(int(1)), Pattern::Value(int(2))]));
        let range = Pattern::Range(Some(int(3)), Some(int(100)), true);
        let arms =
            vec![Arm(few, None, a.tree), Arm(range, Some(guard.tree), b.tree), Arm(Pattern::Wild, None, last.tree)];
        Part {
            tree: Expr::Match(leak(value.tree), list(arms)),
            run: Box::new(move |s| match whole((value.run)(s)?) {
                1 | 2 => (a.run)(s),
                3..=100 if truth((guard.run)(s)?) => (b.run)(s),
                _ => (last.run)(s),
            }),
        }
    }

    /// `'label: { if c { break 'label a } b }`
    fn labelled(&mut self, ty: Ty) -> Part {
        let label = self.labels;
        self.labels += 1;
        let (c, a, b) = (self.expression(Ty::Bool, true), self.expression(ty, true), self.expression(ty, false));
        let leave = Expr::If(leak(c.tree), leak(Expr::Break(label, Some(leak(a.tree)))), None);
        let body = block(vec![Stmt::Expr(leave)], Some(b.tree));
        Part {
            tree: Expr::LabelledBlock(label, leak(body)),
            run: Box::new(move |s| if truth((c.run)(s)?) { (a.run)(s) } else { (b.run)(s) }),
        }
    }

    /// `[a, b, c][i as usize]`
    fn element(&mut self, ty: Ty) -> Part {
        let (a, b, i) = (self.expression(ty, false), self.expression(ty, true), self.expression(Ty::U8, false));
        let usize = self.function.ty::<usize>();
        let at = binary(Operator::Rem, Expr::Cast(leak(i.tree), usize), int(3));
        Part {
            tree: index(Expr::Array(list(vec![a.tree, b.tree])), at),
            run: Box::new(move |s| {
                let (a, b) = ((a.run)(s)?, (b.run)(s)?);
                match whole((i.run)(s)?) % 3 {
                    0 => Ok(a),
                    1 => Ok(b),
                    _ => Err(Leave::Panic("index out of bounds: the len is 2 but the index is 2".into())),
                }
            }),
        }
    }

    fn cast(&mut self, ty: Ty) -> Part {
        let from = self.pick(&TYPES);
        if from == Ty::Bool && ty == Ty::F32 {
            return self.leaf(ty, false);
        }
        let value = self.expression(from, false);
        let tree = Expr::Cast(leak(value.tree), self.type_slot(ty));
        let run: Run = Box::new(move |s| {
            let value = (value.run)(s)?;
            Ok(match (value, ty) {
                (Value::F32(v), Ty::I32) => Value::I32(v as i32),
                (Value::F32(v), Ty::U8) => Value::U8(v as u8),
                (Value::F32(v), Ty::I64) => Value::I64(v as i64),
                (Value::F32(_), _) => value,
                (_, Ty::I32) => Value::I32(whole(value) as i32),
                (_, Ty::U8) => Value::U8(whole(value) as u8),
                (_, Ty::F32) => Value::F32(whole(value) as f32),
                _ => Value::I64(whole(value)),
            })
        });
        Part { tree, run }
    }

    fn negated(&mut self, ty: Ty, anchored: bool) -> Part {
        let value = self.expression(ty, anchored);
        if ty == Ty::U8 {
            return Part {
                tree: Expr::Not(leak(value.tree), NONE),
                run: Box::new(move |s| Ok(Value::U8(!whole((value.run)(s)?) as u8))),
            };
        }
        Part {
            tree: Expr::Neg(leak(value.tree), NONE, at(5)),
            run: Box::new(move |s| {
                let overflow = |s: &State| match s.checks {
                    true => Err(Leave::Panic("attempt to negate with overflow".into())),
                    false => Ok(()),
                };
                Ok(match (value.run)(s)? {
                    Value::F32(v) => Value::F32(-v),
                    Value::I32(v) => {
                        v.checked_neg().map_or_else(|| overflow(s), |_| Ok(()))?;
                        Value::I32(v.wrapping_neg())
                    }
                    Value::I64(v) => {
                        v.checked_neg().map_or_else(|| overflow(s), |_| Ok(()))?;
                        Value::I64(v.wrapping_neg())
                    }
                    other => other,
                })
            }),
        }
    }

    fn method(&mut self, ty: Ty) -> Part {
        let (a, b) = (self.expression(ty, false), self.expression(ty, true));
        if ty == Ty::F32 {
            return Part {
                tree: method(a.tree, "abs", vec![]),
                run: Box::new(move |s| match (a.run)(s)? {
                    Value::F32(v) => Ok(Value::F32(v.abs())),
                    other => Ok(other),
                }),
            };
        }
        let name = self.pick(&["wrapping_mul", "saturating_sub", "max", "rem_euclid"]);
        Part {
            tree: method(a.tree, name, vec![b.tree]),
            run: Box::new(move |s| {
                let (a, b) = ((a.run)(s)?, (b.run)(s)?);
                macro_rules! apply {
                    ($a:ident $b:ident $kind:ident) => {
                        Value::$kind(match name {
                            "wrapping_mul" => $a.wrapping_mul($b),
                            "saturating_sub" => $a.saturating_sub($b),
                            "max" => $a.max($b),
                            _ => $a.checked_rem_euclid($b).ok_or_else(|| remainder($b == 0))?,
                        })
                    };
                }
                Ok(match (a, b) {
                    (Value::I32(a), Value::I32(b)) => apply!(a b I32),
                    (Value::U8(a), Value::U8(b)) => apply!(a b U8),
                    (Value::I64(a), Value::I64(b)) => apply!(a b I64),
                    (a, _) => a,
                })
            }),
        }
    }

    /// `a op b`, a literal on either side.
    fn arithmetic(&mut self, ty: Ty, anchored: bool) -> Part {
        use Operator::*;
        let left_anchored = anchored || self.below(2) == 0;
        let (a, b) = (self.expression(ty, left_anchored), self.expression(ty, anchored || !left_anchored));
        let op = match ty {
            Ty::F32 => self.pick(&[Add, Sub, Mul, Div]),
            _ => self.pick(&[Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr]),
        };
        if matches!(op, Shl | Shr) {
            let count = self.expression(Ty::U8, false);
            // Only the left side decides the type.
            let a = if left_anchored && !anchored { self.expression(ty, false) } else { a };
            return Part {
                tree: binary(op, a.tree, count.tree),
                run: Box::new(move |s| {
                    let (a, n) = ((a.run)(s)?, whole((count.run)(s)?) as u32);
                    operate(op, a, a, n, s.checks)
                }),
            };
        }
        Part {
            tree: binary(op, a.tree, b.tree),
            run: Box::new(move |s| {
                let (a, b) = ((a.run)(s)?, (b.run)(s)?);
                operate(op, a, b, 0, s.checks)
            }),
        }
    }

    fn condition(&mut self) -> Part {
        use Operator::*;
        match self.below(4) {
            0 => {
                let (a, b) = (self.expression(Ty::Bool, true), self.expression(Ty::Bool, true));
                let and = self.below(2) == 0;
                Part {
                    tree: binary(if and { LazyAnd } else { LazyOr }, a.tree, b.tree),
                    run: Box::new(move |s| match truth((a.run)(s)?) {
                        decided if decided != and => Ok(Value::Bool(decided)),
                        _ => (b.run)(s),
                    }),
                }
            }
            1 => {
                let a = self.expression(Ty::Bool, true);
                let run: Run = Box::new(move |s| Ok(Value::Bool(!truth((a.run)(s)?))));
                Part { tree: Expr::Not(leak(a.tree), NONE), run }
            }
            _ => {
                let ty = self.pick(&[Ty::I32, Ty::U8, Ty::I64, Ty::F32, Ty::Bool]);
                let swap = self.below(2) == 0;
                let (a, b) = (self.expression(ty, swap), self.expression(ty, !swap));
                let op = self.pick(&[Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual]);
                Part {
                    tree: binary(op, a.tree, b.tree),
                    run: Box::new(move |s| Ok(Value::Bool(compare(op, (a.run)(s)?, (b.run)(s)?)))),
                }
            }
        }
    }
}

fn truth(value: Value) -> bool {
    matches!(value, Value::Bool(true))
}

/// The value of an integer or `bool`.
pub(super) fn whole(value: Value) -> i64 {
    match value {
        Value::I32(v) => v.into(),
        Value::U8(v) => v.into(),
        Value::I64(v) => v,
        Value::Bool(v) => v.into(),
        Value::F32(_) => unreachable!("a float"),
    }
}

fn compare(op: Operator, a: Value, b: Value) -> bool {
    fn order<T: PartialOrd>(op: Operator, a: T, b: T) -> bool {
        match op {
            Operator::Equal => a == b,
            Operator::NotEqual => a != b,
            Operator::Less => a < b,
            Operator::LessEqual => a <= b,
            Operator::Greater => a > b,
            _ => a >= b,
        }
    }
    match (a, b) {
        (Value::F32(a), Value::F32(b)) => order(op, a, b),
        (a, b) => order(op, whole(a), whole(b)),
    }
}

fn remainder(zero: bool) -> Leave {
    let why = if zero { "with a divisor of zero" } else { "with overflow" };
    Leave::Panic(format!("attempt to calculate the remainder {why}"))
}

/// Arithmetic on two numbers of one type; `count` is that of a shift.
pub(super) fn operate(op: Operator, a: Value, b: Value, count: u32, checks: bool) -> Result<Value, Leave> {
    let overflow = |what: &str| Leave::Panic(format!("attempt to {what} with overflow"));
    macro_rules! integers {
        ($a:ident $b:ident $kind:ident) => {{
            let checked = |right: Option<_>, wrapped, what| match right {
                Some(value) => Ok(value),
                None if checks => Err(overflow(what)),
                None => Ok(wrapped),
            };
            let zero = $b == 0;
            Value::$kind(match op {
                Operator::Add => checked($a.checked_add($b), $a.wrapping_add($b), "add")?,
                Operator::Sub => checked($a.checked_sub($b), $a.wrapping_sub($b), "subtract")?,
                Operator::Mul => checked($a.checked_mul($b), $a.wrapping_mul($b), "multiply")?,
                Operator::Shl => checked($a.checked_shl(count), $a.wrapping_shl(count), "shift left")?,
                Operator::Shr => checked($a.checked_shr(count), $a.wrapping_shr(count), "shift right")?,
                Operator::Div if zero => return Err(Leave::Panic("attempt to divide by zero".into())),
                Operator::Div => $a.checked_div($b).ok_or_else(|| overflow("divide"))?,
                Operator::Rem => $a.checked_rem($b).ok_or_else(|| remainder(zero))?,
                Operator::And => $a & $b,
                Operator::Or => $a | $b,
                _ => $a ^ $b,
            })
        }};
    }
    Ok(match (a, b) {
        (Value::I32(a), Value::I32(b)) => integers!(a b I32),
        (Value::U8(a), Value::U8(b)) => integers!(a b U8),
        (Value::I64(a), Value::I64(b)) => integers!(a b I64),
        (Value::F32(a), Value::F32(b)) => Value::F32(match op {
            Operator::Add => a + b,
            Operator::Sub => a - b,
            Operator::Mul => a * b,
            _ => a / b,
        }),
        (a, _) => a,
    })
}
