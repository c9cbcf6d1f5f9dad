// told

struct Tuple {
    f0: u32,
    f1: f32,
}

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    pair_offset: u32,
    limit: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
    more: array<vec2<u32>, 2>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> x: array<i32>;
@group(0) @binding(2) var<storage, read> pair: array<u32>;
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

fn load_pair_tuple(at: u32) -> Tuple {
    return Tuple((pair[at >> 2u] >> ((at & 3u) << 3u)) & 255u, bitcast<f32>(pair[(at + 4u) >> 2u]));
}

fn one(item: u32) {
    lb_item = item;
    let limit = parameters.limit;
    let v = x[parameters.x_offset + item];
    if !(v == 3i) {
        lb_panic(0u, vec2<u32>(u32(v), u32(v >> 31u)), vec2<u32>(u32(3i), u32(3i >> 31u)));
        return;
    }
    if !(x[parameters.x_offset + item] < i32(limit)) {
        let v_1 = load_pair_tuple(parameters.pair_offset * 4u + item * 8u);
        let v_2 = x[parameters.x_offset + item];
        if lb_tell(1u) {
            lb_errors.values = vec4<u32>(vec2<u32>(u32(v_2), u32(v_2 >> 31u)), vec2<u32>(v_1.f0, 0u));
            lb_errors.more[0] = vec2<u32>(bitcast<u32>(v_1.f1), 0u);
            lb_errors.more[1] = vec2<u32>(limit, 0u);
        }
        return;
    }
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
