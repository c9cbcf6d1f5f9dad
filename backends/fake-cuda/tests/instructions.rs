//! Instructions, one by one, against Rust's own arithmetic at the edges of their types.
#![allow(unsafe_code)]

use std::sync::atomic::AtomicBool;

use landbridge_fake_cuda::{Control, Fault, FaultKind, Launch, Limits, MemoryMap, Program, Range, launch};

const LIMITS: Limits = Limits { version: (9, 0), target: 90 };

fn program(text: &str) -> Result<Program, String> {
    let text = format!(".version 7.0\n.target sm_70\n.address_size 64\n{text}");
    Program::from_ptx(&text, LIMITS).map_err(|error| error.to_string())
}

fn run(text: &str, memory: &mut [u64], grid: u32, block: u32) -> Result<(), Fault> {
    let program = program(text).expect("a text that is known");
    let start = memory.as_mut_ptr() as u64;
    let range = Range { start, end: start + size_of_val(memory) as u64, delta: 0, writable: true };
    // SAFETY: the range is a slice that is borrowed exclusively until the launch is over.
    let map = unsafe { MemoryMap::new(vec![range], false) };
    launch(&Launch {
        program: &program,
        entry: program.entry("k").expect("the entry"),
        grid: [grid, 1, 1],
        block: [block, 1, 1],
        dynamic_shared: 0,
        parameters: &start.to_le_bytes(),
        memory: &map,
        control: Control { steps: Some(1 << 20), abort: &AtomicBool::new(false) },
        host_threads: 2,
    })
}

const REGISTERS: &str = ".reg .b64 %at, %ra, %rb, %rc, %rd; .reg .b32 %a, %b, %c, %d; .reg .pred %p, %q;
    .reg .f32 %fa, %fb, %fc, %fd; .reg .f64 %da, %db, %dc, %dd;
    ld.param.u64 %at, [p];
    ld.global.u64 %ra, [%at]; ld.global.u64 %rb, [%at+8]; ld.global.u64 %rc, [%at+16]; mov.b64 %rd, 0;
    cvt.u32.u64 %a, %ra; cvt.u32.u64 %b, %rb; cvt.u32.u64 %c, %rc; mov.b32 %d, 0;
    mov.b32 %fa, %a; mov.b32 %fb, %b; mov.b32 %fc, %c; mov.b64 %da, %ra; mov.b64 %db, %rb; mov.b64 %dc, %rc;";

fn text(body: &str, result: &str) -> String {
    format!(".visible .entry k(.param .u64 p) {{ {REGISTERS}\n{body}\n{result} ret; }}")
}

/// What a few instructions make of three operands: what is in `%d`, of 32 bits.
fn narrow(body: &str, a: u64, b: u64, c: u64) -> u32 {
    let mut memory = [a, b, c, 0];
    run(&text(body, "st.global.u32 [%at+24], %d;"), &mut memory, 1, 1).expect("no fault");
    memory[3] as u32
}

/// As [`narrow`], in `%rd`.
fn wide(body: &str, a: u64, b: u64, c: u64) -> u64 {
    let mut memory = [a, b, c, 0];
    run(&text(body, "st.global.u64 [%at+24], %rd;"), &mut memory, 1, 1).expect("no fault");
    memory[3]
}

const EDGES: [u32; 8] = [0, 1, 2, 31, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, u32::MAX];
const WIDE_EDGES: [u64; 7] = [0, 1, 63, u32::MAX as u64, i64::MAX as u64, i64::MIN as u64, u64::MAX];

