// A float from its bits: NaN, infinities and subnormals have no literals.
fn lb_f32(bits: u32) -> f32 {
    return bitcast<f32>(bits);
}

// Rust's casts saturate, and NaN gives 0.
fn lb_f32_to_i32(x: f32) -> i32 {
    if x >= 2147483648.0f {
        return 2147483647i;
    }
    if x < -2147483648.0f {
        return i32(-2147483648);
    }
    if x == x {
        return i32(x);
    }
    return 0i;
}

fn lb_f32_to_u32(x: f32) -> u32 {
    if x >= 4294967296.0f {
        return 4294967295u;
    }
    // Also NaN.
    if !(x > 0.0f) {
        return 0u;
    }
    return u32(x);
}

fn lb_f32_to_i64(x: f32) -> i64 {
    if x >= 9223372036854775808.0f {
        return 9223372036854775807li;
    }
    if x < -9223372036854775808.0f {
        return -9223372036854775807li - 1li;
    }
    if x == x {
        return i64(x);
    }
    return 0li;
}

fn lb_f32_to_u64(x: f32) -> u64 {
    if x >= 18446744073709551616.0f {
        return 18446744073709551615lu;
    }
    if !(x > 0.0f) {
        return 0lu;
    }
    return u64(x);
}

// Of a number and NaN the number.
fn lb_min_f32(a: f32, b: f32) -> f32 {
    return select(select(b, a, a < b), a, !(b == b));
}

fn lb_max_f32(a: f32, b: f32) -> f32 {
    return select(select(b, a, a > b), a, !(b == b));
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

// The number itself, where the driver must not see what becomes of it. `left` and `right` are not seen to be equal, and
// once more changes nothing: of two times xor, drivers know that it gives the number back.
fn lb_left_f32(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) | parameters.zero);
}

fn lb_right_f32(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) + parameters.zero);
}
