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

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read_write> results: array<atomic<u32>>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

fn store_part_results(word: u32, shift: u32, mask: u32, bits: u32) {
    atomicXor(&results[word], (atomicLoad(&results[word]) ^ (bits << shift)) & (mask << shift));
}

fn store_results_array(at: u32, value: array<u32, 3>) {
    store_part_results(at >> 2u, (at & 3u) << 3u, 255u, value[0]);
    let v_2 = at + 1u;
    store_part_results(v_2 >> 2u, (v_2 & 3u) << 3u, 255u, value[1]);
    let v_3 = at + 2u;
    store_part_results(v_3 >> 2u, (v_3 & 3u) << 3u, 255u, value[2]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
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
            t = ((z[0u] * z[0u]) + (z[1u] * z[1u])) <= 4.0f;
        }
        if !t {
            break;
        }
        let v_1 = array<f32, 2>(((z[0u] * z[0u]) - (z[1u] * z[1u])) + c[0u], ((2.0f * z[0u]) * z[1u]) + c[1u]);
        z = v_1;
        n = n + 1u;
    }
    store_results_array(parameters.results_offset + item * 3u, array<u32, 3>(n & 255u, (n >> 8u) & 255u, 255u));
    return;
}