#[test]
fn integers_of_32_bits() {
    let check = |body: &str, expected: fn(u32, u32) -> u32| {
        for a in EDGES {
            for b in EDGES {
                assert_eq!(narrow(body, a.into(), b.into(), 0), expected(a, b), "{body} {a:#x} {b:#x}");
            }
        }
    };
    check("add.s32 %d, %a, %b;", u32::wrapping_add);
    check("sub.u32 %d, %a, %b;", u32::wrapping_sub);
    check("mul.lo.s32 %d, %a, %b;", u32::wrapping_mul);
    check("mul.hi.u32 %d, %a, %b;", |a, b| ((u64::from(a) * u64::from(b)) >> 32) as u32);
    check("mul.hi.s32 %d, %a, %b;", |a, b| ((i64::from(a as i32) * i64::from(b as i32)) >> 32) as u32);
    check("min.s32 %d, %a, %b;", |a, b| (a as i32).min(b as i32) as u32);
    check("max.u32 %d, %a, %b;", u32::max);
    check("add.sat.s32 %d, %a, %b;", |a, b| (a as i32).saturating_add(b as i32) as u32);
    // Amounts past the width are clamped.
    check("shl.b32 %d, %a, %b;", |a, b| a.checked_shl(b).unwrap_or(0));
    check("shr.u32 %d, %a, %b;", |a, b| a.checked_shr(b).unwrap_or(0));
    check("shr.s32 %d, %a, %b;", |a, b| ((a as i32) >> b.min(31)) as u32);
    check("shf.l.wrap.b32 %d, %a, %a, %b;", |a, b| a.rotate_left(b & 31));
    check("setp.lt.s32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", |a, b| u32::from((a as i32) < b as i32));
    check("setp.ls.u32 %p|%q, %a, %b; selp.b32 %d, 1, 0, %q;", |a, b| u32::from(a > b));
    check("setp.eq.s32 %p, %a, 1; setp.ne.and.u32 %p, %a, %b, !%p; selp.b32 %d, 1, 0, %p;", |a, b| {
        u32::from(a != b && a != 1)
    });
    check("copysign.f32 %fd, %fa, %fb; mov.b32 %d, %fd;", |a, b| (a & (1 << 31)) | (b & !(1 << 31)));
    check("lop3.b32 %d, %a, %b, %a, 0x3C;", |a, b| a ^ b);
    for a in EDGES {
        for b in [1, 3, 0x7FFF_FFFF, u32::MAX] {
            assert_eq!(narrow("div.u32 %d, %a, %b;", a.into(), b.into(), 0), a / b);
            let signed = (a as i32).wrapping_rem(b as i32) as u32;
            assert_eq!(narrow("rem.s32 %d, %a, %b;", a.into(), b.into(), 0), signed);
        }
        assert_eq!(narrow("clz.b32 %d, %a;", a.into(), 0, 0), a.leading_zeros());
        assert_eq!(narrow("brev.b32 %d, %a;", a.into(), 0, 0), a.reverse_bits());
        assert_eq!(narrow("prmt.b32 %d, %a, 0, 0x0123;", a.into(), 0, 0), a.swap_bytes());
        assert_eq!(narrow("bfe.s32 %d, %a, 0, 8;", a.into(), 0, 0), a as i8 as u32);
        assert_eq!(narrow("bfi.b32 %d, %a, %b, 8, 4;", a.into(), 0xFFFF, 0), 0xF0FF | (a & 15) << 8);
    }
}

#[test]
fn integers_of_64_bits_and_carries() {
    for a in WIDE_EDGES {
        for b in WIDE_EDGES {
            assert_eq!(wide("mul.hi.u64 %rd, %ra, %rb;", a, b, 0), ((a as u128 * b as u128) >> 64) as u64);
            assert_eq!(wide("shr.s64 %rd, %ra, %b;", a, b, 0), ((a as i64) >> (b as u32).min(63)) as u64);
            let carries = "add.cc.u32 %a, %a, %b; mov.b64 {%c, %d}, %ra; mov.b64 {_, %b}, %rb; addc.u32 %c, %d, %b;
                mov.b64 %rd, {%a, %c};";
            assert_eq!(wide(carries, a, b, 0), a.wrapping_add(b), "{a:#x} {b:#x}");
            assert_eq!(
                wide("sub.cc.u64 %rd, %ra, %rb; subc.u64 %rd, 0, 0;", a, b, 0),
                if a < b { u64::MAX } else { 0 }
            );
        }
        assert_eq!(wide("popc.b64 %d, %ra; cvt.u64.u32 %rd, %d;", a, 0, 0), u64::from(a.count_ones()));
        assert_eq!(wide("cvt.s64.s32 %rd, %a;", a, 0, 0), a as i32 as u64);
        assert_eq!(wide("cvt.s64.s8 %rd, %a;", a, 0, 0), a as i8 as u64);
        assert_eq!(wide("mad.wide.s32 %rd, %a, -3, %rb;", a, 7, 0), (i64::from(a as i32) * -3 + 7) as u64);
    }
}

