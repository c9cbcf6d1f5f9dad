// block_sum

struct Group {
    id: u32,
}

struct Parameters {
    first: u32,
    first_high: u32,
    count: u32,
    x_offset: u32,
    out_offset: u32,
}

struct ErrorBlock {
    state: atomic<u32>,
    place: vec4<u32>,
    values: vec4<u32>,
}

@group(0) @binding(0) var<storage, read_write> lb_errors: ErrorBlock;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
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

var<workgroup> lb_stop: array<atomic<u32>, 2>;
var<private> lb_phase: u32;
var<private> lb_lane: u32;
var<private> x_at: u32;
var<private> t: Group;
var<workgroup> s: array<f32, 64>;
var<private> items_at: u32;
var<private> items_len: u32;

fn phase(number: u32) {
    let item_1 = number;
    let v_2 = items_at;
    let v_3 = items_len;
    let v_4 = v_2 + item_1;
    let v_5 = x_at;
    s[v_4] = x[v_5 + item_1];
    return;
}
var<private> high_at: u32;
var<private> high_len: u32;
var<private> items_at_1: u32;
var<private> items_len_1: u32;

fn phase_1(number_1: u32) -> bool {
    let item_2 = number_1;
    let v_12 = items_at_1;
    let v_13 = items_len_1;
    let v_14 = v_12 + item_2;
    let v_15 = high_at;
    let v_16 = high_len;
    if item_2 >= v_16 {
        lb_panic(5u, vec2<u32>(item_2, 0u), vec2<u32>(v_16, 0u));
        return true;
    }
    let v_17 = v_15 + item_2;
    s[v_14] = s[v_14] + s[v_17];
    return false;
}

fn one(item: u32) {
    lb_item = item;
    let g = parameters.first + item;
    x_at = parameters.x_offset + item * 64u;
    t = Group(g);
    for (var k = lb_lane; k < 64u; k += 64u) {
        s[k] = 0.0f;
    }
    workgroupBarrier();
    storageBarrier();
    items_at = 0u;
    items_len = 64u;
    let v = items_at;
    let v_1 = items_len;
    for (var k_1 = lb_lane; k_1 < v_1; k_1 += 64u) {
        phase(k_1);
    }
    workgroupBarrier();
    storageBarrier();
    var half: u32 = 32u;
    loop {
        if !(half > 0u) {
            break;
        }
        let v_6 = half;
        var v_7 = 64u;
        let v_8 = v_7 - v_6;
        high_at = v_6;
        high_len = v_8;
        items_at_1 = 0u;
        items_len_1 = v_6;
        let v_9 = items_at_1;
        let v_10 = items_len_1;
        let v_11 = v_6 <= 64u;
        var phase_1_failed = false;
        for (var k_2 = lb_lane; k_2 < v_10; k_2 += 64u) {
            if phase_1(k_2) { phase_1_failed = true; }
            if phase_1_failed { break; }
        }
        if phase_1_failed { atomicStore(&lb_stop[lb_phase & 1u], 1u); }
        workgroupBarrier();
        storageBarrier();
        if atomicLoad(&lb_stop[lb_phase & 1u]) != 0u { return; }
        lb_phase += 1u;
        half = half / 2u;
    }
    workgroupBarrier();
    storageBarrier();
    if lb_lane == 0u {
        out[parameters.out_offset + item] = s[0u];
    }
    workgroupBarrier();
    storageBarrier();
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) invocation: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let item = invocation.x + invocation.y * groups.x;
    if item >= parameters.count {
        return;
    }
    lb_lane = lane;
    if lane == 0u {
        atomicStore(&lb_stop[0], 0u);
        atomicStore(&lb_stop[1], 0u);
    }
    workgroupBarrier();
    one(item);
    lb_report();
}
