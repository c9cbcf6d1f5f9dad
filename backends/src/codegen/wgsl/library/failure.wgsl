// The first failure of an invocation is kept until the invocation ends, so that the text has one report and not one for
// each check: drivers without branches run it always.
var<private> lb_failure: vec3<u32>;
var<private> lb_values: vec4<u32>;
fn lb_keep(kind: u32, site: u32, first: vec2<u32>, second: vec2<u32>) {
    if lb_failure.x == 0u {
        lb_failure = vec3<u32>(kind, site, lb_item);
        lb_values = vec4<u32>(first, second);
    }
}

// The first failure of a launch fills in the error block.
fn lb_report() {
    if lb_failure.x != 0u {
        if atomicExchange(&lb_errors.state, 1u) == 0u {
            let low = parameters.first + lb_failure.z;
            let high = parameters.first_high + select(0u, 1u, low < lb_failure.z);
            lb_errors.place = vec4<u32>(lb_failure.xy, low, high);
            lb_errors.values = lb_values;
        }
    }
}

// The first failure of a launch, with more than two values: true if the caller is to write these.
fn lb_tell(site: u32) -> bool {
    if lb_failure.x != 0u {
        return false;
    }
    lb_failure = vec3<u32>(1u, site, lb_item);
    if atomicExchange(&lb_errors.state, 1u) != 0u {
        return false;
    }
    let low = parameters.first + lb_item;
    let high = parameters.first_high + select(0u, 1u, low < lb_item);
    lb_errors.place = vec4<u32>(1u, site, low, high);
    return true;
}

fn lb_panic(site: u32, first: vec2<u32>, second: vec2<u32>) {
    lb_keep(1u, site, first, second);
}

fn lb_range_exceeded() {
    lb_keep(2u, 0u, vec2<u32>(), vec2<u32>());
}

// Rounds of all loops of this invocation, where the driver has a limit.
var<private> lb_rounds: u32;
fn lb_too_many_rounds() {
    lb_keep(3u, 0u, vec2<u32>(), vec2<u32>());
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
