// sums

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    out_offset: u32,
    x_len: u32,
    x_len_high: u32,
    out_len: u32,
    out_len_high: u32,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: array<atomic<u32>, 9>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
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
    let x_len = parameters.x_len;
    let out_len = parameters.out_len;
    let out_row = item * out_len;
    var t: u32 = 0u;
    loop {
        let k = t;
        if !(k < x_len) {
            break;
        }
        if 0u >= out_len {
            lb_panic(1u, vec2<u32>(0u, 0u), vec2<u32>(out_len, 0u));
            return;
        }
        out[parameters.out_offset + out_row] = out[parameters.out_offset + out_row] + x[parameters.x_offset + k];
        continuing {
            t = t + 1u;
        }
    }
}
