// stencil

struct Index2 {
    y: u32,
    x: u32,
}

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    extent_x: u32,
    extent_x_high: u32,
    grid_offset: u32,
    results_offset: u32,
    grid_len: u32,
    grid_len_high: u32,
    width_0: u32,
    width_1: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> grid: array<f32>;
@group(0) @binding(2) var<storage, read_write> results: array<f32>;
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

fn lb_range_exceeded() {
    lb_keep(2u, 0u, vec2<u32>(), vec2<u32>());
}

fn lb_product_overflows_u32_by_u64(a: u32, b: u32) -> bool {
    return (u64(a) * u64(b)) >> 32u != 0lu;
}

fn one(item: u32) {
    lb_item = item;
    let number = parameters.first + item;
    let at = Index2(number / parameters.extent_x, number % parameters.extent_x);
    let grid_len = parameters.grid_len;
    if parameters.width_1 != 0u {
        lb_range_exceeded();
        return;
    }
    let width = parameters.width_0;
    if lb_product_overflows_u32_by_u64(at.y, width) {
        lb_range_exceeded();
        return;
    }
    let v = at.y * width;
    let v_1 = v + at.x;
    if v_1 < v {
        lb_range_exceeded();
        return;
    }
    let v_2 = v_1 > 0u;
    var t: bool = v_2;
    if v_2 {
        let v_3 = v_1 + 1u;
        if v_3 < v_1 {
            lb_range_exceeded();
            return;
        }
        t = v_3 < grid_len;
    }
    var t_1: f32;
    if t {
        let v_4 = v_1 - 1u;
        let v_5 = v_1 + 1u;
        let v_6 = (0.5f * grid[parameters.grid_offset + v_1]) + (0.25f * (grid[parameters.grid_offset + v_4] + grid[parameters.grid_offset + v_5]));
        t_1 = v_6;
    } else {
        t_1 = 0.0f;
    }
    results[parameters.results_offset + item] = t_1;
    return;
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
