// mandelbrot

struct Index2 {
    y: u32,
    x: u32,
}

struct View {
    left: f32,
    top: f32,
    pixel: f32,
    limit: u32,
}

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    extent_x: u32,
    extent_x_high: u32,
    results_offset: u32,
    view_0: u32,
    view_1: u32,
    view_2: u32,
    view_3: u32,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read_write> results: array<atomic<u32>>;
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

fn store_part_results(word: u32, shift: u32, mask: u32, bits: u32) {
    atomicXor(&results[word], (atomicLoad(&results[word]) ^ (bits << shift)) & (mask << shift));
}

fn store_results_array(at: u32, value: array<u32, 3>) {
    store_part_results(at >> 2u, (at & 3u) << 3u, 255u, value[0]);
    let v_15 = at + 1u;
    store_part_results(v_15 >> 2u, (v_15 & 3u) << 3u, 255u, value[1]);
    let v_16 = at + 2u;
    store_part_results(v_16 >> 2u, (v_16 & 3u) << 3u, 255u, value[2]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    lb_item = item;
    let number = parameters.first + item;
    let at = Index2(number / parameters.extent_x, number % parameters.extent_x);
    let view = View(bitcast<f32>(parameters.view_0), bitcast<f32>(parameters.view_1), bitcast<f32>(parameters.view_2), parameters.view_3);
    var c: array<f32, 2> = array<f32, 2>(view.left + (f32(at.x) * view.pixel), view.top + (f32(at.y) * view.pixel));
    var z: array<f32, 2> = array<f32, 2>();
    var n: u32 = 0u;
    loop {
        let v = n < view.limit;
        var t: bool = v;
        if v {
            var v_1 = 0u;
            if v_1 >= 2u {
                lb_panic(0u, vec2<u32>(0u, 0u), vec2<u32>(2u, 0u));
                return;
            }
            var v_2 = 0u;
            if v_2 >= 2u {
                lb_panic(1u, vec2<u32>(0u, 0u), vec2<u32>(2u, 0u));
                return;
            }
            var v_3 = 1u;
            if v_3 >= 2u {
                lb_panic(2u, vec2<u32>(1u, 0u), vec2<u32>(2u, 0u));
                return;
            }
            var v_4 = 1u;
            if v_4 >= 2u {
                lb_panic(3u, vec2<u32>(1u, 0u), vec2<u32>(2u, 0u));
                return;
            }
            t = ((z[v_1] * z[v_2]) + (z[v_3] * z[v_4])) <= 4.0f;
        }
        if !t {
            break;
        }
        var v_5 = 0u;
        if v_5 >= 2u {
            lb_panic(4u, vec2<u32>(0u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        var v_6 = 0u;
        if v_6 >= 2u {
            lb_panic(5u, vec2<u32>(0u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        var v_7 = 1u;
        if v_7 >= 2u {
            lb_panic(6u, vec2<u32>(1u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        var v_8 = 1u;
        if v_8 >= 2u {
            lb_panic(7u, vec2<u32>(1u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        var v_9 = 0u;
        if v_9 >= 2u {
            lb_panic(8u, vec2<u32>(0u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        var v_10 = 0u;
        if v_10 >= 2u {
            lb_panic(9u, vec2<u32>(0u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        var v_11 = 1u;
        if v_11 >= 2u {
            lb_panic(10u, vec2<u32>(1u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        var v_12 = 1u;
        if v_12 >= 2u {
            lb_panic(11u, vec2<u32>(1u, 0u), vec2<u32>(2u, 0u));
            return;
        }
        let v_13 = array<f32, 2>(((z[v_5] * z[v_6]) - (z[v_7] * z[v_8])) + c[v_9], ((2.0f * z[v_10]) * z[v_11]) + c[v_12]);
        z = v_13;
        let v_14 = n + 1u;
        if v_14 < n {
            lb_panic(12u, vec2<u32>(), vec2<u32>());
            return;
        }
        n = v_14;
    }
    store_results_array(parameters.results_offset + item * 3u, array<u32, 3>(n & 255u, (n >> 8u) & 255u, 255u));
    return;
}
