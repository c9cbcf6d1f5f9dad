//! What users see when a kernel is wrong: the message, and the token it is on.

#[test]
fn errors_are_on_the_users_tokens() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
