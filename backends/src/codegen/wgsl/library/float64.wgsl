fn lb_f64(bits: u64) -> f64 {
    return bitcast<f64>(bits);
}

fn lb_f64_to_i32(x: f64) -> i32 {
    if x >= 2147483648.0lf {
        return 2147483647i;
    }
    if x <= -2147483649.0lf {
        return i32(-2147483648);
    }
    if x == x {
        return i32(x);
    }
    return 0i;
}

fn lb_f64_to_u32(x: f64) -> u32 {
    if x >= 4294967296.0lf {
        return 4294967295u;
    }
    if !(x > 0.0lf) {
        return 0u;
    }
    return u32(x);
}

fn lb_f64_to_i64(x: f64) -> i64 {
    if x >= 9223372036854775808.0lf {
        return 9223372036854775807li;
    }
    if x < -9223372036854775808.0lf {
        return -9223372036854775807li - 1li;
    }
    if x == x {
        return i64(x);
    }
    return 0li;
}

fn lb_f64_to_u64(x: f64) -> u64 {
    if x >= 18446744073709551616.0lf {
        return 18446744073709551615lu;
    }
    if !(x > 0.0lf) {
        return 0lu;
    }
    return u64(x);
}

fn lb_min_f64(a: f64, b: f64) -> f64 {
    return select(select(b, a, a < b), a, !(b == b));
}

fn lb_max_f64(a: f64, b: f64) -> f64 {
    return select(select(b, a, a > b), a, !(b == b));
}

// Without bits: works where 64-bit integers lack. -0.0 counts as positive only as `sign` of a division that tells.
fn lb_copysign_bits_f64(x: f64, sign: f64) -> f64 {
    return bitcast<f64>((bitcast<u64>(x) & 9223372036854775807lu) | (bitcast<u64>(sign) & 9223372036854775808lu));
}

// Without 64-bit integers, where a NaN counts as positive.
fn lb_copysign_f64(x: f64, sign: f64) -> f64 {
    let negative = sign < 0.0lf || (sign == 0.0lf && 1.0lf / sign < 0.0lf);
    return select(abs(x), -abs(x), negative);
}

fn lb_round_f64(x: f64) -> f64 {
    let t = trunc(x);
    return select(t, t + select(1.0lf, -1.0lf, x < 0.0lf), abs(x - t) >= 0.5lf);
}

// C's fmod, exact: long division of the significands, eleven bits a step.
fn lb_fmod_f64(x: f64, y: f64) -> f64 {
    let sign = bitcast<u64>(x) & 9223372036854775808lu;
    let a = bitcast<u64>(x) & 9223372036854775807lu;
    let b = bitcast<u64>(y) & 9223372036854775807lu;
    if a >= 9218868437227405312lu || b > 9218868437227405312lu || b == 0lu {
        return bitcast<f64>(9221120237041090560lu | a);
    }
    if a < b {
        return x;
    }
    let fraction = 4503599627370495lu;
    let hidden = 4503599627370496lu;
    var ea = i32(u32(a >> 52u));
    let eb = max(i32(u32(b >> 52u)), 1i);
    var r = select(a & fraction, (a & fraction) | hidden, ea > 0i);
    let m = select(b & fraction, (b & fraction) | hidden, (b >> 52u) > 0lu);
    ea = max(ea, 1i);
    r = r % m;
    while ea > eb && r != 0lu {
        let step = u32(min(ea - eb, 11i));
        r = (r << step) % m;
        ea -= i32(step);
    }
    if r == 0lu {
        return bitcast<f64>(sign);
    }
    var e = eb;
    let shift = min(lb_leading_zeros_u64(r) - 11u, u32(e - 1i));
    r = r << shift;
    e -= i32(shift);
    if r >= hidden {
        r = (r & fraction) | (u64(u32(e)) << 52u);
    }
    return bitcast<f64>(sign | r);
}

// As compilers do it on the host: the same bits.
fn lb_powi_f64(x: f64, n: i32) -> f64 {
    var a = x;
    var k = n;
    var r = 1.0lf;
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
    return select(r, 1.0lf / r, n < 0i);
}

// a * b + c: the product of two f32 is exact here.
fn lb_mul_add_f32_by_f64(a: f32, b: f32, c: f32) -> f32 {
    return f32(f64(a) * f64(b) + f64(c));
}

// As lb_left_f32 and lb_right_f32.
fn lb_left_f64(x: f64) -> f64 {
    return bitcast<f64>(bitcast<u64>(x) | u64(parameters.zero));
}

fn lb_right_f64(x: f64) -> f64 {
    return bitcast<f64>(bitcast<u64>(x) + u64(parameters.zero));
}
