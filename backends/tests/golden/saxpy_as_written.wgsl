// saxpy

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    y_offset: u32,
    a: u32,
    zero: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

// The number itself, where the driver must not see what becomes of it. `left` and `right` are not seen to be equal, and
// once more changes nothing: of two times xor, drivers know that it gives the number back.
fn lb_left_f32(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) | parameters.zero);
}

fn lb_right_f32(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) + parameters.zero);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    let a = bitcast<f32>(parameters.a);
    let v = lb_left_f32(lb_left_f32(y[parameters.y_offset + item]) + lb_right_f32(lb_left_f32(lb_left_f32(a) * lb_right_f32(x[parameters.x_offset + item]))));
    y[parameters.y_offset + item] = v;
}
