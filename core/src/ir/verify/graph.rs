//! The call graph has no cycle.

use super::{Fault, MAX_CALL_DEPTH, Rule};
use crate::ir::{FunctionId, Module, Op};

/// All functions, each after those that it calls.
pub(super) fn callees_first(module: &Module) -> Result<Vec<FunctionId>, (Fault, FunctionId)> {
    let count = module.functions.len();
    let mut callees: Vec<Vec<usize>> = vec![vec![]; count];
    for (k, function) in module.functions.iter().enumerate() {
        for value in &function.values {
            if let Op::Call { function: id, .. } = &value.op {
                let callee = id.0 as usize;
                if callee >= count {
                    let fault = (Rule::Ids, format!("calls function {callee}, which is not there"));
                    return Err((fault, FunctionId(k as u32)));
                }
                callees[k].push(callee);
            }
        }
    }
    // Kahn's algorithm from the leaves; iterative, so that no chain of calls is too deep for this very check.
    let mut waiting: Vec<usize> = vec![0; count];
    let mut callers: Vec<Vec<usize>> = vec![vec![]; count];
    for (k, list) in callees.iter_mut().enumerate() {
        list.sort_unstable();
        list.dedup();
        waiting[k] = list.len();
        for &callee in list.iter() {
            callers[callee].push(k);
        }
    }
    let mut depth = vec![0_u32; count];
    let mut order: Vec<usize> = (0..count).filter(|&k| waiting[k] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        let callee = order[next];
        next += 1;
        for &caller in &callers[callee] {
            depth[caller] = depth[caller].max(depth[callee] + 1);
            waiting[caller] -= 1;
            if waiting[caller] == 0 {
                order.push(caller);
            }
        }
    }
    if let Some(k) = (0..count).find(|&k| waiting[k] > 0) {
        let fault = (Rule::CallGraph, "calls itself, directly or not".to_owned());
        return Err((fault, FunctionId(k as u32)));
    }
    if let Some(k) = (0..count).find(|&k| depth[k] > MAX_CALL_DEPTH) {
        let fault = (Rule::CallDepth, format!("calls nest deeper than {MAX_CALL_DEPTH}"));
        return Err((fault, FunctionId(k as u32)));
    }
    Ok(order.into_iter().map(|k| FunctionId(k as u32)).collect())
}
