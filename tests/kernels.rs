//! The ready-made kernels on every device of this machine.

use landbridge::Result;
use landbridge::kernels::{histogram, matrix, vector};
use landbridge::prelude::*;

#[test]
fn vectors() -> Result<()> {
    for device in Device::all() {
        let mut y = vec![0_i32; 1000];
        let _ = device.run(vector::fill(3, &mut y))?;
        let _ = device.run(vector::scale(-2, &mut y))?;
        let x: Vec<i32> = (0..1000).collect();
        let _ = device.run(vector::axpy(5, &x, &mut y))?;
        assert!(y.iter().zip(&x).all(|(y, x)| *y == 5 * x - 6), "{}", device.info());
        assert_eq!(device.reduce(vector::product(&x, &x), Sum)?, x.iter().map(|x| x * x).sum());
        assert_eq!(device.reduce(vector::value(&y), Max)?, 5 * 999 - 6);
        assert_eq!(device.reduce(vector::value(&[1.5_f32, -2.5, 0.5]), Min)?, -2.5);
    }
    Ok(())
}

#[test]
fn histograms() -> Result<()> {
    for device in Device::all() {
        let mut counts = [0_u32; 256];
        let _ = device.run(histogram::bytes(&mut counts, b"landbridge"))?;
        assert_eq!((counts[usize::from(b'd')], counts[usize::from(b'z')]), (2, 0));
        let mut bins = [0_u32; 4];
        let x = [0.0, 0.1, 0.25, 0.5, 0.99, 1.0, -0.1, f32::NAN];
        let _ = device.run(histogram::bins(0.0, 1.0, &mut bins, &x))?;
        assert_eq!(bins, [2, 1, 1, 1], "{}", device.info());
    }
    Ok(())
}

#[test]
fn matrices() -> Result<()> {
    for device in Device::all() {
        let a = [1, 2, 3, 4, 5, 6]; // 2 x 3
        let b = [1, 0, 2, 0, 1, 3, 1, 1, 4]; // 3 x 3
        let product = device.collect(matrix::multiply(3, 3, &a, &b, [2, 3]))?;
        assert_eq!(product, [4, 5, 20, 10, 11, 47], "{}", device.info());

        let from: Vec<f32> = (0..12).map(|k| (k * k) as f32).collect(); // 3 x 4
        let mut to = [0.0; 12];
        let _ = device.run(matrix::relax(4, &from, [3, 4], &mut to))?;
        let mut expected: Vec<f32> = from.clone();
        for i in [5, 6] {
            expected[i] = 0.2 * (from[i] + from[i - 4] + from[i + 4] + from[i - 1] + from[i + 1]);
        }
        let close = to.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(close, "{}: {to:?} instead of {expected:?}", device.info());
    }
    Ok(())
}
