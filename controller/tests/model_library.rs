//! `models/README.md` is what the catalogue says.

use std::fs;
use std::path::Path;

#[test]
fn the_library_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/README.md");
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == controller::model_library(),
        "models/README.md is not current; write it anew with\n  cargo run -p illuminator-controller \
         --bin controller -- models --markdown > models/README.md"
    );
}
