// What takes more than 24 bits on the way: powf and mul_add of f32. Accuracy: see functions32.wgsl.

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
