// Functions of f32 from additions, multiplications and divisions, which round alike on every driver: the drivers' own are
// off by up to 144 ulp. The largest errors found against std (tests/wgsl_accuracy.rs), in ulp, where no subnormal is flushed:
// exp, exp2, ln, log2, log10, cbrt, atan, powf: 2; sin, cos, hypot: 3; mul_add: 1; the others: 4. Special values are std's.
fn lb_power_of_two(n: i32) -> f32 {
    return bitcast<f32>(u32(n + 127i) << 23u);
}

// x * 2^n for n from -252 to 254, in two steps for results near the ends.
fn lb_scale_f32(x: f32, n: i32) -> f32 {
    let half = n >> 1u;
    return (x * lb_power_of_two(half)) * lb_power_of_two(n - half);
}

// e^r - 1 for |r| up to 0.35.
fn lb_exp_part(r: f32) -> f32 {
    let p = 0.16666667f + r * (0.041666668f + r * (0.008333334f + r * (0.0013888889f + r * 0.0001984127f)));
    return r + (r * r) * (0.5f + r * p);
}

fn lb_exp_f32(x: f32) -> f32 {
    if x > 88.8f {
        return lb_f32(2139095040u);
    }
    if x < -104.0f {
        return 0.0f;
    }
    if !(x == x) {
        return x;
    }
    let n = round(x * 1.442695f);
    let r = (x - n * 0.693145751953125f) - n * 1.4286068e-6f;
    return lb_scale_f32(1.0f + lb_exp_part(r), i32(n));
}

fn lb_exp2_f32(x: f32) -> f32 {
    if x > 128.5f {
        return lb_f32(2139095040u);
    }
    if x < -151.0f {
        return 0.0f;
    }
    if !(x == x) {
        return x;
    }
    let n = round(x);
    return lb_scale_f32(1.0f + lb_exp_part((x - n) * 0.6931472f), i32(n));
}

fn lb_exp_m1_f32(x: f32) -> f32 {
    if abs(x) < 1.0e-5f {
        // Also -0.0.
        return select(x + 0.5f * x * x, x, x == 0.0f);
    }
    if abs(x) < 0.35f {
        return lb_exp_part(x);
    }
    if abs(x) < 1.04f {
        // e^x - 1 = (e^(x/2) - 1) (e^(x/2) + 1): of two halves nothing cancels.
        let half = 0.5f * x;
        let n = select(-1.0f, 1.0f, x > 0.0f) * f32(abs(half) > 0.35f);
        let r = (half - n * 0.693145751953125f) - n * 1.4286068e-6f;
        let power = lb_scale_f32(1.0f, i32(n));
        let e = (power - 1.0f) + power * lb_exp_part(r);
        return e * (e + 2.0f);
    }
    return lb_exp_f32(x) - 1.0f;
}

// ln of the significand, which is between 0.7 and 1.42, and the exponent; of a positive number.
fn lb_ln_parts(x: f32) -> vec2<f32> {
    var bits = bitcast<u32>(x);
    var e = -127i;
    if bits < 8388608u {
        bits = bitcast<u32>(x * 8388608.0f);
        e = -150i;
    }
    e += i32(bits >> 23u);
    var m = bitcast<f32>((bits & 8388607u) | 1065353216u);
    if m > 1.4142135f {
        m = m * 0.5f;
        e += 1i;
    }
    return vec2<f32>(lb_ln_near_1(m - 1.0f), f32(e));
}

// ln(1 + f) for f from -0.3 to 0.42.
fn lb_ln_near_1(f: f32) -> f32 {
    let s = f / (2.0f + f);
    let z = s * s;
    let rest = z * (0.6666667f + z * (0.4f + z * (0.2857143f + z * (0.22222222f + z * 0.18181819f))));
    let half = 0.5f * f * f;
    return f - (half - s * (half + rest));
}

// Whether x has a logarithm that is an ordinary number, and else what it is.
fn lb_ln_special(x: f32) -> vec2<f32> {
    if x > 0.0f && x < lb_f32(2139095040u) {
        return vec2<f32>(1.0f, 0.0f);
    }
    if x == 0.0f {
        return vec2<f32>(0.0f, lb_f32(4286578688u));
    }
    if x > 0.0f {
        return vec2<f32>(0.0f, x);
    }
    return vec2<f32>(0.0f, lb_f32(2143289344u));
}

