//! Finance.

use landbridge::{KernelType, Result, kernel, kernel_fn, rows};

use crate::Way;
use crate::answer::Answer;
use crate::data::{below, floats};

#[derive(Clone, Copy, KernelType)]
struct Quote {
    spot: f32,
    strike: f32,
    years: f32,
    volatility: f32,
}

fn quotes(count: usize) -> Vec<Quote> {
    let numbers = floats(count * 4, 81);
    let quote = |c: &[f32]| Quote {
        spot: 100.0 + 20.0 * c[0],
        strike: 100.0 + 20.0 * c[1],
        years: 1.5 + c[2],
        volatility: 0.3 + 0.2 * c[3],
    };
    numbers.chunks_exact(4).map(quote).collect()
}

/// Abramowitz and Stegun 7.1.26.
#[kernel_fn]
fn normal(x: f32) -> f32 {
    const A: [f32; 5] = [0.319_381_53, -0.356_563_78, 1.781_477_9, -1.821_255_9, 1.330_274_4];
    let k = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let sum = A.iter().rev().fold(0.0, |sum, a| (sum + a) * k);
    let tail = (-0.5 * x * x).exp() / (2.0 * std::f32::consts::PI).sqrt() * sum;
    if x < 0.0 { tail } else { 1.0 - tail }
}

#[kernel_fn]
impl Quote {
    fn call(&self, rate: f32) -> f32 {
        let Quote { spot, strike, years, volatility } = *self;
        let spread = volatility * years.sqrt();
        let d1 = ((spot / strike).ln() + (rate + volatility.powi(2) / 2.0) * years) / spread;
        spot * normal(d1) - strike * (-rate * years).exp() * normal(d1 - spread)
    }
}

#[kernel]
fn black_scholes_kernel(rate: f32, quote: &Quote, call: &mut f32, put: &mut f32) {
    *call = quote.call(rate);
    *put = *call - quote.spot + quote.strike * (-rate * quote.years).exp();
}

fn plain_call(quote: &Quote, rate: f64) -> f64 {
    let [s, k, t, v] = [quote.spot, quote.strike, quote.years, quote.volatility].map(f64::from);
    let normal = |x: f64| {
        let k = 1.0 / (1.0 + 0.231_641_9 * x.abs());
        let a = [0.319_381_53, -0.356_563_78, 1.781_477_9, -1.821_255_9, 1.330_274_4];
        let sum: f64 = (1..).zip(a).map(|(n, a)| a * k.powi(n)).sum();
        let tail = (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt() * sum;
        if x < 0.0 { tail } else { 1.0 - tail }
    };
    let d1 = ((s / k).ln() + (rate + v * v / 2.0) * t) / (v * t.sqrt());
    s * normal(d1) - k * (-rate * t).exp() * normal(d1 - v * t.sqrt())
}

/// In hundredths: sums of large numbers cancel.
fn cents(prices: &[f32]) -> Vec<f32> {
    prices.iter().map(|p| (p * 100.0).round()).collect()
}

pub(crate) fn black_scholes(way: Way<'_>) -> Result<Answer> {
    let quotes = quotes(50);
    let (mut call, mut put) = (vec![0.0; 50], vec![0.0; 50]);
    match way {
        Way::Kernel(device) => device.run(black_scholes_kernel(0.05, &quotes, &mut call, &mut put)).map(drop)?,
        Way::Plain => {
            for (i, q) in quotes.iter().enumerate() {
                let price = plain_call(q, 0.05);
                let strike = f64::from(q.strike) * (-0.05 * f64::from(q.years)).exp();
                (call[i], put[i]) = (price as f32, (price - f64::from(q.spot) + strike) as f32);
            }
        }
    }
    assert!(call.iter().chain(&put).all(|p| *p > -0.01 && *p < 100.0));
    let shifted = |prices: &[f32]| -> Vec<f32> { prices.iter().map(|p| p + 1000.0).collect() };
    Ok(Answer::new().within(8, "call", &shifted(&call)).within(8, "put", &shifted(&put)))
}

const STEPS: usize = 16;

#[kernel]
fn binomial_kernel(rate: f32, quote: &Quote, price: &mut f32) {
    let dt = quote.years / STEPS as f32;
    let up = (quote.volatility * dt.sqrt()).exp();
    let down = 1.0 / up;
    let p = ((rate * dt).exp() - down) / (up - down);
    let discount = (-rate * dt).exp();
    let mut values = [0.0_f32; STEPS + 1];
    for (i, value) in values.iter_mut().enumerate() {
        let spot = quote.spot * up.powi(2 * i as i32 - STEPS as i32);
        *value = (quote.strike - spot).max(0.0);
    }
    for step in (0..STEPS).rev() {
        for i in 0..=step {
            let held = discount * (p * values[i + 1] + (1.0 - p) * values[i]);
            let spot = quote.spot * up.powi(2 * i as i32 - step as i32);
            values[i] = held.max(quote.strike - spot);
        }
    }
    *price = values[0];
}

pub(crate) fn binomial_tree(way: Way<'_>) -> Result<Answer> {
    let quotes = quotes(20);
    let mut price = vec![0.0; 20];
    match way {
        Way::Kernel(device) => device.run(binomial_kernel(0.03, &quotes, &mut price)).map(drop)?,
        Way::Plain => {
            for (q, price) in quotes.iter().zip(&mut price) {
                let [s, k, t, v] = [q.spot, q.strike, q.years, q.volatility].map(f64::from);
                let dt = t / 16.0;
                let up = (v * dt.sqrt()).exp();
                let p = ((0.03 * dt).exp() - 1.0 / up) / (up - 1.0 / up);
                let worth = |step: i32, i: i32| (k - s * up.powi(2 * i - step)).max(0.0);
                let mut values: Vec<f64> = (0..=16).map(|i| worth(16, i)).collect();
                for step in (0..16).rev() {
                    let held = |w: &[f64]| (-0.03 * dt).exp() * (p * w[1] + (1.0 - p) * w[0]);
                    values = (0..).zip(values.windows(2)).map(|(i, w)| held(w).max(worth(step, i))).collect();
                }
                *price = values[0] as f32;
            }
        }
    }
    Ok(Answer::new().within(4, "price", &price.iter().map(|p| p + 1000.0).collect::<Vec<_>>()))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, KernelType)]
