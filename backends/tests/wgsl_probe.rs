#![cfg(feature = "wgpu")]
#[path = "wgsl_support/device.rs"]
mod device;
use landbridge_backends::codegen::wgsl::*;
use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::sample::*;
use landbridge_core::ir::*;
#[test]
fn probe() {
    let mut m = Module { name: "probe".into(), ..Module::default() };
    let (i32t, i64t, boolt, u32t) = (
        m.types.scalar(Scalar::I32),
        m.types.scalar(Scalar::I64),
        m.types.scalar(Scalar::Bool),
        m.types.scalar(Scalar::U32),
    );
    let (pi, pu) = (m.types.pointer(i32t), m.types.pointer(u32t));
    let unit = m.types.unit();
    m.parameters = vec![
        Parameter { name: "x".into(), role: Role::Item { exclusive: true }, ty: i32t },
        Parameter { name: "y".into(), role: Role::Item { exclusive: true }, ty: u32t },
    ];
    let mut b = FunctionBuilder::new(&mut m, "probe", &[("x", pi), ("y", pu)], unit);
    let xp = b.get(LocalId(0));
    let x = b.load(xp);
    let w = b.value(i64t, Op::Cast(x));
    let yp = b.get(LocalId(1));
    let mut bits = b.integer(Scalar::U32, 0);
    let mut k = 0;
    for c in [0i128, 64, -64, 1 << 31, 1 << 32, -(1 << 31), -(1 << 31) - 1, -(1 << 40), (1 << 31) - 1, 0x1_0000_0003] {
        for op in [CompareOp::Less, CompareOp::GreaterEqual, CompareOp::Equal] {
            let c = b.integer(Scalar::I64, c);
            let r = b.compare(op, w, c);
            let r = b.value(u32t, Op::Cast(r));
            let s = b.integer(Scalar::U32, k);
            k += 1;
            let r = b.binary(BinaryOp::Shl, r, s, None);
            bits = b.binary(BinaryOp::Or, bits, r, None);
        }
    }
    let zero = b.integer(Scalar::I64, 0);
    let c64 = b.integer(Scalar::I64, 64);
    let a = b.compare(CompareOp::Less, w, zero);
    let c = b.compare(CompareOp::GreaterEqual, w, c64);
    let r = b.binary(BinaryOp::Or, a, c, None);
    let r = b.value(u32t, Op::Cast(r));
    let s = b.integer(Scalar::U32, 30);
    let r = b.binary(BinaryOp::Shl, r, s, None);
    bits = b.binary(BinaryOp::Or, bits, r, None);
    let _ = boolt;
    b.push(Statement::Store { pointer: yp, value: bits });
    let f = b.finish();
    m.functions.push(f);
    verify(&m).unwrap();
    for d in device::devices() {
        let Ok(k) = generate(&m, &d.target(), Mode::Run) else { continue };
        let before = SampleLaunch::new(&m, &mut Choices::from_seed(5));
        let mut l = before.clone();
        let vals: Vec<i32> = vec![7, -1, 64, 63, i32::MIN, i32::MAX];
        if let SampleArgument::Slice { bytes, elements } = &mut l.arguments[0] {
            println!("{elements}");
            for (c, v) in bytes.bytes_mut().chunks_exact_mut(4).zip(&vals) {
                c.copy_from_slice(&v.to_le_bytes());
            }
        }
        let mut e = l.clone();
        e.interpret(&m, 0, 10000).unwrap();
        d.run(&k, &m, &mut l, 0);
        println!("{:?}", e.difference(&l, &m));
        let g = |l: &SampleLaunch| {
            if let SampleArgument::Slice { bytes, .. } = &l.arguments[1] {
                bytes.bytes().chunks_exact(4).map(|b| u32::from_le_bytes(b.try_into().unwrap())).collect::<Vec<_>>()
            } else {
                vec![]
            }
        };
        for (a, b) in g(&e).iter().zip(g(&l)) {
            println!("{a:032b} {b:032b} {:032b}", a ^ b);
        }
    }
}
