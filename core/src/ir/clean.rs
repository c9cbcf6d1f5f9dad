//! Drops values that nobody uses: the address of a variable that is never read, the value of a statement.

use super::{Block, Function, Op, Statement, ValueId};

/// Removes values that are not used and whose computing does nothing else, and numbers the others anew, in the order in
/// which they are evaluated.
pub(crate) fn remove_dead_values(function: &mut Function) {
    let mut used = vec![false; function.values.len()];
    let mut order = vec![];
    function.body.each(&mut |statement| {
        statement.operands(&mut |v| used[v.0 as usize] = true);
        if let Statement::Eval(value) = statement {
            order.push(*value);
        }
    });
    // A value's operands are evaluated before it, so that one walk backwards finds all.
    for &id in order.iter().rev() {
        let op = &function[id].op;
        if used[id.0 as usize] || has_effect(op) {
            used[id.0 as usize] = true;
            op.operands(&mut |v| used[v.0 as usize] = true);
        }
    }
    let mut names = vec![None; used.len()];
    let mut kept = vec![];
    for id in order {
        if used[id.0 as usize] {
            names[id.0 as usize] = Some(ValueId(kept.len() as u32));
            kept.push(function[id].clone());
        }
    }
    let name = |v: ValueId| names[v.0 as usize].expect("a used value is kept");
    for value in &mut kept {
        value.op.rename(&name);
    }
    function.values = kept;
    rename_block(&mut function.body, &names);
}

fn rename_block(block: &mut Block, names: &[Option<ValueId>]) {
    block.0.retain_mut(|statement| {
        if let Statement::Eval(value) = statement {
            let name = names[value.0 as usize];
            *value = name.unwrap_or(*value);
            return name.is_some();
        }
        statement.rename(&|v| names[v.0 as usize].expect("a used value is kept"));
        for inner in statement.blocks_mut().into_iter().flatten() {
            rename_block(inner, names);
        }
        true
    });
}

/// Whether computing the value may panic or change something.
fn has_effect(op: &Op) -> bool {
    matches!(op, Op::Atomic { .. } | Op::Call { .. }) || op.sites().iter().any(Option::is_some)
}
