// labels

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
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
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

fn lb_product_overflows_u32_by_u64(a: u32, b: u32) -> bool {
    return (u64(a) * u64(b)) >> 32u != 0lu;
}

fn one(item: u32) {
    lb_item = item;
    var sum: u32 = 0u;
    var t: u32 = 0u;
    let v = x[parameters.x_offset + item];
    var leave = false;
    loop {
        var again = false;
        let i = t;
        if !(i < v) {
            break;
        }
        var t_1: u32 = 0u;
        loop {
            let j = t_1;
            if !(j < i) {
                break;
            }
            if lb_product_overflows_u32_by_u64(i, j) {
                lb_panic(0u, vec2<u32>(), vec2<u32>());
                return;
            }
            if (i * j) == 77u {
                again = true;
                break;
            }
            let v_1 = i + j;
            if v_1 < i {
                lb_panic(1u, vec2<u32>(), vec2<u32>());
                return;
            }
            if v_1 > 100u {
                leave = true;
                break;
            }
            let v_2 = sum + j;
            if v_2 < sum {
                lb_panic(2u, vec2<u32>(), vec2<u32>());
                return;
            }
            sum = v_2;
            continuing {
                t_1 = t_1 + 1u;
            }
        }
        if leave { break; }
        if again { continue; }
        let v_3 = sum + i;
        if v_3 < sum {
            lb_panic(3u, vec2<u32>(), vec2<u32>());
            return;
        }
        sum = v_3;
        continuing {
            t = t + 1u;
        }
    }
    y[parameters.y_offset + item] = sum;
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
