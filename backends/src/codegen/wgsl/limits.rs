//! Sizes that WGSL, or those who read it, do not take.

use landbridge_core::ir::{Block, Module, Role};

use super::target::WgslError;

/// Blocks inside each other: WGSL promises 127, of which the generator adds some itself (two for a labelled block).
const MOST_NESTED: usize = 60;

/// Bytes of all uniforms: each word is a member of a struct.
const MOST_UNIFORM_BYTES: u64 = 16 << 10;

pub(super) fn check(module: &Module) -> Result<(), WgslError> {
    if nesting(&module.entry_function().body) > MOST_NESTED {
        return Err(WgslError::new(
            format!("more than {MOST_NESTED} blocks inside each other"),
            "WGSL limits how deep blocks nest; make fewer levels",
        ));
    }
    let uniforms = module.parameters.iter().filter(|p| p.role == Role::Uniform);
    let bytes: u64 = uniforms.map(|p| module.types.size(p.ty)).sum();
    if bytes > MOST_UNIFORM_BYTES {
        return Err(WgslError::new(
            format!("{bytes} bytes of uniforms"),
            format!("at most {MOST_UNIFORM_BYTES} bytes are passed by value: take a slice instead"),
        ));
    }
    Ok(())
}

/// How deep blocks nest. Without recursion, whatever the module is.
fn nesting(body: &Block) -> usize {
    let mut deepest = 0;
    let mut open = vec![(body, 1)];
    while let Some((block, depth)) = open.pop() {
        deepest = deepest.max(depth);
        for statement in &block.0 {
            open.extend(statement.blocks().into_iter().flatten().map(|b| (b, depth + 1)));
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use landbridge_core::ir::builder::FunctionBuilder;
    use landbridge_core::ir::{Label, Parameter, Scalar, Statement, verify};

    fn module(depth: u32, uniform_length: u64) -> Module {
        let mut module = Module { name: "deep".into(), ..Module::default() };
        let unit = module.types.unit();
        let u32_type = module.types.scalar(Scalar::U32);
        let ty = module.types.array(u32_type, uniform_length);
        module.parameters = vec![Parameter { name: "u".into(), role: Role::Uniform, ty }];
        let mut builder = FunctionBuilder::new(&mut module, "deep", &[("u", ty)], unit);
        for _ in 0..depth {
            builder.open();
        }
        for k in 0..depth {
            let body = builder.close();
            builder.push(Statement::Block { label: Label(k), body });
        }
        let function = builder.finish();
        module.functions.push(function);
        verify(&module).expect("it is valid");
        module
    }

    #[test]
    fn what_is_too_deep_or_too_large_is_an_error() {
        let target = super::super::WgslTarget::default();
        let generate = |m: &Module| super::super::generate(m, &target, super::super::Mode::Run);
        assert!(generate(&module(50, 4)).is_ok());
        let deep = generate(&module(400, 4)).unwrap_err();
        assert!(deep.to_string().contains("60 blocks inside each other"), "{deep}");
        let large = generate(&module(1, 1 << 16)).unwrap_err();
        assert!(large.to_string().contains("262144 bytes of uniforms"), "{large}");
    }
}
