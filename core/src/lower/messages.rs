//! Panics whose messages show values: the scalars that a value is made of become arguments of the panic, and the host makes
//! text of them. Nothing of it is computed where nothing panics.

use super::error::{Lowered, Stop};
use super::function::Lowering;
use super::place::Place;
use crate::ast::{At, Callee, CalleeSlot, Expr, Operator, Telling, TypeSlot};
use crate::ir::verify::MAX_REPORTED;
use crate::ir::{CompareOp, Format, Layout, Message, PanicKind, Piece, Scalar, Statement, Type, TypeId, ValueId};

/// What a panic reports.
#[derive(Default)]
struct Report {
    values: Vec<Layout>,
    arguments: Vec<ValueId>,
}

impl Lowering<'_> {
    /// Panics with a message that shows `given` and then the telling's own values.
    pub(super) fn tell(
        &mut self,
        before: &str,
        Telling(format, types, values): &'static Telling,
        given: &[ValueId],
        at: At,
    ) -> Lowered<()> {
        let format = self.format(*format)?;
        let mut report = Report::default();
        let (of_given, of_values) = types.split_at_checked(given.len()).unwrap_or((&[], &[]));
        for (value, ty) in given.iter().zip(of_given) {
            self.show(*value, *ty, &mut report)?;
        }
        for (value, ty) in values.iter().zip(of_values) {
            let wanted = self.slot_type(*ty);
            let value = self.operand(value, wanted)?;
            self.show(value, *ty, &mut report)?;
        }
        self.at = at;
        let Report { values, arguments } = report;
        if arguments.len() > MAX_REPORTED {
            return self
                .unsupported(format!("a message that shows {} numbers, more than {MAX_REPORTED},", arguments.len()));
        }
        let site = self.site(PanicKind::Formatted(Message { before: before.into(), values, format }));
        self.build.push(Statement::Panic { site, arguments });
        Err(Stop::Diverges)
    }

    fn format(&mut self, callee: CalleeSlot) -> Lowered<Format> {
        match self.tree.callees.get(usize::from(callee)) {
            Some(Callee::Message(format)) => Ok(*format),
            _ => self.bug(format!("callee slot {callee} is no message")),
        }
    }

    /// Adds a value to a report, with the layout that its type has on the host.
    fn show(&mut self, value: ValueId, ty: TypeSlot, report: &mut Report) -> Lowered<()> {
        let value = match self.slot_type(ty) {
            Some(ty) => self.coerce(value, ty)?,
            None => value,
        };
        let size = self.build.module.types.size(self.build.type_of(value));
        let mut parts = vec![];
        self.take_apart(value, 0, &mut parts, &mut report.arguments)?;
        report.values.push(Layout { size, parts });
        Ok(())
    }

    fn take_apart(
        &mut self,
        value: ValueId,
        offset: u64,
        parts: &mut Vec<(u64, Scalar)>,
        arguments: &mut Vec<ValueId>,
    ) -> Lowered<()> {
        let ty = self.build.type_of(value);
        let inside: Vec<(TypeId, u64)> = match self.ty(ty) {
            Type::Unit => return Ok(()),
            Type::Scalar(scalar) => {
                parts.push((offset, *scalar));
                arguments.push(value);
                return Ok(());
            }
            Type::Array { length, .. } if *length > MAX_REPORTED as u64 => {
                return self.unsupported(format!("a message that shows more than {MAX_REPORTED} numbers"));
            }
            Type::Array { element, length } => {
                let size = self.build.module.types.size(*element);
                (0..*length).map(|k| (*element, k * size)).collect()
            }
            Type::Struct(s) if s.is_enum() => return self.take_enum_apart(value, offset, parts, arguments),
            Type::Struct(s) => s.fields.iter().map(|field| (field.ty, field.offset)).collect(),
            _ => return self.unsupported(format!("a message that shows a value of type `{}`", self.type_name(ty))),
        };
        for (k, (ty, inside)) in inside.into_iter().enumerate() {
            let part = self.extract(value, ty, k as u32);
            self.take_apart(part, offset + inside, parts, arguments)?;
        }
        Ok(())
    }

    /// Of an enum the tag, and what the variant holds that it names. Numbers of several variants at one place are one.
    fn take_enum_apart(
        &mut self,
        value: ValueId,
        offset: u64,
        parts: &mut Vec<(u64, Scalar)>,
        arguments: &mut Vec<ValueId>,
    ) -> Lowered<()> {
        let ty = self.build.type_of(value);
        let Some(s) = self.as_enum(ty).cloned() else { return self.bug("an enum that is none") };
        let Some(scalar) = self.as_scalar(s.fields[0].ty) else { return self.bug("a tag that is no number") };
        let (tag, at, place) = (self.tag(Place::Value(value))?, offset + s.fields[0].offset, Place::Value(value));
        let mut found = vec![];
        if !s.has_rest() {
            found.push((at, scalar, tag));
        }
        for (field, of) in (1..).zip(s.fields[1..].iter().map(|field| field.ty)) {
            let is = match self.is_variant(place, field)? {
                Some(is) => is,
                None => self.build.boolean(true),
            };
            let held = self.one_of(is, of, |me| Ok(me.extract(value, of, field)), |me| me.anything(of))?;
            let (mut inside, mut values) = (vec![], vec![]);
            self.take_apart(held, offset, &mut inside, &mut values)?;
            for ((at, scalar), value) in inside.into_iter().zip(values) {
                let end = at + scalar.size();
                match found.iter_mut().find(|(from, s, _)| *from < end && at < *from + s.size()) {
                    None => found.push((at, scalar, value)),
                    Some(there) if (there.0, there.1) == (at, scalar) => there.2 = self.select(is, value, there.2),
                    Some(_) => {
                        let name = &s.name;
                        return self.unsupported(format!(
                            "a message that shows a `{name}`, in which different numbers share a place,"
                        ));
                    }
                }
            }
        }
        if s.has_rest() {
            let known = self.build.integer(scalar, s.variants[0]);
            let is_known = self.build.compare(CompareOp::Equal, tag, known);
            match found.iter_mut().find(|(from, ..)| *from == at) {
                Some(there) => {
                    let number = self.cast_scalar(there.2, scalar);
                    *there = (at, scalar, self.select(is_known, known, number));
                }
                None => return self.bug("a niche in no number"),
            }
        }
        for (at, scalar, value) in found {
            parts.push((at, scalar));
            arguments.push(value);
        }
        Ok(())
    }

    /// `assert_eq!` and `assert_ne!`: both operands are computed once, and shown.
    pub(super) fn assert_operands(
        &mut self,
        operator: Operator,
        (left, right, callee): (&'static Expr, &'static Expr, CalleeSlot),
        before: &str,
        telling: Option<&'static Telling>,
        at: At,
    ) -> Lowered<()> {
        let types = telling.map_or(&[][..], |telling| telling.1);
        let mut hint = |k: usize, e, other| {
            let slot = types.get(k).and_then(|ty| self.slot_type(*ty));
            slot.or_else(|| self.known_stripped(e)).or_else(|| self.known_stripped(other))
        };
        let hints = (hint(0, left, right), hint(1, right, left));
        let (left, right) = (self.comparand(left, hints.0)?, self.comparand(right, hints.1)?);
        self.at = at;
        let holds = self.compare_by(operator, (left, right), callee)?;
        let scalars = [left, right].map(|value| self.as_scalar(self.build.type_of(value)));
        match (telling, scalars) {
            (Some(Telling(_, _, [_, ..])), _) | (Some(_), [None, _] | [_, None]) => {
                let telling = telling.expect("matched");
                self.branch(holds, |_| Ok(()), |me| me.tell(before, telling, &[left, right], at))
            }
            (_, [Some(l), Some(r)]) => {
                let text = |text: &str| Piece::Text(text.into());
                let pieces = [text(before), text("\n  left: "), Piece::Value(l), text("\n right: "), Piece::Value(r)];
                let site = self.site(PanicKind::Shown(pieces.into()));
                self.build.push(Statement::Check { condition: holds, site, arguments: vec![left, right] });
                Ok(())
            }
            (None, _) => self.bug("a comparison of no numbers is asserted without a message that shows them"),
        }
    }

    fn compare_by(
        &mut self,
        operator: Operator,
        (left, right): (ValueId, ValueId),
        callee: CalleeSlot,
    ) -> Lowered<ValueId> {
        let Some(signature) = self.signature(callee)? else { return self.compare(operator, left, right) };
        let left = self.adjust(Place::Value(left), signature.parameters[0])?;
        let right = self.adjust(Place::Value(right), signature.parameters[1])?;
        let equal = self.call_function(&signature, vec![left, right]);
        Ok(if operator == Operator::NotEqual { self.invert(equal) } else { equal })
    }
}
