// references

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    a_offset: u32,
    b_offset: u32,
    b_len: u32,
    b_len_high: u32,
    which: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
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

fn load_a_array(at: u32) -> array<f32, 4> {
    return array<f32, 4>(a[at], a[at + 1u], a[at + 2u], a[at + 3u]);
}

fn one(item: u32) {
    lb_item = item;
    let b_len = parameters.b_len;
    let which = ((parameters.which >> 0u) & 255u) != 0u;
    var copy: array<f32, 4>;
    copy = load_a_array(parameters.a_offset + item * 4u);
    var from_in: u32;
    var from_at: u32;
    var from_len: u32;
    if which {
        from_in = 1u;
        from_at = 0u;
        from_len = 4u;
    } else {
        from_in = 0u;
        from_at = parameters.b_offset;
        from_len = b_len;
    }
    let v = from_at;
    let v_1 = from_in;
    let v_2 = from_len;
    if 0u >= v_2 {
        lb_panic(0u, vec2<u32>(0u, 0u), vec2<u32>(v_2, 0u));
        return;
    }
    var last_in: u32;
    var last_at: u32;
    switch v_1 {
        case 0u: {
            last_in = 0u;
            last_at = v;
        }
        default: {
            last_in = 1u;
            last_at = v;
        }
    }
    let v_3 = from_at;
    let v_4 = from_in;
    let v_5 = from_len;
    var t: u32 = 0u;
    loop {
        let v_6 = t;
        if !(v_6 < v_5) {
            break;
        }
        let v_7 = v_3 + v_6;
        var v_8: f32;
        switch v_4 {
            case 0u: {
                v_8 = b[v_3 + v_6];
            }
            default: {
                v_8 = copy[v_7];
            }
        }
        let v_9 = last_at;
        let v_10 = last_in;
        var v_11: f32;
        switch v_10 {
            case 0u: {
                v_11 = b[v_9];
            }
            default: {
                v_11 = copy[v_9];
            }
        }
        if v_8 > v_11 {
            switch v_4 {
                case 0u: {
                    last_in = 0u;
                    last_at = v_3 + v_6;
                }
                default: {
                    last_in = 1u;
                    last_at = v_7;
                }
            }
        }
        continuing {
            t = t + 1u;
        }
    }
    let v_12 = last_at;
    let v_13 = last_in;
    var v_14: f32;
    switch v_13 {
        case 0u: {
            v_14 = b[v_12];
        }
        default: {
            v_14 = copy[v_12];
        }
    }
    a[parameters.a_offset + item * 4u] = v_14;
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
