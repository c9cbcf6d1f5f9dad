// padded

struct Tuple {
    f0: u32,
    f1: bool,
}

struct Padded {
    small: u32,
    wide: f64,
    pair: Tuple,
}

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    from_1_offset: u32,
    to_offset: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> from_1: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;

fn lb_low(x: u64) -> u32 {
    return u32(x & 4294967295lu);
}

fn lb_high(x: u64) -> u32 {
    return u32(x >> 32u);
}

fn load_from_1_tuple(at: u32) -> Tuple {
    let v_1 = at + 2u;
    return Tuple((from_1[at >> 2u] >> ((at & 3u) << 3u)) & 65535u, ((from_1[v_1 >> 2u] >> ((v_1 & 3u) << 3u)) & 255u) != 0u);
}

fn load_from_1_padded(at: u32) -> Padded {
    let v = at + 12u;
    return Padded((from_1[v >> 2u] >> ((v & 3u) << 3u)) & 255u, bitcast<f64>(u64(from_1[at >> 2u]) | (u64(from_1[(at + 4u) >> 2u]) << 32u)), load_from_1_tuple(at + 8u));
}

fn store_part_to(word: u32, shift: u32, mask: u32, bits: u32) {
    to[word] = (to[word] & ~(mask << shift)) | (bits << shift);
}

fn store_to_tuple(at: u32, value: Tuple) {
    store_part_to(at >> 2u, (at & 3u) << 3u, 65535u, value.f0);
    let v_3 = at + 2u;
    store_part_to(v_3 >> 2u, (v_3 & 3u) << 3u, 255u, u32(value.f1));
}

fn store_to_padded(at: u32, value: Padded) {
    let v_2 = at + 12u;
    store_part_to(v_2 >> 2u, (v_2 & 3u) << 3u, 255u, value.small);
    to[at >> 2u] = lb_low(bitcast<u64>(value.wide));
    to[(at + 4u) >> 2u] = lb_high(bitcast<u64>(value.wide));
    store_to_tuple(at + 8u, value.pair);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    store_to_padded(parameters.to_offset * 4u + item * 16u, load_from_1_padded(parameters.from_1_offset * 4u + item * 16u));
    store_part_to(parameters.to_offset + item * 4u + 3u, 0u, 255u, ((from_1[parameters.from_1_offset + item * 4u + 3u] & 255u) + 1u) & 255u);
    let v_4 = bitcast<f64>(u64(from_1[parameters.from_1_offset + item * 4u]) | (u64(from_1[parameters.from_1_offset + item * 4u + 1u]) << 32u));
    store_part_to(parameters.to_offset + item * 4u + 2u, 16u, 255u, u32(v_4 > 0.5lf));
}
