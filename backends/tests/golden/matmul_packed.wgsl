// matmul

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    row_offset: u32,
    other_offset: u32,
    out_offset: u32,
    row_len: u32,
    row_len_high: u32,
    other_len: u32,
    other_len_high: u32,
    out_len: u32,
    out_len_high: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read_write> packed: array<f32>;
@group(0) @binding(2) var<storage, read> other: array<f32>;
@group(0) @binding(3) var<storage, read> parameters: Parameters;
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

fn lb_panic(site: u32, first: vec2<u32>, second: vec2<u32>) {
    lb_keep(1u, site, first, second);
}

fn lb_range_exceeded() {
    lb_keep(2u, 0u, vec2<u32>(), vec2<u32>());
}

fn lb_product_overflows_u32(a: u32, b: u32) -> bool {
    if (a | b) < 65536u {
        return false;
    }
    let middle = (a >> 16u) * (b & 65535u) + (b >> 16u) * (a & 65535u);
    let high = (a >> 16u) * (b >> 16u);
    // Two factors of 16 bits or more overflow; with one, the middle has no carry.
    return high != 0u || middle > 65535u || (middle << 16u) > 4294967295u - (a & 65535u) * (b & 65535u);
}

fn one(item: u32) {
    lb_item = item;
    let row_len = parameters.row_len;
    let row_row = item * row_len;
    let other_len = parameters.other_len;
    let out_len = parameters.out_len;
    let out_row = item * out_len;
    var t: u32 = 0u;
    loop {
        let j = t;
        if !(j < out_len) {
            break;
        }
        var sum: f32 = 0.0f;
        var t_1: u32 = 0u;
        loop {
            let k = t_1;
            if !(k < row_len) {
                break;
            }
            if lb_product_overflows_u32(k, out_len) {
                lb_range_exceeded();
                return;
            }
            let v = k * out_len;
            let v_1 = v + j;
            if v_1 < v {
                lb_range_exceeded();
                return;
            }
            if v_1 >= other_len {
                lb_panic(3u, vec2<u32>(v_1, 0u), vec2<u32>(other_len, 0u));
                return;
            }
            let v_2 = sum + (packed[parameters.row_offset + row_row + k] * other[parameters.other_offset + v_1]);
            sum = v_2;
            continuing {
                t_1 = t_1 + 1u;
            }
        }
        packed[parameters.out_offset + out_row + j] = sum;
        continuing {
            t = t + 1u;
        }
    }
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
