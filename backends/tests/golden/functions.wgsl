// functions

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    y_offset: u32,
    zero: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

// A float from its bits: NaN, infinities and subnormals have no literals.
fn lb_f32(bits: u32) -> f32 {
    return bitcast<f32>(bits);
}

// Of a number and NaN the number.
fn lb_min_f32(a: f32, b: f32) -> f32 {
    return select(select(b, a, a < b), a, !(b == b));
}

fn lb_copysign_f32(x: f32, sign: f32) -> f32 {
    return bitcast<f32>((bitcast<u32>(x) & 2147483647u) | (bitcast<u32>(sign) & 2147483648u));
}

// Half away from zero.
fn lb_round_f32(x: f32) -> f32 {
    let t = trunc(x);
    return select(t, t + lb_copysign_f32(1.0f, x), abs(x - t) >= 0.5f);
}

// C's fmod, exact: long division of the significands, eight bits a step.
fn lb_fmod_f32(x: f32, y: f32) -> f32 {
    let sign = bitcast<u32>(x) & 2147483648u;
    let a = bitcast<u32>(x) & 2147483647u;
    let b = bitcast<u32>(y) & 2147483647u;
    if a >= 2139095040u || b > 2139095040u || b == 0u {
        return bitcast<f32>(2143289344u | a);
    }
    if a < b {
        return x;
    }
    var ea = i32(a >> 23u);
    let eb = max(i32(b >> 23u), 1i);
    var r = select(a & 8388607u, (a & 8388607u) | 8388608u, ea > 0i);
    let m = select(b & 8388607u, (b & 8388607u) | 8388608u, (b >> 23u) > 0u);
    ea = max(ea, 1i);
    r = r % m;
    while ea > eb && r != 0u {
        let step = u32(min(ea - eb, 8i));
        r = (r << step) % m;
        ea -= i32(step);
    }
    if r == 0u {
        return bitcast<f32>(sign);
    }
    var e = eb;
    let shift = min(countLeadingZeros(r) - 8u, u32(e - 1i));
    r = r << shift;
    e -= i32(shift);
    if r >= 8388608u {
        r = (r & 8388607u) | (u32(e) << 23u);
    }
    return bitcast<f32>(sign | r);
}

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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    let v = lb_powf_f32(abs(x[parameters.x_offset + item]), 0.3f) + lb_round_f32(x[parameters.x_offset + item]);
    let v_1 = lb_fmod_f32(lb_min_f32(x[parameters.x_offset + item], y[parameters.y_offset + item]), 0.7f);
    y[parameters.y_offset + item] = v + v_1;
}
