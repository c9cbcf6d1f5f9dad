// bytes

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    y_offset: u32,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<atomic<u32>>;
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

fn store_part_y(word: u32, shift: u32, mask: u32, bits: u32) {
    atomicXor(&y[word], (atomicLoad(&y[word]) ^ (bits << shift)) & (mask << shift));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    lb_item = item;
    let v = parameters.x_offset + item;
    let v_1 = (x[v >> 2u] >> ((v & 3u) << 3u)) & 255u;
    let v_2 = parameters.y_offset + item;
    let v_3 = (atomicLoad(&y[v_2 >> 2u]) >> ((v_2 & 3u) << 3u)) & 255u;
    let v_4 = v_1 / 2u;
    let v_5 = v_3 % 3u;
    let v_6 = v_4 + v_5;
    if v_6 > 255u {
        lb_panic(2u, vec2<u32>(), vec2<u32>());
        return;
    }
    let v_7 = parameters.y_offset + item;
    store_part_y(v_7 >> 2u, (v_7 & 3u) << 3u, 255u, v_6);
}