#[test]
fn floats_and_their_conversions() {
    let values =
        [0.0f32, -0.0, 1.5, -2.5, 3.0e9, -3.0e9, 1.0e30, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE / 4.0];
    for a in values {
        let bits = u64::from(a.to_bits());
        assert_eq!(narrow("cvt.rzi.s32.f32 %d, %fa;", bits, 0, 0), a as i32 as u32, "{a}");
        assert_eq!(narrow("cvt.rzi.u32.f32 %d, %fa;", bits, 0, 0), a as u32, "{a}");
        assert_eq!(wide("cvt.rzi.u64.f32 %rd, %fa;", bits, 0, 0), a as u64, "{a}");
        let rounded = narrow("cvt.rni.f32.f32 %fd, %fa; mov.b32 %d, %fd;", bits, 0, 0);
        assert_eq!(rounded, a.round_ties_even().to_bits());
        for b in values {
            let pair = u64::from(b.to_bits());
            let same = |result: u32, expected: f32| {
                assert!(result == expected.to_bits() || (expected.is_nan() && result == 0x7FFF_FFFF), "{a} {b}");
            };
            same(narrow("add.rn.f32 %fd, %fa, %fb; mov.b32 %d, %fd;", bits, pair, 0), a + b);
            same(narrow("div.rn.f32 %fd, %fa, %fb; mov.b32 %d, %fd;", bits, pair, 0), a / b);
            let fused = narrow("fma.rn.f32 %fd, %fa, %fb, %fa; mov.b32 %d, %fd;", bits, pair, 0);
            same(fused, a.mul_add(b, a));
        }
    }
    let nan = u64::from(f32::NAN.to_bits());
    assert_eq!(narrow("min.f32 %fd, %fa, 0f3F800000; mov.b32 %d, %fd;", nan, 0, 0), 1.0f32.to_bits());
    assert_eq!(narrow("max.f32 %fd, %fa, %fb; mov.b32 %d, %fd;", 0x8000_0000, 0, 0), 0);
    // NaN is 0 among types of 32 bits only.
    assert_eq!(narrow("cvt.rzi.s32.f32 %d, %fa;", nan, 0, 0), 0);
    assert_eq!(wide("cvt.rzi.s64.f32 %rd, %fa;", nan, 0, 0), 1 << 63);
    assert_eq!(narrow("cvt.rzi.s32.f64 %d, %da;", f64::NAN.to_bits(), 0, 0), 1 << 31);
    for a in [1u64, (1 << 24) + 1, (1 << 53) + 1, u64::MAX, i64::MAX as u64] {
        assert_eq!(narrow("cvt.rn.f32.u64 %fd, %ra; mov.b32 %d, %fd;", a, 0, 0), (a as f32).to_bits());
        assert_eq!(wide("cvt.rn.f64.s64 %dd, %ra; mov.b64 %rd, %dd;", a, 0, 0), (a as i64 as f64).to_bits());
        let down = f32::from_bits(narrow("cvt.rz.f32.u64 %fd, %ra; mov.b32 %d, %fd;", a, 0, 0));
        assert!(down as u128 <= u128::from(a) && f64::from(down.next_up()).ceil() as u128 > u128::from(a));
    }
    let narrowed = narrow("cvt.rn.f32.f64 %fd, %da; mov.b32 %d, %fd;", 0.1f64.to_bits(), 0, 0);
    assert_eq!(narrowed, (0.1f64 as f32).to_bits());
    assert_eq!(narrow("setp.neu.f32 %p, %fa, %fa; selp.b32 %d, 1, 0, %p;", nan, 0, 0), 1);
    assert_eq!(narrow("setp.ne.f32 %p, %fa, %fa; selp.b32 %d, 1, 0, %p;", nan, 0, 0), 0);
    assert_eq!(narrow("testp.subnormal.f32 %p, %fa; selp.b32 %d, 1, 0, %p;", 1, 0, 0), 1);
}

#[test]
fn memory_of_all_kinds() {
    let body = ".local .align 16 .b8 own[32]; .shared .align 8 .b64 ours;
        st.local.v2.u32 [own+8], {%a, %b}; cvta.local.u64 %rc, own; ld.v2.u32 {%c, %d}, [%rc+8];
        mov.b64 %rd, {%d, %c}; st.shared.u64 [ours], %rd; ld.shared.s16 %rd, [ours+6];";
    assert_eq!(wide(body, 0x8765_4321, 7, 0), 0x8765u16 as i16 as u64);
    let constants = format!(
        ".const .align 4 .u32 numbers[3] = {{1, 22, 0x333}};\n{}",
        text("mov.u64 %rc, numbers; ld.const.u32 %d, [numbers+8];", "st.global.u32 [%at+24], %d;")
    );
    let mut placed = program(&constants).expect("a text that is known");
    assert_eq!(placed.globals()[0].bytes[4], 22);
    placed.place(&[64]);
}

