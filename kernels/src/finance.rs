//! Prices of European options: Black and Scholes, "The Pricing of Options and Corporate Liabilities" (1973).

use landbridge::{KernelType, kernel, kernel_fn};

/// An option that may be exercised on one day.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Contract {
    /// Price of the share now.
    pub spot: f32,
    /// Price at which it may be bought or sold.
    pub strike: f32,
    /// Years until then.
    pub years: f32,
}

/// What the right to buy is worth, and the right to sell.
#[derive(Clone, Copy, Debug, Default, PartialEq, KernelType)]
pub struct Price {
    /// To buy.
    pub call: f32,
    /// To sell.
    pub put: f32,
}

/// The normal distribution up to `x`, within 7.5e-8 and rounding: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964),
/// 26.2.17.
#[kernel_fn]
pub fn normal(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let tail = t * (0.319_381_54 + t * (-0.356_563_78 + t * (1.781_477_9 + t * (-1.821_255_9 + t * 1.330_274_5))));
    let upper = 0.398_942_3 * (-0.5 * x * x).exp() * tail;
    if x < 0.0 { upper } else { 1.0 - upper }
}

/// Both prices, at a yearly interest `rate` and a `volatility` for a year. About 40 operations and four exponentials, a logarithm and a
/// root; 12 bytes read, 8 written.
#[kernel]
pub fn black_scholes(rate: f32, volatility: f32, contract: &Contract, price: &mut Price) {
    let spread = volatility * contract.years.sqrt();
    let growth = (rate + 0.5 * volatility * volatility) * contract.years;
    let d1 = ((contract.spot / contract.strike).ln() + growth) / spread;
    let d2 = d1 - spread;
    let later = contract.strike * (-rate * contract.years).exp();
    let (n1, n2) = (normal(d1), normal(d2));
    *price = Price { call: contract.spot * n1 - later * n2, put: later * (1.0 - n2) - contract.spot * (1.0 - n1) };
}
