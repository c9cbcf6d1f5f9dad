// table_of_constants

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    y_offset: u32,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
var<immediate> parameters: Parameters;
var<private> lb_item: u32;
var<private> table: array<f32, 5> = array<f32, 5>(0.1f, 0.2f, 0.4f, 0.2f, 0.1f);

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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    lb_item = item;
    let v = x[parameters.x_offset + item];
    if v >= 5u {
        lb_panic(0u, vec2<u32>(v, 0u), vec2<u32>(5u, 0u));
        return;
    }
    y[parameters.y_offset + item] = table[v];
}
