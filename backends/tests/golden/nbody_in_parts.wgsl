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

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> all_1: array<f32>;
@group(0) @binding(2) var<storage, read> all_1_part_1: array<f32>;
@group(0) @binding(3) var<storage, read_write> next_1: array<f32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

fn lb_read_all_1(at: u32) -> f32 {
    let within = at & 16777215u;
    switch at >> 24u {
        case 0u: {
            return all_1[within];
        }
        default: {
            return all_1_part_1[within];
        }
    }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    let all_len = parameters.all_len;
    let dt = bitcast<f32>(parameters.dt);
    var sum: array<f32, 3> = array<f32, 3>();
    var t: u32 = 0u;
    loop {
        let v = t;
        if !(v < all_len) {
            break;
        }
        let v_1 = lb_read_all_1(parameters.all_1_offset + v * 7u) - next_1[parameters.next_1_offset + item * 7u];
        let v_2 = lb_read_all_1(parameters.all_1_offset + v * 7u + 1u) - next_1[parameters.next_1_offset + item * 7u + 1u];
        let v_3 = lb_read_all_1(parameters.all_1_offset + v * 7u + 2u) - next_1[parameters.next_1_offset + item * 7u + 2u];
        var d: array<f32, 3> = array<f32, 3>(v_1, v_2, v_3);
        let r2 = (((d[0u] * d[0u]) + (d[1u] * d[1u])) + (d[2u] * d[2u])) + 0.01f;
        let strength = lb_read_all_1(parameters.all_1_offset + v * 7u + 6u) / (r2 * sqrt(r2));
        var d_1: array<f32, 3> = array<f32, 3>(strength * d[0u], strength * d[1u], strength * d[2u]);
        sum = array<f32, 3>(sum[0u] + d_1[0u], sum[1u] + d_1[1u], sum[2u] + d_1[2u]);
        continuing {
            t = t + 1u;
        }
    }
    var t_1: u32 = 0u;
    loop {
        let k = t_1;
        if !(k < 3u) {
            break;
        }
        next_1[parameters.next_1_offset + item * 7u + k + 3u] = next_1[parameters.next_1_offset + item * 7u + k + 3u] + (dt * sum[k]);
        let v_4 = next_1[parameters.next_1_offset + item * 7u + k] + (dt * next_1[parameters.next_1_offset + item * 7u + k + 3u]);
        next_1[parameters.next_1_offset + item * 7u + k] = v_4;
        continuing {
            t_1 = t_1 + 1u;
        }
    }
}
