// nbody

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    all_1_offset: u32,
    next_1_offset: u32,
    all_len: u32,
    all_len_high: u32,
    dt: u32,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read> all_1: array<f32>;
@group(0) @binding(2) var<storage, read_write> next_1: array<f32>;
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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    lb_item = item;
    let all_len = parameters.all_len;
    let dt = bitcast<f32>(parameters.dt);
    var sum: array<f32, 3> = array<f32, 3>();
    var t: u32 = 0u;
    var stop = false;
    loop {
        let v = t;
        if !(v < all_len) {
            break;
        }
        if v >= all_len {
            lb_panic(0u, vec2<u32>(v, 0u), vec2<u32>(all_len, 0u));
            return;
        }
        var v_1 = 0u;
        if v_1 >= 3u {
            lb_panic(11u, vec2<u32>(0u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_2 = 0u;
        if v_2 >= 3u {
            lb_panic(12u, vec2<u32>(0u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        let v_3 = all_1[parameters.all_1_offset + v * 7u + v_1] - next_1[parameters.next_1_offset + item * 7u + v_2];
        var v_4 = 1u;
        if v_4 >= 3u {
            lb_panic(13u, vec2<u32>(1u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_5 = 1u;
        if v_5 >= 3u {
            lb_panic(14u, vec2<u32>(1u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        let v_6 = all_1[parameters.all_1_offset + v * 7u + v_4] - next_1[parameters.next_1_offset + item * 7u + v_5];
        var v_7 = 2u;
        if v_7 >= 3u {
            lb_panic(15u, vec2<u32>(2u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_8 = 2u;
        if v_8 >= 3u {
            lb_panic(16u, vec2<u32>(2u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        let v_9 = all_1[parameters.all_1_offset + v * 7u + v_7] - next_1[parameters.next_1_offset + item * 7u + v_8];
        var d: array<f32, 3> = array<f32, 3>(v_3, v_6, v_9);
        var v_10 = 0u;
        if v_10 >= 3u {
            lb_panic(17u, vec2<u32>(0u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_11 = 0u;
        if v_11 >= 3u {
            lb_panic(18u, vec2<u32>(0u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_12 = 1u;
        if v_12 >= 3u {
            lb_panic(19u, vec2<u32>(1u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_13 = 1u;
        if v_13 >= 3u {
            lb_panic(20u, vec2<u32>(1u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_14 = 2u;
        if v_14 >= 3u {
            lb_panic(21u, vec2<u32>(2u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_15 = 2u;
        if v_15 >= 3u {
            lb_panic(22u, vec2<u32>(2u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        let r2 = (((d[v_10] * d[v_11]) + (d[v_12] * d[v_13])) + (d[v_14] * d[v_15])) + 0.01f;
        let strength = all_1[parameters.all_1_offset + v * 7u + 6u] / (r2 * sqrt(r2));
        var v_16 = 0u;
        if v_16 >= 3u {
            lb_panic(23u, vec2<u32>(0u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_17 = 1u;
        if v_17 >= 3u {
            lb_panic(24u, vec2<u32>(1u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_18 = 2u;
        if v_18 >= 3u {
            lb_panic(25u, vec2<u32>(2u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var d_1: array<f32, 3> = array<f32, 3>(strength * d[v_16], strength * d[v_17], strength * d[v_18]);
        var v_19 = 0u;
        if v_19 >= 3u {
            lb_panic(1u, vec2<u32>(0u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_20 = 0u;
        if v_20 >= 3u {
            lb_panic(2u, vec2<u32>(0u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_21 = 1u;
        if v_21 >= 3u {
            lb_panic(3u, vec2<u32>(1u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_22 = 1u;
        if v_22 >= 3u {
            lb_panic(4u, vec2<u32>(1u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_23 = 2u;
        if v_23 >= 3u {
            lb_panic(5u, vec2<u32>(2u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        var v_24 = 2u;
        if v_24 >= 3u {
            lb_panic(6u, vec2<u32>(2u, 0u), vec2<u32>(3u, 0u));
            return;
        }
        sum = array<f32, 3>(sum[v_19] + d_1[v_20], sum[v_21] + d_1[v_22], sum[v_23] + d_1[v_24]);
        continuing {
            let v_25 = t + 1u;
            if v_25 < t {
                lb_range_exceeded();
                stop = true;
            }
            t = v_25;
            break if stop;
        }
    }
    if stop { return; }
    var t_1: u32 = 0u;
    var stop_1 = false;
    loop {
        let v_26 = t_1;
        if !(v_26 < 3u) {
            break;
        }
        let k = v_26;
        if k >= 3u {
            lb_panic(7u, vec2<u32>(k, 0u), vec2<u32>(3u, 0u));
            return;
        }
        if k >= 3u {
            lb_panic(8u, vec2<u32>(k, 0u), vec2<u32>(3u, 0u));
            return;
        }
        next_1[parameters.next_1_offset + item * 7u + k + 3u] = next_1[parameters.next_1_offset + item * 7u + k + 3u] + (dt * sum[k]);
        if k >= 3u {
            lb_panic(9u, vec2<u32>(k, 0u), vec2<u32>(3u, 0u));
            return;
        }
        if k >= 3u {
            lb_panic(10u, vec2<u32>(k, 0u), vec2<u32>(3u, 0u));
            return;
        }
        let v_27 = next_1[parameters.next_1_offset + item * 7u + k] + (dt * next_1[parameters.next_1_offset + item * 7u + k + 3u]);
        next_1[parameters.next_1_offset + item * 7u + k] = v_27;
        continuing {
            let v_28 = t_1 + 1u;
            if v_28 < t_1 {
                lb_range_exceeded();
                stop_1 = true;
            }
            t_1 = v_28;
            break if stop_1;
        }
    }
    if stop_1 { return; }
}
