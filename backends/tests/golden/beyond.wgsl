// beyond

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    y_offset: u32,
    n_0: u32,
    n_1: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;
var<private> table: array<f32, 5> = array<f32, 5>(0.1f, 0.2f, 0.4f, 0.2f, 0.1f);

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

fn lb_range_exceeded() {
    lb_keep(2u, 0u, vec2<u32>(), vec2<u32>());
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

fn one(item: u32) {
    lb_item = item;
    if parameters.n_1 != 0u {
        lb_range_exceeded();
        return;
    }
    let n = parameters.n_0;
    var a: array<u32, 3>;
    a = array<u32, 3>(y[parameters.y_offset + item], 2u, 3u);
    var v = 0u;
    if n > 3u {
        lb_panic(1u, vec2<u32>(n, 0u), vec2<u32>(3u, 0u));
        return;
    }
    var v_1 = 3u;
    var v_2 = 3u;
    let v_3 = v_2 - 3u;
    if 5u >= n {
        lb_panic(6u, vec2<u32>(5u, 0u), vec2<u32>(n, 0u));
        return;
    }
    var v_4 = 5u;
    if 0u >= v_3 {
        lb_panic(7u, vec2<u32>(0u, 0u), vec2<u32>(v_3, 0u));
        return;
    }
    let v_5 = a[v_4] + a[v_1];
    if v_5 < a[v_4] {
        lb_panic(8u, vec2<u32>(), vec2<u32>());
        return;
    }
    if 4294967295u >= v_3 {
        lb_panic(9u, vec2<u32>(4294967295u, 0u), vec2<u32>(v_3, 0u));
        return;
    }
    let v_6 = v_1 + 4294967295u;
    let v_7 = v_5 + a[v_6];
    if v_7 < v_5 {
        lb_panic(8u, vec2<u32>(), vec2<u32>());
        return;
    }
    let v_8 = table[0u];
    let v_9 = lb_f32_to_u32(v_8);
    let v_10 = v_7 + v_9;
    if v_10 < v_7 {
        lb_panic(8u, vec2<u32>(), vec2<u32>());
        return;
    }
    y[parameters.y_offset + item] = v_10;
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