#[test]
fn calls_pass_values_and_memory() {
    let function = ".func (.param .b64 r) square(.param .b64 x, .param .align 4 .b8 y[8]) {
        .reg .b64 %v, %w; .local .b64 own; ld.param.u64 %v, [x]; st.local.u64 [own], %v; ld.param.u32 %w, [y+4];
        ld.local.u64 %v, [own]; mad.lo.s64 %v, %v, %v, %w; st.param.b64 [r], %v; ret; }";
    let body = "{ .param .b64 x; .param .align 4 .b8 y[8]; .param .b64 r; st.param.b64 [x], %ra; st.param.u32 [y+4], 5;
        call.uni (r), square, (x, y); ld.param.b64 %rd, [r]; }";
    let mut memory = [9, 0, 0, 0];
    let all = format!("{function}\n{}", text(body, "st.global.u64 [%at+24], %rd;"));
    run(&all, &mut memory, 1, 1).expect("no fault");
    assert_eq!(memory[3], 86);
}

#[test]
fn barriers_and_atomics_over_blocks() {
    let reverse = ".visible .entry k(.param .u64 p) { .shared .b32 all[64]; .reg .b64 %at, %o; .reg .b32 %t, %n, %v;
        ld.param.u64 %at, [p]; mov.u32 %t, %tid.x; mul.wide.u32 %o, %t, 4; st.shared.u32 [all], 0;
        mov.u64 %at, all; add.s64 %o, %o, %at; st.shared.u32 [%o], %t; bar.sync 0;
        mov.u32 %n, 63; sub.u32 %n, %n, %t; mul.wide.u32 %o, %n, 4; mov.u64 %at, all; add.s64 %o, %o, %at;
        ld.shared.u32 %v, [%o]; ld.param.u64 %at, [p]; mul.wide.u32 %o, %t, 8; add.s64 %at, %at, %o;
        st.global.u32 [%at], %v; ret; }";
    let mut memory = [0; 64];
    run(reverse, &mut memory, 1, 64).expect("no fault");
    assert!(memory.iter().enumerate().all(|(k, value)| *value == 63 - k as u64));
    let counted = text(
        "atom.global.add.u64 %rd, [%at], 2; red.global.max.s32 [%at+8], 5; atom.global.inc.u32 %d, [%at+16], 2;",
        "",
    );
    let mut memory = [0; 4];
    run(&counted, &mut memory, 64, 32).expect("no fault");
    assert_eq!(memory[..3], [4096, 5, 2048 % 3]);
    let exchanged = text("atom.global.cas.b32 %d, [%at], 3, %b;", "st.global.u32 [%at+24], %d;");
    let mut memory = [3, 9, 0, 0];
    run(&exchanged, &mut memory, 1, 1).expect("no fault");
    assert_eq!(memory, [9, 9, 0, 3]);
}

#[test]
fn faults_say_where() {
    let kind = |body: &str| run(&text(body, ""), &mut [0; 4], 1, 1).expect_err("a fault").kind;
    assert!(matches!(kind("ld.global.u32 %d, [%at+32];"), FaultKind::Illegal { size: 4, writes: false, .. }));
    assert!(matches!(
        kind("ld.global.v2.u64 {%rd, %rc}, [%at+24];"),
        FaultKind::Illegal { .. } | FaultKind::Misaligned { .. }
    ));
    assert!(matches!(kind("st.global.u32 [%at+2], %d;"), FaultKind::Misaligned { size: 4, .. }));
    assert!(matches!(kind("ld.u32 %d, [0];"), FaultKind::Illegal { .. }));
    assert_eq!(kind("A: bra A;"), FaultKind::Steps);
    assert_eq!(kind("trap;"), FaultKind::Trap);
    let fault = run(&text("\n\ntrap;", ""), &mut [0; 4], 1, 1).expect_err("a fault");
    assert!(fault.to_string().contains("trap in k, line"), "{fault}");
}

