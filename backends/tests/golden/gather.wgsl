// gather

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    from_1_offset: u32,
    table_offset: u32,
    out_offset: u32,
    table_len: u32,
    table_len_high: u32,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read> from_1: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let item = invocation.x + invocation.y * (groups.x * 64u);
    if item >= parameters.count {
        return;
    }
    lb_item = item;
    let table_len = parameters.table_len;
    let v = from_1[parameters.from_1_offset + item];
    if v >= table_len {
        lb_panic(0u, vec2<u32>(v, 0u), vec2<u32>(table_len, 0u));
        return;
    }
    out[parameters.out_offset + item] = table[parameters.table_offset + v];
}
