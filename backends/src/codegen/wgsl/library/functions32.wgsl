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

fn lb_wide_product(a: u32, b: u32) -> vec2<u32> {
    let low = (a & 65535u) * (b & 65535u);
    let middle = (a >> 16u) * (b & 65535u) + (low >> 16u);
    let other = (a & 65535u) * (b >> 16u) + (middle & 65535u);
    return vec2<u32>((other << 16u) | (low & 65535u), (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u));
}

fn lb_two_over_pi(k: u32) -> u32 {
    switch k {
        case 1u: { return 2734261102u; }
        case 2u: { return 1313084713u; }
        case 3u: { return 4230436817u; }
        case 4u: { return 4113882560u; }
        case 5u: { return 3680671129u; }
        case 6u: { return 1011060801u; }
        case 7u: { return 4266746795u; }
        default: { return 0u; }
    }
}

fn lb_two_over_pi_at(position: u32) -> u32 {
    let k = position >> 5u;
    let shift = position & 31u;
    let low = select(lb_two_over_pi(k + 1u) >> (32u - max(shift, 1u)), 0u, shift == 0u);
    return (lb_two_over_pi(k) << shift) | low;
}

// The rest of x modulo pi/2, between -pi/4 and pi/4, and the number of quarter turns modulo 4.
fn lb_quarter_turns(x: f32) -> vec2<f32> {
    let a = abs(x);
    if !(a < lb_f32(2139095040u)) {
        return vec2<f32>(lb_f32(2143289344u), 0.0f);
    }
    if a < 800.0f {
        let n = round(x * 0.63661975f);
        let r = ((x - n * 1.5703125f) - n * 4.837513e-4f) - n * 7.54979e-8f;
        return vec2<f32>(r, n - 4.0f * floor(n * 0.25f));
    }
    // The product with 96 bits of 2/pi, of which those before the point by more than two are left out.
    let bits = bitcast<u32>(a);
    let m = (bits & 8388607u) | 8388608u;
    let position = (bits >> 23u) - 120u;
    let p0 = m * lb_two_over_pi_at(position);
    let p1 = lb_wide_product(m, lb_two_over_pi_at(position + 32u));
    let p2 = lb_wide_product(m, lb_two_over_pi_at(position + 64u));
    let w1 = p1.x + p2.y;
    let w0 = p0 + p1.y + select(0u, 1u, w1 < p1.x);
    var turns = w0 >> 30u;
    var high = (w0 << 2u) | (w1 >> 30u);
    var low = (w1 << 2u) | (p2.x >> 30u);
    let over = (high >> 31u) != 0u;
    if over {
        turns += 1u;
        high = ~high;
        low = ~low;
    }
    let zeros = min(countLeadingZeros(high), 31u);
    let top = select((high << zeros) | (low >> (32u - max(zeros, 1u))), high, zeros == 0u);
    let part = lb_scale_f32(f32(top), -32i - i32(zeros));
    var r = part * 1.5707964f + part * -4.371139e-8f;
    r = select(r, -r, over != (x < 0.0f));
    turns = select(turns, 4u - (turns & 3u), x < 0.0f);
    return vec2<f32>(r, f32(turns & 3u));
}

fn lb_sin_part(r: f32) -> f32 {
    let z = r * r;
    return r + r * (z * (-0.16666667f + z * (0.008333333f + z * (-1.984127e-4f + z * 2.7557319e-6f))));
}

fn lb_cos_part(r: f32) -> f32 {
    let z = r * r;
    let rest = z * z * (0.041666668f + z * (-0.0013888889f + z * (2.4801587e-5f - z * 2.7557319e-7f)));
    let half = 0.5f * z;
    let one = 1.0f - half;
    return one + (((1.0f - one) - half) + rest);
}

fn lb_sin_f32(x: f32) -> f32 {
    if abs(x) < 1.0e-4f {
        return x;
    }
    let turned = lb_quarter_turns(x);
    let odd = turned.y == 1.0f || turned.y == 3.0f;
    let value = select(lb_sin_part(turned.x), lb_cos_part(turned.x), odd);
    return select(value, -value, turned.y >= 2.0f);
}

