//! A program that uses kernels of another crate, and never names landbridge.

use landbridge_renamed::{Point, count, norms, shrink, tally};
use lb::prelude::*;

#[test]
fn kernels_of_another_crate_on_every_device() -> lb::Result<()> {
    for device in Device::all() {
        let mut points = vec![Point { x: 3.0, y: 4.0 }, Point { x: 1.0, y: 0.5 }];
        let _ = device.run(shrink(0.5, &mut points))?;
        assert_eq!(points, [Point { x: 1.5, y: 2.0 }, Point { x: 0.5, y: 0.25 }]);
        assert_eq!(device.collect(norms(&points))?, [6.25, 0.3125]);

        let mut numbers = [1, 2, 3];
        count(&device, &mut numbers)?;
        assert_eq!(numbers, [4, 6, 8]);

        let mut counts = [0_u32; 4];
        let _ = device.run(tally(&[0_u8, 1, 4, 7, 8], &mut counts))?;
        assert_eq!(counts, [3, 1, 0, 1]);
    }
    Ok(())
}
