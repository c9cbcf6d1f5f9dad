// bytes

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    y_offset: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<atomic<u32>>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

fn store_part_y(word: u32, shift: u32, mask: u32, bits: u32) {
    atomicXor(&y[word], (atomicLoad(&y[word]) ^ (bits << shift)) & (mask << shift));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    let v = parameters.x_offset + item;
    let v_1 = (x[v >> 2u] >> ((v & 3u) << 3u)) & 255u;
    let v_2 = parameters.y_offset + item;
    let v_3 = (atomicLoad(&y[v_2 >> 2u]) >> ((v_2 & 3u) << 3u)) & 255u;
    let v_4 = parameters.y_offset + item;
    store_part_y(v_4 >> 2u, (v_4 & 3u) << 3u, 255u, (v_1 / 2u) + (v_3 % 3u));
}
