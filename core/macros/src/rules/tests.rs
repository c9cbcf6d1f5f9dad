//! Expansion of calls, compared with what rustc makes of them.

use super::{Known, Part, Unknown, expand, has_own, mark};
use crate::diagnostics::Errors;
use quote::{ToTokens, quote};
use syn::{Block, parse_quote};

/// What the block becomes, or the errors; and the macro that was asked.
fn expanded(mut block: Block) -> Result<String, String> {
    let mut errors = Errors::default();
    match expand(Part::Block(&mut block), &["x".into()], &Known::default(), &mut errors) {
        Some(Unknown { key, .. }) => Err(format!("asks {key}")),
        None if errors.is_empty() => Ok(block.to_token_stream().to_string()),
        None => Err(errors.into_tokens().to_string()),
    }
}

fn becomes(block: Block, wanted: Block) {
    assert_eq!(expanded(block), Ok(wanted.to_token_stream().to_string()));
}

#[test]
fn fragments_stay_one_thing() {
    becomes(
        parse_quote!({
            macro_rules! twice {
                ($x:expr) => {
                    $x * 2
                };
            }
            twice!(x + 1) - twice!(twice!(-x))
        }),
        parse_quote!({ (x + 1) * 2 - -x * 2 * 2 }),
    );
}

#[test]
fn the_first_rule_that_matches_is_taken() {
    becomes(
        parse_quote!({
            macro_rules! of {
                () => {
                    0
                };
                (a) => {
                    1
                };
                ($n:ident) => {
                    2
                };
                ($l:literal) => {
                    3
                };
                ($($t:tt)*) => {
                    4
                };
            }
            (of!(), of!(a), of!(b), of!(7), of!(b c), of!(-7), of!(=> ..= a))
        }),
        parse_quote!({ (0, 1, 2, 3, 4, 3, 4) }),
    );
}

#[test]
fn repetitions_repeat() {
    becomes(
        parse_quote!({
            macro_rules! sums { ($($a:ident : [$($b:expr),* $(,)?]);+ $(; $last:expr)?) => { ($($a $(+ $b)*,)+ $($last)?) } }
            (sums!(x: [1, 2]; y: []; z: [3,]), sums!(x: [1]; 5 * 5))
        }),
        parse_quote!({ ((x + 1 + 2, y, z + 3,), (x + 1, 5 * 5)) }),
    );
}

#[test]
fn names_of_macros_are_their_own() {
    let text = expanded(parse_quote!({
        macro_rules! with {
            ($e:expr) => {{
                let x = 3;
                helper($e, x) + x.x
            }};
        }
        with!(x)
    }));
    let text = text.unwrap();
    assert!(text.contains("helper (x , x__lb_mark0) + x__lb_mark0 . x"), "{text}");
    // what the kernel binds and the macro only mentions is the kernel's
    becomes(
        parse_quote!({
            macro_rules! add {
                ($e:expr) => {
                    x + $e
                };
            }
            add!(1)
        }),
        parse_quote!({ x + 1 }),
    );
    let several = expanded(parse_quote!({
        let x = x + 1;
        macro_rules! add {
            ($e:expr) => {
                x + $e
            };
        }
        add!(1)
    }));
    assert!(several.unwrap_err().contains("rename one of them"));
}

#[test]
fn calls_in_arguments_are_found() {
    becomes(
        parse_quote!({
            macro_rules! twice {
                ($x:expr) => {
                    $x * 2
                };
            }
            assert_eq!(twice!(x), 4, "{}", !(twice!(1) == 2));
        }),
        parse_quote!({
            assert_eq!((x * 2), 4, "{}", !((1 * 2) == 2));
        }),
    );
}

#[test]
fn what_is_wrong_is_said() {
    let of = |block| expanded(block).unwrap_err();
    assert!(
        of(parse_quote!({
            macro_rules! a {
                (b) => {
                    1
                };
            }
            a!(c)
        }))
        .contains("no rule of `a!` matches")
    );
    assert!(
        of(parse_quote!({
            macro_rules! a {
                ($s:stmt) => {
                    1
                };
            }
            a!(c)
        }))
        .contains("`stmt` fragments")
    );
    assert!(
        of(parse_quote!({
            macro_rules! a {
                ($($s:expr),*) => {
                    $s
                };
            }
            a!(1, 2)
        }))
        .contains("still repeating")
    );
    assert!(
        of(parse_quote!({
            macro_rules! a {
                () => {
                    a!()
                };
            }
            a!()
        }))
        .contains("more than 128 deep")
    );
    assert_eq!(of(parse_quote!({ some::path!(1) })), "asks some :: path");
    assert_eq!(of(parse_quote!({ panic!("{}", other!(1)) })), "asks other");
}

#[test]
fn macros_of_std_and_of_constants_are_nothing_to_expand() {
    assert!(!has_own(&parse_quote!({
        assert!(!(x == 1), "{x}");
        panic!()
    })));
    assert!(has_own(&parse_quote!({ assert!(own!(x)) })));
    assert!(has_own(&parse_quote!({
        match 1 {
            own!() => 1,
            _ => 2,
        }
    })));
    becomes(
        parse_quote!({
            const A: u32 = table!(1);
            A
        }),
        parse_quote!({
            const A: u32 = table!(1);
            A
        }),
    );
}

#[test]
fn marked_macros_tell_their_rules_first() {
    let marked = mark(parse_quote!(
        macro_rules! a {
            ($x:expr) => {
                $crate::b($x)
            };
        }
    ));
    let text = marked.to_string();
    let own = quote!(($x:expr) => { $crate::b($x) }).to_string();
    assert!(text.contains(&own) && text.contains("$ crate :: b (__landbridge_dollar x)"), "{text}");
    assert!(text.find("mark_the_macro_with_kernel_fn") < text.find(&own));
}