#[test]
fn what_is_not_known_is_refused() {
    for (body, why) in [
        ("frob.u32 %d, %a;", "unknown instruction"),
        ("add.rn.s32 %d, %a, %b;", "does not exist"),
        ("add.f32 %fd, %fa, %fb;", "does not exist"),
        ("add.rn.ftz.f32 %fd, %fa, %fb;", "unknown modifier or type `.ftz`"),
        ("add.s32 %d, %ra, %b;", "is `.b64`"),
        ("add.s32 %d, %fa, %b;", "is `.f32`"),
        ("add.s32 %d, %a, %zz;", "no register"),
        ("add.s32 %d, %a;", "operands are wanted"),
        ("add.u8 %d, %a, %b;", "does not exist"),
        ("shl.b32 %d, %a, %rb;", "is `.b64`"),
        ("mov.f32 %fd, 1;", "another type"),
        ("cvt.f32.f64 %fd, %da;", "rounding"),
        ("cvt.rn.f64.f32 %dd, %fa;", "rounding"),
        ("cvt.s32.f32 %d, %fa;", "rounding"),
        ("bra nowhere;", "no label"),
        ("ld.global.u32 %d, [%a];", "is `.b32`"),
        ("ld.param.u64 %rd, [p+8];", "ends before"),
        ("ld.relaxed.global.u32 %d, [%at];", "scope"),
        ("atom.global.add.s64 %rd, [%at], 1;", "does not exist"),
        ("setp.lo.s32 %p, %a, %b;", "does not exist"),
        (".foo .b32 x;", "unknown directive"),
        (".pragma \"used_bytes_mask 0xff\";", "nounroll"),
        (".pragma \"nounroll;", "does not end"),
        (".reg .q32 x;", "unknown type"),
        ("call nothing;", "no function"),
        ("mov.u32 %d, %clock;", "no register or variable"),
    ] {
        let error = program(&text(body, "")).expect_err(body);
        assert!(error.contains(why), "{body}: {error}");
    }
    let error = program("\u{e9}").expect_err("not ASCII");
    assert!(error.contains("ASCII"), "{error}");
}

#[test]
fn what_is_said_to_the_assembler_changes_nothing() {
    assert_eq!(narrow(".pragma \"nounroll\"; add.u32 %d, %a, %b;", 3, 4, 0), 7);
}

/// As much as the manual of PTX allows, and not as exact as a CPU: what is believed of an approximation is believed at its worst.
#[test]
fn approximations_are_wrong_within_their_bounds() {
    type Approximation = (&'static str, fn(f64) -> f64, fn(f64) -> f64);
    let cases: [Approximation; 5] = [
        ("ex2", f64::exp2, |y| y.abs() * 2f64.powi(-22)),
        ("lg2", f64::log2, |y| y.abs().max(1.0) * 2f64.powi(-22)),
        ("sin", f64::sin, |_| 2f64.powf(-20.5)),
        ("cos", f64::cos, |_| 2f64.powf(-20.5)),
        ("rsqrt", |x| 1.0 / x.sqrt(), |y| y.abs() * 2f64.powf(-22.9)),
    ];
    for (name, exact, bound) in cases {
        let body = format!("{name}.approx.f32 %fd, %fa; mov.b32 %d, %fd;");
        let mut inexact = 0;
        for k in 1..300_u32 {
            let x = k as f32 * 0.010_3;
            let (got, right) = (f32::from_bits(narrow(&body, x.to_bits().into(), 0, 0)), exact(x.into()));
            let error = (f64::from(got) - right).abs();
            assert!(error <= bound(right), "{name} of {x}: {got} is off by {error:e} from {right}");
            inexact += u32::from(got != right as f32);
        }
        assert!(inexact > 30, "{name} is more exact than a device's: {inexact}");
    }
}

#[test]
fn vectors_have_to_be_aligned_as_a_whole() {
    let mut memory = [0x1111_1111_2222_2222, 0x3333_3333_4444_4444, 0, 0];
    let loads = |load: &str| text(load, "st.global.u32 [%at+24], %d;");
    run(&loads("ld.global.v2.u32 {%a, %d}, [%at+8];"), &mut memory, 1, 1).expect("no fault");
    assert_eq!(memory[3] as u32, 0x3333_3333);
    let fault = run(&loads("ld.global.v2.u32 {%a, %d}, [%at+4];"), &mut memory, 1, 1).expect_err("not a multiple of 8");
    assert!(matches!(fault.kind, FaultKind::Misaligned { .. }), "{fault:?}");
}
