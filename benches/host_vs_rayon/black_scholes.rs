//! The Black-Scholes price of European call options: logarithms, exponentials and roots for each item.

use landbridge::{KernelType, kernel, kernel_fn};
use rayon::prelude::*;

use crate::case::{Case, Class, host};

const RATE: f32 = 0.02;
const VOLATILITY: f32 = 0.3;

/// Options a task: some 50 microseconds.
const GRAIN: usize = 1 << 10;

#[derive(Clone, Copy, KernelType)]
struct Contract {
    spot: f32,
    strike: f32,
    years: f32,
}

pub(crate) struct BlackScholes {
    contracts: Vec<Contract>,
    prices: Vec<f32>,
}

#[kernel]
fn appraise(contract: &Contract, price: &mut f32) {
    *price = call_price(contract);
}

impl Case for BlackScholes {
    const NAME: &'static str = "black-scholes";
    const SIZES: &'static [(Class, usize)] = &[
        (Class::Tiny, 100),
        (Class::Small, 1_000),
        (Class::Medium, 30_000),
        (Class::Large, 1_000_000),
        (Class::Huge, 4 << 20),
    ];

    fn new(items: usize) -> Self {
        let contract = |i: usize| Contract {
            spot: 50.0 + (i % 101) as f32,
            strike: 60.0 + (i % 89) as f32,
            years: 0.25 + (i % 40) as f32 * 0.25,
        };
        Self { contracts: (0..items).map(contract).collect(), prices: vec![0.0; items] }
    }

    fn plain(&mut self) {
        for (contract, price) in self.contracts.iter().zip(&mut self.prices) {
            *price = call_price(contract);
        }
    }

    fn par_iter(&mut self) {
        let pairs = self.contracts.par_iter().zip(&mut self.prices);
        pairs.for_each(|(contract, price)| *price = call_price(contract));
    }

    fn chunks(&mut self) {
        let contracts = self.contracts.par_chunks(GRAIN);
        contracts.zip(self.prices.par_chunks_mut(GRAIN)).for_each(|(contracts, prices)| {
            for (contract, price) in contracts.iter().zip(prices) {
                *price = call_price(contract);
            }
        });
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        let _ = host().run(appraise(&case.contracts, &mut case.prices)).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.prices == other.prices
    }
}

#[kernel_fn]
fn call_price(contract: &Contract) -> f32 {
    let Contract { spot, strike, years } = *contract;
    let spread = VOLATILITY * years.sqrt();
    let d1 = ((spot / strike).ln() + (RATE + 0.5 * VOLATILITY * VOLATILITY) * years) / spread;
    let discounted = strike * (-RATE * years).exp();
    spot * normal(d1) - discounted * normal(d1 - spread)
}

/// The cumulative normal distribution, by the polynomial of Abramowitz and Stegun, 26.2.17.
#[kernel_fn]
fn normal(x: f32) -> f32 {
    let k = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let polynomial =
        k * (0.319_381_53 + k * (-0.356_563_78 + k * (1.781_477_9 + k * (-1.821_255_9 + k * 1.330_274_4))));
    let tail = 0.398_942_3 * (-0.5 * x * x).exp() * polynomial;
    if x > 0.0 { 1.0 - tail } else { tail }
}
