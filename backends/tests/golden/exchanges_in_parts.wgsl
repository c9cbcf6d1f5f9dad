// exchanges

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    counts_offset: u32,
    x_offset: u32,
    counts_len: u32,
    counts_len_high: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read_write> counts_part_1: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read> x: array<u32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

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

fn lb_panic(site: u32, first: vec2<u32>, second: vec2<u32>) {
    lb_keep(1u, site, first, second);
}

fn atomicLoad_counts(at: u32) -> u32 {
    let within = at & 16777215u;
    switch at >> 24u {
        case 0u: {
            return atomicLoad(&counts[within]);
        }
        default: {
            return atomicLoad(&counts_part_1[within]);
        }
    }
}

fn atomicStore_counts(at: u32, a: u32) {
    let within = at & 16777215u;
    switch at >> 24u {
        case 0u: {
            atomicStore(&counts[within], a);
        }
        default: {
            atomicStore(&counts_part_1[within], a);
        }
    }
}

fn atomicExchange_counts(at: u32, a: u32) -> u32 {
    let within = at & 16777215u;
    switch at >> 24u {
        case 0u: {
            return atomicExchange(&counts[within], a);
        }
        default: {
            return atomicExchange(&counts_part_1[within], a);
        }
    }
}

fn atomicMax_counts(at: u32, a: u32) -> u32 {
    let within = at & 16777215u;
    switch at >> 24u {
        case 0u: {
            return atomicMax(&counts[within], a);
        }
        default: {
            return atomicMax(&counts_part_1[within], a);
        }
    }
}

fn one(item: u32) {
    lb_item = item;
    let counts_len = parameters.counts_len;
    let v = x[parameters.x_offset + item];
    if v >= counts_len {
        lb_panic(0u, vec2<u32>(v, 0u), vec2<u32>(counts_len, 0u));
        return;
    }
    let old = atomicLoad_counts(parameters.counts_offset + v);
    atomicStore_counts(parameters.counts_offset, old);
    if 1u >= counts_len {
        lb_panic(2u, vec2<u32>(1u, 0u), vec2<u32>(counts_len, 0u));
        return;
    }
    let old_1 = atomicExchange_counts(parameters.counts_offset + 1u, 7u);
    if 2u >= counts_len {
        lb_panic(3u, vec2<u32>(2u, 0u), vec2<u32>(counts_len, 0u));
        return;
    }
    atomicMax_counts(parameters.counts_offset + 2u, old_1);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    one(item);
    lb_report();
}