fn lb_cos_f32(x: f32) -> f32 {
    let turned = lb_quarter_turns(x);
    let odd = turned.y == 1.0f || turned.y == 3.0f;
    let value = select(lb_cos_part(turned.x), lb_sin_part(turned.x), odd);
    return select(value, -value, turned.y == 1.0f || turned.y == 2.0f);
}

fn lb_tan_f32(x: f32) -> f32 {
    if abs(x) < 1.0e-4f {
        return x;
    }
    let turned = lb_quarter_turns(x);
    let odd = turned.y == 1.0f || turned.y == 3.0f;
    let s = lb_sin_part(turned.x);
    let c = lb_cos_part(turned.x);
    return select(s, -c, odd) / select(c, s, odd);
}

fn lb_atan_f32(x: f32) -> f32 {
    let a = abs(x);
    var base = vec2<f32>(0.0f, 0.0f);
    var t = a;
    if a > 2.4142136f {
        base = vec2<f32>(1.5707964f, -4.371139e-8f);
        t = -1.0f / a;
    } else if a > 0.41421357f {
        base = vec2<f32>(0.7853982f, -2.1855694e-8f);
        t = (a - 1.0f) / (a + 1.0f);
    }
    let z = t * t;
    let far = 0.11111111f + z * (-0.09090909f + z * (0.07692308f + z * (-0.06666667f + z * 0.05882353f)));
    let rest = z * (-0.33333334f + z * (0.2f + z * (-0.14285715f + z * far)));
    return lb_copysign_f32(base.x + ((t * rest + base.y) + t), x);
}

fn lb_atan2_f32(y: f32, x: f32) -> f32 {
    if !(x == x) || !(y == y) {
        return x + y;
    }
    let infinity = lb_f32(2139095040u);
    let a = abs(x);
    let b = abs(y);
    var angle = 0.0f;
    if a == infinity && b == infinity {
        angle = 0.7853982f;
    } else if b != 0.0f {
        if a == 0.0f {
            angle = 1.5707964f;
        } else {
            angle = lb_atan_f32(b / a);
        }
    }
    if (bitcast<u32>(x) >> 31u) != 0u {
        angle = 3.1415927f - (angle + 8.742278e-8f);
    }
    return lb_copysign_f32(angle, y);
}

fn lb_asin_f32(x: f32) -> f32 {
    if abs(x) > 1.0f {
        return lb_f32(2143289344u);
    }
    return lb_atan2_f32(x, sqrt((1.0f - x) * (1.0f + x)));
}

fn lb_acos_f32(x: f32) -> f32 {
    if abs(x) > 1.0f {
        return lb_f32(2143289344u);
    }
    return 2.0f * lb_atan2_f32(sqrt(1.0f - x), sqrt(1.0f + x));
}

// The number itself, which drivers cannot know: they simplify (a + b) - a to b where that is not seen.
fn lb_opaque(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) ^ parameters.zero);
}

// A sum or product as two floats: the rounded one and what it lost.
fn lb_two_sum(a: f32, b: f32) -> vec2<f32> {
    let s = lb_opaque(a + b);
    let t = lb_opaque(s - a);
    return vec2<f32>(s, (a - lb_opaque(s - t)) + (b - t));
}

fn lb_two_product(a: f32, b: f32) -> vec2<f32> {
    let p = a * b;
    let a_high = bitcast<f32>(bitcast<u32>(a) & 4294963200u);
    let b_high = bitcast<f32>(bitcast<u32>(b) & 4294963200u);
    let a_low = a - a_high;
    let b_low = b - b_high;
    return vec2<f32>(p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low);
}

fn lb_pair_sum(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    let s = lb_two_sum(a.x, b.x);
    let low = s.y + (a.y + b.y);
    let high = lb_opaque(s.x + low);
    return vec2<f32>(high, low - (high - s.x));
}

