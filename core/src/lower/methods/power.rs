//! `x.pow(n)` by squaring, with the same multiplications as in std.

use crate::ir::{BinaryOp, Block, CompareOp, Constant, LocalId, Op, PanicKind, Scalar, Statement, ValueId};
use crate::lower::function::Lowering;

/// Constant exponents up to here become multiplications without a loop.
const MOST_UNROLLED: i128 = 256;

/// What happens where a power does not fit.
#[derive(Clone, Copy)]
pub(super) enum Overflow {
    /// It panics where the user's crate checks for it.
    Panics,
    /// It wraps.
    Wraps,
    /// It wraps, and this `bool` becomes true.
    Noted(LocalId),
}

impl Lowering<'_> {
    /// `x.pow(n)`
    pub(super) fn power(&mut self, scalar: Scalar, x: ValueId, n: ValueId, overflow: Overflow) -> ValueId {
        match self.build.function()[n].op {
            Op::Constant(Constant::Int(n)) if (0..=MOST_UNROLLED).contains(&n) => {
                self.constant_power(scalar, x, n, overflow)
            }
            _ => self.any_power(scalar, x, n, overflow),
        }
    }

    fn multiply(&mut self, scalar: Scalar, a: ValueId, b: ValueId, overflow: Overflow) -> ValueId {
        let site = match overflow {
            Overflow::Panics => self.overflow_site(PanicKind::MulOverflow),
            Overflow::Wraps => None,
            Overflow::Noted(noted) => {
                let (product, overflows) = self.noted_mul(scalar, a, b);
                let before = self.build.get(noted);
                let any = self.apply(BinaryOp::Or, before, overflows);
                self.build.set(noted, any);
                return product;
            }
        };
        self.build.binary(BinaryOp::Mul, a, b, site)
    }

    fn constant_power(&mut self, scalar: Scalar, x: ValueId, n: i128, overflow: Overflow) -> ValueId {
        let (mut n, mut base, mut product) = (n, x, None);
        while n > 0 {
            if n & 1 == 1 {
                product = Some(match product {
                    Some(product) => self.multiply(scalar, product, base, overflow),
                    None => base,
                });
            }
            n >>= 1;
            if n > 0 {
                base = self.multiply(scalar, base, base, overflow);
            }
        }
        product.unwrap_or_else(|| self.number(scalar, 1))
    }

    fn any_power(&mut self, scalar: Scalar, x: ValueId, n: ValueId, overflow: Overflow) -> ValueId {
        let ty = self.build.type_of(x);
        let u32 = self.scalar_type(Scalar::U32);
        let (base, product) = (self.build.local("", ty), self.build.local("", ty));
        let exponent = self.build.local("", u32);
        let one = self.number(scalar, 1);
        self.build.set(base, x);
        self.build.set(product, one);
        self.build.set(exponent, n);
        let label = self.build.label();
        self.build.open();
        {
            let left = self.build.get(exponent);
            let some = self.compared(CompareOp::NotEqual, Scalar::U32, left, 0);
            self.leave_unless(label, some);
            let factor = self.build.get(base);
            let one = self.number(Scalar::U32, 1);
            let bit = self.apply(BinaryOp::And, left, one);
            let odd = self.is(CompareOp::Equal, bit, one);
            self.build.open();
            let so_far = self.build.get(product);
            let next = self.multiply(scalar, so_far, factor, overflow);
            self.build.set(product, next);
            let accept = self.build.close();
            self.build.push(Statement::If { condition: odd, accept, reject: Block::default() });
            // The last square is not needed, and might overflow.
            let more = self.is(CompareOp::Greater, left, one);
            self.leave_unless(label, more);
            let square = self.multiply(scalar, factor, factor, overflow);
            self.build.set(base, square);
            let half = self.apply(BinaryOp::Shr, left, one);
            self.build.set(exponent, half);
        }
        let body = self.build.close();
        self.push_loop(label, body, Block::default(), None);
        self.build.get(product)
    }

    fn leave_unless(&mut self, label: crate::ir::Label, condition: ValueId) {
        self.build.push(Statement::If {
            condition,
            accept: Block::default(),
            reject: Block(vec![Statement::Break(label)]),
        });
    }
}
