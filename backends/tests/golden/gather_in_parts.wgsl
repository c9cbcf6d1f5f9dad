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

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> from_1: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read> table_part_1: array<f32>;
@group(0) @binding(4) var<storage, read> table_part_2: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
var<immediate> parameters: Parameters;
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

fn lb_read_table(at: u32) -> f32 {
    let within = at & 16777215u;
    switch at >> 24u {
        case 0u: {
            return table[within];
        }
        case 1u: {
            return table_part_1[within];
        }
        default: {
            return table_part_2[within];
        }
    }
}

fn one(item: u32) {
    lb_item = item;
    let table_len = parameters.table_len;
    let v = from_1[parameters.from_1_offset + item];
    if v >= table_len {
        lb_panic(0u, vec2<u32>(v, 0u), vec2<u32>(table_len, 0u));
        return;
    }
    out[parameters.out_offset + item] = lb_read_table(parameters.table_offset + v);
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
