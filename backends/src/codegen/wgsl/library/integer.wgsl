fn lb_product_overflows_u32(a: u32, b: u32) -> bool {
    if (a | b) < 65536u {
        return false;
    }
    let middle = (a >> 16u) * (b & 65535u) + (b >> 16u) * (a & 65535u);
    let high = (a >> 16u) * (b >> 16u);
    // Two factors of 16 bits or more overflow; with one, the middle has no carry.
    return high != 0u || middle > 65535u || (middle << 16u) > 4294967295u - (a & 65535u) * (b & 65535u);
}

fn lb_product_overflows_i32(a: i32, b: i32) -> bool {
    let x = u32(abs(a));
    let y = u32(abs(b));
    if lb_product_overflows_u32(x, y) {
        return true;
    }
    return x * y > select(2147483647u, 2147483648u, (a ^ b) < 0);
}

// What a `usize` in 32 bits loses when it is shifted to the left.
fn lb_shl_lost_u(x: u32, count: u32) -> bool {
    if count == 0u || x == 0u {
        return false;
    }
    return count > 31u || (x >> (32u - min(count, 32u))) != 0u;
}

fn lb_shl_lost_i(x: i32, count: u32) -> bool {
    if count > 31u {
        return x != 0;
    }
    return ((x << count) >> count) != x;
}

fn lb_shr_u(x: u32, count: u32) -> u32 {
    return select(x >> (count & 31u), 0u, count > 31u);
}

fn lb_shr_i(x: i32, count: u32) -> i32 {
    return x >> min(count, 31u);
}

fn lb_rotate_left_u32(x: u32, count: u32) -> u32 {
    return (x << (count & 31u)) | (x >> ((32u - (count & 31u)) & 31u));
}

// Of the low `bits` bits.
fn lb_rotate_left_part(x: u32, count: u32, bits: u32) -> u32 {
    let n = count & (bits - 1u);
    return ((x << n) | (x >> (bits - n))) & ((1u << bits) - 1u);
}

fn lb_swap_bytes_u32(x: u32) -> u32 {
    return (x << 24u) | ((x & 65280u) << 8u) | ((x >> 8u) & 65280u) | (x >> 24u);
}