struct Drawdown {
    depth: u32,
    from: u32,
    until: u32,
}

crate::answer::struct_numbers!(Drawdown { depth, from, until });

#[kernel]
fn drawdowns_kernel(#[rows] prices: &[u32], worst: &mut Drawdown) {
    let (mut peak, mut at) = (0, 0);
    for (day, &price) in prices.iter().enumerate() {
        if price > peak {
            (peak, at) = (price, day);
        } else if peak - price > worst.depth {
            *worst = Drawdown { depth: peak - price, from: at as u32, until: day as u32 };
        }
    }
}

pub(crate) fn drawdowns(way: Way<'_>) -> Result<Answer> {
    let (prices, mut worst) = (below(12 * 30, 82, 200), vec![Drawdown::default(); 12]);
    match way {
        Way::Kernel(device) => device.run(drawdowns_kernel(rows(&prices, 30), &mut worst)).map(drop)?,
        Way::Plain => {
            for (prices, worst) in prices.chunks(30).zip(&mut worst) {
                for until in 0..30 {
                    let peak = prices[..=until].iter().max().expect("one");
                    let from = prices.iter().position(|p| p == peak).expect("the peak");
                    let depth = peak - prices[until];
                    if depth > worst.depth {
                        *worst = Drawdown { depth, from: from as u32, until: until as u32 };
                    }
                }
            }
        }
    }
    Ok(Answer::new().exact("worst", &worst))
}

#[derive(Clone, Copy, KernelType)]
#[repr(u8)]
enum Wrong {
    TooCheap,
    TooDear,
}

/// The volatility at which the price is right, if there is one.
///
/// Instead of `Err("too cheap")`: kernels have no strings.
#[kernel_fn]
fn implied(quote: &Quote, rate: f32, price: f32) -> Result<f32, Wrong> {
    let at = |volatility| Quote { volatility, ..*quote }.call(rate);
    let (mut low, mut high) = (0.01, 2.0);
    if price < at(low) {
        return Err(Wrong::TooCheap);
    }
    if price > at(high) {
        return Err(Wrong::TooDear);
    }
    while high - low > 1e-4 {
        let middle = (low + high) / 2.0;
        if at(middle) < price {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

#[kernel]
fn implied_kernel(rate: f32, price: &f32, quote: &Quote, volatility: &mut f32) {
    *volatility = implied(quote, rate, *price).unwrap_or(f32::NAN);
}

pub(crate) fn implied_volatility(way: Way<'_>) -> Result<Answer> {
    let quotes = quotes(30);
    let mut prices: Vec<f32> = quotes.iter().map(|q| plain_call(q, 0.02) as f32).collect();
    prices[4] = 0.0;
    prices[9] = 1e6;
    let mut volatility = vec![0.0; 30];
    match way {
        Way::Kernel(device) => device.run(implied_kernel(0.02, &prices, &quotes, &mut volatility)).map(drop)?,
        Way::Plain => {
            for (i, q) in quotes.iter().enumerate() {
                volatility[i] = if matches!(i, 4 | 9) { f32::NAN } else { q.volatility };
            }
        }
    }
    // To hundredths: what decides the last rounds is rounded.
    Ok(Answer::new().within(0, "volatility", &cents(&volatility.iter().map(|v| v * 0.5).collect::<Vec<_>>())))
}

#[kernel]
fn bonds_kernel(yields: &f32, coupons: &[f32], face: f32, price: &mut f32, duration: &mut f32) {
    let discounted = coupons.iter().enumerate().map(|(i, coupon)| {
        let t = (i + 1) as f32;
        let flow = if i + 1 == coupons.len() { coupon + face } else { *coupon };
        (t, flow / (1.0 + yields).powf(t))
    });
    let (value, weighted) = discounted.fold((0.0, 0.0), |(value, weighted), (t, v)| (value + v, weighted + t * v));
    *price = value;
    *duration = weighted / value;
}

pub(crate) fn bond_prices(way: Way<'_>) -> Result<Answer> {
    let yields: Vec<f32> = (1..20).map(|i| i as f32 / 200.0).collect();
    let coupons = [5.0; 10];
    let (mut price, mut duration) = (vec![0.0; 19], vec![0.0; 19]);
    match way {
        Way::Kernel(device) => {
            device.run(bonds_kernel(&yields, &coupons, 100.0, &mut price, &mut duration)).map(drop)?;
        }
        Way::Plain => {
            for (i, y) in yields.iter().enumerate() {
                for t in 1..=10 {
                    let flow = if t == 10 { 105.0 } else { 5.0 } / (1.0 + f64::from(*y)).powi(t);
                    price[i] += flow as f32;
                    duration[i] += t as f32 * flow as f32;
                }
                duration[i] /= price[i];
            }
        }
    }
    Ok(Answer::new().within(64, "price", &price).within(64, "duration", &duration))
}
