//! Methods of slices and arrays.

use crate::ast::{At, Expr};
use crate::ir::{CompareOp, Op, Scalar, Statement, Type, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

impl Lowering<'_> {
    /// `len`, `is_empty`, `swap`, `fill`
    pub(super) fn slice_method(
        &mut self,
        place: Place,
        name: &str,
        arguments: &'static [Expr],
        at: At,
    ) -> Lowered<ValueId> {
        match (name, arguments) {
            ("len", []) => self.length(place),
            ("is_empty", []) => {
                let length = self.length(place)?;
                let zero = self.number(Scalar::Usize, 0);
                Ok(self.build.compare(CompareOp::Equal, length, zero))
            }
            ("swap", [a, b]) => {
                let slice = Place::Slice(self.whole_slice(place)?);
                let usize = self.scalar_type(Scalar::Usize);
                let a = self.value_as(a, usize)?;
                let b = self.value_as(b, usize)?;
                self.at = at;
                let (a, b) = (self.element(slice, a)?, self.element(slice, b)?);
                let (x, y) = (self.load(a)?, self.load(b)?);
                self.store(a, y)?;
                self.store(b, x)?;
                Ok(self.unit())
            }
            ("fill", [value]) => {
                let slice = self.whole_slice(place)?;
                self.at = at;
                self.fill(slice, value)?;
                Ok(self.unit())
            }
            _ => self.bug(format!("`{name}` with {} arguments", arguments.len())),
        }
    }

    fn length(&mut self, place: Place) -> Lowered<ValueId> {
        if let Type::Array { length, .. } = *self.ty(self.place_type(place)) {
            return Ok(self.number(Scalar::Usize, length.into()));
        }
        let slice = self.whole_slice(place)?;
        let usize = self.scalar_type(Scalar::Usize);
        Ok(self.build.value(usize, Op::Length(slice)))
    }

    fn fill(&mut self, slice: ValueId, value: &'static Expr) -> Lowered<()> {
        let Type::Slice(element) = *self.ty(self.build.type_of(slice)) else {
            return self.bug("a slice that is none");
        };
        let value = self.value_as(value, element)?;
        self.each_element(slice, None, |me, pointer| {
            me.build.push(Statement::Store { pointer, value });
            Ok(())
        })
    }
}