fn lb_ln_f32(x: f32) -> f32 {
    let special = lb_ln_special(x);
    if special.x == 0.0f {
        return special.y;
    }
    let parts = lb_ln_parts(x);
    return parts.y * 0.693145751953125f + (parts.x + parts.y * 1.4286068e-6f);
}

fn lb_log2_f32(x: f32) -> f32 {
    let special = lb_ln_special(x);
    if special.x == 0.0f {
        return special.y;
    }
    let parts = lb_ln_parts(x);
    return parts.y + (parts.x * 0.44269505f + parts.x);
}

fn lb_log10_f32(x: f32) -> f32 {
    let special = lb_ln_special(x);
    if special.x == 0.0f {
        return special.y;
    }
    let parts = lb_ln_parts(x);
    return parts.y * 0.301025390625f + (parts.x * 0.4342945f + parts.y * 4.605039e-6f);
}

fn lb_ln_1p_f32(x: f32) -> f32 {
    if abs(x) < 1.0e-8f {
        return x;
    }
    if x > -0.29f && x < 0.41f {
        return lb_ln_near_1(x);
    }
    return lb_ln_f32(1.0f + x);
}

fn lb_cbrt_f32(x: f32) -> f32 {
    let a = abs(x);
    if a == 0.0f || !(a < lb_f32(2139095040u)) {
        return x;
    }
    let small = a < 1.0e-30f;
    let large = a > 1.0e30f;
    let m = select(select(a, a * 16777216.0f, small), a * 5.9604645e-8f, large);
    var t = bitcast<f32>(bitcast<u32>(m) / 3u + 709958130u);
    // Halley's step triples the digits.
    for (var k = 0u; k < 2u; k++) {
        let cube = t * t * t;
        t = t * ((cube + m + m) / (cube + cube + m));
    }
    t = t - (t * t * t - m) / (3.0f * t * t);
    return lb_copysign_f32(select(select(t, t * 0.00390625f, small), t * 256.0f, large), x);
}

fn lb_hypot_f32(x: f32, y: f32) -> f32 {
    let infinity = lb_f32(2139095040u);
    let a = max(abs(x), abs(y));
    let b = min(abs(x), abs(y));
    if abs(x) == infinity || abs(y) == infinity {
        return infinity;
    }
    if !(x == x) || !(y == y) {
        return x + y;
    }
    let up = select(1.0f, 1.1805916e21f, a < 1.0e-15f);
    let down = select(up, 8.470329e-22f, a > 1.0e15f);
    let back = select(select(1.0f, 8.470329e-22f, a < 1.0e-15f), 1.1805916e21f, a > 1.0e15f);
    let p = a * down;
    let q = b * down;
    return sqrt(p * p + q * q) * back;
}

fn lb_sinh_f32(x: f32) -> f32 {
    let a = abs(x);
    if a < 1.0f {
        let e = lb_exp_m1_f32(a);
        return lb_copysign_f32(0.5f * (e + e / (e + 1.0f)), x);
    }
    if a < 88.0f {
        let e = lb_exp_f32(a);
        return lb_copysign_f32(0.5f * e - 0.5f / e, x);
    }
    let e = lb_exp_f32(0.5f * a);
    return lb_copysign_f32((0.5f * e) * e, x);
}

fn lb_cosh_f32(x: f32) -> f32 {
    let a = abs(x);
    if a < 88.0f {
        let e = lb_exp_f32(a);
        return 0.5f * e + 0.5f / e;
    }
    let e = lb_exp_f32(0.5f * a);
    return (0.5f * e) * e;
}

fn lb_tanh_f32(x: f32) -> f32 {
    let a = abs(x);
    if a > 9.1f {
        return lb_copysign_f32(1.0f, x);
    }
    let e = lb_exp_m1_f32(2.0f * a);
    return lb_copysign_f32(e / (e + 2.0f), x);
}

// As compilers do it on the host: the same bits.
fn lb_powi_f32(x: f32, n: i32) -> f32 {
    var a = x;
    var k = n;
    var r = 1.0f;
    loop {
        if (k & 1i) != 0i {
            r *= a;
        }
        k = k / 2i;
        if k == 0i {
            break;
        }
        a *= a;
    }
    return select(r, 1.0f / r, n < 0i);
}
