// dot

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    block: u32,
    a_offset: u32,
    b_offset: u32,
    results_offset: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> results: array<f32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

fn one(item: u32) -> f32 {
    return a[parameters.a_offset + item] * b[parameters.b_offset + item];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let part = invocation.x + invocation.y * (groups.x * 64u);
    if part >= (parameters.count + (parameters.block - 1u)) / parameters.block {
        return;
    }
    let begin = part * parameters.block;
    let end = begin + min(parameters.block, parameters.count - begin);
    var total = one(begin);
    for (var k = begin + 1u; k < end; k++) {
        let next = one(k);
        total = total + next;
    }
    results[parameters.results_offset + part] = total;
}
