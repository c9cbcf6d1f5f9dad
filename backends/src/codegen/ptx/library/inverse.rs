//! asin, acos, atan and atan2: intervals and polynomials of fdlibm's `e_asin.c`, `e_acos.c`, `s_atan.c` and `e_atan2.c`.

use landbridge::kernel_fn;

/// pi/2 in two parts.
const HALF_PI: f64 = f64::from_bits(0x3ff9_21fb_5444_2d18);
const HALF_PI_LOW: f64 = f64::from_bits(0x3c91_a626_3314_5c07);

/// (asin(x) - x) / x of `z = x * x`.
#[kernel_fn]
fn asin_ratio(z: f64) -> f64 {
    let mut p = f64::from_bits(0x3f02_3de1_0dfd_f709);
    p = p.mul_add(z, f64::from_bits(0x3f49_efe0_7501_b288));
    p = p.mul_add(z, f64::from_bits(0xbfa4_8228_b568_8f3b));
    p = p.mul_add(z, f64::from_bits(0x3fc9_c155_0e88_4455));
    p = p.mul_add(z, f64::from_bits(0xbfd4_d612_03eb_6f7d));
    p = p.mul_add(z, f64::from_bits(0x3fc5_5555_5555_5555));
    let mut q = f64::from_bits(0x3fb3_b8c5_b12e_9282);
    q = q.mul_add(z, f64::from_bits(0xbfe6_066c_1b8d_0159));
    q = q.mul_add(z, f64::from_bits(0x4000_2ae5_9c59_8ac8));
    q = q.mul_add(z, f64::from_bits(0xc003_3a27_1c8a_2d4b));
    q = q.mul_add(z, 1.0);
    z * p / q
}

#[kernel_fn]
pub(super) fn asin(x: f64) -> f64 {
    let size = x.abs();
    if size > 1.0 || x.is_nan() {
        return f64::NAN;
    }
    if size < 0.5 {
        return if size < 1e-9 { x } else { x.mul_add(asin_ratio(x * x), x) };
    }
    let z = (1.0 - size) * 0.5;
    let (s, ratio) = (z.sqrt(), asin_ratio(z));
    let result = if size > 0.975 {
        HALF_PI - (2.0 * s.mul_add(ratio, s) - HALF_PI_LOW)
    } else {
        // The root in two parts: of the first, twice is taken from pi/4 without error.
        let first = f64::from_bits(s.to_bits() & 0xffff_ffff_0000_0000);
        let rest = (-first).mul_add(first, z) / (s + first);
        let quarter = 0.5 * HALF_PI;
        quarter - ((2.0 * s * ratio - (HALF_PI_LOW - 2.0 * rest)) - (quarter - 2.0 * first))
    };
    result.copysign(x)
}

#[kernel_fn]
pub(super) fn acos(x: f64) -> f64 {
    let size = x.abs();
    if size > 1.0 || x.is_nan() {
        return f64::NAN;
    }
    if size < 0.5 {
        return HALF_PI - (x - (HALF_PI_LOW - x * asin_ratio(x * x)));
    }
    let z = (1.0 - size) * 0.5;
    let (s, ratio) = (z.sqrt(), asin_ratio(z));
    if x < 0.0 {
        return 2.0 * (HALF_PI - (s + (ratio * s - HALF_PI_LOW)));
    }
    if s == 0.0 {
        return 0.0;
    }
    let rest = (-s).mul_add(s, z) / (2.0 * s);
    2.0 * (s + (ratio * s + rest))
}

/// x - atan(x), over x, of `z = x * x`.
#[kernel_fn]
fn atan_ratio(z: f64) -> f64 {
    let w = z * z;
    let mut even = f64::from_bits(0x3f90_ad3a_e322_da11);
    even = even.mul_add(w, f64::from_bits(0x3fa9_7b4b_2476_0deb));
    even = even.mul_add(w, f64::from_bits(0x3fb1_0d66_a0d0_3d51));
    even = even.mul_add(w, f64::from_bits(0x3fb7_45cd_c54c_206e));
    even = even.mul_add(w, f64::from_bits(0x3fc2_4924_9200_83ff));
    even = even.mul_add(w, f64::from_bits(0x3fd5_5555_5555_550d));
    let mut odd = f64::from_bits(0xbfa2_b444_2c6a_6c2f);
    odd = odd.mul_add(w, f64::from_bits(0xbfad_de2d_52de_fd9a));
    odd = odd.mul_add(w, f64::from_bits(0xbfb3_b0f2_af74_9a6d));
    odd = odd.mul_add(w, f64::from_bits(0xbfbc_71c6_fe23_1671));
    odd = odd.mul_add(w, f64::from_bits(0xbfc9_9999_9998_ebc4));
    z * even + w * odd
}

#[kernel_fn]
pub(super) fn atan(x: f64) -> f64 {
    let size = x.abs();
    if x.is_nan() || size < 1e-9 {
        return x;
    }
    if size < 0.4375 {
        return x - x * atan_ratio(x * x);
    }
    // The arc tangent of 1/2, 1, 3/2 or infinity, with what its 53 bits leave out, and the rest.
    let (high, low, t) = if size < 0.6875 {
        (0x3fdd_ac67_0561_bb4f_u64, 0x3c7a_2b7f_222f_65e2_u64, (2.0 * size - 1.0) / (2.0 + size))
    } else if size < 1.1875 {
        (0x3fe9_21fb_5444_2d18, 0x3c81_a626_3314_5c07, (size - 1.0) / (size + 1.0))
    } else if size < 2.4375 {
        (0x3fef_730b_d281_f69b, 0x3c70_0788_7af0_cbbd, (size - 1.5) / (1.5_f64).mul_add(size, 1.0))
    } else {
        (0x3ff9_21fb_5444_2d18, 0x3c91_a626_3314_5c07, -1.0 / size)
    };
    let result = f64::from_bits(high) - ((t * atan_ratio(t * t) - f64::from_bits(low)) - t);
    result.copysign(x)
}

#[kernel_fn]
pub(super) fn atan2(y: f64, x: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (a, b) = (y.abs(), x.abs());
    let behind = x.is_sign_negative();
    let pi = 2.0 * HALF_PI;
    if a == 0.0 {
        return (if behind { pi } else { 0.0 }).copysign(y);
    }
    if b == 0.0 {
        return HALF_PI.copysign(y);
    }
    if a == f64::INFINITY && b == f64::INFINITY {
        return (if behind { 1.5 * HALF_PI } else { 0.5 * HALF_PI }).copysign(y);
    }
    let angle = atan(a / b);
    let result = if behind { pi - (angle - 2.0 * HALF_PI_LOW) } else { angle };
    result.copysign(y)
}
