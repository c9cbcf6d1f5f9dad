// narrow

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    y_offset: u32,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<storage, read> parameters: Parameters;
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

fn lb_range_exceeded() {
    lb_report(2u, 0u, vec2<u32>(), vec2<u32>());
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    lb_item = item;
    let v = x[parameters.x_offset + item * 2u];
    if x[parameters.x_offset + item * 2u + 1u] != 0u {
        lb_range_exceeded();
        return;
    }
    if v > 1431655765u {
        lb_range_exceeded();
        return;
    }
    let v_1 = y[parameters.y_offset + item * 2u];
    if y[parameters.y_offset + item * 2u + 1u] != 0u {
        lb_range_exceeded();
        return;
    }
    let v_2 = v * 3u;
    let v_3 = v_2 + v_1;
    if v_3 < v_2 {
        lb_range_exceeded();
        return;
    }
    y[parameters.y_offset + item * 2u] = v_3;
    y[parameters.y_offset + item * 2u + 1u] = 0u;
}
