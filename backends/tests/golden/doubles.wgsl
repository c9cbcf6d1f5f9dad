// doubles

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    y_offset: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> x: array<f64>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

fn lb_low(x: u64) -> u32 {
    return u32(x & 4294967295lu);
}

fn lb_high(x: u64) -> u32 {
    return u32(x >> 32u);
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

fn lb_max_f64(a: f64, b: f64) -> f64 {
    return select(select(b, a, a > b), a, !(b == b));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    let v = bitcast<f64>(u64(y[parameters.y_offset + item * 4u + 2u]) | (u64(y[parameters.y_offset + item * 4u + 3u]) << 32u));
    let v_1 = lb_max_f64(sqrt((x[parameters.x_offset + item] * x[parameters.x_offset + item]) + 1.0lf), v);
    y[parameters.y_offset + item * 4u + 2u] = lb_low(bitcast<u64>(v_1));
    y[parameters.y_offset + item * 4u + 3u] = lb_high(bitcast<u64>(v_1));
    let v_2 = bitcast<f64>(u64(y[parameters.y_offset + item * 4u + 2u]) | (u64(y[parameters.y_offset + item * 4u + 3u]) << 32u));
    y[parameters.y_offset + item * 4u] = lb_f64_to_u32(v_2);
}
