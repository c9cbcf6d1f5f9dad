// The first failure of a launch fills in the error block.
fn lb_report(kind: u32, site: u32, first: vec2<u32>, second: vec2<u32>) {
    if atomicExchange(&lb_errors[0], 1u) == 0u {
        let low = parameters.first + lb_item;
        let high = parameters.first_high + select(0u, 1u, low < lb_item);
        atomicStore(&lb_errors[1], kind);
        atomicStore(&lb_errors[2], site);
        atomicStore(&lb_errors[3], low);
        atomicStore(&lb_errors[4], high);
        atomicStore(&lb_errors[5], first.x);
        atomicStore(&lb_errors[6], first.y);
        atomicStore(&lb_errors[7], second.x);
        atomicStore(&lb_errors[8], second.y);
    }
}

fn lb_panic(site: u32, first: vec2<u32>, second: vec2<u32>) {
    lb_report(1u, site, first, second);
}

fn lb_range_exceeded() {
    lb_report(2u, 0u, vec2<u32>(), vec2<u32>());
}

// A `usize` from memory, in 32 bits.
fn lb_narrow_u(low: u32, high: u32) -> u32 {
    if high != 0u {
        lb_range_exceeded();
    }
    return low;
}

// An `isize` from memory, in 32 bits.
fn lb_narrow_i(low: u32, high: u32) -> i32 {
    if high != u32(i32(low) >> 31u) {
        lb_range_exceeded();
    }
    return i32(low);
}
