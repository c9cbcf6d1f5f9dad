//! Whatever landbridge's generator writes must be known here.

use landbridge_fake_cuda::{Limits, Program};

#[test]
fn every_golden_text_is_known() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/ptx");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).expect("the golden files") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "ptx") {
            let text = std::fs::read_to_string(&path).expect("a text");
            let program = Program::from_ptx(&text, Limits { version: (9, 0), target: 90 });
            assert!(program.is_ok(), "{}: {}", path.display(), program.unwrap_err());
            read += 1;
        }
    }
    assert!(read > 10, "only {read} golden files");
}
