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

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

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

fn load_a_array(at: u32) -> array<f32, 4> {
    return array<f32, 4>(a[at], a[at + 1u], a[at + 2u], a[at + 3u]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    lb_item = item;
    let b_len = parameters.b_len;
    let which = ((parameters.which >> 0u) & 255u) != 0u;
    var copy: array<f32, 4> = load_a_array(parameters.a_offset + item * 4u);
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
    var v_3 = 0u;
    if v_3 >= v_2 {
        lb_panic(0u, vec2<u32>(0u, 0u), vec2<u32>(v_2, 0u));
        return;
    }
    let v_4 = v + v_3;
    var last_in: u32;
    var last_at: u32;
    switch v_1 {
        case 0u: {
            last_in = 0u;
            last_at = v + v_3;
        }
        default: {
            last_in = 1u;
            last_at = v_4;
        }
    }
    let v_5 = from_at;
    let v_6 = from_in;
    let v_7 = from_len;
    var t: u32 = 0u;
    var stop = false;
    loop {
        let v_8 = t;
        if !(v_8 < v_7) {
            break;
        }
        if v_8 >= v_7 {
            lb_panic(0u, vec2<u32>(v_8, 0u), vec2<u32>(v_7, 0u));
            return;
        }
        let v_9 = v_5 + v_8;
        var v_10: f32;
        switch v_6 {
            case 0u: {
                v_10 = b[v_5 + v_8];
            }
            default: {
                v_10 = copy[v_9];
            }
        }
        let v_11 = last_at;
        let v_12 = last_in;
        var v_13: f32;
        switch v_12 {
            case 0u: {
                v_13 = b[v_11];
            }
            default: {
                v_13 = copy[v_11];
            }
        }
        if v_10 > v_13 {
            switch v_6 {
                case 0u: {
                    last_in = 0u;
                    last_at = v_5 + v_8;
                }
                default: {
                    last_in = 1u;
                    last_at = v_9;
                }
            }
        }
        continuing {
            let v_14 = t + 1u;
            if v_14 < t {
                lb_range_exceeded();
                stop = true;
            }
            t = v_14;
            break if stop;
        }
    }
    if stop { return; }
    let v_15 = last_at;
    let v_16 = last_in;
    var v_17: f32;
    switch v_16 {
        case 0u: {
            v_17 = b[v_15];
        }
        default: {
            v_17 = copy[v_15];
        }
    }
    var v_18 = 0u;
    if v_18 >= 4u {
        lb_panic(1u, vec2<u32>(0u, 0u), vec2<u32>(4u, 0u));
        return;
    }
    a[parameters.a_offset + item * 4u + v_18] = v_17;
}
