//! Functions of std.

use landbridge_core::ir::{MathFunction, Scalar, ValueId};

use super::emit::{Emitter, Result};
use super::target::ReduceOp;
use super::text::{Rep, Text, integer};

impl Emitter<'_> {
    pub(super) fn math(&mut self, value: ValueId, function: MathFunction, arguments: &[ValueId]) -> Result<Text> {
        let Some(first) = arguments.first() else {
            return self.error("a function", "without arguments: the module is not verified");
        };
        let scalar = self.scalar_of(*first)?;
        self.checked_rep(scalar)?;
        let texts: Result<Vec<_>> = arguments.iter().map(|a| self.text(*a)).collect();
        let mut texts = texts?;
        if texts.iter().all(Text::is_literal) {
            texts[0] = self.at_run_time(texts[0].clone());
        }
        match scalar {
            Scalar::F32 => self.f32_function(function, &texts),
            Scalar::F64 => self.f64_function(function, &texts),
            _ => self.integer_function(value, function, &texts, scalar),
        }
    }

    fn library_call(&mut self, name: &str, texts: &[Text]) -> Text {
        self.library.require(name);
        Text::call(name, &texts.iter().collect::<Vec<_>>())
    }

    fn f32_function(&mut self, function: MathFunction, texts: &[Text]) -> Result<Text> {
        use MathFunction::*;
        let native = |name| Ok(Text::call(name, &texts.iter().collect::<Vec<_>>()));
        let name = match function {
            Sqrt => return native("sqrt"),
            Abs => return native("abs"),
            Floor => return native("floor"),
            Ceil => return native("ceil"),
            Trunc => return native("trunc"),
            RoundTiesEven => return native("round"),
            Round => "lb_round_f32",
            Min => "lb_min_f32",
            Max => "lb_max_f32",
            Copysign => "lb_copysign_f32",
            MulAdd if self.target.f64 => "lb_mul_add_f32_by_f64",
            MulAdd => "lb_mul_add_f32",
            Powi => "lb_powi_f32",
            Exp => "lb_exp_f32",
            Exp2 => "lb_exp2_f32",
            ExpM1 => "lb_exp_m1_f32",
            Ln => "lb_ln_f32",
            Log2 => "lb_log2_f32",
            Log10 => "lb_log10_f32",
            Ln1p => "lb_ln_1p_f32",
            Cbrt => "lb_cbrt_f32",
            Sin => "lb_sin_f32",
            Cos => "lb_cos_f32",
            Tan => "lb_tan_f32",
            Asin => "lb_asin_f32",
            Acos => "lb_acos_f32",
            Atan => "lb_atan_f32",
            Sinh => "lb_sinh_f32",
            Cosh => "lb_cosh_f32",
            Tanh => "lb_tanh_f32",
            Atan2 => "lb_atan2_f32",
            Powf => "lb_powf_f32",
            Hypot => "lb_hypot_f32",
            CountOnes | LeadingZeros | TrailingZeros | ReverseBits | SwapBytes | RotateLeft | RotateRight => {
                return self.error("a function", "of integers: the module is not verified");
            }
        };
        Ok(self.library_call(name, texts))
    }

    fn f64_function(&mut self, function: MathFunction, texts: &[Text]) -> Result<Text> {
        use MathFunction::*;
        let native = |name| Ok(Text::call(name, &texts.iter().collect::<Vec<_>>()));
        let name = match function {
            Sqrt => return native("sqrt"),
            Abs => return native("abs"),
            Floor => return native("floor"),
            Ceil => return native("ceil"),
            Trunc => return native("trunc"),
            RoundTiesEven => return native("round"),
            Round => "lb_round_f64",
            Min => "lb_min_f64",
            Max => "lb_max_f64",
            Copysign if self.target.int64 => "lb_copysign_bits_f64",
            Copysign => "lb_copysign_f64",
            Powi => "lb_powi_f64",
            _ => {
                return self.error(
                    format!("the function {function:?} of `f64`"),
                    "drivers accept it and return garbage; compute it in `f32` or on another device",
                );
            }
        };
        Ok(self.library_call(name, texts))
    }

    fn integer_function(
        &mut self,
        value: ValueId,
        function: MathFunction,
        texts: &[Text],
        scalar: Scalar,
    ) -> Result<Text> {
        use MathFunction::*;
        let rep = self.rep(scalar);
        if let Min | Max = function {
            let name = if function == Min { "min" } else { "max" };
            return Ok(Text::call(name, &texts.iter().collect::<Vec<_>>()));
        }
        let narrow = self.is_narrow(scalar);
        if narrow {
            let counts = matches!(function, CountOnes | LeadingZeros | TrailingZeros);
            if !counts || scalar == Scalar::Isize {
                return self.no_narrow(&format!("{function:?} of `{scalar}`"));
            }
        }
        let bits = scalar.bits();
        let unsigned = self.as_unsigned(&texts[0], scalar);
        let unsigned = self.as_atom(unsigned);
        let _ = value;
        let wide = rep.bits() == 64;
        let (u, s) = (&unsigned, unsigned.bare().to_owned());
        let call = |name: &str| Text::compound(format!("{name}({s})"), u.reads);
        if wide {
            let name = match function {
                CountOnes => return Ok(self.library_call("lb_count_ones_u64", &[unsigned])),
                LeadingZeros => return Ok(self.library_call("lb_leading_zeros_u64", &[unsigned])),
                TrailingZeros => {
                    return Ok(self.library_call("lb_trailing_zeros_u64", &[unsigned]));
                }
                ReverseBits => "lb_reverse_bits_u64",
                SwapBytes => "lb_swap_bytes_u64",
                _ => "lb_rotate_left_u64",
            };
            let mut arguments = vec![unsigned.clone()];
            arguments.extend(self.rotation(function, texts, bits));
            let result = self.library_call(name, &arguments);
            return Ok(self.as_signed(&result, scalar));
        }
        let number = |n: u32| integer(n.into(), Rep::U32);
        Ok(match function {
            CountOnes => call("countOneBits"),
            LeadingZeros if narrow => number(32).infix("+", &call("countLeadingZeros")),
            LeadingZeros if bits < 32 => call("countLeadingZeros").infix("-", &number(32 - bits)),
            LeadingZeros => call("countLeadingZeros"),
            TrailingZeros if narrow || bits < 32 => {
                let none = unsigned.infix("==", &number(0));
                Text::call("select", &[&call("countTrailingZeros"), &number(bits), &none])
            }
            TrailingZeros => call("countTrailingZeros"),
            ReverseBits if bits < 32 => {
                let reversed = call("reverseBits").infix(">>", &number(32 - bits));
                self.as_signed(&reversed, scalar)
            }
            ReverseBits => self.as_signed(&call("reverseBits"), scalar),
            SwapBytes if bits == 8 => texts[0].clone(),
            SwapBytes => {
                let swapped = self.library_call("lb_swap_bytes_u32", &[unsigned]);
                let swapped = match bits {
                    16 => swapped.infix(">>", &number(16)),
                    _ => swapped,
                };
                self.as_signed(&swapped, scalar)
            }
            _ => {
                let mut arguments = vec![unsigned.clone()];
                arguments.extend(self.rotation(function, texts, bits));
                let result = match bits {
                    32 => self.library_call("lb_rotate_left_u32", &arguments),
                    _ => {
                        arguments.push(number(bits));
                        self.library_call("lb_rotate_left_part", &arguments)
                    }
                };
                self.as_signed(&result, scalar)
            }
        })
    }

    /// How far to rotate to the left.
    fn rotation(&mut self, function: MathFunction, texts: &[Text], bits: u32) -> Option<Text> {
        let count = texts.get(1)?;
        Some(match function {
            MathFunction::RotateRight => {
                let count = self.at_run_time(count.clone());
                integer(bits.into(), Rep::U32).infix("-", &count.infix("&", &integer((bits - 1).into(), Rep::U32)))
            }
            _ => count.clone(),
        })
    }

    /// The bits of an integer as an unsigned one, zero-extended.
    fn as_unsigned(&self, text: &Text, scalar: Scalar) -> Text {
        if !scalar.is_signed() {
            return text.clone();
        }
        let bits = Text::call(self.rep(scalar).unsigned().name(), &[text]);
        match scalar.bits() {
            bits_of @ (8 | 16) => bits.infix("&", &integer((1 << bits_of) - 1, Rep::U32)),
            _ => bits,
        }
    }

    /// Bits as an integer of the type.
    fn as_signed(&self, text: &Text, scalar: Scalar) -> Text {
        if !scalar.is_signed() {
            return text.clone();
        }
        self.wrapped(&Text::call(self.rep(scalar).name(), &[text]), scalar)
    }

    /// `a op b` for a reduction.
    pub(super) fn fold(&mut self, op: ReduceOp, scalar: Scalar, a: &Text, b: &Text) -> Result<Text> {
        let pair = [a.clone(), b.clone()];
        Ok(match (op, scalar) {
            (ReduceOp::Sum | ReduceOp::Product, _) => {
                let folded = a.infix(if op == ReduceOp::Sum { "+" } else { "*" }, b);
                if self.is_narrow(scalar) {
                    return self.error(
                        format!("a sum or product of `{scalar}`"),
                        "it is folded in 64 bits, which takes SHADER_INT64",
                    );
                }
                match scalar.is_float() {
                    true => folded,
                    false => self.wrapped(&folded, scalar),
                }
            }
            (ReduceOp::Min, Scalar::F32) => self.library_call("lb_min_f32", &pair),
            (ReduceOp::Max, Scalar::F32) => self.library_call("lb_max_f32", &pair),
            (ReduceOp::Min, Scalar::F64) => self.library_call("lb_min_f64", &pair),
            (ReduceOp::Max, Scalar::F64) => self.library_call("lb_max_f64", &pair),
            (ReduceOp::Min, _) => Text::call("min", &[a, b]),
            (ReduceOp::Max, _) => Text::call("max", &[a, b]),
        })
    }
}
