// Angles: sin, cos, tan, atan, atan2, asin, acos of f32. Accuracy: see functions32.wgsl.

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