fn lb_pair_product(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    let p = lb_two_product(a.x, b.x);
    let low = p.y + (a.x * b.y + a.y * b.x);
    let high = lb_opaque(p.x + low);
    return vec2<f32>(high, low - (high - p.x));
}

// log2 of a positive number, to about 40 bits.
fn lb_log2_pair(x: f32) -> vec2<f32> {
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
    let f = m - 1.0f;
    let d = lb_two_sum(2.0f, f);
    let q = f / d.x;
    let qd = lb_two_product(q, d.x);
    let s = vec2<f32>(q, (((f - qd.x) - qd.y) - q * d.y) / d.x);
    let z = lb_pair_product(s, s);
    let far = z.x * z.x * (0.2f + z.x * (0.14285715f + z.x * (0.11111111f + z.x * 0.09090909f)));
    let third = lb_pair_product(z, vec2<f32>(0.33333334f, -9.934108e-9f));
    let factor = lb_pair_sum(vec2<f32>(1.0f, 0.0f), lb_pair_sum(third, vec2<f32>(far, 0.0f)));
    let ln = lb_pair_product(2.0f * s, factor);
    return lb_pair_sum(vec2<f32>(f32(e), 0.0f), lb_pair_product(ln, vec2<f32>(1.442695f, 1.925963e-8f)));
}

fn lb_powf_f32(x: f32, y: f32) -> f32 {
    let infinity = lb_f32(2139095040u);
    if y == 0.0f || x == 1.0f {
        return 1.0f;
    }
    if !(x == x) || !(y == y) {
        return x + y;
    }
    let a = abs(x);
    let whole = trunc(y) == y;
    let odd = whole && abs(y) < 16777216.0f && (i32(clamp(y, -16777216.0f, 16777216.0f)) & 1i) != 0i;
    let negative = odd && (bitcast<u32>(x) >> 31u) != 0u;
    var r = 0.0f;
    if x < 0.0f && a < infinity && !whole {
        return lb_f32(2143289344u);
    }
    if a == 1.0f {
        r = 1.0f;
    } else if a == 0.0f || a == infinity || abs(y) == infinity {
        r = select(0.0f, infinity, (a > 1.0f) == (y > 0.0f));
    } else if abs(y) > 4.0e9f {
        // Only 1 stays in range, and its neighbours are 2^-24 away.
        r = select(0.0f, infinity, (a > 1.0f) == (y > 0.0f));
    } else {
        let p = lb_pair_product(lb_log2_pair(a), vec2<f32>(y, 0.0f));
        if p.x > 129.0f {
            r = infinity;
        } else if p.x > -151.0f {
            let n = round(p.x);
            r = lb_scale_f32(1.0f + lb_exp_part(((p.x - n) + p.y) * 0.6931472f), i32(n));
        }
    }
    return select(r, -r, negative);
}

// a * b + c, rounded once but for rare halfway cases and subnormal numbers.
fn lb_mul_add_f32(a: f32, b: f32, c: f32) -> f32 {
    let infinity = lb_f32(2139095040u);
    let ea = i32((bitcast<u32>(a) >> 23u) & 255u);
    let eb = i32((bitcast<u32>(b) >> 23u) & 255u);
    if ea == 0i || eb == 0i || ea == 255i || eb == 255i || !(abs(c) < infinity) {
        return a * b + c;
    }
    // Factors between 1 and 2, so that neither the product nor what it loses leaves the range.
    let n = ea + eb - 254i;
    let x = bitcast<f32>((bitcast<u32>(a) & 2155872255u) | 1065353216u);
    let y = bitcast<f32>((bitcast<u32>(b) & 2155872255u) | 1065353216u);
    let z = lb_scale_f32(c, -n);
    if abs(z) == infinity {
        return c;
    }
    let p = lb_two_product(x, y);
    let s = lb_two_sum(p.x, z);
    return lb_scale_f32(s.x + (s.y + p.y), n);
}
