fn lb_low(x: u64) -> u32 {
    return u32(x & 4294967295lu);
}

fn lb_high(x: u64) -> u32 {
    return u32(x >> 32u);
}

fn lb_product_overflows_u32_by_u64(a: u32, b: u32) -> bool {
    return (u64(a) * u64(b)) >> 32u != 0lu;
}

fn lb_product_overflows_i32_by_i64(a: i32, b: i32) -> bool {
    let product = i64(a) * i64(b);
    return product != i64(i32(product));
}

fn lb_product_overflows_u64(a: u64, b: u64) -> bool {
    if (a | b) < 4294967296lu {
        return false;
    }
    let middle = (a >> 32u) * (b & 4294967295lu) + (b >> 32u) * (a & 4294967295lu);
    if (a >> 32u) * (b >> 32u) != 0lu || middle > 4294967295lu {
        return true;
    }
    return (middle << 32u) > 18446744073709551615lu - (a & 4294967295lu) * (b & 4294967295lu);
}

fn lb_product_overflows_i64(a: i64, b: i64) -> bool {
    let x = select(u64(a), 0lu - u64(a), a < 0li);
    let y = select(u64(b), 0lu - u64(b), b < 0li);
    if lb_product_overflows_u64(x, y) {
        return true;
    }
    return x * y > select(9223372036854775807lu, 9223372036854775808lu, (a ^ b) < 0li);
}

fn lb_rotate_left_u64(x: u64, count: u32) -> u64 {
    return (x << (count & 63u)) | (x >> ((64u - (count & 63u)) & 63u));
}

fn lb_swap_bytes_u64(x: u64) -> u64 {
    return (u64(lb_swap_bytes_u32(lb_low(x))) << 32u) | u64(lb_swap_bytes_u32(lb_high(x)));
}

fn lb_reverse_bits_u64(x: u64) -> u64 {
    return (u64(reverseBits(lb_low(x))) << 32u) | u64(reverseBits(lb_high(x)));
}

fn lb_count_ones_u64(x: u64) -> u32 {
    return countOneBits(lb_low(x)) + countOneBits(lb_high(x));
}

fn lb_leading_zeros_u64(x: u64) -> u32 {
    let high = lb_high(x);
    return select(countLeadingZeros(high), 32u + countLeadingZeros(lb_low(x)), high == 0u);
}

fn lb_trailing_zeros_u64(x: u64) -> u32 {
    let low = lb_low(x);
    return select(countTrailingZeros(low), 32u + countTrailingZeros(lb_high(x)), low == 0u);
}
