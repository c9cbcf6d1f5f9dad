// mixed

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    n_offset: u32,
    pair_offset: u32,
    small_offset: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read_write> packed: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read> parameters: Parameters;
var<private> lb_item: u32;

fn lb_f32_to_u32(x: f32) -> u32 {
    if x >= 4294967296.0f {
        return 4294967295u;
    }
    // Also NaN.
    if !(x > 0.0f) {
        return 0u;
    }
    return u32(x);
}

fn store_part_packed(word: u32, shift: u32, mask: u32, bits: u32) {
    atomicXor(&packed[word], (atomicLoad(&packed[word]) ^ (bits << shift)) & (mask << shift));
}

fn store_part_packed_1(word: u32, shift: u32, mask: u32, bits: u32) {
    atomicXor(&packed[word], (atomicLoad(&packed[word]) ^ (bits << shift)) & (mask << shift));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    let v = bitcast<f32>(atomicLoad(&packed[parameters.x_offset + item]));
    atomicStore(&packed[parameters.pair_offset + item * 2u], lb_f32_to_u32(v) + u32(bitcast<i32>(atomicLoad(&packed[parameters.n_offset + item]))));
    store_part_packed(parameters.pair_offset + item * 2u + 1u, 0u, 65535u, u32(bitcast<i32>(atomicLoad(&packed[parameters.n_offset + item]))) & 65535u);
    let v_1 = parameters.small_offset + item;
    store_part_packed_1(v_1 >> 2u, (v_1 & 3u) << 3u, 255u, (atomicLoad(&packed[parameters.pair_offset + item * 2u + 1u]) & 65535u) & 255u);
}
