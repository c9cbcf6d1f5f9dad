//! What users see when a kernel is wrong: the message, and the token it is on.

#[test]
fn errors_are_on_the_users_tokens() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}

/// What only a program that is built shows: constants of generic types.
#[test]
fn generic_types_are_checked_where_they_are_used() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui_built/dropped_node.rs");
    cases.compile_fail("tests/ui_built/dropped_generic.rs");
}
